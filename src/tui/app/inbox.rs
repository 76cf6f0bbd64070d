//! How many notices are unread, for the top line, and the way to the inbox.

use super::{App, SELF};
use crate::desk::News;
use crate::tui::command::Scope;
use crate::tui::effect::{Answer, Ask, Effect, Question};
use crate::tui::screens::inbox::Inbox;
use crate::tui::screens::notices::{self, Wishes};

impl App {
    pub(super) fn count_unread(&mut self) {
        self.unread.ask(Question::Unread, &mut self.out);
    }

    /// Counts anew when this person's inbox may be another now.
    pub(super) fn inbox_news(&mut self, news: &News) {
        let is_mine = match news {
            News::Notices(people) => people.contains(&self.ui.cx.viewer.me.id),
            News::Resync | News::Line(true) => true,
            _ => false,
        };
        if is_mine {
            self.count_unread();
        }
    }

    /// True when the answer with this number was to how many are unread.
    pub(super) fn unread_answered(&mut self, ask: Ask, answer: &Answer) -> bool {
        let is_its = self.unread.take(ask, &mut self.out);
        if let (true, Answer::Unread(Ok(unread))) = (is_its, answer) {
            self.ui.unread = *unread;
        }
        is_its
    }

    pub(super) fn ask_wishes(&mut self) {
        self.wishes = Some(self.out.ask(Question::Setting { key: notices::KEY.into() }));
    }

    /// True when the answer with this number told which notices the person wants.
    pub(super) fn wishes_answered(&mut self, ask: Ask, answer: &Answer) -> bool {
        let is_its = self.wishes.take_if(|asked| *asked == ask).is_some();
        if let (true, Answer::Json(Ok(Some(kept)))) = (is_its, answer) {
            self.ui.wishes = Wishes::of(kept);
        }
        is_its
    }

    /// What a box has the desk keep holds here from now on.
    pub(super) fn hear_wishes(&mut self, question: &Question) {
        if let Question::KeepSetting { key, value } = question
            && key == notices::KEY
        {
            self.wishes = None;
            self.ui.wishes = Wishes::of(value);
        }
    }

    pub(super) fn open_notices(&mut self) -> Vec<Effect> {
        self.out.push(notices::Notices::default());
        self.settle(SELF)
    }

    pub(super) fn open_inbox(&mut self) -> Vec<Effect> {
        if !self.scopes().contains(&Scope::Inbox) {
            self.out.push(Inbox::default());
        }
        self.settle(SELF)
    }
}
