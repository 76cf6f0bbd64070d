//! Where a seat's events come from and its frames go: this process's terminal, one that is reached over a
//! network, or memory for tests. A port carries crossterm events and bytes; nothing else in the program touches a terminal.

use std::io::{self, Write};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crossterm::event::{self, Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use ratatui::layout::Size;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};

use super::backend::Mirror;

/// Alternate screen, bracketed paste, word of the window's coming to the front and going, no cursor.
pub const ENTER: &[u8] = b"\x1b[?1049h\x1b[?2004h\x1b[?1004h\x1b[?25l\x1b[2J";
/// Everything back as it was.
pub const LEAVE: &[u8] = b"\x1b[?1000l\x1b[?1002l\x1b[?1006l\x1b[?1004l\x1b[?2004l\x1b[0m\x1b[?25h\x1b[?1049l";

/// The terminal reports presses, drags and the wheel, in the form that knows columns beyond 223.
pub(super) const MOUSE_ON: &[u8] = b"\x1b[?1000h\x1b[?1002h\x1b[?1006h";
/// The terminal has its mouse back.
pub(super) const MOUSE_OFF: &[u8] = b"\x1b[?1006l\x1b[?1002l\x1b[?1000l";

/// Fewer plain characters than this in one read are typing, more are a paste.
const PASTE_FROM: usize = 24;

/// A frame on its way; the next is drawn when this one is written.
pub struct Frame {
    pub bytes: Vec<u8>,
    _slot: OwnedSemaphorePermit,
}

/// The writing end: one frame at most is in flight.
#[derive(Clone)]
pub struct Frames {
    slot: Arc<Semaphore>,
    tx: mpsc::Sender<Frame>,
}

impl Frames {
    fn new() -> (Self, mpsc::Receiver<Frame>) {
        let (tx, rx) = mpsc::channel(1);
        (Self { slot: Arc::new(Semaphore::new(1)), tx }, rx)
    }

    /// Waits until the line is free.
    pub async fn ready(&self) -> OwnedSemaphorePermit {
        Arc::clone(&self.slot).acquire_owned().await.expect("the semaphore is never closed")
    }

    /// True while no frame is in flight.
    pub fn is_free(&self) -> bool {
        self.slot.available_permits() == 1
    }

    /// Hands a frame over. False when the terminal is gone.
    pub fn send(&self, bytes: Vec<u8>, slot: OwnedSemaphorePermit) -> bool {
        self.tx.try_send(Frame { bytes, _slot: slot }).is_ok()
    }
}

pub struct Port {
    pub events: mpsc::Receiver<Event>,
    pub frames: Frames,
    pub size: Size,
    /// The screen as drawn, for tests.
    pub mirror: Option<Mirror>,
    /// This process's own terminal, which can be lent to an editor; `None` elsewhere.
    pub console: Option<Console>,
}

/// Lends this process's terminal to another program: raw mode ends, and nobody here reads keys meanwhile.
#[derive(Clone)]
pub struct Console {
    gate: Arc<Gate>,
}

/// Where the thread that reads keys waits while the terminal is lent.
#[derive(Default)]
struct Gate {
    /// Lent, and whether the thread has stopped reading.
    state: Mutex<(bool, bool)>,
    turned: Condvar,
}

impl Gate {
    /// The reading thread passes here before it reads.
    fn pass(&self) {
        let mut state = self.state.lock().expect("nobody panics at the gate");
        while state.0 {
            if !state.1 {
                state.1 = true;
                self.turned.notify_all();
            }
            state = self.turned.wait(state).expect("nobody panics at the gate");
        }
        state.1 = false;
    }

    fn close(&self) {
        self.state.lock().expect("nobody panics at the gate").0 = true;
    }

    /// Waits until the thread reads no more.
    fn wait_closed(&self) {
        let mut state = self.state.lock().expect("nobody panics at the gate");
        while !state.1 {
            state = self.turned.wait(state).expect("nobody panics at the gate");
        }
    }

    fn open(&self) {
        self.state.lock().expect("nobody panics at the gate").0 = false;
        self.turned.notify_all();
    }
}

impl Console {
    /// Lets go of the terminal as if the program had ended. Blocks for as long as the thread takes to see it.
    pub(super) fn suspend(&self) -> io::Result<()> {
        self.gate.close();
        // The thread blocks in a read that only an event ends: this signal makes one, a change of size.
        nix::sys::signal::raise(nix::sys::signal::Signal::SIGWINCH)?;
        self.gate.wait_closed();
        write_out(LEAVE)?;
        crossterm::terminal::disable_raw_mode()
    }

    /// Takes the terminal back and tells its size, which may have changed.
    pub(super) fn resume(&self) -> io::Result<Size> {
        crossterm::terminal::enable_raw_mode()?;
        write_out(ENTER)?;
        self.gate.open();
        let (width, height) = crossterm::terminal::size()?;
        Ok(clamp(width, height))
    }
}

impl Port {
    /// This process's terminal, put into raw mode. The guard puts it back when dropped.
    pub fn local() -> io::Result<(Self, LocalGuard)> {
        let (width, height) = crossterm::terminal::size()?;
        crossterm::terminal::enable_raw_mode()?;
        let screen = Screen(Arc::new(Mutex::new(true)));
        let guard = LocalGuard(screen.clone());
        write_out(ENTER)?;
        let (tx, events) = mpsc::channel(256);
        let gate = Arc::new(Gate::default());
        let console = Console { gate: Arc::clone(&gate) };
        std::thread::Builder::new().name("keys".into()).spawn(move || read(&tx, &gate))?;
        let (frames, mut rx) = Frames::new();
        // A thread of its own: a write to a slow terminal must hold up no task.
        std::thread::Builder::new().name("terminal".into()).spawn(move || {
            while let Some(frame) = rx.blocking_recv() {
                if screen.draw(&frame.bytes).is_err() {
                    return;
                }
            }
        })?;
        let size = clamp(width, height);
        Ok((Self { events, frames, size, mirror: None, console: Some(console) }, guard))
    }

