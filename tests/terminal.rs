//! A pair of the system's terminals: a test presses the keys of one end, and reads the screen there as a person does.

use std::fs::File;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener};
use std::os::fd::OwnedFd;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Instant;

use anyhow::{Result, bail, ensure};
use nix::pty::{Winsize, openpty};
use nix::sys::termios::{LocalFlags, tcgetattr};

use crate::bad_luck::PATIENCE;

/// A port that nobody has.
pub fn free_port() -> Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    Ok(listener.local_addr()?.port())
}

/// The tool at a terminal of 80 columns and 24 rows.
pub struct AtTerminal {
    /// The tool's process.
    child: Child,
    /// The learner's end: what is written to it is typed.
    keyboard: File,
    /// The tool's end.
    terminal: OwnedFd,
    /// All that was written to the terminal, and whoever waits for more of it.
    written: Arc<(Mutex<Vec<u8>>, Condvar)>,
}

impl AtTerminal {
    /// Starts it, with colours.
    pub fn spawn(mut command: Command) -> Result<AtTerminal> {
        let size = Winsize {
            ws_row: 24,
            ws_col: 80,
            ws_xpixel: 0,
            ws_ypixel: 0,
        };
        let pair = openpty(&size, None)?;
        let end = || pair.slave.try_clone().map(Stdio::from);
        command.stdin(end()?).stdout(end()?).stderr(end()?);
        let child = command.process_group(0).spawn()?;
        let keyboard = File::from(pair.master);
        let written = Arc::new((Mutex::new(Vec::new()), Condvar::new()));
        read_on(keyboard.try_clone()?, written.clone());
        Ok(AtTerminal {
            child,
            keyboard,
            terminal: pair.slave,
            written,
        })
    }

    /// Types these keys.
    pub fn press(&mut self, keys: &str) -> Result<()> {
        Ok(self.keyboard.write_all(keys.as_bytes())?)
    }

    /// Waits until the screen holds this text, however it is broken into lines.
    pub fn shows(&self, text: &str) -> Result<()> {
        let text = in_one_line(text);
        self.until(&text, |_, screen| in_one_line(screen).contains(&text))
    }

    /// Waits until the screen is such a one.
    pub fn draws(&self, such: impl Fn(&str) -> bool) -> Result<()> {
        self.until("another screen", |_, screen| such(screen))
    }

    /// Waits until what was written, and the screen, are such.
    pub fn until(&self, what: &str, such: impl Fn(&[u8], &str) -> bool) -> Result<()> {
        let deadline = Instant::now() + PATIENCE;
        let (written, more) = &*self.written;
        let mut bytes = written.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            let screen = screen(&bytes);
            if such(&bytes, &screen) {
                return Ok(());
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                bail!("it never shows `{what}`, but:\n{screen}");
            }
            bytes = match more.wait_timeout(bytes, left) {
                Ok((bytes, _)) => bytes,
                Err(error) => error.into_inner().0,
            };
        }
    }

    /// Waits until this text has been on the screen since so many bytes were written, be it for a moment only.
    pub fn has_shown(&self, text: &str, since: usize) -> Result<()> {
        self.until(text, |bytes, _| said(&bytes[since..]).contains(text))
    }

    /// All that was written to the terminal.
    pub fn bytes(&self) -> Vec<u8> {
        let written = self.written.0.lock();
        written.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What stands on the screen.
    pub fn screen(&self) -> String {
        screen(&self.bytes())
    }

    /// What ever stood there.
    pub fn said(&self) -> String {
        said(&self.bytes())
    }

    /// Gives the terminal another size, and says so, as the window of a terminal does.
    pub fn resize(&self, columns: usize, rows: usize) -> Result<()> {
        let (columns, rows) = (columns.to_string(), rows.to_string());
        let resized = Command::new("stty")
            .args(["cols", &columns, "rows", &rows])
            .stdin(self.terminal.try_clone()?)
            .status()?;
        ensure!(resized.success(), "the terminal keeps its size");
        self.signal("WINCH")
    }

    /// Whether the terminal is as a shell needs it.
    pub fn waits_for_enter(&self) -> Result<bool> {
        let settings = tcgetattr(&self.terminal)?;
        let normal = LocalFlags::ICANON | LocalFlags::ECHO | LocalFlags::ISIG;
        Ok(settings.local_flags.contains(normal))
    }

    /// Sends the tool a signal.
    pub fn signal(&self, name: &str) -> Result<()> {
        let sent = Command::new("kill")
            .args(["-s", name, &self.child.id().to_string()])
            .status()?;
        ensure!(sent.success(), "no signal could be sent");
        Ok(())
    }

    /// Waits until it has ended, and says with which code.
    pub fn exit(&mut self) -> Result<Option<i32>> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            match self.child.try_wait()? {
                Some(status) => return Ok(status.code()),
                None if Instant::now() > deadline => bail!("it does not end"),
                None => std::thread::sleep(std::time::Duration::from_millis(10)),
            }
        }
    }
}

impl Drop for AtTerminal {
    /// Ends it as a closed window does, so that it ends what it has started; at the worst, at once.
    fn drop(&mut self) {
        if let Ok(Some(_)) = self.child.try_wait() {
            return;
        }
        let _ = self.signal("HUP");
        if self.exit().is_err() {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

/// Takes what is written to the terminal, until nobody has it any more.
fn read_on(mut terminal: File, written: Arc<(Mutex<Vec<u8>>, Condvar)>) {
    std::thread::spawn(move || {
        let mut piece = [0; 4096];
        while let Ok(length @ 1..) = terminal.read(&mut piece) {
            let (all, more) = &*written;
            let mut all = all.lock().unwrap_or_else(PoisonError::into_inner);
            all.extend_from_slice(&piece[..length]);
            more.notify_all();
        }
    });
}

/// The screen that was drawn last: it begins in the corner.
fn screen(bytes: &[u8]) -> String {
    let all = String::from_utf8_lossy(bytes);
    let last = all.rsplit("\x1b[1;1H").next().unwrap_or_default();
    let plain = said(last.as_bytes());
    plain.replace('\r', "").replace('\u{a0}', " ")
}

/// All of it, without what moves and colours.
fn said(bytes: &[u8]) -> String {
    anstream::adapter::strip_str(&String::from_utf8_lossy(bytes)).to_string()
}

fn in_one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
