//! How one workspace's database is reached: two logins, and TLS for whatever is not this machine.

use std::fmt;
use std::path::Path;
use std::str::FromStr;

use anyhow::{Context, Result, bail};
use sqlx::postgres::{PgConnectOptions, PgSslMode};

/// How to reach one workspace's database.
#[derive(Clone)]
pub struct Database {
    /// For everything that people do: a login that owns nothing.
    pub service: PgConnectOptions,
    /// For migrations, and for the listener: the schema's owner, never through a statement pooler.
    pub owner: PgConnectOptions,
    /// Connections of the service at most.
    pub pool_size: u32,
    /// `service` may lead through a statement pooler, where no session is one's own for longer than a transaction.
    pub pooled: bool,
    /// What the service's url says beside names, as libpq's environment has it: for `psql`.
    pub libpq: Vec<(&'static str, String)>,
}

/// The superuser of a private server; it owns the workspaces' schemas.
pub const OWNER: &str = "frontdesk";

impl Database {
    /// How strictly the server's certificate is checked, as libpq spells it.
    pub fn ssl_mode(&self) -> &'static str {
        match self.service.get_ssl_mode() {
            PgSslMode::Disable => "disable",
            PgSslMode::Allow => "allow",
            PgSslMode::Prefer => "prefer",
            PgSslMode::Require => "require",
            PgSslMode::VerifyCa => "verify-ca",
            PgSslMode::VerifyFull => "verify-full",
        }
    }

    /// Where notices arrive: a session that stays.
    pub fn listener(&self) -> &PgConnectOptions {
        if self.pooled { &self.owner } else { &self.service }
    }

    /// A database of a private server, whose socket folder is the only guard. Nothing of libpq's environment
    /// (`PGHOST`, `~/.pgpass`, …) can redirect it.
    pub fn private(socket_dir: &Path, database: &str, service: &str) -> Self {
        let base = PgConnectOptions::new_without_pgpass()
            .socket(socket_dir)
            .port(5432)
            .database(database)
            .password("")
            .ssl_mode(PgSslMode::Disable);
        Self {
            service: base.clone().username(service).application_name("frontdesk"),
            owner: base.username(OWNER).application_name("frontdesk owner"),
            pool_size: 3,
            pooled: false,
            libpq: Vec::new(),
        }
    }

    /// A server that somebody else runs. `url` may go through a statement pooler, `direct_url` (else `url`) may not.
    /// Hosts other than this machine are asked for TLS with a certificate that holds, unless the url's `sslmode` or
    /// `PGSSLMODE` (`mode_given`) says otherwise.
    pub fn shared(url: &str, direct_url: Option<&str>, mode_given: bool) -> Result<Self> {
        let mut service = options(url, mode_given).context("The database url cannot be used")?;
        let owner = match direct_url {
            Some(direct) => options(direct, mode_given).context("`direct_url` cannot be used")?,
            None => service.clone(),
        };
        let pooled = direct_url.is_some();
        if pooled {
            // A prepared statement would be left behind in a session of the pooler's, which takes no such parameter either.
            service = service.statement_cache_capacity(0).extra_float_digits(None);
        }
        Ok(Self {
            service: service.application_name("frontdesk"),
            owner: owner.application_name("frontdesk owner"),
            pool_size: 3,
            pooled,
            libpq: for_libpq(url),
        })
    }
}

fn options(url: &str, mode_given: bool) -> Result<PgConnectOptions> {
    if !(url.starts_with("postgres://") || url.starts_with("postgresql://")) {
        bail!("it must begin with postgres://, as in postgres://ana@db.example.com/sales");
    }
    // The parser's own error would repeat the url, and with it a password.
    let parsed = PgConnectOptions::from_str(url).map_err(|e| match e {
        sqlx::Error::Configuration(e) => anyhow::anyhow!("{e}"),
        _ => anyhow::anyhow!("it is not a url"),
    })?;
    if parsed.get_database().is_none() {
        bail!("it names no database: postgres://ana@db.example.com/DATABASE");
    }
    let said = mode_given || url.contains("sslmode=") || url.contains("ssl-mode=");
    Ok(if said || is_local(&parsed) { parsed } else { parsed.ssl_mode(PgSslMode::VerifyFull) })
}

