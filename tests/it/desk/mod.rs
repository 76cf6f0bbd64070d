//! The desk on a real database: who may do what, conflicts, undo, and what was recorded.

mod board;
mod conflict;
mod live;
mod perform;
mod read;
mod rights;
mod undo;

use chrono::Utc;
use frontdesk::desk::{Cx, Desk, Error, Outcome, Result};
use frontdesk::domain::action::{Action, Edit, Targets};
use frontdesk::domain::change::Door;
use frontdesk::domain::field::Lang;
use frontdesk::domain::kind::{Kind, KindId};
use frontdesk::domain::value::Value;

use crate::support::Workspace;

/// A workspace with its desk.
pub(crate) struct Office {
    pub(crate) space: Workspace,
    pub(crate) desk: Desk,
}

impl Office {
    pub(crate) async fn open() -> Self {
        Self::in_space(Workspace::new().await).await
    }

    pub(crate) async fn in_space(space: Workspace) -> Self {
        let desk = Desk::open(space.store().await).await.expect("the desk opens");
        Self { space, desk }
    }

    /// That person at a terminal of their own, in UTC and English.
    pub(crate) async fn cx(&self, login: &str) -> Cx {
        let mut cx = self.desk.sit(login, Door::Tui, chrono_tz::UTC, Lang::En).await.expect("they sit down");
        cx.viewer.now = Utc::now();
        cx
    }

    pub(crate) fn kind(&self, kind: KindId) -> Kind {
        self.desk.registry().kind(kind).clone()
    }

    pub(crate) async fn act(&self, cx: &Cx, targets: Targets, action: Action) -> Result<Outcome> {
        self.desk.perform(cx, &targets, &action, &|_| {}).await
    }

    pub(crate) async fn try_create(&self, cx: &Cx, kind: KindId, values: &[(&str, Value)]) -> Result<i64> {
        let values = values.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        let outcome = self.act(cx, Targets::None, Action::Create { kind, values }).await?;
        Ok(outcome.records[0].1)
    }

    pub(crate) async fn create(&self, cx: &Cx, kind: KindId, values: &[(&str, Value)]) -> i64 {
        self.try_create(cx, kind, values).await.expect("the record is created")
    }

    pub(crate) async fn set(&self, cx: &Cx, kind: KindId, ids: &[i64], field: &str, now: Value) -> Result<Outcome> {
        self.act(cx, Targets::Records(kind, ids.to_vec()), Action::set(field, now)).await
    }

    /// One field of one record, as that person reads it.
    pub(crate) async fn get(&self, cx: &Cx, kind: KindId, id: i64, field: &str) -> Value {
        let records = self.desk.read(cx, kind, &[id]).await.expect("the read works");
        records.first().expect("the record is seen").get(&self.kind(kind), field).clone()
    }

    pub(crate) async fn sees(&self, cx: &Cx, kind: KindId, id: i64) -> bool {
        !self.desk.read(cx, kind, &[id]).await.expect("the read works").is_empty()
    }
}

pub(crate) fn text(text: &str) -> Value {
    Value::Text(text.into())
}

pub(crate) fn choice(code: &str) -> Value {
    Value::Choice(code.into())
}

pub(crate) fn edit(field: &str, was: Value, now: Value) -> Edit {
    Edit { field: field.into(), was: Some(was), now }
}

/// The field and the sentence of a refusal.
pub(crate) fn invalid<T: std::fmt::Debug>(result: Result<T>) -> (String, String) {
    match result {
        Err(Error::Invalid { field, reason }) => (field, reason),
        other => panic!("expected a refusal of a value, got {other:?}"),
    }
}
