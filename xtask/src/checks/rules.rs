//! The routing rules: a path that no rule names is a 404 with a page, and `/` is for reading.
//!
//! Step 3 makes them and all later steps keep them. What is handed out under the paths that there are is checked elsewhere.

use std::rc::Rc;

use super::connect::asked_to_upgrade;
use super::http::Answer;
use super::report::Failure;
use super::routes::{page_of, ways_to};
use super::{Diagnosis, Outcome, Scene, Stop};

/// What no rule names is a 404. A path that climbs may as well be refused for its form.
pub async fn an_unknown_path_is_not_found(scene: Rc<Scene>) -> Outcome {
    let otherwise = Diagnosis::RoutingRulesBroken;
    let climbing = ways_to(&format!("static/{}", word(&scene))).into_iter();
    let targets = unknown(&scene).into_iter().map(|target| (target, false));
    for (target, climbs) in targets.chain(climbing.map(|target| (target, true))) {
        let answer = scene.ask("GET", &target, otherwise).await?;
        let diagnosis = match answer.status {
            404 => continue,
            400 if climbs => continue,
            200..=299 => Diagnosis::UnknownPathFound,
            _ if is_refused_for_its_form(&scene, &target, answer.status).await => {
                Diagnosis::PathNotAskedFirst
            }
            _ => otherwise,
        };
        let expected = if climbs {
            "status 404 or 400"
        } else {
            "status 404"
        };
        return Err(answered(
            diagnosis,
            format!("GET {target}"),
            expected,
            &answer,
        ));
    }
    Ok(())
}

/// Whether this path, which no rule names, is refused with `status` for something else than the path: another kind of
/// request gets another answer there.
async fn is_refused_for_its_form(scene: &Scene, target: &str, status: u16) -> bool {
    match status {
        405 => {
            let head = scene.ask("HEAD", target, Diagnosis::Unknown).await;
            head.is_ok_and(|answer| answer.status == 200)
        }
        _ => matches!(asked_to_upgrade(scene, target).await, Some(101 | 404)),
    }
}

/// A person who has come to nowhere is told so, by a page.
pub async fn a_404_comes_with_a_page(scene: Rc<Scene>) -> Outcome {
    for target in unknown(&scene) {
        let answer = scene
            .ask("GET", &target, Diagnosis::NotFoundWithoutPage)
            .await?;
        if answer.media_type() != "text/html" || !answer.body.contains(&b'<') {
            return Err(answered(
                Diagnosis::NotFoundWithoutPage,
                format!("GET {target}"),
                "404, as text/html, with a page that says so",
                &answer,
            ));
        }
    }
    Ok(())
}

/// Paths that no step has a rule for; a word that nobody has asked for before keeps away from what is remembered.
fn unknown(scene: &Scene) -> Vec<String> {
    let word = word(scene);
    let page = page_of(scene);
    vec![
        format!("/{word}"),
        format!("/{page}"),
        "/server.rs".into(),
        "/a/b".into(),
        format!("/jquery.js/{word}"),
        format!("/{word}/jquery.js"),
    ]
}

fn word(scene: &Scene) -> String {
    scene.random(|r| (0..8).map(|_| r.lowercase()).collect())
}

/// `/` is for reading.
pub async fn a_wrong_method_is_not_allowed(scene: Rc<Scene>) -> Outcome {
    for method in ["POST", "PUT", "DELETE"] {
        let otherwise = Diagnosis::WrongMethodNotToldApart;
        let answer = scene.ask(method, "/", otherwise).await?;
        let diagnosis = match answer.status {
            405 => continue,
            200..=299 => Diagnosis::AnyMethodAccepted,
            _ => otherwise,
        };
        let sent = format!("{method} /");
        return Err(answered(diagnosis, sent, "status 405", &answer));
    }
    Ok(())
}

/// HEAD asks for all of an answer but its body.
pub async fn a_head_of_the_page_has_no_body(scene: Rc<Scene>) -> Outcome {
    let answer = scene.ask("HEAD", "/", Diagnosis::HeadRefused).await?;
    if answer.status == 200 && answer.body.is_empty() {
        return Ok(());
    }
    let expected = "200, without a body";
    Err(answered(
        Diagnosis::HeadRefused,
        "HEAD /".into(),
        expected,
        &answer,
    ))
}

/// The failure of a request that was answered with something else.
fn answered(diagnosis: Diagnosis, sent: String, expected: &str, answer: &Answer) -> Stop {
    Failure::new(diagnosis)
        .sent(sent)
        .expected(expected.into())
        .came(answer.summary())
        .into()
}
