//! Filing: category, priority, owner in one strip, each by the one letter or digit it always has. Enter takes what is
//! marked as likely; the third choice closes the strip with all three.

use crossterm::event::KeyEvent;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::flow;
use crate::desk::Filing;
use crate::domain::action::Edit;
use crate::domain::kind::TICKET;
use crate::domain::record::Record;
use crate::domain::value::{Ref, Value};
use crate::tui::command::{Cmd, Scope};
use crate::tui::effect::{Answer, Ask, Out, Question};
use crate::tui::frame::boxed;
use crate::tui::keymap::{Folded, Stroke, fold};
use crate::tui::layer::{Awaits, Layer, LayerMsg, Reply, Shape, Subject};
use crate::tui::text;
use crate::tui::theme::Role;
use crate::tui::ui::Ui;

const FIELDS: [&str; 3] = ["category", "priority", "owner"];

/// One thing to choose, as drawn.
struct Choice {
    sign: char,
    label: String,
    value: Value,
}

pub(in crate::tui::screens) struct FileStrip {
    record: Record,
    /// How many records it is for.
    of: usize,
    filing: Option<Filing>,
    asking: Option<Ask>,
    /// Chosen so far, in the order of `FIELDS`.
    chosen: Vec<Value>,
    notice: Option<String>,
}

impl FileStrip {
    /// For a ticket as it is seen, and `of` altogether; answers `Reply::Edits`.
    pub(in crate::tui::screens) fn new(record: &Record, of: usize) -> Self {
        Self { record: record.clone(), of, filing: None, asking: None, chosen: Vec::new(), notice: None }
    }

    /// What is filed by: what the person may set.
    fn fields(ui: &Ui) -> Vec<&'static str> {
        let kind = ui.registry.kind(TICKET);
        FIELDS.into_iter().filter(|name| kind.field(name).is_some_and(|field| !field.readonly)).collect()
    }

    fn was(&self, field: &str, ui: &Ui) -> Value {
        self.record.get(ui.registry.kind(TICKET), field).clone()
    }

    fn choices(&self, step: usize, ui: &Ui) -> Vec<Choice> {
        let Some(filing) = &self.filing else { return Vec::new() };
        match Self::fields(ui).get(step).copied().unwrap_or_default() {
            "category" => {
                let choice = |c: &crate::desk::Category| Choice {
                    sign: c.letter,
                    label: text::inert(&c.name).into_owned(),
                    value: Value::Text(c.name.clone()),
                };
                filing.categories.iter().map(choice).collect()
            }
            "priority" => {
                let Some(field) = ui.registry.kind(TICKET).field("priority") else { return Vec::new() };
                field
                    .choices()
                    .iter()
                    .zip('1'..='9')
                    .map(|(c, sign)| Choice {
                        sign,
                        label: c.label.get(ui.lang()).to_owned(),
                        value: Value::Choice(c.code.clone()),
                    })
                    .collect()
            }
            _ => {
                let choice = |a: &crate::desk::Agent| Choice {
                    sign: a.letter,
                    label: format!("{} {}", text::inert(&a.name), a.load),
                    value: Value::Ref(Ref { id: a.id, label: a.name.clone() }),
                };
                filing.agents.iter().map(choice).collect()
            }
        }
    }

    /// What Enter takes: what stands there already, else what is likely.
    fn likely(&self, step: usize, ui: &Ui) -> Value {
        let Some(field) = Self::fields(ui).get(step).copied() else { return Value::Null };
        let was = self.was(field, ui);
        let Some(filing) = self.filing.as_ref().filter(|_| was.is_none()) else { return was };
        match field {
            "category" => filing.likely.as_ref().map_or(Value::Null, |l| Value::Text(l.category.clone())),
            "owner" => filing.least_busy().map_or(Value::Null, |a| Value::Ref(Ref { id: a.id, label: a.name.clone() })),
            _ => was,
        }
    }

    fn take(&mut self, value: Value, ui: &Ui, out: &mut Out) {
        self.notice = None;
        self.chosen.push(value);
        let fields = Self::fields(ui);
        if self.chosen.len() < fields.len() {
            return;
        }
        let edits = fields.iter().zip(&self.chosen).filter_map(|(field, now)| {
            let was = self.was(field, ui);
            (was != *now).then(|| Edit { field: (*field).to_owned(), was: Some(was), now: now.clone() })
        });
        out.reply(Reply::Edits(edits.collect()));
    }

    /// Why the marked category is likely.
    fn reason(&self, ui: &Ui) -> Option<String> {
        let likely = self.filing.as_ref()?.likely.as_ref()?;
        let is_marked = self.was("category", ui).is_none();
        let words = likely.words.join(", ");
        let args = [
            ("category", likely.category.as_str().into()),
            ("n", likely.n.into()),
            ("of", likely.of.into()),
            ("words", words.into()),
        ];
        is_marked.then(|| ui.tr("file-why", &args))
    }
}

