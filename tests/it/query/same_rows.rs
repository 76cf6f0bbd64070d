//! SQL and matcher choose the same rows, for one who sees all and for ones who see their own.

use std::collections::BTreeSet;

use frontdesk::domain::kind::{ACTIVITY, COMPANY, CONTACT, DEAL, MESSAGE, PRODUCT, TICKET, USER};
use frontdesk::domain::query::Query;
use frontdesk::domain::right::Rights;
use frontdesk::store::compile::{self, Reach, Start};

use rand::RngExt;
use sqlx::Executor;

use super::office::{Office, dice, differ, ids};
use super::typed::query;

/// Queries per kind and person.
const TRIES: usize = 40;

/// Ids, lists and counts are compiled each in its own way.
#[tokio::test]
async fn sql_and_matcher_agree() {
    let office = Office::open(7).await;
    let mut failures = Vec::new();
    let mut matched = 0;
    for (seed, login) in [(1, "ana"), (2, "bo"), (3, "di"), (4, "ed")] {
        let viewer = office.viewer(login);
        let seen = office.seen(&viewer).await;
        let mut tx = office.as_person(&viewer).await;
        let mut dice = dice(seed);
        for kind in [COMPANY, CONTACT, DEAL, TICKET, MESSAGE, ACTIVITY, PRODUCT, USER] {
            let kind = office.registry.kind(kind);
            for _ in 0..TRIES {
                let text = query(&office.registry, kind, &mut dice);
                let query = Query::parse(&text, &office.registry, kind.id)
                    .unwrap_or_else(|m| panic!("{} {text}: {m} at {:?}", kind.id, m.span));
                let printed = query.print(&office.registry, kind.id);
                assert_eq!(Query::parse(&printed, &office.registry, kind.id).as_ref(), Ok(&query), "{printed}");
                let sql = compile::ids(&office.registry, kind.id, &query, &viewer, 0, 100_000);
                let said = sql.sql().clone();
                let found: BTreeSet<i64> = match ids(&mut tx, sql).await {
                    Ok(found) => found.into_iter().collect(),
                    Err(error) => panic!("{} {text}: {error}\n{}", kind.id, said.as_str()),
                };
                let reach = Reach { few: dice.random_range(0..10), far: dice.random_range(1..20) };
                let listed = compile::list_within(&office.registry, kind.id, &query, &viewer, Start::First, 500, reach);
                let said = listed.sql().clone();
                let listed: Vec<i64> = match ids(&mut tx, listed).await {
                    Ok(listed) => listed,
                    Err(error) => panic!("{} {text}: {error}\n{}", kind.id, said.as_str()),
                };
                let counted = ids(&mut tx, compile::count(&office.registry, kind.id, &query, &viewer, Some(500))).await;
                assert_eq!(counted.unwrap(), [found.len() as i64], "{} {text}", kind.id);
                assert_eq!(listed.len(), found.len(), "{} {text}\n{}", kind.id, said.as_str());
                assert_eq!(listed.into_iter().collect::<BTreeSet<_>>(), found, "{} {text}", kind.id);
                let wanted: BTreeSet<i64> = seen
                    .records
                    .values()
                    .filter(|r| r.kind == kind.id && query.matches(r, &office.registry, &viewer, &seen))
                    .map(|r| r.id)
                    .collect();
                matched += usize::from(!found.is_empty());
                if found != wanted {
                    failures.push(format!("{login} {}: {text}\n    {:?}", kind.id, differ(&found, &wanted)));
                }
            }
        }
    }
    assert!(failures.is_empty(), "{} differ:\n{}", failures.len(), failures[..failures.len().min(12)].join("\n"));
    assert!(matched > TRIES * 5, "only {matched} queries found anything: the test proves little");
}

#[tokio::test]
async fn the_scope_of_a_query_is_what_the_policies_let_through() {
    let office = Office::open(8).await;
    for login in ["bo", "di", "ed"] {
        let viewer = office.viewer(login);
        let mut tx = office.as_person(&viewer).await;
        let mut all = viewer.clone();
        all.me.role = "admin".into();
        all.me.rights = crate::support::rights("admin");
        for kind in office.registry.kinds() {
            let with = compile::ids(&office.registry, kind.id, &Query::default(), &viewer, 0, 100_000);
            let without = compile::ids(&office.registry, kind.id, &Query::default(), &all, 0, 100_000);
            let (with, without) = (ids(&mut tx, with).await.unwrap(), ids(&mut tx, without).await.unwrap());
            assert_eq!(with, without, "{login} {}", kind.id);
        }
    }
}

