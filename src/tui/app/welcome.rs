//! The first questions: language, colours and signs, before the tour. Asked once, of a person who is new, by a seat that
//! teaches; `:welcome` asks them again.

use super::{App, SELF};
use crate::domain::field::Lang;
use crate::tui::command::{Cmd, Scope};
use crate::tui::effect::Effect;
use crate::tui::keymap::{Folded, Found, Stroke, fold};
use crate::tui::layer::LayerMsg;
use crate::tui::screens::welcome::Welcome;

impl App {
    /// Asks the first questions as soon as it is known that they were never answered.
    pub(super) fn greet(&mut self) -> Vec<Effect> {
        if !self.greets || self.is_undecided() || self.restoring.is_some() {
            return Vec::new();
        }
        self.greets = false;
        if self.is_newcomer() && !self.looks.is_welcomed { self.welcome() } else { Vec::new() }
    }

    pub(super) fn welcome(&mut self) -> Vec<Effect> {
        self.out.push(Welcome::new(&self.ui));
        let work = self.settle(SELF);
        self.fit();
        work
    }

    pub(super) fn is_welcoming(&self) -> bool {
        self.scopes().first() == Some(&Scope::Welcome)
    }

    /// True for a key that is none of the box's: whoever knows what they want is not held up by it.
    pub(super) fn is_past_welcome(&self, stroke: Stroke) -> bool {
        if !self.is_welcoming() {
            return false;
        }
        let Folded::Key(stroke) = fold(stroke) else { return false };
        let found = |scope: Scope| self.ui.keymap.find(&[scope], &[stroke]);
        found(Scope::Welcome) == Found::Nothing && found(Scope::Everywhere) != Found::Command(Cmd::Redraw)
    }

    /// Closes the box; the tour is still offered. `lang`: the language that was seen there is the one wanted.
    pub(super) fn leave_welcome(&mut self, lang: bool) -> Vec<Effect> {
        self.keep_welcomed(lang);
        let id = self.tell_top(LayerMsg::Command(Cmd::WelcomeSkip));
        let work = self.settle(id);
        self.fit();
        work
    }

