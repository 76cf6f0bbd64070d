//! Metrics through the built program: the figures that the publishers of real data state, the three ways of writing
//! them, comparisons, rights, the workspace's calendar, and mistakes.

use std::collections::BTreeMap;

use serde_json::Value as Json;
use sqlx::{AssertSqlSafe, Executor};

use crate::support::Workspace;

/// What `metric show` says as JSON; it must end well.
async fn metric(ws: &Workspace, login: &str, args: &[&str]) -> Json {
    let args: Vec<&str> = ["metric", "show"].iter().chain(args).copied().chain(["--json"]).collect();
    let output = ws.run(login, &args).await;
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

/// Value and records of the only figure, rounded: `10005534 4238`.
fn one(figures: &Json, digits: usize) -> String {
    let figures = figures.as_array().expect("figures");
    assert_eq!(figures.len(), 1, "{figures:?}");
    let figure = &figures[0];
    let value = match (&figure["value"], &figure["amount"]) {
        (Json::Number(n), _) => n.as_f64().expect("a number"),
        (_, Json::String(text)) => text.parse().expect("an amount"),
        other => panic!("{other:?}"),
    };
    format!("{value:.digits$} {}", figure["records"])
}

async fn total(ws: &Workspace, args: &[&str], digits: usize) -> String {
    one(&metric(ws, "ana", args).await["total"], digits)
}

/// `label value records` of the groups.
async fn groups(ws: &Workspace, args: &[&str], digits: usize) -> Vec<String> {
    let said = metric(ws, "ana", args).await;
    let groups = said["groups"].as_array().expect("groups");
    groups.iter().map(|g| format!("{} {}", g["label"].as_str().expect("a label"), one(&g["figures"], digits))).collect()
}

/// Every figure that the data's README states, over the imported Maven files in `dir`; and what it does not state
/// against the files themselves.
pub(crate) async fn maven(ws: &Workspace, dir: &str) {
    assert_eq!(
        groups(ws, &["deals", "--by", "stage"], 0).await,
        ["Prospecting 500 500", "Engaging 1589 1589", "Won 4238 4238", "Lost 2473 2473"],
        "in the order of the pipeline"
    );
    for (args, digits, figure) in [
        (&["won"][..], 0, "10005534 4238"),
        (&["won-deals"], 0, "4238 4238"),
        (&["lost-deals"], 0, "2473 2473"),
        (&["open-deals"], 0, "2089 2089"),
        (&["deal-size"], 2, "2360.91 4238"),
        (&["deal-size-median"], 0, "1117 4238"),
        (&["win-rate"], 2, "63.15 6711"),
        (&["cycle"], 2, "51.78 4238"),
        (&["cycle-median"], 0, "57 4238"),
        (&["days-to-lose"], 2, "41.48 2473"),
        (&["days-to-lose-median"], 0, "14 2473"),
        (&["won", "--period", "2017"], 0, "10005534 4238"),
        (&["won", "--period", "2017-Q2..2017-Q3"], 0, "6068366 2511"),
        (&["won", "--where", "owner:\"Darcel Schlecht\""], 0, "1153214 349"),
    ] {
        assert_eq!(total(ws, args, digits).await, figure, "{args:?}");
    }
    let quarters = ["2017-Q1 1134672 531", "2017-Q2 3086111 1254", "2017-Q3 2982255 1257", "2017-Q4 2802496 1196"];
    assert_eq!(groups(ws, &["won", "--by", "quarter"], 0).await, quarters, "from the first day to the last");
    assert_eq!(groups(ws, &["won", "--by", "quarter", "--period", "2017"], 0).await, quarters);
    for (args, digits, first) in [
        (
            &["won", "--by", "owner"][..],
            0,
            &["Darcel Schlecht 1153214 349", "Vicki Laflamme 478396 221", "Kary Hendrixson 454298 209"][..],
        ),
        (&["won", "--by", "company"], 0, &["Kan-code 341455 115", "Konex 269245 108", "Condax 206410 105"]),
    ] {
        let all = groups(ws, args, digits).await;
        let value = |line: &str| line.rsplit(' ').nth(1).unwrap_or_default().to_owned();
        let names = |lines: &[String]| lines.iter().map(|l| value(l)).collect::<Vec<_>>();
        assert_eq!(
            names(&all[..first.len()]),
            first.iter().map(|l| value(l)).collect::<Vec<_>>(),
            "{args:?}: {:?}",
            &all[..first.len()]
        );
        for (had, wanted) in all.iter().zip(first) {
            let name = |line: &str| line.rsplitn(3, ' ').nth(2).unwrap_or_default().to_owned();
            assert_eq!(name(had), name(wanted), "{args:?}");
        }
    }
    let people = groups(ws, &["won", "--by", "owner"], 0).await;
    assert_eq!(
        &people[..3],
        ["Darcel Schlecht 1153214 349", "Vicki Laflamme 478396 221", "Kary Hendrixson 454298 209"]
    );
    let best = groups(ws, &["win-rate", "--by", "owner"], 2).await;
    let rates: Vec<&str> = best[..2].iter().map(|l| l.rsplit_once(' ').map_or("", |(rest, _)| rest)).collect();
    assert_eq!(rates, ["Hayden Neloms 70.39", "Maureen Marcano 69.95"]);
    let managers = groups(ws, &["won", "--by", "owner.manager"], 0).await;
    let sums: Vec<&str> = managers.iter().map(|l| l.rsplit_once(' ').map_or("", |(rest, _)| rest)).collect();
    assert_eq!(
        sums,
        [
            "Melvin Marxen 2251930",
            "Summer Sewald 1964750",
            "Rocco Neubert 1960545",
            "Celia Rouche 1603897",
            "Cara Losch 1130049",
            "Dustin Brinkmann 1094363"
        ]
    );
    for by in ["team", "owner.team"] {
        let offices = groups(ws, &["won", "--by", by], 0).await;
        let sums: Vec<&str> = offices.iter().map(|l| l.rsplit_once(' ').map_or("", |(rest, _)| rest)).collect();
        assert_eq!(sums, ["West 3568647", "Central 3346293", "East 3090594"], "{by}");
    }

    // The quarter before, and the year before, in which nothing was closed.
    for (compare, before) in [("previous", (1_134_672, 531)), ("year", (0, 0))] {
        let said = metric(ws, "ana", &["won", "--period", "2017-Q2", "--compare", compare]).await;
        let had = &said["total"][0]["before"];
        let amount: i64 = had["amount"].as_str().expect("an amount").parse().expect("a number");
        assert_eq!((amount, had["records"].as_i64()), (before.0, Some(before.1)), "{compare}");
    }

    against_the_files(ws, dir).await;

    // Behind each figure are its records, as a query that the lists read.
    let said = metric(ws, "ana", &["won", "--by", "company.industry", "--period", "2017-Q3"]).await;
    for group in said["groups"].as_array().expect("groups").iter().take(3) {
        let query = group["query"].as_str().expect("a query");
        let counted = ws.run("ana", &["deal", "count", query]).await;
        let n = String::from_utf8_lossy(&counted.stdout).trim().to_owned();
        assert_eq!(n, group["figures"][0]["records"].to_string(), "{query}");
    }
}

/// Won and lost by agent, manager, product and sector, counted here once more.
async fn against_the_files(ws: &Workspace, dir: &str) {
    type Row = BTreeMap<String, String>;
    let read = |name: &str| -> Vec<Row> {
        let mut reader = csv::Reader::from_path(format!("{dir}{name}.csv")).expect("the file");
        reader.deserialize().map(|row| row.expect("a row")).collect()
    };
    let map = |name: &str, key: &str, value: &str| -> BTreeMap<String, String> {
        read(name).into_iter().map(|row| (row[key].clone(), row[value].clone())).collect()
    };
    let managers = map("sales_teams", "sales_agent", "manager");
    let sectors = map("accounts", "account", "sector");
    let deals = read("sales_pipeline");
    for (by, name) in [
        ("owner", &(|row: &Row| row["sales_agent"].clone()) as &dyn Fn(&Row) -> String),
        ("owner.manager", &|row| managers[&row["sales_agent"]].clone()),
        // As the import reads the files' slips.
        ("product", &|row| row["product"].replace("GTXPro", "GTX Pro")),
        ("company.industry", &|row| sectors[&row["account"]].clone()),
    ] {
        let mut wanted: BTreeMap<String, (i64, i64)> = BTreeMap::new();
        for row in deals.iter().filter(|row| ["Won", "Lost"].contains(&row["deal_stage"].as_str())) {
            let (won, closed) = wanted.entry(name(row)).or_default();
            *won += i64::from(row["deal_stage"] == "Won");
            *closed += 1;
        }
        let wanted: BTreeMap<String, String> = wanted
            .into_iter()
            .map(|(name, (won, closed))| (name, format!("{:.2} {closed}", won as f64 * 100.0 / closed as f64)))
            .collect();
        let said = metric(ws, "ana", &["win-rate", "--by", by]).await;
        let had: BTreeMap<String, String> = said["groups"]
            .as_array()
            .expect("groups")
            .iter()
            .map(|g| (g["label"].as_str().expect("a label").to_owned(), one(&g["figures"], 2)))
            .collect();
        assert_eq!(had, wanted, "{by}");
        assert!(wanted.len() >= 6, "{by}");
    }
}

/// The same for the imported support tickets.
pub(crate) async fn support_tickets(ws: &Workspace) {
    assert_eq!(
        groups(ws, &["tickets", "--by", "status"], 0).await,
        ["Open 1662 1662", "Pending 1715 1715", "Closed 1623 1623"]
    );
    assert_eq!(
        groups(ws, &["tickets", "--by", "category"], 0).await,
        [
            "Refund request 1039 1039",
            "Technical issue 1019 1019",
            "Cancellation request 1015 1015",
            "Product inquiry 973 973",
            "Billing inquiry 954 954"
        ]
    );
    for (args, digits, figure) in [
        (&["tickets"][..], 0, "5000 5000"),
        (&["open-tickets"], 0, "3377 3377"),
        (&["solved-tickets"], 0, "1623 1623"),
        (&["ratings"], 0, "1623 1623"),
        (&["rating"], 4, "3.0111 1623"),
        (&["satisfaction"], 2, "39.99 1623"),
        // A custom field that the import made.
        (&["tickets", "--where", "customer_age>=18"], 0, "5000 5000"),
    ] {
        assert_eq!(total(ws, args, digits).await, figure, "{args:?}");
    }
    let ages = groups(ws, &["satisfaction", "--by", "customer_age"], 0).await;
    assert!(ages.len() > 40 && ages[0].starts_with("18 "), "by a custom field, in order: {ages:?}");
}

/// Deals of bo's and di's teams in two currencies, closed in two months.
async fn some_deals(ws: &Workspace) {
    let mut owner = ws.owner().await;
    let rows = "insert into deal (name, stage_id, amount, currency, closed, opened, owner_id, team_id)
        select v.name, s.id, v.amount, v.currency, v.closed::date, v.closed::date - 10, p.id, p.team_id
        from (values
            ('a', 'Won', 1000.5, 'EUR', '2026-05-31', 'bo'), ('b', 'Won', 3000, 'EUR', '2026-06-01', 'bo'),
            ('c', 'Won', 700, 'USD', '2026-06-02', 'bo'), ('d', 'Lost', 50, 'EUR', '2026-06-30', 'bo'),
            ('e', 'Won', 10, 'EUR', '2026-06-15', 'di'), ('f', 'Won', null, null, '2026-06-16', 'di'),
            ('=g', 'Proposal', 10, 'EUR', null, 'di')
        ) v (name, stage, amount, currency, closed, login)
        join stage s on s.name = v.stage join staff p on p.login = v.login";
    owner.execute(rows).await.expect("deals");
}

#[tokio::test]
async fn currencies_stay_apart_and_each_sees_their_own() {
    let ws = Workspace::new().await;
    some_deals(&ws).await;
    let figures = |said: &Json| -> Vec<String> {
        let figures = said["total"].as_array().expect("figures");
        figures.iter().map(|f| format!("{} {} {}", f["amount"], f["currency"], f["records"]).replace('"', "")).collect()
    };
    let won = metric(&ws, "ana", &["won"]).await;
    assert_eq!(figures(&won), ["4010.5 EUR 3", "700 USD 1"], "an amount that nobody gave is no third currency");
    assert_eq!(figures(&metric(&ws, "bo", &["won"]).await), ["4000.5 EUR 2", "700 USD 1"]);
    assert_eq!(figures(&metric(&ws, "di", &["won"]).await), ["10 EUR 1"]);
    let none = metric(&ws, "ana", &["won", "--period", "2020"]).await;
    assert_eq!(figures(&none), ["0 null 0"]);
    let rate = metric(&ws, "ana", &["win-rate", "--period", "2020"]).await;
    assert_eq!(rate["total"][0]["value"], Json::Null, "of no deals there is no share");

    let months =
        metric(&ws, "ana", &["won", "--by", "month", "--period", "2026-04..2026-06", "--compare", "previous"]).await;
    let labels: Vec<&str> =
        months["groups"].as_array().expect("groups").iter().filter_map(|g| g["label"].as_str()).collect();
    assert_eq!(labels, ["2026-04", "2026-05", "2026-06"], "a month of nothing is a month too");
    assert_eq!(months["groups"][2]["query"], "state:won closed:2026-06");
    assert_eq!(months["days_before"], serde_json::json!({"from": "2026-01-01", "to": "2026-03-31", "empty": false}));
}

#[tokio::test]
async fn tables_csv_and_mistakes() {
    let ws = Workspace::new().await;
    some_deals(&ws).await;
    let said = async |args: &[&str]| {
        let args: Vec<&str> = ["metric"].iter().chain(args).copied().collect();
        let output = ws.run("ana", &args).await;
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
        (output.status.code().unwrap_or(-1), text(output.stdout), text(output.stderr))
    };
    let (code, out, _) = said(&["show", "won", "--by", "owner", "--period", "2026-06", "--compare", "previous"]).await;
    assert_eq!(code, 0);
    let expected = "\
Won, 2026-06 (2026-06-01..2026-06-30) against 2026-05-01..2026-05-31
Amounts of won deals, by the day they were closed.

owner         value  records       before   change
Bo        3,000 EUR        1  1,000.50 EUR  +200 %
Bo          700 USD        1         0 USD
Di           10 EUR        1         0 EUR
total     3,010 EUR        2  1,000.50 EUR  +201 %
total       700 USD        1         0 USD

Rows: frontdesk deal list 'state:won closed:2026-06'
";
    let plain = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(plain(&out), plain(expected), "{out}");
    let (_, csv, _) = said(&["show", "deals", "--by", "name", "--csv"]).await;
    assert!(csv.starts_with("name,value,unit,currency,records,before,query\n"), "{csv}");
    assert!(csv.contains("\n'=g,1,records,,1,,"), "no formula in a spreadsheet: {csv}");
    let (_, list, _) = said(&["list", "--json"]).await;
    let first: Json = serde_json::from_str(list.lines().next().expect("a line")).expect("JSON");
    assert_eq!((&first["name"], &first["where"]), (&Json::from("open-pipeline"), &Json::from("state:open")));
    assert!(said(&["list"]).await.1.lines().count() > 20);
    assert_eq!(said(&["list", "--csv"]).await.1.lines().count(), list.lines().count() + 1);

    for (args, exit, part) in [
        (&["show", "nothing"][..], 2, "there are open-pipeline"),
        (&["show", "won", "--by", "nothing"], 2, "Deals has no field called “nothing”"),
        (&["show", "won", "--by", "note"], 2, "makes no groups"),
        (&["show", "won", "--period", "soon"], 2, "is no period"),
        (&["show", "won", "--where", "owner:"], 2, "^"),
        (&["show", "open-deals", "--period", "2026"], 2, "how things stand now"),
        (&["show", "open-deals", "--by", "month"], 2, "no date of its own"),
        (&["show", "won", "--compare", "year"], 2, "give a --period"),
        (&["show", "won", "--by", "day", "--period", "2000..2026"], 1, "more than 1000 groups"),
        (&["zone", "Mars/Base"], 2, "Mars/Base"),
    ] {
        let (code, _, err) = said(args).await;
        assert!(code == exit && err.contains(part), "{args:?}: {code} {err}");
    }
}

#[tokio::test]
async fn days_begin_where_the_workspace_is() {
    let ws = Workspace::new().await;
    let mut owner = ws.owner().await;
    // Half an hour into November in Shanghai.
    let insert =
        "insert into ticket (subject, created_at) values ('late', '2026-10-31T16:30Z'), ('early', '2026-10-31T15:30Z')";
    owner.execute(AssertSqlSafe(insert.to_owned())).await.expect("tickets");
    let labels = async |login: &str| -> Vec<String> {
        let said = metric(&ws, login, &["tickets", "--by", "month"]).await;
        said["groups"]
            .as_array()
            .expect("groups")
            .iter()
            .map(|g| format!("{} {}", g["label"], g["figures"][0]["value"]))
            .collect()
    };
    let denied = ws.run("bo", &["metric", "zone", "Asia/Shanghai"]).await;
    assert_eq!(denied.status.code(), Some(4), "{}", String::from_utf8_lossy(&denied.stderr));
    let set = ws.run("ana", &["metric", "zone", "Asia/Shanghai"]).await;
    assert_eq!(String::from_utf8_lossy(&set.stdout), "Asia/Shanghai\n");
    assert_eq!(labels("ana").await, ["\"2026-10\" 1", "\"2026-11\" 1"]);
    let said = metric(&ws, "ana", &["tickets", "--period", "2026-11"]).await;
    assert_eq!(said["total"][0]["value"], 1);
    let query = said["query"].as_str().expect("a query");
    let counted = ws.run("ana", &["ticket", "count", query]).await;
    assert_eq!(String::from_utf8_lossy(&counted.stdout), "1\n", "{query}");
    ws.run("ana", &["metric", "zone", "UTC"]).await;
    assert_eq!(labels("ana").await, ["\"2026-10\" 2"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forecast_weighs_each_amount_by_the_chance_of_its_stage() {
    let ws = Workspace::new().await;
    let mut owner = ws.owner().await;
    owner
        .execute(
            "update stage set probability = case name when 'Prospecting' then 10 when 'Proposal' then 50 end \
               where name in ('Prospecting', 'Proposal', 'Negotiation'); \
             insert into deal (name, stage_id, amount, currency, expected, owner_id, team_id) \
               select v.name, st.id, v.amount, 'EUR', v.expected, 1, 1 from (values \
                 ('a', 'Prospecting', 1000, date '2026-04-10'), ('b', 'Proposal', 3000, '2026-04-20'), \
                 ('c', 'Proposal', 500, '2026-05-02'), ('no chance is known', 'Negotiation', 9000, '2026-05-03'), \
                 ('won', 'Won', 7000, '2026-04-01')) v (name, stage, amount, expected) join stage st on st.name = v.stage",
        )
        .await
        .expect("deals");
    assert_eq!(total(&ws, &["forecast"], 2).await, "1850.00 4");
    assert_eq!(groups(&ws, &["forecast", "--by", "expected.month"], 0).await, ["2026-04 1600 2", "2026-05 250 2"]);
}
