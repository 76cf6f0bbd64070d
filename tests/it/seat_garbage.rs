//! Bytes that no terminal should send, in the real one: halves of sequences, broken characters, a mouse outside the
//! screen. The seat answers afterwards as before.

use std::io::Write;
use std::time::Duration;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::support::{Terminal, Workspace};

/// What ends whatever a terminal may have begun: a paste, reports of the mouse, of a place, of what the terminal is.
const DONE: &[u8] = b"\x1b[201~M\x1b[201~u\x1b[201~~\x1b\x1b";

/// Beginnings and pieces that go wrong.
fn garbage() -> Vec<Vec<u8>> {
    let mut all: Vec<Vec<u8>> = [
        &b"\x1b["[..],
        b"\x1b[1;",
        b"\x1b[<0;5",
        b"\x1b[<64;999999;1M",
        b"\x1b[<999;1;1M\x1b[<0;65535;65535M\x1b[<32;1;70000m",
        b"\x1b[<;;M\x1b[<0;-1;-1M",
        b"\x1b[<0;0;0M\x1b[<35;0;0m",
        b"\x1b[M\xff\xff\xff\x1b[M !!\x1b[M   ",
        b"\x1b[32;500;500M",
        b"\x1bO",
        b"\x1b[200~half a paste, d d y\r\n",
        b"\x1b[200~a\x1b[200~b\x1b[201~",
        b"\x1b[201~",
        b"\x1b[200~\xff\xfe\x1b[31m\x00\x1b[201~",
        b"\xe7\x8e",
        b"\xc3\x28\xf0\x9f\x91",
        b"\xff\xfe\xfd\x80\x80",
        b"\xed\xa0\x80\xf4\x90\x80\x80\xc0\xaf",
        b"\x1b]52;c;AAAA\x07\x1b]11;rgb:0000/0000/0000\x1b\\",
        b"\x1bP1$r0m\x1b\\\x1b_G\x1b\\",
        b"\x1b[?64;1;2c\x1b[0n\x1b[1;1R\x1b[0;0R",
        b"\x1b[1114112u\x1b[97;999:9u\x1b[57441;1:4u\x1b[4294967296u",
        b"\x1b[27;5;9~\x1b[99999999999999999999~\x1b[;;;~",
    ]
    .map(<[u8]>::to_vec)
    .to_vec();
    let mut dice = ChaCha8Rng::seed_from_u64(7);
    for _ in 0..12 {
        let mut bytes = Vec::new();
        for _ in 0..dice.random_range(1..5) {
            let known = &all[dice.random_range(0..23)];
            let (from, to) = (dice.random_range(0..known.len()), dice.random_range(0..=known.len()));
            bytes.extend_from_slice(&known[from.min(to)..from.max(to)]);
            bytes.push(dice.random_range(0x80..=0xff));
        }
        all.push(bytes);
    }
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn a_seat_answers_after_any_bytes() {
    let office = Workspace::new().await;
    let mut terminal = Terminal::running(&office.command("ana", &[]));
    let ended = tokio::task::spawn_blocking(move || {
        let mut at = terminal.said.until("Contacts", 0);
        for bytes in garbage() {
            let told = bytes.escape_ascii().to_string();
            let mut say = |bytes: &[u8]| terminal.keys.write_all(bytes).unwrap_or_else(|e| panic!("{told}: {e}"));
            // In two writes, which may be read as one or as two.
            let (first, second) = bytes.split_at(bytes.len() / 2);
            say(first);
            say(second);
            say(DONE);
            // Ctrl-l draws the whole screen. An Esc that a read ended on makes the next key one with Alt: that is the blank.
            say(&[b"\x1b\x1b".repeat(4), b" \x0c".to_vec()].concat());
            at = terminal.said.until("\u{1b}[2J", at);
            at = terminal.said.until("Contacts", at);
        }
        terminal.keys.write_all(b"\x1b\x1b qq").expect("the terminal takes keys");
        let ended = terminal.child.wait().expect("it ends");
        terminal.given_back(at);
        assert!(terminal.is_a_shells());
        ended
    });
    let ended = tokio::time::timeout(Duration::from_mins(2), ended).await.expect("it ends when told");
    assert!(ended.expect("the story is told").success());
}
