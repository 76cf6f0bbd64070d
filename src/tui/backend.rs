//! What ratatui draws to: bytes for the person's terminal. Size and cursor come from the seat, never from this
//! process's own tty, so that one code path serves local and remote terminals and nothing queries a terminal.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, MutexGuard};

use ratatui::backend::{Backend, ClearType, WindowSize};
use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::{Position, Rect, Size};
use unicode_width::UnicodeWidthChar;

use super::pen::{self, Pen};

/// The bytes of the frame being drawn.
#[derive(Clone, Default)]
pub struct Bytes(Arc<Mutex<Vec<u8>>>);

impl Bytes {
    /// The bytes so far; the next frame begins empty.
    pub fn take(&self) -> Vec<u8> {
        std::mem::take(&mut self.lock())
    }

    fn lock(&self) -> MutexGuard<'_, Vec<u8>> {
        self.0.lock().expect("no writer panics while it holds the bytes")
    }

    fn say(&self, sequence: &str) {
        self.lock().extend_from_slice(sequence.as_bytes());
    }
}

impl Write for Bytes {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.lock().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The screen as the terminal has it.
#[derive(Clone, Debug, Default)]
pub struct Screen {
    pub cells: Buffer,
    /// The terminal's own cursor, while it is shown.
    pub cursor: Option<Position>,
}

/// The screen, kept beside the bytes.
pub type Mirror = Arc<Mutex<Screen>>;

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
    bytes: Bytes,
    size: Size,
    cursor: Position,
    /// Where the terminal's cursor stands, as far as that is known.
    stands: Option<Position>,
    /// What the terminal shows.
    screen: Mirror,
}

impl PeerBackend {
    pub fn new(bytes: Bytes, size: Size, mirror: Option<Mirror>) -> Self {
        let screen = mirror.unwrap_or_default();
        Self { bytes, size, cursor: Position::ORIGIN, stands: None, screen }
    }

    /// The terminal's new size, as it told.
    pub fn resize(&mut self, size: Size) {
        self.size = size;
        self.screen().cells = Buffer::empty(Rect::new(0, 0, size.width, size.height));
    }

    fn screen(&self) -> MutexGuard<'_, Screen> {
        self.screen.lock().expect("no reader panics while it holds the mirror")
    }
}

/// Draws a cluster that terminals disagree on. Its cells are emptied first, for one that takes fewer of them leaves what
/// was there; what one that takes more has covered is drawn again. The next cell begins with a place of its own.
fn draw_fragile(pen: &mut Pen, screen: &Buffer, x: u16, y: u16, cell: &Cell, fragile: Fragile) {
    let mut blank = cell.clone();
    blank.set_symbol(" ");
    for i in 0..fragile.counted {
        pen.put(x + i, y, &blank, 1, screen);
    }
    pen.forget_place();
    pen.put(x, y, cell, fragile.counted, screen);
    pen.forget_place();
    for x in x + fragile.counted..x + fragile.most {
        if let Some(covered) = screen.cell((x, y)) {
            pen.put(x, y, covered, super::text::width(covered.symbol()) as u16, screen);
            pen.forget_place();
        }
    }
}

/// A cluster of characters that some terminals give other cells than others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Fragile {
    /// Cells that are counted for it here.
    counted: u16,
    /// Cells that a terminal takes which adds its characters up: vowel signs, skin tones, joined figures.
    most: u16,
}

impl Fragile {
    /// `None` for what all terminals agree on.
    fn of(symbol: &str) -> Option<Self> {
        let mut chars = symbol.chars();
        let (Some(_), Some(_)) = (chars.next(), chars.next()) else { return None };
        // Older tables count some vowel signs that are marks by their nature (Bengali, Tamil, Malayalam …) as letters.
        let cells = |c: char| if is_spacing_mark(c) { 1 } else { c.width().unwrap_or(0) };
        let sum = symbol.chars().map(cells).sum::<usize>() as u16;
        let counted = super::text::width(symbol) as u16;
        (sum != counted).then_some(Self { counted, most: sum.max(counted) })
    }
}

/// Marks that stand beside their letter and have a cell of their own in the C library's tables and in tmux's, while they
/// extend a cluster by Unicode's rules.
fn is_spacing_mark(c: char) -> bool {
    matches!(
        c,
        '\u{9be}'
            | '\u{9d7}'
            | '\u{b3e}'
            | '\u{b57}'
            | '\u{bbe}'
            | '\u{bd7}'
            | '\u{cc0}'
            | '\u{cc2}'
            | '\u{cc7}'
            | '\u{cc8}'
            | '\u{cca}'
            | '\u{ccb}'
            | '\u{cd5}'
            | '\u{cd6}'
            | '\u{d3e}'
            | '\u{d57}'
            | '\u{dcf}'
            | '\u{ddf}'
            | '\u{1b35}'
            | '\u{302e}'
            | '\u{302f}'
    )
}

impl Backend for PeerBackend {
    type Error = io::Error;

