//! `frontdesk watch CODE…` and `frontdesk unwatch CODE…`: hearing of what others do to records. What is no code is whose
//! screen to see, which a seat does and no command.

use std::collections::BTreeMap;
use std::io::Write;

use anyhow::Result;
use clap::Args;

use super::{App, Usage};
use crate::desk;
use crate::domain::action::Targets;
use crate::domain::change::Door;
use crate::domain::kind::KindId;

const EXAMPLES: &str = "\
Examples:
  frontdesk watch T1042 D77
  frontdesk unwatch T1042
  frontdesk ticket list watching:me

What others write, assign or set on a record you watch comes to your inbox.

Over SSH, a login or a seat instead of codes is a seat of yours that asks to see that colleague's screen, live, with their
consent:
  ssh -t desk watch bo";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct WatchArgs {
    /// Codes of records, such as T1042
    #[arg(value_name = "CODE", required = true)]
    pub codes: Vec<String>,
}

fn no_code(word: &str, on: bool) -> String {
    let no = format!("“{word}” is no record's code; one looks like T1042");
    if on { format!("{no}. A colleague's screen is seen from a seat over SSH: ssh -t HOST watch {word}") } else { no }
}

pub(super) async fn run(args: WatchArgs, on: bool, app: &App) -> Result<()> {
    let office = app.open(Door::Cli).await?;
    let registry = office.desk.registry_for(&office.cx);
    let mut wanted: BTreeMap<KindId, Vec<i64>> = BTreeMap::new();
    for code in &args.codes {
        let (kind, id) = registry.by_code(code).ok_or_else(|| Usage(no_code(code, on)))?;
        wanted.entry(kind).or_default().push(id);
    }
    // All or none: a mistyped code is told before anything is watched.
    if on {
        for (kind, ids) in &wanted {
            let found = office.desk.read(&office.cx, *kind, ids).await?;
            if let Some(id) = ids.iter().find(|id| !found.iter().any(|record| record.id == **id)) {
                let kind = registry.kind(*kind);
                let gone = format!("There is no {} {} that you may see.", kind.one.en.to_lowercase(), kind.code(*id));
                return Err(desk::Error::NotFound(gone).into());
            }
        }
    }
    let mut n = 0;
    for (kind, ids) in wanted {
        n += office.desk.watch(&office.cx, &Targets::Records(kind, ids), on).await?;
    }
    let records = if n == 1 { "record" } else { "records" };
    let said = if on { "watched from now on" } else { "watched no longer" };
    writeln!(office.io.out(), "{n} {records} {said}")?;
    Ok(())
}
