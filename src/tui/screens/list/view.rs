//! Drawing a list: head, columns by priority, rows with bar and marks, the filter line, the record beside or below.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::List;
use super::filter::Filtering;
use super::groups::Laid;
use super::rows::Row;
use crate::domain::field::{Field, FieldType, Lang, Source};
use crate::domain::kind::Kind;
use crate::domain::query::can_sort;
use crate::domain::record::Record;
use crate::domain::value::Value;
use crate::tui::frame::{body, boxed};
use crate::tui::paint;
use crate::tui::screens::peek;
use crate::tui::show;
use crate::tui::spoken::Spoken;
use crate::tui::text;
use crate::tui::theme::Role;
use crate::tui::ui::Ui;

/// From this height on the lower third previews the selected record when there is no room beside.
const PREVIEW_FROM: u16 = 18;
/// The narrowest useful title.
const TITLE: usize = 18;

/// Where the parts of the list stand.
pub(super) struct Parts {
    list: Rect,
    pub(super) head: Rect,
    pub(super) rows: Rect,
    filter: Option<Rect>,
    pub(super) side: Option<Rect>,
    preview: Option<Rect>,
}

/// The parts on a screen of this size; the same for drawing and for moving by pages.
pub(super) fn parts(ui: &Ui, filter: &Filtering) -> Parts {
    let body = body(ui.width, ui.height);
    let side_wide = if List::has_side(ui) { body.width - (body.width * 54 / 100).max(50) } else { 0 };
    let preview_high = if side_wide == 0 && body.height >= PREVIEW_FROM { body.height / 3 } else { 0 };
    let list = Rect { width: body.width - side_wide, height: body.height - preview_high, ..body };
    let inner = Rect {
        x: list.x + 1,
        y: list.y + 1,
        width: list.width.saturating_sub(2),
        height: list.height.saturating_sub(2),
    };
    let typing = if filter.typing { (1 + said(ui, filter, inner.width).len() as u16).min(inner.height) } else { 0 };
    let head_high = u16::from(inner.height > typing + 1);
    let rows_high = inner.height.saturating_sub(typing + head_high);
    Parts {
        list,
        head: Rect { height: head_high, ..inner },
        rows: Rect { y: inner.y + head_high, height: rows_high, ..inner },
        filter: (typing > 0).then(|| Rect { y: inner.y + head_high + rows_high, height: typing, ..inner }),
        side: (side_wide > 0).then(|| Rect { x: list.right(), width: side_wide, ..body }),
        preview: (preview_high > 0).then(|| Rect { y: list.bottom(), height: preview_high, ..body }),
    }
}

/// What is wrong with the filter, in lines of a list so wide; three at most, since the rows matter too.
pub(super) fn said(ui: &Ui, filter: &Filtering, width: u16) -> Vec<String> {
    let cells = usize::from(width).saturating_sub(4);
    filter
        .told()
        .map_or_else(Vec::new, |mistake| text::wrap(mistake.message(ui.lang()), cells).into_iter().take(3).collect())
}

/// A column as drawn.
struct Column<'a> {
    field: &'a Field,
    width: usize,
    right: bool,
}

/// How all rows are laid out: the width of their codes, then the columns that fit.
struct Layout<'a> {
    code: usize,
    columns: Vec<Column<'a>>,
}

