//! The box that chooses columns, sort and groups: Space shows or hides, `H L` move, Enter sorts by the field and again
//! turns the order round, `b` groups by it and again no longer.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::domain::field::Lang;
use crate::domain::kind::Kind;
use crate::domain::query::{Sort, can_sort};
use crate::tui::command::{Cmd, Scope};
use crate::tui::effect::Out;
use crate::tui::frame::{bar_row, boxed, first_row};
use crate::tui::layer::{Layer, LayerMsg, Reply, Shape};
use crate::tui::ui::Ui;

struct Row {
    name: String,
    label: String,
    shown: bool,
    /// It has an order, and so can be sorted and grouped by.
    sorts: bool,
}

pub(super) struct Columns {
    rows: Vec<Row>,
    at: usize,
    sort: Vec<Sort>,
    group: Option<String>,
}

impl Columns {
    pub(super) fn new(kind: &Kind, shown: &[String], sort: Vec<Sort>, group: Option<String>, lang: Lang) -> Self {
        let mut rows: Vec<Row> = kind
            .fields
            .iter()
            .map(|f| Row {
                name: f.name.clone(),
                label: f.label.get(lang).to_owned(),
                shown: shown.contains(&f.name),
                sorts: can_sort(f),
            })
            .collect();
        rows.sort_by_key(|row| shown.iter().position(|n| *n == row.name).unwrap_or(usize::MAX));
        Self { rows, at: 0, sort, group }
    }

    fn shift(&mut self, by: isize) {
        let to = self.at.saturating_add_signed(by).min(self.rows.len().saturating_sub(1));
        self.rows.swap(self.at, to);
        self.at = to;
    }
}

impl Layer for Columns {
    fn scopes(&self) -> &'static [Scope] {
        &[Scope::Switches, Scope::Menu, Scope::Popup, Scope::Everywhere]
    }

    fn shape(&self) -> Shape {
        Shape::Popup { width: 52, height: self.rows.len() as u16 + 2 }
    }

    fn update(&mut self, msg: LayerMsg, _ui: &Ui, out: &mut Out) {
        let LayerMsg::Command(cmd) = msg else { return };
        let last = self.rows.len().saturating_sub(1);
        match cmd {
            Cmd::MenuDown => self.at = if self.at == last { 0 } else { self.at + 1 },
            Cmd::MenuUp => self.at = if self.at == 0 { last } else { self.at - 1 },
            Cmd::MenuTop => self.at = 0,
            Cmd::MenuBottom => self.at = last,
            Cmd::MenuEarlier => self.shift(-1),
            Cmd::MenuLater => self.shift(1),
            Cmd::MenuToggle => {
                if let Some(row) = self.rows.get_mut(self.at) {
                    row.shown = !row.shown;
                }
            }
            Cmd::MenuGroup => {
                if let Some(row) = self.rows.get(self.at).filter(|row| row.sorts) {
                    let name = row.name.clone();
                    self.group = if self.group.as_ref() == Some(&name) { None } else { Some(name) };
                }
            }
            Cmd::MenuTake => {
                if let Some(row) = self.rows.get(self.at).filter(|row| row.sorts) {
                    let turned = self.sort.first().is_some_and(|s| s.field == row.name && !s.descending);
                    self.sort = vec![Sort { field: row.name.clone(), descending: turned }];
                }
            }
            Cmd::Close => {
                let columns = self.rows.iter().filter(|r| r.shown).map(|r| r.name.clone()).collect();
                let (sort, group) = (std::mem::take(&mut self.sort), self.group.take());
                out.reply(Reply::Columns { columns, sort, group });
            }
            _ => {}
        }
    }

    fn view(&self, frame: &mut Frame, area: Rect, ui: &Ui) {
        let block = boxed(format!(" {} ", ui.t("columns-title")), true, ui);
        let inner = block.inner(area);
        frame.render_widget(block, area);
        let grouped = ui.t("columns-grouped");
        let skip = first_row(self.at, usize::from(inner.height));
        for (line, (i, row)) in self.rows.iter().enumerate().skip(skip).take(usize::from(inner.height)).enumerate() {
            let place = Rect { y: inner.y + line as u16, height: 1, ..inner };
            let tick = if row.shown { "✓" } else { " " };
            let arrow = match self.sort.first() {
                Some(sort) if sort.field == row.name => {
                    if sort.descending {
                        " ▼"
                    } else {
                        " ▲"
                    }
                }
                _ => "",
            };
            let group = if self.group.as_ref() == Some(&row.name) { format!("  ≡ {grouped}") } else { String::new() };
            bar_row(frame, place, &format!("{tick} {}{arrow}{group}", row.label), i == self.at, Style::default(), ui);
        }
    }
}
