//! Types: values without a lock, references, matches that leave something out, functions without their value.

use super::asyncs::{a, expression_before};
use super::{Case, Cause, Look, brief, code, count, list};
use crate::compiler::kinds;
use crate::compiler::message::Span;
use crate::compiler::prose;
use crate::compiler::types::short;

pub(super) const LOOKS: &[Look] = &[
    mutex_not_locked,
    value_dropped,
    if_without_else,
    value_missing,
    match_leaves_out,
    question_mark,
    compared_reference,
    reference_missing,
    argument_count,
    no_text_form,
    type_unknown,
    unknown_method,
];

/// A type of which a Mutex is the outside, in whatever handles.
fn is_mutex(of: &str) -> bool {
    let mut of = short(of);
    loop {
        let inner = of
            .trim_start_matches('&')
            .trim_start_matches("mut ")
            .to_owned();
        match inner.strip_prefix("Arc<").or(inner.strip_prefix("Rc<")) {
            Some(rest) => of = rest.to_owned(),
            None => return inner.starts_with("Mutex<") || inner.starts_with("RwLock<"),
        }
    }
}

/// What is in a Mutex, used without `lock`, or with a `lock` that is not unwrapped.
fn mutex_not_locked(case: &Case) -> Option<Cause> {
    let error = case.error;
    let (span, text) = case.primary()?;
    let of = match error.code.as_deref()? {
        "E0368" => prose::NO_ASSIGNING.of(&error.text)?[1],
        "E0369" => prose::NO_OPERATION.of(&error.text)?[1],
        "E0599" => {
            let [method, _, of] = prose::NO_METHOD.of(&error.text)?;
            if method == "clone" {
                return None;
            }
            error.label_type().unwrap_or(of)
        }
        "E0614" => prose::NO_DEREF.of(&error.text)?[0],
        "E0308" => {
            let (expected, found) = case.expected()?;
            let both = is_mutex(expected) && is_mutex(found);
            [found, expected]
                .into_iter()
                .find(|it| is_mutex(it))
                .filter(|_| !both)?
        }
        "E0277" => match (
            prose::NO_FORMAT.of(&error.text),
            prose::NO_COMPARING.of(&error.text),
            case.bound(),
        ) {
            (Some([of, _]), ..) | (_, Some([of, _]), _) => of,
            (.., Some((of, wanted)))
                if wanted.ends_with("Serialize")
                    || wanted.contains("Iterator")
                    || wanted.contains("From<") =>
            {
                of
            }
            _ => return None,
        },
        "E0608" | "E0609" | "E0610" | "E0600" => error.text.split('`').rev().nth(1)?,
        _ => return None,
    };
    let line = span.start.0;
    let guarded =
        short(of).starts_with("Result<MutexGuard<") || short(of).starts_with("LockResult<");
    if guarded {
        return Some(Cause::new(
            &kinds::MUTEX_NOT_LOCKED,
            format!("`lock` in line {line} gives a Result, and the value is inside of that."),
            "Write .unwrap() behind lock().",
        ));
    }
    if !is_mutex(of) {
        return None;
    }
    let name = named(case, span, text);
    let plain = name.trim_start_matches(['*', '&']);
    let lock = if short(of).contains("RwLock<") {
        "write"
    } else {
        "lock"
    };
    let is_changed = error.is("E0368") || error.is("E0369");
    Some(Cause::new(
        &kinds::MUTEX_NOT_LOCKED,
        format!(
            "{} in line {line} is {}: the value is behind the lock.",
            code(plain),
            a(of)
        ),
        match is_changed || error.is("E0277") || error.is("E0308") {
            true => format!("Lock it first: *{plain}.{lock}().unwrap() is the value."),
            false => format!("Lock it first: {plain}.{lock}().unwrap() gives what is inside."),
        },
    ))
}

