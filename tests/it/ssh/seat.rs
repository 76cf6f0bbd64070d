//! A seat at a real terminal, through the real client.

use std::io::{Read, Write};
use std::process::{Command, Stdio};

use super::House;
use crate::support::Terminal;

/// Runs a story that blocks.
pub(crate) async fn story<T: Send + 'static>(tell: impl FnOnce() -> T + Send + 'static) -> T {
    let told = tokio::task::spawn_blocking(tell);
    tokio::time::timeout(super::PATIENCE * 2, told).await.expect("it ends").expect("it is told")
}

/// Types these words, each when it is asked for; true when a seat is there then, false when it is asked again or out.
pub(super) async fn opens(client: &Command, question: &'static str, words: &[&str]) -> bool {
    let mut terminal = Terminal::running(client);
    let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
    story(move || {
        let mut at = 0;
        for word in words {
            at = terminal.said.until(question, at);
            writeln!(terminal.keys, "{word}").expect("typed");
        }
        let is_in = terminal.said.first_of(&["Contacts", question, "Permission denied"], at).1 == 0;
        terminal.child.kill().ok();
        terminal.child.wait().expect("it ends");
        is_in
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_are_answered_a_window_grows_and_leaving_gives_the_terminal_back() {
    let Some(house) = House::open(&[]).await else { return };
    let (code, _, err) = house.told("ana", &["contact", "new", "name=王伟"], None).await;
    assert_eq!(code, 0, "{err}");
    let mut terminal = Terminal::running(&house.ssh("ana", &["-tt"], &[]));
    let ended = story(move || {
        let at = terminal.said.until("王", 0);
        assert!(terminal.said.has("\u{1b}[?1049h", 0), "it has a screen of its own");
        // Split within the sequence of an arrow; then help, which names the keys.
        terminal.keys.write_all(b"\x1b[").expect("typed");
        terminal.keys.write_all(b"B?").expect("typed");
        let at = terminal.said.until("Esc", at);
        let slave = terminal.slave.try_clone().expect("another handle");
        let mut resize = Command::new("stty");
        resize.args(["cols", "133", "rows", "41"]).stdin(Stdio::from(slave));
        assert!(resize.status().expect("stty runs").success());
        // The bottom line is drawn where the bottom is now.
        let at = terminal.said.until("\u{1b}[41;", at);
        // Help has a cursor and the list has none. Sooner, Esc and q would be one key.
        terminal.keys.write_all(b"\x1b").expect("typed");
        let at = terminal.said.until("\u{1b}[?25l", at);
        terminal.keys.write_all(b"qq").expect("typed");
        let ended = terminal.child.wait().expect("it ends");
        terminal.given_back(at);
        assert!(terminal.is_a_shells());
        ended
    })
    .await;
    assert_eq!(ended.code(), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_seat_has_the_colours_and_the_language_of_its_terminal() {
    let Some(house) = House::open(&[]).await else { return };
    for (name, value, shown, colour) in [
        ("NO_COLOR", "1", "Contacts", None),
        ("COLORTERM", "truecolor", "Contacts", Some("\u{1b}[38;2;")),
        ("LANG", "zh_CN.UTF-8", "联", Some("\u{1b}[38;5;")),
    ] {
        let mut client = house.ssh("ana", &["-tt", "-o", &format!("SendEnv={name}")], &[]);
        for other in ["NO_COLOR", "COLORTERM", "LANG", "LC_ALL"] {
            client.env_remove(other);
        }
        let mut terminal = Terminal::running(client.env(name, value));
        let (plain, coloured) = story(move || {
            terminal.said.until(shown, 0);
            let plain = !["38;5;", "38;2;"].iter().any(|colour| terminal.said.has(colour, 0));
            let coloured = colour.is_some_and(|colour| terminal.said.has(colour, 0));
            terminal.keys.write_all(b"qq").expect("typed");
            terminal.child.wait().expect("it ends");
            (plain, coloured)
        })
        .await;
        assert_eq!((plain, coloured), (colour.is_none(), colour.is_some()), "{name}={value}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_opens_there() {
    let Some(house) = House::open(&[]).await else { return };
    let (code, made, err) = house.told("ana", &["ticket", "new", "subject=Printer on fire"], None).await;
    assert_eq!(code, 0, "{err}");
    let code = made.split(' ').next().expect("a code").to_owned();
    let mut terminal = Terminal::running(&house.ssh("ana", &["-tt"], &[&code]));
    let ended = story(move || {
        terminal.said.until("Printer", 0);
        terminal.keys.write_all(b"qqq").expect("typed");
        terminal.child.wait().expect("it ends")
    })
    .await;
    assert_eq!(ended.code(), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn hanging_up_frees_the_seat() {
    let Some(house) = House::open(&["--seats", "1"]).await else { return };
    let mut first = house.client("ana", &["-tt"], &[]);
    let mut first = first.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("ssh runs");
    let mut screen = first.stdout.take().expect("piped");
    // Something is drawn: the seat is there.
    let (mut first, _screen) = story(move || {
        screen.read_exact(&mut [0; 100]).expect("a screen");
        (first, screen)
    })
    .await;
    let (code, _, err) = house.ran("ana", &["-tt"], &[]).await;
    assert!(code == 1 && err.contains("close one"), "one seat is all that ana may have: {code} {err}");
    first.kill().expect("killed");
    first.wait().expect("gone");
    for _ in 0..50 {
        // Without input a seat ends as soon as it is there.
        if house.ran("ana", &["-tt"], &[]).await.0 == 0 {
            return;
        }
    }
    panic!("the seat is not free again");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_end_of_the_service_ends_seats_in_order() {
    let Some(mut house) = House::open(&[]).await else { return };
    let mut terminal = Terminal::running(&house.ssh("ana", &["-tt"], &[]));
    let ended = story(move || {
        let at = terminal.said.until("Contacts", 0);
        let code = house.end();
        let at = terminal.given_back(at);
        terminal.said.until("come back in a moment", at);
        let seat = terminal.child.wait().expect("it ends");
        (code, seat.code(), terminal.is_a_shells())
    })
    .await;
    assert_eq!(ended, (Some(0), Some(1), true));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_desktop_is_told_while_the_window_is_not_in_front() {
    let Some(house) = House::open(&[]).await else { return };
    let mut client = house.ssh("bo", &["-tt"], &[]);
    let mut terminal = Terminal::running(client.env("TERM", "xterm-256color"));
    let said = std::sync::Arc::clone(&terminal.said);
    let at = story(move || said.until("Contacts", 0)).await;
    assert!(terminal.said.has("\u{1b}[?1004h", 0), "the terminal is asked to say so");
    let given = async |subject: &str| {
        let (code, _, err) = house.told("ana", &["ticket", "new", subject, "owner=bo"], None).await;
        assert_eq!(code, 0, "{err}");
    };
    given("subject=In front").await;
    let said = std::sync::Arc::clone(&terminal.said);
    let at = story(move || said.until("✉1", at)).await;
    assert!(!terminal.said.has("\u{1b}]9;", 0));
    terminal.keys.write_all(b"\x1b[O").expect("reported");
    given("subject=Bell \u{7}\u{1b}]0;and title").await;
    let said = std::sync::Arc::clone(&terminal.said);
    let told = story(move || {
        let from = said.until("\u{1b}]9;frontdesk: ", at);
        said.until("\u{7}", from);
        said.text(from)
    })
    .await;
    let told = told.split('\u{7}').next().unwrap_or_default();
    assert!(
        told.starts_with("Ana assigned you T") && told.contains("Bell") && told.contains("]0,and title"),
        "{told:?}"
    );
    terminal.keys.write_all(b"qq").expect("typed");
    let from = at;
    let ended = story(move || {
        let ended = terminal.child.wait().expect("it ends");
        terminal.given_back(from);
        ended
    })
    .await;
    assert_eq!(ended.code(), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_comes_without_a_language_is_asked_for_one_and_keeps_it() {
    let Some(house) = House::open(&[]).await else { return };
    let mut owner = house.office.owner().await;
    sqlx::query("delete from setting where key = 'looks'").execute(&mut owner).await.expect("they are new");
    let silent = || {
        let mut client = house.ssh("ana", &["-tt"], &[]);
        for name in ["LANG", "LC_ALL", "LC_MESSAGES", "NO_COLOR", "COLORTERM"] {
            client.env_remove(name);
        }
        client
    };
    let mut terminal = Terminal::running(&silent());
    story(move || {
        let at = terminal.said.until("Welcome to frontdesk", 0);
        let at = terminal.said.until("简", at.min(terminal.said.until("English", 0)));
        terminal.keys.write_all(b"z").expect("typed");
        let at = terminal.said.until("欢", at);
        terminal.keys.write_all(b"\r").expect("typed");
        terminal.said.until("导", at);
        terminal.keys.write_all(b"qq").expect("typed");
        terminal.child.wait().expect("it ends");
    })
    .await;
    let mut terminal = Terminal::running(&silent());
    let asked = story(move || {
        terminal.said.until("联", 0);
        let asked = terminal.said.has("English", 0);
        terminal.keys.write_all(b"qq").expect("typed");
        terminal.child.wait().expect("it ends");
        asked
    })
    .await;
    assert!(!asked, "once");
}
