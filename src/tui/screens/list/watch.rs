//! Watching from a list: the record under the cursor, the marked ones, or all that match.

use super::List;
use super::acts::Marks;
use crate::desk;
use crate::domain::action::Targets;
use crate::domain::value::Value;
use crate::tui::command::Cmd;
use crate::tui::effect::{Out, Question, Tone};
use crate::tui::screens::watch;
use crate::tui::ui::Ui;

impl List {
    /// Watches what is not watched yet; what is watched whole, no longer.
    pub(super) fn watch(&mut self, ui: &Ui, out: &mut Out) {
        let kind = ui.registry.kind(self.kind);
        let targets = self.targets();
        let is_watched = |record: &crate::domain::record::Record| *record.get(kind, "watching") == Value::Bool(true);
        let on = match &targets {
            Targets::Records(_, ids) if ids.is_empty() => return out.say(Tone::Info, ui.t("nothing-selected")),
            Targets::Records(_, ids) if self.marks.is_empty() => {
                !self.record().is_some_and(|record| ids.contains(&record.id) && is_watched(record))
            }
            _ => {
                let mut marked =
                    self.rows.all.iter().map(|row| &row.record).filter(|r| self.marks.has(r.id)).peekable();
                marked.peek().is_none() || !marked.all(is_watched)
            }
        };
        let ask = out.ask(Question::Watch { targets: targets.clone(), on });
        self.acting.watching = Some((ask, targets, on));
    }

    pub(super) fn watched(&mut self, n: desk::Result<u64>, targets: Targets, on: bool, ui: &Ui, out: &mut Out) {
        match n {
            Ok(n) => {
                self.marks = Marks::default();
                let what = match &targets {
                    Targets::Records(kind, ids) if ids.len() == 1 => ui.registry.kind(*kind).code(ids[0]),
                    _ => ui.tr("list-watched", &[("n", n.into())]),
                };
                out.say(Tone::Good, watch::said(on, what, ui.keymap.key(Cmd::Watch), ui));
                match targets {
                    Targets::Records(_, ids) => self.look_at(ids.into_iter(), out),
                    _ => self.refresh(out),
                }
            }
            Err(error) => out.say(Tone::Bad, error.to_string()),
        }
    }
}
