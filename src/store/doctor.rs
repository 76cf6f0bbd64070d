//! What may be wrong with a workspace's database, looked at from outside and from inside. Only reads.

use std::time::{Duration, Instant};

use sqlx::postgres::{PgListener, PgRow};
use sqlx::{Connection, PgConnection, PgPool, Row};

use super::connect_as_owner;
use super::error::POOLED;
use super::postgres::OLDEST;
use crate::config::Database;

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub what: &'static str,
    pub state: State,
    /// What was found.
    pub found: String,
    /// What to do; empty when all is well.
    pub advice: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    Fine,
    /// Works, but slower or less safely than it could.
    Worse,
    Broken,
}

impl Finding {
    pub fn fine(what: &'static str, found: impl Into<String>) -> Self {
        Self { what, state: State::Fine, found: found.into(), advice: String::new() }
    }

    pub fn worse(what: &'static str, found: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { what, state: State::Worse, found: found.into(), advice: advice.into() }
    }

    pub fn broken(what: &'static str, found: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { what, state: State::Broken, found: found.into(), advice: advice.into() }
    }
}

/// Looks at everything that can be looked at; what fails to answer is a finding too.
pub async fn examine(database: &Database) -> Vec<Finding> {
    let mut conn = match connect_as_owner(database).await {
        Ok(conn) => conn,
        Err(e) => return vec![Finding::broken("connection", e.to_string(), advice(&e))],
    };
    let mut findings = Vec::new();
    macro_rules! look {
        ($what:literal, $looked:expr) => {
            match $looked {
                Ok(finding) => findings.push(finding),
                Err(e) => findings.push(Finding::broken($what, format!("cannot be looked at: {e}"), advice(&e))),
            }
        };
    }
    look!("server", server(&mut conn).await);
    look!("letters", letters(&mut conn).await);
    look!("extensions", extensions(&mut conn).await);
    let schema = schema(database, &mut conn).await;
    let usable = schema.state == State::Fine;
    findings.push(schema);
    if usable {
        look!("words", words(&mut conn).await);
        look!("roles", roles(&mut conn).await);
        look!("rights", rights(database, &mut conn).await);
        look!("leakproof", leakproof(&mut conn).await);
        look!("feed", feed(database).await);
        look!("size", size(&mut conn).await);
    }
    let _ = conn.close().await;
    findings
}

/// What a failure most likely wants.
fn advice(error: &sqlx::Error) -> String {
    let said = error.to_string();
    let code = error.as_database_error().and_then(sqlx::error::DatabaseError::code);
    let code = code.as_deref();
    match code {
        Some("26000" | "42P05") => return format!("{POOLED}."),
        Some(_) if said.contains("unsupported startup parameter") => return format!("{POOLED}."),
        Some(code) if !code.starts_with("28") && !code.starts_with("3D") => return "See the log.".into(),
        _ => {}
    }
    if matches!(error, sqlx::Error::Tls(_)) || said.contains("certificate") {
        return "The server's certificate is not trusted here: add ?sslrootcert=FILE to the url, or, to encrypt without \
                checking whom you talk to, ?sslmode=require."
            .into();
    }
    if code == Some("3D000") {
        return "Make it (`create database …`, owned by the login), or name another in the url; then `frontdesk db migrate`.".into();
    }
    if code == Some("28P01") || said.contains("password") {
        return "Put the password into config.toml (`url`), FRONTDESK_DATABASE_URL or ~/.pgpass.".into();
    }
    "Check the url, that the server runs, and that it lets this machine in (pg_hba.conf).".into()
}

async fn server(conn: &mut PgConnection) -> sqlx::Result<Finding> {
    let row = sqlx::query("select current_setting('server_version_num')::int, current_setting('server_version')")
        .fetch_one(conn)
        .await?;
    let (number, name): (i32, String) = (row.get(0), row.get(1));
    let found = format!("PostgreSQL {name}");
    Ok(if number >= OLDEST.cast_signed() * 10_000 {
        Finding::fine("server", found)
    } else {
        Finding::broken("server", found, format!("frontdesk needs PostgreSQL {OLDEST} or newer: upgrade the server."))
    })
}

