//! Home: a person's own work of today in boxes – tasks due, tickets by urgency, deals without a next step,
//! unread notices, who is here.
//! Live; the cursor stays on its record. Everything else about a record is done on its own screen.

mod draw;
mod section;

use std::time::Duration;

use chrono::NaiveDate;
use ratatui::Frame;
use ratatui::layout::Rect;

use self::section::{SECTIONS, Section};
use crate::desk::News;
use crate::domain::kind::ACTIVITY;
use crate::domain::value::{Ref, Value};
use crate::tui::command::{Cmd, Scope};
use crate::tui::effect::{Answer, Ask, Out, Question, Tone};
use crate::tui::layer::{Awaits, Layer, LayerMsg, Subject};
use crate::tui::screens::{self, inbox};
use crate::tui::spoken::Spoken;
use crate::tui::ui::Ui;

/// How long changes of others gather before the boxes are read again.
const GATHER: Duration = Duration::from_millis(400);

pub struct Home {
    sections: Vec<Section>,
    at: usize,
    /// A task that is being ticked off: its title, and whether it is then done.
    ticking: Option<(Ask, String, bool)>,
    /// The day that the boxes were read on: what is due changes with it.
    read_on: Option<NaiveDate>,
    gathering: Option<Ask>,
    /// Boxes that something happened to meanwhile.
    touched: Vec<bool>,
}

impl Default for Home {
    fn default() -> Self {
        let sections: Vec<Section> = SECTIONS.iter().map(|declared| Section::new(*declared)).collect();
        let touched = vec![false; sections.len()];
        Self { sections, at: 0, ticking: None, read_on: None, gathering: None, touched }
    }
}

impl Home {
    fn load(&mut self, ui: &Ui, out: &mut Out) {
        self.read_on = Some(today(ui));
        for section in &mut self.sections {
            section.load(ui, out);
        }
    }

    fn here(&self) -> &Section {
        &self.sections[self.at]
    }

    /// Down and up run through all boxes.
    fn step(&mut self, down: bool, ui: &Ui) {
        let (at, len) = (self.here().at, self.here().len(ui));
        if down && at + 1 < len {
            self.sections[self.at].at += 1;
        } else if !down && at > 0 {
            self.sections[self.at].at -= 1;
        } else if down && self.at + 1 < self.sections.len() {
            self.at += 1;
            self.sections[self.at].at = 0;
        } else if !down && self.at > 0 {
            self.at -= 1;
            self.sections[self.at].at = self.here().len(ui).saturating_sub(1);
        }
    }

    fn command(&mut self, cmd: Cmd, ui: &Ui, out: &mut Out) {
        let boxes = self.sections.len();
        match cmd {
            Cmd::HomeDown => self.step(true, ui),
            Cmd::HomeUp => self.step(false, ui),
            Cmd::HomeNext => self.at = (self.at + 1) % boxes,
            Cmd::HomePrevious => self.at = (self.at + boxes - 1) % boxes,
            Cmd::HomeTop => (self.at, self.sections[0].at) = (0, 0),
            Cmd::HomeBottom => {
                self.at = boxes - 1;
                self.sections[self.at].at = self.here().len(ui).saturating_sub(1);
            }
            Cmd::HomeOpen if self.here().notice().is_some() => {
                let Some(notice) = self.here().notice() else { return };
                out.ask(Question::MarkNotices { ids: Some(vec![notice.id]), read: true });
                match inbox::opened(notice, ui) {
                    inbox::Opened::Record(record) => out.push_box(record),
                    inbox::Opened::List(place) => out.go(place),
                }
            }
            Cmd::HomeOpen => {
                if let Some(record) = self.here().subject(ui).and_then(|(kind, id)| screens::record(kind, id, ui)) {
                    out.push_box(record);
                }
            }
            Cmd::HomeDone if self.ticking.is_none() => {
                if let Some((question, title, done)) = self.here().done(ui) {
                    self.ticking = Some((out.ask(question), title, done));
                }
            }
            Cmd::HomeEdit => {
                let form = self.here().rows.get(self.here().at).and_then(|record| screens::form_edit(record, ui));
                if let Some(form) = form {
                    out.push_box(form);
                }
            }
            Cmd::HomeNew => {
                let me = &ui.cx.viewer.me;
                let owner = Value::Ref(Ref { id: me.id, label: me.name.clone() });
                let given = [("type".to_owned(), Value::Choice("task".into())), ("owner".to_owned(), owner)];
                if let Some(form) = screens::form_new(ACTIVITY, &given, ui) {
                    out.push_box(form);
                }
            }
            Cmd::HomeList => match self.here().list() {
                Some(place) => out.go(place),
                None if self.here().is_inbox() => out.run(Cmd::Inbox),
                None => {}
            },
            Cmd::Redraw => self.load(ui, out),
            _ => {}
        }
    }

