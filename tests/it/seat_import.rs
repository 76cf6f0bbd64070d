//! A file imported at a real seat into a real database: looked at first, put right, written as one step and taken back.

use std::path::PathBuf;

use frontdesk::domain::field::Lang;

use crate::seat_form::{office, one};
use crate::support::Sitting;

const PEOPLE: &str = "\u{feff}Full name;E-mail;Firm;Remark of ours;Shoe size\n\
    Petra Vogel;petra@acme.example;Acme GmbH;likes tea;38\n\
    李雷;lilei@example.cn;Acme GmbH;;41\n\
    Bad Mail;not a mail;Acme GmbH;;40\n\
    王伟;wangwei@example.com;Acme GmbH;met at the fair;44\n";

fn people() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("people.csv");
    std::fs::write(&file, PEOPLE).expect("a file");
    (folder, file)
}

/// Opens the import screen on this file.
async fn look_at(seat: &mut Sitting, file: &std::path::Path) {
    seat.keys("ctrl-k").await.text(":import a file").await;
    seat.keys("enter").await;
    seat.text(&file.display().to_string()).await.keys("enter").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_looked_at_put_right_imported_and_taken_back() {
    let office = office().await;
    let (_folder, file) = people();
    let mut bo = office.sit("bo", 120, 30).await;
    bo.keys("g c").await;
    look_at(&mut bo, &file).await;
    bo.until("3 new, 1 refused, 0 updated, 0 as they are, of 4 rows").await;
    let screen = bo.screen();
    for said in ["✗ line 4", "not a mail", "Petra Vogel · 李雷 · 王伟", "Remark of ours", "not recognised"] {
        assert!(screen.contains(said), "{said}:\n{screen}");
    }
    let count = "select count(*) from contact where deleted_at is null";
    assert_eq!(one::<i64>(&office, count).await, 1, "looking writes nothing");

    // The remark goes into the note, and who has the same mail is updated.
    while !bo.selected().contains("Remark of ours") {
        let before = bo.selected();
        bo.keys("j").await;
        assert_ne!(before, bo.selected(), "{}", bo.screen());
    }
    bo.keys("enter").await.text("note").await.keys("enter").await;
    bo.keys("g g j j j enter").await.until("none: every row is new").await.keys("3").await;
    bo.until("2 new, 1 refused, 1 updated, 0 as they are").await;
    bo.keys("g g enter").await.until("Imported: 2 new, 1 updated, 1 refused").await;
    assert_eq!(one::<i64>(&office, count).await, 3);
    let note: String = one(&office, "select note from contact where id = 300").await;
    assert_eq!(note, "met at the fair");
    bo.keys("enter").await.until("Petra Vogel").await;

    bo.keys("u").await.until("Undo the import").await.keys("u").await;
    assert_eq!(one::<i64>(&office, count).await, 1, "{}", bo.screen());
    let left: i64 = one(&office, "select count(*) from contact where note is not null and deleted_at is null").await;
    assert_eq!(left, 0);
    bo.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_read_says_so_and_esc_leaves_nothing_behind() {
    let office = office().await;
    let (folder, file) = people();
    let mut bo = office.sit("bo", 80, 24).await;
    bo.keys("g c").await;
    look_at(&mut bo, &folder.path().join("no such file.csv")).await;
    bo.until("No such file").await;
    bo.keys("f ctrl-u").await.text(&file.display().to_string()).await.keys("enter").await.until("of 4 rows").await;
    // As companies the file makes other sense; nothing of it is written by looking or by leaving.
    bo.keys("g g j j enter").await.until("Companies").await.text("companies").await.keys("enter").await;
    bo.until("Import Companies").await;
    bo.keys("esc").await.until("王伟").await;
    let written: i64 = one(&office, "select count(*) from operation where action = 'import' and records > 0").await;
    assert_eq!(written, 0);
    bo.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn golden_imports() {
    let office = office().await;
    let (_folder, file) = people();
    for (lang, name, width, height) in
        [(Lang::En, "en", 80, 24), (Lang::En, "en", 120, 40), (Lang::Zh, "zh", 44, 20), (Lang::Zh, "zh", 80, 24)]
    {
        let mut bo = office.sit_at("contact", "bo", width, height, lang).await;
        bo.keys("ctrl-k").await.text(if lang == Lang::En { ":import a file" } else { ":导入文件" }).await;
        bo.keys("enter").await;
        bo.text(&file.display().to_string()).await.keys("enter").await;
        let folder = file.parent().expect("a folder").display().to_string();
        let screen = bo.screen().replace(&folder, "/tmp/x");
        let shown: Vec<&str> =
            screen.lines().filter(|line| !line.contains("/tmp/x") && !line.contains("people.csv")).collect();
        insta::assert_snapshot!(format!("import-{name}-{width}x{height}"), shown.join("\n"));
        bo.keys("esc").await;
        bo.leave().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn columns_that_nobody_recognises_are_said_to_go_somewhere() {
    let office = office().await;
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("list.csv");
    std::fs::write(&file, "aaa,bbb\nPetra Vogel,petra@acme.example\n李雷,lilei@example.cn\n").expect("a file");
    let mut bo = office.sit("bo", 120, 30).await;
    // At home, whatever box the cursor is in.
    bo.keys("g h").await;
    look_at(&mut bo, &file).await;
    bo.until("0 new, 2 refused").await;
    let screen = bo.screen();
    for said in ["Import Contacts", "Petra Vogel · 李雷", "not recognised"] {
        assert!(screen.contains(said), "{said}:\n{screen}");
    }
    bo.keys("g g enter").await.until("No row would be written").await;
    for (column, field) in [("aaa", "name"), ("bbb", "email")] {
        bo.keys("g g").await;
        for _ in 0..12 {
            if bo.selected().contains(column) {
                break;
            }
            bo.keys("j").await;
        }
        assert!(bo.selected().contains(column), "{}", bo.screen());
        bo.keys("enter").await.text(field).await.keys("enter").await;
    }
    bo.until("2 new, 0 refused").await.keys("g g enter").await.until("Imported: 2 new").await;
    let mail: String = one(&office, "select email from contact where name = '李雷'").await;
    assert_eq!(mail, "lilei@example.cn");
    bo.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_changes_after_it_was_looked_at_is_not_written() {
    let office = office().await;
    let (_folder, file) = people();
    let mut bo = office.sit("bo", 120, 30).await;
    bo.keys("g c").await;
    look_at(&mut bo, &file).await;
    bo.until("3 new, 1 refused").await;
    std::fs::write(&file, PEOPLE.replace("Petra Vogel", "Somebody Else")).expect("a file");
    bo.keys("ctrl-s").await.until("The file was changed after it was looked at").await;
    let count = "select count(*) from contact where deleted_at is null";
    assert_eq!(one::<i64>(&office, count).await, 1, "nothing was written");
    // What is in it now is shown, and goes in when that is wanted.
    bo.until("Somebody Else").await.keys("ctrl-s").await.until("Imported: 3 new").await;
    assert_eq!(one::<i64>(&office, count).await, 4);
    bo.keys("u").await.until("Undo the import").await.keys("u").await.until("Taken back: nothing of this import").await;
    bo.leave().await;
}
