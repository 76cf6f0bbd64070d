//! Lists, counts, finding, twins, the timeline and history.

use std::collections::BTreeSet;

use chrono::{Duration, SubsecRound};
use frontdesk::desk::{Error, From, What};
use frontdesk::domain::action::{Action, Targets};
use frontdesk::domain::change::Deed;
use frontdesk::domain::kind::{ACTIVITY, COMPANY, CONTACT, DEAL, MESSAGE, PRODUCT, TICKET};
use frontdesk::domain::query::Query;
use frontdesk::domain::record::Record;
use frontdesk::domain::value::Value;

use super::{Office, choice, invalid, text};

fn query(office: &Office, kind: frontdesk::domain::kind::KindId, text: &str) -> Query {
    Query::parse(text, &office.desk.registry(), kind).expect("the query parses")
}

#[tokio::test]
async fn pages_meet_without_gap_or_repeat_in_both_directions() {
    let office = Office::open().await;
    let bo = office.cx("bo").await;
    let mut owner = office.space.owner().await;
    sqlx::query(
        "insert into contact (name, city, owner_id, team_id) \
         select 'Name ' || n % 7, case when n % 3 = 0 then 'Bonn' end, case when n % 2 = 0 then 2 else 4 end, \
         case when n % 2 = 0 then 2 else 3 end from generate_series(1, 60) n",
    )
    .execute(&mut owner)
    .await
    .expect("contacts");
    for wanted in ["", "sort:-city", "city:Bonn sort:name", "sort:city sort:-name"] {
        let query = query(&office, CONTACT, wanted);
        let all = office.desk.page(&bo, CONTACT, &query, &From::Start, 500).await.expect("page");
        assert!(!all.more);
        let ids: Vec<i64> = all.records.iter().map(|r| r.id).collect();
        let expected = if wanted.contains("Bonn") { 10 } else { 30 };
        assert_eq!(ids.len(), expected, "{wanted}: bo sees his own half");
        assert_eq!(office.desk.count(&bo, CONTACT, &query).await.expect("count").n, expected as u64);

        let mut forward = Vec::new();
        let mut from = From::Start;
        loop {
            let page = office.desk.page(&bo, CONTACT, &query, &from, 7).await.expect("page");
            assert!(page.records.len() == 7 || !page.more);
            from = From::After(page.records.last().expect("not empty").clone());
            forward.extend(page.records.iter().map(|r| r.id));
            if !page.more {
                break;
            }
        }
        assert_eq!(forward, ids, "{wanted} forward");

        let mut backward = Vec::new();
        let mut from = From::End;
        loop {
            let page = office.desk.page(&bo, CONTACT, &query, &from, 7).await.expect("page");
            from = From::Before(page.records.first().expect("not empty").clone());
            backward.splice(0..0, page.records.iter().map(|r| r.id));
            if !page.more {
                break;
            }
        }
        assert_eq!(backward, ids, "{wanted} backward");
    }
}

#[tokio::test]
async fn a_list_learns_which_rows_still_match() {
    let office = Office::open().await;
    let ana = office.cx("ana").await;
    let a = office.create(&ana, TICKET, &[("subject", text("A"))]).await;
    let b = office.create(&ana, TICKET, &[("subject", text("B"))]).await;
    let open = query(&office, TICKET, "status:new");
    office.set(&ana, TICKET, &[a], "status", choice("solved")).await.expect("solved");
    assert_eq!(office.desk.look(&ana, TICKET, &open, &[a, b], true).await.expect("asked").matching, [b]);
    office.act(&ana, Targets::Records(TICKET, vec![b]), Action::Delete).await.expect("deleted");
    assert!(office.desk.look(&ana, TICKET, &open, &[a, b], true).await.expect("asked").matching.is_empty());
}

