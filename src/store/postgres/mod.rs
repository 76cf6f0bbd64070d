//! The private Postgres: found, made, started and kept by the program itself. No password and no TCP: its Unix socket
//! lies in a folder that only its owner can enter.
//!
//! Every process that uses the server holds a `Lease`, a shared lock on `clients.lock`. The keeper (`keeper.rs`) holds
//! `keeper.lock`, sees whether anybody holds the other, and stops the server a minute after the last. The kernel frees
//! the locks of whoever is killed; a live lease starts a new keeper when the old one is gone, and the keeper a new
//! server.

mod cluster;
mod find;
mod keeper;
mod place;
mod workspace;

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, BufRead, BufReader};
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant, SystemTime};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

pub use self::cluster::Postmaster;
pub use self::find::{Binaries, OLDEST, install_hint};
pub use self::keeper::keep;
pub use self::place::make_data_dir;
use self::place::{Place, cannot};
pub use self::workspace::{Known, known, person};
use crate::config::Database;

/// Why there is no private server, in a sentence that says what to do.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Error(pub(crate) String);

/// How long the server runs on without users.
pub const LINGER: Duration = Duration::from_mins(1);

/// Making a cluster and recovering one take seconds; this is for a machine in distress.
const ENTER_MAX: Duration = Duration::from_mins(3);

/// How often a lease looks whether its keeper still lives.
const WATCH: Duration = Duration::from_secs(5);

/// Which server, and who starts its keeper.
#[derive(Clone, Debug)]
pub struct Private {
    data_dir: PathBuf,
    /// The program whose `keeper` subcommand is run.
    program: PathBuf,
    linger: Duration,
    scratch: bool,
}

/// The right to use the server, and the server's promise to run: both end when it is dropped.
#[derive(Debug)]
pub struct Lease {
    socket_dir: PathBuf,
    clients: File,
    /// Something the person should be told, once, about where the server lives.
    pub notice: Option<String>,
    /// Ends the watch when dropped.
    _watch: Sender<()>,
}

/// What can be told of a private server without starting it.
#[derive(Debug)]
pub struct Status {
    pub home: PathBuf,
    pub log: PathBuf,
    /// The user that root's server runs as.
    pub account: Option<String>,
    /// The cluster's major version; `None`: not made yet.
    pub major: Option<u32>,
    pub server: Option<Postmaster>,
    pub keeper: Option<i32>,
}

impl Private {
    pub fn new(data_dir: &Path) -> Self {
        // An upgrade may have replaced the file this process was started from; the link still leads to it.
        let linux = Path::new("/proc/self/exe");
        let program = if linux.exists() { Ok(linux.to_path_buf()) } else { std::env::current_exe() };
        let linger = std::env::var("FRONTDESK_LINGER_MS").ok().and_then(|ms| ms.parse().ok());
        Self {
            data_dir: data_dir.to_path_buf(),
            program: program.unwrap_or_else(|_| "frontdesk".into()),
            linger: linger.map_or(LINGER, Duration::from_millis),
            scratch: false,
        }
    }

    /// With another program as keeper, and another time to linger.
    #[must_use]
    pub fn run_by(self, program: &Path, linger: Duration) -> Self {
        Self { program: program.to_path_buf(), linger, ..self }
    }

    /// A cluster that is quick and not durable, and gone with its last user: for tests and measurements.
    #[must_use]
    pub fn scratch(self, program: &Path) -> Self {
        Self { scratch: true, ..self.run_by(program, Duration::ZERO) }
    }

    /// Starts the server unless it runs, makes its cluster the first time, and returns when it lets connections in.
    /// Blocks for up to seconds.
    pub fn enter(&self) -> Result<Lease, Error> {
        let place = Place::of(&self.data_dir)?;
        let new = place.make_home()?;
        let notice = place.account.as_ref().filter(|_| new).map(|account| {
            format!(
                "You are root, and PostgreSQL does not run as root: the server runs as `{}`, its data is in {}.",
                account.name,
                place.home.display()
            )
        });
        let clients = lock_shared(&place)?;
        let _ = clients.set_modified(SystemTime::now());
        let mut started = None;
        let deadline = Instant::now() + ENTER_MAX;
        let server = loop {
            if keeper_lives(&place)? {
                if let Some(server) = cluster::running(&place.data()).filter(|server| server.ready) {
                    break server;
                }
                std::thread::sleep(Duration::from_millis(20));
            } else {
                started = Some(self.start_keeper()?);
            }
            if Instant::now() > deadline {
                let said = cluster::last_words(&place.log());
                return Err(Error(format!("PostgreSQL did not become ready: {said} (log: {})", place.log().display())));
            }
        };
        let watch = self.watch(place, started);
        Ok(Lease { socket_dir: server.socket_dir, clients, notice, _watch: watch })
    }

    /// Returns when the keeper has the server ready, or another keeper was there first.
    fn start_keeper(&self) -> Result<Child, Error> {
        let failed = |e: io::Error| Error(format!("The server's keeper does not start: {e}"));
        let mut command = Command::new(&self.program);
        command.arg0("frontdesk").arg("keeper").arg("--data-dir").arg(&self.data_dir);
        command.arg("--linger-ms").arg(self.linger.as_millis().to_string());
        if self.scratch {
            command.arg("--scratch");
        }
        // Where the person stands may be a folder that is removed or unmounted while the server runs.
        command.current_dir("/").stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().map_err(failed)?;
        let mut line = String::new();
        let out = child.stdout.take().expect("piped above");
        BufReader::new(out).read_line(&mut line).map_err(failed)?;
        match line.trim() {
            keeper::READY | keeper::TAKEN => Ok(child),
            "" => Err(Error("The server's keeper ended without a word; try again.".into())),
            said => {
                let _ = child.wait();
                Err(Error(said.to_owned()))
            }
        }
    }

