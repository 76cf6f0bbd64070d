//! What roles may: a role's kinds down, its verbs across, named permissions below. For admins; what is changed holds at
//! once, for everybody who has the role.

use crossterm::event::{MouseEvent, MouseEventKind};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::confirm::Confirm;
use super::prompt::Prompt;
use crate::desk::{self, News};
use crate::domain::kind::KindId;
use crate::domain::right::{Grant, Permission, Scope as Reaches, Verb, in_order, role_label};
use crate::tui::command::{Cmd, Scope};
use crate::tui::effect::{Answer, Ask, Latest, Out, Question, Tone};
use crate::tui::frame::{bar_row, boxed, first_row};
use crate::tui::layer::{Awaits, Layer, LayerMsg, Reply};
use crate::tui::text;
use crate::tui::theme::Role;
use crate::tui::ui::Ui;

/// Cells of a kind's name, and of a verb.
const NAME: usize = 16;
const CELL: usize = 10;

/// One line of the matrix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Row {
    Kind(KindId),
    Permission(Permission),
    Bulk,
}

/// What a line that is being typed is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Typing {
    /// The most records at once.
    Bulk,
    /// The name of a role like this one.
    New,
}

#[derive(Default)]
pub struct Roles {
    known: Vec<desk::Role>,
    is_read: bool,
    failed: Option<String>,
    /// Which role, and where in it.
    role: usize,
    row: usize,
    verb: usize,
    asking: Latest,
    doing: Option<Ask>,
    typing: Option<Typing>,
    /// The role that is deleted when yes is said.
    deleting: Option<String>,
}

impl Roles {
    fn here(&self) -> Option<&desk::Role> {
        self.known.get(self.role)
    }

    fn rows(ui: &Ui) -> Vec<Row> {
        let kinds = in_order(&ui.registry).into_iter().map(|kind| Row::Kind(kind.id));
        kinds.chain(Permission::ALL.into_iter().map(Row::Permission)).chain([Row::Bulk]).collect()
    }

    fn row(&self, ui: &Ui) -> Row {
        Self::rows(ui).get(self.row).copied().unwrap_or(Row::Bulk)
    }

    fn set(&mut self, grant: Grant, out: &mut Out) {
        // One after the other: each says what it changed.
        if let (Some(role), None) = (self.here(), self.doing) {
            self.doing = Some(out.ask(Question::SetRole { role: role.name.clone(), grant }));
        }
    }

    /// Another scope for the cell, or the next one.
    fn reach(&mut self, scope: Option<Reaches>, ui: &Ui, out: &mut Out) {
        let Some(role) = self.here() else { return };
        match self.row(ui) {
            Row::Kind(kind) => {
                let verb = Verb::ALL[self.verb];
                let now = role.rights.reach(kind, verb);
                let scope = scope.unwrap_or_else(|| {
                    let all_or_none = ui.registry.kind(kind).sharing == crate::domain::kind::Sharing::Common;
                    match now {
                        Reaches::None if !all_or_none => Reaches::Own,
                        Reaches::Own => Reaches::Team,
                        Reaches::None | Reaches::Team => Reaches::All,
                        Reaches::All => Reaches::None,
                    }
                });
                self.set(Grant::Reach(Some(kind), verb, scope), out);
            }
            Row::Permission(permission) => {
                let is_given = role.rights.may(permission);
                let wants = match scope {
                    None => !is_given,
                    Some(scope) => scope > Reaches::None,
                };
                self.set(Grant::Permission(permission, wants), out);
            }
            Row::Bulk => {
                let now = role.rights.bulk.map(|n| n.to_string()).unwrap_or_default();
                self.typing = Some(Typing::Bulk);
                out.push(Prompt::new(ui.t("roles-bulk"), ui.t("roles-bulk-hint"), now));
            }
        }
    }

