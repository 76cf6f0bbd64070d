//! One line of typed text. Moves by graphemes and words, scrolls sideways, undoes typing.

use std::cell::Cell;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use unicode_segmentation::UnicodeSegmentation;

use crate::tui::text;

/// Steps of typing that can be taken back.
const UNDO_MAX: usize = 100;

/// What a key did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Not a key of this widget.
    Ignored,
    /// The cursor moved, or could not.
    Moved,
    /// The text is another one.
    Changed,
}

#[derive(Clone, Debug, Default)]
pub struct Input {
    text: String,
    /// Byte offset, always between graphemes.
    cursor: usize,
    /// First byte drawn; kept while the cursor stays in sight, so that the text does not slide at every key.
    first: Cell<usize>,
    undone: Vec<(String, usize)>,
    done: Vec<(String, usize)>,
    /// The last change was typing, which the next letter joins as one step.
    is_typing: bool,
}

impl Input {
    /// A line with the cursor at its end.
    pub fn new(text: &str) -> Self {
        let text = text::inert(text).into_owned();
        Self { cursor: text.len(), text, ..Self::default() }
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// The cursor's place in bytes.
    pub fn cursor(&self) -> usize {
        self.cursor
    }

    /// Puts another text in; typing can be taken back to what was there.
    pub fn set(&mut self, text: &str) {
        let text = text::inert(text).into_owned();
        self.step(false);
        self.cursor = text.len();
        self.text = text;
    }

    /// Replaces a range of bytes, as completion does, and puts the cursor behind it.
    pub fn splice(&mut self, range: std::ops::Range<usize>, with: &str) {
        self.step(false);
        let with = text::inert(with);
        self.text.replace_range(range.clone(), &with);
        self.cursor = text::border(&self.text, range.start + with.len());
    }

    pub fn on_key(&mut self, key: KeyEvent) -> Outcome {
        let ctrl = key.modifiers.contains(KeyModifiers::CONTROL);
        let alt = key.modifiers.contains(KeyModifiers::ALT);
        match key.code {
            KeyCode::Char(c) if !ctrl && !alt => self.insert(c.encode_utf8(&mut [0; 4]), true),
            KeyCode::Char('z') if ctrl => self.undo(),
            KeyCode::Char('y') if ctrl => self.redo(),
            KeyCode::Char('a') if ctrl => self.go(0),
            KeyCode::Char('e') if ctrl => self.go(self.text.len()),
            KeyCode::Char('b') if alt => self.go(self.word_left()),
            KeyCode::Char('f') if alt => self.go(self.word_right()),
            KeyCode::Char('w') if ctrl => self.delete(self.word_left(), self.cursor),
            KeyCode::Char('u') if ctrl => self.delete(0, self.cursor),
            KeyCode::Char('d') if alt => self.delete(self.cursor, self.word_right()),
            KeyCode::Backspace if ctrl || alt => self.delete(self.word_left(), self.cursor),
            KeyCode::Backspace => self.delete(self.left(), self.cursor),
            KeyCode::Delete if ctrl => self.delete(self.cursor, self.word_right()),
            KeyCode::Delete => self.delete(self.cursor, self.right()),
            KeyCode::Left if ctrl || alt => self.go(self.word_left()),
            KeyCode::Right if ctrl || alt => self.go(self.word_right()),
            KeyCode::Left => self.go(self.left()),
            KeyCode::Right => self.go(self.right()),
            KeyCode::Home => self.go(0),
            KeyCode::End => self.go(self.text.len()),
            _ => Outcome::Ignored,
        }
    }

    /// Puts pasted text in, as one inert line.
    pub fn paste(&mut self, pasted: &str) -> Outcome {
        let pasted = text::inert(pasted.trim_end_matches(['\r', '\n'])).into_owned();
        self.insert(&pasted, false)
    }

    fn insert(&mut self, what: &str, typed: bool) -> Outcome {
        if what.is_empty() || !what.chars().all(text::is_inert) {
            return Outcome::Moved;
        }
        // A new word is a step of its own.
        self.step(typed && !what.starts_with(' '));
        self.text.insert_str(self.cursor, what);
        // A combining mark joins the grapheme before it; the cursor goes behind the whole.
        self.cursor = text::border(&self.text, self.cursor + what.len());
        Outcome::Changed
    }

    fn delete(&mut self, from: usize, to: usize) -> Outcome {
        if from >= to {
            return Outcome::Moved;
        }
        self.step(false);
        self.text.replace_range(from..to, "");
        self.cursor = text::border(&self.text, from);
        Outcome::Changed
    }

    fn go(&mut self, to: usize) -> Outcome {
        self.cursor = text::border(&self.text, to);
        self.is_typing = false;
        Outcome::Moved
    }

    /// Remembers the present text as a step to come back to, unless the change goes on with the last one.
    fn step(&mut self, goes_on: bool) {
        if !(goes_on && self.is_typing) {
            self.done.push((self.text.clone(), self.cursor));
            if self.done.len() > UNDO_MAX {
                self.done.remove(0);
            }
        }
        self.undone.clear();
        self.is_typing = goes_on;
    }

    fn undo(&mut self) -> Outcome {
        let Some(earlier) = self.done.pop() else { return Outcome::Moved };
        self.undone.push((std::mem::replace(&mut self.text, earlier.0), self.cursor));
        self.cursor = earlier.1;
        self.is_typing = false;
        Outcome::Changed
    }

    fn redo(&mut self) -> Outcome {
        let Some(later) = self.undone.pop() else { return Outcome::Moved };
        self.done.push((std::mem::replace(&mut self.text, later.0), self.cursor));
        self.cursor = later.1;
        self.is_typing = false;
        Outcome::Changed
    }

    fn left(&self) -> usize {
        self.text[..self.cursor].grapheme_indices(true).next_back().map_or(0, |(i, _)| i)
    }

    fn right(&self) -> usize {
        self.text[self.cursor..].graphemes(true).next().map_or(self.cursor, |g| self.cursor + g.len())
    }

    fn word_left(&self) -> usize {
        let words = self.text[..self.cursor].split_word_bound_indices();
        words.rev().find(|(_, w)| w.chars().any(char::is_alphanumeric)).map_or(0, |(i, _)| i)
    }

    fn word_right(&self) -> usize {
        let rest = &self.text[self.cursor..];
        rest.split_word_bound_indices()
            .find(|(_, w)| w.chars().any(char::is_alphanumeric))
            .map_or(self.text.len(), |(i, w)| self.cursor + i + w.len())
    }

    /// Draws the line in one row; returns where the terminal's cursor belongs.
    pub fn render(&self, area: Rect, buf: &mut Buffer, style: Style) -> Position {
        let room = usize::from(area.width.max(1));
        let mut first = self.first.get().min(self.text.len());
        if !self.text.is_char_boundary(first) || first > self.cursor {
            first = self.cursor;
        }
        // One cell stays free for the cursor behind the last grapheme.
        while text::width(&self.text[first..self.cursor]) + 1 > room {
            first += self.text[first..].graphemes(true).next().map_or(1, str::len);
        }
        // After deleting, what was scrolled out comes back in.
        while first > 0 {
            let before = self.text[..first].grapheme_indices(true).next_back().map_or(0, |(i, _)| i);
            if text::width(&self.text[before..]) + 1 > room {
                break;
            }
            first = before;
        }
        self.first.set(first);
        buf.set_style(area, style);
        buf.set_stringn(area.x, area.y, &self.text[first..], room, style);
        let x = area.x + text::width(&self.text[first..self.cursor]) as u16;
        Position::new(x.min(area.right().saturating_sub(1)), area.y)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::tui::widgets::testing::{any_key, any_pasted, cases, keys, line_of};

    fn typed(script: &str) -> Input {
        let mut input = Input::default();
        for key in keys(script) {
            input.on_key(key);
        }
        input
    }

    #[test]
    fn types_moves_and_deletes_by_graphemes_and_words() {
        for (script, text, cursor) in [
            ("hello", "hello", 5),
            ("héllo <left> <left> <backspace>", "hélo", 3),
            ("王伟 <left> <backspace>", "伟", 0),
            ("one <space> two <C-w>", "one ", 4),
            ("one <space> two <C-left> <C-left> x", "xone two", 1),
            ("one <space> two <home> <C-right> ,", "one, two", 4),
            ("one <space> two <C-u>", "", 0),
            ("abc <home> <delete> <end> d", "bcd", 3),
            ("👩‍👧 <backspace>", "", 0),
        ] {
            let input = typed(script);
            assert_eq!((input.text(), input.cursor()), (text, cursor), "{script}");
        }
    }

    #[test]
    fn undoes_typing_word_by_word_and_does_it_again() {
        let mut input = typed("one <space> two");
        let (undo, redo) = (keys("<C-z>")[0], keys("<C-y>")[0]);
        input.on_key(undo);
        assert_eq!(input.text(), "one ");
        input.on_key(undo);
        assert_eq!(input.text(), "one");
        input.on_key(undo);
        assert_eq!(input.text(), "");
        assert_eq!(input.on_key(undo), Outcome::Moved, "nothing left to take back");
        input.on_key(redo);
        input.on_key(redo);
        input.on_key(redo);
        assert_eq!(input.text(), "one two");
    }

    #[test]
    fn a_paste_becomes_one_inert_line() {
        let mut input = Input::new("x");
        input.paste("a\r\nb\x1b[31m\n");
        assert_eq!(input.text(), "xa b␛[31m");
        assert_eq!(input.on_key(keys("<C-k>")[0]), Outcome::Ignored, "the palette's key passes through");
    }

    #[test]
    fn keeps_the_cursor_in_sight_in_wide_characters() {
        let area = Rect::new(0, 0, 8, 1);
        let mut buf = Buffer::empty(area);
        let mut input = Input::new("发票抬头有误");
        let at = input.render(area, &mut buf, Style::default());
        assert_eq!(line_of(&buf, 0), "头有误");
        assert_eq!(at.x, 6);
        input.on_key(keys("<home>")[0]);
        buf.reset();
        let at = input.render(area, &mut buf, Style::default());
        assert_eq!(line_of(&buf, 0), "发票抬头");
        assert_eq!(at.x, 0);
    }
    proptest! {
        #![proptest_config(cases(400))]

        #[test]
        fn any_keys_leave_an_inert_text_and_the_cursor_between_graphemes_and_in_sight(
            begun in any_pasted(),
            steps in prop::collection::vec((any_key(), any_pasted(), any::<prop::sample::Index>()), 0..12),
            width in 0_u16..14,
        ) {
            let mut input = Input::new(&begun);
            let area = Rect::new(1, 0, width, 1);
            for (key, pasted, pick) in steps {
                let (before, was) = (input.text().to_owned(), input.cursor());
                let outcome = match pick.index(10) {
                    0 => input.paste(&pasted),
                    1 => {
                        input.splice(input.left()..input.cursor(), &pasted);
                        Outcome::Changed
                    }
                    2 => {
                        input.set(&pasted);
                        Outcome::Changed
                    }
                    _ => input.on_key(key),
                };
                match outcome {
                    Outcome::Changed => {}
                    Outcome::Moved => prop_assert_eq!(input.text(), before),
                    Outcome::Ignored => prop_assert_eq!((input.text(), input.cursor()), (before.as_str(), was)),
                }
                prop_assert_eq!(text::border(input.text(), input.cursor()), input.cursor(), "{:?} by {:?}", input, key);
                prop_assert!(input.text().chars().all(text::is_inert), "{:?} by {:?}", input, key);
                let mut buf = Buffer::empty(Rect::new(0, 0, 16, 1));
                let at = input.render(area, &mut buf, Style::default());
                prop_assert!(area.width == 0 || area.contains(at), "{at:?} is outside {area:?}");
            }
        }
    }
}
