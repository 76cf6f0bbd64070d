//! Imports of real data, with counts that its publishers and a second look at the files agree on. The files are named by
//! `FRONTDESK_TEST_DATA`; without it these tests say that they skip.

use frontdesk::desk::import::columns::{Goes, assign, recognised};
use serde_json::Value as Json;

use crate::import::{column, counts, file, import, path, warned};
use crate::support::Workspace;

/// A file of the test data, or none with a word about it.
pub(crate) fn data(name: &str) -> Option<String> {
    let found = std::env::var("FRONTDESK_TEST_DATA").ok().map(|dir| format!("{dir}/{name}"));
    match found {
        Some(path) if std::path::Path::new(&path).exists() => Some(path),
        _ => {
            eprintln!("skipped: FRONTDESK_TEST_DATA has no {name}");
            None
        }
    }
}

fn referred(report: &Json, kind: &str) -> [u64; 2] {
    ["created", "matched"].map(|key| report["references"][kind][key].as_u64().expect("a number"))
}

#[tokio::test]
async fn the_maven_sales_files() {
    let Some(products) = data("maven-crm-sales/products.csv") else { return };
    let dir = products.trim_end_matches("products.csv").to_owned();
    let (people, accounts, deals) =
        (format!("{dir}sales_teams.csv"), format!("{dir}accounts.csv"), format!("{dir}sales_pipeline.csv"));
    let ws = Workspace::new().await;

    assert_eq!(counts(&import(&ws, &["product", &products]).await), [7, 7, 0, 0, 0]);
    let report = import(&ws, &["user", &people]).await;
    assert_eq!(counts(&report), [35, 35, 0, 0, 0]);
    assert_eq!((referred(&report, "user"), referred(&report, "team")), ([6, 0], [3, 0]));
    let report = import(&ws, &["company", &accounts]).await;
    assert_eq!(counts(&report), [85, 85, 0, 0, 0]);
    assert_eq!(warned(&report, "misspelt"), 13, "12 × technolgy, 1 × Philipines");
    let parents = column(&ws, "select count(parent_id)::text from company").await;
    assert_eq!(parents, ["15"]);
    let rights =
        column(&ws, "select count(*)::text from staff where not active and role = 'sales' and db_login is null").await;
    assert_eq!(rights, ["41"]);

    let report = import(&ws, &["deal", &deals, "--match", "external_id"]).await;
    assert_eq!(counts(&report), [8800, 8800, 0, 0, 0]);
    assert_eq!(referred(&report, "company"), [0, 85]);
    assert_eq!((referred(&report, "user"), referred(&report, "stage")), ([0, 30], [1, 3]));
    for (code, n) in [
        ("near_name", 1480),
        ("open_deal_without_company", 1425),
        ("closed_deal_without_company", 0),
        ("deal_without_opening", 500),
        ("deal_without_amount", 2089),
        ("user_without_deal", 5),
        ("stage_added", 1),
    ] {
        assert_eq!(warned(&report, code), n, "{code}");
    }
    let stages = column(
        &ws,
        "select name || ' ' || state || ' ' || n from (select s.name, s.state, count(*) n from deal d join stage s on s.id = d.stage_id group by 1, 2) t order by n desc",
    )
    .await;
    assert_eq!(stages, ["Won won 4238", "Lost lost 2473", "Engaging open 1589", "Prospecting open 500"]);
    let won = "select round(sum(amount)) || ' ' || round(avg(amount), 2) || ' ' || percentile_cont(0.5) within group (order by amount) \
               from deal where state = 'won'";
    assert_eq!(column(&ws, won).await, ["10005534 2360.91 1117"]);
    let best = "select u.name || ' ' || round(sum(d.amount)) || ' ' || count(*) from deal d join staff u on u.id = d.owner_id \
                where d.state = 'won' group by u.name order by sum(d.amount) desc limit 1";
    assert_eq!(column(&ws, best).await, ["Darcel Schlecht 1153214 349"]);
    let offices = "select t.name || ' ' || round(sum(d.amount)) from deal d join team t on t.id = d.team_id \
                   where d.state = 'won' group by t.name order by 1";
    assert_eq!(column(&ws, offices).await, ["Central 3346293", "East 3090594", "West 3568647"]);
    let days = "select round(avg(closed - opened) filter (where state = 'won'), 2) || ' ' || round(avg(closed - opened) filter (where state = 'lost'), 2) from deal";
    assert_eq!(column(&ws, days).await, ["51.78 41.48"]);

    crate::metric::maven(&ws, &dir).await;

    // The same through the program's own query language.
    for (query, n) in [
        (&["stage:Won"][..], "4238\n"),
        (&["state:open", "company:none"], "1425\n"),
        (&["-state:open", "-state:won"], "2473\n"),
    ] {
        let output = ws.run("ana", &[&["deal", "count"], query].concat()).await;
        assert_eq!(
            String::from_utf8_lossy(&output.stdout),
            n,
            "{query:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
    }

    let again = import(&ws, &["deal", &deals, "--match", "external_id"]).await;
    assert_eq!((counts(&again), &again["operation"]), ([8800, 0, 0, 8800, 0], &Json::Null));
    for (kind, file, key, n) in
        [("company", &accounts, "name", 85), ("user", &people, "name", 35), ("product", &products, "name", 7)]
    {
        let again = import(&ws, &[kind, file, "--match", key]).await;
        assert_eq!(counts(&again), [n, 0, 0, n, 0], "{kind}");
    }

    let undone = ws.run("ana", &["undo", &report["operation"].to_string()]).await;
    assert!(undone.status.success(), "{}", String::from_utf8_lossy(&undone.stderr));
    let left = column(&ws, "select count(*) || ' ' || (select count(*) from stage where name = 'Engaging' and deleted_at is null) from deal where deleted_at is null").await;
    assert_eq!(left, ["0 0"]);
}

#[tokio::test]
async fn the_support_tickets() {
    let Some(tickets) = data("support-tickets/support_tickets_00001_05000.csv.gz") else { return };
    let ws = Workspace::new().await;
    let args =
        ["ticket", &tickets, "--create-refs", "--match", "external_id", "--map", "Customer Age=+customer_age:int"];
    let report = import(&ws, &args).await;
    assert_eq!(counts(&report), [5000, 5000, 0, 0, 0]);
    assert_eq!((referred(&report, "contact"), referred(&report, "product")), ([5000, 0], [42, 0]));
    assert_eq!(warned(&report, "solved_before_reply"), 774);
    assert_eq!(report["offered"][0]["column"], "Date of Purchase");
    let statuses = column(&ws, "select status || ' ' || count(*) from ticket group by status order by 1").await;
    assert_eq!(statuses, ["closed 1623", "open 1662", "pending 1715"]);
    let types = column(
        &ws,
        "select category || ' ' || n from (select category, count(*) n from ticket group by 1) t order by n desc",
    )
    .await;
    assert_eq!(
        types,
        [
            "Refund request 1039",
            "Technical issue 1019",
            "Cancellation request 1015",
            "Product inquiry 973",
            "Billing inquiry 954"
        ]
    );
    crate::metric::support_tickets(&ws).await;
    let ratings = column(&ws, "select count(rating) || ' ' || round(avg(rating), 4) from ticket").await;
    assert_eq!(ratings, ["1623 3.0111"]);
    let again = import(&ws, &args).await;
    assert_eq!(counts(&again), [5000, 0, 0, 5000, 0]);
    assert_eq!((referred(&again, "contact"), &again["operation"]), ([0, 5000], &Json::Null));
    let spanning = column(&ws, "select count(*)::text from ticket where description like E'%\\n%'").await;
    assert_ne!(spanning, ["0"], "texts of several lines came through");
}

#[tokio::test]
async fn headers_of_other_programs() {
    for (kind, name, least) in [
        ("contact", "google_contacts_current", 10),
        ("contact", "google_contacts_legacy", 6),
        ("contact", "outlook_com", 12),
        ("contact", "outlook_desktop", 12),
        ("contact", "linkedin_connections", 5),
        ("contact", "pipedrive_sample_import", 5),
        ("contact", "salesforce_contact", 8),
        ("company", "salesforce_account", 8),
        ("contact", "hubspot_contacts", 10),
        ("company", "hubspot_companies", 5),
        ("deal", "hubspot_deals", 6),
        ("ticket", "jira_issues", 10),
    ] {
        let Some(file) = data(&format!("import-headers/{name}.csv")) else { return };
        let source = std::fs::File::open(file).expect("there");
        let registry = frontdesk::domain::kind::Registry::builtin();
        let kind = registry.by_name(kind).expect("a kind");
        let table =
            frontdesk::desk::import::read::Table::open(source, |cells| recognised(kind, cells)).expect("readable");
        let columns = assign(&registry, kind, &table.header, &[]).expect("no mapping");
        let taken = columns.iter().filter(|c| matches!(c.goes, Goes::Field(_) | Goes::Through { .. })).count();
        let taken_list: Vec<_> = columns.iter().filter(|c| c.goes != Goes::Unknown).map(|c| &c.header).collect();
        assert!(taken >= least, "{name}: {taken} of {least}: {taken_list:?}");
    }
}

#[tokio::test]
async fn chinese_orders_come_out_the_same_in_both_encodings() {
    let Some(utf8) = data("superstore-zh/orders_2014_2016.csv") else { return };
    let Some(gbk) = data("superstore-zh/orders_2014_2016.gbk.csv") else { return };
    let ws = Workspace::new().await;
    let map =
        ["--map", "订单 ID=name", "--map", "行 ID=external_id", "--map", "销售额=amount", "--map", "订单日期=opened"];
    let first = import(&ws, &[&["deal", &utf8, "--match", "external_id", "--create-refs"], &map[..]].concat()).await;
    assert_eq!(counts(&first), [6599, 6599, 0, 0, 0]);
    assert_eq!(column(&ws, "select round(sum(amount), 2)::text from deal").await, ["10629082.45"]);
    let second = import(&ws, &[&["deal", &gbk, "--match", "external_id", "--create-refs"], &map[..]].concat()).await;
    assert_eq!((counts(&second), &second["encoding"]), ([6599, 0, 0, 6599, 0], &Json::from("GBK")));
}

#[tokio::test]
async fn leads_and_calls() {
    let Some(leads) = data("olist-leads/marketing_qualified_leads.csv") else { return };
    let Some(calls) = data("bank-marketing/bank_marketing.csv.gz") else { return };
    let ws = Workspace::new().await;
    let map = ["--map", "mql_id=name", "--map", "first_contact_date=created", "--map", "origin=source"];
    let report = import(&ws, &[&["contact", &leads][..], &map].concat()).await;
    assert_eq!(counts(&report), [8000, 8000, 0, 0, 0]);
    let sources =
        column(&ws, "select source || ' ' || count(*) from contact group by source order by count(*) desc limit 3")
            .await;
    assert_eq!(sources, ["organic_search 2296", "paid_search 1586", "social 1350"]);
    let span = column(&ws, "select min(created_at)::date || ' ' || max(created_at)::date from contact").await;
    assert_eq!(span, ["2017-06-14 2018-05-31"]);
    let dry =
        import(&ws, &["contact", &calls, "--map", "job=name", "--map", "subscribe=no_contact", "--dry-run"]).await;
    assert_eq!(counts(&dry), [45_211, 45_211, 0, 0, 0]);
}

#[tokio::test]
async fn naughty_strings_come_out_as_they_went_in() {
    let Some(naughty) = data("naughty-strings/naughty_even.json") else { return };
    let list: Vec<Json> = serde_json::from_reader(std::fs::File::open(naughty).expect("there")).expect("JSON");
    let texts: Vec<&str> =
        list.iter().map(|e| e["text"].as_str().expect("text")).filter(|t| !t.trim().is_empty()).collect();
    let mut out = csv::Writer::from_writer(Vec::new());
    out.write_record(["Name", "Notes", "City"]).expect("memory");
    for (at, text) in texts.iter().enumerate() {
        out.write_record([&format!("n{at:03}"), *text, text.trim_matches(' ')]).expect("memory");
    }
    let source = file(out.into_inner().expect("memory"));
    let ws = Workspace::new().await;
    let report = import(&ws, &["contact", path(&source)]).await;
    assert_eq!(counts(&report), [texts.len() as u64, texts.len() as u64, 0, 0, 0]);
    let json = ws.run("ana", &["export", "contact", "--json", "--columns", "name,note,city", "sort:name"]).await;
    assert!(json.status.success(), "{}", String::from_utf8_lossy(&json.stderr));
    for (line, text) in String::from_utf8(json.stdout).expect("UTF-8").lines().zip(&texts) {
        let record: Json = serde_json::from_str(line).expect("JSON");
        assert_eq!((&record["note"], &record["city"]), (&Json::from(*text), &Json::from(text.trim_matches(' '))));
    }
    // Out as CSV and in again: nothing is different, and no cell is a formula.
    let csv = ws.run("ana", &["export", "contact", "--columns", "name,note,city", "sort:name"]).await;
    let mut reader = csv::Reader::from_reader(csv.stdout.as_slice());
    for row in reader.records() {
        let row = row.expect("a row");
        assert!(row.iter().all(|cell| !cell.starts_with(['=', '+', '-', '@', '\t', '\r'])), "{row:?}");
    }
    let again = file(&csv.stdout);
    let report = import(&ws, &["contact", path(&again), "--match", "name"]).await;
    assert_eq!(counts(&report), [texts.len() as u64, 0, 0, texts.len() as u64, 0]);
}
