//! The filter line: typed live, mistakes marked at their place, fields and values offered.

use crossterm::event::KeyEvent;

use super::List;
use crate::domain::kind::KindId;
use crate::domain::query::{Mistake, Query, complete, value_text};
use crate::tui::command::Cmd;
use crate::tui::effect::{Latest, Out, Question};
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
    /// Bytes that an offer replaces.
    replace: std::ops::Range<usize>,
    pub(super) asking: Latest,
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

    /// The text that Enter has made the list's; what is being typed is not yet.
    pub(super) fn applied(&self) -> &str {
        if self.typing { &self.before } else { self.text() }
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

    /// What could stand at the cursor; values that only the database knows follow.
    fn offer(&mut self, kind: KindId, ui: &Ui, out: &mut Out) {
        let completion = complete(self.line.text(), self.line.cursor(), &ui.registry, kind, ui.lang());
        self.offer = None;
        // Before anything is typed the prompt says enough.
        self.offers = if completion.replace.is_empty() && !self.line.text().ends_with(':') {
            Vec::new()
        } else {
            completion.offers.into_iter().map(|o| Offer { word: o.text, note: o.label }).collect()
        };
        let typed = self.line.text().get(completion.replace.clone()).unwrap_or_default();
        self.offers.retain(|offer| offer.word != typed);
        self.offers.truncate(OFFERS);
        self.replace = completion.replace;
        if let Some(ask) = completion.ask.filter(|ask| !ask.prefix.is_empty()) {
            self.asking.ask(Question::Values { kind: ask.kind, field: ask.field, prefix: ask.prefix }, out);
        } else {
            self.asking.forget();
        }
    }

    /// Values from the database, behind the offers that are there.
    pub(super) fn offer_values(&mut self, values: &[String]) {
        let offers = values.iter().map(|v| Offer { word: value_text(v), note: String::new() });
        self.offers.extend(offers);
        self.offers.truncate(OFFERS);
    }

    /// Puts the offer in the place of what was typed of it.
    fn take_offer(&mut self) {
        let Some(offer) = self.offers.get(self.offer.unwrap_or(0)) else { return };
        let end = if offer.word.ends_with([':', '<', '>', '=']) { "" } else { " " };
        let word = format!("{}{end}", offer.word);
        self.line.replace(self.replace.clone(), &word);
    }
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
        self.filter.offer(self.kind, ui, out);
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
        self.filter.asking.forget();
    }
}
