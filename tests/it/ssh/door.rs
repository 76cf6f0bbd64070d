//! Who is let in, and what for.

use super::House;

#[tokio::test(flavor = "multi_thread")]
async fn a_known_key_comes_in_and_an_unknown_or_disabled_one_learns_nothing() {
    let Some(house) = House::open(&[]).await else { return };
    let (code, out, err) = house.ran("ana", &["-T"], &[]).await;
    assert_eq!((code, out.as_str()), (2, ""), "{err}");
    assert!(err.contains("ssh -t"), "it says how to: {err}");

    house.make_key("stranger", "ed25519");
    let (code, _, unknown) = house.ran("stranger", &["-T"], &[]).await;
    assert_eq!(code, 255);
    assert!(unknown.contains("Permission denied (publickey,keyboard-interactive)"), "{unknown}");

    // One key in vain before the known one, and nobody is asked for a code.
    let known = house.folder.path().join("ana");
    let (code, _, err) = house.ran("stranger", &["-T", "-i", known.to_str().expect("a path")], &[]).await;
    assert_eq!(code, 2, "{err}");

    let (code, _, err) = house.told("ana", &["user", "set", "bo", "active=no"], None).await;
    assert_eq!(code, 0, "{err}");
    let (code, _, disabled) = house.ran("bo", &["-T"], &[]).await;
    assert_eq!((code, disabled), (255, unknown), "the same words for both");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_one_persons_until_it_is_removed() {
    let Some(house) = House::open(&[]).await else { return };
    let rsa = house.give_key("ana", "rsa", "rsa").await;
    let (code, _, err) = house.ran("rsa", &["-T"], &[]).await;
    assert_eq!(code, 2, "RSA keys too: {err}");

    let public = house.folder.path().join("rsa.pub");
    let (code, _, err) = house.told("ana", &["user", "key", "add", "cy"], Some(&public)).await;
    assert!(code == 1 && err.contains("has this key already"), "{code} {err}");
    let (code, _, err) = house.told("bo", &["user", "key", "add", "bo"], Some(&public)).await;
    assert_eq!(code, 4, "only an admin adds keys: {err}");
    let (code, _, err) = house.told("ana", &["user", "key", "add", "nobody"], Some(&public)).await;
    assert_eq!(code, 3, "{err}");
    let (code, _, err) = house.told("ana", &["user", "key", "add", "cy"], Some(&house.folder.path().join("rsa"))).await;
    assert!(code == 2 && err.contains("private key"), "{err}");

    let (_, all, _) = house.told("ana", &["user", "key", "list"], None).await;
    assert!(all.contains(&rsa) && all.contains("rsa@laptop") && all.contains("bo@laptop"), "{all}");
    let (_, own, _) = house.told("bo", &["user", "key", "list"], None).await;
    assert!(own.contains("bo@laptop") && !own.contains("ana@laptop"), "others' keys are not bo's to see: {own}");

    let (code, _, err) = house.told("bo", &["user", "key", "remove", &rsa], None).await;
    assert_eq!(code, 4, "{err}");
    let (code, _, err) = house.told("ana", &["user", "key", "remove", &rsa], None).await;
    assert_eq!(code, 0, "{err}");
    let (code, _, _) = house.ran("rsa", &["-T"], &[]).await;
    assert_eq!(code, 255, "it opens nothing any more");
    let (code, _, err) = house.told("ana", &["user", "key", "add", "cy"], Some(&public)).await;
    assert_eq!(code, 0, "it may be somebody else's then: {err}");
}

#[tokio::test(flavor = "multi_thread")]
async fn forwarding_and_subsystems_are_refused() {
    let Some(house) = House::open(&[]).await else { return };
    let (code, out, _) = house.ran("ana", &["-s"], &["sftp"]).await;
    assert!(code != 0 && out.is_empty(), "sftp: {code}");
    let (code, _, err) = house.ran("ana", &["-T", "-o", "ExitOnForwardFailure=yes", "-R", "0:127.0.0.1:1"], &[]).await;
    assert_eq!(code, 255, "a port of the server's is not the client's: {err}");
    let (code, out, err) = house.ran("ana", &["-W", "127.0.0.1:1"], &[]).await;
    assert!(code == 255 && out.is_empty() && err.contains("forwarding failed"), "{code} {err}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_shows_no_key_in_time_is_cut_off() {
    let Some(house) = House::open(&["--grace", "1"]).await else { return };
    let port = house.server.port.clone();
    let cut = tokio::task::spawn_blocking(move || {
        let stream = std::net::TcpStream::connect(format!("127.0.0.1:{port}")).expect("it listens");
        stream.set_read_timeout(Some(super::PATIENCE)).expect("a time limit");
        super::rest(stream)
    });
    assert!(cut.await.expect("read to its end").starts_with("SSH-2.0-frontdesk"));
}
