//! Notices that find nobody at a seat and go outside. What is handed over is what the person would read in their inbox,
//! under their own rights; how it travels is a server's matter.

use std::time::Duration;

use super::{Desk, Notice, Result, failed};
use crate::domain::change::Door;
use crate::domain::field::Lang;
use crate::store::{notice, outside};

/// What one person is told outside.
#[derive(Clone, Debug)]
pub struct Outside {
    pub login: String,
    /// Where they get mail, if it is known.
    pub email: Option<String>,
    /// What they may see of what is new, newest first; never empty.
    pub notices: Vec<Notice>,
    /// All that was taken.
    ids: Vec<i64>,
}

impl Desk {
    /// What goes outside now: notices unread for so long whose people sit nowhere. Each is given out once; what became of
    /// it must be told. For a server.
    pub async fn take_outside(&self, after: Duration) -> Result<Vec<Outside>> {
        let lost = |e| failed(Lang::En, e);
        let taken = outside::take(&self.inner.store, after).await.map_err(lost)?;
        let mut all = Vec::new();
        for row in taken {
            let lang = if row.lang == "zh" { Lang::Zh } else { Lang::En };
            let read = async {
                let cx = self.sit(&row.login, Door::Worker, chrono_tz::Tz::UTC, lang).await?;
                let mut tx = self.read_tx(&cx).await?;
                let rows = notice::these(&mut tx, &row.notices).await.map_err(lost)?;
                self.noticed(&cx, tx, rows).await
            };
            match read.await {
                Ok(notices) if !notices.is_empty() => {
                    all.push(Outside { login: row.login, email: row.email, notices, ids: row.notices });
                }
                // Read meanwhile, or not theirs to see: there is nothing to tell.
                Ok(_) => outside::told(&self.inner.store, &row.notices, true, after).await.map_err(lost)?,
                Err(error) => {
                    tracing::warn!(%error, "notices are told later");
                    outside::told(&self.inner.store, &row.notices, false, after).await.map_err(lost)?;
                }
            }
        }
        Ok(all)
    }

    /// It was told outside, or is to be tried again after the pause, doubled with each try. For a server.
    pub async fn told_outside(&self, outside: &Outside, is_told: bool, pause: Duration) -> Result<()> {
        let told = outside::told(&self.inner.store, &outside.ids, is_told, pause).await;
        told.map_err(|e| failed(Lang::En, e))
    }
}
