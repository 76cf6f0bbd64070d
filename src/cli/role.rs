//! `frontdesk role list|show|new|set|let|bulk|field|sensitive|delete|log|undo`: what roles may.

use std::io::Write;

use anyhow::Result;
use clap::{Args, Subcommand};

use super::output::{self, table};
use super::{App, Office, Usage, cells, kind_named};
use crate::desk::{Can, Role};
use crate::domain::change::Door;
use crate::domain::kind::{Kind, KindId, Registry};
use crate::domain::right::{Grant, Hold, Permission, Reach, Rights, Scope, Verb, in_order, role_label};

const EXAMPLES: &str = "\
Examples:
  frontdesk role show sales
  frontdesk role new night --like support
  frontdesk role set night contact edit own
  frontdesk role set night others read none
  frontdesk role let night undo
  frontdesk role bulk night 200
  frontdesk role field night contact.phone hidden
  frontdesk role sensitive contact.birthday
  frontdesk role undo night

Verbs are read, create, edit, delete and export; each goes none, own, team or all the way. Permissions are users,
configuration, undo (of what others did) and sensitive (seeing such fields). Changes hold at once, for everybody who has
the role, at every seat and in psql. The role admin may everything, always.";

#[derive(Debug, Subcommand)]
#[command(after_help = EXAMPLES)]
pub enum RoleCommand {
    /// All roles and who has them
    List(JsonArgs),
    /// What a role may, kind by kind
    Show(ShowArgs),
    /// Make a role that may what another may; for admins
    New(NewArgs),
    /// Say how far a role goes with a kind; for admins
    Set(SetArgs),
    /// Give a role a permission; for admins
    Let(LetArgs),
    /// Bound how many records a role changes at once; for admins
    Bulk(BulkArgs),
    /// Hide a field from a role, or let it be set by others only; for admins
    Field(FieldArgs),
    /// Mark a field that only roles with that permission see; for admins
    Sensitive(SensitiveArgs),
    /// Delete a role that nobody has; for admins
    Delete(NameArgs),
    /// Who changed which role when; for admins
    Log(LogArgs),
    /// Take back the latest change of a role; for admins
    Undo(NameArgs),
}

