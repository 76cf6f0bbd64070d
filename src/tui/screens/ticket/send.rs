//! What happens to a reply that is written: to whom it goes, and what becomes of the ticket. Nothing is sent before one
//! of the keys here is pressed, and none of them sits on Alt or behind Esc.

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::Frame;
use ratatui::layout::Rect;

use super::flow;
use crate::domain::action::Envelope;
use crate::domain::kind::{CONTACT, TICKET};
use crate::tui::command::{Cmd, Scope};
use crate::tui::effect::Out;
use crate::tui::frame::boxed;
use crate::tui::layer::{Layer, LayerMsg, Reply, Shape, Subject};
use crate::tui::line::is_typing;
use crate::tui::text;
use crate::tui::theme::Role;
use crate::tui::ui::Ui;
use crate::tui::widgets::input::Input;

/// What a colleague or the customer said while the reply was written.
#[derive(Clone, Debug)]
pub(in crate::tui::screens) struct Meanwhile {
    /// Who and when, as a sentence.
    pub(in crate::tui::screens) head: String,
    pub(in crate::tui::screens) body: String,
}

pub(in crate::tui::screens) struct SendStrip {
    ticket: i64,
    to: Input,
    cc: Input,
    sender: String,
    /// 0: to, 1: cc.
    editing: Option<usize>,
    meanwhile: Option<Meanwhile>,
}

impl SendStrip {
    /// Answers `Reply::Send`.
    pub(in crate::tui::screens) fn new(ticket: i64, envelope: &Envelope, meanwhile: Option<Meanwhile>) -> Self {
        Self {
            ticket,
            to: Input::new(&envelope.to),
            cc: Input::new(&envelope.cc),
            sender: envelope.sender.clone(),
            editing: None,
            meanwhile,
        }
    }

    fn field(&mut self, at: usize) -> &mut Input {
        if at == 0 { &mut self.to } else { &mut self.cc }
    }

    fn send(&self, status: &'static str, out: &mut Out) {
        let to = self.to.text().trim().to_owned();
        let cc = self.cc.text().trim().to_owned();
        out.reply(Reply::Send(Envelope { to, cc, sender: self.sender.clone() }, status));
    }
}

