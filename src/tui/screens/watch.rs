//! What is said of watching, and the same for one record that is open.

use crate::tui::ui::Ui;

/// What `w` did to these, and what takes it back.
pub(super) fn said(on: bool, what: String, key: String, ui: &Ui) -> String {
    ui.tr(if on { "watch-on" } else { "watch-off" }, &[("what", what.into()), ("key", key.into())])
}