    fn command(&mut self, cmd: Cmd, ui: &Ui, out: &mut Out) {
        let last = Self::rows(ui).len() - 1;
        let roles = self.known.len().max(1);
        match cmd {
            Cmd::RolesDown => self.row = (self.row + 1).min(last),
            Cmd::RolesUp => self.row = self.row.saturating_sub(1),
            Cmd::RolesTop => self.row = 0,
            Cmd::RolesBottom => self.row = last,
            Cmd::RolesRight => self.verb = (self.verb + 1).min(Verb::ALL.len() - 1),
            Cmd::RolesLeft => self.verb = self.verb.saturating_sub(1),
            Cmd::RolesNext => self.role = (self.role + 1) % roles,
            Cmd::RolesPrevious => self.role = (self.role + roles - 1) % roles,
            Cmd::RolesCycle => self.reach(None, ui, out),
            Cmd::RolesNone => self.reach(Some(Reaches::None), ui, out),
            Cmd::RolesOwn => self.reach(Some(Reaches::Own), ui, out),
            Cmd::RolesTeam => self.reach(Some(Reaches::Team), ui, out),
            Cmd::RolesAll => self.reach(Some(Reaches::All), ui, out),
            Cmd::RolesUndo => {
                if let (Some(role), None) = (self.here(), self.doing) {
                    self.doing = Some(out.ask(Question::UndoRole { role: role.name.clone() }));
                }
            }
            Cmd::RolesNew => {
                let Some(role) = self.here() else { return };
                let title = ui.tr("roles-new", &[("role", role.name.as_str().into())]);
                self.typing = Some(Typing::New);
                out.push(Prompt::new(title, ui.t("roles-new-hint"), String::new()));
            }
            Cmd::RolesDelete => {
                if let (Some(role), None) = (self.here(), self.doing) {
                    let name = role.name.clone();
                    out.push(Confirm::new(ui.tr("roles-delete-ask", &[("role", name.as_str().into())])));
                    self.deleting = Some(name);
                }
            }
            Cmd::Back => out.close(),
            Cmd::Redraw => self.asking.ask(Question::Roles, out),
            _ => {}
        }
    }

    fn typed(&mut self, said: &str, ui: &Ui, out: &mut Out) {
        let said = said.trim();
        match self.typing.take() {
            Some(Typing::Bulk) if said.is_empty() => self.set(Grant::Bulk(None), out),
            Some(Typing::Bulk) => match said.parse().ok().filter(|n| (1..1_000_000_000).contains(n)) {
                Some(n) => self.set(Grant::Bulk(Some(n)), out),
                None => out.say(Tone::Bad, ui.t("roles-bulk-hint")),
            },
            Some(Typing::New) if !said.is_empty() => {
                let Some(like) = self.here().map(|role| role.name.clone()) else { return };
                self.doing = Some(out.ask(Question::NewRole { role: said.to_owned(), like }));
            }
            _ => {}
        }
    }

    fn answer(&mut self, ask: Ask, answer: Answer, ui: &Ui, out: &mut Out) {
        if self.asking.take(ask, out) {
            match answer {
                Answer::Roles(Ok(roles)) => {
                    let here = self.here().map(|role| role.name.clone());
                    self.role = roles.iter().position(|role| Some(&role.name) == here.as_ref()).unwrap_or(self.role);
                    self.role = self.role.min(roles.len().saturating_sub(1));
                    // What admin may is not changed: the first look is at what can be.
                    if !self.is_read {
                        self.role = roles.iter().position(|role| role.name == "sales").unwrap_or(0);
                    }
                    (self.known, self.is_read, self.failed) = (roles, true, None);
                }
                Answer::Roles(Err(error)) => (self.known, self.failed) = (Vec::new(), Some(error.to_string())),
                _ => {}
            }
        } else if self.doing == Some(ask) {
            self.doing = None;
            match answer {
                Answer::Told(Ok(told)) if told.is_empty() => out.say(Tone::Info, ui.t("roles-as-it-was")),
                Answer::Told(Ok(told)) => {
                    let role = self.here().map(|role| role.name.clone()).unwrap_or_default();
                    out.say(Tone::Good, format!("{role}: {}", told.join("; ")));
                }
                Answer::Done(Ok(())) => out.say(Tone::Good, ui.t("roles-done")),
                Answer::Told(Err(error)) | Answer::Done(Err(error)) => out.say(Tone::Bad, error.to_string()),
                _ => {}
            }
            self.asking.ask(Question::Roles, out);
        }
    }

