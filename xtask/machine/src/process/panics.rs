//! Finds the panics in what a Rust program writes to its stderr.
//!
//! It reads the words of the standard library's own panic hook, line by line as they come, so that none is lost in the
//! middle of a flood. It does not read backtraces, nor a program that installs a hook with words of its own.

use std::fmt;
use std::io::BufRead as _;

use super::escape::{Colours, escape};

/// A server may panic at every request. The first few say why.
const MOST_PANICS: usize = 32;
/// Longer lines are cut: a panic's are short.
const LONGEST_LINE: usize = 16 * 1024;
/// A message of more lines than this is taken for one line and somebody else's output after it.
const LONGEST_MESSAGE: usize = 64;

/// One panic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Panic {
    /// The thread's name: `main`, `tokio-rt-worker`, `<unnamed>`.
    pub thread: String,
    /// The source file, as the compiler knew it: relative for the learner's own, absolute for a dependency's.
    pub file: String,
    /// The line in it.
    pub line: u32,
    /// The column in that.
    pub column: u32,
    /// What the panic said, safe to print; it may have several lines.
    pub message: String,
}

impl Panic {
    /// Whether the program came to a `todo!()` or an `unimplemented!()`: not a mistake, a gap.
    pub fn is_unfinished(&self) -> bool {
        ["not yet implemented", "not implemented"]
            .iter()
            .any(|words| self.message.starts_with(words))
    }

    /// Reads `thread 'main' (5828) panicked at src/main.rs:1:81:`; older versions of Rust print no number. Other output may
    /// stand before it on the line, from an `eprint!` that did not end its own.
    fn from_headline(line: &str) -> Option<Self> {
        let (before, location) = line.split_once(" panicked at ")?;
        let before = match before.strip_suffix(')') {
            Some(numbered) => {
                let (before, number) = numbered.rsplit_once(" (")?;
                number.parse::<u64>().ok()?;
                before
            }
            None => before,
        };
        let (_, thread) = before.strip_suffix('\'')?.rsplit_once("thread '")?;
        // From the right: a path of Windows has a colon of its own.
        let mut parts = location.trim_end().strip_suffix(':')?.rsplitn(3, ':');
        let column = parts.next()?.parse().ok()?;
        let line = parts.next()?.parse().ok()?;
        Some(Self {
            thread: safe(thread),
            file: safe(parts.next()?),
            line,
            column,
            message: String::new(),
        })
    }
}

impl fmt::Display for Panic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            file,
            line,
            column,
            message,
            ..
        } = self;
        write!(f, "{file}:{line}:{column}: {message}")
    }
}

/// Collects panics from a stream that comes in pieces.
#[derive(Default)]
pub(super) struct PanicLog {
    found: Vec<Panic>,
    /// The panic whose message is still coming, with the lines that may belong to it.
    open: Option<(Panic, Vec<String>)>,
    /// The unfinished end of the last piece.
    line: Vec<u8>,
}

impl PanicLog {
    /// Reads on.
    pub(super) fn feed(&mut self, mut piece: &[u8]) {
        // A loop over the bytes would be ten times slower in an unoptimized build; `read_until` is not.
        while let Ok(1..) = piece.read_until(b'\n', &mut self.line) {
            if self.line.ends_with(b"\n") {
                let line = std::mem::take(&mut self.line);
                self.read_line(String::from_utf8_lossy(&line).trim_end());
            }
            self.line.truncate(LONGEST_LINE);
        }
    }

    /// What has been found so far.
    pub(super) fn panics(&self) -> Vec<Panic> {
        let open = self
            .open
            .clone()
            .map(|(panic, lines)| closed(panic, &lines, false));
        self.found.iter().cloned().chain(open).collect()
    }

    fn read_line(&mut self, line: &str) {
        if let Some(panic) = Panic::from_headline(line) {
            self.close(false);
            if self.found.len() < MOST_PANICS {
                self.open = Some((panic, Vec::new()));
            }
            return;
        }
        let Some((_, lines)) = &mut self.open else {
            return;
        };
        let ends =
            line.starts_with("note: run with `RUST_BACKTRACE=") || line == "stack backtrace:";
        if ends || lines.len() == LONGEST_MESSAGE {
            self.close(ends);
        } else {
            lines.push(safe(line));
        }
    }

    fn close(&mut self, at_its_end: bool) {
        if let Some((panic, lines)) = self.open.take() {
            self.found.push(closed(panic, &lines, at_its_end));
        }
    }
}

