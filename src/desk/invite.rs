//! Inviting somebody to come in over SSH, and the code that makes the key they show theirs.

use std::fmt;
use std::net::IpAddr;

use chrono::{DateTime, TimeDelta, Utc};

use super::errors::disabled;
use super::user_key::who_manages;
use super::{Cx, Desk, Error, NewKey, Result, code, failed, say};
use crate::domain::field::Lang;
use crate::store::{invite, staff};

/// How long an invitation is good unless somebody says otherwise.
pub const INVITATION_LASTS: TimeDelta = TimeDelta::days(3);

/// An invitation as it is handed out, once.
#[derive(Clone)]
pub struct Invitation {
    pub login: String,
    pub name: String,
    /// Empty when nobody knows it.
    pub email: String,
    /// `7KQM-2XVD-9RTH-4WPC`. Kept nowhere.
    pub code: String,
    pub expires: DateTime<Utc>,
}

/// A code is in no log.
impl fmt::Debug for Invitation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Invitation").field("login", &self.login).finish_non_exhaustive()
    }
}

impl Desk {
    /// Invites a person to come in over SSH for the first time, for 5 minutes to 30 days; it replaces an invitation before.
    /// For who manages them. The code is told here and never again.
    pub async fn invite(&self, cx: &Cx, login: &str, lasting: TimeDelta) -> Result<Invitation> {
        who_manages(cx)?;
        let lang = cx.viewer.lang;
        if !(TimeDelta::minutes(5)..=TimeDelta::days(30)).contains(&lasting) {
            let reason = say(lang, "An invitation lasts 5 minutes to 30 days.", "邀请有效期为 5 分钟到 30 天。");
            return Err(Error::Invalid { field: "expires".into(), reason });
        }
        let lost = |e| failed(lang, e);
        let mut tx = self.key_tx(cx).await?;
        let (person, is_active) = self.managed(&mut tx, cx, login).await?;
        if !is_active {
            return Err(disabled(lang, "active", login));
        }
        let code = code::new();
        let expires = Utc::now() + lasting;
        invite::make(&mut tx, person.id, &code::hash(&code), expires).await.map_err(lost)?;
        let email = staff::email(&mut tx, person.id).await.map_err(lost)?.unwrap_or_default();
        tx.commit().await.map_err(lost)?;
        Ok(Invitation { login: person.login, name: person.name, email, code, expires })
    }

    /// Takes a person's open invitation back; for who manages them. `NotFound` when there is none.
    pub async fn withdraw_invite(&self, cx: &Cx, login: &str) -> Result<()> {
        who_manages(cx)?;
        let lang = cx.viewer.lang;
        let lost = |e| failed(lang, e);
        let mut tx = self.key_tx(cx).await?;
        let person = self.managed(&mut tx, cx, login).await?.0.id;
        if !invite::withdraw(&mut tx, person).await.map_err(lost)? {
            let (en, zh) = (format!("{login} has no open invitation."), format!("{login} 没有有效的邀请。"));
            return Err(Error::NotFound(say(lang, en, zh)));
        }
        tx.commit().await.map_err(lost)
    }

    /// The login of whoever was invited with this code; with a key it is spent, and the key is theirs. `None` when it opens
    /// nothing: unknown, spent, replaced, too old, of somebody disabled, the key another's, or too many tries from there.
    /// All of it is written down. For a server.
    pub async fn use_code(&self, code: &str, from: IpAddr, key: Option<&NewKey>) -> Result<Option<String>> {
        let key = key.map(|key| (key.algorithm.as_str(), key.fingerprint.as_str()));
        let used = invite::use_code(&self.inner.store, &code::hash(code), from, key).await;
        used.map_err(|e| failed(Lang::En, e))
    }
}
