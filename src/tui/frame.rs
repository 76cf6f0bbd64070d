//! The frame around the open tab: one line on top, one below, popups over the body.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::app::{App, TABS};
use super::command::{Cmd, command};
use super::effect::Tone;
use super::keymap::Keymap;
use super::layer::Shape;
use super::paint;
use super::text;
use super::theme::Role;
use crate::desk::COUNTED;

/// What is left of the other tabs' names where they do not fit whole.
const SHORT: usize = 4;

/// A key and its word on the bottom line.
struct Part {
    key: String,
    word: String,
    /// Stays however narrow the line is.
    anchor: bool,
}

/// What is left for the open tab's layers.
pub(super) fn body(width: u16, height: u16) -> Rect {
    Rect::new(0, 1, width, height.saturating_sub(2))
}

impl App {
    pub fn view(&self, frame: &mut Frame) {
        if self.is_undecided() {
            return;
        }
        let area = frame.area();
        let whole = Rect { height: area.height - self.sharing_lines().min(area.height), ..area };
        // Whatever else is shown: who sees this screen.
        if let Some((said, style)) = self.sharing_says(area.width) {
            paint::line(frame.buffer_mut(), Line::styled(said, style), Rect { y: whole.bottom(), height: 1, ..area });
        }
        if self.ui.plain && self.top().shape() != Shape::Bare {
            return self.view_plain(frame, whole);
        }
        self.view_screen(frame, whole);
        self.ui.theme.paint(frame.buffer_mut());
    }

    fn view_screen(&self, frame: &mut Frame, whole: Rect) {
        // The tour and the second line of keys are the last ones of a screen that is shorter by them.
        let below = self.lines_below();
        let area = Rect { height: whole.height - below.min(whole.height), ..whole };
        frame.buffer_mut().set_style(whole, self.ui.style(Role::Text));
        let body = body(area.width, area.height);
        let stack = &self.tabs[self.tab].stack;
        let full = stack.iter().rposition(|slot| slot.layer.shape() == Shape::Full).unwrap_or(0);
        if let Some(slot) = stack.last().filter(|slot| slot.layer.shape() == Shape::Bare) {
            return slot.layer.view(frame, whole, &self.ui);
        }
        self.top_line(frame, Rect { height: 1.min(area.height), ..area });
        for slot in &stack[full..] {
            let place = place(slot.layer.shape(), body);
            if slot.layer.shape() != Shape::Full {
                super::widgets::clear(place, frame.buffer_mut());
                frame.buffer_mut().set_style(place, self.ui.style(Role::Text));
            }
            slot.layer.view(frame, place, &self.ui);
        }
        if area.height > 1 {
            let mut y = area.bottom() - 1;
            for (said, role) in self.tour_says().into_iter().flatten().zip([Role::Toast, Role::Dim]) {
                let said = text::pad(&format!(" {said}"), usize::from(area.width));
                paint::line(frame.buffer_mut(), Line::styled(said, self.ui.style(role)), Rect { y, height: 1, ..area });
                y += 1;
            }
            self.bottom_line(frame, Rect { y, height: whole.bottom() - y, ..area });
        }
    }

    /// Tabs left, person, unread notices and connection right. As it narrows the program's name, the clock and the team
    /// go; then the other tabs get shorter, to their numbers at last.
    fn top_line(&self, frame: &mut Frame, area: Rect) {
        let (line, _) = self.tabs_line(area.width);
        paint::line(frame.buffer_mut(), line, area);
    }

    /// The tab whose name stands in this column of the top line.
    pub(super) fn tab_at(&self, column: u16) -> Option<usize> {
        let (_, tabs) = self.tabs_line(self.ui.width);
        tabs.into_iter().find(|(place, _)| place.contains(&usize::from(column))).map(|(_, tab)| tab)
    }

