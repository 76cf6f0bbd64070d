//! A record's history: when, who, through which door, and every field before and after. An entry's operation can be
//! undone from here.

use crossterm::event::MouseEventKind;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::change;
use super::confirm::Confirm;
use crate::desk::News;
use crate::domain::change::Change;
use crate::domain::kind::KindId;
use crate::tui::command::{Cmd, Scope};
use crate::tui::effect::{Answer, Ask, Latest, Out, Question, Tone};
use crate::tui::frame::boxed;
use crate::tui::layer::{Layer, LayerMsg, Reply, Subject};
use crate::tui::paint;
use crate::tui::theme::Role;
use crate::tui::ui::Ui;
use crate::tui::{show, text};

/// From this width on the fields stand below the person's name.
const WIDE: usize = 70;

pub struct History {
    kind: KindId,
    id: i64,
    changes: Vec<Change>,
    failed: Option<String>,
    at: usize,
    asking: Latest,
    undoing: Option<Ask>,
}

impl History {
    pub fn new(kind: KindId, id: i64) -> Self {
        Self { kind, id, changes: Vec::new(), failed: None, at: 0, asking: Latest::default(), undoing: None }
    }

    fn load(&mut self, out: &mut Out) {
        self.asking.ask(Question::History { kind: self.kind, id: self.id }, out);
    }

    fn command(&mut self, cmd: Cmd, ui: &Ui, out: &mut Out) {
        let last = self.changes.len().saturating_sub(1);
        match cmd {
            Cmd::HistoryDown => self.at = (self.at + 1).min(last),
            Cmd::HistoryUp => self.at = self.at.saturating_sub(1),
            Cmd::HistoryTop => self.at = 0,
            Cmd::HistoryBottom => self.at = last,
            Cmd::HistoryUndo => {
                let Some(change) = self.changes.get(self.at) else { return };
                let when = show::instant(change.at, ui.now, ui.cx.viewer.zone, ui.lang());
                let args = [
                    ("by", change::who(change, ui).into()),
                    ("at", when.into()),
                    ("deed", change::deed(change, ui).into()),
                ];
                out.push(Confirm::new(ui.tr("history-undo-ask", &args)));
            }
            Cmd::HistoryLeave => out.close(),
            Cmd::Redraw => self.load(out),
            _ => {}
        }
    }

    fn answer(&mut self, ask: Ask, answer: Answer, ui: &Ui, out: &mut Out) {
        if self.asking.take(ask, out) {
            match answer {
                Answer::History(Ok(changes)) => {
                    // New entries come on top; the cursor stays on its own.
                    let id = self.changes.get(self.at).map(|c| c.id);
                    self.at = changes.iter().position(|c| Some(c.id) == id).unwrap_or(0);
                    self.changes = changes;
                    self.failed = None;
                }
                Answer::History(Err(error)) => self.failed = Some(error.to_string()),
                _ => {}
            }
        } else if self.undoing == Some(ask) {
            self.undoing = None;
            match answer {
                Answer::Outcome(Ok(outcome)) => {
                    match outcome.failed.first() {
                        Some((code, reason)) => {
                            let args = [
                                ("n", outcome.done.into()),
                                ("failed", outcome.failed.len().into()),
                                ("code", code.into()),
                                ("reason", reason.into()),
                            ];
                            out.say(Tone::Warn, ui.tr("undone-but", &args));
                        }
                        None => out.say(Tone::Good, ui.tr("undone", &[("n", outcome.done.into())])),
                    }
                    self.load(out);
                }
                Answer::Outcome(Err(error)) => out.say(Tone::Bad, error.to_string()),
                _ => {}
            }
        }
    }

