//! `frontdesk seat list|kick|tell`: who sits at which server just now, sending somebody away, and a word to all.

use std::io::Write;

use anyhow::Result;
use chrono::{DateTime, Utc};
use clap::{Args, Subcommand};

use super::{App, cells, output};
use crate::desk::LiveSeat;
use crate::domain::change::Door;

const EXAMPLES: &str = "\
Examples:
  frontdesk seat list
  frontdesk seat kick bo the server is moved tonight
  frontdesk seat kick tui-53a1f0c2b4d6e897
  frontdesk seat tell back in ten minutes after an update

Seats are those of `frontdesk serve`, of all servers on this database. Whoever is sent away is told by whom and why; what
they had not saved is kept as a draft. It stays written down who ended whose seat.";

#[derive(Debug, Subcommand)]
#[command(after_help = EXAMPLES)]
pub enum SeatCommand {
    /// Live seats, the oldest first
    List(ListArgs),
    /// End a seat, or all of a person's; for who manages users
    Kick(KickArgs),
    /// Tell everybody who has a seat; for who manages users
    Tell(TellArgs),
}

#[derive(Debug, Args)]
pub struct ListArgs {
    /// One JSON object a seat
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct KickArgs {
    /// A login, or a seat as `seat list` names it
    #[arg(value_name = "LOGIN|SEAT")]
    pub which: String,
    /// Why, told to whoever sits there
    #[arg(value_name = "REASON")]
    pub why: Vec<String>,
}

#[derive(Debug, Args)]
pub struct TellArgs {
    /// What to say, 200 characters at most
    #[arg(value_name = "WORDS", required = true)]
    pub said: Vec<String>,
}

pub(super) async fn run(command: SeatCommand, app: &App) -> Result<()> {
    let office = app.open(Door::Cli).await?;
    match command {
        SeatCommand::List(args) => {
            let seats = office.desk.seats(&office.cx).await?;
            if args.json {
                let mut out = office.io.out();
                for seat in &seats {
                    writeln!(out, "{}", output::json_line(&as_json(seat))?)?;
                }
            } else if !seats.is_empty() {
                let head = ["Seat", "Login", "From", "Since", "Idle", "Server"];
                let mut rows = output::table(&office.io, head.into_iter().map(str::to_owned));
                for seat in seats {
                    let since = seat.since.with_timezone(&office.cx.viewer.zone).format("%F %R").to_string();
                    let idle = minutes(seat.touched_at, office.cx.viewer.now);
                    let server = cells::one_line(&seat.server, 40);
                    rows.add_row([seat.seat, cells::one_line(&seat.login, 40), seat.address, since, idle, server]);
                }
                output::print(&office.io, &rows)?;
            }
        }
        SeatCommand::Tell(args) => office.desk.announce(&office.cx, &args.said.join(" ")).await?,
        SeatCommand::Kick(args) => {
            let ended = office.desk.end_seats(&office.cx, &args.which, &args.why.join(" ")).await?;
            writeln!(office.io.out(), "{ended} {} ended", if ended == 1 { "seat" } else { "seats" })?;
        }
    }
    Ok(())
}

fn minutes(from: DateTime<Utc>, to: DateTime<Utc>) -> String {
    format!("{}m", (to - from).num_minutes().max(0))
}

fn as_json(seat: &LiveSeat) -> serde_json::Value {
    serde_json::json!({
        "seat": seat.seat, "login": seat.login, "address": seat.address, "since": seat.since,
        "last_key": seat.touched_at, "server": seat.server,
    })
}
