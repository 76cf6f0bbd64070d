//! Do…: everything that can be done here, in groups, each with its key, so that the menu teaches the keys. All of it
//! comes from the command table. The key after `d`, or the command's own, runs it at once.

use crossterm::event::{KeyEvent, MouseButton, MouseEvent, MouseEventKind};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::Line;

use crate::tui::command::{Cmd, Command, Group, Scope};
use crate::tui::effect::Out;
use crate::tui::frame::{bar_row, boxed};
use crate::tui::keymap::{Folded, Keymap, Stroke, fold};
use crate::tui::layer::{Layer, LayerMsg, Shape, Subject};
use crate::tui::paint;
use crate::tui::text;
use crate::tui::theme::Role;
use crate::tui::ui::Ui;

pub struct Menu {
    /// In groups, in the table's order within each.
    rows: Vec<(Group, &'static Command)>,
    subject: Subject,
    /// The key that opened it, as people read it: what `d d` begins with.
    opener: String,
    at: usize,
}

/// A line of the box: a group's head, or a row by its place.
#[derive(Clone, Copy)]
enum Drawn {
    Head(Group),
    Row(usize),
}

impl Menu {
    /// All that can be done in these scopes to this subject.
    pub fn new(scopes: &[Scope], subject: Subject, ui: &Ui) -> Self {
        let mut rows: Vec<(Group, &'static Command)> = Vec::new();
        for command in Keymap::commands(scopes) {
            let Some(group) =
                command.group.filter(|_| command.fits(&subject, ui) && ui.keymap.reaches(scopes, command.id))
            else {
                continue;
            };
            // Some things can be asked for under two names; one line is enough.
            let title = ui.t(&command.title_key());
            if !rows.iter().any(|(_, c)| ui.t(&c.title_key()) == title) {
                rows.push((group, command));
            }
        }
        rows.sort_by_key(|(group, _)| *group);
        let opener = Keymap::commands(scopes).find(|c| c.is_menu()).map(|c| ui.keymap.key(c.id)).unwrap_or_default();
        Self { rows, subject, opener, at: 0 }
    }

    /// The command whose only key, or key after `d`, this is.
    fn named(&self, stroke: Stroke, ui: &Ui) -> Option<Cmd> {
        let key = stroke.to_string();
        let after = format!("{} {key}", self.opener);
        let with = |wanted: &str| self.rows.iter().find(|(_, c)| ui.keymap.keys(c.id).iter().any(|k| k == wanted));
        with(&after).or_else(|| with(&key)).map(|(_, c)| c.id)
    }

    fn lines(&self) -> Vec<Drawn> {
        let mut lines = Vec::new();
        let mut last = None;
        for (at, (group, _)) in self.rows.iter().enumerate() {
            if last != Some(*group) {
                lines.push(Drawn::Head(*group));
                last = Some(*group);
            }
            lines.push(Drawn::Row(at));
        }
        lines
    }

    /// Lines above the first one drawn: a little of what follows the cursor is in sight, and at the ends what stands there.
    fn skip(&self, lines: &[Drawn], height: usize) -> usize {
        let here = lines.iter().position(|line| matches!(line, Drawn::Row(at) if *at == self.at)).unwrap_or(0);
        (here + 3).min(lines.len()).saturating_sub(height)
    }

    /// A click does what it is on, or closes the box from outside; the wheel moves.
    fn mouse(&mut self, mouse: MouseEvent, area: Rect, out: &mut Out) {
        let last = self.rows.len().saturating_sub(1);
        match mouse.kind {
            MouseEventKind::ScrollDown => self.at = (self.at + 1).min(last),
            MouseEventKind::ScrollUp => self.at = self.at.saturating_sub(1),
            MouseEventKind::Down(MouseButton::Left) if !area.contains((mouse.column, mouse.row).into()) => out.close(),
            MouseEventKind::Down(MouseButton::Left) if mouse.row > area.y && mouse.row + 1 < area.bottom() => {
                let lines = self.lines();
                let skip = self.skip(&lines, usize::from(area.height.saturating_sub(2)));
                if let Some(Drawn::Row(at)) = lines.get(skip + usize::from(mouse.row - area.y - 1)) {
                    out.close();
                    out.run(self.rows[*at].1.id);
                }
            }
            _ => {}
        }
    }

    fn head(&self, group: Group, ui: &Ui) -> String {
        match (group, self.subject.kind, self.subject.record) {
            (Group::Here, ..) if self.subject.marked > 0 => ui.tr("list-marked", &[("n", self.subject.marked.into())]),
            (Group::Here, Some(kind), Some(id)) => ui.registry.kind(kind).code(id),
            (Group::Here, ..) => ui.t("do-here"),
            (Group::List, ..) => ui.t("do-list"),
            (Group::Go, ..) => ui.t("do-go"),
            (Group::Program, ..) => ui.t("do-program"),
        }
    }
}

impl Layer for Menu {
    fn scopes(&self) -> &'static [Scope] {
        &[Scope::Menu, Scope::Popup, Scope::Everywhere]
    }

