//! Files into records. A file is read twice: first to learn how its columns write dates and numbers and which records its
//! rows name (`survey`), then to write it, batch by batch, as one operation of the person who asked. All of it is one
//! transaction: an import that fails or is a dry run leaves nothing behind.

pub mod columns;
pub mod dates;
mod names;
pub mod numbers;
mod promise;
pub mod read;
mod remedies;
mod report;
mod resolve;
mod row;
mod stages;
mod survey;
pub mod values;
pub mod words;
mod write;

use std::collections::HashMap;
use std::io::{Read, Write};

use csv::StringRecord;
use tokio::sync::mpsc;
use tokio::task::spawn_blocking;

use self::columns::{By, Column, Goes};
use self::names::{Found, Names};
use self::promise::Promises;
use self::read::Table;
pub use self::remedies::Remedies;
use self::report::Warnings;
pub use self::report::{ColumnReport, Offer, Referred, Reject, Report, Warning};
use self::resolve::Resolver;
use self::row::{Made, Maker};
use self::survey::Survey;
use self::write::Writer;
use super::rights;
use super::{Cx, Desk, Error, Result, failed, say};
use crate::domain::field::{Field, FieldType, Lang};
use crate::domain::kind::{DEAL, Kind, KindId, Registry, USER};
use crate::domain::right::{Scope, Verb};
use crate::store::intake::{self, Batch};
use crate::store::{self, OperationSpec, Tx, choose};

/// Rows written in one statement, at most, and the text they may hold together.
const BATCH_ROWS: usize = 5_000;
const BATCH_BYTES: usize = 4 << 20;

/// What to import, and how.
#[derive(Clone, Debug)]
pub struct Options {
    pub kind: KindId,
    /// `COLUMN=FIELD` as typed.
    pub map: Vec<String>,
    /// Fields that tell that a row's record is there already; it is then updated.
    pub matching: Vec<String>,
    /// Makes records that rows name and that are not there.
    pub create_refs: bool,
    /// The pipeline of deals whose row names none; made when there is none of the name.
    pub pipeline: Option<String>,
    /// Does everything and takes it back.
    pub dry_run: bool,
    /// The columns are looked at before they are said to go anywhere: that none is recognised is no error yet.
    pub is_look: bool,
    /// The fingerprint of the file when it was looked at: another content is refused.
    pub looked_at: Option<u64>,
    /// Refused rows that the report lists, at most; the rejects file has all.
    pub refusals: usize,
    /// How the person's door puts right what is refused.
    pub remedies: Remedies,
}

/// How far an import is.
#[derive(Clone, Copy, Debug)]
pub struct Progress {
    pub done: u64,
    pub of: u64,
}

impl Desk {
    /// Imports a file of records of one kind. Rejected rows go to `rejects` as CSV with the file's own columns, the line
    /// and the reason. Errors: `Invalid` with field `map` or `match` for a wrong option, with an empty field for a file
    /// that cannot be read; `Denied`.
    pub async fn import(
        &self,
        cx: &Cx,
        file: impl Read + Send + 'static,
        options: &Options,
        rejects: Option<Box<dyn Write + Send + Sync>>,
        progress: &(dyn Fn(Progress) + Send + Sync),
    ) -> Result<Report> {
        if let Err(error) = self.settle_cut_fields().await {
            tracing::warn!(%error, "fields of an import that was cut off stay for now");
        }
        let registry = self.registry_for(cx);
        rights::may(&cx.viewer, registry.kind(options.kind), Verb::Create)?;
        let kind = registry.kind(options.kind).clone();
        let table = blocking(move || Table::open(file, |cells| columns::recognised(&kind, cells))).await?;
        if options.looked_at.is_some_and(|before| before != table.fingerprint) {
            return Err(invalid("", changed_since(cx.viewer.lang)));
        }
        let columns = assign(&registry, options, &table.header)?;
        match_fields(registry.kind(options.kind), options)?;
        if options.dry_run {
            return self.import_table(cx, table, columns, options, rejects, progress).await;
        }
        let mut added = Vec::new();
        let asked = columns.iter().filter_map(|column| match &column.goes {
            Goes::New(field) => Some(field.clone()),
            _ => None,
        });
        let (done, holder) = match self.try_fields(cx, options.kind, asked.collect(), &mut added).await {
            Ok(holder) => {
                // The fields that were only asked for are there now.
                let done = match assign(&self.registry_for(cx), options, &table.header) {
                    Ok(columns) => self.import_table(cx, table, columns, options, rejects, progress).await,
                    Err(error) => Err(error),
                };
                (done, holder)
            }
            Err(error) => (Err(error), None),
        };
        // What no row filled in, as when all were refused, was added for nothing.
        for field in added {
            if let Err(error) = self.settle_field(cx, options.kind, &field).await {
                tracing::warn!(%error, field, "an empty custom field stays");
            }
        }
        drop(holder);
        done
    }

