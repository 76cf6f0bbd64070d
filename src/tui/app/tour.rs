//! The tour: two minutes through the program by doing. It stands in two lines above the keys, takes none of them but its
//! own, and goes on when the person does what it says. Offered once, in a person's first days.

use super::{App, SELF};
use crate::tui::command::{Cmd, command};
use crate::tui::effect::{Answer, Ask, Effect, Question};

/// The setting that remembers that it was taken or refused.
const KEY: &str = "tour";
/// Lower screens have no room for it.
const HEIGHT: u16 = 20;
/// Lines of the screen that it takes.
const LINES: u16 = 2;

/// A stop: the catalogue's key of what it says, and the commands of which one leads on; without any, only the tour's own
/// key does.
struct Stop {
    says: &'static str,
    goes_on: &'static [Cmd],
}

const STOPS: &[Stop] = &[
    Stop { says: "tour-tabs", goes_on: &[Cmd::Contacts] },
    Stop { says: "tour-open", goes_on: &[Cmd::Open] },
    Stop { says: "tour-back", goes_on: &[Cmd::Back, Cmd::RecordLeave] },
    Stop { says: "tour-filter", goes_on: &[Cmd::SearchDone] },
    Stop { says: "tour-tickets", goes_on: &[Cmd::Tickets] },
    Stop { says: "tour-do", goes_on: &[Cmd::Do] },
    Stop { says: "tour-change", goes_on: &[Cmd::Undo] },
    Stop { says: "tour-find", goes_on: &[Cmd::Palette, Cmd::PaletteColon] },
    Stop { says: "tour-end", goes_on: &[] },
];

#[derive(Default)]
pub(super) struct Tour {
    asked: Option<Ask>,
    at: At,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum At {
    #[default]
    Nowhere,
    Offered,
    Stop(usize),
}

impl App {
    pub(super) fn ask_tour(&mut self) {
        self.tour.asked = Some(self.out.ask(Question::Setting { key: KEY.into() }));
    }

    /// True when the answer with this number said whether the person knows the tour.
    pub(super) fn tour_answered(&mut self, ask: Ask, answer: &Answer) -> bool {
        let is_its = self.tour.asked.take_if(|asked| *asked == ask).is_some();
        if is_its && matches!(answer, Answer::Json(Ok(None))) && self.tour.at == At::Nowhere {
            self.tour.at = At::Offered;
            self.fit();
        }
        is_its
    }

    /// It has something to say here and now.
    fn is_touring(&self) -> bool {
        let is_on = match self.tour.at {
            At::Nowhere => false,
            // The first questions come first, and offer it themselves.
            At::Offered => self.is_newcomer() && !self.is_welcoming(),
            At::Stop(_) => true,
        };
        is_on && self.screen_height() >= HEIGHT
    }

    /// Lines that the tour takes.
    pub(in crate::tui) fn tour_lines(&self) -> u16 {
        if self.is_touring() { LINES } else { 0 }
    }

    /// What the tour says now, and how one goes on and ends it.
    pub(in crate::tui) fn tour_says(&self) -> Option<[String; 2]> {
        if !self.is_touring() {
            return None;
        }
        let key = |cmd| self.ui.keymap.key(cmd);
        let keys = [("next", key(Cmd::TourNext).into()), ("end", key(Cmd::TourEnd).into())];
        match self.tour.at {
            At::Nowhere => None,
            At::Offered => Some([self.ui.t("tour-offer"), self.ui.tr("tour-offer-keys", &keys)]),
            At::Stop(at) => {
                let cmds = [
                    ("contacts", Cmd::Contacts),
                    ("open", Cmd::Open),
                    ("back", Cmd::Back),
                    ("filter", Cmd::Filter),
                    ("tickets", Cmd::Tickets),
                    ("do", Cmd::Do),
                    ("priority", Cmd::Priority),
                    ("undo", Cmd::Undo),
                    ("palette", Cmd::Palette),
                    ("help", Cmd::Keys),
                    ("inbox", Cmd::Inbox),
                ];
                let args: Vec<_> = cmds.map(|(name, cmd)| (name, key(cmd).into())).into_iter().collect();
                let mut foot = vec![("n", (at + 1).into()), ("of", STOPS.len().into())];
                foot.extend(keys);
                Some([self.ui.tr(STOPS[at].says, &args), self.ui.tr("tour-keys", &foot)])
            }
        }
    }

