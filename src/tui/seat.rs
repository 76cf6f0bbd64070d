//! A seat: one person at one terminal, one task. It waits for events, answers and news, lets the application update,
//! spawns what it asks for, and draws when something changed and the line is free.

use std::collections::VecDeque;
use std::io::{self, Write};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use chrono::{DateTime, Utc};
use crossterm::event::Event;
use futures_util::FutureExt;
use ratatui::Terminal;
use ratatui::layout::Size;
use tokio::signal::unix::SignalKind;
use tokio::sync::{broadcast, mpsc, watch};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::answer::put;
use super::app::looks::Said;
use super::app::{self, App};
use super::backend::{Bytes, Mirror, PeerBackend};
use super::effect::{Answer, Ask, Effect, Question};
use super::external::{self, Edited};
use super::i18n::Catalogue;
use super::keymap::Keymap;
use super::layer::Place;
use super::msg::Msg;
use super::notify::Notify;
use super::own::OwnFiles;
use super::port::{self, LocalGuard, Port};
use super::queue::{self, Queue};
use super::share::{Chair, Hub, Over, Told};
use super::signals;
use super::theme::{Depth, Theme};
use super::ui::Ui;
use crate::desk::{Cx, Desk, News, Reached};

/// How long leaving waits for what is still being saved.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// Messages that one frame waits for when they are there already.
const AT_ONCE: usize = 32;

/// What a seat starts with, besides who sits there.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// An embedded theme's name; `None`: dark.
    pub theme: Option<String>,
    /// The person's own theme file of that name, which goes before the embedded one, and their `keys.toml`.
    pub own: OwnFiles,
    pub depth: Depth,
    /// How the terminal takes a word to the desktop.
    pub notify: Notify,
    /// What to open first: a record's code, such as `T1042`, a tab by the name of its root, such as `ticket`, or a
    /// colleague's screen, such as `watch bo`.
    pub open: Option<String>,
    /// Through which screens are shown to colleagues; `None`: they are not.
    pub hub: Option<Hub>,
    /// Plain mode, from now on.
    pub plain: bool,
    /// The person sits at this machine: its files are theirs to import.
    pub is_local: bool,
    /// Where invitations lead.
    pub reached: Reached,
    /// What of language, theme and colours was said on the command line or in the environment.
    pub said: Said,
    /// Newcomers get a second line of keys, and the tour.
    pub teaches: bool,
    /// A clock that stands still, for pictures and tests.
    pub now: Option<DateTime<Utc>>,
}

impl Options {
    /// Colours as this process's terminal has them.
    pub fn from_env() -> Self {
        let var = |name: &str| std::env::var(name).ok();
        let depth = Depth::of(var("TERM").as_deref(), var("COLORTERM").as_deref(), var("NO_COLOR").as_deref());
        let notify = Notify::of(var("TERM").as_deref());
        let said = Said { depth: var("NO_COLOR").is_some_and(|v| !v.is_empty()), ..Said::default() };
        Self { depth, notify, said, teaches: true, is_local: true, ..Self::default() }
    }
}

/// Runs the terminal application on this process's terminal until the person leaves, the terminal goes away or the
/// process is told to end. The terminal is put back in every case.
pub async fn run(desk: Desk, cx: Cx, options: Options) -> anyhow::Result<()> {
    let (port, guard) = Port::local().context("this is not a terminal frontdesk can use")?;
    tell_of_panics(&guard);
    let cancel = CancellationToken::new();
    signals::end_on(&[SignalKind::terminate(), SignalKind::hangup()], &cancel)?;
    let seat = Seat::new(desk, cx, port, &options, cancel)?;
    let ended = AssertUnwindSafe(seat.sit()).catch_unwind().await;
    drop(guard);
    match ended {
        Ok(result) => result.context("the terminal went away"),
        Err(_) => anyhow::bail!("frontdesk failed and has put the terminal back; the log says where"),
    }
}

