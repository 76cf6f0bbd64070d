//! What touched records are now, for live lists. A change touches the lists of hundreds of seats at the same moment: those
//! that see the same wait for one reading.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use tokio::sync::OnceCell;

use super::{Cx, Desk, Looked, Result, failed, rights};
use crate::domain::field::{FieldType, Source};
use crate::domain::kind::{Kind, KindId, Registry, Sharing};
use crate::domain::query::{Alone, Query};
use crate::domain::record::Record;
use crate::domain::right::{Scope, Verb};
use crate::domain::value::Value;
use crate::domain::viewer::Person;
use crate::store::{list, record};

/// What was read since the last news.
#[derive(Default)]
pub(super) struct Readings(Mutex<HashMap<Key, Reading>>);

type Reading = Arc<OnceCell<Arc<Read>>>;

#[derive(PartialEq, Eq, Hash)]
struct Key {
    who: Who,
    kind: KindId,
    ids: Vec<i64>,
}

/// Who sees the very same.
#[derive(PartialEq, Eq, Hash)]
enum Who {
    Person(i64),
    Role(String),
}

struct Read {
    by: i64,
    records: Vec<Record>,
}

impl Readings {
    /// From now on a reading may tell something else. To be called before anybody hears of it.
    pub(super) fn forget(&self) {
        self.lock().clear();
    }

    fn of(&self, key: Key) -> Reading {
        Arc::clone(self.lock().entry(key).or_default())
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<Key, Reading>> {
        self.0.lock().expect("no holder panics")
    }
}

impl Who {
    /// All of a role see the same of a kind if they see all of it, and of whatever it names.
    fn sees(me: &Person, kind: &Kind, registry: &Registry) -> Self {
        let is_whole = |id: KindId| registry.kind(id).sharing != Sharing::Owned || me.sees(id) == Scope::All;
        let mut named = kind.fields.iter().filter_map(|field| match field.ty {
            FieldType::Ref(target) => Some(target),
            _ => None,
        });
        if is_whole(kind.id) && named.all(is_whole) { Self::Role(me.role.clone()) } else { Self::Person(me.id) }
    }
}

impl Desk {
    /// Of these ids, the records that `cx` may see, deleted ones too, and which of them match the query now: tells a live
    /// list what its rows became and which of them stay. Those that ask because of the same news are told the same;
    /// `is_own` is for whoever changed something and is ahead of the news.
    pub async fn look(&self, cx: &Cx, kind: KindId, query: &Query, ids: &[i64], is_own: bool) -> Result<Looked> {
        let registry = self.registry_for(cx);
        let declared = registry.kind(kind);
        rights::may(&cx.viewer, declared, Verb::Read)?;
        if ids.is_empty() {
            return Ok(Looked::default());
        }
        let lost = |e| failed(cx.viewer.lang, e);
        // What the record itself tells, the database is not asked.
        if !query.filter.is_of_record_alone(declared) {
            let mut tx = self.read_tx(cx).await?;
            let records = record::read(&mut tx, &registry, kind, ids, cx.viewer.now).await.map_err(lost)?;
            let matching = list::matching(&mut tx, &registry, kind, query, &cx.viewer, ids).await.map_err(lost)?;
            return Ok(Looked { records, matching, is_by_another: false });
        }
        let reads = async || -> Result<_> {
            let mut tx = self.lookup_tx(cx).await?;
            let records = record::read(&mut tx, &registry, kind, ids, cx.viewer.now).await.map_err(lost)?;
            Ok(Arc::new(Read { by: cx.viewer.me.id, records }))
        };
        let read = if is_own {
            reads().await?
        } else {
            let who = Who::sees(&cx.viewer.me, declared, &registry);
            let reading = self.inner.readings.of(Key { who, kind, ids: ids.to_vec() });
            Arc::clone(reading.get_or_try_init(reads).await?)
        };
        let is_by_another = read.by != cx.viewer.me.id;
        let mut records = read.records.clone();
        if is_by_another {
            for (place, field) in declared.fields.iter().enumerate() {
                if matches!(field.source, Source::Watch(_)) {
                    for record in &mut records {
                        record.values[place] = Value::Null;
                    }
                }
            }
        }
        let matches = |record: &&Record| query.matches(record, &registry, &cx.viewer, &Alone);
        let matching = records.iter().filter(matches).map(|record| record.id).collect();
        Ok(Looked { records, matching, is_by_another })
    }
}
