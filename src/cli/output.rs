//! Lists on the output: a table for people, JSON lines and CSV for programs.

use std::io::{self, BufWriter, Write};

use clap::Args;
use comfy_table::{CellAlignment, ContentArrangement, Table, presets};

use serde::Serialize;

use super::cells;
use super::io::{Io, Sink};
use crate::domain::field::{Field, FieldType, Lang};
use crate::domain::inert::escaped_json;
use crate::domain::kind::{Kind, Registry};
use crate::domain::record::Record;

/// Longest cell of a table.
const CELL: usize = 60;

/// How a list is written.
#[derive(Clone, Copy, Debug, Default, Args)]
#[group(multiple = false)]
pub struct FormatArgs {
    /// One JSON object a line
    #[arg(long)]
    pub json: bool,
    /// CSV with a header; text that a spreadsheet would take for a formula gets a ' before it. Exact in a file or pipe;
    /// on a terminal control characters are shown, not sent
    #[arg(long)]
    pub csv: bool,
    /// A table (the default)
    #[arg(long)]
    pub table: bool,
}

impl FormatArgs {
    /// True when rows can go out as they come: a table waits for its widths.
    pub(super) fn streams(self) -> bool {
        self.json || self.csv
    }
}

/// One line of JSON, harmless on a terminal too.
pub(super) fn json_line(value: &impl Serialize) -> io::Result<String> {
    Ok(escaped_json(&serde_json::to_string(value)?).into_owned())
}

/// Writes records as they come.
pub(super) struct Lister<'a> {
    registry: &'a Registry,
    kind: &'a Kind,
    fields: Vec<&'a Field>,
    lang: Lang,
    zone: chrono_tz::Tz,
    /// Standard output is a terminal, which would obey what a file only holds.
    is_seen: bool,
    out: Out,
}

enum Out {
    Json(BufWriter<Sink>),
    Csv(Box<csv::Writer<Sink>>),
    Table(Box<Table>, Io),
}

impl<'a> Lister<'a> {
    pub(super) fn new(
        io: &Io,
        registry: &'a Registry,
        kind: &'a Kind,
        fields: Vec<&'a Field>,
        format: FormatArgs,
        viewer: &crate::domain::viewer::Viewer,
    ) -> io::Result<Self> {
        let (lang, zone) = (viewer.lang, viewer.zone);
        let out = if format.json {
            Out::Json(BufWriter::new(io.out()))
        } else if format.csv {
            let mut csv = csv::Writer::from_writer(io.out());
            csv.write_record(std::iter::once("code").chain(fields.iter().map(|f| f.name.as_str()))).map_err(to_io)?;
            Out::Csv(Box::new(csv))
        } else {
            let header = fields.iter().map(|f| cells::inert(f.label.get(lang)).into_owned());
            let mut table = table(io, std::iter::once("#".to_owned()).chain(header));
            for (at, field) in fields.iter().enumerate() {
                let is_number =
                    matches!(field.ty, FieldType::Int | FieldType::Decimal | FieldType::Money { .. } | FieldType::Span);
                if is_number && let Some(column) = table.column_mut(at + 1) {
                    column.set_cell_alignment(CellAlignment::Right);
                }
            }
            Out::Table(Box::new(table), io.clone())
        };
        Ok(Self { registry, kind, fields, lang, zone, is_seen: io.is_seen(), out })
    }

    pub(super) fn write(&mut self, record: &Record) -> io::Result<()> {
        match &mut self.out {
            Out::Json(out) => {
                writeln!(out, "{}", json_line(&cells::json(self.registry, self.kind, &self.fields, record))?)
            }
            Out::Csv(csv) => {
                let code = self.kind.code(record.id);
                let values = self.fields.iter().map(|f| {
                    let cell = cells::csv(f, record.get(self.kind, &f.name));
                    if self.is_seen { cells::inert(&cell).into_owned() } else { cell }
                });
                csv.write_record(std::iter::once(code).chain(values)).map_err(to_io)
            }
            Out::Table(table, _) => {
                let cell = |f: &&Field| cells::one_line(&cells::text(self.kind, f, record, self.lang, self.zone), CELL);
                table.add_row(std::iter::once(self.kind.code(record.id)).chain(self.fields.iter().map(cell)));
                Ok(())
            }
        }
    }

    pub(super) fn finish(self) -> io::Result<()> {
        match self.out {
            Out::Json(mut out) => out.flush(),
            Out::Csv(mut csv) => csv.flush(),
            Out::Table(table, _) if table.row_count() == 0 => Ok(()),
            Out::Table(table, io) => print(&io, &table),
        }
    }
}

/// A table without lines, as wide as the terminal.
pub(super) fn table(io: &Io, header: impl Iterator<Item = String>) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_header(header);
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    if let Some(width) = io.width() {
        table.set_content_arrangement(ContentArrangement::Dynamic).set_width(width);
    }
    table
}

/// Writes a table without blanks at the ends of its lines, and without anything that a terminal would obey.
pub(super) fn print(io: &Io, table: &Table) -> io::Result<()> {
    let mut out = BufWriter::new(io.out());
    for line in table.lines() {
        writeln!(out, "{}", cells::inert(line.trim_end()))?;
    }
    out.flush()
}

/// A csv error as the I/O error it nearly always is, so that a closed pipe is recognised.
pub(super) fn to_io(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}
