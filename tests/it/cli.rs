//! The data commands of the built program: output in three forms, writing with rights, history, undo, exit codes.

use serde_json::Value as Json;

use crate::import::{file, import, path};
use crate::support::Workspace;

/// Runs as that person: exit code, standard output, standard error.
async fn run(ws: &Workspace, login: &str, args: &[&str]) -> (i32, String, String) {
    let output = ws.run(login, args).await;
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    (output.status.code().unwrap_or(-1), text(output.stdout), text(output.stderr))
}

/// Standard output of a command that ends well.
async fn said(ws: &Workspace, login: &str, args: &[&str]) -> String {
    let (code, out, err) = run(ws, login, args).await;
    assert_eq!(code, 0, "{args:?}: {err}");
    out
}

#[tokio::test]
async fn records_are_made_shown_set_deleted_and_told_about() {
    let ws = Workspace::new().await;
    let made = said(&ws, "ana", &["company", "new", "name=Acme GmbH", "country=DE", "tags=vip,late"]).await;
    let code = made.split(' ').next().expect("a code").to_owned();
    assert!(made.ends_with("Acme GmbH\n") && code.starts_with('O'), "{made}");
    said(
        &ws,
        "ana",
        &["contact", "new", "name=王伟", "company=Acme GmbH", "phone=+86 138 1234 5678", "birthday=1990-02-03"],
    )
    .await;
    said(&ws, "ana", &["deal", "new", "name=Rollout", &format!("company={code}"), "amount=€1,200", "owner=bo"]).await;

    let deal: Json = serde_json::from_str(&said(&ws, "ana", &["deal", "list", "--json"]).await).expect("one object");
    assert_eq!(deal["amount"], serde_json::json!({"amount": "1200", "currency": "EUR"}));
    assert_eq!(
        (&deal["company"]["code"], &deal["company"]["label"]),
        (&Json::from(code.as_str()), &Json::from("Acme GmbH"))
    );
    assert_eq!(
        deal["owner"]["label"],
        said(&ws, "ana", &["user", "list", "login:bo", "--csv", "--columns", "name"])
            .await
            .lines()
            .nth(1)
            .map(|l| l.split(',').nth(1).unwrap_or_default())
            .unwrap_or_default()
    );

    let table = said(&ws, "ana", &["contact", "list", "--columns", "name,company,phone"]).await;
    let lines: Vec<&str> = table.lines().collect();
    let place =
        |line: &str, word: &str| unicode_width::UnicodeWidthStr::width(&line[..line.find(word).expect("there")]);
    assert_eq!(place(lines[0], "Company"), place(lines[1], "Acme"), "columns stand under each other:\n{table}");
    let csv = said(&ws, "ana", &["contact", "list", "--csv", "--columns", "name,phone"]).await;
    assert!(csv.ends_with(",王伟,+86 138 1234 5678\n"), "{csv}");

    assert_eq!(said(&ws, "ana", &["company", "set", &code, "city=Bonn"]).await, "1 changed\n");
    assert_eq!(said(&ws, "ana", &["company", "set", &code, "tags+=new", "tags-=late"]).await, "1 changed\n");
    let shown: Json =
        serde_json::from_str(&said(&ws, "ana", &["company", "show", &code, "--json"]).await).expect("JSON");
    assert_eq!((&shown["city"], &shown["tags"]), (&Json::from("Bonn"), &serde_json::json!(["new", "vip"])));
    assert!(said(&ws, "ana", &["company", "show", &code]).await.contains("City: Bonn\n"));

    let history = said(&ws, "ana", &["history", &code]).await;
    let lines: Vec<&str> = history.lines().collect();
    assert_eq!(lines.len(), 5, "{history}");
    for (line, words) in lines.iter().zip([
        ["Ana changed  (cli, operation ", ")"],
        ["    Tags: late, vip", "→ new, vip"],
        ["Ana changed  (cli, operation ", ")"],
        ["    City: — → Bonn", ""],
        ["Ana created it  (cli, operation ", ")"],
    ]) {
        assert!(words.iter().all(|word| line.contains(word)), "{words:?} in {history}");
    }
    let undone = said(&ws, "ana", &["undo"]).await;
    let expected = format!("Undid ana's tagging of {code} Acme GmbH, ");
    assert!(undone.starts_with(&expected) && undone.ends_with("\n1 record back as before\n"), "{undone}");
    let shown: Json =
        serde_json::from_str(&said(&ws, "ana", &["company", "show", &code, "--json"]).await).expect("JSON");
    assert_eq!(shown["tags"], serde_json::json!(["late", "vip"]));
    let changes = said(&ws, "ana", &["history", &code, "--json"]).await;
    assert_eq!(changes.lines().count(), 4, "{changes}");

    // Fields and tags in one command are one operation.
    let before = said(&ws, "ana", &["company", "show", &code, "--json"]).await;
    assert_eq!(said(&ws, "ana", &["company", "set", &code, "city=Ulm", "tags+=both"]).await, "1 changed\n");
    assert!(said(&ws, "ana", &["undo"]).await.ends_with("\n1 record back as before\n"));
    let fields = |json: &str| -> (Json, Json) {
        let shown: Json = serde_json::from_str(json).expect("JSON");
        (shown["city"].clone(), shown["tags"].clone())
    };
    assert_eq!(fields(&said(&ws, "ana", &["company", "show", &code, "--json"]).await), fields(&before));

    assert_eq!(said(&ws, "ana", &["company", "delete", &code]).await, "1 changed\n");
    assert_eq!(said(&ws, "ana", &["company", "count"]).await, "0\n");
}

