//! What the server hands out over plain HTTP: the page, its scripts, and no other file.

use std::path::Path;
use std::rc::Rc;

use show::root;
use wire::http::{Answer, request};

use crate::http::charset::{self, Declared};
use crate::http::page_of;
use crate::http::refresh::is_added;
use crate::report::Failure;
use crate::{Diagnosis, Outcome, Scene, Stop};

impl Scene {
    /// Asks for `target`.
    ///
    /// # Errors
    /// A failure with `otherwise` as its cause, when no answer comes.
    pub async fn ask(
        &self,
        method: &str,
        target: &str,
        otherwise: Diagnosis,
    ) -> Result<Answer, Failure> {
        let came =
            match tokio::time::timeout(self.wait(), request(self.address, method, target, &[]))
                .await
            {
                Ok(Ok(answer)) => return Ok(answer),
                Ok(Err(error)) => error.to_string(),
                Err(_) => {
                    self.asked_in_vain.replace(Some(target.to_owned()));
                    self.nothing()
                }
            };
        Err(Failure::new(otherwise)
            .sent(format!("{method} {target}"))
            .expected("an answer".into())
            .came(came))
    }
}

/// `/` is the page that lies in the folder.
pub async fn the_page_is_served(scene: Rc<Scene>) -> Outcome {
    let page = page_of(&scene);
    let _page_as_it_is = scene.context.edits.read().await;
    let answer = scene.ask("GET", "/", Diagnosis::PAGE_NOT_SERVED).await?;
    let failed = |diagnosis, expected: String, came: String| {
        Err(Failure::new(diagnosis)
            .sent("GET /".into())
            .expected(expected)
            .came(came)
            .into())
    };
    if answer.status != 200 {
        let diagnosis = match answer.status {
            405 => Diagnosis::PAGE_REFUSES_GET,
            // warp's own words. Where there is no such file, and where it may not be read, it answers otherwise.
            500 if answer.body == b"file open error" => Diagnosis::PAGE_BELOW_A_FILE,
            _ => Diagnosis::PAGE_NOT_SERVED,
        };
        return failed(diagnosis, format!("200, and {page}"), answer.summary());
    }
    let file = std::fs::read(scene.context.subject.folder.join(&page)).unwrap_or_default();
    let body = String::from_utf8_lossy(&answer.body);
    if lines_of(&body) != lines_of(&String::from_utf8_lossy(&file)) {
        let what = if body.trim().is_empty() {
            "an empty page"
        } else {
            "another text"
        };
        return failed(
            Diagnosis::PAGE_IS_ANOTHER,
            format!("the text of {page}"),
            format!("{what} ({})", answer.summary()),
        );
    }
    match not_html_in_utf_8(&answer, &page) {
        None => {
            warn_of_contradiction(&scene, &charset::declarations(&answer));
            Ok(())
        }
        Some((diagnosis, came)) => {
            let expected =
                "content-type: text/html, with UTF-8 declared there or in the page".to_owned();
            failed(diagnosis, expected, came)
        }
    }
}

/// Why a browser does not take an answer for a page in UTF-8, if it does not: the cause, and what it is instead.
fn not_html_in_utf_8(answer: &Answer, page: &str) -> Option<(Diagnosis, String)> {
    let header = answer.header("content-type").unwrap_or("no content-type");
    let declared = charset::declarations(answer);
    let believed = declared.first();
    if answer.media_type() != "text/html" || believed.is_none() {
        return Some((Diagnosis::PAGE_WRONG_TYPE, header.to_owned()));
    }
    let other = Diagnosis::PAGE_OTHER_CHARSET;
    if let Some(it) = believed.filter(|it| !it.is_utf_8()) {
        let before = match declared.get(1) {
            Some(second) => format!(", and a browser believes it before {}", second.place),
            None => String::new(),
        };
        return Some((other, format!("{} says {}{before}", it.place, it.name)));
    }
    let error = std::str::from_utf8(&answer.body).err()?;
    let line = 1 + answer.body[..error.valid_up_to()]
        .iter()
        .filter(|byte| **byte == b'\n')
        .count();
    Some((
        other,
        format!("line {line} of {page} holds bytes that are not UTF-8"),
    ))
}

/// A second declaration that names something else is right while the first one comes along, and wrong in a copy of the page.
fn warn_of_contradiction(scene: &Scene, declared: &[Declared]) {
    let Some((first, others)) = declared.split_first() else {
        return;
    };
    if let Some(other) = others.iter().find(|it| !it.is_utf_8()) {
        scene.context.warnings.borrow_mut().push(format!(
            "{} says {}, and {} says {}. A browser believes the second of these. Let both say UTF-8.",
            other.place, other.name, first.place, first.name
        ));
    }
}

/// The lines of a page: how they end, and how many blanks follow the last, is nobody's business. Nor is a line that a check
/// has added, in this run or in another.
fn lines_of(text: &str) -> Vec<&str> {
    let mut lines: Vec<&str> = text.lines().filter(|line| !is_added(line)).collect();
    while lines.pop_if(|line| line.trim().is_empty()).is_some() {}
    if let Some(last) = lines.last_mut() {
        *last = last.trim_end();
    }
    lines
}

