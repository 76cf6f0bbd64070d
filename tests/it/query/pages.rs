//! Pages by keyset: read forwards or backwards, by any sort, they are the whole list in its order.

use frontdesk::domain::kind::{CONTACT, DEAL, KindId, TICKET};
use frontdesk::domain::query::{Query, can_sort};
use frontdesk::domain::record::Record;
use frontdesk::domain::viewer::Viewer;
use frontdesk::store::Tx;
use frontdesk::store::compile::{self, Reach, Start};

use super::office::{Office, dice};
use rand::RngExt;

/// One question of one person, of which pages are read.
struct Asked<'a> {
    office: &'a Office,
    viewer: &'a Viewer,
    kind: KindId,
    query: &'a Query,
}

impl Asked<'_> {
    async fn whole(&self, tx: &mut Tx) -> Vec<Record> {
        self.page(tx, Start::First, 500, Reach::USUAL).await
    }

    async fn page(&self, tx: &mut Tx, start: Start<'_>, limit: u32, reach: Reach) -> Vec<Record> {
        let Self { office, viewer, kind, query } = *self;
        let mut sql = compile::list_within(&office.registry, kind, query, viewer, start, limit, reach);
        let text = sql.sql().clone();
        let rows = sql.build().persistent(false).fetch_all(&mut **tx).await;
        let rows = rows.unwrap_or_else(|e| panic!("{}: {e}\n{}", query.print(&office.registry, kind), text.as_str()));
        let kind = office.registry.kind(kind);
        rows.iter().map(|row| compile::decode(row, kind, office.now).expect("a row")).collect()
    }
}

#[tokio::test]
async fn pages_join_up_in_both_directions() {
    let office = Office::open(21).await;
    let mut dice = dice(5);
    for login in ["ana", "bo", "ed"] {
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
            // And so have often-used filters, value for value.
            let read_by_value: &[&str] = match kind {
                CONTACT => {
                    &["lifecycle:lead,customer,lost", "country:any", "country:c*,g*", "country:de*,a* sort:-name"]
                }
                DEAL => &["stage:Proposal,Qualified,Won", "state:open,won e", "pipeline:sales"],
                _ => &["status:new,open,solved", "category:a*,b*,r*", "product:t*"],
            };
            // What is asked of the record or of another is looked up where it is rare, or stands at the list's end.
            let looked_up: &[&str] = match kind {
                CONTACT => {
                    &["tag:v*", "tag:vip,late", "company.country:d*,c*", "city:b* sort:-created", "company.name:a* e"]
                }
                DEAL => &["company.country:d*", "tag:v* sort:-amount", "company.industry:any"],
                _ => &["tag:v*", "company.country:d*,c* status:new,open", "category:a* sort:-created e"],
            };
            sorts.extend(looked_up.iter().map(|text| (*text).to_owned()));
            sorts.extend(read_by_value.iter().map(|text| (*text).to_owned()));
            for sort in sorts {
                let query = Query::parse(&sort, &office.registry, kind).unwrap();
                let asked = Asked { office: &office, viewer: &viewer, kind, query: &query };
                let whole = asked.whole(&mut tx).await;
                // How far a page looks before it goes another way changes nothing of what it finds.
                let mut reach = || Reach { few: dice.random_range(0..30), far: dice.random_range(1..60) };
                let ids = |records: &[Record]| records.iter().map(|r| r.id).collect::<Vec<_>>();
                assert!(whole.len() > 3 || !sort.starts_with("sort"), "{login} {kind} {sort}");
                for cap in [None, Some(500), Some(3)] {
                    let sql = compile::count(&office.registry, kind, &query, &viewer, cap);
                    let wanted = cap.map_or(whole.len(), |cap| whole.len().min(cap as usize)) as i64;
                    assert_eq!(super::office::ids(&mut tx, sql).await.unwrap(), [wanted], "{login} {kind} {sort}");
                }

                let mut forwards = asked.page(&mut tx, Start::First, 13, reach()).await;
                while let Some(last) = forwards.last().cloned() {
                    let more = asked.page(&mut tx, Start::After(&last), 13, reach()).await;
                    if more.is_empty() {
                        break;
                    }
                    forwards.extend(more);
                    assert!(forwards.len() <= whole.len(), "{login} {kind} {sort} goes on for ever");
                }
                assert_eq!(ids(&forwards), ids(&whole), "{login} {kind} {sort} forwards");

                let mut backwards = asked.page(&mut tx, Start::Last, 13, reach()).await;
                while let Some(first) = backwards.first().cloned() {
                    let mut more = asked.page(&mut tx, Start::Before(&first), 13, reach()).await;
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
        let list = Asked { office: &office, viewer: &viewer, kind: TICKET, query: &query }.whole(&mut tx).await;
        let rank = |r: &Record| r.get(kind, "priority").as_str().and_then(|code| kind.field("priority")?.rank(code));
        let ranks: Vec<_> = list.iter().map(rank).collect();
        assert!(ranks.is_sorted_by(|a, b| if descending { a >= b } else { a <= b }), "{text} {ranks:?}");
    }
    for text in ["sort:due", "sort:-due", "sort:sla", "sort:company", "sort:-owner"] {
        let query = Query::parse(text, &office.registry, TICKET).unwrap();
        let list = Asked { office: &office, viewer: &viewer, kind: TICKET, query: &query }.whole(&mut tx).await;
        let field = text.trim_start_matches("sort:").trim_start_matches('-');
        let empty: Vec<_> = list.iter().map(|r| r.get(kind, field).is_none()).collect();
        assert!(empty.is_sorted() && empty.contains(&true) && empty.contains(&false), "{text} {empty:?}");
    }
    let query = Query::parse("sort:age", &office.registry, TICKET).unwrap();
    let list = Asked { office: &office, viewer: &viewer, kind: TICKET, query: &query }.whole(&mut tx).await;
    let created: Vec<_> = list.iter().filter_map(|r| r.get(kind, "created").as_instant()).collect();
    assert!(created.is_sorted_by(|a, b| a >= b), "the youngest first");
}
