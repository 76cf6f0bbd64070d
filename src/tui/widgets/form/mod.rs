//! A form: one field a line, made from field declarations. Checks a field when it is left, keeps what was there before
//! for conflicts, and never loses what was typed: another's change marks a field and leaves its text alone.

mod draw;
pub mod entry;
mod spoken;

use std::cell::Cell;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use serde_json::{Map, Value as Json};

use self::entry::{Context, Entry, Fault};
use super::input;
use super::picker::{self, Item, Picker};
use crate::domain::action::Edit;
use crate::domain::field::{Field, FieldType};
use crate::domain::kind::KindId;
use crate::domain::value::{Ref, Value};

/// What a form says, in the person's language.
#[derive(Clone, Debug, Default)]
pub struct Words {
    pub required: String,
    pub integer: String,
    pub number: String,
    pub email: String,
    pub phone: String,
    pub url: String,
    pub when: String,
    /// Said aloud behind a field whose value is another than saved.
    pub changed: String,
    pub yes: String,
    pub no: String,
    /// Below the form, for the field that has the keyboard, by what it holds.
    pub hint_when: String,
    pub hint_past: String,
    pub hint_number: String,
    pub hint_flag: String,
    pub hint_choice: String,
    pub hint_reference: String,
    pub hint_tags: String,
    pub hint_long: String,
    /// In pickers: which keys do what, and that nothing fits.
    pub pick: String,
    pub pick_several: String,
    pub nothing: String,
}

impl Words {
    fn fault(&self, fault: &Fault) -> String {
        match fault {
            Fault::Required => &self.required,
            Fault::Integer => &self.integer,
            Fault::Number => &self.number,
            Fault::Email => &self.email,
            Fault::Phone => &self.phone,
            Fault::Url => &self.url,
            Fault::When => &self.when,
            Fault::Refused(reason) => reason,
        }
        .clone()
    }
}

/// What a key did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    Ignored,
    Moved,
    Changed,
    /// The open picker wants items; they go to `Form::answer` with the same number.
    Ask {
        wanted: Wanted,
        request: u64,
        text: String,
    },
}

/// What a picker wants to choose from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// Records of a kind that fit the text.
    Records(KindId),
    /// Values that this field already has somewhere.
    Values(String),
}

/// One field of the form.
#[derive(Clone, Debug)]
pub struct Row {
    pub field: Field,
    entry: Entry,
    /// The value that the person saw; what a conflict is told by.
    was: Value,
    /// The entry as it was before typing.
    start: Json,
    fault: Option<Fault>,
    /// Somebody else changed the field meanwhile: who, and to what.
    mark: Option<String>,
}

impl Row {
    fn new(field: Field, value: Value, cx: &Context) -> Self {
        let entry = Entry::new(&field, &value, cx);
        Self { start: entry.keep(), field, entry, was: value, fault: None, mark: None }
    }

    fn is_dirty(&self) -> bool {
        self.entry.keep() != self.start
    }

    fn check(&mut self, cx: &Context) -> bool {
        // A refusal by the desk stands until the field is changed.
        if matches!(self.fault, Some(Fault::Refused(_))) {
            return false;
        }
        self.fault = self.entry.read(&self.field, cx).err();
        self.fault.is_none()
    }
}

#[derive(Clone, Debug)]
pub struct Form {
    rows: Vec<Row>,
    at: usize,
    open: Option<Picker>,
    cx: Context,
    words: Words,
    /// The first line drawn; follows the field that has the keyboard.
    top: Cell<u16>,
}

impl Form {
    /// A form for these fields with the values they have.
    pub fn new(fields: impl IntoIterator<Item = (Field, Value)>, cx: Context, words: Words) -> Self {
        let rows = fields.into_iter().map(|(field, value)| Row::new(field, value, &cx)).collect();
        Self { rows, at: 0, open: None, cx, words, top: Cell::new(0) }
    }

    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// The field that has the keyboard.
    pub fn focused(&self) -> Option<&Field> {
        self.rows.get(self.at).map(|r| &r.field)
    }

    /// Gives the keyboard to a field.
    pub fn focus(&mut self, field: &str) {
        if let Some(at) = self.place(field) {
            self.at = at;
            self.open = None;
        }
    }