    fn shape(&self) -> Shape {
        Shape::Popup { width: 56, height: self.lines().len() as u16 + 2 }
    }

    fn key(&mut self, key: KeyEvent, ui: &Ui, out: &mut Out) -> bool {
        let Some(Folded::Key(stroke)) = Stroke::of(key).map(fold) else { return false };
        // Moving and closing keys stay what they are in every box.
        if stroke.plain_char().is_none() || matches!(stroke.plain_char(), Some('j' | 'k' | 'q' | 'G' | ' ')) {
            return false;
        }
        let Some(cmd) = self.named(stroke, ui) else { return false };
        out.close();
        out.run(cmd);
        true
    }

    fn update(&mut self, msg: LayerMsg, _ui: &Ui, out: &mut Out) {
        if let LayerMsg::Mouse(mouse, area) = msg {
            return self.mouse(mouse, area, out);
        }
        let LayerMsg::Command(cmd) = msg else { return };
        let last = self.rows.len().saturating_sub(1);
        match cmd {
            Cmd::MenuDown => self.at = if self.at == last { 0 } else { self.at + 1 },
            Cmd::MenuUp => self.at = if self.at == 0 { last } else { self.at - 1 },
            Cmd::MenuTop => self.at = 0,
            Cmd::MenuBottom => self.at = last,
            Cmd::MenuTake => {
                out.close();
                if let Some((_, row)) = self.rows.get(self.at) {
                    out.run(row.id);
                }
            }
            Cmd::Close => out.close(),
            _ => {}
        }
    }

    fn view(&self, frame: &mut Frame, area: Rect, ui: &Ui) {
        let lines = self.lines();
        let height = usize::from(area.height.saturating_sub(2));
        let mut block = boxed(format!(" {} ", ui.t("do-title")), true, ui);
        if lines.len() > height {
            let place = format!(" {}/{} ", self.at + 1, self.rows.len());
            block = block.title_bottom(Line::styled(place, ui.style(Role::Dim)).right_aligned());
        }
        let inner = block.inner(area);
        frame.render_widget(block, area);
        let skip = self.skip(&lines, height);
        let keys = self.rows.iter().map(|(_, c)| text::width(&ui.keymap.key(c.id))).max().unwrap_or(0);
        for (y, line) in (inner.y..inner.bottom()).zip(lines.iter().skip(skip)) {
            let place = Rect { y, height: 1, ..inner };
            match line {
                Drawn::Head(group) => {
                    let head = text::cut(&self.head(*group, ui), usize::from(inner.width)).into_owned();
                    paint::line(frame.buffer_mut(), Line::styled(head, ui.style(Role::Head)), place);
                }
                Drawn::Row(at) => {
                    let (_, row) = self.rows[*at];
                    let key = text::pad(&ui.keymap.key(row.id), keys);
                    let body = format!("{key}  {}", ui.t(&row.title_key()));
                    bar_row(frame, place, &body, *at == self.at, Style::default(), ui);
                }
            }
        }
    }
}
