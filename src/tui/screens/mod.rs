//! Screens and popups. What other screens open is constructed through the functions here.

mod change;
pub mod chooser;
pub mod confirm;
mod draft;
pub mod form;
pub mod help;
pub mod history;
pub mod list;
pub mod menu;
pub mod palette;
pub mod peek;
pub mod picker;
pub mod prompt;
pub mod record;
pub mod tags;

use super::layer::Layer;
use super::ui::Ui;
use crate::domain::kind::KindId;
use crate::domain::record::Record;
use crate::domain::value::Value;

/// A record on its own screen, or as the right pane of a list.
pub fn record(kind: KindId, id: i64, ui: &Ui) -> Option<Box<dyn Layer>> {
    Some(Box::new(record::RecordScreen::new(kind, id, ui)))
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

#[cfg(test)]
mod tests;
