//! `frontdesk user invite|log|status|can|totp|disable|enable|role|team|db-login|handover|away`: what becomes of a colleague.

use std::io::Write;

use anyhow::Result;
use clap::{Args, Subcommand};

use super::access::{self, LogArgs};
use super::invite::{self, InviteArgs};
use super::people::{self, StatusArgs};
use super::record::{self, SetArgs, Sure};
use super::role::{self, CanArgs};
use super::totp::{self, TotpArgs};
use super::{App, Office, Usage, cells, given};
use crate::desk::Absence;
use crate::domain::figures::grouped;
use crate::domain::kind::{Registry, USER};
use crate::domain::when::{self, Lean};

#[derive(Debug, Subcommand)]
pub enum StaffCommand {
    /// A mail and a one-time code by which a person comes in over SSH for the first time
    Invite(InviteArgs),
    /// What happened at the door over SSH: invitations, codes, keys, who came in from where
    Log(LogArgs),
    /// What a person sees and does, of all or with one record, and the rule that decides
    Can(CanArgs),
    /// Who may come in, and how: keys, invitation, second factor, last sign-in
    Status(StatusArgs),
    /// A second factor for coming in over SSH: the code of an authenticator app
    Totp(TotpArgs),
    /// Let a person in no more; what they own stays theirs until it is handed over
    Disable(WhoArgs),
    /// Let a person in again
    Enable(WhoArgs),
    /// Give a person another role
    Role(RoleArgs),
    /// Put a person into another team
    Team(TeamArgs),
    /// Give a person a Postgres login of their own, for psql and reports, or theirs a new password
    DbLogin(DbLoginArgs),
    /// Give all that a person has open to colleagues, as one step of undo
    Handover(HandoverArgs),
    /// Say that a person is away and who stands in, or that they are here again; for oneself, or whom one manages
    Away(AwayArgs),
}

const AWAY_EXAMPLES: &str = "\
Examples:
  frontdesk user away ana --until fri --for bo
  frontdesk user away ana --from 21.12. --until '4 jan' --for bo
  frontdesk user away ana --off

Both days count, in the workspace's zone, and it ends by itself. Meanwhile bo hears what ana would, marked as for her, and
works on ana's records as on bo's own; ana gets nothing that is handed out, and who gives her something is told.";

#[derive(Debug, Args)]
#[command(after_help = AWAY_EXAMPLES)]
pub struct AwayArgs {
    /// Who is away
    #[arg(value_name = "LOGIN")]
    pub whose: String,
    /// The first day, such as `mon`; else it begins at once
    #[arg(long, value_name = "DAY")]
    pub from: Option<String>,
    /// The last day, such as `fri` or `24 dec`
    #[arg(long, value_name = "DAY", required_unless_present = "off")]
    pub until: Option<String>,
    /// Who stands in
    #[arg(long = "for", value_name = "LOGIN")]
    pub deputy: Option<String>,
    /// Here again
    #[arg(long, conflicts_with_all = ["from", "until", "deputy"])]
    pub off: bool,
}

#[derive(Debug, Args)]
pub struct WhoArgs {
    /// Whom it is about
    #[arg(value_name = "LOGIN")]
    pub whose: String,
}

#[derive(Debug, Args)]
pub struct RoleArgs {
    /// Whom it is about
    #[arg(value_name = "LOGIN")]
    pub whose: String,
    /// The role's name
    pub role: String,
}

#[derive(Debug, Args)]
pub struct TeamArgs {
    /// Whom it is about
    #[arg(value_name = "LOGIN")]
    pub whose: String,
    /// The team's name or code
    pub team: String,
}

#[derive(Debug, Args)]
pub struct DbLoginArgs {
    /// Whose it is
    #[arg(value_name = "LOGIN")]
    pub whose: String,
    /// Take it away: it opens nothing any more
    #[arg(long)]
    pub off: bool,
}

