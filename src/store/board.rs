//! The heads of a board's columns: how many deals, and what they come to in each currency.

use rust_decimal::Decimal;
use sqlx::PgConnection;

use super::{Result, compile};
use crate::domain::kind::Registry;
use crate::domain::query::Query;
use crate::domain::viewer::Viewer;

/// What the open deals of one stage in one currency come to.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub(crate) struct Sum {
    pub(crate) stage_id: i64,
    /// Empty when the deals have none.
    pub(crate) currency: String,
    pub(crate) deals: i64,
    pub(crate) amount: Decimal,
}

/// The sums of the open deals that match and stand in one of these stages, the commonest currency of a stage first.
/// Reads the index `deal_board_idx` from one end of a stage to the other.
pub(crate) async fn sums(
    conn: &mut PgConnection,
    registry: &Registry,
    query: &Query,
    viewer: &Viewer,
    stages: &[i64],
) -> Result<Vec<Sum>> {
    let mut sql = compile::sums(registry, query, viewer, stages);
    Ok(sql.build_query_as().persistent(false).fetch_all(conn).await?)
}
