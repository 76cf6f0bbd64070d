//! Everything that wakes a seat. Logging its variant explains every redraw.

use crossterm::event::Event;

use super::effect::{Answer, Ask};
use super::own::Fresh;
use super::share::Told;
use crate::desk::News;

#[derive(Debug)]
pub enum Msg {
    /// A key, paste, mouse or resize from the person's terminal.
    Input(Event),
    Answer(Ask, Answer),
    Wake(Ask),
    News(News),
    /// The hub of the server's seats says something, or another seat's screen has changed.
    Share(Told),
    /// The person's own files were read again.
    Own(Box<Fresh>),
    /// The clock shows another minute.
    Minute,
}
