//! `frontdesk history CODE` and `frontdesk undo [OPERATION]`.

use std::io::{self, Write};

use anyhow::Result;
use clap::Args;
use serde_json::Value as Json;

use super::{App, Usage, cells, output, record};
use crate::desk::{self, Undid};
use crate::domain::change::{self, Change, Deed, Door};
use crate::domain::field::{Field, Lang};
use crate::domain::figures::grouped;
use crate::domain::kind::{Kind, Registry};
use crate::domain::viewer::Viewer;

#[derive(Debug, Args)]
pub struct HistoryArgs {
    /// The record's code, such as T1042
    pub code: String,
    /// One JSON object a change
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct UndoArgs {
    /// The operation's number, as `history` and imports tell it; without one, your latest
    pub operation: Option<i64>,
    /// The outcome as one JSON object
    #[arg(long)]
    pub json: bool,
}

pub(super) async fn history(args: HistoryArgs, app: &App) -> Result<()> {
    let office = app.open(Door::Cli).await?;
    let registry = office.desk.registry_for(&office.cx);
    let (kind, id) = registry
        .by_code(&args.code)
        .ok_or_else(|| Usage(format!("“{}” is no record's code; one looks like T1042", args.code)))?;
    let kind = registry.kind(kind);
    if office.desk.read(&office.cx, kind.id, &[id]).await?.is_empty() {
        let gone = format!("There is no {} {} that you may see.", kind.one.en.to_lowercase(), kind.code(id));
        return Err(desk::Error::NotFound(gone).into());
    }
    let changes = office.desk.history(&office.cx, kind.id, id).await?;
    if args.json {
        let mut out = office.io.out();
        for change in &changes {
            writeln!(out, "{}", output::json_line(change)?)?;
        }
        return Ok(());
    }
    let mut out = office.io.out();
    for change in &changes {
        tell(&mut out, kind, change, &office.cx.viewer)?;
    }
    Ok(())
}

/// One change: who did what and when, then a line for each field.
fn tell(out: &mut impl Write, kind: &Kind, change: &Change, viewer: &Viewer) -> io::Result<()> {
    let at = change.at.with_timezone(&viewer.zone).format("%F %R");
    let by = if change.by.is_empty() { "somebody".into() } else { cells::inert(&change.by) };
    writeln!(out, "{at}  {by} {}  ({}, operation {})", deed(change), change.door, change.operation)?;
    for field in change.fields.iter().filter(|f| f.field != "deleted") {
        let declared = kind.field(&field.field);
        let label = declared.map_or(field.field.as_str(), |f| f.label.get(viewer.lang));
        let shown = |json: &Json| shown(declared, json, viewer);
        writeln!(out, "    {}: {} → {}", cells::inert(label), shown(&field.before), shown(&field.after))?;
    }
    Ok(())
}

fn deed(change: &Change) -> &'static str {
    let binned = change.fields.iter().find(|f| f.field == "deleted");
    match (change.deed, binned, change.action.as_str()) {
        (Deed::Create, _, "import") => "imported it",
        (Deed::Create, ..) => "created it",
        (Deed::Erase, ..) => "erased it",
        (_, Some(f), _) if f.after.is_null() => "restored it",
        (_, Some(_), _) => "deleted it",
        (_, _, "undo") => "undid",
        (_, _, "redo") => "redid",
        (_, _, "import") => "changed, by an import",
        _ => "changed",
    }
}

/// A value of history in words, at most 60 characters.
fn shown(field: Option<&Field>, json: &Json, viewer: &Viewer) -> String {
    let words = match (field.and_then(|f| Some((f, change::value(f, json)?))), json) {
        (_, Json::Null) => "—".to_owned(),
        (Some((field, value)), _) => cells::words(field, &value, viewer.lang, viewer.zone),
        (None, Json::String(text)) => text.clone(),
        (None, other) => other.to_string(),
    };
    cells::one_line(&words, 60)
}

pub(super) async fn undo(args: UndoArgs, app: &App) -> Result<()> {
    let office = app.open(Door::Cli).await?;
    let outcome = office.desk.undo(&office.cx, args.operation).await?;
    let undid = outcome.undid.as_deref();
    if args.json {
        let mut said = record::outcome(&outcome);
        if let Some(undid) = undid {
            said["undid"] = in_json(undid);
        }
        writeln!(office.io.out(), "{}", output::json_line(&said)?)?;
    } else {
        let mut out = office.io.out();
        if let Some(undid) = undid {
            writeln!(out, "{}", sentence(undid, &office.desk.registry_for(&office.cx), &office.cx.viewer))?;
        }
        let n = |n: u64| format!("{} {}", grouped(n.into()), if n == 1 { "record" } else { "records" });
        write!(out, "{} back as before", n(outcome.done))?;
        if outcome.unchanged > 0 {
            write!(out, ", {} already so", grouped(outcome.unchanged.into()))?;
        }
        if !outcome.failed.is_empty() {
            write!(out, ", {} not or not wholly", grouped(outcome.failed.len().into()))?;
        }
        writeln!(out)?;
    }
    record::tell_failed(&office.io, &outcome)
}

/// `Undid ana's import of 8,800 deals and 92 others, 2026-11-22 14:03.`
fn sentence(undid: &Undid, registry: &Registry, viewer: &Viewer) -> String {
    let (verb, action) = match undid.action.as_str() {
        "undo" => ("Redid", "undone change"),
        "create" => ("Undid", "creation"),
        "tag" => ("Undid", "tagging"),
        "comment" => ("Undid", "comment"),
        "reply" => ("Undid", "reply"),
        "pull" => ("Undid", "taking"),
        "log" => ("Undid", "activity"),
        "delete" => ("Undid", "deletion"),
        "restore" => ("Undid", "restoring"),
        "import" => ("Undid", "import"),
        "redo" => ("Undid", "redoing"),
        _ => ("Undid", "change"),
    };
    let whose = if undid.by.is_empty() { "somebody's".into() } else { format!("{}'s", undid.by) };
    let what = undid.what(registry, Lang::En);
    let at = undid.at.with_timezone(&viewer.zone).format("%F %R");
    cells::inert(&format!("{verb} {whose} {action} of {what}, {at} (operation {}).", undid.operation)).into_owned()
}

fn in_json(undid: &Undid) -> Json {
    let records: serde_json::Map<String, Json> =
        undid.records.iter().map(|(kind, n)| (kind.0.to_owned(), Json::from(*n))).collect();
    serde_json::json!({
        "operation": undid.operation, "action": undid.action, "by": undid.by, "door": undid.door,
        "at": undid.at.to_rfc3339(), "records": records,
    })
}
