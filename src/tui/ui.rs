//! What every layer may read: who sits here, when, in which language, theme and keymap.

use chrono::{DateTime, Utc};
use ratatui::style::Style;

use super::i18n::{Arg, Catalogue};
use super::keymap::Keymap;
use super::screens::notices::Wishes;
use super::theme::{Role, Theme};
use crate::desk::{Cx, Present, Reached};
use crate::domain::action::Action;
use crate::domain::field::Lang;
use crate::domain::kind::{KindId, Registry};

/// The seat's surroundings, read by `update` and `view`; changed by the application only.
pub struct Ui {
    pub cx: Cx,
    pub registry: Registry,
    /// Set anew before every message; nothing in a screen asks the clock.
    pub now: DateTime<Utc>,
    pub words: Catalogue,
    pub theme: Theme,
    pub keymap: Keymap,
    pub width: u16,
    pub height: u16,
    /// The database answers.
    pub online: bool,
    /// Who else is on which record.
    pub present: Vec<Present>,
    /// Unread notices, counted up to `desk::COUNTED`.
    pub unread: u64,
    /// Which notices the person wants.
    pub wishes: Wishes,
    /// A macro is being recorded and has so many steps by now.
    pub recording: Option<usize>,
    /// Files of this machine are the person's own.
    pub is_local: bool,
    /// Where invitations lead.
    pub reached: Reached,
    /// Plain mode, for screen readers.
    pub plain: bool,
    /// What `.` does again: the kind it was done to, and the action.
    pub last_action: Option<(KindId, Action)>,
}

impl Ui {
    /// A sentence of the interface.
    pub fn t(&self, key: &str) -> String {
        self.words.t(key)
    }

    /// A sentence with arguments.
    pub fn tr(&self, key: &str, args: &[(&str, Arg)]) -> String {
        self.words.tr(key, args)
    }

    pub fn lang(&self) -> Lang {
        self.words.lang()
    }

    pub fn style(&self, role: Role) -> Style {
        self.theme.style(role)
    }

    /// Others on this record: names, and whether one of them is typing.
    pub fn others_on(&self, kind: KindId, id: i64) -> impl Iterator<Item = &Present> {
        self.present.iter().filter(move |p| p.kind == kind && p.record == id)
    }
}