impl List {
    pub(super) fn draw(&self, frame: &mut Frame, area: Rect, ui: &Ui) {
        let parts = parts(ui, &self.filter);
        if area.height < 3 || area.width < 8 {
            return;
        }
        let focused = !self.side_focused;
        let mut block = boxed(Line::from(self.title(ui, parts.list.width)), focused, ui)
            .title(Line::from(self.facts(ui, parts.list.width)).right_aligned());
        if !self.filter.typing && !self.filter.text().is_empty() {
            let cells = usize::from(parts.list.width).saturating_sub(18);
            let shown = text::inert(self.filter.text());
            let role = if self.filter.mistake.is_some() { Role::Mistake } else { Role::Accent };
            block = block.title_bottom(Span::styled(format!(" {} ", text::cut(&shown, cells)), ui.style(role)));
        }
        if let Some(at) = self.rows.number() {
            let place = Line::styled(format!(" {at} "), ui.style(Role::Dim)).right_aligned();
            block = block.title_bottom(place);
        }
        frame.render_widget(block, parts.list);
        if let Some(error) = &self.error {
            say_inside(frame, parts.rows, &ui.tr("list-error", &[("error", error.into())]), ui.style(Role::Bad));
        }
        let layout = self.layout(ui, usize::from(parts.rows.width));
        if self.rows.all.is_empty() && self.error.is_none() {
            self.draw_empty(frame, parts.rows, ui);
        } else if self.error.is_none() || !self.rows.all.is_empty() {
            Self::draw_head(frame, parts.head, &layout, ui);
            let top = if self.error.is_some() { 2 } else { 0 };
            let rows = Rect { y: parts.rows.y + top, height: parts.rows.height.saturating_sub(top), ..parts.rows };
            let lines = usize::from(rows.height);
            for (y, laid) in (rows.y..).zip(self.laid_out(self.first_in_sight(lines, ui), lines, ui)) {
                let place = Rect { y, height: 1, ..rows };
                match laid {
                    Laid::Head(at) => self.draw_group(frame, place, at, ui),
                    Laid::Row(at) => self.draw_row(frame, place, &self.rows.all[at], at == self.rows.at, &layout, ui),
                }
            }
        }
        if let Some(place) = parts.filter {
            self.draw_filter(frame, place, ui);
        }
        self.draw_record(frame, &parts, ui);
    }

    /// What the list is called: its view, or the kind's whole list.
    fn name(&self, ui: &Ui) -> String {
        if self.view.id.is_some() { show::view_name(&self.view.name, ui) } else { self.whole(ui) }
    }

