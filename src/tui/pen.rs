//! Cells into bytes for a terminal, as few as will do: people work over slow lines. Only what changes in the look is
//! said, short gaps are written over instead of jumped, and a blank does not care for the colour of its text.

use std::io::Write;

use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};

use super::text;

/// Up to so many cells that stay as they are are written again, which takes fewer bytes than going on behind them.
const GAP: u16 = 4;
/// From so many blanks on it takes fewer bytes to say how many.
const BLANKS: usize = 10;

/// A blank of which nothing is seen but the terminal's own background.
pub(super) fn is_empty(cell: &Cell) -> bool {
    cell.symbol() == " " && cell.bg == Color::Reset && !cell.modifier.intersects(SEEN_ON_BLANK)
}

/// What is seen of a blank.
const SEEN_ON_BLANK: Modifier =
    Modifier::REVERSED.union(Modifier::UNDERLINED).union(Modifier::CROSSED_OUT).union(Modifier::HIDDEN);

/// The look that the terminal writes with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Look {
    fg: Color,
    bg: Color,
    underline: Color,
    modifier: Modifier,
}

impl Look {
    const PLAIN: Self =
        Self { fg: Color::Reset, bg: Color::Reset, underline: Color::Reset, modifier: Modifier::empty() };

    fn of(cell: &Cell) -> Self {
        Self { fg: cell.fg, bg: cell.bg, underline: cell.underline_color, modifier: cell.modifier }
    }
}

/// Where the terminal's cursor stands and how it writes, during one frame.
pub(super) struct Pen<'a> {
    out: &'a mut Vec<u8>,
    look: Look,
    at: Option<(u16, u16)>,
}

impl<'a> Pen<'a> {
    /// The terminal writes plainly, at a place that is not known.
    pub(super) fn new(out: &'a mut Vec<u8>) -> Self {
        Self { out, look: Look::PLAIN, at: None }
    }

    /// Writes cells in their places, row by row. `screen` is what the terminal shows then.
    pub(super) fn draw(&mut self, cells: &[(u16, u16, &Cell)], screen: &Buffer) {
        let mut rest = cells;
        while let [(x, y, cell), ..] = *rest {
            let is_next = |(i, (to, row, next)): (u16, &(u16, u16, &Cell))| *row == y && *to == x + i && is_empty(next);
            let blanks = if is_empty(cell) { (0..).zip(rest).take_while(|c| is_next(*c)).count() } else { 0 };
            if blanks > 1 {
                self.put_blanks(x, y, cell, blanks, screen);
            } else {
                self.put(x, y, cell, text::width(cell.symbol()) as u16, screen);
            }
            rest = &rest[blanks.max(1)..];
        }
    }

    /// Writes a cell of so many columns at its place.
    pub(super) fn put(&mut self, x: u16, y: u16, cell: &Cell, columns: u16, screen: &Buffer) {
        self.reach(x, y, screen);
        self.wear(cell);
        self.out.extend_from_slice(cell.symbol().as_bytes());
        // In the last column terminals differ in where the cursor is now.
        self.at = Some((x + columns, y)).filter(|(x, _)| *x < screen.area.right());
    }

    /// Empties so many cells of a row, all blanks of the terminal's own background, like the first of them.
    fn put_blanks(&mut self, x: u16, y: u16, cell: &Cell, cells: usize, screen: &Buffer) {
        self.reach(x, y, screen);
        self.wear(cell);
        if cells < BLANKS {
            self.out.extend(std::iter::repeat_n(b' ', cells));
            self.at = Some((x + cells as u16, y)).filter(|(x, _)| *x < screen.area.right());
        } else {
            self.say(format_args!("\x1b[{cells}X"));
            self.at = Some((x, y));
        }
    }

    fn reach(&mut self, x: u16, y: u16, screen: &Buffer) {
        if self.at == Some((x, y)) || self.write_over(x, y, screen) {
            return;
        }
        match self.at {
            Some((from, row)) if row == y && from < x => self.say(format_args!("\x1b[{}C", x - from)),
            _ => self.say(format_args!("\x1b[{};{}H", y + 1, x + 1)),
        }
    }

