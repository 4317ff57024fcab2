//! Starting the browser, and finding out where it listens.
//!
//! Who wins decides: the DevTools address, the browser's end, or the deadline.
//! It deliberately does not speak the protocol, and does not look for a browser that runs already: that one is a person's.

use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;

use anyhow::{anyhow, bail};
use machine::apt;
use machine::process::{Launch, Program};

use super::patient;
use super::profile::Profile;

/// What every browser is started with, by the reason for it.
const FLAGS: &[&str] = &[
    // An address that the system chooses, and no first-run questions.
    "--remote-debugging-port=0",
    "--no-first-run",
    "--no-default-browser-check",
    "--no-startup-window",
    "--use-mock-keychain",
    "--password-store=basic",
    // Nothing but the page that is checked: no proxy between us and it, no network of the browser's own.
    "--no-proxy-server",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-domain-reliability",
    "--disable-extensions",
    "--disable-sync",
    "--no-pings",
    // A window that nobody looks at runs as fast as one in front.
    "--disable-background-timer-throttling",
    "--disable-backgrounding-occluded-windows",
    "--disable-renderer-backgrounding",
    // Nothing is reported to anybody. (`--disable-crashpad-for-testing` goes too far: Debian's browser then aborts all loading.)
    "--disable-breakpad",
    "--disable-crash-reporter",
    // Works the same on a laptop, a server and in a container, whose /dev/shm is small.
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--force-color-profile=srgb",
];

/// What a browser is started with, besides, that nobody is to see.
const UNSEEN: &[&str] = &["--headless=new", "--hide-scrollbars", "--mute-audio"];

/// Whether a browser shows its windows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Screen {
    /// On the screen, for a person.
    Real,
    /// Nowhere, for a check.
    None,
}

/// How often we look whether the address is there; far below what a start takes.
const POLL: Duration = Duration::from_millis(5);

/// A browser that listens. The program comes first: it must be dead before its profile is removed.
pub(super) struct Launched {
    pub(super) program: Program,
    pub(super) profile: Profile,
    pub(super) endpoint: Endpoint,
}

/// Where the browser takes DevTools commands: always on 127.0.0.1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    pub(super) port: u16,
    pub(super) path: String,
}

/// Starts the browser at `path`, in its sandbox where that can work.
pub(super) async fn launch(path: &Path, screen: Screen) -> anyhow::Result<Launched> {
    launch_with(path, screen, !sandbox_is_hopeless()).await
}

async fn launch_with(path: &Path, screen: Screen, sandbox: bool) -> anyhow::Result<Launched> {
    match start(path, screen, sandbox).await {
        // A system may refuse the sandbox in ways that cannot be told before. The page is the learner's own, from 127.0.0.1.
        Err(error) if sandbox && blames_the_sandbox(&error) => start(path, screen, false).await,
        // Seldom, and on a machine that is busy, a browser crashes while it starts. Once is chance; twice is told.
        Err(error) if has_crashed(&error) => start(path, screen, sandbox).await,
        other => other,
    }
}

async fn start(path: &Path, screen: Screen, sandbox: bool) -> anyhow::Result<Launched> {
    let profile = Profile::create(path)?;
    let unseen = if screen == Screen::None { UNSEEN } else { &[] };
    let mut args: Vec<OsString> = FLAGS.iter().chain(unseen).map(OsString::from).collect();
    if !sandbox {
        args.push("--no-sandbox".into());
    }
    let mut user_data = OsString::from("--user-data-dir=");
    user_data.push(profile.path());
    args.push(user_data);

    let mut program = Program::start(&Launch {
        args,
        env: environment(&profile),
        ..Launch::new(path, profile.path())
    })?;
    let endpoint = listening(&mut program, &profile).await.map_err(|why| {
        let said = tail(&program.output().stderr.to_string());
        anyhow!("the browser {} does not start: {why}{said}", path.display())
    })?;
    Ok(Launched {
        program,
        profile,
        endpoint,
    })
}

/// Keeps in the profile, and so removes with it, what the browser would leave elsewhere.
fn environment(profile: &Profile) -> Vec<(OsString, OsString)> {
    // Otherwise the crash handlers keep their files among those of a person's own browser.
    let mut environment = vec![(
        "BREAKPAD_DUMP_LOCATION".into(),
        profile.path().join("crashes").into(),
    )];
    // A killed browser leaves its lock among the temporary files. Only Linux has paths short enough for the socket in there.
    if cfg!(target_os = "linux") {
        environment.push(("TMPDIR".into(), profile.path().into()));
    }
    environment
}