#[tokio::test]
async fn queries_and_bulk_changes() {
    let ws = Workspace::new().await;
    let rows: Vec<String> = (0..620).map(|i| format!("c{i:03},{}", if i % 3 == 0 { "vip" } else { "" })).collect();
    let source = file(format!("Name,Tags\n{}\n", rows.join("\n")));
    import(&ws, &["company", path(&source)]).await;
    for (query, n) in [
        (&["tag:vip"][..], "207\n"),
        (&["-tag:vip"], "413\n"),
        (&["-tag:vip", "name:c001"], "1\n"),
        (&["(tag:vip or name:c001)", "-name:c000"], "207\n"),
        (&[], "620\n"),
    ] {
        assert_eq!(said(&ws, "ana", &[&["company", "count"], query].concat()).await, n, "{query:?}");
    }
    // Pages follow on one another, in order, without gaps and repeats.
    let listed = said(&ws, "ana", &["company", "list", "--json", "--columns", "name", "sort:name"]).await;
    let names: Vec<Json> =
        listed.lines().map(|l| serde_json::from_str::<Json>(l).expect("JSON")["name"].clone()).collect();
    assert_eq!(names, (0..620).map(|i| Json::from(format!("c{i:03}"))).collect::<Vec<_>>());
    assert_eq!(said(&ws, "ana", &["company", "list", "--csv", "--limit", "7", "-tag:vip"]).await.lines().count(), 8);
    let (code, table, note) = run(&ws, "ana", &["company", "list"]).await;
    assert_eq!((code, table.lines().count(), note.contains("--limit")), (0, 101, true));

    let (code, out, err) = run(&ws, "ana", &["company", "set", "tag:vip", "city=Rome"]).await;
    assert!(code == 2 && out.contains("207 will change") && err.contains("--yes"), "{code} {out} {err}");
    assert_eq!(said(&ws, "ana", &["company", "count", "city:Rome"]).await, "0\n");
    assert!(
        said(&ws, "ana", &["company", "set", "tag:vip", "city=Rome", "--dry-run"]).await.contains("207 will change")
    );
    assert_eq!(said(&ws, "ana", &["company", "set", "tag:vip", "city=Rome", "--yes"]).await, "207 changed\n");
    assert_eq!(said(&ws, "ana", &["company", "count", "city:Rome"]).await, "207\n");
    let undone: Json = serde_json::from_str(&said(&ws, "ana", &["undo", "--json"]).await).expect("one object");
    assert_eq!((&undone["done"], &undone["failed"]), (&Json::from(207), &serde_json::json!({})));
    let undid = &undone["undid"];
    assert_eq!(
        (&undid["action"], &undid["by"], &undid["door"], &undid["records"]),
        (&"set".into(), &"ana".into(), &"cli".into(), &serde_json::json!({"company": 207}))
    );
    // What was changed since stays, is listed with its reason, and makes the command fail.
    said(&ws, "ana", &["company", "set", "tag:vip", "city=Rome", "--yes"]).await;
    let bulk = said(&ws, "ana", &["company", "list", "name:c003", "--json"]).await;
    let code = serde_json::from_str::<Json>(&bulk).expect("one")["code"].as_str().expect("a code").to_owned();
    let history = said(&ws, "ana", &["history", &code, "--json"]).await;
    let operation = serde_json::from_str::<Json>(history.lines().next().expect("a change")).expect("JSON");
    let operation = operation["operation"].to_string();
    said(&ws, "ana", &["company", "set", &code, "city=Ulm"]).await;
    let (exit, out, err) = run(&ws, "ana", &["undo", &operation]).await;
    assert!(out.starts_with("Undid ana's change of 207 companies, "), "{out}");
    assert!(out.ends_with("\n206 records back as before, 1 not or not wholly\n"), "{out}");
    assert!(exit == 1 && err.contains(&format!("{code}: City was changed since and stays.")), "{exit} {err}");
    assert_eq!(said(&ws, "ana", &["company", "count", "city:Rome"]).await, "0\n");
}

