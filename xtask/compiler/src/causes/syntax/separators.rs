//! What stands between the parts of a list: arguments, values, fields, and the arms of a match.

use super::{Case, Cause, Look, Stuck, brief, code};
use crate::source::Kind;
use crate::{kinds, prose};

pub(in super::super) const LOOKS: &[Look] = &[
    semicolon_of_an_arm,
    comma_of_an_arm,
    semicolon_of_a_field,
    text_in_a_text,
    comma_of_a_format,
    comma_in_json,
    semicolon_in_a_chain,
    semicolon_behind_a_block,
    names_of_arguments,
    taken_for_and,
    brackets_of_a_value,
    comma,
    semicolon,
];

/// `};` behind a struct or a function.
fn semicolon_behind_a_block(case: &Case) -> Option<Cause> {
    let stuck = Stuck::of(case)?;
    let is_one = stuck.word(0) == ";"
        && stuck.word(-1) == "}"
        && case.source.open_around(stuck.at).is_none();
    is_one.then(|| {
        Cause::new(
            &kinds::SEPARATOR,
            format!(
                "A semicolon stands behind the block that ends in line {}.",
                stuck.line()
            ),
            "Take it out: a struct or a function ends with its brace.",
        )
    })
}

/// `number(name: "PORT")`, `number(name = "PORT")`.
fn names_of_arguments(case: &Case) -> Option<Cause> {
    let (span, _) = case.primary()?;
    let source = case.source;
    let at = source.token(span.bytes.0);
    let open = source.open_around(at)?;
    // Brackets of a call: a name before them, and no fn before that.
    let is_call = open >= 2
        && source.word(open) == "("
        && source.tokens[open - 1].kind == Kind::Word
        && source.word(open - 2) != "fn";
    let is_argument = |index: usize| ["(", ","].contains(&source.word(index.wrapping_sub(1)));
    let is_equals = |index: usize| source.word(index) == "=" && source.word(index + 1) != "=";
    let is_given = match &case.error.code {
        Some(code) if code == "E0425" => is_argument(at) && is_equals(at + 1),
        Some(code) if code == "E0308" => at > 2 && is_equals(at - 1) && is_argument(at - 2),
        Some(_) => false,
        None => {
            let is_colon = source.word(at) == ":" && source.word(at + 1) != ":";
            is_colon && at > 1 && is_argument(at - 1)
        }
    };
    let is_said = prose::NAMED_ARGUMENTS.is_in(&case.error.text);
    (is_said || is_given && is_call).then(|| {
        Cause::new(
            &kinds::ARGUMENT_COUNT,
            format!(
                "In line {}, an argument is given by its name.",
                span.start.0
            ),
            "Write the values alone, in the order of the parameters.",
        )
    })
}

/// `routes();.boxed()`.
fn semicolon_in_a_chain(case: &Case) -> Option<Cause> {
    let stuck = Stuck::of(case)?;
    let is_one = stuck.word(0) == "." && stuck.word(-1) == ";";
    is_one.then(|| {
        Cause::new(
            &kinds::SEPARATOR,
            format!(
                "The semicolon in line {} ends the statement, and .{} goes on with it.",
                stuck.line_of(-1),
                stuck.word(1)
            ),
            format!("Take the ; before .{} out.", stuck.word(1)),
        )
    })
}

/// `me &everyone`: without a comma, & is an operator.
fn taken_for_and(case: &Case) -> Option<Cause> {
    prose::NO_AND.of(&case.error.text)?;
    let (span, _) = case.primary()?;
    let source = case.source;
    let at = source.token(span.bytes.0);
    Some(Cause::new(
        &kinds::SEPARATOR,
        format!(
            "In line {}, no comma stands between {} and {}: so the & is an operator.",
            span.start.0,
            code(source.word(at.checked_sub(1)?)),
            code(&format!("&{}", source.word(at + 1)))
        ),
        "Put a comma between the two.",
    ))
}

/// `Ok value`, `println! "…"`.
fn brackets_of_a_value(case: &Case) -> Option<Cause> {
    let stuck = Stuck::of(case)?;
    if stuck.word(-1) == "!" && stuck.is_name(-2) && stuck.expects("(") {
        let name = stuck.word(-2);
        return Some(Cause::new(
            &kinds::FUNCTION_NOT_CALLED,
            format!(
                "`{name}!` in line {} has no brackets around what it is given.",
                stuck.line()
            ),
            format!("Write them: {name}!({} …)", brief(stuck.word(0))),
        ));
    }
    let name = stuck.word(-1);
    let is_one =
        ["Ok", "Err", "Some"].contains(&name) && (stuck.is_name(0) || stuck.word(0) == "\"");
    is_one.then(|| {
        Cause::new(
            &kinds::FUNCTION_NOT_CALLED,
            format!(
                "`{name}` in line {} has no brackets around its value.",
                stuck.line()
            ),
            format!("Write them: {name}({} …)", brief(stuck.word(0))),
        )
    })
}

