//! Keeping what is typed: written to the database half a second after a key at the latest, tried again when the
//! database is away, offered when the same form is opened again.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::{Value as Json, json};

use crate::tui::effect::{Answer, Ask, Out, Question};

/// How long typing may rest unkept.
const KEEP_AFTER: Duration = Duration::from_millis(400);
/// How long to wait before a draft that could not be kept is tried again.
const RETRY_AFTER: Duration = Duration::from_secs(3);

/// What an answer was to a keeper.
pub(super) enum Heard {
    /// Not its answer.
    No,
    Yes,
    /// What was kept earlier, and when.
    Found(Json, Option<DateTime<Utc>>),
}

pub(super) struct Keeper {
    key: String,
    /// What the database has, as far as is known; `Null`: nothing.
    kept: Json,
    keeping: Option<Ask>,
    wake: Option<Ask>,
    loading: Option<Ask>,
    was_loaded: bool,
}

impl Keeper {
    pub(super) fn new(key: String) -> Self {
        Self { key, kept: Json::Null, keeping: None, wake: None, loading: None, was_loaded: false }
    }

    /// Asks for what was kept earlier; once.
    pub(super) fn load(&mut self, out: &mut Out) {
        if !self.was_loaded {
            self.was_loaded = true;
            self.loading = Some(out.ask(Question::Draft { key: self.key.clone() }));
        }
    }

    /// Something was typed: `woken` will tell when it is time to keep it.
    pub(super) fn changed(&mut self, out: &mut Out) {
        if self.wake.is_none() {
            self.wake = Some(out.wake(KEEP_AFTER));
        }
    }

    /// True when it is time to call `keep`.
    pub(super) fn woken(&mut self, ask: Ask) -> bool {
        if self.wake == Some(ask) {
            self.wake = None;
            return true;
        }
        false
    }

    /// Writes the content unless the database has it; `Null` removes the draft.
    pub(super) fn keep(&mut self, content: Json, now: DateTime<Utc>, out: &mut Out) {
        if self.keeping.is_some() {
            self.changed(out);
        } else {
            self.keep_now(content, now, out);
        }
    }

    /// As `keep`, without waiting for the one in flight: for the last words of a form that closes.
    pub(super) fn keep_now(&mut self, content: Json, now: DateTime<Utc>, out: &mut Out) {
        if content == self.kept {
            return;
        }
        let draft = if content.is_null() { Json::Null } else { json!({ "content": content, "at": now }) };
        self.keeping = Some(out.ask(Question::SaveDraft { key: self.key.clone(), draft }));
        self.kept = content;
    }

    /// Nothing is to be kept any more.
    pub(super) fn drop_draft(&mut self, out: &mut Out) {
        if !self.kept.is_null() || self.keeping.is_some() {
            out.ask(Question::SaveDraft { key: self.key.clone(), draft: Json::Null });
        }
        self.kept = Json::Null;
    }

    /// The database may have missed what was sent: the next `keep` writes again.
    pub(super) fn doubt(&mut self) {
        self.kept = Json::Null;
        self.keeping = None;
    }

    pub(super) fn answered(&mut self, ask: Ask, answer: &Answer, out: &mut Out) -> Heard {
        if self.keeping == Some(ask) {
            self.keeping = None;
            if let Answer::Done(Err(_)) = answer {
                self.kept = Json::Null;
                self.wake = Some(out.wake(RETRY_AFTER));
            }
            return Heard::Yes;
        }
        if self.loading != Some(ask) {
            return Heard::No;
        }
        self.loading = None;
        match answer {
            Answer::Json(Ok(Some(draft))) if !draft["content"].is_null() => {
                self.kept = draft["content"].clone();
                Heard::Found(self.kept.clone(), draft["at"].as_str().and_then(|at| at.parse().ok()))
            }
            _ => Heard::Yes,
        }
    }
}
