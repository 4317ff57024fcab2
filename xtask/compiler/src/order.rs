//! Which of several errors is the first that is no echo of another.

use super::message::Message;
use super::prose;

/// The errors of a program, the one to read first before all others. Otherwise in the compiler's order, which is that of the
/// text within one stage of its work.
pub fn sorted(mut errors: Vec<Message>) -> Vec<Message> {
    errors.retain(|error| !error.only_counts());
    errors.sort_by_key(rank);
    errors
}

/// The lower, the less it can be the echo of another.
fn rank(error: &Message) -> u8 {
    let code = error.code.as_deref().unwrap_or_default();
    match code {
        // What was a text is code now, and each word of it is another error.
        "E0765" | "E0766" | "E0758" | "E0762" | "E0763" => 0,
        // A place in nothing of the learner's: it says least.
        _ if error.place().is_none() => 5,
        "" if !prose::NOT_SEND.is_in(&error.text) && !error.text.starts_with("lifetime") => 1,
        // Without a crate or a name there is nothing to be right about.
        "E0432" | "E0433" | "E0425" | "E0405" | "E0412" | "E0422" | "E0574" | "E0728" | "E0752" => {
            2
        }
        "E0277" if prose::QUESTION.is_in(&error.text) => 3,
        // A value whose type is wrong somewhere else.
        "E0282" | "E0283" | "E0284" => 5,
        // A method that is there only where the other error is not; for an own type it is that error itself.
        "E0599"
            if prose::BOUNDS.of(&error.text).is_some() && error.label(&prose::UNMET).is_none() =>
        {
            5
        }
        _ => 4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_echo_comes_after_its_cause() {
        let error = |code: &str, text: &str| Message {
            code: (!code.is_empty()).then(|| code.to_owned()),
            text: text.to_owned(),
            spans: vec![Default::default()],
            ..Message::default()
        };
        let sorted = sorted(vec![
            error(
                "E0599",
                "the method `boxed` exists for struct `Map<_, _>`, but its trait bounds were not satisfied",
            ),
            error(
                "E0593",
                "closure is expected to take 0 arguments, but it takes 1 argument",
            ),
            error("", "prefix `text` is unknown"),
            error("E0765", "unterminated double quote string"),
        ]);
        let codes: Vec<_> = sorted
            .iter()
            .map(|it| it.code.as_deref().unwrap_or(""))
            .collect();
        assert_eq!(codes, ["E0765", "", "E0593", "E0599"]);
    }
}
