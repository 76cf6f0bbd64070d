//! A command at a channel: the same code as on a local command line, with the client's streams, its rights and its exit
//! status.

use std::io::{self, BufWriter, Read, Write};
use std::time::Duration;

use clap::Parser;
use tokio::runtime::Handle;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::connection::Start;
use super::terminal::Pty;
use super::wire::Wire;
use super::words;
use crate::cli::{self, App, Cli, Exit, Guest, Io, Sink, Source};

/// What a command writes goes out in pieces of this size, or when it is flushed.
const PIECE: usize = 32 * 1024;
/// Pieces under way: a command waits when the client does not take them.
const PIECES: usize = 2;
/// How long a command may go on when nobody waits for it any more.
const LAST_WORDS: Duration = Duration::from_secs(5);

/// What a client sends to a command.
pub(super) enum Input {
    Bytes(Vec<u8>),
    /// It has sent everything. A connection that is cut says nothing, which must not pass for the end of a file.
    End,
}

/// Runs one command line to its end.
pub(super) async fn run(start: Start, line: String, pty: Option<Pty>, input: mpsc::Receiver<Input>) {
    let Start { house, who, env, wire, cancel, connection, from: client } = start;
    let Some(_place) = house.place(&who.login) else {
        wire.say("you have as many seats and commands at once as you may").await;
        return wire.end(Exit::Failure as u32).await;
    };
    let parsed = words::split(&line).map_err(|why| (why, Exit::Usage as u32, true)).and_then(|words| {
        let args = std::iter::once("frontdesk".into()).chain(words.into_iter().map(Into::into));
        Cli::try_parse_from(cli::arguments(args))
            .map_err(|e| (e.render().to_string(), u32::from(e.exit_code() as u8), e.use_stderr()))
    });
    let is_terminal = pty.is_some();
    let cli = match parsed {
        Ok(cli) => cli,
        Err((said, status, is_error)) => {
            let said = if is_terminal { said.replace('\n', "\r\n") } else { said };
            let bytes = said.into_bytes();
            if is_error {
                wire.err(bytes).await
            } else {
                wire.out(bytes).await
            };
            return wire.end(status).await;
        }
    };
    let mut settings = house.settings.clone();
    settings.lang = Some(env.lang(&house.settings));
    if let Some(lang) = cli.flags.lang.as_deref() {
        settings.lang = crate::config::locale::language(lang).or(settings.lang);
    }
    settings.zone = env.zone().or(settings.zone);
    settings.login = None;
    let (out, outs) = mpsc::channel(PIECES);
    let (err, errs) = mpsc::channel(PIECES);
    let sink = |to| Sink::new(BufWriter::with_capacity(PIECE, Pipe { to, is_terminal }));
    // What reads nothing lets all that is sent go by.
    let from = cli.command.as_ref().is_some_and(|command| cli::reads(command, is_terminal)).then_some(input);
    let source = Source::new(Incoming { from, rest: Vec::new(), at: 0 });
    let io = Io::elsewhere(source, sink(out), sink(err), pty.map(|pty| pty.width));
    let (desk, database) = (house.desk.clone(), house.database.clone());
    let guest = Guest { desk, database, pass: who.pass, from: client };
    let mut app = App::for_guest(settings, io, guest);
    let name = line.split_whitespace().next().unwrap_or_default().chars().take(20).collect::<String>();
    house.gauges.commands.inc();
    tracing::info!(connection, name, "a command begins");
    let runtime = Handle::current();
    // Commands write as to a file, and wait where the client does not read: on a thread that may be held up.
    let gone = cancel.clone();
    let work = tokio::task::spawn_blocking(move || {
        let result = runtime.block_on(async {
            tokio::select! {
                result = cli::run_for_guest(cli, &mut app) => result,
                () = async { gone.cancelled().await; tokio::time::sleep(LAST_WORDS).await } => {
                    Err(anyhow::anyhow!("the connection was cut"))
                }
            }
        });
        if let Err(error) = &result {
            let said = cli::complaint(error);
            app.io.err().write_all(said.as_bytes()).ok();
        }
        let flushed = app.io.out().flush();
        app.io.err().flush().ok();
        result.and_then(|()| Ok(flushed?))
    });
    // The senders end with the command.
    let outs = forward(outs, &wire, false, &cancel);
    let errs = forward(errs, &wire, true, &cancel);
    let (all_out, all_err, result) = tokio::join!(outs, errs, work);
    let status = match result {
        // Cut short by the end of the service, or by Ctrl-c.
        Ok(_) if !(all_out && all_err) => Exit::Failure,
        Ok(Ok(())) => Exit::Done,
        Ok(Err(error)) => Exit::of(&error),
        // A panic, which the log has.
        Err(_) => {
            wire.say("this command failed; the log has the details").await;
            Exit::Failure
        }
    };
    tracing::info!(connection, status = status as u32, "a command ends");
    wire.end(status as u32).await;
}

/// Passes on what a command writes. When the client takes no more, the command's next write fails as into a closed pipe.
/// True when it took everything.
async fn forward(mut pieces: mpsc::Receiver<Vec<u8>>, wire: &Wire, is_error: bool, cancel: &CancellationToken) -> bool {
    loop {
        let piece = tokio::select! {
            biased;
            () = cancel.cancelled() => return false,
            piece = pieces.recv() => piece,
        };
        let Some(piece) = piece else { return true };
        let taken = if is_error { wire.err(piece).await } else { wire.out(piece).await };
        if !taken {
            return false;
        }
    }
}

/// The writing end of a command's stream.
struct Pipe {
    to: mpsc::Sender<Vec<u8>>,
    /// The client's terminal is raw, so lines need both of their ends.
    is_terminal: bool,
}

impl Write for Pipe {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let piece = if self.is_terminal {
            let mut piece = Vec::with_capacity(bytes.len() + 64);
            for &byte in bytes {
                if byte == b'\n' {
                    piece.push(b'\r');
                }
                piece.push(byte);
            }
            piece
        } else {
            bytes.to_vec()
        };
        tokio::task::block_in_place(|| self.to.blocking_send(piece)).map_err(|_| io::ErrorKind::BrokenPipe)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The reading end of a command's input.
struct Incoming {
    /// `None` when it has ended.
    from: Option<mpsc::Receiver<Input>>,
    rest: Vec<u8>,
    at: usize,
}

impl Read for Incoming {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        while self.at == self.rest.len() {
            let Some(from) = &mut self.from else { return Ok(0) };
            match tokio::task::block_in_place(|| from.blocking_recv()) {
                Some(Input::Bytes(more)) => (self.rest, self.at) = (more, 0),
                Some(Input::End) => self.from = None,
                None => return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the connection was cut")),
            }
        }
        let n = bytes.len().min(self.rest.len() - self.at);
        bytes[..n].copy_from_slice(&self.rest[self.at..self.at + n]);
        self.at += n;
        Ok(n)
    }
}
