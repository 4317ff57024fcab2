//! Makes what a program wrote safe to print on a terminal.
//!
//! A learner's server prints what its clients send, and a client may send anything: a sequence that clears the screen, or
//! text that runs right to left. Control characters come out visible, `\u{1b}` for an escape, and what is not UTF-8 comes
//! out as U+FFFD. Lines, tabs and, where asked for, colours pass. It does not wrap, cut or count anything.

use std::fmt::Write as _;

/// The longest colour sequence that is believed; a longer one is no colour.
const LONGEST_COLOUR: usize = 40;

/// What becomes of colours (the SGR sequences, `ESC [ 31 m`).
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Colours {
    /// They pass: the text goes to a terminal right away.
    Keep,
    /// They are left out: the text is quoted, and a colour that is never switched off would run into our own words.
    Drop,
}

/// Escapes a stream that comes in pieces, which may end in the middle of a character or of a colour.
pub(super) struct Escaper {
    colours: Colours,
    /// The unfinished end of the last piece.
    pending: Vec<u8>,
}

impl Escaper {
    pub(super) fn new(colours: Colours) -> Self {
        Self {
            colours,
            pending: Vec::new(),
        }
    }

    /// The text of the next piece, but for an end that only the piece after it can explain.
    pub(super) fn push(&mut self, piece: &[u8]) -> String {
        self.pending.extend_from_slice(piece);
        let bytes = std::mem::take(&mut self.pending);
        let (whole, rest) = bytes.split_at(bytes.len() - unfinished(&bytes));
        self.pending.extend_from_slice(rest);
        escape(whole, self.colours)
    }

    /// The rest, now that nothing comes after it.
    pub(super) fn finish(&mut self) -> String {
        escape(&std::mem::take(&mut self.pending), self.colours)
    }
}

/// The safe text of `bytes`.
pub(super) fn escape(bytes: &[u8], colours: Colours) -> String {
    let text = String::from_utf8_lossy(bytes);
    let mut safe = String::with_capacity(text.len());
    let mut rest = &*text;
    while let Some(next) = rest.chars().next() {
        let colour = colour_length(rest);
        if colour > 0 {
            if colours == Colours::Keep {
                safe.push_str(&rest[..colour]);
            }
            rest = &rest[colour..];
            continue;
        }
        // A line of Windows ends in both; only the second half is of interest.
        if !rest.starts_with("\r\n") {
            push_safely(&mut safe, next);
        }
        rest = &rest[next.len_utf8()..];
    }
    safe
}

fn push_safely(safe: &mut String, character: char) {
    match character {
        '\n' | '\t' => safe.push(character),
        // The marks that turn the direction of the text are no control characters to Unicode, but they act like some.
        '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
            let _ = write!(safe, "{}", character.escape_unicode());
        }
        _ if character.is_control() => {
            let _ = write!(safe, "{}", character.escape_debug());
        }
        _ => safe.push(character),
    }
}

/// How many bytes long the colour is that `text` starts with, or 0.
fn colour_length(text: &str) -> usize {
    let Some(body) = text.strip_prefix("\u{1b}[") else {
        return 0;
    };
    let parameters = body.bytes().take_while(|byte| is_parameter(*byte)).count();
    let whole = "\u{1b}[".len() + parameters + "m".len();
    if body[parameters..].starts_with('m') && whole <= LONGEST_COLOUR {
        whole
    } else {
        0
    }
}

fn is_parameter(byte: u8) -> bool {
    byte.is_ascii_digit() || byte == b';' || byte == b':'
}

/// How many bytes at the end may be the start of something: a character, a colour, a line end of Windows.
fn unfinished(bytes: &[u8]) -> usize {
    if bytes.ends_with(b"\r") {
        return 1;
    }
    if let Some(start) = bytes.iter().rposition(|byte| *byte == 0x1b) {
        let tail = &bytes[start..];
        let starts_a_colour = match tail {
            [_] => true,
            [_, b'[', parameters @ ..] => parameters.iter().all(|byte| is_parameter(*byte)),
            _ => false,
        };
        if starts_a_colour && tail.len() < LONGEST_COLOUR {
            return tail.len();
        }
    }
    cut_character(bytes)
}

/// How many bytes at the end are the start of a character whose other bytes are missing: 0 to 3.
pub(super) fn cut_character(bytes: &[u8]) -> usize {
    let tail = &bytes[bytes.len().saturating_sub(3)..];
    (0..tail.len())
        // `error_len` is `None` for an end that came too soon, and only for that.
        .find(|&start| {
            let error = std::str::from_utf8(&tail[start..]).err();
            error.is_some_and(|error| error.valid_up_to() == 0 && error.error_len().is_none())
        })
        .map_or(0, |start| tail.len() - start)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_come_out_visible() {
        let nasty = b"a\x1b[2Jb\rc\x00\x7fd\x9be\xc2\x9bf";
        assert_eq!(
            escape(nasty, Colours::Keep),
            "a\\u{1b}[2Jb\\rc\\0\\u{7f}d\u{fffd}e\\u{9b}f"
        );
        assert_eq!(escape("\u{202e}x".as_bytes(), Colours::Keep), "\\u{202e}x");
    }

    #[test]
    fn lines_tabs_and_words_of_any_language_pass() {
        let text = "one\n\ttwo: füße, 日本, 🦀\n";
        assert_eq!(escape(text.as_bytes(), Colours::Keep), text);
        assert_eq!(escape(b"one\r\ntwo\r\n", Colours::Keep), "one\ntwo\n");
    }

    #[test]
    fn colours_pass_or_are_left_out() {
        let red = "\u{1b}[1;31mred\u{1b}[m";
        assert_eq!(escape(red.as_bytes(), Colours::Keep), red);
        assert_eq!(escape(red.as_bytes(), Colours::Drop), "red");
        let endless = format!("\u{1b}[{}m", "1;".repeat(LONGEST_COLOUR));
        assert!(escape(endless.as_bytes(), Colours::Keep).starts_with("\\u{1b}["));
    }

    #[test]
    fn a_stream_reads_the_same_however_it_is_cut() {
        let whole = "é\u{1b}[31m🦀\r\n\u{1b}[0m\u{1b}[Hend\u{1b}".as_bytes();
        let expected = escape(whole, Colours::Keep);
        for size in 1..whole.len() {
            let mut escaper = Escaper::new(Colours::Keep);
            let mut text: String = whole
                .chunks(size)
                .map(|piece| escaper.push(piece))
                .collect();
            text += &escaper.finish();
            assert_eq!(text, expected, "in pieces of {size}");
        }
    }
}
