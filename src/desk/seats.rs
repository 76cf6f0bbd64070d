//! Live seats across all servers: each server says who sits there, an admin sees them and ends one.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::{Cx, Desk, Error, Result, failed, rights, say};
use crate::domain::field::Lang;
use crate::store::{self, seat};

/// A seat as its server knows it.
#[derive(Clone, Debug, Serialize)]
pub struct SeatHere {
    /// [`Cx::seat`].
    pub seat: String,
    pub person: i64,
    /// Where the client is.
    pub address: String,
    pub since: DateTime<Utc>,
    /// The last key.
    pub touched_at: DateTime<Utc>,
}

/// A seat as an admin sees it.
#[derive(Clone, Debug)]
pub struct LiveSeat {
    pub seat: String,
    pub login: String,
    /// Host and process.
    pub server: String,
    pub address: String,
    pub since: DateTime<Utc>,
    pub touched_at: DateTime<Utc>,
}

/// A seat that an admin has ended.
#[derive(Clone, Debug)]
pub struct EndedSeat {
    pub seat: String,
    /// The admin's login.
    pub by: String,
    /// What they said; may be empty.
    pub said: String,
}

/// What an admin told all seats.
#[derive(Clone, Debug)]
pub struct Announcement {
    pub id: i64,
    pub at: DateTime<Utc>,
    /// The admin's login.
    pub by: String,
    pub said: String,
}

fn who_manages(cx: &Cx) -> Result<()> {
    let (en, zh) = (
        "Only who manages users may see, end and tell seats; ask an admin.",
        "只有可管理用户的人可以查看、结束席位或发通知，请联系管理员。",
    );
    rights::manages_users(&cx.viewer, en, zh)
}

impl Desk {
    /// Says who sits at this server (`host:process`); a seat is listed for a minute after it was said. For a server.
    pub async fn seats_here(&self, server: &str, seats: &[SeatHere]) -> Result<()> {
        let seats = serde_json::to_value(seats).expect("plain data");
        seat::live(&self.inner.store, server, &seats).await.map_err(|e| failed(Lang::En, e))
    }

    /// The seat is gone. For its server.
    pub async fn seat_left(&self, seat: &str) -> Result<()> {
        seat::left(&self.inner.store, seat).await.map_err(|e| failed(Lang::En, e))
    }

    /// Those of these seats that an admin has ended. For their server, after `News::Seats`.
    pub async fn ended_seats(&self, seats: &[String]) -> Result<Vec<EndedSeat>> {
        let lost = |e| failed(Lang::En, e);
        let mut tx = self.inner.store.begin_unnamed().await.map_err(lost)?;
        let rows = seat::ended(&mut tx, seats).await.map_err(lost)?;
        Ok(rows.into_iter().map(|(seat, by, said)| EndedSeat { seat, by, said }).collect())
    }

    /// Live seats at all servers, the oldest first; for who manages users.
    pub async fn seats(&self, cx: &Cx) -> Result<Vec<LiveSeat>> {
        who_manages(cx)?;
        let mut tx = self.read_tx(cx).await?;
        let rows = seat::all(&mut tx).await.map_err(|e| failed(cx.viewer.lang, e))?;
        let seat = |row: seat::Row| LiveSeat {
            seat: row.seat,
            login: row.login,
            server: row.server,
            address: row.address,
            since: row.since,
            touched_at: row.touched_at,
        };
        Ok(rows.into_iter().map(seat).collect())
    }

    /// Ends a seat by its name, or all of a person by login, telling whoever sits there what was said (200 characters
    /// at most); how many. For who manages them. `NotFound` when there is none.
    pub async fn end_seats(&self, cx: &Cx, which: &str, said: &str) -> Result<u64> {
        who_manages(cx)?;
        let lang = cx.viewer.lang;
        let said: String = said.chars().take(200).collect();
        let mut tx = self.quiet_tx(cx).await?;
        let ended = seat::end(&mut tx, which, &said).await.map_err(|e| match e {
            store::Error::Denied(_) => rights::not_managed(lang, which),
            e => failed(lang, e),
        })?;
        if ended == 0 {
            return Err(Error::NotFound(say(
                lang,
                format!("There is no seat “{which}”, and nobody of that login sits anywhere."),
                format!("没有席位“{which}”，该登录名也没有任何席位。"),
            )));
        }
        tx.commit().await.map_err(|e| failed(lang, e))?;
        Ok(ended)
    }

    /// Tells everybody who has a seat (1–200 characters). For who manages users.
    pub async fn announce(&self, cx: &Cx, said: &str) -> Result<()> {
        who_manages(cx)?;
        let lang = cx.viewer.lang;
        let said = said.trim();
        if said.is_empty() || said.chars().count() > 200 {
            let reason = say(lang, "Say something, in at most 200 characters.", "请写 1 到 200 个字符。");
            return Err(Error::Invalid { field: String::new(), reason });
        }
        let mut tx = self.quiet_tx(cx).await?;
        seat::tell(&mut tx, said).await.map_err(|e| failed(lang, e))?;
        tx.commit().await.map_err(|e| failed(lang, e))
    }

    /// What was told to all seats in the last two minutes, the oldest first.
    pub async fn announcements(&self, cx: &Cx) -> Result<Vec<Announcement>> {
        let mut tx = self.read_tx(cx).await?;
        let rows = seat::told(&mut tx).await.map_err(|e| failed(cx.viewer.lang, e))?;
        Ok(rows.into_iter().map(|(id, at, by, said)| Announcement { id, at, by, said }).collect())
    }
}
