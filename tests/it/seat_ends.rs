//! However a seat ends, its terminal is as it was before, and no process stays behind.

use std::io::Write;
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::support::{Terminal, Workspace};

#[tokio::test(flavor = "multi_thread")]
async fn a_signal_ends_a_seat_in_order_and_gives_the_terminal_back() {
    let office = Workspace::new().await;
    for signal in [Signal::SIGTERM, Signal::SIGHUP] {
        let mut terminal = Terminal::running(&office.command("ana", &[]));
        let ended = tokio::task::spawn_blocking(move || {
            let at = terminal.said.until("Contacts", 0);
            assert!(terminal.is_raw(), "keys are not echoed while it runs");
            let child = i32::try_from(terminal.child.id()).expect("a process");
            kill(Pid::from_raw(child), signal).expect("the signal is sent");
            let ended = terminal.child.wait().expect("it ends");
            terminal.given_back(at);
            assert!(terminal.is_a_shells(), "{signal}");
            ended
        });
        let ended = ended.await.expect("the story is told");
        assert!(ended.success(), "{signal}: {ended}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_terminal_that_is_gone_ends_its_seat() {
    let office = Workspace::new().await;
    let terminal = Terminal::running(&office.command("ana", &[]));
    let ended = tokio::task::spawn_blocking(move || {
        terminal.said.until("Contacts", 0);
        terminal.close().wait()
    });
    let ended = tokio::time::timeout(Duration::from_mins(1), ended).await.expect("it does not stay behind");
    assert!(ended.expect("waited").expect("it ends").code().is_some());
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(not(debug_assertions), ignore = "a release does not panic on request")]
async fn a_panic_gives_the_terminal_back_before_it_is_told() {
    let office = Workspace::new().await;
    let mut command = office.command("ana", &[]);
    command.env("FRONTDESK_PANIC", "a key");
    let mut terminal = Terminal::running(&command);
    let ended = tokio::task::spawn_blocking(move || {
        let at = terminal.said.until("Contacts", 0);
        terminal.keys.write_all(b"j").expect("the terminal takes keys");
        let ended = terminal.child.wait().expect("it ends");
        let left = terminal.given_back(at);
        let told = terminal.said.until("as asked, at a key", left);
        terminal.said.until("has put the terminal back", told);
        for drawing in ["\u{1b}[?1049", "\u{1b}[?2026h"] {
            assert!(!terminal.said.has(drawing, left), "{drawing:?}: nothing is drawn over what is told");
        }
        assert!(terminal.is_a_shells());
        ended
    });
    let ended = ended.await.expect("the story is told");
    assert_eq!(ended.code(), Some(1), "{ended}");
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(not(debug_assertions), ignore = "a release does not panic on request")]
async fn a_question_that_panics_is_answered_and_the_seat_goes_on() {
    let office = Workspace::new().await;
    let mut command = office.command("ana", &[]);
    command.env("FRONTDESK_PANIC", "a question");
    let mut terminal = Terminal::running(&command);
    let ended = tokio::task::spawn_blocking(move || {
        let at = terminal.said.until("Something went wrong", 0);
        assert!(terminal.is_raw() && !terminal.said.has("\u{1b}[?1049l", 0), "the seat is still in its terminal");
        assert!(!terminal.said.has("as asked", 0), "nothing is written across the screen");
        terminal.keys.write_all(b"qq").expect("the terminal takes keys");
        let ended = terminal.child.wait().expect("it ends");
        terminal.given_back(at);
        assert!(terminal.is_a_shells());
        ended
    });
    let ended = tokio::time::timeout(Duration::from_mins(1), ended).await.expect("keys are still heard");
    assert!(ended.expect("the story is told").success());
}
