//! A value of another type than the one that is wanted, where no other family of causes knows more of the two.

use super::{Case, Cause, Look, a, brief, code};
use crate::message::Span;
use crate::types::{is_filter, short, tuple};
use crate::{kinds, prose};

pub(super) const LOOKS: &[Look] = &[
    main_promises_nothing,
    without_a_size,
    serves_a_result,
    return_type_missing,
    address_of_a_text,
    not_an_iterator,
    pattern_differs,
    type_differs,
];

/// `str` and `[u64]` where a value has to have a size.
fn without_a_size(case: &Case) -> Option<Cause> {
    let [of] = prose::UNSIZED.of(&case.error.text)?;
    let (own, lent) = match of {
        "str" => ("String".to_owned(), "&str".to_owned()),
        of if of.starts_with('[') => {
            let inside = of.trim_matches(['[', ']']);
            (format!("Vec<{inside}>"), format!("&[{inside}]"))
        }
        _ => return None,
    };
    let (span, _) = case.primary()?;
    Some(Cause::new(
        &kinds::TYPE_DIFFERS,
        format!(
            "A `{of}` may be of any length, so it is no type for a value of its own, as in line {}.",
            span.start.0
        ),
        format!("Write {own} for one that is kept, or {lent} for one that is lent."),
    ))
}

/// `main` that ends with an exit code and promises none.
fn main_promises_nothing(case: &Case) -> Option<Cause> {
    let [_, "()", of] = prose::RESOLVES.of(&case.error.text)? else {
        return None;
    };
    let main = case.source.function_named("main")?;
    (!main.head.contains("->")).then(|| {
        Cause::new(
            &kinds::RETURN_TYPE_MISSING,
            format!(
                "`main` in line {} ends with {}, and promises nothing.",
                main.line,
                a(of)
            ),
            format!("Write what it returns before its brace: -> {}", short(of)),
        )
    })
}

/// `incoming` with a Result in place of the listener: the compiler notices that at `run`.
fn serves_a_result(case: &Case) -> Option<Cause> {
    let [method, _, of] = prose::BOUNDS.of(&case.error.text)?;
    let is_one = method == "run" && of.contains("Server<") && of.contains("Result<TcpListener");
    let (span, _) = case.primary().filter(|_| is_one)?;
    Some(Cause::new(
        &kinds::TYPE_DIFFERS,
        format!(
            "The server in line {} is given a Result, and not the listener in it.",
            span.start.0
        ),
        "Take the listener out first, by a pattern: Ok(listener) =>",
    ))
}

/// A function that ends with a value and promises none.
fn return_type_missing(case: &Case) -> Option<Cause> {
    let is_unit = |of: &str| of == "()";
    let is_called = || case.expected().is_some_and(|(_, found)| is_unit(found));
    let is_echo = case.bound().is_some_and(|(of, _)| is_unit(of)) || is_called();
    if !is_echo && !case.error.is("E0308") {
        return None;
    }
    let other = |error| Case { error, ..*case };
    let errors = case.all.iter().filter(|it| it.is("E0308")).map(other);
    let (span, found) = errors
        .filter(|it| is_echo || std::ptr::eq(it.error, case.error))
        .find_map(|it| {
            let (expected, found) = it.expected()?;
            is_unit(expected).then_some((it.error.primary()?, found))
        })?;
    let function = case.function_at(span)?;
    let rest = case.source.between((span.bytes.1, function.body.1));
    if function.head.contains("->") || function.name == "main" || rest.trim() != "}" {
        return None;
    }
    let (name, line) = (function.name, function.line);
    let promised = match is_filter(found) {
        true => "BoxedFilter<(impl Reply,)>".to_owned(),
        false => short(found),
    };
    let boxed = match is_filter(found) {
        true => ", and .boxed() behind its last line",
        false => "",
    };
    Some(
        Cause::new(
            &kinds::RETURN_TYPE_MISSING,
            format!("`{name}` in line {line} ends with a value, and promises none: without -> a function returns nothing, ()."),
            format!("Write what it returns before its brace: -> {promised}{boxed}."),
        )
        .marks([Span {
            label: Some(format!("is {}", a(found))),
            ..span.clone()
        }]),
    )
}