    /// The outcome of ticking a task off.
    fn ticked(&mut self, answer: Answer, ui: &Ui, out: &mut Out) {
        // Progress comes before the outcome and says nothing of one record.
        let Answer::Outcome(outcome) = answer else { return };
        let Some((_, title, done)) = self.ticking.take() else { return };
        match outcome {
            Ok(outcome) => {
                if let Some((_, reason)) = outcome.failed.first() {
                    out.say(Tone::Bad, reason);
                } else {
                    let key = if done { "home-done" } else { "home-undone" };
                    let undo = ui.keymap.key(Cmd::Undo);
                    out.say(Tone::Good, ui.tr(key, &[("what", title.into()), ("key", undo.into())]));
                }
            }
            Err(error) => out.say(Tone::Bad, error.to_string()),
        }
        self.load(ui, out);
    }

    fn news(&mut self, news: &News, ui: &Ui, out: &mut Out) {
        match news {
            News::Touched(touched) => {
                for (section, mine) in self.sections.iter().zip(&mut self.touched) {
                    *mine |= touched.iter().any(|t| section.kind() == Some(t.kind));
                }
                if self.gathering.is_none() && self.touched.contains(&true) {
                    self.gathering = Some(out.wake(GATHER));
                }
            }
            News::Notices(people) if people.contains(&ui.cx.viewer.me.id) => {
                for section in self.sections.iter_mut().filter(|s| s.is_inbox()) {
                    section.load(ui, out);
                }
            }
            News::Resync | News::Line(true) => self.load(ui, out),
            _ => {}
        }
    }
}

fn today(ui: &Ui) -> NaiveDate {
    ui.now.with_timezone(&ui.cx.viewer.zone).date_naive()
}

impl Layer for Home {
    fn scopes(&self) -> &'static [Scope] {
        &[Scope::Home, Scope::Main, Scope::Everywhere]
    }

    fn update(&mut self, msg: LayerMsg, ui: &Ui, out: &mut Out) {
        match msg {
            LayerMsg::Shown { stale } if stale || self.read_on != Some(today(ui)) => self.load(ui, out),
            LayerMsg::Command(cmd) => self.command(cmd, ui, out),
            LayerMsg::Answer(ask, answer) => {
                if self.ticking.as_ref().is_some_and(|(mine, ..)| *mine == ask) {
                    self.ticked(answer, ui, out);
                    return;
                }
                let mut answer = Some(answer);
                let _ = self.sections.iter_mut().any(|section| section.take(ask, &mut answer, out));
            }
            LayerMsg::Wake(ask) if self.gathering == Some(ask) => {
                self.gathering = None;
                for (section, touched) in self.sections.iter_mut().zip(&mut self.touched) {
                    if std::mem::take(touched) {
                        section.load(ui, out);
                    }
                }
            }
            LayerMsg::News(news) => self.news(&news, ui, out),
            LayerMsg::Mouse(mouse, area) => self.mouse(mouse, area, ui),
            _ => {}
        }
    }

    fn view(&self, frame: &mut Frame, area: Rect, ui: &Ui) {
        self.draw(frame, area, ui);
    }

    fn spoken(&self, _rows: usize, ui: &Ui) -> Option<Spoken> {
        Some(self.say(ui))
    }

    fn subject(&self) -> Subject {
        let section = self.here();
        let notice = section.notice().map(|n| (n.kind, n.record));
        let record = section.rows.get(section.at).map(|r| (r.kind, r.id)).or(notice);
        Subject { kind: section.kind().or(record.map(|(kind, _)| kind)), record: record.map(|(_, id)| id), marked: 0 }
    }

    fn awaits(&self) -> Awaits {
        let section = self.here();
        if section.rows.is_empty() && section.is_loading() { Awaits::Content } else { Awaits::Nothing }
    }
}
