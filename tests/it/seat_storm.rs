//! What nobody means to do: random keys, sizes from tiny to huge, text that is made to do harm, pastes into the void. A seat
//! stays a seat, and nothing that customers write is obeyed by a terminal.

use std::time::{Duration, Instant};

use chrono::Utc;
use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use frontdesk::demo::{self, Scale};
use frontdesk::domain::field::Lang;
use frontdesk::tui::command::COMMANDS;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use sqlx::Executor;

use crate::seat_list::stocked;
use crate::support::Workspace;

/// From a strip that nobody can work in to a wall.
const SIZES: &[(u16, u16)] =
    &[(20, 5), (400, 120), (20, 120), (400, 5), (21, 7), (39, 12), (44, 20), (80, 24), (99, 30), (100, 31), (200, 60)];

/// A workspace with the sample data.
async fn lively() -> Workspace {
    let office = Workspace::new().await;
    demo::fill(&office.database, Scale::LIVELY, Utc::now(), &|_, _, _| {}).await.expect("a demo");
    office
}

/// A key as the command table writes it, or one of a text.
fn key(code: KeyCode) -> Event {
    Event::Key(KeyEvent::from(code))
}

/// Something that a person, a cat or a phone may send.
fn anything(dice: &mut ChaCha8Rng, width: u16, height: u16) -> Vec<Event> {
    const TEXTS: &[&str] = &[
        "status:open",
        "王伟",
        "owner:",
        "a -b or (c",
        "tomorrow 9:00",
        "'; drop table ticket",
        "\u{1b}[2J",
        "é\u{301}",
        "😀",
    ];
    match dice.random_range(0..100) {
        // Keys that are bound, whole sequences.
        0..=59 => {
            let bound: Vec<&str> = COMMANDS
                .iter()
                .filter(|c| !matches!(c.name, "leave" | "form-own" | "editor-own"))
                .flat_map(|c| c.keys.iter().copied())
                .collect();
            let keys = bound[dice.random_range(0..bound.len())];
            keys.split(' ').map(|key| Event::Key(crate::support::key_event(key))).collect()
        }
        60..=74 => {
            const CODES: &[KeyCode] = &[
                KeyCode::Esc,
                KeyCode::Enter,
                KeyCode::Tab,
                KeyCode::BackTab,
                KeyCode::Up,
                KeyCode::Down,
                KeyCode::Left,
                KeyCode::Right,
                KeyCode::Backspace,
                KeyCode::Delete,
                KeyCode::F(1),
                KeyCode::Insert,
            ];
            vec![key(CODES[dice.random_range(0..CODES.len())])]
        }
        75..=84 => {
            let letter = dice.random_range(b' '..=b'~');
            // Twice in a row it leaves.
            let letter = if letter == b'q' { b'w' } else { letter };
            vec![key(KeyCode::Char(letter.into()))]
        }
        85..=89 => TEXTS[dice.random_range(0..TEXTS.len())].chars().map(|c| key(KeyCode::Char(c))).collect(),
        90..=91 => vec![Event::Paste(TEXTS[dice.random_range(0..TEXTS.len())].repeat(dice.random_range(1..40)))],
        92..=94 => {
            let (width, height) = SIZES[dice.random_range(0..SIZES.len())];
            vec![Event::Resize(width, height)]
        }
        _ => {
            let kind = match dice.random_range(0..5) {
                0 => MouseEventKind::ScrollDown,
                1 => MouseEventKind::ScrollUp,
                2 => MouseEventKind::Drag(MouseButton::Left),
                3 => MouseEventKind::Up(MouseButton::Left),
                _ => MouseEventKind::Down(MouseButton::Left),
            };
            // A broken terminal tells of places that no screen has.
            let mut place =
                |size: u16| if dice.random_bool(0.1) { u16::MAX } else { dice.random_range(0..size.max(1)) };
            let (column, row) = (place(width), place(height));
            vec![Event::Mouse(MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE })]
        }
    }
}