/// An address whose port is a text.
fn address_of_a_text(case: &Case) -> Option<Cause> {
    let (of, _) = case
        .bound()
        .filter(|(_, wanted)| wanted.ends_with("ToSocketAddrs"))?;
    let (span, text) = case.primary()?;
    let line = span.start.0;
    let names: Vec<&str> = text
        .trim_matches(['(', ')'])
        .split(',')
        .map(str::trim)
        .collect();
    let next = match names[..] {
        [host, port] => match host.starts_with('"') {
            true => format!(
                "Make one text of both: format!(\"{}:{{{port}}}\")",
                host.trim_matches('"')
            ),
            false => format!("Make one text of both: format!(\"{{{host}}}:{{{port}}}\")"),
        },
        _ => "Give it one text with both: format!(\"{host}:{port}\")".to_owned(),
    };
    let what = match tuple(of).as_deref() {
        Some([_, port]) => format!("its port is {}, and not a number", a(port)),
        _ => format!("it is {}", a(of)),
    };
    Some(Cause::new(
        &kinds::TYPE_DIFFERS,
        format!("{} in line {line} is not an address: {what}.", code(text)),
        next,
    ))
}

/// `for` over something that is none of the things that it goes through.
fn not_an_iterator(case: &Case) -> Option<Cause> {
    let [of] = prose::NO_ITERATOR
        .of(&case.error.text)
        .filter(|_| case.error.is("E0277"))?;
    let (span, text) = case.primary()?;
    let of = short(of);
    let name = brief(text.trim_start_matches('&').trim_start_matches("mut "));
    let is = |parts: &[&str]| parts.iter().any(|part| of.contains(part));
    let next = match () {
        () if is(&["WebSocket", "SplitStream"]) => {
            format!(
                "Wait for what comes: while let Some(Ok(message)) = {name}.next().await {{ … }}"
            )
        }
        () if is(&["Receiver"]) => {
            format!("Wait for what comes, with recv: while let … = {name}.recv().await")
        }
        () if is(&["Value"]) => {
            format!("Take the list in it: for item in {name}.as_array().into_iter().flatten()")
        }
        () if is(&["whole number", "usize", "u32", "i32"]) => {
            format!("Write the numbers from 0 up to it: 0..{name}")
        }
        () if is(&["String", "str"]) => format!("Go through its letters: {name}.chars()"),
        () => format!(
            "See in the documentation of `{of}` which method goes through it: iter(), perhaps."
        ),
    };
    Some(Cause::new(
        &kinds::NOT_AN_ITERATOR,
        format!(
            "The loop in line {} goes through {}, {}, and a for loop cannot.",
            span.start.0,
            code(text),
            a(&of)
        ),
        next,
    ))
}

/// A pattern of another type than what is matched.
fn pattern_differs(case: &Case) -> Option<Cause> {
    let (matched, found) = differing(case)?;
    let (_, [_]) = case.error.label(&prose::HAS_TYPE)?;
    let (span, text) = case.primary()?;
    let found = match found.strip_prefix("one with ") {
        Some(parts) => &format!("a tuple with {parts}"),
        None => found,
    };
    let better = case.error.suggestions().find_map(|parts| match parts[..] {
        [(before, start), (after, end)]
            if before.start.0 == span.start.0 && after.start.0 == span.start.0 =>
        {
            Some(format!(
                "Write {start}{text}{end} in its place: what is inside comes next."
            ))
        }
        _ => None,
    });
    Some(Cause::new(
        &kinds::TYPE_DIFFERS,
        format!(
            "The pattern {} in line {} is for {}, but the value is {}.",
            code(text),
            span.start.0,
            a(found),
            a(matched)
        ),
        better
            .or_else(|| list_or_pair(matched, found, text))
            .unwrap_or_else(|| format!("Write a pattern for {}.", a(matched))),
    ))
}

