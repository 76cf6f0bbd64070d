//! A colleague's screen, live: choosing whose, waiting for their consent, seeing it. Keys go nowhere from here; they move
//! the part that is seen of a larger screen, and leave.

use std::sync::Arc;

use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use ratatui::style::Modifier;
use ratatui::text::Line;

use crate::tui::app::{login, of_theirs};
use crate::tui::command::{Cmd, Scope};
use crate::tui::effect::{Out, Tone};
use crate::tui::frame::{bar_row, boxed, first_row};
use crate::tui::layer::{Layer, LayerMsg, Shape};
use crate::tui::share::{Over, Picture, Sitter, Told, Wish};
use crate::tui::theme::Role;
use crate::tui::ui::Ui;
use crate::tui::{paint, show, text};

/// How wide the boxes are.
const WIDE: u16 = 64;

enum State {
    /// Until it is known who sits here, or that whoever is named has been asked.
    Begins,
    /// Of these, one.
    Choosing(Vec<Sitter>, usize),
    /// This person is asked, with so many seconds to answer.
    Asking(Sitter, u64),
    /// This person's screen, as it looks now.
    Seeing(Sitter, Option<Arc<Picture>>),
}

pub struct Seeing {
    whose: Option<String>,
    has_begun: bool,
    state: State,
    /// The first column and row that are seen of a larger screen.
    from: (u16, u16),
}

impl Seeing {
    /// By their seat or login; the choice of one when none is named.
    pub fn new(whose: Option<String>) -> Self {
        Self { whose, has_begun: false, state: State::Begins, from: (0, 0) }
    }

    fn told(&mut self, told: Told, ui: &Ui, out: &mut Out) {
        match told {
            Told::Here(others) if others.is_empty() => {
                out.say(Tone::Info, ui.t("share-alone"));
                out.close();
            }
            Told::Here(others) => self.state = State::Choosing(others, 0),
            Told::Asking(whose, patience) => self.state = State::Asking(whose, patience.as_secs()),
            Told::Seeing(whose) => self.state = State::Seeing(whose, None),
            Told::Seen(picture) => {
                if let State::Seeing(_, seen) = &mut self.state {
                    *seen = Some(picture);
                }
            }
            Told::Not(over) => {
                let (key, name) = of_theirs(&over);
                let key = if over == Over::Off && ui.is_local { "share-local" } else { key };
                out.say(Tone::Warn, ui.tr(key, &[("login", name.into())]));
                out.close();
            }
            Told::Asked(..) | Told::Shown(_) | Told::Over(_) => {}
        }
    }

    /// Moves the part that is seen by half a screen, no further than there is something.
    fn turn(&mut self, right: i32, down: i32, ui: &Ui) {
        let State::Seeing(_, Some(picture)) = &self.state else { return };
        let step = |at: u16, by: i32, seen: u16, all: u16| {
            let far = i32::from(all.saturating_sub(seen));
            (i32::from(at) + by * i32::from(seen / 2).max(1)).clamp(0, far) as u16
        };
        let size = picture.cells.area;
        let height = ui.height.saturating_sub(1);
        self.from = (step(self.from.0, right, ui.width, size.width), step(self.from.1, down, height, size.height));
    }

    fn view_screen(&self, frame: &mut Frame, area: Rect, whose: &Sitter, picture: Option<&Picture>, ui: &Ui) {
        let body = Rect { height: area.height.saturating_sub(1), ..area };
        let args = [("login", login(whose).into()), ("key", ui.keymap.key(Cmd::SeeingLeave).into())];
        let mut said = format!(" {}", ui.tr("share-seeing", &args));
        if let Some(picture) = picture {
            let size = picture.cells.area;
            if size.width > body.width || size.height > body.height {
                let args = [("width", usize::from(size.width).into()), ("height", usize::from(size.height).into())];
                said = format!("{said} {}", ui.tr("share-cut", &args));
            }
            put(frame, body, picture, self.from, ui);
        }
        said = format!("{said} {}", ui.t("share-no-keys"));
        let line = text::pad(&said, usize::from(area.width));
        let style = ui.style(Role::Accent).add_modifier(Modifier::REVERSED);
        paint::line(frame.buffer_mut(), Line::styled(line, style), Rect { y: body.bottom(), height: 1, ..area });
    }

