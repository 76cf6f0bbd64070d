//! `frontdesk import KIND FILE`: a file into records, and a report of what became of it.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Args;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::{App, Io, Usage, cells, kind_named};
use crate::desk::Error;
use crate::desk::import::{Options, Remedies, Report};
use crate::domain::change::Door;
use crate::domain::kind::KindId;

/// Refused rows that the report lists.
const LISTED: usize = 20;

const NOTES: &str = "\
CSV with , ; | or tabs, plain or gzipped, in any encoding. Columns are recognised by their headers in English and
Chinese. A blank cell leaves a field of an existing record as it is. The whole import is one operation: `frontdesk undo`
takes it back. Records that rows name (a deal's company, product, owner) are looked up by name, mail or external id.

Examples:
  frontdesk import company accounts.csv --match name
  frontdesk import user sales_teams.csv
  frontdesk import deal pipeline.csv --match external_id --dry-run
  frontdesk import ticket tickets.csv.gz --create-refs --map \"Customer Age=+age:int\" --refused refused.csv";

#[derive(Debug, Args)]
#[command(after_help = NOTES)]
pub struct ImportArgs {
    /// What the rows are: contact, company, deal, ticket, …
    #[arg(value_parser = kind_named)]
    pub kind: KindId,
    /// The file; - for standard input
    pub file: PathBuf,
    /// Where a column goes: COLUMN=FIELD, COLUMN=reference.field, COLUMN=+name:type for a new custom field, COLUMN= for
    /// nowhere; COLUMN may be #3
    #[arg(long, value_name = "COLUMN=FIELD")]
    pub map: Vec<String>,
    /// Update the record that has this field's value already, instead of making another
    #[arg(long = "match", value_name = "FIELD", value_delimiter = ',')]
    pub matching: Vec<String>,
    /// Make records that rows name and that are not there
    #[arg(long)]
    pub create_refs: bool,
    /// The pipeline of deals whose rows name none; made if need be
    #[arg(long, value_name = "NAME")]
    pub pipeline: Option<String>,
    /// Do everything and take it back: only the report stays
    #[arg(long)]
    pub dry_run: bool,
    /// Write refused rows here, as CSV with their line and the reason
    #[arg(long, value_name = "FILE", alias = "rejects")]
    pub refused: Option<PathBuf>,
    /// The report as one JSON object
    #[arg(long)]
    pub json: bool,
}

pub(super) async fn run(args: ImportArgs, app: &App) -> Result<()> {
    let file: Box<dyn Read + Send> = if args.file.as_os_str() == "-" {
        Box::new(app.io.input())
    } else {
        let name = args.file.display().to_string();
        Box::new(File::open(&args.file).with_context(|| format!("cannot open {name}"))?)
    };
    let rejects: Option<Box<dyn Write + Send + Sync>> = match &args.refused {
        None => None,
        Some(path) => {
            let name = path.display().to_string();
            Some(Box::new(File::create(path).with_context(|| format!("cannot write {name}"))?))
        }
    };
    let office = app.open(Door::Import).await?;
    let options = Options {
        kind: args.kind,
        map: args.map,
        matching: args.matching,
        create_refs: args.create_refs,
        pipeline: args.pipeline,
        dry_run: args.dry_run,
        is_look: false,
        looked_at: None,
        refusals: LISTED,
        remedies: Remedies::flags(),
    };
    let bar = progress_bar(&app.io, "rows");
    let report = office
        .desk
        .import(&office.cx, file, &options, rejects, &|progress| {
            bar.set_length(progress.of);
            bar.set_position(progress.done);
        })
        .await;
    bar.finish_and_clear();
    let report = report.map_err(|error| match error {
        Error::Invalid { field, reason } if field == "map" || field == "match" => {
            anyhow::Error::from(Usage(format!("--{field}: {reason}")))
        }
        error => error.into(),
    })?;
    if args.json {
        writeln!(app.io.out(), "{}", serde_json::to_string(&report)?)?;
    } else {
        print(app, &report, args.refused.is_some())?;
    }
    if report.rejected > 0 && report.rejected == report.rows {
        anyhow::bail!("every row was rejected");
    }
    Ok(())
}

/// A bar on standard error when that is a terminal, else nothing.
pub(super) fn progress_bar(io: &Io, unit: &str) -> ProgressBar {
    if !io.shows_progress() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(10));
    let template = format!("{{bar:30}} {{pos}} of {{len}} {unit}, {{per_sec}}, {{eta}} left");
    if let Ok(style) = ProgressStyle::with_template(&template) {
        bar.set_style(style);
    }
    bar
}

fn print(app: &App, report: &Report, has_file: bool) -> io::Result<()> {
    let mut out = app.io.out();
    if report.dry_run {
        writeln!(out, "Dry run: nothing was written. It would be:")?;
    }
    writeln!(
        out,
        "{} rows of {}: {} created, {} updated, {} unchanged, {} rejected",
        report.rows, report.kind, report.created, report.updated, report.unchanged, report.rejected
    )?;
    for (kind, referred) in &report.references {
        writeln!(out, "  {kind}: {} found, {} created", referred.matched, referred.created)?;
    }
    writeln!(out, "Columns ({}):", report.encoding)?;
    for column in &report.columns {
        let goes = match (&column.field, column.by) {
            (Some(field), "likeness") => format!("{field} (by likeness)"),
            (Some(field), _) => field.clone(),
            (None, by) => format!("— ({by})"),
        };
        writeln!(out, "  {} → {goes}", cells::one_line(&column.column, 60))?;
    }
    for warning in &report.warnings {
        let samples: Vec<String> = warning.samples.iter().map(|s| cells::one_line(s, 80)).collect();
        let samples = if samples.is_empty() { String::new() } else { format!(" ({})", samples.join("; ")) };
        writeln!(out, "! {} × {}{samples}", warning.count, cells::one_line(&warning.message, 200))?;
    }
    for offer in &report.offered {
        let samples: Vec<String> = offer.samples.iter().map(|s| cells::one_line(s, 20)).collect();
        writeln!(
            out,
            "? “{}” has no field ({} filled: {}); to keep it: {}",
            cells::one_line(&offer.column, 60),
            offer.filled,
            samples.join(", "),
            cells::one_line(&offer.map, 120)
        )?;
    }
    for reject in &report.rejects {
        writeln!(out, "✗ line {}: {}", reject.line, cells::one_line(&reject.reason, 300))?;
    }
    if report.rejected > report.rejects.len() as u64 && !has_file {
        writeln!(out, "✗ … and more; --refused FILE writes all of them")?;
    }
    if let Some(operation) = report.operation {
        writeln!(out, "`{}` takes it back", app.command_line(&format!("undo {operation}")))?;
    }
    Ok(())
}
