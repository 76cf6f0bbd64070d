//! Screens that are shown to colleagues: who sits at this server, who asks whom, and the way of a screen from the seat
//! that shows it to the one that sees it. Nothing goes the other way but the wish that it ends.
//!
//! Two seats make a pair, and a seat is in one pair at most: whoever sees a screen shows none, so nobody is shown what
//! its owner has not agreed to. A screen is shown from when it is written down that it is. Only the latest picture is
//! kept, so that who takes them slowly holds up nobody.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use tokio::sync::{mpsc, watch};
use tokio_util::task::TaskTracker;

use super::backend::Screen;
use super::theme::Ground;
use crate::desk::{Cx, Desk};

/// How soon somebody who was not let see a screen may ask the same person again.
const AGAIN: Duration = Duration::from_mins(1);

/// Who sits at a seat of this server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sitter {
    /// [`Cx::seat`].
    pub seat: String,
    pub login: String,
    pub since: DateTime<Utc>,
    person: i64,
    from: Option<IpAddr>,
}

/// What a seat shows, as it was drawn there, without its line about being seen.
#[derive(Debug)]
pub struct Picture {
    pub cells: Buffer,
    pub cursor: Option<Position>,
    /// What lies under it there.
    pub ground: Ground,
}

/// What a seat wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wish {
    /// To know who else sits here.
    Who,
    /// To see a screen, by its seat's name or its person's login.
    See(String),
    /// Shows the screen to whoever asked with this number.
    Agree(u64),
    Refuse(u64),
    /// Shows this screen no more.
    End,
    /// Asks for no screen and sees none any more.
    Leave,
}

/// What a seat is told.
#[derive(Clone, Debug)]
pub enum Told {
    /// Who else sits here, or which seats have the login that was asked for; the oldest first.
    Here(Vec<Sitter>),
    /// That person wants to see this screen, by that number.
    Asked(u64, Sitter),
    /// That person sees this screen from now on.
    Shown(Sitter),
    /// That person has been asked, and has so long to agree.
    Asking(Sitter, Duration),
    /// That person's screen is seen from now on.
    Seeing(Sitter),
    /// How it looks now.
    Seen(Arc<Picture>),
    /// The screen that was asked for is not seen, or no more. Whoever leaves is not told that they do.
    Not(Over),
    /// Nobody asks for this screen any more, or sees it.
    Over(Over),
}

/// Why a screen is not seen, or no more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Over {
    /// There are no seats to be seen here: a local program, or a server that does not want it.
    Off,
    /// Nobody of this name or login sits at this server.
    Nobody(String),
    /// It is one's own screen.
    Own,
    /// One shows one's own, or is asked to.
    Shows,
    /// They ask, see, show or are asked.
    Busy(Sitter),
    /// They have said no, or nothing, a moment ago.
    TooSoon(Sitter),
    Refused(Sitter),
    NoAnswer(Sitter),
    /// It could not be written down, or one of the two may not come in any more.
    Unwritten(Sitter),
    /// Whoever was to show it, or did, ended it or left; whether it was shown.
    OwnerEnded(Sitter, bool),
    OwnerLeft(Sitter, bool),
    /// Whoever asked, or saw it, ended it or left.
    WatcherEnded(Sitter, bool),
    WatcherLeft(Sitter, bool),
}

/// Why a pair parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Refused,
    NoAnswer,
    Unwritten,
    OwnerEnded,
    OwnerLeft,
    WatcherEnded,
    WatcherLeft,
}

impl End {
    /// As one of the two hears it, of the other.
    fn over(self, other: Sitter, was_shown: bool) -> Over {
        match self {
            Self::Refused => Over::Refused(other),
            Self::NoAnswer => Over::NoAnswer(other),
            Self::Unwritten => Over::Unwritten(other),
            Self::OwnerEnded => Over::OwnerEnded(other, was_shown),
            Self::OwnerLeft => Over::OwnerLeft(other, was_shown),
            Self::WatcherEnded => Over::WatcherEnded(other, was_shown),
            Self::WatcherLeft => Over::WatcherLeft(other, was_shown),
        }
    }

