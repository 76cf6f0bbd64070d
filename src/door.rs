//! Chooses a door: a subcommand, the terminal application, or the door for a team. Here and not in `main.rs`, which would
//! have all of the program's futures compiled a second time.

use std::io::Write;
use std::process::ExitCode;

use crate::cli::{self, App, Cli, Command, Exit, Then, Usage};
use crate::config::Settings;
use crate::domain::change::Door;
use crate::{server, tui};
use clap::Parser;

/// Goes through the door that this process' arguments name, and comes back when the person has left.
pub fn open() -> ExitCode {
    let cli = Cli::parse_from(cli::arguments(std::env::args_os()));
    let result = match &cli.command {
        // The keeper stays behind for as long as anybody works: no threads, no settings, no database connection.
        Some(Command::Keeper(args)) => args.keep(cli.flags.data_dir.as_deref()),
        _ => run(cli),
    };
    let Err(error) = result else { return ExitCode::SUCCESS };
    let code = Exit::of(&error);
    if code != Exit::Done {
        tracing::error!("{error:#}");
        let _ = write!(std::io::stderr(), "{}", cli::complaint(&error));
    }
    ExitCode::from(code as u8)
}

#[tokio::main]
async fn run(cli: Cli) -> anyhow::Result<()> {
    let settings = Settings::load(&cli.flags).map_err(|error| Usage(format!("{error:#}")))?;
    let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let said = tui::Said {
        lang: cli.flags.lang.is_some() || set("FRONTDESK_LANG"),
        theme: cli.flags.theme.is_some() || set("FRONTDESK_THEME"),
        depth: set("NO_COLOR"),
    };
    cli::log_to_file(&settings.data_dir);
    let mut app = App::new(settings);
    let then = match cli.command {
        Some(command) => cli::run(command, &mut app).await?,
        None => Then::Terminal,
    };
    match then {
        Then::Leave => return Ok(()),
        Then::Serve(args) => return server::run(&app, args).await,
        Then::Terminal => {}
    }
    let office = app.open(Door::Tui).await?;
    let settings = &app.settings;
    let theme = settings.theme.as_ref().map(|name| settings.config_dir.join(format!("themes/{name}.toml")));
    let keys = settings.config_dir.join("keys.toml");
    let own = tui::own::OwnFiles {
        theme_text: theme.as_deref().and_then(read),
        theme,
        keys_text: read(&keys),
        keys: Some(keys),
    };
    let options = tui::Options {
        theme: settings.theme.clone(),
        own,
        plain: settings.plain,
        open: cli.at,
        reached: cli::reached(settings),
        said,
        ..tui::Options::from_env()
    };
    tui::run(office.desk.clone(), office.cx.clone(), options).await
}

/// A file of the person's own, when there is one.
fn read(file: &std::path::Path) -> Option<String> {
    std::fs::read_to_string(file).ok()
}
