//! Logging a touch in three keys: how it went, a word, Enter; then, if wanted, when the next step is.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::domain::action::{Action, Targets};
use crate::domain::field::{Choice, Field};
use crate::domain::kind::{ACTIVITY, KindId};
use crate::domain::value::Value;
use crate::domain::when::{self, Lean};
use crate::tui::command::{Cmd, Scope};
use crate::tui::effect::{Answer, Ask, Out, Question, Tone};
use crate::tui::frame::boxed;
use crate::tui::layer::{Layer, LayerMsg, Reply, Shape, Subject};
use crate::tui::line::is_typing;
use crate::tui::screens::ticket::flow;
use crate::tui::text;
use crate::tui::theme::Role;
use crate::tui::ui::Ui;
use crate::tui::widgets::form::entry::{Context, moment};
use crate::tui::widgets::input::{Input, Outcome};

/// Which of the two rows of choices a digit belongs to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Digits {
    Outcomes,
    Kinds,
}

pub(super) struct Log {
    kind: KindId,
    id: i64,
    /// The kind of touch, by its place among the choices.
    ty: usize,
    outcome: Option<String>,
    note: Input,
    /// The touch is logged; this asks for the next step.
    next: Option<Input>,
    saving: Option<Ask>,
    notice: Option<(Role, String)>,
}

impl Log {
    pub(super) fn new(kind: KindId, id: i64, _ui: &Ui) -> Self {
        Self { kind, id, ty: 0, outcome: None, note: Input::default(), next: None, saving: None, notice: None }
    }

