//! The language, the theme and the colours a person chose by `:language`, `:theme` and `:welcome`, for this and later times.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::json;

use super::{App, SELF};
use crate::desk::News;
use crate::domain::field::Lang;
use crate::tui::command::Cmd;
use crate::tui::effect::{Answer, Ask, Effect, Question, Tone};
use crate::tui::i18n::Catalogue;
use crate::tui::theme::Depth;

/// The setting that remembers them.
const KEY: &str = "looks";

/// What was said on the command line or in the environment; what is remembered does not change it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Said {
    pub lang: bool,
    pub theme: bool,
    /// `NO_COLOR`.
    pub depth: bool,
}

#[derive(Default)]
pub(super) struct Looks {
    /// Nothing is drawn in the wrong language meanwhile.
    pub(super) asked: Option<Ask>,
    said: Said,
    lang: Option<Lang>,
    theme: Option<String>,
    /// What a terminal shows that was taken for the first: by names of depths. People come from more than one.
    depths: BTreeMap<String, String>,
    /// What this terminal was taken for.
    found: Option<Depth>,
    /// The first questions were answered, or passed over.
    pub(super) is_welcomed: bool,
}

impl App {
    pub fn keep_to(&mut self, said: Said) {
        self.looks.said = said;
    }

    pub(super) fn ask_looks(&mut self) {
        self.looks.asked = Some(self.out.ask(Question::Setting { key: KEY.into() }));
    }

    /// True when the answer with this number told what the person chose before.
    pub(super) fn looks_answered(&mut self, ask: Ask, answer: &Answer) -> Option<Vec<Effect>> {
        self.looks.asked.take_if(|asked| *asked == ask)?;
        let found = *self.looks.found.get_or_insert(self.ui.theme.depth());
        let Answer::Json(Ok(Some(kept))) = answer else { return Some(Vec::new()) };
        self.looks.is_welcomed = kept.get("welcomed").is_some_and(|value| value == true);
        self.looks.depths = kept.get("depth").and_then(|kept| BTreeMap::deserialize(kept).ok()).unwrap_or_default();
        let depth = self.looks.depths.get(found.name()).and_then(|name| Depth::named(name));
        if let Some(depth) = depth.filter(|_| !self.looks.said.depth) {
            self.ui.theme = self.ui.theme.at(depth);
        }
        let text = |name: &str| kept.get(name).and_then(|value| value.as_str());
        self.looks.theme = text("theme").map(str::to_owned);
        self.looks.lang = match text("lang") {
            Some("en") => Some(Lang::En),
            Some("zh") => Some(Lang::Zh),
            _ => None,
        };
        if let Some(theme) = self.looks.theme.as_deref().filter(|_| !self.looks.said.theme) {
            self.ui.theme = self.ui.theme.another(theme).unwrap_or_else(|| self.ui.theme.clone());
        }
        match self.looks.lang.filter(|_| !self.looks.said.lang) {
            Some(lang) => Some(self.speak(lang)),
            None => Some(Vec::new()),
        }
    }

    /// One of the commands that choose a language or a theme.
    pub(super) fn choose_looks(&mut self, cmd: Cmd) -> Vec<Effect> {
        let mut work = Vec::new();
        match cmd {
            Cmd::LanguageEnglish | Cmd::LanguageChinese => {
                let lang = if cmd == Cmd::LanguageChinese { Lang::Zh } else { Lang::En };
                self.looks.lang = Some(lang);
                work.extend(self.speak(lang));
                self.out.say(Tone::Good, self.ui.t("language-chosen"));
            }
            _ => {
                let name = match cmd {
                    Cmd::ThemeLight => "light",
                    Cmd::ThemeContrast => "high-contrast",
                    Cmd::ThemeMono => "mono",
                    _ => "dark",
                };
                if let Some(theme) = self.ui.theme.another(name) {
                    self.ui.theme = theme;
                }
                self.looks.theme = Some(name.to_owned());
                self.out.say(Tone::Good, self.ui.tr("theme-chosen", &[("name", name.into())]));
            }
        }
        self.keep_looks();
        work.extend(self.settle(SELF));
        work
    }

    /// The next fewer colours, for terminals that are taken for this one.
    pub(super) fn step_depth(&mut self) -> Vec<Effect> {
        let found = *self.looks.found.get_or_insert(self.ui.theme.depth());
        self.ui.theme = self.ui.theme.at(self.ui.theme.depth().next());
        if !self.looks.said.depth {
            self.looks.depths.insert(found.name().to_owned(), self.ui.theme.depth().name().to_owned());
            self.keep_looks();
        }
        self.settle(SELF)
    }

    /// The first questions are behind the person. `lang`: the language that was seen there is the one wanted.
    pub(super) fn keep_welcomed(&mut self, lang: bool) {
        self.looks.is_welcomed = true;
        if lang {
            self.looks.lang = Some(self.ui.lang());
        }
        self.keep_looks();
    }

    fn keep_looks(&mut self) {
        let lang = self.looks.lang.map(|lang| if lang == Lang::Zh { "zh" } else { "en" });
        let mut value = json!({ "lang": lang, "theme": self.looks.theme });
        if !self.looks.depths.is_empty() {
            value["depth"] = json!(self.looks.depths);
        }
        if self.looks.is_welcomed {
            value["welcomed"] = true.into();
        }
        self.out.ask(Question::KeepSetting { key: KEY.into(), value });
    }

    /// From now on in that language; what is shown is asked for again in it.
    fn speak(&mut self, lang: Lang) -> Vec<Effect> {
        if self.ui.lang() == lang {
            return Vec::new();
        }
        self.ui.words = Catalogue::new(lang);
        self.ui.cx.viewer.lang = lang;
        self.news(&News::Resync)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::stage::{Stage, office};

    fn typed(stage: &mut Stage, text: &str) {
        stage.keys(":").text(text).keys("enter");
    }

    #[test]
    fn language_and_theme_are_chosen_by_name_and_remembered() {
        let mut stage = Stage::new(Lang::En, 100, 30, office());
        let dark = stage.bytes();
        typed(&mut stage, "language chinese");
        assert!(stage.screen().contains("[2 联系人]"), "{}", stage.screen());
        typed(&mut stage, "theme light");
        assert!(stage.screen().contains("light"), "{}", stage.screen());
        assert_ne!(dark, stage.bytes());
        let kept = |q: &Question| match q {
            Question::KeepSetting { key, value } if key == KEY => Some(value.clone()),
            _ => None,
        };
        let kept = stage.asked.iter().filter_map(|(_, q)| kept(q)).next_back();
        assert_eq!(kept, Some(json!({ "lang": "zh", "theme": "light" })));
        typed(&mut stage, "language english");
        assert!(stage.screen().contains("[2 Contacts]"), "and back:\n{}", stage.screen());
    }

    #[test]
    fn what_was_chosen_comes_back_unless_the_command_line_says_otherwise() {
        for (said, shown) in [(false, "2 联系人"), (true, "2 Contacts")] {
            let mut stage = Stage::new(Lang::En, 100, 30, office());
            stage.answers = Box::new(|q| match q {
                Question::Setting { key } if key == KEY => Some(Answer::Json(Ok(Some(json!({ "lang": "zh" }))))),
                _ => None,
            });
            stage.app.keep_to(Said { lang: said, theme: said, ..Said::default() });
            stage.teach();
            assert!(stage.screen().contains(shown), "{}", stage.screen());
        }
    }
}
