//! Attacks on the door, each tried on a real `serve`: what is sent before anybody is known, forged people, commands that
//! would be another's, things too large, escape sequences where names are.

use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use russh::keys::agent::AgentIdentity;
use russh::keys::{PrivateKey, PublicKeyOrCertificate, load_secret_key};
use russh::{ChannelMsg, client};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;

use super::House;
use super::seat::story;
use crate::support::Terminal;

/// Connections that send garbage.
const TRIES: usize = 240;
/// What they may cost.
const COST: u64 = 48 << 20;

/// A connection from one of many addresses of this machine: one address with many failures is turned away.
async fn from_somewhere(port: &str, n: usize) -> TcpStream {
    let socket = TcpSocket::new_v4().expect("a socket");
    let from = Ipv4Addr::new(127, 1, (n / 200) as u8, (n % 200 + 1) as u8);
    socket.bind((from, 0).into()).expect("an address of this machine");
    let to: SocketAddr = format!("127.0.0.1:{port}").parse().expect("an address");
    socket.connect(to).await.expect("it listens")
}

/// A packet as before any key is agreed on: length, padding, payload.
fn packet(payload: &[u8]) -> Vec<u8> {
    let padding = 4 + (8 - (payload.len() + 9) % 8) % 8;
    let mut packet = ((payload.len() + padding + 1) as u32).to_be_bytes().to_vec();
    packet.push(padding as u8);
    packet.extend_from_slice(payload);
    packet.resize(packet.len() + padding, 0);
    packet
}

fn string(bytes: &[u8]) -> Vec<u8> {
    [&(bytes.len() as u32).to_be_bytes()[..], bytes].concat()
}

/// A proposal that the server agrees to.
fn proposal() -> Vec<u8> {
    let mut payload = vec![20];
    payload.extend([7; 16]);
    for names in [
        "curve25519-sha256",
        "ssh-ed25519",
        "aes256-ctr",
        "aes256-ctr",
        "hmac-sha2-256",
        "hmac-sha2-256",
        "none",
        "none",
        "",
        "",
    ] {
        payload.extend(string(names.as_bytes()));
    }
    payload.extend([0; 5]);
    payload
}

/// What one connection sends: whole noise, a good beginning with a broken end, lengths that lie, a broken exchange.
fn garbage(n: usize, dice: &mut ChaCha8Rng) -> Vec<u8> {
    let mut noise = vec![0; dice.random_range(1..4_000)];
    dice.fill_bytes(&mut noise);
    let banner = b"SSH-2.0-OpenSSH_9.6\r\n".to_vec();
    let mutated = |mut bytes: Vec<u8>, dice: &mut ChaCha8Rng| {
        for _ in 0..dice.random_range(1..12) {
            let at = dice.random_range(0..bytes.len());
            bytes[at] = dice.random();
        }
        bytes
    };
    match n % 12 {
        0 => noise,
        1 => vec![b'A'; 300_000],
        2 => [banner, noise].concat(),
        3 => [banner, u32::MAX.to_be_bytes().to_vec(), noise].concat(),
        4 => [banner, vec![0; 64]].concat(),
        5 => [banner, packet(&mutated(proposal(), dice))].concat(),
        6 => {
            let mut lying = vec![20; 17];
            lying.extend((1_u32 << 30).to_be_bytes());
            [banner, packet(&lying)].concat()
        }
        // Each kind of message before its time, as login and channel requests are.
        7 => [
            banner,
            packet(&proposal()),
            packet(&[&[dice.random::<u8>()][..], &noise[..noise.len().min(500)]].concat()),
        ]
        .concat(),
        8 => {
            [banner, packet(&proposal()), packet(&[vec![30], string(&noise[..noise.len().min(64)])].concat())].concat()
        }
        9 => {
            [banner, packet(&proposal()), packet(&[vec![30], string(&[0; 32])].concat()), packet(&[21]), noise].concat()
        }
        10 => [banner, packet(&proposal()), packet(&proposal()), packet(&[vec![5], string(b"ssh-userauth")].concat())]
            .concat(),
        _ => mutated([banner, packet(&proposal()), packet(&[vec![30], string(&[9; 32])].concat())].concat(), dice),
    }
}

