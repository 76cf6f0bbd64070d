//! A door: subcommands, as text and as JSON. One module per group, each with its clap type and an
//! `async fn run(…, app: &App) -> anyhow::Result<()>`.
//!
//! To add a group: a file here, a `mod` line, a variant of `Command` and an arm in `run`, and a line in `guest`, which
//! says who may run it over SSH. Output goes through `writeln!(app.io.out())` with `?`, never to the process's own
//! streams: a reader who has seen enough (`| head`) then ends the command quietly.

mod access;
mod app;
mod cells;
mod db;
mod demo;
mod doctor;
mod exit;
mod export;
mod field;
mod given;
mod guest;
mod history;
pub mod host_key;
mod import;
mod inbox;
mod invite;
mod io;
mod key;
mod log;
mod manual;
mod metric;
mod output;
mod people;
mod record;
mod role;
mod seat;
mod serve;
mod staff;
mod totp;
mod watch;

use clap::{Parser, Subcommand};

pub use self::app::{App, Entered, Guest, Office};
pub use self::exit::{Exit, Usage, complaint};
pub use self::given::{arguments, is_assignment};
pub use self::guest::{reads, run_for_guest};
pub use self::inbox::notice_json;
pub use self::invite::reached;
pub use self::io::{Io, Sink, Source};
pub use self::log::log_to_file;
pub use self::serve::ServeArgs;
use crate::config::Flags;
use crate::domain::kind::{KindId, Registry};

const EXAMPLES: &str = "\
Examples:
  frontdesk                        open the workspace; the first time it makes one
  frontdesk T1042                  open it at ticket 1042
  frontdesk demo                   look round in a lively sample workspace
  frontdesk ticket list 'status:open owner:me' --json
  frontdesk import contact people.csv --dry-run
  frontdesk metric show won --by owner --period this-year
  frontdesk db psql                SQL as yourself, with history
  frontdesk doctor                 what is wrong, and what to do

Exit codes:
  0 done   1 failure   2 wrong usage   3 not found   4 not allowed   5 database not available

Settings come from arguments, then the environment, then config.toml in the configuration folder
(`url`, `direct_url`, `data_dir`, `language`, `theme`, `address`, `[notices]`).";

/// The CRM and helpdesk a whole team works in from a terminal, live on one shared Postgres
#[derive(Debug, Parser)]
#[command(name = "frontdesk", version, after_help = EXAMPLES, max_term_width = 100)]
pub struct Cli {
    #[command(flatten)]
    pub flags: Flags,
    /// A record to open at, by its code: T1042, D77, C310
    #[arg(value_name = "CODE", value_parser = record_code)]
    pub at: Option<String>,
    #[command(subcommand)]
    pub command: Option<Command>,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Look round in a lively sample workspace of its own
    Demo(demo::DemoArgs),
    /// A file into records
    Import(import::ImportArgs),
    /// Records as CSV or JSON lines
    Export(export::ExportArgs),
    /// What happened to a record: who, when, what
    History(history::HistoryArgs),
    /// What others did that concerns you
    Inbox(inbox::InboxArgs),
    /// Hear of what others do to these records
    Watch(watch::WatchArgs),
    /// Hear no more of these records
    Unwatch(watch::WatchArgs),
    /// Take back an operation, or your latest
    Undo(history::UndoArgs),
    /// Custom fields: add, list
    #[command(subcommand)]
    Field(field::FieldCommand),
    /// Numbers over records: list, show, zone
    #[command(subcommand)]
    Metric(metric::MetricCommand),
    #[command(flatten)]
    Record(record::RecordCommand),
    /// Who sits at which server: list, kick, tell
    #[command(subcommand)]
    Seat(seat::SeatCommand),
    /// What roles may: list, show, new, set, let, bulk, field, sensitive, delete, log, undo
    #[command(subcommand)]
    Role(role::RoleCommand),
    /// Let the team in over SSH
    Serve(serve::ServeArgs),
    /// The database: status, start, stop, migrate, psql, url
    #[command(subcommand)]
    Db(db::DbCommand),
    /// What is wrong, and what to do
    Doctor(doctor::DoctorArgs),
    /// What your shell needs to complete commands by Tab
    Completions(manual::CompletionsArgs),
    /// Manual pages
    Man(manual::ManArgs),
    /// Keeps a private server running while anybody uses it
    #[command(hide = true)]
    Keeper(db::KeeperArgs),
}

/// What is left to do when a subcommand is through.
#[derive(Debug)]
pub enum Then {
    Leave,
    /// Open the terminal application on the workspace of these settings (the demo does).
    Terminal,
    /// Let the team in over SSH, until the process is told to end.
    Serve(ServeArgs),
}