    /// A key in the box of the first questions.
    pub(super) fn welcomed(&mut self, cmd: Cmd) -> Vec<Effect> {
        match cmd {
            Cmd::WelcomeEnglish => self.choose_looks(Cmd::LanguageEnglish),
            Cmd::WelcomeChinese => self.choose_looks(Cmd::LanguageChinese),
            Cmd::WelcomeOther => {
                let is_chinese = self.ui.lang() == Lang::Zh;
                self.choose_looks(if is_chinese { Cmd::LanguageEnglish } else { Cmd::LanguageChinese })
            }
            Cmd::WelcomeColours => self.step_depth(),
            Cmd::WelcomeLines => self.switch_plain(!self.ui.plain),
            _ => {
                let mut work = self.leave_welcome(cmd == Cmd::WelcomeGo);
                if cmd == Cmd::WelcomeGo {
                    work.extend(self.start_tour());
                } else if self.is_tour_offered() {
                    work.extend(self.end_tour());
                }
                self.fit();
                work
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::*;
    use crate::tui::effect::{Answer, Question};
    use crate::tui::stage::{Stage, office, welcomed};

    /// A new person, for whom so much is kept.
    fn comes(lang: Lang, width: u16, height: u16, looks: Option<Json>) -> Stage {
        let mut stage = Stage::new(lang, width, height, office());
        stage.answers = Box::new(move |question| match question {
            Question::Setting { key } if key == "looks" => Some(Answer::Json(Ok(looks.clone()))),
            Question::Setting { .. } => Some(Answer::Json(Ok(None))),
            _ => None,
        });
        stage.teach();
        stage
    }

    fn kept(stage: &Stage, which: &str) -> Option<Json> {
        let of = |q: &Question| match q {
            Question::KeepSetting { key, value } if key == which => Some(value.clone()),
            _ => None,
        };
        stage.asked.iter().filter_map(|(_, q)| of(q)).next_back()
    }

    #[test]
    fn a_language_is_chosen_by_one_key_and_the_tour_follows() {
        let mut stage = comes(Lang::En, 80, 24, None);
        let screen = stage.screen();
        assert!(screen.contains("▌ e English") && screen.contains("z 简体中文"), "{screen}");
        assert!(!screen.contains("New here?"), "one thing at a time: {screen}");
        let screen = stage.keys("z").screen();
        assert!(screen.contains("▌ z 简体中文") && screen.contains("2 联系人"), "{screen}");
        let screen = stage.keys("up").screen();
        assert!(screen.contains("▌ e English") && screen.contains("2 Contacts"), "{screen}");
        stage.keys("z enter");
        let screen = stage.screen();
        assert!(screen.contains("1/9") && screen.contains("导览") && !screen.contains("English"), "{screen}");
        assert_eq!(kept(&stage, "looks"), Some(json!({ "lang": "zh", "theme": null, "welcomed": true })));
    }

    #[test]
    fn what_was_preselected_is_kept_when_one_goes_on_and_not_when_one_skips() {
        let mut stage = comes(Lang::Zh, 80, 24, None);
        assert!(stage.screen().contains("▌ z 简体中文"), "{}", stage.screen());
        stage.keys("enter");
        assert_eq!(kept(&stage, "looks"), Some(json!({ "lang": "zh", "theme": null, "welcomed": true })));
        let mut stage = comes(Lang::Zh, 80, 24, None);
        let screen = stage.keys("esc").screen();
        assert!(!screen.contains("English") && !screen.contains("导览"), "all is skipped:\n{screen}");
        assert_eq!(kept(&stage, "looks"), Some(json!({ "lang": null, "theme": null, "welcomed": true })));
        assert_eq!(kept(&stage, "tour"), Some(true.into()));
    }

    #[test]
    fn it_comes_once_and_again_by_its_name() {
        let mut stage = comes(Lang::En, 80, 24, Some(welcomed()));
        let screen = stage.screen();
        assert!(!screen.contains("简体中文") && screen.contains("two-minute tour"), "{screen}");
        stage.keys(":").text("welcome").keys("enter");
        assert!(stage.screen().contains("简体中文"), "{}", stage.screen());
        stage.keys("esc");
        assert!(!stage.screen().contains("简体中文"), "{}", stage.screen());
    }

    #[test]
    fn keys_typed_ahead_wait_until_it_is_known_whether_it_comes() {
        let mut stage = Stage::new(Lang::En, 80, 24, office());
        stage.answers = Box::new(|question| match question {
            Question::Setting { .. } => Some(Answer::Json(Ok(None))),
            _ => None,
        });
        stage.hold = true;
        stage.teach();
        stage.keys("z q q");
        assert_eq!(stage.screen().trim(), "", "nothing is drawn that would be covered");
        stage.release();
        let screen = stage.screen();
        assert!(!stage.left && screen.contains("联系人") && !screen.contains("English"), "{screen}");
    }

    #[test]
    fn a_key_that_is_not_its_own_goes_past_it() {
        for (key, seen) in [("4", "[4 Tickets]"), ("j", "two-minute tour"), ("/", "two-minute tour")] {
            let mut stage = comes(Lang::En, 80, 24, None);
            let screen = stage.keys(key).screen();
            assert!(screen.contains(seen) && !screen.contains("简体中文"), "{key}: {screen}");
            assert_eq!(kept(&stage, "looks"), Some(json!({ "lang": null, "theme": null, "welcomed": true })));
        }
    }

    #[test]
    fn colours_are_stepped_through_and_kept_for_terminals_like_this_one() {
        let mut stage = comes(Lang::En, 80, 24, None);
        let has = |stage: &Stage, sequence: &str| String::from_utf8_lossy(&stage.bytes()).contains(sequence);
        assert!(stage.screen().contains("24-bit") && has(&stage, "\u{1b}[38;2;"), "{}", stage.screen());
        stage.keys("c");
        assert!(stage.screen().contains("256") && !has(&stage, "38;2;") && has(&stage, "38;5;"), "{}", stage.screen());
        stage.keys("c c");
        assert!(stage.screen().contains("No colours") && !has(&stage, "38;5;"), "{}", stage.screen());
        let looks = kept(&stage, "looks").expect("kept");
        assert_eq!(looks["depth"], json!({ "24-bit": "none" }));
        let stage = comes(Lang::En, 80, 24, Some(json!({ "depth": { "24-bit": "256" } })));
        assert!(!has(&stage, "38;2;") && has(&stage, "38;5;"), "it holds the next time");
        let stage = comes(Lang::En, 80, 24, Some(json!({ "depth": { "16": "256" } })));
        assert!(has(&stage, "38;2;"), "and for no other terminal");
    }

    #[test]
    fn it_is_lines_in_plain_mode_and_p_leads_there_and_back() {
        let mut stage = comes(Lang::En, 80, 24, None);
        let screen = stage.keys("p").screen();
        assert!(!screen.contains('╭') && !screen.contains('▌'), "{screen}");
        assert!(screen.contains("Language: English") && screen.contains("z 简体中文"), "{screen}");
        assert_eq!(kept(&stage, "plain"), Some(true.into()));
        let screen = stage.keys("z").screen();
        assert!(screen.contains("语言：简体中文"), "{screen}");
        assert!(stage.keys("p").screen().contains('╭'), "{}", stage.screen());
    }
}
