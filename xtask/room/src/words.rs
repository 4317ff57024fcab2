//! Codes and names made of words that can be read out: `blue-otter-k7m3qx`, `quiet heron`.

use anyhow::{Context, Result};

const LIKE: [&str; 64] = [
    "amber", "azure", "bold", "brave", "brief", "bright", "brisk", "broad", "bronze", "calm",
    "candid", "clear", "clever", "cobalt", "copper", "coral", "cosy", "crisp", "curious", "deft",
    "eager", "early", "fair", "fresh", "gentle", "glad", "golden", "grand", "green", "happy",
    "hardy", "honest", "humble", "indigo", "jolly", "keen", "kind", "lively", "lucid", "lucky",
    "merry", "mild", "neat", "noble", "patient", "placid", "plain", "proud", "quick", "quiet",
    "rapid", "ready", "rosy", "sage", "scarlet", "serene", "silver", "snug", "sunny", "swift",
    "tidy", "violet", "warm", "wise",
];

const ANIMALS: [&str; 64] = [
    "badger", "beaver", "bison", "camel", "condor", "coyote", "crane", "cricket", "curlew",
    "dolphin", "eagle", "egret", "eland", "falcon", "ferret", "finch", "fox", "gecko", "gibbon",
    "goose", "grouse", "gull", "hare", "hawk", "hedgehog", "heron", "hoopoe", "ibex", "ibis",
    "jackdaw", "jay", "kestrel", "kite", "koala", "lark", "lemur", "lion", "llama", "lynx",
    "magpie", "marmot", "marten", "mole", "moose", "newt", "ocelot", "osprey", "otter", "owl",
    "panda", "pelican", "puffin", "quail", "rabbit", "raven", "robin", "salmon", "seal", "sparrow",
    "stork", "swan", "tapir", "turtle", "wren",
];

/// Letters and digits of which no two look alike: 32 of them, five bits each.
const SIGNS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// The longest name, in letters.
pub const LONGEST_NAME: usize = 24;

/// What is said to somebody whose name is none.
pub const WHAT_A_NAME_IS: &str = "a name has 1 to 24 letters, digits, blanks, hyphens or apostrophes, and begins with a letter or digit";

fn bytes<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).context("the system gives no random numbers")?;
    Ok(bytes)
}

/// The code of a room: two words of 6 bits each and six signs of 5 bits, 42 bits together.
///
/// # Errors
/// When the system has no random numbers.
pub fn code() -> Result<String> {
    let [like, animal, signs @ ..] = bytes::<8>()?;
    let [like, animal] = [
        LIKE[usize::from(like % 64)],
        ANIMALS[usize::from(animal % 64)],
    ];
    let signs = signs.map(|byte| char::from(SIGNS[usize::from(byte % 32)]));
    Ok(format!("{like}-{animal}-{}", String::from_iter(signs)))
}

/// A code as somebody typed it: large letters, blanks, and the signs that look like others are forgiven.
pub fn read_code(typed: &str) -> String {
    let typed = typed.trim().to_lowercase().replace([' ', '_'], "-");
    let Some((words, signs)) = typed.rsplit_once('-') else {
        return typed;
    };
    let sign = |sign| match sign {
        'o' => '0',
        'i' | 'l' => '1',
        'u' => 'v',
        sign => sign,
    };
    format!("{words}-{}", signs.chars().map(sign).collect::<String>())
}

/// What a learner's machine makes up for itself: 128 bits in base 16.
///
/// # Errors
/// When the system has no random numbers.
pub fn key() -> Result<String> {
    let bytes = bytes::<16>()?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// A name for somebody who gives none: `quiet heron`.
///
/// # Errors
/// When the system has no random numbers.
pub fn name() -> Result<String> {
    let [like, animal] = bytes()?;
    let (like, animal) = (
        LIKE[usize::from(like % 64)],
        ANIMALS[usize::from(animal % 64)],
    );
    Ok(format!("{like} {animal}"))
}

/// A name as it is written: one blank between its words; `None` where it is none.
pub fn name_of(text: &str) -> Option<String> {
    let name = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let is_sign =
        |letter: char| letter.is_alphanumeric() || matches!(letter, ' ' | '-' | '\'' | '’');
    let is_first = |letter: char| letter.is_alphanumeric();
    let is_name = name.chars().count() <= LONGEST_NAME
        && name.chars().all(is_sign)
        && name.chars().next().is_some_and(is_first);
    is_name.then_some(name)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn a_code_is_one_however_it_is_typed() {
        let code = code().unwrap();
        assert_eq!(read_code(&code), code);
        assert_eq!(
            read_code(&format!("  {} ", code.to_uppercase().replace('-', " "))),
            code
        );
        assert_eq!(read_code("blue-otter-OIlU00"), "blue-otter-011v00");
    }

    #[test]
    fn words_are_told_apart() {
        for words in [LIKE, ANIMALS] {
            assert_eq!(words.iter().collect::<HashSet<_>>().len(), 64);
        }
        assert_eq!(SIGNS.iter().collect::<HashSet<_>>().len(), 32);
    }

    #[test]
    fn a_name_cannot_be_anything_else() {
        assert_eq!(name_of("  Zoë   d'Arc-2 ").as_deref(), Some("Zoë d'Arc-2"));
        assert!(name_of(&name().unwrap()).is_some());
        for odd in [
            "",
            " ",
            "=1+1",
            "-a",
            "<b>",
            "a\u{202e}b",
            "a\u{1b}[31m",
            "@x",
            "abcdefghijklmnopqrstuvwxy",
        ] {
            assert_eq!(name_of(odd), None, "{odd}");
        }
    }
}
