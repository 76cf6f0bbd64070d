//! Where a command reads and writes: this process's own streams, or those of somebody who came in over SSH. Commands know
//! no others, so both doors run the same code.

use std::fmt;
use std::io::{self, IsTerminal, Read, Write};
use std::sync::{Arc, Mutex, PoisonError};

/// Three streams, and what is known of the terminal behind them. Cheap to clone; clones are the same streams.
#[derive(Clone)]
pub struct Io {
    input: Source,
    out: Sink,
    err: Sink,
    terminal: Terminal,
}

/// What a terminal is there for.
#[derive(Clone, Copy, Debug)]
enum Terminal {
    /// This process's, as each stream has it.
    OfProcess,
    /// One elsewhere for all three, so many columns wide; or none.
    Elsewhere(Option<u16>),
}

/// A stream to write to.
#[derive(Clone)]
pub struct Sink(Arc<Mutex<dyn Write + Send>>);

/// A stream to read from.
#[derive(Clone)]
pub struct Source(Arc<Mutex<dyn Read + Send>>);

impl Io {
    /// This process's own streams.
    pub fn of_process() -> Self {
        Self {
            input: Source::new(io::stdin()),
            out: Sink::new(io::stdout()),
            err: Sink::new(io::stderr()),
            terminal: Terminal::OfProcess,
        }
    }

    /// Other streams; `columns` when they are a terminal's.
    pub fn elsewhere(input: Source, out: Sink, err: Sink, columns: Option<u16>) -> Self {
        Self { input, out, err, terminal: Terminal::Elsewhere(columns) }
    }

    pub fn out(&self) -> Sink {
        self.out.clone()
    }

    pub fn err(&self) -> Sink {
        self.err.clone()
    }

    pub fn input(&self) -> Source {
        self.input.clone()
    }

    /// True when a terminal shows what is written, and would obey what a file only holds.
    pub(super) fn is_seen(&self) -> bool {
        match self.terminal {
            Terminal::OfProcess => io::stdout().is_terminal(),
            Terminal::Elsewhere(columns) => columns.is_some(),
        }
    }

    /// True when there is somebody to ask.
    pub(super) fn asks(&self) -> bool {
        match self.terminal {
            Terminal::OfProcess => io::stdin().is_terminal(),
            Terminal::Elsewhere(columns) => columns.is_some(),
        }
    }

    /// True when standard error is a terminal on which a bar may move: this process's own.
    pub(super) fn shows_progress(&self) -> bool {
        matches!(self.terminal, Terminal::OfProcess) && io::stderr().is_terminal()
    }

    /// Columns of the terminal that shows what is written.
    pub(super) fn width(&self) -> Option<u16> {
        let width = match self.terminal {
            Terminal::OfProcess if io::stdout().is_terminal() => crossterm::terminal::size().ok()?.0,
            Terminal::OfProcess => return None,
            Terminal::Elsewhere(columns) => columns?,
        };
        // A terminal that does not know its size says 0.
        (width > 0).then_some(width)
    }

    /// One line of the input, of at most 1,000 bytes.
    pub(super) fn line(&self) -> io::Result<String> {
        let mut line = Vec::new();
        let mut byte = [0];
        while line.len() < 1_000 && self.input().read(&mut byte)? == 1 && !matches!(byte[0], b'\n' | b'\r') {
            line.push(byte[0]);
        }
        Ok(String::from_utf8_lossy(&line).into_owned())
    }
}

impl Sink {
    pub fn new(stream: impl Write + Send + 'static) -> Self {
        Self(Arc::new(Mutex::new(stream)))
    }
}

impl Source {
    pub fn new(stream: impl Read + Send + 'static) -> Self {
        Self(Arc::new(Mutex::new(stream)))
    }
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).flush()
    }
}

impl Read for Source {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).read(bytes)
    }
}

impl fmt::Debug for Io {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Io").field("terminal", &self.terminal).finish_non_exhaustive()
    }
}
