//! Code for a view: what changes, in its colours, and how far the files are from it.

use live::walk::{Change, Gap, GapLine, Hunk, Line, Phase, Place, Text, Walkthrough};
use serde_json::{Value, json};

use crate::colour::Colours;

/// What of the code is before the class at a place.
pub fn at(walk: &Walkthrough, place: Place, colours: &Colours) -> Value {
    let stage = &walk.stages[place.stage - 1];
    let (before, after) = match place.phase {
        // Nothing has changed yet.
        Phase::Question => (walk.before(stage), walk.before(stage)),
        Phase::Change => walk.around(stage, stage.pages[place.part].part),
        Phase::Run | Phase::Verdict => (walk.before(stage), stage.files.as_slice()),
    };
    let changes = walk.code_at(place);
    let changes = changes.iter().map(|it| change(it, before, after, colours));
    Value::Array(changes.collect())
}

/// What changes in one file, in its colours.
fn change(change: &Change, before: &[Text], after: &[Text], colours: &Colours) -> Value {
    let text = |files: &[Text]| {
        let file = files.iter().find(|file| file.name == change.file);
        file.map_or_else(String::new, |file| file.text.clone())
    };
    let (before, after) = (text(before), text(after));
    let line = |line: &Line| {
        let spans = colours.spans(line, &before, &after);
        json!({
            "kind": line.kind.word(),
            "number": line.number,
            "is_code": line.is_code,
            "spans": spans,
        })
    };
    let hunk = |hunk: &Hunk| json!({ "lines": hunk.lines.iter().map(line).collect::<Vec<_>>() });
    let hunks: Vec<Value> = change.hunks.iter().map(hunk).collect();
    json!({ "file": change.file, "hunks": hunks, "given": change.is_given() })
}

/// How far the files are from those that are to lie there, all together and one by one.
pub fn gap(gaps: &[(String, Gap)]) -> Value {
    let mut whole = Gap::default();
    for (_, gap) in gaps {
        whole.missing.extend(gap.missing.iter().cloned());
        whole.more.extend(gap.more.iter().cloned());
    }
    let line = |line: &GapLine| json!({ "line": line.line, "text": line.text });
    let lines = |lines: &[GapLine]| lines.iter().map(line).collect::<Vec<_>>();
    let open = gaps.iter().filter(|(_, gap)| !gap.is_closed());
    let file = |(file, gap): &(String, Gap)| json!({ "file": file, "missing": lines(&gap.missing), "more": lines(&gap.more) });
    let files: Vec<Value> = open.map(file).collect();
    json!({ "closed": whole.is_closed(), "words": whole.words(), "files": files })
}
