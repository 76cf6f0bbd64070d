//! The door over SSH, tried with the real OpenSSH client over loopback. Without one these tests say so and pass.

mod attacks;
mod certificate;
mod command;
mod door;
mod invite;
mod screen;
pub(crate) mod seat;
mod seats;
mod second_factor;
mod trouble;

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::support::{Server, Workspace};

/// Longer than anything here takes on a busy machine.
const PATIENCE: Duration = Duration::from_mins(1);

/// `frontdesk serve` on a workspace of its own, and a folder with its people's keys.
pub(crate) struct House {
    pub(crate) office: Workspace,
    pub(crate) folder: tempfile::TempDir,
    server: Server,
    /// Servers of the same database that were started before.
    before: Vec<Server>,
}

/// True when there is a client to try with.
fn has_client() -> bool {
    let found = ["ssh", "ssh-keygen"]
        .iter()
        .all(|program| Command::new(program).arg("-?").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok());
    if !found {
        eprintln!("skipped: there is no OpenSSH client here (apt-get install openssh-client)");
    }
    found
}

impl House {
    /// Served to ana, bo, cy and di, of whom ana and bo have keys; `None` when there is no client to try with.
    pub(crate) async fn open(args: &[&str]) -> Option<Self> {
        Self::open_with(args, &[]).await
    }

    /// The same, with these variables in the server's environment.
    pub(crate) async fn open_with(args: &[&str], env: &[(&str, &str)]) -> Option<Self> {
        if !has_client() {
            return None;
        }
        let office = Workspace::new().await;
        let folder = tempfile::tempdir().expect("a folder");
        let server = Server::start(&office, args, env);
        let house = Self { office, folder, server, before: Vec::new() };
        for login in ["ana", "bo"] {
            house.give_key(login, login, "ed25519").await;
        }
        Some(house)
    }

    /// One more server of the same database, to which clients go from now on.
    pub(crate) fn open_another(&mut self) {
        self.open_another_with(&[]);
    }

    /// The same, with these variables in its environment.
    pub(crate) fn open_another_with(&mut self, env: &[(&str, &str)]) {
        let server = Server::start(&self.office, &[], env);
        self.before.push(std::mem::replace(&mut self.server, server));
    }

    /// All servers end at once, as when the machine does.
    pub(crate) fn kill(&mut self) {
        for server in self.before.iter_mut().chain([&mut self.server]) {
            server.child.kill().ok();
            server.child.wait().ok();
        }
    }

    /// A new key in the folder.
    pub(crate) fn make_key(&self, name: &str, kind: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        make_key_at(&path, kind);
        path
    }

    /// A new key of that person's; its fingerprint.
    pub(crate) async fn give_key(&self, login: &str, name: &str, kind: &str) -> String {
        let path = self.make_key(name, kind).with_extension("pub");
        let (code, said, err) = self.told("ana", &["user", "key", "add", login], Some(&path)).await;
        assert_eq!(code, 0, "{err}");
        said.split_whitespace().last().expect("a fingerprint").to_owned()
    }

    /// The local program's exit code, output and errors, with that file as its input.
    pub(crate) async fn told(&self, login: &str, args: &[&str], input: Option<&Path>) -> (i32, String, String) {
        let mut command = tokio::process::Command::from(self.office.command(login, args));
        let input = input.map_or_else(Stdio::null, |path| std::fs::File::open(path).expect("a file").into());
        let output = command.stdin(input).kill_on_drop(true).output().await.expect("the program runs");
        read(&output)
    }

    /// The client with that person's key, not started yet. It gives up after a minute.
    pub(crate) fn ssh(&self, key: &str, options: &[&str], words: &[&str]) -> Command {
        let client = self.client(key, options, words);
        let mut command = Command::new("timeout");
        command.args(["--foreground", "60", "ssh"]).args(client.get_args()).env_remove("SSH_AUTH_SOCK");
        command
    }

    /// The same, for as long as it likes.
    pub(crate) fn client(&self, key: &str, options: &[&str], words: &[&str]) -> Command {
        let mut command = Command::new("ssh");
        command.args(["-F", "none", "-p", &self.server.port]);
        command.arg("-i").arg(self.folder.path().join(key));
        // Of two that say the same the client takes the first.
        command.args(options);
        let known = format!("UserKnownHostsFile={}", self.folder.path().join("known_hosts").display());
        for option in [
            "IdentitiesOnly=yes",
            "IdentityAgent=none",
            "StrictHostKeyChecking=accept-new",
            "BatchMode=yes",
            "LogLevel=ERROR",
            &known,
        ] {
            command.args(["-o", option]);
        }
        command.arg("whoever@127.0.0.1");
        if !words.is_empty() {
            // The client looks for options of its own behind the host, too.
            command.arg("--").args(words);
        }
        command.env_remove("SSH_AUTH_SOCK");
        command
    }

    /// Exit code, output and errors of a client that is given no input.
    pub(crate) async fn ran(&self, key: &str, options: &[&str], words: &[&str]) -> (i32, String, String) {
        let mut command = tokio::process::Command::from(self.ssh(key, options, words));
        command.stdin(Stdio::null()).kill_on_drop(true);
        let output = tokio::time::timeout(PATIENCE * 2, command.output()).await.expect("it ends").expect("ssh runs");
        read(&output)
    }

    /// What all processes of the run have logged.
    pub(crate) fn log(&self) -> String {
        let command = self.office.command("ana", &[]);
        let folder = command.get_envs().find(|(name, _)| *name == "FRONTDESK_DATA_DIR").and_then(|(_, dir)| dir);
        let folder = Path::new(folder.expect("the run's data folder")).join("log");
        let files =
            ["frontdesk.log.1", "frontdesk.log"].map(|name| std::fs::read(folder.join(name)).unwrap_or_default());
        files.iter().map(|file| String::from_utf8_lossy(file)).collect()
    }

    /// Bytes of memory that the server has.
    pub(crate) fn memory(&self) -> u64 {
        self.server.memory()
    }

    /// Tells the server to end; its exit code.
    pub(crate) fn end(&mut self) -> Option<i32> {
        kill(Pid::from_raw(self.server.child.id().cast_signed()), Signal::SIGTERM).expect("the signal is sent");
        self.server.child.wait().expect("it ends").code()
    }
}

/// A new key, called after its file.
fn make_key_at(path: &Path, kind: &str) {
    let comment = format!("{}@laptop", path.file_name().expect("a name").display());
    let mut make = Command::new("ssh-keygen");
    make.args(["-q", "-N", "", "-C", &comment, "-t", kind, "-f"]).arg(path);
    assert!(make.status().expect("ssh-keygen runs").success());
}

fn read(output: &Output) -> (i32, String, String) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code().unwrap_or(-1), text(&output.stdout), text(&output.stderr))
}

/// Everything that a stream still has.
pub(crate) fn rest(mut stream: impl Read) -> String {
    let mut text = String::new();
    stream.read_to_string(&mut text).expect("text");
    text
}
