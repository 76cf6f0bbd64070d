//! Settling a conflict: for each field that two people changed, what it was, what I want and what is there now.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::desk::Conflict;
use crate::domain::field::FieldType;
use crate::domain::kind::Kind;
use crate::domain::value::Value;
use crate::tui::command::Cmd;
use crate::tui::theme::Role;
use crate::tui::ui::Ui;
use crate::tui::{show, text};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Mine,
    Theirs,
    Both,
}

pub(super) struct Settle {
    conflicts: Vec<(Conflict, Option<Side>)>,
    at: usize,
}

impl Settle {
    pub(super) fn new(conflicts: Vec<Conflict>) -> Self {
        Self { conflicts: conflicts.into_iter().map(|c| (c, None)).collect(), at: 0 }
    }

    /// True when every field has its answer.
    pub(super) fn is_settled(&self) -> bool {
        self.conflicts.iter().all(|(_, side)| side.is_some())
    }

    /// Answers the current field and goes on to the next open one. `Both` is only for text and tags.
    pub(super) fn choose(&mut self, side: Side, kind: &Kind) {
        let Some((conflict, answer)) = self.conflicts.get_mut(self.at) else { return };
        if side == Side::Both && both(conflict, kind).is_none() {
            return;
        }
        *answer = Some(side);
        let open =
            self.conflicts.iter().cycle().skip(self.at).take(self.conflicts.len()).position(|(_, s)| s.is_none());
        if let Some(ahead) = open {
            self.at = (self.at + ahead) % self.conflicts.len();
        }
    }

    pub(super) fn step(&mut self, by: isize) {
        self.at = self.at.saturating_add_signed(by).min(self.conflicts.len().saturating_sub(1));
    }

    /// Each field with the value it shall have and the one that is there now.
    pub(super) fn outcome(&self, kind: &Kind) -> Vec<(String, Value, Value)> {
        let settled = |(c, side): &(Conflict, Option<Side>)| {
            let value = match side {
                Some(Side::Theirs) => c.theirs.clone(),
                Some(Side::Both) => both(c, kind).unwrap_or_else(|| c.mine.clone()),
                _ => c.mine.clone(),
            };
            (c.field.clone(), value, c.theirs.clone())
        };
        self.conflicts.iter().map(settled).collect()
    }

    pub(super) fn render(&self, area: Rect, buf: &mut Buffer, kind: &Kind, ui: &Ui) {
        let mut y = area.y;
        let head = text::wrap(&ui.t("settle-head"), usize::from(area.width.saturating_sub(4)));
        for line in &head {
            if y < area.bottom() {
                buf.set_string(area.x + 2, y, line, ui.style(Role::Warn));
            }
            y += 1;
        }
        y += 1;
        // The current field stays in sight when there are many.
        let skip = if area.height < 6 * (self.at as u16 + 1) + 2 { self.at } else { 0 };
        for (i, (conflict, side)) in self.conflicts.iter().enumerate().skip(skip) {
            y = self.render_one(
                i,
                conflict,
                *side,
                Rect { y, height: area.bottom().saturating_sub(y), ..area },
                buf,
                kind,
                ui,
            );
        }
        if self.is_settled() && y < area.bottom() {
            let key = ui.keymap.key(Cmd::SettleSave);
            let said = ui.tr("settle-done", &[("key", key.into())]);
            buf.set_string(area.x + 2, y, text::cut(&said, usize::from(area.width) - 3), ui.style(Role::Good));
        }
    }

