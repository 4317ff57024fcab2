//! The page of a talk, in a real browser: what is typed is sent, and what comes is shown, as text whatever it looks like.

use std::rc::Rc;

use browser::{Page, PageEvent};
use serde_json::{Value, json};
use wire::client::{Client, short};

use crate::page::windows::{WORD, Window, Windows};
use crate::report::Failure;
use crate::{Diagnosis, Outcome, Stop};

/// What is typed into the page's field is sent when Enter is pressed, as the event `say`.
pub async fn what_is_typed_is_said(windows: Rc<Windows>) -> Outcome {
    let mut typed = Vec::new();
    for window in windows.both() {
        typed.push((window, typed_is_said(&windows, window).await?));
    }
    // Whatever comes of it at the page itself has come before what somebody says after it.
    let last = windows.word();
    let _ = visitor(&windows).await?.send(said(&last)).await;
    for ((name, page), word) in typed {
        let hears = |word: &str| {
            let frame = Value::from(word).to_string();
            move |event: &PageEvent| matches!(event, PageEvent::FrameReceived { text, .. } if text.contains(&frame))
        };
        page.next_event(0, windows.scene.wait(), hears(&last)).await;
        if page.events().iter().any(hears(&word)) {
            return Err(windows
                .failure(Diagnosis::HEARS_ITSELF)
                .sent(format!("{name} says {word}"))
                .expected(format!("{name} hears nothing of it"))
                .came(format!("{name} hears it, too"))
                .into());
        }
    }
    Ok(())
}

/// The frame of somebody who says this.
fn said(text: &str) -> String {
    json!(["say", text]).to_string()
}

/// Gives the focus to the first field that takes a text.
const FOCUS: &str = "(() => {
    const fields = document.querySelectorAll('input:not([type]), input[type=text], input[type=search], textarea');
    const field = [...fields].find((field) => field.getClientRects().length > 0 && !field.disabled);
    if (field) field.focus();
    return Boolean(field) && document.activeElement === field;
})()";

/// Types a word, and holds that the page says it; the word.
async fn typed_is_said(windows: &Windows, (name, page): Window<'_>) -> Result<String, Stop> {
    let word = windows.word();
    let said = json!(["say", &word]);
    let from = page.event_count();
    let lost = |error| windows.lost(error);
    let failed = |failure: Failure, came: String| {
        failure
            .sent(format!(
                "in {name} somebody types {word}, and presses Enter"
            ))
            .expected(format!("the page sends {said}"))
            .came(came)
    };
    if page.evaluate(FOCUS).await.map_err(lost)? != true {
        let came = "the page has no field to type into".into();
        return Err(failed(windows.failure(Diagnosis::PAGE_DOES_NOT_SAY), came).into());
    }
    page.type_text(&word).await.map_err(lost)?;
    page.press_enter().await.map_err(lost)?;
    // Whatever else the page sends with it is the page's business.
    let is_it = |event: &PageEvent| {
        sent(event).is_some_and(|frame| frame[0] == said[0] && frame[1] == said[1])
    };
    let within = windows.scene.wait();
    if page.next_event(from, within, is_it).await.is_some() {
        return Ok(word);
    }
    let events = page.events().split_off(from);
    // The page may ask who is online meanwhile: of all that it sends, this is what holds the word, or an event `say`.
    let nearest = events.iter().filter_map(sent).rfind(|frame| {
        frame.to_string().contains(&word) || frame.get(0).is_some_and(|name| name == "say")
    });
    let failure = match (nearest, windows.script_error(page, from)) {
        // The server may answer with an error, which the page notes in its console: that is the echo, not the cause.
        (Some(frame), _) => {
            let came = short(&frame.to_string());
            let failure = windows.failure(Diagnosis::PAGE_DOES_NOT_SAY);
            failed(failure.wrong_from(name, said.to_string()), came)
        }
        (None, Some(failure)) => {
            let came = failure.came.clone().unwrap_or_default();
            failed(failure.missing_from(name, said.to_string()), came)
        }
        (None, None) => {
            let came = windows.scene.nothing();
            let failure = windows.failure(Diagnosis::PAGE_DOES_NOT_SAY);
            failed(failure.missing_from(name, said.to_string()), came)
        }
    };
    Err(failure.into())
}

/// The JSON of a frame that a page sent.
fn sent(event: &PageEvent) -> Option<Value> {
    match event {
        PageEvent::FrameSent {
            text,
            binary: false,
            ..
        } => serde_json::from_str(text).ok(),
        _ => None,
    }
}

/// What another client says can be read on the page.
pub async fn what_the_others_say_is_shown(windows: Rc<Windows>) -> Outcome {
    let mut visitor = visitor(&windows).await?;
    let text = format!("hello from {}", windows.word());
    let wrong = |_| Diagnosis::PAGE_DOES_NOT_SHOW;
    says(&windows, &mut visitor, &text, wrong).await?;
    let (first, last) = (windows.word(), windows.word());
    let long = format!("{first}{} {last}", " and so on".repeat(LONG));
    says(&windows, &mut visitor, &long, wrong).await
}

/// What makes a text of ten thousand characters, which the contract names.
const LONG: usize = 1_000;

