//! A colleague's screen, seen live through the real client: with consent, without keys, and written down.

use std::io::Write;
use std::process::{Command, Stdio};

use sqlx::Executor;

use super::House;
use super::seat::story;
use super::seats::sits;
use crate::support::Terminal;

const F9: &[u8] = b"\x1b[20~";
const CTRL_Y: &[u8] = b"\x19";

/// That person's seat, which asks to see a colleague's screen.
fn asks(house: &House, key: &str, whose: &str) -> Terminal {
    Terminal::running(&house.ssh(key, &["-tt"], &["watch", whose]))
}

/// The owner is asked by that person, and agrees.
fn agrees(owner: &mut Terminal, watcher: &Terminal, login: &str, from: usize) {
    let at = owner.said.until(&format!("{login} asks to see your screen"), from);
    owner.keys.write_all(F9).expect("typed");
    let at = owner.said.until(&format!("May {login} see your screen?"), at);
    owner.keys.write_all(CTRL_Y).expect("typed");
    owner.said.until(&format!("{login} sees this screen"), at);
    watcher.said.until("screen, live", 0);
}

/// Pasted, so that it comes in one frame.
fn paste(terminal: &mut Terminal, text: &str) {
    terminal.keys.write_all(format!("\x1b[200~{text}\x1b[201~").as_bytes()).expect("pasted");
}

fn resize(terminal: &Terminal, columns: &str, rows: &str) {
    let slave = terminal.slave.try_clone().expect("another handle");
    let mut resize = Command::new("stty");
    resize.args(["cols", columns, "rows", rows]).stdin(Stdio::from(slave));
    assert!(resize.status().expect("stty runs").success());
}

