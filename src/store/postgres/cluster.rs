//! One cluster's life: made, started, looked at, stopped. Who may do so when is the keeper's business.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use nix::errno::Errno;
use nix::sys::signal::{Signal, kill};
use nix::sys::statvfs::statvfs;
use nix::unistd::Pid;

use super::Error;
use super::find::{Binaries, Finder};
use super::place::{Place, SOCKET_FILE, cannot};
use crate::config::OWNER;

/// Above this the server's log is put aside at the next start.
const LOG_MAX_BYTES: u64 = 20_000_000;

/// An empty cluster with an empty workspace.
const CLUSTER_BYTES: u128 = 100_000_000;

const SOCKET_LOCK: &str = ".s.PGSQL.5432.lock";

/// What `postmaster.pid` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Postmaster {
    pub pid: Pid,
    pub socket_dir: PathBuf,
    /// Connections are let in.
    pub ready: bool,
}

/// The server of this data folder, if its process lives.
pub(super) fn running(data: &Path) -> Option<Postmaster> {
    let found = parse_pidfile(&fs::read_to_string(data.join("postmaster.pid")).ok()?)?;
    is_postgres(found.pid).then_some(found)
}

fn parse_pidfile(text: &str) -> Option<Postmaster> {
    let mut lines = text.lines();
    let pid = Pid::from_raw(lines.next()?.trim().parse().ok()?);
    let socket_dir = lines.nth(3).unwrap_or_default().into();
    let ready = lines.nth(2).is_some_and(|status| status.trim() == "ready");
    Some(Postmaster { pid, socket_dir, ready })
}

/// The process lives and is a Postgres. A number in a stale file may be another program's by now, or that of a dead
/// process that nobody has waited for.
pub(super) fn is_postgres(pid: Pid) -> bool {
    match kill(pid, None) {
        Ok(()) | Err(Errno::EPERM) => {}
        Err(_) => return false,
    }
    // Without /proc there is nothing better to go by.
    let Ok(stat) = fs::read_to_string(format!("/proc/{pid}/stat")) else { return !Path::new("/proc/self").exists() };
    let Some((name, rest)) = stat.split_once('(').and_then(|(_, rest)| rest.rsplit_once(')')) else { return false };
    (name.starts_with("postgres") || name.starts_with("postmaster")) && !rest.trim_start().starts_with(['Z', 'X'])
}

/// The major version that made the cluster; `None` where there is no cluster yet.
pub(super) fn major(data: &Path) -> Option<u32> {
    fs::read_to_string(data.join("PG_VERSION")).ok()?.trim().parse().ok()
}

/// The programs for this place's cluster, or for a new one.
pub(super) fn binaries(place: &Place) -> Result<Binaries, Error> {
    Finder::of_machine().find(major(&place.data()))
}

/// A command that runs as the server's user in a clean environment.
fn command(place: &Place, program: &Path) -> Command {
    let mut command = Command::new(program);
    command.env_clear().env("PATH", "/usr/bin:/bin").env("TZ", "UTC").current_dir("/").stdin(Stdio::null());
    if let Some(account) = &place.account {
        command.uid(account.uid.as_raw()).gid(account.gid.as_raw());
    }
    command
}

