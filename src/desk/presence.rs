//! Who has which record open. A seat says where it is; the process keeps saying so for it, until two minutes pass
//! without a word from the seat, and the database forgets whatever nobody repeats for a minute.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use super::{Cx, Desk, Present, Result, failed};
use crate::domain::kind::KindId;
use crate::store::{Actor, Store, presence};

/// How often the process repeats where its seats are.
pub(super) const REPEAT: Duration = Duration::from_secs(20);
/// After this long without a key a seat is away.
const AWAY: Duration = Duration::from_mins(2);

/// Where this process's seats are, by seat.
#[derive(Default)]
pub(super) struct Attending(Mutex<HashMap<String, Place>>);

#[derive(Clone)]
struct Place {
    actor: Actor,
    record: (KindId, i64),
    typing: bool,
    said: Instant,
    /// When it was written last; `None` while away.
    written: Option<Instant>,
}

impl Attending {
    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, Place>> {
        self.0.lock().expect("no holder panics")
    }

    /// Whether what is to be written for a seat still holds.
    fn is_still(&self, place: &Place, is_away: bool) -> bool {
        self.lock().get(&place.actor.seat).is_some_and(|now| {
            now.record == place.record && now.typing == place.typing && (!is_away || now.said == place.said)
        })
    }

    /// Repeats in the database where the seats are, and takes those away that were silent too long.
    pub(super) async fn repeat(&self, store: &Store) {
        let now = Instant::now();
        let places: Vec<Place> = self.lock().values().filter(|p| p.written.is_some()).cloned().collect();
        for place in places {
            let is_away = now.duration_since(place.said) > AWAY;
            let done = async {
                let mut tx = store.begin_quiet(&place.actor).await?;
                let seat = &place.actor.seat;
                if is_away {
                    presence::leave(&mut tx, seat).await?;
                } else {
                    presence::attend(&mut tx, seat, place.record.0.0, place.record.1, place.typing).await?;
                }
                // The seat may have left or moved on meanwhile and said so before this; the row is locked now, so
                // whatever it says from here on is written behind this.
                if self.is_still(&place, is_away) { tx.commit().await } else { tx.rollback().await }
            };
            // Whoever sits there sees the line's state anyway, and the next repetition is near.
            if let Err(error) = done.await {
                tracing::debug!(%error, "presence not repeated");
                return;
            }
            if let Some(kept) = self.lock().get_mut(&place.actor.seat)
                && kept.said == place.said
            {
                kept.written = (!is_away).then_some(now);
            }
        }
    }
}

impl Desk {
    /// Says that the seat has a record open (`None`: no longer), and whether it is typing there. To be called again when
    /// keys are pressed there (it costs nothing unless something changed): two minutes after the last call the seat
    /// counts as away.
    pub async fn attend(&self, cx: &Cx, record: Option<(KindId, i64)>, typing: bool) -> Result<()> {
        let lang = cx.viewer.lang;
        let now = Instant::now();
        let is_news = {
            let mut places = self.inner.attending.lock();
            match record {
                None => places.remove(&cx.seat).is_some(),
                Some(record) => {
                    let known = places
                        .get_mut(&cx.seat)
                        .filter(|p| p.record == record && p.typing == typing && p.written.is_some());
                    if let Some(place) = known {
                        place.said = now;
                        false
                    } else {
                        let place = Place { actor: cx.actor(), record, typing, said: now, written: Some(now) };
                        places.insert(cx.seat.clone(), place);
                        true
                    }
                }
            }
        };
        if !is_news {
            return Ok(());
        }
        let mut tx = self.quiet_tx(cx).await?;
        match record {
            Some((kind, id)) => presence::attend(&mut tx, &cx.seat, kind.0, id, typing).await,
            None => presence::leave(&mut tx, &cx.seat).await,
        }
        .map_err(|e| failed(lang, e))?;
        tx.commit().await.map_err(|e| failed(lang, e))
    }

    /// Who else is on records now; own seats are left out.
    pub async fn present(&self, cx: &Cx) -> Result<Vec<Present>> {
        let registry = self.registry_for(cx);
        let mut tx = self.read_tx(cx).await?;
        let rows = presence::others(&mut tx).await.map_err(|e| failed(cx.viewer.lang, e))?;
        Ok(rows
            .into_iter()
            .filter_map(|row| {
                let kind = registry.kinds().iter().find(|k| k.id.0 == row.kind)?.id;
                Some(Present { person: row.person, name: row.name, kind, record: row.record, typing: row.typing })
            })
            .collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::change::Door;
    use crate::domain::kind::TICKET;

    #[test]
    fn a_seat_that_left_or_moved_on_is_not_repeated() {
        let actor = Actor { person: 1, door: Door::Tui, seat: "a".into(), today: chrono::NaiveDate::default() };
        let now = Instant::now();
        let place = Place { actor, record: (TICKET, 7), typing: false, said: now, written: Some(now) };
        let attending = Attending::default();
        assert!(!attending.is_still(&place, false), "it has left");
        attending.lock().insert("a".into(), place.clone());
        assert!(attending.is_still(&place, false));
        let later = now + Duration::from_secs(1);
        attending.lock().insert("a".into(), Place { said: later, ..place.clone() });
        assert!(attending.is_still(&place, false), "the same place said again");
        assert!(!attending.is_still(&place, true), "no longer away");
        attending.lock().insert("a".into(), Place { record: (TICKET, 8), ..place.clone() });
        assert!(!attending.is_still(&place, false), "it has moved on");
    }
}