async fn letters(conn: &mut PgConnection) -> sqlx::Result<Finding> {
    let row = sqlx::query(
        "select pg_encoding_to_char(encoding), datctype, lower('ÄŽИ') = 'äžи' from pg_database
         where datname = current_database()",
    )
    .fetch_one(conn)
    .await?;
    let (encoding, ctype, folds): (String, String, bool) = (row.get(0), row.get(1), row.get(2));
    let found = format!("{encoding}, {ctype}");
    Ok(match (encoding.as_str(), folds) {
        ("UTF8", true) => Finding::fine("letters", found),
        ("UTF8", false) => Finding::worse(
            "letters",
            format!("{found}: upper and lower case are told apart only in English"),
            "Searches miss capital letters of other languages: make the database anew with a UTF-8 ctype \
             (create database … template template0 lc_ctype 'C.UTF-8') and move the data with pg_dump.",
        ),
        _ => Finding::broken(
            "letters",
            found,
            "The database must be UTF8: make it anew (create database … template template0 encoding 'UTF8') and move \
             the data with pg_dump.",
        ),
    })
}

/// Search brings its own collation, the best that the server had when the workspace was made.
async fn words(conn: &mut PgConnection) -> sqlx::Result<Finding> {
    let said: String = sqlx::query_scalar("select plain_words('ÄŽИ ß ﬁ')").fetch_one(conn).await?;
    Ok(if said == "äžи ß fi" {
        Finding::fine("words", "search takes upper and lower case of every language for the same")
    } else {
        Finding::worse(
            "words",
            format!("search makes “{said}” of “ÄŽИ ß ﬁ”: it knows the case and letters of English only"),
            "The server had no collation that knows Unicode (C.UTF-8, en_US.UTF-8 or ICU's und-x-icu) when the workspace \
             was made: make it anew on one that has, and move the data with pg_dump --data-only.",
        )
    })
}

async fn extensions(conn: &mut PgConnection) -> sqlx::Result<Finding> {
    let missing: Vec<String> = sqlx::query_scalar(
        "select name from unnest(array['pg_trgm', 'btree_gin']) name where name not in (select extname from pg_extension)",
    )
    .fetch_all(conn)
    .await?;
    Ok(if missing.is_empty() {
        Finding::fine("extensions", "pg_trgm, btree_gin")
    } else {
        let wanted: Vec<_> = missing.iter().map(|name| format!("create extension {name}")).collect();
        Finding::broken(
            "extensions",
            format!("{}: missing", missing.join(", ")),
            format!("Let a superuser run `{}` in this database, then `frontdesk db migrate`.", wanted.join("; ")),
        )
    })
}

async fn schema(database: &Database, conn: &mut PgConnection) -> Finding {
    match super::connect(database).await {
        Ok(store) => {
            store.close().await;
            let latest = "select coalesce(max(version), 0) from _sqlx_migrations where success";
            let version: i64 = sqlx::query_scalar(latest).fetch_one(conn).await.unwrap_or_default();
            Finding::fine("schema", format!("version {version}, this program's"))
        }
        Err(super::Error::Older) => Finding::broken("schema", "older than this program", "Run `frontdesk db migrate`."),
        Err(e @ super::Error::Newer { .. }) => Finding::broken("schema", e.to_string(), "Update this program."),
        Err(e) => Finding::broken(
            "schema",
            format!("the service cannot come in: {e}"),
            "Check the user of `url`, and that it is a member of the workspace's roles (`frontdesk db migrate` grants them).",
        ),
    }
}

