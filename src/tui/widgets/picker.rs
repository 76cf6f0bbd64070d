//! Choosing one thing, or several, by typing a little: from a fixed list, or from what somebody else finds for the typed
//! text. Fixed lists of up to nine select by digit at once; what is asked for treats digits as text.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::widgets::{Block, BorderType, Widget};

use super::{fuzzy, input};
use crate::tui::text;
use crate::tui::theme::{Role, Theme};

/// One thing to choose.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Item {
    /// What it is called by the program: a code, an id.
    pub key: String,
    pub label: String,
    /// What tells it from its namesakes, drawn dim behind the label.
    pub detail: String,
}

impl Item {
    pub fn new(key: impl Into<String>, label: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { key: key.into(), label: label.into(), detail: detail.into() }
    }
}

/// What a key did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    Ignored,
    Moved,
    /// Wants items for this text; the answer comes to `answer` with the same number.
    Ask {
        request: u64,
        text: String,
    },
    /// One was taken. With several to choose, `done` closes instead.
    Chosen(Item),
    /// “None” was taken.
    Cleared,
    /// Several: what is chosen now is what is wanted.
    Done(Vec<Item>),
    Cancelled,
}

#[derive(Clone, Debug, PartialEq)]
enum Source {
    Fixed,
    Asked { request: u64, answered: u64 },
}

/// State of a picker. Made by `fixed` or `asked`, refined by the methods that return it.
#[expect(clippy::struct_excessive_bools, reason = "switches that do not depend on each other")]
#[derive(Clone, Debug)]
pub struct Picker {
    input: input::Input,
    source: Source,
    /// All of a fixed list; what was answered last otherwise.
    items: Vec<Item>,
    /// Places in `items` that fit the text, best first.
    shown: Vec<usize>,
    at: usize,
    /// `Some`: several may be chosen, these are.
    chosen: Option<Vec<Item>>,
    /// Text that nothing has yet may be taken as it is.
    takes_new: bool,
    can_clear: bool,
    /// Digits are text, however few there are to choose from.
    is_text: bool,
    /// The arrows were used since the last choice, so that Enter means the row under them.
    is_pointing: bool,
    pub title: String,
    /// Said below: which keys do what.
    pub hint: String,
    /// Said when nothing fits.
    pub nothing: String,
}

impl Picker {
    pub fn fixed(title: impl Into<String>, items: Vec<Item>) -> Self {
        let mut picker = Self {
            input: input::Input::default(),
            source: Source::Fixed,
            items,
            shown: Vec::new(),
            at: 0,
            chosen: None,
            takes_new: false,
            can_clear: false,
            is_text: false,
            is_pointing: false,
            title: title.into(),
            hint: String::new(),
            nothing: String::new(),
        };
        picker.filter();
        picker
    }

    /// Shows what it is answered. Ask once for the first items: see `ask`.
    pub fn asked(title: impl Into<String>, text: &str) -> Self {
        let mut picker = Self::fixed(title, Vec::new());
        picker.source = Source::Asked { request: 0, answered: 0 };
        picker.input = input::Input::new(text);
        picker
    }

    /// Several may be chosen; these are already. New text can be taken too.
    #[must_use]
    pub fn several(mut self, chosen: Vec<Item>) -> Self {
        self.chosen = Some(chosen);
        self.takes_new = true;
        self
    }

    /// `0`, or Delete on an empty line, takes nothing.
    #[must_use]
    pub fn clearable(mut self) -> Self {
        self.can_clear = true;
        self
    }

    /// The items have no fixed places: digits are text.
    #[must_use]
    pub fn as_text(mut self) -> Self {
        self.is_text = true;
        self
    }