    /// The top line, and the columns in which its tabs stand.
    fn tabs_line(&self, width: u16) -> (Line<'static>, Vec<(std::ops::Range<usize>, usize)>) {
        let me = &self.ui.cx.viewer.me;
        let name = text::inert(&me.login).into_owned();
        let (sign, word, role) = if self.ui.online {
            ("●", self.ui.t("line-live"), Role::Good)
        } else {
            ("○", self.ui.t("line-offline"), Role::Bad)
        };
        let clock = self.ui.now.with_timezone(&self.ui.cx.viewer.zone).format("%H:%M").to_string();
        for narrow in 0..=8 {
            let mut left: Vec<Span> = Vec::new();
            let mut tabs = Vec::new();
            if narrow < 1 {
                left.push(Span::styled(" frontdesk ", self.ui.style(Role::Title)));
            }
            for (i, (key, root, _)) in TABS.iter().enumerate() {
                let on = i == self.tab;
                let label = root.label(&self.ui);
                // Brackets tell the open tab where there is no colour.
                let label = match (on, narrow) {
                    (true, ..4) => format!("[{key} {label}]"),
                    (true, _) => format!(" [{key} {label}]"),
                    (false, ..4) => format!(" {key} {label} "),
                    (false, 4) => format!(" {key} {}", text::cut(&label, SHORT + 1).trim_end_matches('…')),
                    (false, ..8) => format!(" {key}"),
                    (false, _) => continue,
                };
                let x = left.iter().map(Span::width).sum::<usize>();
                tabs.push((x..x + text::width(&label), i));
                left.push(Span::styled(label, self.ui.style(if on { Role::TabOn } else { Role::Tab })));
            }
            if narrow >= 8 {
                left.push(Span::styled(" ≡", self.ui.style(Role::Tab)));
            }
            let mut right: Vec<Span> = Vec::new();
            if let Some(steps) = self.ui.recording {
                right.push(Span::styled(format!("● REC {steps}  "), self.ui.style(Role::Bad)));
            }
            let unread = match self.ui.unread {
                0 => None,
                n if n < COUNTED => Some(format!("✉{n}  ")),
                _ => Some(format!("✉{}+  ", COUNTED - 1)),
            };
            if narrow < 6 {
                let team = if narrow < 3 && !me.team_name.is_empty() {
                    format!("{name} · {}", text::inert(&me.team_name))
                } else {
                    name.clone()
                };
                right.push(Span::styled(format!("{team}  "), self.ui.style(Role::Dim)));
            }
            right.extend(unread.map(|unread| Span::styled(unread, self.ui.style(Role::Key))));
            let line = if narrow < 7 { format!("{sign} {word} ") } else { format!("{sign} ") };
            right.push(Span::styled(line, self.ui.style(role)));
            if narrow < 2 {
                right.push(Span::styled(format!(" {clock} "), self.ui.style(Role::Dim)));
            }
            let wide = |spans: &[Span]| spans.iter().map(Span::width).sum::<usize>();
            let (l, r) = (wide(&left), wide(&right));
            if l + r < usize::from(width) || narrow == 8 {
                let gap = usize::from(width).saturating_sub(l + r);
                left.push(Span::raw(" ".repeat(gap)));
                left.extend(right);
                return (Line::from(left), tabs);
            }
        }
        (Line::default(), Vec::new())
    }

