//! Keys by which people come in over SSH: add, list, take back.

use chrono::{DateTime, Utc};

use super::{Cx, Desk, Error, Result, failed, rights, say};
use crate::domain::viewer::Person;
use crate::store::{self, access, staff, user_key};

/// A public key as it is kept: what it is, never the key itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewKey {
    /// `ssh-ed25519`, `ssh-rsa`, ….
    pub algorithm: String,
    /// `SHA256:…`, as `ssh-keygen -l` prints it.
    pub fingerprint: String,
    /// What its owner called it; at most 200 characters are kept.
    pub comment: String,
}

/// A key of the workspace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserKey {
    /// Its owner's.
    pub login: String,
    pub key: NewKey,
    pub added: DateTime<Utc>,
    pub used: Option<DateTime<Utc>>,
    /// Taken back then; it opens nothing.
    pub revoked: Option<DateTime<Utc>>,
}

pub(super) fn who_manages(cx: &Cx) -> Result<()> {
    let (en, zh) = (
        "Only who manages users may invite people, and add and take back keys; ask an admin.",
        "只有可管理用户的人可以邀请用户、添加或移除密钥，请联系管理员。",
    );
    rights::manages_users(&cx.viewer, en, zh)
}

impl Desk {
    /// Gives a person a key; for who manages them. `Invalid` when somebody has it already.
    pub async fn add_key(&self, cx: &Cx, login: &str, key: &NewKey) -> Result<()> {
        who_manages(cx)?;
        let lang = cx.viewer.lang;
        let lost = |e| failed(lang, e);
        let mut tx = self.key_tx(cx).await?;
        let person = self.managed(&mut tx, cx, login).await?.0.id;
        let comment: String = key.comment.chars().take(200).collect();
        let added = user_key::add(&mut tx, person, &key.algorithm, &key.fingerprint, &comment).await;
        added.map_err(|e| match e {
            store::Error::Constraint(name) if name == "user_key_fingerprint_key" => Error::Invalid {
                field: "key".into(),
                reason: say(
                    lang,
                    "Somebody has this key already; `frontdesk user key list` says who.",
                    "此密钥已属于某人，`frontdesk user key list` 可查。",
                ),
            },
            e => lost(e),
        })?;
        tx.commit().await.map_err(lost)
    }

    /// The keys of that person, else of everybody – for who does not manage users, of themselves –, oldest first, also
    /// those that were taken back.
    pub async fn keys(&self, cx: &Cx, login: Option<&str>) -> Result<Vec<UserKey>> {
        let lost = |e| failed(cx.viewer.lang, e);
        let mut tx = self.read_tx(cx).await?;
        let person = match login {
            Some(login) => Some(self.person_of(&mut tx, cx, login).await?),
            None => None,
        };
        let rows = user_key::all(&mut tx, person).await.map_err(lost)?;
        let key = |row: user_key::Row| UserKey {
            login: row.login,
            key: NewKey { algorithm: row.algorithm, fingerprint: row.fingerprint, comment: row.comment },
            added: row.added_at,
            used: row.used_at,
            revoked: row.revoked_at,
        };
        Ok(rows.into_iter().map(key).collect())
    }

    /// Takes a key back, which then opens nothing; for who manages its owner. `NotFound` when nobody has it.
    pub async fn remove_key(&self, cx: &Cx, fingerprint: &str) -> Result<()> {
        who_manages(cx)?;
        let lost = |e| failed(cx.viewer.lang, e);
        let mut tx = self.key_tx(cx).await?;
        if let Some(login) = user_key::owner(&mut tx, fingerprint).await.map_err(lost)? {
            self.managed(&mut tx, cx, &login).await?;
        }
        if !user_key::revoke(&mut tx, fingerprint).await.map_err(lost)? {
            return Err(Error::NotFound(say(
                cx.viewer.lang,
                format!("Nobody has the key {fingerprint}."),
                format!("没有密钥 {fingerprint}。"),
            )));
        }
        tx.commit().await.map_err(lost)
    }

    /// A transaction for what opens the door, of which it is told where the person's client is.
    pub(super) async fn key_tx(&self, cx: &Cx) -> Result<store::Tx> {
        let mut tx = self.quiet_tx(cx).await?;
        if let Some(from) = cx.from {
            access::from(&mut tx, from).await.map_err(|e| failed(cx.viewer.lang, e))?;
        }
        Ok(tx)
    }

    pub(super) async fn person_of(&self, conn: &mut store::Tx, cx: &Cx, login: &str) -> Result<i64> {
        Ok(self.named(conn, cx, login).await?.0.id)
    }

    /// The person with that login, whom `cx` manages, and whether they may still come in.
    pub(super) async fn managed(&self, conn: &mut store::Tx, cx: &Cx, login: &str) -> Result<(Person, bool)> {
        let found = self.named(conn, cx, login).await?;
        if !staff::manages(conn, found.0.id).await.map_err(|e| failed(cx.viewer.lang, e))? {
            return Err(rights::not_managed(cx.viewer.lang, &found.0.login));
        }
        Ok(found)
    }

    /// The person with that login, and whether they may still come in.
    pub(super) async fn named(&self, conn: &mut store::Tx, cx: &Cx, login: &str) -> Result<(Person, bool)> {
        let found = staff::person(conn, login).await.map_err(|e| failed(cx.viewer.lang, e))?;
        found.ok_or_else(|| {
            Error::NotFound(say(
                cx.viewer.lang,
                format!("Nobody here has the login “{login}”."),
                format!("这里没有登录名“{login}”。"),
            ))
        })
    }
}
