//! A person at a terminal in memory: keys go in, the screen is text, waiting is on conditions and never on time.

use std::sync::Arc;
use std::time::Duration;

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use frontdesk::desk::Desk;
use frontdesk::domain::change::Door;
use frontdesk::domain::field::Lang;
use frontdesk::tui::Options;
use frontdesk::tui::backend::{Mirror, text_of};
use frontdesk::tui::port::Port;
use frontdesk::tui::seat::{Busy, Seat};
use frontdesk::tui::share::Hub;
use frontdesk::tui::text::width as text_width;
use tokio::sync::{Notify, mpsc, watch};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::Workspace;

/// No test waits longer than this for anything.
const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) struct Sitting {
    events: mpsc::Sender<Event>,
    sent: u64,
    mirror: Mirror,
    busy: watch::Receiver<Busy>,
    hurry: Arc<Notify>,
    hurried: u64,
    cancel: CancellationToken,
    task: JoinHandle<std::io::Result<()>>,
}

impl Workspace {
    /// Sits a person down at a terminal of that size, on a desk of their own, as another process would.
    pub(crate) async fn sit(&self, login: &str, width: u16, height: u16) -> Sitting {
        self.sit_in(login, width, height, Lang::En).await
    }

    pub(crate) async fn sit_in(&self, login: &str, width: u16, height: u16, lang: Lang) -> Sitting {
        let mut sitting = self.sit_down_at(None, login, width, height, lang).await;
        sitting.idle().await;
        sitting
    }

    /// With the tab of that name open.
    pub(crate) async fn sit_at(&self, tab: &str, login: &str, width: u16, height: u16, lang: Lang) -> Sitting {
        let mut sitting = self.sit_down_at(Some(tab), login, width, height, lang).await;
        sitting.idle().await;
        sitting
    }

    /// In plain mode, as a screen reader has it.
    pub(crate) async fn sit_plainly(&self, login: &str, width: u16, height: u16, lang: Lang) -> Sitting {
        let mut sitting =
            self.sit_with(Options { plain: true, ..Options::default() }, login, width, height, lang).await;
        sitting.idle().await;
        sitting
    }

    /// Among the seats of a server, at a tab or looking at a colleague's screen (`watch bo`).
    pub(crate) async fn sit_among(&self, hub: &Hub, login: &str, open: &str, size: (u16, u16), lang: Lang) -> Sitting {
        let options = Options { hub: Some(hub.clone()), open: Some(open.into()), ..Options::default() };
        let mut sitting = self.sit_with(options, login, size.0, size.1, lang).await;
        sitting.idle().await;
        sitting
    }

    /// Without waiting for the first rows: the next keys are typed into an empty screen.
    pub(crate) async fn sit_down(&self, login: &str, width: u16, height: u16) -> Sitting {
        self.sit_down_at(None, login, width, height, Lang::En).await
    }

    async fn sit_down_at(&self, tab: Option<&str>, login: &str, width: u16, height: u16, lang: Lang) -> Sitting {
        let options = Options { open: tab.map(Into::into), ..Options::default() };
        self.sit_with(options, login, width, height, lang).await
    }

    /// With these options, at a clock that stands still.
    pub(crate) async fn sit_with(&self, options: Options, login: &str, width: u16, height: u16, lang: Lang) -> Sitting {
        let desk = Desk::open(self.store().await).await.expect("the desk opens");
        let cx = desk.sit(login, Door::Tui, chrono_tz::UTC, lang).await.expect("a person of the test's staff");
        let (port, events, mirror) = Port::memory(width, height);
        let cancel = CancellationToken::new();
        let now = "2026-03-14T09:41:00Z".parse().ok();
        let options = Options { now, is_local: true, ..options };
        let seat = Seat::new(desk, cx, port, &options, cancel.clone()).expect("the options are right");
        let (busy, hurry) = seat.watch();
        let task = tokio::spawn(seat.sit());
        Sitting { events, sent: 0, mirror, busy, hurry, hurried: 0, cancel, task }
    }
}

impl Sitting {
    /// Keys as in the key table, blanks between: `g t`, `ctrl-k`, `enter`, `space`.
    pub(crate) async fn keys(&mut self, keys: &str) -> &mut Self {
        for key in keys.split(' ').filter(|k| !k.is_empty()) {
            self.send(Event::Key(key_event(key))).await;
        }
        self.idle().await
    }

    pub(crate) async fn text(&mut self, text: &str) -> &mut Self {
        for c in text.chars() {
            self.send(Event::Key(KeyEvent::from(KeyCode::Char(c)))).await;
        }
        self.idle().await
    }

    pub(crate) async fn paste(&mut self, text: &str) -> &mut Self {
        self.send(Event::Paste(text.to_owned())).await;
        self.idle().await
    }

    pub(crate) async fn resize(&mut self, width: u16, height: u16) -> &mut Self {
        self.send(Event::Resize(width, height)).await;
        self.idle().await
    }

    /// The seat has ended, by itself or by a panic.
    pub(crate) fn is_gone(&self) -> bool {
        self.task.is_finished()
    }

    /// False when the seat has ended.
    pub(crate) async fn offer(&mut self, event: Event) -> bool {
        let taken = self.events.send(event).await.is_ok();
        self.sent += u64::from(taken);
        taken
    }