#[tokio::test]
async fn exit_codes_tell_what_went_wrong() {
    let ws = Workspace::new().await;
    for (login, args, wanted, words) in [
        ("ana", &["ticket", "show", "T999"][..], 3, "T999"),
        ("ana", &["history", "T999"], 3, "T999"),
        ("ana", &["company", "delete", "name:nobody"], 3, "No record matches"),
        ("ana", &["ticket", "count", "status:purple"], 2, "^"),
        ("ana", &["ticket", "list", "--columns", "colour"], 2, "colour"),
        ("ana", &["company", "new", "colour=red"], 2, "colour"),
        ("ana", &["company", "new", "city=Rome"], 1, "required"),
        ("ana", &["deal", "new", "name=x", "company=Nobody Ltd"], 2, "Nobody Ltd"),
        ("bo", &["product", "new", "name=x"], 4, "sales"),
        ("bo", &["user", "add", "eve", "Eve Adams"], 4, "sales"),
        ("nobody", &["ticket", "list"], 4, "nobody"),
        ("ana", &["undo", "999999"], 3, ""),
    ] {
        let (code, out, err) = run(&ws, login, args).await;
        assert!(code == wanted && out.is_empty() && err.contains(words), "{args:?}: {code} {out} {err}");
    }
}

#[tokio::test]
async fn rights_narrow_lists_and_writes() {
    let ws = Workspace::new().await;
    for (name, owner) in [("Bo's", "bo"), ("Cy's", "cy"), ("Di's", "di")] {
        said(&ws, "ana", &["company", "new", &format!("name={name}"), &format!("owner={owner}")]).await;
    }
    assert_eq!(said(&ws, "bo", &["company", "count"]).await, "2\n");
    assert_eq!(said(&ws, "di", &["company", "list", "--csv", "--columns", "name"]).await.lines().count(), 2);
    let theirs: Json = serde_json::from_str(&said(&ws, "di", &["company", "list", "--json"]).await).expect("one");
    let code = theirs["code"].as_str().expect("a code");
    assert_eq!(run(&ws, "bo", &["company", "set", code, "city=Rome"]).await.0, 3, "what one may not see is not there");
    assert_eq!(said(&ws, "di", &["company", "set", code, "city=Rome"]).await, "1 changed\n");
}

#[tokio::test]
async fn people_and_custom_fields() {
    let ws = Workspace::new().await;
    said(&ws, "ana", &["user", "add", "eve", "Eve Adams", "role=sales", "team=North"]).await;
    let eve: Json =
        serde_json::from_str(&said(&ws, "ana", &["user", "list", "login:eve", "--json"]).await).expect("one");
    assert_eq!(
        (&eve["name"], &eve["team"]["label"], &eve["active"]),
        (&"Eve Adams".into(), &"North".into(), &true.into())
    );
    said(&ws, "eve", &["company", "new", "name=Hers"]).await;

    let add = [
        "field",
        "add",
        "company",
        "tier",
        "--choices",
        "bronze,silver,gold",
        "--label",
        "Tier",
        "--label-zh",
        "等级",
        "--indexed",
    ];
    said(&ws, "ana", &add).await;
    assert_ne!(run(&ws, "ana", &add).await.0, 0, "a field is added once");
    assert_eq!(said(&ws, "eve", &["company", "set", "name:Hers", "tier=gold"]).await, "1 changed\n");
    assert_eq!(said(&ws, "eve", &["company", "count", "等级>=silver"]).await, "1\n");
    assert!(said(&ws, "eve", &["field", "list", "company"]).await.contains("tier"));
    assert_eq!(run(&ws, "eve", &["field", "add", "company", "size"]).await.0, 4);
}

#[tokio::test]
async fn text_from_outside_cannot_act() {
    let ws = Workspace::new().await;
    let source = file("Name,Notes\n\u{1b}[31mred\u{202e},=cmd\n'=already,plain\n");
    import(&ws, &["company", path(&source)]).await;
    let table = said(&ws, "ana", &["company", "list", "--columns", "name,note"]).await;
    assert!(table.contains("␛[31mred") && !table.contains(['\u{1b}', '\u{202e}']), "{table:?}");
    let csv = said(&ws, "ana", &["export", "company", "--columns", "name,note", "sort:name"]).await;
    assert!(csv.contains(",'=cmd\n") && csv.contains(",'=already,plain\n"), "{csv}");
}

