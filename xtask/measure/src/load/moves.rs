//! Which move a frame carries.

use serde_json::Value;
use wire::position::Position;

/// x and y of a move that arrives, looked for and not parsed: this is what every delivery costs. `None` where it is written
/// in another way than servers do; then [`parsed`] finds out.
pub fn scanned(payload: &[u8]) -> Option<(u64, u64)> {
    let arguments = payload.strip_prefix(b"[\"spy\",")?;
    Some((value_of(arguments, b'x')?, value_of(arguments, b'y')?))
}

/// The whole number behind `"name":`.
fn value_of(bytes: &[u8], name: u8) -> Option<u64> {
    let key = [b'"', name, b'"', b':'];
    let start = bytes.windows(4).position(|window| window == key)? + 4;
    let mut value: u64 = 0;
    for (digits, byte) in bytes[start..].iter().enumerate() {
        match byte {
            b'0'..=b'9' if digits < 16 => value = value * 10 + u64::from(byte - b'0'),
            b',' | b'}' if digits > 0 => return Some(value),
            _ => return None,
        }
    }
    None
}

/// x and y of a move that arrives, by the whole of its JSON.
pub fn parsed(payload: &[u8]) -> Option<(u64, u64)> {
    let event: Value = serde_json::from_slice(payload).ok()?;
    let [Value::String(name), arguments @ ..] = event.as_array()?.as_slice() else {
        return None;
    };
    let Position { x, y, .. } = Position::of(name, arguments).filter(|_| name == "spy")?;
    let is_ours = |value: f64| value >= 0.0 && value.fract() == 0.0;
    (is_ours(x) && is_ours(y)).then_some((x as u64, y as u64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_move_is_found_however_it_is_written() {
        for text in [
            r#"["spy",{"x":12,"y":34}]"#,
            r#"["spy",{"y":34,"x":12}]"#,
            r#"["spy",{"id":7,"x":12,"y":34,"z":"x"}]"#,
            r#"[ "spy", { "x": 12.0, "y" : 34 } ]"#,
        ] {
            let text = text.as_bytes();
            assert_eq!(scanned(text).or_else(|| parsed(text)), Some((12, 34)));
            assert_eq!(parsed(text), Some((12, 34)));
        }
        for text in [
            r#"["spy",12,34]"#,
            r#"["say","12,34"]"#,
            r#"["spy",{"x":-1,"y":0}]"#,
            "[",
        ] {
            let text = text.as_bytes();
            assert_eq!(scanned(text).or_else(|| parsed(text)), None);
        }
    }
}