    /// For as long as the lease lives, there is a keeper.
    fn watch(&self, place: Place, mut started: Option<Child>) -> Sender<()> {
        let (sender, ended) = channel::<()>();
        let private = self.clone();
        std::thread::spawn(move || {
            while ended.recv_timeout(WATCH) == Err(RecvTimeoutError::Timeout) {
                // Waited for, lest it stay in the process table after its end.
                if let Some(child) = &mut started {
                    let _ = child.try_wait();
                }
                if keeper_lives(&place).is_ok_and(|lives| !lives) {
                    tracing::warn!("the server's keeper is gone; starting another");
                    match private.start_keeper() {
                        Ok(child) => started = Some(child),
                        Err(error) => tracing::error!("{error}"),
                    }
                }
            }
        });
        sender
    }

    /// Looks without starting anything.
    pub fn status(&self) -> Result<Status, Error> {
        let place = Place::of(&self.data_dir)?;
        Ok(Status {
            log: place.log(),
            account: place.account.as_ref().map(|a| a.name.clone()),
            major: cluster::major(&place.data()),
            server: cluster::running(&place.data()),
            keeper: keeper_pid(&place).map(Pid::as_raw),
            home: place.home,
        })
    }

    /// Stops the server; false when none ran. Refuses while anybody uses it.
    pub fn stop(&self) -> Result<bool, Error> {
        let place = Place::of(&self.data_dir)?;
        let Some(server) = cluster::running(&place.data()) else { return Ok(false) };
        let clients = open_lock(&place.clients_lock())?;
        match clients.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(Error(
                    "Somebody is using the server: leave every frontdesk on this data folder first.".into(),
                ));
            }
            Err(TryLockError::Error(e)) => return Err(cannot("lock", &place.clients_lock(), &e)),
        }
        match keeper_pid(&place) {
            Some(keeper) => drop(kill(keeper, Signal::SIGTERM)),
            None => cluster::ask_to_stop(server.pid),
        }
        let deadline = Instant::now() + ENTER_MAX;
        while cluster::is_postgres(server.pid) || keeper_lives(&place)? {
            if Instant::now() > deadline {
                return Err(Error(format!("The server does not stop; its process is {}.", server.pid)));
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(true)
    }

    /// Tells the keeper to let the server run without users, until `stop`.
    pub fn stay(&self) -> Result<(), Error> {
        let place = Place::of(&self.data_dir)?;
        let told = keeper_pid(&place).is_some_and(|keeper| kill(keeper, Signal::SIGUSR1).is_ok());
        if told { Ok(()) } else { Err(Error("The server's keeper is gone; try again.".into())) }
    }

    /// The programs of the cluster's version, or the newest where there is none yet.
    pub fn binaries(&self) -> Result<Binaries, Error> {
        cluster::binaries(&Place::of(&self.data_dir)?)
    }

    /// `psql` of the cluster's version, else the one on the path.
    pub fn psql(&self) -> Result<PathBuf, Error> {
        Ok(find::psql(&self.binaries()?.dir))
    }
}

impl Lease {
    pub fn socket_dir(&self) -> &Path {
        &self.socket_dir
    }

    /// A workspace on this server, by its database's name.
    pub fn database(&self, workspace: &str) -> Database {
        Database::private(&self.socket_dir, workspace, &format!("{workspace}_service"))
    }
}

impl Drop for Lease {
    /// The keeper's minute begins now. Who is killed never says so, and is noticed by the lock alone.
    fn drop(&mut self) {
        let _ = self.clients.set_modified(SystemTime::now());
    }
}

fn open_lock(path: &Path) -> Result<File, Error> {
    let open = OpenOptions::new().create(true).truncate(false).read(true).write(true).open(path);
    open.map_err(|e| cannot("open", path, &e))
}

/// Waits while a keeper that holds the lock alone stops its server.
fn lock_shared(place: &Place) -> Result<File, Error> {
    loop {
        let path = place.clients_lock();
        let file = open_lock(&path)?;
        file.lock_shared().map_err(|e| cannot("lock", &path, &e))?;
        // A scratch server takes its folder with it, and the file that we waited for.
        let same = |m: &fs::Metadata| file.metadata().is_ok_and(|own| own.ino() == m.ino());
        if fs::metadata(&path).as_ref().is_ok_and(same) {
            return Ok(file);
        }
        place.make_home()?;
    }
}

fn keeper_lives(place: &Place) -> Result<bool, Error> {
    let path = place.keeper_lock();
    if !path.exists() {
        return Ok(false);
    }
    match open_lock(&path)?.try_lock_shared() {
        // Closing the file gives the lock back.
        Ok(()) => Ok(false),
        Err(TryLockError::WouldBlock) => Ok(true),
        Err(TryLockError::Error(e)) => Err(cannot("lock", &path, &e)),
    }
}

fn keeper_pid(place: &Place) -> Option<Pid> {
    if !keeper_lives(place).ok()? {
        return None;
    }
    fs::read_to_string(place.keeper_lock()).ok()?.trim().parse().ok().map(Pid::from_raw)
}