/// What the command writes to a terminal.
async fn on_terminal(mut command: std::process::Command) -> String {
    use std::io::Read;
    let pty = nix::pty::openpty(None, None).expect("a terminal");
    command.stdin(std::process::Stdio::null()).stdout(std::process::Stdio::from(pty.slave));
    let mut child = command.spawn().expect("it runs");
    // The last copy of the terminal's other end goes with the command.
    drop(command);
    let mut master = std::fs::File::from(pty.master);
    let reading = tokio::task::spawn_blocking(move || {
        let (mut out, mut buffer) = (Vec::new(), [0; 4096]);
        while let Ok(n @ 1..) = master.read(&mut buffer) {
            out.extend_from_slice(&buffer[..n]);
        }
        String::from_utf8(out).expect("UTF-8")
    });
    let out = reading.await.expect("read");
    assert!(child.wait().expect("it ends").success(), "{out}");
    out.replace("\r\n", "\n")
}

#[tokio::test]
async fn a_terminal_is_never_sent_what_it_would_obey() {
    let ws = Workspace::new().await;
    let mut owner = ws.owner().await;
    let name = "a\u{1b}]0;x\u{7}b\u{9b}31mc\u{202e}d\u{85}e";
    sqlx::query("insert into company (name, note) values ($1, E'one\\ntwo\u{1b}[2J')")
        .bind(name)
        .execute(&mut owner)
        .await
        .expect("psql takes anything");
    let is_tame =
        |text: &str| !text.chars().any(|c| (c.is_control() && c != '\n') || matches!(c, '\u{202a}'..='\u{202e}'));
    let csv = ["company", "list", "--csv", "--columns", "name,note"];
    for args in [
        &csv[..],
        &["export", "company"],
        &["company", "list"],
        &["company", "list", "--json"],
        &["company", "show", "O1"],
    ] {
        let seen = on_terminal(ws.command("ana", args)).await;
        assert!(seen.contains("31mc") && is_tame(&seen), "{args:?}: {seen:?}");
    }
    assert!(said(&ws, "ana", &csv).await.ends_with(&format!(",{name},\"one\ntwo\u{1b}[2J\"\n")), "exact in a pipe");
    let json = said(&ws, "ana", &["company", "list", "--json"]).await;
    assert!(is_tame(&json), "{json:?}");
    assert_eq!(serde_json::from_str::<Json>(&json).expect("JSON")["name"], name);
}

#[tokio::test]
async fn a_person_has_a_time_zone() {
    let ws = Workspace::new().await;
    assert_eq!(said(&ws, "ana", &["user", "set", "bo", "zone=europe/berlin"]).await, "1 changed\n");
    let shown: Json = serde_json::from_str(&said(&ws, "ana", &["user", "show", "bo", "--json"]).await).expect("one");
    assert_eq!(shown["zone"], "Europe/Berlin");
    let (code, _, err) = run(&ws, "ana", &["user", "set", "bo", "zone=Europe/Bonn"]).await;
    assert!(code != 0 && err.contains("Europe/Berlin"), "{code} {err}");
    let mut owner = ws.owner().await;
    let refused = sqlx::query("update staff set zone = 'Mars/Olympus'").execute(&mut owner).await.expect_err("no zone");
    assert!(refused.to_string().contains("staff_zone_choice"), "{refused}");
}

#[tokio::test]
async fn a_reader_that_leaves_ends_the_list_quietly() {
    use std::io::{BufRead, BufReader};
    let ws = Workspace::new().await;
    let rows: Vec<String> = (0..5_000).map(|i| format!("Company number {i}")).collect();
    let source = file(format!("Name\n{}\n", rows.join("\n")));
    import(&ws, &["company", path(&source)]).await;
    let mut command = ws.command("ana", &["company", "list", "--json"]);
    let mut child =
        command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped()).spawn().expect("it runs");
    let mut first = String::new();
    BufReader::new(child.stdout.take().expect("piped")).read_line(&mut first).expect("a line");
    assert!(first.starts_with('{'), "{first}");
    let output = child.wait_with_output().expect("it ends");
    assert_eq!((output.status.code(), String::from_utf8_lossy(&output.stderr).as_ref()), (Some(0), ""));
}

