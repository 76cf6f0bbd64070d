//! Handing everything open that one person owns to colleagues, as one operation.

use super::perform::CHUNK;
use super::{Cx, Desk, Error, Outcome, Result, failed, say};
use crate::domain::action::{Action, Edit};
use crate::domain::kind::{ACTIVITY, COMPANY, CONTACT, DEAL, KindId, TICKET};
use crate::domain::query::{Filter, Operand, Query};
use crate::domain::value::{Ref, Value};
use crate::store::list;

/// What is handed over, and of each kind which are open.
const OPEN: [(KindId, &str); 5] = [
    (COMPANY, ""),
    (CONTACT, ""),
    (DEAL, "state:open"),
    (TICKET, "status:new,open,pending,hold"),
    (ACTIVITY, "done:no"),
];

impl Desk {
    /// Several receivers get every second, third, … record of each kind.
    pub(super) async fn do_hand_over(&self, cx: &Cx, from: i64, to: &[i64]) -> Result<(Outcome, Vec<(KindId, u64)>)> {
        let lang = cx.viewer.lang;
        if !cx.viewer.me.is_admin() {
            return Err(Error::Denied(say(
                lang,
                "Only admins hand over what is a colleague's.",
                "只有管理员可以移交同事的记录。",
            )));
        }
        if to.is_empty() || to.contains(&from) {
            return Err(Error::Invalid {
                field: "owner".into(),
                reason: say(lang, "Name a colleague to hand it to.", "请指定接收的同事。"),
            });
        }
        let registry = self.registry();
        let (mut outcome, mut counts) = (Outcome::default(), Vec::new());
        for (kind, open) in OPEN {
            let open = Query::parse(open, &registry, kind).expect("the queries of this table are right").filter;
            let filter = Filter::all(vec![Filter::is("owner", Operand::Record(from)), open]);
            let query = Query { filter, ..Query::default() };
            let mut tx = self.read_tx(cx).await?;
            let ids = list::all_ids(&mut tx, &registry, kind, &query, &cx.viewer).await.map_err(|e| failed(lang, e))?;
            drop(tx);
            let before = outcome.done;
            for (place, receiver) in to.iter().enumerate() {
                let share: Vec<i64> = ids.iter().copied().skip(place).step_by(to.len()).collect();
                let now = Value::Ref(Ref { id: *receiver, label: String::new() });
                let action = Action::Set { edits: vec![Edit { field: "owner".into(), was: None, now }] };
                for chunk in share.chunks(CHUNK) {
                    let kind = registry.kind(kind);
                    let refused = self.chunk(cx, &registry, kind, chunk, &action, &mut outcome).await?;
                    outcome
                        .failed
                        .extend(refused.into_iter().map(|(id, why)| (kind.code(id), why.sentence(kind, lang))));
                }
            }
            counts.push((kind, outcome.done - before));
        }
        Ok((outcome, counts))
    }
}
