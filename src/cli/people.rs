//! `frontdesk user status`: who may come in, and how.

use std::io::Write;

use anyhow::Result;
use clap::Args;

use super::{Office, cells, output};
use crate::desk::Colleague;

const EXAMPLES: &str = "\
Examples:
  frontdesk user status
  frontdesk user status ana --json

For admins. `:people` is the same as a live screen.";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct StatusArgs {
    /// Only this person
    #[arg(value_name = "LOGIN")]
    pub whose: Option<String>,
    /// One JSON object each
    #[arg(long)]
    pub json: bool,
}

pub(super) async fn run(args: &StatusArgs, office: &Office) -> Result<()> {
    let people = office.desk.people(&office.cx, args.whose.as_deref()).await?;
    if args.json {
        let mut out = office.io.out();
        for person in &people {
            writeln!(out, "{}", output::json_line(&as_json(person))?)?;
        }
        return Ok(());
    }
    let head = ["Login", "Role", "Team", "State", "Keys", "Second factor", "Seats", "Last sign-in"];
    let mut rows = output::table(&office.io, head.into_iter().map(str::to_owned));
    let day = |at: chrono::DateTime<chrono::Utc>| at.with_timezone(&office.cx.viewer.zone).format("%F %R").to_string();
    for person in people {
        let state = match (person.active, person.invited_until) {
            (false, _) => "disabled".to_owned(),
            (true, Some(until)) => format!("invited until {}", day(until)),
            (true, None) => "active".to_owned(),
        };
        let state = match (person.away_until, &person.deputy) {
            (Some(until), Some(deputy)) => format!("{state}, away until {until}: {}", cells::one_line(deputy, 40)),
            (Some(until), None) => format!("{state}, away until {until}"),
            (None, _) => state,
        };
        rows.add_row([
            cells::one_line(&person.login, 40),
            cells::one_line(&person.role, 20),
            cells::one_line(person.team.as_deref().unwrap_or("—"), 30),
            state,
            person.keys.to_string(),
            if person.factor_since.is_some() { "yes".into() } else { "no".into() },
            person.seats.to_string(),
            person.came_in.map_or_else(|| "never".to_owned(), day),
        ]);
    }
    Ok(output::print(&office.io, &rows)?)
}

fn as_json(person: &Colleague) -> serde_json::Value {
    serde_json::json!({
        "login": person.login, "name": person.name, "role": person.role, "team": person.team, "active": person.active,
        "keys": person.keys, "seats": person.seats, "invited_until": person.invited_until,
        "second_factor_since": person.factor_since, "last_sign_in": person.came_in,
        "away_until": person.away_until, "deputy": person.deputy,
    })
}
