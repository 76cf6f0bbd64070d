//! Pages by keyset: read forwards or backwards, by any sort, they are the whole list in its order.

use frontdesk::domain::kind::{CONTACT, DEAL, KindId, TICKET};
use frontdesk::domain::query::{Query, can_sort};
use frontdesk::domain::record::Record;
use frontdesk::domain::viewer::Viewer;
use frontdesk::store::Tx;
use frontdesk::store::compile::{self, Start};

use super::office::{Office, dice};
use rand::RngExt;

async fn page(
    office: &Office,
    tx: &mut Tx,
    viewer: &Viewer,
    kind: KindId,
    query: &Query,
    start: Start<'_>,
    limit: u32,
) -> Vec<Record> {
    let mut sql = compile::list(&office.registry, kind, query, viewer, start, limit);
    let text = sql.sql().clone();
    let rows = sql.build().persistent(false).fetch_all(&mut **tx).await;
    let rows = rows.unwrap_or_else(|e| panic!("{}: {e}\n{}", query.print(&office.registry, kind), text.as_str()));
    let kind = office.registry.kind(kind);
    rows.iter().map(|row| compile::decode(row, kind, office.now).expect("a row")).collect()
}

#[tokio::test]
async fn pages_join_up_in_both_directions() {
    let office = Office::open(21).await;
    let mut dice = dice(5);
    for login in ["ana", "bo"] {
        let viewer = office.viewer(login);
        let mut tx = office.as_person(&viewer).await;
        for kind in [CONTACT, DEAL, TICKET] {
            let sortable: Vec<_> =
                office.registry.kind(kind).fields.iter().filter(|f| can_sort(f)).map(|f| f.name.clone()).collect();
            let mut sorts: Vec<String> = vec![String::new()];
            for field in &sortable {
                let other = &sortable[dice.random_range(0..sortable.len())];
                let minus = if dice.random_bool(0.5) { "-" } else { "" };
                sorts.push(format!("sort:{minus}{field}"));
                sorts.push(match dice.random_range(0..3) {
                    0 => format!("sort:-{minus}{field}").replace("--", ""),
                    1 => format!("sort:{minus}{field},{other}"),
                    _ => format!("group:{field} sort:-{other}"),
                });
            }
            for _ in 0..10 {
                let filter = super::typed::query(&office.registry, office.registry.kind(kind), &mut dice);
                let field = &sortable[dice.random_range(0..sortable.len())];
                sorts.push(format!("({filter}) sort:-{field}"));
            }
            // Bare words and the kind's own order have ways of their own through the indexes.
            sorts.extend(["e", "to -zzz", "a", "sort:-created a", "王"].map(String::from));
            for sort in sorts {
                let query = Query::parse(&sort, &office.registry, kind).unwrap();
                let whole = page(&office, &mut tx, &viewer, kind, &query, Start::First, 500).await;
                let ids = |records: &[Record]| records.iter().map(|r| r.id).collect::<Vec<_>>();
                assert!(whole.len() > 3 || !sort.starts_with("sort"), "{login} {kind} {sort}");

                let mut forwards = page(&office, &mut tx, &viewer, kind, &query, Start::First, 13).await;
                while let Some(last) = forwards.last().cloned() {
                    let more = page(&office, &mut tx, &viewer, kind, &query, Start::After(&last), 13).await;
                    if more.is_empty() {
                        break;
                    }
                    forwards.extend(more);
                    assert!(forwards.len() <= whole.len(), "{login} {kind} {sort} goes on for ever");
                }
                assert_eq!(ids(&forwards), ids(&whole), "{login} {kind} {sort} forwards");

                let mut backwards = page(&office, &mut tx, &viewer, kind, &query, Start::Last, 13).await;
                while let Some(first) = backwards.first().cloned() {
                    let mut more = page(&office, &mut tx, &viewer, kind, &query, Start::Before(&first), 13).await;
                    if more.is_empty() {
                        break;
                    }
                    more.append(&mut backwards);
                    backwards = more;
                    assert!(backwards.len() <= whole.len(), "{login} {kind} {sort} goes on for ever");
                }
                assert_eq!(ids(&backwards), ids(&whole), "{login} {kind} {sort} backwards");
            }
        }
    }
}

#[tokio::test]
async fn lists_come_in_the_order_asked_for_with_empty_values_last() {
    let office = Office::open(22).await;
    let viewer = office.viewer("ana");
    let mut tx = office.as_person(&viewer).await;
    let kind = office.registry.kind(TICKET);
    for (text, descending) in [("sort:priority", false), ("sort:-priority", true)] {
        let query = Query::parse(text, &office.registry, TICKET).unwrap();
        let list = page(&office, &mut tx, &viewer, TICKET, &query, Start::First, 500).await;
        let rank = |r: &Record| r.get(kind, "priority").as_str().and_then(|code| kind.field("priority")?.rank(code));
        let ranks: Vec<_> = list.iter().map(rank).collect();
        assert!(ranks.is_sorted_by(|a, b| if descending { a >= b } else { a <= b }), "{text} {ranks:?}");
    }
    for text in ["sort:due", "sort:-due", "sort:sla", "sort:company", "sort:-owner"] {
        let query = Query::parse(text, &office.registry, TICKET).unwrap();
        let list = page(&office, &mut tx, &viewer, TICKET, &query, Start::First, 500).await;
        let field = text.trim_start_matches("sort:").trim_start_matches('-');
        let empty: Vec<_> = list.iter().map(|r| r.get(kind, field).is_none()).collect();
        assert!(empty.is_sorted() && empty.contains(&true) && empty.contains(&false), "{text} {empty:?}");
    }
    let query = Query::parse("sort:age", &office.registry, TICKET).unwrap();
    let list = page(&office, &mut tx, &viewer, TICKET, &query, Start::First, 500).await;
    let created: Vec<_> = list.iter().filter_map(|r| r.get(kind, "created").as_instant()).collect();
    assert!(created.is_sorted_by(|a, b| a >= b), "the youngest first");
}
