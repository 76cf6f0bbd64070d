//! Coming in by a certificate of an authority that the server trusts, with the real client.

use std::path::Path;
use std::process::Command;

use super::House;
use super::seat::story;
use crate::support::Terminal;

/// A house that takes certificates of `ca`, with a list of what is revoked; keys cy, di and the authorities `ca` and `other`.
async fn certifying() -> Option<House> {
    let files = tempfile::tempdir().expect("a folder");
    let path = |name: &str| files.path().join(name);
    let (authority, revoked) = (path("ca.pub"), path("revoked"));
    if !super::has_client() {
        return None;
    }
    super::make_key_at(&path("ca"), "ed25519");
    std::fs::write(&revoked, "# nothing yet\n").expect("written");
    let shown = |path: &Path| path.to_str().expect("text").to_owned();
    let mut house =
        House::open(&["--user-ca", &shown(&authority), "--revoked-keys", &shown(&revoked)]).await.expect("a client");
    // Its keys are made beside the authority's.
    house.folder = {
        for name in ["ana", "ana.pub", "bo", "bo.pub"] {
            std::fs::copy(house.folder.path().join(name), path(name)).expect("copied");
        }
        files
    };
    for name in ["cy", "di", "other"] {
        house.make_key(name, "ed25519");
    }
    Some(house)
}

/// Certifies a key of the folder: what `ssh-keygen -s` is told besides.
fn certify(house: &House, authority: &str, key: &str, more: &[&str]) {
    let path = |name: &str| house.folder.path().join(name);
    let mut sign = Command::new("ssh-keygen");
    sign.arg("-q").arg("-s").arg(path(authority)).args(more).arg(path(&format!("{key}.pub")));
    assert!(sign.status().expect("ssh-keygen runs").success(), "{more:?}");
}

/// What the client is told when it comes as that user with that key and its certificate.
async fn comes(house: &House, key: &str, user: &str) -> (i32, String) {
    let user = format!("User={user}");
    let (code, out, err) = house.ran(key, &["-o", &user], &["ticket", "count", "owner:me"]).await;
    // The client says before whom it asked for.
    (code, if code == 0 { out } else { err.split_once(": ").map_or(err.clone(), |(_, said)| said.to_owned()) })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_lets_in_whom_it_names_while_it_is_valid_and_nobody_else() {
    let Some(house) = certifying().await else { return };
    let (_, unknown) = comes(&house, "cy", "whoever").await;
    assert!(unknown.contains("Permission denied"), "{unknown}");
    for (authority, user, why, more) in [
        ("ca", "x", "expired", &["-n", "cy", "-V", "-2h:-1m"][..]),
        ("ca", "x", "not valid yet", &["-n", "cy", "-V", "+1h:+2h"]),
        ("other", "x", "another authority's", &["-n", "cy"]),
        ("ca", "x", "a host's", &["-h", "-n", "cy"]),
        ("ca", "x", "for nobody by name", &[]),
        ("ca", "x", "for nobody here", &["-n", "nobody"]),
        ("ca", "x", "in other letters", &["-n", "Cy"]),
        ("ca", "x", "for several, and the user name is none", &["-n", "cy,di"]),
        ("ca", "cy", "from elsewhere", &["-n", "cy", "-O", "source-address=192.0.2.0/24"]),
        ("ca", "cy", "with a command", &["-n", "cy", "-O", "force-command=ticket list"]),
        ("ca", "cy", "with an option that is not known", &["-n", "cy", "-O", "critical:x@example.com=1"]),
    ] {
        certify(&house, authority, "cy", &[&["-I", "cy's laptop"], more].concat());
        assert_eq!(comes(&house, "cy", user).await, (255, unknown.clone()), "{why}: the same words");
    }
    for (user, why, more) in [
        ("x", "by any user name", &["-n", "cy"][..]),
        ("cy", "the one of several", &["-n", "di,cy"]),
        ("x", "from here", &["-n", "cy", "-O", "source-address=127.0.0.0/8,::1"]),
        ("x", "for an hour", &["-n", "cy", "-V", "-5m:+1h"]),
    ] {
        certify(&house, "ca", "cy", &[&["-I", "cy's laptop\u{1b}[31m", "-z", "77"], more].concat());
        assert_eq!(comes(&house, "cy", user).await, (0, "0\n".to_owned()), "{why}");
    }
    let (_, told, _) = house.told("ana", &["user", "log", "cy", "--json"], None).await;
    let told: serde_json::Value = serde_json::from_str(told.lines().next().expect("the latest")).expect("JSON");
    assert_eq!(told["note"], "certificate 77 cy's laptop\u{1b}[31m");
    let (_, told, _) = house.told("ana", &["user", "log", "cy"], None).await;
    assert!(told.contains("came in by certificate 77 cy's laptop") && !told.contains('\u{1b}'), "{told}");

    // An RSA key, too; and no terminal without leave.
    house.make_key("rsa", "rsa");
    certify(&house, "ca", "rsa", &["-I", "r", "-n", "di", "-O", "clear"]);
    assert_eq!(comes(&house, "rsa", "x").await.0, 0);
    let (code, _, err) = house.ran("rsa", &["-tt"], &[]).await;
    assert!(code == 255 && err.contains("PTY allocation request failed"), "{code} {err}");

    let (code, _, err) = house.told("ana", &["user", "disable", "cy"], None).await;
    assert_eq!(code, 0, "{err}");
    assert_eq!(comes(&house, "cy", "x").await, (255, unknown), "of somebody disabled");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_revoked_opens_nothing_and_its_seats_end() {
    let Some(house) = certifying().await else { return };
    let revoked = house.folder.path().join("revoked");
    certify(&house, "ca", "cy", &["-I", "cy's laptop", "-n", "cy", "-z", "7"]);
    let seat = Terminal::running(&house.ssh("cy", &["-tt"], &[]));
    let mut seat = story(move || {
        seat.said.until("Contacts", 0);
        seat
    })
    .await;
    let public = |name: &str| std::fs::read_to_string(house.folder.path().join(name)).expect("a public key");
    for line in ["serial: 5-9", "id: cy's laptop", &public("cy.pub"), &public("ca.pub"), "no such thing"] {
        assert_eq!(comes(&house, "cy", "x").await.0, 0, "before {line}");
        std::fs::write(&revoked, line).expect("written");
        assert_eq!(comes(&house, "cy", "x").await.0, 255, "{line}");
        std::fs::write(&revoked, "serial: 8\n").expect("written");
    }
    // A key that is known without a certificate, too.
    std::fs::write(&revoked, format!("serial: 7\n{}", public("bo.pub"))).expect("written");
    assert_eq!(comes(&house, "bo", "x").await.0, 255);
    assert_eq!(comes(&house, "ana", "x").await.0, 0);
    // Whatever makes the server look.
    let (code, _, err) = house.told("ana", &["user", "set", "di", "zone=UTC"], None).await;
    assert_eq!(code, 0, "{err}");
    story(move || {
        seat.said.until("opens nothing here any more", 0);
        seat.child.wait().expect("it ends");
    })
    .await;
    for (file, word) in [("nothing", "cannot be read"), ("revoked", "no public key of OpenSSH")] {
        let path = house.folder.path().join(file);
        let (code, _, err) = house.told("ana", &["serve", "--user-ca", path.to_str().expect("text")], None).await;
        assert!(code == 1 && err.contains(word), "{code} {err}");
    }
}
