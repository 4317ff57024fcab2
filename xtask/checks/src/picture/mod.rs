//! What the checks found as one page of HTML: of each failure a chart of what was said, and beside it what the terminal says.
//!
//! The file stands for itself: no script, no network, nothing beside it. It can be shown on a projector, printed, and sent.

mod chart;

mod html;

use std::path::PathBuf;

use anyhow::{Context, Result};
use html::escaped;
use steps::record;
use steps::step::{Step, Whose};

use crate::{Check, Failure, Finding, Report, Status, Verdict};

/// How all of it looks.
const STYLE: &str = include_str!("style.css");

/// Where the page of a step is written. It is never in git, and a new one takes the old one's place.
pub fn file(step: Step, whose: Whose) -> PathBuf {
    record::folder().join(format!("report-{}.html", step.binary(whose)))
}

/// Writes the page, and returns where it is.
///
/// # Errors
/// When the file cannot be written.
pub fn write(report: &Report, whose: Whose) -> Result<PathBuf> {
    let file = file(report.step, whose);
    record::replace(&file, &page(report, whose))
        .with_context(|| format!("the report could not be written to {}", show::path(&file)))?;
    Ok(file)
}

/// The page.
pub fn page(report: &Report, whose: Whose) -> String {
    let step = report.step;
    let (mark, words) = verdict(report.verdict());
    let solution = match whose {
        Whose::Learner => "",
        Whose::Solution => " (the solution)",
    };
    let title = format!("{mark} {}{solution}: {words}", step.name());
    let failures: String = report.findings.iter().filter_map(failure).collect();
    let header = format!(
        "<h1>{}{solution} <span class=\"title\">{}</span></h1>\n\
         <p class=\"verdict {}\"><strong>{mark} {words}:</strong> {}.</p>\n",
        step.name(),
        step.title,
        report.verdict().word(),
        crate::findings::counts(report),
    );
    let (checks, remarks) = (checks(report), remarks(report, whose));
    document(&title, &header, &format!("{failures}{checks}{remarks}"))
}

/// The page of one failure, without what else a run of checks has found.
pub fn page_of_one(step: Step, finding: &Finding) -> String {
    let title = format!("{}: {}", step.name(), finding.check.sentence);
    let header = format!(
        "<h1>{} <span class=\"title\">{}</span></h1>\n",
        step.name(),
        step.title
    );
    document(&title, &header, &failure(finding).unwrap_or_default())
}

/// A page that stands for itself.
fn document(title: &str, header: &str, main: &str) -> String {
    format!(
        "<!doctype html>\n\
         <html lang=\"en\">\n\
         <head>\n\
         <meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <title>{title}</title>\n\
         <style>\n{STYLE}</style>\n\
         </head>\n\
         <body>\n\
         <header>\n{header}</header>\n\
         <main>\n{main}</main>\n\
         </body>\n\
         </html>\n",
    )
}

/// The verdict as a sign and in words.
fn verdict(verdict: Verdict) -> (&'static str, &'static str) {
    match verdict {
        Verdict::Passed => ("✓", "All passed"),
        Verdict::Failed => ("✗", "Not there yet"),
        Verdict::Incomplete => ("?", "Incomplete"),
    }
}

/// The part about a check that failed.
fn failure(finding: &Finding) -> Option<String> {
    let Status::Failed(failure) = &finding.status else {
        return None;
    };
    let Check { id, sentence, .. } = finding.check;
    let chart = chart::chart(failure);
    let layout = if chart.is_some() { "both" } else { "alone" };
    Some(format!(
        "<section class=\"failure\" id=\"{id}\">\n\
         <h2>✗ not yet: {}</h2>\n\
         <div class=\"{layout}\">\n{}<div class=\"why\">\n{}</div>\n</div>\n\
         </section>\n",
        escaped(sentence),
        chart.unwrap_or_default(),
        told(failure)
    ))
}

/// What the terminal says of a failure, but for the frames.
fn told(failure: &Failure) -> String {
    let mut details = String::new();
    let mut quoted = String::new();
    for (name, text) in failure.details() {
        // The compiler's words may have come in the colours of a terminal.
        let text = escaped(&anstream::adapter::strip_str(text).to_string());
        match name {
            "quoted" => {
                quoted = format!(
                    "<pre tabindex=\"0\" aria-label=\"word for word\">{}</pre>\n",
                    text.trim_end()
                )
            }
            _ => details += &format!("<dt>{name}</dt><dd>{text}</dd>\n"),
        }
    }
    if !details.is_empty() {
        details = format!("<dl>\n{details}</dl>\n");
    }
    let warned = failure.warned.iter().map(|warning| {
        format!(
            "<p><strong>Warned:</strong> {}</p>\n",
            escaped(&warning.to_string())
        )
    });
    let read = failure.reading().map(|reading| {
        format!(
            "<p><strong>Read:</strong> {}</p>\n",
            escaped(&reading.to_string())
        )
    });
    format!(
        "{details}{quoted}{}\
         <p><strong>Why?</strong> {}</p>\n\
         <p class=\"next\"><strong>Next:</strong> {}</p>\n{}\
         <p class=\"id\">({})</p>\n",
        warned.collect::<String>(),
        escaped(failure.cause()),
        escaped(failure.next()),
        read.unwrap_or_default(),
        failure.id()
    )
}

