//! `frontdesk user invite`: a mail for a newcomer, with the code that lets them in once.

use std::io::Write;

use anyhow::Result;
use chrono::TimeDelta;
use clap::Args;

use super::{App, Office, Usage, cells, given, host_key, output};
use crate::desk::Invitation;
use crate::domain::kind::{Registry, USER};
use crate::domain::when;

/// The mail in both languages; words in braces are filled in.
const MAIL: &str = include_str!("invitation.txt");

/// Where `frontdesk serve` listens unless it is told otherwise.
const PORT: u16 = 2222;

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

/// A host that a client can be told to go to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    host: String,
    port: u16,
}

impl Address {
    /// `desk.example.com`, `desk.example.com:22`, `[2001:db8::1]:22`. Nothing that a shell or ssh takes for something else.
    fn read(text: &str) -> Result<Self, String> {
        let (host, port) = match text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            Some((host, port)) => (host, port),
            None if text.matches(':').count() > 1 => (text, ""),
            None => text.split_at(text.find(':').unwrap_or(text.len())),
        };
        let port = match port.strip_prefix(':') {
            Some(port) => port.parse().ok().filter(|port| *port > 0).ok_or("a port is a number up to 65535")?,
            None if port.is_empty() => PORT,
            None => return Err("behind a host there is :PORT".into()),
        };
        let is_plain = |c: char| c.is_ascii_alphanumeric() || ".-:_".contains(c);
        if host.is_empty() || host.starts_with('-') || !host.chars().all(is_plain) {
            return Err("a host is a name such as desk.example.com, or an address".into());
        }
        Ok(Self { host: host.to_owned(), port })
    }

    /// What brings a person there.
    fn command(&self, user: Option<&str>) -> String {
        let port = if self.port == 22 { String::new() } else { format!("-p {} ", self.port) };
        let user = user.map(|user| format!("{user}@")).unwrap_or_default();
        format!("ssh {port}{user}{}", self.host)
    }
}

