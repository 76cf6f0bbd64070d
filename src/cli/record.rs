//! `frontdesk KIND list|count|show|new|set|delete`: the same grammar for every kind of the registry.

use std::io::Write;

use anyhow::Result;
use clap::{ArgMatches, Args, FromArgMatches, Subcommand};

use super::given::{self, Given};
use super::key::{self, KeyCommand};
use super::output::{FormatArgs, Lister, json_line};
use super::staff::{self, StaffCommand};
use super::{App, Io, Office, Usage, cells};
use crate::desk::{self, From, Outcome, Preview};
use crate::domain::action::{Action, Edit, Targets};
use crate::domain::change::Door;
use crate::domain::field::Field;
use crate::domain::kind::{Kind, KindId, MACRO, Registry, USER};
use crate::domain::query::Query;
use crate::domain::record::Record;
use crate::domain::value::Value;

/// Records read at a time, and how many before it is known how long they are.
const PAGE: u32 = 500;
const FIRST_PAGE: u32 = 50;

/// Bytes of text in a page, about: notes may be long.
const PAGE_BYTES: usize = 2 << 20;
/// Rows of a table unless --limit says otherwise; a table waits for its widths, so it must not be endless.
const TABLE_ROWS: u64 = 100;

/// A kind and what to do with its records. Built from the registry, so a new kind has these commands too.
#[derive(Debug)]
pub struct RecordCommand {
    pub kind: KindId,
    pub verb: Verb,
}

#[derive(Debug, Subcommand)]
pub enum Verb {
    /// List records that match
    #[command(visible_alias = "ls")]
    List(ListArgs),
    /// Count records that match: a bare number
    Count(QueryArgs),
    /// Show one record, all fields
    Show(ShowArgs),
    /// Make a record
    #[command(visible_alias = "add")]
    New(NewArgs),
    /// Set fields of the record with that code, or of all that match
    Set(SetArgs),
    /// Run a macro on the record with that code, or on all that match
    Run(RunArgs),
    /// Move records to the recycle bin
    Delete(DeleteArgs),
    /// Of users only.
    #[command(skip)]
    Key(KeyCommand),
    /// Of users only.
    #[command(skip)]
    Staff(StaffCommand),
}

#[derive(Debug, Args)]
pub struct QueryArgs {
    /// The query, as in the lists: status:open -tag:vip "two words" sort:-created
    pub query: Vec<String>,
}

#[derive(Debug, Args)]
pub struct ListArgs {
    #[command(flatten)]
    pub query: QueryArgs,
    /// Fields to list, by name, separated by commas; `all` for every field
    #[arg(long, value_delimiter = ',')]
    pub columns: Vec<String>,
    /// At most so many (0: all; a table stops at 100 by itself)
    #[arg(long)]
    pub limit: Option<u64>,
    #[command(flatten)]
    pub format: FormatArgs,
}

