//! Exit codes, and which error means which.

use std::io;

use crate::desk;
use crate::store::{self, postgres};

/// How the program ends; `--help` lists them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    Done = 0,
    Failure = 1,
    Usage = 2,
    NotFound = 3,
    Denied = 4,
    Unavailable = 5,
}

/// Arguments that fit the grammar but not each other, or not the workspace.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Usage(pub String);

impl Exit {
    /// The code of an error; the outermost cause that has a meaning decides.
    pub fn of(error: &anyhow::Error) -> Self {
        for cause in error.chain() {
            if let Some(e) = cause.downcast_ref::<desk::Error>() {
                return match e {
                    desk::Error::Denied(_) => Self::Denied,
                    desk::Error::NotFound(_) => Self::NotFound,
                    desk::Error::Unavailable(_) => Self::Unavailable,
                    desk::Error::Invalid { .. } | desk::Error::Conflict(_) | desk::Error::Internal(_) => Self::Failure,
                };
            }
            if let Some(e) = cause.downcast_ref::<store::Error>() {
                return match e {
                    store::Error::NotFound => Self::NotFound,
                    store::Error::Denied(_) => Self::Denied,
                    store::Error::Unavailable(_) | store::Error::Older | store::Error::Newer { .. } => {
                        Self::Unavailable
                    }
                    store::Error::Conflict | store::Error::Constraint(_) | store::Error::Other(_) => Self::Failure,
                };
            }
            if cause.is::<Usage>() {
                return Self::Usage;
            }
            if cause.is::<postgres::Error>() {
                return Self::Unavailable;
            }
            // `frontdesk … | head`: the reader has what it wanted.
            if cause.downcast_ref::<io::Error>().is_some_and(|e| e.kind() == io::ErrorKind::BrokenPipe) {
                return Self::Done;
            }
        }
        Self::Failure
    }
}

/// What is said of an error, a line each; empty when there is nothing to say. Sentences quote what came from files and
/// records, so no terminal obeys them.
pub fn complaint(error: &anyhow::Error) -> String {
    if Exit::of(error) == Exit::Done {
        return String::new();
    }
    let said = format!("frontdesk: {error:#}");
    said.lines().flat_map(|line| [crate::domain::inert::inert(line), "\n".into()]).collect()
}

#[cfg(test)]
mod tests {
    use anyhow::Context;

    use super::*;

    #[test]
    fn errors_have_codes_through_their_context() {
        let of = |e: anyhow::Error| Exit::of(&e);
        assert_eq!(of(desk::Error::Denied("no".into()).into()), Exit::Denied);
        let wrapped = Err::<(), _>(desk::Error::NotFound("T9".into())).context("reading").expect_err("is one");
        assert_eq!(of(wrapped), Exit::NotFound);
        assert_eq!(of(Usage("either".into()).into()), Exit::Usage);
        assert_eq!(of(anyhow::anyhow!("boom")), Exit::Failure);
        assert_eq!(of(io::Error::from(io::ErrorKind::BrokenPipe).into()), Exit::Done);
    }
}
