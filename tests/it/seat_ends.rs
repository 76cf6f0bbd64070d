//! However a seat ends, its terminal is as it was before, and no process stays behind.

use std::os::fd::AsFd;
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::sys::termios::{LocalFlags, tcgetattr};
use nix::unistd::Pid;

use crate::support::{Terminal, Workspace};

#[tokio::test(flavor = "multi_thread")]
async fn a_signal_ends_a_seat_in_order_and_gives_the_terminal_back() {
    let office = Workspace::new().await;
    for signal in [Signal::SIGTERM, Signal::SIGHUP] {
        let mut terminal = Terminal::running(&office.command("ana", &[]));
        let ended = tokio::task::spawn_blocking(move || {
            let at = terminal.said.until("Contacts", 0);
            let raw = tcgetattr(terminal.slave.as_fd()).expect("settings");
            assert!(!raw.local_flags.contains(LocalFlags::ECHO), "keys are not echoed while it runs");
            let child = i32::try_from(terminal.child.id()).expect("a process");
            kill(Pid::from_raw(child), signal).expect("the signal is sent");
            let ended = terminal.child.wait().expect("it ends");
            for sequence in ["\u{1b}[?1000l", "\u{1b}[?2004l", "\u{1b}[?1049l", "\u{1b}[?25h"] {
                terminal.said.until(sequence, at);
            }
            let after = tcgetattr(terminal.slave.as_fd()).expect("settings");
            assert!(after.local_flags.contains(LocalFlags::ECHO | LocalFlags::ICANON), "{signal}: a shell can be used");
            drop(terminal.slave);
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
