//! Typed settings from arguments, environment and `config.toml`, validated once at start.

use std::fmt;
use std::path::Path;

use sqlx::postgres::PgConnectOptions;

/// How to reach one workspace's database.
#[derive(Clone)]
pub struct Database {
    /// For everything that people do: a login that owns nothing.
    pub service: PgConnectOptions,
    /// For migrations, and for the listener: the schema's owner, never through a statement pooler.
    pub owner: PgConnectOptions,
    /// Connections of the service at most.
    pub pool_size: u32,
}

/// The superuser of a private server; it owns the workspaces' schemas.
pub const OWNER: &str = "frontdesk";

impl Database {
    /// A database of a private server, whose socket folder is the only guard. Nothing of libpq's environment
    /// (`PGHOST`, `~/.pgpass`, …) can redirect it.
    pub fn private(socket_dir: &Path, database: &str, service: &str) -> Self {
        let base = PgConnectOptions::new_without_pgpass().socket(socket_dir).port(5432).database(database).password("");
        Self {
            service: base.clone().username(service).application_name("frontdesk"),
            owner: base.username(OWNER).application_name("frontdesk owner"),
            pool_size: 3,
        }
    }
}

impl fmt::Debug for Database {
    /// Leaves the passwords out.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = |o: &PgConnectOptions| {
            format!("{}@{}:{}/{}", o.get_username(), o.get_host(), o.get_port(), o.get_database().unwrap_or_default())
        };
        f.debug_struct("Database")
            .field("service", &name(&self.service))
            .field("owner", &name(&self.owner))
            .field("pool_size", &self.pool_size)
            .finish()
    }
}
