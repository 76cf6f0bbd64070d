//! Metrics: what `compile` makes of them, run; and the calendar they go by.

use chrono::NaiveDate;
use chrono_tz::Tz;
use rust_decimal::Decimal;
use sqlx::{PgConnection, Row as _};

use super::Result;
use super::compile::{self, Counted};
use crate::domain::kind::Registry;
use crate::domain::viewer::Viewer;

/// A group in one currency, or all groups together.
pub(crate) struct Row {
    pub(crate) is_total: bool,
    /// As text; of buckets the number from 1.
    pub(crate) key: Option<String>,
    /// The text as somebody wrote it, or the title of the record.
    pub(crate) label: Option<String>,
    /// The record's place among its kind.
    pub(crate) place: Option<i64>,
    pub(crate) currency: Option<String>,
    pub(crate) records: i64,
    pub(crate) value: Option<Decimal>,
    pub(crate) hits: i64,
}

pub(crate) async fn rows(
    conn: &mut PgConnection,
    registry: &Registry,
    viewer: &Viewer,
    counted: &Counted<'_>,
) -> Result<Vec<Row>> {
    let mut sql = compile::metric(registry, viewer, counted);
    let rows = sql.build().persistent(false).fetch_all(conn).await?;
    let decoded = rows.iter().map(|row| {
        let (shown, title): (Option<String>, Option<String>) = (row.try_get(2)?, row.try_get(7)?);
        Ok(Row {
            is_total: row.try_get(0)?,
            key: row.try_get(1)?,
            label: title.or(shown),
            place: row.try_get(8)?,
            currency: row.try_get(3)?,
            records: row.try_get(4)?,
            value: row.try_get(5)?,
            hits: row.try_get(6)?,
        })
    });
    Ok(decoded.collect::<std::result::Result<_, sqlx::Error>>()?)
}

/// The first and the last day that the records have in what they are split by; `None` when none has one.
pub(crate) async fn ends(
    conn: &mut PgConnection,
    registry: &Registry,
    viewer: &Viewer,
    counted: &Counted<'_>,
) -> Result<Option<(NaiveDate, NaiveDate)>> {
    let Some(mut sql) = compile::metric_ends(registry, viewer, counted) else { return Ok(None) };
    let (first, last): (Option<NaiveDate>, Option<NaiveDate>) =
        sql.build_query_as().persistent(false).fetch_one(conn).await?;
    Ok(first.zip(last))
}

/// The workspace's time zone, as set, else that of its first admin; `None` when neither says.
pub(crate) async fn workspace_zone(conn: &mut PgConnection) -> Result<Option<Tz>> {
    let zone: Option<String> = sqlx::query_scalar(
        "select coalesce((select w.zone from workspace w), (select s.zone from staff s \
         where s.role = 'admin' and s.active and s.deleted_at is null and s.zone is not null order by s.id limit 1))",
    )
    .fetch_one(conn)
    .await?;
    Ok(zone.and_then(|zone| zone.parse().ok()))
}

/// Sets the workspace's time zone.
pub(crate) async fn set_workspace_zone(conn: &mut PgConnection, zone: Tz) -> Result<()> {
    sqlx::query("update workspace set zone = $1").bind(zone.name()).execute(conn).await?;
    Ok(())
}
