//! The routing rules: a path that no rule names is a 404 with a page, and `/` is for reading.
//!
//! Step 3 makes them and all later steps keep them. What is handed out under the paths that there are is checked elsewhere.

use std::rc::Rc;

use steps::step::Ability;
use wire::http::Answer;

use crate::http::page_of;
use crate::http::routes::ways_to;
use crate::report::Failure;
use crate::socket::connect::asked_to_upgrade;
use crate::{Diagnosis, Outcome, Scene, Stop};

/// Before there are rules about other paths: `/` is the page, and nothing else is.
pub async fn the_page_is_at_the_root_alone(scene: Rc<Scene>) -> Outcome {
    let otherwise = Diagnosis::PAGE_AT_EVERY_PATH;
    let _page_as_it_is = scene.context.edits.read().await;
    let page = scene.ask("GET", "/", otherwise).await?;
    let word = word(&scene);
    for target in [format!("/{word}"), format!("/{word}/{word}")] {
        // No answer is no page.
        let Ok(answer) = scene.ask("GET", &target, otherwise).await else {
            continue;
        };
        if answer.status == 200 && answer.body == page.body {
            let expected = "anything but the page";
            return Err(answered(
                otherwise,
                format!("GET {target}"),
                expected,
                &answer,
            ));
        }
    }
    Ok(())
}

