//! Screens and popups. What other screens open is constructed through the functions here.

pub mod chooser;
pub mod confirm;
pub mod help;
pub mod list;
pub mod menu;
pub mod palette;
pub mod peek;
pub mod prompt;

use super::layer::Layer;
use super::ui::Ui;
use crate::domain::kind::KindId;
use crate::domain::record::Record;
use crate::domain::value::Value;

/// A record on its own screen, or as the right pane of a list.
pub fn record(_kind: KindId, _id: i64, _ui: &Ui) -> Option<Box<dyn Layer>> {
    None
}

/// The form for a new record with some values given; `None` while the kind cannot be entered by hand.
pub fn form_new(_kind: KindId, _given: Vec<(String, Value)>, _ui: &Ui) -> Option<Box<dyn Layer>> {
    None
}

/// The form for an existing record as read.
pub fn form_edit(_record: &Record, _ui: &Ui) -> Option<Box<dyn Layer>> {
    None
}

/// A search for one record of these kinds; answers `Reply::Picked`.
pub fn picker(_kinds: &[KindId], _title: String, _ui: &Ui) -> Option<Box<dyn Layer>> {
    None
}
