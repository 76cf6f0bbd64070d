//! Text from outside that a terminal shows and never obeys: for screens, the command line and error sentences.

use std::borrow::Cow;

/// One line of customer text, shown and never obeyed: line ends and tabs become blanks, other control characters their
/// visible pictures, bidi overrides and zero-width tricks vanish. Joiners inside emoji stay.
pub fn inert(text: &str) -> Cow<'_, str> {
    if !text.chars().any(|c| c.is_control() || is_hidden(c) || c == '\u{200d}') {
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

fn is_hidden(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

fn is_pictograph(c: char) -> bool {
    matches!(c, '\u{2600}'..='\u{27bf}' | '\u{fe0f}' | '\u{1f000}'..='\u{1faff}')
}
