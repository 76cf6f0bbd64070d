//! `frontdesk inbox`: what others did that concerns you.

use std::io::Write;

use anyhow::Result;
use clap::Args;
use serde_json::json;

use super::{App, cells, output};
use crate::desk::{Notice, Why};
use crate::domain::change::Door;
use crate::domain::kind::Registry;

const EXAMPLES: &str = "\
Examples:
  frontdesk inbox                  what is new, newest first
  frontdesk inbox --all --json     the latest 200, one JSON object each
  frontdesk inbox --read           show what is new and mark it as read";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct InboxArgs {
    /// Read ones too
    #[arg(long)]
    pub all: bool,
    /// Marks what is shown as read
    #[arg(long)]
    pub read: bool,
    /// One JSON object a notice
    #[arg(long)]
    pub json: bool,
}

pub(super) async fn run(args: InboxArgs, app: &App) -> Result<()> {
    let office = app.open(Door::Cli).await?;
    let registry = office.desk.registry_for(&office.cx);
    let notices = office.desk.inbox(&office.cx, !args.all).await?;
    let mut out = office.io.out();
    for notice in &notices {
        if args.json {
            writeln!(out, "{}", output::json_line(&notice_json(notice, &registry))?)?;
        } else {
            let at = notice.at.with_timezone(&office.cx.viewer.zone).format("%F %R");
            writeln!(out, "{at}  {}", cells::one_line(&sentence(notice, &registry), 200))?;
        }
    }
    if args.read && !notices.is_empty() {
        let ids: Vec<i64> = notices.iter().map(|n| n.id).collect();
        office.desk.mark_notices(&office.cx, Some(&ids), true).await?;
    }
    Ok(())
}

/// As `frontdesk inbox --json` writes it.
pub fn notice_json(notice: &Notice, registry: &Registry) -> serde_json::Value {
    json!({
        "id": notice.id,
        "why": notice.why.name(),
        "code": registry.kind(notice.kind).code(notice.record),
        "title": notice.title,
        "records": notice.records,
        "by": notice.by,
        "for": notice.on_behalf,
        "said": notice.said,
        "at": notice.at,
        "read": notice.is_read,
    })
}

fn sentence(notice: &Notice, registry: &Registry) -> String {
    let kind = registry.kind(notice.kind);
    let by = if notice.by.is_empty() { "Somebody" } else { &notice.by };
    let what = format!("{} {}", kind.code(notice.record), notice.title);
    let said = if notice.said.is_empty() { String::new() } else { format!(": {}", notice.said) };
    let what = if notice.records > 1 { format!("{} {}", notice.records, kind.many.en.to_lowercase()) } else { what };
    let whom = if notice.on_behalf.is_empty() { String::new() } else { format!("For {}: ", notice.on_behalf) };
    let them = if notice.on_behalf.is_empty() { "you" } else { "them" };
    whom + &match notice.why {
        Why::Assigned => format!("{by} assigned {them} {what}"),
        Why::Reply => format!("{by} wrote in {what}{said}"),
        Why::Comment => format!("{by} commented on {what}{said}"),
        Why::Mention => format!("{by} mentioned {them} on {what}{said}"),
        Why::Status => format!("{by} changed the status of {what}"),
        Why::Given => format!("{by} gave {what} to somebody else"),
        Why::Conflict => format!("{by} changed {what} while you did; yours is not saved"),
    }
}
