//! Names that are meant: what the workshop's programs import, and which known name a misspelt one is near to.

use super::message::Span;
use super::source::{Kind, Source};

/// The crates that a learner's program may use.
pub const CRATES: &[&str] = &[
    "std",
    "warp",
    "tokio",
    "futures",
    "serde_json",
    "include_dir",
];

/// The macros that need no import, the most usual ones first.
pub const MACROS: &[&str] = &[
    "println",
    "format",
    "eprintln",
    "print",
    "vec",
    "panic",
    "todo",
    "assert_eq",
    "assert",
    "matches",
    "write",
    "include_str",
    "include_bytes",
    "env",
    "file",
    "json",
    "include_dir",
];

/// What the programs of the workshop import, by the last name of the path. A trial compiles them all.
pub const IMPORTS: &[&str] = &[
    "futures::SinkExt",
    "futures::StreamExt",
    "include_dir::Dir",
    "include_dir::include_dir",
    "serde_json::Value",
    "serde_json::json",
    "std::cell::RefCell",
    "std::collections::HashMap",
    "std::collections::HashSet",
    "std::convert::Infallible",
    "std::env",
    "std::fmt",
    "std::fs",
    "std::hash::DefaultHasher",
    "std::hash::Hash",
    "std::hash::Hasher",
    "std::io",
    "std::net::SocketAddr",
    "std::path::Path",
    "std::path::PathBuf",
    "std::process::ExitCode",
    "std::rc::Rc",
    "std::sync::Arc",
    "std::sync::Mutex",
    "std::sync::RwLock",
    "std::sync::atomic::AtomicU64",
    "std::sync::atomic::AtomicUsize",
    "std::sync::atomic::Ordering",
    "std::time::Duration",
    "std::time::Instant",
    "tokio::net::TcpListener",
    "tokio::net::TcpSocket",
    "tokio::sync::broadcast",
    "tokio::sync::mpsc",
    "tokio::sync::broadcast::Receiver",
    "tokio::sync::broadcast::Sender",
    "tokio::sync::broadcast::error::TryRecvError",
    "tokio::sync::broadcast::error::RecvError",
    "warp::Filter",
    "warp::Rejection",
    "warp::Reply",
    "warp::filters::BoxedFilter",
    "warp::http::StatusCode",
    "warp::http::header",
    "warp::ws::Message",
    "warp::ws::WebSocket",
    "warp::ws::Ws",
];

/// The path of a name that the workshop's programs import.
pub fn known(name: &str) -> Option<&'static str> {
    let is_it = |path: &&&str| path.rsplit("::").next() == Some(name);
    IMPORTS.iter().find(is_it).copied()
}

/// Whether a path is one that the workshop's programs import.
pub fn is_ours(path: &str) -> bool {
    IMPORTS.contains(&path)
}

/// The known name that is so near to a misspelt one that it must be meant.
pub fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let near = known.filter(|other| are_near(name, other));
    near.min_by_key(|other| distance(name, other))
}

/// Whether two names are a slip apart: one letter in three, and two at most.
pub fn are_near(one: &str, other: &str) -> bool {
    let longest = one.chars().count().max(other.chars().count());
    let most = (longest / 3).min(2);
    let is_type = |name: &str| name.starts_with(char::is_uppercase);
    one != other
        && is_type(one) == is_type(other)
        && distance(&one.to_lowercase(), &other.to_lowercase()) <= most
}

/// The name in this program, or the one that it could import, that is meant: a function, a type, or a variable that can
/// be seen from there.
pub fn in_program(name: &str, span: &Span, source: &Source) -> Option<String> {
    let before = source.between((0, span.bytes.0));
    if let Some(before) = before.strip_suffix("::") {
        let path = before
            .rsplit(|it: char| !it.is_alphanumeric() && it != '_' && it != ':')
            .next()?;
        let members = MEMBERS
            .iter()
            .filter(|(of, _)| *of == path)
            .flat_map(|(_, names)| names.iter().copied());
        let in_capitals = members.clone().find(|it| it.eq_ignore_ascii_case(name));
        return in_capitals
            .filter(|it| *it != name)
            .or_else(|| nearest(name, members))
            .map(str::to_owned);
    }
    let functions = source.functions();
    let here = source.function_around(span.bytes.0);
    let around = here.map(|it| (it.body.0.saturating_sub(it.head.len() + 2), span.bytes.0));
    let near = around
        .into_iter()
        .flat_map(|it| words(source, it))
        .filter(|it| are_near(name, it));
    let bound = near.filter(|it| around.is_some_and(|around| source.binds(it, around).is_some()));
    let items = items(source);
    let imports = IMPORTS.iter().filter_map(|path| path.rsplit("::").next());
    let all = functions
        .iter()
        .map(|it| it.name)
        .chain(bound)
        .chain(items)
        .chain(imports);
    nearest(name, all).map(str::to_owned)
}

