//! Screens and popups. What other screens open is constructed through the functions here.

pub mod absent;
pub mod board;
pub mod can;
mod change;
pub mod chooser;
pub mod confirm;
pub mod consent;
pub mod dashboard;
mod draft;
pub mod form;
pub mod help;
pub mod history;
pub mod home;
pub mod import;
pub mod inbox;
pub mod list;
pub mod macros;
pub mod menu;
mod moving;
pub mod notices;
pub mod palette;
pub mod peek;
pub mod people;
pub mod picker;
pub mod plain;
pub mod prompt;
pub mod record;
pub mod roles;
mod rows;
pub mod seats;
pub mod seeing;
pub mod tags;
mod ticket;
mod watch;
pub mod welcome;

use super::layer::{Layer, Root};
use super::ui::Ui;
use crate::domain::kind::{DEAL, KindId};
use crate::domain::record::Record;
use crate::domain::value::Value;

/// What a tab begins with.
pub fn root(root: Root, ui: &Ui) -> Box<dyn Layer> {
    match root {
        Root::Home => Box::new(home::Home::default()),
        Root::Dashboards => Box::new(dashboard::Dashboards::default()),
        Root::Kind(DEAL) => Box::new(board::Board::new(ui)),
        Root::Kind(kind) => Box::new(list::List::new(kind, ui)),
    }
}

/// A record on its own screen, or as the right pane of a list.
pub fn record(kind: KindId, id: i64, ui: &Ui) -> Option<Box<dyn Layer>> {
    Some(Box::new(record::RecordScreen::new(kind, id, ui)))
}

/// The same of a record that is known already: its values are there at once, what is around it is read.
pub fn known_record(record: &Record, ui: &Ui) -> Box<dyn Layer> {
    Box::new(record::RecordScreen::of(record.clone(), ui))
}

/// The box that logs a touch with a record; answers `Reply::Saved`.
pub fn log(kind: KindId, id: i64, ui: &Ui) -> Box<dyn Layer> {
    record::log(kind, id, ui)
}

/// A kind's records with a filter, whatever was there before.
pub fn filtered(kind: KindId, filter: &str, ui: &Ui) -> Box<dyn Layer> {
    match kind {
        DEAL => Box::new(board::Board::filtered(filter, ui)),
        kind => Box::new(list::List::filtered(kind, filter, ui)),
    }
}

/// The records of a filter as a list over what is open; Esc goes back there.
pub fn rows(kind: KindId, filter: &str, ui: &Ui) -> Box<dyn Layer> {
    Box::new(list::List::over(kind, filter, ui))
}

/// The form for a new record with some values given; `None` while the kind cannot be entered by hand.
pub fn form_new(kind: KindId, given: &[(String, Value)], ui: &Ui) -> Option<Box<dyn Layer>> {
    Some(Box::new(form::FormScreen::create(kind, given, ui)))
}

/// The form for an existing record as read.
pub fn form_edit(record: &Record, ui: &Ui) -> Option<Box<dyn Layer>> {
    Some(Box::new(form::FormScreen::edit(record, ui)))
}

/// A search for one record of these kinds; answers `Reply::Picked`.
pub fn picker(kinds: &[KindId], title: String, ui: &Ui) -> Option<Box<dyn Layer>> {
    Some(Box::new(picker::RecordPicker::new(kinds, title, ui)))
}

/// The editor for a reply to a ticket, with a text that was taken back.
pub fn reply(kind: KindId, id: i64, text: Option<&str>) -> Box<dyn Layer> {
    Box::new(record::compose::Compose::reply(kind, id, text))
}

/// The editor for an internal note.
pub fn note(kind: KindId, id: i64) -> Box<dyn Layer> {
    Box::new(record::compose::Compose::note(kind, id))
}

#[cfg(test)]
mod tests;