    /// A command is about to run: if it is what the tour waits for, the tour goes on.
    pub(super) fn tour_hears(&mut self, cmd: Cmd) {
        if let At::Stop(at) = self.tour.at
            && let Some(stop) = STOPS.get(at)
            && (stop.goes_on.contains(&cmd) || stop.goes_on.contains(&Cmd::Do) && command(cmd).is_menu())
        {
            self.tour.at = At::Stop(at + 1);
        }
    }

    /// From the beginning, whatever was before.
    pub(super) fn start_tour(&mut self) -> Vec<Effect> {
        self.tour.at = At::Stop(0);
        self.fit();
        self.settle(SELF)
    }

    /// Not taken and not refused yet.
    pub(super) fn is_tour_offered(&self) -> bool {
        self.tour.at == At::Offered
    }

    pub(super) fn next_stop(&mut self) -> Vec<Effect> {
        match self.tour.at {
            At::Nowhere => Vec::new(),
            At::Offered => self.start_tour(),
            At::Stop(at) if at + 1 < STOPS.len() => {
                self.tour.at = At::Stop(at + 1);
                Vec::new()
            }
            At::Stop(_) => self.end_tour(),
        }
    }

    /// Over, or not wanted: it is not offered again.
    pub(super) fn end_tour(&mut self) -> Vec<Effect> {
        if self.tour.at != At::Nowhere {
            self.tour.at = At::Nowhere;
            self.out.ask(Question::KeepSetting { key: KEY.into(), value: true.into() });
            self.fit();
        }
        self.settle(SELF)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::field::Lang;
    use crate::tui::stage::{Stage, office, welcomed};

    fn sat(lang: Lang, width: u16, height: u16) -> Stage {
        let mut stage = Stage::new(lang, width, height, office());
        stage.answers = Box::new(|question| match question {
            Question::Setting { key } if key == "looks" => Some(Answer::Json(Ok(Some(welcomed())))),
            Question::Setting { .. } => Some(Answer::Json(Ok(None))),
            _ => None,
        });
        stage.teach();
        stage
    }

    fn kept(stage: &Stage) -> bool {
        stage.asked.iter().any(|(_, q)| matches!(q, Question::KeepSetting { key, .. } if key == KEY))
    }

    #[test]
    fn it_goes_on_by_doing_what_it_says() {
        let mut stage = sat(Lang::En, 80, 24);
        assert!(stage.screen().contains("two-minute tour"), "{}", stage.screen());
        stage.keys("ctrl-n");
        let steps = [
            ("1/9", "g c"),
            ("2/9", "enter"),
            ("3/9", "esc"),
            ("4/9", "/"),
            ("4/9", "enter"),
            ("5/9", "4"),
            ("6/9", "d"),
            ("7/9", "esc"),
            ("7/9", "u"),
            ("8/9", "ctrl-k"),
            ("9/9", "esc"),
            ("9/9", "ctrl-n"),
        ];
        for (at, keys) in steps {
            let screen = stage.screen();
            assert!(screen.contains(at), "{at} before {keys}:\n{screen}");
            assert_eq!(screen.lines().count(), 24);
            stage.keys(keys);
        }
        assert!(!stage.screen().contains("9/9") && kept(&stage), "{}", stage.screen());
    }

    #[test]
    fn it_is_refused_by_one_key_and_begun_again_by_its_name() {
        let mut stage = sat(Lang::Zh, 80, 24);
        stage.keys("ctrl-x");
        assert!(kept(&stage));
        assert!(!stage.screen().contains("导览"), "{}", stage.screen());
        stage.keys(":").text("tour").keys("enter");
        assert!(stage.screen().contains("1/9"), "{}", stage.screen());
    }

    #[test]
    fn a_low_screen_has_no_room_for_it() {
        let stage = sat(Lang::En, 44, 18);
        assert!(!stage.screen().contains("tour"), "{}", stage.screen());
    }
}