/// Waits for the address, and gives up when the browser ends or the deadline has passed.
async fn listening(program: &mut Program, profile: &Profile) -> anyhow::Result<Endpoint> {
    let limit = patient(20.0);
    let deadline = tokio::time::Instant::now() + limit;
    loop {
        if let Some(endpoint) = endpoint(&program.output().stderr.to_string(), profile.path()) {
            return Ok(endpoint);
        }
        tokio::select! {
            exit = program.exited() => bail!("it ended at once ({exit})"),
            () = tokio::time::sleep_until(deadline) => {
                bail!("it did not open its DevTools port within {limit:.0?}");
            }
            () = tokio::time::sleep(POLL) => {}
        }
    }
}

/// The browser says its address twice: on stderr, and in a file. Snaps hide the file, and some wrappers swallow stderr.
fn endpoint(output: &str, profile: &Path) -> Option<Endpoint> {
    let printed = output
        .lines()
        .find_map(|line| line.split_once("DevTools listening on ws://127.0.0.1:"))
        .and_then(|(_, rest)| rest.split_once('/'))
        .and_then(|(port, path)| Endpoint::parse(port, path));
    printed.or_else(|| {
        let file = std::fs::read_to_string(profile.join("DevToolsActivePort")).ok()?;
        let (port, path) = file.split_once("\n/")?;
        Endpoint::parse(port, path)
    })
}

impl Endpoint {
    /// `None` while the path is not written to its end, which is an identifier of 36 characters.
    fn parse(port: &str, path: &str) -> Option<Endpoint> {
        let id = path.trim().strip_prefix("devtools/browser/")?;
        let complete = id.len() == 36;
        let port = port.parse().ok()?;
        complete.then(|| Endpoint {
            port,
            path: format!("/{}", path.trim()),
        })
    }
}

/// As root, and in most containers, Chrome refuses to start in its sandbox.
fn sandbox_is_hopeless() -> bool {
    let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    apt::is_root()
        || set("CI")
        || set("container")
        || Path::new("/.dockerenv").exists()
        || Path::new("/run/.containerenv").exists()
}

fn blames_the_sandbox(error: &anyhow::Error) -> bool {
    let text = format!("{error:#}").to_lowercase();
    text.contains("sandbox") || text.contains("namespace")
}

/// Whether a signal ended it. A browser that refuses to start ends of its own accord.
fn has_crashed(error: &anyhow::Error) -> bool {
    error.to_string().contains("it ended at once (signal ")
}

/// The end of what the browser printed, without what it always complains about in a container.
fn tail(output: &str) -> String {
    let lines: Vec<&str> = output
        .lines()
        .filter(|line| !line.trim().is_empty() && !line.contains("dbus"))
        .collect();
    let last = &lines[lines.len().saturating_sub(12)..];
    if last.is_empty() {
        return String::new();
    }
    format!(". It printed:\n    {}", last.join("\n    "))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "0c2f1ad4-5bfa-4c7c-9d4f-d5f2a1e1c001";

    #[test]
    fn the_address_is_read_from_what_the_browser_prints() {
        let output =
            format!("noise\n\nDevTools listening on ws://127.0.0.1:4711/devtools/browser/{ID}\n");
        let found = endpoint(&output, Path::new("/nowhere")).unwrap();
        assert_eq!(found.port, 4711);
        assert_eq!(found.path, format!("/devtools/browser/{ID}"));
    }

    #[test]
    fn the_address_is_read_from_the_file_once_it_is_whole() {
        let profile = tempfile::tempdir().unwrap();
        let file = profile.path().join("DevToolsActivePort");
        std::fs::write(&file, "4711\n/devtools/browser/0c2f").unwrap();
        assert_eq!(endpoint("", profile.path()), None);
        std::fs::write(&file, format!("4711\n/devtools/browser/{ID}")).unwrap();
        assert_eq!(endpoint("", profile.path()).unwrap().port, 4711);
    }

    #[tokio::test]
    #[cfg(unix)]
    async fn a_system_without_a_sandbox_gets_the_browser_without_one() {
        let directory = tempfile::tempdir().unwrap();
        let picky = directory.path().join("browser");
        let script = format!(
            "#!/bin/sh\ncase \"$*\" in\n\
             *--no-sandbox*) echo DevTools listening on ws://127.0.0.1:4711/devtools/browser/{ID} >&2; exec sleep 60;;\n\
             esac\necho No usable sandbox! >&2; exit 1\n"
        );
        // Another test may start a child just now. It would inherit a file that we write, and a file open for writing does not
        // start: let a shell write it.
        let mut shell = std::process::Command::new("sh");
        shell.args(["-c", "printf %s \"$1\" > \"$0\" && chmod +x \"$0\""]);
        assert!(shell.arg(&picky).arg(script).status().unwrap().success());
        assert_eq!(
            launch_with(&picky, Screen::None, true)
                .await
                .unwrap()
                .endpoint
                .port,
            4711
        );
    }
}
