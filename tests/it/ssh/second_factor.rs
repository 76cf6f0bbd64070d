//! A code of an authenticator app behind the key, with the real client. The test is the app.

use std::io::Write;
use std::process::Command;

use chrono::Utc;
use frontdesk::domain::totp;
use sqlx::Executor;

use super::House;
use super::seat::{opens, story};
use crate::support::Terminal;

/// The options of a person's own client: it may ask.
const ASKING: [&str; 3] = ["-tt", "-o", "BatchMode=no"];

const QUESTION: &str = "Code of your authenticator app: ";

/// What an app takes from the words that show it.
fn secret(said: &str) -> Vec<u8> {
    let letters = said.split_once("secret=").and_then(|(_, rest)| rest.split('&').next()).expect("a secret");
    let (mut bytes, mut bits, mut many) = (Vec::new(), 0_u32, 0);
    for letter in letters.chars() {
        let five = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".find(letter).expect("base32");
        (bits, many) = (bits << 5 | u32::try_from(five).expect("five bits"), many + 5);
        if many >= 8 {
            many -= 8;
            bytes.push(u8::try_from(bits >> many & 0xff).expect("a byte"));
        }
    }
    bytes
}

fn code(secret: &[u8]) -> String {
    totp::code(secret, totp::step(Utc::now()))
}

/// The recovery codes among what was said.
fn recovery(said: &str) -> Vec<String> {
    let is_code = |line: &&str| line.len() == 19 && line.matches('-').count() == 3;
    said.lines().map(str::trim).filter(is_code).map(str::to_owned).collect()
}

/// Sets that person's second factor up over SSH: its secret and recovery codes.
async fn set_up(house: &House, key: &str, login: &str) -> (Vec<u8>, Vec<String>) {
    let mut terminal = Terminal::running(&house.ssh(key, &["-tt"], &["user", "totp", login]));
    story(move || {
        let at = terminal.said.until("The app's code now: ", 0);
        assert!(terminal.said.has("▀", 0), "a picture to scan");
        let secret = secret(&terminal.said.text(0));
        writeln!(terminal.keys, "{}", if code(&secret) == "000000" { "000001" } else { "000000" }).expect("typed");
        let at = terminal.said.until("The app's code now: ", at);
        writeln!(terminal.keys, "{}", code(&secret)).expect("typed");
        // The rest of that line, an empty one, and the codes.
        let from = terminal.said.until("each of these opens once", at);
        (0..10).fold(from, |at, _| terminal.said.until("\n", at));
        assert_eq!(terminal.child.wait().expect("it ends").code(), Some(0), "{}", terminal.said.text(0));
        let codes = recovery(&terminal.said.text(at));
        assert_eq!(codes.len(), 8, "{}", terminal.said.text(at));
        (secret, codes)
    })
    .await
}

/// Whether these codes, one after the other, open a seat.
async fn comes_in(client: Command, codes: &[&str]) -> bool {
    opens(&client, QUESTION, codes).await
}