/// Runs a seat at a port from elsewhere until the person leaves, the terminal is gone or `cancel` says so. Its panic is
/// an error here and nobody else's.
pub async fn run_at(
    desk: Desk,
    cx: Cx,
    port: Port,
    options: &Options,
    cancel: CancellationToken,
) -> anyhow::Result<()> {
    let seat = Seat::new(desk, cx, port, options, cancel)?;
    match AssertUnwindSafe(seat.sit()).catch_unwind().await {
        Ok(result) => result.context("the terminal went away"),
        Err(_) => anyhow::bail!("this seat failed; what you had typed is kept as far as it was saved"),
    }
}

/// A panic of the seat is told in a terminal that is as it was before. One in a task, such as a question to the desk, is
/// not the seat's end, which goes on in its terminal.
fn tell_of_panics(guard: &LocalGuard) {
    let screen = guard.screen();
    let seat = tokio::task::try_id();
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        // Its words may quote a record, which no log does.
        tracing::error!(at = info.location().map(tracing::field::display), "panic");
        if tokio::task::try_id() == seat {
            screen.restore();
            before(info);
        }
    }));
}

/// Panics where a test wants to see what is left behind: `FRONTDESK_PANIC` names the place. Not in a release.
pub(super) fn panic_on_request(place: &str) {
    let is_asked = cfg!(debug_assertions) && std::env::var("FRONTDESK_PANIC").is_ok_and(|asked| asked == place);
    assert!(!is_asked, "as asked, at {place}");
}

/// How busy a seat is, for tests: idle when all events sent were handled and the rest is zero.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Busy {
    pub events: u64,
    pub tasks: usize,
    pub dirty: bool,
    /// Timers that have been fired on request.
    pub woken: u64,
}

pub struct Seat {
    app: App,
    desk: Desk,
    /// Among the seats of this server.
    chair: Option<Chair>,
    /// What the terminal shows.
    mirror: Mirror,
    port: Port,
    terminal: Terminal<PeerBackend>,
    bytes: Bytes,
    size: Size,
    inbox: mpsc::UnboundedReceiver<Msg>,
    post: mpsc::UnboundedSender<Msg>,
    /// Questions that wait for the frame.
    asked: Vec<(Ask, Cx, Question)>,
    /// Questions that must not overtake each other.
    ordered: Queue<(Ask, Cx, Question)>,
    /// What is done to records; a long one holds up no draft.
    deeds: Queue<(Ask, Cx, Question)>,
    news: broadcast::Receiver<News>,
    timers: Vec<(Instant, Ask)>,
    tasks: usize,
    events: u64,
    woken: u64,
    dirty: bool,
    /// Messages handled since the last frame.
    taken: usize,
    leaving: bool,
    /// What the terminal was told about the mouse last.
    has_mouse: bool,
    /// Texts that the person's editor is wanted for.
    errands: VecDeque<(Ask, String)>,
    own: OwnFiles,
    notify: Notify,
    fixed_now: Option<DateTime<Utc>>,
    cancel: CancellationToken,
    busy: watch::Sender<Busy>,
    /// Tests ask here for all timers to fire at once.
    hurry: Arc<tokio::sync::Notify>,
}