    /// Time passes: dates in words are read from here on.
    pub fn set_now(&mut self, now: chrono::DateTime<chrono::Utc>) {
        self.cx.now = now;
    }

    pub fn is_picking(&self) -> bool {
        self.open.is_some()
    }

    pub fn is_dirty(&self) -> bool {
        self.rows.iter().any(Row::is_dirty)
    }

    /// Names of the fields that differ from what was there.
    pub fn dirty(&self) -> Vec<&str> {
        self.rows.iter().filter(|r| r.is_dirty()).map(|r| r.field.name.as_str()).collect()
    }

    /// The value entered in a field, if it can be read.
    pub fn value(&self, field: &str) -> Option<Value> {
        let row = &self.rows[self.place(field)?];
        row.entry.read(&row.field, &self.cx).ok()
    }

    /// Puts a value in, as if it had been typed.
    pub fn put(&mut self, field: &str, value: &Value) {
        if let Some(at) = self.place(field) {
            let row = &mut self.rows[at];
            row.entry = Entry::new(&row.field, value, &self.cx);
            row.fault = None;
        }
    }

    fn place(&self, field: &str) -> Option<usize> {
        self.rows.iter().position(|r| r.field.name == field)
    }

    /// Checks every field; the first one that is wrong gets the keyboard.
    pub fn check(&mut self) -> bool {
        let cx = self.cx;
        let mut first = None;
        for (i, row) in self.rows.iter_mut().enumerate() {
            if !row.check(&cx) && first.is_none() {
                first = Some(i);
            }
        }
        if let Some(at) = first {
            self.at = at;
            self.open = None;
        }
        first.is_none()
    }

    /// The changed fields with what the person saw; call after `check`.
    pub fn edits(&self) -> Vec<Edit> {
        let read = |r: &Row| {
            let now = r.entry.read(&r.field, &self.cx).ok()?;
            (now != r.was).then(|| Edit { field: r.field.name.clone(), was: Some(r.was.clone()), now })
        };
        self.rows.iter().filter(|r| r.is_dirty()).filter_map(read).collect()
    }

    /// All values entered, for a new record.
    pub fn values(&self) -> Vec<(String, Value)> {
        let read = |r: &Row| {
            let value = r.entry.read(&r.field, &self.cx).ok().filter(|v| !v.is_none())?;
            Some((r.field.name.clone(), value))
        };
        self.rows.iter().filter_map(read).collect()
    }

    /// Says beside a field why it was refused, and gives it the keyboard. False when the form has no such field.
    pub fn refuse(&mut self, field: &str, reason: &str) -> bool {
        let Some(at) = self.place(field) else { return false };
        self.rows[at].fault = Some(Fault::Refused(reason.to_owned()));
        self.at = at;
        self.open = None;
        true
    }

    /// What a draft keeps: the changed fields as typed, and the place of the keyboard.
    pub fn draft(&self) -> Json {
        let rows = self.rows.iter().filter(|r| r.is_dirty());
        Json::Object(rows.map(|r| (r.field.name.clone(), r.entry.keep())).collect::<Map<_, _>>())
    }

    /// Puts a draft's fields back in.
    pub fn restore(&mut self, draft: &Json) {
        for row in &mut self.rows {
            if let Some(kept) = draft.get(&row.field.name) {
                row.entry.restore(kept);
                row.fault = None;
            }
        }
    }

    /// Somebody else set a field. An untouched field shows it; one that is being edited keeps its text and is marked.
    /// True when it was marked.
    pub fn theirs(&mut self, field: &str, value: &Value, by: &str) -> bool {
        let Some(at) = self.place(field) else { return false };
        let (cx, is_here) = (self.cx, self.at == at && self.open.is_some());
        let row = &mut self.rows[at];
        if row.was == *value {
            row.mark = None;
            return false;
        }
        let mine = row.entry.read(&row.field, &cx).ok();
        if mine.as_ref() == Some(value) || !(row.is_dirty() || is_here) {
            *row = Row::new(row.field.clone(), value.clone(), &cx);
            return false;
        }
        let shown = entry::shown(value, &row.field, &cx, [&self.words.yes, &self.words.no]);
        row.mark = Some(format!("{by}: {}", if shown.is_empty() { "—" } else { &shown }));
        true
    }