    /// The name, and what waits.
    fn title(&self, ui: &Ui, width: u16) -> Vec<Span<'static>> {
        let name = self.name(ui);
        let cells = usize::from(width).saturating_sub(20).max(8);
        let mut title = vec![Span::styled(format!(" {} ", text::cut(&name, cells)), ui.style(Role::Title))];
        match self.live.waiting() {
            0 => {}
            n => title.push(Span::styled(format!("+{n} "), ui.style(Role::Good))),
        }
        title
    }

    /// How many, in which order, and what is going on.
    fn facts(&self, ui: &Ui, width: u16) -> Vec<Span<'static>> {
        let mut facts = Vec::new();
        if let Some(done) = self.acting.progress {
            facts.push(Span::styled(format!(" {} ", ui.tr("working", &[("n", done.into())])), ui.style(Role::Warn)));
        }
        if self.slow {
            facts.push(Span::styled(format!(" {} ", ui.t("loading")), ui.style(Role::Dim)));
        }
        if let Some(count) = self.count {
            let n = show::grouped(count.n.into());
            let plus = if count.exact { "" } else { "+" };
            facts.push(Span::styled(format!(" {n}{plus} "), ui.style(Role::Text)));
        }
        if width >= 60
            && let Some(field) = self.grouped(ui)
        {
            let label = field.label.get(ui.lang()).to_lowercase();
            facts.push(Span::styled(format!("─ ≡ {label} "), ui.style(Role::Dim)));
        }
        if width >= 40
            && let Some(sort) = self.order(ui).first()
            && let Some(field) = ui.registry.kind(self.kind).field(&sort.field)
        {
            let arrow = if sort.descending { "▼" } else { "▲" };
            let label = field.label.get(ui.lang()).to_lowercase();
            facts.push(Span::styled(format!("─ {label} {arrow} "), ui.style(Role::Dim)));
        }
        facts
    }

    /// What would be here, and the key that makes the first one.
    fn draw_empty(&self, frame: &mut Frame, area: Rect, ui: &Ui) {
        use crate::tui::command::Cmd;
        if self.count.is_none() || area.height == 0 {
            return;
        }
        let kind = ui.registry.kind(self.kind);
        let many = kind.many.get(ui.lang()).to_lowercase();
        let sentence = if self.query().is_all() {
            ui.tr("empty-all", &[("many", many.into()), ("key", ui.keymap.key(Cmd::New).into())])
        } else {
            ui.tr("empty-filter", &[("many", many.into()), ("esc", ui.keymap.key(Cmd::Back).into())])
        };
        let middle = Rect { y: area.y + area.height / 3, height: area.height - area.height / 3, ..area };
        let cells = usize::from(area.width).saturating_sub(4);
        for (i, line) in text::wrap(&sentence, cells).iter().take(usize::from(middle.height)).enumerate() {
            let row = Rect { y: middle.y + i as u16, height: 1, ..middle };
            paint::line(frame.buffer_mut(), Line::styled(line.clone(), ui.style(Role::Dim)).centered(), row);
        }
    }

    /// The field whose column is so many cells right of the list's edge, where it can be sorted by.
    pub(super) fn column_at(&self, x: usize, width: u16, ui: &Ui) -> Option<String> {
        let layout = self.layout(ui, width.into());
        let mut at = layout.code + 3;
        if x < at {
            return None;
        }
        for column in layout.columns {
            at += 1 + column.width;
            if x < at {
                return Some(column.field).filter(|field| can_sort(field)).map(|field| field.name.clone());
            }
        }
        None
    }

    /// The list without boxes: its name, what narrows it, and rows from the first one in sight.
    pub(super) fn plain(&self, ui: &Ui) -> Vec<String> {
        let kind = ui.registry.kind(self.kind);
        let width = usize::from(ui.width);
        let Layout { code, columns } = self.layout(ui, width);
        let many = usize::from(ui.height).saturating_sub(2);
        let line = |first: &str, cell: &dyn Fn(&Column) -> String| {
            let cells = columns.iter().map(|c| {
                let shown = cell(c);
                if c.right { text::pad_left(&shown, c.width) } else { text::pad(&shown, c.width) }
            });
            std::iter::once(text::pad_left(first, code)).chain(cells).collect::<Vec<_>>().join("  ")
        };
        let name = self.name(ui);
        let title = format!("{name}  {}", text::inert(self.filter.text()));
        let mut lines = vec![title, line("#", &|c| c.field.label.get(ui.lang()).to_owned())];
        lines.extend(
            self.rows
                .all
                .iter()
                .skip(self.rows.top)
                .take(many)
                .map(|row| line(&kind.code(row.record.id), &|c| cell(&row.record, kind, c.field, ui).0)),
        );
        lines
    }

    /// The page with the cursor, a line for each row. While the filter is typed, and where there are no rows, what is
    /// drawn has more to say.
    pub(super) fn say(&self, rows: usize, ui: &Ui) -> Option<Spoken> {
        if self.filter.typing || self.rows.all.is_empty() || self.error.is_some() {
            return None;
        }
        let words = |spans: Vec<Span>| spans.iter().map(|s| s.content.trim().to_owned()).collect::<Vec<_>>().join(" ");
        let mut title = vec![words(self.title(ui, ui.width)), words(self.facts(ui, 0))];
        title.push(text::inert(self.filter.text()).into_owned());
        title.retain(|part| !part.is_empty());
        let first = self.rows.at / rows * rows;
        let lines = self.rows.all.iter().skip(first).take(rows).map(|row| self.say_row(row, ui)).collect();
        Some(Spoken { title: title.join(", "), lines, line: self.rows.at - first, ..Spoken::default() })
    }

    /// Marked or not, code, title, then `label: value`.
    fn say_row(&self, row: &Row, ui: &Ui) -> String {
        let kind = ui.registry.kind(self.kind);
        let record = &row.record;
        let mut parts = Vec::new();
        if self.marks.has(record.id) {
            parts.push(ui.t("plain-marked"));
        }
        if row.gone {
            parts.push(ui.t("plain-gone"));
        }
        if self.conflicts.contains_key(&record.id) {
            parts.push(ui.t("plain-conflict"));
        }
        parts.push(format!("{} {}", kind.code(record.id), text::inert(record.title(kind))));
        parts.extend(say_fields(record, kind, self.shown_fields(ui).into_iter(), ui));
        let others: Vec<String> =
            ui.others_on(self.kind, record.id).map(|p| text::inert(&p.name).into_owned()).collect();
        if !others.is_empty() {
            parts.push(ui.tr("presence-here", &[("names", others.join(", ").into())]));
        }
        parts.join("; ")
    }

    fn draw_head(frame: &mut Frame, area: Rect, layout: &Layout, ui: &Ui) {
        if area.height == 0 {
            return;
        }
        let mut line = format!("  {} ", text::pad_left("#", layout.code));
        for column in &layout.columns {
            let label = column.field.label.get(ui.lang());
            line.push(' ');
            line.push_str(&if column.right {
                text::pad_left(label, column.width)
            } else {
                text::pad(label, column.width)
            });
        }
        paint::line(frame.buffer_mut(), Line::styled(text::pad(&line, area.width.into()), ui.style(Role::Head)), area);
    }

    fn draw_row(&self, frame: &mut Frame, area: Rect, row: &Row, selected: bool, layout: &Layout, ui: &Ui) {
        let kind = ui.registry.kind(self.kind);
        let record = &row.record;
        let mut style = ui.style(Role::Text);
        if row.gone {
            style = style.patch(ui.style(Role::Gone));
        } else if self.slow {
            style = style.patch(ui.style(Role::Dim));
        }
        if selected {
            style = style.patch(ui.style(Role::Selected));
        }
        // Not every terminal strikes through, and the selected row has its own colours.
        let (sign, sign_role) = if row.gone { ("×", Role::Warn) } else { self.sign(record.id, ui) };
        let buf = frame.buffer_mut();
        buf.set_style(area, style);
        let mut x = area.x;
        let mut put = |shown: &str, cells: usize, right: bool, own: Style| {
            let cells = cells.min(usize::from(area.right().saturating_sub(x))) as u16;
            if own != Style::default() {
                buf.set_style(Rect { x, width: cells, ..area }, own);
            }
            let blank = if right { cells.saturating_sub(text::width(shown) as u16) } else { 0 };
            paint::text(buf, x + blank, area.y, shown, cells - blank, Style::default());
            x += cells;
        };
        let bar = if selected { "▌" } else { " " };
        put(bar, 1, false, if selected { ui.style(Role::Bar) } else { Style::default() });
        put(sign, 1, false, ui.style(sign_role));
        put(&kind.code(record.id), layout.code, true, ui.style(Role::Dim));
        put("", 1, false, Style::default());
        for column in &layout.columns {
            let (shown, role) = cell(record, kind, column.field, ui);
            let index = kind.index(&column.field.name).unwrap_or(usize::MAX);
            let own = if self.fresh.contains(&(record.id, index)) {
                ui.style(Role::Fresh)
            } else if row.gone || self.slow {
                Style::default()
            } else {
                role.map_or(Style::default(), |role| ui.style(role))
            };
            put("", 1, false, Style::default());
            put(&shown, column.width, column.right, own);
        }
    }

    /// The sign before a row: conflict, mark, somebody typing, somebody there.
    pub(in crate::tui::screens) fn sign(&self, id: i64, ui: &Ui) -> (&'static str, Role) {
        if self.conflicts.contains_key(&id) {
            return ("≠", Role::Bad);
        }
        if self.marks.has(id) {
            return ("✓", Role::Marked);
        }
        let others: Vec<bool> = ui.others_on(self.kind, id).map(|p| p.typing).collect();
        match others.as_slice() {
            [] => (" ", Role::Text),
            typing if typing.contains(&true) => ("✎", Role::Warn),
            _ => ("◦", Role::Accent),
        }
    }

    /// The columns that fit, the least important dropped first; the title takes what is left.
    fn layout<'a>(&self, ui: &'a Ui, width: usize) -> Layout<'a> {
        let kind = ui.registry.kind(self.kind);
        let longest = self.rows.all.iter().map(|r| r.record.id).max();
        let code = longest.map_or(0, |id| kind.code(id).len()).max(4);
        let mut fields = self.shown_fields(ui);
        let room = width.saturating_sub(code + 4);
        let wide = |field: &Field| if field.name == kind.title { TITLE } else { ideal(field, ui) };
        while fields.len() > 1 && fields.iter().map(|f| wide(f) + 1).sum::<usize>() > room {
            fields.pop();
        }
        let used: usize = fields.iter().map(|f| wide(f) + 1).sum();
        let spare = room.saturating_sub(used);
        let only = fields.len() == 1;
        let columns = fields.into_iter().map(|field| {
            let mut width = wide(field);
            if field.name == kind.title || only {
                width = if only { room.saturating_sub(1) } else { width + spare };
            }
            Column { field, width, right: show::is_right(&field.ty) }
        });
        Layout { code, columns: columns.collect() }
    }

    pub(super) fn draw_filter(&self, frame: &mut Frame, area: Rect, ui: &Ui) {
        let line = &self.filter.line;
        let cells = usize::from(area.width).saturating_sub(3);
        let (shown, start, column) = line.window(cells);
        let row = Rect { height: 1, ..area };
        let plain = ui.style(Role::Input);
        let mut spans = vec![Span::styled(" / ", ui.style(Role::Key))];
        match self.filter.told().map(|m| m.span.clone()) {
            Some(span) => {
                let place = |i: usize| {
                    let mut i = i.saturating_sub(start).min(shown.len());
                    while !shown.is_char_boundary(i) {
                        i -= 1;
                    }
                    i
                };
                let (a, b) = (place(span.start), place(span.end.max(span.start)));
                spans.push(Span::styled(shown[..a].to_owned(), plain));
                spans.push(Span::styled(shown[a..b].to_owned(), plain.patch(ui.style(Role::Mistake))));
                spans.push(Span::styled(shown[b..].to_owned(), plain));
            }
            None if shown.is_empty() => spans.push(Span::styled(ui.t("filter-prompt"), ui.style(Role::Dim))),
            None => spans.push(Span::styled(shown.to_owned(), plain)),
        }
        let used: usize = spans.iter().map(Span::width).sum();
        spans.push(Span::styled(" ".repeat(usize::from(area.width).saturating_sub(used)), plain));
        paint::line(frame.buffer_mut(), Line::from(spans), row);
        for (i, line) in said(ui, &self.filter, area.width).into_iter().take(usize::from(area.height) - 1).enumerate() {
            let sign = if i == 0 { '✘' } else { ' ' };
            let place = Rect { y: area.y + 1 + i as u16, height: 1, ..area };
            paint::line(frame.buffer_mut(), Line::styled(format!(" {sign} {line}"), ui.style(Role::Bad)), place);
        }
        self.draw_offers(frame, row, ui);
        frame.set_cursor_position((row.x + 3 + column, row.y));
    }

    /// The words that could stand at the cursor, in a box over the rows.
    fn draw_offers(&self, frame: &mut Frame, line: Rect, ui: &Ui) {
        let offers = &self.filter.offers;
        let high = (offers.len() as u16 + 2).min(line.y.saturating_sub(2));
        if offers.is_empty() || high < 3 {
            return;
        }
        let wide = offers.iter().map(|o| text::width(&o.word) + text::width(&o.note) + 6).max().unwrap_or(0) as u16;
        let place =
            Rect { x: line.x + 2, y: line.y - high, width: wide.min(line.width.saturating_sub(3)), height: high };
        crate::tui::widgets::clear(place, frame.buffer_mut());
        let block = boxed("", true, ui);
        let inner = block.inner(place);
        frame.render_widget(block, place);
        for (i, offer) in offers.iter().take(usize::from(inner.height)).enumerate() {
            let row = Rect { y: inner.y + i as u16, height: 1, ..inner };
            let on = self.filter.offer == Some(i);
            let style = if on { ui.style(Role::Selected) } else { ui.style(Role::Text) };
            let note = text::width(&offer.note);
            let room = usize::from(row.width).saturating_sub(note + 2);
            let spans = vec![
                Span::styled(if on { "▌" } else { " " }, if on { ui.style(Role::Bar) } else { style }),
                Span::styled(text::pad(&offer.word, room), style),
                Span::styled(format!("{} ", offer.note), style.patch(ui.style(Role::Dim))),
            ];
            paint::line(frame.buffer_mut(), Line::from(spans), row);
        }
    }

    /// The record beside the list, or its preview below.
    fn draw_record(&self, frame: &mut Frame, parts: &Parts, ui: &Ui) {
        let Some(area) = parts.side.or(parts.preview) else { return };
        if let (Some(_), Some((id, side)), Some(selected)) = (parts.side, &self.side, self.rows.id())
            && (*id == selected || self.side_wake.is_some())
        {
            side.view(frame, area, ui);
            return;
        }
        let Some(record) = self.record() else {
            frame.render_widget(boxed("", false, ui), area);
            return;
        };
        if parts.side.is_some() {
            let mut side = crate::tui::screens::known_record(record, ui);
            side.set_focus(false);
            side.view(frame, area, ui);
            return;
        }
        let kind = ui.registry.kind(self.kind);
        let title = format!(" {} {} ", kind.code(record.id), text::inert(record.title(kind)));
        let names: Vec<String> =
            ui.others_on(self.kind, record.id).map(|p| text::inert(&p.name).into_owned()).collect();
        let here = if names.is_empty() {
            String::new()
        } else {
            format!(" {} ", ui.tr("here", &[("names", names.join(", ").into())]))
        };
        let room = usize::from(area.width).saturating_sub(text::width(&here) + 4);
        let block = boxed(text::cut(&title, room).into_owned(), false, ui)
            .title(Line::styled(here, ui.style(Role::Accent)).right_aligned());
        let inner = block.inner(area);
        frame.render_widget(block, area);
        peek::draw(frame, inner, record, ui);
    }
}

