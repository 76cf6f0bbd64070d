//! What a person watches. Only their own rows are in reach; who hears of what is decided by triggers.

use sqlx::PgConnection;

use super::Result;

/// Begins to watch those of these records that the person may see; how many they did not watch yet.
pub(crate) async fn begin(conn: &mut PgConnection, kind: &str, ids: &[i64]) -> Result<u64> {
    let begun = sqlx::query(
        "insert into watch (kind, record) select $1, i.id from unnest($2::bigint[]) i (id) where visible($1, i.id) \
         on conflict do nothing",
    );
    Ok(begun.bind(kind).bind(ids).execute(conn).await?.rows_affected())
}

/// Watches these no longer; how many they did watch.
pub(crate) async fn end(conn: &mut PgConnection, kind: &str, ids: &[i64]) -> Result<u64> {
    let ended = sqlx::query("delete from watch where person = (select me()) and kind = $1 and record = any ($2)");
    Ok(ended.bind(kind).bind(ids).execute(conn).await?.rows_affected())
}

/// How many records the person watches.
pub(crate) async fn count(conn: &mut PgConnection) -> Result<i64> {
    let count = sqlx::query_scalar("select count(*) from watch where person = (select me())");
    Ok(count.fetch_one(conn).await?)
}

/// Stops watching what there are notices of that the person may not see any more; how many records that was.
pub(crate) async fn forget_unseen(conn: &mut PgConnection) -> Result<i64> {
    Ok(sqlx::query_scalar("select forget_unseen()").fetch_one(conn).await?)
}

/// True when there are unread notices of something watched that the person may not see any more.
pub(crate) async fn has_unseen(conn: &mut PgConnection) -> Result<bool> {
    let has = sqlx::query_scalar(
        "select exists (select from notice n join watch w on w.person = n.person and w.kind = n.kind and w.record = n.record \
         where n.person = (select me()) and n.read_at is null and not visible(n.kind, n.record))",
    );
    Ok(has.fetch_one(conn).await?)
}