    /// Terminals differ in where the cursor is after what was written last.
    pub(super) fn forget_place(&mut self) {
        self.at = None;
    }

    /// The terminal writes plainly again.
    pub(super) fn rest(self) {
        if self.look != Look::PLAIN {
            self.out.extend_from_slice(b"\x1b[0m");
        }
    }

    /// Reaches a place a few cells on by writing again what stands there, where that needs no other look.
    fn write_over(&mut self, x: u16, y: u16, screen: &Buffer) -> bool {
        let Some((from, row)) = self.at else { return false };
        if row != y || from >= x || x - from > GAP {
            return false;
        }
        let is_same = |cell: &Cell| {
            let symbol = cell.symbol();
            symbol.len() == 1 && (self.look == Look::of(cell) || symbol == " " && self.blank_look(cell) == self.look)
        };
        let cells = || (from..x).map_while(|x| screen.cell((x, y)));
        if cells().count() != usize::from(x - from) || !cells().all(is_same) {
            return false;
        }
        for cell in cells() {
            self.out.extend_from_slice(cell.symbol().as_bytes());
        }
        true
    }

    /// The look that a blank needs: the colour of letters stays what it is.
    fn blank_look(&self, cell: &Cell) -> Look {
        let look = Look::of(cell);
        if (look.modifier | self.look.modifier).intersects(SEEN_ON_BLANK) {
            return look;
        }
        Look { bg: look.bg, ..self.look }
    }

    fn wear(&mut self, cell: &Cell) {
        let look = if cell.symbol() == " " { self.blank_look(cell) } else { Look::of(cell) };
        let now = self.look;
        if look == now {
            return;
        }
        self.look = look;
        if look == Look::PLAIN {
            self.out.extend_from_slice(b"\x1b[0m");
            return;
        }
        self.out.extend_from_slice(b"\x1b[");
        let mut codes = Codes { out: self.out, is_first: true };
        codes.modifiers(now.modifier, look.modifier);
        for (was, is, which) in [
            (now.fg, look.fg, Which::Fg),
            (now.bg, look.bg, Which::Bg),
            (now.underline, look.underline, Which::Underline),
        ] {
            if was != is {
                codes.color(is, which);
            }
        }
        self.out.push(b'm');
    }

    fn say(&mut self, what: std::fmt::Arguments) {
        self.out.write_fmt(what).expect("memory takes all");
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Which {
    Fg,
    Bg,
    Underline,
}

/// The numbers of one `SGR` sequence.
struct Codes<'a> {
    out: &'a mut Vec<u8>,
    is_first: bool,
}

impl Codes<'_> {
    fn code(&mut self, code: u8) {
        if !std::mem::take(&mut self.is_first) {
            self.out.push(b';');
        }
        write!(self.out, "{code}").expect("memory takes all");
    }

    fn modifiers(&mut self, was: Modifier, is: Modifier) {
        let mut now = was;
        for &(modifier, _, off) in MODIFIERS {
            if now.contains(modifier) && !is.contains(modifier) {
                self.code(off);
                // One code ends both bold and dim, and one both blinks.
                MODIFIERS.iter().filter(|(_, _, o)| *o == off).for_each(|(ended, ..)| now.remove(*ended));
            }
        }
        for &(modifier, on, _) in MODIFIERS {
            if is.contains(modifier) && !now.contains(modifier) {
                self.code(on);
            }
        }
    }

    fn color(&mut self, color: Color, which: Which) {
        let base = match which {
            Which::Fg => 30,
            Which::Bg => 40,
            Which::Underline => 50,
        };
        match color {
            Color::Reset => self.code(base + 9),
            Color::Rgb(r, g, b) => [base + 8, 2, r, g, b].into_iter().for_each(|code| self.code(code)),
            color => {
                let n = index(color);
                match which {
                    Which::Underline => [58, 5, n].into_iter().for_each(|code| self.code(code)),
                    _ if n < 8 => self.code(base + n),
                    _ if n < 16 && !matches!(color, Color::Indexed(_)) => self.code(base + 60 + n - 8),
                    _ => [base + 8, 5, n].into_iter().for_each(|code| self.code(code)),
                }
            }
        }
    }
}

