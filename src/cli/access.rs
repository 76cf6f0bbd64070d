//! `frontdesk user log`: invitations, codes, keys, and who came in over SSH from where.

use std::io::Write;

use anyhow::Result;
use clap::Args;

use super::{Office, cells, output};
use crate::desk::Access;

const EXAMPLES: &str = "\
Examples:
  frontdesk user log ana
  frontdesk user log --limit 500 --json

An admin sees what happened at everybody's door, also codes that were nobody's; everybody else their own. It is kept for
400 days.";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct LogArgs {
    /// Only about this person
    #[arg(value_name = "LOGIN")]
    pub whose: Option<String>,
    /// At most so many, the newest
    #[arg(long, default_value_t = 50)]
    pub limit: u32,
    /// One JSON object each
    #[arg(long)]
    pub json: bool,
}

pub(super) async fn run(args: &LogArgs, office: &Office) -> Result<()> {
    let told = office.desk.accesses(&office.cx, args.whose.as_deref(), args.limit).await?;
    if args.json {
        let mut out = office.io.out();
        for access in &told {
            let line = serde_json::json!({
                "at": access.at, "deed": access.deed, "login": access.login, "by": access.by,
                "fingerprint": access.fingerprint, "address": access.address, "note": access.note,
                "times": access.times,
            });
            writeln!(out, "{}", output::json_line(&line)?)?;
        }
        return Ok(());
    }
    if told.is_empty() {
        return Ok(());
    }
    let head = ["When", "Login", "What", "By", "From", "Key"];
    let mut rows = output::table(&office.io, head.into_iter().map(str::to_owned));
    for access in told {
        let or_dash =
            |text: &Option<String>| text.as_deref().map_or_else(|| "—".into(), |text| cells::one_line(text, 60));
        rows.add_row([
            access.at.with_timezone(&office.cx.viewer.zone).format("%F %R").to_string(),
            or_dash(&access.login),
            what(&access),
            or_dash(&access.by),
            or_dash(&access.address),
            or_dash(&access.fingerprint),
        ]);
    }
    Ok(output::print(&office.io, &rows)?)
}

/// `code refused: expired, then 3 more`
fn what(access: &Access) -> String {
    let deed = access.deed.replace('_', " ");
    match (access.deed.as_str(), access.times) {
        ("invited", _) => format!("invited until {}", access.note),
        ("code_refused", 1) => format!("{deed}: {}", access.note),
        ("code_refused", times) => format!("{deed}: {}, then {} more", access.note, times - 1),
        ("factor_refused", 1) => format!("second factor refused: {}", access.note),
        ("factor_refused", times) => format!("second factor refused: {}, then {} more", access.note, times - 1),
        ("factor_set" | "factor_removed", _) => deed.replace("factor", "second factor"),
        ("recovery_used", _) => format!("recovery code used, {}", access.note),
        ("withdrawn", _) => "invitation withdrawn".into(),
        ("screen_shown", _) => "screen shown to".into(),
        ("screen_closed", _) => format!("screen no longer shown to: {}", access.note),
        ("came_in", _) if !access.note.is_empty() => format!("{deed} by {}", cells::one_line(&access.note, 60)),
        _ => deed,
    }
}