/// `/jquery.js` is `static/jquery.js`, as JavaScript.
pub async fn jquery_is_served_as_it_is(scene: Rc<Scene>) -> Outcome {
    machine::jquery::is_there().map_err(|error| Stop::Missing(format!("{error:#}")))?;
    let file = match std::fs::read(machine::jquery::path()) {
        Ok(file) => file,
        Err(_) => return Err(Stop::Missing(machine::jquery::how_to_get())),
    };
    let answer = scene
        .ask("GET", "/jquery.js", Diagnosis::NO_JQUERY_ROUTE)
        .await?;
    let failed = |diagnosis, expected: String, came: String| {
        Err(Failure::new(diagnosis)
            .sent("GET /jquery.js".into())
            .expected(expected)
            .came(came)
            .into())
    };
    match answer.status {
        200 if answer.body != file => failed(
            Diagnosis::JQUERY_WRONG_FILE,
            format!("the {} bytes of static/jquery.js", file.len()),
            answer.summary(),
        ),
        200 if !is_javascript(&answer) => {
            let came = answer
                .header("content-type")
                .unwrap_or("no content-type")
                .to_owned();
            failed(
                Diagnosis::JQUERY_WRONG_TYPE,
                "content-type: text/javascript".into(),
                came,
            )
        }
        200 => Ok(()),
        404 | 405 => failed(
            Diagnosis::NO_JQUERY_ROUTE,
            "200, and the file".into(),
            answer.summary(),
        ),
        304 => failed(
            Diagnosis::JQUERY_NOT_FOR_THE_FIRST,
            "200, and the file".into(),
            answer.summary(),
        ),
        400 => failed(
            Diagnosis::JQUERY_WANTS_A_HEADER,
            "200, and the file".into(),
            answer.summary(),
        ),
        _ => failed(
            Diagnosis::JQUERY_WRONG_FILE,
            "200, and the file".into(),
            answer.summary(),
        ),
    }
}

fn is_javascript(answer: &Answer) -> bool {
    let known = [
        "text/javascript",
        "application/javascript",
        "application/x-javascript",
        "text/ecmascript",
        "application/ecmascript",
    ];
    known.contains(&answer.media_type().as_str())
}

/// `/socket.js` comes, as JavaScript. That it works is for the page to show.
pub async fn socket_js_is_served(scene: Rc<Scene>) -> Outcome {
    let answer = scene
        .ask("GET", "/socket.js", Diagnosis::SOCKET_JS_MISSING)
        .await?;
    if answer.status == 200 && is_javascript(&answer) {
        return Ok(());
    }
    Err(Failure::new(Diagnosis::SOCKET_JS_MISSING)
        .sent("GET /socket.js".into())
        .expected("200, as text/javascript".into())
        .came(answer.summary())
        .into())
}

/// Whichever way it is written, no path reaches a file that no rule names. That it gets a 404 is the next check's.
pub async fn no_other_file_can_be_reached(scene: Rc<Scene>) -> Outcome {
    let files = [
        "static/package.json",
        "static/package-lock.json",
        "Cargo.toml",
        "Cargo.lock",
        ".gitignore",
        ".cargo/config.toml",
    ];
    let server = scene.context.subject.folder.join("server.rs");
    for file in files.map(|file| root().join(file)).iter().chain([&server]) {
        let shown = show::path(file);
        for target in ways_to(&shown.replace('\\', "/")) {
            let asked = request(scene.address, "GET", &target, &[]);
            let answer = match tokio::time::timeout(scene.wait(), asked).await {
                Ok(Ok(answer)) => answer,
                // No answer holds no file. What the program does instead is seen at any unknown path, by the next check.
                Ok(Err(_)) => continue,
                Err(_) => return Ok(()),
            };
            if answer.status == 200 && is_that_file(file, &answer) {
                return Err(Failure::new(Diagnosis::DISK_EXPOSED)
                    .sent(format!("GET {target}"))
                    .expected("404, or 400".into())
                    .came(format!("the file {shown} ({})", answer.summary()))
                    .into());
            }
        }
    }
    Ok(())
}

/// The ways in which somebody would ask for a file of the disk: plain, from `static/`, dotted, and encoded.
pub fn ways_to(file: &str) -> Vec<String> {
    let name = Path::new(file)
        .file_name()
        .unwrap_or_default()
        .to_string_lossy();
    let encoded = file.replace('/', "%2f");
    vec![
        format!("/{file}"),
        format!("/{name}"),
        format!("/static/{name}"),
        format!("/../{file}"),
        format!("/../../{file}"),
        format!("/%2e%2e/{file}"),
        format!("/%2e%2e%2f{encoded}"),
        format!("/..%5c{file}"),
        format!("/.%2e/%2e./{file}"),
        format!("/jquery.js/../{name}"),
        format!("/jquery.js/../../{file}"),
        format!("/jquery.js/%2e%2e/%2e%2e/{file}"),
        format!("//{file}"),
        format!("/..\\{file}"),
        format!("/%252e%252e/{file}"),
        format!("/%252e%252e%252f{encoded}"),
        format!("/{file}%00"),
        format!("/{name}%00.js"),
        format!("/jquery.js%00/../{name}"),
    ]
}

