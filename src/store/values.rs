//! Values that a field has, for completion.

use sqlx::{PgConnection, QueryBuilder};

use super::Result;
use crate::domain::field::{Field, FieldType};
use crate::domain::kind::Kind;

/// Values that begin with `prefix` (any case) among the latest 20,000 records, most frequent first, at most `limit`. The
/// latest stand for all, so that a million records take no longer.
pub(crate) async fn values(
    conn: &mut PgConnection,
    kind: &Kind,
    field: &Field,
    prefix: &str,
    limit: i64,
) -> Result<Vec<String>> {
    let column = field.db_column();
    let value = if field.ty == FieldType::Tags { format!("unnest(\"{column}\")") } else { format!("\"{column}\"") };
    let mut sql = QueryBuilder::new(format!(
        "select v from (select {value} as v from (select * from \"{}\" where deleted_at is null order by id desc limit 20000) t) r \
         where starts_with(lower(v), lower(",
        kind.table
    ));
    sql.push_bind(prefix).push(")) and v <> '' group by v order by count(*) desc, v limit ").push_bind(limit);
    Ok(sql.build_query_scalar().persistent(false).fetch_all(conn).await?)
}