    fn draw<'a, I>(&mut self, content: I) -> io::Result<()>
    where
        I: Iterator<Item = (u16, u16, &'a Cell)>,
    {
        let cells: Vec<_> = content.collect();
        let mut screen = self.screen();
        // What differs only in the colour of letters that a blank does not have is on the screen already.
        let is_there = |(x, y, cell): &(u16, u16, &Cell)| {
            let behind_wide =
                *x > 0 && screen.cells.cell((x - 1, *y)).is_some_and(|c| super::text::width(c.symbol()) == 2);
            !behind_wide && pen::is_empty(cell) && screen.cells.cell((*x, *y)).is_some_and(pen::is_empty)
        };
        let cells: Vec<_> = cells.into_iter().filter(|cell| !is_there(cell)).collect();
        if cells.is_empty() {
            return Ok(());
        }
        for &(x, y, cell) in &cells {
            if let Some(place) = screen.cells.cell_mut((x, y)) {
                place.clone_from(cell);
            }
            // As on a terminal, a wide character takes the cell behind it, whatever stood there.
            if super::text::width(cell.symbol()) == 2
                && let Some(second) = screen.cells.cell_mut((x + 1, y))
            {
                second.reset();
            }
        }
        let mut bytes = self.bytes.lock();
        let mut pen = Pen::new(&mut bytes);
        let mut rest = cells.as_slice();
        while !rest.is_empty() {
            let fragile = rest.iter().enumerate().find_map(|(i, c)| Some((i, Fragile::of(c.2.symbol())?)));
            let (run, others) = rest.split_at(fragile.map_or(rest.len(), |(i, _)| i));
            pen.draw(run, &screen.cells);
            rest = others;
            if let (Some((_, fragile)), [(x, y, cell), more @ ..]) = (fragile, others) {
                draw_fragile(&mut pen, &screen.cells, *x, *y, cell, fragile);
                rest = more;
            }
        }
        pen.rest();
        drop((bytes, screen));
        self.stands = None;
        Ok(())
    }

    fn hide_cursor(&mut self) -> io::Result<()> {
        if self.screen().cursor.take().is_some() {
            self.bytes.say("\x1b[?25l");
        }
        Ok(())
    }

    fn show_cursor(&mut self) -> io::Result<()> {
        let at = self.cursor;
        if self.screen().cursor.replace(at).is_none() {
            self.bytes.say("\x1b[?25h");
        }
        Ok(())
    }

    fn get_cursor_position(&mut self) -> io::Result<Position> {
        Ok(self.cursor)
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> io::Result<()> {
        self.cursor = position.into();
        let at = self.cursor;
        if let Some(shown) = &mut self.screen().cursor {
            *shown = at;
        }
        if self.stands != Some(at) {
            self.stands = Some(at);
            self.bytes.say(&format!("\x1b[{};{}H", at.y + 1, at.x + 1));
        }
        Ok(())
    }

    /// Nothing is taken for granted any more: the terminal may show something else than it was told.
    fn clear(&mut self) -> io::Result<()> {
        let mut screen = self.screen();
        screen.cells.reset();
        screen.cursor = None;
        drop(screen);
        self.stands = None;
        self.bytes.say("\x1b[0m\x1b[?25l\x1b[2J");
        Ok(())
    }

    fn clear_region(&mut self, _: ClearType) -> io::Result<()> {
        self.clear()
    }

    fn size(&self) -> io::Result<Size> {
        Ok(self.size)
    }

    fn window_size(&mut self) -> io::Result<WindowSize> {
        Ok(WindowSize { columns_rows: self.size, pixels: Size::new(0, 0) })
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use ratatui::style::Style;

    use super::*;

    #[test]
    fn clusters_that_terminals_disagree_on_are_known() {
        for (cluster, fragile) in [
            ("é", None),
            ("客", None),
            ("e\u{301}", None),
            ("क\u{94d}षि", None),
            ("ব\u{9be}", Some((1, 2))),
            ("க\u{bbe}", Some((1, 2))),
            ("❤\u{fe0f}", Some((2, 2))),
            ("👍🏽", Some((2, 4))),
        ] {
            assert_eq!(Fragile::of(cluster).map(|f| (f.counted, f.most)), fragile, "{cluster}");
        }
    }

    #[test]
    fn what_stands_behind_such_a_cluster_is_put_in_its_place() {
        let (bytes, size) = (Bytes::default(), Size::new(12, 1));
        let mut backend = PeerBackend::new(bytes.clone(), size, None);
        backend.resize(size);
        let mut buf = Buffer::empty(Rect::new(0, 0, 12, 1));
        buf.set_string(0, 0, "ab❤\u{fe0f}কাজx", Style::new());
        let cells: Vec<(u16, u16, Cell)> =
            (0..12).map(|x| (x, 0, buf[(x, 0)].clone())).filter(|(x, ..)| *x != 3).collect();
        backend.draw(cells.iter().map(|(x, y, cell)| (*x, *y, cell))).expect("memory does not fail");
        let said = String::from_utf8(bytes.take()).expect("UTF-8");
        // Columns are counted from 1: the heart is emptied before it is drawn, and each place after it is named.
        let heart = said.find('❤').expect("the heart");
        assert!(said[..heart].ends_with("ab  \u{1b}[1;3H"), "{said:?}");
        let sign = said.find("কা").expect("the cluster");
        assert!(said[sign..].contains("\u{1b}[1;6Hজ"), "{said:?}");
        assert!(said[sign..].contains('x'), "{said:?}");
    }
}
