//! The matrix role × kind × action, through the desk and past it.

use frontdesk::desk::{Error, From};
use frontdesk::domain::action::{Action, Targets};
use frontdesk::domain::field::FieldType;
use frontdesk::domain::kind::{CONTACT, DEAL, Kind, MESSAGE, Registry, Sharing, TEAM, TICKET, USER, VIEW};
use frontdesk::domain::query::Query;
use frontdesk::domain::value::Value;

use sqlx::Executor;

use super::{Office, text};
use crate::support::Workspace;

/// Values enough for a record of any kind.
async fn enough(office: &Office, cx: &frontdesk::desk::Cx, kind: &Kind, name: &str) -> Vec<(&'static str, Value)> {
    match kind.id {
        MESSAGE => {
            let ticket = office.create(cx, TICKET, &[("subject", text("for a message"))]).await;
            vec![("ticket", Value::reference(ticket)), ("body", text(name))]
        }
        USER => vec![("name", text(name)), ("login", text(&name.to_lowercase().replace(' ', "-")))],
        VIEW => vec![("name", text(name)), ("kind", text("deal"))],
        _ if kind.id.0 == "macro" => vec![("name", text(name)), ("kind", text("ticket")), ("steps", text("[]"))],
        _ if kind.id.0 == "canned" => vec![("name", text(name)), ("body", text(name))],
        _ if kind.id.0 == "stage" => {
            vec![("name", text(name)), ("pipeline", Value::reference(1)), ("state", super::choice("open"))]
        }
        _ => vec![(kind.title, text(name))],
    }
}

/// A field of the kind that takes text, to change.
fn some_text(kind: &Kind) -> &str {
    kind.fields
        .iter()
        .find(|f| {
            matches!(f.ty, FieldType::Text | FieldType::LongText)
                && !f.readonly
                && f.name != "login"
                && f.name != "kind"
        })
        .map_or("", |f| f.name.as_str())
}

#[tokio::test]
async fn everybody_does_what_their_role_allows_and_nothing_else() {
    each_does_what_their_role_allows(Office::open().await).await;
}

#[tokio::test]
async fn everybody_does_so_with_one_login_for_all_too() {
    each_does_what_their_role_allows(Office::in_space(Workspace::managed().await).await).await;
}

async fn each_does_what_their_role_allows(office: Office) {
    let ana = office.cx("ana").await;
    for kind in Registry::builtin().kinds() {
        let owned = kind.sharing == Sharing::Owned;
        // (who, sees bo's record, may work on it)
        let people = [("ana", true, true), ("bo", true, owned), ("cy", true, owned), ("di", !owned, false)];
        for (login, sees, works) in people {
            let cx = office.cx(login).await;
            let maker = if owned { office.cx("bo").await } else { ana.clone() };
            let name = format!("{} for {login}", kind.one.en);
            let values = enough(&office, &maker, kind, &name).await;
            let id = office.create(&maker, kind.id, &values).await;
            assert_eq!(office.sees(&cx, kind.id, id).await, sees, "{login} reads {kind:?}", kind = kind.id);

            let on = || Targets::Records(kind.id, vec![id]);
            let actions = [Action::set(some_text(kind), text("changed")), Action::Delete, Action::Restore];
            for action in actions {
                let said = action.name();
                match office.act(&cx, on(), action).await {
                    Ok(outcome) => assert!(works && outcome.done == 1, "{login} {said} {}", kind.id),
                    Err(Error::NotFound(_)) => assert!(!sees, "{login} {said} {}: not found", kind.id),
                    Err(Error::Denied(reason)) => {
                        assert!(sees && !works, "{login} {said} {}: {reason}", kind.id);
                        assert!(reason.contains("sales"), "{reason}");
                    }
                    Err(other) => panic!("{login} {said} {}: {other:?}", kind.id),
                }
            }
            let mine = if owned { enough(&office, &cx, kind, &format!("{name} too")).await } else { values };
            let mine: Vec<_> = mine
                .into_iter()
                .map(|(f, v)| (f, if f == kind.title { text(&format!("{name} too")) } else { v }))
                .collect();
            let mine: Vec<_> = mine
                .into_iter()
                .map(|(f, v)| (f, if f == "login" { text(&format!("{login}-too")) } else { v }))
                .collect();
            match office.try_create(&cx, kind.id, &mine).await {
                Ok(_) => assert!(owned || login == "ana", "{login} creates {}", kind.id),
                Err(Error::Denied(_)) => assert!(!owned && login != "ana", "{login} creates {}", kind.id),
                Err(other) => panic!("{login} creates {}: {other:?}", kind.id),
            }
        }
    }
}

#[tokio::test]
async fn nobody_gives_a_record_away_to_where_they_cannot_see_it() {
    nothing_is_given_away(Office::open().await).await;
}

#[tokio::test]
async fn nothing_is_given_away_with_one_login_for_all_either() {
    nothing_is_given_away(Office::in_space(Workspace::managed().await).await).await;
}

