//! Do…: every action of a screen with its key. The key after `d`, or the command's own, runs it at once.

use crossterm::event::KeyEvent;
use ratatui::Frame;
use ratatui::layout::Rect;

use crate::tui::command::{Cmd, Command, Needs, Scope};
use crate::tui::effect::Out;
use crate::tui::frame::{bar_row, boxed};
use crate::tui::keymap::{Folded, Keymap, Stroke, fold};
use crate::tui::layer::{Layer, LayerMsg, Shape, Subject};
use crate::tui::text;
use crate::tui::ui::Ui;

pub struct Menu {
    rows: Vec<&'static Command>,
    at: usize,
}

impl Menu {
    /// The commands of the scopes that act on a record and fit the subject.
    pub fn new(scopes: &'static [Scope], subject: &Subject, ui: &Ui) -> Self {
        let rows = Keymap::commands(scopes)
            .filter(|c| c.needs != Needs::Nothing && c.id != Cmd::Do && c.fits(subject, &ui.registry))
            .filter(|c| !ui.keymap.keys(c.id).is_empty())
            .collect();
        Self { rows, at: 0 }
    }

    /// The command whose only key, or key after `d`, this is.
    fn named(&self, stroke: Stroke, ui: &Ui) -> Option<Cmd> {
        let key = stroke.to_string();
        let after = format!("{} {key}", ui.keymap.key(Cmd::Do));
        let with = |wanted: &str| self.rows.iter().find(|c| ui.keymap.keys(c.id).iter().any(|k| k == wanted));
        with(&after).or_else(|| with(&key)).map(|c| c.id)
    }
}

impl Layer for Menu {
    fn scopes(&self) -> &'static [Scope] {
        &[Scope::Menu, Scope::Popup, Scope::Everywhere]
    }

    fn shape(&self) -> Shape {
        Shape::Popup { width: 52, height: self.rows.len() as u16 + 2 }
    }

    fn key(&mut self, key: KeyEvent, ui: &Ui, out: &mut Out) -> bool {
        let Some(Folded::Key(stroke)) = Stroke::of(key).map(fold) else { return false };
        // Moving and closing keys stay what they are in every box.
        if stroke.plain_char().is_none() || matches!(stroke.plain_char(), Some('j' | 'k' | 'q' | ' ')) {
            return false;
        }
        let Some(cmd) = self.named(stroke, ui) else { return false };
        out.close();
        out.run(cmd);
        true
    }

    fn update(&mut self, msg: LayerMsg, _ui: &Ui, out: &mut Out) {
        let LayerMsg::Command(cmd) = msg else { return };
        let last = self.rows.len().saturating_sub(1);
        match cmd {
            Cmd::MenuDown => self.at = if self.at == last { 0 } else { self.at + 1 },
            Cmd::MenuUp => self.at = if self.at == 0 { last } else { self.at - 1 },
            Cmd::MenuTop => self.at = 0,
            Cmd::MenuBottom => self.at = last,
            Cmd::MenuTake => {
                out.close();
                if let Some(row) = self.rows.get(self.at) {
                    out.run(row.id);
                }
            }
            Cmd::Close => out.close(),
            _ => {}
        }
    }

    fn view(&self, frame: &mut Frame, area: Rect, ui: &Ui) {
        let block = boxed(format!(" {} ", ui.t("do-title")), true, ui);
        let inner = block.inner(area);
        frame.render_widget(block, area);
        let skip = (self.at + 1).saturating_sub(usize::from(inner.height));
        for (line, (i, row)) in self.rows.iter().enumerate().skip(skip).take(usize::from(inner.height)).enumerate() {
            let place = Rect { y: inner.y + line as u16, height: 1, ..inner };
            let body = format!("{} {}", text::pad(&ui.keymap.key(row.id), 8), ui.t(&row.title_key()));
            bar_row(frame, place, &body, i == self.at, ratatui::style::Style::default(), ui);
        }
    }
}
