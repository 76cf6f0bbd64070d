//! Watching records: who watches one hears of what others do to it. It is each person's own, changes nothing of the
//! record and needs no more than the right to see it.

use super::{Cx, Desk, Error, Result, failed, say};
use crate::domain::action::Targets;
use crate::domain::right::Verb;
use crate::store::watch;

/// Records that one person watches, at most.
const WATCHED_MAX: u64 = 10_000;

impl Desk {
    /// The person watches these records from now on, or no longer; how many that changed. Who may not see a record does
    /// not watch it. `Invalid` for kinds that nobody watches and for too many.
    pub async fn watch(&self, cx: &Cx, targets: &Targets, on: bool) -> Result<u64> {
        let lang = cx.viewer.lang;
        let lost = |e| failed(lang, e);
        let invalid = |reason| Err(Error::Invalid { field: String::new(), reason });
        let registry = self.registry_for(cx);
        let (kind, ids) = self.targets(cx, &registry, targets, Verb::Read).await?;
        if kind.field("watching").is_none() {
            let (en, zh) = (kind.many.en.to_lowercase(), &kind.many.zh);
            return invalid(say(
                lang,
                format!("Nobody watches {en}: nothing happens to them."),
                format!("{zh}不能关注。"),
            ));
        }
        let mut tx = self.quiet_tx(cx).await?;
        let changed = if on {
            if watch::count(&mut tx).await.map_err(lost)?.unsigned_abs() + ids.len() as u64 > WATCHED_MAX {
                return invalid(say(
                    lang,
                    format!("You would watch more than {WATCHED_MAX} records; choose fewer, or stop watching some."),
                    format!("关注的记录将超过 {WATCHED_MAX} 条；请少选一些，或先取消一些关注。"),
                ));
            }
            watch::begin(&mut tx, kind.id.0, &ids).await.map_err(lost)?
        } else {
            watch::end(&mut tx, kind.id.0, &ids).await.map_err(lost)?
        };
        tx.commit().await.map_err(lost)?;
        Ok(changed)
    }
}