#[derive(Debug, Args)]
pub struct ShowArgs {
    /// The record's code or number, such as T1042; or a query that one record matches
    #[arg(required = true)]
    pub record: Vec<String>,
    /// As one JSON object
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct NewArgs {
    /// Fields as field=value; a user may also be given as LOGIN NAME
    #[arg(required = true)]
    pub fields: Vec<String>,
    /// As one JSON object
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct SetArgs {
    /// A code, a user's login or a query, then field=value, tags+=word, tags-=word
    #[arg(required = true)]
    pub words: Vec<String>,
    #[command(flatten)]
    pub sure: Sure,
}

#[derive(Debug, Args)]
pub struct DeleteArgs {
    /// A code or a query
    #[arg(required = true)]
    pub query: Vec<String>,
    #[command(flatten)]
    pub sure: Sure,
}

#[derive(Debug, Args)]
pub struct RunArgs {
    /// The macro's name, or its code
    #[arg(value_name = "MACRO")]
    pub name: String,
    /// A code or a query
    #[arg(required = true)]
    pub query: Vec<String>,
    #[command(flatten)]
    pub sure: Sure,
}

#[derive(Debug, Args)]
pub struct Sure {
    /// Do it without asking when more than one record matches
    #[arg(long, short)]
    pub yes: bool,
    /// Only show what would change
    #[arg(long, conflicts_with = "yes")]
    pub dry_run: bool,
    /// The outcome as one JSON object
    #[arg(long)]
    pub json: bool,
}

impl FromArgMatches for RecordCommand {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let missing = || clap::Error::new(clap::error::ErrorKind::MissingSubcommand);
        let (name, rest) = matches.subcommand().ok_or_else(missing)?;
        let registry = Registry::builtin();
        let kind = registry.kinds().iter().find(|k| k.id.0 == name).ok_or_else(missing)?;
        let verb = match rest.subcommand() {
            Some(("key", keys)) if kind.id == USER => Verb::Key(KeyCommand::from_arg_matches(keys)?),
            Some((name, _)) if kind.id == USER && StaffCommand::has_subcommand(name) => {
                Verb::Staff(StaffCommand::from_arg_matches(rest)?)
            }
            _ => Verb::from_arg_matches(rest)?,
        };
        Ok(Self { kind: kind.id, verb })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

impl Subcommand for RecordCommand {
    fn augment_subcommands(mut command: clap::Command) -> clap::Command {
        for kind in Registry::builtin().kinds() {
            let about = format!("{}: list, count, show, new, set, delete", kind.many.en);
            let of_kind = clap::Command::new(kind.id.0)
                .about(about)
                .subcommand_required(true)
                .arg_required_else_help(true)
                .after_help(fields_help(kind));
            let mut of_kind = Verb::augment_subcommands(of_kind);
            if kind.id == USER {
                of_kind = StaffCommand::augment_subcommands(of_kind.subcommand(key::command()));
            }
            command = command.subcommand(of_kind);
        }
        command
    }

    fn augment_subcommands_for_update(command: clap::Command) -> clap::Command {
        Self::augment_subcommands(command)
    }

    fn has_subcommand(name: &str) -> bool {
        Registry::builtin().kinds().iter().any(|k| k.id.0 == name)
    }
}

fn fields_help(kind: &Kind) -> String {
    let names: Vec<&str> = kind.fields.iter().map(|f| f.name.as_str()).collect();
    format!("Fields: {}", names.join(", "))
}

pub(super) async fn run(command: RecordCommand, app: &App) -> Result<()> {
    let office = app.open(Door::Cli).await?;
    let registry = office.desk.registry_for(&office.cx);
    let kind = registry.kind(command.kind);
    match command.verb {
        Verb::Key(command) => key::run(command, &office).await,
        Verb::Staff(command) => staff::run(command, app, &office, &registry).await,
        Verb::List(args) => list(&office, &registry, kind, &args).await,
        Verb::Count(args) => count(&office, &registry, kind, &args).await,
        Verb::Show(args) => show(&office, &registry, kind, &args).await,
        Verb::New(args) => new(&office, &registry, kind, &args).await,
        Verb::Set(args) => set(&office, &registry, kind, &args).await,
        Verb::Run(args) => {
            let action = recorded(&office, &registry, kind, &args.name).await?;
            let targets = targets(&office, &registry, kind, &args.query).await?;
            act(&office, &registry, kind, targets, &[action], &args.sure).await
        }
        Verb::Delete(args) => {
            let targets = targets(&office, &registry, kind, &args.query).await?;
            act(&office, &registry, kind, targets, &[Action::Delete], &args.sure).await
        }
    }
}

/// The fields that `--columns` names, or the kind's default ones; programs get all by default.
pub(super) fn chosen<'a>(kind: &'a Kind, columns: &[String], all: bool) -> Result<Vec<&'a Field>> {
    if columns.is_empty() && !all {
        return Ok(kind.default_columns());
    }
    if columns.is_empty() || columns == ["all"] {
        return Ok(kind.fields.iter().collect());
    }
    let names = columns.iter().map(|c| c.trim()).filter(|c| !c.is_empty() && *c != "code" && *c != "id");
    names
        .map(|name| {
            kind.find_field(name).ok_or_else(|| {
                let names: Vec<&str> = kind.fields.iter().map(|f| f.name.as_str()).collect();
                Usage(format!("{} has no field “{name}”; it has {}", kind.one.en.to_lowercase(), names.join(", ")))
                    .into()
            })
        })
        .collect()
}

async fn list(office: &Office, registry: &Registry, kind: &Kind, args: &ListArgs) -> Result<()> {
    let query = given::query(&args.query.query, registry, kind, &office.cx)?;
    let fields = chosen(kind, &args.columns, args.format.streams())?;
    let limit = match args.limit {
        Some(0) => u64::MAX,
        Some(n) => n,
        None if args.format.streams() => u64::MAX,
        None => TABLE_ROWS,
    };
    let mut lister = Lister::new(&office.io, registry, kind, fields, args.format, &office.cx.viewer)?;
    let more = each(office, kind, &query, limit, |record| Ok(lister.write(record)?)).await?;
    lister.finish()?;
    if more && args.limit.is_none() {
        writeln!(office.io.err(), "… and more: --limit N shows N of them, --limit 0 all")?;
    }
    Ok(())
}

/// Hands every record that matches to `take`, page by page, at most `limit`; true when there are more.
pub(super) async fn each(
    office: &Office,
    kind: &Kind,
    query: &Query,
    limit: u64,
    mut take: impl FnMut(&Record) -> Result<()>,
) -> Result<bool> {
    let mut from = From::Start;
    let mut left = limit;
    let mut room = FIRST_PAGE;
    loop {
        if left == 0 {
            return Ok(true);
        }
        let size = u32::try_from(left).unwrap_or(room).min(room);
        let page = office.desk.page(&office.cx, kind.id, query, &from, size).await?;
        for record in &page.records {
            take(record)?;
        }
        left = left.saturating_sub(page.records.len() as u64);
        let long = page.records.iter().map(text_bytes).sum::<usize>() / page.records.len().max(1);
        room = u32::try_from(PAGE_BYTES / long.max(1)).unwrap_or(PAGE).clamp(1, PAGE);
        match page.records.into_iter().next_back() {
            Some(last) if page.more => from = From::After(last),
            _ => return Ok(false),
        }
    }
}

fn text_bytes(record: &Record) -> usize {
    record.values.iter().map(|value| if let Value::Text(text) = value { text.len() } else { 0 }).sum()
}

async fn count(office: &Office, registry: &Registry, kind: &Kind, args: &QueryArgs) -> Result<()> {
    let query = given::query(&args.query, registry, kind, &office.cx)?;
    // Through this door the desk counts to the end.
    let count = office.desk.count(&office.cx, kind.id, &query).await?;
    writeln!(office.io.out(), "{}", count.n)?;
    Ok(())
}

async fn show(office: &Office, registry: &Registry, kind: &Kind, args: &ShowArgs) -> Result<()> {
    let record = one(office, registry, kind, &args.record).await?;
    print_one(office, registry, kind, &record, args.json)
}

/// The record that a code names, or the only one that a query finds.
pub(super) async fn one(office: &Office, registry: &Registry, kind: &Kind, words: &[String]) -> Result<Record> {
    let said = given::joined(words);
    let gone =
        || desk::Error::NotFound(format!("There is no {} “{said}” that you may see.", kind.one.en.to_lowercase()));
    if let [word] = words
        && let Some(id) = given::code(registry, kind, word)
    {
        return Ok(office.desk.read(&office.cx, kind.id, &[id]).await?.into_iter().next().ok_or_else(gone)?);
    }
    if let Some(person) = person(office, registry, kind, words).await? {
        return Ok(person);
    }
    let query = given::query(words, registry, kind, &office.cx)?;
    let mut page = office.desk.page(&office.cx, kind.id, &query, &From::Start, 2).await?;
    if page.records.len() > 1 {
        return Err(
            Usage(format!("more than one {} matches “{said}”; give its code", kind.one.en.to_lowercase())).into()
        );
    }
    Ok(page.records.pop().ok_or_else(gone)?)
}

/// The user whose login the only word is.
async fn person(office: &Office, registry: &Registry, kind: &Kind, words: &[String]) -> Result<Option<Record>> {
    match words {
        [login] if kind.id == USER => given::by_login(&office.desk, &office.cx, registry, login).await,
        _ => Ok(None),
    }
}

fn print_one(office: &Office, registry: &Registry, kind: &Kind, record: &Record, as_json: bool) -> Result<()> {
    let fields: Vec<&Field> = kind.fields.iter().collect();
    let mut out = office.io.out();
    if as_json {
        writeln!(out, "{}", json_line(&cells::json(registry, kind, &fields, record))?)?;
        return Ok(());
    }
    let viewer = &office.cx.viewer;
    writeln!(out, "{} {}", kind.code(record.id), cells::one_line(record.title(kind), 200))?;
    for field in fields {
        if record.get(kind, &field.name).is_none() {
            continue;
        }
        let text = cells::text(kind, field, record, viewer.lang, viewer.zone);
        let mut lines = text.lines();
        let label = field.label.get(viewer.lang);
        writeln!(out, "{}: {}", cells::inert(label), cells::inert(lines.next().unwrap_or_default()))?;
        for line in lines {
            writeln!(out, "  {}", cells::inert(line))?;
        }
    }
    Ok(())
}

async fn new(office: &Office, registry: &Registry, kind: &Kind, args: &NewArgs) -> Result<()> {
    let mut values: Vec<(String, Value)> = Vec::new();
    let mut bare = Vec::new();
    for word in &args.fields {
        if !given::is_assignment(word) {
            bare.push(word.clone());
            continue;
        }
        match given::assignment(office, registry, kind, word).await? {
            Given::Set(field, value) => values.push((field, value)),
            Given::Priced(field, amount, currency, code) => {
                values.push((field, amount));
                values.push((currency, Value::text(code)));
            }
            Given::AddTags(tags) => values.push(("tags".into(), Value::Tags(tags))),
            Given::RemoveTags(_) => return Err(Usage("a new record has no tags to take away".into()).into()),
        }
    }
    match bare.as_slice() {
        [] => {}
        [login] if kind.id == USER => {
            values.push(("login".into(), Value::text(login.as_str())));
            if !values.iter().any(|(field, _)| field == "name") {
                values.push(("name".into(), Value::text(login.as_str())));
            }
        }
        [login, name @ ..] if kind.id == USER => {
            values.push(("login".into(), Value::text(login.as_str())));
            values.push(("name".into(), Value::text(name.join(" "))));
        }
        words => return Err(Usage(format!("“{}” is no field=value", words.join(" "))).into()),
    }
    let action = Action::Create { kind: kind.id, values };
    let outcome = office.desk.perform(&office.cx, &Targets::None, &action, &|_| {}).await?;
    let made: Vec<i64> = outcome.records.iter().filter(|(of, _)| *of == kind.id).map(|(_, id)| *id).collect();
    let records = office.desk.read(&office.cx, kind.id, &made).await?;
    if args.json {
        let fields: Vec<&Field> = kind.fields.iter().collect();
        for record in &records {
            writeln!(office.io.out(), "{}", json_line(&cells::json(registry, kind, &fields, record))?)?;
        }
    } else {
        for record in &records {
            writeln!(office.io.out(), "{} {}", kind.code(record.id), cells::one_line(record.title(kind), 200))?;
        }
    }
    tell_failed(&office.io, &outcome)
}

pub(super) async fn set(office: &Office, registry: &Registry, kind: &Kind, args: &SetArgs) -> Result<()> {
    let (assignments, words): (Vec<String>, Vec<String>) =
        args.words.iter().cloned().partition(|word| given::is_assignment(word));
    if assignments.is_empty() {
        return Err(Usage("nothing to set; add field=value".into()).into());
    }
    if words.is_empty() {
        return Err(Usage("say which records: a code such as T1042, or a query".into()).into());
    }
    let mut edits: Vec<Edit> = Vec::new();
    let (mut add, mut remove) = (Vec::new(), Vec::new());
    for word in &assignments {
        match given::assignment(office, registry, kind, word).await? {
            Given::Set(field, now) => edits.push(Edit { field, was: None, now }),
            Given::Priced(field, now, currency, code) => {
                edits.push(Edit { field, was: None, now });
                edits.push(Edit { field: currency, was: None, now: Value::text(code) });
            }
            Given::AddTags(tags) => add.extend(tags),
            Given::RemoveTags(tags) => remove.extend(tags),
        }
    }
    let mut actions = Vec::new();
    if !edits.is_empty() {
        actions.push(Action::Set { edits });
    }
    if !add.is_empty() || !remove.is_empty() {
        actions.push(Action::Tag { add, remove });
    }
    if actions.len() > 1 {
        // One operation, so that one undo takes back what one command did.
        actions = vec![Action::Macro { name: "set".into(), steps: actions }];
    }
    let targets = targets(office, registry, kind, &words).await?;
    act(office, registry, kind, targets, &actions, &args.sure).await
}

/// The macro of this name or code that is for records of this kind.
async fn recorded(office: &Office, registry: &Registry, kind: &Kind, name: &str) -> Result<Action> {
    let macros = registry.kind(MACRO);
    let query = Query::parse(&format!("kind:{}", kind.id), registry, MACRO).map_err(|e| anyhow::anyhow!("{e:?}"))?;
    let page = office.desk.page(&office.cx, MACRO, &query, &From::Start, PAGE).await?;
    let is_it = |r: &&Record| r.title(macros) == name || macros.code(r.id).eq_ignore_ascii_case(name);
    let found = page.records.iter().find(is_it).ok_or_else(|| {
        let names: Vec<&str> = page.records.iter().map(|r| r.title(macros)).collect();
        let known =
            if names.is_empty() { "there is none yet".into() } else { format!("there are {}", names.join(", ")) };
        desk::Error::NotFound(format!("No macro for {} is called “{name}”; {known}.", kind.many.en.to_lowercase()))
    })?;
    let steps = serde_json::from_str(found.get(macros, "steps").as_str().unwrap_or_default())
        .map_err(|_| desk::Error::NotFound(format!("The steps of “{name}” cannot be read; record it anew.")))?;
    Ok(Action::Macro { name: found.title(macros).to_owned(), steps })
}

/// One record by its code, or all that match.
async fn targets(office: &Office, registry: &Registry, kind: &Kind, words: &[String]) -> Result<Targets> {
    if let [word] = words
        && let Some(id) = given::code(registry, kind, word)
    {
        // A record that is not there is not found; one that is there may still be refused.
        one(office, registry, kind, words).await?;
        return Ok(Targets::Records(kind.id, vec![id]));
    }
    if let Some(person) = person(office, registry, kind, words).await? {
        return Ok(Targets::Records(kind.id, vec![person.id]));
    }
    let query = given::query(words, registry, kind, &office.cx)?;
    Ok(Targets::Matching { kind: kind.id, query, expect: None })
}

/// Does it at once for one record; for more it shows what will happen and wants a yes.
async fn act(
    office: &Office,
    registry: &Registry,
    kind: &Kind,
    mut targets: Targets,
    actions: &[Action],
    sure: &Sure,
) -> Result<()> {
    for action in actions {
        if sure.dry_run || matches!(targets, Targets::Matching { .. }) {
            let preview = office.desk.preview(&office.cx, &targets, action).await?;
            if preview.total == 0 {
                return Err(desk::Error::NotFound("No record matches.".into()).into());
            }
            if sure.dry_run {
                return show_preview(office, registry, kind, &preview, sure.json);
            }
            if preview.total > 1 && !sure.yes {
                show_preview(office, registry, kind, &preview, false)?;
                confirm(&office.io, preview.will_change)?;
            }
            if let Targets::Matching { expect, .. } = &mut targets {
                *expect = Some(preview.total);
            }
        }
        let bar = super::import::progress_bar(&office.io, "records");
        let outcome = office.desk.perform(&office.cx, &targets, action, &|done| bar.set_position(done)).await;
        bar.finish_and_clear();
        show_outcome(&office.io, &outcome?, sure.json)?;
    }
    Ok(())
}

fn show_preview(office: &Office, registry: &Registry, kind: &Kind, preview: &Preview, as_json: bool) -> Result<()> {
    if as_json {
        let refused: serde_json::Map<_, _> =
            preview.refused.iter().map(|(why, n)| (why.clone(), serde_json::json!(n))).collect();
        let said = serde_json::json!({
            "total": preview.total, "will_change": preview.will_change,
            "unchanged": preview.unchanged, "refused": refused,
        });
        writeln!(office.io.out(), "{}", json_line(&said)?)?;
        return Ok(());
    }
    let mut lister =
        Lister::new(&office.io, registry, kind, kind.default_columns(), FormatArgs::default(), &office.cx.viewer)?;
    for record in &preview.sample {
        lister.write(record)?;
    }
    lister.finish()?;
    let mut out = office.io.out();
    let shown = preview.sample.len() as u64;
    if preview.will_change > shown {
        writeln!(out, "… and {} more", preview.will_change - shown)?;
    }
    writeln!(out, "{} will change, {} stay as they are", preview.will_change, preview.unchanged)?;
    for (why, n) in &preview.refused {
        writeln!(out, "{n} refused: {}", cells::inert(why))?;
    }
    Ok(())
}

/// Asks on a terminal; elsewhere `--yes` must have said so.
fn confirm(io: &Io, n: u64) -> Result<()> {
    if !io.asks() {
        return Err(Usage(format!("nothing was changed; add --yes to change these {n} records")).into());
    }
    let mut err = io.err();
    write!(err, "Change these {n} records? [y/N] ")?;
    err.flush()?;
    let answer = io.line()?;
    if matches!(answer.trim().to_lowercase().as_str(), "y" | "yes" | "是") {
        return Ok(());
    }
    Err(Usage("nothing was changed".into()).into())
}

/// What an action did; failures go to standard error and end in a failure.
fn show_outcome(io: &Io, outcome: &Outcome, as_json: bool) -> Result<()> {
    if as_json {
        writeln!(io.out(), "{}", json_line(&self::outcome(outcome))?)?;
    } else {
        let unchanged =
            if outcome.unchanged > 0 { format!(", {} already so", outcome.unchanged) } else { String::new() };
        writeln!(io.out(), "{} changed{unchanged}", outcome.done)?;
    }
    tell_failed(io, outcome)
}

/// What an action did, for programs.
pub(super) fn outcome(outcome: &Outcome) -> serde_json::Value {
    let failed: serde_json::Map<_, _> =
        outcome.failed.iter().map(|(code, why)| (code.clone(), serde_json::json!(why))).collect();
    serde_json::json!({
        "operation": outcome.operation, "done": outcome.done,
        "unchanged": outcome.unchanged, "failed": failed, "notes": outcome.notes,
    })
}

/// Lists what was refused, with the reasons, and makes a failure of it.
pub(super) fn tell_failed(io: &Io, outcome: &Outcome) -> Result<()> {
    const TOLD: usize = 20;
    for note in &outcome.notes {
        writeln!(io.err(), "{}", cells::inert(note))?;
    }
    for (code, why) in outcome.failed.iter().take(TOLD) {
        writeln!(io.err(), "{code}: {}", cells::inert(why))?;
    }
    if outcome.failed.len() > TOLD {
        writeln!(io.err(), "… and {} more; --json lists all", outcome.failed.len() - TOLD)?;
    }
    if outcome.failed.is_empty() {
        return Ok(());
    }
    anyhow::bail!("{} of {} records were not changed", outcome.failed.len(), outcome.failed.len() as u64 + outcome.done)
}