/// What no rule names is a 404. A path that climbs may as well be refused for its form.
pub async fn an_unknown_path_is_not_found(scene: Rc<Scene>) -> Outcome {
    let otherwise = Diagnosis::ROUTING_RULES_BROKEN;
    let elsewhere = elsewhere(&scene);
    let climbing = ways_to(&format!("static/{}", word(&scene))).into_iter();
    let targets = unknown(&scene).into_iter().chain(elsewhere.iter().cloned());
    let targets = targets.map(|target| (target, false));
    let climbing = climbing.map(|target| (target, true));
    for (target, climbs) in targets.chain(climbing) {
        let answer = scene.ask("GET", &target, otherwise).await?;
        let diagnosis = match answer.status {
            404 => continue,
            400 if climbs => continue,
            200..=299 if is_at_its_own_path_too(&scene, &target, &answer).await => {
                Diagnosis::SERVED_TWICE
            }
            200..=299 => Diagnosis::UNKNOWN_PATH_FOUND,
            // At /socket there may be the WebSocket. Whether it is where it belongs, the checks of the WebSocket ask.
            _ if elsewhere.contains(&target)
                && asked_to_upgrade(&scene, &target).await == Some(101) =>
            {
                continue;
            }
            _ if is_refused_for_its_form(&scene, &target, answer.status).await => {
                Diagnosis::PATH_NOT_ASKED_FIRST
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

/// Whether what a path that no rule names was answered with is a file that has its own path. Where any path is answered, or
/// this one lies below the file's, it is another mistake: there one rule takes too much.
async fn is_at_its_own_path_too(scene: &Scene, target: &str, answer: &Answer) -> bool {
    let _page_as_it_is = scene.context.edits.read().await;
    let any = format!("/{}", word(scene));
    let any = scene.ask("GET", &any, Diagnosis::UNKNOWN).await;
    if any.is_ok_and(|it| it.status == 200) {
        return false;
    }
    for own in ["/", "/jquery.js", "/socket.js"] {
        let is_below = own != "/" && target.starts_with(own);
        let file = scene.ask("GET", own, Diagnosis::UNKNOWN).await;
        if !is_below && file.is_ok_and(|it| it.status == 200 && it.body == answer.body) {
            return true;
        }
    }
    false
}

/// Whether this path, which no rule names, is refused with `status` for something else than the path: another kind of
/// request gets another answer there.
async fn is_refused_for_its_form(scene: &Scene, target: &str, status: u16) -> bool {
    match status {
        405 => {
            let head = scene.ask("HEAD", target, Diagnosis::UNKNOWN).await;
            head.is_ok_and(|answer| answer.status == 200)
        }
        _ => matches!(asked_to_upgrade(scene, target).await, Some(101 | 404)),
    }
}

/// A person who has come to nowhere is told so, by a page.
pub async fn a_404_comes_with_a_page(scene: Rc<Scene>) -> Outcome {
    for target in unknown(&scene) {
        let answer = scene
            .ask("GET", &target, Diagnosis::NOT_FOUND_WITHOUT_PAGE)
            .await?;
        if answer.media_type() != "text/html" || !answer.body.contains(&b'<') {
            return Err(answered(
                Diagnosis::NOT_FOUND_WITHOUT_PAGE,
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

/// Where somebody would look for a file that has its own path: its folder, its name in other letters, what others call it.
fn elsewhere(scene: &Scene) -> Vec<String> {
    let page = page_of(scene);
    let stem = page.trim_end_matches(".html").to_owned();
    let mut names = vec![(page, vec![stem, "index.html".into(), "index".into()])];
    // A step that has not added a script yet may have it or not.
    for (ability, name) in [(Ability::Events, "socket"), (Ability::Jquery, "jquery")] {
        if scene.has(ability) {
            let others = ["", ".JS", ".min.js", ".mjs"].map(|end| format!("{name}{end}"));
            names.push((format!("{name}.js"), others.to_vec()));
        }
    }
    let folders = [
        "static", "js", "public", "assets", "scripts", "lib", "vendor",
    ];
    let of = |(name, others): (String, Vec<String>)| {
        let capitals = [name.to_uppercase(), capitalised(&name)];
        let in_folders = folders.map(|folder| format!("{folder}/{name}"));
        let all = capitals.into_iter().chain(others).chain(in_folders);
        all.filter(move |other| *other != name)
            .map(|path| format!("/{path}"))
            .collect::<Vec<_>>()
    };
    names.into_iter().flat_map(of).collect()
}

fn capitalised(name: &str) -> String {
    let (first, rest) = name.split_at(1);
    format!("{}{rest}", first.to_uppercase())
}

fn word(scene: &Scene) -> String {
    scene.random(|r| (0..8).map(|_| r.lowercase()).collect())
}

/// `/` is for reading.
pub async fn a_wrong_method_is_not_allowed(scene: Rc<Scene>) -> Outcome {
    for method in ["POST", "PUT", "DELETE"] {
        let otherwise = Diagnosis::WRONG_METHOD_NOT_TOLD_APART;
        let answer = scene.ask(method, "/", otherwise).await?;
        let diagnosis = match answer.status {
            405 => continue,
            200..=299 => Diagnosis::ANY_METHOD_ACCEPTED,
            _ => otherwise,
        };
        let sent = format!("{method} /");
        return Err(answered(diagnosis, sent, "status 405", &answer));
    }
    Ok(())
}

/// HEAD asks for all of an answer but its body.
pub async fn a_head_of_the_page_has_no_body(scene: Rc<Scene>) -> Outcome {
    let answer = scene.ask("HEAD", "/", Diagnosis::HEAD_REFUSED).await?;
    if answer.status == 200 && answer.body.is_empty() {
        return Ok(());
    }
    let expected = "200, without a body";
    Err(answered(
        Diagnosis::HEAD_REFUSED,
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

diagnoses! {
    PAGE_AT_EVERY_PATH "page-at-every-path":
        "The page also comes at other paths than /: the rule takes a request for any path."
        => "Look at how the rule begins: a filter for the path / alone comes first, as in step 1.";
    ROUTING_RULES_BROKEN "routing-rules-broken":
        "The routing rules give the wrong status: a path that no rule names gets 404, whatever the other rules say."
        => "Look at the function that you give to recover: which status does it choose for a path that no rule knows?";
    PATH_NOT_ASKED_FIRST "path-not-asked-first":
        "A path that no rule names does not get 404, because a rule refuses it for another reason. The rule asks for the method or for a WebSocket before it asks for the path, or it asks for no path."
        => "Look at the order of the filters in each rule: the path comes first, and then the method or the WebSocket.";
    UNKNOWN_PATH_FOUND "unknown-path-found":
        "A path that no rule names gets 200, as if something were there. A rule is too wide, or the server sends the 404 page without the status 404."
        => "Look at the path of each rule: the rule for / takes / alone, a rule for one path ends with it, and no rule takes every path. Then look at the status of the answer that recover gives.";
    SERVED_TWICE "served-twice":
        "A file comes at a second path, besides its own. Each file has one path, and every other path is a 404."
        => "Look for the rule that takes the path above: a folder that is served, a second rule for the same file, or a comparison that is too lenient.";
    NOT_FOUND_WITHOUT_PAGE "not-found-without-page":
        "A path that no rule names gets the status 404, but no HTML page with it: a person sees an empty window or a bare line."
        => "Look at what the function in recover returns: it has to be a page. And .recover has to come after the last rule.";
    ANY_METHOD_ACCEPTED "any-method-accepted":
        "The server answers a request that would change the page, such as a POST, as if it were a GET. warp::fs::file itself does not look at the method."
        => "Look at the rule for /: it needs a filter for the method, which takes GET and HEAD only.";
    WRONG_METHOD_NOT_TOLD_APART "wrong-method-not-told-apart":
        "The server refuses a wrong method on /, but not with 405. The path is right and the method is wrong: 405 says exactly that."
        => "Look at the function that you give to recover: a rejection can tell its reasons, and a wrong method is one of them.";
    HEAD_REFUSED "head-refused":
        "HEAD of / does not get 200 and an empty body. HEAD asks for the headers that a GET would get, without the body."
        => "Look at the methods in the rule for /: HEAD has to be one of them, next to GET.";
}
