//! Drawing the board: a line on the whole, a box for each column in sight, two lines a card. Only what is in sight costs
//! anything.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::Board;
use super::column::Column;
use crate::domain::kind::DEAL;
use crate::domain::kind::deal::{Standing, standing};
use crate::domain::record::Record;
use crate::domain::value::Value;
use crate::tui::command::Cmd;
use crate::tui::frame::{body, boxed};
use crate::tui::paint;
use crate::tui::screens::list::rows::Row;
use crate::tui::screens::list::say_fields;
use crate::tui::spoken::Spoken;
use crate::tui::theme::Role;
use crate::tui::ui::Ui;
use crate::tui::{show, text};

/// The narrowest column, with its borders.
const NARROW: u16 = 26;
/// Lines of a card.
const CARD: u16 = 2;

/// How many of so many columns fit a screen of that width.
pub(super) fn fitting(width: u16, columns: usize) -> usize {
    usize::from((width / NARROW).max(1)).min(columns.max(1))
}

/// Where the parts of the board stand.
pub(super) struct Layout {
    head: Rect,
    /// Place in the board, and the box.
    columns: Vec<(usize, Rect)>,
    filter: Option<Rect>,
}

impl Layout {
    /// The column at a place on the screen, and which of its cards in sight.
    pub(super) fn column_at(&self, x: u16, y: u16) -> Option<(usize, Option<usize>)> {
        let (column, place) = self.columns.iter().find(|(_, place)| place.contains((x, y).into()))?;
        let cards = cards_in(*place);
        let card = cards.contains((x, y).into()).then(|| usize::from((y - cards.y) / CARD));
        Some((*column, card.filter(|card| *card < usize::from(cards.height / CARD))))
    }
}

/// Where the cards of a column stand: below its head.
fn cards_in(column: Rect) -> Rect {
    let inner = inside(column);
    let head = 1.min(inner.height);
    Rect { y: inner.y + head, height: inner.height - head, ..inner }
}

fn inside(column: Rect) -> Rect {
    Rect {
        x: column.x + 1,
        y: column.y + 1,
        width: column.width.saturating_sub(2),
        height: column.height.saturating_sub(2),
    }
}

impl Board {
    pub(super) fn layout(&self, ui: &Ui) -> Layout {
        let body = body(ui.width, ui.height);
        let head = Rect { height: 1.min(body.height), ..body };
        let typing = self.list.filter_lines(body.width, ui).min(body.height.saturating_sub(head.height));
        let high = body.height - head.height - typing;
        let shown = fitting(body.width, self.columns.len());
        let wide = body.width / shown as u16;
        // What does not divide goes to the first ones.
        let spare = usize::from(body.width) - usize::from(wide) * shown;
        let mut x = body.x;
        let columns = (self.left..self.columns.len()).take(shown).enumerate().map(|(i, column)| {
            let width = wide + u16::from(i < spare);
            let place = Rect { x, y: head.bottom(), width, height: high };
            x += width;
            (column, place)
        });
        Layout {
            head,
            columns: columns.collect(),
            filter: (typing > 0).then(|| Rect { y: head.bottom() + high, height: typing, ..body }),
        }
    }

    /// Cards that fit a column.
    pub(super) fn height(&self, ui: &Ui) -> usize {
        let body = body(ui.width, ui.height);
        let typing = self.list.filter_lines(body.width, ui);
        usize::from(body.height.saturating_sub(1 + 2 + 1 + typing) / CARD).max(1)
    }

    pub(super) fn draw(&self, frame: &mut Frame, area: Rect, ui: &Ui) {
        if area.height < 4 || area.width < 8 {
            return;
        }
        let layout = self.layout(ui);
        self.draw_head(frame, layout.head, layout.columns.len(), ui);
        if let Some(error) = &self.error {
            let place = Rect { y: layout.head.bottom() + 1, height: area.height - 2, ..area };
            say_inside(frame, place, &ui.tr("list-error", &[("error", error.into())]), ui.style(Role::Bad));
            if self.columns.is_empty() {
                return;
            }
        }
        for (at, place) in &layout.columns {
            self.draw_column(frame, *place, *at, ui);
        }
        if let Some(place) = layout.filter {
            self.list.draw_filter_line(frame, place, ui);
        }
    }

