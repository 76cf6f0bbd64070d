//! Seats that others end or talk to, at one server and at another of the same database.

use std::io::Write;
use std::time::{Duration, Instant};

use sqlx::Executor;

use super::House;
use super::seat::story;
use crate::support::Terminal;

/// No server looks without being told, so that only being told can end a seat in time.
const TOLD: &[(&str, &str)] = &[("FRONTDESK_LOOK", "never")];
/// More than it takes on a busy machine; on an idle one it is a tenth of a second.
const AT_ONCE: Duration = Duration::from_secs(5);

/// Somebody's seat at the latest server, once it is there.
pub(super) async fn sits(house: &House, key: &str) -> Terminal {
    let terminal = Terminal::running(&house.ssh(key, &["-tt"], &[]));
    story(move || {
        terminal.said.until("Contacts", 0);
        terminal
    })
    .await
}

/// Waits for the end of a seat that is told why; its exit code.
async fn is_sent_away(mut terminal: Terminal, why: &'static str) -> Option<i32> {
    story(move || {
        let at = terminal.given_back(0);
        terminal.said.until(why, at);
        assert!(!terminal.said.has("\u{1b}[31m", at), "the terminal obeys no reason");
        terminal.child.wait().expect("it ends").code()
    })
    .await
}

/// Seat and server of that person's seats.
async fn seats_of(house: &House, login: &str) -> Vec<(String, String)> {
    let (code, out, err) = house.told("ana", &["seat", "list", "--json"], None).await;
    assert_eq!(code, 0, "{err}");
    let seats = out.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).expect("JSON"));
    let text = |seat: &serde_json::Value, name: &str| seat[name].as_str().expect(name).to_owned();
    seats.filter(|s| s["login"] == login).map(|s| (text(&s, "seat"), text(&s, "server"))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_admin_sees_the_seats_of_all_servers_and_ends_one() {
    let Some(mut house) = House::open_with(&[], TOLD).await else { return };
    let first = sits(&house, "bo").await;
    house.open_another();
    let mut second = sits(&house, "bo").await;
    let seats = seats_of(&house, "bo").await;
    let [(seat, server), (other, other_server)] = &seats[..] else { panic!("{seats:?}") };
    assert_ne!(server, other_server);

    let (code, _, err) = house.ran("bo", &[], &["seat", "list"]).await;
    assert_eq!(code, 4, "{err}");
    let (code, _, err) = house.ran("bo", &[], &["seat", "kick", other]).await;
    assert_eq!(code, 4, "{err}");
    let (code, _, err) = house.ran("ana", &[], &["seat", "kick", "nobody"]).await;
    assert_eq!(code, 3, "{err}");

    // Asked at the second server, ended at the first.
    let began = Instant::now();
    let (code, said, err) = house.ran("ana", &[], &["seat", "kick", seat, "lunch", "\u{1b}[31mnow"]).await;
    assert_eq!((code, said.as_str()), (0, "1 seat ended\n"), "{err}");
    assert_eq!(is_sent_away(first, "ana has ended this seat: lunch").await, Some(1));
    assert!(began.elapsed() < AT_ONCE, "{:?}", began.elapsed());
    assert_eq!(seats_of(&house, "bo").await, [(other.clone(), other_server.clone())], "the other one stays");

    let mut owner = house.office.owner().await;
    let kept: Vec<(String, i64, String)> =
        sqlx::query_as("select w.seat, w.person, b.login from seat_word w join staff b on b.id = w.by_id")
            .fetch_all(&mut owner)
            .await
            .expect("asked");
    assert_eq!(kept, [(seat.clone(), 2, "ana".to_owned())], "it stays written down");
    let ended = story(move || {
        second.keys.write_all(b"qq").expect("typed");
        second.child.wait().expect("it ends").code()
    })
    .await;
    assert_eq!(ended, Some(0));
    assert!(seats_of(&house, "bo").await.is_empty(), "who has left is listed no more");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_disabled_is_out_at_once_at_every_server() {
    let Some(mut house) = House::open_with(&[], TOLD).await else { return };
    let first = sits(&house, "bo").await;
    house.open_another_with(TOLD);
    let second = sits(&house, "bo").await;
    let mut owner = house.office.owner().await;
    owner.execute("update staff set active = false where login = 'bo'").await.expect("disabled");
    let began = Instant::now();
    for seat in [first, second] {
        assert_eq!(is_sent_away(seat, "opens nothing here any more").await, Some(1));
    }
    let took = began.elapsed();
    assert!(took < AT_ONCE, "{took:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removed_key_ends_its_seats_at_once_and_no_others() {
    let Some(house) = House::open_with(&[], TOLD).await else { return };
    let fingerprint = house.give_key("bo", "tablet", "ed25519").await;
    let (tablet, mut laptop) = (sits(&house, "tablet").await, sits(&house, "bo").await);
    let began = Instant::now();
    let (code, _, err) = house.told("ana", &["user", "key", "remove", &fingerprint], None).await;
    assert_eq!(code, 0, "{err}");
    assert_eq!(is_sent_away(tablet, "opens nothing here any more").await, Some(1));
    assert!(began.elapsed() < AT_ONCE, "{:?}", began.elapsed());
    assert_eq!(seats_of(&house, "bo").await.len(), 1);
    let ended = story(move || {
        laptop.keys.write_all(b"qq").expect("typed");
        laptop.child.wait().expect("it ends").code()
    })
    .await;
    assert_eq!(ended, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_admin_tells_all_seats_and_no_terminal_obeys_it() {
    let Some(mut house) = House::open(&[]).await else { return };
    let (ana, first) = (sits(&house, "ana").await, sits(&house, "bo").await);
    house.open_another();
    let second = sits(&house, "bo").await;
    let (code, _, err) = house.ran("bo", &[], &["seat", "tell", "hello"]).await;
    assert_eq!(code, 4, "{err}");
    let (code, _, err) = house.ran("ana", &[], &["seat", "tell", "Update", "at", "noon\u{1b}[35m"]).await;
    assert_eq!(code, 0, "{err}");
    for terminal in [ana, first, second] {
        story(move || {
            let at = terminal.said.until("ana: Update at noon", 0);
            terminal.said.until("\u{241b}[35m", at);
            assert!(!terminal.said.has("\u{1b}[35m", at), "it is shown, not obeyed");
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_restart_another_server_opens_at_the_same_place_with_the_draft() {
    let Some(mut house) = House::open(&[]).await else { return };
    for (name, mail) in [("Anna Berg", "anna"), ("Uwe Tal", "uwe"), ("Zoe Berg", "zoe")] {
        let (name, mail) = (format!("name={name}"), format!("email={mail}@berg.example"));
        let (code, _, err) = house.told("bo", &["contact", "new", &name, &mail], None).await;
        assert_eq!(code, 0, "{err}");
    }
    let mut terminal = sits(&house, "bo").await;
    let (mut house, ended) = story(move || {
        let at = terminal.said.until("Uwe", 0);
        terminal.keys.write_all(b"/name:Berg\r").expect("typed");
        let at = terminal.said.until("name:Berg", at);
        terminal.keys.write_all(b"Gn").expect("typed");
        let at = terminal.said.until("\u{1b}[?25h", at);
        terminal.keys.write_all(b"Halfaname").expect("typed");
        let at = terminal.said.until("ame", at);
        assert_eq!(house.end(), Some(0));
        let at = terminal.given_back(at);
        terminal.said.until("come back in a moment", at);
        (house, terminal.child.wait().expect("it ends").code())
    })
    .await;
    assert_eq!(ended, Some(1));

    house.open_another();
    let mut terminal = sits(&house, "bo").await;
    story(move || {
        let at = terminal.said.until("name:Berg", 0);
        assert!(!terminal.said.has("Uwe", 0), "the filter is the same");
        let at = terminal.said.until("Zoe", 0).max(at);
        let list = terminal.said.until("\u{1b}[?2026l", at);
        terminal.keys.write_all(b"e").expect("typed");
        terminal.said.until("zoe@berg.example", list);
        let at = terminal.said.until("\u{1b}[?25h", list);
        // Sooner, Esc and n would be one key.
        terminal.keys.write_all(b"\x1b").expect("typed");
        let at = terminal.said.until("\u{1b}[?25l", at);
        terminal.keys.write_all(b"n").expect("typed");
        let at = terminal.said.until("Unfinished", at);
        terminal.keys.write_all(b"\x0f").expect("typed");
        terminal.said.until("Halfaname", at);
        terminal.child.kill().expect("killed");
        terminal.child.wait().expect("it ends");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn on_the_seats_screen_an_admin_sees_who_comes_and_sends_them_away() {
    let Some(house) = House::open(&[]).await else { return };
    let mut ana = sits(&house, "ana").await;
    let mut ana = story(move || {
        ana.keys.write_all(b":seats").expect("typed");
        ana.said.until("who sits where", 0);
        ana.keys.write_all(b"\r").expect("typed");
        ana.said.until("Seats over SSH", 0);
        ana
    })
    .await;
    let bo = sits(&house, "bo").await;
    let mut ana = story(move || {
        // Without a key: it is told who comes.
        let at = ana.said.until("bo\u{1b}[12C", 0);
        ana.keys.write_all(b"Gx").expect("typed");
        ana.said.until("End the seat of bo", at);
        ana.keys.write_all(b"lunch\r").expect("typed");
        ana
    })
    .await;
    assert_eq!(is_sent_away(bo, "ana has ended this seat: lunch").await, Some(1));
    story(move || {
        ana.said.until("One seat ended", 0);
        ana.keys.write_all(b"qq").expect("typed");
        ana.child.wait().expect("it ends");
    })
    .await;
}

/// What a server answers there, without the head.
async fn metrics(at: std::net::SocketAddr, path: &str) -> (String, String) {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let mut stream = tokio::net::TcpStream::connect(at).await.expect("it listens");
    let ask = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    stream.write_all(ask.as_bytes()).await.expect("asked");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("answered");
    let (head, body) = answer.split_once("\r\n\r\n").expect("a head and a body");
    (head.to_owned(), body.to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_tells_prometheus_numbers_and_nothing_about_anybody() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).expect("a free port");
    let Some(house) = House::open(&["--metrics", &free.to_string()]).await else { return };
    let value = |body: &str, name: &str| -> f64 {
        let line = body.lines().find(|line| line.split(' ').next() == Some(name));
        line.and_then(|l| l.split(' ').nth(1))
            .and_then(|v| v.parse().ok())
            .unwrap_or_else(|| panic!("{name} in {body}"))
    };
    let (head, body) = metrics(free, "/metrics").await;
    assert!(head.starts_with("HTTP/1.1 200") && head.contains("application/openmetrics-text"), "{head}");
    assert_eq!((value(&body, "frontdesk_seats"), value(&body, "frontdesk_frames_total")), (0.0, 0.0));
    assert!(body.ends_with("# EOF\n"), "{body}");

    let mut bo = sits(&house, "bo").await;
    let mut bo = story(move || {
        bo.keys.write_all(b"?").expect("typed");
        let at = bo.said.until("Keys", 0);
        bo.keys.write_all(b"\x1b").expect("typed");
        bo.said.until("All Contacts", at);
        bo
    })
    .await;
    let (code, _, err) = house.ran("ana", &[], &["contact", "count"]).await;
    assert_eq!(code, 0, "{err}");
    let (_, body) = metrics(free, "/metrics").await;
    assert_eq!((value(&body, "frontdesk_seats"), value(&body, "frontdesk_commands_total")), (1.0, 1.0));
    for name in [
        "frontdesk_connections",
        "frontdesk_frames_total",
        "frontdesk_sent_bytes_total",
        "frontdesk_key_to_frame_seconds_count",
        "frontdesk_transactions_total",
        "frontdesk_database_connections",
        "frontdesk_feed_lag_seconds",
    ] {
        assert!(value(&body, name) > 0.0, "{name} in {body}");
    }
    assert!(value(&body, "frontdesk_feed_silence_seconds") < 60.0, "{body}");
    for word in ["bo", "ana", "127.0.0.1"] {
        assert!(!body.split(|c: char| !c.is_alphanumeric() && c != '.').any(|w| w == word), "{word} in {body}");
    }
    let (head, _) = metrics(free, "/").await;
    assert!(head.starts_with("HTTP/1.1 404"), "{head}");
    story(move || {
        bo.keys.write_all(b"qq").expect("typed");
        bo.child.wait().expect("it ends");
    })
    .await;
    let (code, _, err) = house.told("ana", &["serve", "--metrics", "0.0.0.0:9464"], None).await;
    assert!(code == 2 && err.contains("loopback"), "{err}");
}
