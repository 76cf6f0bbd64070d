//! What the person may do, which can become another while they sit: somebody gives them another role or team, or changes
//! what their role may.

use chrono::Timelike;

use super::{App, SELF};
use crate::desk::News;
use crate::domain::kind::{TEAM, USER};
use crate::tui::effect::{Answer, Ask, Effect, Latest, Question};

/// Fields of people by which others may more, or less.
const ABSENCE: [&str; 4] = ["active", "away_from", "away_until", "deputy"];

#[derive(Default)]
pub(super) struct Renewing {
    asking: Latest,
    /// The kinds are others in any case.
    is_old: bool,
}

impl App {
    /// Asks anew who sits here when that may be another by now.
    pub(super) fn rights_news(&mut self, news: &News) {
        let me = self.ui.cx.viewer.me.id;
        let may_concern = match news {
            News::Registry => {
                self.renewing.is_old = true;
                true
            }
            News::Touched(touched) => touched.iter().any(|t| {
                t.kind == TEAM
                    || t.kind == USER && (t.record == me || t.fields.iter().any(|f| ABSENCE.contains(&f.as_str())))
            }),
            News::Resync | News::Line(true) => true,
            _ => false,
        };
        if may_concern {
            self.renewing.asking.ask(Question::Renew, &mut self.out);
        }
    }

    /// A new day may have begun somewhere: days of absence begin and end with nobody's doing.
    pub(super) fn days_may_have_passed(&mut self) {
        if self.ui.now.minute().is_multiple_of(30) {
            self.renewing.asking.ask(Question::Renew, &mut self.out);
        }
    }

    /// What follows from the answer with this number, when it was to that question. Who may come in no more keeps what
    /// they see until the next question refuses them.
    pub(super) fn renewed(&mut self, ask: Ask, answer: &Answer) -> Option<Vec<Effect>> {
        let is_its = self.renewing.asking.take(ask, &mut self.out);
        match answer {
            Answer::Me(Ok(renewed)) if is_its => {
                let (cx, registry) = &**renewed;
                let is_same = cx.viewer.me == self.ui.cx.viewer.me;
                if is_same && !std::mem::take(&mut self.renewing.is_old) {
                    return Some(self.settle(SELF));
                }
                self.ui.cx.viewer.me = cx.viewer.me.clone();
                self.ui.registry = registry.clone();
                Some(self.news(&News::Resync))
            }
            Answer::Me(_) => Some(self.settle(SELF)),
            _ => None,
        }
    }
}