    #[expect(clippy::too_many_arguments, reason = "one place to draw in, one thing to draw")]
    fn render_one(
        &self,
        i: usize,
        conflict: &Conflict,
        side: Option<Side>,
        area: Rect,
        buf: &mut Buffer,
        kind: &Kind,
        ui: &Ui,
    ) -> u16 {
        let Some(field) = kind.field(&conflict.field) else { return area.y };
        let mut y = area.y;
        let is_current = i == self.at;
        let when = conflict.at.map(|at| show::instant(at, ui.now, ui.cx.viewer.zone, ui.lang())).unwrap_or_default();
        let mut lines = vec![(String::new(), field.label.get(ui.lang()).to_owned(), None)];
        let by = format!("{} {when}", text::inert(&conflict.by));
        let shown = |v: &Value| {
            let shown = show::value(v, field, ui);
            if shown.is_empty() { "—".to_owned() } else { shown }
        };
        lines.push((String::new(), format!("{}  {}", text::pad(&ui.t("settle-was"), 8), shown(&conflict.was)), None));
        let key = |cmd| ui.keymap.key(cmd);
        let mine = format!("{}  {}", text::pad(&ui.t("settle-mine"), 8), shown(&conflict.mine));
        lines.push((key(Cmd::SettleMine), mine, Some(Side::Mine)));
        let theirs = format!("{}  {}   {}", text::pad(&ui.t("settle-theirs"), 8), shown(&conflict.theirs), by.trim());
        lines.push((key(Cmd::SettleTheirs), theirs, Some(Side::Theirs)));
        if let Some(both) = both(conflict, kind) {
            let both = format!("{}  {}", text::pad(&ui.t("settle-both"), 8), shown(&both));
            lines.push((key(Cmd::SettleBoth), both, Some(Side::Both)));
        }
        for (n, (key, line, of)) in lines.into_iter().enumerate() {
            if y >= area.bottom() {
                return y;
            }
            if is_current {
                buf.set_string(area.x, y, "▌", ui.style(Role::Bar));
            }
            let (x, role) = match (n, of) {
                (0, _) => (area.x + 2, if is_current { Role::Accent } else { Role::Text }),
                (_, None) => (area.x + 8, Role::Dim),
                (_, of) if of == side => (area.x + 8, Role::Good),
                _ => (area.x + 8, Role::Text),
            };
            buf.set_string(area.x + 4, y, &key, ui.style(Role::Key));
            if of.is_some() && of == side {
                buf.set_string(area.x + 6, y, "●", ui.style(Role::Good));
            }
            let room = usize::from(area.right().saturating_sub(x + 1));
            buf.set_string(x, y, text::cut(&line, room), ui.style(role));
            y += 1;
        }
        y + 1
    }
}

/// Both people's wishes in one value, where that makes sense: tags together, texts one after the other.
fn both(conflict: &Conflict, kind: &Kind) -> Option<Value> {
    let ty = &kind.field(&conflict.field)?.ty;
    match (ty, &conflict.mine, &conflict.theirs) {
        (FieldType::Tags, Value::Tags(mine), Value::Tags(theirs)) => {
            let mut all = [mine.as_slice(), theirs].concat();
            // A tag that either took out stays out.
            if let Value::Tags(was) = &conflict.was {
                all.retain(|t| !was.contains(t) || (mine.contains(t) && theirs.contains(t)));
            }
            all.sort();
            all.dedup();
            Some(Value::Tags(all))
        }
        (FieldType::LongText, Value::Text(mine), Value::Text(theirs)) => {
            Some(Value::Text(format!("{theirs}\n\n{mine}")))
        }
        (FieldType::Text, Value::Text(mine), Value::Text(theirs)) => Some(Value::Text(format!("{theirs} / {mine}"))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::kind::{CONTACT, Registry};

    fn conflict(field: &str, was: Value, mine: Value, theirs: Value) -> Conflict {
        Conflict { field: field.into(), was, mine, theirs, by: "bo".into(), at: None }
    }

    #[test]
    fn each_field_gets_one_answer_and_both_joins_what_can_be_joined() {
        let registry = Registry::builtin();
        let kind = registry.kind(CONTACT);
        let tags = |t: &[&str]| Value::Tags(t.iter().map(|&t| t.to_owned()).collect());
        let mut settle = Settle::new(vec![
            conflict("tags", tags(&["old", "kept"]), tags(&["kept", "mine"]), tags(&["old", "kept", "theirs"])),
            conflict("lifecycle", Value::Null, Value::Choice("lead".into()), Value::Choice("lost".into())),
            conflict("note", Value::Null, Value::text("mine"), Value::text("theirs")),
        ]);
        settle.choose(Side::Both, kind);
        settle.choose(Side::Both, kind);
        assert!(!settle.is_settled(), "a choice cannot be both");
        settle.choose(Side::Theirs, kind);
        settle.choose(Side::Mine, kind);
        assert!(settle.is_settled());
        let values: Vec<Value> = settle.outcome(kind).into_iter().map(|(_, now, _)| now).collect();
        assert_eq!(values, [tags(&["kept", "mine", "theirs"]), Value::Choice("lost".into()), Value::text("mine")]);
    }
}