async fn roles(conn: &mut PgConnection) -> sqlx::Result<Finding> {
    let missing: Vec<String> =
        sqlx::query_scalar("select pg_role::text from role where to_regrole(quote_ident(pg_role::text)) is null")
            .fetch_all(&mut *conn)
            .await?;
    if !missing.is_empty() {
        return Ok(Finding::broken(
            "roles",
            format!("missing: {}", missing.join(", ")),
            "A dump leaves roles behind: restore them with `pg_dumpall --roles-only`, or make them (nologin) and run \
             `frontdesk db migrate`.",
        ));
    }
    if is_one_login(conn).await? {
        let login: String = sqlx::query_scalar("select service_role()::text").fetch_one(conn).await?;
        return Ok(Finding::worse(
            "roles",
            format!("none: this server lets {login} make no roles, so {login} is everybody's"),
            format!(
                "What is lost: Postgres cannot tell people apart. Row-level security holds whoever the program acts for, \
                 but anybody with this login's password can say with --as, or in psql, that they are somebody else, and \
                 erasing, adding fields and what a role does not see of a record are refused by the program alone; no person can have a Postgres login of their \
                 own. To have it all: let an admin of the server run `alter role {login} createrole`, make a new \
                 database, `frontdesk db migrate` there, and move the data with pg_dump --data-only."
            ),
        ));
    }
    let row = sqlx::query(
        "select s.rolname::text, s.rolsuper or s.rolbypassrls, s.rolinherit,
                (select count(*) from pg_class c where c.relowner = s.oid),
                (select coalesce(string_agg(r.pg_role, ', '), '') from role r
                 where not pg_has_role(s.rolname, r.pg_role, 'member'))
         from pg_roles s where s.rolname = service_role()",
    )
    .fetch_optional(conn)
    .await?;
    let Some(row) = row else {
        return Ok(Finding::broken("roles", "the service's login is missing", "Run `frontdesk db migrate`."));
    };
    let name: String = row.get(0);
    let (above, inherits, owns, not_of): (bool, bool, i64, String) = (row.get(1), row.get(2), row.get(3), row.get(4));
    let mut wrong = Vec::new();
    if above {
        wrong.push(format!("{name} is above row-level security: alter role {name} nosuperuser nobypassrls"));
    }
    if inherits {
        wrong.push(format!("{name} has its roles' rights without taking one: alter role {name} noinherit"));
    }
    if owns > 0 {
        wrong.push(format!("{name} owns {owns} relations: reassign owned by {name} to the schema's owner"));
    }
    if !not_of.is_empty() {
        wrong.push(format!("{name} is not a member of {not_of}: grant {not_of} to {name}"));
    }
    Ok(if wrong.is_empty() {
        Finding::fine("roles", format!("{name}, without rights of its own"))
    } else {
        Finding::broken("roles", "the service's login could do more, or less, than it should", wrong.join("; "))
    })
}

async fn rights(database: &Database, conn: &mut PgConnection) -> sqlx::Result<Finding> {
    let open: Vec<String> = sqlx::query_scalar(
        "select c.relname::text from kind k join pg_class c on c.oid = k.tbl
         where not c.relrowsecurity or not exists (select from pg_policy p where p.polrelid = c.oid) order by 1",
    )
    .fetch_all(&mut *conn)
    .await?;
    if !open.is_empty() {
        return Ok(Finding::broken(
            "rights",
            format!("row-level security is off for {}", open.join(", ")),
            "Somebody switched it off: alter table … enable row level security, and look for missing policies.",
        ));
    }
    let (owns, is_service): (bool, bool) = ask_service(
        database,
        "select pg_has_role(relowner, 'usage'), session_user = service_role() from pg_class where oid = 'contact'::regclass",
    )
    .await?;
    let kinds: i64 = sqlx::query_scalar("select count(*) from kind").fetch_one(&mut *conn).await?;
    if is_one_login(conn).await? {
        let unforced: Vec<String> = sqlx::query_scalar(
            "select c.relname::text from pg_class c where c.relnamespace = 'public'::regnamespace and c.relrowsecurity
               and not c.relforcerowsecurity order by 1",
        )
        .fetch_all(&mut *conn)
        .await?;
        let seen: (bool,) = ask_service(database, "select exists (select from contact)").await?;
        return Ok(if unforced.is_empty() && !seen.0 {
            Finding::fine(
                "rights",
                format!("row-level security is forced on {kinds} kinds, by the acting person's role"),
            )
        } else {
            Finding::broken(
                "rights",
                format!("row-level security does not hold the login everywhere: {}", unforced.join(", ")),
                "`frontdesk db migrate` forces it again.",
            )
        });
    }
    if owns {
        return Ok(Finding::worse(
            "rights",
            "the program connects as the schema's owner, whom no policy holds",
            "Give `url` the service's login, and `direct_url` the owner's.",
        ));
    }
    if !is_service {
        let who = database.service.get_username();
        return Ok(Finding::fine(
            "rights",
            format!("{who} is a person's own login: row-level security is in force on {kinds} kinds"),
        ));
    }
    // The proof of it: without a role the service reads no customer, whatever the catalogue says.
    match ask_service::<(bool,)>(database, "select exists (select from contact)").await {
        Err(sqlx::Error::Database(e)) if e.code().as_deref() == Some("42501") => {
            Ok(Finding::fine("rights", format!("row-level security is in force on {kinds} kinds")))
        }
        Err(e) => Err(e),
        Ok(_) => Ok(Finding::broken(
            "rights",
            "the service reads customers without a person's role",
            "Revoke what was granted to it by hand: revoke all on all tables in schema public from the service's login, \
             then `frontdesk db migrate`.",
        )),
    }
}

