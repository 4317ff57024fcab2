//! What a program writes: both pipes are always drained, and the beginning and the end of each are kept.
//!
//! Always, because a pipe that nobody reads stops the program once it is full, and one that is closed makes its `println!`
//! panic. Not everything, because a server in a loop writes a gigabyte in the time that a check takes.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::task::JoinHandle;

use super::escape::{Colours, Escaper, cut_character, escape};
use super::panics::{Panic, PanicLog};

/// How much is kept of a stream's beginning, and as much again of its end.
const KEPT: usize = 64 * 1024;

/// What a program has written so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Output {
    /// Its standard output.
    pub stdout: Text,
    /// Its standard error.
    pub stderr: Text,
}

/// One stream of a program, safe to print: control characters are visible, colours are left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Text {
    /// The beginning; all of it, as long as nothing had to be dropped.
    pub head: String,
    /// How many bytes between the two are lost.
    pub dropped: u64,
    /// The end; empty as long as nothing had to be dropped.
    pub tail: String,
}

impl Text {
    /// Whether the program wrote nothing.
    pub fn is_empty(&self) -> bool {
        self.head.is_empty() && self.dropped == 0
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.head)?;
        if self.dropped > 0 {
            write!(
                f,
                "\n[{} bytes are left out here]\n{}",
                self.dropped, self.tail
            )?;
        }
        Ok(())
    }
}

/// The first and the last bytes of a stream.
#[derive(Default)]
struct Ends {
    head: Vec<u8>,
    tail: VecDeque<u8>,
    dropped: u64,
}

impl Ends {
    fn push(&mut self, piece: &[u8]) {
        let (head, tail) = piece.split_at(piece.len().min(KEPT - self.head.len()));
        self.head.extend_from_slice(head);
        self.tail.extend(tail);
        let surplus = self.tail.len().saturating_sub(KEPT);
        self.tail.drain(..surplus);
        self.dropped += surplus as u64;
    }

    fn text(&self) -> Text {
        let tail: Vec<u8> = self.tail.iter().copied().collect();
        if self.dropped == 0 {
            return Text {
                head: escape(&[&self.head[..], &tail].concat(), Colours::Drop),
                ..Text::default()
            };
        }
        // Where bytes are missing, what is left of a character on either side goes with them.
        let head = &self.head[..self.head.len() - cut_character(&self.head)];
        let is_inside = |byte: &&u8| (0x80..0xc0).contains(*byte);
        let tail = &tail[tail.iter().take(3).take_while(is_inside).count()..];
        let cut = self.head.len() - head.len() + self.tail.len() - tail.len();
        Text {
            head: escape(head, Colours::Drop),
            dropped: self.dropped + cut as u64,
            tail: escape(tail, Colours::Drop),
        }
    }
}

/// Which of the two pipes.
#[derive(Clone, Copy)]
pub(super) enum Stream {
    Stdout,
    Stderr,
}

/// What the pumps write and the program's owner reads.
///
/// A mutex of the standard library, not of tokio: it is held for a copy and never across an `.await`.
#[derive(Clone, Default)]
pub(super) struct Recording(pub(super) Arc<Mutex<Recorded>>);

#[derive(Default)]
pub(super) struct Recorded {
    stdout: Ends,
    stderr: Ends,
    panics: PanicLog,
}

impl Recording {
    pub(super) fn output(&self) -> Output {
        let recorded = self.lock();
        Output {
            stdout: recorded.stdout.text(),
            stderr: recorded.stderr.text(),
        }
    }

    pub(super) fn panics(&self) -> Vec<Panic> {
        self.lock().panics.panics()
    }

    fn push(&self, stream: Stream, piece: &[u8]) {
        let mut recorded = self.lock();
        match stream {
            Stream::Stdout => recorded.stdout.push(piece),
            Stream::Stderr => {
                recorded.stderr.push(piece);
                recorded.panics.feed(piece);
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Recorded> {
        // What was kept is worth having even if a pump panicked.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads `pipe` until it closes, in a task of its own.
    pub(super) fn pump<P>(&self, mut pipe: P, stream: Stream, shown: bool) -> JoinHandle<()>
    where
        P: AsyncRead + Unpin + Send + 'static,
    {
        let recording = self.clone();
        tokio::spawn(async move {
            let mut buffer = vec![0; KEPT];
            let mut escaper = Escaper::new(Colours::Keep);
            while let Ok(read @ 1..) = pipe.read(&mut buffer).await {
                recording.push(stream, &buffer[..read]);
                if shown {
                    show(stream, &escaper.push(&buffer[..read]));
                }
                // A program that never stops writing has always something to read: let the others have their turn.
                tokio::task::yield_now().await;
            }
            if shown {
                show(stream, &escaper.finish());
            }
        })
    }
}

/// Passes text on to our own stream of the same name. If that is closed, nobody is there to be told.
fn show(stream: Stream, text: &str) {
    let _ = match stream {
        Stream::Stdout => write_to(&mut anstream::stdout().lock(), text),
        Stream::Stderr => write_to(&mut anstream::stderr().lock(), text),
    };
}

fn write_to(ours: &mut impl std::io::Write, text: &str) -> std::io::Result<()> {
    ours.write_all(text.as_bytes())?;
    // A prompt has no newline, and is to be seen all the same.
    ours.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(pieces: &[&[u8]]) -> Text {
        let mut ends = Ends::default();
        pieces.iter().for_each(|piece| ends.push(piece));
        ends.text()
    }

    #[test]
    fn a_short_output_is_kept_whole() {
        assert_eq!(text(&[b"one\n", b"two\n"]).to_string(), "one\ntwo\n");
        assert!(text(&[]).is_empty());
        // The border between head and tail falls into the middle of a character, and nobody sees it.
        let long = "é".repeat(KEPT - 1);
        let odd = text(&[b"x", long.as_bytes()]);
        assert_eq!((odd.head, odd.dropped), (format!("x{long}"), 0));
    }

    #[test]
    fn a_long_output_keeps_its_ends() {
        let middle = vec![b'-'; 10 * KEPT];
        let long = text(&[b"first", &middle, b"last"]);
        assert!(long.head.starts_with("first-") && long.tail.ends_with("-last"));
        assert_eq!(
            long.dropped as usize,
            "first".len() + "last".len() + 8 * KEPT
        );
        assert!(
            long.to_string()
                .contains("[524297 bytes are left out here]")
        );
    }

    #[test]
    fn a_character_that_is_cut_is_left_out() {
        let long = "🦀".repeat(KEPT);
        let cut = text(&[b"x", long.as_bytes(), b"yy"]);
        assert!(!cut.to_string().contains('\u{fffd}'));
        let kept = cut.head.len() + cut.tail.len();
        assert_eq!(cut.dropped as usize + kept, long.len() + 3);
    }
}
