//! Text of many lines: soft wrapping, wide characters, undo. Stands on `tui_textarea`; the keys are ours, so that those
//! of the interface (`Ctrl-s`, `Ctrl-k`, `Esc`, `Tab`) pass through.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use ratatui::widgets::Widget;
use tui_textarea::{CursorMove, DataCursor, TextArea, WrapMode};
use unicode_segmentation::UnicodeSegmentation;

use crate::tui::text;
use crate::tui::widgets::input::Outcome;

#[derive(Clone, Debug)]
pub struct Editor {
    area: TextArea<'static>,
}

impl Default for Editor {
    fn default() -> Self {
        Self::new("")
    }
}

impl Editor {
    /// An editor with the cursor at the text's end.
    pub fn new(content: &str) -> Self {
        let lines = text::inert_lines(content);
        let mut area = TextArea::new(lines);
        area.set_wrap_mode(WrapMode::WordOrGlyph);
        area.set_cursor_line_style(Style::default());
        // The terminal's own cursor is put there, which input methods and screen readers follow.
        area.set_cursor_style(Style::default());
        area.set_max_histories(200);
        area.move_cursor(CursorMove::Bottom);
        area.move_cursor(CursorMove::End);
        Self { area }
    }

    pub fn text(&self) -> String {
        self.area.lines().join("\n")
    }

    /// True when there is nothing but blanks.
    pub fn is_blank(&self) -> bool {
        self.area.lines().iter().all(|l| l.trim().is_empty())
    }

    /// Lines that the text takes when wrapped at `width` cells.
    pub fn height(&self, width: u16) -> usize {
        self.area.lines().iter().map(|l| text::wrap(l, usize::from(width)).len()).sum()
    }

    pub fn on_key(&mut self, key: KeyEvent) -> Outcome {
        let outcome = self.edit(key);
        self.settle();
        outcome
    }

    fn edit(&mut self, key: KeyEvent) -> Outcome {
        let ctrl = key.modifiers.contains(KeyModifiers::CONTROL);
        let alt = key.modifiers.contains(KeyModifiers::ALT);
        match key.code {
            KeyCode::Char(c) if !ctrl && !alt => {
                if !text::is_inert(c) {
                    return Outcome::Moved;
                }
                self.area.insert_char(c);
                Outcome::Changed
            }
            KeyCode::Enter => {
                self.area.insert_newline();
                Outcome::Changed
            }
            KeyCode::Char('z') if ctrl => changed(self.area.undo()),
            KeyCode::Char('y') if ctrl => changed(self.area.redo()),
            KeyCode::Char('w') if ctrl => changed(self.area.delete_word()),
            KeyCode::Char('u') if ctrl => changed(self.area.delete_line_by_head()),
            KeyCode::Char('d') if alt => changed(self.area.delete_next_word()),
            KeyCode::Backspace if ctrl || alt => changed(self.area.delete_word()),
            KeyCode::Backspace => match self.chars_before() {
                chars @ 2.. => {
                    self.left();
                    changed(self.area.delete_str(chars))
                }
                _ => changed(self.area.delete_char()),
            },
            KeyCode::Delete if ctrl => changed(self.area.delete_next_word()),
            KeyCode::Delete => match self.chars_behind() {
                chars @ 2.. => changed(self.area.delete_str(chars)),
                _ => changed(self.area.delete_next_char()),
            },
            KeyCode::Char('a') if ctrl => self.go(CursorMove::Head),
            KeyCode::Char('e') if ctrl => self.go(CursorMove::End),
            KeyCode::Char('b') if alt => self.go(CursorMove::WordBack),
            KeyCode::Char('f') if alt => self.go(CursorMove::WordForward),
            KeyCode::Left if ctrl || alt => self.go(CursorMove::WordBack),
            KeyCode::Right if ctrl || alt => self.go(CursorMove::WordForward),
            KeyCode::Left => {
                self.left();
                Outcome::Moved
            }
            KeyCode::Right => {
                self.right();
                Outcome::Moved
            }
            KeyCode::Home if ctrl => self.go(CursorMove::Top),
            KeyCode::End if ctrl => self.go(CursorMove::Bottom),
            KeyCode::Home => self.go(CursorMove::Head),
            KeyCode::End => self.go(CursorMove::End),
            // At the first and last line the arrows lead out, as between the fields of a form.
            KeyCode::Up => self.go_or_leave(CursorMove::Up),
            KeyCode::Down => self.go_or_leave(CursorMove::Down),
            _ => Outcome::Ignored,
        }
    }