impl Layer for FileStrip {
    fn scopes(&self) -> &'static [Scope] {
        &[Scope::File, Scope::Dialog, Scope::Everywhere]
    }

    fn shape(&self) -> Shape {
        Shape::Strip { height: 11 }
    }

    fn key(&mut self, key: KeyEvent, ui: &Ui, out: &mut Out) -> bool {
        let Some(stroke) = Stroke::of(key) else { return false };
        let typed = match fold(stroke) {
            Folded::Key(stroke) => stroke.plain_char(),
            Folded::InputMethod => None,
        };
        let Some(sign) = typed.filter(char::is_ascii_alphanumeric) else { return false };
        let step = self.chosen.len();
        match self.choices(step, ui).into_iter().find(|c| c.sign == sign) {
            Some(choice) => self.take(choice.value, ui, out),
            None => self.notice = Some(ui.tr("file-no-such", &[("key", sign.to_string().into())])),
        }
        true
    }

    fn update(&mut self, msg: LayerMsg, ui: &Ui, out: &mut Out) {
        match msg {
            LayerMsg::Shown { .. } if self.asking.is_none() && self.filing.is_none() => {
                self.asking = Some(out.ask(Question::Filing { ticket: self.record.id }));
            }
            LayerMsg::Answer(ask, Answer::Filing(filing)) if self.asking == Some(ask) => {
                self.asking = None;
                match filing {
                    Ok(filing) => self.filing = Some(filing),
                    Err(error) => {
                        out.say(crate::tui::effect::Tone::Bad, error.to_string());
                        out.close();
                    }
                }
            }
            LayerMsg::Command(Cmd::FileTake) => {
                let value = self.likely(self.chosen.len(), ui);
                self.take(value, ui, out);
            }
            LayerMsg::Command(Cmd::FileBack) => {
                self.chosen.pop();
            }
            LayerMsg::Command(Cmd::Dismiss) => out.close(),
            _ => {}
        }
    }

    fn view(&self, frame: &mut Frame, area: Rect, ui: &Ui) {
        let kind = ui.registry.kind(TICKET);
        let what = if self.of > 1 {
            ui.tr("list-marked", &[("n", self.of.into())])
        } else {
            format!("{} {}", kind.code(self.record.id), text::inert(self.record.title(kind)))
        };
        let title =
            text::cut(&ui.tr("file-title", &[("what", what.into())]), usize::from(area.width.saturating_sub(6)))
                .into_owned();
        let block = boxed(format!(" {title} "), true, ui);
        let inner = block.inner(area);
        frame.render_widget(block, area);
        if inner.height < 2 || inner.width < 16 {
            return;
        }
        let fields = Self::fields(ui);
        let label = fields.iter().filter_map(|f| kind.field(f)).map(|f| text::width(f.label.get(ui.lang()))).max();
        let label = label.unwrap_or(0).min(12);
        let step = self.chosen.len();
        let mut y = inner.y;
        // The last line says why, or what went wrong.
        let bottom = inner.bottom() - 1;
        for (at, name) in fields.iter().enumerate() {
            let (Some(field), true) = (kind.field(name), y < bottom) else { continue };
            let is_now = at == step;
            let lead = if is_now { "▌" } else { " " };
            let buf = frame.buffer_mut();
            buf.set_string(inner.x, y, lead, ui.style(Role::Bar));
            let role = if is_now { Role::Title } else { Role::Dim };
            buf.set_string(inner.x + 1, y, text::pad(field.label.get(ui.lang()), label), ui.style(role));
            let left = inner.x + 3 + label as u16;
            // Each field behind this one keeps a line.
            let behind = (fields.len() - 1 - at) as u16;
            let high = (bottom - y).saturating_sub(behind).max(1);
            let place = Rect { x: left, y, width: inner.right().saturating_sub(left), height: high };
            let marked = self.chosen.get(at).cloned().unwrap_or_else(|| self.likely(at, ui));
            let is_chosen = at < step;
            let pieces: Vec<(String, Style)> = self
                .choices(at, ui)
                .into_iter()
                .map(|choice| {
                    let is_marked = choice.value == marked;
                    let sign = if !is_marked {
                        ' '
                    } else if is_chosen {
                        '✓'
                    } else {
                        '•'
                    };
                    let style = match (is_marked, is_chosen, is_now) {
                        (true, true, _) => ui.style(Role::Good),
                        (true, false, _) => ui.style(Role::Accent),
                        (_, _, true) => ui.style(Role::Text),
                        _ => ui.style(Role::Dim),
                    };
                    (format!("{} {}{sign}", choice.sign, choice.label), style)
                })
                .collect();
            y += if pieces.is_empty() && self.filing.is_some() {
                let said = text::cut(&ui.t("file-none"), usize::from(place.width)).into_owned();
                buf.set_string(place.x, y, said, ui.style(Role::Dim));
                1
            } else {
                flow(place, &pieces, buf).max(1)
            };
        }
        let (said, role) = match (&self.notice, self.reason(ui)) {
            (Some(notice), _) => (notice.clone(), Role::Warn),
            (None, Some(reason)) if fields.get(step) == Some(&"category") => (reason, Role::Dim),
            _ => (ui.t("file-hint"), Role::Dim),
        };
        let said = text::cut(&said, usize::from(inner.width).saturating_sub(2)).into_owned();
        frame.buffer_mut().set_string(inner.x + 1, bottom, said, ui.style(role));
    }

    fn subject(&self) -> Subject {
        Subject { kind: Some(TICKET), record: Some(self.record.id), marked: 0 }
    }

    fn awaits(&self) -> Awaits {
        if self.asking.is_some() { Awaits::Box } else { Awaits::Nothing }
    }
}
