//! What is said when records are watched, or no longer: the same beside a list and on a record.

use crate::tui::ui::Ui;

/// What `w` did to these, and what takes it back.
pub(super) fn said(on: bool, what: String, key: String, ui: &Ui) -> String {
    ui.tr(if on { "watch-on" } else { "watch-off" }, &[("what", what.into()), ("key", key.into())])
}
