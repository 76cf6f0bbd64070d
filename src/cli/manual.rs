//! Completions for shells and manual pages, made from the same tree as `--help`.

use std::io::Write;
use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::{Args, CommandFactory};
use clap_complete::Shell;

use super::{Cli, Io};

const COMPLETIONS: &str = "\
Examples:
  frontdesk completions bash > ~/.local/share/bash-completion/completions/frontdesk
  frontdesk completions zsh > ~/.zfunc/_frontdesk
  frontdesk completions fish > ~/.config/fish/completions/frontdesk.fish";

const MAN: &str = "\
Examples:
  frontdesk man ~/.local/share/man/man1
  frontdesk man > frontdesk.1";

#[derive(Debug, Args)]
#[command(after_help = COMPLETIONS)]
pub struct CompletionsArgs {
    /// The shell that they are for
    pub shell: Shell,
}

#[derive(Debug, Args)]
#[command(after_help = MAN)]
pub struct ManArgs {
    /// A folder that gets a page for each subcommand; without it, the program's own page is printed
    pub folder: Option<PathBuf>,
}

pub(super) fn completions(args: &CompletionsArgs, io: &Io) -> Result<()> {
    // By way of memory: a reader who has seen enough ends the command quietly.
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "frontdesk", &mut script);
    Ok(io.out().write_all(&script)?)
}

pub(super) fn man(args: &ManArgs, io: &Io) -> Result<()> {
    let Some(folder) = &args.folder else {
        let mut page = Vec::new();
        clap_mangen::Man::new(Cli::command()).render(&mut page)?;
        return Ok(io.out().write_all(&page)?);
    };
    let shown = folder.display();
    std::fs::create_dir_all(folder).with_context(|| format!("{shown} cannot be made"))?;
    clap_mangen::generate_to(Cli::command(), folder).with_context(|| format!("no pages could be written to {shown}"))
}