    fn view_box(&self, frame: &mut Frame, area: Rect, ui: &Ui) {
        let block = boxed(format!(" {} ", ui.t("share-title")), true, ui);
        let inner = block.inner(area);
        frame.render_widget(block, area);
        let said = match &self.state {
            State::Choosing(others, at) => {
                let skip = first_row(*at, usize::from(inner.height));
                for (y, (i, other)) in (inner.y..inner.bottom()).zip(others.iter().enumerate().skip(skip)) {
                    let since = show::instant(other.since, ui.now, ui.cx.viewer.zone, ui.lang());
                    let row = format!("{}  {since}  {}", text::pad(&login(other), 16), other.seat);
                    bar_row(frame, Rect { y, height: 1, ..inner }, &row, i == *at, ui.style(Role::Text), ui);
                }
                return;
            }
            State::Asking(whose, seconds) => {
                let args = [
                    ("login", login(whose).into()),
                    ("seconds", (*seconds).into()),
                    ("key", ui.keymap.key(Cmd::Close).into()),
                ];
                ui.tr("share-asking", &args)
            }
            State::Begins | State::Seeing(..) => ui.t("record-loading"),
        };
        let cells = usize::from(inner.width.saturating_sub(2));
        for (y, line) in (inner.y..inner.bottom()).zip(text::wrap(&said, cells)) {
            frame.buffer_mut().set_string(inner.x + 1, y, line, ui.style(Role::Text));
        }
    }
}

/// Puts a picture into a place: in the middle of a larger one, of a larger picture the part from there on.
fn put(frame: &mut Frame, place: Rect, picture: &Picture, from: (u16, u16), ui: &Ui) {
    let all = picture.cells.area;
    let (width, height) = (all.width.min(place.width), all.height.min(place.height));
    // It may have become smaller since.
    let from = (from.0.min(all.width - width), from.1.min(all.height - height));
    let (left, top) = (place.x + (place.width - width) / 2, place.y + (place.height - height) / 2);
    for y in 0..height {
        for x in 0..width {
            let mut cell = picture.cells[(from.0 + x, from.1 + y)].clone();
            // Half of a wide character is none.
            if x + 1 == width && text::width(cell.symbol()) > 1 {
                cell.set_symbol(" ");
            }
            ui.theme.adopt(&mut cell, picture.ground);
            frame.buffer_mut()[(left + x, top + y)] = cell;
        }
    }
    if let Some(at) = picture.cursor {
        let (x, y) = (at.x.wrapping_sub(from.0), at.y.wrapping_sub(from.1));
        if x < width && y < height {
            frame.set_cursor_position(Position::new(left + x, top + y));
        }
    }
}

impl Layer for Seeing {
    fn scopes(&self) -> &'static [Scope] {
        match self.state {
            State::Choosing(..) => &[Scope::Menu, Scope::Popup],
            State::Begins | State::Asking(..) => &[Scope::Popup],
            State::Seeing(..) => &[Scope::Seeing],
        }
    }

    fn shape(&self) -> Shape {
        match &self.state {
            State::Choosing(others, _) => Shape::Popup { width: WIDE, height: others.len().min(40) as u16 + 2 },
            State::Begins | State::Asking(..) => Shape::Popup { width: WIDE, height: 5 },
            State::Seeing(..) => Shape::Bare,
        }
    }

    fn update(&mut self, msg: LayerMsg, ui: &Ui, out: &mut Out) {
        match msg {
            LayerMsg::Shown { .. } if !self.has_begun => {
                self.has_begun = true;
                out.share(self.whose.take().map_or(Wish::Who, Wish::See));
            }
            LayerMsg::Share(told) => self.told(told, ui, out),
            LayerMsg::Command(Cmd::SeeingLeave | Cmd::Close) => {
                out.share(Wish::Leave);
                out.close();
            }
            LayerMsg::Command(Cmd::SeeingLeft) => self.turn(-1, 0, ui),
            LayerMsg::Command(Cmd::SeeingRight) => self.turn(1, 0, ui),
            LayerMsg::Command(Cmd::SeeingUp) => self.turn(0, -1, ui),
            LayerMsg::Command(Cmd::SeeingDown) => self.turn(0, 1, ui),
            LayerMsg::Command(cmd) => {
                let State::Choosing(others, at) = &mut self.state else { return };
                let last = others.len().saturating_sub(1);
                match cmd {
                    Cmd::MenuDown => *at = (*at + 1).min(last),
                    Cmd::MenuUp => *at = at.saturating_sub(1),
                    Cmd::MenuTop => *at = 0,
                    Cmd::MenuBottom => *at = last,
                    Cmd::MenuTake => out.share(Wish::See(others[*at].seat.clone())),
                    _ => {}
                }
            }
            _ => {}
        }
    }

    fn view(&self, frame: &mut Frame, area: Rect, ui: &Ui) {
        match &self.state {
            State::Seeing(whose, picture) => self.view_screen(frame, area, whose, picture.as_deref(), ui),
            _ => self.view_box(frame, area, ui),
        }
    }
}
