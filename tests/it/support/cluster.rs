//! The run's cluster: made by the program's own launcher, without care for crashes, in a temporary folder. This process
//! holds a lease on it; however the process ends, its keeper sees the lease gone, stops the server and removes the
//! folder.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use frontdesk::config::Database;
use frontdesk::store::postgres::{Lease, Private};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};
use tokio::sync::OnceCell;

/// The program under test.
pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_frontdesk");

/// The database that tests' databases are clones of.
pub(super) const TEMPLATE: &str = "frontdesk_test";

/// The same for a server that lets its login make no roles.
pub(super) const MANAGED: &str = "frontdesk_managed";

pub(super) struct Cluster {
    data_dir: PathBuf,
    lease: Lease,
}

impl Cluster {
    /// Started by the first test that asks.
    pub(super) async fn of_run() -> &'static Self {
        static CLUSTER: OnceCell<Cluster> = OnceCell::const_new();
        CLUSTER.get_or_init(Self::start).await
    }

    async fn start() -> Self {
        let data_dir = temporary_folder("frontdesk-test-");
        let private = Private::new(&data_dir).scratch(Path::new(PROGRAM));
        let lease = tokio::task::spawn_blocking(move || private.enter())
            .await
            .expect("no panic on the way")
            .unwrap_or_else(|error| panic!("the tests need a Postgres of their own: {error}"));
        let cluster = Self { data_dir, lease };
        let mut admin = cluster.connect("postgres").await;
        admin.execute(AssertSqlSafe(format!("create database {TEMPLATE}"))).await.expect("the template");
        build_template(&cluster.database(TEMPLATE)).await;
        cluster
    }

    /// The template without roles, made by the first test that asks.
    pub(super) async fn managed(&self) {
        static MADE: OnceCell<()> = OnceCell::const_new();
        MADE.get_or_init(async || {
            let mut admin = self.connect("postgres").await;
            admin.execute(AssertSqlSafe(format!("create role {MANAGED} login"))).await.expect("a login");
            let create = format!("create database {MANAGED} owner {MANAGED}");
            admin.execute(AssertSqlSafe(create)).await.expect("a database of its own");
            build_template(&self.managed_database(MANAGED)).await;
        })
        .await;
    }

    /// A database of the login that may make no roles.
    pub(super) fn managed_database(&self, name: &str) -> Database {
        let mut database = Database::private(self.lease.socket_dir(), name, MANAGED);
        database.owner = database.service.clone();
        database
    }

    /// A database of the cluster; the roles keep the template's name.
    pub(super) fn database(&self, name: &str) -> Database {
        Database::private(self.lease.socket_dir(), name, &format!("{TEMPLATE}_service"))
    }

    /// As the cluster's superuser.
    pub(super) async fn connect(&self, name: &str) -> PgConnection {
        PgConnection::connect_with(&self.database(name).owner).await.expect("the run's cluster lets connections in")
    }

    /// The program with this cluster as its private server.
    pub(super) fn command(&self) -> Command {
        command_at(&self.data_dir)
    }
}

/// The program on that data folder, with nothing of the person's own settings.
pub(crate) fn command_at(data_dir: &Path) -> Command {
    let mut command = Command::new(PROGRAM);
    command.env("FRONTDESK_DATA_DIR", data_dir).env("FRONTDESK_CONFIG_DIR", data_dir.join("config"));
    for name in ["FRONTDESK_DATABASE_URL", "FRONTDESK_WORKSPACE", "FRONTDESK_THEME", "FRONTDESK_LOG"] {
        command.env_remove(name);
    }
    command.env("FRONTDESK_LANG", "en").env("TZ", "UTC");
    command
}

/// Migrates the template and puts the staff in. No connection may stay open: a database in use cannot be cloned.
async fn build_template(database: &Database) {
    frontdesk::store::migrate(database, None).await.expect("the migrations run");
    let mut owner = PgConnection::connect_with(&database.owner).await.expect("the template lets its owner in");
    owner.execute("set frontdesk.owner = 'on'").await.expect("above what holds others");
    owner
        .execute(
            "insert into team (id, name, parent_id) overriding system value values (1, 'Head', null), (2, 'North', 1), (3, 'South', 1);
             insert into staff (id, name, login, role, team_id) values
                 (1, 'Ana', 'ana', 'admin', 1), (2, 'Bo', 'bo', 'sales', 2), (3, 'Cy', 'cy', 'sales', 2), (4, 'Di', 'di', 'sales', 3);
             insert into setting (person, key, value) select id, 'tab', '\"contact\"' from staff;
             insert into setting (person, key, value) select id, 'looks', '{\"welcomed\": true}' from staff;
             select setval(pg_get_serial_sequence('team', 'id'), 3), setval(pg_get_serial_sequence('staff', 'id'), 4)",
        )
        .await
        .expect("the staff moves in");
    owner.close().await.expect("a quiet leave");
}

/// A fresh folder that the server's user can pass through when the tests run as root.
pub(crate) fn temporary_folder(prefix: &str) -> PathBuf {
    let folder = tempfile::Builder::new().prefix(prefix).tempdir().expect("a temporary folder").keep();
    std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o711)).expect("own folder");
    folder
}