    /// Which pipeline, narrowed by what, how many deals come to how much, and the columns out of sight.
    fn draw_head(&self, frame: &mut Frame, area: Rect, shown: usize, ui: &Ui) {
        let pipelines = ui.registry.kind(crate::domain::kind::PIPELINE);
        let name = self.pipelines.iter().find(|p| Some(p.id) == self.pipeline).map_or("", |p| p.title(pipelines));
        let mut left = vec![Span::styled(format!(" {} ", text::inert(name)), ui.style(Role::Title))];
        let view = self.list.view_name();
        if !view.is_empty() {
            left.push(Span::styled(format!("· {} ", show::view_name(view, ui)), ui.style(Role::Text)));
        }
        let (filter, is_wrong) = self.list.filter_text();
        if !filter.is_empty() && !self.list.is_typing() {
            let role = if is_wrong { Role::Mistake } else { Role::Accent };
            let cells = usize::from(area.width / 3);
            left.push(Span::styled(format!("· {} ", text::cut(&filter, cells)), ui.style(role)));
        }
        let mut right: Vec<Span> = Vec::new();
        if let Some(done) = self.list.progress() {
            right.push(Span::styled(format!(" {} ", ui.tr("working", &[("n", done.into())])), ui.style(Role::Warn)));
        }
        let deals: u64 = self.columns.iter().map(|c| c.deals).sum();
        let mut facts = vec![show::grouped(deals.into())];
        facts.extend(self.total(ui));
        right.push(Span::styled(format!(" {} ", facts.join(" · ")), ui.style(Role::Text)));
        if area.width >= 80
            && let Some(sort) = self.list.sorted_by(ui).first()
            && let Some(field) = ui.registry.kind(DEAL).field(&sort.field)
        {
            let arrow = if sort.descending { "▼" } else { "▲" };
            let label = field.label.get(ui.lang()).to_lowercase();
            right.push(Span::styled(format!("─ {label} {arrow} "), ui.style(Role::Dim)));
        }
        let (before, after) = (self.left, self.columns.len().saturating_sub(self.left + shown));
        if before + after > 0 {
            let (l, r) = (if before > 0 { "‹ " } else { "  " }, if after > 0 { " ›" } else { "  " });
            let said = ui.tr("board-more", &[("n", (before + after).into())]);
            right.push(Span::styled(format!("{l}{said}{r} "), ui.style(Role::Key)));
        }
        let wide = |spans: &[Span]| spans.iter().map(Span::width).sum::<usize>();
        // What is out of sight is said whatever else is not.
        while right.len() > 1 && wide(&left) + wide(&right) > usize::from(area.width) {
            right.remove(0);
        }
        let room = usize::from(area.width).saturating_sub(wide(&right));
        paint::line(frame.buffer_mut(), Line::from(left), Rect { width: room as u16, ..area });
        let wide = (wide(&right) as u16).min(area.width);
        paint::line(frame.buffer_mut(), Line::from(right), Rect { x: area.right() - wide, width: wide, ..area });
    }

    /// The whole board's money in its commonest currency, and what it weighs.
    fn total(&self, ui: &Ui) -> Option<String> {
        let mut sums: Vec<crate::desk::Sum> = Vec::new();
        for sum in self.columns.iter().flat_map(|c| &c.sums) {
            match sums.iter_mut().find(|s| s.currency == sum.currency) {
                Some(all) => {
                    all.deals += sum.deals;
                    all.amount += sum.amount;
                    all.weighted += sum.weighted;
                }
                None => sums.push(sum.clone()),
            }
        }
        sums.sort_by_key(|s| std::cmp::Reverse(s.deals));
        let first = sums.first()?;
        let (amount, weighted) = (
            show::money_short(first.amount, &first.currency, ui.lang()),
            show::money_short(first.weighted, &first.currency, ui.lang()),
        );
        let more = if sums.len() > 1 { format!(" +{}", sums.len() - 1) } else { String::new() };
        Some(format!("{amount}{more} → {weighted}"))
    }