    /// Puts pasted text in, inert, with its line breaks.
    pub fn paste(&mut self, pasted: &str) -> Outcome {
        let outcome = changed(self.area.insert_str(text::inert_lines(pasted).join("\n")));
        self.settle();
        outcome
    }

    /// The byte of the text at which the cursor stands.
    pub fn byte(&self) -> usize {
        let DataCursor(row, _) = self.area.cursor();
        let above: usize = self.area.lines().iter().take(row).map(|line| line.len() + 1).sum();
        above + self.place().1
    }

    /// Puts the cursor at a byte of the text.
    pub fn point(&mut self, byte: usize) {
        let text = self.text();
        let before = &text[..byte.min(text.len())];
        let row = before.matches('\n').count();
        let column = before.rsplit('\n').next().map_or(0, |line| line.chars().count());
        self.area.move_cursor(CursorMove::Jump(row as u16, column as u16));
        self.settle();
    }

    /// What stands between the last blank and the cursor.
    pub fn word_before(&self) -> String {
        let (line, at) = self.place();
        line[..at].rsplit(char::is_whitespace).next().unwrap_or_default().to_owned()
    }

    /// The cursor's line, and its byte in it.
    fn place(&self) -> (&str, usize) {
        let DataCursor(row, column) = self.area.cursor();
        let line = &self.area.lines()[row];
        (line, line.char_indices().nth(column).map_or(line.len(), |(at, _)| at))
    }

    /// Characters of the grapheme before the cursor; none at a line's beginning.
    fn chars_before(&self) -> usize {
        let (line, at) = self.place();
        line[..at].graphemes(true).next_back().map_or(0, |grapheme| grapheme.chars().count())
    }

    /// Characters of the grapheme behind the cursor; none at a line's end.
    fn chars_behind(&self) -> usize {
        let (line, at) = self.place();
        line[at..].graphemes(true).next().map_or(0, |grapheme| grapheme.chars().count())
    }

    /// To that character of the line. The area's own steps go by cells, of which a mark over a letter has none.
    fn jump(&mut self, column: usize) {
        let DataCursor(row, _) = self.area.cursor();
        if let (Ok(row), Ok(column)) = (u16::try_from(row), u16::try_from(column)) {
            self.area.move_cursor(CursorMove::Jump(row, column));
        }
    }

    fn left(&mut self) {
        match (self.chars_before(), self.area.cursor()) {
            (chars @ 2.., DataCursor(_, column)) => self.jump(column - chars),
            _ => self.area.move_cursor(CursorMove::Back),
        }
    }

    fn right(&mut self) {
        match (self.chars_behind(), self.area.cursor()) {
            (chars @ 2.., DataCursor(_, column)) => self.jump(column + chars),
            _ => self.area.move_cursor(CursorMove::Forward),
        }
    }

    /// The cursor stands between graphemes, while the area counts characters: behind one that it would stand in.
    fn settle(&mut self) {
        let (line, at) = self.place();
        let inside = line[at..text::border(line, at)].chars().count();
        if inside > 0 {
            let DataCursor(_, column) = self.area.cursor();
            self.jump(column + inside);
        }
    }

    fn go(&mut self, to: CursorMove) -> Outcome {
        self.area.move_cursor(to);
        Outcome::Moved
    }

    fn go_or_leave(&mut self, to: CursorMove) -> Outcome {
        let before = self.area.cursor();
        self.area.move_cursor(to);
        if self.area.cursor() == before { Outcome::Ignored } else { Outcome::Moved }
    }

    /// Draws the text, scrolled to its cursor; returns where the terminal's cursor belongs.
    pub fn render(&self, area: Rect, buf: &mut Buffer, style: Style) -> Position {
        buf.set_style(area, style);
        (&self.area).render(area, buf);
        let (top, left) = self.area.scroll_offset();
        let cursor = self.area.screen_cursor();
        let x = area.x + (cursor.col as u16).saturating_sub(left);
        let y = area.y + (cursor.row as u16).saturating_sub(top);
        Position::new(x.min(area.right().saturating_sub(1)), y.min(area.bottom().saturating_sub(1)))
    }
}

