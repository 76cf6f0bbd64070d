//! What every subcommand is given: the settings, and the way to the desk.

use std::io::Write;
use std::net::IpAddr;

use anyhow::{Context, Result};

use super::Io;
use crate::config::{Database, Server, Settings, WORKSPACE, os_login};
use crate::desk::{self, Cx, Desk, Pass};
use crate::domain::change::Door;
use crate::store;
use crate::store::postgres::{Known, Lease, Private, known};

/// One run of the program.
#[derive(Debug)]
pub struct App {
    pub settings: Settings,
    /// Where it reads and writes.
    pub io: Io,
    /// Set when it runs for somebody who came in over SSH.
    guest: Option<Guest>,
}

/// Somebody who came in over SSH, at a desk that is open already.
#[derive(Clone)]
pub struct Guest {
    pub desk: Desk,
    pub database: Database,
    /// What they came in with.
    pub pass: Pass,
    /// Where they are.
    pub from: IpAddr,
}

impl std::fmt::Debug for Guest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Guest").field("pass", &self.pass).finish_non_exhaustive()
    }
}

/// The desk with a person sitting at it. On a private server it also keeps the server running while it lives.
pub struct Office {
    pub desk: Desk,
    pub cx: Cx,
    pub io: Io,
    /// How the database is reached, for loads that go past the desk (the demo's).
    pub database: Database,
    _lease: Option<Lease>,
}

/// A database that answers and, on a private server, has this program's schema.
pub struct Entered {
    pub database: Database,
    /// Held on a private server, for as long as the database is used.
    pub lease: Option<Lease>,
}

impl App {
    pub fn new(settings: Settings) -> Self {
        Self { settings, io: Io::of_process(), guest: None }
    }

    /// One run for somebody who came in over SSH, with their streams.
    pub fn for_guest(settings: Settings, io: Io, guest: Guest) -> Self {
        Self { settings, io, guest: Some(guest) }
    }

    /// Starts the private server if need be, brings its schema up to date, opens the desk and sits the person down.
    pub async fn open(&self, door: Door) -> Result<Office> {
        let Entered { database, lease } = self.enter().await?;
        let (here, lang) = (self.settings.zone, self.settings.lang.unwrap_or_default());
        let (desk, mut cx) = if let Some(guest) = &self.guest {
            let mut cx = guest.desk.sit_by(&guest.pass, door, here.unwrap_or_default(), lang).await?;
            cx.from = Some(guest.from);
            (guest.desk.clone(), cx)
        } else {
            // Whether the schema is ours comes before who is in it.
            let store = store::connect(&database).await?;
            let login = self.login(&database).await?;
            let desk = Desk::open(store).await?;
            let cx = desk.sit(&login, door, here.unwrap_or_default(), lang).await?;
            (desk, cx)
        };
        if let (None, Some(theirs)) = (here, cx.viewer.me.zone) {
            cx.viewer.zone = theirs;
        }
        Ok(Office { desk, cx, io: self.io.clone(), database, _lease: lease })
    }

    /// A command as this person types it to reach the same workspace: `frontdesk --workspace frontdesk_demo undo 7`.
    pub fn command_line(&self, command: &str) -> String {
        let workspace = &self.settings.workspace;
        let is_told = self.guest.is_some() || matches!(self.settings.server, Server::Shared(_));
        if is_told || workspace == WORKSPACE {
            format!("frontdesk {command}")
        } else {
            format!("frontdesk --workspace {workspace} {command}")
        }
    }

    /// Tells whoever started the program, on standard error.
    pub fn say(&self, sentence: &str) -> std::io::Result<()> {
        writeln!(self.io.err(), "{sentence}")
    }

    /// The desk for many at once, before anybody sits down; it lives as long as what keeps its server running. A shared
    /// server is entered with the service's login, which acts for whoever comes.
    pub async fn open_for_all(&self, connections: u32) -> Result<(Desk, Entered)> {
        let mut entered = self.enter().await?;
        if let Server::Shared(database) = &self.settings.server
            && let Known::As(_) | Known::Nobody = known(database).await.map_err(store::Error::from)?
        {
            return Err(desk::Error::Denied(format!(
                "“{}” is one person's Postgres login, which cannot act for others: name the service's in the url.",
                database.service.get_username()
            ))
            .into());
        }
        entered.database.pool_size = connections;
        Ok((Desk::open(store::connect(&entered.database).await?).await?, entered))
    }

    /// The database of these settings. A private one is started, made and migrated on the way; who makes it is its
    /// first admin. A shared one is migrated only when asked (`frontdesk db migrate`).
    pub async fn enter(&self) -> Result<Entered> {
        if let Some(guest) = &self.guest {
            return Ok(Entered { database: guest.database.clone(), lease: None });
        }
        match &self.settings.server {
            Server::Shared(database) => Ok(Entered { database: (**database).clone(), lease: None }),
            Server::Private => {
                let lease = enter(&Private::new(&self.settings.data_dir)).await?;
                let database = lease.workspace(&self.settings.workspace).await?;
                store::migrate(&database, Some(&os_login())).await?;
                let database = lease.with_own_service(database).await?;
                Ok(Entered { database, lease: Some(lease) })
            }
        }
    }

    /// Who sits down. A shared server knows people by their own Postgres login, and nobody can be another – unless it
    /// has but one login, which is everybody's.
    pub(super) async fn login(&self, database: &Database) -> Result<String> {
        let wanted = self.settings.login.as_deref();
        let as_said = || wanted.map_or_else(os_login, str::to_owned);
        if let Server::Private = self.settings.server {
            return Ok(as_said());
        }
        match (known(database).await.map_err(store::Error::from)?, wanted) {
            (Known::Anybody, _) => Ok(as_said()),
            (Known::As(login), None) => Ok(login),
            (Known::As(login), Some(wanted)) if login == wanted => Ok(login),
            (Known::As(login), Some(_)) => Err(desk::Error::Denied(format!(
                "On a shared server you are who your Postgres login says, {login}: leave --as out."
            ))
            .into()),
            (Known::Nobody, _) => Err(desk::Error::Denied(format!(
                "Nobody's Postgres login is “{}”: an admin adds it with `frontdesk user set login:NAME db_login=…`, or name \
                 yours in the url.",
                database.service.get_username()
            ))
            .into()),
        }
    }
}

/// Enters a private server, and says once where root's lives.
pub(super) async fn enter(private: &Private) -> Result<Lease> {
    let private = private.clone();
    let lease = tokio::task::spawn_blocking(move || private.enter()).await.context("starting the server")??;
    if let Some(notice) = &lease.notice {
        writeln!(std::io::stderr(), "{notice}")?;
    }
    Ok(lease)
}