    fn draw_column(&self, frame: &mut Frame, area: Rect, at: usize, ui: &Ui) {
        let column = &self.columns[at];
        let is_here = at == self.at;
        let cells = usize::from(area.width).saturating_sub(2);
        let count = format!("{} ", show::grouped(column.deals.into()));
        let waiting = match column.waiting.len() {
            0 => String::new(),
            n => format!("+{n} "),
        };
        let over = self.drag.is_some_and(|d| d.is_moving && d.over == at);
        let lead = if over { " → " } else { " " };
        let room = cells.saturating_sub(text::width(&count) + text::width(&waiting) + text::width(lead) + 2);
        let name = text::inert(column.stage.title(&self.stage_kind));
        let mut title = vec![
            Span::styled(lead, ui.style(Role::Accent)),
            Span::styled(format!("{} ", text::cut(&name, room)), ui.style(Role::Title)),
            Span::styled(count, ui.style(Role::Text)),
        ];
        if !waiting.is_empty() {
            title.push(Span::styled(waiting, ui.style(Role::Good)));
        }
        let mut block = boxed(Line::from(title), is_here, ui);
        if is_here && let Some(number) = column.rows.number() {
            block = block.title_bottom(Line::styled(format!(" {number} "), ui.style(Role::Dim)).right_aligned());
        }
        if column.rows.top > 0 || column.rows.more_above {
            block = block.title_bottom(Span::styled(" ▲ ", ui.style(Role::Dim)));
        }
        let inner = block.inner(area);
        frame.render_widget(block, area);
        if inner.height == 0 {
            return;
        }
        self.draw_sums(frame, Rect { height: 1, ..inner }, column, ui);
        let cards = cards_in(area);
        if let Some(error) = &column.error {
            return say_inside(frame, cards, error, ui.style(Role::Bad));
        }
        if column.rows.all.is_empty() {
            if column.is_loaded && is_here && column.deals == 0 {
                let sentence = ui.tr("board-empty", &[("key", ui.keymap.key(Cmd::New).into())]);
                say_inside(frame, Rect { y: cards.y + 1.min(cards.height), ..cards }, &sentence, ui.style(Role::Dim));
            }
            return;
        }
        let many = usize::from(cards.height / CARD);
        for (line, (i, row)) in column.rows.all.iter().enumerate().skip(column.rows.top).take(many).enumerate() {
            let place = Rect { y: cards.y + line as u16 * CARD, height: CARD, ..cards };
            self.draw_card(frame, place, column, row, is_here && i == column.rows.at, ui);
        }
    }

    /// The commonest currency's sum, how many others there are, and what it weighs by the stage's chance.
    fn draw_sums(&self, frame: &mut Frame, area: Rect, column: &Column, ui: &Ui) {
        let Some(sum) = column.sums.first() else { return };
        let more = if column.sums.len() > 1 { format!(" +{}", column.sums.len() - 1) } else { String::new() };
        let left = format!(" {}{more}", show::money_short(sum.amount, &sum.currency, ui.lang()));
        let chance = match column.stage.get(&self.stage_kind, "probability") {
            Value::Int(n) => format!("{n}% "),
            _ => String::new(),
        };
        let right = format!("{chance}{} ", show::money_short(sum.weighted, &sum.currency, ui.lang()));
        let line = both(&left, &right, area.width.into());
        paint::line(frame.buffer_mut(), Line::styled(line, ui.style(Role::Head)), area);
    }