#[derive(Debug, Args)]
pub struct JsonArgs {
    /// One JSON object each
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct NameArgs {
    /// The role's name
    pub role: String,
}

#[derive(Debug, Args)]
pub struct ShowArgs {
    /// The role's name
    pub role: String,
    /// One JSON object
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct NewArgs {
    /// Its name: a letter, then lower-case letters, digits and -
    pub role: String,
    /// The role that it may as much as at first
    #[arg(long, value_name = "ROLE", default_value = "sales")]
    pub like: String,
}

#[derive(Debug, Args)]
pub struct SetArgs {
    /// The role's name
    pub role: String,
    /// contact, deal, ticket, …; `others`: every kind that was never set by itself
    #[arg(value_parser = kind_or_others)]
    pub kind: Of,
    /// read, create, edit, delete or export
    #[arg(value_parser = verb)]
    pub verb: Verb,
    /// none, own, team or all
    #[arg(value_parser = scope)]
    pub scope: Scope,
}

/// A kind, or all without a row of their own.
#[derive(Clone, Copy, Debug)]
pub enum Of {
    Kind(KindId),
    Others,
}

#[derive(Debug, Args)]
pub struct LetArgs {
    /// The role's name
    pub role: String,
    /// users, configuration, undo or sensitive
    #[arg(value_parser = permission)]
    pub permission: Permission,
    /// Take it away
    #[arg(long)]
    pub not: bool,
}

#[derive(Debug, Args)]
pub struct BulkArgs {
    /// The role's name
    pub role: String,
    /// A number, or `any`
    #[arg(value_name = "N|any")]
    pub most: String,
}

#[derive(Debug, Args)]
pub struct FieldArgs {
    /// The role's name
    pub role: String,
    /// Kind and field: contact.phone
    #[arg(value_name = "KIND.FIELD")]
    pub field: String,
    /// hidden, fixed (seen, not set) or free
    pub hold: String,
}

#[derive(Debug, Args)]
pub struct SensitiveArgs {
    /// Kind and field: contact.birthday
    #[arg(value_name = "KIND.FIELD")]
    pub field: String,
    /// No longer
    #[arg(long)]
    pub off: bool,
}

#[derive(Debug, Args)]
pub struct LogArgs {
    /// Only this role
    pub role: Option<String>,
    /// At most so many, the newest
    #[arg(long, default_value_t = 50)]
    pub limit: u32,
    /// One JSON object each
    #[arg(long)]
    pub json: bool,
}

fn kind_or_others(word: &str) -> Result<Of, String> {
    if word == "others" { Ok(Of::Others) } else { kind_named(word).map(Of::Kind) }
}

fn verb(word: &str) -> Result<Verb, String> {
    Verb::named(word).ok_or_else(|| "it is one of read, create, edit, delete, export".into())
}

fn scope(word: &str) -> Result<Scope, String> {
    Scope::named(word).ok_or_else(|| "it is one of none, own, team, all".into())
}

fn permission(word: &str) -> Result<Permission, String> {
    Permission::named(word).ok_or_else(|| "it is one of users, configuration, undo, sensitive".into())
}

/// `contact.phone`
fn kind_and_field(word: &str) -> Result<(KindId, String)> {
    let (kind, field) =
        word.split_once('.').ok_or_else(|| Usage(format!("“{word}” is no KIND.FIELD such as contact.phone")))?;
    Ok((kind_named(kind).map_err(Usage)?, field.to_owned()))
}

pub(super) async fn run(command: RoleCommand, app: &App) -> Result<()> {
    let office = app.open(Door::Cli).await?;
    let (desk, cx) = (&office.desk, &office.cx);
    let change = async |role: &str, grant: Grant| -> Result<()> {
        let told = desk.set_role(cx, role, &grant).await?;
        said(&office, role, &told)
    };
    match command {
        RoleCommand::List(args) => list(&office, args.json).await,
        RoleCommand::Show(args) => show(&office, &args).await,
        RoleCommand::New(args) => {
            desk.new_role(cx, &args.role, &args.like).await?;
            writeln!(office.io.out(), "{} may what {} may", args.role, args.like)?;
            Ok(())
        }
        RoleCommand::Set(args) => {
            let kind = match args.kind {
                Of::Kind(kind) => Some(kind),
                Of::Others => None,
            };
            change(&args.role, Grant::Reach(kind, args.verb, args.scope)).await
        }
        RoleCommand::Let(args) => change(&args.role, Grant::Permission(args.permission, !args.not)).await,
        RoleCommand::Bulk(args) => {
            let most = match args.most.as_str() {
                "any" => None,
                n => Some(
                    n.parse()
                        .ok()
                        .filter(|n| (1..=1_000_000_000).contains(n))
                        .ok_or_else(|| Usage(format!("“{n}” is neither a number from 1 nor `any`")))?,
                ),
            };
            change(&args.role, Grant::Bulk(most)).await
        }
        RoleCommand::Field(args) => {
            let (kind, field) = kind_and_field(&args.field)?;
            let hold = match args.hold.as_str() {
                "hidden" => Some(Hold::Hidden),
                "fixed" => Some(Hold::Fixed),
                "free" => None,
                other => return Err(Usage(format!("“{other}” is none of hidden, fixed, free")).into()),
            };
            change(&args.role, Grant::Field(kind, field, hold)).await
        }
        RoleCommand::Sensitive(args) => {
            let (kind, field) = kind_and_field(&args.field)?;
            desk.set_sensitive(cx, kind, &field, !args.off).await?;
            let is = if args.off { "is not sensitive any more" } else { "is sensitive now" };
            writeln!(office.io.out(), "{} {is}", args.field)?;
            Ok(())
        }
        RoleCommand::Delete(args) => {
            desk.delete_role(cx, &args.role).await?;
            writeln!(office.io.out(), "{} is no role any more", args.role)?;
            Ok(())
        }
        RoleCommand::Log(args) => log(&office, &args).await,
        RoleCommand::Undo(args) => {
            let told = desk.undo_role(cx, &args.role).await?;
            said(&office, &args.role, &told)
        }
    }
}

fn said(office: &Office, role: &str, told: &[String]) -> Result<()> {
    let what = if told.is_empty() { "as it was".to_owned() } else { told.join("; ") };
    writeln!(office.io.out(), "{role}: {what}")?;
    Ok(())
}

async fn list(office: &Office, as_json: bool) -> Result<()> {
    let roles = office.desk.roles(&office.cx).await?;
    if as_json {
        for role in &roles {
            let line = serde_json::json!({"role": role.name, "builtin": role.is_builtin, "people": role.people});
            writeln!(office.io.out(), "{}", output::json_line(&line)?)?;
        }
        return Ok(());
    }
    let mut rows = table(&office.io, ["Role", "", "People"].into_iter().map(str::to_owned));
    for role in &roles {
        let label = role_label(&role.name).get(office.cx.viewer.lang).to_owned();
        let people = match role.people.len() {
            n @ 0..=6 => role.people[..n].join(", "),
            n => format!("{}, +{}", role.people[..5].join(", "), n - 5),
        };
        let called = if label.eq_ignore_ascii_case(&role.name) { String::new() } else { label };
        rows.add_row([role.name.clone(), called, cells::one_line(&people, 60)]);
    }
    Ok(output::print(&office.io, &rows)?)
}

async fn show(office: &Office, args: &ShowArgs) -> Result<()> {
    let roles = office.desk.roles(&office.cx).await?;
    let role: &Role = roles
        .iter()
        .find(|role| role.name == args.role)
        .ok_or_else(|| Usage(format!("no role is called “{}”; see `frontdesk role list`", args.role)))?;
    if args.json {
        let line = serde_json::json!({"role": role.name, "people": role.people, "rights": role.rights});
        writeln!(office.io.out(), "{}", output::json_line(&line)?)?;
        return Ok(());
    }
    matrix(office, &role.rights)
}

/// A line for each kind, and what the role may besides.
fn matrix(office: &Office, rights: &Rights) -> Result<()> {
    let registry: Registry = office.desk.registry_for(&office.cx);
    let lang = office.cx.viewer.lang;
    let heads = std::iter::once("Kind").chain(Verb::ALL.into_iter().map(Verb::name)).map(str::to_owned);
    let mut rows = table(&office.io, heads);
    for kind in in_order(&registry) {
        let reach: Reach = rights.kinds.get(kind.id.0).copied().unwrap_or_default();
        let cells = Verb::ALL.into_iter().map(|verb| reach.of(verb).name().to_owned());
        rows.add_row(std::iter::once(kind.id.0.to_owned()).chain(cells));
    }
    output::print(&office.io, &rows)?;
    let mut out = office.io.out();
    let may: Vec<&str> = rights.may.iter().map(|permission| permission.name()).collect();
    writeln!(out, "may      {}", if may.is_empty() { "—".into() } else { may.join(", ") })?;
    writeln!(out, "at once  {}", rights.bulk.map_or_else(|| "any number".into(), |n| format!("{n} records")))?;
    for held in &rights.held {
        let label = registry.by_name(&held.kind).and_then(|kind| kind.field(&held.field));
        let label = label.map_or(held.field.as_str(), |field| field.label.get(lang));
        let how = if held.is_hidden { "hidden" } else { "fixed" };
        writeln!(out, "{how:<8} {}.{} ({label})", held.kind, held.field)?;
    }
    Ok(())
}

async fn log(office: &Office, args: &LogArgs) -> Result<()> {
    let told = office.desk.role_log(&office.cx, args.role.as_deref(), args.limit).await?;
    if args.json {
        for change in &told {
            let line = serde_json::json!({"at": change.at, "by": change.by, "role": change.role, "what": change.what});
            writeln!(office.io.out(), "{}", output::json_line(&line)?)?;
        }
        return Ok(());
    }
    if told.is_empty() {
        return Ok(());
    }
    let mut rows = table(&office.io, ["When", "By", "Role", "What"].into_iter().map(str::to_owned));
    for change in told {
        rows.add_row([
            change.at.with_timezone(&office.cx.viewer.zone).format("%F %R").to_string(),
            change.by.unwrap_or_else(|| "—".into()),
            change.role,
            cells::one_line(&change.what.join("; "), 100),
        ]);
    }
    Ok(output::print(&office.io, &rows)?)
}

#[derive(Debug, Args)]
pub struct CanArgs {
    /// Whom it is about
    #[arg(value_name = "LOGIN")]
    pub whose: String,
    /// With this record: T1042
    #[arg(value_name = "CODE")]
    pub record: Option<String>,
    /// One JSON object
    #[arg(long)]
    pub json: bool,
}

/// `frontdesk user can ana [CODE]`: what somebody sees and does, and the rule that decides.
pub(super) async fn can(args: &CanArgs, office: &Office, registry: &Registry) -> Result<()> {
    let about = match &args.record {
        Some(code) => Some(
            registry
                .by_code(code)
                .ok_or_else(|| Usage(format!("“{code}” is no record's code; one looks like T1042")))?,
        ),
        None => None,
    };
    let standing = office.desk.standing(&office.cx, &args.whose, about).await?;
    if args.json {
        let record = standing.record.as_ref().map(|(kind, cans)| {
            let cans = cans.iter().map(
                |can| serde_json::json!({"verb": can.verb.name(), "can": can.yes, "scope": can.scope, "why": can.why}),
            );
            serde_json::json!({"kind": kind, "can": cans.collect::<Vec<_>>()})
        });
        let line = serde_json::json!({
            "login": standing.login, "role": standing.role, "rights": standing.rights, "record": record,
        });
        writeln!(office.io.out(), "{}", output::json_line(&line)?)?;
        return Ok(());
    }
    writeln!(office.io.out(), "{} has the role {}", standing.login, standing.role)?;
    let Some((kind, cans)) = &standing.record else { return matrix(office, &standing.rights) };
    let kind: &Kind = registry.kind(*kind);
    for Can { verb, yes, why, .. } in cans {
        let yes = if *yes { "yes" } else { "no" };
        writeln!(office.io.out(), "{:<8} {yes:<4} {why}", verb.name())?;
    }
    for held in standing.rights.held.iter().filter(|held| held.kind == kind.id.0) {
        let how = if held.is_hidden { "does not see" } else { "cannot set" };
        writeln!(office.io.out(), "{how} {}", held.field)?;
    }
    Ok(())
}
