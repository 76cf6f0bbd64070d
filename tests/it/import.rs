//! Files through the built program into a real workspace: encodings, shapes, references, matching, undo.

use std::io::Write;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::Value as Json;
use sqlx::Row;
use tempfile::NamedTempFile;

use crate::support::Workspace;

/// A file of these bytes, gone with the value.
pub(crate) fn file(bytes: impl AsRef<[u8]>) -> NamedTempFile {
    let mut file = NamedTempFile::new().expect("a temporary file");
    file.write_all(bytes.as_ref()).expect("room for it");
    file
}

pub(crate) fn path(file: &NamedTempFile) -> &str {
    file.path().to_str().expect("a plain path")
}

/// Imports and returns the report; the program must have ended well.
pub(crate) async fn import(ws: &Workspace, args: &[&str]) -> Json {
    let args: Vec<&str> = ["import", "--json"].iter().chain(args).copied().collect();
    let output = ws.run("ana", &args).await;
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{args:?}: {said}");
    serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{args:?}: {e}: {said}"))
}

/// `rows, created, updated, unchanged, rejected`.
pub(crate) fn counts(report: &Json) -> [u64; 5] {
    ["rows", "created", "updated", "unchanged", "rejected"].map(|key| report[key].as_u64().expect("a number"))
}

/// How often a warning of this code was raised, in all.
pub(crate) fn warned(report: &Json, code: &str) -> u64 {
    let warnings = report["warnings"].as_array().expect("a list");
    warnings.iter().filter(|w| w["code"] == code).map(|w| w["count"].as_u64().expect("a number")).sum()
}

/// The first column of a query, as text.
pub(crate) async fn column(ws: &Workspace, sql: &'static str) -> Vec<String> {
    let mut owner = ws.owner().await;
    let rows = sqlx::query(sql).fetch_all(&mut owner).await.expect("right SQL");
    rows.iter().map(|row| row.get::<Option<String>, _>(0).unwrap_or_default()).collect()
}

#[tokio::test]
async fn every_encoding_gives_the_same_contacts() {
    let ws = Workspace::new().await;
    let text = "姓名,电话,客户名称,备注\r\n王伟,13812345678,北京华信,重要客户，请尽快联系\r\n李娜,021-61234567,上海远东,普通\r\n";
    let (gbk, _, _) = encoding_rs::GBK.encode(text);
    let utf16: Vec<u8> = [0xFF, 0xFE].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(text.as_bytes()).expect("memory");
    let zipped = gzip.finish().expect("memory");
    for (at, bytes) in [gbk.as_ref(), &utf16, &zipped].into_iter().enumerate() {
        let file = file(bytes);
        let report = import(&ws, &["contact", path(&file), "--create-refs"]).await;
        assert_eq!(counts(&report), [2, 2, 0, 0, 0], "{at}");
        let companies = if at == 0 { [2, 0] } else { [0, 2] };
        let referred = &report["references"]["company"];
        assert_eq!([&referred["created"], &referred["matched"]].map(|n| n.as_u64().expect("a number")), companies);
    }
    let names = column(
        &ws,
        "select c.name || '|' || c.phone || '|' || o.name || '|' || c.note from contact c \
         join company o on o.id = c.company_id order by c.name desc",
    )
    .await;
    assert_eq!(names[..3], ["王伟|13812345678|北京华信|重要客户，请尽快联系"; 3]);
    assert_eq!(names[3..], ["李娜|021-61234567|上海远东|普通"; 3]);
}

