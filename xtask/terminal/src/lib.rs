//! A terminal that a command has to itself: a screen drawn in place, and keys without Enter.
//!
//! The screen is the ordinary one, and what stood there scrolls up first: after the command has ended the last result is
//! still there to read, above the prompt.

pub mod server;

pub mod slot;

use std::io::{IsTerminal, Write};
use std::panic;
use std::sync::Once;

use crossterm::cursor::{Hide, MoveTo, Show};
use crossterm::event::{self, Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use crossterm::terminal::{Clear, ClearType, disable_raw_mode, enable_raw_mode};
use crossterm::{execute, queue};
use tokio::sync::mpsc;

/// What somebody does at the terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    /// A key that writes something.
    Letter(char),
    /// Enter.
    Enter,
    /// Escape.
    Escape,
    /// An arrow, up.
    Up,
    /// An arrow, down.
    Down,
    /// To what was before: the arrow to the left, or page up, which the clicker of a speaker sends.
    Back,
    /// To what comes: the arrow to the right, or page down.
    Forth,
    /// Ctrl-C: no signal comes of it while we have the terminal.
    Interrupt,
    /// The window has another size.
    Resized,
}

/// The terminal, which is ours until this is dropped.
pub struct Terminal {
    has_colour: bool,
}

impl Terminal {
    /// Takes the terminal; `None` where there is none to take, be it for the keys or for the screen.
    pub fn take() -> Option<Terminal> {
        if !Terminal::is_there() {
            return None;
        }
        enable_raw_mode().ok()?;
        // From here on the terminal is given back, however this ends.
        let terminal = Terminal {
            has_colour: show::has_colour(),
        };
        give_back_on_panic();
        keep_line_ends();
        let (_, rows) = terminal.size();
        let mut stdout = std::io::stdout();
        let _ = write!(stdout, "{}", "\r\n".repeat(rows));
        let _ = execute!(stdout, Hide);
        Some(terminal)
    }

    /// Whether there is one to take.
    pub fn is_there() -> bool {
        let is_dumb = std::env::var_os("TERM").is_some_and(|name| name == "dumb");
        !is_dumb && std::io::stdin().is_terminal() && std::io::stdout().is_terminal()
    }

    /// Its columns and rows.
    pub fn size(&self) -> (usize, usize) {
        let size = terminal_size::terminal_size();
        size.map_or((80, 24), |(columns, rows)| {
            (usize::from(columns.0), usize::from(rows.0))
        })
    }

    /// Whether it shows colours, and whoever uses it wants them.
    pub fn has_colour(&self) -> bool {
        self.has_colour
    }

    /// Shows a text in place of what the screen shows. That it cannot be shown is no error: nobody sees it.
    pub fn draw(&self, text: &str) {
        let plain = anstream::adapter::strip_str(text).to_string();
        let text = if self.has_colour { text } else { &plain };
        let mut frame = Vec::new();
        let _ = queue!(frame, MoveTo(0, 0));
        for line in text.lines() {
            frame.extend_from_slice(line.as_bytes());
            let _ = queue!(frame, Clear(ClearType::UntilNewLine));
            frame.extend_from_slice(b"\r\n");
        }
        let _ = queue!(frame, Clear(ClearType::FromCursorDown));
        let mut stdout = std::io::stdout().lock();
        let _ = stdout.write_all(&frame).and_then(|()| stdout.flush());
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        give_back();
    }
}

fn give_back() {
    let _ = disable_raw_mode();
    let _ = execute!(std::io::stdout(), Show);
}

/// A panic is reported before anything is dropped: without this, its lines would run across the screen.
fn give_back_on_panic() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let report = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            give_back();
            report(panic);
        }));
    });
}

/// Has the terminal begin a line at its left again, which it gives up together with waiting for Enter: what cargo and the
/// learner's program print does not know of us.
fn keep_line_ends() {
    #[cfg(unix)]
    {
        use nix::sys::termios::{OutputFlags, SetArg, tcgetattr, tcsetattr};
        let stdin = std::io::stdin();
        if let Ok(mut settings) = tcgetattr(&stdin) {
            settings.output_flags.insert(OutputFlags::OPOST);
            let _ = tcsetattr(&stdin, SetArg::TCSANOW, &settings);
        }
    }
}

/// How many rows a text takes on a terminal of so many columns.
pub fn height(text: &str, columns: usize) -> usize {
    let plain = anstream::adapter::strip_str(text).to_string();
    let rows = |line: &str| {
        textwrap::core::display_width(line)
            .div_ceil(columns.max(1))
            .max(1)
    };
    plain.lines().map(rows).sum()
}

/// A terminal that cannot be read so many times in a row is gone.
const IN_VAIN: u32 = 16;

/// The keys from now on, read by a thread of their own. It ends with the process: nothing wakes it but a key.
pub fn keys() -> mpsc::UnboundedReceiver<Key> {
    let (send, keys) = mpsc::unbounded_channel();
    std::thread::spawn(move || {
        // A signal may come between a key and its reading, and is no reason to hear no further key.
        let mut in_vain = 0;
        while in_vain < IN_VAIN {
            let Ok(event) = event::read() else {
                in_vain += 1;
                continue;
            };
            in_vain = 0;
            if let Some(key) = key(&event)
                && send.send(key).is_err()
            {
                return;
            }
        }
    });
    keys
}

fn key(event: &Event) -> Option<Key> {
    match event {
        Event::Resize(..) => Some(Key::Resized),
        // Windows reports that a key is let go, too.
        Event::Key(key) if key.kind != KeyEventKind::Release => key_of(key),
        _ => None,
    }
}

fn key_of(key: &KeyEvent) -> Option<Key> {
    let with = |modifiers| key.modifiers.contains(modifiers);
    match key.code {
        KeyCode::Char('c') if with(KeyModifiers::CONTROL) => Some(Key::Interrupt),
        KeyCode::Char(_) if with(KeyModifiers::CONTROL) || with(KeyModifiers::ALT) => None,
        // With the shift lock on, too, a letter is what it says on the key.
        KeyCode::Char(letter) => Some(Key::Letter(letter.to_ascii_lowercase())),
        KeyCode::Enter => Some(Key::Enter),
        KeyCode::Esc => Some(Key::Escape),
        KeyCode::Up => Some(Key::Up),
        KeyCode::Down => Some(Key::Down),
        KeyCode::Left | KeyCode::PageUp => Some(Key::Back),
        KeyCode::Right | KeyCode::PageDown => Some(Key::Forth),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_have_one_meaning() {
        let of = |code, modifiers| key(&Event::Key(KeyEvent::new(code, modifiers)));
        let none = KeyModifiers::NONE;
        assert_eq!(of(KeyCode::Char('h'), none), Some(Key::Letter('h')));
        assert_eq!(
            of(KeyCode::Char('H'), KeyModifiers::SHIFT),
            Some(Key::Letter('h'))
        );
        assert_eq!(
            of(KeyCode::Char('c'), KeyModifiers::CONTROL),
            Some(Key::Interrupt)
        );
        assert_eq!(of(KeyCode::Char('q'), KeyModifiers::CONTROL), None);
        assert_eq!(of(KeyCode::Char('q'), KeyModifiers::ALT), None);
        assert_eq!(of(KeyCode::PageDown, none), Some(Key::Forth));
        assert_eq!(of(KeyCode::F(1), none), None);
        assert_eq!(key(&Event::FocusGained), None);
    }
}
