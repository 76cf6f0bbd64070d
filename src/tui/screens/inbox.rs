//! The inbox: what others did that concerns the person, newest first. Opening a notice's record marks it as read. Live;
//! what was read here stays in sight until the person leaves.

use std::collections::HashSet;

use crossterm::event::{MouseEvent, MouseEventKind};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;

use crate::desk::{News, Notice, Why};
use crate::tui::command::{Cmd, Scope};
use crate::tui::effect::{Answer, Ask, Latest, Out, Question, Tone};
use crate::tui::frame::{bar_row, boxed, first_row};
use crate::tui::layer::{Awaits, Layer, LayerMsg, Place, Subject};
use crate::tui::screens;
use crate::tui::theme::Role;
use crate::tui::ui::Ui;
use crate::tui::{show, text};

/// From this height on what was written stands below the list.
const BELOW_FROM: u16 = 14;

/// Cells of a time of today, and of another day.
pub(super) const SHORT: usize = 6;
const LONG: usize = 10;

#[derive(Default)]
pub struct Inbox {
    /// Read ones too.
    shows_all: bool,
    rows: Vec<Notice>,
    is_read: bool,
    failed: Option<String>,
    at: usize,
    /// Marked while this screen is open: they stay.
    touched: HashSet<i64>,
    asking: Latest,
    marking: Option<Ask>,
}

impl Inbox {
    fn load(&mut self, out: &mut Out) {
        self.asking.ask(Question::Inbox { only_unread: !self.shows_all }, out);
    }

    fn here(&self) -> Option<&Notice> {
        self.rows.get(self.at)
    }

    fn mark(&mut self, read: bool, out: &mut Out) {
        let Some(notice) = self.rows.get_mut(self.at) else { return };
        if notice.is_read != read {
            notice.is_read = read;
            self.touched.insert(notice.id);
            self.marking = Some(out.ask(Question::MarkNotices { ids: Some(vec![notice.id]), read }));
        }
    }

    fn page(&self, ui: &Ui) -> usize {
        let body = crate::tui::frame::body(ui.width, ui.height);
        usize::from(self.places(body).0.height.saturating_sub(2)).max(1)
    }

    fn command(&mut self, cmd: Cmd, ui: &Ui, out: &mut Out) {
        let last = self.rows.len().saturating_sub(1);
        match cmd {
            Cmd::InboxDown => self.at = (self.at + 1).min(last),
            Cmd::InboxUp => self.at = self.at.saturating_sub(1),
            Cmd::InboxPageDown => self.at = (self.at + self.page(ui)).min(last),
            Cmd::InboxPageUp => self.at = self.at.saturating_sub(self.page(ui)),
            Cmd::InboxTop => self.at = 0,
            Cmd::InboxBottom => self.at = last,
            Cmd::InboxOpen => {
                let Some(notice) = self.here() else { return };
                let place = opened(notice, ui);
                self.mark(true, out);
                match place {
                    Opened::Record(record) => out.push_box(record),
                    Opened::List(place) => out.go(place),
                }
            }
            Cmd::InboxRead => {
                let read = self.here().is_some_and(|notice| !notice.is_read);
                self.mark(read, out);
                if read {
                    self.at = (self.at + 1).min(last);
                }
            }
            Cmd::InboxAllRead => {
                for notice in &mut self.rows {
                    notice.is_read = true;
                    self.touched.insert(notice.id);
                }
                self.marking = Some(out.ask(Question::MarkNotices { ids: None, read: true }));
            }
            Cmd::InboxView => {
                self.shows_all = !self.shows_all;
                self.touched.clear();
                self.load(out);
            }
            Cmd::InboxLeave | Cmd::Back => out.close(),
            Cmd::Redraw => {
                self.touched.clear();
                self.load(out);
            }
            _ => {}
        }
    }