/// Sends it, hangs up or waits, and takes what comes, which is little.
async fn attack(port: String, n: usize, bytes: Vec<u8>) -> usize {
    let mut stream = from_somewhere(&port, n).await;
    let (mut reading, mut writing) = stream.split();
    let send = async {
        // The server may have hung up already.
        writing.write_all(&bytes).await.ok();
        if n.is_multiple_of(2) {
            writing.shutdown().await.ok();
        }
    };
    let mut heard = Vec::new();
    let hear = async { timeout(Duration::from_secs(20), reading.read_to_end(&mut heard)).await.is_ok() };
    let ((), ended) = tokio::join!(send, hear);
    assert!(ended, "connection {n} is cut in time");
    heard.len()
}

/// What a server of this run's tests logged when it panicked; the log is theirs together, and one of them asks a seat to.
fn panic_of(house: &House) -> Option<String> {
    let log = house.log();
    log.lines().find(|line| line.contains(" panic at=") && !line.contains("src/tui/seat.rs")).map(str::to_owned)
}

#[tokio::test(flavor = "multi_thread")]
async fn garbage_before_a_key_is_shown_costs_little_and_hurts_nobody() {
    let Some(house) = House::open(&["--grace", "3"]).await else { return };
    let bo = Terminal::running(&house.ssh("bo", &["-tt"], &[]));
    let bo = story(move || (bo.said.until("Contacts", 0), bo)).await;
    let before = house.memory();
    let mut dice = ChaCha8Rng::seed_from_u64(2026);
    let all: Vec<(usize, Vec<u8>)> = (0..TRIES).map(|n| (n, garbage(n, &mut dice))).collect();
    for some in all.chunks(80) {
        let attacks = some.iter().map(|(n, bytes)| attack(house.server.port.clone(), *n, bytes.clone()));
        for heard in futures_util::future::join_all(attacks).await {
            assert!(heard < 16_384, "{heard} bytes for garbage");
        }
    }
    let grown = house.memory().saturating_sub(before);
    assert!(grown < COST, "{grown} bytes for garbage");
    assert_eq!(panic_of(&house), None);
    // Whoever sat here sits here, and whoever comes comes in.
    let (at, mut bo) = bo;
    story(move || {
        bo.keys.write_all(b"?").expect("typed");
        let at = bo.said.until("Esc", at);
        bo.keys.write_all(b"\x1b").expect("typed");
        bo.said.until("\u{1b}[?25l", at);
        bo.keys.write_all(b"qq").expect("typed");
        assert!(bo.child.wait().expect("it ends").success());
    })
    .await;
    let (code, out, err) = house.ran("ana", &[], &["contact", "count"]).await;
    assert_eq!((code, out.as_str()), (0, "0\n"), "{err}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_handshake_that_drips_is_cut_off_and_keeps_nobody_out() {
    let Some(house) = House::open(&["--grace", "2"]).await else { return };
    let drips = (0..30).map(|n| {
        let port = house.server.port.clone();
        async move {
            let mut stream = from_somewhere(&port, n).await;
            let began = std::time::Instant::now();
            for byte in b"SSH-2.0-drip".iter().cycle() {
                tokio::time::sleep(Duration::from_millis(50)).await;
                if stream.write_all(&[*byte]).await.is_err() {
                    break;
                }
                assert!(began.elapsed() < Duration::from_secs(30), "it drips for ever");
            }
        }
    });
    let others = async {
        let (code, _, err) = house.ran("ana", &[], &["contact", "count"]).await;
        assert_eq!(code, 0, "while they drip: {err}");
    };
    tokio::join!(futures_util::future::join_all(drips), others);
}

struct Client;

impl client::Handler for Client {
    type Error = russh::Error;

    async fn check_server_key(&mut self, _key: &PublicKeyOrCertificate) -> Result<bool, Self::Error> {
        Ok(true)
    }
}

async fn client(house: &House) -> client::Handle<Client> {
    let stream = from_somewhere(&house.server.port, 7).await;
    client::connect_stream(Arc::default(), stream, Client).await.expect("a key is agreed on")
}

fn key(house: &House, name: &str) -> PrivateKey {
    load_secret_key(house.folder.path().join(name), None).expect("a key")
}

/// Names one key and signs with another.
struct Forger(PrivateKey);

impl russh::Signer for Forger {
    type Error = russh::SendError;

    async fn auth_sign(
        &mut self,
        _key: &AgentIdentity,
        _hash: Option<russh::keys::HashAlg>,
        mut to_sign: Vec<u8>,
    ) -> Result<Vec<u8>, Self::Error> {
        use russh::keys::signature::Signer;
        let signature: russh::keys::ssh_key::Signature = self.0.try_sign(&to_sign).expect("signed");
        to_sign.extend(string(&[string(b"ssh-ed25519"), string(signature.as_bytes())].concat()));
        Ok(to_sign)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_who_they_say_they_are_but_whose_key_they_have() {
    let Some(house) = House::open(&[]).await else { return };
    // bo's key, whatever name is given, is bo.
    for name in ["ana", "root", "postgres", "x' or 1=1 --", "a\u{1b}]0;b\u{7}", "../../etc", &"n".repeat(60_000)] {
        let mut session = client(&house).await;
        let mine = russh::keys::PrivateKeyWithHashAlg::new(Arc::new(key(&house, "bo")), None);
        assert!(session.authenticate_publickey(name, mine).await.expect("an answer").success());
        let mut channel = session.channel_open_session().await.expect("a channel");
        channel.exec(true, "user key list").await.expect("asked");
        let mut said = Vec::new();
        while let Some(msg) = channel.wait().await {
            if let ChannelMsg::Data { data } = msg {
                said.extend_from_slice(&data);
            }
        }
        let said = String::from_utf8(said).expect("text");
        assert!(said.contains("bo@laptop") && !said.contains("ana@laptop"), "{said}");
    }
    // ana's key without her signature; no key; a password.
    let mut session = client(&house).await;
    let anas = key(&house, "ana").public_key().clone();
    let forged = session.authenticate_publickey_with("ana", anas, None, &mut Forger(key(&house, "bo"))).await;
    assert!(!forged.is_ok_and(|answer| answer.success()), "another's signature");
    let mut session = client(&house).await;
    assert!(!session.authenticate_none("ana").await.is_ok_and(|answer| answer.success()));
    assert!(!session.authenticate_password("ana", "ana").await.is_ok_and(|answer| answer.success()));
    let opened = timeout(Duration::from_secs(5), session.channel_open_session()).await;
    assert!(!matches!(opened, Ok(Ok(_))), "who is nobody opens nothing");
    assert!(!house.log().contains('\u{1b}'), "no name is obeyed by who reads the log");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_is_words_and_never_a_shells_a_files_or_anothers() {
    let Some(house) = House::open(&[]).await else { return };
    let made = house.folder.path().join("made");
    let file = made.display().to_string();
    for line in [
        format!("company count; touch {file}"),
        format!("company count | tee {file}"),
        format!("company count > {file}"),
        format!("company count $(touch {file})"),
        format!("company count `touch {file}`"),
        format!("company count\ntouch {file}"),
        format!("sh -c 'touch {file}'"),
        format!("../../bin/touch {file}"),
        format!("man {file}"),
        format!("export company --output {file}"),
        "import company /etc/passwd".into(),
        "import company @/etc/passwd".into(),
        "import company -- -".into(),
        "--as=ana user key list".into(),
        "user key list --as=ana".into(),
        "company list --data-dir=/".into(),
        "company list '--database-url=postgres://x'".into(),
        String::new(),
        "x".repeat(100_000),
    ] {
        let (_, out, err) = house.ran("bo", &["-T"], &[&line]).await;
        assert!(!made.exists(), "{line}");
        for secret in ["root:", "ana@laptop"] {
            assert!(!out.contains(secret) && !err.contains(secret), "{line}: {out}{err}");
        }
        assert!(!out.contains('\u{1b}') && !err.contains('\u{1b}'), "{line:?}: {out:?}{err:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_too_large_ends_with_its_own_connection() {
    let Some(house) = House::open(&[]).await else { return };
    let before = house.memory();
    let mut session = client(&house).await;
    let mine = russh::keys::PrivateKeyWithHashAlg::new(Arc::new(key(&house, "bo")), None);
    assert!(session.authenticate_publickey("bo", mine).await.expect("an answer").success());
    let mut open = Vec::new();
    for _ in 0..40 {
        match timeout(Duration::from_secs(5), session.channel_open_session()).await {
            Ok(Ok(channel)) => open.push(channel),
            _ => break,
        }
    }
    assert!(open.len() <= 10, "{} channels of one connection", open.len());
    let seat = open.swap_remove(0);
    for n in 0..200 {
        seat.set_env(false, format!("LC_{n}"), "v".repeat(30_000)).await.expect("sent");
    }
    let term = format!("xterm\u{1b}]0;{}", "t".repeat(30_000));
    seat.request_pty(false, &term, u32::MAX, u32::MAX, 0, 0, &[]).await.expect("sent");
    seat.request_shell(false).await.expect("sent");
    for _ in 0..400 {
        seat.window_change(u32::MAX, 0, 0, 0).await.expect("sent");
    }
    for _ in 0..200 {
        // What the seat does not take ends it.
        let taken = timeout(Duration::from_secs(5), seat.data_bytes(vec![b'x'; 30_000])).await;
        if !matches!(taken, Ok(Ok(()))) {
            break;
        }
    }
    open[0].exec(false, "q".repeat(200_000)).await.ok();
    let (code, _, err) = house.ran("ana", &[], &["contact", "count"]).await;
    assert_eq!(code, 0, "others are served meanwhile: {err}");
    drop((seat, open, session));
    let grown = house.memory().saturating_sub(before);
    assert!(grown < COST, "{grown} bytes");
    assert_eq!(panic_of(&house), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_name_and_no_key_says_anything_to_a_terminal() {
    let Some(house) = House::open(&[]).await else { return };
    let evil = "Mallory\u{1b}]0;owned\u{7}\u{1b}[31m\u{202e}";
    let path = house.make_key("evil", "ed25519").with_extension("pub");
    let key = std::fs::read_to_string(&path).expect("a key");
    let head: Vec<&str> = key.split_whitespace().take(2).collect();
    std::fs::write(&path, format!("{} {evil}\n", head.join(" "))).expect("written");
    let (code, _, err) = house.told("ana", &["user", "key", "add", "cy"], Some(&path)).await;
    assert_eq!(code, 0, "{err}");
    let (code, _, err) = house.told("ana", &["user", "set", "bo", &format!("name={evil}")], None).await;
    assert_eq!(code, 0, "{err}");
    let (code, _, err) = house.told("bo", &["ticket", "new", &format!("subject={evil}"), "owner=bo"], None).await;
    assert_eq!(code, 0, "{err}");
    for words in [
        &["user", "key", "list"][..],
        &["user", "list"],
        &["ticket", "list"],
        &["user", "log"],
        &["seat", "list"],
        &["history", "T1"],
        &["inbox", "--all"],
    ] {
        let (_, out, err) = house.ran("ana", &["-T"], words).await;
        assert!(!out.contains(['\u{1b}', '\u{7}', '\u{202e}']), "{words:?}: {out:?}");
        assert!(!err.contains(['\u{1b}', '\u{7}']), "{words:?}: {err:?}");
    }
    let terminal = Terminal::running(&house.ssh("bo", &["-tt"], &[]));
    let terminal = story(move || {
        terminal.said.until("Contacts", 0);
        terminal
    })
    .await;
    assert!(!terminal.said.has("\u{1b}]0;owned", 0), "the seat shows the name and does not obey it");
    assert!(!house.log().contains('\u{1b}'));
    drop(terminal);
}
