//! `frontdesk db`: the database by hand.

use std::io::{Write, stdout};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use clap::{Args, Subcommand};

use super::App;
use crate::config::{Database, Server, Settings, os_login};
use crate::desk;
use crate::store;
use crate::store::postgres::{Known, Private, known, person};

#[derive(Debug, Subcommand)]
pub enum DbCommand {
    /// Whether the server runs, and where everything is
    Status,
    /// Start the private server and let it run until `db stop`
    Start,
    /// Stop the private server
    Stop,
    /// Bring the schema up to date (opening the workspace does so too)
    Migrate,
    /// Open psql on the workspace, with your rights; what you change there has a history too
    ///
    /// On a private server `set role none` makes you its owner.
    Psql {
        /// Arguments for psql, after `--`
        #[arg(last = true)]
        args: Vec<String>,
    },
    /// Print the url for other programs
    Url,
}

#[derive(Debug, Args)]
pub struct KeeperArgs {
    #[arg(long)]
    linger_ms: u64,
    #[arg(long)]
    scratch: bool,
}

impl KeeperArgs {
    /// Becomes the keeper; `main` calls it before there are threads.
    pub fn keep(&self, data_dir: Option<&Path>) -> Result<()> {
        let data_dir = data_dir.context("the keeper needs --data-dir")?;
        let linger = Duration::from_millis(self.linger_ms);
        Ok(crate::store::postgres::keep(data_dir, linger, self.scratch)?)
    }
}

pub(super) async fn run(command: DbCommand, app: &App) -> Result<()> {
    let settings = &app.settings;
    match command {
        DbCommand::Status => status(settings),
        DbCommand::Start => start(settings).await,
        DbCommand::Stop => {
            let stopped = private(settings)?.stop()?;
            writeln!(stdout(), "{}", if stopped { "The server has stopped." } else { "No server is running." })?;
            Ok(())
        }
        DbCommand::Migrate => {
            // Entering a private server has done it already.
            let entered = app.enter().await?;
            if let Server::Shared(_) = settings.server {
                let first = settings.login.clone().unwrap_or_else(os_login);
                store::migrate(&entered.database, Some(&first)).await?;
            }
            writeln!(stdout(), "The schema is up to date.")?;
            Ok(())
        }
        DbCommand::Psql { args } => psql(app, &args).await,
        DbCommand::Url => url(settings),
    }
}

/// The private server of these settings; a shared one is not ours to start and stop.
fn private(settings: &Settings) -> Result<Private> {
    match &settings.server {
        Server::Private => Ok(Private::new(&settings.data_dir)),
        Server::Shared(db) => {
            bail!("A shared server is configured ({db:?}), which frontdesk neither starts nor stops.")
        }
    }
}

fn status(settings: &Settings) -> Result<()> {
    let mut out = stdout();
    if let Server::Shared(db) = &settings.server {
        writeln!(out, "server     shared: {db:?}")?;
        return Ok(());
    }
    let status = private(settings)?.status()?;
    match &status.server {
        Some(server) if server.ready => writeln!(out, "server     running, process {}", server.pid)?,
        Some(server) => writeln!(out, "server     starting, process {}", server.pid)?,
        None => writeln!(out, "server     not running; it starts with the first frontdesk")?,
    }
    if let Some(server) = &status.server {
        writeln!(out, "socket     {}", server.socket_dir.display())?;
    }
    match status.major {
        Some(major) => writeln!(out, "version    PostgreSQL {major}")?,
        None => writeln!(out, "version    no cluster yet")?,
    }
    if let Some(keeper) = status.keeper {
        writeln!(out, "keeper     process {keeper}")?;
    }
    if let Some(account) = &status.account {
        writeln!(out, "runs as    {account}")?;
    }
    writeln!(out, "data       {}", status.home.display())?;
    writeln!(out, "log        {}", status.log.display())?;
    Ok(())
}

