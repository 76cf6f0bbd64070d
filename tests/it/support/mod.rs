//! A workspace per test, cloned from one template on one private cluster that lives as long as the run.

#![allow(dead_code, reason = "each test uses its part of what is offered here")]

mod cluster;
mod seat;
mod server;
mod terminal;

use std::process::Output;
use std::sync::atomic::{AtomicU32, Ordering};

use frontdesk::config::Database;
use frontdesk::desk::{Cx, Desk};
use frontdesk::domain::change::Door;
use frontdesk::domain::field::Lang;
use frontdesk::domain::right::Rights;
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};
use tokio::sync::OnceCell;

use self::cluster::Cluster;
pub(crate) use self::cluster::{PROGRAM, command_at, temporary_folder};
pub(crate) use self::seat::{Sitting, key_event};
pub(crate) use self::server::Server;
pub(crate) use self::terminal::Terminal;

/// A fresh database with the staff ana (admin, team Head), bo and cy (sales, team North) and di (sales, team South);
/// North and South are under Head. All of them left on Contacts and have
/// answered the first questions. Dropped with this value.
pub(crate) struct Workspace {
    cluster: &'static Cluster,
    name: String,
    pub(crate) database: Database,
    desk: OnceCell<Desk>,
}

impl Workspace {
    pub(crate) async fn new() -> Self {
        let cluster = Cluster::of_run().await;
        let name = clone_of(cluster, cluster::TEMPLATE, "").await;
        let database = cluster.database(&name);
        Self { cluster, name, database, desk: OnceCell::new() }
    }

    /// The same on a server that lets its only login make no roles.
    pub(crate) async fn managed() -> Self {
        let cluster = Cluster::of_run().await;
        cluster.managed().await;
        let name = clone_of(cluster, cluster::MANAGED, &format!("owner {}", cluster::MANAGED)).await;
        let database = cluster.managed_database(&name);
        Self { cluster, name, database, desk: OnceCell::new() }
    }

    /// The workspace as the program sees it.
    pub(crate) async fn store(&self) -> frontdesk::store::Store {
        frontdesk::store::connect(&self.database).await.expect("a migrated workspace")
    }

    /// The desk, one for all who sit down here.
    pub(crate) async fn desk(&self) -> Desk {
        let open = || async { Desk::open(self.store().await).await.expect("the desk opens") };
        self.desk.get_or_init(open).await.clone()
    }

    /// That person at a terminal in UTC, in English.
    pub(crate) async fn cx(&self, login: &str) -> Cx {
        let sat = self.desk().await.sit(login, Door::Tui, chrono_tz::Tz::UTC, Lang::En).await;
        sat.unwrap_or_else(|error| panic!("{login} sits down: {error}"))
    }

    /// A connection as the owner of the schema, whom no policy holds.
    pub(crate) async fn owner(&self) -> PgConnection {
        let mut owner = connect(&self.database.owner).await;
        owner.execute("set frontdesk.owner = 'on'").await.expect("above what holds others");
        owner
    }

    /// The same on another database of the run's cluster.
    pub(crate) async fn owner_of(&self, name: &str) -> PgConnection {
        connect(&self.database.owner.clone().database(name)).await
    }

    /// A connection logged in as the service, without a role and a person yet.
    pub(crate) async fn service(&self) -> PgConnection {
        connect(&self.database.service).await
    }

    /// The built program on this workspace as that person, not started yet.
    pub(crate) fn command(&self, login: &str, args: &[&str]) -> std::process::Command {
        let mut command = self.cluster.command();
        command.env("FRONTDESK_WORKSPACE", &self.name).args(["--as", login]).args(args);
        command
    }

    /// Runs the built program on this workspace as that person.
    pub(crate) async fn run(&self, login: &str, args: &[&str]) -> Output {
        let mut command = tokio::process::Command::from(self.command(login, args));
        command.kill_on_drop(true).output().await.expect("the program runs")
    }
}

/// What the two first roles may at first.
pub(crate) fn rights(role: &str) -> std::sync::Arc<Rights> {
    std::sync::Arc::new(if role == "admin" { Rights::everything() } else { Rights::of_team() })
}

async fn clone_of(cluster: &Cluster, template: &str, more: &str) -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let name = format!("test_{}", COUNT.fetch_add(1, Ordering::Relaxed));
    let mut admin = cluster.connect("postgres").await;
    let create = format!("create database {name} template {template} {more}");
    admin.execute(AssertSqlSafe(create)).await.expect("a clone of the template");
    name
}

impl Drop for Workspace {
    /// On a thread of its own, since a test's runtime may be on its way out.
    fn drop(&mut self) {
        let drop = format!("drop database if exists {} with (force)", self.name);
        let options = self.cluster.database("postgres").owner;
        let dropped = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(async {
                let mut admin = PgConnection::connect_with(&options).await.map_err(std::io::Error::other)?;
                admin.execute(AssertSqlSafe(drop)).await.map_err(std::io::Error::other)
            })
        });
        if let Ok(Err(error)) = dropped.join() {
            eprintln!("{} stays behind until the end of the run: {error}", self.name);
        }
    }
}

async fn connect(options: &PgConnectOptions) -> PgConnection {
    PgConnection::connect_with(options).await.expect("the run's cluster lets connections in")
}
