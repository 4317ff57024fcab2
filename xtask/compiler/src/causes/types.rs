//! What a type has not: so many parameters, a text form, a method; and types that nothing says.

use super::{Case, Cause, Look, a, brief, code, count};
use crate::types::short;
use crate::{kinds, prose};

pub(super) const LOOKS: &[Look] = &[
    argument_count,
    closure_parameters,
    no_hexadecimal,
    main_missing,
    no_function_of,
    of_a_list_of_values,
    main_takes_nothing,
    const_without_type,
    list_pattern,
    arguments_differ,
    no_text_form,
    type_unknown,
    unknown_method,
    trait_method_differs,
    trait_for_type,
    nothing_within,
    collects_references,
];

/// Another number of arguments than a function has parameters.
fn argument_count(case: &Case) -> Option<Cause> {
    if !case.error.is("E0061") && !case.error.is("E0057") {
        return None;
    }
    if let Some([takes, given]) = prose::VARIANT_TAKES.of(&case.error.text) {
        let (span, name) = case.primary()?;
        let name = name.split('(').next().unwrap_or(name);
        let given = given.split(' ').next().unwrap_or(given);
        return Some(Cause::new(
            &kinds::ARGUMENT_COUNT,
            format!(
                "`{name}` takes {takes}, and line {} gives it {given}.",
                span.start.0
            ),
            format!(
                "Put several values into brackets of their own, so that they are one: {name}((first, second))"
            ),
        ));
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
        None if number(given) > number(takes) && function.is_some() => format!(
            "Take the extra arguments out of line {line}; or give `{name}` one more parameter."
        ),
        None if number(given) > number(takes) => {
            format!("Take the extra arguments out of line {line}; or make one value of several.")
        }
        None => format!("Add the missing arguments in line {line}."),
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

/// A closure of another number of parameters than it is called with.
fn closure_parameters(case: &Case) -> Option<Cause> {
    if !case.error.is("E0593") {
        return None;
    }
    let [what, wanted, takes] = prose::ARITY.of(&case.error.text)?;
    let (span, _) = case.primary()?;
    let number = |text: &str| text.split(' ').next()?.parse::<usize>().ok();
    let (wanted, takes) = (number(wanted)?, number(takes)?);
    let bars = vec!["_"; wanted].join(", ");
    Some(Cause::new(
        &kinds::ARGUMENT_COUNT,
        format!(
            "The {what} in line {} takes {}, and is called with {}.",
            span.start.0,
            count(takes, "value"),
            count(wanted, "value")
        ),
        match what {
            "closure" => format!(
                "Write one name for each between its bars, _ for one that you do not need: |{bars}|"
            ),
            _ => "Give it one parameter for each.".to_owned(),
        },
    ))
}

/// `{:x}` of something else than a number.
fn no_hexadecimal(case: &Case) -> Option<Cause> {
    let (of, wanted) = case.bound()?;
    let (span, text) = case.primary()?;
    let is_one = wanted.ends_with("LowerHex") || wanted.ends_with("UpperHex");
    let next = match short(of).as_str() {
        "DefaultHasher" => format!("Print the number that it makes: {}.finish()", brief(text)),
        _ => "Print a number, or take the :x out.".to_owned(),
    };
    is_one.then(|| {
        Cause::new(
            &kinds::NO_TEXT_FORM,
            format!(
                "Line {} prints {} with {{:x}}, which is for numbers.",
                span.start.0,
                a(of)
            ),
            next,
        )
    })
}

/// A type that nothing says.
fn type_unknown(case: &Case) -> Option<Cause> {
    let is_unknown = ["E0282", "E0283", "E0284"]
        .iter()
        .any(|code| case.error.is(code));
    let (span, text) = case.primary().filter(|_| is_unknown)?;
    let line = span.start.0;
    let is_variable = text.chars().all(|it| it.is_alphanumeric() || it == '_');
    // What a function gives for a missing value: only a call of it could tell the type.
    let is_called = ["unwrap_or_else", "ok_or_else", "or_else", "map_err"].contains(&text);
    let in_result = text.starts_with("Ok") || text.starts_with("Err");
    let next = match (is_variable, in_result) {
        (_, true) => format!(
            "Say the error's type: {}::<_, warp::Rejection>(…)",
            text.split('(').next().unwrap_or(text)
        ),
        (true, _) if is_called => {
            return Some(Cause::new(
                &kinds::CALL_FOR_FUNCTION,
                format!(
                    "`{text}` in line {line} calls the function that it is given. But it is given a value."
                ),
                format!("Give it a closure, which has two bars before the value: {text}(|_| …)"),
            ));
        }
        _ if text.starts_with("mut ") => format!("Say it behind the name: let {text}: Type"),
        (true, _) => format!("Say it behind the name: let {text}: Type = …"),
        _ => "Say it: let name: Type = …, or ::<Type> before the brackets of the call.".into(),
    };
    Some(Cause::new(
        &kinds::TYPE_UNKNOWN,
        format!(
            "Several types would do for {} in line {line}, and nothing says which one you mean.",
            code(text)
        ),
        next,
    ))
}

/// A function that a type does not have.
fn no_function_of(case: &Case) -> Option<Cause> {
    let [name, _, of] = prose::NO_FUNCTION_OF.of(&case.error.text)?;
    let (span, _) = case.primary()?;
    let of = short(of);
    Some(Cause::new(
        &kinds::UNKNOWN_METHOD,
        format!(
            "`{of}` has no function `{name}`, as line {} calls it.",
            span.start.0
        ),
        format!(
            "Write it in impl {of} {{ … }}; or look up what the functions of `{of}` are called."
        ),
    ))
}

/// A program without `main`, or with one that is spelt otherwise.
fn main_missing(case: &Case) -> Option<Cause> {
    prose::NO_MAIN.of(&case.error.text)?;
    let near = case
        .source
        .functions()
        .into_iter()
        .find(|it| it.name.eq_ignore_ascii_case("main"));
    Some(match near {
        Some(near) => Cause::new(
            &kinds::MISSPELT_NAME,
            format!(
                "A program begins with `main`; this one has `{}` in line {}.",
                near.name, near.line
            ),
            format!("Write main in line {}.", near.line),
        ),
        None => Cause::new(
            &kinds::UNKNOWN_NAME,
            "A program begins with its function `main`, and this one has none.",
            "Write it: async fn main() { … }, and #[tokio::main] above it.",
        ),
    })
}

/// A filter that extracts a type, and not a list of values.
fn of_a_list_of_values(case: &Case) -> Option<Cause> {
    let (of, wanted) = case.bound()?;
    let (span, _) = case.primary()?;
    let head = case.function_at(span)?.head;
    let is_one = wanted.ends_with("Tuple") && head.contains(&format!("BoxedFilter<{of}>"));
    is_one.then(|| {
        Cause::new(
            &kinds::EXTRACTED_TYPE,
            format!("A filter extracts a list of values, and `BoxedFilter<{of}>` in line {} names one value.", span.start.0),
            format!("Write a list of one, with round brackets and a comma: BoxedFilter<({of},)>"),
        )
    })
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
        it if method.starts_with("fetch_") && !it.starts_with("Atomic") => {
            "Only an atomic has it: make the number an AtomicU64, from std::sync::atomic.".into()
        }
        it if method == "collect" && it.starts_with("Vec<") => {
            format!(
                "A Vec is collected already: take .{method}() in line {line} out, or write .into_iter() before it."
            )
        }
        it if method == "poll" && it.contains("Pin<") => {
            "Lend the pin before you poll: .as_mut().poll(…)".to_owned()
        }
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
            "`{method}` is called in line {line}, but {} has no such method.",
            a(of)
        ),
        next,
    ))
}

