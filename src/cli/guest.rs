//! What somebody who came in over SSH may run: every data command, with their own rights. Never what touches the
//! server's files and processes, and never as somebody else or on another database.

use anyhow::Result;

use super::{App, Cli, Command, Then, Usage};
use super::{key::KeyCommand, record::Verb, staff::StaffCommand};
use crate::desk::Error;
use crate::domain::change::Door;

/// Runs what a guest asks for, or refuses it.
pub async fn run_for_guest(cli: Cli, app: &mut App) -> Result<()> {
    refuse_flags(&cli)?;
    let Some(command) = cli.command else {
        return Err(Usage("say what to do, such as `ticket list`; for a seat: ssh -t …".into()).into());
    };
    let refused = match &command {
        Command::Import(_)
        | Command::Export(_)
        | Command::History(_)
        | Command::Inbox(_)
        | Command::Undo(_)
        | Command::Watch(_)
        | Command::Unwatch(_)
        | Command::Field(_)
        | Command::Metric(_)
        | Command::Record(_)
        | Command::Seat(_)
        | Command::Role(_)
        | Command::Completions(_)
        | Command::Man(_)
            if !names_a_file(&command) =>
        {
            None
        }
        Command::Import(_) | Command::Man(_) => {
            Some("Over SSH there are no files but your own: import KIND - < FILE, and nothing that writes one.")
        }
        Command::Doctor(_) => {
            let office = app.open(Door::Cli).await?;
            (!office.cx.viewer.me.is_admin()).then_some("Only an admin may ask that.")
        }
        _ => Some("That is for whoever sits at the server."),
    };
    if let Some(why) = refused {
        return Err(Error::Denied(why.into()).into());
    }
    match super::run(command, app).await? {
        Then::Leave => Ok(()),
        Then::Terminal | Then::Serve(_) => unreachable!("both are refused"),
    }
}

fn refuse_flags(cli: &Cli) -> Result<()> {
    let flags = &cli.flags;
    let given = [
        (flags.data_dir.is_some(), "--data-dir"),
        (flags.database_url.is_some(), "--database-url"),
        (flags.workspace.is_some(), "--workspace"),
        (flags.login.is_some(), "--as"),
    ];
    match given.iter().find(|(is_given, _)| *is_given) {
        Some((_, flag)) => {
            Err(Error::Denied(format!("Over SSH there is no {flag}: you are whose key you have.")).into())
        }
        None => Ok(()),
    }
}

/// A file or folder of the server's.
fn names_a_file(command: &Command) -> bool {
    match command {
        Command::Import(args) => args.file.as_os_str() != "-" || args.refused.is_some(),
        Command::Man(args) => args.folder.is_some(),
        _ => false,
    }
}

/// True for a command that reads its input; some ask, at a terminal.
pub fn reads(command: &Command, is_terminal: bool) -> bool {
    match command {
        Command::Import(_) => true,
        Command::Record(record) => match record.verb {
            Verb::Key(KeyCommand::Add(_)) | Verb::Staff(StaffCommand::Totp(_)) => true,
            Verb::Set(_) | Verb::Run(_) | Verb::Delete(_) => is_terminal,
            _ => false,
        },
        _ => false,
    }
}
