//! The word to the person's desktop when a notice comes while they look elsewhere: one at most in a while, of what came
//! since the last one. Never in plain mode, where a screen reader would be talked over.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use crossterm::event::Event;

use super::App;
use crate::desk::{News, Notice};
use crate::tui::effect::{Answer, Ask, Effect, Latest, Question};
use crate::tui::screens::inbox;
use crate::tui::screens::notices::Desktop;

/// How soon one may follow another.
const PAUSE: TimeDelta = TimeDelta::seconds(15);

#[derive(Default)]
pub(super) struct Told {
    /// The terminal has said that its window is not in front.
    is_away: bool,
    /// The newest notice that was told, or seen to be there already.
    newest: i64,
    at: Option<DateTime<Utc>>,
    asking: Latest,
    wake: Option<Ask>,
}

impl App {
    /// True for what a terminal says of its window and not of a key.
    pub(super) fn focus(&mut self, event: &Event) -> bool {
        match event {
            Event::FocusLost => self.desktop.is_away = true,
            Event::FocusGained => self.desktop.is_away = false,
            _ => return false,
        }
        true
    }

    pub(super) fn wants_desktop(&self) -> bool {
        let wanted = match self.ui.wishes.desktop() {
            Desktop::Away => self.desktop.is_away,
            Desktop::Always => true,
            Desktop::Never => false,
        };
        wanted && !self.ui.plain
    }

    pub(super) fn desktop_news(&mut self, news: &News) {
        let is_mine = matches!(news, News::Notices(people) if people.contains(&self.ui.cx.viewer.me.id));
        if is_mine && self.wants_desktop() {
            self.ask_what_came();
        }
    }

    /// Asks what came, now or when enough time has passed since the last word.
    fn ask_what_came(&mut self) {
        let wait = self.desktop.at.map(|at| at + PAUSE - self.ui.now).filter(|wait| *wait > TimeDelta::zero());
        match wait.map(|wait| wait.to_std().unwrap_or(Duration::ZERO)) {
            Some(wait) => self.out.rewake(&mut self.desktop.wake, wait),
            None => self.desktop.asking.ask(Question::Inbox { only_unread: true }, &mut self.out),
        }
    }

    /// True when it was time to look again.
    pub(super) fn desktop_woken(&mut self, ask: Ask) -> bool {
        let is_its = self.desktop.wake.take_if(|wake| *wake == ask).is_some();
        if is_its && self.wants_desktop() {
            self.desktop.asking.ask(Question::Inbox { only_unread: true }, &mut self.out);
        }
        is_its
    }

    /// True when the answer with this number was to what came.
    pub(super) fn desktop_answered(&mut self, ask: Ask, answer: &Answer) -> bool {
        let is_its = self.desktop.asking.take(ask, &mut self.out);
        if let (true, Answer::Inbox(Ok(notices))) = (is_its, answer) {
            let is_new = |n: &&Notice| n.id > self.desktop.newest && n.at >= self.began;
            let new: Vec<&Notice> = notices.iter().filter(is_new).collect();
            // What is there while nobody is told is not told later.
            let newest = notices.iter().map(|n| n.id).max().unwrap_or(0);
            self.desktop.newest = self.desktop.newest.max(newest);
            if let (Some(first), true) = (new.first(), self.wants_desktop()) {
                let mut said = inbox::sentence(first, &self.ui);
                if new.len() > 1 {
                    said.push_str(&self.ui.tr("desktop-more", &[("n", (new.len() - 1).into())]));
                }
                self.desktop.at = Some(self.ui.now);
                self.out.effects.push(Effect::Notify(said));
            }
        }
        is_its
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::desk::Why;
    use crate::domain::field::Lang;
    use crate::domain::kind::TICKET;
    use crate::tui::msg::Msg;
    use crate::tui::screens::notices::KEY;
    use crate::tui::stage::{Stage, ago, now, office};

    fn notice(id: i64, said: &str) -> Notice {
        Notice {
            id,
            why: Why::Reply,
            kind: TICKET,
            record: 1040,
            title: "Cannot log in".into(),
            records: 1,
            by: "Bo".into(),
            said: said.into(),
            on_behalf: String::new(),
            at: if id < 5 { ago(60) } else { now() },
            is_read: false,
        }
    }

    /// A seat at which these notices come, and what its desktop was told.
    fn told(stage: &mut Stage, ids: &[i64]) -> Vec<String> {
        let ids = ids.to_vec();
        stage.answers = Box::new(move |q| match q {
            Question::Inbox { .. } => {
                Some(Answer::Inbox(Ok(ids.iter().map(|id| notice(*id, "Still\x1b broken")).collect())))
            }
            _ => None,
        });
        stage.msg(Msg::News(News::Notices([1].into())));
        std::mem::take(&mut stage.notified)
    }

    #[test]
    fn the_desktop_hears_only_while_the_person_looks_elsewhere_and_once_in_a_while() {
        let mut stage = Stage::new(Lang::En, 80, 24, office());
        assert_eq!(told(&mut stage, &[7]), [""; 0], "the window is in front, as far as is known");
        stage.event(Event::FocusLost);
        // 3 was there before the person came.
        let said = told(&mut stage, &[9, 8, 3]);
        assert_eq!(said, ["Bo wrote in T1040 Cannot log in: Still␛ broken, and 1 more"]);
        assert_eq!(told(&mut stage, &[10, 9, 8]), [""; 0], "not yet again");
        stage.rest();
        assert_eq!(stage.notified, ["Bo wrote in T1040 Cannot log in: Still␛ broken"]);
        stage.notified.clear();
        stage.rest();
        assert_eq!(stage.notified, [""; 0]);
        stage.event(Event::FocusGained);
        told(&mut stage, &[11]);
        stage.rest();
        assert_eq!(stage.notified, [""; 0], "back in front");
    }

    #[test]
    fn who_wants_none_and_who_listens_to_a_screen_reader_gets_none() {
        let mut stage = Stage::new(Lang::En, 80, 24, office());
        stage.event(Event::FocusLost);
        stage.keys(":").text("notices").keys("enter").keys("k k space");
        stage.keys("space");
        let kept = |q: &Question| match q {
            Question::KeepSetting { key, value } if key == KEY => Some(value["desktop"].clone()),
            _ => None,
        };
        let kept: Vec<_> = stage.asked.iter().filter_map(|(_, q)| kept(q)).collect();
        assert_eq!(kept, ["always", "off"], "\n{}", stage.screen());
        assert_eq!(told(&mut stage, &[7]), [""; 0]);
        stage.keys("space");
        stage.app.speak_plainly();
        assert_eq!(told(&mut stage, &[8]), [""; 0]);
    }
}
