//! Quotes, comments, attributes, and the place of `.await`.

use super::{Case, Cause, Look, Stuck, code};
use crate::{kinds, prose};

/// Looked for first: a sign that is split explains all that the compiler expects there.
pub(in super::super) const SPLIT: &[Look] = &[split];

pub(in super::super) const LOOKS: &[Look] = &[
    other_quotes,
    letter_before_a_text,
    attribute_of_a_file,
    attribute_without_hash,
    attribute,
    attribute_brackets,
    attribute_name,
    unit,
    quote_of_a_lifetime,
    comment,
    open_comment,
    await_form,
    three_dots,
];

/// `f"{name}"`.
fn letter_before_a_text(case: &Case) -> Option<Cause> {
    let [letter] = prose::UNKNOWN_PREFIX.of(&case.error.text)?;
    let (span, _) = case.primary()?;
    Some(Cause::new(
        &kinds::OTHER_QUOTES,
        format!(
            "In line {}, `{letter}` stands directly before a text, as in other languages.",
            span.start.0
        ),
        "Make a text with values in it with format!: format!(\"{name}\")",
    ))
}

/// `4kb`, `20ms`.
fn unit(case: &Case) -> Option<Cause> {
    let [suffix, _] = prose::NUMBER_SUFFIX.of(&case.error.text)?;
    let (span, text) = case.primary()?;
    let number = text.trim_end_matches(suffix);
    let next = match suffix {
        "s" | "ms" | "sec" | "secs" => {
            format!("Say it with a type: Duration::from_secs({number}), or from_millis.")
        }
        "k" | "kb" | "kB" | "K" | "KB" => format!("Write the number in full: {number} * 1024"),
        _ => format!("Take it out: {number}"),
    };
    Some(Cause::new(
        &kinds::NUMBER_FORM,
        format!(
            "The number {} in line {} has `{suffix}` behind it.",
            code(text),
            span.start.0
        ),
        next,
    ))
}

/// `&static str`.
fn quote_of_a_lifetime(case: &Case) -> Option<Cause> {
    let stuck = Stuck::of(case)?;
    let is_one = stuck.word(0) == "static" && stuck.word(-1) == "&";
    is_one.then(|| {
        Cause::new(
            &kinds::ENDS_TOO_SOON,
            format!(
                "In line {}, no single quote stands before `static`.",
                stuck.line()
            ),
            format!("Write it: &'static {}", stuck.word(1)),
        )
    })
}

/// `#[derive[Clone]]`.
fn attribute_brackets(case: &Case) -> Option<Cause> {
    if !prose::ATTRIBUTE_BRACKETS.is_in(&case.error.text) {
        return None;
    }
    let (span, inside) = case.primary()?;
    let inside = inside.trim_matches(['[', ']', '{', '}']);
    Some(Cause::new(
        &kinds::ATTRIBUTE,
        format!(
            "The inner brackets of the attribute in line {} are not round.",
            span.start.0
        ),
        format!("Write round ones: ({inside})"),
    ))
}

/// `#[Derive(Clone)]`, `#[derive(clone)]`.
fn attribute_name(case: &Case) -> Option<Cause> {
    let is_one = prose::NO_ATTRIBUTE.of(&case.error.text).is_some()
        || prose::NO_DERIVE.of(&case.error.text).is_some();
    let (span, name) = case.primary().filter(|_| is_one)?;
    let proposed = case.error.suggestions().find_map(|parts| match parts[..] {
        [(place, text)] => {
            let from = place.bytes.0.checked_sub(span.bytes.0)?;
            let to = place.bytes.1.checked_sub(span.bytes.0)?;
            Some(format!("{}{text}{}", name.get(..from)?, name.get(to..)?))
        }
        _ => None,
    })?;
    Some(Cause::new(
        &kinds::MISSPELT_NAME,
        format!("There is no `{name}`; there is `{proposed}`."),
        format!("Write {proposed} in line {}.", span.start.0),
    ))
}

/// Quotes of a word processor, and backticks.
fn other_quotes(case: &Case) -> Option<Cause> {
    let [_] = prose::UNKNOWN_SIGN.of(&case.error.text)?;
    let (span, _) = case.primary()?;
    let sign = case.source.text.get(span.bytes.0..)?.chars().next()?;
    let what = match sign {
        '`' => "backticks",
        '\u{2018}'..='\u{201f}' | '«' | '»' => "quotes of a word processor",
        _ => return None,
    };
    Some(Cause::new(
        &kinds::OTHER_QUOTES,
        format!(
            "Line {} has {what}, which Rust does not know.",
            span.start.0
        ),
        match case.source.line(span.start.0).contains("${") {
            true => {
                "Make a text with values in it with format!, and straight quotes: format!(\"{name}\")"
            }
            false => "Type the quotes again, the straight ones: \"hello\"",
        },
    ))
}

/// `#![tokio::main]`.
fn attribute_of_a_file(case: &Case) -> Option<Cause> {
    let stuck = Stuck::of(case)?;
    prose::INNER_ATTRIBUTE.is_in(&case.error.text).then(|| {
        Cause::new(
            &kinds::ATTRIBUTE,
            format!("Line {} has #!, which is for a whole file.", stuck.line()),
            "Take the ! out: the attribute is for the function below.",
        )
    })
}

