//! `frontdesk demo`: a workspace of its own on the private server, filled with sample data, then opened.

use std::io::{Write, stderr};
use std::sync::Mutex;

use anyhow::{Context, Result};
use chrono::Utc;
use clap::Args;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::App;
use crate::demo::{self, Scale};
use crate::domain::kind::Registry;
use crate::store::bulk;
use crate::store::postgres::Private;

const EXAMPLES: &str = "\
Examples:
  frontdesk demo                     400 contacts, 150 deals, 250 tickets and their stories
  frontdesk demo --scale 1000000     a million contacts; takes a while the first time
  frontdesk demo --fresh             the sample as new, its dates around now
  frontdesk demo --as ana            sit down as a colleague who sees her own team's records
  frontdesk demo --fill-only         fill it and leave";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct DemoArgs {
    /// So many contacts, with companies, deals, tickets and messages in proportion
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(10..=1_000_000))]
    scale: Option<u32>,
    /// Throw away the sample that is there, with all that was done in it, and make it anew
    #[arg(long)]
    fresh: bool,
    /// Fill it and leave: do not open the terminal application
    #[arg(long)]
    fill_only: bool,
}

/// Makes or finds the sample; returns whether to open the terminal application on it.
pub(super) async fn run(args: DemoArgs, app: &mut App) -> Result<bool> {
    app.settings = app.settings.clone().demo()?;
    if let Some(n) = args.scale {
        // Each size is a workspace of its own: looking at a million does not cost the small one.
        app.settings.workspace = format!("{}_{n}", app.settings.workspace);
    }
    let scale = args.scale.map_or(Scale::LIVELY, |n| Scale::of(n as usize));

    let lease = super::app::enter(&Private::new(&app.settings.data_dir)).await?;
    let database = lease.database(&app.settings.workspace);
    let made = if args.fresh { None } else { demo::filled(&database, &scale).await? };
    if let Some(made) = made {
        let days = (Utc::now() - made).num_days();
        if days > 2 {
            writeln!(stderr(), "This sample is {days} days old, and so are its dates: --fresh makes it anew.")?;
        }
    } else {
        // What is there is of another edition, or was cut short.
        bulk::drop_database(&database).await.context("The demo cannot be made anew while somebody has it open")?;
        app.enter().await?;
        let bar = Bar::new();
        demo::fill(&database, scale, Utc::now(), &|what, done, of| bar.tell(what, done, of)).await?;
        bar.end();
    }
    Ok(!args.fill_only)
}

/// One line on the terminal, if there is one.
struct Bar {
    bar: ProgressBar,
    now: Mutex<String>,
}

impl Bar {
    fn new() -> Self {
        let style = ProgressStyle::with_template("{msg:12} {bar:40} {human_pos} of {human_len}  {elapsed}")
            .expect("the template is well formed");
        let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr()).with_style(style);
        Self { bar, now: Mutex::new(String::new()) }
    }

    fn tell(&self, what: &str, done: u64, of: u64) {
        let mut now = self.now.lock().expect("nobody panics with it");
        if *now != what {
            what.clone_into(&mut now);
            let label = match what {
                "index" => "Indexes".into(),
                "tidy" => "Statistics".into(),
                kind => Registry::builtin().by_name(kind).map_or_else(|| kind.to_owned(), |k| k.many.en.clone()),
            };
            self.bar.set_length(of);
            self.bar.set_message(label);
        }
        self.bar.set_position(done);
    }

    fn end(&self) {
        self.bar.finish_and_clear();
    }
}