impl Layer for SendStrip {
    fn scopes(&self) -> &'static [Scope] {
        if self.editing.is_some() {
            &[Scope::SendField, Scope::Dialog, Scope::Everywhere]
        } else {
            &[Scope::Send, Scope::Dialog, Scope::Everywhere]
        }
    }

    fn shape(&self) -> Shape {
        Shape::Strip { height: if self.meanwhile.is_some() { 14 } else { 8 } }
    }

    fn key(&mut self, key: KeyEvent, _ui: &Ui, _out: &mut Out) -> bool {
        let Some(at) = self.editing else { return false };
        if matches!(key.code, KeyCode::Enter | KeyCode::Tab | KeyCode::BackTab | KeyCode::Up | KeyCode::Down) {
            return false;
        }
        let is_typing = is_typing(key);
        let outcome = self.field(at).on_key(key);
        outcome != crate::tui::widgets::input::Outcome::Ignored || is_typing
    }

    fn paste(&mut self, pasted: &str, _ui: &Ui, _out: &mut Out) -> bool {
        if let Some(at) = self.editing {
            self.field(at).paste(pasted);
        }
        self.editing.is_some()
    }

    fn update(&mut self, msg: LayerMsg, _ui: &Ui, out: &mut Out) {
        let LayerMsg::Command(cmd) = msg else { return };
        match cmd {
            // The usual: the ticket stays open, whatever comes back.
            Cmd::SendUsual | Cmd::SendOpen => self.send("open", out),
            Cmd::SendSolve => self.send("solved", out),
            Cmd::SendPending => self.send("pending", out),
            Cmd::SendEdit => self.editing = Some(0),
            Cmd::SendNext => self.editing = if self.editing == Some(0) { Some(1) } else { None },
            Cmd::SendPrevious => self.editing = if self.editing == Some(1) { Some(0) } else { None },
            Cmd::Dismiss if self.editing.is_some() => self.editing = None,
            Cmd::Dismiss => out.close(),
            _ => {}
        }
    }

    fn view(&self, frame: &mut Frame, area: Rect, ui: &Ui) {
        let code = ui.registry.kind(TICKET).code(self.ticket);
        let block = boxed(format!(" {} ", ui.tr("send-title", &[("code", code.into())])), true, ui);
        let inner = block.inner(area);
        frame.render_widget(block, area);
        if inner.height == 0 || inner.width < 12 {
            return;
        }
        let mut y = inner.y;
        let wide = usize::from(inner.width) - 2;
        if let Some(meanwhile) = &self.meanwhile {
            let room = usize::from(inner.height.saturating_sub(6));
            let head = text::wrap(&meanwhile.head, wide).into_iter().map(|line| (line, Role::Warn));
            let body = text::wrap(&meanwhile.body, wide.saturating_sub(2));
            let body = body.into_iter().map(|line| (format!("  {line}"), Role::Text));
            for (line, role) in head.chain(body).take(room) {
                frame.buffer_mut().set_string(inner.x + 1, y, line, ui.style(role));
                y += 1;
            }
        }
        let labels = [ui.t("send-to"), ui.t("send-cc"), ui.t("send-from")];
        let label = labels.iter().map(|l| text::width(l)).max().unwrap_or(0);
        for (at, name) in labels.iter().enumerate() {
            if y >= inner.bottom() {
                return;
            }
            let is_on = self.editing == Some(at);
            let buf = frame.buffer_mut();
            buf.set_string(inner.x, y, if is_on { "▌" } else { " " }, ui.style(Role::Bar));
            buf.set_string(inner.x + 1, y, text::pad(name, label), ui.style(Role::Dim));
            let left = inner.x + 3 + label as u16;
            let place = Rect { x: left, y, width: inner.right().saturating_sub(left + 1), height: 1 };
            match (at, is_on) {
                (0 | 1, true) => {
                    let input = if at == 0 { &self.to } else { &self.cc };
                    let cursor = input.render(place, buf, ui.style(Role::Input));
                    frame.set_cursor_position(cursor);
                }
                (0, _) if self.to.text().trim().is_empty() => {
                    // Who does not see addresses writes to the contact all the same.
                    let is_seen = ui.registry.kind(CONTACT).field("email").is_some();
                    let said = ui.t(if is_seen { "send-nobody" } else { "send-contact" });
                    let said = text::cut(&said, usize::from(place.width)).into_owned();
                    buf.set_string(place.x, y, said, ui.style(if is_seen { Role::Warn } else { Role::Text }));
                }
                _ => {
                    let value = [self.to.text(), self.cc.text(), &self.sender][at];
                    let value = if value.trim().is_empty() { "—".into() } else { text::inert(value) };
                    let value = text::cut(&value, usize::from(place.width)).into_owned();
                    buf.set_string(place.x, y, value, ui.style(Role::Text));
                }
            }
            y += 1;
        }
        if y + 1 >= inner.bottom() {
            return;
        }
        let key = |cmd| ui.keymap.key(cmd);
        let ways = [
            (Cmd::SendUsual, ui.t("send-way-usual")),
            (Cmd::SendSolve, ui.t("send-way-solve")),
            (Cmd::SendPending, ui.t("send-way-pending")),
            (Cmd::SendOpen, ui.t("send-way-open")),
            (Cmd::SendEdit, ui.t("send-way-edit")),
        ];
        let pieces: Vec<_> =
            ways.into_iter().map(|(cmd, said)| (format!("{} {said}", key(cmd)), ui.style(Role::Key))).collect();
        let place = Rect { x: inner.x + 1, y: y + 1, width: inner.width - 2, height: inner.bottom() - y - 1 };
        flow(place, &pieces, frame.buffer_mut());
    }

    fn subject(&self) -> Subject {
        Subject { kind: Some(TICKET), record: Some(self.ticket), marked: 0 }
    }
}
