//! What touches a record, in order of time: ids and moments only; the records are read by `record`.

use chrono::{DateTime, Utc};
use sqlx::{PgConnection, Postgres, QueryBuilder};

use super::Result;
use crate::domain::field::FieldType;
use crate::domain::kind::{ACTIVITY, COMPANY, CONTACT, DEAL, Kind, KindId, MESSAGE, Registry, TICKET};

/// Something on a timeline.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mark {
    pub(crate) kind: KindId,
    pub(crate) id: i64,
    pub(crate) at: DateTime<Utc>,
}

/// Activities, messages, deals and tickets of a record, newest first, older than `before`; at most `limit` of each, and
/// those of the same moment as the last, so that the next page, which starts before that moment, misses none.
pub(crate) async fn marks(
    conn: &mut PgConnection,
    registry: &Registry,
    kind: &Kind,
    id: i64,
    before: Option<DateTime<Utc>>,
    limit: i64,
) -> Result<Vec<Mark>> {
    let (sources, mut sql) = query(registry, kind, id, before, limit);
    if sources.is_empty() {
        return Ok(Vec::new());
    }
    let rows: Vec<(i32, i64, DateTime<Utc>)> = sql.build_query_as().fetch_all(conn).await?;
    let mut marks: Vec<Mark> =
        rows.into_iter().map(|(source, id, at)| Mark { kind: sources[source as usize], id, at }).collect();
    marks.sort_by(|a, b| b.at.cmp(&a.at).then(b.kind.cmp(&a.kind)).then(b.id.cmp(&a.id)));
    Ok(marks)
}

/// Rows of (place in the list of kinds, id, moment), unsorted. Without kinds there is nothing to ask.
pub fn query(
    registry: &Registry,
    kind: &Kind,
    id: i64,
    before: Option<DateTime<Utc>>,
    limit: i64,
) -> (Vec<KindId>, QueryBuilder<Postgres>) {
    let mut sources: Vec<KindId> = Vec::new();
    let mut sql = QueryBuilder::new("");
    if [COMPANY, CONTACT, DEAL, TICKET].contains(&kind.id) {
        sources.push(ACTIVITY);
        sql.push("(select 0, activity, at from activity_link where kind = ").push_bind(kind.id.0);
        sql.push(" and record = ").push_bind(id).push(" and (").push_bind(before).push(" is null or at < ");
        sql.push_bind(before).push(") order by at desc fetch first ").push_bind(limit).push(" rows with ties)");
    }
    for other in [MESSAGE, DEAL, TICKET] {
        let other = registry.kind(other);
        let time = if other.id == MESSAGE { "sent_at" } else { "created_at" };
        // A ticket's messages, a customer's deals and tickets; not the message a contact wrote, which the ticket shows.
        let Some(field) = other.fields.iter().find(|f| f.ty == FieldType::Ref(kind.id) && f.name == kind.id.0) else {
            continue;
        };
        if other.id == MESSAGE && kind.id != TICKET {
            continue;
        }
        if !sources.is_empty() {
            sql.push(" union all ");
        }
        sql.push(format_args!(
            "(select {}, id, {time} from \"{}\" where \"{}\" = ",
            sources.len(),
            other.table,
            field.db_column()
        ));
        sql.push_bind(id).push(" and deleted_at is null and (").push_bind(before);
        sql.push(format_args!(" is null or {time} < ")).push_bind(before);
        sql.push(format_args!(") order by {time} desc fetch first ")).push_bind(limit).push(" rows with ties)");
        sources.push(other.id);
    }
    (sources, sql)
}
