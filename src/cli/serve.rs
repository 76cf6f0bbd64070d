//! `frontdesk serve`: the team's door over SSH. Here is what it is told; `server` does it.

use std::io::Write;
use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Result;
use clap::Args;

use super::Then;
use super::io::Io;
use crate::domain::when;

/// The unit for systemd that README's set-up uses.
const UNIT: &str = include_str!("frontdesk.service");

const EXAMPLES: &str = "\
Examples:
  frontdesk serve                              port 2222, on all addresses
  frontdesk serve --listen 127.0.0.1:2022 --seats 3
  frontdesk serve --metrics 127.0.0.1:9464     for Prometheus: seats, frames, latency, the database
  frontdesk serve --unit | sudo tee /etc/systemd/system/frontdesk.service

Its host key is made at the first start and kept in the data folder. People come in with keys that an admin has added
(`frontdesk user key add LOGIN < id.pub`), or with a code the first time (`frontdesk user invite LOGIN`), by any user name:
  ssh -p 2222 desk.example.com                       a seat
  ssh -t -p 2222 desk.example.com T1042              a seat at ticket 1042
  ssh -p 2222 desk.example.com ticket list --json status:open

SIGTERM lets nobody new in, ends seats in order (what is unsaved is kept as a draft) and leaves within ten seconds.";

#[derive(Clone, Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct ServeArgs {
    /// Where to listen
    #[arg(long, value_name = "ADDR:PORT", default_value = "0.0.0.0:2222")]
    pub listen: SocketAddr,
    /// Connections at once, at most
    #[arg(long, value_name = "N", default_value_t = 500, value_parser = clap::value_parser!(u32).range(1..))]
    pub connections: u32,
    /// Seats and running commands of one person at once, at most
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..))]
    pub seats: u32,
    /// How long a seat stays without a key: 30m, 12h; 0 for ever
    #[arg(long, value_name = "SPAN", default_value = "12h", value_parser = idle)]
    pub idle: Duration,
    /// Seconds that somebody has to show a key; whoever is asked for an invitation's code has three minutes more
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..))]
    pub grace: u32,
    /// Give metrics to Prometheus at http://ADDR:PORT/metrics, on a loopback address
    #[arg(long, value_name = "ADDR:PORT", value_parser = loopback)]
    pub metrics: Option<SocketAddr>,
    /// Print a unit for systemd, and do nothing else
    #[arg(long)]
    pub unit: bool,
}

fn idle(text: &str) -> Result<Duration, String> {
    let seconds = if text == "0" { Ok(0) } else { when::span(text) };
    let seconds = seconds.ok().and_then(|seconds| u64::try_from(seconds).ok());
    seconds.map(Duration::from_secs).ok_or_else(|| "a span is 30m, 12h or 2d, and 0 means for ever".to_owned())
}

/// Metrics have no key to show, so they are for this machine alone.
fn loopback(text: &str) -> Result<SocketAddr, String> {
    let at: SocketAddr = text.parse().map_err(|_| "give an address and a port, such as 127.0.0.1:9464".to_owned())?;
    if at.ip().to_canonical().is_loopback() {
        return Ok(at);
    }
    Err("only a loopback address such as 127.0.0.1:9464; a proxy in front of it may ask for a password".into())
}

/// Serving itself is what is left to do behind the settings; a unit is only printed.
pub(super) fn run(args: ServeArgs, io: &Io) -> Result<Then> {
    if args.unit {
        io.out().write_all(UNIT.as_bytes())?;
        return Ok(Then::Leave);
    }
    Ok(Then::Serve(args))
}
