//! Records that somebody may not see and is about to enter again.

use sqlx::PgConnection;

use super::Result;

/// What a record may be known by: mails in lower case, numbers as digits without leading zeros, hosts without `www.`.
#[derive(Debug, Default)]
pub(crate) struct Keys {
    pub(crate) mails: Vec<String>,
    pub(crate) phones: Vec<String>,
    pub(crate) hosts: Vec<String>,
}

/// Records of others with the very same: the column that is the same, and the team. It counts as asked once the
/// transaction is committed.
pub(crate) async fn known(conn: &mut PgConnection, kind: &str, keys: &Keys) -> Result<Vec<(String, Option<String>)>> {
    let found = sqlx::query_as("select same, team from known_elsewhere($1, $2, $3, $4)");
    Ok(found.bind(kind).bind(&keys.mails).bind(&keys.phones).bind(&keys.hosts).fetch_all(conn).await?)
}