    /// Title and money; below, who has it and what comes next, or what is wrong.
    fn draw_card(&self, frame: &mut Frame, area: Rect, column: &Column, row: &Row, selected: bool, ui: &Ui) {
        let kind = ui.registry.kind(DEAL);
        let record = &row.record;
        let mut style = ui.style(Role::Text);
        if row.gone {
            style = style.patch(ui.style(Role::Gone));
        } else if column.is_loading() {
            style = style.patch(ui.style(Role::Dim));
        }
        if selected {
            style = style.patch(ui.style(Role::Selected));
        }
        let held = self.drag.is_some_and(|d| d.is_moving && d.id == record.id);
        let (sign, sign_role) = if held { ("→", Role::Accent) } else { self.list.sign(record.id, ui) };
        let cells = usize::from(area.width).saturating_sub(3);
        let money = match record.get(kind, "amount") {
            Value::Decimal(n) => {
                show::money_short(*n, record.get(kind, "currency").as_str().unwrap_or_default(), ui.lang())
            }
            _ => String::new(),
        };
        let title = text::inert(record.title(kind));
        let title_style = if self.fresh.contains(&record.id) { style.patch(ui.style(Role::Fresh)) } else { style };
        let bar = || if selected { Span::styled("▌", ui.style(Role::Bar)) } else { Span::styled(" ", style) };
        let first = Line::from(vec![
            bar(),
            Span::styled(sign, style.patch(ui.style(sign_role))),
            Span::styled(both(&title, &money, cells), title_style),
            Span::styled(" ", style),
        ]);
        paint::line(frame.buffer_mut(), first, Rect { height: 1, ..area });
        if area.height < CARD {
            return;
        }
        let (note, role) = self.note(record, column, row.gone, cells, ui);
        let owner = match record.get(kind, "owner") {
            Value::Ref(owner) => text::inert(&owner.label).into_owned(),
            _ => "—".to_owned(),
        };
        let note = text::cut(&note, cells).into_owned();
        let room = cells.saturating_sub(text::width(&note) + usize::from(!note.is_empty()));
        let dim = style.patch(ui.style(Role::Dim));
        let gap = cells.saturating_sub(text::width(&note)).saturating_sub(text::width(&text::cut(&owner, room)));
        let second = Line::from(vec![
            bar(),
            Span::styled(" ", style),
            Span::styled(text::cut(&owner, room).into_owned(), dim),
            Span::styled(" ".repeat(gap), style),
            Span::styled(note, role.map_or(dim, |role| style.patch(ui.style(role)))),
            Span::styled(" ", style),
        ]);
        paint::line(frame.buffer_mut(), second, Rect { y: area.y + 1, height: 1, ..area });
    }

    /// The column with the cursor, a line for each card.
    pub(super) fn say(&self, rows: usize, ui: &Ui) -> Option<Spoken> {
        let column = self.columns.get(self.at).filter(|_| !self.list.is_typing() && self.error.is_none())?;
        let kind = ui.registry.kind(DEAL);
        let first = column.rows.at / rows * rows;
        let say = |row: &Row| {
            let record = &row.record;
            let mut parts = vec![format!("{} {}", kind.code(record.id), text::inert(record.title(kind)))];
            if self.list.sign(record.id, ui).0 == "✓" {
                parts.insert(0, ui.t("plain-marked"));
            }
            let fields = ["amount", "owner", "expected"].into_iter().filter_map(|name| kind.field(name));
            parts.extend(say_fields(record, kind, fields, ui));
            parts.push(self.note(record, column, row.gone, usize::MAX, ui).0);
            parts.retain(|part| !part.is_empty());
            parts.join("; ")
        };
        let lines: Vec<String> = column.rows.all.iter().skip(first).take(rows).map(say).collect();
        let args = [
            ("stage", text::inert(column.stage.title(&self.stage_kind)).into_owned().into()),
            ("at", (self.at + 1).into()),
            ("of", self.columns.len().into()),
            ("n", column.deals.into()),
        ];
        let line = column.rows.at.saturating_sub(first).min(lines.len().saturating_sub(1));
        Some(Spoken { title: ui.tr("plain-column", &args), lines, line, ..Spoken::default() })
    }

