//! Values that a field has, for completion.

use sqlx::{PgConnection, Postgres, QueryBuilder};

use super::Result;
use crate::domain::field::{Field, FieldType};
use crate::domain::kind::Kind;
use crate::domain::right::Scope;
use crate::domain::viewer::Viewer;

/// Records looked at. The latest stand for all, so that a million records take no longer.
const LATEST: i64 = 3_000;

/// Values that begin with `prefix` (any case) among the latest records that the viewer sees, most frequent first, at
/// most `limit`.
pub(crate) async fn values(
    conn: &mut PgConnection,
    kind: &Kind,
    field: &Field,
    viewer: &Viewer,
    prefix: &str,
    limit: i64,
) -> Result<Vec<String>> {
    let mut sql = query(kind, field, viewer, prefix, limit);
    Ok(sql.build_query_scalar().persistent(false).fetch_all(conn).await?)
}

/// What `values` asks.
pub fn query(kind: &Kind, field: &Field, viewer: &Viewer, prefix: &str, limit: i64) -> QueryBuilder<Postgres> {
    let (table, column) = (kind.table, field.db_column());
    let value = if field.ty == FieldType::Tags { "unnest(had)" } else { "had" };
    let latest = format!("select t.\"{column}\" as had from \"{table}\" t where t.deleted_at is null");
    let mut sql = QueryBuilder::new(format!("select v from (select {value} as v from ("));
    let me = &viewer.me;
    let reach = me.sees(kind.id);
    if kind.field("shared").is_none() && reach < Scope::All && me.stands_in.is_empty() {
        // Others' records may be the latest by far: own and each team's are read from indexes of their own.
        sql.push(format_args!("({latest} and t.owner_id = ")).push_bind(me.id);
        sql.push(" order by t.created_at desc limit ").push_bind(LATEST).push(") union all (select x.had from unnest(");
        sql.push_bind(if reach == Scope::Team { me.teams.clone() } else { Vec::new() }).push(format_args!(
            "::bigint[]) s (team) cross join lateral ({latest} and t.team_id = s.team order by t.created_at desc limit "
        ));
        sql.push_bind(LATEST).push(") x)");
    } else {
        sql.push(latest).push(" order by t.id desc limit ").push_bind(LATEST);
    }
    sql.push(") t) r where starts_with(lower(v), lower(").push_bind(prefix.to_owned());
    sql.push(")) and v <> '' group by v order by count(*) desc, v limit ").push_bind(limit);
    sql
}
