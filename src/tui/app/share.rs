//! This seat's screen shown to a colleague: a line at the very bottom says who asks and who sees it, whatever else is
//! shown, and takes no key but one of its own.

use crossterm::event::KeyEvent;
use ratatui::style::{Modifier, Style};

use super::{App, SELF};
use crate::tui::command::{Cmd, Scope};
use crate::tui::effect::{Effect, Tone};
use crate::tui::keymap::{Found, Stroke};
use crate::tui::layer::LayerMsg;
use crate::tui::screens::consent::Consent;
use crate::tui::share::{Over, Sitter, Told, Wish};
use crate::tui::text;
use crate::tui::theme::{Ground, Role};

#[derive(Default)]
pub(in crate::tui) enum Sharing {
    #[default]
    Nothing,
    /// This person asks, by that number.
    Asked(u64, Sitter),
    /// This person sees this screen.
    Shown(Sitter),
}

impl App {
    /// What lies under the screen.
    pub fn ground(&self) -> Ground {
        // Plain mode draws no colours of its own.
        if self.ui.plain { Ground::default() } else { self.ui.theme.ground() }
    }

    /// The hub says something; layers hear it, and this for itself what is about its own screen.
    pub(super) fn share(&mut self, told: &Told) -> Vec<Effect> {
        let before = self.sharing_lines();
        match told {
            Told::Asked(number, by) => {
                self.sharing = Sharing::Asked(*number, by.clone());
                if self.wants_desktop() {
                    let said = self.ui.tr("share-asked-plain", &[("login", login(by).into())]);
                    self.out.effects.push(Effect::Notify(said));
                }
            }
            Told::Shown(to) => self.sharing = Sharing::Shown(to.clone()),
            Told::Over(over) => {
                self.sharing = Sharing::Nothing;
                if let Some(key) = of_mine(over) {
                    let other = other(over).map(login).unwrap_or_default();
                    let said = self.ui.tr(key, &[("login", other.into())]);
                    self.out.say(Tone::Info, said);
                }
            }
            _ => {}
        }
        let mut work = self.settle(SELF);
        for tab in 0..self.tabs.len() {
            let ids: Vec<_> = self.tabs[tab].stack.iter().map(|slot| slot.id).collect();
            for id in ids {
                if let Some((tab, at)) = self.find(id) {
                    self.tell(tab, at, LayerMsg::Share(told.clone()));
                    work.extend(self.settle(id));
                }
            }
        }
        if before != self.sharing_lines() {
            self.fit();
            let id = self.tell_top(LayerMsg::Shown { stale: false });
            work.extend(self.settle(id));
        }
        work
    }

    /// Answers who asks, in a box; ends what is shown, at once.
    pub(super) fn showing(&mut self) -> Vec<Effect> {
        match &self.sharing {
            Sharing::Nothing => {
                let said = self.ui.t("share-nobody");
                self.out.say(Tone::Info, said);
            }
            Sharing::Asked(..) if self.scopes().contains(&Scope::Consent) => {}
            Sharing::Asked(number, by) => {
                let consent = Consent::new(*number, by, &self.ui);
                self.out.push(consent);
            }
            Sharing::Shown(_) => self.out.share(Wish::End),
        }
        self.settle(SELF)
    }

    /// True for the key about the showing of this screen while there is something to say about it. It goes before
    /// whatever is typed into.
    pub(super) fn is_about_sharing(&self, key: KeyEvent) -> bool {
        let is_some = match self.sharing {
            Sharing::Nothing => false,
            // A box would be opened over a tab that is not the one to come.
            Sharing::Asked(..) => self.restoring.is_none(),
            Sharing::Shown(_) => true,
        };
        let its = Found::Command(Cmd::Showing);
        is_some && Stroke::of(key).is_some_and(|stroke| self.ui.keymap.find(&[Scope::Everywhere], &[stroke]) == its)
    }

    /// Lines at the very bottom that are about it: one or none.
    pub(in crate::tui) fn sharing_lines(&self) -> u16 {
        u16::from(!matches!(self.sharing, Sharing::Nothing))
    }

    /// That line.
    pub(in crate::tui) fn sharing_says(&self, width: u16) -> Option<(String, Style)> {
        let (key, who, role) = match &self.sharing {
            Sharing::Nothing => return None,
            Sharing::Asked(_, by) => ("share-asked", by, Role::Warn),
            Sharing::Shown(to) => ("share-shown", to, Role::Bad),
        };
        let how = match self.ui.keymap.key(Cmd::Showing) {
            // Nobody has to do without: it is in the palette, too.
            none if none.is_empty() => self.ui.keymap.key(Cmd::Palette),
            key => key,
        };
        let said = self.ui.tr(key, &[("login", login(who).into()), ("key", how.into())]);
        let said = text::pad(&format!(" {said}"), usize::from(width));
        Some((said, self.ui.style(role).add_modifier(Modifier::REVERSED)))
    }
}

/// A login as it may stand on a screen.
pub(in crate::tui) fn login(of: &Sitter) -> String {
    text::inert(&of.login).into_owned()
}

/// The other one of two.
fn other(over: &Over) -> Option<&Sitter> {
    match over {
        Over::Off | Over::Nobody(_) | Over::Own | Over::Shows => None,
        Over::Busy(other)
        | Over::TooSoon(other)
        | Over::Refused(other)
        | Over::NoAnswer(other)
        | Over::Unwritten(other)
        | Over::OwnerEnded(other, _)
        | Over::OwnerLeft(other, _)
        | Over::WatcherEnded(other, _)
        | Over::WatcherLeft(other, _) => Some(other),
    }
}

/// What whoever was to show their screen, or did, is told.
fn of_mine(over: &Over) -> Option<&'static str> {
    match over {
        Over::Refused(_) => Some("share-mine-refused"),
        Over::NoAnswer(_) => Some("share-mine-late"),
        Over::Unwritten(_) => Some("share-unwritten"),
        Over::OwnerEnded(_, true) | Over::WatcherEnded(_, true) | Over::WatcherLeft(_, true) => Some("share-mine-over"),
        Over::WatcherEnded(_, false) | Over::WatcherLeft(_, false) => Some("share-mine-withdrawn"),
        _ => None,
    }
}

/// What whoever asked for a screen, or saw it, is told: the catalogue's key, and the name that stands in it.
pub(in crate::tui) fn of_theirs(over: &Over) -> (&'static str, String) {
    let key = match over {
        Over::Off => "share-off",
        Over::Nobody(_) => "share-not-here",
        Over::Own => "share-own",
        Over::Shows => "share-shows",
        Over::Busy(_) => "share-busy",
        Over::TooSoon(_) => "share-too-soon",
        Over::Refused(_) => "share-refused",
        Over::NoAnswer(_) => "share-no-answer",
        Over::Unwritten(_) => "share-unwritten",
        Over::OwnerLeft(..) => "share-left",
        Over::OwnerEnded(..) | Over::WatcherEnded(..) | Over::WatcherLeft(..) => "share-over",
    };
    let name = match over {
        Over::Nobody(name) => text::inert(name).into_owned(),
        over => other(over).map(login).unwrap_or_default(),
    };
    (key, name)
}