/// The codes that begin and end each modifier.
const MODIFIERS: &[(Modifier, u8, u8)] = &[
    (Modifier::BOLD, 1, 22),
    (Modifier::DIM, 2, 22),
    (Modifier::ITALIC, 3, 23),
    (Modifier::UNDERLINED, 4, 24),
    (Modifier::SLOW_BLINK, 5, 25),
    (Modifier::RAPID_BLINK, 6, 25),
    (Modifier::REVERSED, 7, 27),
    (Modifier::HIDDEN, 8, 28),
    (Modifier::CROSSED_OUT, 9, 29),
];

/// A colour's number of 256. `Reset` and 24-bit colours have none.
fn index(color: Color) -> u8 {
    match color {
        Color::Red => 1,
        Color::Green => 2,
        Color::Yellow => 3,
        Color::Blue => 4,
        Color::Magenta => 5,
        Color::Cyan => 6,
        Color::Gray => 7,
        Color::DarkGray => 8,
        Color::LightRed => 9,
        Color::LightGreen => 10,
        Color::LightYellow => 11,
        Color::LightBlue => 12,
        Color::LightMagenta => 13,
        Color::LightCyan => 14,
        Color::White => 15,
        Color::Indexed(n) => n,
        Color::Black | Color::Reset | Color::Rgb(..) => 0,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use ratatui::layout::Rect;
    use unicode_width::UnicodeWidthStr;

    use super::*;
    use crate::tui::widgets::testing::cases;

    const SIZE: Rect = Rect::new(0, 0, 12, 3);

    /// A terminal that knows what a pen says.
    struct Terminal {
        cells: Buffer,
        pen: Cell,
        at: (u16, u16),
    }

    impl Terminal {
        fn obey(&mut self, said: &[u8]) {
            let mut rest = std::str::from_utf8(said).expect("UTF-8");
            while !rest.is_empty() {
                if let Some(sequence) = rest.strip_prefix("\x1b[") {
                    let end = sequence.find(|c: char| c.is_ascii_alphabetic()).expect("a whole sequence");
                    let numbers: Vec<u8> = sequence[..end].split(';').map(|n| n.parse().expect("a number")).collect();
                    match &sequence[end..=end] {
                        "H" => self.at = (u16::from(numbers[1]) - 1, u16::from(numbers[0]) - 1),
                        "C" => self.at.0 += u16::from(numbers[0]),
                        "X" => {
                            let mut blank = Cell::EMPTY;
                            blank.set_bg(self.pen.bg);
                            for x in self.at.0..self.at.0 + u16::from(numbers[0]) {
                                self.cells[(x, self.at.1)] = blank.clone();
                            }
                        }
                        "m" => self.dress(&numbers),
                        other => panic!("{other} is not said"),
                    }
                    rest = &sequence[end + 1..];
                } else {
                    let symbol = &rest[..rest.chars().next().map_or(0, char::len_utf8)];
                    self.pen.set_symbol(symbol);
                    self.cells[self.at] = self.pen.clone();
                    self.at.0 += symbol.width() as u16;
                    rest = &rest[symbol.len()..];
                }
            }
        }

        fn dress(&mut self, numbers: &[u8]) {
            let mut at = 0;
            while at < numbers.len() {
                let n = numbers[at];
                let extended = match numbers.get(at..) {
                    Some(&[38 | 48, 2, r, g, b, ..]) => Some((Color::Rgb(r, g, b), 5)),
                    Some(&[38 | 48, 5, n, ..]) => Some((Color::Indexed(n), 3)),
                    _ => None,
                };
                match (n, extended) {
                    (38, Some((color, _))) => self.pen.fg = color,
                    (48, Some((color, _))) => self.pen.bg = color,
                    (0, _) => self.pen = Cell::EMPTY,
                    (39, _) => self.pen.fg = Color::Reset,
                    (49, _) => self.pen.bg = Color::Reset,
                    (31, _) => self.pen.fg = Color::Red,
                    (102, _) => self.pen.bg = Color::LightGreen,
                    (1..=9, _) => {
                        let (modifier, ..) = MODIFIERS.iter().find(|(_, on, _)| *on == n).expect("a modifier");
                        self.pen.modifier.insert(*modifier);
                    }
                    (22..=29, _) => {
                        MODIFIERS.iter().filter(|(.., off)| *off == n).for_each(|(m, ..)| self.pen.modifier.remove(*m));
                    }
                    other => panic!("{other:?} is not said"),
                }
                at += extended.map_or(1, |(_, taken)| taken);
            }
        }
    }

    /// What a person sees of a cell: a blank has no letters.
    fn seen(cell: &Cell) -> Cell {
        let mut seen = cell.clone();
        if seen.symbol() == " " && !seen.modifier.intersects(SEEN_ON_BLANK) {
            seen.fg = Color::Reset;
            seen.modifier = Modifier::empty();
        }
        seen
    }

    fn any_cell() -> impl Strategy<Value = Cell> {
        let symbol = prop_oneof![4 => Just(" "), 4 => Just("a"), 2 => Just("b"), 1 => Just("é")];
        let fg = prop_oneof![4 => Just(Color::Reset), 1 => Just(Color::Red), 1 => Just(Color::Rgb(1, 2, 3))];
        let bg = prop_oneof![
            4 => Just(Color::Reset),
            1 => Just(Color::LightGreen),
            1 => Just(Color::Indexed(9)),
            1 => Just(Color::Rgb(1, 2, 3))
        ];
        let modifier = prop_oneof![4 => Just(0_u16), 1 => any::<u16>()].prop_map(Modifier::from_bits_truncate);
        (symbol, fg, bg, modifier).prop_map(|(symbol, fg, bg, modifier)| {
            let mut cell = Cell::EMPTY;
            cell.set_symbol(symbol).set_fg(fg).set_bg(bg);
            cell.modifier = modifier;
            cell
        })
    }

    proptest! {
        #![proptest_config(cases(400))]

        #[test]
        fn the_terminal_shows_what_was_drawn(
            frames in prop::collection::vec(prop::collection::vec((0_u16..12, 0_u16..3, any_cell()), 0..20), 1..4),
        ) {
            let mut terminal = Terminal { cells: Buffer::empty(SIZE), pen: Cell::EMPTY, at: (0, 0) };
            let mut screen = Buffer::empty(SIZE);
            for frame in frames {
                let mut next = screen.clone();
                for (x, y, cell) in frame {
                    next[(x, y)] = cell;
                }
                let mut said = Vec::new();
                let mut pen = Pen::new(&mut said);
                pen.draw(&screen.diff(&next), &next);
                pen.rest();
                screen = next;
                terminal.obey(&said);
                prop_assert_eq!(&terminal.pen.modifier, &Modifier::empty());
                for (ours, theirs) in screen.content.iter().zip(&terminal.cells.content) {
                    prop_assert_eq!(seen(ours), seen(theirs), "{:?}", String::from_utf8_lossy(&said));
                }
            }
        }
    }

    #[test]
    fn short_gaps_and_blanks_cost_little() {
        let mut screen = Buffer::empty(SIZE);
        screen.set_string(0, 0, "status open", ratatui::style::Style::new());
        let mut next = screen.clone();
        next.set_string(0, 0, "STATUS OPEN", ratatui::style::Style::new());
        let mut said = Vec::new();
        let mut pen = Pen::new(&mut said);
        pen.draw(&screen.diff(&next), &next);
        pen.rest();
        assert_eq!(String::from_utf8(said).expect("UTF-8"), "\u{1b}[1;1HSTATUS OPEN");
    }
}
