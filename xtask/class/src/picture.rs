//! What a learner sent of a failing check, as the checker's own page of it: the same chart, the same words. Every word of it
//! came from outside, and the checker's page makes markup of none.

use std::rc::Rc;

use checks::list::CHECKS;
use checks::{Diagnosis, Failure, Finding, Status, picture};
use room::{Entry, Report, Turn};
use steps::step::STEPS;
use wire::transcript::{Frame, Transcript, What};

/// The page; a sentence where this workshop does not know the step or the check.
pub fn page(report: &Report) -> String {
    let step = STEPS.iter().find(|it| it.number == report.step);
    let check = CHECKS.iter().find(|it| it.id == report.check);
    match (step, check) {
        (Some(step), Some(check)) => {
            let status = Status::Failed(Rc::new(failure(report)));
            picture::page_of_one(*step, &Finding { check, status })
        }
        _ => "<!doctype html><title>A report</title><p>This report is about a check that this workshop does not know.".into(),
    }
}

fn failure(report: &Report) -> Failure {
    let known = Diagnosis::by_id(&report.diagnosis);
    let mut failure = Failure::new(known.unwrap_or(Diagnosis::UNKNOWN));
    for (name, text) in &report.details {
        let text = Some(text.clone());
        match name.as_str() {
            "sent" => failure.sent = text,
            "expected" => failure.expected = text,
            "came" => failure.came = text,
            "place" => failure.place = text,
            _ => failure.quoted = text,
        }
    }
    let lines: Vec<String> = report
        .lines
        .iter()
        .map(|line| format!("{:>5}  {}", line.number, line.text))
        .collect();
    let quoted = [failure.quoted.take(), Some(lines.join("\n"))];
    let quoted: Vec<String> = quoted
        .into_iter()
        .flatten()
        .filter(|it| !it.is_empty())
        .collect();
    failure.quoted = (!quoted.is_empty()).then(|| quoted.join("\n\n"));
    failure.words = Some((report.cause.clone(), report.next.clone()));
    with_entries(failure, &report.entries)
}

/// What was said, with what of it is wrong or missing.
fn with_entries(failure: Failure, entries: &[Entry]) -> Failure {
    let transcript = Transcript::default();
    let mut failure = failure.transcript(transcript.clone());
    for entry in entries {
        let frame = Frame::message(entry.text.clone());
        match entry.turn {
            Turn::Up => transcript.note(&entry.client, What::Up(frame)),
            Turn::Down => transcript.note(&entry.client, What::Down(frame)),
            Turn::There => transcript.note(&entry.client, there(&entry.text)),
            Turn::Missing => failure = failure.missing(&entry.client, frame),
        }
        if entry.is_wrong && entry.turn != Turn::Missing {
            failure = failure.wrong(Some(transcript.count() - 1), None);
        }
    }
    failure
}

/// What happened at a client, by its words.
fn there(words: &str) -> What {
    let all = [What::Connects, What::Vanishes, What::SpeaksFirst];
    let of = |what: &What| {
        let client = String::new();
        let at = None;
        let what = what.clone();
        wire::transcript::Entry { client, what, at }.words()
    };
    all.into_iter()
        .find(|it| of(it) == words)
        .unwrap_or(What::Silent)
}

#[cfg(test)]
mod tests {
    use room::Line;

    use super::*;

    #[test]
    fn a_report_is_the_picture_and_no_markup() {
        let odd = "</pre><script>alert(1)</script><img src=x onerror=alert(1)>";
        let entry = |turn, text: &str, is_wrong| Entry {
            client: "left".into(),
            turn,
            text: text.into(),
            is_wrong,
        };
        let report = Report {
            step: 10,
            check: "it_arrives_as_one_object".into(),
            diagnosis: "two-values".into(),
            cause: odd.into(),
            next: odd.into(),
            details: vec![("came".into(), odd.into()), ("quoted".into(), odd.into())],
            lines: vec![Line {
                number: 47,
                text: odd.into(),
            }],
            entries: vec![
                entry(Turn::There, "connects", false),
                entry(Turn::Up, "[\"spy\",1,2]", false),
                entry(Turn::Down, odd, true),
                entry(Turn::Missing, "[\"spy\",{}]", true),
            ],
        };
        let page = page(&report);
        for part in [
            "(two-values)",
            "   47  ",
            "✗ wrong",
            "✗ missing",
            "connects",
            "[&quot;spy&quot;,<wbr>1",
        ] {
            assert!(page.contains(part), "no {part} in {page}");
        }
        assert!(
            !page.contains("<script") && !page.contains("<img"),
            "{page}"
        );
    }
}
