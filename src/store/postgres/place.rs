//! Which folders a private server lives in, and as whom it runs.

use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use nix::unistd::{Gid, Uid, User, chown, getuid};

use super::Error;

/// `sun_path` holds 108 bytes with the closing zero.
const SOCKET_PATH_MAX: usize = 107;
pub(super) const SOCKET_FILE: &str = ".s.PGSQL.5432";

/// The unprivileged user that root's server runs as: Postgres refuses to run as root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Account {
    pub name: String,
    pub uid: Uid,
    pub gid: Gid,
}

/// The folders of one private server.
#[derive(Clone, Debug)]
pub(super) struct Place {
    /// Holds everything below; only the server's user can enter it.
    pub home: PathBuf,
    pub account: Option<Account>,
    /// Tells this server from others in shared folders.
    hash: String,
}

impl Place {
    /// Where the server of this data folder is or would be. Makes nothing but the data folder itself.
    pub(super) fn of(data_dir: &Path) -> Result<Self, Error> {
        let account = if getuid().is_root() { Some(unprivileged()?) } else { None };
        make_data_dir(data_dir).map_err(|e| cannot("make", data_dir, &e))?;
        let data_dir = data_dir.canonicalize().map_err(|e| cannot("use", data_dir, &e))?;
        let hash = format!("{:016x}", fnv(data_dir.as_os_str().as_encoded_bytes()));
        let home = match &account {
            Some(account) if !reachable(&data_dir, account) => {
                let name = data_dir.file_name().unwrap_or_default().to_string_lossy();
                let shared = Path::new("/var/lib/frontdesk");
                make_dir(shared, 0o711).map_err(|e| cannot("make", shared, &e))?;
                shared.join(format!("{name}-{hash}"))
            }
            _ => data_dir.join("postgres"),
        };
        Ok(Self { home, account, hash })
    }

    /// Makes `home`, entered by the server's user only. True if it was not there.
    pub(super) fn make_home(&self) -> Result<bool, Error> {
        let new = !self.home.exists();
        self.make_private(&self.home).map_err(|e| cannot("make", &self.home, &e))?;
        Ok(new)
    }

    pub(super) fn data(&self) -> PathBuf {
        self.home.join("data")
    }

    /// Held exclusively by the keeper; its text is the keeper's process id.
    pub(super) fn keeper_lock(&self) -> PathBuf {
        self.home.join("keeper.lock")
    }

    /// Held shared by everybody who uses the server; its time of change is the last coming or going.
    pub(super) fn clients_lock(&self) -> PathBuf {
        self.home.join("clients.lock")
    }

    pub(super) fn log(&self) -> PathBuf {
        self.home.join("server.log")
    }

    /// Says that the whole folder goes when the server stops.
    pub(super) fn scratch_mark(&self) -> PathBuf {
        self.home.join("scratch")
    }

    /// Makes the socket's folder, 0700. In `home` when the path fits a socket address, else in the person's run-time
    /// folder, else in the folder for temporary files.
    pub(super) fn make_socket_dir(&self) -> Result<PathBuf, Error> {
        let candidates = self.socket_dirs();
        let dir = candidates.into_iter().find(|dir| fits(dir)).expect("the last one is short");
        self.make_private(&dir).map_err(|e| cannot("make", &dir, &e))?;
        let owner = self.account.as_ref().map_or(getuid(), |a| a.uid);
        let meta = fs::symlink_metadata(&dir).map_err(|e| cannot("use", &dir, &e))?;
        if !meta.is_dir() || meta.uid() != owner.as_raw() || meta.permissions().mode() & 0o077 != 0 {
            return Err(Error(format!(
                "{} belongs to somebody else or is open to others: remove it, or set --data-dir to a shorter path.",
                dir.display()
            )));
        }
        Ok(dir)
    }

    fn socket_dirs(&self) -> Vec<PathBuf> {
        let name = format!("frontdesk-{}", self.hash);
        let mut dirs = vec![self.home.join("socket")];
        if self.account.is_none() {
            let run = PathBuf::from(format!("/run/user/{}", getuid()));
            let own = fs::metadata(&run).is_ok_and(|m| m.uid() == getuid().as_raw());
            dirs.extend(own.then(|| run.join(&name)));
        }
        dirs.push(Path::new("/tmp").join(name));
        dirs
    }

