//! The ids of mistakes in plain words, as the checker says them.

use checks::Diagnosis;
use compiler::kinds;

/// So many letters of a sentence fit on a line of the board.
const LINE: usize = 120;

/// What an id means: the first sentence of the cause. A learner's workshop may know ids that ours does not.
pub fn of(id: &str) -> String {
    let diagnosis = Diagnosis::by_id(id);
    let cause = diagnosis.map(|it| it.cause());
    let rule = || {
        kinds::ALL
            .iter()
            .find(|kind| kind.id == id)
            .map(|kind| kind.rule)
    };
    match cause.or_else(rule) {
        Some(text) => show::cut(first_sentence(text), LINE),
        None => id.replace(['-', '_'], " "),
    }
}

/// Up to the first full stop with a capital letter behind it: an abbreviation or a file's name has none.
fn first_sentence(text: &str) -> &str {
    let ends = text.match_indices(". ").map(|(at, _)| at);
    let mut ends = ends.filter(|at| text[at + 2..].starts_with(char::is_uppercase));
    ends.next().map_or(text, |end| &text[..=end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_id_has_words() {
        for diagnosis in Diagnosis::all() {
            let words = of(diagnosis.id());
            assert!(
                words.contains(' ') && words.chars().count() <= LINE,
                "{words}"
            );
        }
        assert_eq!(of("of-another-version"), "of another version");
        assert_eq!(first_sentence("One. Two."), "One.");
    }
}
