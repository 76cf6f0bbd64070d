//! Leaving, and coming back to the same place.

use super::{App, SELF};
use crate::tui::effect::{Effect, Question};
use crate::tui::screens;

impl App {
    pub(super) fn leave(&mut self) -> Vec<Effect> {
        let unsaved = self.tabs.iter().flat_map(|t| &t.stack).any(|slot| slot.layer.is_unsaved());
        if unsaved {
            let text = self.ui.t("leave-unsaved");
            let ask = screens::confirm::Confirm::new(text).running(Effect::Quit);
            self.out.push(ask);
            return self.settle(SELF);
        }
        self.finish()
    }

    pub(super) fn finish(&mut self) -> Vec<Effect> {
        let mut work = self.cut();
        work.push(Effect::Quit);
        work
    }

    /// The line was cut: what should be kept is asked for, so that the person comes back to the same place and finds
    /// all that was typed.
    pub fn cut(&mut self) -> Vec<Effect> {
        let mut work = self.settle(SELF);
        for tab in 0..self.tabs.len() {
            for at in 0..self.tabs[tab].stack.len() {
                let slot = &mut self.tabs[tab].stack[at];
                slot.layer.keep_now(&self.ui, &mut self.out);
                let id = slot.id;
                work.extend(self.settle(id));
            }
        }
        self.keep_position();
        work.extend(self.settle(SELF));
        work
    }

    /// Asks the desk to keep the positions that changed since they were kept last.
    pub(super) fn keep_position(&mut self) {
        let mut now = vec![("tab".to_owned(), serde_json::Value::from(self.tabs[self.tab].root.name()))];
        now.extend(self.tabs.iter().flat_map(|t| &t.stack).filter_map(|slot| slot.layer.position()));
        for (key, value) in now {
            if self.kept.get(&key) != Some(&value) {
                self.out.ask(Question::KeepSetting { key: key.clone(), value: value.clone() });
                self.kept.insert(key, value);
            }
        }
    }
}
