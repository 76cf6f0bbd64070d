//! A search for one record: owner, company, contact, product, stage. Asks the desk as one types.

use crossterm::event::KeyEvent;
use ratatui::Frame;
use ratatui::layout::Rect;

use crate::desk::Hit;
use crate::domain::kind::KindId;
use crate::tui::command::{Cmd, Scope};
use crate::tui::effect::{Answer, Latest, Out, Question};
use crate::tui::layer::{Layer, LayerMsg, Reply, Shape};
use crate::tui::line::is_typing;
use crate::tui::ui::Ui;
use crate::tui::widgets::form::Wanted;
use crate::tui::widgets::picker::{Item, Outcome, Picker};

/// Rows asked for; more typing narrows better than scrolling.
const LIMIT: u32 = 20;

/// The question behind a form's or picker's wish.
pub(super) fn question(wanted: &Wanted, kind: KindId, text: String) -> Question {
    match wanted {
        Wanted::Records(kind) => Question::Find { text, kinds: vec![*kind], limit: LIMIT },
        Wanted::Values(field) => Question::Values { kind, field: field.clone(), prefix: text },
    }
}

/// The answer to such a question as items; none when it failed.
pub(super) fn items(answer: Answer, ui: &Ui) -> Vec<Item> {
    match answer {
        Answer::Hits(Ok(hits)) => hits.iter().map(|hit| item(hit, ui)).collect(),
        Answer::Values(Ok(values)) => values.into_iter().map(|v| Item::new(v.clone(), v, "")).collect(),
        _ => Vec::new(),
    }
}

fn item(hit: &Hit, ui: &Ui) -> Item {
    let code = ui.registry.kind(hit.kind).code(hit.id);
    let detail = if hit.detail.is_empty() { code } else { format!("{} · {code}", hit.detail) };
    Item::new(hit.id.to_string(), hit.title.clone(), detail)
}

pub struct RecordPicker {
    kinds: Vec<KindId>,
    picker: Picker,
    asking: Latest,
    request: u64,
    hits: Vec<Hit>,
}

impl RecordPicker {
    pub fn new(kinds: &[KindId], title: String, ui: &Ui) -> Self {
        let picker = Picker::asked(title, "").clearable().with_hint(ui.t("picker-keys-none"), ui.t("picker-nothing"));
        Self { kinds: kinds.to_vec(), picker, asking: Latest::default(), request: 0, hits: Vec::new() }
    }

    fn apply(&mut self, outcome: Outcome, out: &mut Out) -> bool {
        match outcome {
            Outcome::Ignored => return false,
            Outcome::Moved | Outcome::Done(_) => {}
            Outcome::Ask { request, text } => {
                self.request = request;
                self.asking.ask(Question::Find { text, kinds: self.kinds.clone(), limit: LIMIT }, out);
            }
            Outcome::Chosen(item) => {
                let hit = self.hits.iter().find(|h| h.id.to_string() == item.key && h.title == item.label);
                out.reply(Reply::Picked(hit.cloned()));
            }
            Outcome::Cleared => out.reply(Reply::Picked(None)),
            Outcome::Cancelled => out.close(),
        }
        true
    }
}

impl Layer for RecordPicker {
    fn scopes(&self) -> &'static [Scope] {
        &[Scope::Picker, Scope::Everywhere]
    }

    fn shape(&self) -> Shape {
        Shape::Popup { width: 64, height: 14 }
    }

    fn update(&mut self, msg: LayerMsg, ui: &Ui, out: &mut Out) {
        match msg {
            LayerMsg::Shown { .. } => {
                let outcome = self.picker.ask();
                self.apply(outcome, out);
            }
            LayerMsg::Command(Cmd::PickerLeave) => out.close(),
            LayerMsg::Answer(ask, answer) if self.asking.take(ask, out) => match answer {
                Answer::Hits(Ok(hits)) => {
                    let items = hits.iter().map(|hit| item(hit, ui)).collect();
                    self.hits = hits;
                    self.picker.answer(self.request, items);
                }
                Answer::Hits(Err(error)) => {
                    self.picker.nothing = error.to_string();
                    self.picker.answer(self.request, Vec::new());
                }
                _ => {}
            },
            _ => {}
        }
    }

    fn key(&mut self, key: KeyEvent, _ui: &Ui, out: &mut Out) -> bool {
        let outcome = self.picker.on_key(key);
        let is_typing = is_typing(key);
        self.apply(outcome, out) || is_typing
    }

    fn paste(&mut self, text: &str, _ui: &Ui, out: &mut Out) -> bool {
        let outcome = self.picker.paste(text);
        self.apply(outcome, out)
    }

    fn view(&self, frame: &mut Frame, area: Rect, ui: &Ui) {
        let cursor = self.picker.render(area, frame.buffer_mut(), &ui.theme);
        frame.set_cursor_position(cursor);
    }
}
