//! What one seat's trouble is to the others: nothing.

use std::io::Write;
use std::process::Stdio;
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::House;
use super::seat::story;
use crate::support::Terminal;

/// Makes a contact at the server itself.
async fn make(house: &House, name: &str) {
    let (code, _, err) = house.told("ana", &["contact", "new", &format!("name={name}"), "owner=bo"], None).await;
    assert_eq!(code, 0, "{err}");
}

async fn sees(terminal: Terminal, words: &'static str) -> Terminal {
    story(move || {
        terminal.said.until(words, 0);
        terminal
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_seat_without_a_key_for_too_long_ends_and_is_told() {
    let Some(house) = House::open(&["--idle", "2s"]).await else { return };
    let terminal = sees(Terminal::running(&house.ssh("bo", &["-tt"], &[])), "Contacts").await;
    // What others do is no key.
    make(&house, "Nobody asked").await;
    let code = story(move || {
        let mut terminal = terminal;
        let at = terminal.given_back(0);
        terminal.said.until("no key for too long", at);
        terminal.child.wait().expect("it ends").code()
    })
    .await;
    assert_eq!(code, Some(1));
    let (code, _, err) = house.told("ana", &["serve", "--idle", "soon"], None).await;
    assert!(code == 2 && err.contains("30m"), "{err}");
}

#[cfg_attr(not(debug_assertions), ignore = "a release does not panic on request")]
#[tokio::test(flavor = "multi_thread")]
async fn a_panic_ends_its_own_seat_with_a_word_and_no_other() {
    let Some(house) = House::open_with(&[], &[("FRONTDESK_PANIC", "a key")]).await else { return };
    let bo = sees(Terminal::running(&house.ssh("bo", &["-tt"], &[])), "Contacts").await;
    let mut ana = sees(Terminal::running(&house.ssh("ana", &["-tt"], &[])), "Contacts").await;
    let code = story(move || {
        ana.keys.write_all(b"j").expect("typed");
        let at = ana.given_back(0);
        ana.said.until("this seat failed", at);
        ana.child.wait().expect("it ends").code()
    })
    .await;
    assert_eq!(code, Some(1));
    make(&house, "Still here").await;
    drop(sees(bo, "Still here").await);
    let (code, out, err) = house.ran("ana", &[], &["contact", "count"]).await;
    assert_eq!((code, out.as_str()), (0, "1\n"), "{err}");
}

#[tokio::test(flavor = "multi_thread")]
async fn seats_and_commands_of_one_connection_begin_and_end_by_themselves() {
    let Some(house) = House::open(&[]).await else { return };
    let socket = house.folder.path().join("one").display().to_string();
    let (path, master) = (format!("ControlPath={socket}"), ["-o", "ControlMaster=yes", "-N", "-o"]);
    let mut first = house.ssh("bo", &[&master[..], &[&path]].concat(), &[]);
    let mut first = first.stdin(Stdio::null()).spawn().expect("ssh runs");
    story(move || {
        for _ in 0..2_000 {
            if std::path::Path::new(&socket).exists() {
                return;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("there is no connection to share");
    })
    .await;
    let shared = ["-o", "ControlMaster=no", "-o", &path];
    let seat = [&shared[..], &["-tt"]].concat();
    let mut one = sees(Terminal::running(&house.ssh("bo", &seat, &[])), "Contacts").await;
    let two = sees(Terminal::running(&house.ssh("bo", &seat, &[])), "Contacts").await;
    let (code, out, err) = house.ran("bo", &shared, &["contact", "count"]).await;
    assert_eq!((code, out.as_str()), (0, "0\n"), "{err}");
    // One leaves, one is sent away, and the connection stays for the next.
    let code = story(move || {
        one.keys.write_all(b"qq").expect("typed");
        one.child.wait().expect("it ends").code()
    })
    .await;
    assert_eq!(code, Some(0));
    let (code, said, err) = house.told("ana", &["seat", "kick", "bo", "lunch"], None).await;
    assert_eq!((code, said.as_str()), (0, "1 seat ended\n"), "{err}");
    let mut two = sees(two, "ana has ended this seat: lunch").await;
    story(move || two.child.wait().expect("it ends")).await;
    let (code, out, err) = house.ran("bo", &shared, &["contact", "count"]).await;
    assert_eq!((code, out.as_str()), (0, "0\n"), "{err}");
    first.kill().expect("killed");
    first.wait().expect("gone");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_reads_nothing_costs_little_and_holds_nobody_up() {
    let Some(house) = House::open(&[]).await else { return };
    let stalled = house.client("bo", &["-tt"], &[]);
    let stalled = sees(Terminal::running(&stalled), "Contacts").await;
    let ana = sees(Terminal::running(&house.ssh("ana", &["-tt"], &[])), "Contacts").await;
    // The client itself: what started it is its parent.
    let client = children(stalled.child.id()).first().copied().unwrap_or(stalled.child.id());
    let pid = Pid::from_raw(client.cast_signed());
    kill(pid, Signal::SIGSTOP).expect("it stops");
    let before = house.memory();
    for n in 0..20 {
        make(&house, &format!("Contact {n:02}")).await;
    }
    // The first of the list, in no letter like the one that was.
    make(&house, "Aardvark").await;
    let ana = sees(ana, "Aardvark").await;
    let grown = house.memory().saturating_sub(before);
    assert!(grown < 32 << 20, "{grown} bytes for what nobody reads");
    kill(pid, Signal::SIGCONT).expect("it goes on");
    let stalled = sees(stalled, "Aardvark").await;
    for mut terminal in [ana, stalled] {
        story(move || {
            terminal.keys.write_all(b"qq").expect("typed");
            terminal.child.wait().expect("it ends")
        })
        .await;
    }
}

/// The processes that this one started, and theirs.
fn children(pid: u32) -> Vec<u32> {
    let file = format!("/proc/{pid}/task/{pid}/children");
    let own: Vec<u32> =
        std::fs::read_to_string(file).unwrap_or_default().split_whitespace().filter_map(|p| p.parse().ok()).collect();
    own.iter().rev().flat_map(|child| [children(*child), vec![*child]].concat()).collect()
}