fn changed(did: bool) -> Outcome {
    if did { Outcome::Changed } else { Outcome::Moved }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::tui::widgets::testing::{any_key, any_pasted, cases, keys, line_of};

    fn drawn(editor: &Editor, width: u16, height: u16) -> (Vec<String>, Position) {
        let area = Rect::new(0, 0, width, height);
        let mut buf = Buffer::empty(area);
        let at = editor.render(area, &mut buf, Style::default());
        ((0..height).map(|y| line_of(&buf, y)).collect(), at)
    }

    #[test]
    fn wraps_words_and_wide_characters_and_knows_the_cursor() {
        let (lines, at) = drawn(&Editor::new("one two three four"), 10, 3);
        assert_eq!(lines, ["one two", "three four", ""]);
        assert!(at.y <= 2);
        let (lines, at) = drawn(&Editor::new("发票抬头有误"), 8, 2);
        assert_eq!(lines, ["发票抬头", "有误"]);
        assert_eq!(at, Position::new(4, 1));
    }

    #[test]
    fn scrolls_to_the_cursor() {
        let (lines, _) = drawn(&Editor::new("1\n2\n3\n4"), 10, 2);
        assert_eq!(lines, ["3", "4"]);
    }

    #[test]
    fn undoes_typing_and_lets_the_interfaces_keys_through() {
        let mut editor = Editor::default();
        for key in keys("ab <enter> c") {
            editor.on_key(key);
        }
        assert_eq!(editor.text(), "ab\nc");
        editor.on_key(keys("<C-z>")[0]);
        assert_eq!(editor.text(), "ab\n");
        for key in keys("<C-s> <C-k> <tab> <S-tab> <esc>") {
            assert_eq!(editor.on_key(key), Outcome::Ignored, "{key:?}");
        }
    }

    #[test]
    fn the_cursor_goes_to_a_byte() {
        let mut editor = Editor::new("王总\nab {x} c");
        editor.point("王总\nab ".len());
        editor.on_key(keys("!")[0]);
        assert_eq!(editor.text(), "王总\nab !{x} c");
        assert_eq!(editor.byte(), "王总\nab !".len());
    }

    #[test]
    fn arrows_lead_out_at_the_edges_and_pastes_are_inert() {
        let mut editor = Editor::new("a\nb");
        assert_eq!(editor.on_key(keys("<down>")[0]), Outcome::Ignored);
        assert_eq!(editor.on_key(keys("<up>")[0]), Outcome::Moved);
        assert_eq!(editor.on_key(keys("<up>")[0]), Outcome::Ignored);
        let mut editor = Editor::default();
        editor.paste("x\r\ny\x1b[0m");
        assert_eq!(editor.text(), "x\ny␛[0m");
    }
    #[test]
    fn what_is_drawn_as_one_is_passed_and_deleted_as_one() {
        for (script, left) in [
            ("<backspace>", "a"),
            ("<left> x", "ax👩\u{200d}👧"),
            ("<left> <delete>", "a"),
            ("<left> <left> <right> x", "ax👩\u{200d}👧"),
            ("<backspace> <C-z>", "a👩\u{200d}👧"),
            ("<left> <left> <left> <delete>", "👩\u{200d}👧"),
        ] {
            let mut editor = Editor::new("a👩\u{200d}👧");
            for key in keys(script) {
                editor.on_key(key);
            }
            assert_eq!(editor.text(), left, "{script}");
        }
    }

    #[test]
    fn a_typed_character_that_a_terminal_would_obey_is_left_out() {
        let mut editor = Editor::default();
        for c in ['a', '\u{9b}', '\u{202e}', 'b'] {
            editor.on_key(KeyEvent::from(KeyCode::Char(c)));
        }
        assert_eq!(editor.text(), "ab");
    }

    proptest! {
        #![proptest_config(cases(400))]

        #[test]
        fn any_keys_leave_an_inert_text_and_the_cursor_between_graphemes_and_in_sight(
            begun in any_pasted(),
            steps in prop::collection::vec((any_key(), any_pasted(), any::<prop::sample::Index>()), 0..12),
            (width, height) in (0_u16..14, 0_u16..4),
        ) {
            let mut editor = Editor::new(&begun);
            let area = Rect::new(1, 1, width, height);
            for (key, pasted, pick) in steps {
                let before = editor.text();
                let outcome = match pick.index(10) {
                    0 => editor.paste(&pasted),
                    1 => {
                        editor.point(text::border(&before, before.floor_char_boundary(pick.index(before.len() + 3))));
                        Outcome::Moved
                    }
                    _ => editor.on_key(key),
                };
                if outcome != Outcome::Changed {
                    prop_assert_eq!(editor.text(), before);
                }
                let (line, at) = editor.place();
                prop_assert_eq!(text::border(line, at), at, "{:?} at {} by {:?}", line, at, key);
                prop_assert!(editor.text().chars().all(|c| c == '\n' || text::is_inert(c)), "{:?} by {:?}", editor, key);
                let mut buf = Buffer::empty(Rect::new(0, 0, 16, 6));
                let at = editor.render(area, &mut buf, Style::default());
                prop_assert!(area.is_empty() || area.contains(at), "{at:?} is outside {area:?}");
                editor.height(width);
            }
        }
    }
}