/// The variable that an error is about: what a method is called on, or what stands left of an operator.
fn named(case: &Case, span: &Span, text: &str) -> String {
    if case.error.is("E0599") || case.error.is("E0609") {
        let dot = case
            .source
            .between((0, span.bytes.0))
            .trim_end()
            .len()
            .saturating_sub(1);
        let start = expression_before(case, dot).unwrap_or(dot);
        return case.source.between((start, dot)).to_owned();
    }
    // Inside of a macro, the variable that a suggestion stands before.
    if span.is_in_macro {
        let mut places = case.error.suggestions().flatten().map(|it| it.0.bytes.1);
        if let Some(at) = places.next() {
            return case.source.word(case.source.token(at)).to_owned();
        }
        let inside = case.source.token(span.bytes.0)..case.source.token(span.bytes.1);
        let mut words = inside.rev().map(|it| case.source.word(it));
        let last = words.find(|it| it.starts_with(|letter: char| letter.is_alphabetic()));
        return last.unwrap_or(text).to_owned();
    }
    // An operator has its two sides beside it.
    let mut spans = case.error.spans.iter();
    let before = spans.find(|it| !it.is_primary && it.bytes.1 <= span.bytes.0);
    if let Some(left) = before.filter(|_| case.error.is("E0369")) {
        return case.at(left).to_owned();
    }
    let left = case
        .error
        .spans
        .iter()
        .find(|it| !it.is_primary && it.bytes.0 == span.bytes.0);
    left.map_or(text, |it| case.at(it)).to_owned()
}

/// A semicolon behind the value of a function.
fn value_dropped(case: &Case) -> Option<Cause> {
    let semicolon = case.error.suggestions().find_map(|parts| match parts[..] {
        [(span, "")] if case.at(span) == ";" => Some(span),
        _ => None,
    })?;
    if !case.error.is("E0308") && !case.error.is("E0277") {
        return None;
    }
    let line = semicolon.start.0;
    let function = case
        .function_at(semicolon)
        .map_or("The block".into(), |it| format!("`{}`", it.name));
    let mark = Span {
        label: Some("throws the value away".into()),
        is_primary: true,
        replacement: None,
        ..semicolon.clone()
    };
    Some(
        Cause::new(
            &kinds::VALUE_DROPPED,
            format!("{function} promises a value, and the semicolon at the end of line {line} throws it away."),
            format!("Take the semicolon at the end of line {line} out."),
        )
        .marks([mark]),
    )
}

/// A function that promises a value and ends without one.
fn value_missing(case: &Case) -> Option<Cause> {
    if !case.error.is("E0308") {
        return None;
    }
    let (expected, found) = case.expected()?;
    // A loop as the last of a function has no value.
    let (_, text) = case.primary()?;
    let is_loop = ["for ", "while ", "loop "]
        .iter()
        .any(|it| text.starts_with(it));
    let mut labels = case.error.labels();
    let ends = is_loop || labels.any(|(_, label)| prose::IMPLICIT_UNIT.is_in(label));
    if found != "()" || !ends {
        return None;
    }
    let function = case.function_at(case.error.primary()?)?;
    let end = case.source.line_of(function.body.1.saturating_sub(1));
    Some(Cause::new(
        &kinds::VALUE_MISSING,
        format!(
            "`{}` in line {} promises {}, and reaches its end in line {end} without a value.",
            function.name,
            function.line,
            a(expected)
        ),
        format!("Write the value as its last line, before line {end}, without a semicolon."),
    ))
}

/// An `if` without `else` where a value is wanted.
fn if_without_else(case: &Case) -> Option<Cause> {
    if !case.error.is("E0317") {
        return None;
    }
    let span = case.error.primary()?;
    Some(Cause::new(
        &kinds::IF_WITHOUT_ELSE,
        format!(
            "The value of the if in line {} is used, and where its condition is false there is none.",
            span.start.0
        ),
        format!(
            "Add an else that gives a value as well, behind line {}.",
            span.end.0
        ),
    ))
}

