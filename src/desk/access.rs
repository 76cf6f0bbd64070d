//! What happened at the door over SSH: invitations, codes, keys, and who came in from where.

use chrono::{DateTime, Utc};

use super::{Cx, Desk, Result, failed};
use crate::store::access;

/// One thing that happened at the door.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Access {
    pub at: DateTime<Utc>,
    /// `invited`, `withdrawn`, `code_refused`, `code_used`, `key_added`, `key_removed`, `factor_set`, `factor_removed`,
    /// `factor_refused`, `recovery_used` or `came_in`.
    pub deed: String,
    /// Whom it is about; `None` when a code was nobody's.
    pub login: Option<String>,
    /// Who did it; `None` when nobody can tell, as of a wrong code.
    pub by: Option<String>,
    /// `SHA256:…` of the key that was shown, given or taken.
    pub fingerprint: Option<String>,
    /// Where the client was; `None` at the server itself.
    pub address: Option<String>,
    /// Why a code was refused, until when an invitation is good.
    pub note: String,
    /// How often, of what is only counted.
    pub times: u32,
}

impl Desk {
    /// What happened at the door over SSH, to that person or to all that `cx` may hear of (an admin of everybody, others of
    /// themselves), newest first, at most `limit`.
    pub async fn accesses(&self, cx: &Cx, login: Option<&str>, limit: u32) -> Result<Vec<Access>> {
        let mut tx = self.read_tx(cx).await?;
        let person = match login {
            Some(login) => Some(self.person_of(&mut tx, cx, login).await?),
            None => None,
        };
        let rows = access::latest(&mut tx, person, limit.into()).await.map_err(|e| failed(cx.viewer.lang, e))?;
        let access = |row: access::Row| Access {
            at: row.at,
            deed: row.deed,
            login: row.login,
            by: row.by,
            fingerprint: row.fingerprint,
            address: row.address,
            note: row.note,
            times: row.times.unsigned_abs(),
        };
        Ok(rows.into_iter().map(access).collect())
    }
}
