//! How a record is laid out: fields in columns, long texts, related lists, one timeline. Everything becomes blocks of
//! lines; the cursor stands on a block.

use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::{Key, RecordScreen, ticket};
use crate::desk::{Moment, What};
use crate::domain::change::Change;
use crate::domain::field::{Field, FieldType};
use crate::domain::kind::{ACTIVITY, Kind, MESSAGE, TICKET};
use crate::domain::record::Record;
use crate::domain::value::Value;
use crate::tui::screens::change;
use crate::tui::theme::Role;
use crate::tui::ui::Ui;
use crate::tui::{show, text};

/// Lines of a message before it has to be opened.
const FOLDED: usize = 14;
/// Of a longer text so many bytes are looked at while it is folded, and so many shown when it is not.
const CLOSED: usize = 10_000;
const OPENED: usize = 100_000;

/// Some lines that belong together; those with a key can be stood on.
pub(super) struct Block {
    pub(super) key: Option<Key>,
    pub(super) lines: Vec<Line<'static>>,
}

impl Block {
    fn heading(title: &str, right: &str, width: usize, ui: &Ui) -> Self {
        let title = format!("── {title} ");
        let right = if right.is_empty() { String::new() } else { format!(" {right} ──") };
        let rule = "─".repeat(width.saturating_sub(text::width(&title) + text::width(&right)));
        let line = Line::from(vec![
            Span::styled(title, ui.style(Role::Head)),
            Span::styled(rule, ui.style(Role::Border)),
            Span::styled(right, ui.style(Role::Dim)),
        ]);
        Self { key: None, lines: vec![line] }
    }

    fn blank() -> Self {
        Self { key: None, lines: vec![Line::default()] }
    }
}

impl RecordScreen {
    /// All blocks at this width; one cell left of them is the cursor's bar.
    pub(super) fn blocks(&self, width: u16, ui: &Ui) -> Vec<Block> {
        let Some(record) = &self.record else { return Vec::new() };
        let kind = ui.registry.kind(self.kind);
        let width = usize::from(width.saturating_sub(2)).max(10);
        let mut blocks = vec![Block { key: Some(Key::Fields), lines: self.field_lines(record, kind, width, ui) }];
        let is_ticket = self.kind == TICKET;
        // What a ticket's customer wrote stands in the conversation.
        let is_apart = |f: &&Field| f.ty == FieldType::LongText && !(is_ticket && f.name == "description");
        for field in kind.fields.iter().filter(is_apart) {
            let Some(body) = record.get(kind, &field.name).as_str() else { continue };
            blocks.push(Block::blank());
            let mut lines = vec![Line::styled(field.label.get(ui.lang()).to_owned(), ui.style(Role::Dim))];
            let key = Key::Text(field.name.clone());
            self.push_body(&mut lines, body, &key, width, ui);
            blocks.push(Block { key: Some(key), lines });
        }
        if is_ticket {
            self.push_timeline(&mut blocks, &ui.t("ticket-conversation"), width, ui);
            if let Some(opening) = self.opening(record, kind, width, ui) {
                blocks.extend([Block::blank(), opening]);
            }
            self.push_related(&mut blocks, width, ui);
        } else {
            self.push_related(&mut blocks, width, ui);
            self.push_timeline(&mut blocks, &ui.t("record-timeline"), width, ui);
        }
        if ui.plain { by_line(blocks) } else { blocks }
    }

