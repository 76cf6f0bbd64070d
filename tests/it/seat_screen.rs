//! A colleague's screen, seen live with their consent: two and three seats in memory, as at one server.

use std::sync::Arc;
use std::time::Duration;

use frontdesk::desk::Desk;
use frontdesk::domain::change::Door;
use frontdesk::domain::field::Lang;
use frontdesk::tui::Options;
use frontdesk::tui::backend::{Mirror, text_of};
use frontdesk::tui::port::Port;
use frontdesk::tui::seat::Seat;
use frontdesk::tui::share::Hub;
use tokio_util::sync::CancellationToken;

use crate::seat_form::office;
use crate::support::{Sitting, Workspace};

const USUAL: (u16, u16) = (80, 24);
/// Longer than any test takes.
const LONG: Duration = Duration::from_mins(10);

/// A server's hub, at which whoever is asked has so long.
async fn hub(office: &Workspace, patience: Duration) -> Hub {
    Hub::new(Desk::open(office.store().await).await.expect("the desk opens"), patience)
}

async fn sits(office: &Workspace, hub: &Hub, login: &str, size: (u16, u16)) -> Sitting {
    office.sit_among(hub, login, "ticket", size, Lang::En).await
}

/// Ana, who asks to see bo's screen, at which the question has come.
async fn asks(office: &Workspace, hub: &Hub, bo: &mut Sitting, size: (u16, u16)) -> Sitting {
    let mut ana = office.sit_among(hub, "ana", "watch bo", size, Lang::En).await;
    ana.until("bo is asked").await;
    bo.until("ana asks to see your screen").await;
    ana
}

/// The same, and bo has agreed.
async fn sees(office: &Workspace, hub: &Hub, bo: &mut Sitting, size: (u16, u16)) -> Sitting {
    let mut ana = asks(office, hub, bo, size).await;
    bo.keys("f9").await.until("May ana see your screen?").await.keys("ctrl-y").await;
    bo.until("ana sees this screen").await;
    // The words come before the first picture.
    ana.until("bo's screen, live").await.until("[4 Tickets]").await;
    ana
}

/// What is written down about screens: deed, whose, who sees it, and who ended it; the oldest first.
async fn written(office: &Workspace, hub: &Hub) -> Vec<(String, String, String, String)> {
    hub.settled().await;
    let mut owner = office.owner().await;
    sqlx::query_as(
        "select a.deed, p.login, b.login, a.note from access a join staff p on p.id = a.person \
         join staff b on b.id = a.by_id where a.deed like 'screen%' order by a.id",
    )
    .fetch_all(&mut owner)
    .await
    .expect("asked")
}

