//! `frontdesk serve`: the team's door over SSH. Here is what it is told; `server` does it.

use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Result;
use clap::Args;

use super::Then;
use super::io::Io;
use crate::config::SecondFactor;
use crate::domain::when;

/// The unit for systemd that README's set-up uses.
const UNIT: &str = include_str!("frontdesk.service");

const EXAMPLES: &str = "\
Examples:
  frontdesk serve                              port 2222, on all addresses
  frontdesk serve --listen 127.0.0.1:2022 --seats 3
  frontdesk serve --metrics 127.0.0.1:9464     for Prometheus: seats, frames, latency, the database
  frontdesk serve --user-ca user_ca.pub        whoever has a certificate of that authority comes in
  frontdesk serve --unit | sudo tee /etc/systemd/system/frontdesk.service

Its host key is made at the first start and kept in the data folder. People come in with keys that an admin has added
(`frontdesk user key add LOGIN < id.pub`), or with a code the first time (`frontdesk user invite LOGIN`), by any user name:
  ssh -p 2222 desk.example.com                       a seat
  ssh -t -p 2222 desk.example.com T1042              a seat at ticket 1042
  ssh -p 2222 desk.example.com ticket list --json status:open

A certificate is one of `ssh-keygen -s`, for a user. Its principal is the login; of several the user name is the one. It is
valid to the second by this server's clock, `source-address` is obeyed, one with any other critical option is refused, and
without `permit-pty` there is no seat. --user-ca and --revoked-keys also stand in config.toml, `user_ca = [\"FILE\"]` and
`revoked_keys = \"FILE\"` below `[server]`; the list is read at each sign-in, and seats that are open end within 20 seconds.

Whoever has a seat may ask to see a colleague's screen at the same server (`ssh -t HOST watch LOGIN`); --watch is how long
they have to agree, and 0 turns it off.

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
    /// How long somebody whose screen a colleague asks to see has to agree: 30s, 2m; 0: nobody sees another's screen
    #[arg(long, value_name = "SPAN", default_value = "30s", value_parser = watch)]
    pub watch: Duration,
    /// Seconds that somebody has to show a key; whoever is asked for an invitation's code has three minutes more
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..))]
    pub grace: u32,
    /// Let in who has a certificate of one of these authorities: a file of public keys, one a line; may be repeated
    #[arg(long, value_name = "FILE")]
    pub user_ca: Vec<PathBuf>,
    /// Keys and certificates that open nothing any more: a line each, a public key, `serial: 7`, `id: …`, `sha256: SHA256:…`
    #[arg(long, value_name = "FILE")]
    pub revoked_keys: Option<PathBuf>,
    /// Who is asked for a code of an authenticator app besides their key [default: optional, or `second_factor` below
    /// `[server]` in config.toml]
    #[arg(long, value_name = "WHO")]
    pub second_factor: Option<SecondFactor>,
    /// Give metrics to Prometheus at http://ADDR:PORT/metrics, on a loopback address
    #[arg(long, value_name = "ADDR:PORT", value_parser = loopback)]
    pub metrics: Option<SocketAddr>,
    /// Print a unit for systemd, and do nothing else
    #[arg(long)]
    pub unit: bool,
}

fn idle(text: &str) -> Result<Duration, String> {
    span(text).ok_or_else(|| "a span is 30m, 12h or 2d, and 0 means for ever".to_owned())
}

fn watch(text: &str) -> Result<Duration, String> {
    span(text).ok_or_else(|| "a span is 30s or 2m, and 0 means that nobody sees another's screen".to_owned())
}

fn span(text: &str) -> Option<Duration> {
    let seconds = if text == "0" { Ok(0) } else { when::span(text) };
    let seconds = seconds.ok().and_then(|seconds| u64::try_from(seconds).ok());
    seconds.map(Duration::from_secs)
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
