//! The filter line: typed live, mistakes marked at their place, fields and values offered.

use crossterm::event::KeyEvent;

use super::List;
use crate::domain::field::FieldType;
use crate::domain::kind::KindId;
use crate::domain::query::{Mistake, Query};
use crate::tui::command::Cmd;
use crate::tui::effect::Out;
use crate::tui::line::Line;
use crate::tui::ui::Ui;

/// Offers shown at once.
pub(super) const OFFERS: usize = 6;

#[derive(Default)]
pub(super) struct Filtering {
    pub(super) line: Line,
    /// What the last text without a mistake means.
    pub(super) query: Query,
    pub(super) mistake: Option<Mistake>,
    pub(super) typing: bool,
    /// The text before typing began, for Esc.
    before: String,
    pub(super) offers: Vec<Offer>,
    pub(super) offer: Option<usize>,
    /// Text pasted outside the line, taken when it opens.
    pub(super) offered: Option<String>,
}

/// A word that could stand at the cursor, and what it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Offer {
    pub(super) word: String,
    pub(super) note: String,
}

impl Filtering {
    pub(super) fn text(&self) -> &str {
        self.line.text()
    }

    /// Sets the text; true when what it means changed. While the last word is a mistake, the words before it count.
    pub(super) fn set(&mut self, text: &str, kind: KindId, ui: &Ui) -> bool {
        if self.line.text() != text {
            self.line = Line::new(text);
        }
        let parse = |text: &str| Query::parse(text, &ui.registry, kind);
        let last = text.rfind([' ', '\u{3000}']).map_or(0, |i| i + 1);
        let query = match parse(text) {
            Ok(query) => {
                self.mistake = None;
                Some(query)
            }
            Err(mistake) => {
                let is_last = mistake.span.start >= last;
                self.mistake = Some(mistake);
                if is_last && text.is_char_boundary(last) { parse(&text[..last]).ok() } else { None }
            }
        };
        match query {
            Some(query) if query != self.query => {
                self.query = query;
                true
            }
            _ => false,
        }
    }

    /// The mistake, once it is one: not while a word that can still become right is being typed.
    pub(super) fn told(&self) -> Option<&Mistake> {
        self.mistake.as_ref().filter(|_| self.offers.is_empty())
    }

    /// The word at the cursor: its bytes, up to the cursor.
    fn word(&self) -> std::ops::Range<usize> {
        let typed = &self.line.text()[..self.line.cursor()];
        let start =
            typed.rfind([' ', '(', '\u{3000}']).map_or(0, |i| i + typed[i..].chars().next().map_or(1, char::len_utf8));
        let start = if typed[start..].starts_with('-') { start + 1 } else { start };
        start..typed.len()
    }

    /// Fields while a name is typed, choices behind a colon.
    fn offer(&mut self, kind: KindId, ui: &Ui) {
        let word = self.line.text()[self.word()].to_lowercase();
        let kind = ui.registry.kind(kind);
        self.offer = None;
        self.offers = match word.split_once([':', '：', '<', '>', '=']) {
            Some((name, rest)) => {
                let Some(field) = kind.find_field(name) else { return self.offers.clear() };
                let rest = rest.rsplit([',', '=']).next().unwrap_or_default();
                values(&field.ty, ui)
                    .into_iter()
                    .filter(|o| o.word.starts_with(rest) || o.note.to_lowercase().starts_with(rest))
                    .filter(|o| o.word != rest)
                    .collect()
            }
            None if word.is_empty() => Vec::new(),
            None => kind
                .fields
                .iter()
                .filter(|f| {
                    f.name.starts_with(&word)
                        || f.label.get(ui.lang()).to_lowercase().starts_with(&word)
                        || f.aliases.iter().any(|a| a.starts_with(&word))
                })
                .map(|f| Offer { word: format!("{}:", f.name), note: f.label.get(ui.lang()).to_owned() })
                .collect(),
        };
        self.offers.truncate(OFFERS);
    }

