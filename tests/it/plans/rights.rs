//! What rights cost: the same lists for a person, whom policies hold, and for the schema's owner, whom none do.

use std::fmt::Write;

use frontdesk::domain::change::Door;
use frontdesk::domain::field::Lang;
use frontdesk::domain::kind::CONTACT;
use frontdesk::domain::right::Scope;
use frontdesk::domain::viewer::Viewer;
use frontdesk::store::compile::{self, Start};
use sqlx::{Connection, Executor};

use super::PAGE;
use super::asked::QUERIES;
use super::crowd::{Crowd, look_on};

/// How often each list is asked, by turns; the medians count.
const TURNS: usize = 9;

/// What rights may cost, of what the lists take without them.
const MOST: f64 = 1.2;

/// Adds up, for one person of each scope who is there, all main lists; returns what is wrong. The list that suffers most
/// is shown with both plans.
pub(super) async fn weigh_rights(crowd: &Crowd) -> String {
    let mut wrong = String::new();
    for (scope, viewer) in people(crowd).await {
        let (mut held, mut free) = (0.0, 0.0);
        let mut worst = (0.0, "", "");
        for &(kind, text) in QUERIES {
            let (id, query) = crowd.query(kind, text);
            let build = || compile::list(&crowd.registry, id, &query, &viewer, Start::First, PAGE);
            let (mut with, mut without) = (Vec::new(), Vec::new());
            for _ in 0..TURNS {
                let mut tx = crowd.begin(&viewer).await;
                with.push(look_on(&mut tx, &build).await.milliseconds);
                drop(tx);
                let mut owner = crowd.owner().await;
                let mut tx = owner.begin().await.expect("a transaction");
                // As the program begins its own, but for the role.
                let begun = format!(
                    "select set_config('plan_cache_mode', 'force_custom_plan', true), set_config('jit', 'off', true), \
                     set_config('frontdesk.me', '{}', true)",
                    viewer.me.id
                );
                tx.execute(sqlx::AssertSqlSafe(begun)).await.expect("begun");
                // The first statement of a connection reads the catalogue.
                look_on(&mut tx, &build).await;
                without.push(look_on(&mut tx, &build).await.milliseconds);
            }
            let (with, without) = (median(&mut with), median(&mut without));
            held += with;
            free += without;
            if with - without > worst.0 {
                worst = (with - without, kind, text);
            }
        }
        let (_, kind, text) = worst;
        eprintln!(
            "{scope:?} {}: {held:.1} ms with rights, {free:.1} without: {:.2}; the most for {kind} {text:?}, {:.1} ms",
            viewer.me.login,
            held / free,
            worst.0
        );
        let (id, query) = crowd.query(kind, text);
        let list = compile::list(&crowd.registry, id, &query, &viewer, Start::First, PAGE);
        eprintln!("{}", crowd.explain(&viewer, list).await);
        if held > free * MOST {
            writeln!(wrong, "{scope:?}: rights take {:.2} times as long", held / free).expect("memory");
        }
    }
    wrong
}

/// One person of each scope, of those who work here.
async fn people(crowd: &Crowd) -> Vec<(Scope, Viewer)> {
    let mut owner = crowd.owner().await;
    let logins: Vec<String> = sqlx::query_scalar("select login from staff where active order by id")
        .fetch_all(&mut owner)
        .await
        .expect("people");
    let mut found: Vec<(Scope, Viewer)> = Vec::new();
    for login in logins {
        let cx = crowd.desk.sit(&login, Door::Tui, chrono_tz::UTC, Lang::En).await.expect("they sit down");
        let scope = cx.viewer.me.sees(CONTACT);
        if found.iter().all(|(of, _)| *of != scope) {
            found.push((scope, cx.viewer.clone()));
        }
    }
    found
}

fn median(times: &mut [f64]) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}
