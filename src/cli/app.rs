//! What every subcommand is given: the settings, and the way to the desk.

use std::io::Write;

use anyhow::Result;

use crate::config::{Database, Server, Settings};
use crate::desk::{Cx, Desk};
use crate::domain::change::Door;
use crate::store::postgres::{Lease, Private};

/// One run of the program.
#[derive(Debug)]
pub struct App {
    pub settings: Settings,
}

/// The desk with a person sitting at it. On a private server it also keeps the server running while it lives.
pub struct Office {
    pub desk: Desk,
    pub cx: Cx,
    _lease: Option<Lease>,
}

/// A database that answers and whose schema is up to date.
pub(super) struct Entered {
    pub database: Database,
    /// On a private server.
    pub lease: Option<Lease>,
}

impl App {
    pub fn new(settings: Settings) -> Self {
        Self { settings }
    }

    /// Starts the private server if need be, brings the schema up to date, opens the desk and sits the person down.
    pub async fn open(&self, _door: Door) -> Result<Office> {
        self.enter().await?;
        anyhow::bail!("the database part is not connected yet")
    }

    /// The database of these settings, started and up to date.
    pub(super) async fn enter(&self) -> Result<Entered> {
        match &self.settings.server {
            Server::Shared(database) => Ok(Entered { database: (**database).clone(), lease: None }),
            Server::Private => {
                let lease = enter(&Private::new(&self.settings.data_dir)).await?;
                Ok(Entered { database: lease.database(&self.settings.workspace), lease: Some(lease) })
            }
        }
    }
}

/// Enters a private server, and says once where root's lives.
pub(super) async fn enter(private: &Private) -> Result<Lease> {
    let private = private.clone();
    let lease = tokio::task::spawn_blocking(move || private.enter()).await??;
    if let Some(notice) = &lease.notice {
        writeln!(std::io::stderr(), "{notice}")?;
    }
    Ok(lease)
}
