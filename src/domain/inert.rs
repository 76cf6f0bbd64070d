//! Text from outside that a terminal shows and never obeys: for screens, the command line and error sentences.

use std::borrow::Cow;
use std::fmt::Write;

/// One line of customer text, shown and never obeyed: line ends and tabs become blanks, other control characters their
/// visible pictures, bidi overrides and zero-width tricks vanish. Joiners inside emoji stay.
pub fn inert(text: &str) -> Cow<'_, str> {
    if is_plain(text) || !text.chars().any(|c| c.is_control() || is_hidden(c) || c == '\u{200d}') {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut before = ' ';
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\r' if chars.peek() == Some(&'\n') => {}
            '\n' | '\r' | '\t' => out.push(' '),
            '\0'..='\u{1f}' => out.extend(char::from_u32(0x2400 + c as u32)),
            '\u{7f}' => out.push('␡'),
            '\u{200d}' if is_pictograph(before) && chars.peek().is_some_and(|&next| is_pictograph(next)) => out.push(c),
            '\u{200d}' => {}
            c if c.is_control() => out.push('�'),
            c if is_hidden(c) => {}
            c => out.push(c),
        }
        before = c;
    }
    Cow::Owned(out)
}

/// JSON with everything as an escape that a terminal might obey: the same values, for whoever parses it. JSON's own
/// escapes leave out all control characters but the first 32, and have no notion of bidi overrides.
pub fn escaped_json(json: &str) -> Cow<'_, str> {
    let acts = |c: char| (c.is_control() && c != '\n') || is_hidden(c);
    if !json.chars().any(acts) {
        return Cow::Borrowed(json);
    }
    let mut out = String::with_capacity(json.len() + 16);
    for c in json.chars() {
        if acts(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                write!(out, "\\u{unit:04x}").expect("writing to a string works");
            }
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

/// Printable ASCII and blanks, as most texts are: one byte, one character, one cell.
pub fn is_plain(text: &str) -> bool {
    text.bytes().all(|b| matches!(b, b' '..=b'~'))
}

fn is_hidden(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

fn is_pictograph(c: char) -> bool {
    matches!(c, '\u{2600}'..='\u{27bf}' | '\u{fe0f}' | '\u{1f000}'..='\u{1faff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_keeps_its_values_and_shows_no_trick() {
        let value =
            serde_json::json!({"a\u{9b}b": "c\u{202e}d\u{7f}\u{85}\u{e0041}é王👩\u{200d}💻\u{1b}[31m", "n": [1, null]});
        let plain = value.to_string();
        let escaped = escaped_json(&plain);
        assert!(!escaped.chars().any(|c| c.is_control() || is_hidden(c)), "{escaped:?}");
        assert!(escaped.contains("é王👩\u{200d}💻"), "{escaped}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&escaped).unwrap(), value);
        assert!(matches!(escaped_json("{\"a\":\"b\"}"), Cow::Borrowed(_)));
    }
}