async fn is_one_login(conn: &mut PgConnection) -> sqlx::Result<bool> {
    sqlx::query_scalar("select is_one_login()").fetch_one(conn).await
}

/// One row, asked as the service; it may come through a pooler.
async fn ask_service<T>(database: &Database, sql: &'static str) -> sqlx::Result<T>
where
    T: for<'r> sqlx::FromRow<'r, PgRow> + Send + Unpin,
{
    let mut service = PgConnection::connect_with(&database.service).await?;
    let mut tx = service.begin().await?;
    let row = sqlx::query_as(sql).persistent(false).fetch_one(&mut *tx).await;
    drop(tx);
    let _ = service.close().await;
    row
}

async fn leakproof(conn: &mut PgConnection) -> sqlx::Result<Finding> {
    let not: Vec<String> = sqlx::query_scalar(
        "select proname::text from pg_proc where pronamespace = 'pg_catalog'::regnamespace and not proleakproof
           and proname in ('ts_match_vq', 'texticlike', 'textlike', 'arraycontains', 'arrayoverlap', 'numeric_ge')
         order by 1",
    )
    .fetch_all(&mut *conn)
    .await?;
    let who = if is_one_login(conn).await? { "everybody" } else { "people who see only a part of the records" };
    Ok(if not.is_empty() {
        Finding::fine("leakproof", "searches of every role use their indexes")
    } else {
        Finding::worse(
            "leakproof",
            format!("not marked: {}", not.join(", ")),
            format!(
                "What is lost: searches of {who} cannot use their indexes under row-level security and are slow on big \
                 tables. `frontdesk db migrate` marks them when the login of `direct_url` (else `url`) is a superuser's."
            ),
        )
    })
}

async fn feed(database: &Database) -> sqlx::Result<Finding> {
    let _: (i64,) = ask_service(database, "select count(*) from feed(pg_current_snapshot(), 1)").await?;
    // A statement pooler in between takes `listen` and then says nothing.
    let pool = PgPool::connect_lazy_with(database.listener().clone());
    let mut listener = PgListener::connect_with(&pool).await?;
    listener.listen("frontdesk_doctor").await?;
    let sent = Instant::now();
    sqlx::raw_sql("select pg_notify('frontdesk_doctor', '')").execute(&pool).await?;
    let heard = tokio::time::timeout(Duration::from_secs(3), listener.recv()).await;
    drop(listener);
    pool.close().await;
    Ok(match heard {
        Ok(Ok(_)) => Finding::fine("feed", format!("a notice came back in {} ms", sent.elapsed().as_millis().max(1))),
        _ => Finding::broken(
            "feed",
            "no notice came back: others' changes show only every twenty seconds",
            "`url` leads through a pooler that keeps no sessions: set `direct_url` to the server itself.",
        ),
    })
}

async fn size(conn: &mut PgConnection) -> sqlx::Result<Finding> {
    let size: String =
        sqlx::query_scalar("select pg_size_pretty(pg_database_size(current_database()))").fetch_one(conn).await?;
    Ok(Finding::fine("size", size))
}