/// The url's password and certificates. They reach `psql` by its environment, which others cannot read.
fn for_libpq(url: &str) -> Vec<(&'static str, String)> {
    let mut found = Vec::new();
    let authority = url.split_once("://").map_or("", |(_, rest)| rest.split(['/', '?']).next().unwrap_or_default());
    if let Some((_, password)) = authority.rsplit_once('@').and_then(|(user, _)| user.split_once(':')) {
        found.push(("PGPASSWORD", plain(password)));
    }
    for (key, value) in url.split_once('?').map_or("", |(_, query)| query).split('&').filter_map(|p| p.split_once('='))
    {
        let name = match key {
            "password" => "PGPASSWORD",
            "sslrootcert" | "ssl-root-cert" | "ssl-ca" => "PGSSLROOTCERT",
            "sslcert" | "ssl-cert" => "PGSSLCERT",
            "sslkey" | "ssl-key" => "PGSSLKEY",
            _ => continue,
        };
        found.push((name, plain(value)));
    }
    found
}

/// Percent-encoded text as it was.
fn plain(part: &str) -> String {
    let (mut bytes, mut rest) = (Vec::new(), part.as_bytes());
    while let Some((&byte, after)) = rest.split_first() {
        let code = after.get(..2).and_then(|hex| u8::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok());
        let decoded = code.filter(|_| byte == b'%');
        bytes.push(decoded.unwrap_or(byte));
        rest = if decoded.is_some() { &after[2..] } else { after };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn is_local(options: &PgConnectOptions) -> bool {
    let host = options.get_host();
    options.get_socket().is_some()
        || Path::new(host).is_absolute()
        || host == "localhost"
        || host.trim_matches(['[', ']']).parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// A command line is in the shell's history and in everybody's process list.
pub(super) fn refuse_password(url: &str) -> Result<()> {
    let authority = url.split_once("://").map_or("", |(_, rest)| rest.split(['/', '?']).next().unwrap_or_default());
    let in_user = authority.rsplit_once('@').is_some_and(|(user, _)| user.contains(':'));
    let in_query = url.split_once('?').is_some_and(|(_, query)| query.split('&').any(|p| p.starts_with("password=")));
    if in_user || in_query {
        bail!(
            "A password on the command line can be read by others on this machine: leave it out of the url and put it \
             into the environment (FRONTDESK_DATABASE_URL), config.toml (`url`) or ~/.pgpass."
        );
    }
    Ok(())
}

impl fmt::Debug for Database {
    /// Leaves the passwords out.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = |o: &PgConnectOptions| {
            let host = o.get_socket().map_or_else(|| o.get_host().to_owned(), |dir| dir.display().to_string());
            format!("{}@{host}:{}/{}", o.get_username(), o.get_port(), o.get_database().unwrap_or_default())
        };
        f.debug_struct("Database")
            .field("service", &name(&self.service))
            .field("owner", &name(&self.owner))
            .field("pool_size", &self.pool_size)
            .field("pooled", &self.pooled)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn remote_hosts_get_tls_unless_the_url_says_otherwise() -> Result<()> {
        let mode = |url: &str, given| Database::shared(url, None, given).map(|db| db.service.get_ssl_mode());
        assert!(matches!(mode("postgres://a@db.example.com/x", false)?, PgSslMode::VerifyFull));
        assert!(matches!(mode("postgres://a@10.0.0.7/x", false)?, PgSslMode::VerifyFull));
        assert!(matches!(mode("postgres://a@db.example.com/x?sslmode=require", false)?, PgSslMode::Require));
        for local in ["postgres://a@localhost/x", "postgres://a@127.0.0.1/x", "postgres://a@%2Frun%2Fpg/x"] {
            assert!(matches!(mode(local, false)?, PgSslMode::Prefer), "{local}");
        }
        Ok(())
    }

    #[test]
    fn psql_gets_what_the_url_says() {
        let url = "postgres://ana:p%40ss@db.example.com/x?sslrootcert=/etc/my%20ca.pem&sslmode=verify-full";
        let said = [("PGPASSWORD", "p@ss".to_owned()), ("PGSSLROOTCERT", "/etc/my ca.pem".to_owned())];
        assert_eq!(for_libpq(url), said);
        assert_eq!(for_libpq("postgres://ana@db/x"), []);
    }

    #[test]
    fn a_bad_url_is_explained_without_repeating_it() {
        for (url, word) in [
            ("mysql://a:secret@b/c", "postgres://"),
            ("postgres://a:secret@b", "no database"),
            ("postgres://a:se:cret@b:port/x", ""),
        ] {
            let said = format!("{:#}", Database::shared(url, None, false).expect_err(url));
            assert!(said.contains(word) && !said.contains("secret") && !said.contains("se:cret"), "{said}");
        }
    }
}