/// As if the last code had been used long ago, and nothing wrong typed.
async fn later(house: &House) {
    let mut owner = house.office.owner().await;
    owner
        .execute("update second_factor set used_step = 0; update access set at = at - interval '10 minutes'")
        .await
        .expect("later");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_of_the_app_opens_once_at_whichever_server_and_a_recovery_code_in_its_place() {
    let Some(mut house) = House::open_with(&[], &[("FRONTDESK_LOG", "trace")]).await else { return };
    let (secret, codes) = set_up(&house, "bo", "bo").await;
    assert!(!comes_in(house.ssh("bo", &ASKING, &[]), &[&code(&secret)]).await, "the first code was used to set it up");
    later(&house).await;
    let now = code(&secret);
    assert!(comes_in(house.ssh("bo", &ASKING, &[]), &["123", &now]).await);
    house.open_another();
    assert!(!comes_in(house.ssh("bo", &ASKING, &[]), &[&now]).await, "once, at all servers together");
    let lost = codes[0].to_lowercase().replace('-', " ");
    assert!(comes_in(house.ssh("bo", &ASKING, &[]), &[&lost]).await, "however it is typed");
    assert!(!comes_in(house.ssh("bo", &ASKING, &[]), &[&codes[0]]).await, "once");

    // The key alone is not enough for a command either, and whoever has none is asked for none.
    let (status, _, err) = house.ran("bo", &[], &["ticket", "count"]).await;
    assert!(status == 255 && err.contains("Permission denied (keyboard-interactive)"), "{status} {err}");
    let (status, _, err) = house.ran("ana", &[], &["ticket", "count"]).await;
    assert_eq!(status, 0, "{err}");

    let mut owner = house.office.owner().await;
    let (kept, used): (i64, i64) =
        sqlx::query_as("select count(*), count(used_at) from recovery_code where length(hash) = 32")
            .fetch_one(&mut owner)
            .await
            .expect("asked");
    assert_eq!((kept, used), (8, 1));
    let (_, told, _) = house.told("ana", &["user", "log", "bo"], None).await;
    for words in ["second factor set", "second factor refused: wrong", "refused: used before", "code used, 7 left"] {
        assert!(told.contains(words), "{words}: {told}");
    }
    let log = house.log();
    for secret in [&codes[0], &codes[1], &now, &totp::base32(&secret)] {
        assert!(!log.contains(secret.as_str()), "the log has {secret}");
    }

    let (status, _, err) = house.told("ana", &["user", "totp", "bo", "--off"], None).await;
    assert_eq!(status, 0, "{err}");
    let (status, _, err) = house.ran("bo", &[], &["ticket", "count"]).await;
    assert_eq!(status, 0, "the key alone again: {err}");
    let (status, _, err) = house.told("ana", &["user", "totp", "bo", "--off"], None).await;
    assert!(status == 3 && err.contains("no second factor"), "{status} {err}");
    for args in [&["user", "totp", "ana"][..], &["user", "totp", "ana", "--off"]] {
        let (status, _, err) = house.ran("bo", &[], args).await;
        assert_eq!(status, 4, "another's is not bo's: {err}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn after_ten_wrong_codes_of_an_app_a_right_one_is_refused() {
    let Some(house) = House::open(&[]).await else { return };
    let (secret, codes) = set_up(&house, "bo", "bo").await;
    later(&house).await;
    for _ in 0..4 {
        assert!(!comes_in(house.ssh("bo", &ASKING, &[]), &["1", "2", "3"]).await);
    }
    assert!(!comes_in(house.ssh("bo", &ASKING, &[]), &[&code(&secret), &codes[0]]).await, "ten are enough");
    later(&house).await;
    assert!(comes_in(house.ssh("bo", &ASKING, &[]), &[&code(&secret)]).await, "neither was used up");
}

#[tokio::test(flavor = "multi_thread")]
async fn where_it_is_required_whoever_has_none_sets_it_up_at_the_door() {
    let Some(house) = House::open(&["--second-factor", "required"]).await else { return };
    let (status, _, err) = house.ran("ana", &[], &["ticket", "count"]).await;
    assert_eq!(status, 255, "{err}");
    let (_, said, _) = house.told("ana", &["user", "invite", "cy", "--json"], None).await;
    let said: serde_json::Value = serde_json::from_str(&said).expect("JSON");
    let invited = said["code"].as_str().expect("a code").to_owned();
    house.make_key("cy", "ed25519");
    for (key, invited) in [("bo", None), ("cy", Some(invited))] {
        let mut terminal = Terminal::running(&house.ssh(key, &ASKING, &[]));
        let secret = story(move || {
            let mut at = 0;
            if let Some(invited) = invited {
                at = terminal.said.until("Invitation code: ", 0);
                writeln!(terminal.keys, "{invited}").expect("typed");
            }
            let at = terminal.said.until(QUESTION, at);
            let secret = secret(&terminal.said.text(0));
            writeln!(terminal.keys, "12345").expect("typed");
            let at = terminal.said.until(QUESTION, at);
            writeln!(terminal.keys, "{}", code(&secret)).expect("typed");
            let shown = terminal.said.until("[Enter]", at);
            assert_eq!(recovery(&terminal.said.text(at)).len(), 8, "{}", terminal.said.text(at));
            writeln!(terminal.keys).expect("typed");
            terminal.said.until("Contacts", shown);
            terminal.child.kill().ok();
            terminal.child.wait().expect("it ends");
            secret
        })
        .await;
        later(&house).await;
        assert!(comes_in(house.ssh(key, &ASKING, &[]), &[&code(&secret)]).await, "{key}");
    }
}
