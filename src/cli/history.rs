//! `frontdesk history CODE` and `frontdesk undo [OPERATION]`.

use std::io::{self, Write};

use anyhow::Result;
use clap::Args;

use super::output::{self, table};
use super::{App, Usage, cells, record};
use crate::desk;
use crate::domain::change::{Change, Deed, Door};
use crate::domain::kind::Kind;

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
    let registry = office.desk.registry();
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
        let mut out = io::stdout().lock();
        for change in &changes {
            writeln!(out, "{}", serde_json::to_string(change)?)?;
        }
        return Ok(());
    }
    let viewer = &office.cx.viewer;
    let mut rows = table(["Operation", "When", "Who", "Door", "What"].into_iter().map(str::to_owned));
    for change in &changes {
        rows.add_row([
            change.operation.to_string(),
            change.at.with_timezone(&viewer.zone).format("%F %R").to_string(),
            cells::inert(&change.by).into_owned(),
            change.door.clone(),
            what(kind, change, viewer.lang),
        ]);
    }
    output::print(&rows)?;
    Ok(())
}

fn what(kind: &Kind, change: &Change, lang: crate::domain::field::Lang) -> String {
    match change.deed {
        Deed::Create => format!("{} (created)", change.action),
        Deed::Erase => format!("{} (erased)", change.action),
        Deed::Update => {
            let fields = change.fields.iter().map(|f| {
                let label = kind.field(&f.field).map_or(f.field.as_str(), |field| field.label.get(lang));
                format!("{label}: {} → {}", shown(&f.before), shown(&f.after))
            });
            format!("{}: {}", change.action, fields.collect::<Vec<_>>().join("; "))
        }
    }
}

/// A value of history as text: references by their label.
fn shown(value: &serde_json::Value) -> String {
    match value {
        serde_json::Value::Null => "—".into(),
        serde_json::Value::String(text) => cells::one_line(text, 40),
        serde_json::Value::Object(object) => {
            object.get("label").and_then(|l| l.as_str()).map_or_else(|| value.to_string(), |l| cells::one_line(l, 40))
        }
        other => cells::one_line(&other.to_string(), 40),
    }
}

pub(super) async fn undo(args: UndoArgs, app: &App) -> Result<()> {
    let office = app.open(Door::Cli).await?;
    let outcome = office.desk.undo(&office.cx, args.operation).await?;
    record::show_outcome(&outcome, args.json)
}