/// A method that a trait declares in another way.
fn trait_method_differs(case: &Case) -> Option<Cause> {
    if !case.error.is("E0053") {
        return None;
    }
    let [method] = prose::TRAIT_METHOD.of(&case.error.text)?;
    let (span, _) = case.primary()?;
    let line = span.start.0;
    let types = case.expected();
    let types = types.map(|(expected, found)| (code(&short(expected)), code(&short(found))));
    let (differs, next) = match types {
        Some((expected, found)) => (
            format!("in line {line} that is {expected}, and not {found}"),
            format!("Give it the type {expected}."),
        ),
        None => (
            format!("line {line} says something else"),
            "Look up the trait, and write the same types.".to_owned(),
        ),
    };
    let mut suggested = case.error.suggestions();
    let suggested = suggested.find_map(|parts| parts.first().map(|part| part.1));
    Some(Cause::new(
        &kinds::TRAIT_METHOD,
        format!("The trait says what `{method}` takes and returns: {differs}."),
        suggested.map_or(next, |text| format!("Write {text} there.")),
    ))
}

/// A trait where a type has to stand.
fn trait_for_type(case: &Case) -> Option<Cause> {
    if !case.error.is("E0782") {
        return None;
    }
    let (span, text) = case.primary()?;
    let (line, name) = (span.start.0, brief(text));
    Some(Cause::new(
        &kinds::TRAIT_FOR_TYPE,
        format!(
            "{} in line {line} is a trait, and a type has to stand there.",
            code(text)
        ),
        format!("Write impl before it: impl {name}"),
    ))
}

