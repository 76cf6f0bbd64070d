//! The private Postgres: found, made, started and kept by the program itself.

/// Why there is no private server, in a sentence that says what to do.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Error(pub(crate) String);