    /// One entry: its head and a line for each field, below the person's name where there is room.
    fn lines(change: &Change, width: usize, ui: &Ui) -> Vec<Line<'static>> {
        let when = show::instant(change.at, ui.now, ui.cx.viewer.zone, ui.lang());
        let indent = if width < WIDE { 2 } else { 14 };
        let when = text::pad(&when, indent.max(text::width(&when) + 2));
        let by = change::name(change, ui);
        let deed = change::deed(change, ui);
        let door = format!("  {} · v{}", change::door(&change.door, ui), change.version);
        let left = width.saturating_sub(text::width(&when) + text::width(&by) + 1 + text::width(&deed));
        let mut lines = vec![Line::from(vec![
            Span::styled(when, ui.style(Role::Dim)),
            Span::styled(format!("{by} "), ui.style(Role::Title)),
            Span::styled(deed, ui.style(Role::Text)),
            // Through which door is the least of it.
            Span::styled(if text::width(&door) > left { String::new() } else { door }, ui.style(Role::Dim)),
        ])];
        let fields = change::fields(change, ui);
        let label = fields.iter().map(|(name, ..)| text::width(name)).max().unwrap_or(0).min(20);
        for (name, before, after) in fields {
            let room = width.saturating_sub(indent + label + 5);
            // What one of the two does not need, the other has.
            let first = text::width(&before).min(room - (room / 2).min(text::width(&after)));
            let before = text::cut(&before, first).into_owned();
            let after = text::cut(&after, room - text::width(&before)).into_owned();
            lines.push(Line::from(vec![
                Span::styled(format!("{:indent$}{}  ", "", text::pad(&name, label)), ui.style(Role::Dim)),
                Span::styled(before, ui.style(Role::Gone)),
                Span::styled(" → ", ui.style(Role::Dim)),
                Span::styled(after, ui.style(Role::Text)),
            ]));
        }
        lines
    }
}

impl Layer for History {
    fn scopes(&self) -> &'static [Scope] {
        &[Scope::History, Scope::Main, Scope::Everywhere]
    }

    fn update(&mut self, msg: LayerMsg, ui: &Ui, out: &mut Out) {
        match msg {
            LayerMsg::Shown { .. } | LayerMsg::News(News::Resync | News::Line(true)) => self.load(out),
            LayerMsg::News(News::Touched(touched))
                if touched.iter().any(|t| t.kind == self.kind && t.record == self.id) =>
            {
                self.load(out);
            }
            LayerMsg::Command(cmd) => self.command(cmd, ui, out),
            LayerMsg::Mouse(mouse, _) => match mouse.kind {
                MouseEventKind::ScrollDown => self.command(Cmd::HistoryDown, ui, out),
                MouseEventKind::ScrollUp => self.command(Cmd::HistoryUp, ui, out),
                _ => {}
            },
            LayerMsg::Answer(ask, answer) => self.answer(ask, answer, ui, out),
            LayerMsg::Reply(Reply::Confirmed) => {
                if let Some(change) = self.changes.get(self.at) {
                    self.undoing = Some(out.ask(Question::Undo { operation: Some(change.operation) }));
                }
            }
            _ => {}
        }
    }

    fn view(&self, frame: &mut Frame, area: Rect, ui: &Ui) {
        let code = ui.registry.kind(self.kind).code(self.id);
        let block = boxed(format!(" {} ", ui.tr("history-title", &[("code", code.into())])), true, ui);
        let inner = block.inner(area);
        frame.render_widget(block, area);
        if inner.width < 10 || inner.height == 0 {
            return;
        }
        let width = usize::from(inner.width) - 2;
        let said = match (&self.failed, self.changes.is_empty(), self.asking.is_busy()) {
            (Some(failed), ..) => Some((failed.clone(), Role::Bad)),
            (None, true, true) => Some((ui.t("record-loading"), Role::Dim)),
            (None, true, false) => Some((ui.t("history-empty"), Role::Dim)),
            _ => None,
        };
        if let Some((said, role)) = said {
            frame.buffer_mut().set_string(inner.x + 1, inner.y, text::cut(&said, width), ui.style(role));
            return;
        }
        let entries: Vec<Vec<Line>> = self.changes.iter().map(|c| Self::lines(c, width, ui)).collect();
        let room = usize::from(inner.height);
        let start: usize = entries[..self.at].iter().map(|e| e.len() + 1).sum();
        let end = start + entries[self.at].len();
        let top = end.saturating_sub(room).min(start);
        let mut line = 0;
        for (i, entry) in entries.into_iter().enumerate() {
            for text in entry {
                if (top..top + room).contains(&line) {
                    let y = inner.y + (line - top) as u16;
                    if i == self.at {
                        frame.buffer_mut().set_string(inner.x, y, "▌", ui.style(Role::Bar));
                    }
                    paint::line(
                        frame.buffer_mut(),
                        text,
                        Rect { x: inner.x + 1, y, width: inner.width - 2, height: 1 },
                    );
                }
                line += 1;
            }
            line += 1;
        }
    }

    fn subject(&self) -> Subject {
        Subject { kind: Some(self.kind), record: Some(self.id), marked: 0 }
    }

    fn shows(&self, kind: KindId, id: i64) -> bool {
        (kind, id) == (self.kind, self.id)
    }
}