/// Makes the cluster. It appears under its name only when it is whole, so a killed attempt leaves nothing to trip over.
pub(super) fn make(place: &Place, binaries: &Binaries, scratch: bool) -> Result<(), Error> {
    let unfinished = place.home.join("data.new");
    if unfinished.exists() {
        fs::remove_dir_all(&unfinished).map_err(|e| cannot("remove", &unfinished, &e))?;
    }
    let mut said = String::new();
    // Where the C library has no C.UTF-8, any UTF-8 locale gives letters their case; columns sort by "C" or say how.
    for locale in ["C.UTF-8", "C.utf8", "en_US.UTF-8"] {
        let mut initdb = command(place, &binaries.dir.join("initdb"));
        initdb.arg("--pgdata").arg(&unfinished).args(["--encoding=UTF8", "--auth=trust", "--username", OWNER]);
        initdb.arg(format!("--locale={locale}"));
        if scratch {
            initdb.arg("--no-sync");
        }
        let output = initdb.output().map_err(|e| cannot("run initdb for", &place.home, &e))?;
        if output.status.success() {
            return configure(&unfinished, scratch)
                .and_then(|()| fs::rename(&unfinished, place.data()))
                .map_err(|e| cannot("make", &place.data(), &e));
        }
        said = String::from_utf8_lossy(&output.stderr).into_owned();
        if !said.contains("locale") {
            break;
        }
    }
    let _ = fs::remove_dir_all(&unfinished);
    Err(Error(if free_bytes(&place.home).is_some_and(|free| free < CLUSTER_BYTES) {
        format!(
            "There is no room for a database in {}: free {} MB, or choose another folder with --data-dir.",
            place.home.display(),
            CLUSTER_BYTES / 1_000_000
        )
    } else {
        format!("PostgreSQL's initdb could not make a cluster in {}: {}", place.home.display(), gist(&said))
    }))
}

/// The one line of a program's complaints that says why.
fn gist(said: &str) -> &str {
    let is_reason = |line: &&str| ["FATAL:", "PANIC:", "error:"].iter().any(|word| line.contains(word));
    said.lines().find(is_reason).or_else(|| said.lines().last()).unwrap_or("it left no word").trim()
}

fn free_bytes(dir: &Path) -> Option<u128> {
    // The two types differ between systems.
    statvfs(dir).ok().map(|disk| u128::from(disk.blocks_available()) * u128::from(disk.fragment_size()))
}

/// A sixteenth of the machine's memory in megabytes, within bounds: what is not used takes none. A million records have
/// more indexes than Postgres's own 128 hold.
fn buffers() -> u64 {
    let told = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let total =
        told.lines().find_map(|line| line.strip_prefix("MemTotal:")?.trim().strip_suffix(" kB")?.parse::<u64>().ok());
    total.map_or(256, |kilobytes| (kilobytes / 1024 / 16).clamp(128, 2048))
}

/// Settings of a new cluster; a person may edit them later. What must hold is said at each start instead.
fn configure(data: &Path, scratch: bool) -> io::Result<()> {
    let mut conf = OpenOptions::new().append(true).open(data.join("postgresql.conf"))?;
    writeln!(conf, "\n# frontdesk: one person's server\nshared_buffers = {}MB", buffers())?;
    conf.write_all(
        b"max_connections = 60\n\
          work_mem = 16MB\n\
          maintenance_work_mem = 128MB\n\
          random_page_cost = 1.1\n\
          max_wal_size = 2GB\n\
          checkpoint_timeout = 15min\n\
          jit = off\n\
          wal_level = minimal\n\
          max_wal_senders = 0\n",
    )?;
    if scratch {
        conf.write_all(
            b"# gone when the server stops\n\
              max_connections = 300\n\
              fsync = off\n\
              synchronous_commit = off\n\
              full_page_writes = off\n",
        )?;
    }
    conf.sync_all()?;
    let mut hba = File::create(data.join("pg_hba.conf"))?;
    hba.write_all(b"# The socket's folder is the guard: only its owner can enter it.\nlocal all all trust\n")?;
    hba.sync_all()
}

