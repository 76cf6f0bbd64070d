//! What an admin tells all seats: on the bottom line for a minute, without taking the keyboard.

use std::time::Duration;

use super::{App, Toast};
use crate::desk::{Announcement, News};
use crate::tui::effect::{Answer, Ask, Latest, Question, Tone};

/// How long it stays.
const SHOWN: Duration = Duration::from_mins(1);

/// What this seat has heard.
#[derive(Default)]
pub(super) struct Told {
    asking: Latest,
    /// The numbers of what was shown; the database tells the last minutes again and again.
    heard: Vec<i64>,
    pub(super) shown: Option<Toast>,
}

impl App {
    pub(super) fn told_news(&mut self, news: &News) {
        if matches!(news, News::Seats | News::Resync | News::Line(true)) {
            self.told.asking.ask(Question::Announcements, &mut self.out);
        }
    }

    /// True when the answer with this number was to what has been told.
    pub(super) fn told_answered(&mut self, ask: Ask, answer: &Answer) -> bool {
        let is_its = self.told.asking.take(ask, &mut self.out);
        if let (true, Answer::Announcements(Ok(told))) = (is_its, answer) {
            for announcement in told {
                self.show_told(announcement);
            }
        }
        is_its
    }

    fn show_told(&mut self, told: &Announcement) {
        // What was told before the person came is not for them.
        if told.at < self.began || self.told.heard.contains(&told.id) {
            return;
        }
        self.told.heard.push(told.id);
        let wake = self.out.wake(SHOWN);
        let text = format!("{}: {}", told.by, told.said);
        self.told.shown = Some(Toast { tone: Tone::Warn, text, wake });
    }

    /// True when it was time to take it away.
    pub(super) fn told_woken(&mut self, ask: Ask) -> bool {
        let is_over = self.told.shown.as_ref().is_some_and(|shown| shown.wake == ask);
        if is_over {
            self.told.shown = None;
        }
        is_over
    }
}