/// The pattern for a list or for several values, where there is one for a part of it.
fn list_or_pair(matched: &str, found: &str, text: &str) -> Option<String> {
    if let Some(part) = matched
        .strip_prefix('[')
        .and_then(|it| it.strip_suffix(']'))
        && short(part) == short(found)
    {
        return Some(format!(
            "It is a list. Write the pattern of a list around it: [{text}, ..]"
        ));
    }
    match (matched.split('<').next()?, found.split('<').next()?) {
        ("Result", "Option") => {
            return Some("A Result is Ok(…) or Err(…): write one of these.".to_owned());
        }
        ("Option", "Result") => {
            return Some("An Option is Some(…) or None: write one of these.".to_owned());
        }
        _ => {}
    }
    let parts = matched.strip_prefix('(')?.strip_suffix(')')?;
    let first = parts.split(',').next()?;
    (short(first) == short(found)).then(|| {
        let rest = ", _".repeat(parts.split(", ").count() - 1);
        format!(
            "Write a pattern for all of its values, _ for those that do not matter: ({text}{rest})"
        )
    })
}

/// What was wanted and what is there, where both can be said.
fn differing<'a>(case: &Case<'a>) -> Option<(&'a str, &'a str)> {
    let (expected, found) = case.expected().filter(|_| case.error.is("E0308"))?;
    let can_be_said = |of: &str| short(of).chars().count() <= 60 && !of.contains("opaque");
    // Two types of one name are of two crates, and more than names is needed to tell them.
    let is_said = short(expected) != short(found) && can_be_said(expected) && can_be_said(found);
    is_said.then_some((expected, found))
}

/// A value of one type where another is wanted.
fn type_differs(case: &Case) -> Option<Cause> {
    let (expected, found) = differing(case)?;
    let (span, text) = case.primary()?;
    if span.start.0 != span.end.0 {
        return None;
    }
    let (wanted, is) = (short(expected), short(found));
    if wanted.starts_with("Result<") && case.source.argument_of(span.bytes.0) == Some("or") {
        return Some(Cause::new(
            &kinds::TYPE_DIFFERS,
            format!(
                "`or` in line {} wants another Result, and {} is {}.",
                span.start.0,
                code(text),
                a(found)
            ),
            format!(
                "Let another method give the value itself: .unwrap_or_else(|_| {}.into())",
                brief(text)
            ),
        ));
    }
    let next = becomes(&wanted, &is, &brief(text)).unwrap_or_else(|| {
        format!(
            "Give {} there, or let what takes it take {}.",
            a(expected),
            a(found)
        )
    });
    Some(Cause::new(
        &kinds::TYPE_DIFFERS,
        format!(
            "{} in line {} is {}, and {} is wanted.",
            code(text),
            span.start.0,
            a(found),
            a(expected)
        ),
        next,
    ))
}