/// An item that ends without a semicolon. The compiler sees that at the next one, some lines below.
fn semicolon(case: &Case) -> Option<Cause> {
    let stuck = Stuck::of(case)?;
    let (first, line) = (case.source.word(stuck.statement()), stuck.line_of(-1));
    let is_one = ["use", "const", "static", "type", "let", "mod"].contains(&first)
        && stuck.line() > line
        && stuck.expects(";");
    let end = case.source.tokens.get(stuck.at.checked_sub(1)?)?.end;
    is_one.then(|| {
        Cause::new(
            &kinds::MISSING_SEMICOLON,
            format!("The `{first}` that ends in line {line} has no semicolon behind it."),
            format!("Put a ; at the end of line {line}."),
        )
        .marks([case.span((end - 1, end))])
    })
}

/// An arm that ends with a semicolon, or has several statements and no braces.
fn semicolon_of_an_arm(case: &Case) -> Option<Cause> {
    if !prose::ARM_WITHOUT_BRACES.is_in(&case.error.text) {
        return None;
    }
    let (span, body) = case.primary()?;
    let line = span.start.0;
    let is_one = !body.trim_end_matches(';').contains(';');
    let (cause, next) = match is_one {
        true => (
            format!("The arm in line {line} ends with a semicolon."),
            format!(
                "Put a comma in its place: {},",
                brief(body.trim_end_matches(';'))
            ),
        ),
        false => (
            format!(
                "The arm that begins in line {line} has several statements, and no braces around them."
            ),
            "Put { before the first one and } behind the last one.".to_owned(),
        ),
    };
    Some(Cause::new(&kinds::SEPARATOR, cause, next))
}

/// Two arms without a comma between them. The compiler sees that at the second one's arrow, or asks for the comma.
fn comma_of_an_arm(case: &Case) -> Option<Cause> {
    let stuck = Stuck::of(case)?;
    let source = case.source;
    let line = if prose::COMMA_OF_ARM.is_in(&case.error.text) {
        case.error.primary()?.start.0
    } else if stuck.is(0, "=>") && stuck.is_in_match() {
        let first = (0..stuck.at)
            .rev()
            .take_while(|index| source.line_of(source.tokens[*index].start) == stuck.line())
            .last()?;
        source.line_of(source.tokens[first.checked_sub(1)?].start)
    } else {
        return None;
    };
    Some(Cause::new(
        &kinds::SEPARATOR,
        format!(
            "The arm that ends in line {line}, {}, has no comma behind it.",
            code(source.line(line).trim())
        ),
        format!("Put a comma at the end of line {line}."),
    ))
}

/// `from: u64;` in a struct.
fn semicolon_of_a_field(case: &Case) -> Option<Cause> {
    let stuck = Stuck::of(case)?;
    let is_one = stuck.word(0) == ";" && stuck.is_in_struct();
    is_one.then(|| {
        Cause::new(
            &kinds::SEPARATOR,
            format!("A field ends in line {} with a semicolon.", stuck.line()),
            "Put a comma in its place.",
        )
    })
}

/// `println!("{}" value)`.
fn comma_of_a_format(case: &Case) -> Option<Cause> {
    let [found] = prose::COMMA_EXPECTED.of(&case.error.text)?;
    let stuck = Stuck::of(case)?;
    if stuck.word(0) == "+" {
        return Some(Cause::new(
            &kinds::FORMAT_TEXT,
            format!(
                "In line {}, + stands behind the text of a format.",
                stuck.line()
            ),
            "Write the values into the text: format!(\"<b>{name}</b>\")",
        ));
    }
    Some(Cause::new(
        &kinds::SEPARATOR,
        format!("In line {}, no comma stands before {found}.", stuck.line()),
        format!(
            "Put a comma between {} and {}.",
            code(stuck.word(-1)),
            code(stuck.word(0))
        ),
    ))
}

