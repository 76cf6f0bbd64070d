//! Changes in words: field by field, before and after, for timelines and histories.

use serde_json::Value as Json;

use crate::domain::change::{self, Change, Deed};
use crate::domain::field::Field;
use crate::tui::ui::Ui;
use crate::tui::{show, text};

/// What a change did to each field: name, before, after; empty values are `—`.
pub(super) fn fields(change: &Change, ui: &Ui) -> Vec<(String, String, String)> {
    let kind = ui.registry.kind(change.kind);
    let words = |field: Option<&Field>, json: &Json| {
        let shown = field.map_or_else(|| plain(json), |f| of_json(f, json, ui));
        if shown.is_empty() { "—".to_owned() } else { shown }
    };
    let one = |f: &crate::domain::change::FieldChange| {
        let field = kind.field(&f.field);
        let name = field.map_or(f.field.as_str(), |f| f.label.get(ui.lang())).to_owned();
        (name, words(field, &f.before), words(field, &f.after))
    };
    change.fields.iter().map(one).collect()
}

/// What was done, as the sentence's verb: created, deleted, restored, undone, changed.
pub(super) fn deed(change: &Change, ui: &Ui) -> String {
    let deleted = change.fields.iter().find(|f| f.field == "deleted");
    match (change.deed, deleted) {
        (Deed::Create, _) => ui.t("change-created"),
        (Deed::Erase, _) => ui.t("change-erased"),
        (_, Some(f)) if f.after.is_null() => ui.t("change-restored"),
        (_, Some(_)) => ui.t("change-deleted"),
        _ if change.action == "undo" => ui.t("change-undone"),
        _ if change.action == "redo" => ui.t("change-redone"),
        _ => ui.t("change-changed"),
    }
}

/// Who, and through which door when it was not this program's screen.
pub(super) fn who(change: &Change, ui: &Ui) -> String {
    use crate::domain::change::Door;
    let by = name(change, ui);
    if change.door == Door::Tui.name() || change.door.is_empty() {
        return by;
    }
    format!("{by} ({})", door(&change.door, ui))
}

/// The person's name, without the door.
pub(super) fn name(change: &Change, ui: &Ui) -> String {
    if change.by.is_empty() { ui.t("somebody") } else { text::inert(&change.by).into_owned() }
}

pub(super) fn door(name: &str, ui: &Ui) -> String {
    match name {
        "tui" => ui.t("door-tui"),
        "cli" => ui.t("door-cli"),
        "psql" => ui.t("door-psql"),
        "import" => ui.t("door-import"),
        "worker" => ui.t("door-worker"),
        other => other.to_owned(),
    }
}

fn of_json(field: &Field, json: &Json, ui: &Ui) -> String {
    change::value(field, json).map_or_else(|| plain(json), |value| show::value(&value, field, ui))
}

fn plain(json: &Json) -> String {
    match json {
        Json::Null => String::new(),
        Json::String(s) => text::inert(s).into_owned(),
        other => text::inert(&other.to_string()).into_owned(),
    }
}