pub(super) async fn run(args: &InviteArgs, app: &App, office: &Office, registry: &Registry) -> Result<()> {
    if args.withdraw {
        office.desk.withdraw_invite(&office.cx, &args.whose).await?;
        writeln!(office.io.out(), "the invitation of {} opens nothing any more", cells::one_line(&args.whose, 40))?;
        return Ok(());
    }
    let address = match (&args.at, &app.settings.address) {
        (Some(at), _) => at.clone(),
        (None, Some(address)) => Address::read(address).map_err(|why| Usage(format!("`address`: {why}")))?,
        (None, None) => own_name(office)?,
    };
    let invitation = office.desk.invite(&office.cx, &args.whose, args.expires).await?;
    let person = given::by_login(&office.desk, &office.cx, registry, &invitation.login).await?;
    let to = person.as_ref().and_then(|p| p.get(registry.kind(USER), "email").as_str()).unwrap_or_default().to_owned();
    let mail = mail(&invitation, &to, &address, host_key::fingerprint(&app.settings.data_dir).as_deref());
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

fn own_name(office: &Office) -> Result<Address> {
    let name = nix::unistd::gethostname().ok().and_then(|name| name.into_string().ok()).unwrap_or_default();
    let address = Address::read(&name).map_err(|_| Usage("where do people reach the server? --at HOST:PORT".into()))?;
    writeln!(
        office.io.err(),
        "the mail names this machine as {}, port {}; if people reach it elsewhere: --at HOST:PORT, or `address` in config.toml",
        address.host,
        address.port
    )?;
    Ok(address)
}

fn mail(invitation: &Invitation, to: &str, address: &Address, fingerprint: Option<&str>) -> String {
    // Any user name does; one that a shell might take for something else is left out.
    let is_plain = |login: &str| login.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c));
    let user = Some(invitation.login.as_str()).filter(|login| is_plain(login) && !login.starts_with('-'));
    let (trust, trust_zh) = match fingerprint {
        Some(key) => (
            format!("Asked whether you trust the host, answer yes if this is the key that it shows:\n   {key}"),
            format!("询问是否信任该主机时，若显示的密钥如下，请回答 yes：\n   {key}"),
        ),
        None => (
            "Asked whether you trust the host, answer yes.".to_owned(),
            "询问是否信任该主机时，请回答 yes。".to_owned(),
        ),
    };
    let name = cells::inert(&invitation.name);
    let filled = [
        ("to", cells::inert(to).into_owned()),
        ("name", name.into_owned()),
        ("host", address.host.clone()),
        ("port", address.port.to_string()),
        ("user", user.unwrap_or("frontdesk").to_owned()),
        ("ssh", address.command(user)),
        ("trust", trust),
        ("trust_zh", trust_zh),
        ("code", invitation.code.clone()),
        ("expires", invitation.expires.format("%F %R UTC").to_string()),
    ];
    // In one pass, so that a name with braces stays a name.
    let mut mail = String::with_capacity(MAIL.len() + 1_000);
    let mut rest = MAIL;
    while let Some((before, after)) = rest.split_once('{') {
        mail.push_str(before);
        let found = filled.iter().find_map(|(word, text)| Some((text, after.strip_prefix(word)?.strip_prefix('}')?)));
        if let Some((text, after)) = found {
            mail.push_str(text);
            rest = after;
        } else {
            mail.push('{');
            rest = after;
        }
    }
    mail.push_str(rest);
    // Nobody's address is known: whoever sends it fills it in.
    if to.is_empty() { mail.replacen("To: \n", "", 1) } else { mail }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn invitation(login: &str, name: &str) -> Invitation {
        let expires = "2026-12-03T21:00:00Z".parse().expect("a moment");
        Invitation { login: login.into(), name: name.into(), code: "7KQM-2XVD-9RTH-4WPC".into(), expires }
    }

    #[test]
    fn an_address_is_a_host_and_a_port_and_nothing_else() {
        for (text, shown) in [
            ("desk.example.com", "ssh -p 2222 desk.example.com"),
            ("desk.example.com:22", "ssh desk.example.com"),
            ("192.0.2.7:2200", "ssh -p 2200 192.0.2.7"),
            ("[2001:db8::7]:22", "ssh 2001:db8::7"),
            ("2001:db8::7", "ssh -p 2222 2001:db8::7"),
        ] {
            assert_eq!(Address::read(text).map(|a| a.command(None)).as_deref(), Ok(shown));
        }
        for text in ["", ":22", "-oProxyCommand=x", "a b", "a;b", "$(x)", "desk:0", "desk:99999", "desk:x", "[::1]22"] {
            assert!(Address::read(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_mail_has_all_that_a_newcomer_needs_and_no_blank_is_left() {
        let address = Address::read("desk.example.com").expect("an address");
        let text = mail(&invitation("ana", "Ana {code} Li"), "ana@example.com", &address, Some("SHA256:abc"));
        for part in [
            "To: ana@example.com\n",
            "Hello Ana {code} Li,",
            "Ana {code} Li，您好",
            "   ssh -p 2222 ana@desk.example.com\n",
            "SHA256:abc",
            "7KQM-2XVD-9RTH-4WPC",
            "2026-12-03 21:00 UTC",
            "if (!(Test-Path ~\\.ssh\\id_ed25519)) { ssh-keygen -t ed25519 }",
        ] {
            assert!(text.contains(part), "{part}\n{text}");
        }
        assert_eq!(text.matches("7KQM").count(), 2, "once in each language");
        let text = mail(&invitation("ana; rm", "Ana\u{1b}[31m"), "", &address, None);
        assert!(text.starts_with("Subject:") && text.contains("   ssh -p 2222 desk.example.com\n"), "{text}");
        assert!(!text.contains('\u{1b}') && !text.contains("{trust"), "{text}");
    }

    #[test]
    fn a_code_lasts_as_long_as_is_said() {
        assert_eq!(span("3d"), Ok(TimeDelta::days(3)));
        assert_eq!(span("12h"), Ok(TimeDelta::hours(12)));
        assert!(span("soon").is_err());
    }
}