    fn make_private(&self, dir: &Path) -> io::Result<()> {
        make_dir(dir, 0o700)?;
        // Ours still when it is new, or when the making was killed at this point the last time.
        let ours = fs::symlink_metadata(dir).is_ok_and(|m| m.is_dir() && m.uid() == getuid().as_raw());
        if ours { self.give(dir) } else { Ok(()) }
    }

    /// Makes the server's user the owner.
    pub(super) fn give(&self, path: &Path) -> io::Result<()> {
        match &self.account {
            Some(account) => Ok(chown(path, Some(account.uid), Some(account.gid))?),
            None => Ok(()),
        }
    }
}

/// Makes the data folder unless it is there: its person's own, but root's server user has to pass through.
pub fn make_data_dir(dir: &Path) -> io::Result<()> {
    make_dir(dir, if getuid().is_root() { 0o711 } else { 0o700 })
}

pub(super) fn cannot(what: &str, path: &Path, error: &io::Error) -> Error {
    Error(format!("Cannot {what} {}: {error}. Choose another folder with --data-dir.", path.display()))
}

fn make_dir(dir: &Path, mode: u32) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(mode).create(dir)
}

fn fits(dir: &Path) -> bool {
    dir.as_os_str().len() + 1 + SOCKET_FILE.len() <= SOCKET_PATH_MAX
}

fn unprivileged() -> Result<Account, Error> {
    let found = ["postgres", "nobody"].iter().find_map(|name| User::from_name(name).ok().flatten());
    found.map(|user| Account { name: user.name, uid: user.uid, gid: user.gid }).ok_or_else(|| {
        Error(
            "Postgres does not run as root, and this system has neither a user `postgres` nor `nobody`: \
             start frontdesk as a normal user."
                .into(),
        )
    })
}

/// Every folder on the way lets the account pass.
fn reachable(dir: &Path, account: &Account) -> bool {
    dir.ancestors().all(|dir| {
        fs::metadata(dir).is_ok_and(|m| {
            let mode = m.permissions().mode();
            let bit = match () {
                () if m.uid() == account.uid.as_raw() => 0o100,
                () if m.gid() == account.gid.as_raw() => 0o010,
                () => 0o001,
            };
            mode & bit != 0
        })
    })
}

/// FNV-1a: the same in every release of the program, unlike the standard library's hasher.
fn fnv(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_path_gets_its_socket_elsewhere() {
        let place = |home: &str| Place { home: home.into(), account: None, hash: "0123456789abcdef".into() };
        let choice = |place: &Place| place.socket_dirs().into_iter().find(|dir| fits(dir)).expect("one fits");
        assert_eq!(choice(&place("/home/ana/postgres")), Path::new("/home/ana/postgres/socket"));
        let long = place(&format!("/home/{}/postgres", "a".repeat(90)));
        let dir = choice(&long);
        assert!(!dir.starts_with("/home") && fits(&dir), "{}", dir.display());
        assert!(long.socket_dirs().iter().all(|dir| dir.is_absolute()));
    }

    #[test]
    fn a_socket_folder_open_to_others_is_refused() {
        let root = tempfile::tempdir().expect("tempdir");
        let place = Place { home: root.path().into(), account: None, hash: "0".into() };
        let dir = place.make_socket_dir().expect("made");
        assert_eq!(fs::metadata(&dir).expect("there").permissions().mode() & 0o777, 0o700);
        fs::set_permissions(&dir, fs::Permissions::from_mode(0o755)).expect("opened");
        let said = place.make_socket_dir().expect_err("refused").to_string();
        assert!(said.contains("open to others"), "{said}");
    }

    #[test]
    fn a_closed_folder_on_the_way_is_noticed() {
        let root = tempfile::tempdir().expect("tempdir");
        let stranger = Account { name: "x".into(), uid: Uid::from_raw(54_321), gid: Gid::from_raw(54_321) };
        fs::set_permissions(root.path(), fs::Permissions::from_mode(0o700)).expect("closed");
        assert!(!reachable(root.path(), &stranger));
        fs::set_permissions(root.path(), fs::Permissions::from_mode(0o711)).expect("opened");
        assert!(reachable(root.path(), &stranger));
    }
}
