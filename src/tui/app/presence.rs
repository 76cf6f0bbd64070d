//! Who else is here, read when somebody came, went or moved on: of a large team somebody always does, so not
//! each time.

use std::time::Duration;

use super::App;
use crate::tui::effect::{Answer, Ask, Latest, Question};

/// At most so often.
const EACH: Duration = Duration::from_secs(2);

#[derive(Default)]
pub(super) struct Reading {
    asking: Latest,
    /// Until then it is not read again.
    resting: Option<Ask>,
    /// Something happened meanwhile.
    is_stale: bool,
}

impl Reading {
    pub(super) fn resting(&self) -> Option<Ask> {
        self.resting
    }
}

impl App {
    pub(super) fn presence_news(&mut self) {
        if self.presence.resting.is_some() {
            self.presence.is_stale = true;
        } else {
            self.presence.asking.ask(Question::Present, &mut self.out);
            self.presence.resting = Some(self.out.wake(EACH));
        }
    }

    /// True when the timer was that of who is here.
    pub(super) fn presence_woken(&mut self, ask: Ask) -> bool {
        let is_its = self.presence.resting.take_if(|resting| *resting == ask).is_some();
        if is_its && std::mem::take(&mut self.presence.is_stale) {
            self.presence_news();
        }
        is_its
    }

    /// Takes the answer in when it is to who is here; gives back any other.
    pub(super) fn presence_answered(&mut self, ask: Ask, answer: Answer) -> Option<Answer> {
        if !self.presence.asking.take(ask, &mut self.out) {
            return Some(answer);
        }
        if let Answer::Present(Ok(present)) = answer {
            self.ui.present = present;
        }
        None
    }
}
