//! Whether the person has plain mode, and how large a screen layers have.

use super::{App, SELF};
use crate::tui::effect::{Answer, Ask, Effect, Question, Tone};
use crate::tui::layer::LayerMsg;
use crate::tui::spoken::WIDEST;

/// The setting that remembers it.
const KEY: &str = "plain";

#[derive(Default)]
pub(super) struct PlainMode {
    /// Until it is known, nothing is drawn that a screen reader would have to read in vain.
    pub(super) asked: Option<Ask>,
    /// The terminal's own size.
    pub(super) size: (u16, u16),
}

impl App {
    /// Asked for on the command line: from now on, and at later times.
    pub fn speak_plainly(&mut self) {
        self.ui.plain = true;
        self.out.ask(Question::KeepSetting { key: KEY.into(), value: true.into() });
        self.fit();
    }

    pub(super) fn ask_plain(&mut self) {
        if !self.ui.plain {
            self.plain.asked = Some(self.out.ask(Question::Setting { key: KEY.into() }));
        }
    }

    /// Nothing is drawn until it is known which mode and language the person has, and whether the first questions come.
    pub(in crate::tui) fn is_undecided(&self) -> bool {
        self.plain.asked.is_some() || self.looks.asked.is_some() || self.first.asked.is_some()
    }

    /// True when the answer with this number was about plain mode.
    pub(super) fn plain_answered(&mut self, ask: Ask, answer: &Answer) -> bool {
        let is_its = self.plain.asked.take_if(|asked| *asked == ask).is_some();
        if is_its && matches!(answer, Answer::Json(Ok(Some(json))) if json == true) {
            self.ui.plain = true;
            self.fit();
        }
        is_its
    }

    /// The person switches it, for this and later times.
    pub(super) fn switch_plain(&mut self, on: bool) -> Vec<Effect> {
        self.plain.asked = None;
        self.ui.plain = on;
        self.fit();
        self.out.ask(Question::KeepSetting { key: KEY.into(), value: on.into() });
        let said = if on { self.ui.t("plain-on") } else { self.ui.t("plain-off") };
        self.out.say(Tone::Good, said);
        let mut work = self.settle(SELF);
        let id = self.tell_top(LayerMsg::Shown { stale: false });
        work.extend(self.settle(id));
        work
    }

    pub(super) fn screen_height(&self) -> u16 {
        self.plain.size.1
    }

    /// Lines at the bottom that layers do not have: the tour's and the second one of keys.
    pub(in crate::tui) fn lines_below(&self) -> u16 {
        self.second_line() + self.tour_lines()
    }

    /// Gives layers what they have of the screen.
    pub(super) fn fit(&mut self) {
        let (width, height) = self.plain.size;
        self.ui.height = height.saturating_sub(self.lines_below() + self.sharing_lines());
        self.ui.width = if self.ui.plain { width.min(WIDEST) } else { width };
    }
}