    async fn import_table(
        &self,
        cx: &Cx,
        table: Table,
        columns: Vec<Column>,
        options: &Options,
        rejects: Option<Box<dyn Write + Send + Sync>>,
        progress: &(dyn Fn(Progress) + Send + Sync),
    ) -> Result<Report> {
        let registry = self.registry_for(cx);
        let kind = registry.kind(options.kind).clone();
        let keys = match_fields(&kind, options)?;
        let (surveyed, cols) = (kind.clone(), columns.clone());
        let (table, survey) = blocking(move || {
            let mut table = table;
            let survey = Survey::of(&mut table, &surveyed, &cols)?;
            Ok((table, survey))
        })
        .await?;
        let mut run = Run {
            cx,
            registry: &registry,
            kind: &kind,
            options,
            report: begin_report(&kind, &table, &columns, &survey, options),
            rejects: rejects.map(|out| Rejects::new(out, &table.header)).transpose()?,
        };
        run.all(self, table, columns, survey, keys, progress).await?;
        Ok(run.report)
    }
}

fn assign(registry: &Registry, options: &Options, header: &[String]) -> Result<Vec<Column>> {
    let kind = registry.kind(options.kind);
    let columns = columns::assign(registry, kind, header, &options.map).map_err(|why| invalid("map", why))?;
    let is_used = |c: &Column| matches!(c.goes, Goes::Field(_) | Goes::New(_) | Goes::Through { .. });
    if options.is_look || columns.iter().any(is_used) {
        return Ok(columns);
    }
    let names: Vec<&str> =
        kind.fields.iter().filter(|f| columns::is_importable(kind, f)).map(|f| f.name.as_str()).collect();
    Err(invalid(
        "",
        format!(
            "no column of the file is recognised (it has {}); {}, FIELD being one of {}",
            header.join(", "),
            options.remedies.map,
            names.join(", ")
        ),
    ))
}

fn match_fields(kind: &Kind, options: &Options) -> Result<Vec<usize>> {
    let place = |name: &String| {
        kind.find_field(name).filter(|f| columns::is_importable(kind, f)).and_then(|f| kind.index(&f.name)).ok_or_else(
            || invalid("match", format!("{} has no field “{name}” to match by", kind.one.en.to_lowercase())),
        )
    };
    options.matching.iter().map(place).collect()
}

fn changed_since(lang: Lang) -> String {
    say(
        lang,
        "The file was changed after it was looked at. Nothing was imported; look at it again first.",
        "文件在查看之后被改过。没有导入任何内容，请先重新查看。",
    )
}

fn invalid(field: &str, reason: String) -> Error {
    Error::Invalid { field: field.into(), reason }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> std::result::Result<T, read::Error> + Send + 'static,
) -> Result<T> {
    let done = spawn_blocking(work).await.map_err(|e| Error::Internal(format!("reading the file broke off: {e}")))?;
    done.map_err(|e| invalid("", e.to_string()))
}