/// What some modules of warp's hold, as far as beginners use it.
const MEMBERS: &[(&str, &[&str])] = &[
    (
        "warp",
        &[
            "path",
            "reply",
            "reject",
            "ws",
            "get",
            "post",
            "head",
            "any",
            "serve",
            "fs",
            "http",
            "header",
            "body",
            "query",
            "filters",
            "Filter",
            "Reply",
            "Rejection",
            "cors",
            "log",
        ],
    ),
    (
        "warp::reply",
        &["html", "json", "with_status", "with_header", "reply"],
    ),
    ("warp::path", &["end", "param", "path", "tail", "full"]),
    ("warp::fs", &["file", "dir"]),
    ("warp::ws", &["ws", "Ws", "WebSocket", "Message"]),
    (
        "warp::reject",
        &["not_found", "custom", "Reject", "MethodNotAllowed"],
    ),
    (
        "warp::http",
        &["StatusCode", "header", "Response", "Method", "HeaderMap"],
    ),
    (
        "tokio::time",
        &["sleep", "timeout", "interval", "Duration", "Instant"],
    ),
    (
        "tokio",
        &[
            "main", "select", "spawn", "join", "time", "net", "sync", "signal", "fs",
        ],
    ),
    ("tokio::net", &["TcpListener", "TcpSocket", "TcpStream"]),
    (
        "tokio::sync",
        &["broadcast", "mpsc", "oneshot", "watch", "Mutex", "RwLock"],
    ),
    (
        "serde_json",
        &["from_str", "from_slice", "to_string", "json", "Value"],
    ),
];

/// Where a crate has a name, by what stands before it: `warp::` and `html` are `warp::reply::html`.
pub fn path_in_crate(name: &str, before: &str) -> Option<String> {
    let path = before.strip_suffix("::")?;
    let path = path.rsplit(|it: char| !it.is_alphanumeric() && it != '_' && it != ':');
    let of = path.into_iter().next()?.split("::").next()?;
    let is_in_crate = |module: &str| module.split("::").next() == Some(of);
    let (module, _) = MEMBERS
        .iter()
        .find(|(module, names)| is_in_crate(module) && names.contains(&name))?;
    Some(format!("{module}::{name}"))
}

/// The words of a part of the program.
fn words(source: &Source, (start, end): (usize, usize)) -> impl Iterator<Item = &str> {
    let range = source.token(start)..source.token(end);
    let is_word = |index: &usize| source.tokens[*index].kind == Kind::Word;
    range.filter(is_word).map(|index| source.word(index))
}

/// The names behind `struct`, `enum`, `type`, `const`, `static` and in imports.
fn items(source: &Source) -> impl Iterator<Item = &str> {
    let mut is_import = false;
    (0..source.tokens.len()).filter_map(move |index| {
        let word = source.word(index);
        is_import = (is_import || word == "use") && word != ";";
        let before = source.word(index.saturating_sub(1));
        let is_named = ["struct", "enum", "type", "const", "static", "trait"].contains(&before);
        let is_word = source.tokens[index].kind == Kind::Word;
        (is_word && word != "use" && (is_named || is_import)).then_some(word)
    })
}

/// How many letters have to be changed, added, taken out or swapped.
fn distance(one: &str, other: &str) -> usize {
    let (one, other): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    let mut rows = vec![(0..=other.len()).collect::<Vec<usize>>()];
    for (i, a) in one.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, b) in other.iter().enumerate() {
            let changed = rows[i][j] + usize::from(a != b);
            let mut least = changed.min(rows[i][j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *a == other[j - 1] && one[i - 1] == *b {
                least = least.min(rows[i - 1][j - 1] + 1);
            }
            row.push(least);
        }
        rows.push(row);
    }
    rows[one.len()][other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_near() {
        for (slip, meant) in [
            ("conected", "connected"),
            ("printn", "println"),
            ("Websocket", "WebSocket"),
            ("onlien", "online"),
        ] {
            assert!(are_near(slip, meant), "{slip}");
        }
        for (one, other) in [
            ("everyone", "Everyone"),
            ("me", "x"),
            ("page", "name"),
            ("connected", "received"),
        ] {
            assert!(!are_near(one, other), "{one}");
        }
    }

    #[test]
    fn a_known_name_has_a_path() {
        assert_eq!(known("StatusCode"), Some("warp::http::StatusCode"));
        assert_eq!(known("Nothing"), None);
    }
}
