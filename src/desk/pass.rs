//! By what somebody comes in over SSH, and whom it lets in.

use std::net::IpAddr;

use super::{Cx, Desk, Error, Result, failed, say};
use crate::domain::change::Door;
use crate::domain::field::Lang;
use crate::store::{access, staff, user_key};

/// What somebody came in with.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Pass {
    /// A key that the workspace knows, by its fingerprint (`SHA256:…`).
    Key(String),
    /// A certificate of an authority that the server trusts; whoever says so has verified it.
    Certificate {
        /// The principal.
        login: String,
        /// Fingerprint of the certified key.
        key: String,
        /// What the authority called it; anything.
        id: String,
        serial: u64,
        /// Fingerprint of the key that signed it.
        authority: String,
    },
}

impl Pass {
    /// The fingerprint of the key whose other half the client has.
    pub fn key(&self) -> &str {
        match self {
            Self::Key(key) | Self::Certificate { key, .. } => key,
        }
    }
}

impl Desk {
    /// The login of whoever comes in with this; nobody when a key is unknown or taken back, and when whoever it is for is
    /// disabled. For a server.
    pub async fn holder(&self, pass: &Pass) -> Result<Option<String>> {
        let lost = |e| failed(Lang::En, e);
        let mut tx = self.inner.store.begin_unnamed().await.map_err(lost)?;
        match pass {
            Pass::Key(key) => user_key::login_of(&mut tx, key).await.map_err(lost),
            Pass::Certificate { login, .. } => {
                let found = staff::person(&mut tx, login).await.map_err(lost)?;
                // A principal is the login to the letter: an authority that says `Ana` means nobody called `ana`.
                Ok(found.filter(|(person, is_active)| *is_active && person.login == *login).map(|(who, _)| who.login))
            }
        }
    }

    /// Sits down whoever comes in with this, and notes that a key was used. `Denied` when nobody does.
    pub async fn sit_by(&self, pass: &Pass, door: Door, zone: chrono_tz::Tz, lang: Lang) -> Result<Cx> {
        let login = self.holder(pass).await?.ok_or_else(|| {
            let (en, zh) = ("This key opens nothing here (any more).", "此密钥（已）无效。");
            Error::Denied(say(lang, en, zh))
        })?;
        let cx = self.sit(&login, door, zone, lang).await?;
        if let Pass::Key(key) = pass {
            let lost = |e| failed(lang, e);
            let mut tx = self.quiet_tx(&cx).await?;
            user_key::used(&mut tx, key).await.map_err(lost)?;
            tx.commit().await.map_err(lost)?;
        }
        Ok(cx)
    }

    /// Writes down that this person came in with that, from there. For a server.
    pub async fn came_in(&self, login: &str, pass: &Pass, from: IpAddr) -> Result<()> {
        let note = match pass {
            Pass::Key(_) => String::new(),
            Pass::Certificate { id, serial, .. } => format!("certificate {serial} {id}").trim_end().to_owned(),
        };
        let told = access::came_in(&self.inner.store, login, pass.key(), &note, from).await;
        told.map_err(|e| failed(Lang::En, e))
    }
}
