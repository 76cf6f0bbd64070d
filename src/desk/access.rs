//! What happened at the door over SSH: invitations, codes, keys, and who came in from where.

use std::net::IpAddr;

use chrono::{DateTime, Utc};

use super::{Cx, Desk, Result, failed};
use crate::domain::field::Lang;
use crate::store::access;

/// One thing that happened at the door.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Access {
    pub at: DateTime<Utc>,
    /// `invited`, `withdrawn`, `code_refused`, `code_used`, `key_added`, `key_removed`, `factor_set`, `factor_removed`,
    /// `factor_refused`, `recovery_used`, `came_in`, `screen_shown` or `screen_closed`.
    pub deed: String,
    /// Whom it is about; `None` when a code was nobody's.
    pub login: Option<String>,
    /// Who did it, or saw the screen; `None` when nobody can tell, as of a wrong code.
    pub by: Option<String>,
    /// `SHA256:…` of the key that was shown, given or taken.
    pub fingerprint: Option<String>,
    /// Where the client was; `None` at the server itself.
    pub address: Option<String>,
    /// Why a code was refused, until when an invitation is good, who ended the showing of a screen.
    pub note: String,
    /// How often, of what is only counted.
    pub times: u32,
}

impl Desk {
    /// Writes down that the first person's screen is about to be shown to the second, whose client is there. False when
    /// one of them may not come in any more: then it is not to be shown. For a server.
    pub async fn screen_shown(&self, owner: i64, watcher: i64, from: Option<IpAddr>) -> Result<bool> {
        access::screen_shown(&self.inner.store, owner, watcher, from).await.map_err(|e| failed(Lang::En, e))
    }

    /// Writes down that it is shown no more; the note says who ended it. For a server.
    pub async fn screen_closed(&self, owner: i64, watcher: i64, from: Option<IpAddr>, note: &str) -> Result<()> {
        access::screen_closed(&self.inner.store, owner, watcher, from, note).await.map_err(|e| failed(Lang::En, e))
    }

    /// What happened at the door over SSH, to that person or to all that `cx` may hear of (who manages users of
    /// everybody, others of themselves), newest first, at most `limit`.
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
