//! One line of typed text with a cursor: filter, palette, names. Moves by graphemes; scrolls sideways when narrow.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use unicode_segmentation::UnicodeSegmentation;

use super::text;

/// A character as it is typed into a text, not a command with Ctrl or Alt. A field that has no use for one keeps it all
/// the same, so that it never acts as a command.
pub fn is_typing(key: KeyEvent) -> bool {
    matches!(key.code, KeyCode::Char(_)) && !key.modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT)
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    text: String,
    /// A byte position at a grapheme border.
    cursor: usize,
}

impl Line {
    /// The cursor stands behind the text.
    pub fn new(text: impl Into<String>) -> Self {
        let text = text.into();
        Self { cursor: text.len(), text }
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    /// The cursor's byte position.
    pub fn cursor(&self) -> usize {
        self.cursor
    }

    /// Replaces a span of bytes and puts the cursor behind what was put in.
    pub fn replace(&mut self, span: std::ops::Range<usize>, with: &str) {
        self.text.replace_range(span.clone(), with);
        self.cursor = text::border(&self.text, span.start + with.len());
    }

    /// Puts text in at the cursor, made one inert line.
    pub fn insert(&mut self, typed: &str) {
        let typed = text::inert(typed);
        self.text.insert_str(self.cursor, &typed);
        self.cursor = text::border(&self.text, self.cursor + typed.len());
    }

    /// Takes an editing key; true when the key was one. Does not say whether the text changed.
    pub fn key(&mut self, key: KeyEvent) -> bool {
        let ctrl = key.modifiers.contains(KeyModifiers::CONTROL);
        let alt = key.modifiers.contains(KeyModifiers::ALT);
        match key.code {
            KeyCode::Char('a') if ctrl => self.cursor = 0,
            KeyCode::Char('e') if ctrl => self.cursor = self.text.len(),
            KeyCode::Char('u') if ctrl => self.replace(0..self.cursor, ""),
            KeyCode::Char('w') if ctrl => self.replace(self.word_before()..self.cursor, ""),
            KeyCode::Char(c) if !ctrl && !alt => self.insert(c.encode_utf8(&mut [0; 4])),
            KeyCode::Backspace if alt || ctrl => self.replace(self.word_before()..self.cursor, ""),
            KeyCode::Backspace => self.replace(self.before()..self.cursor, ""),
            KeyCode::Delete => self.replace(self.cursor..self.after(), ""),
            KeyCode::Left => self.cursor = self.before(),
            KeyCode::Right => self.cursor = self.after(),
            KeyCode::Home => self.cursor = 0,
            KeyCode::End => self.cursor = self.text.len(),
            _ => return false,
        }
        true
    }

    /// The part that fits `cells`, the byte it begins at, and the cursor's column in it.
    pub fn window(&self, cells: usize) -> (&str, usize, u16) {
        let cells = cells.max(2);
        let mut start = 0;
        while text::width(&self.text[start..self.cursor]) >= cells {
            start += self.text[start..].graphemes(true).next().map_or(1, str::len);
        }
        let mut end = start;
        for grapheme in self.text[start..].graphemes(true) {
            if text::width(&self.text[start..end + grapheme.len()]) > cells {
                break;
            }
            end += grapheme.len();
        }
        (&self.text[start..end], start, text::width(&self.text[start..self.cursor]) as u16)
    }

    fn before(&self) -> usize {
        self.text[..self.cursor].grapheme_indices(true).next_back().map_or(0, |(i, _)| i)
    }

    fn after(&self) -> usize {
        self.text[self.cursor..].graphemes(true).next().map_or(self.cursor, |g| self.cursor + g.len())
    }

    fn word_before(&self) -> usize {
        let trimmed = self.text[..self.cursor].trim_end();
        trimmed.rfind(char::is_whitespace).map_or(0, |i| i + trimmed[i..].chars().next().map_or(1, char::len_utf8))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::tui::widgets::testing::{any_key, any_pasted, cases};

    #[test]
    fn edits_at_graphemes() {
        let mut line = Line::new("客户 e\u{301}");
        line.key(KeyEvent::from(KeyCode::Backspace));
        assert_eq!(line.text(), "客户 ");
        line.key(KeyEvent::new(KeyCode::Char('w'), KeyModifiers::CONTROL));
        assert_eq!(line.text(), "");
        line.insert("one\ntwo");
        line.key(KeyEvent::from(KeyCode::Home));
        line.key(KeyEvent::from(KeyCode::Delete));
        assert_eq!((line.text(), line.cursor()), ("ne two", 0));
        let mut line = Line::new("x\u{301}");
        line.key(KeyEvent::from(KeyCode::Home));
        line.insert("e");
        assert_eq!((line.text(), line.cursor()), ("ex\u{301}", 1));
        let mut line = Line::new("\u{301}");
        line.key(KeyEvent::from(KeyCode::Home));
        line.insert("e");
        assert_eq!((line.text(), line.cursor()), ("e\u{301}", 3), "never inside a letter and its mark");
    }

    #[test]
    fn shows_the_part_with_the_cursor() {
        let line = Line::new("abcdefgh");
        assert_eq!(line.window(4), ("fgh", 5, 3));
        let line = Line::new("客户客户");
        assert_eq!(line.window(5), ("客户", 6, 4));
    }
    proptest! {
        #![proptest_config(cases(400))]

        #[test]
        fn any_keys_leave_the_cursor_between_graphemes(
            begun in any_pasted(),
            steps in prop::collection::vec((any_key(), any_pasted(), any::<prop::sample::Index>()), 0..12),
            cells in 0_usize..20,
        ) {
            let mut line = Line::new(text::inert(&begun));
            for (key, pasted, pick) in steps {
                match pick.index(8) {
                    0 => line.insert(&pasted),
                    // As completion replaces what stands before the cursor.
                    1 => line.replace(line.before()..line.cursor(), &text::inert(&pasted)),
                    _ => drop(line.key(key)),
                }
                prop_assert_eq!(text::border(line.text(), line.cursor()), line.cursor(), "{:?} by {:?}", line, key);
                prop_assert!(line.text().chars().all(text::is_inert), "{:?} by {:?}", line, key);
                let (part, start, column) = line.window(cells);
                prop_assert!(line.text()[start..].starts_with(part));
                prop_assert!(text::width(part) <= cells.max(2) && usize::from(column) < cells.max(2), "{:?}", line);
            }
        }
    }
}
