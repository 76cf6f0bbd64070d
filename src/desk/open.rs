//! Opening the workspace and sitting people down.

use std::sync::{Arc, RwLock, Weak};

use tokio::sync::broadcast;

use super::presence::REPEAT;
use super::{Cx, Desk, Error, Inner, News, Result, failed, say};
use crate::domain::change::Door;
use crate::domain::field::{Choice, Field, FieldType, Lang};
use crate::domain::kind::{KindId, Registry, USER};
use crate::domain::right::role_label;
use crate::domain::viewer::Viewer;
use crate::store::{self, Store, role, staff};

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
        following: std::sync::Once::new(),
        attending: super::presence::Attending::default(),
        readings: super::look::Readings::default(),
    });
    tokio::spawn(repeat_presence(Arc::downgrade(&inner)));
    let desk = Desk { inner };
    // A start without custom fields has nothing to ask. Busy tables and databases that can only be read are no reason to
    // stay outside.
    if desk.registry().kinds().iter().any(|kind| kind.fields.iter().any(|field| field.custom))
        && let Err(error) = desk.settle_cut_fields().await
    {
        tracing::warn!(%error, "fields of an import that was cut off stay for now");
    }
    Ok(desk)
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
    let names = role::names(&mut tx).await?;
    Ok(with_roles(&declared.with_custom(custom), &names))
}

/// The roles that there are, as the choices of a user's.
fn with_roles(registry: &Registry, names: &[String]) -> Registry {
    registry.with_fields(|kind, field| {
        let mut field = field.clone();
        if kind.id == USER && field.name == "role" {
            let choice = |name: &String| Choice { code: name.clone(), label: role_label(name) };
            field.ty = FieldType::Choice(names.iter().map(choice).collect());
        }
        Some(field)
    })
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
        self.inner.tell(News::Registry);
        Ok(())
    }

    /// Sits a person down by login. Unknown or disabled: `Denied`.
    pub async fn sit(&self, login: &str, door: Door, zone: chrono_tz::Tz, lang: Lang) -> Result<Cx> {
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
        Ok(Cx { viewer, door, seat: format!("{}-{:016x}", door.name(), rand::random::<u64>()), from: None })
    }
}