#[tokio::test]
async fn counts_stop_at_their_cap_and_live_lists_ask_by_id() {
    let office = Office::open(9).await;
    let viewer = office.viewer("ana");
    let mut tx = office.as_person(&viewer).await;
    let everything = Query::default();
    let all = ids(&mut tx, compile::ids(&office.registry, CONTACT, &everything, &viewer, 0, 1000)).await.unwrap();
    let count = |cap| compile::count(&office.registry, CONTACT, &everything, &viewer, cap);
    assert_eq!(ids(&mut tx, count(None)).await.unwrap(), [all.len() as i64]);
    assert_eq!(ids(&mut tx, count(Some(7))).await.unwrap(), [7]);
    let some = [all[0], all[3], 999_999];
    let mut still =
        ids(&mut tx, compile::matching(&office.registry, CONTACT, &everything, &viewer, &some)).await.unwrap();
    still.sort_unstable();
    assert_eq!(still, [all[0], all[3]]);
    let rest = ids(&mut tx, compile::ids(&office.registry, CONTACT, &everything, &viewer, all[3], 2)).await.unwrap();
    assert_eq!(rest, all[4..6]);
}

#[tokio::test]
async fn no_query_shows_what_the_policies_hide_whatever_the_role() {
    let office = Office::open(10).await;
    let mut owner = office.owner().await;
    // One role sees of each kind its own.
    owner
        .execute(
            "update role_right set sees = 'own', exports = 'own' where role = 'analyst';
             select hold_role(r) from role r where r.name = 'analyst'",
        )
        .await
        .expect("narrowed");
    let mut matched = 0;
    for (seed, role) in [(11, "manager"), (12, "support"), (13, "marketing"), (14, "analyst")] {
        sqlx::query("update staff set role = $1 where login = 'ed'").bind(role).execute(&mut owner).await.expect("set");
        let rights: sqlx::types::Json<Rights> =
            sqlx::query_scalar("select rights_of($1)").bind(role).fetch_one(&mut owner).await.expect("rights");
        let mut viewer = office.viewer("ed");
        viewer.me.role = role.into();
        viewer.me.rights = std::sync::Arc::new(rights.0);
        // What is compiled for somebody who sees all is held by the policies alone.
        let mut all = viewer.clone();
        all.me.rights = crate::support::rights("admin");
        let seen = office.seen(&viewer).await;
        let mut tx = office.as_person(&viewer).await;
        let mut dice = dice(seed);
        for kind in [COMPANY, CONTACT, DEAL, TICKET, MESSAGE, ACTIVITY] {
            let kind = office.registry.kind(kind);
            for _ in 0..TRIES / 2 {
                let text = query(&office.registry, kind, &mut dice);
                let query = Query::parse(&text, &office.registry, kind.id).expect("generated queries are understood");
                let wanted: BTreeSet<i64> = seen
                    .records
                    .values()
                    .filter(|r| r.kind == kind.id && query.matches(r, &office.registry, &viewer, &seen))
                    .map(|r| r.id)
                    .collect();
                for asker in [&viewer, &all] {
                    let sql = compile::ids(&office.registry, kind.id, &query, asker, 0, 100_000);
                    let found: BTreeSet<i64> = ids(&mut tx, sql).await.expect("it runs").into_iter().collect();
                    assert_eq!(found, wanted, "{role} {}: {text}", kind.id);
                    let listed = compile::list_within(
                        &office.registry,
                        kind.id,
                        &query,
                        asker,
                        Start::First,
                        500,
                        Reach { few: dice.random_range(0..10), far: dice.random_range(1..20) },
                    );
                    let listed: BTreeSet<i64> = ids(&mut tx, listed).await.expect("it runs").into_iter().collect();
                    assert_eq!(listed, wanted, "{role} {}: {text}, as a list", kind.id);
                }
                matched += usize::from(!wanted.is_empty());
            }
        }
    }
    assert!(matched > TRIES * 2, "only {matched} queries found anything: the test proves little");
}