    /// Ends a conflict: the field holds `mine`, and what is there now is `theirs`.
    pub fn settle(&mut self, field: &str, mine: &Value, theirs: &Value) {
        let Some(at) = self.place(field) else { return };
        let cx = self.cx;
        let row = &mut self.rows[at];
        *row = Row::new(row.field.clone(), theirs.clone(), &cx);
        row.entry = Entry::new(&row.field, mine, &cx);
    }

    /// To the next field; checks the one that is left.
    pub fn to_next(&mut self) -> Outcome {
        self.step(1)
    }

    pub fn to_previous(&mut self) -> Outcome {
        self.step(-1)
    }

    /// Moves by fields, not beyond the first and last.
    pub fn step(&mut self, by: isize) -> Outcome {
        if let Some(outcome) = self.finish_picking() {
            self.apply(outcome);
        }
        self.open = None;
        if let Some(row) = self.rows.get_mut(self.at) {
            // An empty required field is not scolded for being passed by; saving tells.
            if row.entry.is_empty() && row.fault.is_none() {
                row.fault = None;
            } else {
                row.check(&self.cx);
            }
        }
        let last = self.rows.len().saturating_sub(1);
        self.at = self.at.saturating_add_signed(by).min(last);
        Outcome::Moved
    }

    fn finish_picking(&mut self) -> Option<picker::Outcome> {
        self.open.as_mut().map(Picker::finish)
    }

    /// A key that is typed; those that lead from field to field are the screen's.
    pub fn on_key(&mut self, key: KeyEvent) -> Outcome {
        if let Some(picker) = &mut self.open {
            if matches!(key.code, KeyCode::Tab | KeyCode::BackTab) {
                return Outcome::Ignored;
            }
            let outcome = picker.on_key(key);
            return self.apply(outcome);
        }
        let Some(row) = self.rows.get_mut(self.at) else { return Outcome::Ignored };
        let plain = key.modifiers.difference(KeyModifiers::SHIFT).is_empty();
        let outcome = match (&mut row.entry, key.code) {
            (Entry::Line(input), _) => of_input(input.on_key(key)),
            (Entry::Long(editor), _) => of_input(editor.on_key(key)),
            (Entry::Flag(on), KeyCode::Char(' ') | KeyCode::Left | KeyCode::Right) => {
                *on = Some(!on.unwrap_or(false));
                Outcome::Changed
            }
            (Entry::Flag(on), KeyCode::Char(c @ ('y' | 'n' | '1' | '2'))) if plain => {
                *on = Some(matches!(c, 'y' | '1'));
                Outcome::Changed
            }
            (Entry::Flag(on), KeyCode::Backspace | KeyCode::Delete) => {
                *on = None;
                Outcome::Changed
            }
            (Entry::Choice(code), KeyCode::Char(d @ '1'..='9')) if plain && row.field.choices().len() <= 9 => {
                match row.field.choices().get(d as usize - '1' as usize) {
                    Some(choice) => {
                        *code = Some(choice.code.clone());
                        Outcome::Changed
                    }
                    None => Outcome::Moved,
                }
            }
            (Entry::Choice(code), KeyCode::Left | KeyCode::Right) if !row.field.choices().is_empty() => {
                let choices = row.field.choices();
                let at = code.as_deref().and_then(|c| row.field.rank(c));
                let to = match (at, key.code) {
                    (None, _) => 0,
                    (Some(at), KeyCode::Left) => at.saturating_sub(1),
                    (Some(at), _) => (at + 1).min(choices.len() - 1),
                };
                *code = Some(choices[to].code.clone());
                Outcome::Changed
            }
            (Entry::Choice(code), KeyCode::Backspace | KeyCode::Delete) => {
                *code = None;
                Outcome::Changed
            }
            (Entry::Ref(reference), KeyCode::Backspace | KeyCode::Delete) => {
                *reference = None;
                Outcome::Changed
            }
            (Entry::Tags(tags), KeyCode::Backspace | KeyCode::Delete) => {
                tags.pop();
                Outcome::Changed
            }
            (Entry::Flag(_), _) => Outcome::Ignored,
            (_, KeyCode::Enter | KeyCode::Char(' ')) if plain => return self.pick(""),
            (_, KeyCode::Char(c)) if plain => {
                return self.pick(c.encode_utf8(&mut [0; 4]));
            }
            _ => Outcome::Ignored,
        };
        if outcome == Outcome::Changed {
            row.fault = None;
        }
        outcome
    }