/// `"["spy", 1]"`: the second quote ends the text.
fn text_in_a_text(case: &Case) -> Option<Cause> {
    let stuck = Stuck::of(case)?;
    let source = case.source;
    let touch = |at: usize| {
        let pair = source.tokens.get(at..at + 2)?;
        let is_text = |index: usize| source.word(index).ends_with('"');
        let one = is_text(at) && [Kind::Word, Kind::Open].contains(&pair[1].kind)
            || is_text(at + 1) && pair[0].kind == Kind::Word;
        (one && pair[0].end == pair[1].start).then_some(at)
    };
    let at = (stuck.at.saturating_sub(2)..=stuck.at).find_map(touch)?;
    let line = source.line_of(source.tokens[at].start);
    Some(Cause::new(
        &kinds::UNCLOSED_TEXT,
        format!("In line {line}, a quote inside of a text ends the text."),
        "Write \\\" for a quote in a text. For JSON, let json! make the text: json!([\"sum\", 1]).to_string()",
    ))
}

/// Two values in a `json!`, one behind the other.
fn comma_in_json(case: &Case) -> Option<Cause> {
    prose::NO_RULES.of(&case.error.text)?;
    let span = case.error.primary()?;
    let source = case.source;
    let at = source.token(span.bytes.0);
    let mut around =
        std::iter::successors(source.open_around(at), |open| source.open_around(*open));
    around.find(|open| {
        *open >= 2 && source.word(open - 1) == "!" && source.word(open - 2) == "json"
    })?;
    let is_value = |index: usize| {
        let token = source.tokens.get(index);
        token.is_some_and(|it| matches!(it.kind, Kind::Word | Kind::Text | Kind::Number))
    };
    let is_pair = |index: &usize| {
        let ends = is_value(*index) || source.tokens[*index].kind == Kind::Close;
        ends && (is_value(index + 1) || source.word(index + 1) == "[")
            && source.word(*index) != "json"
    };
    let before = at.saturating_sub(2);
    let first = (before..=at + 1).find(is_pair)?;
    Some(Cause::new(
        &kinds::SEPARATOR,
        format!(
            "In line {}, no comma stands between {} and {}.",
            source.line_of(source.tokens[first].start),
            code(source.word(first)),
            code(source.word(first + 1))
        ),
        "Put a comma between the two.",
    ))
}

/// Whether a value stands here directly behind another one, in round or square brackets.
fn is_between_values(stuck: &Stuck) -> bool {
    let source = stuck.case.source;
    let is_value = |index: usize| {
        let token = source.tokens.get(index);
        token.is_some_and(|it| matches!(it.kind, Kind::Word | Kind::Text | Kind::Number))
    };
    let open = source.open_around(stuck.at).map(|open| source.word(open));
    let is_behind =
        stuck.at > 0 && (is_value(stuck.at - 1) || [")", "]"].contains(&stuck.word(-1)));
    open.is_some_and(|open| open != "{")
        && is_behind
        && (is_value(stuck.at) || stuck.word(0) == ";")
}

/// A comma that is missing, where the compiler proposes one, or between two values.
fn comma(case: &Case) -> Option<Cause> {
    let stuck = Stuck::of(case)?;
    let source = case.source;
    let next = match case.error.suggests(",") {
        Some(place) => source.token(place.bytes.1),
        None if stuck.expects(",") && is_between_values(&stuck) => stuck.at,
        None => return None,
    };
    let before = next.checked_sub(1)?;
    let line = source.line_of(source.tokens[before].start);
    let semicolon = [before, next]
        .into_iter()
        .find(|at| source.word(*at) == ";");
    // The semicolon of a let ends it: something else is missing there.
    if semicolon.is_some() && stuck.before().starts_with("let ") {
        return None;
    }
    if let Some(at) = semicolon {
        return Some(Cause::new(
            &kinds::SEPARATOR,
            format!(
                "In line {line}, a semicolon stands behind {}, inside of brackets.",
                code(source.word(at.checked_sub(1)?))
            ),
            "Put a comma in its place.",
        ));
    }
    let at_end = source.line_of(source.tokens[before].start)
        < source
            .tokens
            .get(next)
            .map_or(0, |it| source.line_of(it.start));
    Some(Cause::new(
        &kinds::SEPARATOR,
        match at_end {
            true => format!("No comma stands at the end of line {line}."),
            false => format!(
                "In line {line}, no comma stands between {} and {}.",
                code(source.word(before)),
                code(source.word(next))
            ),
        },
        match at_end {
            true => format!("Put a comma at the end of line {line}."),
            false => "Put a comma between the two.".to_owned(),
        },
    ))
}
