//! Types as a person can say them: without paths, and without what warp's combinations of filters are made of.

/// A type of the compiler's, shortened.
pub fn short(of: &str) -> String {
    let of = of.trim().trim_matches('`');
    // A sign, and no type: `::`.
    if !of.contains(char::is_alphanumeric) {
        return of.to_owned();
    }
    let of = in_words(of);
    let of = of.replace("dyn std::", "dyn ");
    let short = without_paths(&of);
    // Within a larger type; alone it has an article, below.
    let short = match short.starts_with('{') {
        true => short,
        false => short
            .replace("{integer}", "whole number")
            .replace("{float}", "number"),
    };
    match short.as_str() {
        "{integer}" | "integer" => "a whole number".into(),
        "{float}" | "floating-point number" => "a number".into(),
        _ => short,
    }
}

/// A text of the compiler's with every type in it shortened: the parts in backticks.
pub fn shorten(text: &str) -> String {
    let mut shortened = String::new();
    for (index, part) in text.split('`').enumerate() {
        match index % 2 {
            0 => shortened += part,
            _ => shortened += &in_sentence(&short(part), &shortened),
        }
    }
    shortened
}

/// A short type behind these words: a name in backticks, words as they are, with one article.
fn in_sentence(short: &str, before: &str) -> String {
    let has_article = ["this ", "the ", "a ", "an "]
        .iter()
        .any(|it| before.ends_with(it));
    match short.split_once(' ') {
        Some(("a" | "an", noun)) if has_article => noun.to_owned(),
        Some(("a" | "an", _)) => short.to_owned(),
        _ => format!("`{short}`"),
    }
}

/// What warp makes when filters are combined.
const COMBINED: &[&str] = &[
    "And",
    "AndThen",
    "Map",
    "Or",
    "OrElse",
    "Recover",
    "Then",
    "Unify",
    "UntupleOne",
    "WithLog",
    "Exact",
    "MapErr",
    "CorsFilter",
    "WithHeader",
    "WithTrace",
    "Wrapped",
];

/// Whether a type is a filter that nobody would name: a combination of warp's, or `impl Filter`.
pub fn is_filter(of: &str) -> bool {
    let of = of.trim_start_matches('&');
    let name = without_paths(of.split('<').next().unwrap_or_default());
    let is_hidden = of.starts_with("impl ") && of.contains("Filter");
    is_hidden || (of.contains('<') && COMBINED.contains(&name.as_str()))
}

/// Whether it is a future: something that has to be awaited.
pub fn is_future(of: &str) -> bool {
    let of = of.trim_matches('`');
    let name = without_paths(of.split('<').next().unwrap_or_default());
    of == "future"
        || of.starts_with("impl Future")
        || of.starts_with("impl futures::Future")
        || of.starts_with("impl std::future::Future")
        || of.starts_with("{async ")
        || of.contains("dyn Future")
        || of.contains("Future<Output")
        || (of.contains("<'")
            && [
                "Next", "Send", "Feed", "Flush", "Close", "TryNext", "SendAll",
            ]
            .contains(&name.as_str()))
        || of.starts_with("futures::sink::Send<")
        || of.starts_with("futures::stream::Next<")
        || (name == "Send" && of.contains("Si, Item"))
}

/// The types of a tuple, `(A, B<C, D>)`.
pub fn tuple(of: &str) -> Option<Vec<String>> {
    let inside = of.trim().strip_prefix('(')?.strip_suffix(')')?;
    let mut parts = vec![String::new()];
    let mut depth = 0_usize;
    for letter in inside.chars() {
        match letter {
            '<' | '(' | '[' | '{' => depth += 1,
            '>' | ')' | ']' | '}' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                parts.push(String::new());
                continue;
            }
            _ => {}
        }
        parts.last_mut()?.push(letter);
    }
    let parts = parts.iter().map(|part| part.trim().to_owned());
    Some(parts.filter(|part| !part.is_empty()).collect())
}

