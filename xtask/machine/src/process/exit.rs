//! How a program ended, in words. Whether that was right or wrong is for the caller to say.

use std::fmt;
use std::process::ExitStatus;

/// How a program ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exit {
    /// What it returned, if it ended of its own accord.
    pub code: Option<i32>,
    /// The signal that ended it. Always `None` on Windows.
    pub signal: Option<i32>,
    /// Either of them in words: "exit code 1", "signal 6 (SIGABRT)".
    pub text: String,
}

impl Exit {
    /// For the rare case that the system does not tell.
    pub(super) fn unknown(error: &std::io::Error) -> Self {
        Self {
            code: None,
            signal: None,
            text: format!("an exit that we know nothing of: {error}"),
        }
    }
}

impl Exit {
    /// Whether it ended of its own accord, and says that all is well.
    pub fn is_success(&self) -> bool {
        self.code == Some(0)
    }
}

impl From<ExitStatus> for Exit {
    fn from(status: ExitStatus) -> Self {
        let code = status.code();
        let signal = signal_of(status);
        let text = match (code, signal) {
            (Some(code), _) => format!("exit code {code}"),
            (None, Some(signal)) => match name_of(signal) {
                Some(name) => format!("signal {signal} ({name})"),
                None => format!("signal {signal}"),
            },
            (None, None) => status.to_string(),
        };
        Self { code, signal, text }
    }
}

impl fmt::Display for Exit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(unix)]
fn signal_of(status: ExitStatus) -> Option<i32> {
    std::os::unix::process::ExitStatusExt::signal(&status)
}

#[cfg(not(unix))]
fn signal_of(_: ExitStatus) -> Option<i32> {
    None
}

#[cfg(unix)]
fn name_of(signal: i32) -> Option<&'static str> {
    let signal = nix::sys::signal::Signal::try_from(signal).ok()?;
    Some(signal.as_str())
}

#[cfg(not(unix))]
fn name_of(_: i32) -> Option<&'static str> {
    None
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::process::ExitStatusExt as _;

    use super::*;

    #[test]
    fn an_exit_says_its_code_or_its_signal() {
        let failed = Exit::from(ExitStatus::from_raw(1 << 8));
        assert_eq!((failed.code, failed.signal), (Some(1), None));
        assert_eq!(failed.to_string(), "exit code 1");

        let aborted = Exit::from(ExitStatus::from_raw(6));
        assert_eq!((aborted.code, aborted.signal), (None, Some(6)));
        assert_eq!(aborted.to_string(), "signal 6 (SIGABRT)");
    }
}