impl Seat {
    pub fn new(desk: Desk, cx: Cx, port: Port, options: &Options, cancel: CancellationToken) -> anyhow::Result<Self> {
        let registry = desk.registry_for(&cx);
        let name = options.theme.as_deref().unwrap_or("dark");
        let theme = match &options.own.theme_text {
            Some(toml) => Theme::parse(toml, options.depth).with_context(|| format!("the theme {name}"))?,
            None => Theme::named(name, options.depth).with_context(|| format!("no theme is called “{name}”"))?,
        };
        let keymap = match &options.own.keys_text {
            Some(toml) => Keymap::parse(toml).map_err(|e| anyhow::anyhow!("keys.toml: {e}"))?,
            None => Keymap::default(),
        };
        let start = match &options.open {
            Some(name) => {
                let coded = || {
                    let found = registry.by_code(name).map(|(kind, id)| Place::Record(kind, id));
                    found.with_context(|| format!("“{name}” is no record's code"))
                };
                Some(match name.strip_prefix("watch ") {
                    Some(whose) => Place::Screen(Some(whose.trim().to_owned())),
                    None => app::tab(name).map(Place::Tab).map_or_else(coded, Ok)?,
                })
            }
            None => None,
        };
        let now = options.now.unwrap_or_else(Utc::now);
        let chair = options.hub.as_ref().map(|hub| hub.sit(&cx));
        let ui = Ui {
            words: Catalogue::new(cx.viewer.lang),
            cx,
            registry,
            now,
            theme,
            keymap,
            width: port.size.width,
            height: port.size.height,
            online: true,
            present: Vec::new(),
            unread: 0,
            wishes: crate::tui::screens::notices::Wishes::default(),
            recording: None,
            plain: false,
            is_local: options.is_local,
            reached: options.reached.clone(),
            last_action: None,
        };
        let bytes = Bytes::default();
        let mirror = port.mirror.clone().unwrap_or_default();
        let mut backend = PeerBackend::new(bytes.clone(), port.size, Some(Arc::clone(&mirror)));
        backend.resize(port.size);
        let (sender, receiver) = mpsc::unbounded_channel();
        let queue = || {
            let (desk, answers) = (desk.clone(), sender.clone());
            Queue::new(move |(ask, cx, question)| put(desk.clone(), answers.clone(), ask, cx, question))
        };
        let (ordered, deeds) = (queue(), queue());
        let mut app = App::new(ui, start);
        app.keep_to(options.said);
        if options.plain {
            app.speak_plainly();
        }
        if options.teaches {
            app.teach();
        }
        Ok(Self {
            app,
            news: desk.news(),
            desk,
            chair,
            mirror,
            size: port.size,
            port,
            terminal: Terminal::new(backend)?,
            bytes,
            inbox: receiver,
            post: sender,
            asked: Vec::new(),
            ordered,
            deeds,
            timers: Vec::new(),
            tasks: 0,
            events: 0,
            woken: 0,
            dirty: true,
            taken: 0,
            leaving: false,
            has_mouse: false,
            errands: VecDeque::new(),
            own: options.own.clone(),
            notify: options.notify,
            fixed_now: options.now,
            cancel,
            busy: watch::Sender::new(Busy { dirty: true, ..Busy::default() }),
            hurry: Arc::default(),
        })
    }

    /// For tests: how busy the seat is, and the bell that fires its timers at once.
    pub fn watch(&self) -> (watch::Receiver<Busy>, Arc<tokio::sync::Notify>) {
        (self.busy.subscribe(), Arc::clone(&self.hurry))
    }

    /// Runs until the person leaves or the terminal is gone.
    pub async fn sit(mut self) -> io::Result<()> {
        let work = self.app.begin();
        self.carry_out(work)?;
        let mut minute = self.next_minute();
        while !self.leaving {
            if let Some((ask, text)) = self.errands.pop_front() {
                let edited = self.lend(&text).await?;
                self.tasks -= 1;
                self.handle(Msg::Answer(ask, Answer::Edited(edited)))?;
            }
            // Asked once: what is told and what is waited for must be the same.
            let in_flight = !self.port.frames.is_free();
            // What a key shows goes before what it asks: the database is busy enough to hold up the frame.
            if !self.dirty && !in_flight {
                self.put_questions();
            }
            self.busy.send_replace(Busy {
                events: self.events,
                tasks: self.tasks,
                dirty: self.dirty || in_flight,
                woken: self.woken,
            });
            let timer = self.timers.iter().map(|(at, _)| *at).min();
            let frames = self.port.frames.clone();
            // What is there already is one frame's matter; a flood does not keep the frame from coming.
            let takes = in_flight || !self.dirty || self.taken < AT_ONCE;
            let msg = tokio::select! {
                biased;
                () = self.cancel.cancelled() => break,
                event = self.port.events.recv(), if takes => match event {
                    Some(event) => {
                        panic_on_request("a key");
                        self.events += 1;
                        self.resized(&event)?;
                        Msg::Input(event)
                    }
                    None => break,
                },
                Some(msg) = self.inbox.recv(), if takes => {
                    if !matches!(msg, Msg::Answer(_, Answer::Progress(_))) {
                        self.tasks -= 1;
                    }
                    msg
                }
                told = hear(&mut self.chair), if takes => Msg::Share(told),
                slot = frames.ready(), if self.dirty || in_flight => {
                    if self.dirty {
                        self.draw(slot)?;
                    }
                    continue;
                }
                news = self.news.recv() => match news {
                    Ok(news) => Msg::News(news),
                    Err(broadcast::error::RecvError::Lagged(_)) => Msg::News(News::Resync),
                    Err(broadcast::error::RecvError::Closed) => break,
                },
                () = sleep_until(timer), if timer.is_some() => {
                    self.fire(Instant::now())?;
                    continue;
                }
                () = self.hurry.notified() => {
                    self.woken += 1;
                    self.fire(Instant::now() + Duration::from_hours(1))?;
                    continue;
                }
                () = tokio::time::sleep_until(minute), if self.fixed_now.is_none() => {
                    minute = self.next_minute();
                    Msg::Minute
                }
            };
            self.handle(msg)?;
        }
        // Whoever sees this screen, or shows theirs, need not wait for what is still being saved.
        self.chair = None;
        if !self.leaving {
            let work = self.app.cut();
            self.carry_out(work)?;
        }
        self.put_questions();
        self.last_words().await;
        self.desk.attend(self.app.cx(), None, false).await.ok();
        Ok(())
    }