/// What a filter extracts, where its type says so: `(String,)`.
fn extracted(of: &str) -> Option<&str> {
    let (_, rest) = of.split_once("Extract = ")?;
    let end = rest.find(", Error").or_else(|| rest.find('>'))?;
    Some(&rest[..end])
}

/// Filters, closures and async blocks, wherever they stand, in a person's words.
fn in_words(of: &str) -> String {
    if is_filter(of) {
        return match extracted(of).filter(|_| of.starts_with("impl")) {
            Some("()") => "a filter that extracts nothing".into(),
            Some(what) => format!("a filter that extracts {}", without_paths(what)),
            None => "a filter".into(),
        };
    }
    let whole = |prefix: &str| of.starts_with(prefix) && of.ends_with('}');
    if whole("{closure@") {
        return "a closure".into();
    }
    if whole("{async block@") || whole("{async closure") || whole("{async fn") {
        return "an async block".into();
    }
    let mut of = of.to_owned();
    for (prefix, word) in [("{closure@", "closure"), ("{async block@", "async block")] {
        while let Some(start) = of.find(prefix) {
            let end = of[start..]
                .find('}')
                .map_or(of.len(), |end| start + end + 1);
            of.replace_range(start..end, word);
        }
    }
    of
}

/// Each name without the path before it: `std::sync::Mutex<usize>` is `Mutex<usize>`.
fn without_paths(of: &str) -> String {
    let mut short = String::new();
    let mut rest = of;
    while let Some(at) = rest.find("::") {
        let before = &rest[..at];
        let name = before.rfind(|it: char| !it.is_alphanumeric() && it != '_');
        let keep = name.map_or(0, |at| {
            at + before[at..].chars().next().map_or(1, char::len_utf8)
        });
        short.push_str(&before[..keep]);
        // What `<T as Trait>::Name` ends with has no name before it.
        if before.ends_with('>') {
            short.push_str("::");
        }
        rest = &rest[at + 2..];
    }
    short + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_left_out() {
        assert_eq!(
            short("`std::sync::Arc<std::sync::Mutex<usize>>`"),
            "Arc<Mutex<usize>>"
        );
        assert_eq!(short("&'static str"), "&'static str");
        assert_eq!(short("Result<_, warp::Error>"), "Result<_, Error>");
    }

    #[test]
    fn filters_are_said_in_words() {
        let hidden = "impl warp::Filter + warp::filter::FilterBase<Extract = (std::string::String,), Error = Rejection> + Copy";
        assert_eq!(short(hidden), "a filter that extracts (String,)");
        assert_eq!(
            short("warp::filter::map::Map<impl Filter, {closure@a.rs:1:2: 3:4}>"),
            "a filter"
        );
        assert_eq!(
            short("Recover<BoxedFilter<(impl Reply,)>, ...>"),
            "a filter"
        );
        assert_eq!(
            short("{closure@exercises/01-hello/server.rs:38:14: 38:28}"),
            "a closure"
        );
        assert!(!is_filter("HashMap<String, u8>") && !is_filter("BoxedFilter<(String,)>"));
    }

    #[test]
    fn a_tuple_is_taken_apart() {
        assert_eq!(
            tuple("(usize, Arc<Mutex<(u8, u8)>>)").unwrap(),
            ["usize", "Arc<Mutex<(u8, u8)>>"]
        );
        assert_eq!(tuple("()").unwrap(), [""; 0]);
        assert_eq!(tuple("(Ws,)").unwrap(), ["Ws"]);
    }

    #[test]
    fn futures_are_known() {
        for of in [
            "future",
            "impl Future<Output = u8>",
            "Next<'_, WebSocket>",
            "futures::sink::Send<'a, Si, Item>",
        ] {
            assert!(is_future(of), "{of}");
        }
        assert!(!is_future("Sender<Message>"));
    }
}