/// Deed, whose screen, who sees it, from where, and who ended it; the oldest first.
async fn written(house: &House) -> Vec<[String; 5]> {
    let mut owner = house.office.owner().await;
    let rows: Vec<(String, String, String, String, String)> = sqlx::query_as(
        "select a.deed, p.login, b.login, host(a.address), a.note from access a join staff p on p.id = a.person \
         join staff b on b.id = a.by_id where a.deed like 'screen%' order by a.id",
    )
    .fetch_all(&mut owner)
    .await
    .expect("asked");
    rows.into_iter().map(|row| [row.0, row.1, row.2, row.3, row.4]).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn with_consent_a_colleague_sees_a_screen_live_touches_nothing_and_it_stays_written_down() {
    let Some(mut house) = House::open(&[]).await else { return };
    let mut bo = sits(&house, "bo").await;
    let mut ana = asks(&house, "ana", "bo");
    let mut bo = story(move || {
        let at = bo.said.until("ana asks to see your screen", 0);
        // Whatever he is typing agrees to nothing, nor do letters once he has opened the question.
        bo.keys.write_all(b"/y\x19y").expect("typed");
        paste(&mut bo, "Plum\x19");
        let at = bo.said.until("Plum", at);
        bo.keys.write_all(F9).expect("typed");
        let at = bo.said.until("May ana see your screen?", at);
        bo.keys.write_all(b"yY\r").expect("typed");
        resize(&bo, "90", "26");
        let at = bo.said.until("May ana see your screen?", at);
        assert!(!ana.said.has("bo's screen", 0), "nothing is seen yet");
        bo.keys.write_all(CTRL_Y).expect("typed");
        let at = bo.said.until("ana sees this screen", at);
        let seen = ana.said.until("bo's screen, live", 0);
        let seen = ana.said.until("Plum", seen);

        // Her keys are all handled when her window has another size, and are nowhere.
        ana.keys.write_all(b"nxdZebra\r/Zebra:Zebra\r").expect("typed");
        resize(&ana, "95", "30");
        let seen = ana.said.until("\u{1b}[30;", seen);
        paste(&mut bo, "Quince");
        let at = bo.said.until("Quince", at);
        let seen = ana.said.until("Quince", seen);
        assert!(!bo.said.has("Zebra", 0) && !ana.said.has("Zebra", 0), "{}", bo.said.text(0));

        bo.keys.write_all(F9).expect("typed");
        let at = bo.said.until("ana no longer sees your screen", at);
        ana.said.until("bo no longer shows the screen", seen);
        paste(&mut bo, "Secret");
        bo.said.until("Secret", at);
        // She is at her own seat again.
        ana.keys.write_all(b"qq").expect("typed");
        assert_eq!(ana.child.wait().expect("it ends").code(), Some(0));
        assert!(!ana.said.has("Secret", 0), "{}", ana.said.text(0));
        bo
    })
    .await;
    // Bo reads himself who has seen his screen.
    let (code, log, err) = house.ran("bo", &[], &["user", "log", "--json"]).await;
    assert_eq!(code, 0, "{err}");
    assert!(log.contains(r#""deed":"screen_shown""#) && log.contains(r#""by":"ana""#), "{log}");
    assert_eq!(house.end(), Some(0));
    story(move || bo.child.wait().expect("it ends")).await;
    let from = "127.0.0.1";
    let told = [["screen_shown", "bo", "ana", from, ""], ["screen_closed", "bo", "ana", from, "bo ended it"]];
    assert_eq!(written(&house).await, told);
    let (_, log, _) = house.told("ana", &["user", "log", "ana"], None).await;
    assert!(log.contains("screen shown to"), "also under the name of who saw it: {log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_no_no_answer_and_a_server_that_wants_none_show_nothing() {
    let Some(house) = House::open(&[]).await else { return };
    let mut ana = sits(&house, "ana").await;
    // Whoever has a seat may ask, an admin or not.
    let bo = asks(&house, "bo", "ana");
    story(move || {
        let at = ana.said.until("bo asks to see your screen", 0);
        ana.keys.write_all(F9).expect("typed");
        ana.said.until("May bo see your screen?", at);
        ana.keys.write_all(b"n").expect("typed");
        bo.said.until("ana does not agree", 0);
        assert!(!bo.said.has("screen, live", 0));
    })
    .await;
    assert!(written(&house).await.is_empty());

    let Some(house) = House::open(&["--watch", "1s"]).await else { return };
    let bo = sits(&house, "bo").await;
    let ana = asks(&house, "ana", "bo");
    story(move || {
        ana.said.until("bo does not answer", 0);
        bo.said.until("without an answer that is a no", 0);
        assert!(!ana.said.has("screen, live", 0));
    })
    .await;
    assert!(written(&house).await.is_empty());

    let Some(house) = House::open(&["--watch", "0"]).await else { return };
    let bo = sits(&house, "bo").await;
    let ana = asks(&house, "ana", "bo");
    story(move || {
        ana.said.until("nobody sees another's screen", 0);
        assert!(!bo.said.has("asks", 0));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_hangs_up_or_is_disabled_ends_it_and_so_does_the_end_of_the_service() {
    let Some(mut house) = House::open(&[]).await else { return };
    for login in ["cy", "di"] {
        house.give_key(login, login, "ed25519").await;
    }
    let mut owner = house.office.owner().await;
    let mut bo = sits(&house, "bo").await;
    let mut ana = asks(&house, "ana", "bo");
    let mut bo = story(move || {
        agrees(&mut bo, &ana, "ana", 0);
        ana.child.kill().expect("killed");
        ana.child.wait().expect("it ends");
        bo.said.until("ana no longer sees your screen", 0);
        bo
    })
    .await;
    let cy = asks(&house, "cy", "bo");
    let (bo, cy) = story(move || {
        agrees(&mut bo, &cy, "cy", 0);
        (bo, cy)
    })
    .await;
    owner.execute("update staff set active = false where login = 'cy'").await.expect("disabled");
    let mut bo = story(move || {
        cy.said.until("opens nothing here any more", 0);
        bo.said.until("cy no longer sees your screen", 0);
        bo
    })
    .await;
    let di = asks(&house, "di", "bo");
    let (bo, di) = story(move || {
        agrees(&mut bo, &di, "di", 0);
        (bo, di)
    })
    .await;
    owner.execute("update staff set active = false where login = 'bo'").await.expect("disabled");
    let di = story(move || {
        bo.said.until("opens nothing here any more", 0);
        di.said.until("bo has left", 0);
        di
    })
    .await;
    drop(di);
    let mut ana = sits(&house, "ana").await;
    let di = asks(&house, "di", "ana");
    story(move || {
        agrees(&mut ana, &di, "di", 0);
        assert_eq!(house.end(), Some(0));
        ana.said.until("come back in a moment", 0);
        di.said.until("come back in a moment", 0);
        house
    })
    .await
    .is_written_down()
    .await;
}

impl House {
    /// That it all has begun and ended, in pairs.
    async fn is_written_down(&self) {
        let rows = written(self).await;
        let ends: Vec<&[String; 5]> = rows.iter().filter(|row| row[0] == "screen_closed").collect();
        assert_eq!(ends.len() * 2, rows.len(), "what has begun has ended: {rows:?}");
        let notes: Vec<&str> = ends.iter().map(|row| row[4].as_str()).collect();
        assert_eq!(notes[..3], ["ana has left", "cy has left", "bo has left"], "{rows:?}");
        assert!(notes.len() == 4 && notes[3].ends_with("has left"), "{rows:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_larger_and_more_colourful_screen_is_seen_as_far_as_it_goes() {
    let Some(house) = House::open(&[]).await else { return };
    let mut wide = house.ssh("ana", &["-tt", "-o", "SendEnv=COLORTERM"], &[]);
    let ana = Terminal::running(wide.env("COLORTERM", "truecolor"));
    let mut plain = house.ssh("bo", &["-tt", "-o", "SendEnv=NO_COLOR"], &["watch", "ana"]);
    let ana = story(move || {
        ana.said.until("Contacts", 0);
        resize(&ana, "133", "41");
        ana.said.until("\u{1b}[41;", 0);
        ana
    })
    .await;
    let mut bo = Terminal::running(plain.env("NO_COLOR", "1"));
    story(move || {
        let mut ana = ana;
        agrees(&mut ana, &bo, "bo", 0);
        let at = bo.said.until("133×40, part of it", 0);
        bo.keys.write_all(b"\x1b[C\x1b[C").expect("typed");
        bo.said.until("● live", at);
        assert!(ana.said.has("38;2;", 0), "hers has all colours");
        assert!(!bo.said.has("38;2;", 0) && !bo.said.has("38;5;", 0), "{}", bo.said.text(0));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_screen_is_seen_from_a_seat_at_the_same_server_and_a_record_is_watched_by_a_command() {
    let Some(mut house) = House::open(&[]).await else { return };
    let (code, said, err) = house.ran("ana", &[], &["watch", "bo"]).await;
    assert!(code == 2 && said.is_empty() && err.contains("ssh -t HOST watch bo"), "{code} {said} {err}");
    let (code, made, err) = house.told("ana", &["ticket", "new", "subject=Printer on fire"], None).await;
    assert_eq!(code, 0, "{err}");
    let made = made.split(' ').next().expect("a code");
    let (code, said, err) = house.ran("ana", &["-tt"], &["watch", made]).await;
    assert!(code == 0 && said.contains("1 record watched"), "{code} {said} {err}");

    let bo = sits(&house, "bo").await;
    house.open_another();
    let mut ana = asks(&house, "ana", "bo");
    story(move || {
        let at = ana.said.until("bo does not sit at this server", 0);
        ana.keys.write_all(b":seats\r").expect("typed");
        let at = ana.said.until("Seats over SSH", at);
        // The oldest one is bo's.
        let at = ana.said.until("127.0.0.1", at);
        ana.keys.write_all(b"ggw").expect("typed");
        ana.said.until("bo sits at", at);
        assert!(!bo.said.has("asks", 0));
    })
    .await;
}
