//! Text as HTML. What a program said is not to be trusted: no part of it is markup, and all of it can be seen.

/// The text, to be shown as it is.
///
/// What cannot be seen, or would turn the text around, is shown as an escape: `\u{202e}`. Line ends and tabs stay.
pub fn escaped(text: &str) -> String {
    let mut html = String::new();
    for letter in text.chars() {
        match letter {
            '&' => html += "&amp;",
            '<' => html += "&lt;",
            '>' => html += "&gt;",
            '"' => html += "&quot;",
            '\'' => html += "&#39;",
            '\n' | '\t' => html.push(letter),
            letter if letter.is_control() || turns_text_around(letter) => {
                html.extend(letter.escape_unicode());
            }
            letter => html.push(letter),
        }
    }
    html
}

/// The same as code, which may be broken after a comma.
pub fn code(text: &str) -> String {
    format!("<code>{}</code>", escaped(text).replace(',', ",<wbr>"))
}

/// Whether it is one of the marks that change the direction of the letters that follow.
fn turns_text_around(letter: char) -> bool {
    matches!(letter, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_is_markup() {
        assert_eq!(
            escaped("</script><script>a('&')</script>\""),
            "&lt;/script&gt;&lt;script&gt;a(&#39;&amp;&#39;)&lt;/script&gt;&quot;"
        );
        assert_eq!(code("[1,<b>]"), "<code>[1,<wbr>&lt;b&gt;]</code>");
    }

    #[test]
    fn what_cannot_be_seen_is_an_escape() {
        assert_eq!(
            escaped("\0\u{1b}[31m\u{202e}é 🖱\n"),
            "\\u{0}\\u{1b}[31m\\u{202e}é 🖱\n"
        );
    }
}
