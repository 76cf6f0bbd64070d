//! What can go wrong with the database, told apart by what the caller does about it.

use sqlx::postgres::PgDatabaseError;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("there is no such record")]
    NotFound,
    /// Another transaction was in the way; the same may work when tried again.
    #[error("somebody else is changing the same records; try again")]
    Conflict,
    /// A constraint by its name (`staff_login_key`), or `<table>_<column>_required` for a missing value.
    #[error("the value breaks the rule {0}")]
    Constraint(String),
    /// Row-level security or a missing grant said no.
    #[error("not allowed: {0}")]
    Denied(String),
    /// No connection, or no answer in time.
    #[error("the database cannot be reached or is too slow: {0}")]
    Unavailable(String),
    #[error(
        "the workspace was made by a newer frontdesk (schema {database}, this program knows {program}); update this program"
    )]
    Newer { database: i64, program: i64 },
    #[error("the workspace's database is not up to date; run `frontdesk db migrate`")]
    Older,
    #[error(transparent)]
    Other(Box<dyn std::error::Error + Send + Sync>),
}

/// Tries of what others' transactions get in the way of.
const TRIES: u32 = 5;

pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    pub(crate) fn other(message: impl Into<String>) -> Self {
        Self::Other(message.into().into())
    }

    /// True when others were in the way of what was tried so many times, so that doing the same again may succeed at once.
    pub(crate) fn is_worth_another(&self, tries: u32) -> bool {
        matches!(self, Self::Conflict) && tries < TRIES
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::RowNotFound => Self::NotFound,
            sqlx::Error::Io(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::Tls(_)
            | sqlx::Error::WorkerCrashed => Self::Unavailable(error.to_string()),
            sqlx::Error::Database(database) => {
                match database.try_downcast_ref::<PgDatabaseError>().and_then(from_postgres) {
                    Some(known) => known,
                    None => Self::Other(Box::new(error)),
                }
            }
            _ => Self::Other(Box::new(error)),
        }
    }
}

/// What a prepared statement that is gone, or somebody else's, is a sign of.
pub(super) const POOLED: &str =
    "`url` leads through a pooler that keeps no sessions: set `direct_url` to the server itself beside it";

/// By the SQLSTATE, see Postgres's appendix A.
fn from_postgres(error: &PgDatabaseError) -> Option<Error> {
    let code = error.code();
    Some(match code {
        "23502" => Error::Constraint(format!(
            "{}_{}_required",
            error.table().unwrap_or_default(),
            error.column().unwrap_or_default()
        )),
        "42501" => Error::Denied(error.message().to_owned()),
        "40001" | "40P01" | "55P03" => Error::Conflict,
        "26000" | "42P05" => Error::other(POOLED),
        "08P01" if error.message().contains("unsupported startup parameter") => Error::other(POOLED),
        // Not let in, or no such database: the words say which.
        "28000" | "28P01" | "3D000" => {
            Error::Unavailable(format!("{}; `frontdesk doctor` says what to do", error.message()))
        }
        "57014" => Error::Unavailable(error.message().to_owned()),
        _ if code.starts_with("23") => Error::Constraint(error.constraint().unwrap_or(code).to_owned()),
        // Connection lost, too many connections, shutting down.
        _ if ["08", "53", "57P", "58", "25P03"].iter().any(|class| code.starts_with(class)) => {
            Error::Unavailable(error.message().to_owned())
        }
        _ => return None,
    })
}