    fn field<'a>(ui: &'a Ui, name: &str) -> &'a Field {
        ui.registry.kind(ACTIVITY).field(name).expect("activities have this field")
    }

    fn label(field: &Field, code: &str, ui: &Ui) -> String {
        field.choices().iter().find(|c| c.code == code).map_or(code, |c| c.label.get(ui.lang())).to_owned()
    }

    fn ty<'a>(&self, ui: &'a Ui) -> &'a Choice {
        &Self::field(ui, "type").choices()[self.ty]
    }

    fn has_outcomes(&self, ui: &Ui) -> bool {
        self.ty(ui).code == "call"
    }

    /// The digits before outcomes and kinds. They go on from one to the other, so that none ever means something else:
    /// `1` to `4` how a call went, `5` to `0` the kinds.
    fn digit(ui: &Ui, row: Digits, at: usize) -> char {
        let before = if row == Digits::Kinds { Self::field(ui, "outcome").choices().len() } else { 0 };
        char::from_digit(((before + at + 1) % 10) as u32, 10).unwrap_or(' ')
    }

    /// Takes the outcome or kind that is shown with this digit.
    fn choose(&mut self, digit: char, ui: &Ui) -> bool {
        let at = |row, field| {
            let n = Self::field(ui, field).choices().len();
            (0..n).find(|at| Self::digit(ui, row, *at) == digit)
        };
        if let Some(at) = at(Digits::Outcomes, "outcome").filter(|_| self.has_outcomes(ui)) {
            self.outcome = Some(Self::field(ui, "outcome").choices()[at].code.clone());
            return true;
        }
        let Some(at) = at(Digits::Kinds, "type") else { return false };
        self.be(at, ui);
        true
    }

    fn be(&mut self, ty: usize, ui: &Ui) {
        self.ty = ty;
        if !self.has_outcomes(ui) {
            self.outcome = None;
        }
    }

    fn save(&mut self, ui: &Ui, out: &mut Out) {
        if self.saving.is_some() {
            return;
        }
        let values = if let Some(next) = &self.next {
            if next.text().trim().is_empty() {
                out.reply(Reply::Saved(self.kind, self.id));
                return;
            }
            let Some((at, what)) = split(next.text(), ui) else {
                self.notice = Some((Role::Bad, ui.t("form-when")));
                return;
            };
            let subject = if what.is_empty() { ui.t("log-follow-up") } else { what };
            vec![
                ("type".to_owned(), Value::Choice("task".into())),
                ("subject".to_owned(), Value::Text(subject)),
                ("due".to_owned(), Value::Instant(at)),
                ("done".to_owned(), Value::Bool(false)),
            ]
        } else {
            let ty = self.ty(ui).code.as_str();
            let note = self.note.text().trim();
            let mut subject = Self::label(Self::field(ui, "type"), ty, ui);
            if let Some(outcome) = &self.outcome {
                subject = format!("{subject}: {}", Self::label(Self::field(ui, "outcome"), outcome, ui));
            }
            let mut values = vec![
                ("type".to_owned(), Value::Choice(ty.into())),
                (
                    "subject".to_owned(),
                    Value::Text(if note.is_empty() { subject } else { text::cut(note, 80).into_owned() }),
                ),
                ("at".to_owned(), Value::Instant(ui.now)),
                ("done".to_owned(), Value::Bool(true)),
            ];
            if text::width(note) > 80 {
                values.push(("body".to_owned(), Value::Text(note.to_owned())));
            }
            if let Some(outcome) = &self.outcome {
                values.push(("outcome".to_owned(), Value::Choice(outcome.clone())));
            }
            values
        };
        let targets = Targets::Records(self.kind, vec![self.id]);
        self.saving = Some(out.ask(Question::Perform { targets, action: Action::Log { values } }));
    }

    fn saved(&mut self, answer: Answer, ui: &Ui, out: &mut Out) {
        let Answer::Outcome(outcome) = answer else { return };
        self.saving = None;
        match outcome {
            Ok(outcome) if outcome.failed.is_empty() => {
                if let Some(next) = &self.next {
                    let context = Context { now: ui.now, zone: ui.cx.viewer.zone, lang: ui.lang() };
                    let at = split(next.text(), ui).map(|(at, _)| moment(at, &context)).unwrap_or_default();
                    out.say(Tone::Good, ui.tr("log-next-saved", &[("at", at.into())]));
                    out.reply(Reply::Saved(self.kind, self.id));
                } else {
                    self.next = Some(Input::default());
                    self.notice = Some((Role::Good, ui.t("log-saved")));
                }
            }
            Ok(outcome) => self.notice = outcome.failed.into_iter().next().map(|(_, reason)| (Role::Bad, reason)),
            Err(error) => self.notice = Some((Role::Bad, error.to_string())),
        }
    }

    /// The choices of a field with their digits, the chosen one in brackets.
    fn pieces(row: Digits, field: &str, chosen: Option<&str>, ui: &Ui) -> Vec<(String, Style)> {
        let piece = |(at, choice): (usize, &Choice)| {
            let (digit, label) = (Self::digit(ui, row, at), choice.label.get(ui.lang()));
            if chosen == Some(choice.code.as_str()) {
                (format!("{digit} [{label}]"), ui.style(Role::Good))
            } else {
                (format!("{digit} {label}"), ui.style(Role::Text))
            }
        };
        Self::field(ui, field).choices().iter().enumerate().map(piece).collect()
    }

    fn line(&mut self) -> &mut Input {
        self.next.as_mut().unwrap_or(&mut self.note)
    }
}

/// A time in words and what is to be done then: `fri 10 send the quote`. The longest beginning that is a time counts.
fn split(typed: &str, ui: &Ui) -> Option<(chrono::DateTime<chrono::Utc>, String)> {
    let words: Vec<&str> = typed.split_whitespace().collect();
    (1..=words.len()).rev().find_map(|n| {
        let at = when::instant(&words[..n].join(" "), ui.now, ui.cx.viewer.zone, Lean::Ahead).ok()?;
        Some((at, words[n..].join(" ")))
    })
}