    fn handle(&mut self, msg: Msg) -> io::Result<()> {
        match &msg {
            Msg::Minute => self.reread(),
            Msg::Own(fresh) => self.own = fresh.files.clone(),
            _ => {}
        }
        // They have waited for a frame; a terminal that takes none holds up nothing else.
        self.put_questions();
        let now = self.now();
        self.taken += 1;
        self.dirty |= self.app.is_seen(&msg);
        let work = self.app.update(msg, now);
        self.carry_out(work)
    }

    /// Looks whether the person's own files have changed.
    fn reread(&mut self) {
        if self.own.is_none() {
            return;
        }
        self.tasks += 1;
        let (files, depth, post) = (self.own.clone(), self.app.ui.theme.depth(), self.post.clone());
        tokio::spawn(async move {
            let fresh = files.reread(depth).await;
            post.send(Msg::Own(Box::new(fresh))).ok();
        });
    }

    fn fire(&mut self, until: Instant) -> io::Result<()> {
        let (due, later) = std::mem::take(&mut self.timers).into_iter().partition(|(at, _)| *at <= until);
        self.timers = later;
        let due: Vec<(Instant, Ask)> = due;
        for (_, ask) in due {
            self.handle(Msg::Wake(ask))?;
        }
        Ok(())
    }

    fn carry_out(&mut self, work: Vec<Effect>) -> io::Result<()> {
        for effect in work {
            match effect {
                Effect::Ask { ask, question } => self.ask(ask, question),
                Effect::Wake { ask, after } => {
                    self.timers.retain(|(_, wanted)| *wanted != ask);
                    self.timers.push((Instant::now() + after, ask));
                }
                Effect::Edit { ask, text } => {
                    self.tasks += 1;
                    self.errands.push_back((ask, text));
                }
                Effect::Copy(text) => {
                    let copy = crossterm::clipboard::CopyToClipboard::to_clipboard_from(text);
                    crossterm::queue!(self.bytes, copy)?;
                }
                Effect::Notify(said) => {
                    // It goes with the next frame, which may be of nothing else.
                    self.bytes.write_all(&self.notify.bytes(&said))?;
                    self.dirty = true;
                }
                Effect::Share(wish) => {
                    if let Some(chair) = &mut self.chair {
                        chair.wish(wish);
                    } else {
                        self.tasks += 1;
                        self.post.send(Msg::Share(Told::Not(Over::Off))).ok();
                    }
                }
                Effect::Quit => self.leaving = true,
                // Ctrl-l: the terminal may show something else than we think.
                Effect::Run(_) => {
                    self.terminal.clear()?;
                    self.reread();
                }
                Effect::Push(_) | Effect::Close(_) | Effect::Go(_) | Effect::Say(..) | Effect::Remember(..) => {
                    unreachable!("the application carries these out itself")
                }
            }
        }
        Ok(())
    }

    fn ask(&mut self, ask: Ask, question: Question) {
        self.tasks += 1;
        let mut cx = self.app.cx().clone();
        cx.viewer.now = self.now();
        self.asked.push((ask, cx, question));
    }

