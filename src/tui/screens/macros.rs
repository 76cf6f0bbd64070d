//! Macros: the box that offers those of a kind, and the line that names a new one. They are recorded by doing: what a
//! person does to records of the kind until they say that it ends.

use crossterm::event::KeyEvent;
use ratatui::Frame;
use ratatui::layout::Rect;

use super::chooser::{Chooser, Item};
use super::prompt::Prompt;
use crate::desk::From;
use crate::domain::action::{Action, Targets};
use crate::domain::kind::{KindId, MACRO};
use crate::domain::query::Query;
use crate::domain::record::Record;
use crate::domain::value::Value;
use crate::tui::command::{Cmd, Scope};
use crate::tui::effect::{Answer, Ask, Effect, Out, Question, Tone};
use crate::tui::layer::{Awaits, Layer, LayerMsg, Reply, Shape};
use crate::tui::text;
use crate::tui::ui::Ui;

/// Macros that the box offers, at most.
const OFFERED: u32 = 200;

/// Offers the macros of a kind, and to record one; replies `Reply::Act`. While one is recorded: to end that.
pub struct MacroMenu {
    kind: KindId,
    macros: Vec<Record>,
    chooser: Chooser,
    asking: Option<Ask>,
}

impl MacroMenu {
    pub fn new(kind: KindId, ui: &Ui) -> Self {
        let mut menu = Self { kind, macros: Vec::new(), chooser: Chooser::new("", Vec::new(), None), asking: None };
        menu.offer(ui);
        menu
    }

    fn offer(&mut self, ui: &Ui) {
        let kind = ui.registry.kind(MACRO);
        let items = if let Some(steps) = ui.recording {
            vec![Item::new(ui.tr("macro-end", &[("n", steps.into())])), Item::new(ui.t("macro-drop"))]
        } else {
            let named = self.macros.iter().map(|r| Item::new(text::inert(r.title(kind))));
            named.chain([Item::new(ui.t("macro-record"))]).collect()
        };
        self.chooser = Chooser::new(ui.t("macro-title"), items, None);
    }

    fn taken(&self, place: usize, ui: &Ui, out: &mut Out) {
        if ui.recording.is_some() {
            out.close();
            return out.run(if place == 0 { Cmd::MacroEnd } else { Cmd::MacroDrop });
        }
        let Some(record) = self.macros.get(place) else {
            out.close();
            return out.run(Cmd::MacroRecord);
        };
        let kind = ui.registry.kind(MACRO);
        let name = record.title(kind).to_owned();
        if let Ok(steps) = serde_json::from_str(record.get(kind, "steps").as_str().unwrap_or_default()) {
            out.reply(Reply::Act(Action::Macro { name, steps }));
        } else {
            out.say(Tone::Bad, ui.tr("macro-broken", &[("name", text::inert(&name).into_owned().into())]));
            out.close();
        }
    }

    /// Hands something to the chooser; its choice is this box's.
    fn choose(&mut self, ui: &Ui, out: &mut Out, act: impl FnOnce(&mut Chooser, &mut Out) -> bool) -> bool {
        let mut own = Out::default();
        let taken = act(&mut self.chooser, &mut own);
        for effect in own.take() {
            match effect {
                Effect::Close(Some(Reply::Chosen(place))) => self.taken(place, ui, out),
                Effect::Close(_) => out.close(),
                _ => {}
            }
        }
        taken
    }
}