/// `[tokio::main]`.
fn attribute_without_hash(case: &Case) -> Option<Cause> {
    let stuck = Stuck::of(case)?;
    let is_known = ["tokio", "derive"].contains(&stuck.word(1));
    (stuck.word(0) == "[" && is_known && stuck.word(-1) != "#").then(|| {
        Cause::new(
            &kinds::ATTRIBUTE,
            format!(
                "No # stands before the square bracket in line {}.",
                stuck.line()
            ),
            format!("Write it: #[{}", stuck.word(1)),
        )
    })
}

/// `#tokio::main`, `@tokio::main`, `#(tokio::main)`.
fn attribute(case: &Case) -> Option<Cause> {
    let stuck = Stuck::of(case)?;
    let sign = [-1, 0]
        .into_iter()
        .find(|it| stuck.word(*it) == "@" || stuck.word(*it) == "#" && stuck.word(it + 1) != "[")?;
    let name = match stuck.word(sign + 1) {
        "(" | "{" => stuck.word(sign + 2),
        name => name,
    };
    let known = ["tokio", "derive", "cfg", "test", "allow", "expect", "main"];
    if !known.contains(&name) {
        return None;
    }
    let rest = case.source.line(stuck.line_of(sign)).trim();
    let rest = rest.trim_start_matches(['@', '#', '(', '{']);
    let rest = match stuck.word(sign + 1) {
        "(" | "{" => rest.trim_end_matches([')', '}']),
        _ => rest,
    };
    Some(Cause::new(
        &kinds::ATTRIBUTE,
        format!(
            "Line {} has {} before `{name}`, and no square brackets.",
            stuck.line_of(sign),
            stuck.word(sign)
        ),
        format!("Write it as #[{rest}]"),
    ))
}

/// `# a comment`.
fn comment(case: &Case) -> Option<Cause> {
    let stuck = Stuck::of(case)?;
    let line = case.source.line(stuck.line()).trim();
    let is_one = stuck.word(-1) == "#" && line.starts_with('#');
    is_one.then(|| {
        Cause::new(
            &kinds::COMMENT,
            format!(
                "Line {} begins with #, which begins no comment in Rust.",
                stuck.line()
            ),
            format!(
                "Write // before it: // {}",
                super::brief(line.trim_start_matches('#'))
            ),
        )
    })
}

/// `/*` that is never closed.
fn open_comment(case: &Case) -> Option<Cause> {
    if !case.error.is("E0758") {
        return None;
    }
    let (span, _) = case.primary()?;
    Some(Cause::new(
        &kinds::COMMENT,
        format!(
            "The comment that begins in line {} with /* goes on to the end of the file.",
            span.start.0
        ),
        "Write */ where it ends; or begin each of its lines with // instead.",
    ))
}

/// `await socket.next()`, `socket.next().await()`.
fn await_form(case: &Case) -> Option<Cause> {
    if let Some(stuck) = Stuck::of(case)
        && stuck.word(0) == "!"
        && stuck.word(-1) == "await"
    {
        return Some(Cause::new(
            &kinds::AWAIT_FORM,
            format!(
                "In line {}, a ! stands behind `.await`. It is not a macro.",
                stuck.line()
            ),
            "Take it out: .await alone, or .await? for a Result.",
        ));
    }
    if !prose::AWAIT_FORM.is_in(&case.error.text) {
        return None;
    }
    let (span, text) = case.primary()?;
    let line = span.start.0;
    let (cause, next) = match text.starts_with("await") {
        true => {
            let waited = text.trim_start_matches("await").trim();
            // The macro of long ago: await!(…).
            let in_macro = waited
                .strip_prefix("!(")
                .and_then(|it| it.strip_suffix(')'));
            let waited = in_macro.unwrap_or(waited);
            let (waited, sign) = match waited.strip_suffix('?') {
                Some(waited) => (waited, ".await?"),
                None => (waited, ".await"),
            };
            (
                format!("In line {line}, `await` stands before what it waits for."),
                super::super::behind(waited, sign, line),
            )
        }
        false => (
            format!("In line {line}, brackets stand behind `.await`. It is no method."),
            "Take them out: .await alone.".to_owned(),
        ),
    };
    Some(Cause::new(&kinds::AWAIT_FORM, cause, next))
}

/// `[first, ...]` as a pattern.
fn three_dots(case: &Case) -> Option<Cause> {
    let stuck = Stuck::of(case)?;
    let before = stuck.word(-1);
    let is_range = before.ends_with(|it: char| it.is_alphanumeric());
    stuck.is(0, "...").then(|| {
        Cause::new(
            &kinds::MATCH_ARM,
            format!(
                "In line {}, three dots stand where Rust has two.",
                stuck.line()
            ),
            match is_range {
                true => format!(
                    "Write two dots for the numbers from one to another: {before}..{}",
                    stuck.word(3)
                ),
                false => "Write two dots for the rest: ..".to_owned(),
            },
        )
    })
}

/// `= >`, `: :`, `- >`.
fn split(case: &Case) -> Option<Cause> {
    let stuck = Stuck::of(case)?;
    let is_one = |offset: &isize| {
        let sign = format!("{}{}", stuck.word(*offset), stuck.word(offset + 1));
        let known = ["=>", "->", "::", "==", "!=", "+=", "-=", "<="];
        known.contains(&sign.as_str()) && !stuck.is(*offset, &sign)
    };
    let offset = [-1, 0].into_iter().find(is_one)?;
    let sign = format!("{}{}", stuck.word(offset), stuck.word(offset + 1));
    Some(Cause::new(
        &kinds::SPLIT_SIGN,
        format!(
            "In line {}, a blank stands between the two letters of {sign}.",
            stuck.line_of(offset)
        ),
        format!("Take the blank out: {sign}"),
    ))
}