    /// As it stays written down.
    fn note(self, pair: &Pair) -> String {
        let (owner, watcher) = (&pair.owner.login, &pair.watcher.login);
        match self {
            Self::OwnerLeft => format!("{owner} has left"),
            Self::WatcherLeft => format!("{watcher} has left"),
            Self::WatcherEnded => format!("{watcher} ended it"),
            _ => format!("{owner} ended it"),
        }
    }
}

/// How far two seats have come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Asked,
    /// The owner has agreed, and it is being written down.
    Agreed,
    Shown,
}

struct Pair {
    owner: Sitter,
    watcher: Sitter,
    stage: Stage,
}

/// What goes to a seat: words, and the ends of the line that pictures take.
enum Post {
    Told(Told),
    Show(Sitter, watch::Sender<Option<Arc<Picture>>>),
    See(Sitter, watch::Receiver<Option<Arc<Picture>>>),
}

#[derive(Default)]
struct State {
    seats: HashMap<String, (Sitter, mpsc::UnboundedSender<Post>)>,
    pairs: HashMap<u64, Pair>,
    last: u64,
    /// Owner and asker of what was refused, and when.
    refused: HashMap<(i64, i64), Instant>,
}

impl State {
    fn post(&self, seat: &str, post: Post) {
        if let Some((_, box_)) = self.seats.get(seat) {
            // Whoever has left hears nothing.
            box_.send(post).ok();
        }
    }

    fn tell(&self, seat: &str, told: Told) {
        self.post(seat, Post::Told(told));
    }

    /// The pair that a seat is in.
    fn pair_of(&self, seat: &str) -> Option<(u64, &Pair)> {
        let is_in = |pair: &Pair| pair.owner.seat == seat || pair.watcher.seat == seat;
        self.pairs.iter().find(|(_, pair)| is_in(pair)).map(|(number, pair)| (*number, pair))
    }

    /// All seats but one, the oldest first.
    fn others(&self, seat: &str) -> Vec<Sitter> {
        let mut others: Vec<Sitter> =
            self.seats.values().map(|(sitter, _)| sitter.clone()).filter(|sitter| sitter.seat != seat).collect();
        others.sort_by(|a, b| (a.since, &a.seat).cmp(&(b.since, &b.seat)));
        others
    }
}

struct Inside {
    desk: Desk,
    /// How long whoever is asked has to agree.
    patience: Duration,
    state: Mutex<State>,
    /// What is being written down.
    writing: TaskTracker,
}

/// The seats of one server.
#[derive(Clone)]
pub struct Hub(Arc<Inside>);

impl std::fmt::Debug for Hub {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Hub").finish_non_exhaustive()
    }
}

impl Hub {
    /// Without seats yet; whoever is asked has so long to agree.
    pub fn new(desk: Desk, patience: Duration) -> Self {
        Self(Arc::new(Inside { desk, patience, state: Mutex::default(), writing: TaskTracker::new() }))
    }

    /// Waits until all that has happened is written down. Nobody sits here any more then.
    pub async fn settled(&self) {
        self.0.writing.close();
        self.0.writing.wait().await;
    }

