//! Commands over SSH: the same as on a local command line.

use std::fmt::Write as _;
use std::io::Write;
use std::process::Stdio;

use sqlx::Executor;

use super::{House, PATIENCE, read, rest};

/// Runs the client with that input.
async fn fed(house: &House, key: &str, words: &[&str], input: Vec<u8>) -> (i32, String, String) {
    let mut command = house.ssh(key, &["-T"], words);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let ran = tokio::task::spawn_blocking(move || {
        let mut child = command.spawn().expect("ssh runs");
        let mut stdin = child.stdin.take().expect("piped");
        let feeding = std::thread::spawn(move || stdin.write_all(&input).ok());
        let output = child.wait_with_output().expect("it ends");
        feeding.join().expect("fed");
        read(&output)
    });
    tokio::time::timeout(PATIENCE * 2, ran).await.expect("it ends").expect("it is told")
}

#[tokio::test(flavor = "multi_thread")]
async fn output_errors_and_exit_status_are_as_locally() {
    let Some(house) = House::open(&[]).await else { return };
    for name in ["name=Acme GmbH", "name=Zeta \u{1b}]0;pwned\u{7}"] {
        let (code, _, err) = house.told("ana", &["company", "new", name], None).await;
        assert_eq!(code, 0, "{err}");
    }
    for words in [
        &["company", "list"][..],
        &["company", "list", "--json"],
        &["company", "count"],
        &["company", "show", "O1"],
        &["history", "O1", "--json"],
        &["export", "company"],
        &["metric", "list"],
        &["company", "show", "O999"],
        &["user", "new", "ed", "Ed"],
        &["company", "list", "color:red"],
        &["company", "new", "colour=red"],
        &["nonsense"],
        &["--help"],
    ] {
        let local = house.told("bo", words, None).await;
        let remote = house.ran("bo", &["-T"], words).await;
        assert_eq!(remote, local, "{words:?}");
    }
    for (words, wanted) in [
        (&["company", "count"][..], 0),
        (&["company", "list", "color:red"], 2),
        (&["company", "show", "O999"], 3),
        (&["user", "new", "ed", "Ed"], 4),
    ] {
        assert_eq!(house.ran("bo", &["-T"], words).await.0, wanted, "{words:?}");
    }
    let (code, out, _) = house.ran("ana", &["-tt"], &["company", "list", "--csv"]).await;
    assert!(code == 0 && out.contains("Zeta") && !out.contains('\u{1b}'), "a terminal obeys nothing: {out:?}");
    let (code, _, err) = house.ran("bo", &["-T"], &["company", "new", "name=From", "lang=xx"]).await;
    assert_eq!(code, 2, "{err}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_query_keeps_its_characters() {
    let Some(house) = House::open(&[]).await else { return };
    for fields in [
        ["subject=Printer on fire", "tags=vip"],
        ["subject=On fire: the printer", "tags=late"],
        ["subject=It's O'Brien", "tags=vip"],
    ] {
        let args = ["ticket", "new", fields[0], fields[1], "owner=bo", "priority=high"];
        let (code, _, err) = house.told("ana", &args, None).await;
        assert_eq!(code, 0, "{err}");
    }
    for query in [
        r#""printer on fire""#,
        r#""fire printer""#,
        "fire printer",
        "-tag:vip",
        r#"-"printer on fire" tag:vip"#,
        "(tag:late or tag:vip) priority>low",
        "created>-1d created<1d",
        "subject:O'Brien",
        "nothing (has or this) <>|",
    ] {
        let local = house.told("ana", &["ticket", "count", query], None).await;
        let remote = house.ran("ana", &["-T"], &["ticket", "count", query]).await;
        assert_eq!(remote, local, "{query}");
        let local = house.told("ana", &["ticket", "list", "--json", "--columns=subject", query], None).await;
        let remote = house.ran("ana", &["-T"], &["ticket", "list", "--json", "--columns=subject", query]).await;
        assert_eq!(remote, local, "options before: {query}");
        let remote = house.ran("ana", &["-T"], &["ticket", "list", query, "--json", "--columns", "subject"]).await;
        assert_eq!(remote, local, "and behind: {query}");
    }
    let count = async |query| house.ran("ana", &["-T"], &["ticket", "count", query]).await.1.trim().to_owned();
    assert_eq!((count("-tag:vip").await, count("subject:O'Brien").await), ("1".to_owned(), "1".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn megabytes_go_in_and_out_and_a_reader_may_leave() {
    let Some(house) = House::open(&[]).await else { return };
    let note = "x".repeat(2_000);
    let mut csv = String::from("name,description\n");
    for n in 0..1_500 {
        writeln!(csv, "Company {n},{note}").expect("a text takes all");
    }
    assert!(csv.len() > 3_000_000);
    let (code, out, err) = fed(&house, "ana", &["import", "company", "-", "--json"], csv.into_bytes()).await;
    assert_eq!(code, 0, "{err}");
    assert!(out.contains("\"created\":1500"), "{out}");
    let (code, out, err) = house.ran("ana", &["-T"], &["company", "list", "--json", "--columns", "all"]).await;
    assert_eq!((code, out.lines().count()), (0, 1_500), "{err}");
    assert!(out.len() > 3_000_000, "{}", out.len());

    // A client that does not read holds its own command up and nobody else.
    let mut slow = house.ssh("ana", &["-T"], &["company", "list", "--json", "--columns", "all"]);
    slow.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut slow = slow.spawn().expect("ssh runs");
    let (code, out, err) = house.ran("ana", &["-T"], &["company", "count"]).await;
    assert_eq!((code, out.trim()), (0, "1500"), "{err}");
    let all = tokio::task::spawn_blocking(move || {
        let all = rest(slow.stdout.take().expect("piped"));
        (all.lines().count(), slow.wait().expect("it ends").code())
    });
    let all = tokio::time::timeout(PATIENCE * 2, all).await.expect("it ends").expect("it is told");
    assert_eq!(all, (1_500, Some(0)), "and misses nothing");

    // Whatever is sent to a command that reads nothing goes by.
    let (code, out, err) = fed(&house, "ana", &["company", "count"], vec![b'x'; 5_000_000]).await;
    assert_eq!((code, out.trim()), (0, "1500"), "{err}");

    let mut head = house.ssh("ana", &["-T"], &["company", "list", "--json", "--columns", "all"]);
    head.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let left = tokio::task::spawn_blocking(move || {
        let mut child = head.spawn().expect("ssh runs");
        drop(child.stdout.take());
        child.wait().expect("it ends")
    });
    tokio::time::timeout(PATIENCE * 2, left).await.expect("it ends").expect("it is told");
    let (code, ..) = house.ran("ana", &["-T"], &["company", "count"]).await;
    assert_eq!(code, 0, "the others go on");
}

/// What the server may keep of a hundred megabytes that pass through it, much of it for the next.
const KEPT: u64 = 80_000_000;

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_megabytes_pass_either_way_and_are_not_kept() {
    let Some(house) = House::open(&[]).await else { return };
    let mut owner = house.office.owner().await;
    owner
        .execute("insert into company (name, note) select 'Company ' || n, repeat('x', 100000) from generate_series(1, 1000) n")
        .await
        .expect("companies");
    let before = house.memory();
    let mut out = house.ssh("ana", &["-T"], &["export", "company"]);
    out.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let passed = tokio::task::spawn_blocking(move || {
        let mut child = out.spawn().expect("ssh runs");
        let passed = std::io::copy(&mut child.stdout.take().expect("piped"), &mut std::io::sink()).expect("read");
        (passed, child.wait().expect("it ends").code())
    });
    let (bytes, code) = tokio::time::timeout(PATIENCE * 2, passed).await.expect("it ends").expect("it is told");
    assert!(bytes > 100_000_000, "{bytes}");
    assert_eq!(code, Some(0));

    let mut csv = String::from("name,description\n");
    for n in 0..1_000 {
        writeln!(csv, "Another company {n},{}", "y".repeat(100_000)).expect("a text takes all");
    }
    let words = ["import", "company", "-", "--dry-run", "--json"];
    let (code, out, err) = fed(&house, "ana", &words, csv.into_bytes()).await;
    assert_eq!(code, 0, "{err}");
    assert!(out.contains("\"created\":1000"), "{out}");
    let kept = house.memory().saturating_sub(before);
    assert!(kept < KEPT, "{kept} bytes");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_that_is_cut_off_writes_nothing() {
    let Some(house) = House::open(&[]).await else { return };
    let mut command = house.client("ana", &["-T"], &["import", "company", "-"]);
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
    let cut = tokio::task::spawn_blocking(move || {
        let mut child = command.spawn().expect("ssh runs");
        let mut stdin = child.stdin.take().expect("piped");
        let rows = "name\n".to_owned() + &"Half a file\n".repeat(200_000);
        // More than what waits on the way: some of it has been read by then.
        stdin.write_all(rows.as_bytes()).expect("sent");
        child.kill().expect("killed");
        child.wait().expect("gone");
        rest(child.stderr.take().expect("piped"))
    });
    tokio::time::timeout(PATIENCE * 2, cut).await.expect("it ends").expect("it is told");
    let mut house = house;
    let ended = tokio::task::spawn_blocking(move || (house.end(), house));
    let (code, house) = tokio::time::timeout(PATIENCE * 2, ended).await.expect("it ends").expect("it is told");
    assert_eq!(code, Some(0));
    let (_, count, _) = house.told("ana", &["company", "count"], None).await;
    assert_eq!(count.trim(), "0", "the end of the connection is not the end of the file");
}

#[tokio::test(flavor = "multi_thread")]
async fn ctrl_c_ends_a_command_at_a_terminal() {
    let Some(house) = House::open(&[]).await else { return };
    let mut command = house.ssh("ana", &["-tt"], &["import", "company", "-"]);
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    let ended = tokio::task::spawn_blocking(move || {
        let mut child = command.spawn().expect("ssh runs");
        let mut stdin = child.stdin.take().expect("piped");
        stdin.write_all(b"name\nAcme\n\x03").expect("typed");
        let code = child.wait().expect("it ends").code();
        drop(stdin);
        code
    });
    let code = tokio::time::timeout(PATIENCE * 2, ended).await.expect("it ends").expect("it is told");
    assert_eq!(code, Some(1));
    assert_eq!(house.told("ana", &["company", "count"], None).await.1.trim(), "0");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_the_servers_is_out_of_reach() {
    let Some(house) = House::open(&[]).await else { return };
    let secret = house.folder.path().join("secret.csv");
    std::fs::write(&secret, "name\nSecret\n").expect("written");
    let secret = secret.display().to_string();
    let written = house.folder.path().join("written").display().to_string();
    for words in [
        &["db", "status"][..],
        &["db", "psql"],
        &["db", "stop"],
        &["serve"],
        &["demo"],
        &["import", "company", &secret],
        &["import", "company", "-", "--rejects", &written],
        &["man", &written],
        &["company", "list", "--as", "ana"],
        &["--data-dir", "/tmp/x", "company", "list"],
        &["company", "count", "--database-url", "postgres://x@y/z"],
        &["--workspace", "postgres", "company", "list"],
        &["keeper", "--linger-ms", "1"],
    ] {
        for key in ["ana", "bo"] {
            let (code, out, err) = house.ran(key, &["-T"], words).await;
            assert_eq!((code, out.as_str()), (4, ""), "{key} {words:?}: {err}");
        }
    }
    assert!(!std::path::Path::new(&written).exists());
    let (code, _, err) = house.ran("bo", &["-T"], &["doctor"]).await;
    assert_eq!(code, 4, "{err}");
    let (code, out, err) = house.ran("ana", &["-T"], &["doctor", "--json"]).await;
    assert!(out.contains("\"state\""), "{code} {err}");
    let (code, _, err) = house.ran("bo", &["-T"], &["user", "key", "remove", "SHA256:x"]).await;
    assert_eq!(code, 4, "{err}");
    let public = std::fs::read(house.make_key("cy", "ed25519").with_extension("pub")).expect("a key");
    let (code, _, err) = fed(&house, "ana", &["user", "key", "add", "cy"], public).await;
    assert_eq!(code, 0, "an admin adds keys from anywhere: {err}");
    let (code, out, err) = house.ran("cy", &["-T"], &["user", "key", "list", "--json"]).await;
    assert!(code == 0 && out.lines().count() == 1 && out.contains("cy@laptop"), "{out} {err}");
}
