//! `frontdesk user key add|list|remove`: the keys by which people come in over SSH.

use std::io::{self, Read, Write};

use anyhow::Result;
use clap::{Args, Subcommand};
use russh::keys::{HashAlg, PublicKey};

use super::{Io, Office, Usage, cells, output};
use crate::desk::{NewKey, UserKey};

const EXAMPLES: &str = "\
Examples:
  frontdesk user key add ana < id_ed25519.pub
  frontdesk user key list ana
  frontdesk user key remove SHA256:zYT0z3Zq5mUJr1oGmCEyEWmOZxYnrVq6R3oUq8bPJ2A

A removed key lets nobody in any more; seats that were entered with it end at once.";

/// More than the largest public key that OpenSSH makes.
const LONGEST: u64 = 16_384;

#[derive(Debug, Subcommand)]
pub enum KeyCommand {
    /// Give a person a key: the one line of a .pub file, on standard input
    Add(AddArgs),
    /// List keys, with when each was used last
    List(ListArgs),
    /// Take a key back
    Remove(RemoveArgs),
}

#[derive(Debug, Args)]
pub struct AddArgs {
    /// Whose key it is
    #[arg(value_name = "LOGIN")]
    pub whose: String,
}

#[derive(Debug, Args)]
pub struct ListArgs {
    /// Only this person's
    #[arg(value_name = "LOGIN")]
    pub whose: Option<String>,
    /// One JSON object a key
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct RemoveArgs {
    /// As `user key list` and `ssh-keygen -l` print it: SHA256:…
    pub fingerprint: String,
}

/// The subcommand of `frontdesk user`.
pub(super) fn command() -> clap::Command {
    let about = "Keys by which people come in over SSH: add, list, remove";
    KeyCommand::augment_subcommands(clap::Command::new("key").about(about))
        .subcommand_required(true)
        .arg_required_else_help(true)
        .after_help(EXAMPLES)
}

pub(super) async fn run(command: KeyCommand, office: &Office) -> Result<()> {
    match command {
        KeyCommand::Add(args) => {
            let mut text = String::new();
            office.io.input().take(LONGEST).read_to_string(&mut text)?;
            let key = read(&text)?;
            office.desk.add_key(&office.cx, &args.whose, &key).await?;
            writeln!(office.io.out(), "{} comes in with {}", args.whose, key.fingerprint)?;
        }
        KeyCommand::List(args) => {
            list(&office.io, &office.desk.keys(&office.cx, args.whose.as_deref()).await?, args.json)?;
        }
        KeyCommand::Remove(args) => {
            office.desk.remove_key(&office.cx, &args.fingerprint).await?;
            writeln!(office.io.out(), "{} opens nothing any more", args.fingerprint)?;
        }
    }
    Ok(())
}

/// The one key of a `.pub` file.
fn read(text: &str) -> Result<NewKey> {
    if text.contains("-----BEGIN") {
        return Err(
            Usage("that is a private key, which is nobody else's: give the file that ends in .pub".into()).into()
        );
    }
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let (Some(line), None) = (lines.next(), lines.next()) else {
        return Err(Usage("one public key is wanted on standard input: … user key add LOGIN < id.pub".into()).into());
    };
    let key = PublicKey::from_openssh(line).map_err(|_| {
        Usage("that is no public key of OpenSSH; one begins with ssh-ed25519, ecdsa-… or ssh-rsa".into())
    })?;
    Ok(NewKey {
        algorithm: key.algorithm().to_string(),
        fingerprint: key.fingerprint(HashAlg::Sha256).to_string(),
        comment: cells::inert(key.comment().as_ref()).into_owned(),
    })
}

fn list(io: &Io, keys: &[UserKey], as_json: bool) -> io::Result<()> {
    if as_json {
        let mut out = io.out();
        for key in keys {
            let line = serde_json::json!({
                "login": key.login, "algorithm": key.key.algorithm, "fingerprint": key.key.fingerprint,
                "comment": key.key.comment, "added": key.added, "used": key.used, "removed": key.revoked,
            });
            writeln!(out, "{}", output::json_line(&line)?)?;
        }
        return Ok(());
    }
    let mut rows =
        output::table(io, ["Login", "Fingerprint", "Kind", "Comment", "Last used"].into_iter().map(str::to_owned));
    for key in keys.iter().filter(|key| key.revoked.is_none()) {
        let used = key.used.map_or_else(|| "never".into(), |at| at.format("%F %R UTC").to_string());
        rows.add_row([
            cells::one_line(&key.login, 40),
            key.key.fingerprint.clone(),
            key.key.algorithm.clone(),
            cells::one_line(&key.key.comment, 40),
            used,
        ]);
    }
    if rows.row_count() == 0 {
        return Ok(());
    }
    output::print(io, &rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ED25519: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJbNtqCYOXBOTBYaQKKeFPoJhkRCvA6Z5TqnZwsGDwQZ ana@laptop";

    #[test]
    fn one_public_key_is_taken_and_nothing_else() {
        let key = read(&format!("# mine\n\n{ED25519}\r\n")).expect("a key");
        assert_eq!((key.algorithm.as_str(), key.comment.as_str()), ("ssh-ed25519", "ana@laptop"));
        assert!(key.fingerprint.starts_with("SHA256:"), "{}", key.fingerprint);
        for (text, word) in [
            ("", "one public key"),
            ("ssh-ed25519 nonsense", "no public key"),
            ("-----BEGIN OPENSSH PRIVATE KEY-----", "private key"),
        ] {
            let said = read(text).expect_err(text).to_string();
            assert!(said.contains(word), "{said}");
        }
        let said = read(&format!("{ED25519}\n{ED25519}")).expect_err("two").to_string();
        assert!(said.contains("one public key"), "{said}");
    }
}