    /// A seat is here until its chair is dropped.
    pub(super) fn sit(&self, cx: &Cx) -> Chair {
        let me = &cx.viewer.me;
        let sitter = Sitter {
            seat: cx.seat.clone(),
            login: me.login.clone(),
            since: cx.viewer.now,
            person: me.id,
            from: cx.from,
        };
        let (tx, post) = mpsc::unbounded_channel();
        self.state().seats.insert(cx.seat.clone(), (sitter, tx));
        Chair { hub: self.clone(), seat: cx.seat.clone(), post, shows: None, sees: None }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wish(&self, seat: &str, wish: Wish) {
        let mut state = self.state();
        match wish {
            Wish::Who => state.tell(seat, Told::Here(state.others(seat))),
            Wish::See(whom) => {
                if let Err(told) = self.ask(&mut state, seat, &whom) {
                    state.tell(seat, told);
                }
            }
            Wish::Agree(number) => self.agree(&mut state, seat, number),
            Wish::Refuse(number) => {
                if state.pairs.get(&number).is_some_and(|pair| pair.owner.seat == seat && pair.stage == Stage::Asked) {
                    self.part(&mut state, number, End::Refused);
                }
            }
            Wish::End | Wish::Leave => {
                if let Some((number, pair)) = state.pair_of(seat) {
                    let is_owner = pair.owner.seat == seat;
                    match (wish, is_owner) {
                        (Wish::End, true) => self.part(&mut state, number, End::OwnerEnded),
                        (Wish::Leave, false) => self.part(&mut state, number, End::WatcherEnded),
                        _ => {}
                    }
                }
            }
        }
    }

    /// Asks whoever is meant, or says why not.
    fn ask(&self, state: &mut State, seat: &str, whom: &str) -> Result<(), Told> {
        let over = |over| Err(Told::Not(over));
        let Some((me, _)) = state.seats.get(seat).cloned() else { return over(Over::Off) };
        if let Some((_, pair)) = state.pair_of(seat) {
            // Asking for one is not a wish for another.
            return if pair.owner.seat == seat { over(Over::Shows) } else { Ok(()) };
        }
        let mut meant = state.others(seat);
        meant.retain(|sitter| sitter.seat == whom || sitter.login == whom);
        let owner = match meant.len() {
            0 if whom == me.seat || whom == me.login => return over(Over::Own),
            0 => return over(Over::Nobody(whom.to_owned())),
            1 => meant.remove(0),
            _ => return Err(Told::Here(meant)),
        };
        if state.pair_of(&owner.seat).is_some() {
            return over(Over::Busy(owner));
        }
        state.refused.retain(|_, at| at.elapsed() < AGAIN);
        if state.refused.contains_key(&(owner.person, me.person)) {
            return over(Over::TooSoon(owner));
        }
        state.last += 1;
        let number = state.last;
        state.tell(&owner.seat, Told::Asked(number, me.clone()));
        state.tell(seat, Told::Asking(owner.clone(), self.0.patience));
        state.pairs.insert(number, Pair { owner, watcher: me, stage: Stage::Asked });
        let hub = self.clone();
        tokio::spawn(async move {
            tokio::time::sleep(hub.0.patience).await;
            let mut state = hub.state();
            if state.pairs.get(&number).is_some_and(|pair| pair.stage == Stage::Asked) {
                hub.part(&mut state, number, End::NoAnswer);
            }
        });
        Ok(())
    }

    /// Writes down that the screen is shown, and shows it then.
    fn agree(&self, state: &mut State, seat: &str, number: u64) {
        let asked = |pair: &&mut Pair| pair.owner.seat == seat && pair.stage == Stage::Asked;
        let Some(pair) = state.pairs.get_mut(&number).filter(asked) else { return };
        pair.stage = Stage::Agreed;
        let (hub, owner, watcher) = (self.clone(), pair.owner.clone(), pair.watcher.clone());
        self.0.writing.spawn(async move {
            let written = hub.0.desk.screen_shown(owner.person, watcher.person, watcher.from).await;
            if let Err(error) = &written {
                tracing::warn!(%error, "a screen is not shown: it could not be written down");
            }
            hub.open(number, &owner, &watcher, written.unwrap_or(false));
        });
    }

    fn open(&self, number: u64, owner: &Sitter, watcher: &Sitter, is_written: bool) {
        let mut state = self.state();
        let Some(pair) = state.pairs.get_mut(&number) else {
            // It was ended sooner than it began.
            if is_written {
                let pair = Pair { owner: owner.clone(), watcher: watcher.clone(), stage: Stage::Shown };
                self.write_end(pair, End::OwnerEnded);
            }
            return;
        };
        if !is_written {
            return self.part(&mut state, number, End::Unwritten);
        }
        pair.stage = Stage::Shown;
        tracing::info!(owner = owner.person, watcher = watcher.person, "a screen is shown");
        let (tx, rx) = watch::channel(None);
        state.post(&owner.seat, Post::Show(watcher.clone(), tx));
        state.post(&watcher.seat, Post::See(owner.clone(), rx));
    }

    /// Parts two seats and tells both.
    fn part(&self, state: &mut State, number: u64, end: End) {
        let Some(pair) = state.pairs.remove(&number) else { return };
        let was_shown = pair.stage == Stage::Shown;
        state.tell(&pair.owner.seat, Told::Over(end.over(pair.watcher.clone(), was_shown)));
        if end != End::WatcherEnded {
            state.tell(&pair.watcher.seat, Told::Not(end.over(pair.owner.clone(), was_shown)));
        }
        if matches!(end, End::Refused | End::NoAnswer) {
            state.refused.insert((pair.owner.person, pair.watcher.person), Instant::now());
        }
        if was_shown {
            tracing::info!(owner = pair.owner.person, watcher = pair.watcher.person, "a screen is shown no more");
            self.write_end(pair, end);
        }
    }

    fn write_end(&self, pair: Pair, end: End) {
        // A seat that is dropped behind the end of everything has nobody left to write for it.
        if tokio::runtime::Handle::try_current().is_err() {
            return;
        }
        let hub = self.clone();
        self.0.writing.spawn(async move {
            let (owner, watcher) = (pair.owner.person, pair.watcher.person);
            let written = hub.0.desk.screen_closed(owner, watcher, pair.watcher.from, &end.note(&pair)).await;
            if let Err(error) = written {
                tracing::warn!(owner, watcher, %error, "a screen is shown no more, which could not be written down");
            }
        });
    }

    fn leave(&self, seat: &str) {
        let mut state = self.state();
        state.seats.remove(seat);
        if let Some((number, pair)) = state.pair_of(seat) {
            let end = if pair.owner.seat == seat { End::OwnerLeft } else { End::WatcherLeft };
            self.part(&mut state, number, end);
        }
    }
}

/// A seat's place at the hub, given up when dropped.
pub(super) struct Chair {
    hub: Hub,
    seat: String,
    post: mpsc::UnboundedReceiver<Post>,
    /// Where this screen's pictures go while it is shown.
    shows: Option<watch::Sender<Option<Arc<Picture>>>>,
    /// Where another's come from.
    sees: Option<watch::Receiver<Option<Arc<Picture>>>>,
}

impl Chair {
    pub(super) fn wish(&mut self, wish: Wish) {
        // Not one picture more, whatever is on its way.
        match wish {
            Wish::End => self.shows = None,
            Wish::Leave => self.sees = None,
            _ => {}
        }
        self.hub.wish(&self.seat, wish);
    }

