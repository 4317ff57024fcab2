//! Chains of filters in the learner's text: which of them extract something.

use super::source::{Kind, Source};

/// The filters before a method's name that extract a value each, one for each value; `None` where that cannot be told.
pub fn extracting(source: &Source, method: usize, values: usize) -> Option<Vec<String>> {
    let calls = calls_before(source, method)?;
    let mut found = Vec::new();
    for call in calls {
        let count = extracts(source, &call, 0)?;
        found.extend(std::iter::repeat_n(call, count));
    }
    (found.len() == values).then_some(found)
}

/// The filters of a chain that ends before a method: its head, and the arguments of each `and`. A chain with another
/// method than `and` is not one that can be told.
fn calls_before(source: &Source, method: usize) -> Option<Vec<String>> {
    let mut index = source.token(method).checked_sub(2)?;
    let mut calls = Vec::new();
    loop {
        if source.tokens.get(index)?.kind != Kind::Close {
            // A variable that holds a filter.
            calls.push(source.word(index).to_owned());
            break;
        }
        let open = source.open_around(index)?;
        let name = open.checked_sub(1)?;
        let inside = source
            .between((source.tokens[open].end, source.tokens[index].start))
            .trim();
        let before = name.checked_sub(1).map(|it| source.word(it));
        if before != Some(".") {
            let start = head_start(source, name)?;
            calls.push(source.between((start, source.tokens[index].end)).to_owned());
            break;
        }
        match source.word(name) {
            "and" => calls.push(inside.to_owned()),
            "unify" | "boxed" => {}
            _ => return None,
        }
        index = name.checked_sub(2)?;
    }
    calls.reverse();
    Some(calls)
}

/// Where a path such as `warp::path!` begins.
fn head_start(source: &Source, name: usize) -> Option<usize> {
    let mut index = name;
    if source.word(index) == "!" {
        index = index.checked_sub(1)?;
    }
    while index >= 3 && source.word(index - 1) == ":" && source.word(index - 2) == ":" {
        index -= 3;
    }
    Some(source.tokens[index].start)
}

/// How many values a filter extracts, as far as its text says it.
fn extracts(source: &Source, filter: &str, depth: usize) -> Option<usize> {
    let filter = filter.trim();
    let name = filter
        .split(['(', '!', '<'])
        .next()
        .unwrap_or_default()
        .trim_end_matches("::");
    let name = name.strip_prefix("warp::").unwrap_or(name);
    if filter.contains("path!(") {
        let inside = filter.split_once("path!(")?.1.trim_end_matches(')');
        let parts = inside.split('/').map(str::trim);
        return Some(
            parts
                .filter(|part| !part.is_empty() && !part.starts_with('"') && *part != "..")
                .count(),
        );
    }
    match name {
        "path"
        | "path::end"
        | "path::path"
        | "get"
        | "post"
        | "put"
        | "head"
        | "delete"
        | "options"
        | "header::exact"
        | "any"
        | "body::content_length_limit"
        | "host::exact" => match filter.contains(").") {
            // `warp::any().map(…)` extracts what its closure returns; `get().or(head()).unify()` nothing.
            true if filter.contains(".map(") => Some(1),
            true if filter.ends_with(".unify()") => Some(0),
            true => None,
            false => Some(0),
        },
        "ws"
        | "ws::ws"
        | "fs::file"
        | "fs::dir"
        | "header"
        | "header::header"
        | "header::optional"
        | "query"
        | "query::raw"
        | "body::bytes"
        | "body::json"
        | "body::form"
        | "path::param"
        | "path::tail"
        | "path::full"
        | "addr::remote"
        | "method"
        | "host::optional"
        | "header::headers_cloned" => match filter.contains(").") {
            true => None,
            false => Some(1),
        },
        _ if depth < 2 && name.chars().all(|it| it.is_alphanumeric() || it == '_') => {
            let made = variable(source, name)?;
            let is_map = made.contains(".map(") && made.contains("any()");
            match is_map {
                true => Some(1),
                false => extracts(source, made, depth + 1),
            }
        }
        _ => None,
    }
}

/// What stands behind `let name =`.
fn variable<'a>(source: &'a Source, name: &str) -> Option<&'a str> {
    let at = source.text.find(&format!("let {name} = "))? + name.len() + 7;
    let end = source.text[at..].find(";\n")? + at;
    Some(source.text[at..end].trim())
}

/// The last `a.or(b)` between two bytes that no `unify` follows, `a` and `b` being filters of methods or paths.
pub fn or_without_unify(source: &Source, (start, end): (usize, usize)) -> Option<(usize, usize)> {
    let range = source.token(start)..source.token(end);
    let mut found = None;
    for index in range.rev() {
        if source.word(index) != "or"
            || source.word(index + 1) != "("
            || source.word(index.wrapping_sub(1)) != "."
        {
            continue;
        }
        let close = source.close(index + 1)?;
        if source.word(close + 1) == "." && source.word(close + 2) == "unify" {
            continue;
        }
        let open = source.open_around(index);
        let is_argument = open.is_some_and(|open| source.word(open) == "(");
        let from = match open.filter(|_| is_argument) {
            Some(open) => source.tokens[open].end,
            None => line_start(source, index),
        };
        found = Some((from, source.tokens[close].end));
        // One that stands alone as an argument, `and(get().or(head()))`, is the one that is meant.
        if is_argument {
            break;
        }
    }
    found
}

fn line_start(source: &Source, index: usize) -> usize {
    let at = source.tokens[index].start;
    let line = source.line(source.line_of(at));
    let start = source.text[..at].rfind('\n').map_or(0, |at| at + 1);
    start + line.len() - line.trim_start().len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Option<Vec<String>> {
        let source = Source::new(text.to_owned());
        (0..4).find_map(|values| extracting(&source, text.rfind("map")?, values))
    }

    #[test]
    fn filters_that_extract_are_named() {
        assert_eq!(
            of("warp::path!(\"ws\").and(warp::ws()).map(|| 1)").unwrap(),
            ["warp::ws()"]
        );
        assert_eq!(
            of("warp::path!(\"a\" / u8 / \"b\" / String).map(|| 1)")
                .unwrap()
                .len(),
            2
        );
        assert_eq!(of("warp::path::end().map(|| 1)").unwrap(), [""; 0]);
        assert_eq!(
            of("let a = warp::any().map(move || b.clone());\nwarp::path(\"x\").and(a).map(f)")
                .unwrap(),
            ["a"]
        );
        assert!(of("something().map(|| 1)").is_none());
    }

    #[test]
    fn an_or_without_unify_is_found() {
        let text = "page().and(warp::get().or(warp::head())).or(ws)";
        let source = Source::new(text.to_owned());
        let (start, end) = or_without_unify(&source, (0, 42)).unwrap();
        assert_eq!(&text[start..end], "warp::get().or(warp::head())");
    }
}
