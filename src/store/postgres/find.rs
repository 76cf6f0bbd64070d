//! Where this machine keeps Postgres' server programs, and how to get them when it has none.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::Error;

/// The oldest major version that the program's SQL needs.
pub const OLDEST: u32 = 15;

/// A folder with `initdb` and `postgres` of one version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binaries {
    pub dir: PathBuf,
    pub major: u32,
}

/// The places to look in, best first.
#[derive(Debug, Default)]
pub(super) struct Finder {
    /// `FRONTDESK_PG_BIN`: the only place when it is set.
    pub explicit: Option<PathBuf>,
    /// Parent folders whose children, with the rest of the path, are candidates: Debian keeps one per version.
    pub versioned: Vec<(PathBuf, &'static str)>,
    pub path: OsString,
    pub pg_config: bool,
}

/// (parent, prefix of a child's name, rest of the path below it)
const USUAL: [(&str, &str, &str); 8] = [
    ("/usr/lib/postgresql", "", "bin"),
    ("/usr", "pgsql-", "bin"),
    ("/usr/libexec", "postgresql", ""),
    ("/usr/lib64", "pgsql", "bin"),
    ("/opt/homebrew/opt", "postgresql", "bin"),
    ("/usr/local/opt", "postgresql", "bin"),
    ("/home/linuxbrew/.linuxbrew/opt", "postgresql", "bin"),
    ("/Applications/Postgres.app/Contents/Versions", "", "bin"),
];

impl Finder {
    /// What the environment and the usual folders of Debian, Fedora, Alpine and Homebrew offer.
    pub(super) fn of_machine() -> Self {
        let explicit = std::env::var_os("FRONTDESK_PG_BIN").filter(|v| !v.is_empty()).map(PathBuf::from);
        let mut versioned = Vec::new();
        for (parent, prefix, rest) in USUAL {
            for entry in std::fs::read_dir(parent).into_iter().flatten().flatten() {
                if entry.file_name().to_string_lossy().starts_with(prefix) {
                    versioned.push((entry.path(), rest));
                }
            }
        }
        Self { explicit, versioned, path: std::env::var_os("PATH").unwrap_or_default(), pg_config: true }
    }

    /// The newest version of at least 15; with `wanted`, exactly that one, since a cluster keeps the version that made it.
    pub(super) fn find(&self, wanted: Option<u32>) -> Result<Binaries, Error> {
        let mut found = self.all();
        found.sort_by_key(|b| std::cmp::Reverse(b.major));
        if let Some(major) = wanted {
            return found.iter().find(|b| b.major == major).cloned().ok_or_else(|| {
                let have = listed(&found);
                Error(format!(
                    "This workspace was made by PostgreSQL {major}, of which this machine has no server programs \
                     (found: {have}): install PostgreSQL {major}, or name its folder in FRONTDESK_PG_BIN."
                ))
            });
        }
        match found.first() {
            Some(best) if best.major >= OLDEST => Ok(best.clone()),
            Some(_) => Err(Error(format!(
                "frontdesk needs PostgreSQL {OLDEST} or newer, and this machine has {}. {}",
                listed(&found),
                install_hint()
            ))),
            None => Err(Error(match &self.explicit {
                Some(dir) => format!(
                    "FRONTDESK_PG_BIN is {}, and there are no `initdb` and `postgres` that run: name the folder that \
                     has them, or unset it. {}",
                    dir.display(),
                    install_hint()
                ),
                None => format!("frontdesk needs PostgreSQL's server programs and found none. {}", install_hint()),
            })),
        }
    }