/// Text that looks like HTML can be read as it is: it makes no element, and nothing in it runs.
pub async fn what_looks_like_html_stays_text(windows: Rc<Windows>) -> Outcome {
    let mut visitor = visitor(&windows).await?;
    let word = windows.word();
    let texts = [
        format!("<b>{word}</b>"),
        format!("<img src=x onerror=\"document.title = '{word}'\"> a picture"),
        format!("<script>document.title = '{word}'</script> a script"),
        format!("{word} &lt;b&gt; &amp;"),
    ];
    for text in &texts {
        let wrong = |was_read: bool| match was_read {
            true => Diagnosis::PAGE_SHOWS_HTML,
            false => Diagnosis::PAGE_DOES_NOT_SHOW,
        };
        says(&windows, &mut visitor, text, wrong).await?;
    }
    for (name, page) in windows.both() {
        let title = page.evaluate("document.title").await;
        if title.map_err(|error| windows.lost(error))? == word {
            return Err(windows
                .failure(Diagnosis::PAGE_SHOWS_HTML)
                .sent(format!("visitor says {}", texts[1]))
                .expected(format!("{name} shows it as text, and runs none of it"))
                .came("the script in it ran".into())
                .into());
        }
    }
    Ok(())
}

/// Somebody who has no page: what is said and what is shown are then two questions.
async fn visitor(windows: &Windows) -> Result<Client, Failure> {
    windows.scene.settled_client("visitor").await
}

/// Holds that both pages show `text` when `visitor` says it. Where they do not, `wrong` is told whether they made
/// something else of it.
async fn says(
    windows: &Windows,
    visitor: &mut Client,
    text: &str,
    wrong: impl Fn(bool) -> Diagnosis,
) -> Outcome {
    let event = said(text);
    let from = windows.both().map(|(_, page)| page.event_count());
    let _ = visitor.send(event.clone()).await;
    for ((name, page), from) in windows.both().into_iter().zip(from) {
        let readable = can_be_read(text);
        let shown = page.wait_until(&readable, windows.scene.wait());
        if shown.await.map_err(|error| windows.lost(error))? {
            continue;
        }
        let arrived = |event: &PageEvent| matches!(event, PageEvent::FrameReceived { text, .. } if text.contains("\"say\""));
        let events = page.events().split_off(from);
        let unheard = |event: &PageEvent| matches!(event, PageEvent::Console { text, .. } if text.contains("nothing on this page listens for it"));
        let exception = |event: &PageEvent| matches!(event, PageEvent::Exception { .. });
        let was_read = has_left_a_trace(windows, (name, page), text).await?;
        let failure = if is_shown_in_part(windows, page, text).await? {
            let came = "the page shows a part of it".to_owned();
            windows.failure(Diagnosis::PAGE_CUTS_TEXT).came(came)
        } else if events.iter().any(exception) && !was_read {
            let failure = windows.script_error(page, from);
            failure.unwrap_or_else(|| windows.failure(Diagnosis::PAGE_SCRIPT_ERROR))
        } else if !events.iter().any(arrived) {
            let came = format!("it does not come to {name}");
            let failure = windows.failure(Diagnosis::UNKNOWN);
            failure.missing(name, short(&event)).came(came)
        } else if was_read {
            let came = "the page made elements of it".to_owned();
            windows.failure(wrong(true)).came(came)
        } else if events.iter().any(unheard) {
            let came = "the event comes, and nothing on the page listens for it".to_owned();
            windows.failure(wrong(false)).came(came)
        } else {
            let came = "the event comes, and the text is nowhere on the page".to_owned();
            windows.failure(wrong(false)).came(came)
        };
        return Err(failure
            .sent(format!("visitor says {}", short(&event)))
            .expected(format!("{name} shows the text: {}", short(text)))
            .into());
    }
    Ok(())
}

/// Whether a person can read the text: in the page, or in a field.
fn can_be_read(text: &str) -> String {
    let text = Value::from(text);
    format!(
        "(document.body.innerText.includes({text}) ||
            [...document.querySelectorAll('input, textarea')].some((field) => field.value.includes({text})))"
    )
}

/// Whether of a text that holds nothing like HTML the first or the last word can be read.
async fn is_shown_in_part(windows: &Windows, page: &Page, text: &str) -> Result<bool, Failure> {
    if text.contains(['<', '&']) {
        return Ok(false);
    }
    let ends = [text.split(' ').next(), text.rsplit(' ').next()];
    // Only a word of ours is nowhere else on the page.
    for word in ends.into_iter().flatten().filter(|it| it.len() == WORD) {
        let found = page.evaluate(&can_be_read(word)).await;
        if found.map_err(|error| windows.lost(error))? == true {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether something of the text is in the page, though it cannot be read as it is: as an element, or half of it.
async fn has_left_a_trace(
    windows: &Windows,
    (_, page): Window<'_>,
    text: &str,
) -> Result<bool, Failure> {
    // As the browser would read it: without what it takes for tags.
    let look = format!(
        "(() => {{
            const read = new DOMParser().parseFromString({}, 'text/html').body.textContent.trim();
            return read !== '' && document.body.textContent.includes(read);
        }})()",
        Value::from(text)
    );
    let found = page.evaluate(&look).await;
    Ok(found.map_err(|error| windows.lost(error))? == true)
}

diagnoses! {
    PAGE_DOES_NOT_SAY "page-does-not-say":
        "Somebody types into the page's field and presses Enter, but the page does not send the text."
        => "Look at the form's submit handler: it has to send what the field holds.";
    PAGE_DOES_NOT_SHOW "page-does-not-show":
        "The page gets what somebody else says, but does not show it."
        => "Look for the line that listens for `say`: it has to lead to a function that puts the text into the page.";
    PAGE_CUTS_TEXT "page-cuts-text":
        "The page gets what somebody else says, but shows only a part of it."
        => "Follow the text from socket.on to the element that shows it: something on the way takes a piece, or has a limit.";
    PAGE_SHOWS_HTML "page-shows-html":
        "What somebody else says becomes part of the page: a text that looks like HTML is read as HTML. So anybody who can talk can run a script in everybody's browser."
        => "Look at how the text comes into its element: innerHTML and .html() read it as HTML. Another property shows it as text.";
}