#[tokio::test]
async fn all_that_match_change_only_if_they_are_as_many_as_were_confirmed() {
    let office = Office::open().await;
    let (ana, bo) = (office.cx("ana").await, office.cx("bo").await);
    for n in 0..5 {
        office.create(&bo, TICKET, &[("subject", text(&format!("Printer {n}")))]).await;
    }
    office.create(&ana, TICKET, &[("subject", text("Printer of the head"))]).await;
    let query = query(&office, TICKET, "printer status:new");
    let matching = |expect| Targets::Matching { kind: TICKET, query: query.clone(), expect };
    let action = || Action::set("status", choice("open"));
    let (_, reason) = invalid(office.act(&bo, matching(Some(6)), action()).await);
    assert_eq!(reason, "Expected 6, now 5 match; look again.");
    let preview = office.desk.preview(&bo, &matching(Some(5)), &action()).await.expect("preview");
    assert_eq!((preview.total, preview.will_change), (5, 5));
    let outcome = office.act(&bo, matching(Some(5)), action()).await.expect("performed");
    assert_eq!((outcome.done, outcome.failed.len()), (5, 0), "the admin's ticket is out of bo's sight");
}

#[tokio::test]
async fn people_are_found_by_any_part_of_what_one_knows() {
    let office = Office::open().await;
    let bo = office.cx("bo").await;
    let acme = office.create(&bo, COMPANY, &[("name", text("Acme Handels GmbH"))]).await;
    let people = [
        ("王伟", "wang@example.cn", "+86 138 0013 8000"),
        ("Jürgen Müller", "j.mueller@example.de", "+49 30 901820"),
        ("Sinéad O'Neil", "sinead@example.ie", "01 555 7788"),
    ];
    let mut ids = Vec::new();
    for (name, email, phone) in people {
        let values =
            [("name", text(name)), ("email", text(email)), ("phone", text(phone)), ("company", Value::reference(acme))];
        ids.push(office.create(&bo, CONTACT, &values).await);
    }
    let (wang, muller, neil) = (ids[0], ids[1], ids[2]);
    for (typed, id) in [
        ("王伟", wang),
        ("wangwei", wang),
        ("ww", wang),
        ("müller", muller),
        ("muller", muller),
        ("MÜL", muller),
        ("o'neil", neil),
        ("oneil", neil),
        ("sinead", neil),
        ("0013 8000", wang),
        ("901820", muller),
        ("mueller@exam", muller),
        ("jürgen mü", muller),
    ] {
        let hits = office.desk.find(&bo, typed, &[CONTACT], 10).await.expect("found");
        assert_eq!(hits.iter().map(|h| h.id).collect::<Vec<_>>(), [id], "{typed}");
    }
    let hits = office.desk.find(&bo, &format!("C{muller}"), &[], 10).await.expect("found");
    assert_eq!((hits[0].kind, hits[0].id), (CONTACT, muller));
    assert_eq!(hits[0].detail, "Acme Handels GmbH · j.mueller@example.de");
    // Without kinds everything is searched, and the very title comes first.
    office.create(&bo, DEAL, &[("name", text("The Acme deal"))]).await;
    office.create(&bo, COMPANY, &[("name", text("Acme"))]).await;
    let hits = office.desk.find(&bo, "acme", &[], 10).await.expect("found");
    let titles: Vec<&str> = hits.iter().map(|h| h.title.as_str()).collect();
    assert_eq!(titles, ["Acme", "Acme Handels GmbH", "The Acme deal"]);
    // What one may not see is not found.
    assert!(office.desk.find(&office.cx("di").await, "acme", &[], 10).await.expect("asked").is_empty());
    // Whatever is typed, it is words and never syntax.
    for odd in ["", "  ", "name:", "-x (", "\"", "a or", "%_\\", "status:open sort:"] {
        office.desk.find(&bo, odd, &[], 10).await.expect("no error");
    }
}

