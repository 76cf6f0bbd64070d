//! A person's first days: a second line of keys at the bottom, until they have been here for a week.

use chrono::{DateTime, Duration, Utc};

use super::App;
use crate::tui::effect::{Answer, Ask, Question};

/// The setting that remembers when the person first sat down.
const KEY: &str = "first-seen";
/// How long somebody is new.
const DAYS: i64 = 7;
/// Lower screens have no line to spare.
const HEIGHT: u16 = 20;

#[derive(Default)]
pub(super) struct First {
    pub(super) asked: Option<Ask>,
    is_new: bool,
}

impl App {
    /// Asks whether the person is new here, for seats that teach.
    pub fn teach(&mut self) {
        self.first.asked = Some(self.out.ask(Question::Setting { key: KEY.into() }));
        self.ask_tour();
        self.greets = true;
    }

    pub(super) fn is_newcomer(&self) -> bool {
        self.first.is_new
    }

    /// Lines that the second line of keys takes: one or none.
    pub(in crate::tui) fn second_line(&self) -> u16 {
        u16::from(self.first.is_new && !self.ui.plain && self.screen_height() >= HEIGHT)
    }

    /// True when the answer with this number said when the person first sat down.
    pub(super) fn first_answered(&mut self, ask: Ask, answer: &Answer) -> bool {
        let is_its = self.first.asked.take_if(|asked| *asked == ask).is_some();
        if let (true, Answer::Json(Ok(kept))) = (is_its, answer) {
            let since = kept.as_ref().and_then(|json| json.as_str()?.parse::<DateTime<Utc>>().ok());
            if since.is_none() {
                let value = self.ui.now.to_rfc3339().into();
                self.out.ask(Question::KeepSetting { key: KEY.into(), value });
            }
            self.first.is_new = since.is_none_or(|since| self.ui.now - since < Duration::days(DAYS));
            self.fit();
        }
        is_its
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::field::Lang;
    use crate::tui::stage::{Stage, now, office, welcomed};

    fn sat(since: Option<i64>, width: u16, height: u16) -> Stage {
        let mut stage = Stage::new(Lang::En, width, height, office());
        stage.answers = Box::new(move |question| match question {
            Question::Setting { key } if key == KEY => {
                let at = since.map(|days| (now() - Duration::days(days)).to_rfc3339().into());
                Some(Answer::Json(Ok(at)))
            }
            Question::Setting { key } if key == "tour" => Some(Answer::Json(Ok(Some(true.into())))),
            Question::Setting { key } if key == "looks" => Some(Answer::Json(Ok(Some(welcomed())))),
            _ => None,
        });
        stage.teach();
        stage.keys("g t");
        stage
    }

    #[test]
    fn the_second_line_is_there_for_a_week() {
        for (since, width, height, lines) in
            [(None, 80, 24, 2), (Some(6), 80, 24, 2), (Some(7), 80, 24, 1), (None, 44, 18, 1), (None, 200, 60, 2)]
        {
            let stage = sat(since, width, height);
            let screen = stage.screen();
            let below = screen.lines().rev().take_while(|line| !line.contains('╯')).filter(|l| !l.is_empty()).count();
            assert_eq!(below, lines, "{since:?} {width}x{height}:\n{screen}");
            assert_eq!(screen.lines().count(), usize::from(height));
        }
        let stage = sat(None, 80, 24);
        assert!(stage.asked.iter().any(|(_, q)| matches!(q, Question::KeepSetting { key, .. } if key == KEY)));
    }

    #[test]
    fn what_is_said_leaves_the_keys_in_sight() {
        let mut stage = sat(None, 80, 24);
        stage.keys("y n");
        let screen = stage.screen();
        assert!(screen.contains("Copied: T1040") && screen.contains("d do"), "{screen}");
    }
}
