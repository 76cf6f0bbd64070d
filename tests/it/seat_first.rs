//! What newcomers tripped over: records one may not see, names in parts, and the terminal lent to an editor and its mouse
//! given back.

use std::io::Write;

use frontdesk::domain::field::Lang;
use frontdesk::tui::Options;
use sqlx::Executor;

use crate::seat_form::one;
use crate::support::{Sitting, Terminal, Workspace};

#[tokio::test(flavor = "multi_thread")]
async fn what_one_may_not_see_has_no_name_and_no_number() {
    let office = Workspace::new().await;
    let mut owner = office.owner().await;
    owner
        .execute(
            "insert into contact (id, name, owner_id, team_id) overriding system value \
               select 300 + i, 'Secret Person ' || i, id, team_id from staff, generate_series(1, 2) i where login = 'di'; \
             insert into ticket (id, subject, status, contact_id, owner_id, team_id) overriding system value \
               select 1040, 'Cannot log in', 'open', 301, id, team_id from staff where login = 'bo'; \
             update ticket set contact_id = 302 where id = 1040",
        )
        .await
        .expect("the records are made");
    let hides = |shown: &str| {
        assert!(shown.contains("not visible"), "{shown}");
        for leak in ["Secret", "301", "302"] {
            assert!(!shown.contains(leak), "{leak}: {shown}");
        }
    };
    let mut bo = office.sit("bo", 120, 40).await;
    hides(&bo.keys("g t").await.rest().await.screen());
    hides(&bo.keys("enter").await.screen());
    hides(&bo.keys("d h").await.screen());
    hides(&bo.keys("esc e").await.screen());
    bo.keys("esc esc / ").await.text("group:contact").await.keys("enter").await;
    hides(&bo.screen());
    bo.leave().await;
    for args in [&["ticket", "show", "T1040"][..], &["ticket", "list"], &["history", "T1040"]] {
        let output = office.run("bo", args).await;
        hides(&String::from_utf8_lossy(&output.stdout));
    }
    let json = office.run("bo", &["ticket", "show", "T1040", "--json"]).await;
    let json: serde_json::Value = serde_json::from_slice(&json.stdout).expect("one object");
    assert_eq!(json["contact"]["label"], serde_json::Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_follows_from_its_parts_through_every_door() {
    let office = Workspace::new().await;
    let mut bo = office.sit("bo", 100, 30).await;
    bo.keys("g c n tab").await.text("王").await.keys("tab").await.text("伟").await;
    assert!(bo.screen().contains("王伟"), "it is seen while it is typed: {}", bo.screen());
    bo.keys("ctrl-s").await.until("is there").await;
    bo.leave().await;
    let said = office.run("bo", &["contact", "new", "family_name=Vogel", "given_name=Petra"]).await;
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
    let mut owner = office.owner().await;
    owner
        .execute(
            "insert into contact (family_name, given_name) values ('김', '민수'), ('O''Neil', 'Seán'), (null, 'Zoë'); \
             insert into contact (name, family_name, given_name) values ('Dr. Ada Example', 'Example', 'Ada')",
        )
        .await
        .expect("psql gives parts too");
    let names = "select string_agg(name, '; ' order by id) from contact";
    let seen: String = one(&office, names).await;
    assert_eq!(seen, "王伟; Petra Vogel; 김민수; Seán O'Neil; Zoë; Dr. Ada Example");
    let refused = owner.execute("insert into contact (email) values ('a@b.example')").await;
    assert!(refused.is_err(), "without any part there is no name");
    // It follows on, until somebody writes another.
    let said = office.run("ana", &["contact", "set", "C2", "family_name=Vogel-Li"]).await;
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
    owner.execute("update contact set family_name = 'Sample' where name like 'Dr%'").await.expect("changed");
    let seen: String = one(&office, names).await;
    assert_eq!(seen, "王伟; Petra Vogel-Li; 김민수; Seán O'Neil; Zoë; Dr. Ada Example");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_terminal_is_lent_to_an_editor_and_taken_back() {
    let office = Workspace::new().await;
    let mut owner = office.owner().await;
    owner
        .execute(
            "insert into ticket (id, subject, owner_id, team_id) overriding system value \
             select 1040, 'Cannot log in', id, team_id from staff where login = 'ana'",
        )
        .await
        .expect("a ticket");
    let mut command = office.command("ana", &["T1040"]);
    command.env("EDITOR", "sed -i s/draft/reply/").env_remove("VISUAL");
    let Terminal { said, mut keys, mut child, reading, slave } = Terminal::running(&command);
    drop(slave);
    let story = tokio::task::spawn_blocking(move || {
        let mut press = |bytes: &str| keys.write_all(bytes.as_bytes()).expect("the terminal takes keys");
        // The mouse is asked for once it is known that this person has not given it back.
        let at = said.until("\u{1b}[?1000h", 0);
        let at = said.until("Conversation", at.min(said.until("T1040", 0)));
        press("i");
        let at = said.until("note", at);
        press("a draft");
        press("\u{1b}OS");
        let at = said.until("\u{1b}[?1049l", at);
        let at = said.until("\u{1b}[?1049h", at);
        let at = said.until("reply", said.until("\u{1b}[?1000h", at));
        press("\u{13}");
        let at = said.until("Note saved", at);
        // The plain view lets go of the mouse, and any key brings it back.
        press("yv");
        let at = said.until("\u{1b}[?1000l", at);
        press(" ");
        let at = said.until("\u{1b}[?1000h", at);
        press("qq");
        said.until("\u{1b}[?1049l", at);
    });
    story.await.expect("the story is told");
    let ended = tokio::task::spawn_blocking(move || child.wait()).await.expect("waited").expect("it ends");
    assert!(ended.success(), "{ended}");
    reading.join().expect("read");
    let body: String = one(&office, "select body from message").await;
    assert_eq!(body, "a reply");
}

/// Somebody who has never sat here.
async fn comes(office: &Workspace, login: &str, size: (u16, u16), lang: Lang, options: Options) -> Sitting {
    let options = Options { teaches: true, ..options };
    let mut sitting = office.sit_with(options, login, size.0, size.1, lang).await;
    sitting.idle().await;
    sitting
}

/// An office in which nobody has answered the first questions.
async fn new_office() -> Workspace {
    let office = Workspace::new().await;
    let mut owner = office.owner().await;
    owner.execute("delete from setting where key = 'looks'").await.expect("they are new");
    office
}

#[tokio::test(flavor = "multi_thread")]
async fn who_chooses_chinese_has_it_in_the_next_frame_and_the_next_time() {
    let office = new_office().await;
    let mut ana = comes(&office, "ana", (80, 24), Lang::En, Options::default()).await;
    assert!(ana.screen().contains("▌ e English"), "{}", ana.screen());
    ana.drawn("z").await;
    assert!(ana.screen().contains("▌ z 简体中文") && ana.screen().contains("[2 联系人]"), "{}", ana.screen());
    ana.keys("enter").await;
    assert!(ana.screen().contains("导览 1/9"), "{}", ana.screen());
    ana.leave().await;
    let mut ana = comes(&office, "ana", (80, 24), Lang::En, Options::default()).await;
    assert!(ana.screen().contains("[2 联系人]") && !ana.screen().contains("English"), "{}", ana.screen());
    ana.keys(":").await.text("welcome").await.keys("enter").await;
    assert!(ana.screen().contains("▌ z 简体中文"), "{}", ana.screen());
    ana.leave().await;
    // Each person answers for themselves, and whoever skips is not asked again.
    let mut bo = comes(&office, "bo", (80, 24), Lang::En, Options::default()).await;
    bo.keys("esc").await;
    assert!(!bo.screen().contains("简体中文") && !bo.screen().contains("two-minute"), "{}", bo.screen());
    bo.leave().await;
    let bo = comes(&office, "bo", (80, 24), Lang::En, Options::default()).await;
    assert!(!bo.screen().contains("简体中文") && !bo.screen().contains("two-minute"), "{}", bo.screen());
    bo.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn golden_first_questions() {
    let office = new_office().await;
    for (lang, name) in [(Lang::En, "en"), (Lang::Zh, "zh")] {
        for size in [(44, 20), (80, 24)] {
            let login = "cy";
            let seat = comes(&office, login, size, lang, Options::default()).await;
            insta::assert_snapshot!(format!("welcome_{name}_{}x{}", size.0, size.1), seat.screen());
            seat.leave().await;
        }
        let seat = comes(&office, "di", (80, 24), lang, Options { plain: true, ..Options::default() }).await;
        insta::assert_snapshot!(format!("welcome_{name}_plain"), seat.screen());
        seat.leave().await;
    }
    let none = Options { depth: frontdesk::tui::theme::Depth::None, ..Options::default() };
    let seat = comes(&office, "cy", (80, 24), Lang::En, none).await;
    insta::assert_snapshot!("welcome_en_no_colours", seat.screen());
    seat.leave().await;
}