/// Runs a subcommand. It may change `app.settings` for the terminal application that follows.
pub async fn run(command: Command, app: &mut App) -> anyhow::Result<Then> {
    match command {
        Command::Demo(args) => {
            if demo::run(args, app).await? {
                return Ok(Then::Terminal);
            }
        }
        Command::Import(args) => import::run(args, app).await?,
        Command::Export(args) => export::run(args, app).await?,
        Command::History(args) => history::history(args, app).await?,
        Command::Inbox(args) => inbox::run(args, app).await?,
        Command::Watch(args) => watch::run(args, true, app).await?,
        Command::Unwatch(args) => watch::run(args, false, app).await?,
        Command::Undo(args) => history::undo(args, app).await?,
        Command::Field(command) => field::run(command, app).await?,
        Command::Metric(command) => metric::run(command, app).await?,
        Command::Record(command) => record::run(command, app).await?,
        Command::Seat(command) => seat::run(command, app).await?,
        Command::Role(command) => role::run(command, app).await?,
        Command::Serve(args) => return serve::run(args, &app.io),
        Command::Db(command) => db::run(command, app).await?,
        Command::Doctor(args) => doctor::run(&args, app).await?,
        Command::Completions(args) => manual::completions(&args, &app.io)?,
        Command::Man(args) => manual::man(&args, &app.io)?,
        Command::Keeper(_) => anyhow::bail!("the keeper runs alone"),
    }
    Ok(Then::Leave)
}

/// A kind by its name or label, singular or plural, either language.
fn kind_named(word: &str) -> Result<KindId, String> {
    let registry = Registry::builtin();
    registry.by_name(word).map(|kind| kind.id).ok_or_else(|| {
        let names: Vec<&str> = registry.kinds().iter().map(|k| k.id.0).collect();
        format!("it is one of {}", names.join(", "))
    })
}

/// True for what a seat can open at: a record's code, or `watch` and whose screen, which is no record's code.
pub fn is_place(line: &str) -> bool {
    match line.split_whitespace().collect::<Vec<_>>()[..] {
        ["watch", whose] => !whose.starts_with('-') && record_code(whose).is_err(),
        [code] => record_code(code).is_ok(),
        _ => false,
    }
}

/// A letter and a number; anything else in the first place is more likely a mistyped subcommand.
fn record_code(text: &str) -> Result<String, String> {
    let code = text.to_ascii_uppercase();
    let digits = code.strip_prefix(|c: char| c.is_ascii_uppercase()).unwrap_or_default();
    if !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) {
        Ok(code)
    } else {
        Err("there is no such subcommand, and a record's code looks like T1042".into())
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_tree_is_sound() {
        Cli::command().debug_assert();
    }

    /// The words of an example line as a shell would pass them on, up to its explanation or a pipe.
    fn words(line: &str) -> Vec<String> {
        let (mut words, mut quote, mut spaces) = (vec![String::new()], None, 0);
        for c in line.chars() {
            match (quote, c) {
                (Some(q), c) if c == q => quote = None,
                (None, '\'' | '"') => quote = Some(c),
                (None, '|' | '<' | '>') => break,
                (None, ' ') => {
                    spaces += 1;
                    // Two spaces set the explanation off.
                    if spaces > 1 {
                        break;
                    }
                    words.push(String::new());
                    continue;
                }
                (_, c) => words.last_mut().expect("never empty").push(c),
            }
            spaces = 0;
        }
        words.retain(|word| !word.is_empty());
        words
    }

    #[test]
    fn every_example_in_help_is_a_command_line_that_is_understood() {
        fn collect(command: &clap::Command, lines: &mut Vec<String>) {
            let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            lines.extend(help.lines().map(str::trim).filter(|l| l.starts_with("frontdesk")).map(str::to_owned));
            for inner in command.get_subcommands() {
                collect(inner, lines);
            }
        }
        let mut lines = Vec::new();
        collect(&Cli::command(), &mut lines);
        assert!(lines.len() > 10, "{lines:?}");
        for line in lines {
            let given = arguments(words(&line).into_iter().map(Into::into));
            if let Err(error) = Cli::try_parse_from(given) {
                panic!("`{line}`: {error}");
            }
        }
    }

    #[test]
    fn a_code_opens_a_record_and_a_typo_does_not() {
        let cli = Cli::try_parse_from(["frontdesk", "t1042", "--as", "bo"]).expect("a code");
        assert_eq!((cli.at.as_deref(), cli.flags.login.as_deref()), (Some("T1042"), Some("bo")));
        let said = Cli::try_parse_from(["frontdesk", "contcat"]).expect_err("a typo").to_string();
        assert!(said.contains("no such subcommand"), "{said}");
        assert!(Cli::try_parse_from(["frontdesk", "db", "status", "--data-dir", "/x"]).is_ok(), "options are global");
    }
}