    /// Starts on the item with this key.
    #[must_use]
    pub fn on(mut self, key: &str) -> Self {
        self.at = self.shown.iter().position(|&i| self.items[i].key == key).unwrap_or(0);
        self
    }

    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>, nothing: impl Into<String>) -> Self {
        self.hint = hint.into();
        self.nothing = nothing.into();
        self
    }

    /// The typed text.
    pub fn text(&self) -> &str {
        self.input.text()
    }

    pub fn items(&self) -> &[Item] {
        &self.items
    }

    /// The item that Enter takes.
    pub fn current(&self) -> Option<&Item> {
        self.shown.get(self.at).map(|&i| &self.items[i])
    }

    /// The next question, with a number of its own; answers to older ones are dropped.
    pub fn ask(&mut self) -> Outcome {
        let Source::Asked { request, .. } = &mut self.source else { return Outcome::Moved };
        *request += 1;
        Outcome::Ask { request: *request, text: self.input.text().to_owned() }
    }

    /// True while the newest question has no answer.
    pub fn is_waiting(&self) -> bool {
        matches!(self.source, Source::Asked { request, answered } if answered < request)
    }

    /// Items for a question; false when a newer question was asked since.
    pub fn answer(&mut self, number: u64, items: Vec<Item>) -> bool {
        let Source::Asked { request, answered } = &mut self.source else { return false };
        if *request != number {
            return false;
        }
        *answered = number;
        let key = self.current().map(|i| i.key.clone());
        self.items = items;
        self.filter();
        // What was pointed at stays under the arrows, whatever else came.
        if let (true, Some(key)) = (self.is_pointing, key) {
            self.at = self.shown.iter().position(|&i| self.items[i].key == key).unwrap_or(0);
        }
        true
    }

    fn has_digits(&self) -> bool {
        self.source == Source::Fixed && self.items.len() <= 9 && self.chosen.is_none() && !self.is_text
    }

    fn filter(&mut self) {
        self.shown = match self.source {
            Source::Asked { .. } => (0..self.items.len()).collect(),
            Source::Fixed => {
                let typed = self.input.text();
                let fits = |i: &Item| {
                    fuzzy::score(typed, &i.label)
                        .into_iter()
                        .chain(fuzzy::score(typed, &i.key))
                        .chain(if i.detail.is_empty() { None } else { fuzzy::score(typed, &i.detail) })
                        .max()
                };
                let mut scored: Vec<_> =
                    self.items.iter().enumerate().filter_map(|(n, i)| fits(i).map(|s| (s, n))).collect();
                scored.sort_by_key(|&(score, n)| (std::cmp::Reverse(score), n));
                scored.into_iter().map(|(_, n)| n).collect()
            }
        };
        self.at = self.at.min(self.shown.len().saturating_sub(1));
    }

    pub fn on_key(&mut self, key: KeyEvent) -> Outcome {
        let ctrl = key.modifiers.contains(KeyModifiers::CONTROL);
        let plain = key.modifiers.difference(KeyModifiers::SHIFT).is_empty();
        match key.code {
            KeyCode::Esc => return Outcome::Cancelled,
            KeyCode::Char('c') if ctrl => return Outcome::Cancelled,
            KeyCode::Down => return self.point(1),
            KeyCode::Up => return self.point(-1),
            KeyCode::Char('n') if ctrl => return self.point(1),
            KeyCode::Char('p') if ctrl => return self.point(-1),
            KeyCode::PageDown => return self.point(8),
            KeyCode::PageUp => return self.point(-8),
            KeyCode::Enter => return self.enter(),
            KeyCode::Char(' ') if self.chosen.is_some() && self.input.is_empty() => return self.toggle(),
            KeyCode::Char(d @ '1'..='9') if plain && self.has_digits() => {
                let place = d as usize - '1' as usize;
                return self.items.get(place).cloned().map_or(Outcome::Moved, Outcome::Chosen);
            }
            KeyCode::Char('0') if plain && self.has_digits() && self.can_clear => return Outcome::Cleared,
            KeyCode::Delete | KeyCode::Backspace if self.input.is_empty() => {
                if let Some(chosen) = &mut self.chosen {
                    chosen.pop();
                    return Outcome::Moved;
                }
                return if self.can_clear { Outcome::Cleared } else { Outcome::Moved };
            }
            _ => {}
        }
        match self.input.on_key(key) {
            input::Outcome::Ignored => Outcome::Ignored,
            input::Outcome::Moved => Outcome::Moved,
            input::Outcome::Changed => self.retype(),
        }
    }

    pub fn paste(&mut self, pasted: &str) -> Outcome {
        self.input.paste(pasted);
        self.retype()
    }

    fn retype(&mut self) -> Outcome {
        self.at = 0;
        self.is_pointing = false;
        self.filter();
        self.ask()
    }

    fn point(&mut self, by: isize) -> Outcome {
        let last = self.shown.len().saturating_sub(1);
        self.at = self.at.saturating_add_signed(by).min(last);
        self.is_pointing = true;
        Outcome::Moved
    }

    fn enter(&mut self) -> Outcome {
        if let Some(chosen) = &self.chosen {
            if self.input.is_empty() && !self.is_pointing {
                return Outcome::Done(chosen.clone());
            }
            return self.toggle();
        }
        // An answer still on its way may be to other letters: Enter then waits for it rather than taking a wrong one.
        if self.is_waiting() && !self.is_pointing {
            return Outcome::Moved;
        }
        self.current().cloned().map_or(Outcome::Moved, Outcome::Chosen)
    }

    /// Takes the current item in or out, else the typed text as a new one.
    fn toggle(&mut self) -> Outcome {
        let typed = self.input.text().trim().to_owned();
        let exact = self.items.iter().find(|i| i.label.to_lowercase() == typed.to_lowercase()).cloned();
        let item = match (self.is_pointing || typed.is_empty(), exact) {
            (false, Some(item)) => Some(item),
            (false, None) if self.takes_new => Some(Item::new(typed.clone(), typed, "")),
            _ => self.current().cloned(),
        };
        let (Some(item), Some(chosen)) = (item, &mut self.chosen) else { return Outcome::Moved };
        match chosen.iter().position(|c| c.key == item.key) {
            Some(at) => {
                chosen.remove(at);
            }
            None => chosen.push(item),
        }
        self.is_pointing = false;
        if self.input.is_empty() {
            return Outcome::Moved;
        }
        self.input = input::Input::default();
        self.filter();
        self.ask()
    }

    /// What Tab or leaving means: for several, what is chosen together with the text not yet entered.
    pub fn finish(&mut self) -> Outcome {
        if self.chosen.is_some() {
            if !self.input.is_empty() {
                self.toggle();
            }
            return Outcome::Done(self.chosen.clone().unwrap_or_default());
        }
        if self.input.is_empty() && !self.is_pointing { Outcome::Cancelled } else { self.enter() }
    }

    /// Rows it wants, borders included.
    pub fn height(&self) -> u16 {
        (self.shown.len().max(1) as u16).min(9) + 3
    }

    /// Draws the box with the typed line on top; returns where the terminal's cursor belongs.
    pub fn render(&self, area: Rect, buf: &mut Buffer, theme: &Theme) -> Position {
        super::clear(area, buf);
        let width = usize::from(area.width.saturating_sub(4));
        let block = Block::bordered()
            .border_type(BorderType::Rounded)
            .border_style(theme.style(Role::BorderFocus))
            .title(format!(" {} ", text::cut(&text::inert(&self.title), width)))
            .title_style(theme.style(Role::Title));
        let block = if self.hint.is_empty() {
            block
        } else {
            let hint = format!(" {} ", text::cut(&self.hint, width));
            block.title_bottom(ratatui::text::Line::styled(hint, theme.style(Role::Dim)))
        };
        let inner = block.inner(area);
        block.style(theme.style(Role::Text)).render(area, buf);
        if inner.height == 0 || inner.width < 4 {
            return Position::new(inner.x, inner.y);
        }
        let mut x = inner.x + 1;
        buf.set_string(x, inner.y, "› ", theme.style(Role::Accent));
        x += 2;
        if let Some(chosen) = &self.chosen {
            for item in chosen {
                let tag = format!("#{} ", text::inert(&item.label));
                let wide = text::width(&tag) as u16;
                if x + wide + 8 >= inner.right() {
                    buf.set_string(x, inner.y, "… ", theme.style(Role::Dim));
                    x += 2;
                    break;
                }
                buf.set_string(x, inner.y, &tag, theme.style(Role::Accent));
                x += wide;
            }
        }
        let line = Rect::new(x, inner.y, inner.right().saturating_sub(x), 1);
        let cursor = self.input.render(line, buf, theme.style(Role::Input));
        let list = Rect::new(inner.x, inner.y + 1, inner.width, inner.height - 1);
        if self.shown.is_empty() && !self.is_waiting() {
            let said = text::cut(&self.nothing, usize::from(list.width.saturating_sub(3))).into_owned();
            buf.set_string(list.x + 3, list.y, said, theme.style(Role::Dim));
        }
        let rows = usize::from(list.height);
        let top = (self.at + 1).saturating_sub(rows);
        for (y, &n) in (list.y..list.bottom()).zip(self.shown.iter().skip(top)) {
            let is_current = self.shown.get(self.at) == Some(&n);
            self.render_row(n, is_current, Rect::new(list.x, y, list.width, 1), buf, theme);
        }
        cursor
    }

    fn render_row(&self, n: usize, is_current: bool, row: Rect, buf: &mut Buffer, theme: &Theme) {
        let item = &self.items[n];
        if is_current {
            buf.set_style(row, theme.style(Role::Selected));
            buf.set_string(row.x, row.y, "▌", theme.style(Role::Bar));
        }
        let on =
            |role| if is_current { theme.style(Role::Selected).patch(theme.style(role)) } else { theme.style(role) };
        let mut x = row.x + 1;
        if self.has_digits() {
            buf.set_string(x, row.y, format!("{} ", n + 1), on(Role::Key));
            x += 2;
        }
        if let Some(chosen) = &self.chosen {
            let is_in = chosen.iter().any(|c| c.key == item.key);
            buf.set_string(x, row.y, if is_in { "✔ " } else { "  " }, on(Role::Good));
            x += 2;
        }
        let room = usize::from(row.right().saturating_sub(x + 1));
        let label = text::inert(&item.label);
        let label = text::cut(&label, room);
        let style = if is_current { theme.style(Role::Selected) } else { theme.style(Role::Text) };
        buf.set_string(x, row.y, &label, style);
        let left = room.saturating_sub(text::width(&label) + 2);
        if left > 3 && !item.detail.is_empty() {
            let detail = text::inert(&item.detail);
            let detail = text::cut(&detail, left);
            buf.set_string(x + text::width(&label) as u16 + 2, row.y, &detail, on(Role::Dim));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::theme::Depth;
    use crate::tui::widgets::testing::{keys, screen};

    fn priorities() -> Picker {
        let items = [("low", "Low"), ("normal", "Normal"), ("high", "High"), ("urgent", "Urgent")];
        Picker::fixed("Priority", items.map(|(k, l)| Item::new(k, l, "")).to_vec())
    }

    fn press(picker: &mut Picker, script: &str) -> Outcome {
        keys(script).into_iter().map(|k| picker.on_key(k)).last().expect("a script has keys")
    }

    #[test]
    fn a_digit_takes_its_own_choice_even_when_the_list_is_filtered() {
        for (script, key) in [("3", "high"), ("u r 3", "high"), ("<down> <enter>", "normal"), ("u r <enter>", "urgent")]
        {
            let Outcome::Chosen(item) = press(&mut priorities(), script) else { panic!("{script} chooses") };
            assert_eq!(item.key, key, "{script}");
        }
        assert_eq!(press(&mut priorities(), "7"), Outcome::Moved);
        assert_eq!(press(&mut priorities().clearable(), "0"), Outcome::Cleared);
        assert_eq!(press(&mut priorities(), "<esc>"), Outcome::Cancelled);
    }

    #[test]
    fn answers_to_older_questions_are_dropped() {
        let mut picker = Picker::asked("Company", "");
        assert_eq!(picker.ask(), Outcome::Ask { request: 1, text: String::new() });
        assert_eq!(press(&mut picker, "a"), Outcome::Ask { request: 2, text: "a".into() });
        assert!(!picker.answer(1, vec![Item::new("1", "Old", "")]));
        assert_eq!(
            press(&mut picker, "<enter>"),
            Outcome::Moved,
            "nothing wrong is taken while the answer is on its way"
        );
        assert!(picker.answer(2, vec![Item::new("7", "Acme", "Berlin"), Item::new("8", "Ajax", "")]));
        assert_eq!(press(&mut picker, "5"), Outcome::Ask { request: 3, text: "a5".into() }, "digits are text here");
        picker.answer(3, vec![Item::new("8", "Ajax 5", "")]);
        assert_eq!(press(&mut picker, "<enter>"), Outcome::Chosen(Item::new("8", "Ajax 5", "")));
    }

    #[test]
    fn several_can_be_taken_in_and_out_and_new_ones_typed() {
        let mut picker = Picker::asked("Tags", "").several(vec![Item::new("vip", "vip", "")]);
        picker.ask();
        picker.answer(1, vec![Item::new("vip", "vip", ""), Item::new("de", "de", "")]);
        press(&mut picker, "<down> <enter>");
        press(&mut picker, "new <enter>");
        press(&mut picker, "<backspace>");
        press(&mut picker, "fair <enter>");
        let Outcome::Done(chosen) = press(&mut picker, "<enter>") else { panic!("Enter on nothing is done") };
        assert_eq!(chosen.iter().map(|i| i.key.as_str()).collect::<Vec<_>>(), ["vip", "de", "fair"]);
    }

    #[test]
    fn draws_digits_details_and_the_hint() {
        let theme = Theme::named("mono", Depth::None).expect("mono is embedded");
        let area = Rect::new(0, 0, 30, 7);
        let mut buf = Buffer::empty(area);
        let picker = priorities().on("high").with_hint("Enter take  Esc back", "nothing fits");
        let cursor = picker.render(area, &mut buf, &theme);
        assert_eq!(
            screen(&buf),
            "╭ Priority ──────────────────╮\n│ ›                          │\n│ 1 Low                      │\n│ 2 Normal                   │\n│▌3 High                     │\n│ 4 Urgent                   │\n╰ Enter take  Esc back ──────╯\n"
        );
        assert_eq!(cursor, Position::new(4, 1));
    }
}
