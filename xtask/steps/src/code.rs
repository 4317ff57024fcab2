//! What a program's lines say to a compiler: two programs are compared without their comments, blank lines and indents.
//!
//! No parser: a line is looked at by itself, in Rust as in a page. What it takes for a comment wrongly, it takes for one in
//! both programs.

/// A line that is more than a comment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Code {
    /// Its place in the text, counted from 0.
    pub index: usize,
    /// The code, blanks as one and without the comment behind it.
    pub code: String,
}

/// The lines of a text that are code.
pub fn of<'a>(lines: impl IntoIterator<Item = &'a str>) -> Vec<Code> {
    let mut inside: Option<&str> = None;
    let mut found = Vec::new();
    for (index, line) in lines.into_iter().enumerate() {
        if let Some(end) = inside {
            if line.contains(end) {
                inside = None;
            }
            continue;
        }
        let line = line.trim();
        if let Some((open, close)) = BLOCKS.iter().find(|(open, _)| line.starts_with(open)) {
            if !line[open.len()..].contains(close) {
                inside = Some(close);
            }
            continue;
        }
        let code = without_comment(line);
        if !code.is_empty() {
            let words: Vec<&str> = code.split_whitespace().collect();
            found.push(Code {
                index,
                code: words.join(" "),
            });
        }
    }
    found
}

/// Comments that may be longer than a line.
const BLOCKS: &[(&str, &str)] = &[("/*", "*/"), ("<!--", "-->")];

/// The line up to a `//` that stands at its beginning or after a blank, and not inside of a text.
fn without_comment(line: &str) -> &str {
    let mut in_text = false;
    let mut before = ' ';
    let mut last = ' ';
    for (at, letter) in line.char_indices() {
        match letter {
            '"' if before != '\\' && before != '\'' => in_text = !in_text,
            '/' if !in_text && before == '/' && last == ' ' => return line[..at - 1].trim_end(),
            _ => {}
        }
        (last, before) = (before, letter);
    }
    line
}

/// Whether a line tells one place of a program from another: more than brackets.
pub fn is_distinctive(code: &str) -> bool {
    code.chars()
        .filter(|letter| letter.is_alphanumeric())
        .count()
        >= 6
}

/// The name of the function that a line begins.
pub fn function_of(line: &str) -> Option<&str> {
    let line = line.trim_start();
    if line.starts_with("//") {
        return None;
    }
    let (before, after) = line.split_once("fn ")?;
    let is_head = before.split_whitespace().all(|word| {
        ["pub", "async", "const", "unsafe", "extern"].contains(&word) || word.starts_with("pub(")
    });
    let end = after.find(|letter: char| !letter.is_alphanumeric() && letter != '_')?;
    (is_head && end > 0).then(|| &after[..end])
}

/// The place in `lines` where `wanted` stands, one line after the other.
pub fn position(lines: &[Code], wanted: &[Code]) -> Option<usize> {
    if wanted.is_empty() {
        return None;
    }
    let mut windows = lines.windows(wanted.len());
    windows.position(|window| {
        let pairs = window.iter().zip(wanted);
        pairs
            .into_iter()
            .all(|(line, wanted)| line.code == wanted.code)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(text: &str) -> Vec<String> {
        let lines = of(text.lines());
        lines.into_iter().map(|line| line.code).collect()
    }

    #[test]
    fn comments_blanks_and_indents_are_left_out() {
        let text = "//! Head.\n\n  fn  main() { // Begins.\n    /* long\n  talk */\n<!-- a page's -->\n}\n";
        assert_eq!(codes(text), ["fn main() {", "}"]);
        assert_eq!(of(text.lines())[1].index, 6);
    }

    #[test]
    fn an_address_is_no_comment() {
        let line = r#"println!("listening on http://{host}:{port}/ // so there");"#;
        assert_eq!(codes(line), [line]);
        assert_eq!(codes(r#"let quote = '"'; // one"#), [r#"let quote = '"';"#]);
    }

    #[test]
    fn a_function_is_known_by_its_name() {
        assert_eq!(
            function_of("    pub(crate) async fn go(x: u8) {"),
            Some("go")
        );
        assert_eq!(function_of("fn page<'a>("), Some("page"));
        assert_eq!(function_of("let f = || the_fn (1);"), None);
        assert_eq!(function_of("// fn no("), None);
    }

    #[test]
    fn code_is_found_where_its_lines_follow_each_other() {
        let of = |text: &str| of(text.lines());
        let program = of("a();\n// Why.\nb();\nc();\n");
        assert_eq!(position(&program, &of("b();\n\n  c(); // last")), Some(1));
        assert_eq!(position(&program, &of("a();\nc();")), None);
        assert_eq!(position(&program, &of("// nothing")), None);
    }
}