#[tokio::test]
async fn likely_duplicates_are_named_with_what_is_the_same() {
    let office = Office::open().await;
    let bo = office.cx("bo").await;
    let values =
        [("name", text("Petra Vogel")), ("email", text("Petra@Example.com")), ("phone", text("+49 (30) 901-820"))];
    let petra = office.create(&bo, CONTACT, &values).await;
    office.create(&bo, CONTACT, &[("name", text("Petra Vogelsang"))]).await;
    let kind = office.kind(CONTACT);
    let twins = async |values: &[(&str, &str)]| {
        let mut record = Record::empty(&kind);
        for (field, value) in values {
            record.set(&kind, field, text(value));
        }
        let twins = office.desk.twins(&bo, &record).await.expect("asked");
        twins.into_iter().map(|t| (t.hit.id, t.same)).collect::<Vec<_>>()
    };
    assert_eq!(twins(&[("name", "petra  VOGEL")]).await, [(petra, "name".to_owned())]);
    assert_eq!(twins(&[("name", "P. V."), ("email", "petra@example.com")]).await, [(petra, "email".to_owned())]);
    assert_eq!(twins(&[("name", "P. V."), ("mobile", "+4930901820")]).await, [(petra, "mobile".to_owned())]);
    assert!(twins(&[("name", "Petra"), ("email", "etra@example.com")]).await.is_empty());
    // A record is not its own twin.
    let mut own = office.desk.read(&bo, CONTACT, &[petra]).await.expect("read").remove(0);
    assert!(office.desk.twins(&bo, &own).await.expect("asked").is_empty());
    own.id = 0;
    assert_eq!(office.desk.twins(&bo, &own).await.expect("asked").len(), 1);
}

#[tokio::test]
async fn completion_offers_the_values_there_are() {
    let office = Office::open().await;
    let ana = office.cx("ana").await;
    for (name, city, tags) in [("A", "Bonn", "x"), ("B", "Berlin", "vip"), ("C", "Berlin", "vip"), ("D", "Ulm", "vat")]
    {
        let tags = Value::Tags(vec![tags.into()]);
        office.create(&ana, CONTACT, &[("name", text(name)), ("city", text(city)), ("tags", tags)]).await;
    }
    let values =
        async |kind, field: &str, prefix: &str| office.desk.values(&ana, kind, field, prefix).await.expect("asked");
    assert_eq!(values(CONTACT, "city", "").await, ["Berlin", "Bonn", "Ulm"]);
    assert_eq!(values(CONTACT, "city", "b").await, ["Berlin", "Bonn"]);
    assert_eq!(values(CONTACT, "tags", "v").await, ["vip", "vat"]);
    assert_eq!(values(CONTACT, "city", "%").await, Vec::<String>::new());
    assert_eq!(values(TICKET, "status", "so").await, ["solved"]);
    assert_eq!(values(DEAL, "stage", "prop").await, ["Proposal"]);
    assert_eq!(values(CONTACT, "owner", "a").await, ["Ana"]);
}

