//! `pull next`: the next ticket that nobody has becomes the person's own. Two people who pull at once get two tickets.

use super::plan::{checked, known};
use super::rights;
use super::{Cx, Desk, Error, Outcome, Result, constraint, say};
use crate::domain::action::Action;
use crate::domain::kind::{Kind, Registry, TICKET};
use crate::domain::right::Verb;
use crate::domain::value::Value;
use crate::store::{self, OperationSpec, pull, write};

impl Desk {
    /// The ticket is the outcome's record; `NotFound` when none waits that the person may see.
    pub(super) async fn pull(&self, cx: &Cx, registry: &Registry) -> Result<Outcome> {
        let lang = cx.viewer.lang;
        let kind = registry.kind(TICKET);
        rights::may(&cx.viewer, kind, Verb::Edit)?;
        let owner = known(kind, "owner");
        if owner.fixed {
            checked(kind, owner, &Value::reference(cx.viewer.me.id), lang)?;
        }
        let mut tries = 0;
        let pulled = loop {
            tries += 1;
            match self.try_pull(cx, kind).await {
                Err(error) if error.is_worth_another(tries) => {}
                pulled => break pulled.map_err(|error| constraint(lang, kind, error))?,
            }
        };
        let (operation, id) = pulled
            .ok_or_else(|| Error::NotFound(say(lang, "No unassigned ticket is waiting.", "没有等待领取的工单。")))?;
        Ok(Outcome { operation, records: vec![(TICKET, id)], done: 1, ..Outcome::default() })
    }

    async fn try_pull(&self, cx: &Cx, kind: &Kind) -> store::Result<Option<(Option<i64>, i64)>> {
        let spec = OperationSpec { action: Action::Pull.name(), undoes: None, resume: None };
        let mut tx = self.inner.store.begin(&cx.actor(), Some(&spec)).await?;
        let Some(id) = pull::next(&mut tx).await? else { return Ok(None) };
        let owner = kind.field("owner").expect("tickets have an owner");
        write::update(&mut tx, kind, &[id], &[(owner, Value::reference(cx.viewer.me.id))]).await?;
        let operation = tx.operation();
        tx.commit().await?;
        Ok(Some((operation, id)))
    }
}
