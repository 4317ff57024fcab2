//! `/jquery.js` and its validator: a browser that has the file already asks whether it is still the same one, and is told so
//! without the file.

use std::rc::Rc;
use std::time::{Duration, SystemTime};

use wire::http::{Answer, request};

use crate::report::Failure;
use crate::{Diagnosis, Outcome, Scene, Stop};

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
pub struct Validator {
    kind: Kind,
    /// What the header holds.
    pub value: String,
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
    pub fn shown(&self) -> String {
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
    /// The file, and what a browser that has it sends back: all that came with it.
    ///
    /// # Errors
    /// As [`Scene::ask`].
    pub async fn validators(&self) -> Result<(Answer, Vec<Validator>), Stop> {
        let answer = self
            .ask_for_jquery("GET", &[], Diagnosis::NO_VALIDATOR)
            .await?;
        let validators = Validator::all_of(&answer);
        Ok((answer, validators))
    }

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
        .ask_for_jquery("GET", &[], Diagnosis::NO_VALIDATOR)
        .await?;
    let validators = Validator::all_of(&first);
    if validators.is_empty() {
        let came = "neither of the two".into();
        let expected = "a header etag or last-modified";
        return failed(Diagnosis::NO_VALIDATOR, "GET", &[], expected, came);
    }
    if let Some(bad) = validators.iter().find(|it| !it.is_well_formed()) {
        let expected = "a tag in double quotes, as in etag: \"abc\"";
        return failed(
            Diagnosis::ETAG_WITHOUT_QUOTES,
            "GET",
            &[],
            expected,
            bad.shown(),
        );
    }
    let second = scene
        .ask_for_jquery("GET", &[], Diagnosis::NO_VALIDATOR)
        .await?;
    let again = Validator::all_of(&second);
    for (one, other) in validators.iter().zip(&again) {
        if one.value != other.value {
            let came = format!("{}, and then {}", one.shown(), other.shown());
            let expected = "the same validator twice, because the file is the same";
            return failed(Diagnosis::VALIDATOR_CHANGES, "GET", &[], expected, came);
        }
    }
    Ok(())
}

/// After a restart the file has the validator that it had before.
pub async fn it_has_it_after_a_restart(scene: Rc<Scene>) -> Outcome {
    let (_, before) = scene.validators().await?;
    // A date has whole seconds, and so may a tag that is made of the time.
    until_the_next_second().await;
    let again = Scene::start("after a restart", &[], scene.context.clone()).await?;
    let after = again.validators().await;
    again.end().await;
    let (_, after) = after?;
    match (before.first(), after.first()) {
        (Some(before), Some(after)) if before.value != after.value => {
            let expected = "the same validator after a restart, because the file is the same";
            let came = format!("{}, and after a restart {}", before.shown(), after.shown());
            let diagnosis = Diagnosis::VALIDATOR_OF_THE_START;
            failed(diagnosis, "GET", &[], expected, came)
        }
        _ => Ok(()),
    }
}

async fn until_the_next_second() {
    let since = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
    tokio::time::sleep(Duration::from_secs(since.as_secs() + 1) - since).await;
}

/// The validator sent back is answered with a 304, and no file.
pub async fn the_same_validator_gets_a_304(scene: Rc<Scene>) -> Outcome {
    let (file, validators) = scene.validators().await?;
    let headers: Vec<(&str, &str)> = validators
        .iter()
        .map(|it| (it.kind.back, it.value.as_str()))
        .collect();
    let diagnosis = Diagnosis::REVALIDATION_IGNORED;
    let answer = scene.ask_for_jquery("GET", &headers, diagnosis).await?;
    let expected = "304, without a body";
    let mut came = answer.summary();
    let diagnosis = match (answer.status, answer.body.is_empty()) {
        (304, true) => return Ok(()),
        (200, false) => match bare_tag_that_is_known(&scene, &validators).await {
            Some(bare) => {
                came.push_str(&format!("; with if-none-match: {bare} it is 304"));
                Diagnosis::TAG_COMPARED_WITHOUT_QUOTES
            }
            None => diagnosis,
        },
        // Where another validator gets the file, the two were compared.
        _ if gets_the_file(&scene, &validators, &file).await => Diagnosis::NOT_MODIFIED_UNSAID,
        (400.., _) => Diagnosis::VALIDATOR_REFUSED,
        _ => Diagnosis::NOT_MODIFIED_UNSAID,
    };
    failed(diagnosis, "GET", &headers, expected, came)
}

/// The tag without what stands around its text, where that is what gets a 304.
async fn bare_tag_that_is_known(scene: &Scene, validators: &[Validator]) -> Option<String> {
    let tag = validators.iter().find(|it| it.kind.name == ETAG.name)?;
    let quoted = tag.value.trim_start_matches("W/");
    for bare in [quoted.trim_matches('"'), quoted] {
        let headers = [(ETAG.back, bare)];
        let asked = scene.ask_for_jquery("GET", &headers, Diagnosis::UNKNOWN);
        if bare != tag.value && asked.await.is_ok_and(|answer| answer.status == 304) {
            return Some(bare.to_owned());
        }
    }
    None
}

/// Whether other validators than these get the file.
async fn gets_the_file(scene: &Scene, validators: &[Validator], file: &Answer) -> bool {
    let headers = others_than(validators);
    let answer = scene.ask_for_jquery("GET", &headers, Diagnosis::UNKNOWN);
    answer
        .await
        .is_ok_and(|answer| answer.status == 200 && answer.body == file.body)
}

/// The headers of a browser that has another file.
fn others_than(validators: &[Validator]) -> Vec<(&str, &str)> {
    let other = |it: &Validator| (it.kind.back, it.kind.another);
    validators.iter().map(other).collect()
}

/// Another validator is answered with the file.
pub async fn another_validator_gets_the_file(scene: Rc<Scene>) -> Outcome {
    let (file, validators) = scene.validators().await?;
    let headers = others_than(&validators);
    is_answered_with(&scene, &file, &headers, Diagnosis::ALWAYS_NOT_MODIFIED).await?;
    let tag = validators.iter().find(|it| it.kind.name == ETAG.name);
    let Some(tag) = tag else {
        return Ok(());
    };
    let in_part = Diagnosis::TAG_COMPARED_IN_PART;
    for similar in similar_tags(&tag.value) {
        is_answered_with(&scene, &file, &[(ETAG.back, &similar)], in_part).await?;
    }
    // A tag that is cut off is none, so it may be refused.
    let half = tag.value.chars().count() / 2;
    let cut: String = tag.value.chars().take(half).collect();
    let headers = [(ETAG.back, cut.as_str())];
    let answer = scene.ask_for_jquery("GET", &headers, in_part).await?;
    match answer.status {
        304 => failed(
            in_part,
            "GET",
            &headers,
            "anything but a 304",
            answer.summary(),
        ),
        _ => Ok(()),
    }
}

/// Holds that a request with these headers gets the file; `diagnosis` is the cause where it gets a 304.
async fn is_answered_with(
    scene: &Scene,
    file: &Answer,
    headers: &[(&str, &str)],
    diagnosis: Diagnosis,
) -> Outcome {
    let answer = scene.ask_for_jquery("GET", headers, diagnosis).await?;
    let diagnosis = match answer.status {
        200 if answer.body == file.body => return Ok(()),
        304 => diagnosis,
        _ => Diagnosis::OLD_VALIDATOR_REFUSED,
    };
    let expected = "200, and the file";
    failed(diagnosis, "GET", headers, expected, answer.summary())
}

/// Tags that look like this one, and are others: its halves, longer ones, and those of its length that differ in one place.
fn similar_tags(tag: &str) -> Vec<String> {
    let weak = if tag.starts_with("W/") { "W/" } else { "" };
    let text: Vec<char> = tag
        .trim_start_matches("W/")
        .trim_matches('"')
        .chars()
        .collect();
    let (first, second) = text.split_at(text.len() / 2);
    let changed_at = |place: usize| {
        let mut other = text.clone();
        if let Some(letter) = other.get_mut(place) {
            *letter = if *letter == '0' { '1' } else { '0' };
        }
        other
    };
    let all = [
        first.to_vec(),
        second.to_vec(),
        [&text, &['0'][..]].concat(),
        [&['0'], &text[..]].concat(),
        changed_at(0),
        changed_at(text.len().saturating_sub(1)),
    ];
    all.into_iter()
        .filter(|other| *other != text)
        .map(|other| format!("{weak}\"{}\"", other.into_iter().collect::<String>()))
        .collect()
}

/// HEAD is answered as GET is, without the file.
pub async fn a_head_of_it_has_no_body(scene: Rc<Scene>) -> Outcome {
    let diagnosis = Diagnosis::JQUERY_HEAD_REFUSED;
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
    let diagnosis = Diagnosis::JQUERY_TAKES_ANY_METHOD;
    let answer = scene.ask_for_jquery("POST", &[], diagnosis).await?;
    match answer.status {
        400..500 => Ok(()),
        _ => {
            let expected = "405, or another status that starts with 4";
            failed(diagnosis, "POST", &[], expected, answer.summary())
        }
    }
}

diagnoses! {
    NO_VALIDATOR "no-validator":
        "/jquery.js comes without a validator, so a browser that has the file already has to fetch all of it again at each visit."
        => "Send a header that changes when the file changes: an ETag, which is a text in quotes made from the file's bytes, or Last-Modified.";
    ETAG_WITHOUT_QUOTES "etag-without-quotes":
        "The ETag has no double quotes around it, so browsers and proxies ignore it."
        => "Look at the place where the header's value is made: the quotes are part of it.";
    VALIDATOR_CHANGES "validator-changes":
        "The validator changes on every request although the file does not, so the browser's copy always looks out of date."
        => "Make it from the file's bytes alone: no time, no random number and no counter may go into it.";
    VALIDATOR_OF_THE_START "validator-of-the-start":
        "The validator changes when the program restarts although the file does not: something in it belongs to one run, such as a time, a random number or an address. After each restart, every browser fetches the file again."
        => "Look at what the validator is made from. A hash of the file's bytes alone is the same in every run; a time, a random number and a hasher with a random start are not.";
    TAG_COMPARED_IN_PART "tag-compared-in-part":
        "A tag that only resembles the ETag gets a 304, because it begins, ends or continues like it. The program compares only a part, so a browser may keep another file for ever."
        => "Find the line that compares the two: starts_with, ends_with and contains compare a part.";
    TAG_COMPARED_WITHOUT_QUOTES "tag-compared-without-quotes":
        "The browser sends the tag back with its quotes, and the program compares it with the text without quotes. The two are never equal."
        => "Print both sides of the comparison. The quotes, and a W/ before them, are part of the tag.";
    REVALIDATION_IGNORED "revalidation-ignored":
        "The browser says which version it has, but still gets the whole file, because nothing compares the two."
        => "Look for the place that reads the header if-none-match: if it equals the ETag, the answer is a 304 without a body.";
    VALIDATOR_REFUSED "validator-refused":
        "The browser sends back the validator that it got, and the request is refused, as if the header could not be read."
        => "Look at the type that the header is read as: a tag is not a number, and its quotes are part of it.";
    NOT_MODIFIED_UNSAID "not-modified-unsaid":
        "The browser has the right version, and the program notices that, but the answer has another status than 304. To a browser, an empty 200 or 204 is a new, empty file, and a 412 is a refusal."
        => "Look at the answer without the file: its status has to be 304.";
    ALWAYS_NOT_MODIFIED "always-not-modified":
        "Any validator gets a 304. So a browser that has another version is told to keep it, and keeps it for ever."
        => "Answer 304 only if the tag that came equals the ETag.";
    OLD_VALIDATOR_REFUSED "old-validator-refused":
        "A browser that has an older version of the file does not get this one."
        => "Look at the case in which another validator came: the answer is the same as without one, 200 and the file.";
    JQUERY_HEAD_REFUSED "jquery-head-refused":
        "HEAD asks for the headers alone, and this server does not answer it with them."
        => "Look at the methods that the route takes: HEAD has to be one of them, next to GET.";
    JQUERY_TAKES_ANY_METHOD "jquery-takes-any-method":
        "A POST gets the file as a GET does. Reading is for GET and HEAD only, and both warp::fs::file and a path without a method take any method."
        => "Look at the filters of the route: one for the method is missing. The page's route has one.";
}
