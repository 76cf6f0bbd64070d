//! A list in groups: a heading wherever the group's value changes, with how many are in it where that is cheap to know.
//! Headings are drawn between rows; nothing can select them, and pages of rows know nothing of them.

use std::collections::HashMap;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::{List, view};
use crate::domain::field::{Field, FieldType};
use crate::domain::record::Record;
use crate::domain::value::Value;
use crate::tui::effect::{Latest, Out, Question};
use crate::tui::paint;
use crate::tui::theme::Role;
use crate::tui::ui::Ui;
use crate::tui::{show, text};

/// Fewer lines than this have no room for headings.
const LINES: usize = 3;

/// How the list is grouped, over what its view says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Grouping {
    /// As the view says.
    #[default]
    Given,
    None,
    By(String),
}

#[derive(Default)]
pub(super) struct Groups {
    /// Records by the group's value as text.
    counts: HashMap<String, u64>,
    pub(super) counting: Latest,
}

impl Groups {
    pub(super) fn counted(&mut self, counts: HashMap<String, u64>) {
        self.counts = counts;
    }
}

/// A line where the rows stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Laid {
    /// The heading of the group that this row begins or goes on.
    Head(usize),
    Row(usize),
}

impl List {
    /// The field that the list is grouped by.
    pub(super) fn grouped<'a>(&self, ui: &'a Ui) -> Option<&'a Field> {
        let name = self.query().group?;
        ui.registry.kind(self.kind).field(&name)
    }

    pub(super) fn count_groups(&mut self, out: &mut Out) {
        let query = self.query();
        if query.group.is_some() {
            self.groups.counting.ask(Question::Groups { kind: self.kind, query }, out);
        }
    }

    /// What stands on so many lines from this row on. A heading always has a row below it.
    pub(super) fn laid_out(&self, top: usize, lines: usize, ui: &Ui) -> Vec<Laid> {
        let rows = top..self.rows.all.len();
        let Some(field) = self.grouped(ui).filter(|_| lines >= LINES) else {
            return rows.take(lines).map(Laid::Row).collect();
        };
        let mut laid = Vec::with_capacity(lines);
        let mut last = None;
        for at in rows {
            let key = self.group_of(&self.rows.all[at].record, field, ui).0;
            if last.as_ref() != Some(&key) {
                if laid.len() + 1 >= lines {
                    break;
                }
                laid.push(Laid::Head(at));
                last = Some(key);
            }
            if laid.len() >= lines {
                break;
            }
            laid.push(Laid::Row(at));
        }
        laid
    }

    /// The first row to draw so that the cursor is in sight.
    pub(super) fn first_in_sight(&self, lines: usize, ui: &Ui) -> usize {
        let mut top = self.rows.top;
        if self.grouped(ui).is_some() {
            while top < self.rows.at && !self.laid_out(top, lines, ui).contains(&Laid::Row(self.rows.at)) {
                top += 1;
            }
        }
        top
    }

    /// Moves the window on until the cursor is in sight below its heading.
    pub(super) fn see(&mut self, ui: &Ui) {
        self.rows.top = self.first_in_sight(self.height(ui), ui);
    }

    /// How many rows are in sight; moves and pages count by them.
    pub(super) fn reach(&self, ui: &Ui) -> usize {
        let lines = self.height(ui);
        if self.grouped(ui).is_none() {
            return lines;
        }
        let laid = self.laid_out(self.rows.top, lines, ui);
        laid.iter().filter(|laid| matches!(laid, Laid::Row(_))).count().max(1)
    }

    /// The row on a line of the list, counted from the first one below the columns' heads.
    pub(super) fn row_at(&self, line: usize, ui: &Ui) -> Option<usize> {
        let lines = usize::from(view::parts(ui, &self.filter).rows.height);
        match self.laid_out(self.first_in_sight(lines, ui), lines, ui).get(line) {
            Some(Laid::Row(at)) => Some(*at),
            _ => None,
        }
    }

    /// A record's group: what tells it from others, as the counts have it, and what people read.
    fn group_of(&self, record: &Record, field: &Field, ui: &Ui) -> (String, String) {
        let kind = ui.registry.kind(self.kind);
        let value = record.get(kind, &field.name);
        let shown = show::field(record, kind, field, ui);
        match value {
            Value::Null => (String::new(), ui.tr("group-none", &[("field", field.label.get(ui.lang()).into())])),
            // All that may not be seen are one group: how many there are is nobody's business either.
            Value::Ref(to) if to.label.is_empty() => ("#".to_owned(), shown),
            Value::Ref(to) => (to.id.to_string(), shown),
            Value::Choice(code) => (code.clone(), shown),
            Value::Bool(yes) => {
                let said = if *yes { ui.t("form-yes") } else { ui.t("form-no") };
                (yes.to_string(), format!("{}: {said}", field.label.get(ui.lang())))
            }
            Value::Text(text) => (text.clone(), shown),
            Value::Day(day) => (day.to_string(), shown),
            Value::Instant(at) if field.ty == FieldType::Instant => {
                let zone = ui.cx.viewer.zone;
                let day = at.with_timezone(&zone).date_naive();
                (day.to_string(), show::day(day, ui.now.with_timezone(&zone).date_naive(), ui.lang()))
            }
            _ => (shown.clone(), shown),
        }
    }

    pub(super) fn draw_group(&self, frame: &mut Frame, area: Rect, row: usize, ui: &Ui) {
        let Some(field) = self.grouped(ui) else { return };
        let (key, shown) = self.group_of(&self.rows.all[row].record, field, ui);
        let count =
            self.groups.counts.get(&key).map(|n| format!("{} ", show::grouped((*n).into()))).unwrap_or_default();
        let room = usize::from(area.width).saturating_sub(text::width(&count) + 6);
        let name = format!("{} ", text::cut(&shown, room));
        let rule = usize::from(area.width).saturating_sub(text::width(&name) + text::width(&count) + 3);
        let line = Line::from(vec![
            Span::styled("── ", ui.style(Role::Border)),
            Span::styled(name, ui.style(Role::Head)),
            Span::styled(count, ui.style(Role::Dim)),
            Span::styled("─".repeat(rule), ui.style(Role::Border)),
        ]);
        paint::line(frame.buffer_mut(), line, area);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::desk::Page;
    use crate::domain::field::Lang;
    use crate::domain::kind::{Registry, TICKET};
    use crate::tui::effect::Answer;
    use crate::tui::stage::{Stage, office};

    /// Tickets by status as the desk gives them: in the order of the choices.
    fn grouped(width: u16, height: u16) -> Stage {
        let mut stage = Stage::new(Lang::En, width, height, office());
        let kind = Registry::builtin();
        let status = kind.kind(TICKET).field("status").expect("tickets have a status").clone();
        let mut tickets: Vec<Record> = stage.records.iter().filter(|r| r.kind == TICKET).take(60).cloned().collect();
        tickets.sort_by_key(|r| r.get(kind.kind(TICKET), "status").as_str().and_then(|code| status.rank(code)));
        stage.answers = Box::new(move |question| match question {
            Question::Page { kind: TICKET, .. } => {
                Some(Answer::Page(Ok(Page { records: tickets.clone(), more: false })))
            }
            Question::Groups { .. } => {
                let counts = [("new", 12), ("open", 24), ("pending", 12), ("solved", 12)];
                Some(Answer::Groups(Ok(counts.map(|(code, n)| (code.to_owned(), n)).into())))
            }
            _ => None,
        });
        stage.keys("g t /").text("group:status").keys("enter");
        stage
    }

    #[test]
    fn headings_stand_where_the_value_changes_and_are_never_selected() {
        let mut stage = grouped(80, 24);
        let screen = stage.screen();
        assert!(screen.contains("── New 12 ─"), "{screen}");
        for step in 0..59 {
            stage.keys("j");
            let screen = stage.screen();
            let bar = screen.lines().find(|l| l.contains('▌')).unwrap_or_default();
            assert!(bar.contains('T'), "after {step} steps: {screen}");
            let row = screen.lines().position(|l| l.contains('▌')).unwrap_or_default();
            assert!(screen.lines().take(row).any(|l| l.contains("── ")), "its group is named above it: {screen}");
        }
        assert!(stage.screen().contains("── Solved 12 ─"), "{}", stage.screen());
        stage.keys("g g");
        assert!(stage.screen().contains("── New 12 ─"), "{}", stage.screen());
    }

    #[test]
    fn pages_leave_no_row_out() {
        let mut stage = grouped(80, 24);
        let seen = |stage: &Stage, seen: &mut std::collections::BTreeSet<String>| {
            let list: String = stage.screen().lines().take(15).collect::<Vec<_>>().join(" ");
            seen.extend(list.split_whitespace().filter(|w| w.starts_with("T1")).map(str::to_owned));
        };
        let mut codes = std::collections::BTreeSet::new();
        for _ in 0..12 {
            seen(&stage, &mut codes);
            stage.keys("pagedown");
        }
        assert_eq!(codes.len(), 60, "{}", stage.screen());
    }

    #[test]
    fn the_columns_box_groups_and_ungroups() {
        let mut stage = Stage::new(Lang::En, 80, 24, office());
        stage.keys("g t o j b esc");
        let by = stage.asked.iter().rev().find_map(|(_, q)| match q {
            Question::Page { query, .. } => Some(query.group.clone()),
            _ => None,
        });
        let by = by.flatten().expect("the list is asked for in groups");
        stage.keys("o j b esc");
        let asked = stage.asked.iter().rev().find_map(|(_, q)| match q {
            Question::Page { query, .. } => Some(query.group.clone()),
            _ => None,
        });
        assert_eq!(asked, Some(None), "no longer by {by}");
    }
}