    /// A terminal elsewhere: events go in by the sender, and the seat ends when it is gone; frames come out of the
    /// receiver, the next one when the last is dropped. Whoever carries them sends [`ENTER`] first and [`LEAVE`] last.
    pub fn remote(width: u16, height: u16) -> (Self, mpsc::Sender<Event>, mpsc::Receiver<Frame>) {
        let (tx, events) = mpsc::channel(256);
        let (frames, rx) = Frames::new();
        (Self { events, frames, size: clamp(width, height), mirror: None, console: None }, tx, rx)
    }

    /// A terminal in memory: events go in by the sender, frames are counted and thrown away, the mirror has the screen.
    pub fn memory(width: u16, height: u16) -> (Self, mpsc::Sender<Event>, Mirror) {
        let (tx, events) = mpsc::channel(1024);
        let (frames, mut rx) = Frames::new();
        tokio::spawn(async move { while rx.recv().await.is_some() {} });
        let mirror = Mirror::default();
        let size = clamp(width, height);
        let port = Self { events, frames, size, mirror: Some(Arc::clone(&mirror)), console: None };
        (port, tx, mirror)
    }
}

/// The sizes that are drawn; 0 means that the terminal does not know.
pub fn clamp(width: u16, height: u16) -> Size {
    if width == 0 || height == 0 {
        return Size::new(80, 24);
    }
    Size::new(width.clamp(20, 500), height.clamp(5, 200))
}

fn write_out(bytes: &[u8]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(bytes)?;
    out.flush()
}

/// What this process's terminal shows, until it is put back.
#[derive(Clone)]
pub struct Screen(Arc<Mutex<bool>>);

impl Screen {
    fn is_ours(&self) -> MutexGuard<'_, bool> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A frame that comes late, behind the end, is not drawn into what the person sees then.
    fn draw(&self, frame: &[u8]) -> io::Result<()> {
        let is_ours = self.is_ours();
        if *is_ours { write_out(frame) } else { Ok(()) }
    }

    /// Puts the terminal back, once.
    pub fn restore(&self) {
        let mut is_ours = self.is_ours();
        if std::mem::take(&mut *is_ours) {
            // Nothing can be done, and nobody told, when the terminal is gone.
            let _ = write_out(LEAVE);
            let _ = crossterm::terminal::disable_raw_mode();
        }
    }
}

/// Puts the terminal back when dropped.
pub struct LocalGuard(Screen);

impl LocalGuard {
    /// For who has to put it back earlier.
    pub fn screen(&self) -> Screen {
        self.0.clone()
    }
}

impl Drop for LocalGuard {
    fn drop(&mut self) {
        self.0.restore();
    }
}

/// Forwards the terminal's events until it is gone. Many characters in one read, from a terminal without bracketed
/// paste, become one paste. A thread that blocks: crossterm's event stream keeps the waker of its first poll, so it
/// cannot be asked whether more is there already.
fn read(tx: &mpsc::Sender<Event>, gate: &Gate) {
    loop {
        gate.pass();
        let Ok(event) = event::read() else { return };
        let mut batch = vec![event];
        while let Ok(true) = event::poll(Duration::ZERO) {
            match event::read() {
                Ok(event) => batch.push(event),
                Err(_) => break,
            }
        }
        for event in gather(batch) {
            if tx.blocking_send(event).is_err() {
                return;
            }
        }
    }
}

/// A long run of different plain characters read at once becomes a paste; a held key stays keys.
pub fn gather(batch: Vec<Event>) -> Vec<Event> {
    let chars: Option<String> = batch.iter().map(plain_char).collect();
    match chars {
        Some(text) if batch.len() >= PASTE_FROM && text.chars().any(|c| !text.starts_with(c)) => {
            vec![Event::Paste(text)]
        }
        _ => batch,
    }
}

fn plain_char(event: &Event) -> Option<char> {
    match event {
        Event::Key(KeyEvent { code, modifiers, kind: KeyEventKind::Press, .. })
            if !modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT) =>
        {
            match code {
                KeyCode::Char(c) => Some(*c),
                KeyCode::Enter => Some('\n'),
                _ => None,
            }
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(text: &str) -> Vec<Event> {
        text.chars().map(|c| Event::Key(KeyEvent::from(KeyCode::Char(c)))).collect()
    }

    #[test]
    fn many_characters_at_once_are_a_paste() {
        let text = "Dear all, I cannot log in since the update";
        assert_eq!(gather(keys(text)), [Event::Paste(text.into())]);
        assert_eq!(gather(keys("jjj")).len(), 3);
        assert_eq!(gather(keys(&"j".repeat(60))).len(), 60, "a held key stays keys");
    }

    #[tokio::test]
    async fn one_frame_is_in_flight() {
        let (frames, mut rx) = Frames::new();
        let slot = frames.ready().await;
        assert!(frames.send(b"one".to_vec(), slot));
        assert!(!frames.is_free());
        drop(rx.recv().await);
        assert!(frames.is_free());
    }
}
