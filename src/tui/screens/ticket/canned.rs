//! Canned answers to choose from, by a few letters of their name, pinyin too; the text of the one under the bar below.

use crossterm::event::KeyEvent;
use ratatui::Frame;
use ratatui::layout::Rect;

use crate::desk::From;
use crate::domain::kind::CANNED;
use crate::domain::query::Query;
use crate::domain::record::Record;
use crate::tui::command::{Cmd, Scope};
use crate::tui::effect::{Answer, Ask, Out, Question, Tone};
use crate::tui::frame::boxed;
use crate::tui::layer::{Awaits, Layer, LayerMsg, Reply, Shape};
use crate::tui::line::is_typing;
use crate::tui::text;
use crate::tui::theme::Role;
use crate::tui::ui::Ui;
use crate::tui::widgets::picker::{Item, Outcome, Picker};

/// Answers read; more than anybody can tell apart.
const MANY: u32 = 300;

pub(in crate::tui::screens) struct Canned {
    picker: Picker,
    answers: Vec<Record>,
    asking: Option<Ask>,
    /// In the customer's language first.
    is_chinese: bool,
}

impl Canned {
    /// Answers `Reply::Text` with the text as kept, blanks and all. `subject` tells the language to offer first.
    pub(in crate::tui::screens) fn new(subject: &str, ui: &Ui) -> Self {
        let is_chinese = subject.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
        Self { picker: Self::picker(Vec::new(), ui), answers: Vec::new(), asking: None, is_chinese }
    }

    fn picker(items: Vec<Item>, ui: &Ui) -> Picker {
        // Letters are for finding; a digit is text as well, since the answers have no fixed places.
        Picker::fixed(ui.t("canned-title"), items).as_text().with_hint(ui.t("picker-keys"), ui.t("canned-none"))
    }

    fn body(&self, key: &str, ui: &Ui) -> Option<&str> {
        let record = self.answers.iter().find(|r| r.id.to_string() == key)?;
        record.get(ui.registry.kind(CANNED), "body").as_str()
    }

    fn apply(&mut self, outcome: Outcome, ui: &Ui, out: &mut Out) -> bool {
        match outcome {
            Outcome::Ignored => return false,
            Outcome::Chosen(item) => {
                if let Some(body) = self.body(&item.key, ui) {
                    out.reply(Reply::Text(body.to_owned()));
                }
            }
            Outcome::Cancelled => out.close(),
            _ => {}
        }
        true
    }
}

impl Layer for Canned {
    fn scopes(&self) -> &'static [Scope] {
        &[Scope::Picker, Scope::Everywhere]
    }

    fn shape(&self) -> Shape {
        Shape::Popup { width: 72, height: 20 }
    }

    fn update(&mut self, msg: LayerMsg, ui: &Ui, out: &mut Out) {
        match msg {
            LayerMsg::Shown { .. } if self.asking.is_none() && self.answers.is_empty() => {
                let (kind, query) = (CANNED, Query::default());
                self.asking = Some(out.ask(Question::Page { kind, query, from: From::Start, limit: MANY }));
            }
            LayerMsg::Answer(ask, Answer::Page(page)) if self.asking == Some(ask) => {
                self.asking = None;
                match page {
                    Ok(page) => {
                        let kind = ui.registry.kind(CANNED);
                        let of = |r: &Record, name: &str| r.get(kind, name).as_str().unwrap_or_default().to_owned();
                        self.answers = page.records;
                        let is_chinese = self.is_chinese;
                        self.answers.sort_by_key(|r| of(r, "language").starts_with("zh") != is_chinese);
                        let item = |r: &Record| {
                            let detail = [of(r, "category"), of(r, "language")];
                            let detail: Vec<&str> =
                                detail.iter().map(String::as_str).filter(|d| !d.is_empty()).collect();
                            Item::new(r.id.to_string(), r.title(kind), detail.join(" · "))
                        };
                        self.picker = Self::picker(self.answers.iter().map(item).collect(), ui);
                    }
                    Err(error) => {
                        out.say(Tone::Bad, error.to_string());
                        out.close();
                    }
                }
            }
            LayerMsg::Command(Cmd::PickerLeave) => out.close(),
            _ => {}
        }
    }

    fn key(&mut self, key: KeyEvent, ui: &Ui, out: &mut Out) -> bool {
        let is_typing = is_typing(key);
        let outcome = self.picker.on_key(key);
        self.apply(outcome, ui, out) || is_typing
    }

    fn paste(&mut self, pasted: &str, ui: &Ui, out: &mut Out) -> bool {
        let outcome = self.picker.paste(pasted);
        self.apply(outcome, ui, out)
    }

    fn view(&self, frame: &mut Frame, area: Rect, ui: &Ui) {
        let below = if area.height >= 14 { area.height * 2 / 5 } else { 0 };
        let top = Rect { height: area.height - below, ..area };
        let cursor = self.picker.render(top, frame.buffer_mut(), &ui.theme);
        if below > 0 {
            let place = Rect { y: top.bottom(), height: below, ..area };
            let block = boxed("", false, ui);
            let inner = block.inner(place);
            frame.render_widget(block, place);
            let body = self.picker.current().and_then(|item| self.body(&item.key, ui)).unwrap_or_default();
            let lines = text::wrap(body, usize::from(inner.width).saturating_sub(2));
            for (line, y) in lines.into_iter().zip(inner.y..inner.bottom()) {
                frame.buffer_mut().set_string(inner.x + 1, y, line, ui.style(Role::Text));
            }
        }
        frame.set_cursor_position(cursor);
    }

    fn awaits(&self) -> Awaits {
        if self.asking.is_some() { Awaits::Box } else { Awaits::Nothing }
    }
}
