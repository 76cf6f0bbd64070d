//! The mouse on the board.

use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};

use super::Board;
use crate::tui::command::Cmd;
use crate::tui::effect::Out;
use crate::tui::ui::Ui;

/// A card held with the mouse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Drag {
    pub(super) id: i64,
    /// The column it is over.
    pub(super) over: usize,
    /// It has left the column where the button went down.
    pub(super) is_moving: bool,
    /// It was selected before: letting go where it is opens it.
    opens: bool,
}

impl Board {
    /// The wheel scrolls the column under it, a click selects and on the selected card opens, a drag moves the card.
    pub(super) fn mouse(&mut self, mouse: MouseEvent, ui: &Ui, out: &mut Out) {
        let here = self.layout(ui).column_at(mouse.column, mouse.row);
        match mouse.kind {
            MouseEventKind::ScrollDown | MouseEventKind::ScrollUp => {
                let by = if mouse.kind == MouseEventKind::ScrollDown { 3 } else { -3 };
                if let Some((column, _)) = here {
                    self.step(by, column, ui, out);
                }
            }
            MouseEventKind::Down(MouseButton::Left) => {
                let Some((column, card)) = here else { return };
                let rows = &self.columns[column].rows;
                let at = card.map(|card| rows.top + card).filter(|at| *at < rows.all.len());
                let id = at.map(|at| rows.all[at].record.id);
                let was_selected = id.is_some() && self.selected().map(|r| r.id) == id;
                if column != self.at {
                    self.at = column;
                }
                if let Some(at) = at {
                    let by = at as isize - self.columns[column].rows.at as isize;
                    self.step(by, column, ui, out);
                }
                self.follow(ui);
                // What a second click means is known when the button is let go.
                self.drag = id.map(|id| Drag { id, over: column, is_moving: false, opens: was_selected });
            }
            MouseEventKind::Drag(MouseButton::Left) => {
                if let (Some(drag), Some((column, _))) = (&mut self.drag, here) {
                    drag.is_moving |= column != drag.over;
                    drag.over = column;
                }
            }
            MouseEventKind::Up(MouseButton::Left) => {
                let Some(drag) = self.drag.take() else { return };
                if drag.is_moving {
                    self.drop_on(&drag, drag.over, ui, out);
                } else if drag.opens {
                    self.command(Cmd::Open, ui, out);
                }
            }
            _ => {}
        }
    }
}
