//! What every subcommand is given: the settings, and the way to the desk.

use anyhow::Result;

use crate::config::Settings;
use crate::desk::{Cx, Desk};
use crate::domain::change::Door;

/// One run of the program.
#[derive(Debug)]
pub struct App {
    pub settings: Settings,
}

/// The desk with a person sitting at it. On a private server it also keeps the server running while it lives.
pub struct Office {
    pub desk: Desk,
    pub cx: Cx,
}

impl App {
    pub fn new(settings: Settings) -> Self {
        Self { settings }
    }

    /// Starts the private server if need be, brings the schema up to date, opens the desk and sits the person down.
    pub async fn open(&self, _door: Door) -> Result<Office> {
        anyhow::bail!("the database part is not connected yet")
    }
}
