//! `/jquery.js` and its validator: a browser that has the file already asks whether it is still the same one, and is told so
//! without the file.

use std::rc::Rc;

use super::http::{Answer, request};
use super::report::Failure;
use super::{Diagnosis, Outcome, Scene, Stop};

const PATH: &str = "/jquery.js";

/// A header of an answer, the one that sends its value back, and a value that is another file's.
struct Kind {
    name: &'static str,
    back: &'static str,
    another: &'static str,
}

const ETAG: Kind = Kind {
    name: "etag",
    back: "if-none-match",
    another: "\"the-tag-of-another-file\"",
};
const DATE: Kind = Kind {
    name: "last-modified",
    back: "if-modified-since",
    another: "Mon, 01 Jan 1990 00:00:00 GMT",
};

/// What a browser keeps with the file, and sends back when it asks again.
struct Validator {
    kind: Kind,
    value: String,
}

impl Validator {
    /// All that an answer holds.
    fn all_of(answer: &Answer) -> Vec<Validator> {
        let found = [ETAG, DATE].into_iter().map(|kind| {
            let value = answer.header(kind.name)?.to_owned();
            Some(Validator { kind, value })
        });
        found.flatten().collect()
    }

    /// As the header of an answer.
    fn shown(&self) -> String {
        format!("{}: {}", self.kind.name, self.value)
    }

    /// Whether it has the form that it must have: a tag stands in quotes.
    fn is_well_formed(&self) -> bool {
        let tag = self.value.strip_prefix("W/").unwrap_or(&self.value);
        let quoted = tag.len() >= 2 && tag.starts_with('"') && tag.ends_with('"');
        self.kind.name != ETAG.name || quoted
    }
}

impl Scene {
    /// Asks for the file, with these headers. What is asked is the failure's `sent`, where there is no answer.
    async fn ask_for_jquery(
        &self,
        method: &str,
        headers: &[(&str, &str)],
        otherwise: Diagnosis,
    ) -> Result<Answer, Failure> {
        let asking = request(self.address, method, PATH, headers);
        let came = match tokio::time::timeout(self.wait(), asking).await {
            Ok(Ok(answer)) => return Ok(answer),
            Ok(Err(error)) => error.to_string(),
            Err(_) => self.nothing(),
        };
        Err(Failure::new(otherwise)
            .sent(asked(method, headers))
            .expected("an answer".into())
            .came(came))
    }
}

fn asked(method: &str, headers: &[(&str, &str)]) -> String {
    let headers = headers
        .iter()
        .map(|(name, value)| format!(", with {name}: {value}"));
    format!("{method} {PATH}{}", headers.collect::<String>())
}

fn failed(
    diagnosis: Diagnosis,
    method: &str,
    headers: &[(&str, &str)],
    expected: &str,
    came: String,
) -> Outcome {
    Err(Failure::new(diagnosis)
        .sent(asked(method, headers))
        .expected(expected.into())
        .came(came)
        .into())
}

/// The file comes with an ETag or a Last-Modified, the same one each time.
pub async fn it_comes_with_a_validator(scene: Rc<Scene>) -> Outcome {
    let first = scene
        .ask_for_jquery("GET", &[], Diagnosis::NoValidator)
        .await?;
    let validators = Validator::all_of(&first);
    if validators.is_empty() {
        let came = "neither of the two".into();
        let expected = "a header etag or last-modified";
        return failed(Diagnosis::NoValidator, "GET", &[], expected, came);
    }
    if let Some(bad) = validators.iter().find(|it| !it.is_well_formed()) {
        let expected = "a tag in double quotes, as in etag: \"abc\"";
        return failed(
            Diagnosis::EtagWithoutQuotes,
            "GET",
            &[],
            expected,
            bad.shown(),
        );
    }
    let second = scene
        .ask_for_jquery("GET", &[], Diagnosis::NoValidator)
        .await?;
    let again = Validator::all_of(&second);
    for (one, other) in validators.iter().zip(&again) {
        if one.value != other.value {
            let came = format!("{}, and then {}", one.shown(), other.shown());
            let expected = "the same validator twice, for the file is the same";
            return failed(Diagnosis::ValidatorChanges, "GET", &[], expected, came);
        }
    }
    Ok(())
}

/// What a browser that has the file sends back: all that came with it.
async fn validators(scene: &Scene) -> Result<(Answer, Vec<Validator>), Stop> {
    let answer = scene
        .ask_for_jquery("GET", &[], Diagnosis::NoValidator)
        .await?;
    let validators = Validator::all_of(&answer);
    Ok((answer, validators))
}

/// The validator sent back is answered with a 304, and no file.
pub async fn the_same_validator_gets_a_304(scene: Rc<Scene>) -> Outcome {
    let (_, validators) = validators(&scene).await?;
    let headers: Vec<(&str, &str)> = validators
        .iter()
        .map(|it| (it.kind.back, it.value.as_str()))
        .collect();
    let diagnosis = Diagnosis::RevalidationIgnored;
    let answer = scene.ask_for_jquery("GET", &headers, diagnosis).await?;
    let expected = "304, without a body";
    let diagnosis = match (answer.status, answer.body.len()) {
        (304, 0) => return Ok(()),
        (400..500, _) => Diagnosis::ValidatorRefused,
        (_, 0) => Diagnosis::NotModifiedUnsaid,
        _ => diagnosis,
    };
    failed(diagnosis, "GET", &headers, expected, answer.summary())
}

/// Another validator is answered with the file.
pub async fn another_validator_gets_the_file(scene: Rc<Scene>) -> Outcome {
    let (file, validators) = validators(&scene).await?;
    let headers: Vec<(&str, &str)> = validators
        .iter()
        .map(|it| (it.kind.back, it.kind.another))
        .collect();
    let diagnosis = Diagnosis::AlwaysNotModified;
    let answer = scene.ask_for_jquery("GET", &headers, diagnosis).await?;
    if answer.status == 200 && answer.body == file.body {
        return Ok(());
    }
    let diagnosis = match answer.status {
        304 => Diagnosis::AlwaysNotModified,
        _ => Diagnosis::OldValidatorRefused,
    };
    failed(
        diagnosis,
        "GET",
        &headers,
        "200, and the file",
        answer.summary(),
    )
}

/// HEAD is answered as GET is, without the file.
pub async fn a_head_of_it_has_no_body(scene: Rc<Scene>) -> Outcome {
    let diagnosis = Diagnosis::JqueryHeadRefused;
    let answer = scene.ask_for_jquery("HEAD", &[], diagnosis).await?;
    match (answer.status, answer.body.len()) {
        (200, 0) => Ok(()),
        _ => {
            let expected = "200, without a body";
            failed(diagnosis, "HEAD", &[], expected, answer.summary())
        }
    }
}

/// A POST is refused: there is nothing to change.
pub async fn a_post_to_it_is_refused(scene: Rc<Scene>) -> Outcome {
    let diagnosis = Diagnosis::JqueryTakesAnyMethod;
    let answer = scene.ask_for_jquery("POST", &[], diagnosis).await?;
    match answer.status {
        400..500 => Ok(()),
        _ => {
            let expected = "405, or another status that starts with 4";
            failed(diagnosis, "POST", &[], expected, answer.summary())
        }
    }
}