async fn nothing_is_given_away(office: Office) {
    let bo = office.cx("bo").await;
    let id = office.create(&bo, DEAL, &[("name", text("A"))]).await;
    // To di of another team, but still the team's: fine. Out of the team as well: refused, by Postgres too.
    office.set(&bo, DEAL, &[id], "owner", Value::reference(4)).await.expect("assigned");
    let refused = office.set(&bo, DEAL, &[id], "team", Value::reference(3)).await;
    let Err(Error::Denied(reason)) = refused else { panic!("{refused:?}") };
    assert!(reason.starts_with("You would give the record away"), "{reason}");
    assert_eq!(office.get(&bo, DEAL, id, "team").await.as_id(), Some(2));
    assert!(office.sees(&office.cx("di").await, DEAL, id).await);
}

#[tokio::test]
async fn a_shared_view_is_read_by_all_and_changed_by_its_owner() {
    let office = Office::open().await;
    let (bo, di) = (office.cx("bo").await, office.cx("di").await);
    let values = [("name", text("Mine")), ("kind", text("deal")), ("shared", Value::Bool(true))];
    let id = office.create(&bo, VIEW, &values).await;
    assert!(office.sees(&di, VIEW, id).await);
    let refused = office.set(&di, VIEW, &[id], "name", text("Yours")).await;
    let Err(Error::Denied(reason)) = refused else { panic!("{refused:?}") };
    assert!(reason.contains("shared by somebody else"), "{reason}");
    // One of several that cannot be written is listed with its reason.
    let own = office.create(&di, VIEW, &[("name", text("Own")), ("kind", text("deal"))]).await;
    let outcome = office.set(&di, VIEW, &[id, own], "query", text("state:open")).await.expect("performed");
    assert_eq!((outcome.done, outcome.failed.len()), (1, 1));
}

#[tokio::test]
async fn who_does_not_work_here_does_not_sit_down() {
    let office = Office::open().await;
    let lang = frontdesk::domain::field::Lang::En;
    let door = frontdesk::domain::change::Door::Tui;
    let eve = office.desk.sit("eve", door, chrono_tz::UTC, lang).await;
    let Err(Error::Denied(reason)) = eve else { panic!("{eve:?}") };
    assert!(reason.contains("frontdesk user add"), "{reason}");
    let ana = office.cx("ANA").await;
    assert_eq!((ana.viewer.me.login.as_str(), ana.viewer.me.role.as_str()), ("ana", "admin"));
    assert_eq!(ana.viewer.me.teams, [1, 2, 3]);
    assert_eq!(office.kind(TEAM).one.en, "Team");
}

#[tokio::test]
async fn who_is_demoted_or_disabled_feels_it_while_seated() {
    let office = Office::open().await;
    let (ana, di) = (office.cx("ana").await, office.cx("di").await);
    office.create(&di, CONTACT, &[("name", text("Of di"))]).await;
    let seen = async || {
        let page = office.desk.page(&ana, CONTACT, &Query::default(), &From::Start, 10).await;
        page.map(|page| page.records.len())
    };
    assert_eq!(seen().await.expect("an admin sees all"), 1);
    let mut owner = office.space.owner().await;
    owner.execute("update staff set role = 'admin' where login = 'bo'").await.expect("another admin");
    let demote =
        "update staff set role = 'sales', team_id = (select id from team where name = 'North') where login = 'ana'";
    owner.execute(demote).await.expect("demoted");
    assert_eq!(seen().await.expect("still somebody"), 0, "di is of another team");
    owner.execute("update staff set active = false where login = 'ana'").await.expect("disabled");
    assert!(matches!(seen().await, Err(Error::Denied(_))), "a disabled login reads nothing");
}

#[tokio::test]
async fn undoing_a_promotion_leaves_an_admin() {
    let office = Office::open().await;
    let ana = office.cx("ana").await;
    let bo = office.cx("bo").await.viewer.me.id;
    let promoted = office.set(&ana, USER, &[bo], "role", super::choice("admin")).await.expect("bo is an admin too");
    let mut owner = office.space.owner().await;
    owner.execute("update staff set role = 'sales' where login = 'ana'").await.expect("ana no longer");
    let bo = office.cx("bo").await;
    let undone = office.desk.undo(&bo, promoted.operation).await;
    assert!(matches!(undone, Err(Error::Invalid { .. })), "nobody would be left: {undone:?}");
}

#[tokio::test]
async fn who_is_refused_for_being_disabled_leaves_no_connection_that_fails_others() {
    let office = Office::open().await;
    let (ana, cy) = (office.cx("ana").await, office.cx("cy").await);
    let mut owner = office.space.owner().await;
    owner.execute("update staff set active = false where login = 'cy'").await.expect("disabled");
    for _ in 0..3 {
        // As many at once as there are connections.
        let asked = futures_util::future::join_all((0..3).map(|_| office.desk.unread(&cy))).await;
        assert!(asked.iter().all(Result::is_err), "{asked:?}");
        for _ in 0..9 {
            office.desk.unread(&ana).await.expect("ana is not concerned");
        }
    }
}
