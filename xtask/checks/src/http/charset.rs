//! In which encoding a page is declared to be, as a browser finds out: by the mark at its start, or else by the header, or
//! else by the page's own `<meta>` (HTML, "determining the character encoding").

use wire::http::Answer;

/// A declaration: who makes it, and the encoding that it names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Declared {
    /// Where it stands, for a person.
    pub place: &'static str,
    /// The name, in lower case.
    pub name: String,
}

/// How much of a page a browser looks through for a `<meta>`.
const LOOKED_AT: usize = 1024;

/// Every name of UTF-8 (Encoding, "names and labels").
const UTF_8: [&str; 6] = [
    "utf-8",
    "utf8",
    "unicode-1-1-utf-8",
    "unicode11utf8",
    "unicode20utf8",
    "x-unicode20utf8",
];

impl Declared {
    /// Whether it names UTF-8.
    pub fn is_utf_8(&self) -> bool {
        UTF_8.contains(&self.name.as_str())
    }
}

/// All that is declared, the one that a browser believes first.
pub fn declarations(answer: &Answer) -> Vec<Declared> {
    let mark = answer.body.starts_with(b"\xEF\xBB\xBF");
    let header = answer.header("content-type").unwrap_or_default();
    let declared = [
        ("the byte order mark", mark.then(|| "utf-8".to_owned())),
        ("the header content-type", of_header(header)),
        ("the page's <meta>", of_page(&answer.body)),
    ];
    declared
        .into_iter()
        .filter_map(|(place, name)| Some(Declared { place, name: name? }))
        .collect()
}

/// The parameter `charset` of a `content-type`.
fn of_header(header: &str) -> Option<String> {
    header.split(';').skip(1).find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        let is_charset = name.trim().eq_ignore_ascii_case("charset");
        is_charset.then(|| cleaned(value)).flatten()
    })
}

/// What the first `<meta>` that declares an encoding names.
fn of_page(page: &[u8]) -> Option<String> {
    let start = &page[..page.len().min(LOOKED_AT)];
    let start = String::from_utf8_lossy(start).to_ascii_lowercase();
    let mut rest = start.as_str();
    while let Some(at) = rest.find('<') {
        rest = &rest[at + 1..];
        if let Some(comment) = rest.strip_prefix("!--") {
            rest = comment.split_once("-->")?.1;
        } else if let Some(inside) = rest.strip_prefix("meta") {
            let attributes = attributes(inside);
            let named = of_meta(&attributes);
            if named.is_some() {
                return named;
            }
        }
    }
    None
}

fn of_meta(attributes: &[(String, String)]) -> Option<String> {
    let value = |name: &str| {
        let found = attributes.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str())
    };
    if let Some(name) = value("charset") {
        return cleaned(name);
    }
    let is_type = value("http-equiv").is_some_and(|of| of.trim() == "content-type");
    is_type.then(|| of_header(value("content")?)).flatten()
}

/// The attributes of a tag, up to its end.
fn attributes(mut rest: &str) -> Vec<(String, String)> {
    let between = |letter: char| letter.is_ascii_whitespace() || letter == '/';
    let mut found = Vec::new();
    loop {
        rest = rest.trim_start_matches(between);
        if rest.is_empty() || rest.starts_with('>') {
            return found;
        }
        let ends = |letter: char| between(letter) || letter == '=' || letter == '>';
        let (name, after) = rest.split_at(rest.find(ends).unwrap_or(rest.len()));
        let Some(after) = after.trim_start().strip_prefix('=') else {
            rest = after.strip_prefix('=').unwrap_or(after);
            found.push((name.to_owned(), String::new()));
            continue;
        };
        let after = after.trim_start();
        let quote = after.chars().next().filter(|first| "\"'".contains(*first));
        let (value, after) = match quote {
            Some(quote) => after[1..].split_once(quote).unwrap_or((&after[1..], "")),
            None => {
                let ends = |letter: char| letter.is_ascii_whitespace() || letter == '>';
                after.split_at(after.find(ends).unwrap_or(after.len()))
            }
        };
        found.push((name.to_owned(), value.to_owned()));
        rest = after;
    }
}

/// The name of an encoding, without quotes and blanks, in lower case.
fn cleaned(name: &str) -> Option<String> {
    let name = name.trim().trim_matches(['"', '\'']).trim();
    (!name.is_empty()).then(|| name.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(header: &str, page: &str) -> Option<String> {
        let answer = Answer {
            status: 200,
            headers: vec![("content-type".into(), header.into())],
            body: page.into(),
        };
        declarations(&answer).into_iter().next().map(|it| it.name)
    }

    fn in_page(page: &str) -> Option<String> {
        first("text/html", page)
    }

    #[test]
    fn utf_8_is_written_in_many_ways() {
        for header in [
            "text/html; charset=utf-8",
            "text/html;charset=UTF-8",
            "text/html; Charset=\"Utf-8\"",
            "text/html; level=1; charset=utf8",
        ] {
            let name = first(header, "").unwrap();
            let place = "the header content-type";
            assert!(Declared { place, name }.is_utf_8(), "{header}");
        }
        for page in [
            "<meta charset=utf-8>",
            "<META CHARSET='UTF-8' />",
            "<meta\n  charset = \"utf-8\">",
            "<meta name=viewport content='charset=1'><meta charset=utf-8>",
            "<meta http-equiv=\"Content-Type\" content=\"text/html; charset=UTF-8\">",
            "<meta content='text/html;charset=utf-8' http-equiv=content-type>",
            "<!-- <meta charset=latin1> --><meta charset=utf-8>",
        ] {
            assert_eq!(in_page(page).as_deref(), Some("utf-8"), "{page}");
        }
    }

    #[test]
    fn a_browser_believes_the_mark_then_the_header_then_the_page() {
        let meta = "<meta charset=utf-8>";
        let latin = "text/html; charset=iso-8859-1";
        assert_eq!(first(latin, meta).as_deref(), Some("iso-8859-1"));
        let marked = format!("\u{feff}{meta}");
        assert_eq!(first(latin, &marked).as_deref(), Some("utf-8"));
        let of_meta = in_page("<meta charset=windows-1252>");
        assert_eq!(of_meta.as_deref(), Some("windows-1252"));
    }

    #[test]
    fn what_declares_nothing_declares_nothing() {
        for page in [
            "",
            "<p>charset=utf-8</p>",
            "<!-- <meta charset=utf-8> -->",
            "<meta name=charset content=utf-8>",
            "<meta charset",
            "<meta charset=\"",
            "<meta =x",
            "<meta http-equiv=content-type>",
            &format!("{}<meta charset=utf-8>", " ".repeat(LOOKED_AT)),
        ] {
            assert_eq!(in_page(page), None, "{page}");
        }
    }
}