impl Layer for Log {
    fn scopes(&self) -> &'static [Scope] {
        &[Scope::Log, Scope::Everywhere]
    }

    fn shape(&self) -> Shape {
        Shape::Strip { height: 7 }
    }

    fn update(&mut self, msg: LayerMsg, ui: &Ui, out: &mut Out) {
        match msg {
            LayerMsg::Command(Cmd::LogSave) => self.save(ui, out),
            LayerMsg::Command(Cmd::LogKind) if self.next.is_none() => {
                self.be((self.ty + 1) % Self::field(ui, "type").choices().len(), ui);
            }
            LayerMsg::Command(Cmd::LogLeave) => out.reply(Reply::Saved(self.kind, self.id)),
            LayerMsg::Answer(ask, answer) if self.saving == Some(ask) => self.saved(answer, ui, out),
            _ => {}
        }
    }

    fn key(&mut self, key: KeyEvent, ui: &Ui, _out: &mut Out) -> bool {
        let plain = !key.modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT);
        let is_typing = is_typing(key);
        if self.saving.is_some() {
            return is_typing;
        }
        if let (KeyCode::Char(digit @ '0'..='9'), true, None) = (key.code, plain && self.note.is_empty(), &self.next)
            && self.choose(digit, ui)
        {
            return true;
        }
        let outcome = self.line().on_key(key);
        if outcome == Outcome::Changed {
            self.notice = None;
        }
        outcome != Outcome::Ignored || is_typing
    }

    fn paste(&mut self, text: &str, _ui: &Ui, _out: &mut Out) -> bool {
        self.line().paste(text);
        true
    }

    fn view(&self, frame: &mut Frame, area: Rect, ui: &Ui) {
        let code = ui.registry.kind(self.kind).code(self.id);
        let title = if self.next.is_some() {
            ui.tr("log-next-title", &[("code", code.into())])
        } else {
            ui.tr("log-title", &[("code", code.into())])
        };
        let block = boxed(format!(" {title} "), true, ui);
        let inner = block.inner(area);
        frame.render_widget(block, area);
        if inner.height == 0 || inner.width < 10 {
            return;
        }
        let buf = frame.buffer_mut();
        // First what kind of touch and how it went, each with its digit; then what is typed, and what it means.
        let top = Rect { x: inner.x + 1, width: inner.width - 2, height: inner.height - 1, ..inner };
        let used = if self.next.is_some() {
            buf.set_string(
                top.x,
                top.y,
                text::cut(&ui.t("log-next-ask"), usize::from(top.width)),
                ui.style(Role::Text),
            );
            1
        } else {
            let kind = Some(self.ty(ui).code.as_str());
            let mut used = flow(top, &Self::pieces(Digits::Kinds, "type", kind, ui), buf);
            if self.has_outcomes(ui) {
                let rest = Rect { y: top.y + used, height: top.height - used, ..top };
                used += flow(rest, &Self::pieces(Digits::Outcomes, "outcome", self.outcome.as_deref(), ui), buf);
            }
            used
        };
        // A line apart where there is room.
        let y = inner.y + used + u16::from(inner.height > used + 2);
        if y >= inner.bottom() {
            return;
        }
        buf.set_string(inner.x + 1, y, "›", ui.style(Role::Key));
        let line = Rect { x: inner.x + 3, y, width: inner.width.saturating_sub(4), height: 1 };
        let input = self.next.as_ref().unwrap_or(&self.note);
        let cursor = input.render(line, buf, ui.style(Role::Input));
        if y + 1 < inner.bottom() {
            let context = Context { now: ui.now, zone: ui.cx.viewer.zone, lang: ui.lang() };
            let echo = self.next.as_ref().and_then(|next| split(next.text(), ui));
            let (role, said) = match (&self.notice, echo) {
                (_, Some((at, what))) => (Role::Good, format!("= {}  {what}", moment(at, &context))),
                (Some((role, notice)), None) => (*role, notice.clone()),
                _ if self.next.is_some() => (Role::Dim, ui.t("form-hint-when")),
                _ => (Role::Dim, ui.t("log-hint")),
            };
            buf.set_string(line.x, y + 1, text::cut(&text::inert(&said), usize::from(line.width)), ui.style(role));
        }
        frame.set_cursor_position(cursor);
    }

    fn subject(&self) -> Subject {
        Subject { kind: Some(self.kind), record: Some(self.id), marked: 0 }
    }

    fn shows(&self, kind: KindId, id: i64) -> bool {
        (kind, id) == (self.kind, self.id)
    }

    fn is_unsaved(&self) -> bool {
        self.next.is_none() && !self.note.is_empty()
    }

    fn attends(&self) -> Option<(KindId, i64, bool)> {
        Some((self.kind, self.id, true))
    }
}
