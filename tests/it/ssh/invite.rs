//! Coming in for the first time, with an invitation's code typed at a terminal of the real client.

use std::io::Write;
use std::process::Command;

use sqlx::Executor;

use super::House;
use super::seat::{opens, story};
use crate::support::Terminal;

/// The options of a person's own client: it may ask, and says what it is told.
const ASKING: [&str; 5] = ["-tt", "-o", "BatchMode=no", "-o", "LogLevel=INFO"];

const QUESTION: &str = "Invitation code: ";

/// An invitation of that person; its code.
async fn invited(house: &House, login: &str) -> String {
    let args = ["user", "invite", login, "--at", "desk.example.com", "--json"];
    let (code, said, err) = house.told("ana", &args, None).await;
    assert_eq!(code, 0, "{err}");
    let said: serde_json::Value = serde_json::from_str(&said).expect("JSON");
    let code = said["code"].as_str().expect("a code").to_owned();
    assert!(said["mail"].as_str().expect("a mail").contains(&code), "{said}");
    code
}

/// What comes of a client that types these codes, one after the other; true when a seat is there in the end.
async fn comes_in(client: Command, codes: &[&str]) -> bool {
    opens(&client, QUESTION, codes).await
}

async fn deeds(house: &House) -> Vec<(String, Option<String>, String, i32)> {
    let mut owner = house.office.owner().await;
    let asked = "select a.deed, s.login, a.note, a.times from access a left join staff s on s.id = a.person \
                 where a.deed <> 'invited' and coalesce(s.login, '') not in ('ana', 'bo') order by a.id";
    sqlx::query_as(asked).fetch_all(&mut owner).await.expect("asked")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_makes_the_key_that_was_shown_theirs_once() {
    let Some(house) = House::open(&[]).await else { return };
    let code = invited(&house, "cy").await;
    house.make_key("cy", "ed25519");
    // However it is typed.
    let typed = code.to_lowercase().replace('-', " ");
    assert!(comes_in(house.ssh("cy", &ASKING, &[]), &["0000", &typed]).await);
    let (status, _, err) = house.ran("cy", &[], &["ticket", "count", "owner:me"]).await;
    assert_eq!(status, 0, "the next time the key does: {err}");

    house.make_key("second", "ed25519");
    assert!(!comes_in(house.ssh("second", &ASKING, &[]), &[&code, &code, &code]).await, "a code is good once");
    let (_, keys, _) = house.told("cy", &["user", "key", "list", "--json"], None).await;
    assert_eq!(keys.lines().count(), 1, "{keys}");

    let mut owner = house.office.owner().await;
    let kept: Vec<(i32,)> =
        sqlx::query_as("select length(hash) from invite").fetch_all(&mut owner).await.expect("asked");
    assert_eq!(kept, [(32,)], "only a hash is kept");
    let deeds = deeds(&house).await;
    let deeds: Vec<_> =
        deeds.iter().map(|(deed, login, note, _)| (deed.as_str(), login.as_deref(), note.as_str())).collect();
    let cy = Some("cy");
    let used = ("code_refused", cy, "used");
    assert_eq!(
        deeds,
        [
            ("code_refused", None, "unknown"),
            ("key_added", cy, ""),
            ("code_used", cy, ""),
            ("came_in", cy, ""),
            ("came_in", cy, ""),
            used,
            used,
            used,
        ]
    );
}

/// Types the code and is told how to make a key; all that the client said.
async fn is_told_to_make_a_key(client: Command, code: &str) -> String {
    let mut terminal = Terminal::running(&client);
    let code = code.to_owned();
    story(move || {
        let at = terminal.said.until(QUESTION, 0);
        writeln!(terminal.keys, "{code}").expect("typed");
        let at = terminal.said.until("    ssh-keygen -t ed25519", at);
        let at = terminal.said.until("[Enter]", at);
        terminal.keys.write_all(b"\n").expect("typed");
        terminal.said.until("Permission denied", at);
        assert_eq!(terminal.child.wait().expect("it ends").code(), Some(255));
        terminal.said.text(0)
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_key_one_is_told_how_to_make_one_and_the_code_stays_good() {
    let Some(house) = House::open(&[]).await else { return };
    let code = invited(&house, "cy").await;
    is_told_to_make_a_key(house.ssh("none", &ASKING, &[]), &code).await;
    house.make_key("cy", "rsa");
    assert!(comes_in(house.ssh("cy", &ASKING, &[]), &[&code]).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_only_named_and_not_signed_with_becomes_nobodys() {
    let Some(house) = House::open(&[]).await else { return };
    let code = invited(&house, "cy").await;
    // The client has the public half alone, as anybody may, and says that the server would take it.
    std::fs::remove_file(house.make_key("half", "ed25519")).expect("the other half is gone");
    let telling = ["-tt", "-o", "BatchMode=no", "-o", "LogLevel=DEBUG1"];
    let said = is_told_to_make_a_key(house.ssh("half.pub", &telling, &[]), &code).await;
    assert!(said.contains("Server accepts key"), "{said}");
    let mut owner = house.office.owner().await;
    let (keys, open): (i64, i64) = sqlx::query_as(
        "select (select count(*) from user_key where person = 3), (select count(*) from invite where ended_at is null)",
    )
    .fetch_one(&mut owner)
    .await
    .expect("asked");
    assert_eq!((keys, open), (0, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_opens_nothing_is_refused_in_the_same_words_after_the_same_time() {
    let Some(house) = House::open(&[]).await else { return };
    let replaced = invited(&house, "cy").await;
    let disabled = invited(&house, "cy").await;
    let old = invited(&house, "di").await;
    let mut owner = house.office.owner().await;
    owner
        .execute(
            "update staff set active = false where login = 'cy';
             update invite set expires_at = now() - interval '1 second' where person = 4",
        )
        .await
        .expect("disabled, and too old");
    house.make_key("stranger", "ed25519");
    let mut seen: Vec<(String, u128)> = Vec::new();
    for code in ["1234-1234-1234-1234", &replaced, &disabled, &old, "", "'; drop table invite; --"] {
        let mut terminal = Terminal::running(&house.ssh("stranger", &ASKING, &[]));
        let code = code.to_owned();
        seen.push(
            story(move || {
                let at = terminal.said.until(QUESTION, 0);
                writeln!(terminal.keys, "{code}").expect("typed");
                let began = std::time::Instant::now();
                terminal.said.until(QUESTION, at);
                let took = began.elapsed().as_millis();
                terminal.child.kill().expect("killed");
                terminal.child.wait().expect("it ends");
                (terminal.said.text(at).replace(&code, ""), took)
            })
            .await,
        );
    }
    for (said, took) in &seen {
        assert_eq!(said, &seen[0].0, "the same words");
        assert!(*took >= 490, "{took} ms: sooner than others");
    }
    let notes: Vec<String> = deeds(&house).await.into_iter().map(|(_, _, note, _)| note).collect();
    assert_eq!(notes, ["unknown", "replaced", "disabled", "expired", "unknown", "unknown"]);

    // A key that is somebody's who is disabled stays theirs.
    let (status, _, err) = house.told("ana", &["user", "set", "bo", "active=no"], None).await;
    assert_eq!(status, 0, "{err}");
    owner.execute("update staff set active = true where login = 'cy'").await.expect("back");
    assert!(!comes_in(house.ssh("bo", &ASKING, &[]), &[&disabled]).await);
    assert!(comes_in(house.ssh("stranger", &ASKING, &[]), &[&disabled]).await, "with a key of one's own");
}

#[tokio::test(flavor = "multi_thread")]
async fn after_ten_wrong_codes_a_right_one_is_refused_at_every_server() {
    let Some(mut house) = House::open(&[]).await else { return };
    let code = invited(&house, "cy").await;
    house.make_key("cy", "ed25519");
    for _ in 0..3 {
        assert!(!comes_in(house.ssh("cy", &ASKING, &[]), &["a", "b", "c"]).await);
    }
    house.open_another();
    assert!(!comes_in(house.ssh("cy", &ASKING, &[]), &["d", &code, &code]).await, "ten are enough");
    let deeds = deeds(&house).await;
    assert_eq!(deeds.len(), 10, "{deeds:?}");
    assert_eq!(deeds[9].3, 3, "what came after the tenth is counted: {deeds:?}");
    let mut owner = house.office.owner().await;
    owner.execute("update access set at = at - interval '10 minutes'").await.expect("later");
    assert!(comes_in(house.ssh("cy", &ASKING, &[]), &[&code]).await, "the code is still good");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_code_typed_twice_at_once_makes_one_key_theirs() {
    let Some(house) = House::open(&[]).await else { return };
    let code = invited(&house, "cy").await;
    for key in ["one", "two"] {
        house.make_key(key, "ed25519");
    }
    let code = [code.as_str()];
    let (one, two) = (house.ssh("one", &ASKING, &[]), house.ssh("two", &ASKING, &[]));
    let came = tokio::join!(comes_in(one, &code), comes_in(two, &code));
    assert!(came.0 != came.1, "{came:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_an_admin_invites_and_no_log_has_the_code() {
    let Some(house) = House::open_with(&[], &[("FRONTDESK_LOG", "trace")]).await else { return };
    let (status, _, err) = house.ran("bo", &[], &["user", "invite", "cy"]).await;
    assert_eq!(status, 4, "{err}");
    for (args, status, word) in [
        (&["user", "invite", "nobody"][..], 3, "Nobody here"),
        (&["user", "invite", "cy", "--expires", "31d"], 1, "30 days"),
        (&["user", "invite", "cy", "--at", "a;b"], 2, "a host is"),
    ] {
        let (code, _, err) = house.told("ana", args, None).await;
        assert!(code == status && err.contains(word), "{args:?}: {code} {err}");
    }
    let (status, mail, err) = house.ran("ana", &[], &["user", "invite", "cy", "--expires", "12h"]).await;
    assert!(status == 0 && err.contains("--at HOST:PORT"), "{err}");
    let code =
        mail.lines().map(str::trim).find(|line| line.len() == 19 && line.matches('-').count() == 3).expect("a code");
    assert!(mail.contains("SHA256:"), "the host's key is in it: {mail}");
    house.make_key("cy", "ed25519");
    let wrong = "WRNG-WRNG-WRNG-WRNG";
    assert!(comes_in(house.ssh("cy", &ASKING, &[]), &[wrong, code]).await);
    let log = house.log();
    assert!(log.contains("came in"), "there is a log");
    for secret in [code, wrong] {
        assert!(!log.contains(secret), "the log has {secret}");
        assert!(!log.contains(&secret.replace('-', "")), "the log has {secret}");
    }
    let (_, said, _) = house.told("ana", &["user", "key", "list"], None).await;
    assert!(said.contains("by invitation"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_came_in_and_who_gave_and_took_keys_is_told_to_an_admin_and_to_them() {
    let Some(house) = House::open(&[]).await else { return };
    let code = invited(&house, "cy").await;
    house.make_key("cy", "ed25519");
    assert!(comes_in(house.ssh("cy", &ASKING, &[]), &["wrong\u{1b}[31m", &code]).await);
    let (_, keys, _) = house.told("cy", &["user", "key", "list", "--json"], None).await;
    let key: serde_json::Value = serde_json::from_str(&keys).expect("one key");
    let key = key["fingerprint"].as_str().expect("a fingerprint").to_owned();
    let (status, _, err) = house.ran("ana", &[], &["user", "key", "remove", &key]).await;
    assert_eq!(status, 0, "{err}");

    let (status, told, err) = house.told("ana", &["user", "log", "cy", "--json"], None).await;
    assert_eq!(status, 0, "{err}");
    let told: Vec<serde_json::Value> = told.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let told: Vec<_> = told.iter().map(|t| [&t["deed"], &t["by"], &t["address"], &t["fingerprint"]]).collect();
    let (here, key, none) = ("127.0.0.1".into(), key.into(), serde_json::Value::Null);
    assert_eq!(
        told,
        [
            [&"key_removed".into(), &"ana".into(), &here, &key],
            [&"came_in".into(), &"cy".into(), &here, &key],
            [&"code_used".into(), &"cy".into(), &here, &key],
            [&"key_added".into(), &"cy".into(), &here, &key],
            [&"invited".into(), &"ana".into(), &none, &none],
        ]
    );
    let (_, all, _) = house.told("ana", &["user", "log"], None).await;
    assert!(all.contains("code refused: unknown") && all.contains("bo"), "{all}");
    let (_, own, _) = house.told("cy", &["user", "log"], None).await;
    assert!(own.contains("came in") && !own.contains("refused") && !own.contains("bo"), "{own}");
    let (status, _, err) = house.ran("ana", &[], &["user", "log", "nobody"]).await;
    assert_eq!(status, 3, "{err}");
}