impl Layer for MacroMenu {
    fn scopes(&self) -> &'static [Scope] {
        self.chooser.scopes()
    }

    fn shape(&self) -> Shape {
        self.chooser.shape()
    }

    fn key(&mut self, key: KeyEvent, ui: &Ui, out: &mut Out) -> bool {
        self.choose(ui, out, |chooser, own| chooser.key(key, ui, own))
    }

    fn paste(&mut self, text: &str, ui: &Ui, out: &mut Out) -> bool {
        self.choose(ui, out, |chooser, own| chooser.paste(text, ui, own))
    }

    fn update(&mut self, msg: LayerMsg, ui: &Ui, out: &mut Out) {
        match msg {
            LayerMsg::Shown { .. } if ui.recording.is_none() => {
                let query = format!("kind:{} sort:name", self.kind);
                if let Ok(query) = Query::parse(&query, &ui.registry, MACRO) {
                    let question = Question::Page { kind: MACRO, query, from: From::Start, limit: OFFERED };
                    self.asking = Some(out.ask(question));
                }
            }
            LayerMsg::Answer(ask, answer) if self.asking == Some(ask) => {
                self.asking = None;
                match answer {
                    Answer::Page(Ok(page)) => self.macros = page.records,
                    Answer::Page(Err(error)) => out.say(Tone::Bad, error.to_string()),
                    _ => {}
                }
                self.offer(ui);
            }
            msg => {
                self.choose(ui, out, |chooser, own| {
                    chooser.update(msg, ui, own);
                    true
                });
            }
        }
    }

    fn view(&self, frame: &mut Frame, area: Rect, ui: &Ui) {
        self.chooser.view(frame, area, ui);
    }

    fn awaits(&self) -> Awaits {
        if self.asking.is_some() { Awaits::Box } else { Awaits::Nothing }
    }
}

/// Asks what a recorded macro is called, and keeps it.
pub struct NameMacro {
    kind: KindId,
    steps: Vec<Action>,
    prompt: Prompt,
    saving: Option<Ask>,
}

impl NameMacro {
    pub fn new(kind: KindId, steps: Vec<Action>, ui: &Ui) -> Self {
        let title = ui.tr("macro-name", &[("n", steps.len().into())]);
        let prompt = Prompt::new(title, ui.t("macro-name-hint"), String::new());
        Self { kind, steps, prompt, saving: None }
    }

    fn name(&self) -> &str {
        self.prompt.text().trim()
    }

    fn save(&mut self, out: &mut Out) {
        if self.name().is_empty() || self.saving.is_some() {
            return;
        }
        let steps = serde_json::to_string(&self.steps).expect("actions are plain data");
        let values = [("name", self.name()), ("kind", self.kind.0), ("steps", &steps)];
        let values = values.map(|(field, value)| (field.to_owned(), Value::text(value))).to_vec();
        let action = Action::Create { kind: MACRO, values };
        self.saving = Some(out.ask(Question::Perform { targets: Targets::None, action }));
    }
}

impl Layer for NameMacro {
    fn scopes(&self) -> &'static [Scope] {
        self.prompt.scopes()
    }

    fn shape(&self) -> Shape {
        self.prompt.shape()
    }

    fn key(&mut self, key: KeyEvent, ui: &Ui, out: &mut Out) -> bool {
        self.prompt.key(key, ui, out)
    }

    fn paste(&mut self, text: &str, ui: &Ui, out: &mut Out) -> bool {
        self.prompt.paste(text, ui, out)
    }

    fn update(&mut self, msg: LayerMsg, ui: &Ui, out: &mut Out) {
        match msg {
            LayerMsg::Command(Cmd::SearchDone) => self.save(out),
            LayerMsg::Command(Cmd::Dismiss) => {
                out.say(Tone::Info, ui.t("macro-dropped"));
                out.close();
            }
            LayerMsg::Answer(ask, Answer::Outcome(outcome)) if self.saving == Some(ask) => {
                self.saving = None;
                match outcome {
                    Ok(_) => {
                        let args = [("name", self.name().into()), ("key", ui.keymap.key(Cmd::Macro).into())];
                        out.say(Tone::Good, ui.tr("macro-saved", &args));
                        out.close();
                    }
                    Err(error) => out.say(Tone::Bad, error.to_string()),
                }
            }
            _ => {}
        }
    }

    fn view(&self, frame: &mut Frame, area: Rect, ui: &Ui) {
        self.prompt.view(frame, area, ui);
    }

    fn is_unsaved(&self) -> bool {
        true
    }
}