/// A match that leaves cases out, or a `let` that fits only some.
fn match_leaves_out(case: &Case) -> Option<Cause> {
    let is_let = case.error.is("E0005");
    if !case.error.is("E0004") && !is_let {
        return None;
    }
    let (span, [left]) = case.error.label(&prose::NOT_COVERED)?;
    let cases: Vec<String> = left
        .split('`')
        .skip(1)
        .step_by(2)
        .map(|it| format!("`{}`", short(it)))
        .collect();
    let line = span.start.0;
    let next = match is_let {
        true => {
            format!("Write else {{ return }} before the semicolon of line {line}; or match on it.")
        }
        false => match cases.as_slice() {
            [one]
                if one.contains('&')
                    || one.contains("_,")
                    || one.contains(", _")
                    || one == "`&_`" =>
            {
                "Add a last arm that takes all the rest: _ => …".into()
            }
            [_] | [_, _] => format!(
                "Add an arm for {}; or a last one for all the rest: _ => …",
                list(&cases)
            ),
            _ => "Add a last arm that takes all the rest: _ => …".into(),
        },
    };
    let what = if is_let { "let" } else { "match" };
    Some(Cause::new(
        &kinds::MATCH_LEAVES_OUT,
        format!(
            "The {what} in line {line} says nothing of {}.",
            list(&cases)
        ),
        next,
    ))
}

/// `?` in a function that returns no Result.
fn question_mark(case: &Case) -> Option<Cause> {
    let forms = [prose::QUESTION, prose::NO_TRY];
    if !case.error.is("E0277") || !forms.iter().any(|form| form.is_in(&case.error.text)) {
        return None;
    }
    let (span, text) = case.primary()?;
    let line = span.start.0;
    let function = case.function_at(span)?;
    let returns = function.head.rsplit_once("->").map(|it| it.1.trim());
    if prose::NO_TRY.is_in(&case.error.text) {
        return Some(Cause::new(
            &kinds::QUESTION_MARK,
            format!(
                "What stands before the ? in line {line}, {}, is neither a Result nor an Option.",
                code(text)
            ),
            format!("Take the ? in line {line} out."),
        ));
    }
    let mixed = returns.filter(|it| it.starts_with("Option") || it.contains("Result"));
    let (cause, next) = match mixed {
        Some(returns) if returns.starts_with("Option") => (
            format!(
                "`{}` returns an Option, and what stands before the ? in line {line} is a Result.",
                function.name
            ),
            "Make an Option of it before the ?: .ok()?".to_owned(),
        ),
        Some(_) => (
            format!(
                "The ? in line {line} would return from a closure or a function that returns no Result."
            ),
            "Match on it there; or let that function return a Result.".into(),
        ),
        None => (
            format!(
                "The ? in line {line} would return an error from `{}`, which returns {}.",
                function.name,
                returns.map_or("nothing".into(), |it| format!("{}, no Result", code(it)))
            ),
            "Look at the error where it is: match, if let Err(error), or let … else { return }."
                .into(),
        ),
    };
    Some(Cause::new(&kinds::QUESTION_MARK, cause, next))
}