/// All checks, each with its sign and, where it did not pass, a word.
fn checks(report: &Report) -> String {
    let item = |finding: &Finding| {
        let (class, sign, word) = match finding.status {
            Status::Passed => ("passed", "✓", ""),
            Status::Failed(_) => ("failed", "✗", " (not yet)"),
            Status::NotRun(_) => ("not-run", "–", " (not run)"),
            Status::Missing(_) => ("not-run", "?", " (not run: something is missing here)"),
        };
        let sentence = escaped(finding.check.sentence);
        format!("<li class=\"{class}\"><span class=\"sign\">{sign}</span> {sentence}{word}</li>\n")
    };
    let list = |title: &str, findings: Vec<&Finding>| {
        if findings.is_empty() {
            return String::new();
        }
        let items: String = findings.into_iter().map(item).collect();
        format!("<h2>{title}</h2>\n<ul role=\"list\">\n{items}</ul>\n")
    };
    let is_earlier = |finding: &&Finding| finding.check.is_earlier(report.step);
    let (earlier, own): (Vec<_>, Vec<_>) = report.findings.iter().partition(is_earlier);
    format!(
        "<section class=\"checks\">\n{}{}</section>\n",
        list("The checks of this step", own),
        list("What you built before", earlier)
    )
}

/// What else there is to say: warnings, what is missing on this machine, and how to get the same run once more.
fn remarks(report: &Report, whose: Whose) -> String {
    let mut remarks = String::new();
    let not_run = |finding: &Finding| matches!(finding.status, Status::NotRun(_));
    if report.findings.iter().any(not_run) {
        remarks += "<p>What was not run could only fail for the same reason.</p>\n";
    }
    for note in &report.notes {
        remarks += &format!("<p><strong>note:</strong> {}</p>\n", escaped(note));
    }
    for warning in &report.warnings {
        remarks += &format!("<p><strong>warning:</strong> {}</p>\n", escaped(warning));
    }
    for missing in crate::findings::all_missing(&report.findings) {
        remarks += &format!(
            "<p class=\"missing-here\"><strong>missing:</strong> {}</p>\n",
            escaped(missing)
        );
    }
    let again = crate::findings::same_again(report, whose);
    format!("<footer>\n{remarks}<p>The same data again: <code>{again}</code></p>\n</footer>\n")
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;
    use std::time::Duration;

    use super::*;
    use crate::Diagnosis;
    use crate::of_step;

    /// A report on the first checks of step 10, with what came of them.
    fn report(statuses: &[Status]) -> Report {
        let step = Step::parse("10").unwrap();
        let findings = of_step(step).into_iter().zip(statuses);
        Report {
            step,
            seed: 7,
            only: None,
            subject: None,
            kept: Vec::new(),
            cut: Vec::new(),
            findings: findings
                .map(|(check, status)| Finding {
                    check,
                    status: status.clone(),
                })
                .collect(),
            warnings: Vec::new(),
            notes: Vec::new(),
            took: Duration::from_secs(1),
        }
    }

    #[test]
    fn a_failure_is_told_whole() {
        let failure = Failure::new(Diagnosis::TWO_VALUES)
            .sent("left <moves>".into())
            .quoted("\u{1b}[31m</pre><script>\u{1b}[0m".into());
        let html = page(&report(&[Status::Failed(Rc::new(failure))]), Whose::Learner);
        for part in [
            "<title>✗ 10-spy: Not there yet</title>",
            "0 passed, 1 failed, in 1.0 s",
            "<dt>sent</dt><dd>left &lt;moves&gt;</dd>",
            ">&lt;/pre&gt;&lt;script&gt;</pre>",
            "(two-values)",
            "cargo xtask check 10 --seed 7",
        ] {
            assert!(html.contains(part), "no {part} in {html}");
        }
        assert!(!html.contains("<script"), "{html}");
    }

    #[test]
    fn a_pass_says_so_and_lists_the_checks() {
        let html = page(&report(&[Status::Passed, Status::Passed]), Whose::Solution);
        assert!(html.contains("10-spy (the solution): All passed"), "{html}");
        assert_eq!(html.matches("<li class=\"passed\">").count(), 2);
        assert!(!html.contains("✗"), "{html}");
    }

    #[test]
    fn what_is_missing_here_is_told() {
        let missing = Status::Missing("no browser:\n  install <one>".into());
        let html = page(&report(&[Status::Passed, missing]), Whose::Learner);
        assert!(
            html.contains("<strong>missing:</strong> no browser:\n  install &lt;one&gt;"),
            "{html}"
        );
    }

    #[test]
    fn a_solution_has_a_file_of_its_own() {
        let step = Step::parse("10").unwrap();
        assert!(file(step, Whose::Learner).ends_with(".workshop/report-10-spy.html"));
        assert!(file(step, Whose::Solution).ends_with(".workshop/report-10-spy-solution.html"));
    }
}