#[derive(Debug, Args)]
pub struct HandoverArgs {
    /// Whose companies, contacts, open deals and tickets and tasks
    #[arg(value_name = "LOGIN")]
    pub whose: String,
    /// Who gets them; several logins, separated by commas, share them evenly
    #[arg(long, required = true, value_name = "LOGIN", value_delimiter = ',')]
    pub to: Vec<String>,
}

pub(super) async fn run(command: StaffCommand, app: &App, office: &Office, registry: &Registry) -> Result<()> {
    let set = async |whose: &str, assignment: String| {
        person(office, registry, whose).await?;
        let sure = Sure { yes: false, dry_run: false, json: false };
        let args = SetArgs { words: vec![whose.to_owned(), assignment], sure };
        record::set(office, registry, registry.kind(USER), &args).await
    };
    match command {
        StaffCommand::Invite(args) => invite::run(&args, app, office).await,
        StaffCommand::Status(args) => people::run(&args, office).await,
        StaffCommand::Totp(args) => totp::run(&args, office).await,
        StaffCommand::Log(args) => access::run(&args, office).await,
        StaffCommand::Can(args) => role::can(&args, office, registry).await,
        StaffCommand::Disable(args) => set(&args.whose, "active=no".into()).await,
        StaffCommand::Enable(args) => set(&args.whose, "active=yes".into()).await,
        StaffCommand::Role(args) => set(&args.whose, format!("role={}", args.role)).await,
        StaffCommand::Team(args) => set(&args.whose, format!("team={}", args.team)).await,
        StaffCommand::DbLogin(args) if args.off => set(&args.whose, "db_login=".into()).await,
        StaffCommand::DbLogin(args) => db_login(&args.whose, office).await,
        StaffCommand::Handover(args) => hand_over(&args, office, registry).await,
        StaffCommand::Away(args) => away(&args, office).await,
    }
}

async fn person(office: &Office, registry: &Registry, login: &str) -> Result<i64> {
    let found = given::by_login(&office.desk, &office.cx, registry, login).await?;
    Ok(found.ok_or_else(|| Usage(format!("nobody here has the login “{login}”; see `frontdesk user list`")))?.id)
}

async fn away(args: &AwayArgs, office: &Office) -> Result<()> {
    let viewer = &office.cx.viewer;
    let day = |text: &str| when::day(text, viewer.now, viewer.zone, Lean::Ahead).map_err(|why| Usage(why.to_string()));
    let absence = match &args.until {
        None => None,
        Some(until) => {
            let from = args.from.as_deref().map(day).transpose()?;
            Some(Absence { from, until: day(until)?, deputy: args.deputy.clone() })
        }
    };
    let said = office.desk.set_away(&office.cx, &args.whose, absence).await?;
    Ok(writeln!(office.io.out(), "{}", cells::one_line(&said, 200))?)
}

/// The password is said here and never again.
async fn db_login(whose: &str, office: &Office) -> Result<()> {
    let made = office.desk.give_db_login(&office.cx, whose).await?;
    let mut out = office.io.out();
    writeln!(out, "login     {}", made.name)?;
    writeln!(out, "password  {}", made.password)?;
    writeln!(out, "database  {}", made.database)?;
    writeln!(
        out,
        "It is shown once. In psql {whose} sees and changes what the screens show them, under their own name."
    )?;
    Ok(())
}

/// `12 companies, 40 contacts, 3 deals, 8 tickets, 5 activities handed over`
async fn hand_over(args: &HandoverArgs, office: &Office, registry: &Registry) -> Result<()> {
    let from = person(office, registry, &args.whose).await?;
    let mut to = Vec::new();
    for login in &args.to {
        to.push(person(office, registry, login).await?);
    }
    let (outcome, counts) = office.desk.hand_over(&office.cx, from, &to).await?;
    let counts: Vec<String> = counts
        .into_iter()
        .map(|(kind, n)| {
            let kind = registry.kind(kind);
            let name = if n == 1 { &kind.one.en } else { &kind.many.en };
            format!("{} {}", grouped(n.into()), name.to_lowercase())
        })
        .collect();
    writeln!(office.io.out(), "{} handed over", counts.join(", "))?;
    record::tell_failed(&office.io, &outcome)
}
