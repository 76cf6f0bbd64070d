//! What ratatui draws to: bytes for the person's terminal. Size and cursor come from the seat, never from this
//! process's own tty, so that one code path serves local and remote terminals and nothing queries a terminal.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use ratatui::backend::{Backend, ClearType, CrosstermBackend, WindowSize};
use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::{Position, Rect, Size};

/// The bytes of the frame being drawn.
#[derive(Clone, Default)]
pub struct Bytes(Arc<Mutex<Vec<u8>>>);

impl Bytes {
    /// The bytes so far; the next frame begins empty.
    pub fn take(&self) -> Vec<u8> {
        std::mem::take(&mut self.0.lock().expect("no writer panics while it holds the bytes"))
    }
}

impl Write for Bytes {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("no writer panics while it holds the bytes").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The screen as the terminal has it, kept beside the bytes for tests.
pub type Mirror = Arc<Mutex<Buffer>>;

/// A screen as lines of text, blanks at the ends cut.
pub fn text_of(screen: &Buffer) -> String {
    let mut out = String::new();
    for y in screen.area.top()..screen.area.bottom() {
        let mut line = String::new();
        let mut x = screen.area.left();
        while x < screen.area.right() {
            let symbol = screen[(x, y)].symbol();
            line.push_str(symbol);
            // A wide character's second cell belongs to it.
            x += super::text::width(symbol).max(1) as u16;
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}

pub struct PeerBackend {
    inner: CrosstermBackend<Bytes>,
    size: Size,
    cursor: Position,
    mirror: Option<Mirror>,
}

impl PeerBackend {
    pub fn new(bytes: Bytes, size: Size, mirror: Option<Mirror>) -> Self {
        Self { inner: CrosstermBackend::new(bytes), size, cursor: Position::ORIGIN, mirror }
    }

    /// The terminal's new size, as it told.
    pub fn resize(&mut self, size: Size) {
        self.size = size;
        if let Some(mirror) = &self.mirror {
            *mirror.lock().expect("no reader panics while it holds the mirror") =
                Buffer::empty(Rect::new(0, 0, size.width, size.height));
        }
    }
}

impl Backend for PeerBackend {
    type Error = io::Error;

    fn draw<'a, I>(&mut self, content: I) -> io::Result<()>
    where
        I: Iterator<Item = (u16, u16, &'a Cell)>,
    {
        let Some(mirror) = &self.mirror else { return self.inner.draw(content) };
        let cells: Vec<_> = content.collect();
        let mut screen = mirror.lock().expect("no reader panics while it holds the mirror");
        for &(x, y, cell) in &cells {
            if let Some(place) = screen.cell_mut((x, y)) {
                place.clone_from(cell);
            }
            // As on a terminal, a wide character takes the cell behind it, whatever stood there.
            if super::text::width(cell.symbol()) == 2
                && let Some(second) = screen.cell_mut((x + 1, y))
            {
                second.reset();
            }
        }
        drop(screen);
        self.inner.draw(cells.into_iter())
    }

    fn append_lines(&mut self, n: u16) -> io::Result<()> {
        self.inner.append_lines(n)
    }

    fn hide_cursor(&mut self) -> io::Result<()> {
        self.inner.hide_cursor()
    }

    fn show_cursor(&mut self) -> io::Result<()> {
        self.inner.show_cursor()
    }

    fn get_cursor_position(&mut self) -> io::Result<Position> {
        Ok(self.cursor)
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> io::Result<()> {
        self.cursor = position.into();
        self.inner.set_cursor_position(self.cursor)
    }

    fn clear(&mut self) -> io::Result<()> {
        if let Some(mirror) = &self.mirror {
            mirror.lock().expect("no reader panics while it holds the mirror").reset();
        }
        self.inner.clear()
    }

    fn clear_region(&mut self, clear_type: ClearType) -> io::Result<()> {
        if let (Some(mirror), ClearType::All) = (&self.mirror, clear_type) {
            mirror.lock().expect("no reader panics while it holds the mirror").reset();
        }
        self.inner.clear_region(clear_type)
    }

    fn size(&self) -> io::Result<Size> {
        Ok(self.size)
    }

    fn window_size(&mut self) -> io::Result<WindowSize> {
        Ok(WindowSize { columns_rows: self.size, pixels: Size::new(0, 0) })
    }

    fn flush(&mut self) -> io::Result<()> {
        Backend::flush(&mut self.inner)
    }
}