    fn all(&self) -> Vec<Binaries> {
        let mut dirs: Vec<PathBuf> = match &self.explicit {
            Some(dir) => vec![dir.clone()],
            None => self.versioned.iter().map(|(dir, rest)| dir.join(rest)).collect(),
        };
        if self.explicit.is_none() {
            // `/usr/bin/postgres` may be a link into the folder where `initdb` is too.
            dirs.extend(std::env::split_paths(&self.path).filter_map(|dir| {
                let program = dir.join("postgres").canonicalize().ok()?;
                Some(program.parent()?.to_path_buf())
            }));
            if self.pg_config {
                dirs.extend(output(Command::new("pg_config").arg("--bindir")).map(PathBuf::from));
            }
        }
        let mut found: Vec<Binaries> = Vec::new();
        for dir in dirs {
            if found.iter().any(|b| b.dir == dir) || !dir.join("initdb").is_file() {
                continue;
            }
            if let Some(major) = output(Command::new(dir.join("postgres")).arg("--version")).and_then(|v| major(&v)) {
                found.push(Binaries { dir, major });
            }
        }
        found
    }
}

fn listed(found: &[Binaries]) -> String {
    if found.is_empty() {
        return "none".into();
    }
    found.iter().map(|b| b.major.to_string()).collect::<Vec<_>>().join(", ")
}

fn output(command: &mut Command) -> Option<String> {
    let output = command.stdin(std::process::Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)`, `… 17beta1` → the major version.
fn major(version: &str) -> Option<u32> {
    let number = version.split(") ").nth(1)?;
    let digits: String = number.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

/// How to install Postgres here, as one sentence.
pub fn install_hint() -> String {
    let release = std::fs::read_to_string("/etc/os-release").unwrap_or_default();
    hint(&release, cfg!(target_os = "macos"), nix::unistd::getuid().is_root())
}

fn hint(os_release: &str, mac: bool, root: bool) -> String {
    let sudo = if root { "" } else { "sudo " };
    let value = |key: &str| {
        let line = os_release.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix('='));
        line.unwrap_or_default().trim_matches('"').to_owned()
    };
    let ids = format!("{} {}", value("ID"), value("ID_LIKE"));
    let is = |names: &[&str]| ids.split_whitespace().any(|id| names.contains(&id));
    let command = if mac {
        "brew install postgresql@17".to_owned()
    } else if is(&["debian", "ubuntu"]) {
        format!("{sudo}apt-get install postgresql")
    } else if is(&["fedora", "rhel", "centos"]) {
        format!("{sudo}dnf install postgresql-server")
    } else if is(&["alpine"]) {
        format!("{}apk add postgresql", if root { "" } else { "doas " })
    } else if is(&["arch"]) {
        format!("{sudo}pacman -S postgresql")
    } else if is(&["suse", "opensuse"]) {
        format!("{sudo}zypper install postgresql-server")
    } else {
        return "Install PostgreSQL's server programs with this system's packages, or use a shared server: \
                --database-url postgres://USER@HOST/DATABASE."
            .into();
    };
    format!("Install it with `{command}`, or use a shared server: --database-url postgres://USER@HOST/DATABASE.")
}

/// `psql` of this version if it is beside the server programs, else the one on the path.
pub(super) fn psql(binaries: &Path) -> PathBuf {
    let beside = binaries.join("psql");
    if beside.is_file() { beside } else { PathBuf::from("psql") }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    /// A folder that looks like an installation of that version.
    fn installation(root: &Path, version: &str) -> PathBuf {
        let dir = root.join(version);
        std::fs::create_dir_all(&dir).expect("folder");
        std::fs::write(dir.join("initdb"), "").expect("initdb");
        let program = dir.join("postgres");
        std::fs::write(&program, format!("#!/bin/sh\necho 'postgres (PostgreSQL) {version} (Debian)'\n"))
            .expect("file");
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).expect("mode");
        dir
    }

    #[test]
    fn the_newest_wins_unless_a_cluster_wants_its_own() {
        let root = tempfile::tempdir().expect("tempdir");
        let versioned: Vec<_> = ["13.2", "15.18", "17beta1"].map(|v| (installation(root.path(), v), "")).into();
        let finder = Finder { versioned, ..Finder::default() };
        assert_eq!(finder.find(None).expect("found").major, 17);
        assert_eq!(finder.find(Some(15)).expect("found").major, 15);
        assert_eq!(finder.find(Some(13)).expect("even an old one").major, 13);
        let said = finder.find(Some(16)).expect_err("not there").to_string();
        assert!(said.contains("PostgreSQL 16") && said.contains("17, 15, 13"), "{said}");
    }

    #[test]
    fn what_is_missing_is_said_with_the_command_that_helps() {
        let said = Finder::default().find(None).expect_err("nothing anywhere").to_string();
        assert!(said.contains("found none") && said.contains("nstall"), "{said}");
        let root = tempfile::tempdir().expect("tempdir");
        let old = Finder { versioned: vec![(installation(root.path(), "14.9"), "")], ..Finder::default() };
        assert!(old.find(None).expect_err("too old").to_string().contains("15 or newer, and this machine has 14"));
        let explicit = Finder { explicit: Some(root.path().into()), ..old };
        assert!(explicit.find(None).expect_err("empty folder").to_string().contains("FRONTDESK_PG_BIN is"));
    }

    #[test]
    fn links_on_the_path_are_followed() {
        let root = tempfile::tempdir().expect("tempdir");
        let dir = installation(root.path(), "16.1");
        let bin = root.path().join("bin");
        std::fs::create_dir(&bin).expect("folder");
        std::os::unix::fs::symlink(dir.join("postgres"), bin.join("postgres")).expect("link");
        let finder = Finder { path: bin.into_os_string(), ..Finder::default() };
        assert_eq!(finder.find(None).expect("found").major, 16);
    }

    #[test]
    fn each_system_has_its_command() {
        let cases = [
            ("ID=ubuntu\nID_LIKE=debian", false, "`sudo apt-get install postgresql`"),
            ("ID=\"rocky\"\nID_LIKE=\"rhel centos fedora\"", false, "`sudo dnf install postgresql-server`"),
            ("ID=alpine", true, "`apk add postgresql`"),
            ("ID=arch", false, "`sudo pacman -S postgresql`"),
            ("ID=plan9", false, "this system's packages"),
        ];
        for (release, root, command) in cases {
            assert!(hint(release, false, root).contains(command), "{}", hint(release, false, root));
        }
        assert!(hint("", true, false).contains("`brew install"));
    }
}