    fn answer(&mut self, ask: Ask, answer: Answer, out: &mut Out) {
        if self.asking.take(ask, out) {
            match answer {
                Answer::Inbox(Ok(mut notices)) => {
                    // The cursor stays on its notice; where that is gone, on the next older one.
                    let id = self.here().map(|n| n.id);
                    let kept = std::mem::take(&mut self.rows)
                        .into_iter()
                        .filter(|n| self.touched.contains(&n.id) && !notices.iter().any(|fresh| fresh.id == n.id));
                    let kept: Vec<Notice> = kept.collect();
                    notices.extend(kept);
                    notices.sort_by_key(|n| std::cmp::Reverse(n.id));
                    self.at = id.and_then(|id| notices.iter().position(|n| n.id <= id)).unwrap_or(0);
                    (self.rows, self.is_read, self.failed) = (notices, true, None);
                }
                Answer::Inbox(Err(error)) => self.failed = Some(error.to_string()),
                _ => {}
            }
        } else if self.marking == Some(ask) {
            self.marking = None;
            if let Answer::Marked(Err(error)) = answer {
                out.say(Tone::Bad, error.to_string());
                self.touched.clear();
                self.load(out);
            }
        }
    }

    /// Where the list stands, and what was written, if there is room for it.
    fn places(&self, area: Rect) -> (Rect, Option<Rect>) {
        let has_words = self.rows.iter().any(|n| !n.said.is_empty());
        if area.height < BELOW_FROM || !has_words {
            return (area, None);
        }
        let below = area.height / 3;
        let list = Rect { height: area.height - below, ..area };
        (list, Some(Rect { y: list.bottom(), height: below, ..area }))
    }

    fn mouse(&mut self, mouse: MouseEvent, area: Rect, ui: &Ui, out: &mut Out) {
        match mouse.kind {
            MouseEventKind::ScrollDown => self.command(Cmd::InboxDown, ui, out),
            MouseEventKind::ScrollUp => self.command(Cmd::InboxUp, ui, out),
            MouseEventKind::Down(_) => {
                let list = self.places(area).0;
                if list.contains((mouse.column, mouse.row).into()) {
                    let rows = usize::from(list.height.saturating_sub(2));
                    let row = usize::from(mouse.row - list.y).saturating_sub(1) + first_row(self.at, rows);
                    if row < self.rows.len() {
                        self.at = row;
                    }
                }
            }
            _ => {}
        }
    }
}

/// What a notice leads to.
pub(super) enum Opened {
    Record(Box<dyn Layer>),
    /// Several records at once: they are the person's own, or watched.
    List(Place),
}

pub(super) fn opened(notice: &Notice, ui: &Ui) -> Opened {
    match screens::record(notice.kind, notice.record, ui) {
        Some(record) if notice.records == 1 => Opened::Record(record),
        _ => {
            let of = if notice.why == Why::Assigned { "owner:me" } else { "watching:me" };
            Opened::List(Place::List { kind: notice.kind, filter: format!("{of} sort:-updated") })
        }
    }
}

/// Who did what to which record, in one sentence, and the beginning of what was written.
pub(in crate::tui) fn sentence(notice: &Notice, ui: &Ui) -> String {
    let kind = ui.registry.kind(notice.kind);
    let by = if notice.by.is_empty() { ui.t("inbox-somebody") } else { text::inert(&notice.by).into_owned() };
    let what = format!("{} {}", kind.code(notice.record), text::inert(&notice.title));
    let mut args = vec![("by", by.into()), ("what", what.trim_end().into())];
    let key = match notice.why {
        Why::Assigned if notice.records > 1 => {
            args[1] = ("what", format!("{} {}", show::grouped(notice.records.into()), kind.many.get(ui.lang())).into());
            "inbox-assigned"
        }
        Why::Assigned => "inbox-assigned",
        Why::Reply => "inbox-reply",
        Why::Comment => "inbox-comment",
        Why::Mention => "inbox-mention",
        Why::Conflict => "inbox-conflict",
        Why::Status | Why::Given if notice.records > 1 => {
            args[1] = ("what", format!("{} {}", show::grouped(notice.records.into()), kind.many.get(ui.lang())).into());
            if notice.why == Why::Status { "inbox-status" } else { "inbox-given" }
        }
        Why::Status => "inbox-status",
        Why::Given => "inbox-given",
    };
    let mut said = ui.tr(key, &args);
    if !notice.on_behalf.is_empty() {
        said =
            ui.tr("inbox-for", &[("name", text::inert(&notice.on_behalf).into_owned().into()), ("said", said.into())]);
    }
    let first = notice.said.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    if !first.is_empty() {
        said.push_str(": ");
        said.extend(text::inert(first).chars().take(200));
    }
    said
}

