//! A small form: from when until when somebody is away, and who stands in. Days in words; without a last day they are here.

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::Frame;
use ratatui::layout::Rect;

use super::help::search_line;
use crate::desk::Absence;
use crate::domain::when::{self, Lean};
use crate::tui::command::{Cmd, Scope};
use crate::tui::effect::{Answer, Ask, Out, Question, Tone};
use crate::tui::frame::boxed;
use crate::tui::layer::{Awaits, Layer, LayerMsg, Shape};
use crate::tui::line::Line;
use crate::tui::text;
use crate::tui::theme::Role;
use crate::tui::ui::Ui;

const WIDTH: u16 = 64;
/// Cells of the labels.
const LABELS: usize = 11;

pub struct Absent {
    login: String,
    /// From, until, who stands in.
    lines: [Line; 3],
    /// The one that is typed in.
    at: usize,
    failed: Option<String>,
    saving: Option<Ask>,
    title: String,
}

impl Absent {
    pub fn new(login: String, ui: &Ui) -> Self {
        let title = ui.tr("away-title", &[("login", text::inert(&login).into_owned().into())]);
        Self { login, lines: Default::default(), at: 1, failed: None, saving: None, title }
    }

    fn step(&mut self, by: usize) {
        self.at = (self.at + by) % self.lines.len();
    }

    fn save(&mut self, ui: &Ui, out: &mut Out) {
        if self.saving.is_some() {
            return;
        }
        let [from, until, deputy] =
            self.lines.each_ref().map(|line| Some(line.text().trim()).filter(|t| !t.is_empty()));
        let day = |text: &str| {
            when::day(text, ui.now, ui.cx.viewer.zone, Lean::Ahead)
                .map_err(|_| ui.tr("away-misread", &[("text", text::inert(text).into_owned().into())]))
        };
        let read = || {
            let from = from.map(day).transpose()?;
            let deputy = deputy.map(str::to_owned);
            Ok(until.map(day).transpose()?.map(|until| Absence { from, until, deputy }))
        };
        match read() {
            Ok(absence) => self.saving = Some(out.ask(Question::SetAway { login: self.login.clone(), absence })),
            Err(why) => self.failed = Some(why),
        }
    }
}

impl Layer for Absent {
    fn scopes(&self) -> &'static [Scope] {
        &[Scope::Search, Scope::Dialog, Scope::Everywhere]
    }

    fn shape(&self) -> Shape {
        Shape::Popup { width: WIDTH, height: 7 }
    }

    fn key(&mut self, key: KeyEvent, _ui: &Ui, _out: &mut Out) -> bool {
        match key.code {
            KeyCode::Tab => self.step(1),
            KeyCode::BackTab => self.step(2),
            _ => {
                let taken = self.lines[self.at].key(key);
                if taken {
                    self.failed = None;
                }
                return taken;
            }
        }
        true
    }

    fn paste(&mut self, text: &str, _ui: &Ui, _out: &mut Out) -> bool {
        self.lines[self.at].insert(text.trim());
        true
    }

    fn update(&mut self, msg: LayerMsg, ui: &Ui, out: &mut Out) {
        match msg {
            LayerMsg::Command(Cmd::SearchDown) => self.step(1),
            LayerMsg::Command(Cmd::SearchUp) => self.step(2),
            LayerMsg::Command(Cmd::SearchDone) => self.save(ui, out),
            LayerMsg::Command(Cmd::Dismiss) => out.close(),
            LayerMsg::Answer(ask, Answer::Told(told)) if self.saving == Some(ask) => {
                self.saving = None;
                match told {
                    Ok(said) => {
                        out.close();
                        out.say(Tone::Good, said.join(" "));
                    }
                    Err(error) => self.failed = Some(error.to_string()),
                }
            }
            _ => {}
        }
    }

    fn view(&self, frame: &mut Frame, area: Rect, ui: &Ui) {
        let block = boxed(format!(" {} ", self.title), true, ui);
        let inner = block.inner(area);
        frame.render_widget(block, area);
        let labels = [ui.t("away-from"), ui.t("away-until"), ui.t("away-deputy")];
        let hints = [ui.t("away-today"), ui.t("away-day"), ui.t("away-login")];
        let rows = labels.iter().zip(&self.lines).zip(&hints).enumerate();
        // The line that is typed in comes last: it places the cursor.
        let (here, others): (Vec<_>, Vec<_>) = rows.partition(|(at, _)| *at == self.at);
        for (at, ((label, line), hint)) in others.into_iter().chain(here) {
            let place = Rect { y: inner.y + at as u16, height: 1, ..inner };
            if place.y >= inner.bottom() {
                continue;
            }
            frame.buffer_mut().set_string(inner.x + 1, place.y, text::pad(label, LABELS), ui.style(Role::Dim));
            let wide = inner.width.saturating_sub(LABELS as u16);
            let field = Rect { x: inner.right() - wide, width: wide, ..place };
            search_line(frame, field, line, hint, ui);
        }
        let why = self.failed.as_deref().unwrap_or_default();
        for (y, line) in (inner.y + 3..inner.bottom()).zip(text::wrap(why, usize::from(inner.width).max(4) - 2)) {
            frame.buffer_mut().set_string(inner.x + 1, y, line, ui.style(Role::Bad));
        }
    }

    fn awaits(&self) -> Awaits {
        if self.saving.is_some() { Awaits::Box } else { Awaits::Nothing }
    }

    fn is_unsaved(&self) -> bool {
        self.lines.iter().any(|line| !line.text().is_empty())
    }
}
