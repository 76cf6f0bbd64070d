//! What customers write in about and what the team answers: one script per story, in the customer's language.
//!
//! `{first}` the customer's name as one greets them, `{agent}` the answering colleague, `{company}`, `{product}` a
//! machine, `{order}` an order number, `{serial}` a serial number, `{n}` a small number.

mod chinese;
mod english;
mod european;

use super::words::Region;

/// Who speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Who {
    In,
    Out,
    Note,
}

/// One story.
pub(super) struct Script {
    pub(super) subject: &'static str,
    /// Codes of the ticket kind's `type`, and the free `category`.
    pub(super) sort: &'static str,
    pub(super) category: &'static str,
    pub(super) priority: &'static str,
    pub(super) turns: &'static [(Who, &'static str)],
    /// How it ended, for a solved one.
    pub(super) resolution: &'static str,
}

/// The stories that a customer of a region may write in with.
pub(super) fn scripts(region: Region) -> &'static [Script] {
    match region {
        Region::China => chinese::SCRIPTS,
        Region::Germany => european::GERMAN,
        Region::France => european::FRENCH,
        Region::Spain => european::SPANISH,
        Region::States | Region::Britain | Region::Canada => english::SCRIPTS,
    }
}

/// English ones, which customers from everywhere but China also use.
pub(super) fn english() -> &'static [Script] {
    english::SCRIPTS
}