/// When, in a column so wide, and the sentence; unread ones have a dot.
pub(super) fn line(notice: &Notice, column: usize, ui: &Ui) -> String {
    let dot = if notice.is_read { " " } else { "●" };
    let at = show::instant(notice.at, ui.now, ui.cx.viewer.zone, ui.lang());
    format!("{dot} {} {}", text::pad(&at, column.max(text::width(&at))), sentence(notice, ui))
}

impl Layer for Inbox {
    fn scopes(&self) -> &'static [Scope] {
        &[Scope::Inbox, Scope::Main, Scope::Everywhere]
    }

    fn update(&mut self, msg: LayerMsg, ui: &Ui, out: &mut Out) {
        match msg {
            LayerMsg::Shown { .. } | LayerMsg::News(News::Resync | News::Line(true)) => self.load(out),
            LayerMsg::News(News::Notices(people)) if people.contains(&ui.cx.viewer.me.id) => self.load(out),
            LayerMsg::Command(cmd) => self.command(cmd, ui, out),
            LayerMsg::Answer(ask, answer) => self.answer(ask, answer, out),
            LayerMsg::Mouse(mouse, area) => self.mouse(mouse, area, ui, out),
            _ => {}
        }
    }

    fn view(&self, frame: &mut Frame, area: Rect, ui: &Ui) {
        let (list, below) = self.places(area);
        let title = ui.t(if self.shows_all { "inbox-all" } else { "inbox-unread" });
        let unread = self.rows.iter().filter(|n| !n.is_read).count();
        let count = Line::styled(format!(" {unread} "), ui.style(Role::Text)).right_aligned();
        let block = boxed(format!(" {title} "), true, ui).title(count);
        let inner = block.inner(list);
        frame.render_widget(block, list);
        if inner.width < 10 || inner.height == 0 {
            return;
        }
        let said = match (&self.failed, self.rows.is_empty(), self.is_read) {
            (Some(failed), ..) => Some((failed.clone(), Role::Bad)),
            (None, true, false) => Some((ui.t("record-loading"), Role::Dim)),
            (None, true, true) => {
                let key = ui.keymap.key(Cmd::InboxView).into();
                let said =
                    if self.shows_all { ui.t("inbox-empty") } else { ui.tr("inbox-all-is-read", &[("key", key)]) };
                Some((said, Role::Dim))
            }
            _ => None,
        };
        if let Some((said, role)) = said {
            for (y, line) in (inner.y..inner.bottom()).zip(text::wrap(&said, usize::from(inner.width) - 2)) {
                frame.buffer_mut().set_string(inner.x + 1, y, line, ui.style(role));
            }
            return;
        }
        let skip = first_row(self.at, usize::from(inner.height));
        for (y, (row, notice)) in (inner.y..inner.bottom()).zip(self.rows.iter().enumerate().skip(skip)) {
            let place = Rect { y, height: 1, ..inner };
            let style = ui.style(if notice.is_read { Role::Dim } else { Role::Text });
            // Sentences stand below each other where there is room.
            let column = if inner.width < 60 { SHORT } else { LONG };
            bar_row(frame, place, &line(notice, column, ui), row == self.at, style, ui);
        }
        let Some((below, notice)) = below.zip(self.here()) else { return };
        let by = text::inert(&notice.by);
        let code = ui.registry.kind(notice.kind).code(notice.record);
        let block = boxed(format!(" {by} · {code} "), false, ui);
        let inner = block.inner(below);
        frame.render_widget(block, below);
        // What does not fit is on the record's own screen.
        let head: String = notice.said.chars().take(4_000).collect();
        let lines = head.lines().flat_map(|line| text::wrap(&text::inert(line), usize::from(inner.width).max(12) - 2));
        for (y, line) in (inner.y..inner.bottom()).zip(lines) {
            frame.buffer_mut().set_string(inner.x + 1, y, line, ui.style(Role::Text));
        }
    }

    fn subject(&self) -> Subject {
        let here = self.here();
        Subject { kind: here.map(|n| n.kind), record: here.map(|n| n.record), marked: 0 }
    }

    fn awaits(&self) -> Awaits {
        if self.rows.is_empty() && !self.is_read && self.failed.is_none() { Awaits::Content } else { Awaits::Nothing }
    }
}
