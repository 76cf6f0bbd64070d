//! A record's fields at a glance: the preview under a list.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::domain::field::FieldType;
use crate::domain::record::Record;
use crate::tui::paint;
use crate::tui::show;
use crate::tui::text;
use crate::tui::theme::Role;
use crate::tui::ui::Ui;

/// Draws title and fields into `area`, two columns of fields when it is wide; long text below them.
pub fn draw(frame: &mut Frame, area: Rect, record: &Record, ui: &Ui) {
    let kind = ui.registry.kind(record.kind);
    let shown: Vec<(String, String)> = kind
        .fields
        .iter()
        .filter(|f| f.form && f.name != kind.title && !matches!(f.ty, FieldType::LongText))
        .map(|f| (f.label.get(ui.lang()).to_owned(), show::field(record, kind, f, ui)))
        .filter(|(_, value)| !value.is_empty())
        .collect();
    let columns = if area.width >= 72 { 2 } else { 1 };
    let wide = usize::from(area.width) / columns;
    let label = shown.iter().map(|(l, _)| text::width(l)).max().unwrap_or(0).min(wide / 2);
    let per = shown.len().div_ceil(columns);
    let mut lines = Vec::new();
    for row in 0..per {
        let mut spans = Vec::new();
        for column in 0..columns {
            let Some((name, value)) = shown.get(column * per + row) else { continue };
            spans.push(Span::styled(format!(" {}  ", text::pad(name, label)), ui.style(Role::Dim)));
            spans.push(Span::raw(text::pad(value, wide.saturating_sub(label + 4))));
            spans.push(Span::raw(" "));
        }
        lines.push(Line::from(spans));
    }
    for field in kind.fields.iter().filter(|f| matches!(f.ty, FieldType::LongText)) {
        if let Some(body) = record.get(kind, &field.name).as_str() {
            lines.push(Line::default());
            lines.extend(
                text::wrap(text::head(body, 10_000), usize::from(area.width).saturating_sub(3))
                    .into_iter()
                    .take(usize::from(area.height))
                    .map(|l| Line::raw(format!(" {l}"))),
            );
        }
    }
    for (y, line) in (area.y..area.bottom()).zip(lines) {
        paint::line(frame.buffer_mut(), line, Rect { y, height: 1, ..area });
    }
}