/// Gives a panic its message. Only the first panic of a process ends in a note; without one, nothing tells the rest of a
/// message from what the program wrote next, and the first line counts, with the indented ones after it: so does the
/// standard library lay out `assert_eq!`.
fn closed(mut panic: Panic, lines: &[String], at_its_end: bool) -> Panic {
    let certain = if at_its_end {
        lines.len()
    } else {
        let more = lines
            .iter()
            .skip(1)
            .take_while(|line| line.starts_with(' '));
        1 + more.count()
    };
    panic.message = lines[..certain.min(lines.len())]
        .join("\n")
        .trim_end()
        .to_owned();
    panic
}

fn safe(text: &str) -> String {
    escape(text.as_bytes(), Colours::Drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn panics(stderr: &str) -> Vec<Panic> {
        let mut log = PanicLog::default();
        log.feed(stderr.as_bytes());
        log.panics()
    }

    fn panic(thread: &str, file: &str, line: u32, column: u32, message: &str) -> Panic {
        Panic {
            thread: thread.into(),
            file: file.into(),
            line,
            column,
            message: message.into(),
        }
    }

    const NOTE: &str =
        "note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace\n";

    #[test]
    fn a_panic_is_read_with_and_without_a_thread_number() {
        let expected = [panic("tokio-rt-worker", "src/main.rs", 1, 81, "boom")];
        let new = format!(
            "\nthread 'tokio-rt-worker' (5828) panicked at src/main.rs:1:81:\nboom\n{NOTE}"
        );
        assert_eq!(panics(&new), expected);
        let old = format!("thread 'tokio-rt-worker' panicked at src/main.rs:1:81:\nboom\n{NOTE}");
        assert_eq!(panics(&old), expected);
        assert_eq!(panics(&new.replace('\n', "\r\n")), expected);
    }

    #[test]
    fn a_message_may_have_several_lines() {
        let first =
            format!("thread 'main' (1) panicked at a.rs:2:3:\none\n\n  two\nthree\n{NOTE}after\n");
        assert_eq!(panics(&first)[0].message, "one\n\n  two\nthree");
        let later = "thread 'main' (1) panicked at a.rs:2:3:\nassertion `left == right` failed\n  left: 1\n right: 2\n\
                     a client left\n";
        let message = "assertion `left == right` failed\n  left: 1\n right: 2";
        assert_eq!(panics(later)[0].message, message);
    }

    #[test]
    fn output_around_a_panic_is_not_part_of_it() {
        let stderr = "listening\nno newline: thread '<unnamed>' (7) panicked at C:\\shop\\server.rs:10:5:\nfirst\n\
                      a client came\n\nthread 'it's' (8) panicked at \
                      /home/ada/.cargo/registry/src/x/warp-0.4.3/src/server.rs:1:1:\nsecond\nthe main thread panicked at dawn\n";
        assert_eq!(
            panics(stderr),
            [
                panic("<unnamed>", "C:\\shop\\server.rs", 10, 5, "first"),
                panic(
                    "it's",
                    "/home/ada/.cargo/registry/src/x/warp-0.4.3/src/server.rs",
                    1,
                    1,
                    "second"
                ),
            ]
        );
    }

    #[test]
    fn a_gap_is_told_from_a_mistake() {
        let panic = |message: &str| {
            panics(&format!("thread 'main' panicked at a.rs:1:1:\n{message}\n"))[0].clone()
        };
        assert!(panic("not yet implemented: greet the client").is_unfinished());
        assert!(panic("not implemented").is_unfinished());
        assert!(!panic("called `Option::unwrap()` on a `None` value").is_unfinished());
        assert_eq!(panic("").message, "");
    }

    #[test]
    fn a_panic_is_found_however_the_stream_is_cut() {
        let stderr = format!("thread 'main' (1) panicked at a.rs:2:3:\nsüß\n{NOTE}more\n");
        for size in 1..stderr.len() {
            let mut log = PanicLog::default();
            stderr
                .as_bytes()
                .chunks(size)
                .for_each(|piece| log.feed(piece));
            assert_eq!(
                log.panics(),
                [panic("main", "a.rs", 2, 3, "süß")],
                "in pieces of {size}"
            );
        }
    }

    #[test]
    fn memory_stays_bounded() {
        let mut log = PanicLog::default();
        for _ in 0..200 {
            log.feed(&[b'x'; 10_000]);
        }
        assert!(log.line.len() <= LONGEST_LINE);
        log.feed(b"\n");
        for _ in 0..200 {
            log.feed(b"thread 'main' panicked at a.rs:1:1:\nagain\n");
        }
        assert_eq!(log.panics().len(), MOST_PANICS);
    }
}