fn begin_report(kind: &Kind, table: &Table, columns: &[Column], survey: &Survey, options: &Options) -> Report {
    let column = |c: &Column| ColumnReport {
        column: c.header.clone(),
        field: match &c.goes {
            Goes::Field(index) => Some(kind.fields[*index].name.clone()),
            Goes::Through { via, field } => Some(format!("{}.{field}", kind.fields[*via].name)),
            Goes::New(field) => Some(field.name.clone()),
            Goes::Unknown | Goes::Ignored => None,
        },
        by: match (c.by, &c.goes) {
            (_, Goes::Ignored) => "ignored",
            (By::Person, _) => "map",
            (By::Name, _) => "name",
            (By::Likeness, _) => "likeness",
            (By::Nothing, _) => "unknown",
        },
    };
    Report {
        kind: kind.id.0.to_owned(),
        rows: survey.rows,
        columns: columns.iter().map(column).collect(),
        offered: survey.offers(columns),
        encoding: table.encoding().to_owned(),
        delimiter: table.delimiter as char,
        header_line: table.header_line,
        fingerprint: table.fingerprint,
        dry_run: options.dry_run,
        ..Report::default()
    }
}

/// The file of rejected rows.
struct Rejects {
    out: csv::Writer<Box<dyn Write + Send + Sync>>,
    width: usize,
}

impl Rejects {
    fn new(out: Box<dyn Write + Send + Sync>, header: &[String]) -> Result<Self> {
        let mut rejects = Self { out: csv::Writer::from_writer(out), width: header.len() };
        rejects.write(header.iter().map(String::as_str), "line", "reason")?;
        Ok(rejects)
    }

    fn write<'a>(&mut self, cells: impl Iterator<Item = &'a str>, line: &'a str, reason: &'a str) -> Result<()> {
        let padded = cells.chain(std::iter::repeat("")).take(self.width);
        self.out
            .write_record(padded.chain([line, reason]))
            .map_err(|e| Error::Internal(format!("cannot write the rejected rows: {e}")))
    }
}

/// What the reading thread hands to the writing one.
#[derive(Default)]
struct Portion {
    made: Vec<Made>,
    refused: Vec<(u64, String, StringRecord)>,
}

/// One import on its way.
struct Run<'a> {
    cx: &'a Cx,
    registry: &'a Registry,
    kind: &'a Kind,
    options: &'a Options,
    report: Report,
    rejects: Option<Rejects>,
}

