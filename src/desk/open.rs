//! Opening the workspace, sitting people down, and passing on what happens.

use std::sync::{Arc, RwLock, Weak};

use tokio::sync::{broadcast, mpsc};

use super::history::field_of;
use super::presence::REPEAT;
use super::{Cx, Desk, Error, Inner, News, Result, failed, say};
use crate::domain::change::{Door, Touched};
use crate::domain::field::{Field, Lang};
use crate::domain::kind::{Kind, KindId, Registry};
use crate::domain::viewer::Viewer;
use crate::store::feed::{self, Event, Touch};
use crate::store::{self, Store, staff};

/// News that a slow seat may fall behind before it must read everything anew.
const NEWS_KEPT: usize = 1_024;

pub(super) async fn open(store: Store, declared: Registry) -> Result<Desk> {
    let registry = read_registry(&store, &declared).await.map_err(|e| failed(Lang::En, e))?;
    let (news, _) = broadcast::channel(NEWS_KEPT);
    let inner = Arc::new(Inner {
        store,
        declared,
        registry: RwLock::new(registry),
        news,
        attending: super::presence::Attending::default(),
    });
    tokio::spawn(repeat_presence(Arc::downgrade(&inner)));
    let events = feed::follow(&inner.store);
    tokio::spawn(pass_on(events, Arc::downgrade(&inner)));
    Ok(Desk { inner })
}

/// Turns the feed's events into news, as long as the desk lives. The feed stops when its receiver goes.
async fn pass_on(mut events: mpsc::Receiver<Event>, desk: Weak<Inner>) {
    // The feed says nothing for hours in a quiet workspace; whether the desk is still there is looked at now and then.
    let mut look = tokio::time::interval(REPEAT);
    loop {
        let event = tokio::select! {
            event = events.recv() => event,
            _ = look.tick() => {
                if desk.strong_count() == 0 {
                    return;
                }
                continue;
            }
        };
        let (Some(event), Some(inner)) = (event, desk.upgrade()) else { return };
        let desk = Desk { inner };
        let news = match event {
            Event::Touched(touches) => {
                let touched = named(&desk.registry(), touches);
                if touched.is_empty() {
                    continue;
                }
                News::Touched(Arc::new(touched))
            }
            Event::Resync => News::Resync,
            Event::Presence => News::Presence,
            Event::Registry => {
                if let Err(error) = desk.reload().await {
                    tracing::warn!(%error, "the registry could not be read anew");
                }
                continue;
            }
            Event::Line(is_up) => News::Line(is_up),
        };
        // No seat listens in a process that only runs a command.
        let _ = desk.inner.news.send(news);
    }
}

/// Columns as fields. Kinds that this release does not know are left out.
fn named(registry: &Registry, touches: Vec<Touch>) -> Vec<Touched> {
    let fields = |kind: &Kind, columns: &[String]| {
        columns.iter().map(|c| field_of(kind, c).map_or(c.as_str(), |f| f.name.as_str()).to_owned()).collect()
    };
    touches
        .into_iter()
        .filter_map(|touch| {
            let kind = registry.kinds().iter().find(|k| k.id.0 == touch.kind)?;
            Some(Touched {
                kind: kind.id,
                record: touch.record,
                operation: touch.operation,
                version: touch.version,
                by: touch.by,
                fields: fields(kind, &touch.columns),
                created: touch.deed == "create",
            })
        })
        .collect()
}

/// The declared kinds with the custom fields that the database has.
async fn read_registry(store: &Store, declared: &Registry) -> store::Result<Registry> {
    let mut tx = store.begin_unnamed().await?;
    let rows = staff::custom_fields(&mut tx).await?;
    let custom: Vec<(KindId, Field)> = rows
        .into_iter()
        .filter_map(|(kind, definition)| {
            let kind = declared.kinds().iter().find(|k| k.id.0 == kind)?.id;
            // One that a newer release wrote in a way this one does not know is left out, not fatal.
            let field = serde_json::from_value(definition)
                .inspect_err(|error| tracing::warn!(%error, kind = kind.0, "custom field not understood"))
                .ok()?;
            Some((kind, field))
        })
        .collect();
    Ok(declared.with_custom(custom))
}

/// As long as the desk lives.
async fn repeat_presence(desk: Weak<Inner>) {
    let mut tick = tokio::time::interval(REPEAT);
    loop {
        tick.tick().await;
        let Some(inner) = desk.upgrade() else { return };
        inner.attending.repeat(&inner.store).await;
    }
}

impl Desk {
    /// Takes the registry anew and tells this process's seats.
    pub(super) async fn reload(&self) -> store::Result<()> {
        let registry = read_registry(&self.inner.store, &self.inner.declared).await?;
        *self.inner.registry.write().expect("no holder panics") = registry;
        // No seat listens in a process that only runs a command.
        let _ = self.inner.news.send(News::Registry);
        Ok(())
    }

    pub(super) async fn do_sit(&self, login: &str, door: Door, zone: chrono_tz::Tz, lang: Lang) -> Result<Cx> {
        let mut tx = self.inner.store.begin_unnamed().await.map_err(|e| failed(lang, e))?;
        let found = staff::person(&mut tx, login).await.map_err(|e| failed(lang, e))?;
        let (me, is_active) = found.ok_or_else(|| {
            Error::Denied(say(
                lang,
                format!("Nobody here has the login “{login}”; an admin adds people with `frontdesk user add`."),
                format!("这里没有登录名“{login}”，请管理员用 `frontdesk user add` 添加。"),
            ))
        })?;
        if !is_active {
            return Err(Error::Denied(say(
                lang,
                format!("The login “{login}” is disabled; ask an admin."),
                format!("登录名“{login}”已停用，请联系管理员。"),
            )));
        }
        let viewer = Viewer { me, now: chrono::Utc::now(), zone, lang };
        Ok(Cx { viewer, door, seat: format!("{}-{:016x}", door.name(), rand::random::<u64>()) })
    }
}