/// A value that is compared with a reference.
fn compared_reference(case: &Case) -> Option<Cause> {
    let error = case.error;
    let (span, text) = case.primary()?;
    let line = span.start.0;
    let pair = match error.code.as_deref() {
        Some("E0277") => prose::NO_COMPARING
            .of(&error.text)
            .map(|[one, other]| (one, other)),
        Some("E0308") => {
            let head = case.source.line(line);
            let before: String = head.chars().take(span.start.1 - 1).collect();
            let is_compared = ["== ", "!= ", "== Some(", "!= Some(", "== Ok(", "<= ", ">= "]
                .iter()
                .any(|it| before.ends_with(it));
            case.expected().filter(|_| is_compared)
        }
        _ => None,
    };
    let (one, other) = pair?;
    let stars = |of: &str| {
        let of = short(of);
        of.len() - of.trim_start_matches('&').len()
    };
    let bare = |of: &str| short(of).trim_start_matches('&').to_owned();
    let is_same = bare(one) == bare(other)
        || [one, other]
            .iter()
            .all(|it| bare(it) == "String" || bare(it) == "str")
        || bare(one).contains("number")
        || bare(other).contains("number")
        || [one, other].iter().any(|it| it.contains("{integer}"));
    if stars(one) == stars(other) || !is_same {
        return None;
    }
    let shown = |of: &str| {
        format!(
            "`{}`",
            of.replace("{integer}", "number")
                .replace("a whole number", "number")
        )
    };
    let next = match error.is("E0308") && text.starts_with('&') {
        true => format!(
            "Take the & before {} out.",
            brief(text.trim_start_matches('&'))
        ),
        false if stars(one) > stars(other) => format!(
            "Read what the left side refers to, with {} before it; or put {} before the right side.",
            "*".repeat(stars(one) - stars(other)),
            "&".repeat(stars(one) - stars(other))
        ),
        false => format!(
            "Read what the right side refers to, with {} before it; or put {} before the left side.",
            "*".repeat(stars(other) - stars(one)),
            "&".repeat(stars(other) - stars(one))
        ),
    };
    Some(Cause::new(
        &kinds::COMPARED_REFERENCE,
        format!(
            "Line {line} compares {} with {}: a reference with a value.",
            shown(&short(one)),
            shown(&short(other))
        ),
        next,
    ))
}

/// A value where a reference is wanted, or the other way round.
fn reference_missing(case: &Case) -> Option<Cause> {
    if !case.error.is("E0308") {
        return None;
    }
    let (expected, found) = case.expected()?;
    let (wanted, there) = (short(expected), short(found));
    let plain = |of: &str| {
        of.trim_start_matches("&mut ")
            .trim_start_matches('&')
            .to_owned()
    };
    if plain(&wanted) != plain(&there) || wanted == there {
        return None;
    }
    let (span, text) = case.primary()?;
    let line = span.start.0;
    let next = match (wanted.starts_with("&mut "), wanted.starts_with('&')) {
        (true, _) => format!(
            "Lend it to be changed: &mut {}",
            brief(text.trim_start_matches('&'))
        ),
        (false, true) => format!("Lend it: &{}", brief(text)),
        (false, false) => match text.strip_prefix('&') {
            Some(name) => format!("Take the & out: {}", brief(name)),
            None => format!(
                "Give a clone of it, {}.clone(); or let the other side take a reference.",
                brief(text)
            ),
        },
    };
    Some(Cause::new(
        &kinds::REFERENCE_MISSING,
        format!(
            "{} in line {line} is {}, and {} is wanted.",
            code(text),
            a(&there),
            a(&wanted)
        ),
        next,
    ))
}

/// Another number of arguments than a function has parameters.
fn argument_count(case: &Case) -> Option<Cause> {
    if !case.error.is("E0061") && !case.error.is("E0057") {
        return None;
    }
    let [_, takes, given] = prose::TAKES.of(&case.error.text)?;
    let (span, name) = case.primary()?;
    let name = brief(name);
    let missing = case.error.label(&prose::ARGUMENT_MISSING);
    let number = |text: &str| {
        text.split(' ')
            .next()
            .and_then(|it| it.parse::<usize>().ok())
            .unwrap_or(0)
    };
    let line = span.start.0;
    let function = case.source.function_named(&name);
    let at = function.map_or(String::new(), |it| format!(", line {},", it.line));
    let next = match missing {
        Some((_, [which, of])) => {
            let place = match which.trim().trim_start_matches('#') {
                "" => String::new(),
                number => format!(" as argument {number}"),
            };
            let parameter = parameter_missing(case).map_or_else(|| a(of), |it| format!("`{it}`"));
            format!("Give it {parameter}{place} in line {line}.")
        }
        None if number(given) > number(takes) => format!(
            "Take out what is too many in line {line}; or give `{name}` one more parameter."
        ),
        None => format!("Give it in line {line} what is missing."),
    };
    Some(Cause::new(
        &kinds::ARGUMENT_COUNT,
        format!(
            "`{name}`{at} takes {}, and line {line} gives it {}.",
            count(number(takes), "argument"),
            number_word(number(given))
        ),
        next,
    ))
}