    fn field_lines(&self, record: &Record, kind: &Kind, width: usize, ui: &Ui) -> Vec<Line<'static>> {
        let mut lines = Vec::new();
        if let Value::Instant(at) = record.get(kind, "deleted") {
            let at = show::instant(*at, ui.now, ui.cx.viewer.zone, ui.lang());
            lines.push(Line::styled(ui.tr("record-deleted", &[("at", at.into())]), ui.style(Role::Warn)));
        }
        // Read aloud, a head without names says little.
        let is_ticket = self.kind == TICKET && !ui.plain;
        if is_ticket {
            lines.extend(self.ticket_head(record, kind, width, ui));
        }
        let currencies: Vec<&str> = kind
            .fields
            .iter()
            .filter_map(|f| if let FieldType::Money { currency } = &f.ty { Some(currency.as_str()) } else { None })
            .collect();
        let is_shown = |f: &&Field| {
            f.name != kind.title
                && f.ty != FieldType::LongText
                && !["deleted", "age", "idle", "creator", "updater", "updated"].contains(&f.name.as_str())
                && !currencies.contains(&f.name.as_str())
                && !(is_ticket && ticket::TOLD.contains(&f.name.as_str()))
        };
        let shown: Vec<(&Field, String)> = kind
            .fields
            .iter()
            .filter(is_shown)
            .map(|f| (f, show::field(record, kind, f, ui)))
            .filter(|(_, v)| !v.is_empty())
            .collect();
        if shown.is_empty() && lines.is_empty() {
            lines.push(Line::styled(ui.t("record-no-fields"), ui.style(Role::Dim)));
            return lines;
        }
        if ui.plain {
            let name = |field: &Field| field.label.get(ui.lang()).to_owned();
            lines.extend(shown.iter().map(|(field, value)| Line::raw(format!("{}: {value}", name(field)))));
            return lines;
        }
        let columns = (width / 28).clamp(1, 3);
        let cell = width / columns;
        let label = shown.iter().map(|(f, _)| text::width(f.label.get(ui.lang()))).max().unwrap_or(0).min(cell * 2 / 5);
        let rows = shown.len().div_ceil(columns);
        for row in 0..rows {
            let mut spans = Vec::new();
            for column in 0..columns {
                let Some((field, value)) = shown.get(column * rows + row) else { continue };
                let name = field.label.get(ui.lang());
                spans.push(Span::styled(format!("{}  ", text::pad(name, label)), ui.style(Role::Dim)));
                let style = self.value_style(field, record.get(kind, &field.name), ui);
                spans.push(Span::styled(text::cut(value, cell - label - 3).into_owned(), style));
                let used = label + 2 + text::width(value).min(cell - label - 3);
                spans.push(Span::raw(" ".repeat(cell - used)));
            }
            lines.push(Line::from(spans));
        }
        lines
    }

    /// What just changed shines; what is urgent or late warns, by its word as well as its colour.
    pub(super) fn value_style(&self, field: &Field, value: &Value, ui: &Ui) -> Style {
        if self.fresh.contains(&field.name) {
            return ui.style(Role::Fresh);
        }
        match value {
            Value::Choice(code) if ["urgent", "at_risk", "lost"].contains(&code.as_str()) => ui.style(Role::Bad),
            Value::Choice(code) if ["high", "hold"].contains(&code.as_str()) => ui.style(Role::Warn),
            Value::Choice(code) if ["won", "solved", "customer", "loyal"].contains(&code.as_str()) => {
                ui.style(Role::Good)
            }
            Value::Seconds(n) if *n < 0 => ui.style(Role::Bad),
            Value::Ref(_) => ui.style(Role::Accent),
            Value::Tags(_) => ui.style(Role::Marked),
            _ => ui.style(Role::Text),
        }
    }

    fn push_related(&self, blocks: &mut Vec<Block>, width: usize, ui: &Ui) {
        for related in self.related.iter().filter(|r| !r.page.records.is_empty()) {
            let kind = ui.registry.kind(related.kind);
            let n = related.page.records.len();
            let count = if related.page.more { format!("{n}+") } else { n.to_string() };
            blocks.push(Block::blank());
            blocks.push(Block::heading(kind.many.get(ui.lang()), &count, width, ui));
            for record in &related.page.records {
                let line = summary(record, kind, &related.field, width, ui);
                blocks.push(Block { key: Some(Key::Record(record.kind, record.id)), lines: vec![line] });
            }
            if related.page.more {
                let line = Line::styled(format!("… {}", ui.t("record-all")), ui.style(Role::Dim));
                blocks.push(Block { key: Some(Key::All(related.kind, related.field.clone())), lines: vec![line] });
            }
        }
    }

    fn push_timeline(&self, blocks: &mut Vec<Block>, title: &str, width: usize, ui: &Ui) {
        blocks.push(Block::blank());
        blocks.push(Block::heading(title, "", width, ui));
        if self.timeline.is_empty() {
            let key = if self.timing.is_busy() { "record-loading" } else { "record-quiet" };
            let said = if key == "record-loading" { ui.t("record-loading") } else { ui.t("record-quiet") };
            blocks.push(Block { key: None, lines: vec![Line::styled(said, ui.style(Role::Dim))] });
        }
        let mut was_tall = false;
        for moment in &self.timeline {
            let (key, lines) = match &moment.what {
                What::Record(record) => {
                    let key = Key::Moment(record.kind, record.id);
                    let lines = self.moment_lines(moment, record, &key, width, ui);
                    (key, lines)
                }
                What::Change(change) => (Key::Change(change.id), change_lines(change, width, ui)),
            };
            // Texts breathe; one-line entries stay together.
            if lines.len() > 1 || was_tall {
                blocks.push(Block::blank());
            }
            was_tall = lines.len() > 1;
            blocks.push(Block { key: Some(key), lines });
        }
        if self.has_older {
            let line = Line::styled(format!("… {}", ui.t("record-older")), ui.style(Role::Dim));
            blocks.push(Block { key: Some(Key::Older), lines: vec![line] });
        }
    }

    fn moment_lines(&self, moment: &Moment, record: &Record, key: &Key, width: usize, ui: &Ui) -> Vec<Line<'static>> {
        let kind = ui.registry.kind(record.kind);
        let when = show::instant(moment.at, ui.now, ui.cx.viewer.zone, ui.lang());
        let of = |name: &str| kind.field(name).map(|f| show::field(record, kind, f, ui)).unwrap_or_default();
        if record.kind == MESSAGE {
            let direction = record.get(kind, "direction").as_str().unwrap_or_default();
            let (sign, role) = match direction {
                "in" => ("◂", Role::Accent),
                "out" => ("▸", Role::Good),
                _ => ("✎", Role::Warn),
            };
            let who = if direction == "in" { of("contact") } else { of("author") };
            let who = if who.is_empty() { of("direction") } else { who };
            // By what channel it came or goes is the ticket's.
            let channel = self.record.as_ref().map(|ticket| {
                let kind = ui.registry.kind(self.kind);
                kind.field("channel").map(|f| show::field(ticket, kind, f, ui)).unwrap_or_default()
            });
            let channel = channel.filter(|c| direction != "note" && !c.is_empty());
            let when = channel.map_or(when.clone(), |channel| format!("{when} · {channel}"));
            let mut head = vec![
                Span::styled(format!("{sign} "), ui.style(role)),
                Span::styled(who, ui.style(Role::Title)),
                Span::styled(format!("  {when}"), ui.style(Role::Dim)),
            ];
            if direction != "in" {
                head.push(Span::styled(format!("  {}", of("direction")), ui.style(role)));
            }
            let mut lines = vec![Line::from(head)];
            lines.extend(self.mail_of(record.id, width, ui));
            let head = lines.len();
            let width = width - usize::from(direction == "note");
            self.push_body(&mut lines, record.get(kind, "body").as_str().unwrap_or_default(), key, width, ui);
            if direction == "note" {
                // Nobody takes it for what the customer reads.
                for line in &mut lines[head..] {
                    line.spans.insert(0, Span::styled("┆", ui.style(Role::Warn)));
                }
            }
            return lines;
        }
        if record.kind == ACTIVITY {
            let is_open = record.get(kind, "done") != &Value::Bool(true) && !record.get(kind, "due").is_none();
            let mut parts = vec![of("outcome"), of("owner"), when];
            if let (true, due) = (is_open, of("due")) {
                parts.push(ui.tr("record-due", &[("at", due.into())]));
            }
            parts.retain(|p| !p.is_empty());
            let sign = if is_open { "○" } else { "●" };
            let mut lines = vec![Line::from(vec![
                Span::styled(format!("{sign} "), ui.style(if is_open { Role::Warn } else { Role::Accent })),
                Span::styled(of("type"), ui.style(Role::Title)),
                Span::styled(format!("  {}", parts.join(" · ")), ui.style(Role::Dim)),
            ])];
            let subject = of("subject");
            let body = record.get(kind, "body").as_str().unwrap_or_default();
            if !subject.is_empty() && !body.starts_with(subject.as_str()) {
                lines.push(Line::raw(format!("  {}", text::cut(&subject, width.saturating_sub(2)))));
            }
            if !body.is_empty() {
                self.push_body(&mut lines, body, key, width, ui);
            }
            return lines;
        }
        let mut line = vec![
            Span::styled("◆ ", ui.style(Role::Accent)),
            Span::styled(format!("{} ", kind.one.get(ui.lang())), ui.style(Role::Dim)),
        ];
        line.extend(summary(record, kind, self.kind.0, width.saturating_sub(12), ui).spans);
        vec![Line::from(line)]
    }

    /// Wrapped text with an indent, folded when it is long and not opened.
    pub(super) fn push_body(&self, lines: &mut Vec<Line<'static>>, body: &str, key: &Key, width: usize, ui: &Ui) {
        let is_open = self.opened.contains(key);
        let body = body.trim_end();
        let beginning = text::head(body, if is_open { OPENED } else { CLOSED });
        let wrapped = text::wrap(beginning, width.saturating_sub(2).min(100));
        let total = wrapped.len();
        let is_folded = total > FOLDED + 2 && !is_open;
        let shown = if is_folded { FOLDED } else { total };
        for line in wrapped.into_iter().take(shown) {
            // Quoted lines of a mail stand back.
            let role = if line.starts_with('>') { Role::Dim } else { Role::Text };
            lines.push(Line::styled(format!("  {line}"), ui.style(role)));
        }
        if is_folded {
            let key = ui.keymap.key(crate::tui::command::Cmd::RecordOpen);
            let args = [("n", (total - shown).into()), ("key", key.into())];
            lines.push(Line::styled(format!("  … {}", ui.tr("record-folded", &args)), ui.style(Role::Dim)));
        } else if beginning.len() < body.len() {
            let left = [("n", show::grouped(((body.len() - beginning.len()) as u64).into()).into())];
            lines.push(Line::styled(format!("  … {}", ui.tr("record-cut", &left)), ui.style(Role::Dim)));
        }
    }
}