/// A sentence where the rows would stand.
fn say_inside(frame: &mut Frame, area: Rect, sentence: &str, style: Style) {
    let lines = text::wrap(sentence, usize::from(area.width).saturating_sub(2));
    for (i, line) in lines.into_iter().take(usize::from(area.height)).enumerate() {
        let row = Rect { x: area.x + 1, y: area.y + i as u16, width: area.width.saturating_sub(1), height: 1 };
        paint::line(frame.buffer_mut(), Line::styled(line, style), row);
    }
}

/// A field's value in a row, and the role that points at what matters.
pub(in crate::tui::screens) fn say_fields<'a>(
    record: &Record,
    kind: &Kind,
    fields: impl Iterator<Item = &'a Field>,
    ui: &Ui,
) -> Vec<String> {
    fields
        .filter(|field| field.name != kind.title)
        .map(|field| (field, cell(record, kind, field, ui).0.trim_start_matches(['▲', '▴', ' ']).to_owned()))
        .filter(|(_, shown)| !shown.is_empty())
        .map(|(field, shown)| format!("{}: {shown}", field.label.get(ui.lang())))
        .collect()
}

pub(in crate::tui::screens) fn cell(record: &Record, kind: &Kind, field: &Field, ui: &Ui) -> (String, Option<Role>) {
    let value = record.get(kind, &field.name);
    match (value, &field.ty) {
        (Value::Instant(at), FieldType::Instant) if counts_down(kind, field) => {
            let left = (*at - ui.now).num_seconds();
            let ended = ["solved", "closed"].iter().any(|name| !record.get(kind, name).is_none())
                || *record.get(kind, "done") == Value::Bool(true);
            let shown =
                if left.abs() < 86_400 { show::span(left, ui.lang()) } else { show::field(record, kind, field, ui) };
            let role = match left {
                _ if ended => Some(Role::Dim),
                ..0 => Some(Role::Bad),
                0..3600 => Some(Role::Warn),
                _ => None,
            };
            (shown, role)
        }
        (Value::Choice(code), FieldType::Choice(choices)) if field.name == "priority" => {
            let role = match choices.len().saturating_sub(field.rank(code).unwrap_or(0)) {
                1 => Some(Role::Bad),
                2 => Some(Role::Warn),
                _ => None,
            };
            let sign = match role {
                Some(Role::Bad) => "▲ ",
                Some(_) => "▴ ",
                None => "  ",
            };
            (format!("{sign}{}", show::field(record, kind, field, ui)), role)
        }
        (Value::Null, _) => (String::new(), None),
        _ => (show::field(record, kind, field, ui), None),
    }
}

