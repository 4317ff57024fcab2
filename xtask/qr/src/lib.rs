//! A text as a QR code, for the telephones of a room: as lines of a terminal, and as a picture of a page.
//!
//! Both have the quiet edge of four squares that the standard asks for: without it, a camera does not find the code.

use anyhow::{Context, Result};
use qrcode::{Color, EcLevel, QrCode};

/// The empty squares around a code.
const EDGE: usize = 4;

/// A text as dark and light squares.
pub struct Code {
    /// How many squares a side has, without the edge.
    side: usize,
    squares: Vec<Color>,
}

impl Code {
    /// The smallest code of a text that is still read where a seventh of it is hidden.
    ///
    /// # Errors
    /// When the text is too long: 2,331 bytes is the most.
    pub fn of(text: &str) -> Result<Code> {
        let code = QrCode::with_error_correction_level(text, EcLevel::M)
            .context("the text is too long for a QR code")?;
        Ok(Code {
            side: code.width(),
            squares: code.to_colors(),
        })
    }

    /// How many squares a side has, with the edge.
    pub fn width(&self) -> usize {
        self.side + 2 * EDGE
    }

    /// Whether a square is dark; the edge counts, and is not.
    fn is_dark(&self, x: usize, y: usize) -> bool {
        let inside = |at: usize| at.checked_sub(EDGE).filter(|at| *at < self.side);
        let (Some(x), Some(y)) = (inside(x), inside(y)) else {
            return false;
        };
        self.squares[y * self.side + x] == Color::Dark
    }

    /// The lines of a terminal: a letter is two squares, one above the other. They are in black and white whatever colours
    /// the terminal has, for a camera may not read a code of light squares on a dark ground.
    pub fn lines(&self) -> Vec<String> {
        const BLACK_ON_WHITE: &str = "\x1b[38;5;16;48;5;231m";
        const RESET: &str = "\x1b[0m";
        let letter = |x, y| match (self.is_dark(x, y), self.is_dark(x, y + 1)) {
            (true, true) => '█',
            (true, false) => '▀',
            (false, true) => '▄',
            (false, false) => ' ',
        };
        let line = |y| {
            let letters: String = (0..self.width()).map(|x| letter(x, y)).collect();
            format!("{BLACK_ON_WHITE}{letters}{RESET}")
        };
        (0..self.width()).step_by(2).map(line).collect()
    }

    /// The picture, as an `svg` of one path: black on white, as large as the page makes it. `name` is what a screen reader
    /// says; it may hold any text.
    pub fn svg(&self, name: &str) -> String {
        let side = self.width();
        let places = (0..side).flat_map(|y| (0..side).map(move |x| (x, y)));
        let dark = places.filter(|&(x, y)| self.is_dark(x, y));
        let path: String = dark.map(|(x, y)| format!("M{x} {y}h1v1h-1z")).collect();
        let name = name
            .replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('"', "&quot;");
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {side} {side}\" role=\"img\" aria-label=\"{name}\" \
             shape-rendering=\"crispEdges\"><path fill=\"#fff\" d=\"M0 0h{side}v{side}H0z\"/><path d=\"{path}\"/></svg>"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_pictures_have_the_same_squares() {
        let code = Code::of("http://192.168.1.20:7000/").unwrap();
        let lines = code.lines();
        let dark = |letter| match letter {
            '█' => 2,
            '▀' | '▄' => 1,
            _ => 0,
        };
        let in_lines: usize = lines.iter().flat_map(|line| line.chars().map(dark)).sum();
        assert_eq!(in_lines, code.svg("a & b").matches("h1v1h-1z").count());
        assert!(in_lines > 100, "{lines:#?}");
    }

    #[test]
    fn the_edge_is_light() {
        let code = Code::of("hello").unwrap();
        let places = (0..code.width())
            .flat_map(|along| (0..EDGE).flat_map(move |across| [(along, across), (across, along)]));
        for (x, y) in places {
            assert!(!code.is_dark(x, y));
        }
        assert!(code.is_dark(EDGE, EDGE), "a corner is dark");
    }

    #[test]
    fn a_name_is_no_markup() {
        let svg = Code::of("x").unwrap().svg("\"><script>");
        assert!(!svg.contains("<script"), "{svg}");
    }

    #[test]
    fn what_is_too_long_is_an_error() {
        assert!(Code::of(&"a".repeat(3000)).is_err());
    }
}