/// Every line with words can be stood on.
fn by_line(blocks: Vec<Block>) -> Vec<Block> {
    let mut out = Vec::new();
    for Block { key, lines } in blocks {
        let Some(key) = key else {
            out.push(Block { key: None, lines });
            continue;
        };
        for (n, line) in lines.into_iter().enumerate().filter(|(n, line)| *n == 0 || line.width() > 0) {
            let key = if n == 0 { key.clone() } else { Key::Line(Box::new(key.clone()), n) };
            out.push(Block { key: Some(key), lines: vec![line] });
        }
    }
    out
}

/// A record in one line: code, title, and what its list would show first.
fn summary(record: &Record, kind: &Kind, without: &str, width: usize, ui: &Ui) -> Line<'static> {
    let columns = kind.default_columns();
    let facts: Vec<(String, Style, bool)> = columns
        .iter()
        .filter(|f| f.name != kind.title && f.name != without)
        .take(4)
        .map(|f| (show::field(record, kind, f, ui), f))
        .filter(|(v, _)| !v.is_empty())
        .map(|(v, f)| {
            let is_late = matches!(record.get(kind, &f.name), Value::Seconds(n) if *n < 0);
            // Half a time tells nothing.
            let is_whole = matches!(f.ty, FieldType::Instant | FieldType::Day | FieldType::Span);
            (v, ui.style(if is_late { Role::Bad } else { Role::Dim }), is_whole)
        })
        .collect();
    let code = text::pad(&kind.code(record.id), 7);
    let facts_width: usize = facts.iter().map(|(v, ..)| text::width(v) + 2).sum();
    let room = width.saturating_sub(text::width(&code) + 1);
    let title = text::inert(record.title(kind)).into_owned();
    // Facts give way to the title on narrow screens.
    let facts_room = facts_width.min(room * 3 / 5);
    let title_room = room.saturating_sub(facts_room + 2);
    let mut spans = vec![
        Span::styled(format!("{code} "), ui.style(Role::Accent)),
        Span::styled(text::pad(&title, title_room.min(text::width(&title).max(28))), ui.style(Role::Text)),
    ];
    let mut left = room.saturating_sub(title_room.min(text::width(&title).max(28)));
    for (value, style, is_whole) in facts {
        if left < 6 {
            break;
        }
        if is_whole && text::width(&value) + 2 > left {
            continue;
        }
        let value = text::cut(&value, left - 2).into_owned();
        left -= text::width(&value) + 2;
        spans.push(Span::styled(format!("  {value}"), style));
    }
    Line::from(spans)
}

