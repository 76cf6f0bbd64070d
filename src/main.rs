//! Only chooses a door: a subcommand, or the terminal application.

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;
use frontdesk::cli::{self, App, Cli, Command, Exit, Then};
use frontdesk::config::Settings;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let result = match &cli.command {
        // The keeper stays behind for as long as anybody works: no threads, no settings, no database connection.
        Some(Command::Keeper(args)) => args.keep(cli.flags.data_dir.as_deref()),
        _ => run(cli),
    };
    let Err(error) = result else { return ExitCode::SUCCESS };
    let code = Exit::of(&error);
    if code != Exit::Done {
        tracing::error!("{error:#}");
        let _ = writeln!(std::io::stderr(), "frontdesk: {error:#}");
    }
    ExitCode::from(code as u8)
}

#[tokio::main]
async fn run(cli: Cli) -> anyhow::Result<()> {
    let settings = Settings::load(&cli.flags)?;
    cli::log_to_file(&settings.data_dir);
    let mut app = App::new(settings);
    let then = match cli.command {
        Some(command) => cli::run(command, &mut app).await?,
        None => Then::Terminal,
    };
    if then == Then::Leave {
        return Ok(());
    }
    // The terminal application takes over here: `tui::run(office.desk, office.cx, &app.settings, cli.at)`.
    let _office = app.open(frontdesk::domain::change::Door::Tui).await?;
    anyhow::bail!("this build has no terminal application yet; see `frontdesk --help` for what it can do")
}