    pub fn paste(&mut self, pasted: &str) -> Outcome {
        if let Some(picker) = &mut self.open {
            let outcome = picker.paste(pasted);
            return self.apply(outcome);
        }
        let Some(row) = self.rows.get_mut(self.at) else { return Outcome::Ignored };
        row.fault = None;
        match &mut row.entry {
            Entry::Line(input) => of_input(input.paste(pasted)),
            Entry::Long(editor) => of_input(editor.paste(pasted)),
            Entry::Flag(_) => Outcome::Ignored,
            _ => self.pick(pasted.trim()),
        }
    }

    /// Opens the picker of the field that has the keyboard, with a text to begin with.
    fn pick(&mut self, text: &str) -> Outcome {
        let Some(row) = self.rows.get(self.at) else { return Outcome::Ignored };
        let title = row.field.label.get(self.cx.lang);
        let words = &self.words;
        let (picker, asks) = match (&row.entry, &row.field.ty) {
            (Entry::Choice(code), FieldType::Choice(choices)) => {
                let items =
                    choices.iter().map(|c| Item::new(&c.code, c.label.get(self.cx.lang), "")).collect::<Vec<_>>();
                let picker = Picker::fixed(title, items).on(code.as_deref().unwrap_or_default());
                (picker.with_hint(&words.pick, &words.nothing), false)
            }
            (Entry::Ref(_), _) => (Picker::asked(title, text).with_hint(&words.pick, &words.nothing), true),
            (Entry::Tags(tags), _) => {
                let chosen = tags.iter().map(|t| Item::new(t, t, "")).collect();
                let picker = Picker::asked(title, text).several(chosen);
                (picker.with_hint(&words.pick_several, &words.nothing), true)
            }
            _ => return Outcome::Ignored,
        };
        let mut picker = if row.field.required { picker } else { picker.clearable() };
        let outcome = if asks || text.is_empty() { picker.ask() } else { picker.paste(text) };
        self.open = Some(picker);
        self.apply(outcome)
    }

    /// Items for the open picker's question; dropped when they are for an older one.
    pub fn answer(&mut self, request: u64, items: Vec<Item>) -> bool {
        self.open.as_mut().is_some_and(|p| p.answer(request, items))
    }

    fn apply(&mut self, outcome: picker::Outcome) -> Outcome {
        let Some(row) = self.rows.get_mut(self.at) else { return Outcome::Ignored };
        match outcome {
            picker::Outcome::Ignored => return Outcome::Ignored,
            picker::Outcome::Moved => return Outcome::Moved,
            picker::Outcome::Ask { request, text } => {
                let wanted = match &row.field.ty {
                    FieldType::Ref(kind) => Wanted::Records(*kind),
                    _ => Wanted::Values(row.field.name.clone()),
                };
                return Outcome::Ask { wanted, request, text };
            }
            picker::Outcome::Cancelled => {
                self.open = None;
                return Outcome::Moved;
            }
            picker::Outcome::Chosen(item) => match &mut row.entry {
                Entry::Choice(code) => *code = Some(item.key),
                Entry::Ref(reference) => {
                    *reference = item.key.parse().ok().map(|id| Ref { id, label: item.label });
                }
                _ => {}
            },
            picker::Outcome::Cleared => match &mut row.entry {
                Entry::Choice(code) => *code = None,
                Entry::Ref(reference) => *reference = None,
                _ => {}
            },
            picker::Outcome::Done(items) => {
                if let Entry::Tags(tags) = &mut row.entry {
                    *tags = items.into_iter().map(|i| i.key).collect();
                }
            }
        }
        row.fault = None;
        self.open = None;
        Outcome::Changed
    }
}

fn of_input(outcome: input::Outcome) -> Outcome {
    match outcome {
        input::Outcome::Ignored => Outcome::Ignored,
        input::Outcome::Moved => Outcome::Moved,
        input::Outcome::Changed => Outcome::Changed,
    }
}

#[cfg(test)]
mod tests;
