//! Nothing that is typed becomes SQL.

use frontdesk::domain::kind::{CONTACT, DEAL, TICKET};
use frontdesk::domain::query::Query;
use frontdesk::store::compile::{self, Start};

use super::office::Office;

const HOSTILE: [&str; 10] = [
    "'; drop table contact; --",
    "' or '1'='1",
    "$1) or true --",
    "\\'; select pg_sleep(1); --",
    "%' or 1=1 --",
    "a:* & !b | (c)",
    "'x':*A & 'y'",
    "[[:alnum:]]*(a|b)\\M",
    "{\"}",
    "/* */ $$x$$ ::regclass",
];

#[tokio::test]
async fn typed_text_stays_a_value() {
    let office = Office::open(31).await;
    let viewer = office.viewer("ana");
    let mut tx = office.as_person(&viewer).await;
    for text in HOSTILE {
        let quoted = format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
        let queries = [
            (CONTACT, quoted.clone()),
            (CONTACT, format!("name:{quoted}")),
            (CONTACT, format!("name:{quoted}*")),
            (CONTACT, format!("name<{quoted}")),
            (CONTACT, format!("email:{quoted}")),
            (CONTACT, format!("tags:{quoted}")),
            (CONTACT, format!("company:{quoted}")),
            (CONTACT, format!("phone:\"1{}\"", quoted.trim_matches('"'))),
            (CONTACT, format!("website:none or company.website:{quoted}").replace("website:none or ", "")),
            (DEAL, format!("owner:{quoted}")),
            (TICKET, quoted.clone()),
        ];
        for (kind, typed) in queries {
            let query = Query::parse(&typed, &office.registry, kind).unwrap_or_else(|m| panic!("{typed}: {m}"));
            let mut sql = compile::list(&office.registry, kind, &query, &viewer, Start::First, 50);
            let said = sql.sql().clone();
            assert!(!said.as_str().contains(text), "{typed} stands in {}", said.as_str());
            let rows = sql.build().persistent(false).fetch_all(&mut *tx).await;
            rows.unwrap_or_else(|error| panic!("{typed}: {error}\n{}", said.as_str()));
        }
    }
}

#[tokio::test]
async fn choices_of_custom_fields_stay_values_in_a_sort() {
    let office = Office::open(32).await;
    let viewer = office.viewer("ana");
    let mut tx = office.as_person(&viewer).await;
    let query = Query::parse("sort:odd group:odd", &office.registry, CONTACT).unwrap();
    let kind = office.registry.kind(CONTACT);
    let mut sql = compile::list(&office.registry, CONTACT, &query, &viewer, Start::First, 500);
    let rows = sql.build().persistent(false).fetch_all(&mut *tx).await.expect("odd codes are quoted");
    let field = kind.field("odd").unwrap();
    let ranks: Vec<_> = rows
        .iter()
        .map(|row| compile::decode(row, kind, office.now).unwrap())
        .map(|r| r.get(kind, "odd").as_str().and_then(|code| field.rank(code)).map_or(99, |rank| rank))
        .collect();
    assert!(ranks.is_sorted() && ranks.contains(&0) && ranks.contains(&1) && ranks.contains(&2), "{ranks:?}");
}
