//! One box of Home: what it asks for, the rows that came, and where the cursor stands in it.

use crate::desk::{Count, From, Notice};
use crate::domain::action::{Action, Edit, Targets};
use crate::domain::kind::{ACTIVITY, DEAL, KindId, TICKET};
use crate::domain::query::Query;
use crate::domain::record::Record;
use crate::domain::value::Value;
use crate::tui::effect::{Answer, Ask, Latest, Out, Question};
use crate::tui::layer::Place;
use crate::tui::ui::Ui;

/// Rows read for a box; the rest is in the list that its key opens.
const ROWS: u32 = 30;

/// What a box shows.
#[derive(Clone, Copy, Debug)]
pub(super) enum Source {
    /// Records of a kind: the query in the language of filters, and the fields of a row, the title among them.
    Records { kind: KindId, query: &'static str, fields: &'static [&'static str] },
    /// Unread notices.
    Inbox,
    /// Others with a record open.
    Present,
}

/// A box as declared: the catalogue's keys of its title and of what it says when empty.
#[derive(Clone, Copy, Debug)]
pub(super) struct Declared {
    pub(super) title: &'static str,
    pub(super) empty: &'static str,
    pub(super) source: Source,
}

/// The boxes from the most urgent on; the first of them stand left on a wide screen.
pub(super) const SECTIONS: &[Declared] = &[
    Declared {
        title: "home-tasks",
        empty: "home-no-tasks",
        source: Source::Records {
            kind: ACTIVITY,
            query: "owner:me done:no due<=today sort:due",
            fields: &["due", "subject", "contact", "company"],
        },
    },
    Declared {
        title: "home-deals",
        empty: "home-no-deals",
        source: Source::Records {
            kind: DEAL,
            query: "owner:me state:open next_step:none next_at:none sort:expected",
            fields: &["name", "amount", "stage", "expected"],
        },
    },
    Declared {
        title: "home-tickets",
        empty: "home-no-tickets",
        source: Source::Records {
            kind: TICKET,
            query: "owner:me status:new,open,pending,hold sort:-priority,due",
            fields: &["priority", "subject", "due", "status"],
        },
    },
    Declared { title: "home-inbox", empty: "home-all-read", source: Source::Inbox },
    Declared { title: "home-here", empty: "home-nobody", source: Source::Present },
];

/// How many of them stand left.
pub(super) const LEFT: usize = 2;

pub(super) struct Section {
    pub(super) declared: Declared,
    pub(super) rows: Vec<Record>,
    pub(super) notices: Vec<Notice>,
    pub(super) count: Option<Count>,
    pub(super) failed: Option<String>,
    pub(super) at: usize,
    /// Rows came, if only none.
    pub(super) is_read: bool,
    reading: Latest,
    counting: Latest,
}

impl Section {
    pub(super) fn new(declared: Declared) -> Self {
        Self {
            declared,
            rows: Vec::new(),
            notices: Vec::new(),
            count: None,
            failed: None,
            at: 0,
            is_read: false,
            reading: Latest::default(),
            counting: Latest::default(),
        }
    }

    /// The kind of its records; `None` for notices and people.
    pub(super) fn kind(&self) -> Option<KindId> {
        match self.declared.source {
            Source::Records { kind, .. } => Some(kind),
            Source::Inbox | Source::Present => None,
        }
    }

    /// `None` when the person does not see what it asks. The order is not worth that.
    fn query(text: &str, kind: KindId, ui: &Ui) -> Option<Query> {
        let unsorted: Vec<&str> = text.split(' ').filter(|word| !word.starts_with("sort:")).collect();
        let parse = |text: &str| Query::parse(text, &ui.registry, kind).ok();
        parse(text).or_else(|| parse(&unsorted.join(" ")))
    }

    pub(super) fn load(&mut self, ui: &Ui, out: &mut Out) {
        if let Source::Records { kind, query, .. } = self.declared.source {
            let Some(query) = Self::query(query, kind, ui) else {
                (self.failed, self.is_read) = (Some(ui.t("home-hidden")), true);
                return;
            };
            self.reading.ask(Question::Page { kind, query: query.clone(), from: From::Start, limit: ROWS }, out);
            self.counting.ask(Question::Count { kind, query }, out);
        }
        if let Source::Inbox = self.declared.source {
            self.reading.ask(Question::Inbox { only_unread: true }, out);
        }
    }

    pub(super) fn is_loading(&self) -> bool {
        self.reading.is_busy()
    }

    /// True when the answer was to a question of this box.
    pub(super) fn take(&mut self, ask: Ask, answer: &mut Option<Answer>, out: &mut Out) -> bool {
        if self.reading.take(ask, out) {
            match answer.take() {
                Some(Answer::Page(Ok(page))) => {
                    // The cursor stays on its record; where that is gone, on the one that follows.
                    let id = self.rows.get(self.at).map(|r| r.id);
                    let place = page.records.iter().position(|r| Some(r.id) == id);
                    self.at = place.unwrap_or(self.at).min(page.records.len().saturating_sub(1));
                    (self.rows, self.failed, self.is_read) = (page.records, None, true);
                }
                Some(Answer::Inbox(Ok(notices))) => {
                    let id = self.notices.get(self.at).map(|n| n.id);
                    self.at = id.and_then(|id| notices.iter().position(|n| n.id <= id)).unwrap_or(0);
                    (self.notices, self.failed, self.is_read) = (notices, None, true);
                }
                Some(Answer::Page(Err(error)) | Answer::Inbox(Err(error))) => self.failed = Some(error.to_string()),
                _ => {}
            }
            return true;
        }
        if self.counting.take(ask, out) {
            if let Some(Answer::Count(Ok(count))) = answer.take() {
                self.count = Some(count);
            }
            return true;
        }
        false
    }

    /// How many rows there are to stand on.
    pub(super) fn len(&self, ui: &Ui) -> usize {
        match self.declared.source {
            Source::Records { .. } => self.rows.len(),
            Source::Inbox => self.notices.len(),
            Source::Present => ui.present.len(),
        }
    }

    /// The record under the cursor.
    pub(super) fn subject(&self, ui: &Ui) -> Option<(KindId, i64)> {
        match self.declared.source {
            Source::Records { kind, .. } => self.rows.get(self.at).map(|record| (kind, record.id)),
            Source::Inbox => self.notices.get(self.at).map(|n| (n.kind, n.record)),
            Source::Present => ui.present.get(self.at).map(|p| (p.kind, p.record)),
        }
    }

    pub(super) fn is_inbox(&self) -> bool {
        matches!(self.declared.source, Source::Inbox)
    }

    /// The notice under the cursor.
    pub(super) fn notice(&self) -> Option<&Notice> {
        self.notices.get(self.at)
    }

    /// All that the box has, as a list.
    pub(super) fn list(&self) -> Option<Place> {
        match self.declared.source {
            Source::Records { kind, query, .. } => Some(Place::List { kind, filter: query.into() }),
            Source::Inbox | Source::Present => None,
        }
    }

    /// Ticks the task under the cursor off, or back on.
    pub(super) fn done(&self, ui: &Ui) -> Option<(Question, String, bool)> {
        let record = self.rows.get(self.at)?;
        let kind = ui.registry.kind(record.kind);
        kind.field("done")?;
        let was = record.get(kind, "done").clone();
        let done = was != Value::Bool(true);
        let edits = vec![Edit { field: "done".into(), was: Some(was), now: Value::Bool(done) }];
        let targets = Targets::Records(record.kind, vec![record.id]);
        Some((Question::Perform { targets, action: Action::Set { edits } }, record.title(kind).to_owned(), done))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::kind::Registry;

    #[test]
    fn queries_parse_and_fields_are_there() {
        let registry = Registry::builtin();
        for declared in SECTIONS {
            let Source::Records { kind, query, fields } = declared.source else { continue };
            assert!(Query::parse(query, &registry, kind).is_ok(), "{query}");
            let kind = registry.kind(kind);
            assert!(fields.contains(&kind.title), "{}: a row has its title", declared.title);
            assert!(fields.iter().all(|field| kind.field(field).is_some()), "{}", declared.title);
        }
    }
}
