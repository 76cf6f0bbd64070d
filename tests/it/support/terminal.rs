//! The program in a terminal of its own, as when somebody sits there: a pty whose other end the test holds.

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use nix::sys::termios::{LocalFlags, tcgetattr};

/// What a program has written to its terminal so far.
#[derive(Default)]
pub(crate) struct Said {
    bytes: Mutex<Vec<u8>>,
    more: Condvar,
    /// Nobody listens any more.
    deaf: AtomicBool,
}

impl Said {
    /// Waits until this was written behind that place; where it ends.
    pub(crate) fn until(&self, text: &str, from: usize) -> usize {
        self.first_of(&[text], from).0
    }

    /// Waits until one of these was written behind that place; where the first one ends, and which it is.
    pub(crate) fn first_of(&self, texts: &[&str], from: usize) -> (usize, usize) {
        let mut bytes = self.bytes.lock().expect("the reader does not panic");
        loop {
            let seen = &bytes[from.min(bytes.len())..];
            let ends = texts.iter().enumerate().filter_map(|(which, text)| {
                let at = seen.windows(text.len()).position(|w| w == text.as_bytes())?;
                Some((from + at + text.len(), which))
            });
            if let Some(first) = ends.min() {
                return first;
            }
            let (next, waited) =
                self.more.wait_timeout(bytes, Duration::from_secs(30)).expect("the reader does not panic");
            bytes = next;
            assert!(!waited.timed_out(), "none of {texts:?} in {:?}", String::from_utf8_lossy(&bytes[from..]));
        }
    }

    /// All that was written behind that place by now.
    pub(crate) fn text(&self, from: usize) -> String {
        let bytes = self.bytes.lock().expect("the reader does not panic");
        String::from_utf8_lossy(&bytes[from.min(bytes.len())..]).into_owned()
    }

    /// True when this was written behind that place by now.
    pub(crate) fn has(&self, text: &str, from: usize) -> bool {
        let bytes = self.bytes.lock().expect("the reader does not panic");
        bytes[from.min(bytes.len())..].windows(text.len()).any(|w| w == text.as_bytes())
    }
}

pub(crate) struct Terminal {
    pub(crate) said: Arc<Said>,
    pub(crate) keys: File,
    pub(crate) child: Child,
    /// Ends with the program.
    pub(crate) reading: JoinHandle<()>,
    /// The program's end, to look at its settings; the terminal stays while it is open.
    pub(crate) slave: OwnedFd,
}

impl Terminal {
    /// Starts the command at 80x24, as the leader of a session of its own.
    pub(crate) fn running(program: &Command) -> Self {
        let size = nix::pty::Winsize { ws_row: 24, ws_col: 80, ws_xpixel: 0, ws_ypixel: 0 };
        let pty = nix::pty::openpty(Some(&size), None).expect("a terminal");
        // The program must not inherit the terminal's other end, or it would never see it go.
        for end in [pty.master.as_fd(), pty.slave.as_fd()] {
            let shut = nix::fcntl::FcntlArg::F_SETFD(nix::fcntl::FdFlag::FD_CLOEXEC);
            nix::fcntl::fcntl(end, shut).expect("a flag of a file");
        }
        let other_end = || Stdio::from(pty.slave.as_fd().try_clone_to_owned().expect("another handle"));
        let mut command = Command::new("setsid");
        command.args(["--ctty", "--wait"]).arg(program.get_program()).args(program.get_args());
        for (name, value) in program.get_envs() {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        command.env("TERM", "xterm-256color");
        command.stdin(other_end()).stdout(other_end()).stderr(other_end());
        let child = command.spawn().expect("it runs");
        let said = Arc::new(Said::default());
        let master = File::from(pty.master);
        let keys = master.try_clone().expect("another handle");
        let heard = Arc::clone(&said);
        let reading = std::thread::spawn(move || {
            let mut screen = master;
            let mut buffer = [0; 4096];
            while let Ok(n @ 1..) = screen.read(&mut buffer) {
                heard.bytes.lock().expect("nobody panics").extend_from_slice(&buffer[..n]);
                heard.more.notify_all();
                if heard.deaf.load(Ordering::Acquire) {
                    break;
                }
            }
        });
        Self { said, keys, child, reading, slave: pty.slave }
    }

    /// True while the program reads keys one by one and says itself what they show.
    pub(crate) fn is_raw(&self) -> bool {
        let flags = tcgetattr(self.slave.as_fd()).expect("settings").local_flags;
        !flags.intersects(LocalFlags::ECHO | LocalFlags::ICANON)
    }

    /// Waits until the terminal is as it was before; the place behind.
    pub(crate) fn given_back(&self, from: usize) -> usize {
        let leave =
            ["\u{1b}[?1000l", "\u{1b}[?1002l", "\u{1b}[?1004l", "\u{1b}[?2004l", "\u{1b}[?25h", "\u{1b}[?1049l"];
        leave.iter().map(|sequence| self.said.until(sequence, from)).max().expect("a sequence")
    }

    /// A shell can be used again: what is typed is shown, and Ctrl-C works.
    pub(crate) fn is_a_shells(&self) -> bool {
        let flags = tcgetattr(self.slave.as_fd()).expect("settings").local_flags;
        flags.contains(LocalFlags::ECHO | LocalFlags::ICANON | LocalFlags::ISIG)
    }

    /// The window is closed: all that holds the terminal lets go.
    pub(crate) fn close(mut self) -> Child {
        self.said.deaf.store(true, Ordering::Release);
        // What is drawn next is the last that is read.
        self.keys.write_all(b"?").expect("the terminal takes keys");
        self.reading.join().expect("read");
        self.child
    }
}
