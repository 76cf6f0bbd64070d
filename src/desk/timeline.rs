//! The one timeline of a record: activities, messages, deals, tickets and changes together.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};

use super::history::changes;
use super::rights;
use super::{Cx, Desk, Moment, Result, What, failed, not_there};
use crate::domain::kind::KindId;
use crate::domain::record::Record;
use crate::domain::right::Verb;
use crate::store::{history, record, timeline};

/// The longest page of a timeline.
const PAGE_MAX: u32 = 500;

impl Desk {
    /// Everything that touches a record, newest first, older than `before`, at most `limit`; more only when several
    /// happened at the very moment of the last.
    pub async fn timeline(
        &self,
        cx: &Cx,
        kind: KindId,
        id: i64,
        before: Option<DateTime<Utc>>,
        limit: u32,
    ) -> Result<Vec<Moment>> {
        let lang = cx.viewer.lang;
        let lost = |e| failed(lang, e);
        let registry = self.registry_for(cx);
        let kind = registry.kind(kind);
        rights::may(&cx.viewer, kind, Verb::Read)?;
        let limit = limit.clamp(1, PAGE_MAX);
        let mut tx = self.lookup_tx(cx).await?;
        if record::visible(&mut tx, kind, &[id]).await.map_err(lost)?.is_empty() {
            return Err(not_there(lang, kind, id));
        }
        let touches = timeline::marks(&mut tx, &registry, kind, id, before, limit.into()).await.map_err(lost)?;
        let rows = history::of_record(&mut tx, kind.id, id, before, limit.into()).await.map_err(lost)?;

        // The moment of the last entry of the page, before anything more is read.
        let mut times: Vec<DateTime<Utc>> = touches.iter().map(|m| m.at).chain(rows.iter().map(|r| r.at)).collect();
        times.sort_unstable_by(|a, b| b.cmp(a));
        let Some(&oldest) = times.get(limit as usize - 1).or(times.last()) else { return Ok(Vec::new()) };

        let mut wanted: BTreeMap<KindId, Vec<i64>> = BTreeMap::new();
        for touch in touches.iter().filter(|m| m.at >= oldest) {
            wanted.entry(touch.kind).or_default().push(touch.id);
        }
        let mut records: HashMap<(KindId, i64), Record> = HashMap::new();
        for (kind, ids) in wanted {
            let found = record::read(&mut tx, &registry, kind, &ids, cx.viewer.now).await.map_err(lost)?;
            records.extend(found.into_iter().map(|r| ((kind, r.id), r)));
        }
        let rows = rows.into_iter().filter(|r| r.at >= oldest).collect();
        let changes = changes(&mut tx, &registry, kind, rows).await.map_err(lost)?;

        let mut moments: Vec<Moment> = touches
            .iter()
            .filter_map(|m| Some(Moment { at: m.at, what: What::Record(records.remove(&(m.kind, m.id))?) }))
            .chain(changes.into_iter().map(|c| Moment { at: c.at, what: What::Change(c) }))
            .collect();
        // Stable: at the same moment, what people did stands above the changes it caused.
        moments.sort_by_key(|m| std::cmp::Reverse(m.at));
        Ok(moments)
    }
}