/// True for an instant that a span of the kind counts down to (`due` and `sla`), and for a task's.
fn counts_down(kind: &Kind, field: &Field) -> bool {
    field.name == "due" && kind.field("done").is_some()
        || kind.fields.iter().any(|f| matches!(&f.source, Source::Until(column) if column == field.db_column()))
}

/// A column's width by what it holds.
pub(in crate::tui::screens) fn ideal(field: &Field, ui: &Ui) -> usize {
    let label = text::width(field.label.get(ui.lang()));
    let content = match &field.ty {
        FieldType::Choice(choices) => {
            let signs = if field.name == "priority" { 2 } else { 0 };
            signs + choices.iter().map(|c| text::width(c.label.get(ui.lang()))).max().unwrap_or(0).min(14)
        }
        FieldType::Bool => 2,
        FieldType::Int => 6,
        // The widest are `-9h 59m` and `-9小时59分`.
        FieldType::Span => {
            if ui.lang() == Lang::Zh {
                10
            } else {
                7
            }
        }
        FieldType::Decimal => 10,
        FieldType::Day | FieldType::Instant => 11,
        FieldType::Phone => 16,
        FieldType::Email | FieldType::LongText => 24,
        FieldType::Money { .. } | FieldType::Ref(crate::domain::kind::USER | crate::domain::kind::STAGE) => 12,
        FieldType::Ref(_) | FieldType::Text | FieldType::Url => 18,
        FieldType::Tags => 14,
    };
    content.max(label)
}
