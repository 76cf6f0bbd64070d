//! Notices that find nobody at a seat: a real server hands them to a real service and to a real program.

use std::fmt::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value as Json;
use sha2::Sha256;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

use crate::ssh::House;
use crate::support::Terminal;

const SECRET: &str = "0123456789abcdef0123456789abcdef";
const PATIENCE: Duration = Duration::from_mins(1);

/// A server whose `config.toml` has this of notices.
async fn house(folder: &Path, notices: &str) -> Option<House> {
    std::fs::write(folder.join("config.toml"), format!("[notices]\nafter = \"1s\"\n{notices}\n")).expect("written");
    House::open_with(&[], &[("FRONTDESK_CONFIG_DIR", folder.to_str().expect("a path"))]).await
}

async fn given(house: &House, subject: &str, to: &str) {
    let args = ["ticket", "new", &format!("subject={subject}"), &format!("owner={to}")];
    let (code, _, err) = house.told("ana", &args, None).await;
    assert_eq!(code, 0, "{err}");
}

/// One request: its connection, to be answered, its head in lower case, and its body.
async fn request(listener: &TcpListener) -> (TcpStream, String, Vec<u8>) {
    let (mut stream, _) = timeout(PATIENCE, listener.accept()).await.expect("it comes").expect("a connection");
    let mut bytes = Vec::new();
    loop {
        let n = timeout(PATIENCE, stream.read_buf(&mut bytes)).await.expect("it goes on").expect("bytes");
        assert!(n > 0, "cut off: {:?}", String::from_utf8_lossy(&bytes));
        let Some(end) = bytes.windows(4).position(|w| w == b"\r\n\r\n") else { continue };
        let head = String::from_utf8_lossy(&bytes[..end]).to_lowercase();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).expect("a length");
        let length: usize = length.trim().parse().expect("a number");
        if bytes.len() >= end + 4 + length {
            return (stream, head, bytes[end + 4..].to_vec());
        }
    }
}

async fn answer(mut stream: TcpStream, status: &str) {
    let answer = format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    stream.write_all(answer.as_bytes()).await.expect("answered");
}

/// Whom it is for, and the titles it tells.
fn told(body: &[u8]) -> (String, Vec<String>) {
    let body: Json = serde_json::from_slice(body).expect("JSON");
    let titles =
        body["notices"].as_array().expect("notices").iter().map(|n| n["title"].as_str().unwrap_or_default().into());
    (body["login"].as_str().unwrap_or_default().to_owned(), titles.collect())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_is_told_signed_and_once_of_what_nobody_at_a_seat_has_read() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let at = listener.local_addr().expect("an address");
    let folder = tempfile::tempdir().expect("a folder");
    let secret = folder.path().join("secret");
    std::fs::write(&secret, format!("{SECRET}\n")).expect("written");
    let notices = format!("webhook = \"http://{at}/told?key=1\"\nsecret_file = \"{}\"", secret.display());
    let Some(mut house) = house(folder.path(), &notices).await else { return };
    // Two servers of one database: whoever is first tells.
    house.open_another_with(&[("FRONTDESK_CONFIG_DIR", folder.path().to_str().expect("a path"))]);
    let bo = Terminal::running(&house.ssh("bo", &["-tt"], &[]));
    let bo = crate::ssh::seat::story(move || {
        bo.said.until("Contacts", 0);
        bo
    })
    .await;
    given(&house, "For one who sits here", "bo").await;
    given(&house, "Printer", "cy").await;
    let (stream, head, body) = request(&listener).await;
    assert!(head.starts_with("post /told?key=1 http/1.1"), "{head}");
    assert_eq!(told(&body), ("cy".into(), vec!["Printer".into()]));
    let signature = head.lines().find_map(|line| line.strip_prefix("frontdesk-signature: t=")).expect("signed");
    let (seconds, signature) = signature.split_once(",v1=").expect("a time and a signature");
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).expect("a key");
    mac.update(format!("{seconds}.").as_bytes());
    mac.update(&body);
    let mut right = String::new();
    for byte in mac.finalize().into_bytes() {
        let _ = write!(right, "{byte:02x}");
    }
    assert_eq!(signature, right);
    // A service that has trouble is told again.
    answer(stream, "503 Service Unavailable").await;
    let (stream, _, again) = request(&listener).await;
    assert_eq!(told(&again), told(&body));
    answer(stream, "204 No Content").await;
    // Both servers end while one waits for an answer: nobody is told of that again, and of what comes later, once.
    given(&house, "Scanner", "cy").await;
    let (stream, _, body) = request(&listener).await;
    assert_eq!(told(&body), ("cy".into(), vec!["Scanner".into()]));
    house.kill();
    drop(stream);
    house.open_another_with(&[("FRONTDESK_CONFIG_DIR", folder.path().to_str().expect("a path"))]);
    given(&house, "Router", "cy").await;
    // bo's seat went with its server, and the database forgets it in a minute.
    drop(bo);
    let mut owner = house.office.owner().await;
    sqlx::query("delete from seat").execute(&mut owner).await.expect("forgotten");
    let mut named = Vec::new();
    while named.len() < 2 {
        let (stream, _, body) = request(&listener).await;
        answer(stream, "200 OK").await;
        named.push(told(&body));
    }
    named.sort();
    let wanted = [("bo".to_owned(), vec!["For one who sits here".to_owned()]), ("cy".into(), vec!["Router".into()])];
    assert_eq!(named, wanted);
    assert!(!house.log().contains(SECRET) && !house.log().contains("key=1"), "{}", house.log());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_reads_what_is_new_on_its_input_and_only_what_its_person_wants() {
    let folder = tempfile::tempdir().expect("a folder");
    let (script, said) = (folder.path().join("tell"), folder.path().join("said"));
    let text = format!(
        "#!/bin/sh\n[ -e {0}.tried ] || {{ touch {0}.tried; exit 1; }}\n\
         {{ echo \"$# $FRONTDESK_DATA_DIR$HOME\"; cat; }} >> {0}.new && mv {0}.new {0}\n",
        said.display()
    );
    std::fs::write(&script, text).expect("written");
    std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o755)).expect("runs");
    let Some(house) = house(folder.path(), &format!("hook = \"{}\"", script.display())).await else { return };
    let mut owner = house.office.owner().await;
    sqlx::query("insert into setting (person, key, value) values (4, 'notices', '{\"outside\": false}')")
        .execute(&mut owner)
        .await
        .expect("di wants none");
    given(&house, "Not for di to hear", "di").await;
    given(&house, "$(touch /tmp/x) `id` ; --help", "cy").await;
    let read = crate::ssh::seat::story(move || {
        for _ in 0..6_000 {
            if let Ok(said) = std::fs::read_to_string(&said) {
                return said;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("the program was never told");
    })
    .await;
    let (first, body) = read.split_once('\n').expect("two lines");
    assert_eq!(first, "0 ", "no arguments, and nothing of the server's environment");
    assert_eq!(told(body.as_bytes()), ("cy".into(), vec!["$(touch /tmp/x) `id` ; --help".into()]));
    // What cannot work is told at the start.
    std::fs::write(folder.path().join("config.toml"), "[notices]\nhook = \"tell me\"\n").expect("written");
    let mut serve = tokio::process::Command::from(house.office.command("ana", &["serve", "--listen", "127.0.0.1:0"]));
    let output = serve.env("FRONTDESK_CONFIG_DIR", folder.path()).output().await.expect("it ends");
    let err = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && err.contains("whole path"), "{err}");
}
