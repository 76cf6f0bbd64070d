//! Things a screen is made of: inputs, an editor, pickers, a form. They know no contact and no deal, ask nobody and
//! wait for nothing: keys go in, an outcome comes out, and drawing reads the state.

pub mod chart;
pub mod editor;
pub mod form;
pub mod fuzzy;
pub mod input;
pub mod picker;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::widgets::{Clear, Widget};

use super::text::width;

#[cfg(test)]
pub(crate) mod testing {
    //! Keys from words, any keys at all, and a drawn buffer as text.

    use crossterm::event::{KeyCode, KeyEvent, KeyModifiers, MediaKeyCode, ModifierKeyCode};
    use proptest::prelude::*;
    use proptest::sample::select;
    use ratatui::buffer::Buffer;

    /// Characters that join their neighbours to one that is drawn, that hide, that act, and plain ones.
    pub(crate) fn any_typed() -> impl Strategy<Value = char> {
        let odd = "a e Zé\u{301}\u{336}王伟👩👧\u{200d}🏽\u{fe0f}🇨🇳🇩क\u{94d}ष\u{600}\u{1100}\u{1161}\u{202e}\u{200b}\u{9b}\u{85}\0\t\n\r";
        prop_oneof![4 => select(odd.chars().collect::<Vec<_>>()), 1 => any::<char>()]
    }

    /// A text of them, of several lines at times.
    pub(crate) fn any_pasted() -> impl Strategy<Value = String> {
        prop::collection::vec(any_typed(), 0..12).prop_map(String::from_iter)
    }

    /// A key as some terminal may send it, those that texts are edited with more often.
    pub(crate) fn any_key() -> impl Strategy<Value = KeyEvent> {
        let editing = vec![
            KeyCode::Backspace,
            KeyCode::Delete,
            KeyCode::Left,
            KeyCode::Right,
            KeyCode::Up,
            KeyCode::Down,
            KeyCode::Home,
            KeyCode::End,
            KeyCode::Enter,
        ];
        let other = vec![
            KeyCode::Esc,
            KeyCode::Tab,
            KeyCode::BackTab,
            KeyCode::PageUp,
            KeyCode::Insert,
            KeyCode::Null,
            KeyCode::F(255),
            KeyCode::CapsLock,
            KeyCode::Media(MediaKeyCode::Play),
            KeyCode::Modifier(ModifierKeyCode::LeftShift),
        ];
        let command = select("aeuwzybfdkAZ".chars().collect::<Vec<_>>());
        let held = [KeyModifiers::CONTROL, KeyModifiers::ALT, KeyModifiers::SHIFT];
        let plain = prop_oneof![any_typed().prop_map(KeyCode::Char), select(editing.clone())];
        prop_oneof![
            6 => plain.prop_map(KeyEvent::from),
            3 => (prop_oneof![command.prop_map(KeyCode::Char), select(editing)], select(held.to_vec()))
                .prop_map(|(code, held)| KeyEvent::new(code, held)),
            1 => (prop_oneof![any::<char>().prop_map(KeyCode::Char), select(other)], any::<u8>())
                .prop_map(|(code, held)| KeyEvent::new(code, KeyModifiers::from_bits_truncate(held))),
        ]
    }

    pub(crate) fn cases(cases: u32) -> ProptestConfig {
        ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
    }

    /// The keys of a script: words are typed letter by letter, `<C-s>`, `<tab>`, `<S-tab>`, `<space>` are single keys.
    pub(crate) fn keys(script: &str) -> Vec<KeyEvent> {
        script.split(' ').flat_map(word).collect()
    }

    fn word(word: &str) -> Vec<KeyEvent> {
        let Some(name) = word.strip_prefix('<').and_then(|w| w.strip_suffix('>')).filter(|n| !n.is_empty()) else {
            return word.chars().map(|c| KeyEvent::new(KeyCode::Char(c), KeyModifiers::NONE)).collect();
        };
        let (modifiers, name) = match name.split_once('-') {
            Some(("C", name)) => (KeyModifiers::CONTROL, name),
            Some(("A", name)) => (KeyModifiers::ALT, name),
            Some(("S", name)) => (KeyModifiers::SHIFT, name),
            _ => (KeyModifiers::NONE, name),
        };
        let code = match name {
            "tab" if modifiers == KeyModifiers::SHIFT => KeyCode::BackTab,
            "tab" => KeyCode::Tab,
            "enter" => KeyCode::Enter,
            "esc" => KeyCode::Esc,
            "space" => KeyCode::Char(' '),
            "backspace" => KeyCode::Backspace,
            "delete" => KeyCode::Delete,
            "left" => KeyCode::Left,
            "right" => KeyCode::Right,
            "up" => KeyCode::Up,
            "down" => KeyCode::Down,
            "home" => KeyCode::Home,
            "end" => KeyCode::End,
            letter => KeyCode::Char(letter.chars().next().expect("a key has a name")),
        };
        vec![KeyEvent::new(code, modifiers)]
    }

    /// A row of the buffer without the spaces at its end; the second cell of a wide character is left out.
    pub(crate) fn line_of(buf: &Buffer, y: u16) -> String {
        let mut out = String::new();
        let mut x = buf.area.left();
        while x < buf.area.right() {
            let symbol = buf[(x, y)].symbol();
            out.push_str(symbol);
            x += (crate::tui::text::width(symbol) as u16).max(1);
        }
        out.trim_end().to_owned()
    }

    /// The whole buffer.
    pub(crate) fn screen(buf: &Buffer) -> String {
        (buf.area.top()..buf.area.bottom()).map(|y| line_of(buf, y) + "\n").collect()
    }
}

/// Empties the place of a box. A wide character that reaches under its left edge goes whole, or a terminal would draw
/// it over the edge.
pub fn clear(place: Rect, buf: &mut Buffer) {
    Clear.render(place, buf);
    for y in place.top()..place.bottom() {
        if let Some(cell) = place.x.checked_sub(1).and_then(|x| buf.cell_mut((x, y)))
            && width(cell.symbol()) > 1
        {
            cell.set_symbol(" ");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_box_over_wide_characters_keeps_its_edge() {
        let mut buf = Buffer::empty(Rect::new(0, 0, 6, 1));
        buf.set_string(0, 0, "客户客", ratatui::style::Style::new());
        clear(Rect::new(3, 0, 2, 1), &mut buf);
        let shown: Vec<&str> = buf.content().iter().map(ratatui::buffer::Cell::symbol).collect();
        assert_eq!(shown[0], "客");
        assert_eq!(shown[2], " ", "the second character would cover the edge");
        assert_eq!(shown[3], " ");
    }
}
