//! Putting a ticket aside until a moment said in words, and why: `fri 10 waiting for the courier`.

use chrono::{DateTime, Utc};
use crossterm::event::KeyEvent;
use ratatui::Frame;
use ratatui::layout::Rect;

use crate::domain::action::Edit;
use crate::domain::kind::TICKET;
use crate::domain::record::Record;
use crate::domain::value::Value;
use crate::domain::when::{self, Lean};
use crate::tui::command::{Cmd, Scope};
use crate::tui::effect::Out;
use crate::tui::frame::boxed;
use crate::tui::layer::{Layer, LayerMsg, Reply, Shape, Subject};
use crate::tui::line::Line;
use crate::tui::screens::help::search_line;
use crate::tui::theme::Role;
use crate::tui::ui::Ui;
use crate::tui::{show, text};

pub(in crate::tui::screens) struct Snooze {
    record: Record,
    of: usize,
    line: Line,
    notice: Option<String>,
}

impl Snooze {
    /// For a ticket as it is seen, and `of` altogether; answers `Reply::Edits`. An empty line wakes it.
    pub(in crate::tui::screens) fn new(record: &Record, of: usize) -> Self {
        Self { record: record.clone(), of, line: Line::default(), notice: None }
    }

    fn meant(&self, ui: &Ui) -> Option<(DateTime<Utc>, String)> {
        let (at, why) = moment_and_rest(self.line.text(), ui)?;
        (at > ui.now).then_some((at, why))
    }

    fn take(&mut self, ui: &Ui, out: &mut Out) {
        let kind = ui.registry.kind(TICKET);
        let (at, why) = if self.line.text().trim().is_empty() {
            (Value::Null, Value::Null)
        } else if let Some((at, why)) = self.meant(ui) {
            (Value::Instant(at), Value::text(why))
        } else {
            self.notice = Some(ui.t("snooze-when"));
            return;
        };
        let edit = |field: &str, now: Value| Edit {
            field: field.to_owned(),
            was: (self.of == 1).then(|| self.record.get(kind, field).clone()),
            now,
        };
        let mut edits = vec![edit("snoozed", at)];
        if kind.field("snooze_reason").is_some_and(|field| !field.readonly) {
            edits.push(edit("snooze_reason", why));
        }
        out.reply(Reply::Edits(edits));
    }
}

/// A time in words and what follows it. The longest beginning that is a time counts.
pub(in crate::tui::screens) fn moment_and_rest(typed: &str, ui: &Ui) -> Option<(DateTime<Utc>, String)> {
    let words: Vec<&str> = typed.split_whitespace().collect();
    (1..=words.len()).rev().find_map(|n| {
        let at = when::instant(&words[..n].join(" "), ui.now, ui.cx.viewer.zone, Lean::Ahead).ok()?;
        Some((at, words[n..].join(" ")))
    })
}

impl Layer for Snooze {
    fn scopes(&self) -> &'static [Scope] {
        &[Scope::Search, Scope::Dialog, Scope::Everywhere]
    }

    fn shape(&self) -> Shape {
        Shape::Popup { width: 64, height: 4 }
    }

    fn key(&mut self, key: KeyEvent, _ui: &Ui, _out: &mut Out) -> bool {
        self.notice = None;
        self.line.key(key)
    }

    fn paste(&mut self, pasted: &str, _ui: &Ui, _out: &mut Out) -> bool {
        self.line.insert(pasted.trim());
        true
    }

    fn update(&mut self, msg: LayerMsg, ui: &Ui, out: &mut Out) {
        match msg {
            LayerMsg::Command(Cmd::SearchDone) => self.take(ui, out),
            LayerMsg::Command(Cmd::Dismiss) => out.close(),
            _ => {}
        }
    }

    fn view(&self, frame: &mut Frame, area: Rect, ui: &Ui) {
        let kind = ui.registry.kind(TICKET);
        let what = if self.of > 1 { ui.tr("list-marked", &[("n", self.of.into())]) } else { kind.code(self.record.id) };
        let block = boxed(format!(" {} ", ui.tr("snooze-title", &[("what", what.into())])), true, ui);
        let inner = block.inner(area);
        frame.render_widget(block, area);
        if inner.height == 0 {
            return;
        }
        search_line(frame, Rect { height: 1, ..inner }, &self.line, &ui.t("snooze-prompt"), ui);
        if inner.height < 2 {
            return;
        }
        let zone = ui.cx.viewer.zone;
        let (said, role) = match (&self.notice, self.meant(ui)) {
            (Some(notice), _) => (notice.clone(), Role::Bad),
            (None, Some((at, why))) => {
                let at = at.with_timezone(&zone);
                let day = show::day(at.date_naive(), ui.now.with_timezone(&zone).date_naive(), ui.lang());
                let at = format!("{day} {}", at.format("%H:%M"));
                let said = if why.is_empty() { at } else { format!("{at} · {}", text::inert(&why)) };
                (said, Role::Good)
            }
            _ => (ui.t("snooze-hint"), Role::Dim),
        };
        let said = text::cut(&said, usize::from(inner.width).saturating_sub(4)).into_owned();
        frame.buffer_mut().set_string(inner.x + 3, inner.y + 1, said, ui.style(role));
    }

    fn subject(&self) -> Subject {
        Subject { kind: Some(TICKET), record: Some(self.record.id), marked: 0 }
    }
}
