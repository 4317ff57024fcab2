//! A quote of the compiler's in fewer lines, for a screen that has no more: whole parts of it, and never half of one.

/// What of a quote fits so many lines: the line that counts with its marks always, then the message, the change, and the
/// other lines. Each of these is whole or left out, so that no mark points at nothing.
pub fn shortened(quote: &str, line: usize, most: usize) -> String {
    let parts = parts(quote);
    let mut order: Vec<&(Part, Vec<&str>)> = parts.iter().collect();
    order.sort_by_key(|(part, _)| match part {
        Part::Line(number) if *number == line => 0,
        Part::Message => 1,
        Part::Change => 2,
        Part::Line(_) => 3,
    });
    let mut room = most;
    let mut kept: Vec<&(Part, Vec<&str>)> = Vec::new();
    for part in order {
        let fits = part.1.len() <= room || kept.is_empty();
        room = room.saturating_sub(if fits { part.1.len() } else { 0 });
        kept.extend(fits.then_some(part));
    }
    let is_kept = |it: &&(Part, Vec<&str>)| kept.iter().any(|kept| std::ptr::eq(*kept, *it));
    let lines = parts.iter().filter(is_kept).flat_map(|(_, lines)| lines);
    lines.copied().collect::<Vec<_>>().join("\n")
}

/// What lines of a quote belong together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    /// The message.
    Message,
    /// A line of the learner's, of this number, and its marks.
    Line(usize),
    /// What the compiler would change.
    Change,
}

fn parts(quote: &str) -> Vec<(Part, Vec<&str>)> {
    let mut parts: Vec<(Part, Vec<&str>)> = Vec::new();
    for text in quote.lines() {
        let last = parts.last().map(|(part, _)| *part);
        let number = text
            .trim_start()
            .split(' ')
            .next()
            .and_then(|it| it.parse().ok());
        let sign = text.trim_start().split(' ').nth(1).unwrap_or_default();
        let part = match (number, sign) {
            (Some(_), "-" | "+" | "~") => Part::Change,
            (Some(line), _) => Part::Line(line),
            (None, _) => last.unwrap_or(Part::Message),
        };
        match parts.last_mut() {
            Some((of, lines)) if *of == part => lines.push(text),
            _ => parts.push((part, vec![text])),
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_that_counts_stays_with_its_marks() {
        let quote = "error: no\n 9 | let a;\n   |     - here\n12 | go(a)\n   |    ^ there\n12 - go(a)\n12 + go(b)";
        assert_eq!(shortened(quote, 12, 14), quote);
        let without_nine = "error: no\n12 | go(a)\n   |    ^ there\n12 - go(a)\n12 + go(b)";
        assert_eq!(shortened(quote, 12, 5), without_nine);
        let without_change = "error: no\n12 | go(a)\n   |    ^ there";
        assert_eq!(shortened(quote, 12, 4), without_change);
        assert_eq!(shortened(quote, 12, 0), "12 | go(a)\n   |    ^ there");
    }
}
