//! `frontdesk field add|list`: custom fields.

use std::io::Write;

use anyhow::Result;
use clap::{Args, Subcommand};

use super::output::{self, table};
use super::{App, Usage, kind_named};
use crate::desk::import::columns::{type_called, type_name};
use crate::domain::change::Door;
use crate::domain::field::{Choice, Field, FieldType, Label};
use crate::domain::kind::KindId;

#[derive(Debug, Subcommand)]
pub enum FieldCommand {
    /// Add a custom field to a kind
    Add(AddArgs),
    /// List the fields of a kind
    List {
        /// contact, deal, ticket, …
        #[arg(value_parser = kind_named)]
        kind: KindId,
        /// One JSON object a field
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Args)]
pub struct AddArgs {
    /// contact, deal, ticket, …
    #[arg(value_parser = kind_named)]
    pub kind: KindId,
    /// Its name in queries and JSON: lower-case letters, digits and _
    pub name: String,
    /// text, `long_text`, email, phone, url, int, decimal, bool, day, instant, choice or a kind for a reference
    #[arg(long = "type", default_value = "text")]
    pub ty: String,
    /// Its label on English screens; the name without this
    #[arg(long)]
    pub label: Option<String>,
    /// Its label on Chinese screens; the English one without this
    #[arg(long)]
    pub label_zh: Option<String>,
    /// The values of a choice, lowest first, separated by commas
    #[arg(long, value_delimiter = ',')]
    pub choices: Vec<String>,
    /// With an index, for filters and sorts over many records
    #[arg(long)]
    pub indexed: bool,
    /// Records cannot be made without it
    #[arg(long)]
    pub required: bool,
}

pub(super) async fn run(command: FieldCommand, app: &App) -> Result<()> {
    let office = app.open(Door::Cli).await?;
    let registry = office.desk.registry_for(&office.cx);
    match command {
        FieldCommand::Add(args) => {
            let ty = if !args.choices.is_empty() || args.ty == "choice" {
                choice(&args)?
            } else if let Some(kind) = registry.by_name(&args.ty) {
                FieldType::Ref(kind.id)
            } else {
                type_called(&args.ty).map_err(Usage)?
            };
            let label = args.label.unwrap_or_else(|| args.name.clone());
            let label_zh = args.label_zh.unwrap_or_else(|| label.clone());
            let mut field = Field::custom(&args.name, Label::new(&label, &label_zh), ty);
            field.indexed = args.indexed;
            field.required = args.required;
            office.desk.add_field(&office.cx, args.kind, field).await?;
            writeln!(office.io.out(), "{} has the field {} now", registry.kind(args.kind).one.en, args.name)?;
        }
        FieldCommand::List { kind, json } => {
            let kind = registry.kind(kind);
            if json {
                for field in &kind.fields {
                    writeln!(office.io.out(), "{}", output::json_line(field)?)?;
                }
                return Ok(());
            }
            let mut rows = table(&office.io, ["Field", "Type", "Label", "中文", ""].into_iter().map(str::to_owned));
            for field in &kind.fields {
                let marks = [(field.required, "required"), (field.unique, "unique"), (field.custom, "custom")];
                let marks: Vec<&str> = marks.iter().filter(|(is, _)| *is).map(|(_, word)| *word).collect();
                let ty = match &field.ty {
                    FieldType::Ref(target) => target.to_string(),
                    ty => type_name(ty).to_owned(),
                };
                rows.add_row([&field.name, &ty, &field.label.en, &field.label.zh, &marks.join(", ")]);
            }
            output::print(&office.io, &rows)?;
        }
    }
    Ok(())
}

fn choice(args: &AddArgs) -> Result<FieldType> {
    if args.choices.is_empty() {
        return Err(Usage("a choice needs --choices a,b,c".into()).into());
    }
    if !matches!(args.ty.as_str(), "choice" | "text") {
        return Err(Usage(format!("--choices do not go with --type {}", args.ty)).into());
    }
    let choices = args.choices.iter().map(|c| c.trim()).filter(|c| !c.is_empty());
    Ok(FieldType::Choice(choices.map(|c| Choice { code: c.into(), label: Label::new(c, c) }).collect()))
}