    async fn send(&mut self, event: Event) {
        self.sent += 1;
        self.events.send(event).await.expect("the seat is there");
    }

    /// Until every key was handled, nothing is asked and no frame is due.
    pub(crate) async fn idle(&mut self) -> &mut Self {
        let is_quiet = self.is_quiet_within(PATIENCE).await;
        assert!(is_quiet, "the seat never came to rest:\n{}", self.screen());
        self
    }

    /// False when it took longer than that.
    pub(crate) async fn is_quiet_within(&mut self, patience: Duration) -> bool {
        let (sent, hurried) = (self.sent, self.hurried);
        let quiet = |b: &Busy| b.events == sent && b.woken >= hurried && b.tasks == 0 && !b.dirty;
        // An error of the channel means that the seat has ended: then it is as idle as can be.
        tokio::time::timeout(patience, self.busy.wait_for(quiet)).await.is_ok()
    }

    /// One key, until its frame is drawn; what it asks the desk goes on meanwhile.
    pub(crate) async fn drawn(&mut self, key: &str) -> &mut Self {
        self.send(Event::Key(key_event(key))).await;
        let sent = self.sent;
        let drawn = |b: &Busy| b.events == sent && !b.dirty;
        let waited = tokio::time::timeout(PATIENCE, self.busy.wait_for(drawn)).await.is_ok();
        assert!(waited, "no frame came:\n{}", self.screen());
        self
    }

    /// All timers ring, as if the person had rested for long.
    pub(crate) async fn rest(&mut self) -> &mut Self {
        self.hurried += 1;
        self.hurry.notify_one();
        self.idle().await
    }

    /// Until the screen shows this: for what others do.
    pub(crate) async fn until(&mut self, text: &str) -> &mut Self {
        self.until_that(&format!("“{text}” on the screen"), |screen| screen.contains(text)).await
    }

    pub(crate) async fn until_that(&mut self, what: &str, holds: impl Fn(&str) -> bool) -> &mut Self {
        let deadline = tokio::time::Instant::now() + PATIENCE;
        loop {
            if holds(&self.screen()) {
                return self;
            }
            let changed = tokio::time::timeout_at(deadline, self.busy.changed()).await;
            assert!(matches!(changed, Ok(Ok(()))), "waited in vain for {what}:\n{}", self.screen());
        }
    }

    pub(crate) fn screen(&self) -> String {
        text_of(&self.mirror.lock().expect("the seat does not panic while drawing").cells)
    }

    /// What a screen reader reads: the line with the terminal's cursor, and the cursor's column.
    pub(crate) fn read_aloud(&self) -> (String, u16) {
        let at = self.mirror.lock().expect("the seat does not panic while drawing").cursor;
        let at = at.unwrap_or_else(|| panic!("the cursor is shown:\n{}", self.screen()));
        (self.screen().lines().nth(at.y.into()).unwrap_or_default().to_owned(), at.x)
    }

    /// The row with the bar.
    pub(crate) fn selected(&self) -> String {
        let screen = self.screen();
        let row = screen.lines().find(|l| l.contains('▌')).unwrap_or_default();
        row.split('▌').nth(1).unwrap_or_default().split('│').next().unwrap_or_default().trim().to_owned()
    }

    /// The row with the bar in the box of that title.
    pub(crate) fn bar(&self, title: &str) -> String {
        let screen = self.screen();
        let corner = format!("╭ {title} ─");
        let Some(left) = screen.lines().find_map(|l| l.split_once(&corner)).map(|(before, _)| text_width(before))
        else {
            return String::new();
        };
        let row = screen.lines().find_map(|l| {
            l.match_indices("│▌").find(|(at, _)| text_width(&l[..*at]) == left).map(|(at, bar)| &l[at + bar.len()..])
        });
        row.and_then(|row| row.split('│').next()).unwrap_or_default().trim().to_owned()
    }

    /// The last line.
    pub(crate) fn bottom(&self) -> String {
        self.screen().lines().last().unwrap_or_default().trim().to_owned()
    }

    /// The line is cut, or the person leaves: waits until the seat has ended.
    pub(crate) async fn leave(self) {
        self.cancel.cancel();
        let ended = tokio::time::timeout(PATIENCE, self.task).await.expect("a seat ends when told");
        ended.expect("no panic").expect("no error");
    }

    /// Waits for the seat to end by itself.
    pub(crate) async fn ended(self) {
        let ended = tokio::time::timeout(PATIENCE, self.task).await.expect("the seat ends");
        ended.expect("no panic").expect("no error");
    }
}

/// A key as the key table writes it.
pub(crate) fn key_event(key: &str) -> KeyEvent {
    let mut chars = key.chars();
    if let (Some(c), None) = (chars.next(), chars.next()) {
        return KeyEvent::from(KeyCode::Char(c));
    }
    let combination = crokey::parse(key).expect("a key of the key table");
    let crokey::OneToThree::One(code) = combination.codes else { panic!("one key at a time: {key}") };
    let modifiers = combination.modifiers & (KeyModifiers::CONTROL | KeyModifiers::ALT | KeyModifiers::SHIFT);
    KeyEvent::new(code, modifiers)
}