    /// What comes next; of pictures the latest. Nothing is lost when it is not waited for to the end.
    pub(super) async fn told(&mut self) -> Told {
        loop {
            let picture = async {
                match &mut self.sees {
                    Some(sees) => sees.changed().await,
                    None => std::future::pending().await,
                }
            };
            let post = tokio::select! {
                biased;
                post = self.post.recv() => post,
                changed = picture => {
                    let latest = self.sees.as_mut().and_then(|sees| sees.borrow_and_update().clone());
                    match (changed, latest) {
                        (Ok(()), Some(picture)) => return Told::Seen(picture),
                        (Ok(()), None) => {}
                        // It is over, which is told in words.
                        (Err(_), _) => self.sees = None,
                    }
                    continue;
                }
            };
            match post {
                Some(Post::Show(to, shows)) => {
                    self.shows = Some(shows);
                    return Told::Shown(to);
                }
                Some(Post::See(whose, sees)) => {
                    self.sees = Some(sees);
                    return Told::Seeing(whose);
                }
                Some(Post::Told(told)) => {
                    match told {
                        Told::Over(_) => self.shows = None,
                        Told::Not(_) => self.sees = None,
                        _ => {}
                    }
                    return told;
                }
                None => std::future::pending().await,
            }
        }
    }

    /// Shows what the terminal has now to whoever sees this screen, without its last row, which says so.
    pub(super) fn show(&self, screen: impl FnOnce() -> Screen, ground: Ground) {
        let Some(shows) = &self.shows else { return };
        let Screen { mut cells, cursor } = screen();
        let area = cells.area;
        cells.resize(Rect { height: area.height.saturating_sub(1), ..area });
        let cursor = cursor.filter(|at| cells.area.contains(*at));
        shows.send_replace(Some(Arc::new(Picture { cells, cursor, ground })));
    }
}

impl Drop for Chair {
    fn drop(&mut self) {
        self.hub.leave(&self.seat);
    }
}
