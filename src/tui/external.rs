//! The person's own editor for a long text: the seat lets go of the terminal, waits for the editor, and takes the
//! terminal back. Only where the program runs at the person's own terminal.

use std::io;
use std::path::Path;
use std::process::ExitStatus;

use tempfile::NamedTempFile;
use tokio_util::sync::CancellationToken;

/// What became of the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Edited {
    /// As it was saved.
    Text(String),
    /// Neither `VISUAL` nor `EDITOR` says which editor.
    NoEditor,
    /// This terminal is elsewhere: no program of this machine can draw on it.
    Remote,
    /// The editor ended badly, or the file could not be read: the text stays as it was.
    Failed(String),
}

/// The command of the person's editor, as a shell reads it.
pub(super) fn command(var: impl Fn(&str) -> Option<String>) -> Option<String> {
    ["VISUAL", "EDITOR"].into_iter().filter_map(var).find(|command| !command.trim().is_empty())
}

/// Runs the editor on the text in a file that only this person can read, until it ends or the seat does. The terminal
/// must have been let go of.
pub(super) async fn edit(command: &str, text: &str, cancel: &CancellationToken) -> Edited {
    match run(command, text, cancel).await {
        Ok(edited) => edited,
        Err(e) => Edited::Failed(e.to_string()),
    }
}

async fn run(command: &str, text: &str, cancel: &CancellationToken) -> io::Result<Edited> {
    let file: NamedTempFile = tempfile::Builder::new().prefix("frontdesk-").suffix(".txt").tempfile()?;
    tokio::fs::write(file.path(), ended(text)).await?;
    // Ctrl-c in the editor is the editor's: caught here, it does not end this process.
    let _interrupts = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::interrupt())?;
    let _quits = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::quit())?;
    let mut child = shell(command, file.path()).kill_on_drop(true).spawn()?;
    let status: ExitStatus = tokio::select! {
        status = child.wait() => status?,
        () = cancel.cancelled() => {
            child.kill().await?;
            return Ok(Edited::Text(text.to_owned()));
        }
    };
    if !status.success() {
        return Ok(Edited::Failed(status.to_string()));
    }
    let written = tokio::fs::read(file.path()).await?;
    let written = String::from_utf8_lossy(&written);
    Ok(Edited::Text(written.strip_suffix('\n').unwrap_or(&written).to_owned()))
}

/// Editors are named with their options (`code --wait`), so a shell reads the name, and the file is its argument. The
/// editor takes the shell's place, so that ending the one ends the other.
fn shell(command: &str, file: &Path) -> tokio::process::Command {
    let mut shell = tokio::process::Command::new("/bin/sh");
    shell.arg("-c").arg(format!("exec {command} \"$@\"")).arg("sh").arg(file);
    shell
}

/// Files of text end with a line's end.
fn ended(text: &str) -> String {
    if text.is_empty() || text.ends_with('\n') { text.to_owned() } else { format!("{text}\n") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn visual_goes_before_editor() {
        let var = |visual: &'static str, editor: &'static str| {
            command(move |name| Some(if name == "VISUAL" { visual } else { editor }.to_owned()))
        };
        assert_eq!(var("code --wait", "vi").as_deref(), Some("code --wait"));
        assert_eq!(var(" ", "vi").as_deref(), Some("vi"));
        assert_eq!(command(|_| None), None);
    }

    #[tokio::test]
    async fn the_text_comes_back_as_it_was_saved() {
        let none = CancellationToken::new();
        let edited = edit("sed -i s/draft/reply/", "a draft\n客户", &none).await;
        assert_eq!(edited, Edited::Text("a reply\n客户".into()));
        assert!(matches!(edit("false", "kept", &none).await, Edited::Failed(_)));
        none.cancel();
        assert_eq!(edit("tail -f /dev/null", "kept", &none).await, Edited::Text("kept".into()), "the seat ends");
    }
}
