//! Handing everything open that one person owns to colleagues, as one operation.

use std::collections::BTreeSet;

use super::errors::disabled;
use super::perform::{CHUNK, interrupted};
use super::{Cx, Desk, Error, Outcome, Result, failed, rights, say};
use crate::domain::action::{Action, Edit};
use crate::domain::kind::{ACTIVITY, COMPANY, CONTACT, DEAL, KindId, TICKET};
use crate::domain::query::{Filter, Operand, Query};
use crate::domain::value::{Ref, Value};
use crate::store::{list, staff};

/// What is handed over, and of each kind which are open.
const OPEN: [(KindId, &str); 5] = [
    (COMPANY, ""),
    (CONTACT, ""),
    (DEAL, "state:open"),
    (TICKET, "status:new,open,pending,hold"),
    (ACTIVITY, "done:no"),
];

impl Desk {
    /// Gives all open records of a person to others as one operation; admins only. Several get every second, third, …
    /// record of each kind; those of them who are away get none, unless all are. Says how many of each kind.
    pub async fn hand_over(&self, cx: &Cx, from: i64, to: &[i64]) -> Result<(Outcome, Vec<(KindId, u64)>)> {
        let lang = cx.viewer.lang;
        let (en, zh) = ("Only admins hand over what is a colleague's.", "只有管理员可以移交同事的记录。");
        rights::only_admins(&cx.viewer, en, zh)?;
        if to.is_empty() || to.contains(&from) {
            return Err(Error::Invalid {
                field: "owner".into(),
                reason: say(lang, "Name a colleague to hand it to.", "请指定接收的同事。"),
            });
        }
        let registry = self.registry_for(cx);
        let mut tx = self.read_tx(cx).await?;
        let receivers: Vec<i64> = to.iter().copied().collect::<BTreeSet<i64>>().into_iter().collect();
        if let Some(login) = staff::disabled(&mut tx, &receivers).await.map_err(|e| failed(lang, e))? {
            return Err(disabled(lang, "owner", &login));
        }
        let away = self.away(cx, &mut tx, &receivers).await?;
        let is_away = |id: &i64| away.iter().any(|away| away.person == *id);
        let are_here: Vec<i64> = receivers.iter().copied().filter(|id| !is_away(id)).collect();
        let receivers = if are_here.is_empty() { receivers } else { are_here };
        let mut open_ids = Vec::new();
        for (kind, open) in OPEN {
            let open = Query::parse(open, &registry, kind).expect("the queries of this table are right").filter;
            let filter = Filter::all(vec![Filter::is("owner", Operand::Record(from)), open]);
            let query = Query { filter, ..Query::default() };
            let ids = list::all_ids(&mut tx, &registry, kind, &query, &cx.viewer).await.map_err(|e| failed(lang, e))?;
            open_ids.push((registry.kind(kind), ids));
        }
        drop(tx);
        let total = open_ids.iter().map(|(_, ids)| ids.len()).sum();
        let notes = away.iter().map(|away| away.sentence(cx)).collect();
        let (mut outcome, mut counts) = (Outcome { notes, ..Outcome::default() }, Vec::new());
        for (kind, ids) in open_ids {
            let before = outcome.done;
            for (place, receiver) in receivers.iter().enumerate() {
                let share: Vec<i64> = ids.iter().copied().skip(place).step_by(receivers.len()).collect();
                let now = Value::Ref(Ref { id: *receiver, label: String::new() });
                let action = Action::Set { edits: vec![Edit { field: "owner".into(), was: None, now }] };
                for chunk in share.chunks(CHUNK) {
                    let refused = match self.chunk(cx, &registry, kind, chunk, &action, &mut outcome).await {
                        Ok(refused) => refused,
                        Err(error) => return Err(interrupted(lang, error, &outcome, total)),
                    };
                    outcome
                        .failed
                        .extend(refused.into_iter().map(|(id, why)| (kind.code(id), why.sentence(kind, lang))));
                }
            }
            counts.push((kind.id, outcome.done - before));
        }
        Ok((outcome, counts))
    }
}
