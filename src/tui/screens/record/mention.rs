//! People named in a note with `@login`: who could be meant while it is typed, and a word before a note is kept that
//! names nobody.

use crate::desk::From;
use crate::domain::kind::USER;
use crate::domain::query::Query;
use crate::tui::effect::{Answer, Ask, Latest, Out, Question};
use crate::tui::text;
use crate::tui::ui::Ui;

/// People offered at once.
const PEOPLE: u32 = 6;

#[derive(Default)]
pub(super) struct Mentions {
    looking: Latest,
    /// What was typed behind the `@`; none while no name is being typed.
    begun: Option<String>,
    /// Who could be meant.
    people: Option<String>,
    checking: Option<Ask>,
    /// The text that is kept as it is, whomever it names.
    confirmed: Option<String>,
}

/// What came of looking through a text.
pub(super) enum Checked {
    /// The answer was to another question.
    No,
    Fine,
    /// Nobody has these logins.
    Unknown(String),
}

impl Mentions {
    /// The word before the cursor is another now.
    pub(super) fn typed(&mut self, word: &str, ui: &Ui, out: &mut Out) {
        let begun = word.strip_prefix(['@', '＠']).map(str::to_owned);
        if begun == self.begun {
            return;
        }
        self.people = None;
        if let Some(begun) = &begun {
            let typed = format!("active:yes {begun}");
            let query = Query::parse(&typed, &ui.registry, USER).unwrap_or_default();
            self.looking.ask(Question::Page { kind: USER, query, from: From::Start, limit: PEOPLE }, out);
        }
        self.begun = begun;
    }

    /// The logins and names that fit, for the line below the text.
    pub(super) fn people(&self) -> Option<&str> {
        self.people.as_deref()
    }

    /// True when the answer was to the question who fits.
    pub(super) fn found(&mut self, ask: Ask, answer: &Answer, ui: &Ui, out: &mut Out) -> bool {
        let Answer::Page(page) = answer else { return false };
        if !self.looking.take(ask, out) {
            return false;
        }
        let kind = ui.registry.kind(USER);
        let people: Vec<String> = page
            .iter()
            .flat_map(|page| &page.records)
            .map(|r| {
                text::inert(&format!("@{} {}", r.get(kind, "login").as_str().unwrap_or_default(), r.title(kind)))
                    .into_owned()
            })
            .collect();
        self.people = self.begun.as_ref().map(|begun| match people.as_slice() {
            [] => ui.tr("mention-nobody", &[("names", format!("@{}", text::inert(begun)).into())]),
            people => people.join(" · "),
        });
        true
    }

    /// True when the text may be kept: it names nobody, or it was said already whom it names in vain.
    pub(super) fn is_fine(&mut self, written: &str, out: &mut Out) -> bool {
        if self.confirmed.as_deref() == Some(written) || !written.contains(['@', '＠']) {
            return true;
        }
        if self.checking.is_none() {
            self.checking = Some(out.ask(Question::Unknown { text: written.to_owned() }));
            self.confirmed = Some(written.to_owned());
        }
        false
    }

    pub(super) fn is_checking(&self) -> bool {
        self.checking.is_some()
    }

    pub(super) fn checked(&mut self, ask: Ask, answer: &Answer) -> Checked {
        if self.checking.take_if(|checking| *checking == ask).is_none() {
            return Checked::No;
        }
        match answer {
            Answer::Values(Ok(unknown)) if !unknown.is_empty() => {
                let names: Vec<String> = unknown.iter().map(|name| format!("@{}", text::inert(name))).collect();
                Checked::Unknown(names.join(", "))
            }
            _ => Checked::Fine,
        }
    }
}
