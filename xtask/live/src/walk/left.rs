//! What stood in the files when a stage was left, and how it outlives a crash.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

/// The files as they were when a stage was left.
pub struct Left {
    /// All of them.
    pub files: Vec<Stood>,
    /// The last stage that had been written for the instructor then.
    pub written: usize,
}

/// A file as it stood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stood {
    /// Its name.
    pub name: String,
    /// `None` where there was no such file.
    pub content: Option<Vec<u8>>,
}

/// As JSON, by the stage's number. A file that is no text is left out: its copy in `.workshop/kept` is all that remains of it.
pub fn to_json(left: &BTreeMap<usize, Left>) -> Value {
    let files = |left: &Left| {
        let texts = left.files.iter().filter_map(|file| {
            let text = String::from_utf8(file.content.clone()?).ok()?;
            Some((file.name.clone(), Value::String(text)))
        });
        texts.collect::<Map<_, _>>()
    };
    let entry = |(stage, left): (&usize, &Left)| {
        let entry = json!({ "written": left.written, "files": files(left) });
        (stage.to_string(), entry)
    };
    Value::Object(left.iter().map(entry).collect())
}

/// What [`to_json`] has written; what makes no sense is left out.
pub fn from_json(value: &Value) -> BTreeMap<usize, Left> {
    let entries = value.as_object().into_iter().flatten();
    let entry = |(stage, left): (&String, &Value)| {
        let files = left["files"].as_object()?.iter().map(|(name, text)| Stood {
            name: name.clone(),
            content: text.as_str().map(|text| text.as_bytes().to_vec()),
        });
        let left = Left {
            files: files.collect(),
            written: usize::try_from(left["written"].as_u64()?).ok()?,
        };
        Some((stage.parse().ok()?, left))
    };
    entries.filter_map(entry).collect()
}
