//! Moving a deal to a stage takes more than the stage: losing it wants a reason, and the stage may demand fields that
//! the deal lacks. Lists, records and the board all move this way.

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::Frame;
use ratatui::layout::Rect;

use super::form::FormScreen;
use crate::domain::action::Edit;
use crate::domain::kind::stage::lacking;
use crate::domain::kind::{DEAL, STAGE};
use crate::domain::record::Record;
use crate::domain::value::{Ref, Value};
use crate::tui::command::{Cmd, Scope};
use crate::tui::effect::{Answer, Ask, Out, Question};
use crate::tui::layer::{Awaits, Layer, LayerMsg, Reply, Shape};
use crate::tui::line::is_typing;
use crate::tui::text;
use crate::tui::ui::Ui;
use crate::tui::widgets::fuzzy;
use crate::tui::widgets::picker::{Item, Outcome, Picker};

/// Reasons offered at once.
const REASONS: usize = 9;

/// How far a move is from being done.
pub(super) enum Moving {
    Ready(Vec<Edit>),
    /// The form asks for what is lacking, and moves the deal when it is saved.
    Asks(Box<dyn Layer>),
    AsksWhy,
}

/// What moving to a stage takes; `record`: the one deal that is moved. `was` is the stage that the person saw it in, and
/// `reason` why it is lost, blank for none, once that was asked.
pub(super) fn moving(
    stage: &Record,
    record: Option<&Record>,
    was: Option<Value>,
    reason: Option<&str>,
    ui: &Ui,
) -> Moving {
    let (stages, deals) = (ui.registry.kind(STAGE), ui.registry.kind(DEAL));
    let asks_why = deals.field("lost_reason").is_some_and(|field| !field.readonly);
    if asks_why && stage.get(stages, "state").as_str() == Some("lost") && reason.is_none() {
        return Moving::AsksWhy;
    }
    let to = Ref { id: stage.id, label: stage.title(stages).to_owned() };
    let mut edits = vec![Edit { field: "stage".into(), was, now: Value::Ref(to) }];
    if let Some(reason) = reason.filter(|reason| !reason.trim().is_empty()) {
        edits.push(Edit { field: "lost_reason".into(), was: None, now: Value::text(reason) });
    }
    let Some(record) = record.filter(|r| r.get(deals, "stage").as_id() != Some(stage.id)) else {
        return Moving::Ready(edits);
    };
    let mut moved = record.clone();
    for edit in &edits {
        moved.set(deals, &edit.field, edit.now.clone());
    }
    let wanted = lacking(stage, &moved, &ui.registry);
    if wanted.is_empty() {
        return Moving::Ready(edits);
    }
    let title = ui.tr("demand-title", &[("stage", text::inert(stage.title(stages)).into_owned().into())]);
    Moving::Asks(Box::new(FormScreen::demand(record, &wanted, edits, title, ui)))
}

/// Asks why a deal is lost: the usual reasons, most frequent first, or any text. Replies `Reply::Text`, blank for none.
pub(super) struct Reason {
    picker: Picker,
    usual: Vec<String>,
    asked: Option<Ask>,
    /// Nothing is typed: each reason has the digit before it.
    has_digits: bool,
}

impl Reason {
    pub(super) fn new(ui: &Ui) -> Self {
        let usual = ui.t("lost-reasons").split(" · ").map(str::to_owned).collect();
        let picker =
            Picker::asked(ui.t("lost-title"), "").clearable().with_hint(ui.t("lost-hint"), ui.t("picker-nothing"));
        Self { picker, usual, asked: None, has_digits: true }
    }

    /// The reasons that fit what is typed, and the typed text itself.
    fn answer(&mut self, request: u64, typed: &str) {
        let mut fit: Vec<(u32, usize)> = self
            .usual
            .iter()
            .enumerate()
            .filter_map(|(at, r)| fuzzy::score(typed, r).map(|score| (score, at)))
            .collect();
        fit.sort_by_key(|&(score, at)| (std::cmp::Reverse(score), at));
        let typed = typed.trim();
        self.has_digits = typed.is_empty();
        let mut items: Vec<Item> = fit
            .into_iter()
            .take(REASONS)
            .enumerate()
            .map(|(place, (_, at))| {
                let digit = if self.has_digits { (place + 1).to_string() } else { String::new() };
                Item::new(self.usual[at].clone(), text::inert(&self.usual[at]), digit)
            })
            .collect();
        if !typed.is_empty() && !self.usual.iter().any(|r| r.to_lowercase() == typed.to_lowercase()) {
            items.push(Item::new(typed, format!("“{}”", text::inert(typed)), ""));
        }
        self.picker.answer(request, items);
    }

    fn apply(&mut self, outcome: Outcome, out: &mut Out) -> bool {
        match outcome {
            Outcome::Ignored => return false,
            Outcome::Ask { request, text } => self.answer(request, &text),
            Outcome::Chosen(item) => out.reply(Reply::Text(item.key)),
            Outcome::Cleared => out.reply(Reply::Text(String::new())),
            Outcome::Cancelled => out.close(),
            Outcome::Moved | Outcome::Done(_) => {}
        }
        true
    }
}

impl Layer for Reason {
    fn scopes(&self) -> &'static [Scope] {
        &[Scope::Picker, Scope::Everywhere]
    }

    fn shape(&self) -> Shape {
        Shape::Popup { width: 56, height: REASONS as u16 + 5 }
    }

    fn update(&mut self, msg: LayerMsg, _ui: &Ui, out: &mut Out) {
        match msg {
            LayerMsg::Shown { .. } => {
                let (field, prefix) = ("lost_reason".to_owned(), String::new());
                self.asked = Some(out.ask(Question::Values { kind: DEAL, field, prefix }));
                let outcome = self.picker.ask();
                self.apply(outcome, out);
            }
            LayerMsg::Command(Cmd::PickerLeave) => out.close(),
            LayerMsg::Answer(ask, Answer::Values(values)) if self.asked == Some(ask) => {
                self.asked = None;
                // Without the usual ones of this house the general ones do.
                let mut values = values.unwrap_or_default();
                values.truncate(REASONS);
                let rest = std::mem::take(&mut self.usual).into_iter().filter(|r| !values.contains(r));
                let rest: Vec<String> = rest.collect();
                self.usual = values;
                self.usual.extend(rest);
                let outcome = self.picker.ask();
                self.apply(outcome, out);
            }
            _ => {}
        }
    }

    fn awaits(&self) -> Awaits {
        if self.asked.is_some() { Awaits::Box } else { Awaits::Nothing }
    }

    fn key(&mut self, key: KeyEvent, _ui: &Ui, out: &mut Out) -> bool {
        let is_typing = is_typing(key);
        if let (KeyCode::Char(digit @ '1'..='9'), true) = (key.code, is_typing && self.has_digits)
            && let Some(reason) = self.usual.get(digit as usize - '1' as usize)
        {
            out.reply(Reply::Text(reason.clone()));
            return true;
        }
        let outcome = self.picker.on_key(key);
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
