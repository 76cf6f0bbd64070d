//! `frontdesk user invite`: a mail for a newcomer, with the code that lets them in once.

use std::io::Write;

use anyhow::Result;
use chrono::TimeDelta;
use clap::Args;

use super::{App, Office, Usage, cells, host_key, output};
use crate::config::Settings;
use crate::desk::{Address, Reached};
use crate::domain::when;

const EXAMPLES: &str = "\
Examples:
  frontdesk user invite ana --at desk.example.com:2222
  frontdesk user invite ana --expires 12h --json
  frontdesk user invite ana --withdraw

It prints a mail with a code, which is shown this once and kept nowhere. Whoever comes over SSH with a key that nobody has
is asked for a code, and the key becomes theirs. A new invitation replaces the person's other one.";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct InviteArgs {
    /// Who is invited: somebody that `user add` has added
    #[arg(value_name = "LOGIN")]
    pub whose: String,
    /// How long the code is good: 12h, 3d; at most 30 days
    #[arg(long, value_name = "SPAN", default_value = "3d", value_parser = span)]
    pub expires: TimeDelta,
    /// Where people reach `frontdesk serve` [default: `address` of config.toml, else this machine's name, port 2222]
    #[arg(long, value_name = "HOST[:PORT]", value_parser = Address::read)]
    pub at: Option<Address>,
    /// Take the open invitation back: its code opens nothing any more
    #[arg(long, conflicts_with_all = ["expires", "at", "json"])]
    pub withdraw: bool,
    /// As one JSON object
    #[arg(long)]
    pub json: bool,
}

fn span(text: &str) -> Result<TimeDelta, String> {
    let seconds = when::span(text).map_err(|_| "a span is 12h, 3d or 2w".to_owned())?;
    TimeDelta::try_seconds(seconds).ok_or_else(|| "that is too long".to_owned())
}

pub(super) async fn run(args: &InviteArgs, app: &App, office: &Office) -> Result<()> {
    if args.withdraw {
        office.desk.withdraw_invite(&office.cx, &args.whose).await?;
        writeln!(office.io.out(), "the invitation of {} opens nothing any more", cells::one_line(&args.whose, 40))?;
        return Ok(());
    }
    let reached = reached(&app.settings);
    let address = match (&args.at, &reached.address) {
        (Some(at), _) => at.clone(),
        (None, Some(address)) => Address::read(address).map_err(|why| Usage(format!("`address`: {why}")))?,
        (None, None) => return Err(Usage("where do people reach the server? --at HOST:PORT".into()).into()),
    };
    if args.at.is_none() && app.settings.address.is_none() {
        writeln!(
            office.io.err(),
            "the mail names this machine as {}, port {}; if people reach it elsewhere: --at HOST:PORT, or `address` in config.toml",
            address.host(),
            address.port()
        )?;
    }
    let invitation = office.desk.invite(&office.cx, &args.whose, args.expires).await?;
    let mail = invitation.mail(&address, reached.host_key.as_deref());
    let mut out = office.io.out();
    if args.json {
        let line = serde_json::json!({
            "login": invitation.login, "code": invitation.code, "expires": invitation.expires, "mail": mail,
        });
        writeln!(out, "{}", output::json_line(&line)?)?;
    } else {
        out.write_all(mail.as_bytes())?;
    }
    Ok(())
}

/// How people reach the server of these settings, as far as is known: its address, else this machine's name.
pub fn reached(settings: &Settings) -> Reached {
    let own_name = || nix::unistd::gethostname().ok().and_then(|name| name.into_string().ok());
    let own_name = || own_name().filter(|name| Address::read(name).is_ok());
    Reached { address: settings.address.clone().or_else(own_name), host_key: host_key::fingerprint(&settings.data_dir) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_lasts_as_long_as_is_said() {
        assert_eq!(span("3d"), Ok(TimeDelta::days(3)));
        assert_eq!(span("12h"), Ok(TimeDelta::hours(12)));
        assert!(span("soon").is_err());
    }
}
