//! `frontdesk doctor`: what is wrong, and what to do.

use std::io::Write;
use std::os::unix::fs::PermissionsExt;

use anyhow::{Result, bail};
use clap::Args;

use super::App;
use crate::config::{Server, Settings};
use crate::store::doctor::{self, Finding, State};
use crate::store::postgres::Private;

#[derive(Debug, Args)]
pub struct DoctorArgs {
    /// One JSON object a line: what, state (fine, worse, broken), found, advice
    #[arg(long)]
    json: bool,
}

/// Less free space than this makes Postgres stop in the middle of somebody's work.
const LOW_BYTES: u64 = 1_000_000_000;

pub(super) async fn run(args: &DoctorArgs, app: &App) -> Result<()> {
    let mut findings = local(&app.settings);
    match app.enter().await {
        Ok(entered) => findings.extend(doctor::examine(&entered.database).await),
        Err(e) => findings.push(Finding::broken("server", format!("{e:#}"), "See `frontdesk db status` and its log.")),
    }
    let mut out = app.io.out();
    for finding in &findings {
        let state = match finding.state {
            State::Fine => "fine",
            State::Worse => "worse",
            State::Broken => "broken",
        };
        if args.json {
            let Finding { what, found, advice, .. } = finding;
            let line = serde_json::json!({"what": what, "state": state, "found": found, "advice": advice});
            writeln!(out, "{}", super::output::json_line(&line)?)?;
        } else {
            writeln!(out, "{state:<7} {:<11} {}", finding.what, finding.found)?;
            if !finding.advice.is_empty() {
                writeln!(out, "        {:<11} → {}", "", finding.advice)?;
            }
        }
    }
    match findings.iter().filter(|f| f.state == State::Broken).count() {
        0 => Ok(()),
        1 => bail!("one thing is broken"),
        n => bail!("{n} things are broken"),
    }
}

/// `…://ana:secret@host…`; a colon further on is the port's.
fn has_password(line: &str) -> bool {
    let authority = line.split_once("://").map_or("", |(_, rest)| rest.split(['/', '?']).next().unwrap_or_default());
    authority.rsplit_once('@').is_some_and(|(user, _)| user.contains(':'))
}

/// What can be said without a database.
fn local(settings: &Settings) -> Vec<Finding> {
    let mut findings = Vec::new();
    let file = settings.config_dir.join("config.toml");
    if let (Ok(text), Ok(meta)) = (std::fs::read_to_string(&file), std::fs::metadata(&file)) {
        let shown = file.display();
        let secret = text.lines().any(|l| l.contains("url") && (l.contains("password=") || has_password(l)));
        findings.push(if secret && meta.permissions().mode() & 0o077 != 0 {
            Finding::worse(
                "settings",
                format!("{shown} holds a password and others can read it"),
                format!("chmod 600 {shown}"),
            )
        } else {
            Finding::fine("settings", shown.to_string())
        });
    }
    if let Server::Private = settings.server {
        match Private::new(&settings.data_dir).binaries() {
            Ok(found) => {
                let programs = format!("PostgreSQL {} in {}", found.major, found.dir.display());
                findings.push(Finding::fine("programs", programs));
            }
            Err(e) => findings.push(Finding::broken("programs", e.to_string(), "")),
        }
        if let Ok(status) = Private::new(&settings.data_dir).status()
            && let Some(place) = status.home.ancestors().find(|dir| dir.exists())
            && let Ok(disk) = nix::sys::statvfs::statvfs(place)
        {
            // The two types differ between systems.
            let free = u128::from(disk.blocks_available()) * u128::from(disk.fragment_size());
            let found = format!("{:.1} GB free for {}", free as f64 / 1e9, status.home.display());
            findings.push(if free < u128::from(LOW_BYTES) {
                Finding::worse("disk", found, "Make room, or move the workspace with --data-dir.")
            } else {
                Finding::fine("disk", found)
            });
        }
    }
    findings
}