/// How a value of one type becomes one of another, for the pairs that a server meets.
fn becomes(wanted: &str, is: &str, text: &str) -> Option<String> {
    let is_text = |of: &str| {
        of.trim_start_matches('&').trim_start_matches("'static ") == "str" || of == "String"
    };
    let holds = |outer: &str, inner: &str| {
        let inside = outer.split_once('<').map(|(_, inside)| inside);
        inside.is_some_and(|inside| inside.starts_with(inner))
    };
    let is_perhaps = |of: &str| of.starts_with("Result<") || of.starts_with("Option<");
    let is_number = |of: &str| {
        of.len() <= 5
            && of.starts_with(['u', 'i', 'f'])
            && of.ends_with(|it: char| it.is_ascii_digit() || it == 'e')
    };
    Some(match (wanted, is) {
        ("Message", of) if is_text(of) => format!("Make a message of it: Message::text({text})"),
        ("Path", "PathBuf") => {
            "A PathBuf is a path of one's own. Write that type, or leave the type out.".into()
        }
        (wanted, "a number") if is_number(wanted) && text.ends_with(".0") => {
            format!(
                "Write it without its point: {}",
                text.trim_end_matches(".0")
            )
        }
        (wanted, of) if wanted == "fn pointer" && !of.contains("closure") => {
            format!("It takes a function that makes the value. Write two bars before it: || {text}")
        }
        (wanted, of)
            if is_number(wanted)
                && is_text(of)
                && text.trim_matches('"').chars().all(|it| it.is_ascii_digit()) =>
        {
            format!(
                "Write the number without quotes: {}",
                text.trim_matches('"')
            )
        }
        ("Bytes", "String") => format!("Make bytes of it: {text}.into()"),
        (wanted, of) if of.starts_with("LazyLock<") && holds(of, wanted) => {
            format!("Write that it is made at the first use, behind the colon: LazyLock<{wanted}>")
        }
        ("Duration", "a whole number") => {
            format!("Say how long it is: Duration::from_secs({text}), or from_millis.")
        }
        (wanted, of) if wanted.starts_with("&mut ") && of.starts_with("MutexGuard<") => {
            format!("Lend what is behind the lock: &mut *{text}")
        }
        (wanted, _) if wanted.starts_with("Vec<") && text == "[]" => {
            "Make an empty Vec: Vec::new()".into()
        }
        (wanted, of)
            if wanted.starts_with("Vec<") && of.starts_with('[') && text.starts_with('[') =>
        {
            format!("Make a Vec of them: vec!{text}")
        }
        (wanted, of)
            if wanted.starts_with("Vec<") && of.trim_start_matches('&').starts_with('[') =>
        {
            format!("Copy them into a Vec: {text}.to_vec()")
        }
        ("StatusCode", "a whole number") => {
            "Write its name: StatusCode::NOT_FOUND is 404, StatusCode::OK is 200.".into()
        }
        (wanted, is) if wanted.starts_with("Arc<") && holds(wanted, is.split('<').next()?) => {
            format!("Put it into an Arc, so that many can have it: Arc::new({text})")
        }
        ("&str", "&[u8]") if !text.contains('(') => {
            format!(
                "{text} holds bytes: serde_json::from_slice reads JSON from bytes, std::str::from_utf8 makes a text of them."
            )
        }
        (wanted, of) if is_number(wanted) && is_text(of) => {
            format!(
                "Read the number in it: {text}.parse() gives a Result, with the number if there is one."
            )
        }
        (wanted, of) if is_number(wanted) && is_number(of) => {
            format!("Change its type: {text} as {wanted}")
        }
        (wanted, of)
            if text.starts_with('&')
                && of.starts_with("&Result<")
                && holds(of, wanted.trim_start_matches('&')) =>
        {
            let name = text.trim_start_matches('&');
            format!(
                "{name} is still a Result, and may be an error. Take the value out in the pattern that gives it: Ok({name})"
            )
        }
        (wanted, of) if is_perhaps(of) && !is_perhaps(wanted) => {
            format!(
                "Take the value out of the {} first: match on it, or write .unwrap_or(…) behind it.",
                of.split('<').next()?
            )
        }
        (wanted, of) if wanted.starts_with("Option<") && of.starts_with("Result<") => {
            "An Option is Some(…) or None, and no Result: write one of these.".into()
        }
        (wanted, of) if wanted.starts_with("Option<") && !is_perhaps(of) => {
            format!("Put it into an Option: Some({text})")
        }
        (wanted, of) if wanted.starts_with("Result<") && !is_perhaps(of) && of != "()" => {
            format!("Put it into a Result: Ok({text})")
        }
        (wanted, "()") if wanted.starts_with("Result<") => {
            format!("{text} gives no Result: take the type out, and what is done with the Result.")
        }
        _ => return None,
    })
}