    fn mouse(&mut self, mouse: MouseEvent, area: Rect, ui: &Ui, out: &mut Out) {
        match mouse.kind {
            MouseEventKind::ScrollDown => self.command(Cmd::RolesDown, ui, out),
            MouseEventKind::ScrollUp => self.command(Cmd::RolesUp, ui, out),
            MouseEventKind::Down(_) if area.contains((mouse.column, mouse.row).into()) => {
                let height = usize::from(area.height.saturating_sub(5));
                let skip = first_row(self.row, height);
                let row = usize::from(mouse.row - area.y).checked_sub(3).map(|row| row + skip);
                if let Some(row) = row.filter(|row| *row < Self::rows(ui).len()) {
                    self.row = row;
                    let across = usize::from(mouse.column - area.x).saturating_sub(2 + NAME) / CELL;
                    self.verb = across.min(Verb::ALL.len() - 1);
                }
            }
            _ => {}
        }
    }

    fn cells(role: &desk::Role, row: Row, ui: &Ui) -> String {
        match row {
            Row::Kind(kind) => {
                let name = text::pad(ui.registry.kind(kind).many.get(ui.lang()), NAME);
                Verb::ALL.into_iter().fold(name, |line, verb| {
                    let reach = role.rights.reach(kind, verb);
                    line + &text::pad(&ui.t(reach_key(reach)), CELL)
                })
            }
            Row::Permission(permission) => {
                let said = if role.rights.may(permission) { "roles-yes" } else { "roles-no" };
                let name = ui.t(may_key(permission));
                format!("{}{name}", text::pad(&ui.t(said), NAME))
            }
            Row::Bulk => {
                let most = role.rights.bulk.map_or_else(|| ui.t("roles-any-number"), |n| n.to_string());
                format!("{}{}", text::pad(&most, NAME), ui.t("roles-bulk"))
            }
        }
    }
}

pub(super) fn verb_key(verb: Verb) -> &'static str {
    match verb {
        Verb::Read => "roles-verb-read",
        Verb::Create => "roles-verb-create",
        Verb::Edit => "roles-verb-edit",
        Verb::Delete => "roles-verb-delete",
        Verb::Export => "roles-verb-export",
    }
}

/// A cell: the key that says it, and a word.
fn reach_key(reach: Reaches) -> &'static str {
    match reach {
        Reaches::None => "roles-reach-none",
        Reaches::Own => "roles-reach-own",
        Reaches::Team => "roles-reach-team",
        Reaches::All => "roles-reach-all",
    }
}

/// The same in a sentence.
fn goes_key(reach: Reaches) -> &'static str {
    match reach {
        Reaches::None => "roles-goes-none",
        Reaches::Own => "roles-goes-own",
        Reaches::Team => "roles-goes-team",
        Reaches::All => "roles-goes-all",
    }
}

pub(super) fn may_key(permission: Permission) -> &'static str {
    match permission {
        Permission::Users => "roles-may-users",
        Permission::Configuration => "roles-may-configuration",
        Permission::Undo => "roles-may-undo",
        Permission::Sensitive => "roles-may-sensitive",
    }
}