#[tokio::test]
async fn shells_complete_it_and_man_knows_its_commands() {
    use clap::CommandFactory;
    let ws = Workspace::new().await;
    let script = said(&ws, "ana", &["completions", "bash"]).await;
    let mut bash = std::process::Command::new("bash");
    // As bash asks for it when `frontdesk met` and Tab are typed.
    let asks = "source /dev/stdin; COMP_WORDS=(frontdesk met); COMP_CWORD=1; _frontdesk frontdesk met frontdesk; \
                echo \"${COMPREPLY[@]}\"; complete -p frontdesk";
    bash.args(["--norc", "-c", asks]).stdin(file(&script).reopen().expect("a file"));
    let out = bash.output().expect("bash is there");
    let out = String::from_utf8_lossy(&out.stdout).into_owned();
    assert!(out.starts_with("metric\n") && out.contains("-F _frontdesk"), "{out}");
    for shell in ["zsh", "fish", "powershell", "elvish"] {
        assert!(said(&ws, "ana", &["completions", shell]).await.contains("metric"), "{shell}");
    }

    let page = said(&ws, "ana", &["man"]).await;
    let folder = tempfile::tempdir().expect("a folder");
    said(&ws, "ana", &["man", path_of(folder.path())]).await;
    for command in frontdesk::cli::Cli::command().get_subcommands().filter(|c| !c.is_hide_set()) {
        let name = command.get_name();
        assert!(page.contains(&format!("frontdesk\\-{name}(1)")), "{name} is not in\n{page}");
        let own = std::fs::read_to_string(folder.path().join(format!("frontdesk-{name}.1"))).expect(name);
        assert!(own.contains(".SH SYNOPSIS"), "{own}");
    }
}

fn path_of(path: &std::path::Path) -> &str {
    path.to_str().expect("UTF-8")
}

#[tokio::test]
async fn a_leavers_open_records_are_shared_by_colleagues_in_one_step_and_come_back_in_one() {
    let ws = Workspace::new().await;
    for n in 0..5 {
        said(&ws, "ana", &["company", "new", &format!("name=Co {n}"), "owner=bo"]).await;
        said(&ws, "ana", &["ticket", "new", &format!("subject=T {n}"), "owner=bo"]).await;
    }
    said(&ws, "ana", &["ticket", "set", "subject:\"T 0\"", "status=solved"]).await;
    let of = async |login: &str| {
        let mine = format!("owner:{login}");
        let count = async |kind: &str| said(&ws, "ana", &[kind, "count", &mine]).await.trim().to_owned();
        format!("{} {}", count("company").await, count("ticket").await)
    };
    let (code, _, err) = run(&ws, "bo", &["user", "handover", "cy", "--to", "bo"]).await;
    assert!(code != 0 && err.contains("admin"), "{err}");
    let (code, _, err) = run(&ws, "ana", &["user", "handover", "bo", "--to", "nobody"]).await;
    assert!(code == 2 && err.contains("nobody here has the login"), "{err}");
    said(&ws, "ana", &["user", "disable", "di"]).await;
    let (code, _, err) = run(&ws, "ana", &["user", "handover", "bo", "--to", "cy,di"]).await;
    assert!(code != 0 && err.contains("di is disabled"), "{err}");
    assert_eq!(of("bo").await, "5 5", "nothing was begun");
    said(&ws, "ana", &["user", "enable", "di"]).await;
    // Named twice is named once.
    let told = said(&ws, "ana", &["user", "handover", "bo", "--to", "cy,di,cy"]).await;
    assert!(told.starts_with("5 companies, 0 contacts, 0 deals, 4 tickets, 0 activities handed over"), "{told}");
    // What is solved stays whose it was.
    assert_eq!((of("bo").await, of("cy").await, of("di").await), ("0 1".into(), "3 2".into(), "2 2".into()));
    let undone = said(&ws, "ana", &["undo"]).await;
    assert!(undone.contains("9 records back as before"), "{undone}");
    assert_eq!(of("bo").await, "5 5");

    assert_eq!(said(&ws, "ana", &["user", "disable", "bo"]).await, "1 changed\n");
    let (code, _, err) = run(&ws, "bo", &["ticket", "count"]).await;
    assert!(code != 0 && err.contains("disabled"), "{err}");
    said(&ws, "ana", &["user", "enable", "bo"]).await;
    said(&ws, "bo", &["ticket", "count"]).await;
    said(&ws, "ana", &["user", "role", "bo", "admin"]).await;
    said(&ws, "bo", &["user", "disable", "ana"]).await;
    let (code, _, err) = run(&ws, "bo", &["user", "role", "bo", "sales"]).await;
    assert!(code != 0 && err.contains("Nobody would be left"), "{err}");
}