    fn put_questions(&mut self) {
        for (ask, cx, question) in std::mem::take(&mut self.asked) {
            self.put_question(ask, cx, question);
        }
    }

    fn put_question(&mut self, ask: Ask, cx: Cx, question: Question) {
        if queue::is_ordered(&question) {
            self.ordered.give((ask, cx, question));
        } else if queue::is_deed(&question) {
            self.deeds.give((ask, cx, question));
        } else {
            tokio::spawn(put(self.desk.clone(), self.post.clone(), ask, cx, question));
        }
    }

    fn resized(&mut self, event: &Event) -> io::Result<()> {
        if let Event::Resize(width, height) = *event {
            let size = port::clamp(width, height);
            if size != self.size {
                self.size = size;
                self.terminal.backend_mut().resize(size);
                self.terminal.clear()?;
            }
        }
        Ok(())
    }

    fn draw(&mut self, slot: tokio::sync::OwnedSemaphorePermit) -> io::Result<()> {
        self.dirty = false;
        self.taken = 0;
        let Self { terminal, app, .. } = self;
        terminal.draw(|frame| app.view(frame))?;
        if let Some(chair) = &self.chair {
            let mirror = &self.mirror;
            chair.show(|| mirror.lock().expect("no writer panics while it holds the mirror").clone(), app.ground());
        }
        let bytes = self.bytes.take();
        let wants_mouse = self.app.wants_mouse();
        if bytes.is_empty() && wants_mouse == self.has_mouse {
            return Ok(());
        }
        let mut frame = b"\x1b[?2026h".to_vec();
        if wants_mouse != self.has_mouse {
            self.has_mouse = wants_mouse;
            frame.extend_from_slice(if wants_mouse { port::MOUSE_ON } else { port::MOUSE_OFF });
        }
        frame.extend_from_slice(&bytes);
        frame.extend_from_slice(b"\x1b[?2026l");
        if self.port.frames.send(frame, slot) { Ok(()) } else { Err(io::ErrorKind::BrokenPipe.into()) }
    }

    /// Lends the terminal to the person's editor. Nothing is drawn meanwhile; what others do is taken in afterwards.
    async fn lend(&mut self, text: &str) -> io::Result<Edited> {
        let Some(console) = self.port.console.clone() else { return Ok(Edited::Remote) };
        let Some(command) = external::command(|name| std::env::var(name).ok()) else { return Ok(Edited::NoEditor) };
        // The frame on its way is on the screen first.
        drop(self.port.frames.ready().await);
        let lent = console.clone();
        tokio::task::spawn_blocking(move || lent.suspend()).await.map_err(io::Error::other)??;
        let edited = external::edit(&command, text, &self.cancel).await;
        let size = console.resume()?;
        // The terminal was put back to what it is when the program starts.
        self.has_mouse = false;
        self.terminal.clear()?;
        self.dirty = true;
        if size != self.size {
            let event = Event::Resize(size.width, size.height);
            self.resized(&event)?;
            self.handle(Msg::Input(event))?;
        }
        Ok(edited)
    }

    /// Positions and drafts that are being saved get a moment.
    async fn last_words(&mut self) {
        let until = Instant::now() + LAST_WORDS;
        while self.tasks > 0 {
            match tokio::time::timeout_at(until, self.inbox.recv()).await {
                Ok(Some(Msg::Answer(_, Answer::Progress(_)))) => {}
                Ok(Some(_)) => self.tasks -= 1,
                _ => break,
            }
        }
    }

    fn now(&self) -> DateTime<Utc> {
        self.fixed_now.unwrap_or_else(Utc::now)
    }

    fn next_minute(&self) -> Instant {
        let past = self.now().timestamp().rem_euclid(60) as u64;
        Instant::now() + Duration::from_secs(60 - past)
    }
}

/// What the hub says; never anything where there is none.
async fn hear(chair: &mut Option<Chair>) -> Told {
    match chair {
        Some(chair) => chair.told().await,
        None => std::future::pending().await,
    }
}

async fn sleep_until(at: Option<Instant>) {
    if let Some(at) = at {
        tokio::time::sleep_until(at).await;
    }
}
