//! The keeper: one small process per private server that starts it, starts it again should it die, and stops it when
//! its last user has been gone for a while. It talks to nobody but through two locked files and signals, so that a
//! `kill -9` of anybody leaves nothing behind that the next start would have to guess about.
//!
//! Signals: TERM and INT stop the server; USR1 keeps it running without users until one of those.

use std::fs::{self, File, TryLockError};
use std::io::{self, Write};
use std::path::Path;
use std::process::Child;
use std::time::{Duration, Instant, SystemTime};

use nix::unistd::Pid;
use tokio::signal::unix::{SignalKind, signal};

use super::cluster::{self, Postmaster};
use super::place::{Place, cannot};
use super::{Error, open_lock};

/// How long a server may take to come up: recovery after a crash replays what was not yet written.
const START_MAX: Duration = Duration::from_mins(2);
const STOP_MAX: Duration = Duration::from_mins(1);

/// What the keeper tells the process that started it, in one line on standard output.
pub(super) const READY: &str = "ready";
pub(super) const TAKEN: &str = "taken";

/// Keeps the server of `data_dir` until `linger` after its last user. `scratch`: a cluster made without care for
/// crashes, removed when the server stops; a cluster that was there before is never removed.
pub fn keep(data_dir: &Path, linger: Duration, scratch: bool) -> Result<(), Error> {
    // Away from the terminal, whose Ctrl-C and hanging up are for the people at it.
    let _ = nix::unistd::setsid();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|e| Error(format!("The keeper cannot run: {e}")))?;
    runtime.block_on(async {
        let kept = run(data_dir, linger, scratch).await;
        if let Err(error) = &kept {
            tell(&error.0);
        }
        kept
    })
}

/// Says the one line and lets go of standard output, so that no pipe stays open for as long as the server runs.
fn tell(line: &str) {
    let mut out = io::stdout().lock();
    let _ = writeln!(out, "{}", line.replace('\n', " "));
    let _ = out.flush();
    if let Ok(null) = File::options().write(true).open("/dev/null") {
        let _ = nix::unistd::dup2_stdout(&null);
    }
}

async fn run(data_dir: &Path, linger: Duration, scratch: bool) -> Result<(), Error> {
    let place = Place::of(data_dir)?;
    place.make_home()?;
    let mut lock = open_lock(&place.keeper_lock())?;
    match lock.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            tell(TAKEN);
            return Ok(());
        }
        Err(TryLockError::Error(e)) => return Err(cannot("lock", &place.keeper_lock(), &e)),
    }
    let handler = |kind| signal(kind).map_err(|e| Error(format!("The keeper cannot listen to signals: {e}")));
    let mut term = handler(SignalKind::terminate())?;
    let mut int = handler(SignalKind::interrupt())?;
    let mut usr1 = handler(SignalKind::user_defined1())?;
    let _hup = handler(SignalKind::hangup())?;
    lock.set_len(0)
        .and_then(|()| writeln!(lock, "{}", Pid::this()))
        .map_err(|e| cannot("write", &place.keeper_lock(), &e))?;

    let clients = open_lock(&place.clients_lock())?;
    let mut server = Server::launch(&place, scratch).await?;
    tell(READY);

    let poll = (linger / 4).clamp(Duration::from_millis(20), Duration::from_millis(500));
    let mut used = Instant::now();
    let mut stay = false;
    let mut seen = change_of(&clients);
    loop {
        tokio::select! {
            _ = term.recv() => break,
            _ = int.recv() => break,
            _ = usr1.recv() => stay = true,
            () = tokio::time::sleep(poll) => {}
        }
        if server.is_gone() {
            // A failed start is tried again: the disk may have room in a minute. Users meanwhile see “not available”.
            match Server::launch(&place, scratch).await {
                Ok(again) => server = again,
                Err(_) => continue,
            }
        }
        // Who came and went between two looks has left a new time of change.
        let change = change_of(&clients);
        if change != seen {
            seen = change;
            used = Instant::now();
        }
        match clients.try_lock() {
            Err(_) => used = Instant::now(),
            Ok(()) if stay || used.elapsed() < linger => {
                let _ = clients.unlock();
            }
            // The lock is kept while the server stops: newcomers wait, then start it anew.
            Ok(()) => break,
        }
    }
    server.stop().await;
    if place.scratch_mark().exists() {
        let _ = fs::remove_dir_all(&place.home);
        let _ = fs::remove_dir_all(data_dir);
    }
    drop(lock);
    Ok(())
}

fn change_of(clients: &File) -> Option<SystemTime> {
    clients.metadata().and_then(|m| m.modified()).ok()
}

/// A running postmaster: the keeper's own child, or one whose keeper was killed.
struct Server {
    child: Option<Child>,
    pid: Pid,
}

impl Server {
    /// Returns when connections are let in.
    async fn launch(place: &Place, scratch: bool) -> Result<Self, Error> {
        let deadline = Instant::now() + START_MAX;
        let data = place.data();
        if let Some(found) = cluster::running(&data) {
            let mut server = Self { child: None, pid: found.pid };
            if server.ready(&data, deadline).await {
                return Ok(server);
            }
        }
        let binaries = cluster::binaries(place)?;
        if cluster::major(&data).is_none() {
            if scratch {
                fs::write(place.scratch_mark(), "").map_err(|e| cannot("write", &place.scratch_mark(), &e))?;
            }
            cluster::make(place, &binaries, scratch)?;
        }
        loop {
            let child = cluster::start(place, &binaries)?;
            let pid = Pid::from_raw(i32::try_from(child.id()).expect("process ids fit"));
            let mut server = Self { child: Some(child), pid };
            if server.ready(&data, deadline).await {
                return Ok(server);
            }
            let said = cluster::last_words(&place.log());
            // Sessions of a killed server take a moment to notice; until then they hold its shared memory.
            let passes = said.contains("shared memory block") || said.contains("postmaster.pid");
            if !passes || Instant::now() > deadline {
                server.stop().await;
                return Err(Error(format!("PostgreSQL does not start: {said} (log: {})", place.log().display())));
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// False when it ended, or the deadline passed.
    async fn ready(&mut self, data: &Path, deadline: Instant) -> bool {
        while !self.is_gone() && Instant::now() < deadline {
            let mine = |found: &Postmaster| found.pid == self.pid && found.ready;
            if cluster::running(data).as_ref().is_some_and(mine) {
                return true;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        false
    }

    fn is_gone(&mut self) -> bool {
        match &mut self.child {
            Some(child) => !matches!(child.try_wait(), Ok(None)),
            None => !cluster::is_postgres(self.pid),
        }
    }

    async fn stop(mut self) {
        if self.is_gone() {
            return;
        }
        cluster::ask_to_stop(self.pid);
        let asked = Instant::now();
        let mut patience = STOP_MAX;
        while !self.is_gone() {
            if asked.elapsed() > patience {
                cluster::abort(self.pid);
                patience = Duration::MAX;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}