#[tokio::test]
async fn the_timeline_holds_every_touch_newest_first() {
    let office = Office::open().await;
    let (ana, bo) = (office.cx("ana").await, office.cx("bo").await);
    let acme = office.create(&bo, COMPANY, &[("name", text("Acme"))]).await;
    let petra = office.create(&bo, CONTACT, &[("name", text("Petra")), ("company", Value::reference(acme))]).await;
    let past = (bo.viewer.now - Duration::days(30)).trunc_subsecs(6);
    let call = vec![("type".into(), choice("call")), ("at".into(), Value::Instant(past))];
    office.act(&bo, Targets::Records(CONTACT, vec![petra]), Action::Log { values: call }).await.expect("logged");
    let deal = office.create(&bo, DEAL, &[("name", text("Rollout")), ("contact", Value::reference(petra))]).await;
    let ticket = office.create(&bo, TICKET, &[("subject", text("Help")), ("contact", Value::reference(petra))]).await;
    office.set(&bo, CONTACT, &[petra], "city", text("Bonn")).await.expect("set");
    office.act(&bo, Targets::Records(TICKET, vec![ticket]), Action::reply("Yes")).await.expect("reply");

    let told = async |kind, id, before, limit| {
        let moments = office.desk.timeline(&bo, kind, id, before, limit).await.expect("timeline");
        assert!(moments.is_sorted_by(|a, b| a.at >= b.at));
        moments
            .into_iter()
            .map(|m| {
                let what = match m.what {
                    What::Record(r) => r.kind.to_string(),
                    What::Change(c) if c.deed == Deed::Create => "created".into(),
                    What::Change(c) => c.fields.iter().map(|f| f.field.as_str()).collect::<Vec<_>>().join(" "),
                };
                (what, m.at)
            })
            .collect::<Vec<_>>()
    };
    let words = |told: &[(String, chrono::DateTime<chrono::Utc>)]| {
        told.iter().map(|(what, _)| what.clone()).collect::<Vec<_>>()
    };
    let whole = told(CONTACT, petra, None, 50).await;
    assert_eq!(words(&whole), ["city", "ticket", "deal", "created", "activity"]);
    assert_eq!(whole[4].1, past);
    assert_eq!(words(&told(COMPANY, acme, None, 50).await), ["ticket", "deal", "created", "activity"]);
    let of_ticket = words(&told(TICKET, ticket, None, 50).await);
    assert_eq!(
        of_ticket.iter().map(String::as_str).collect::<BTreeSet<_>>(),
        ["message", "first_reply", "created"].into()
    );
    assert!(words(&told(DEAL, deal, None, 50).await).contains(&"created".into()));

    // Pages meet.
    let mut paged = Vec::new();
    let mut before = None;
    loop {
        let page = told(CONTACT, petra, before, 2).await;
        let Some((_, last)) = page.last() else { break };
        before = Some(*last);
        paged.extend(page);
    }
    assert_eq!(paged, whole);

    // What another team may not see is not there for them, by whatever way they ask.
    let di = office.cx("di").await;
    let refused = office.desk.timeline(&di, CONTACT, petra, None, 10).await;
    assert!(matches!(refused, Err(Error::NotFound(_))), "{refused:?}");
    let refused = office.desk.history(&di, CONTACT, petra).await;
    assert!(matches!(refused, Err(Error::NotFound(_))), "{refused:?}");
    assert!(!office.desk.timeline(&ana, MESSAGE, 1, None, 10).await.expect("a message has changes only").is_empty());
    assert_eq!(office.kind(ACTIVITY).letter, 'A');
}

#[tokio::test]
async fn history_speaks_of_fields_and_names() {
    let office = Office::open().await;
    let (ana, bo) = (office.cx("ana").await, office.cx("bo").await);
    let id = office.create(&bo, DEAL, &[("name", text("A"))]).await;
    let kind = office.kind(DEAL);
    office.set(&bo, DEAL, &[id], "owner", Value::reference(3)).await.expect("assigned");
    office.set(&ana, DEAL, &[id], "amount", Value::Int(500)).await.expect("set");
    let mut owner = office.space.owner().await;
    sqlx::query("update deal set note = 'by hand' where id = $1").bind(id).execute(&mut owner).await.expect("psql");
    let history = office.desk.history(&bo, DEAL, id).await.expect("history");
    let told: Vec<_> = history
        .iter()
        .map(|c| {
            (
                c.by.as_str(),
                c.door.as_str(),
                c.action.as_str(),
                c.version,
                c.fields.iter().map(|f| f.field.as_str()).collect::<Vec<_>>(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            ("", "psql", "sql", 4, vec!["note"]),
            ("Ana", "tui", "set", 3, vec!["amount"]),
            ("Bo", "tui", "set", 2, vec!["owner"]),
            ("Bo", "tui", "create", 1, vec![]),
        ]
    );
    assert!(history.iter().flat_map(|c| &c.fields).all(|f| kind.field(&f.field).is_some()));
    let assigned = &history[2].fields[0];
    assert_eq!(assigned.before, serde_json::json!({ "id": 2, "label": "Bo" }));
    assert_eq!(assigned.after, serde_json::json!({ "id": 3, "label": "Cy" }));
    assert_eq!(history[3].deed, Deed::Create);
    assert_eq!(office.kind(PRODUCT).letter, 'P');
}