/// `· 09:41  ana changed Priority normal → high`, on as many lines as it takes.
fn change_lines(change: &Change, width: usize, ui: &Ui) -> Vec<Line<'static>> {
    let when = show::instant(change.at, ui.now, ui.cx.viewer.zone, ui.lang());
    let mut said = format!("{} {}", change::who(change, ui), change::deed(change, ui));
    let fields: Vec<String> = change::fields(change, ui)
        .into_iter()
        .filter(|_| !change.fields.iter().any(|f| f.field == "deleted"))
        .map(|(name, before, after)| format!("{name} {} → {}", text::cut(&before, 40), text::cut(&after, 40)))
        .collect();
    if !fields.is_empty() {
        said = format!("{said} {}", fields.join(", "));
    }
    // The words flow round the time: a word as wide stands in for it while lines are broken, for a time is never broken.
    let stand_in = format!("{}  ", "0".repeat(text::width(&when)));
    let lines = text::wrap(&format!("{stand_in}{said}"), width.saturating_sub(2));
    let more = lines.len() > 3;
    lines
        .into_iter()
        .take(3)
        .enumerate()
        .map(|(i, l)| {
            let lead = if i == 0 { "· " } else { "  " };
            let l = l.strip_prefix(&stand_in).map_or(l.clone(), |rest| format!("{when}  {rest}"));
            let tail = if more && i == 2 { " …" } else { "" };
            Line::styled(format!("{lead}{l}{tail}"), ui.style(Role::Dim))
        })
        .collect()
}
