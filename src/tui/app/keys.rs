//! From typed keys to commands. Keys typed ahead of what they act on wait until it is here: none is lost, and none acts
//! on what stood there before.

use crossterm::event::{KeyCode, KeyEvent};

use super::{App, SELF};
use crate::tui::command::{Cmd, Scope, command};
use crate::tui::effect::{Effect, Tone};
use crate::tui::keymap::{Folded, Found, Stroke, fold};
use crate::tui::layer::Awaits;

/// Keys kept while something is awaited; whoever types on blindly gains nothing by more.
const AHEAD: usize = 200;

const REDRAW: Found = Found::Command(Cmd::Redraw);

/// What waits for its turn.
pub(super) enum Typed {
    Key(KeyEvent),
    /// A command whose keys were complete when it turned out to be too early.
    Command(Cmd),
}

impl App {
    /// A key from the terminal. Esc and Ctrl-c never wait: they drop what does. Nor does the key that ends the showing of
    /// this screen, wherever one is.
    pub(super) fn typed(&mut self, key: KeyEvent) -> Vec<Effect> {
        if self.is_about_sharing(key) {
            self.strokes.clear();
            return self.run(Cmd::Showing);
        }
        let ctrl_c = Stroke::parse("ctrl-c").ok();
        if key.code == KeyCode::Esc || ctrl_c.is_some() && Stroke::of(key) == ctrl_c {
            self.held.clear();
        } else if !self.held.is_empty() || self.awaits() == Awaits::Box {
            if self.held.len() < AHEAD {
                self.held.push_back(Typed::Key(key));
            }
            return Vec::new();
        }
        self.key(key)
    }

    /// Does what waited, as far as what it acts on is here by now.
    pub(super) fn catch_up(&mut self) -> Vec<Effect> {
        let mut work = Vec::new();
        while self.awaits() == Awaits::Nothing
            && let Some(next) = self.held.pop_front()
        {
            work.extend(match next {
                Typed::Key(key) => self.key(key),
                Typed::Command(cmd) => self.run(cmd),
            });
        }
        work
    }

    fn awaits(&self) -> Awaits {
        // Until it is known where the person was, and whether the first questions come, no key can know where it goes.
        if self.restoring.is_some() || self.greets { Awaits::Box } else { self.top().awaits() }
    }

    fn key(&mut self, key: KeyEvent) -> Vec<Effect> {
        self.toast = None;
        if self.strokes.is_empty() {
            let (id, taken) = self.with_top(|layer, ui, out| layer.key(key, ui, out));
            if taken {
                return self.settle(id);
            }
        }
        let Some(stroke) = Stroke::of(key) else { return Vec::new() };
        if self.is_past_welcome(stroke) {
            let mut work = self.leave_welcome(false);
            work.extend(self.key(key));
            return work;
        }
        let stroke = match fold(stroke) {
            Folded::Key(stroke) => stroke,
            Folded::InputMethod => {
                self.strokes.clear();
                let hint = self.ui.t("input-method-on");
                self.out.say(Tone::Warn, hint);
                return self.settle(SELF);
            }
        };
        self.strokes.push(stroke);
        match self.ui.keymap.find(self.scopes(), &self.strokes) {
            Found::Command(cmd) => {
                self.strokes.clear();
                // What belongs to no screen in particular needs no rows.
                let is_general = matches!(command(cmd).scope, Scope::Main | Scope::Everywhere);
                if !is_general && self.awaits() == Awaits::Content {
                    self.held.push_front(Typed::Command(cmd));
                    return Vec::new();
                }
                let ctrl_c = Stroke::parse("ctrl-c").is_ok_and(|c| c == stroke);
                if ctrl_c {
                    let hint = self.ui.t("ctrl-c-hint");
                    self.out.say(Tone::Info, hint);
                }
                let mut work = self.settle(SELF);
                work.extend(self.run(cmd));
                work
            }
            Found::Prefix => Vec::new(),
            // A garbled screen is put right from wherever one is.
            Found::Nothing if self.ui.keymap.find(&[Scope::Everywhere], &self.strokes) == REDRAW => {
                self.strokes.clear();
                self.run(Cmd::Redraw)
            }
            Found::Nothing => {
                let ctrl_z = Stroke::parse("ctrl-z").is_ok_and(|z| self.strokes == [z]);
                let undoes =
                    ctrl_z && self.ui.keymap.reaches(self.scopes(), Cmd::Undo) && self.scopes().contains(&Scope::Main);
                let typed = self.strokes.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
                let cancelled = self.strokes.len() > 1 && key.code == KeyCode::Esc;
                self.strokes.clear();
                if undoes {
                    let hint = self.ui.tr("ctrl-z-hint", &[("key", self.ui.keymap.key(Cmd::Undo).into())]);
                    self.out.say(Tone::Info, hint);
                } else if !cancelled {
                    let help = self.ui.keymap.key(Cmd::Keys);
                    let hint = self.ui.tr("key-unbound", &[("key", typed.into()), ("help", help.into())]);
                    self.out.say(Tone::Info, hint);
                }
                self.settle(SELF)
            }
        }
    }
}