async fn start(settings: &Settings) -> Result<()> {
    let private = private(settings)?;
    let lease = super::app::enter(&private).await?;
    private.stay()?;
    writeln!(
        stdout(),
        "The server runs until `frontdesk db stop`; its socket is in {}.",
        lease.socket_dir().display()
    )?;
    Ok(())
}

fn url(settings: &Settings) -> Result<()> {
    match &settings.server {
        Server::Shared(_) => bail!("A shared server is configured: its url is the one you have set."),
        Server::Private => {
            let status = private(settings)?.status()?;
            let Some(server) = status.server else {
                bail!("The server is not running: start it with `frontdesk db start`.")
            };
            let dir = in_url(server.socket_dir.as_os_str().as_encoded_bytes());
            writeln!(
                stdout(),
                "postgresql://{}@{dir}/{}",
                crate::config::OWNER,
                in_url(settings.workspace.as_bytes())
            )?;
            Ok(())
        }
    }
}

/// Percent-encoded but for what a url may hold anywhere.
fn in_url(bytes: &[u8]) -> String {
    let encoded = |byte: &u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(*byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    bytes.iter().map(encoded).collect()
}

/// The options of a session that acts for whoever sits down.
async fn acting(app: &App, database: &Database) -> Result<String> {
    let login = app.login(database).await?;
    let found = person(database, &login).await.map_err(store::Error::from)?;
    let (me, role) = found.ok_or_else(|| desk::Error::Denied(format!("Nobody here has the login “{login}”.")))?;
    Ok(format!("-c frontdesk.me={me} -c role={}", role.replace(' ', "\\ ")))
}

async fn psql(app: &App, args: &[String]) -> Result<()> {
    let entered = app.enter().await?;
    let mut psql = match &app.settings.server {
        Server::Private => {
            let mut psql = Command::new(Private::new(&app.settings.data_dir).psql()?);
            let dir = entered.lease.as_ref().context("a private server has a lease")?.socket_dir().to_path_buf();
            psql.args(["--username", crate::config::OWNER, "--port", "5432", "--host"]).arg(dir);
            psql.arg("--dbname").arg(&app.settings.workspace);
            // With the person's own rights, and what is written is known to be theirs.
            psql.env("PGOPTIONS", acting(app, &entered.database).await?);
            psql
        }
        Server::Shared(db) => {
            let mut psql = Command::new("psql");
            let is_everybodys = known(db).await.map_err(store::Error::from)? == Known::Anybody;
            // Who acts is said once for the session, which a pooler would give to others.
            let o = if is_everybodys { db.listener() } else { &db.service };
            if is_everybodys {
                psql.env("PGOPTIONS", acting(app, db).await?);
            }
            let host = o.get_socket().map_or_else(|| o.get_host().to_owned(), |dir| dir.display().to_string());
            psql.args(["--username", o.get_username(), "--port", &o.get_port().to_string(), "--host", &host]);
            psql.args(o.get_database().iter().flat_map(|name| ["--dbname", name]));
            // As strict about the server's certificate as the program itself.
            psql.env("PGSSLMODE", db.ssl_mode());
            let roots = Path::new("/etc/ssl/certs/ca-certificates.crt");
            if db.ssl_mode().starts_with("verify") && std::env::var_os("PGSSLROOTCERT").is_none() && roots.exists() {
                // The program trusts the system's authorities; psql before 16 has to be told where they are.
                psql.env("PGSSLROOTCERT", roots);
            }
            psql.envs(db.libpq.iter().map(|(name, value)| (name, value)));
            psql
        }
    };
    // Not exec: the lease has to live as long as psql does. Ctrl-C is psql's.
    let interrupts = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::interrupt())?;
    let status = tokio::task::block_in_place(|| psql.args(args).status()).context("psql does not start")?;
    drop(interrupts);
    if status.success() { Ok(()) } else { bail!("psql ended with {status}") }
}
