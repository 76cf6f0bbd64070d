//! How keys find their way: the menu behind `d`, keys typed faster than rows come, the last line, the palette.

use frontdesk::domain::field::Lang;
use frontdesk::tui::command::{COMMANDS, Scope};
use frontdesk::tui::i18n::Catalogue;

use sqlx::Executor;

use crate::seat_list::stocked;
use crate::support::{Sitting, Workspace};

/// Opens the menu and takes the line with these words, by arrows and Enter alone.
async fn pick(sitting: &mut Sitting, words: &str) {
    if sitting.bar("Do…").is_empty() {
        sitting.keys("d").await;
    }
    for _ in 0..80 {
        if sitting.bar("Do…").contains(words) {
            sitting.keys("enter").await;
            return;
        }
        sitting.keys("down").await;
    }
    panic!("no “{words}” in the menu:\n{}", sitting.screen());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_menu_has_everything_that_can_be_done_here() {
    let office = stocked().await;
    let words = Catalogue::new(Lang::En);
    for (width, height) in [(80, 24), (44, 20)] {
        let mut ana = office.sit("ana", width, height).await;
        for (keys, scope, not_here) in [
            ("g t", Scope::List, &["copy-mail"][..]),
            ("enter", Scope::Record, &["record-leave", "record-copy-mail"][..]),
        ] {
            ana.keys(keys).await.keys("d").await;
            let mut seen = String::new();
            for _ in 0..80 {
                seen.push_str(&ana.screen());
                ana.keys("down").await;
            }
            for command in COMMANDS {
                let here = [scope, Scope::Main, Scope::Everywhere].contains(&command.scope);
                if here && command.group.is_some() && !not_here.contains(&command.name) {
                    let title: String = words.t(&command.title_key()).chars().take(24).collect();
                    assert!(seen.contains(&title), "{} at {width}x{height}:\n{}", command.name, ana.screen());
                }
            }
            assert!(seen.contains("p         Set the priority") || seen.contains("Set the priority"), "{seen}");
            ana.keys("esc").await;
        }
        ana.leave().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn arrows_enter_esc_tab_and_d_are_enough() {
    let office = stocked().await;
    let mut ana = office.sit("ana", 80, 24).await;
    pick(&mut ana, "Contacts").await;
    pick(&mut ana, "New record").await;
    ana.until("New Contact").await.text("Ada Example").await;
    // Beyond the last field stands what can be done with the form.
    for _ in 0..40 {
        if ana.bar("Do…").contains("Save") {
            break;
        }
        ana.keys("tab").await;
    }
    ana.keys("enter").await.until("is there").await.until("Ada Example").await;
    pick(&mut ana, "Undo").await;
    ana.until("Undone").await;
    pick(&mut ana, "Tickets").await;
    pick(&mut ana, "Filter").await;
    ana.text("status:open").await.keys("enter").await.until(" 63 ").await;
    pick(&mut ana, "Mark all").await;
    ana.until("63 marked").await;
    ana.keys("esc esc").await.until(" 250 ").await;
    pick(&mut ana, "Sort, group").await;
    // Also in the box: what needs other keys stands behind d.
    pick(&mut ana, "on or off").await;
    ana.keys("esc").await;
    pick(&mut ana, "All keys").await;
    ana.until("Keys that work here").await.keys("esc").await;
    ana.keys("enter").await;
    pick(&mut ana, "internal note").await;
    ana.until("Internal note on").await.text("By tab").await.keys("tab").await;
    pick(&mut ana, "Save the text").await;
    ana.until("Note saved").await;
    pick(&mut ana, "Leave frontdesk").await;
    ana.ended().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_typed_before_the_rows_are_here_act_on_them() {
    let office = stocked().await;
    let mut ana = office.sit("ana", 80, 24).await;
    // In one burst: no key waits for an answer.
    ana.keys("4 x x").await;
    assert!(ana.bottom().contains("2 marked"), "{}", ana.screen());
    ana.keys("esc 2 j j 4 j").await;
    let row = ana.selected();
    assert!(row.starts_with("T1043"), "{}", ana.screen());
    ana.keys("2").await;
    assert!(ana.selected().starts_with("C313"), "{}", ana.screen());
    ana.keys("g t g g / s t a t u s : s o l v e d enter x").await.until("1 marked").await;
    assert!(ana.screen().contains("✓T1043"), "{}", ana.screen());
    ana.keys("esc esc").await.until(" 250 ").await;
    // The record that Enter opens has the keys behind it, and undo means the change before it.
    ana.keys("g g enter p 1").await.until("T1040 saved").await;
    ana.keys("p 2 u").await.until("Undone").await;
    assert!(ana.screen().contains("Low"), "{}", ana.screen());
    ana.leave().await;
    // From the very first key, in the tab that is being restored.
    let mut ana = office.sit_down("ana", 80, 24).await;
    ana.keys("j x").await;
    assert!(ana.screen().contains("[4 Tickets]") && ana.bottom().contains("1 marked"), "{}", ana.screen());
    ana.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_half_typed_filter_is_not_an_applied_one() {
    let office = stocked().await;
    let mut ana = office.sit("ana", 80, 24).await;
    ana.keys("g t /").await.text("status:open").await.keys("enter / space").await.text("priority:urg").await;
    ana.leave().await;
    let mut ana = office.sit("ana", 80, 24).await;
    assert!(ana.screen().contains(" / status:open priority:urg"), "{}", ana.screen());
    ana.keys("esc").await.until(" 63 ").await;
    assert!(ana.screen().contains("╰ status:open ─"), "{}", ana.screen());
    ana.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_is_named_after_the_view_just_saved() {
    let office = stocked().await;
    let mut ana = office.sit("ana", 80, 24).await;
    ana.keys("g t /").await.text("status:open").await.keys("enter v").await.until("Save this list").await;
    ana.keys("up enter").await.text("Mine now").await.keys("enter").await.until("Saved as the view").await;
    assert!(ana.screen().contains("╭ Mine now ─") && !ana.screen().contains("╰ status:open ─"), "{}", ana.screen());
    // Esc leaves the view as it is; another is chosen, and begins with its first row.
    ana.until(" 63 ").await.keys("j j esc").await;
    assert!(ana.screen().contains("╭ Mine now ─"), "{}", ana.screen());
    ana.keys("v").await.until("Views").await.keys("a enter").await.until("╭ All Tickets").await;
    ana.until("▌ T1040").await;
    ana.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_palette_jumps_only_to_what_is_there() {
    let office = stocked().await;
    let mut ana = office.sit("ana", 80, 24).await;
    ana.keys("g t :").await.text("T1042").await.until("Open T1042 Return of order").await;
    ana.keys("ctrl-u").await.text("T999999").await.keys("enter").await;
    ana.until("T999999 is not there").await;
    assert!(!ana.screen().contains("Open T999999"), "{}", ana.screen());
    // Enter at once, before it is known: it waits.
    ana.keys("ctrl-u T 1 0 4 3 enter").await.until("T1043 Cannot log in").await;
    assert!(ana.screen().contains("Conversation"), "{}", ana.screen());
    ana.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_line_always_has_the_three_keys_that_lead_everywhere() {
    let office: Workspace = stocked().await;
    for lang in [Lang::En, Lang::Zh] {
        for (width, height) in [(44, 20), (60, 24), (80, 24), (120, 40), (200, 60)] {
            let mut ana = office.sit_in("ana", width, height, lang).await;
            ana.keys("g t").await;
            let line = ana.bottom();
            let words = Catalogue::new(lang);
            for (key, name) in [("d", "cmd-do"), ("/", "cmd-filter"), ("?", "cmd-keys")] {
                let hint = format!("{key} {}", words.short(name));
                assert!(line.contains(&hint), "{hint} at {width}: {line}");
            }
            ana.leave().await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn home_shows_the_day_and_ticks_it_off() {
    let office = stocked().await;
    let mut owner = office.owner().await;
    owner
        .execute(
            "insert into activity (id, subject, type, due_at, owner_id, team_id, contact_id, created_at) overriding system value \
               select 70 + i, (array['Call the bank', '准备合同', 'Send the offer', 'Next week'])[i], 'task', \
                 (array['2026-03-13 09:00Z', '2026-03-14 11:00Z', '2026-03-14 15:00Z', '2026-03-20 09:00Z'])[i]::timestamptz, \
                 s.id, s.team_id, 300 + i, '2026-03-10' from generate_series(1, 4) i, staff s where s.login = 'ana'",
        )
        .await
        .expect("tasks");
    for (lang, name) in [(Lang::En, "en"), (Lang::Zh, "zh")] {
        for (width, height) in [(44, 20), (60, 24), (80, 24), (120, 40), (200, 60)] {
            let ana = office.sit_at("home", "ana", width, height, lang).await;
            insta::assert_snapshot!(format!("home-{name}-{width}x{height}"), ana.screen());
            ana.leave().await;
        }
    }
    let mut ana = office.sit_at("home", "ana", 80, 24, Lang::En).await;
    assert!(ana.selected().contains("Call the bank"), "{}", ana.screen());
    assert!(!ana.screen().contains("Next week"), "only what is due by the end of today:\n{}", ana.screen());
    ana.keys("x").await;
    assert!(ana.bottom().contains("Done: Call the bank"), "{}", ana.screen());
    assert!(ana.rest().await.selected().contains("准备合同"), "{}", ana.screen());
    let done: bool =
        sqlx::query_scalar("select done from activity where id = 71").fetch_one(&mut owner).await.expect("a task");
    assert!(done);
    // Its undo needs no second key where the task was on screen, and brings it back.
    ana.keys("u").await.keys("u").await.rest().await;
    ana.until("Call the bank").await;
    // Down through the boxes to the tickets, into the most urgent, and back.
    ana.keys("tab tab enter").await.until("T1").await;
    ana.keys("esc").await.until("My tickets").await;
    // The box as a list, in the tickets' own tab.
    ana.keys("/").await.until("owner:me").await;
    assert!(ana.screen().contains("[4 Tickets]"), "{}", ana.screen());
    ana.leave().await;
}
