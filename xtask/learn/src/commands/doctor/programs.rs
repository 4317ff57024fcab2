//! The programs that the workshop needs: a compiler, npm for jQuery, and a browser.

use std::time::Instant;

use anyhow::{Context, Result, ensure};
use browser::Browser;
use machine::npm::NPM;
use machine::{jquery, prepared};
use show::root;
use tokio::process::Command;
use tokio::time::timeout;

use super::{Finding, patient};

/// What a program prints on one line, asked for its version.
async fn version_of(program: &str) -> Result<String> {
    let mut command = Command::new(program);
    let asked = command.arg("--version").current_dir(root());
    let output = timeout(patient(10.0), asked.kill_on_drop(true).output())
        .await
        .with_context(|| format!("{program} does not answer"))?
        .with_context(|| format!("{program} was not found"))?;
    let failed = || format!("{program} --version failed ({})", output.status);
    ensure!(output.status.success(), failed());
    let said = String::from_utf8_lossy(&output.stdout);
    Ok(said.lines().next().unwrap_or_default().trim().to_owned())
}

/// The compiler, against the version that the workshop is written for.
pub async fn rust() -> Finding {
    const NEEDED: &str = env!("CARGO_PKG_RUST_VERSION");
    const NAME: &str = "Rust";
    let said = match version_of("rustc").await {
        Ok(said) => said,
        Err(error) => {
            return Finding::bad(NAME, format!("{error:#}"), "Install it: https://rustup.rs");
        }
    };
    let version = said.split(' ').nth(1).and_then(numbers);
    match version {
        Some(version) if Some(version) >= numbers(NEEDED) => Finding::good(NAME, said),
        _ => Finding::bad(
            NAME,
            format!("{said}, and the workshop needs {NEEDED} or later"),
            "Renew it: rustup update stable",
        ),
    }
}

/// Major and minor of a version.
fn numbers(version: &str) -> Option<(u32, u32)> {
    let mut parts = version.split('.').map(|part| part.parse().ok());
    Some((parts.next()??, parts.next()??))
}

/// What fetches jQuery.
pub async fn npm() -> Finding {
    const NAME: &str = "npm";
    match version_of(NPM).await {
        Ok(version) => Finding::good(NAME, version),
        Err(_) if jquery::is_there().is_ok() => {
            Finding::good(NAME, "not found, and not needed: jQuery is there")
        }
        Err(_) if jquery::is_in_debian_package() => Finding::good(
            NAME,
            "not found, and not needed: the package libjs-jquery is there",
        ),
        Err(error) => Finding::doubtful(
            NAME,
            format!("{error:#}"),
            "It comes with Node.js, https://nodejs.org, and fetches jQuery for steps 9 and 10.",
        ),
    }
}

/// Whether all is built that any command may ask for. Who has a network need not care.
pub fn prepared() -> Finding {
    const NAME: &str = "builds";
    let missing = match prepared::missing() {
        Ok(missing) => missing,
        Err(error) => return Finding::doubtful(NAME, format!("{error:#}"), "Go on without."),
    };
    let Some(first) = missing.first() else {
        return Finding::good(NAME, "all done, even for a room without a network");
    };
    let all = prepared::parts().len();
    Finding::doubtful(
        NAME,
        format!(
            "{} of {all} done; each of the others when it is first needed, the next one for {}",
            all - missing.len(),
            first.what
        ),
        "A room without a network needs all of them beforehand:\ncargo xtask prepare",
    )
}

/// jQuery, which steps 9 and 10 hand out.
pub async fn jquery() -> Finding {
    const NAME: &str = "jQuery";
    let there = match jquery::is_there() {
        Ok(()) => {
            let (major, minor) = jquery::version_there().unwrap_or_default();
            return Finding::good(NAME, format!("{major}.{minor}, in static/jquery.js"));
        }
        Err(error) => error.to_string(),
    };
    if jquery::path().is_file() {
        let (text, _) = in_two(&there, ". ");
        return Finding::bad(NAME, text, "Delete it, so that jQuery is fetched again.");
    }
    if jquery::is_in_debian_package() || version_of(NPM).await.is_ok() {
        return Finding::doubtful(
            NAME,
            "not there yet",
            "The first `cargo xtask check` gets it, over the network if it has to.",
        );
    }
    let (text, next) = in_two(&there, " There are");
    Finding::bad(NAME, text, format!("There are{next}"))
}

/// What is the matter, and what to do, of a message that says both.
fn in_two<'a>(message: &'a str, between: &str) -> (&'a str, &'a str) {
    message.split_once(between).unwrap_or((message, ""))
}

/// A browser: where it is, whether it starts as the checks start it, and how long it takes.
pub async fn browser() -> Finding {
    const NAME: &str = "browser";
    let path = match browser::find() {
        Ok(Some(path)) => path,
        Ok(None) if std::env::var_os("WORKSHOP_BROWSER").is_some_and(|name| name == "none") => {
            return Finding::bad(
                NAME,
                "WORKSHOP_BROWSER is set to none, so no page is checked",
                "Unset it, or set it to the path of a Chrome, Chromium or Edge.",
            );
        }
        Ok(None) => {
            let command = browser::how_to_install();
            let text = "no Chrome, Chromium or Edge was found, so no page is checked";
            return Finding::bad(NAME, text, format!("This installs one:\n{command}"));
        }
        Err(error) => {
            let message = error.to_string();
            let (text, next) = in_two(&message, ": ");
            return Finding::bad(NAME, text, format!("Please {next}."));
        }
    };
    let started = Instant::now();
    let answers = async {
        let browser = Browser::launch(&path).await?;
        let version = browser.version().await?;
        let time = started.elapsed();
        browser.close().await;
        anyhow::Ok((version, time))
    };
    let within = patient(10.0);
    let path = path.display();
    let other = "WORKSHOP_BROWSER=/path/to/another names a different browser.";
    match timeout(within, answers).await {
        Ok(Ok((version, time))) => Finding::good(
            NAME,
            format!("{version}, {path}, answers in {:.1} s", time.as_secs_f64()),
        ),
        Ok(Err(error)) => Finding::bad(NAME, format!("{error:#}"), other),
        Err(_) => Finding::bad(
            NAME,
            format!("{path} does not answer in {within:.0?}"),
            other,
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_as_numbers() {
        assert!(numbers("1.100.0") > numbers("1.95"));
        assert!(numbers("1.9.0") < numbers("1.95"));
        assert_eq!(numbers("beta"), None);
    }
}