fn is_that_file(file: &Path, answer: &Answer) -> bool {
    std::fs::read(file).is_ok_and(|bytes| bytes == answer.body)
}

diagnoses! {
    PAGE_NOT_SERVED "page-not-served":
        "A request for / does not get the page: no rule takes it, or the rule finds no file. A relative path begins in the folder in which you started the program."
        => "Look at the rule for /: does it take the path / alone? Then print the path of the file that it serves, and look whether the page is there.";
    PAGE_BELOW_A_FILE "page-below-a-file":
        "A rule takes the request for /, but cannot open its file: the path goes on below another file, like exercises/02-static/server.rs/2.html. There is no file at such a path."
        => "Look at the place where you build the path. The page's name has to replace the last part; join adds a part at the end.";
    PAGE_REFUSES_GET "page-refuses-get":
        "The server knows the path /, but refuses GET: the rule asks for another method, or for two methods at once, which no request has."
        => "Look at the methods in the rule for /: it has to take GET or HEAD. Two filters that are combined with `and` take only what both take.";
    PAGE_IS_ANOTHER "page-is-another":
        "The server answers a request for /, but not with the step's page: with a text of its own, or with another file."
        => "Look at what the rule for / answers with: it has to be the page's file, which is next to this server.rs.";
    PAGE_WRONG_TYPE "page-wrong-type":
        "The page comes, but it is not declared as HTML in UTF-8, so a browser may show its source, or wrong letters."
        => "Look at how the page is sent. A filter that serves a file declares HTML by itself; a line of the page, or the header, declares UTF-8.";
    PAGE_OTHER_CHARSET "page-other-charset":
        "The page's letters are declared as another encoding than UTF-8, or were saved in one, so a browser shows wrong letters. The browser believes the header first, and the page's <meta> if the header names no encoding."
        => "Look for the encoding above in the place where the program makes the header content-type, and in the <meta> of the page. If it is in neither, the editor saved the file in that encoding: save it as UTF-8.";
    NO_JQUERY_ROUTE "no-jquery-route":
        "No rule of the server answers a request for /jquery.js: it falls through to the 404 like any unknown path."
        => "Add the one exception to the routing rules: serve /jquery.js from static/. Put it before recover, because recover answers everything that reaches it.";
    JQUERY_WRONG_TYPE "jquery-wrong-type":
        "/jquery.js is not declared as JavaScript, and a careful browser does not run it then."
        => "Look at the header content-type of the answer: it has to say that the file is JavaScript.";
    JQUERY_WRONG_FILE "jquery-wrong-file":
        "/jquery.js answers, but with something other than static/jquery.js: another file, a part of it, or a page."
        => "Look at what the route sends: it has to be the file's bytes, unchanged. Then make sure that no rule before this one takes the path.";
    JQUERY_NOT_FOR_THE_FIRST "jquery-not-for-the-first":
        "A browser that has no copy yet asks for /jquery.js, and is told to keep its copy: it gets a 304 without the file."
        => "Look at the case in which no if-none-match came: the answer is 200 and the file.";
    JQUERY_WANTS_A_HEADER "jquery-wants-a-header":
        "This server refuses a plain request for /jquery.js: its rule requires a header that a browser without the file does not send."
        => "Look at the filter that reads the header. One of warp's filters refuses a request without it, and another gives an Option.";
    SOCKET_JS_MISSING "socket-js-missing":
        "/socket.js does not come as JavaScript, and the page needs it: it defines connect()."
        => "Keep the route for /socket.js that the starter has.";
    DISK_EXPOSED "disk-exposed":
        "Anybody can read a file that no rule names: the server offers a whole folder where you meant one file."
        => "Serve each file by its name, with its own path. Do not serve a folder.";
}

#[cfg(test)]
mod tests {
    use super::lines_of;

    #[test]
    fn ends_of_lines_and_added_lines_are_no_difference() {
        let page = "<p>\n\n  Mine\n</p>\n";
        let added = "<!-- cargo xtask check adds this line to see an edit on refresh; it may be deleted. 1 -->";
        for same in [
            "<p>\r\n\r\n  Mine\r\n</p>",
            &format!("{page}\n{added}"),
            &format!("{page}\n{added}\n{added}\n"),
        ] {
            assert_eq!(lines_of(same), lines_of(page), "{same}");
        }
        for other in ["<p>\n\n  Mine\n", "<p>\n  Mine\n</p>\n", ""] {
            assert_ne!(lines_of(other), lines_of(page), "{other}");
        }
    }
}
