//! A word to the person's desktop by way of their terminal, for when they look elsewhere. Whatever is said is text: it
//! ends no sequence and begins none.

use super::text::{inert, width};

/// Cells that a notice has at most; desktops cut longer ones somewhere.
const LONGEST: usize = 160;

/// How a terminal takes a notice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Notify {
    /// OSC 9, which most that know any take.
    #[default]
    Nine,
    /// OSC 777, with a title.
    Titled,
    /// It would print what it does not know, or has no desktop.
    Never,
}

impl Notify {
    /// By the terminal's name, as TERM has it.
    pub fn of(term: Option<&str>) -> Self {
        let term = term.unwrap_or("dumb");
        let is = |names: &[&str]| names.iter().any(|name| term.starts_with(name));
        if term.is_empty() || is(&["dumb", "linux", "vt", "ansi", "cons25", "sun"]) {
            Self::Never
        } else if is(&["rxvt-unicode", "foot", "contour"]) {
            Self::Titled
        } else {
            Self::Nine
        }
    }

    /// What the terminal is sent; nothing where it would not take it.
    pub fn bytes(self, said: &str) -> Vec<u8> {
        let mut text = String::new();
        for c in inert(said).chars() {
            if width(&text) + 2 > LONGEST {
                text.push('…');
                break;
            }
            // The fields of a sequence are set off by it.
            text.push(if c == ';' { ',' } else { c });
        }
        match self {
            Self::Never => Vec::new(),
            // The name in front: some take a number there for another command.
            Self::Nine => format!("\x1b]9;frontdesk: {text}\x07").into_bytes(),
            Self::Titled => format!("\x1b]777;notify;frontdesk;{text}\x07").into_bytes(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notice_is_one_sequence_whatever_it_says() {
        let evil = "4;1;\x07\x1b]52;c;cm0=\x07\u{9d}0;x\u{9c}\x1b\\ \n\u{202e}王伟";
        for way in [Notify::Nine, Notify::Titled] {
            let bytes = String::from_utf8(way.bytes(evil)).expect("text");
            let inside = bytes.strip_prefix('\x1b').and_then(|rest| rest.strip_suffix('\x07')).expect("one sequence");
            assert!(!inside.contains(|c: char| c.is_control()), "{inside:?}");
            assert!(inside.contains("王伟") && !inside.contains('\u{202e}'), "{inside:?}");
        }
        assert!(Notify::Titled.bytes("a;b").ends_with(b"frontdesk;a,b\x07"));
        assert!(Notify::Nine.bytes(&"王".repeat(500)).len() < 600);
    }

    #[test]
    fn terminals_are_told_apart_by_name() {
        let of = |term| Notify::of(Some(term));
        assert_eq!(
            (of("xterm-256color"), of("foot"), of("rxvt-unicode-256color")),
            (Notify::Nine, Notify::Titled, Notify::Titled)
        );
        assert_eq!(
            (of("linux"), of("dumb"), of("vt220"), of(""), Notify::of(None)),
            (Notify::Never, Notify::Never, Notify::Never, Notify::Never, Notify::Never)
        );
        assert_eq!(Notify::Never.bytes("x"), b"");
    }
}
