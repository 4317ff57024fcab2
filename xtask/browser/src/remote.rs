//! How a value inside the page reads to a person: what the console would show, on one line.
//!
//! It deliberately does no `%s` substitution, and looks no deeper into an object than the browser's own preview does.

use serde_json::Value;

/// The arguments of a `console` call, side by side.
pub(super) fn printed(args: &Value) -> String {
    let args = args.as_array().map(Vec::as_slice).unwrap_or_default();
    args.iter().map(shown).collect::<Vec<_>>().join(" ")
}

/// What an uncaught exception says, on one line and without "Uncaught".
pub(super) fn thrown(details: &Value) -> String {
    match details.get("exception") {
        Some(value) => shown(value),
        None => {
            let text = details["text"].as_str().unwrap_or("unknown error");
            text.trim_start_matches("Uncaught ").to_owned()
        }
    }
}

fn shown(value: &Value) -> String {
    if let Some(preview) = value.get("preview").filter(|preview| has_parts(preview)) {
        return previewed(preview);
    }
    match &value["value"] {
        Value::Null => described(value),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Errors, functions, elements, and what JSON cannot say: `undefined`, `null`, `NaN`.
fn described(value: &Value) -> String {
    let text = value["description"]
        .as_str()
        .or(value["unserializableValue"].as_str())
        .or(value["subtype"].as_str())
        .or(value["type"].as_str())
        .unwrap_or("undefined");
    // The description of an error holds its stack too.
    text.lines().next().unwrap_or_default().to_owned()
}

/// Plain objects, arrays and instances of classes are shown with what is in them.
fn has_parts(preview: &Value) -> bool {
    preview["type"] == "object" && matches!(preview["subtype"].as_str(), None | Some("array"))
}

fn previewed(preview: &Value) -> String {
    let list = preview["subtype"] == "array";
    let parts = preview["properties"].as_array();
    let mut parts: Vec<String> = parts
        .into_iter()
        .flatten()
        .map(|part| {
            let value = part["value"].as_str().unwrap_or("...");
            let value = match part["type"].as_str() {
                Some("string") => format!("{value:?}"),
                _ => value.to_owned(),
            };
            match part["name"].as_str() {
                Some(name) if !list => format!("{name}: {value}"),
                _ => value,
            }
        })
        .collect();
    if preview["overflow"] == true {
        parts.push("...".to_owned());
    }
    let parts = parts.join(", ");
    match preview["description"].as_str() {
        _ if list => format!("[{parts}]"),
        Some(class) if class != "Object" => format!("{class} {{{parts}}}"),
        _ => format!("{{{parts}}}"),
    }
}