#[tokio::test]
async fn standard_input_is_a_file_like_any_other() {
    use std::process::Stdio;
    let ws = Workspace::new().await;
    let mut command = ws.command("ana", &["import", "company", "-", "--json"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("it runs");
    child.stdin.take().expect("piped").write_all(b"Name;City\n\xC4nn;K\xF6ln\n").expect("it reads");
    let output = child.wait_with_output().expect("it ends");
    let report: Json = serde_json::from_slice(&output.stdout).expect("a report");
    assert_eq!((counts(&report), &report["delimiter"]), ([1, 1, 0, 0, 0], &Json::from(";")));
    assert_eq!(column(&ws, "select name || ' ' || city from company").await, ["Änn Köln"]);
}

#[tokio::test]
async fn files_that_hold_nothing_or_the_wrong_thing() {
    let ws = Workspace::new().await;
    let header_only = file("Name,Email\n");
    assert_eq!(counts(&import(&ws, &["contact", path(&header_only)]).await), [0; 5]);
    for (bytes, code, words) in [
        (&b""[..], 1, "empty"),
        (b"PK\x03\x04 a workbook", 1, "workbook"),
        (b"foo,bar\n1,2\n", 1, "no column of the file is recognised"),
    ] {
        let file = file(bytes);
        let output = ws.run("ana", &["import", "contact", path(&file)]).await;
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{said}");
        assert!(said.contains(words) && output.stdout.is_empty(), "{said}");
    }
    let wrong_map = ws.run("ana", &["import", "contact", path(&header_only), "--map", "Nme=name"]).await;
    assert_eq!(wrong_map.status.code(), Some(2));
    let no_key = ws.run("ana", &["import", "contact", path(&header_only), "--match", "external_id"]).await;
    assert_eq!(no_key.status.code(), Some(2));
}

#[tokio::test]
async fn bad_rows_are_told_apart_from_good_ones() {
    let ws = Workspace::new().await;
    let giant = "x".repeat(10 << 20);
    let text = format!(
        "Name,Email,Notes,Birthday,Company\n\
         Ann,ann@example.com,\"two\nlines\",1990-02-03,\n\
         Bob,not an address,,,\n\
         ,,nameless,,\n\
         Cid,cid@example.com,{giant},,\n\
         Dot,dot@example.com,,31/31/2020,\n\
         Eve,eve@example.com,a\0b,,\n\
         Fay,fay@example.com,,,Nowhere Inc\n\
         Gus,gus@example.com,,,,extra\n\
         Hal\n"
    );
    let (source, rejects) = (file(text), file(""));
    let report = import(&ws, &["contact", path(&source), "--rejects", path(&rejects)]).await;
    assert_eq!(counts(&report), [9, 3, 0, 0, 6]);
    assert_eq!(column(&ws, "select name from contact order by name").await, ["Ann", "Eve", "Hal"]);
    assert_eq!(column(&ws, "select note from contact where name = 'Ann'").await, ["two\nlines"]);
    assert_eq!((warned(&report, "nul_dropped"), warned(&report, "short_row")), (1, 1));
    let mut rejected = csv::Reader::from_path(rejects.path()).expect("readable");
    let header: Vec<String> = rejected.headers().expect("a header").iter().map(str::to_owned).collect();
    assert_eq!(header, ["Name", "Email", "Notes", "Birthday", "Company", "line", "reason"]);
    let rows: Vec<(String, String)> =
        rejected.records().map(|r| r.expect("a row")).map(|r| (r[5].to_owned(), r[6].to_owned())).collect();
    let mut reasons: Vec<(&str, &str)> = rows.iter().map(|(line, why)| (line.as_str(), why.as_str())).collect();
    reasons.sort_unstable();
    let wanted = [
        ("10", "6 cells"),
        ("4", "not an email address"),
        ("5", "Name is missing"),
        ("6", "too long"),
        ("7", "not a day of the calendar"),
        ("9", "no company is called “Nowhere Inc”"),
    ];
    for ((line, why), (wanted_line, words)) in reasons.iter().zip(wanted) {
        assert!(*line == wanted_line && why.contains(words), "line {line}: {why}, not {wanted_line}: {words}");
    }
    assert_eq!(reasons.len(), wanted.len());
}

#[tokio::test]
async fn matching_updates_and_a_second_run_changes_nothing() {
    let ws = Workspace::new().await;
    let first = file("External Id,Name,City\nA1,Acme,Rome\nA2,Beta,Oslo\n");
    let matched = ["company", path(&first), "--match", "external_id"];
    assert_eq!(counts(&import(&ws, &matched).await), [2, 2, 0, 0, 0]);
    assert_eq!(counts(&import(&ws, &matched).await), [2, 0, 0, 2, 0]);
    // A blank cell leaves the field alone, a row that is there needs no name, a double is refused.
    let second = file("External Id,City,Industry\nA1,,retail\nA2,Bergen,\nA3,Nice,\nA2,Paris,\n");
    let report = import(&ws, &["company", path(&second), "--match", "external_id"]).await;
    assert_eq!(counts(&report), [4, 0, 2, 0, 2]);
    let sql = "select concat_ws('|', name, city, industry, version::text) from company order by external_id";
    assert_eq!(column(&ws, sql).await, ["Acme|Rome|retail|2", "Beta|Bergen|2"]);
    let undone = ws.run("ana", &["undo"]).await;
    assert!(undone.status.success(), "{}", String::from_utf8_lossy(&undone.stderr));
    assert_eq!(column(&ws, sql).await, ["Acme|Rome|3", "Beta|Oslo|3"]);
    assert_eq!(report["operation"].as_i64().map(|n| n > 0), Some(true));
    let history = ws.run("ana", &["company", "count", "industry:retail"]).await;
    assert_eq!(String::from_utf8_lossy(&history.stdout), "0\n");
}

#[tokio::test]
async fn companies_refer_to_companies_further_down() {
    let ws = Workspace::new().await;
    let text = "account,subsidiary_of\nChild,Parent Co\nOrphan,Nobody\nParent Co,\nStray,parentco\n";
    let source = file(text);
    let report = import(&ws, &["company", path(&source)]).await;
    assert_eq!(counts(&report), [4, 3, 0, 0, 1]);
    let sql = "select c.name || '>' || coalesce(p.name, '') from company c left join company p on p.id = c.parent_id order by 1";
    assert_eq!(column(&ws, sql).await, ["Child>Parent Co", "Parent Co>", "Stray>Parent Co"]);
}

#[tokio::test]
async fn a_dry_run_tells_all_and_leaves_nothing() {
    let ws = Workspace::new().await;
    let source =
        file("Deal name,Account,Stage,Owner,Amount\nOne,Acme,Tasting,Zoë Quist,€1.234\nTwo,Acme,Won,Zoë Quist,5\n");
    let before = column(&ws, "select count(*)::text from stage").await;
    let args = ["deal", path(&source), "--create-refs", "--map", "Amount=amount", "--dry-run"];
    let report = import(&ws, &args).await;
    assert_eq!(counts(&report), [2, 2, 0, 0, 0]);
    assert!(report["operation"].is_null() && report["dry_run"] == true);
    let sql = "select (select count(*) from deal) || ' ' || (select count(*) from company) || ' ' || \
               (select count(*) from operation where action = 'import')";
    assert_eq!(column(&ws, sql).await, ["0 0 0"]);
    assert_eq!(column(&ws, "select count(*)::text from stage").await, before);
    let real = import(&ws, &args[..args.len() - 1]).await;
    assert_eq!(report["references"], real["references"]);
    let sql = "select concat_ws('|', d.name, c.name, s.name, d.state, u.name, u.active::text, d.currency) from deal d \
               join company c on c.id = d.company_id join stage s on s.id = d.stage_id join staff u on u.id = d.owner_id order by 1";
    assert_eq!(column(&ws, sql).await[0], "One|Acme|Tasting|open|Zoë Quist|false|EUR");
    assert_eq!(
        column(&ws, "select name from stage where state = 'open' order by position desc limit 1").await,
        ["Tasting"]
    );
}

#[tokio::test]
async fn a_column_can_become_a_custom_field() {
    let ws = Workspace::new().await;
    let source = file("Name,Shoe Size\nAnn,38\nBob,45\n");
    let offered = import(&ws, &["contact", path(&source), "--dry-run"]).await;
    let offer = &offered["offered"][0];
    assert_eq!((&offer["name"], &offer["type"]), (&Json::from("shoe_size"), &Json::from("int")));
    let args = ["contact", path(&source), "--map", "Shoe Size=+shoe_size:int", "--match", "name"];
    assert_eq!(counts(&import(&ws, &args).await), [2, 2, 0, 0, 0]);
    assert_eq!(counts(&import(&ws, &args).await), [2, 0, 0, 2, 0]);
    assert_eq!(column(&ws, "select c_shoe_size::text from contact order by name").await, ["38", "45"]);
    let found = ws.run("ana", &["contact", "count", "shoe_size>40"]).await;
    assert_eq!(String::from_utf8_lossy(&found.stdout), "1\n", "{}", String::from_utf8_lossy(&found.stderr));
}

#[tokio::test]
async fn sales_people_import_for_themselves_only() {
    let ws = Workspace::new().await;
    let source = file("Name,Owner\nMine,\nBo's,bo\nOther team's,di\n");
    let output = ws.run("bo", &["import", "--json", "company", path(&source)]).await;
    let said = String::from_utf8_lossy(&output.stderr);
    let report: Json = serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{e}: {said}"));
    assert_eq!(counts(&report), [3, 2, 0, 0, 1]);
    let sql = "select c.name || '>' || u.login || '>' || t.name from company c join staff u on u.id = c.owner_id \
               join team t on t.id = c.team_id order by 1";
    assert_eq!(column(&ws, sql).await, ["Bo's>bo>North", "Mine>bo>North"]);
    let people = file("sales_agent\nAnybody\n");
    let refused = ws.run("bo", &["import", "user", path(&people)]).await;
    assert_eq!(refused.status.code(), Some(4));
}

#[tokio::test]
async fn nothing_is_kept_of_what_only_rejected_rows_name() {
    let ws = Workspace::new().await;
    let text = "Deal name,Account,Stage,Owner,Product,Amount,Taste\n\
                Good,Acme,Tasting,Zoë Quist,Soap,1,sweet\n\
                Bad,Nowhere Inc,Smelling,Max Nobody,Glue,not a number,\n\
                Also bad,Acme,Hearing,Zoë Quist,Soap,not a number,sour\n";
    let source = file(text);
    let args = ["deal", path(&source), "--create-refs", "--map", "Taste=+taste:text", "--map", "Amount=amount"];
    let report = import(&ws, &args).await;
    assert_eq!(counts(&report), [3, 1, 0, 0, 2]);
    let made = |kind: &str| report["references"][kind]["created"].as_u64().expect("a number");
    assert_eq!(["company", "user", "product", "stage"].map(made), [1; 4]);
    assert_eq!(warned(&report, "stage_added"), 1);
    let sql = "select name from company union all select name from product union all select name from stage \
               where name like '%ing' and name not in ('Prospecting') union all select name from staff where not active \
               order by 1";
    assert_eq!(column(&ws, sql).await, ["Acme", "Soap", "Tasting", "Zoë Quist"]);
    // Nor in history.
    let sql = "select kind || ' ' || count(*) from change where operation = (select max(id) from operation \
               where action = 'import') and deed = 'create' group by kind order by kind";
    let created = ["company 1", "deal 1", "product 1", "stage 1", "user 1"];
    assert_eq!(column(&ws, sql).await, created);
    assert_eq!(column(&ws, "select c_taste from deal").await, ["sweet"]);
    // One step takes all of it back.
    let undone = ws.run("ana", &["undo"]).await;
    assert!(undone.status.success(), "{}", String::from_utf8_lossy(&undone.stderr));
    let sql = "select name from company where deleted_at is null union all select name from deal where deleted_at is null \
               union all select name from product where deleted_at is null";
    assert_eq!(column(&ws, sql).await, Vec::<String>::new());
}

/// The database refuses what no look at the row can: here a text too long for its index, among many good rows.
#[tokio::test]
async fn what_a_row_names_goes_with_it_when_the_database_refuses_it() {
    let ws = Workspace::new().await;
    let long: String = (0..1_900).map(|n| char::from_u32(0x4e00 + n * 7 % 5_000).expect("Han")).collect();
    let row = |n: u32| match n {
        13 => format!("{long},Nowhere Inc,Never\n"),
        _ => format!("Deal {n},Company {},Stage {}\n", n % 4, n % 2),
    };
    let text = format!("Deal name,Account,Stage\n{}", (0..20).map(row).collect::<Vec<_>>().concat());
    let source = file(text);
    let report = import(&ws, &["deal", path(&source), "--create-refs"]).await;
    assert_eq!(counts(&report), [20, 19, 0, 0, 1], "{}", report["rejects"]);
    assert_eq!(report["references"]["company"]["created"], 4);
    let sql =
        "select name from company where name like 'Nowhere%' union all select name from stage where name = 'Never'";
    assert_eq!(column(&ws, sql).await, Vec::<String>::new());
    let sql = "select string_agg(name || '=' || position, ' ' order by position) from stage";
    let stages = "Prospecting=1 Qualified=2 Proposal=3 Negotiation=4 Stage 0=5 Stage 1=6 Won=7 Lost=8";
    assert_eq!(column(&ws, sql).await, [stages]);
    assert_eq!(column(&ws, "select count(*)::text from deal where company_id is not null").await, ["19"]);
}

#[tokio::test]
async fn custom_fields_of_an_import_that_comes_to_nothing_go_again() {
    let ws = Workspace::new().await;
    let all_bad = file("Name,Email,Size\nAnn,no mail,3\n");
    let output = ws.run("ana", &["import", "contact", path(&all_bad), "--map", "Size=+size:int"]).await;
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
    // The second field cannot be made, so the first one goes as well.
    let source = file("Name,Size,Name too\nAnn,3,x\n");
    let too_long = format!("Name too=+{}:text", "x".repeat(41));
    let args = ["import", "contact", path(&source), "--map", "Size=+size:int", "--map", &too_long];
    assert!(!ws.run("ana", &args).await.status.success());
    let fields = "select name from custom_field union all select attname::text from pg_attribute \
                  where attname like 'c\\_%' and attrelid = 'contact'::regclass";
    assert_eq!(column(&ws, fields).await, Vec::<String>::new());
    // What somebody filled in stays, and works as if nothing had been.
    let args = ["contact", path(&source), "--map", "Size=+size:int", "--map", "Name too="];
    assert_eq!(counts(&import(&ws, &args).await), [1, 1, 0, 0, 0]);
    assert_eq!(column(&ws, "select drop_empty_custom_field('contact', 'size')::text").await, ["false"]);
    assert_eq!(column(&ws, "select c_size::text from contact").await, ["3"]);
}

/// An import makes the words itself; asked again, the database makes the same.
#[tokio::test]
async fn words_of_imported_records_are_those_that_the_database_makes() {
    let ws = Workspace::new().await;
    let text = format!(
        "Name,Email,Phone,City,External Id,Notes,Tags\n\
         O'Neil Pat,Pat@Example.com,+1 (2) 3-4,Köln,A/1,\"It’s 100%… fine: a_b {}\",\"vip, Größe\"\n\
         王伟,wei@example.cn,13812345678,上海，浦东,王-7,客户Acme中国要求２０份,重要\n\
         İpek Ωmega,,,naïve ①,,ﬁne,\n\
         '--,,,,,\"{}\",\n",
        "x".repeat(70),
        "long ".repeat(6_000)
    );
    let source = file(text);
    let report = import(&ws, &["contact", path(&source)]).await;
    assert_eq!(counts(&report), [4, 4, 0, 0, 0], "{report}");
    let sql = "select concat_ws('|', name, search::text, ident) from contact order by id";
    let made = column(&ws, sql).await;
    assert!(made[0].contains("'oneil'") && made[0].contains("123"), "{made:?}");
    sqlx::query("update contact set search = null").execute(&mut ws.owner().await).await.expect("made anew");
    assert_eq!(column(&ws, sql).await, made);
    // Nobody else's word is taken for it.
    let forged = "insert into contact (name, search, ident) values ('Eve', 'forged', 'forged') \
                  returning search::text || coalesce(ident, '')";
    assert_eq!(column(&ws, forged).await, ["'eve'"]);
}

/// Cells that some program wrote by mistake, that no column takes, or that only the database refuses.
const ODD: &[&str] = &[
    "",
    " ",
    "Ann",
    "王伟",
    "吕 Lü",
    "\0",
    "a\0b",
    "\"lone\" quote",
    "two\r\nlines",
    "\u{feff}",
    "\u{202e}\u{1b}[2J",
    "ann@example.com",
    "ann@",
    "0000-01-01",
    "2024-02-30",
    "9999-12-31T23:59-18:00",
    "12:15 +999999999",
    "1e28 k",
    "vip; {a,b}, \\\"",
    "\\N",
    "'=1+1",
];

#[tokio::test]
async fn of_any_file_a_dry_run_tells_each_row_and_the_real_one_does_the_same() {
    let ws = Workspace::new().await;
    let mut dice = ChaCha8Rng::seed_from_u64(11);
    let long = "长".repeat(3_000);
    for delimiter in [",", ";", "\t"] {
        let header = ["Name", "Email", "Birthday", "Created", "Company", "Tags", "Notes", "Phone"];
        let mut text = format!("{}\nGood\n", header.join(delimiter));
        for _ in 0..60 {
            let width = if dice.random_bool(0.2) { dice.random_range(1..10) } else { header.len() };
            let cells: Vec<String> = (0..width)
                .map(|_| match dice.random_range(0..40) {
                    0 => long.clone(),
                    1 => "\"".into(),
                    _ => format!("\"{}\"", ODD[dice.random_range(0..ODD.len())].replace('"', "\"\"")),
                })
                .collect();
            text += &cells.join(delimiter);
            text.push('\n');
        }
        let source = file(&text);
        let args = ["contact", path(&source), "--create-refs", "--dry-run"];
        let sql = "select (select count(*) from contact) || ' ' || (select count(*) from company) || ' ' || \
                   (select count(*) from operation)";
        let before = column(&ws, sql).await;
        let dry = import(&ws, &args).await;
        assert_eq!(column(&ws, sql).await, before);
        let [rows, created, updated, unchanged, rejected] = counts(&dry);
        assert_eq!(rows, created + updated + unchanged + rejected, "{delimiter:?}");
        assert!(created > 0 && rejected > 0, "{delimiter:?}: {dry}");
        let real = import(&ws, &args[..args.len() - 1]).await;
        assert_eq!(counts(&real), counts(&dry), "{delimiter:?}");
        assert_eq!(real["rejects"], dry["rejects"], "{delimiter:?}");
    }
}

/// A field of its own cannot be added in the transaction of the rows, which would keep all others out of the table.
#[tokio::test]
async fn an_import_that_is_killed_leaves_no_custom_field() {
    let ws = Workspace::new().await;
    let rows: Vec<String> = (0..60_000).map(|n| format!("Ann {n},{n}")).collect();
    let source = file(format!("Name,Size\n{}\n", rows.join("\n")));
    let args = ["import", "contact", path(&source), "--map", "Size=+size:int"];
    let mut child =
        tokio::process::Command::from(ws.command("ana", &args)).kill_on_drop(true).spawn().expect("it runs");
    let within = std::time::Duration::from_mins(1);
    let there = "select name from trial_field";
    let begun = async { while column(&ws, there).await.is_empty() {} };
    tokio::time::timeout(within, begun).await.expect("the field is added first");
    // Somebody who starts the program meanwhile takes nothing away from an import that goes on.
    assert!(ws.run("bo", &["contact", "count"]).await.status.success());
    assert_eq!(column(&ws, there).await, ["size"]);
    child.kill().await.expect("it was running");
    let fields = "select name from custom_field union all select attname::text from pg_attribute \
                  where attname like 'c\\_%' and attrelid = 'contact'::regclass";
    // The server lets go of a connection when it next looks at it.
    let gone = async {
        while !column(&ws, fields).await.is_empty() {
            assert!(ws.run("bo", &["contact", "count"]).await.status.success());
        }
    };
    tokio::time::timeout(within, gone).await.expect("the next start puts things right");
    assert_eq!(column(&ws, there).await, Vec::<String>::new());
    assert_eq!(column(&ws, "select count(*)::text from contact").await, ["0"], "the rows went with their transaction");
}

#[tokio::test]
async fn headers_as_people_write_them_are_recognised() {
    let ws = Workspace::new().await;
    for (header, row) in [
        ("First,Last,Firm,Town,Tel. mobil,E-mail", "Petra,Vogel,Acme GmbH,Köln,0171 234567,petra@acme.example"),
        ("Vorname;Nachname;Firma;Ort;Handy;E-Mail", "Jan;Vogel;Acme GmbH;Köln;0171 234568;jan@acme.example"),
        ("姓名,公司,城市,手机,电话,邮箱", "王伟,Acme GmbH,上海,13812345678,021-61234567,wei@acme.example"),
    ] {
        let source = file(format!("{header}\n{row}\n"));
        let report = import(&ws, &["contact", path(&source), "--create-refs"]).await;
        assert_eq!(counts(&report), [1, 1, 0, 0, 0], "{header}: {}", report["rejects"]);
        let columns = report["columns"].as_array().expect("a list");
        assert!(columns.iter().all(|c| c["by"] == "name"), "{header}: {columns:?}");
    }
    let said = "select c.name || ' ' || o.name || ' ' || c.city || ' ' || c.mobile from contact c join company o on o.id = c.company_id \
                order by c.id";
    assert_eq!(
        column(&ws, said).await,
        [
            "Petra Vogel Acme GmbH Köln 0171 234567",
            "Jan Vogel Acme GmbH Köln 0171 234568",
            "王伟 Acme GmbH 上海 13812345678"
        ]
    );
}