/// `FRONTDESK_STORM=600` goes on for so many seconds, `FRONTDESK_STORM_SEED` repeats one.
#[tokio::test(flavor = "multi_thread")]
async fn random_keys_never_break_a_seat() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let seconds = number("FRONTDESK_STORM").unwrap_or(30);
    let seed = number("FRONTDESK_STORM_SEED").unwrap_or_else(|| rand::rng().random());
    let office = lively().await;
    let people: Vec<(i64, String, String)> =
        sqlx::query_as("select id, login, role from staff where login in ('ana', 'ines')")
            .fetch_all(&mut office.owner().await)
            .await
            .expect("who sits there");
    let storm = |seed: u64, login: &'static str, lang: Lang| {
        let (office, people) = (&office, &people);
        async move {
            let mut dice = ChaCha8Rng::seed_from_u64(seed);
            let until = Instant::now() + Duration::from_secs(seconds);
            let mut sitting = office.sit_in(login, 120, 40, lang).await;
            let (mut sent, mut times, mut last) = (0, 0, Vec::new());
            let (mut width, mut height) = (120, 40);
            while Instant::now() < until {
                last.clear();
                for _ in 0..dice.random_range(1..20) {
                    for event in anything(&mut dice, width, height) {
                        if let Event::Resize(w, h) = event {
                            (width, height) = (w, h);
                        }
                        last.push(event.clone());
                        if !sitting.offer(event).await {
                            break;
                        }
                        sent += 1;
                    }
                }
                if sitting.is_gone() {
                    // Through a menu one can leave, too; a panic fails here.
                    sitting.ended().await;
                    let_in(office, people).await;
                    sitting = office.sit_in(login, 120, 40, lang).await;
                    times += 1;
                    continue;
                }
                // Others run beside it, and what it does to all records takes its time.
                let quiet = sitting.is_quiet_within(Duration::from_mins(2)).await;
                assert!(quiet || sitting.is_gone(), "seed {seed}: no rest after {last:?}");
                if dice.random_bool(0.1) && !sitting.is_gone() {
                    sitting.rest().await;
                }
                assert_inert(&sitting.screen());
            }
            eprintln!("seed {seed}: {sent} events, {times} times out of the door");
            assert!(sent > 100, "seed {seed}: a seat that answers takes more than {sent} events");
            // Whatever is open can be left.
            if !sitting.is_gone() {
                sitting.leave().await;
            }
        }
    };
    eprintln!("FRONTDESK_STORM_SEED={seed}");
    tokio::join!(storm(seed, "ana", Lang::En), storm(seed.wrapping_add(1), "ines", Lang::Zh));
    // What was done can be read: the database is whole.
    let_in(&office, &people).await;
    let mut ana = office.sit("ana", 120, 40).await;
    for tab in ["1", "2", "3", "4", "5"] {
        ana.keys("esc esc esc").await.keys(tab).await;
    }
    ana.leave().await;
}

/// Random keys rename, disable and delete people too: those who sit there are who they were at first.
async fn let_in(office: &Workspace, people: &[(i64, String, String)]) {
    let mut owner = office.owner().await;
    for (id, login, role) in people {
        sqlx::query("update staff set login = $1, role = $2, active = true, deleted_at = null where id = $3")
            .bind(login)
            .bind(role)
            .bind(id)
            .execute(&mut owner)
            .await
            .expect("they are let in again");
    }
}

