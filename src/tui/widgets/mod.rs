//! Things a screen is made of: inputs, an editor, pickers, a form. They know no contact and no deal, ask nobody and
//! wait for nothing: keys go in, an outcome comes out, and drawing reads the state.

pub mod editor;
pub mod form;
pub mod fuzzy;
pub mod input;
pub mod picker;

#[cfg(test)]
pub(crate) mod testing {
    //! Keys from words, and a drawn buffer as text.

    use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
    use ratatui::buffer::Buffer;

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