    /// The status line when there is something to say, else what can follow the typed prefix, else the keys that work
    /// right here, as many as fit; in a person's first days more of them on a second line.
    pub(super) fn bottom_line(&self, frame: &mut Frame, mut area: Rect) {
        let width = usize::from(area.width);
        if let Some(toast) = self.said() {
            let (sign, role) = match toast.tone {
                Tone::Info => ("", Role::Toast),
                Tone::Good => ("✔ ", Role::Good),
                Tone::Warn => ("! ", Role::Warn),
                Tone::Bad => ("✘ ", Role::Bad),
            };
            let said = text::inert(&toast.text);
            let line = text::cut(&format!(" {sign}{said}"), width).into_owned();
            paint::line(frame.buffer_mut(), Line::styled(line, self.ui.style(role)), Rect { height: 1, ..area });
            if area.height == 1 {
                return;
            }
            area = Rect { y: area.y + 1, height: 1, ..area };
        }
        let scopes = self.scopes();
        let subject = self.subject();
        let mut parts: Vec<Part> = Vec::new();
        let mut lead = String::from(" ");
        if self.strokes.is_empty() {
            let mut rows: Vec<_> = Keymap::commands(scopes)
                .filter(|c| c.line > 0 && c.fits(&subject, &self.ui) && !self.ui.keymap.key(c.id).is_empty())
                .filter(|c| self.ui.keymap.reaches(scopes, c.id))
                .collect();
            // A key does what the innermost scope says; what it does further out is not to be had here.
            let mut taken = std::collections::HashSet::new();
            rows.retain(|c| taken.insert(self.ui.keymap.key(c.id)));
            rows.sort_by_key(|c| c.line);
            parts.extend(rows.iter().map(|c| Part {
                key: self.ui.keymap.key(c.id),
                word: self.word(c.id),
                anchor: c.is_anchor(),
            }));
        } else {
            lead = format!(" {} ", self.strokes.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "));
            for (stroke, cmd) in self.ui.keymap.continuations(scopes, &self.strokes) {
                if command(cmd).fits(&subject, &self.ui) {
                    parts.push(Part { key: stroke.to_string(), word: self.word(cmd), anchor: false });
                }
            }
        }
        let marked = match subject.marked {
            0 => String::new(),
            n => format!(" {} ", self.ui.tr("list-marked", &[("n", n.into())])),
        };
        let room = width.saturating_sub(text::width(&marked));
        let size = |part: &Part| text::width(&part.key) + text::width(&part.word) + 3;
        // The anchors are always there: whoever is lost needs them most.
        let anchors: usize = parts.iter().filter(|part| part.anchor).map(size).sum();
        let mut free = room.saturating_sub(text::width(&lead) + anchors);
        let mut is_full = false;
        let (parts, more): (Vec<Part>, Vec<Part>) = parts.into_iter().partition(|part| {
            if part.anchor {
                return true;
            }
            is_full |= size(part) > free;
            free = free.saturating_sub(size(part));
            !is_full
        });
        let line = |lead: String, parts: Vec<Part>| {
            let mut spans = vec![Span::styled(lead, self.ui.style(Role::Key))];
            for Part { key, word, .. } in parts {
                spans.push(Span::styled(key, self.ui.style(Role::Key)));
                spans.push(Span::styled(format!(" {word}  "), self.ui.style(Role::Dim)));
            }
            Line::from(spans)
        };
        paint::line(frame.buffer_mut(), line(lead, parts), Rect { height: 1, ..area });
        if area.height > 1 {
            let second = Rect { y: area.y + 1, height: 1, ..area };
            let mut free = width.saturating_sub(1);
            let more: Vec<Part> = more
                .into_iter()
                .take_while(|part| {
                    let fits = size(part) <= free;
                    free = free.saturating_sub(size(part));
                    fits
                })
                .collect();
            // Where all keys stand on the first line, the second one says how to find everything else.
            if more.is_empty() && self.strokes.is_empty() {
                let key = |cmd| self.ui.keymap.key(cmd).into();
                let keys = [("do", key(Cmd::Do)), ("keys", key(Cmd::Keys)), ("palette", key(Cmd::Palette))];
                let said = format!(" {}", self.ui.tr("first-days", &keys));
                let said = text::cut(&said, width).into_owned();
                paint::line(frame.buffer_mut(), Line::styled(said, self.ui.style(Role::Dim)), second);
            } else {
                paint::line(frame.buffer_mut(), line(" ".to_owned(), more), second);
            }
        }
        if !marked.is_empty() && text::width(&marked) <= width {
            let wide = text::width(&marked) as u16;
            let place = Rect { x: area.right() - wide, width: wide, height: 1, ..area };
            paint::line(frame.buffer_mut(), Line::styled(marked, self.ui.style(Role::Marked)), place);
        }
    }

    fn word(&self, cmd: Cmd) -> String {
        self.ui.words.short(&command(cmd).title_key())
    }
}

/// Where a layer of this shape goes.
pub(super) fn place(shape: Shape, body: Rect) -> Rect {
    match shape {
        Shape::Full | Shape::Bare => body,
        Shape::Popup { width, height } => {
            let (width, height) = (width.min(body.width), height.min(body.height));
            Rect { x: body.x + (body.width - width) / 2, y: body.y + (body.height - height) / 3, width, height }
        }
        Shape::Strip { height } => {
            let height = height.min(body.height);
            Rect { y: body.bottom() - height, height, ..body }
        }
    }
}

/// A rounded box; the one with the keys is told by its line as well as its colour.
pub(super) fn boxed<'a>(title: impl Into<Line<'a>>, focused: bool, ui: &super::ui::Ui) -> ratatui::widgets::Block<'a> {
    use ratatui::widgets::{Block, BorderType, Borders};
    let role = if focused { Role::BorderFocus } else { Role::Border };
    Block::new()
        .borders(Borders::ALL)
        .border_type(BorderType::Rounded)
        .border_style(ui.style(role))
        .title(title)
        .title_style(ui.style(Role::Title))
}

/// The first row drawn of a list that has so many lines and its cursor on that row.
pub(super) fn first_row(at: usize, lines: usize) -> usize {
    (at + 1).saturating_sub(lines)
}

/// A row of text as wide as its place, with the bar when selected.
pub(super) fn bar_row(frame: &mut Frame, area: Rect, body: &str, selected: bool, style: Style, ui: &super::ui::Ui) {
    let (bar, style) = if selected { ("▌", style.patch(ui.style(Role::Selected))) } else { (" ", style) };
    let bar_style = if selected { ui.style(Role::Bar) } else { style };
    let body = text::pad(body, usize::from(area.width).saturating_sub(1));
    let line = Line::from(vec![Span::styled(bar, bar_style), Span::styled(body, style)]);
    paint::line(frame.buffer_mut(), line, area);
}