    /// The columns in sight without boxes, one below the other.
    pub(super) fn plain(&self, ui: &Ui) -> Vec<String> {
        let kind = ui.registry.kind(DEAL);
        let many = self.height(ui);
        let mut lines = Vec::new();
        for column in self.columns.iter().skip(self.left) {
            lines.push(format!("{}  {}", text::inert(column.stage.title(&self.stage_kind)), column.deals));
            for row in column.rows.all.iter().skip(column.rows.top).take(many) {
                let amount = kind.field("amount").map(|f| show::field(&row.record, kind, f, ui)).unwrap_or_default();
                let (code, title) = (kind.code(row.record.id), text::inert(row.record.title(kind)).into_owned());
                let (note, _) = self.note(&row.record, column, row.gone, usize::MAX, ui);
                let parts = [code, title, amount, note];
                lines.push(parts.iter().filter(|p| !p.is_empty()).cloned().collect::<Vec<_>>().join("  "));
            }
            lines.push(String::new());
        }
        lines
    }

    /// Where others moved it, what is wrong with it, or its next step; the step gives way in `room` cells, its time does
    /// not.
    fn note(&self, record: &Record, column: &Column, gone: bool, room: usize, ui: &Ui) -> (String, Option<Role>) {
        let kind = ui.registry.kind(DEAL);
        if gone {
            let stage = record.get(kind, "stage").as_id().filter(|id| *id != column.stage.id);
            let name = stage.and_then(|id| self.stage_name(id)).map(|name| text::inert(name).into_owned());
            return (name.map_or(String::new(), |name| format!("→ {name}")), None);
        }
        let days = match column.stage.get(&self.stage_kind, "rotting_days") {
            Value::Int(days) => Some(*days),
            _ => None,
        };
        let step = record.get(kind, "next_step").as_str().map(text::inert).unwrap_or_default();
        let told = |mark: &str, at| {
            let when = show::instant(at, ui.now, ui.cx.viewer.zone, ui.lang());
            let room = room.saturating_sub(text::width(mark) + text::width(&when) + 1);
            format!("{mark}{} {when}", text::cut(&step, room)).trim().to_owned()
        };
        match standing(record, kind, days, ui.now) {
            Standing::Rotting(days) => (ui.tr("board-rotting", &[("n", days.unsigned_abs().into())]), Some(Role::Bad)),
            Standing::Overdue(when) => (told("! ", when), Some(Role::Warn)),
            Standing::NoStep => (ui.t("board-no-step"), Some(Role::Warn)),
            Standing::Well => match record.get(kind, "next_at").as_instant() {
                Some(when) => (told("", when), None),
                None => (step.clone().into_owned(), None),
            },
        }
    }
}

/// One text left, the other right, in so many cells; the left one is cut.
fn both(left: &str, right: &str, cells: usize) -> String {
    let right = text::cut(right, cells);
    let room = cells.saturating_sub(text::width(&right) + usize::from(!right.is_empty()));
    let left = text::cut(left, room);
    let gap = cells.saturating_sub(text::width(&left) + text::width(&right));
    format!("{left}{}{right}", " ".repeat(gap))
}

/// A sentence where the cards would stand.
fn say_inside(frame: &mut Frame, area: Rect, sentence: &str, style: Style) {
    let lines = text::wrap(sentence, usize::from(area.width).saturating_sub(2));
    for (i, line) in lines.into_iter().take(usize::from(area.height)).enumerate() {
        let row = Rect { x: area.x + 1, y: area.y + i as u16, width: area.width.saturating_sub(1), height: 1 };
        paint::line(frame.buffer_mut(), Line::styled(line, style), row);
    }
}