/// The one parameter, as the learner's function has it, that gets no argument.
fn parameter_missing(case: &Case) -> Option<String> {
    let of_function = case.error.notes.iter().find(|note| {
        note.spans
            .iter()
            .any(|it| it.is_primary && it.replacement.is_none())
    })?;
    let mut parameters = of_function.spans.iter().filter(|it| !it.is_primary);
    let only = parameters.next()?;
    parameters.next().is_none().then(|| brief(case.at(only)))
}

fn number_word(number: usize) -> String {
    match number {
        0 => "none".into(),
        1 => "one".into(),
        _ => number.to_string(),
    }
}

/// Something that `{}` cannot print.
fn no_text_form(case: &Case) -> Option<Cause> {
    let [of, wanted] = prose::NO_FORMAT
        .of(&case.error.text)
        .filter(|_| case.error.is("E0277"))?;
    let line = case.error.place()?.start.0;
    let short_of = short(of);
    let own = case.source.text.contains(&format!("struct {short_of}"))
        || case.source.text.contains(&format!("enum {short_of}"));
    let (place, next) = match (wanted.ends_with("Display"), own) {
        (true, _) if short_of == "Message" => (
            "{}",
            "Print its text: message.to_str(); or what programmers see: {:?}.".to_owned(),
        ),
        (true, false) => ("{}", "Print what programmers see of it, with {:?}.".into()),
        (true, true) => (
            "{}",
            format!(
                "Print its fields; or write #[derive(Debug)] above {short_of}, and {{:?}} here."
            ),
        ),
        (false, true) => ("{:?}", format!("Write #[derive(Debug)] above {short_of}.")),
        (false, false) => ("{:?}", "Print something of it that has a text.".into()),
    };
    Some(Cause::new(
        &kinds::NO_TEXT_FORM,
        format!(
            "Line {line} prints {} with {place}, and `{short_of}` has no such text.",
            a(of)
        ),
        next,
    ))
}

/// A type that nothing says.
fn type_unknown(case: &Case) -> Option<Cause> {
    let is_unknown = ["E0282", "E0283", "E0284"]
        .iter()
        .any(|code| case.error.is(code));
    let (span, text) = case.primary().filter(|_| is_unknown)?;
    let line = span.start.0;
    let is_variable = text.chars().all(|it| it.is_alphanumeric() || it == '_');
    let in_result = text.starts_with("Ok") || text.starts_with("Err");
    let next = match (is_variable, in_result) {
        (_, true) => format!(
            "Say the error's type: {}::<_, warp::Rejection>(…)",
            text.split('(').next().unwrap_or(text)
        ),
        (true, _) => format!("Say it behind the name: let {text}: Type = …"),
        _ => "Say it: let name: Type = …, or ::<Type> before the brackets of the call.".into(),
    };
    Some(Cause::new(
        &kinds::TYPE_UNKNOWN,
        format!(
            "Several types would do for {} in line {line}, and nothing says which one is meant.",
            code(text)
        ),
        next,
    ))
}

/// A method that a type does not have.
fn unknown_method(case: &Case) -> Option<Cause> {
    if !case.error.is("E0599") {
        return None;
    }
    let [method, _, of] = prose::NO_METHOD.of(&case.error.text)?;
    let of = case.error.label_type().unwrap_or(of);
    let line = case.error.primary()?.start.0;
    let inner = short(of);
    let inner = inner.trim_start_matches('&');
    let next = match inner {
        it if it.starts_with("Option<") => {
            "Take the value out of the Option first: match, if let Some(…), or ?".to_owned()
        }
        it if it.starts_with("Result<") => {
            "Take the value out of the Result first: match, if let Ok(…), or ?".into()
        }
        _ => format!(
            "Look up in the documentation what {} can do; or see whether line {line} has the value that you mean.",
            a(of)
        ),
    };
    Some(Cause::new(
        &kinds::UNKNOWN_METHOD,
        format!(
            "`{method}` is called in line {line}, and {} has no such method.",
            a(of)
        ),
        next,
    ))
}