/// A type that holds others, and does not say which.
fn nothing_within(case: &Case) -> Option<Cause> {
    let [_, name] = prose::NO_GENERICS
        .of(&case.error.text)
        .filter(|_| case.error.is("E0107"))?;
    let line = case.error.primary()?.start.0;
    Some(Cause::new(
        &kinds::TYPE_UNKNOWN,
        format!("Line {line} does not say what the `{name}` holds."),
        format!("Write the type of what is in it: {name}<…>"),
    ))
}

/// A list of values made from references to them.
fn collects_references(case: &Case) -> Option<Cause> {
    let [of, item] = prose::NO_COLLECTION
        .of(&case.error.text)
        .filter(|_| case.error.is("E0277"))?;
    let (of, item) = (short(of), short(item));
    let owned = item.strip_prefix('&')?;
    if !of.contains(&format!("<{owned}>")) {
        return None;
    }
    let line = case.error.primary()?.start.0;
    Some(Cause::new(
        &kinds::TYPE_DIFFERS,
        format!("Line {line} collects references, `{item}`, and a `{of}` has values of its own."),
        "Make a value of each first: .cloned().collect()",
    ))
}

/// Several arguments of other types than the function takes.
fn arguments_differ(case: &Case) -> Option<Cause> {
    let error = case.error;
    if !error.is("E0308") || !prose::ARGUMENTS.is_in(&error.text) {
        return None;
    }
    // The compiler says it at the arguments; where there are many, in a note for each.
    let noted = error
        .notes
        .iter()
        .filter_map(|note| Some((note.spans.first()?, note.text.as_str())));
    let differing: Vec<_> = error
        .labels()
        .chain(noted)
        .filter_map(|(span, said)| Some((span, prose::EXPECTED.of(said)?)))
        .collect();
    let (span, [wanted, is]) = differing.first()?;
    let line = span.start.0;
    let [wanted, is] = [wanted, is].map(|of| of.trim_matches('`'));
    let swapped = differing
        .iter()
        .skip(1)
        .any(|(_, [other_wanted, other_is])| {
            other_wanted.trim_matches('`') == is && other_is.trim_matches('`') == wanted
        });
    let more = match differing.len() {
        1 => "",
        _ => " It is not the only one.",
    };
    let next = match swapped {
        true => format!(
            "Write the arguments in line {line} in the order in which the function names them."
        ),
        false => format!(
            "Compare the call with the first line of the function: change the call in line {line}, or what the function takes."
        ),
    };
    Some(Cause::new(
        &kinds::TYPE_DIFFERS,
        format!(
            "The argument {} in line {line} is {}, and {} is wanted.{more}",
            code(case.at(span)),
            a(is),
            a(wanted)
        ),
        next,
    ))
}

/// `main` with parameters.
fn main_takes_nothing(case: &Case) -> Option<Cause> {
    if !case.error.is("E0580") && !prose::MAIN_ARGUMENTS.is_in(&case.error.text) {
        return None;
    }
    let line = case.error.primary()?.start.0;
    Some(Cause::new(
        &kinds::ARGUMENT_COUNT,
        format!(
            "`main` in line {line} takes arguments, and nobody gives it any: the system calls it."
        ),
        "Take them out. What comes from outside is in the environment: std::env::var(\"PORT\")",
    ))
}

/// A constant or a static that does not say its type.
fn const_without_type(case: &Case) -> Option<Cause> {
    let [what] = prose::NO_CONST_TYPE.of(&case.error.text)?;
    let line = case.error.primary()?.start.0;
    Some(Cause::new(
        &kinds::TYPE_UNKNOWN,
        format!("The {what} in line {line} does not say its type: only a let may leave that out."),
        format!("Write a colon and the type behind its name, as in {what} QUEUE: usize = 1024;"),
    ))
}

/// The pattern of a list, where one JSON value is.
fn list_pattern(case: &Case) -> Option<Cause> {
    if let Some([of]) = prose::NOT_A_LIST.of(&case.error.text)
        && of.starts_with('(')
    {
        let (span, text) = case.primary()?;
        let inside = text.trim_matches(['[', ']']);
        return Some(Cause::new(
            &kinds::TYPE_DIFFERS,
            format!(
                "The pattern in line {} is that of a list, but the value is a tuple: several values in round brackets.",
                span.start.0
            ),
            format!("Write round brackets: ({})", brief(inside)),
        ));
    }
    let [found] = prose::NOT_A_LIST
        .of(&case.error.text)
        .filter(|_| case.error.is("E0529"))?;
    let line = case.error.primary()?.start.0;
    let next = match short(found).as_str() {
        "Value" => {
            "Where that name is made, let it take the rest of the list: name @ ..; or take the list out of the Value with as_array()."
        }
        _ => "Match on a slice of it: .as_slice()",
    };
    Some(Cause::new(
        &kinds::TYPE_DIFFERS,
        format!(
            "The pattern in line {line} is that of a list, and the value there is {}.",
            a(&short(found))
        ),
        next,
    ))
}
