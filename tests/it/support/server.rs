//! `frontdesk serve` on a workspace, and what its process costs.

use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};

use super::Workspace;

/// One `frontdesk serve`, killed with this value.
pub(crate) struct Server {
    pub(crate) port: String,
    pub(crate) child: Child,
}

impl Server {
    /// On a loopback port of the system's choice.
    pub(crate) fn start(office: &Workspace, args: &[&str], env: &[(&str, &str)]) -> Self {
        let mut serve = office.command("ana", &["serve", "--listen", "127.0.0.1:0"]);
        serve.envs(env.iter().copied());
        serve.args(args).stderr(Stdio::piped()).stdin(Stdio::null()).stdout(Stdio::null());
        let mut child = serve.spawn().expect("the program runs");
        let mut lines = BufReader::new(child.stderr.take().expect("piped"));
        let mut first = String::new();
        lines.read_line(&mut first).expect("it tells where it listens");
        let port = first.split_once("127.0.0.1:").and_then(|(_, rest)| rest.split(';').next());
        let port = port.unwrap_or_else(|| panic!("{first}")).to_owned();
        // Nobody else reads it, and a full pipe would hold the program up.
        std::thread::spawn(move || std::io::copy(&mut lines, &mut std::io::sink()));
        Self { port, child }
    }

    /// Bytes of memory that it has.
    pub(crate) fn memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).expect("it runs");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("a size");
        line.trim().trim_end_matches(" kB").parse::<u64>().expect("a number") * 1024
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}