impl Run<'_> {
    async fn all(
        &mut self,
        desk: &Desk,
        table: Table,
        columns: Vec<Column>,
        mut survey: Survey,
        keys: Vec<usize>,
        progress: &(dyn Fn(Progress) + Send + Sync),
    ) -> Result<()> {
        let lang = self.cx.viewer.lang;
        let lost = |e: store::Error| failed(lang, e);
        let spec = OperationSpec { action: "import", undoes: None, resume: None };
        let mut tx = desk.inner.store.begin(&self.cx.actor(), Some(&spec)).await.map_err(lost)?;
        intake::be_patient(&mut tx).await.map_err(lost)?;
        intake::give_words(&mut tx).await.map_err(lost)?;
        let zone = self.cx.viewer.zone;
        let mut maker = Maker::new(self.kind, columns, &mut survey, keys.clone(), zone, Warnings::default());
        let mut promises = Promises::default();
        self.resolve(&mut tx, &mut maker, &mut promises, &survey).await.map_err(lost)?;
        maker.create_refs.clone_from(&self.options.remedies.create_refs);
        let targets = maker.targets();
        let mut key_places = Vec::new();
        for key in keys {
            let name = &self.kind.fields[key].name;
            let place = targets.iter().position(|t| t.field.name == *name && !t.only_new).ok_or_else(|| {
                invalid("match", format!("no column of the file goes into {name}, so rows cannot be matched by it"))
            })?;
            key_places.push(place);
        }
        // In a dry run a field that is only asked for has no column yet.
        let is_there = |field: &str| self.kind.field(field).is_some();
        let writer = Writer {
            registry: self.registry,
            kind: self.kind,
            keep: targets.iter().map(|t| is_there(&t.field.name)).collect(),
            targets,
            keys: key_places,
            lang,
            hint: &self.options.remedies.matching,
        };
        let (send, mut receive) = mpsc::channel::<Portion>(2);
        let reader = spawn_blocking(move || make_all(table, maker, &send));
        let mut later = Vec::new();
        let mut done = 0;
        while let Some(portion) = receive.recv().await {
            done += (portion.made.len() + portion.refused.len()) as u64;
            let room = report::ROWS.saturating_sub(self.report.sample.len());
            let rows = portion.made.iter().map(|made| &made.row).chain(portion.refused.iter().map(|(.., row)| row));
            self.report.sample.extend(rows.take(room).map(|row| row.iter().map(str::to_owned).collect()));
            for (line, reason, row) in &portion.refused {
                self.reject(*line, reason, row)?;
            }
            let written = writer.write(&mut tx, &mut promises, &portion.made).await.map_err(lost)?;
            self.report.created += written.created;
            self.report.updated += written.updated;
            self.report.unchanged += written.unchanged;
            later.extend(written.later);
            for (at, reason) in &written.refused {
                let made = &portion.made[*at];
                self.reject(made.line, reason, &made.row)?;
            }
            progress(Progress { done, of: self.report.rows });
        }
        let read = reader.await.map_err(|e| Error::Internal(format!("reading the file broke off: {e}")))?;
        let mut maker = read.map_err(|e| invalid("", e.to_string()))?;
        self.refer_later(&mut tx, &mut maker, later).await.map_err(lost)?;
        self.remark_idle(&mut tx, &mut maker).await.map_err(lost)?;
        promises.tell(&mut self.report.references, &mut maker.warnings);
        self.report.warnings = std::mem::take(&mut maker.warnings).into_list();
        if let Some(rejects) = &mut self.rejects {
            rejects.out.flush().map_err(|e| Error::Internal(format!("cannot write the rejected rows: {e}")))?;
        }
        if self.options.dry_run || self.report.created + self.report.updated == 0 {
            return tx.rollback().await.map_err(lost);
        }
        self.report.operation = tx.operation();
        tx.commit().await.map_err(lost)
    }

    fn reject(&mut self, line: u64, reason: &str, row: &StringRecord) -> Result<()> {
        self.report.reject(line, reason, self.options.refusals);
        match &mut self.rejects {
            Some(rejects) => rejects.write(row.iter(), &line.to_string(), reason),
            None => Ok(()),
        }
    }

    /// Finds or promises what the rows name.
    async fn resolve(
        &mut self,
        tx: &mut Tx,
        maker: &mut Maker,
        promises: &mut Promises,
        survey: &Survey,
    ) -> store::Result<()> {
        let me = &self.cx.viewer.me;
        let mine =
            if me.rights.reach(self.kind.id, Verb::Create) == Scope::All { None } else { Some((me.id, me.team)) };
        maker.mine = mine;
        let staff = intake::staff(tx).await?;
        maker.logins = staff.iter().map(|(_, login, _)| login.clone()).collect();
        let mut logins = maker.logins.clone();
        let mut resolver = Resolver {
            registry: self.registry,
            kind: self.kind,
            titles: &survey.titles,
            create: self.options.create_refs,
            mine,
            zone: self.cx.viewer.zone,
            logins: &mut logins,
            warnings: &mut maker.warnings,
            promises,
        };
        let mut references: HashMap<KindId, Referred> = HashMap::new();
        for (kind, names) in &mut maker.names {
            references.insert(*kind, resolver.resolve(tx, *kind, names).await?);
        }
        if self.kind.id == DEAL {
            let chosen = self.options.pipeline.as_deref();
            let (stages, of_pipelines, of_stages) = resolver.stages(tx, &survey.stages, chosen).await?;
            maker.stages = stages;
            references.insert(crate::domain::kind::PIPELINE, of_pipelines);
            references.insert(crate::domain::kind::STAGE, of_stages);
        }
        maker.logins = logins;
        maker.currency = self.usual_currency(tx).await?;
        maker.teams = intake::staff(tx).await?.into_iter().filter_map(|(id, _, team)| Some((id, team?))).collect();
        self.report.references = references.into_iter().map(|(kind, n)| (kind.0.to_owned(), n)).collect();
        Ok(())
    }

    /// The currency that the workspace used last for this kind, else the one of the person's language, as for a record
    /// made by hand.
    async fn usual_currency(&self, tx: &mut Tx) -> store::Result<String> {
        let column = self.kind.fields.iter().find_map(|f| match &f.ty {
            FieldType::Money { currency } => self.kind.field(currency).map(Field::db_column),
            _ => None,
        });
        let Some(column) = column else { return Ok(String::new()) };
        let last = choose::last_currency(tx, self.kind, column).await?;
        Ok(last.unwrap_or_else(|| if self.cx.viewer.lang == Lang::Zh { "CNY".into() } else { "USD".into() }))
    }

    /// Sets the references between the file's own records, now that all have ids.
    async fn refer_later(
        &mut self,
        tx: &mut Tx,
        maker: &mut Maker,
        later: Vec<(i64, usize, String)>,
    ) -> store::Result<()> {
        if later.is_empty() {
            return Ok(());
        }
        let mut names = Names::default();
        for (_, _, name) in &later {
            names.add(name, "", Vec::new);
        }
        let titles = std::collections::HashSet::new();
        let mut logins = maker.logins.clone();
        let mut resolver = Resolver {
            registry: self.registry,
            kind: self.kind,
            titles: &titles,
            create: false,
            mine: None,
            zone: self.cx.viewer.zone,
            logins: &mut logins,
            warnings: &mut maker.warnings,
            promises: &mut Promises::default(),
        };
        resolver.find_only(tx, self.kind.id, &mut names).await?;
        let mut by_field: HashMap<usize, (Vec<i64>, Vec<String>)> = HashMap::new();
        for (id, field, name) in later {
            match names.get(&name, "").map(|n| &n.found) {
                Some(Found::Exactly(to) | Found::Nearly(to, _)) => {
                    let (ids, targets) = by_field.entry(field).or_default();
                    ids.push(id);
                    targets.push(to.to_string());
                }
                found => {
                    let why = match found {
                        Some(Found::Many(n)) => format!("{n} are called “{name}”"),
                        _ => format!("the row of “{name}” was rejected"),
                    };
                    let label = self.kind.fields[field].label.en.to_lowercase();
                    let code = self.kind.code(id);
                    maker.warnings.add(
                        "reference_left_out",
                        &label,
                        || format!("records were written without their {label}"),
                        || format!("{code}: {why}"),
                    );
                }
            }
        }
        for (field, (ids, targets)) in by_field {
            let targets = targets.iter().map(|id| Some(id.as_str())).collect();
            let batch = Batch { fields: vec![&self.kind.fields[field]], columns: vec![targets], words: None };
            intake::update(tx, self.kind, &ids, &batch).await?;
        }
        Ok(())
    }

    /// People made by an earlier import whom no deal names: either they sold nothing, or the file calls them otherwise.
    async fn remark_idle(&mut self, tx: &mut Tx, maker: &mut Maker) -> store::Result<()> {
        if self.kind.id != DEAL || !maker.names.contains_key(&USER) {
            return Ok(());
        }
        let idle = intake::idle_staff(tx).await?;
        for name in idle {
            maker.warnings.add("user_without_deal", "", || "people without access own no deal".into(), || name.clone());
        }
        Ok(())
    }
}

/// Reads all rows and sends them on in portions. Ends early when nobody listens any more.
fn make_all(
    mut table: Table,
    mut maker: Maker,
    send: &mpsc::Sender<Portion>,
) -> std::result::Result<Maker, read::Error> {
    let mut rows = table.rows()?;
    let mut portion = Portion::default();
    let mut bytes = 0;
    while let Some((line, row)) = rows.read()? {
        bytes += row.as_slice().len();
        match maker.make(line, row) {
            Ok(made) => portion.made.push(made),
            Err(reason) => portion.refused.push((line, reason, row.clone())),
        }
        if portion.made.len() + portion.refused.len() >= BATCH_ROWS || bytes >= BATCH_BYTES {
            bytes = 0;
            if send.blocking_send(std::mem::take(&mut portion)).is_err() {
                return Ok(maker);
            }
        }
    }
    // A listener that is gone has its own reason.
    let _ = send.blocking_send(portion);
    Ok(maker)
}

#[cfg(test)]
mod tests;
