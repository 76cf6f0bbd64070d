//! `frontdesk export KIND [QUERY]`: records as CSV that an import reads back, or as JSON lines.

use anyhow::Result;
use clap::Args;

use super::output::{FormatArgs, Lister};
use super::{App, given, record};
use crate::desk::import::columns::is_importable;
use crate::domain::change::Door;

#[derive(Debug, Args)]
pub struct ExportArgs {
    /// What to export: contact, deal, ticket, …
    #[arg(value_parser = super::kind_named)]
    pub kind: crate::domain::kind::KindId,
    /// The query, as in the lists; all records without one
    pub query: Vec<String>,
    /// Fields to write, by name, separated by commas; all that an import can read without this
    #[arg(long, value_delimiter = ',')]
    pub columns: Vec<String>,
    /// JSON lines instead of CSV
    #[arg(long)]
    pub json: bool,
    /// CSV, which is the default
    #[arg(long, conflicts_with = "json")]
    pub csv: bool,
}

pub(super) async fn run(args: ExportArgs, app: &App) -> Result<()> {
    let mut office = app.open(Door::Cli).await?;
    office.cx = office.desk.for_export(&office.cx, args.kind)?;
    let registry = office.desk.registry_for(&office.cx);
    let kind = registry.kind(args.kind);
    let query = given::query(&args.query, &registry, kind, &office.cx)?;
    let fields = if args.columns.is_empty() {
        kind.fields.iter().filter(|f| is_importable(kind, f)).collect()
    } else {
        record::chosen(kind, &args.columns, true)?
    };
    let format = FormatArgs { json: args.json, csv: !args.json, table: false };
    let mut lister = Lister::new(&office.io, &registry, kind, fields, format, &office.cx.viewer)?;
    record::each(&office, kind, &query, u64::MAX, |r| Ok(lister.write(r)?)).await?;
    lister.finish()?;
    Ok(())
}