    /// Puts the offer in the place of the word, or of the part behind its last separator.
    fn take_offer(&mut self) {
        let Some(offer) = self.offers.get(self.offer.unwrap_or(0)).cloned() else { return };
        let word = self.word();
        let typed = &self.line.text()[word.clone()];
        let start = match typed.rfind([':', '：', '<', '>', '=', ',']) {
            Some(i) if !offer.word.ends_with(':') => {
                word.start + i + typed[i..].chars().next().map_or(1, char::len_utf8)
            }
            _ => word.start,
        };
        let end = if offer.word.ends_with(':') { "" } else { " " };
        self.line.replace(start..word.end, &format!("{}{end}", offer.word));
    }
}

/// What can stand behind a field's colon, without asking anybody.
fn values(ty: &FieldType, ui: &Ui) -> Vec<Offer> {
    let plain = |words: &[&str]| words.iter().map(|w| Offer { word: (*w).into(), note: String::new() }).collect();
    let mut out: Vec<Offer> = match ty {
        FieldType::Choice(choices) => {
            choices.iter().map(|c| Offer { word: c.code.clone(), note: c.label.get(ui.lang()).to_owned() }).collect()
        }
        FieldType::Bool => plain(&["yes", "no"]),
        FieldType::Day | FieldType::Instant => plain(&["today", "this-week", "this-month", "this-quarter"]),
        FieldType::Ref(crate::domain::kind::USER) => plain(&["me"]),
        FieldType::Ref(crate::domain::kind::TEAM) => plain(&["my-team"]),
        _ => Vec::new(),
    };
    out.extend(plain(&["none", "any"]) as Vec<Offer>);
    out
}

impl List {
    pub(super) fn begin_filter(&mut self) {
        self.filter.typing = true;
        self.filter.before = self.filter.text().to_owned();
        if let Some(text) = self.filter.offered.take() {
            self.filter.line.insert(&text);
        }
    }

    pub(super) fn filter_key(&mut self, key: KeyEvent, ui: &Ui, out: &mut Out) -> bool {
        let before = self.filter.text().to_owned();
        let taken = self.filter.line.key(key);
        if taken && self.filter.text() != before {
            self.filter_typed(ui, out);
        }
        taken
    }

    pub(super) fn filter_paste(&mut self, text: &str, ui: &Ui, out: &mut Out) {
        self.filter.line.insert(text.trim());
        self.filter_typed(ui, out);
    }

    fn filter_typed(&mut self, ui: &Ui, out: &mut Out) {
        let text = self.filter.text().to_owned();
        self.filter.offer(self.kind, ui);
        if self.filter.set(&text, self.kind, ui) {
            (self.rows.at, self.rows.top) = (0, 0);
            self.reload(out);
        }
    }

    pub(super) fn filter_command(&mut self, cmd: Cmd, ui: &Ui, out: &mut Out) {
        let offers = self.filter.offers.len();
        match cmd {
            Cmd::SearchDown if offers > 0 => {
                self.filter.offer = Some(self.filter.offer.map_or(0, |i| (i + 1) % offers));
            }
            Cmd::SearchUp if offers > 0 => {
                self.filter.offer = Some(self.filter.offer.map_or(offers - 1, |i| (i + offers - 1) % offers));
            }
            Cmd::SearchTake => {
                self.filter.take_offer();
                self.filter_typed(ui, out);
            }
            // An offer that was moved to is what Enter means.
            Cmd::SearchDone if self.filter.offer.is_some() => {
                self.filter.take_offer();
                self.filter_typed(ui, out);
            }
            Cmd::SearchDone if self.filter.mistake.is_none() => self.end_filter(),
            Cmd::Dismiss => {
                let before = std::mem::take(&mut self.filter.before);
                self.end_filter();
                if self.filter.set(&before, self.kind, ui) {
                    self.reload(out);
                }
            }
            _ => {}
        }
    }

    fn end_filter(&mut self) {
        self.filter.typing = false;
        self.filter.offers.clear();
        self.filter.offer = None;
    }
}