/// Nothing on the screen that a terminal would obey or that hides what is written.
fn assert_inert(screen: &str) {
    let acts = |c: char| {
        c != '\n'
            && (c.is_control()
                || matches!(c, '\u{200b}' | '\u{200e}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}'))
    };
    if let Some(at) = screen.find(acts) {
        let c = screen[at..].chars().next();
        panic!("{c:?} on the screen:\n{}", screen.escape_debug());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_screen_bears_every_size_and_keeps_its_cursor() {
    let office = stocked().await;
    for (name, keys) in [
        ("home", "1"),
        ("contacts", "2 g g j j j"),
        ("board", "3 j"),
        ("table", "3 b"),
        ("tickets", "4 g g j j j"),
        ("dashboards", "5 j"),
        ("record", "2 g g j enter"),
        ("ticket", "4 g g j enter"),
        ("form", "2 n"),
        ("form of a ticket", "4 g g e"),
        ("reply", "4 g g r"),
        ("filing", "4 g g f"),
        ("menu", "2 g g d"),
        ("palette", "2 :"),
        ("keys", "2 ?"),
        ("history", "2 g g d h"),
        ("filter", "2 /"),
        ("columns", "2 o"),
        ("views", "4 v"),
        ("tags", "2 g g t"),
    ] {
        // Records open over the list here, and not beside it.
        let mut ana = office.sit("ana", 96, 32).await;
        ana.keys(keys).await;
        let before = ana.selected();
        for (width, height) in SIZES {
            ana.resize(*width, *height).await;
            assert_inert(&ana.screen());
            let lines = ana.screen().lines().count();
            assert_eq!(lines, usize::from(*height), "{name} at {width}x{height}");
        }
        ana.resize(96, 32).await.rest().await;
        assert_eq!(ana.selected(), before, "{name}");
        ana.leave().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_pasted_or_composed_over_a_list_does_nothing() {
    let office = stocked().await;
    let mut owner = office.owner().await;
    let operations = "select count(*) from operation";
    let before: i64 = sqlx::query_scalar(operations).fetch_one(&mut owner).await.expect("a number");
    for tab in ["1", "2", "3", "4", "5"] {
        let mut ana = office.sit("ana", 120, 40).await;
        ana.keys(tab).await;
        let (shown, selected) = (ana.screen().lines().nth(2).map(str::to_owned), ana.selected());
        ana.paste("dd\nx\nd d\ny\nq q\n").await.paste("发票抬头有误").await.text("发票抬头有误").await;
        assert_eq!((ana.screen().lines().nth(2).map(str::to_owned), ana.selected()), (shown, selected), "tab {tab}");
        ana.leave().await;
    }
    let after: i64 = sqlx::query_scalar(operations).fetch_one(&mut owner).await.expect("a number");
    assert_eq!(after, before);
}

/// Strings that broke programs, the list of `naughty-strings` among them where it is.
fn hostile() -> Vec<String> {
    let mut all: Vec<String> = [
        "\u{1b}[2J\u{1b}[H\u{1b}]0;owned\u{7}",
        "\u{1b}]52;c;cm0gLXJmIC8=\u{7}",
        "\u{1b}P+q544e\u{1b}\\",
        "\u{9b}31m\u{9d}0;title\u{9c}",
        "a\r\nb\tc\u{8}\u{8}\u{8}d\u{7f}",
        "user\u{202e}gpj.exe",
        "\u{2066}left\u{2069} \u{200f}right",
        "\u{301}\u{301}\u{301}",
        "Z\u{336}\u{321}\u{34f}a\u{334}l\u{335}g\u{336}o\u{337}",
        "pay\u{200b}pal\u{feff}",
        "👩\u{200d}👩\u{200d}👧\u{200d}👦 🏳️\u{200d}🌈 🇨🇳",
        "ﷺﷺﷺ ㋿㍿",
        "=cmd|'/c calc'!A0",
        "{contact.name} {{ticket}} $(id) `id`",
        "%s%n%x \\x1b[31m \u{fffd}",
    ]
    .map(String::from)
    .to_vec();
    if let Some(path) = crate::import_data::data("naughty-strings/naughty_even.json") {
        let list: Vec<serde_json::Value> =
            serde_json::from_reader(std::fs::File::open(path).expect("there")).expect("JSON");
        all.extend(list.iter().filter_map(|entry| entry["text"].as_str()).map(str::to_owned));
    }
    // Postgres keeps no NUL in a text.
    all.retain(|text| !text.trim().is_empty() && !text.contains('\0'));
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_text_is_shown_and_never_obeyed() {
    let office = stocked().await;
    let mut owner = office.owner().await;
    let texts = hostile();
    for table in ["company", "contact", "deal", "ticket", "activity", "message"] {
        let sql = format!("select setval(pg_get_serial_sequence('{table}', 'id'), 100000)");
        owner.execute(sqlx::AssertSqlSafe(sql)).await.expect("a sequence");
    }
    let put = [
        "insert into company (name, industry, city, country, tags, owner_id, team_id) \
           select x, x, left(x, 80), left(x, 40), array[left(x, 30)], 1, 1 from unnest($1::text[]) x",
        "insert into contact (name, title, city, tags, owner_id, team_id) \
           select x, x, left(x, 80), array[left(x, 30)], 1, 1 from unnest($1::text[]) x",
        "insert into deal (name, next_step, stage_id, amount, currency, owner_id, team_id) \
           select x, x, (select min(id) from stage), 1, 'EUR', 1, 1 from unnest($1::text[]) x",
        "insert into ticket (subject, status, priority, category, tags, owner_id, team_id) \
           select x, 'open', 'high', left(x, 60), array[left(x, 30)], 1, 1 from unnest($1::text[]) x",
        "insert into activity (subject, type, due_at, owner_id, team_id) \
           select x, 'task', '2026-03-14', 1, 1 from unnest($1::text[]) x",
    ];
    for sql in put {
        sqlx::query(sql).bind(&texts).execute(&mut owner).await.unwrap_or_else(|e| panic!("{sql}: {e}"));
    }
    let ticket: i64 = sqlx::query_scalar("select max(id) from ticket").fetch_one(&mut owner).await.expect("an id");
    sqlx::query(
        "insert into message (ticket_id, body, direction, owner_id, team_id, sent_at) \
                 select $2, x, 'in', 1, 1, '2026-03-14' from unnest($1::text[]) x",
    )
    .bind(&texts)
    .bind(ticket)
    .execute(&mut owner)
    .await
    .expect("messages");
    // A note of ten megabytes opens like any other.
    let long = "0123456789 \u{1b}[31m 王伟 ".repeat(400_000);
    sqlx::query(
        "insert into message (ticket_id, body, direction, owner_id, team_id, sent_at) \
                 values ($1, $2, 'in', 1, 1, '2026-03-13')",
    )
    .bind(ticket)
    .bind(&long)
    .execute(&mut owner)
    .await
    .expect("a long message");
    for (width, height) in [(80, 24), (120, 40)] {
        let mut ana = office.sit("ana", width, height).await;
        let mut seen = 0;
        for keys in ["1", "g c", "g p", "g p b", "g t", "g d v"] {
            ana.keys("esc esc").await.keys(keys).await.keys("end").await;
            for _ in 0..12 {
                assert_inert(&ana.screen());
                seen += usize::from(ana.screen().contains('␛'));
                ana.keys("pageup").await;
            }
        }
        ana.keys("esc esc : ").await.text(&format!("T{ticket}")).await.keys("enter").await;
        ana.until("Conversation").await;
        assert!(seen > 3, "the texts are on the screens: {seen}");
        for _ in 0..30 {
            assert_inert(&ana.screen());
            ana.keys("pagedown").await;
        }
        ana.keys("d h").await;
        assert_inert(&ana.screen());
        ana.leave().await;
    }
}

#[test]
fn the_storms_keys_are_those_of_the_table() {
    // Otherwise the storm would be a breeze.
    let mut dice = ChaCha8Rng::seed_from_u64(1);
    let kinds: std::collections::HashSet<_> =
        (0..500).flat_map(|_| anything(&mut dice, 80, 24)).map(|event| std::mem::discriminant(&event)).collect();
    assert_eq!(kinds.len(), 4, "keys, pastes, sizes and the mouse");
}
