//! What forms and pickers say, from the catalogue.

use crate::tui::external::Edited;
use crate::tui::ui::Ui;
use crate::tui::widgets::form::Words;
use crate::tui::widgets::form::entry::Context;

pub(super) fn words(ui: &Ui) -> Words {
    Words {
        required: ui.t("form-required"),
        integer: ui.t("form-integer"),
        number: ui.t("form-number"),
        email: ui.t("form-email"),
        phone: ui.t("form-phone"),
        url: ui.t("form-url"),
        when: ui.t("form-when"),
        changed: ui.t("form-changed"),
        yes: ui.t("form-yes"),
        no: ui.t("form-no"),
        hint_when: ui.t("form-hint-when"),
        hint_past: ui.t("form-hint-past"),
        hint_number: ui.t("form-hint-number"),
        hint_flag: ui.t("form-hint-flag"),
        hint_choice: ui.t("form-hint-choice"),
        hint_reference: ui.t("form-hint-reference"),
        hint_tags: ui.t("form-hint-tags"),
        hint_long: ui.t("form-hint-long"),
        pick: ui.t("picker-keys"),
        pick_several: ui.t("picker-keys-several"),
        nothing: ui.t("picker-nothing"),
    }
}

pub(super) fn context(ui: &Ui) -> Context {
    Context { now: ui.now, zone: ui.cx.viewer.zone, lang: ui.lang() }
}

/// The text that came back from the person's editor, or why there is none.
pub(in crate::tui::screens) fn edited(edited: Edited, ui: &Ui) -> Result<String, String> {
    match edited {
        Edited::Text(text) => Ok(text),
        Edited::NoEditor => Err(ui.t("editor-none")),
        Edited::Remote => Err(ui.t("editor-remote")),
        Edited::Failed(reason) => Err(ui.tr("editor-failed", &[("reason", reason.into())])),
    }
}