fn row(deed: &str, owner: &str, watcher: &str, note: &str) -> (String, String, String, String) {
    (deed.into(), owner.into(), watcher.into(), note.into())
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_is_typed_agrees_and_one_key_ends_it_wherever_one_types() {
    let office = office().await;
    let hub = hub(&office, LONG).await;
    let mut bo = sits(&office, &hub, "bo", USUAL).await;
    bo.keys("/").await;
    let mut ana = asks(&office, &hub, &mut bo, USUAL).await;
    // Whatever is typed into the line that has the keys, and the box's own key while there is no box.
    bo.text("y yes").await.keys("ctrl-y enter y 1").await.paste("y\n").await;
    bo.until("ana asks to see your screen").await;
    // The box is opened from a line, too, and no letter, paste or key of question says yes.
    bo.keys("/").await.keys("f9").await.until("May ana see your screen?").await;
    bo.text("yj1Y ").await.keys("enter f9").await.paste("y\n").await;
    assert!(bo.screen().contains("May ana see your screen?"), "{}", bo.screen());
    bo.keys("esc").await;
    assert!(!bo.screen().contains("May ana"), "not now is no answer:\n{}", bo.screen());
    bo.until("ana asks to see your screen").await;
    ana.until("bo is asked").await;
    bo.keys("f9 ctrl-y").await.until("ana sees this screen").await;
    ana.until("bo's screen, live").await;

    // In the line that was open before, which has lost nothing.
    bo.text("Quince").await;
    ana.until("Quince").await;
    bo.keys("f9").await.until("ana no longer sees your screen").await;
    ana.until("bo no longer shows the screen").await;
    bo.text("Secret").await.until("QuinceSecret").await;
    ana.keys("?").await;
    assert!(!ana.screen().contains("Quince"), "{}", ana.screen());
    let told = [row("screen_shown", "bo", "ana", ""), row("screen_closed", "bo", "ana", "bo ended it")];
    assert_eq!(written(&office, &hub).await, told);
    ana.leave().await;
    bo.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_answer_and_no_are_no_and_who_asks_takes_it_back() {
    let office = office().await;
    let soon = hub(&office, Duration::ZERO).await;
    let mut bo = sits(&office, &soon, "bo", USUAL).await;
    let mut ana = office.sit_among(&soon, "ana", "watch bo", USUAL, Lang::En).await;
    ana.until("bo does not answer").await;
    bo.until("without an answer that is a no").await;
    assert!(!bo.screen().contains("F9 answers"), "{}", bo.screen());
    ana.leave().await;
    assert!(written(&office, &soon).await.is_empty());
    bo.leave().await;

    let hub = hub(&office, LONG).await;
    let mut bo = sits(&office, &hub, "bo", USUAL).await;
    let mut ana = asks(&office, &hub, &mut bo, USUAL).await;
    ana.keys("esc").await;
    bo.until("ana no longer asks").await;
    // Found by name, from the list of who sits here.
    ana.keys(":").await.text("screen").await.keys("enter").await.until("tui-").await.keys("enter").await;
    bo.until("ana asks to see your screen").await.keys("f9").await.until("May ana").await.keys("n").await;
    ana.until("bo does not agree").await;
    ana.keys(":").await.text("screen").await.keys("enter").await.until("tui-").await.keys("enter").await;
    ana.until("ask again in a minute").await;
    assert!(!bo.screen().contains("asks to see"), "nobody is asked over and over:\n{}", bo.screen());
    ana.leave().await;
    bo.leave().await;
    assert!(written(&office, &hub).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn who_sees_a_screen_shows_none_and_a_screen_is_seen_by_one() {
    let office = office().await;
    let hub = hub(&office, LONG).await;
    let mut bo = sits(&office, &hub, "bo", USUAL).await;
    let mut ana = sees(&office, &hub, &mut bo, USUAL).await;
    for (whose, said) in
        [("bo", "bo shows, sees"), ("ana", "ana shows, sees"), ("cy", "your own"), ("di", "di does not")]
    {
        let mut cy = office.sit_among(&hub, "cy", &format!("watch {whose}"), USUAL, Lang::En).await;
        cy.until(said).await;
        cy.leave().await;
    }
    let mut cy = sits(&office, &hub, "cy", USUAL).await;
    bo.keys(":").await.text("screen").await.keys("enter").await.until("cy  ").await.keys("G enter").await;
    bo.until("that comes first").await.until("ana sees this screen").await;
    assert!(!cy.screen().contains("asks to see"), "{}", cy.screen());
    // Of two seats of one login it is chosen which.
    let second = sits(&office, &hub, "cy", USUAL).await;
    ana.keys("q").await;
    bo.until("ana no longer sees").await.keys(":").await.text("screen").await.keys("enter").await.until("tui-").await;
    bo.keys("esc").await;
    ana.leave().await;
    let mut ana = office.sit_among(&hub, "ana", "watch cy", USUAL, Lang::En).await;
    ana.until("tui-").await.keys("enter").await;
    cy.until("ana asks to see your screen").await;
    for seat in [ana, bo, cy, second] {
        seat.leave().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_screen_of_another_size_is_seen_in_the_middle_or_in_parts() {
    let office = office().await;
    let hub = hub(&office, LONG).await;
    let mut bo = sits(&office, &hub, "bo", (60, 12)).await;
    let mut ana = sees(&office, &hub, &mut bo, USUAL).await;
    let lines = |seat: &Sitting| seat.screen().lines().map(str::to_owned).collect::<Vec<_>>();
    let (his, hers) = (lines(&bo), lines(&ana));
    assert!(!ana.screen().contains("part of it"), "{}", ana.screen());
    for (y, line) in his[..11].iter().enumerate() {
        let seen: String = hers[6 + y].chars().skip(10).collect();
        assert_eq!(seen.trim_end(), line.trim_end(), "line {y}:\n{}", ana.screen());
    }
    assert!(hers[..6].iter().all(String::is_empty), "{}", ana.screen());

    bo.resize(150, 60).await;
    ana.until("150×59, part of it").await;
    let his = lines(&bo);
    let corner = |seat: &Sitting, x: usize, y: usize| {
        // A wide character takes two cells.
        let cells = |c: char| std::iter::once(c).chain((!c.is_ascii() && c > '\u{2e80}').then_some('\0'));
        let part = |line: &String| {
            let part: String = line.chars().flat_map(cells).skip(x).take(80).filter(|c| *c != '\0').collect();
            part.trim_end().to_owned()
        };
        let wanted: Vec<String> = his[y..y + 23].iter().map(part).collect();
        let seen: Vec<String> = lines(seat)[..23].iter().map(|line| line.trim_end().to_owned()).collect();
        assert_eq!(seen, wanted, "from {x}, {y}");
    };
    corner(&ana, 0, 0);
    ana.keys("right right right").await;
    corner(&ana, 70, 0);
    ana.keys("j j j j j").await;
    corner(&ana, 70, 36);
    ana.keys("h h k k k k").await;
    corner(&ana, 0, 0);
    ana.keys("j l").await;
    // What it had moved to is there no more.
    bo.resize(30, 8).await;
    ana.until_that("the smaller screen", |screen| !screen.contains("part of it")).await;
    for (width, height) in [(20, 5), (21, 6), (200, 60), (80, 24)] {
        ana.resize(width, height).await;
        bo.resize(height * 3, width / 2).await;
    }
    ana.leave().await;
    bo.until("ana no longer sees").await;
    bo.leave().await;
    let last = written(&office, &hub).await.pop();
    assert_eq!(last, Some(row("screen_closed", "bo", "ana", "ana has left")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_watcher_who_takes_no_frames_holds_up_nobody_and_sees_the_latest() {
    let office = office().await;
    let hub = hub(&office, LONG).await;
    let mut bo = sits(&office, &hub, "bo", USUAL).await;
    let desk = Desk::open(office.store().await).await.expect("the desk opens");
    let cx = desk.sit("ana", Door::Tui, chrono_tz::UTC, Lang::En).await.expect("ana sits");
    let (mut port, _keys, mut frames) = Port::remote(80, 24);
    let mirror = Mirror::default();
    port.mirror = Some(Arc::clone(&mirror));
    let options = Options { hub: Some(hub.clone()), open: Some("watch bo".into()), ..Options::default() };
    let cancel = CancellationToken::new();
    let seat = Seat::new(desk, cx, port, &options, cancel.clone()).expect("the options are right");
    let task = tokio::spawn(seat.sit());
    bo.until("ana asks to see your screen").await.keys("f9 ctrl-y").await.until("ana sees this screen").await;
    // Each of these keys is a frame of bo's, and he waits for all of them.
    bo.keys("/").await;
    for c in ('a'..='z').chain('A'..='Z') {
        bo.text(&c.to_string()).await;
    }
    let shown = || text_of(&mirror.lock().expect("nobody panics while drawing").cells);
    let mut taken = 0;
    while !shown().contains("XYZ") {
        let frame = tokio::time::timeout(Duration::from_secs(20), frames.recv()).await.expect("a frame comes");
        drop(frame.expect("the seat is there"));
        taken += 1;
    }
    assert!(taken < 12, "of 52 pictures the latest one is kept: {taken} frames");
    cancel.cancel();
    task.await.expect("no panic").expect("no error");
    bo.until("ana no longer sees").await;
    bo.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn in_plain_mode_and_over_a_plain_view_it_says_who_sees_the_screen() {
    let office = office().await;
    let hub = hub(&office, LONG).await;
    let mut bo = sits(&office, &hub, "bo", USUAL).await;
    let mut ana = sees(&office, &hub, &mut bo, USUAL).await;
    bo.keys("y v").await;
    assert!(!bo.screen().contains('╭') && bo.bottom().contains("ana sees this screen"), "{}", bo.screen());
    bo.keys("x :").await.text("plain on").await.keys("enter").await;
    assert!(!bo.screen().contains('╭') && bo.bottom().contains("ana sees this screen"), "{}", bo.screen());
    let heard = bo.read_aloud().0;
    ana.until(heard.trim()).await;
    bo.keys("f9").await;
    ana.until("bo no longer shows the screen").await;
    ana.leave().await;
    bo.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn golden_screens_that_are_seen() {
    let office = office().await;
    for (lang, name, asks, sees, live) in [
        (Lang::En, "en", "asks to see your", "sees this", "live"),
        (Lang::Zh, "zh", "请求观看您的", "正在观看此", "实时"),
    ] {
        for size in [(44, 20), (80, 24)] {
            let (width, height) = size;
            let hub = hub(&office, LONG).await;
            let mut bo = office.sit_among(&hub, "bo", "ticket", size, lang).await;
            let mut ana = office.sit_among(&hub, "ana", "watch bo", (61, 20), lang).await;
            bo.until(asks).await;
            ana.until("600").await;
            insta::assert_snapshot!(format!("screen-asking-{name}"), ana.screen());
            bo.keys("f9").await;
            insta::assert_snapshot!(format!("screen-asked-{name}-{width}x{height}"), bo.screen());
            bo.keys("ctrl-y").await.until(sees).await;
            ana.until(live).await.until("[4 ").await;
            insta::assert_snapshot!(format!("screen-shown-{name}-{width}x{height}"), bo.screen());
            insta::assert_snapshot!(format!("screen-seen-{name}-{width}x{height}"), ana.screen());
            ana.leave().await;
            bo.leave().await;
        }
    }
}