impl Layer for Roles {
    fn scopes(&self) -> &'static [Scope] {
        &[Scope::Roles, Scope::Main, Scope::Everywhere]
    }

    fn update(&mut self, msg: LayerMsg, ui: &Ui, out: &mut Out) {
        match msg {
            LayerMsg::Reply(Reply::Text(said)) => self.typed(&said, ui, out),
            LayerMsg::Reply(Reply::Confirmed) => {
                if let Some(role) = self.deleting.take() {
                    self.doing = Some(out.ask(Question::DeleteRole { role }));
                }
            }
            LayerMsg::Shown { .. } | LayerMsg::News(News::Resync | News::Line(true)) => {
                self.asking.ask(Question::Roles, out);
            }
            LayerMsg::Command(cmd) => self.command(cmd, ui, out),
            LayerMsg::Answer(ask, answer) => self.answer(ask, answer, ui, out),
            LayerMsg::Mouse(mouse, area) => self.mouse(mouse, area, ui, out),
            _ => {}
        }
    }

    fn view(&self, frame: &mut Frame, area: Rect, ui: &Ui) {
        let count = Line::styled(format!(" {}/{} ", self.role + 1, self.known.len()), ui.style(Role::Text));
        let block = boxed(format!(" {} ", ui.t("roles-title")), true, ui).title(count.right_aligned());
        let inner = block.inner(area);
        frame.render_widget(block, area);
        if inner.width < 20 || inner.height < 4 {
            return;
        }
        let width = usize::from(inner.width) - 2;
        let Some(role) = self.here() else {
            let said = self.failed.clone().unwrap_or_else(|| ui.t("record-loading"));
            let style = ui.style(if self.failed.is_some() { Role::Bad } else { Role::Dim });
            frame.buffer_mut().set_string(inner.x + 1, inner.y, text::cut(&said, width), style);
            return;
        };
        // The role, who has it, the verbs.
        let label = role_label(&role.name);
        let label = label.get(ui.lang());
        let name =
            if label.eq_ignore_ascii_case(&role.name) { role.name.clone() } else { format!("{} {label}", role.name) };
        let people = match role.people.len() {
            0 => ui.t("roles-nobody"),
            _ => role.people.join(", "),
        };
        let buffer = frame.buffer_mut();
        let (x, mut y) = (inner.x + 1, inner.y);
        buffer.set_string(x, y, text::cut(&name, width), ui.style(Role::Title));
        let after = text::width(&name) + 2;
        if after < width {
            let people = text::inert(&people);
            let people = text::cut(&people, width - after);
            buffer.set_string(x + u16::try_from(after).unwrap_or(0), y, people, ui.style(Role::Dim));
        }
        y += 1;
        let heads =
            Verb::ALL.into_iter().fold(" ".repeat(NAME), |line, verb| line + &text::pad(&ui.t(verb_key(verb)), CELL));
        buffer.set_string(x, y, text::cut(&heads, width), ui.style(Role::Dim));
        let body = Rect { y: y + 1, height: inner.height - 3, ..inner };
        let rows = Self::rows(ui);
        let skip = first_row(self.row, usize::from(body.height));
        for (y, (at, row)) in (body.y..body.bottom()).zip(rows.iter().enumerate().skip(skip)) {
            let is_here = at == self.row;
            let place = Rect { y, height: 1, ..body };
            bar_row(frame, place, &Self::cells(role, *row, ui), is_here, ui.style(Role::Text), ui);
            // The cell itself stands out, also without colour.
            if let (true, Row::Kind(kind)) = (is_here, row) {
                let reach = role.rights.reach(*kind, Verb::ALL[self.verb]);
                let cell = format!("[{}]", ui.t(reach_key(reach)));
                let at = x + u16::try_from(NAME + self.verb * CELL).unwrap_or(0);
                if at > x && usize::from(at - inner.x) + CELL <= width + 2 {
                    frame.buffer_mut().set_string(at - 1, y, cell, ui.style(Role::Title));
                }
            }
        }
        // What the keys would change, in words.
        let said = match self.row(ui) {
            Row::Kind(kind) => {
                let verb = Verb::ALL[self.verb];
                let args = [
                    ("role", role.name.as_str().into()),
                    ("verb", ui.t(verb_key(verb)).into()),
                    ("kind", ui.registry.kind(kind).many.get(ui.lang()).to_lowercase().into()),
                    ("reach", ui.t(goes_key(role.rights.reach(kind, verb))).into()),
                ];
                ui.tr("roles-says", &args)
            }
            Row::Permission(permission) => ui.t(may_key(permission)),
            Row::Bulk => ui.t("roles-bulk-hint"),
        };
        frame.buffer_mut().set_string(x, inner.bottom() - 1, text::cut(&said, width), ui.style(Role::Dim));
    }

    fn awaits(&self) -> Awaits {
        if self.known.is_empty() && !self.is_read && self.failed.is_none() { Awaits::Content } else { Awaits::Nothing }
    }
}
