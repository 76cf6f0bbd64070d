//! Reading records: pages, counts, single ones, and whether they still match.

use std::collections::HashMap;

use super::rights;
use super::{Count, Cx, Desk, From, Page, Result, failed};
use crate::domain::change::Door;
use crate::domain::field::{Field, FieldType};
use crate::domain::kind::KindId;
use crate::domain::query::Query;
use crate::domain::record::Record;
use crate::domain::right::Verb;
use crate::store::compile::Start;
use crate::store::{list, record};

/// The largest page.
const PAGE_MAX: u32 = 500;
/// A terminal's list says "1,000+" beyond this.
const COUNTED: u32 = 1_000;

impl Desk {
    /// Records of a kind that match, in the query's order (else the kind's), at most `limit` (1–500).
    pub async fn page(&self, cx: &Cx, kind: KindId, query: &Query, from: &From, limit: u32) -> Result<Page> {
        let registry = self.registry_for(cx);
        rights::may(&cx.viewer, registry.kind(kind), Verb::Read)?;
        let limit = limit.clamp(1, PAGE_MAX);
        let (start, backwards) = match from {
            From::Start => (Start::First, false),
            From::After(record) => (Start::After(record), false),
            From::Before(record) => (Start::Before(record), true),
            From::End => (Start::Last, true),
        };
        let mut tx = self.read_tx(cx).await?;
        // One more than asked for tells whether there is more.
        let mut records = list::page(&mut tx, &registry, kind, query, &cx.viewer, start, limit + 1)
            .await
            .map_err(|e| failed(cx.viewer.lang, e))?;
        let more = records.len() > limit as usize;
        if more && backwards {
            records.remove(0);
        }
        records.truncate(limit as usize);
        Ok(Page { records, more })
    }

    /// How many match. For terminals it counts no further than 1,000; for the command line and jobs it is exact.
    pub async fn count(&self, cx: &Cx, kind: KindId, query: &Query) -> Result<Count> {
        let registry = self.registry_for(cx);
        rights::may(&cx.viewer, registry.kind(kind), Verb::Read)?;
        let cap = (cx.door == Door::Tui).then_some(COUNTED + 1);
        let mut tx = self.read_tx(cx).await?;
        let n = list::count(&mut tx, &registry, kind, query, &cx.viewer, cap)
            .await
            .map_err(|e| failed(cx.viewer.lang, e))?;
        let n = n.unsigned_abs();
        let exact = cap.is_none_or(|cap| n < u64::from(cap));
        Ok(Count { n: if exact { n } else { u64::from(COUNTED) }, exact })
    }

    /// How many match for each value of the field that the query groups by, as text; an empty value is empty text.
    /// Nothing when more than 1,000 match, or when the field's values are no groups of their own (moments, amounts).
    pub async fn groups(&self, cx: &Cx, kind: KindId, query: &Query) -> Result<HashMap<String, u64>> {
        let registry = self.registry_for(cx);
        let declared = registry.kind(kind);
        rights::may(&cx.viewer, declared, Verb::Read)?;
        // Moments fall into days of the viewer's zone, amounts into no groups worth counting.
        let is_counted = |f: &&Field| {
            matches!(
                f.ty,
                FieldType::Choice(_)
                    | FieldType::Ref(_)
                    | FieldType::Bool
                    | FieldType::Int
                    | FieldType::Day
                    | FieldType::Text
            )
        };
        let Some(field) = query.group.as_ref().and_then(|name| declared.field(name)).filter(is_counted) else {
            return Ok(HashMap::new());
        };
        let mut tx = self.read_tx(cx).await?;
        let groups = list::groups(&mut tx, &registry, kind, query, field, &cx.viewer, COUNTED + 1)
            .await
            .map_err(|e| failed(cx.viewer.lang, e))?;
        let is_whole = groups.iter().map(|(_, n)| n).sum::<i64>() <= i64::from(COUNTED);
        Ok(groups.into_iter().filter(|_| is_whole).map(|(value, n)| (value, n.unsigned_abs())).collect())
    }

    /// The records with these ids that `cx` may see, deleted ones too, in no promised order.
    pub async fn read(&self, cx: &Cx, kind: KindId, ids: &[i64]) -> Result<Vec<Record>> {
        let registry = self.registry_for(cx);
        rights::may(&cx.viewer, registry.kind(kind), Verb::Read)?;
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let mut tx = self.lookup_tx(cx).await?;
        record::read(&mut tx, &registry, kind, ids, cx.viewer.now).await.map_err(|e| failed(cx.viewer.lang, e))
    }
}