/// Starts the server of a cluster that has none running. It is not ready yet when this returns.
pub(super) fn start(place: &Place, binaries: &Binaries) -> Result<Child, Error> {
    let socket_dir = place.make_socket_dir()?;
    if running(&place.data()).is_none() {
        // Left by a killed server. Postgres asks only whether the process number is taken, and it may be by now.
        let left = [place.data().join("postmaster.pid"), socket_dir.join(SOCKET_FILE), socket_dir.join(SOCKET_LOCK)];
        for path in left.iter().filter(|path| path.symlink_metadata().is_ok()) {
            fs::remove_file(path).map_err(|e| cannot("remove", path, &e))?;
        }
    }
    let log = open_log(&place.log()).map_err(|e| cannot("write", &place.log(), &e))?;
    let also = log.try_clone().map_err(|e| cannot("write", &place.log(), &e))?;
    // A list of folders in the grammar of identifiers: quoted, so that spaces and commas are part of the name.
    let quoted = format!("\"{}\"", socket_dir.display().to_string().replace('"', "\"\""));
    let mut postgres = command(place, &binaries.dir.join("postgres"));
    if shm_is_small() {
        postgres.args(["-c", "dynamic_shared_memory_type=mmap"]);
    }
    postgres
        .arg("-D")
        .arg(place.data())
        .args(["-c", "listen_addresses=", "-c", "port=5432", "-c", "unix_socket_permissions=0700", "-c"])
        .arg(format!("unix_socket_directories={quoted}"))
        .stdout(log)
        .stderr(also)
        .spawn()
        .map_err(|e| Error(format!("PostgreSQL ({}) does not start: {e}", binaries.dir.display())))
}

/// Containers often get 64 MB of shared memory, which a parallel query or index outgrows; files do as well then.
fn shm_is_small() -> bool {
    free_bytes(Path::new("/dev/shm")).is_some_and(|free| free < 512_000_000)
}

fn open_log(path: &Path) -> io::Result<File> {
    if fs::metadata(path).is_ok_and(|m| m.len() > LOG_MAX_BYTES) {
        fs::rename(path, path.with_extension("log.1"))?;
    }
    OpenOptions::new().create(true).append(true).open(path)
}

/// The last thing the server complained of.
pub(super) fn last_words(log: &Path) -> String {
    let mut text = String::new();
    let _ = File::open(log).and_then(|mut file| {
        let length = file.metadata()?.len();
        file.seek(SeekFrom::Start(length.saturating_sub(4_000)))?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        text = String::from_utf8_lossy(&bytes).into_owned();
        Ok(())
    });
    let fatal = text.lines().rev().find(|line| line.contains("FATAL:") || line.contains("PANIC:"));
    fatal.or_else(|| text.lines().last()).unwrap_or("it left no word").trim().to_owned()
}

/// Asks for a fast shutdown: sessions are ended, nothing is lost.
pub(super) fn ask_to_stop(pid: Pid) {
    let _ = kill(pid, Signal::SIGINT);
}

/// Ends it at once; the next start recovers from the write-ahead log.
pub(super) fn abort(pid: Pid) {
    let _ = kill(pid, Signal::SIGQUIT);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_what_a_program_says_the_reason_is_told() {
        let said = "creating\n2026 FATAL:  could not extend file\nHINT:  Check free disk space.\nPANIC:  x\n";
        assert_eq!(gist(said), "2026 FATAL:  could not extend file");
        assert_eq!(gist("initdb: error: no such locale\ninitdb: hint: y"), "initdb: error: no such locale");
        assert_eq!(gist("only this\n"), "only this");
    }

    #[test]
    fn the_pid_file_tells_where_and_whether() {
        let text = "4711\n/data\n1790000000\n5432\n/run/x\n\n  5432001   7\nready   \n";
        let found = parse_pidfile(text).expect("whole");
        assert_eq!((found.pid.as_raw(), found.ready), (4711, true));
        assert_eq!(found.socket_dir, Path::new("/run/x"));
        assert!(!parse_pidfile("4711\n/data\n1\n5432\n/run/x\n").expect("early").ready);
        assert_eq!(parse_pidfile(""), None);
    }

    #[test]
    fn a_number_taken_over_by_another_program_is_no_server() {
        assert!(!is_postgres(Pid::this()));
        assert!(!is_postgres(Pid::from_raw(i32::MAX - 1)));
    }
}
