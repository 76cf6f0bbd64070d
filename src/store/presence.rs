//! Who has which record open. Rows count for a minute; triggers tell the others when one comes, goes or changes.

use sqlx::PgConnection;

use super::Result;

#[derive(Debug, sqlx::FromRow)]
pub(crate) struct Row {
    pub(crate) person: i64,
    pub(crate) name: String,
    pub(crate) kind: String,
    pub(crate) record: i64,
    pub(crate) typing: bool,
}

/// Says where a seat is, anew.
pub(crate) async fn attend(conn: &mut PgConnection, seat: &str, kind: &str, record: i64, typing: bool) -> Result<()> {
    sqlx::query(
        "insert into presence (seat, kind, record, typing) values ($1, $2, $3, $4) \
         on conflict (seat) do update set kind = excluded.kind, record = excluded.record, typing = excluded.typing, \
         at = clock_timestamp()",
    )
    .bind(seat)
    .bind(kind)
    .bind(record)
    .bind(typing)
    .execute(conn)
    .await?;
    Ok(())
}

/// The seat is on no record any more.
pub(crate) async fn leave(conn: &mut PgConnection, seat: &str) -> Result<()> {
    sqlx::query("delete from presence where seat = $1").bind(seat).execute(conn).await?;
    Ok(())
}

/// Others on records that the person may see.
pub(crate) async fn others(conn: &mut PgConnection) -> Result<Vec<Row>> {
    let rows = sqlx::query_as(
        "select p.person, s.name, p.kind, p.record, bool_or(p.typing) as typing from presence p \
         join staff s on s.id = p.person \
         where p.person <> (select me()) and p.at > clock_timestamp() - interval '1 minute' \
         group by p.person, s.name, p.kind, p.record order by s.name, p.kind, p.record",
    )
    .fetch_all(conn)
    .await?;
    Ok(rows)
}
