//! One record against a query, in memory: the same answer as the compiled SQL gives.

use super::window::{Windows, holds, windows};
use super::{Filter, Operand, Query, Term, Test, Word, instant_behind, searched_along};
use crate::domain::field::{Field, FieldType};
use crate::domain::kind::{Kind, KindId, Registry, TEAM, USER};
use crate::domain::record::Record;
use crate::domain::search::{
    Needle, digits, document, holds_words, lower_case, plain, record_ident, record_lexemes, searched_part,
};
use crate::domain::value::Value;
use crate::domain::viewer::Viewer;

/// What a query may ask beyond the record itself, as far as the viewer may see it.
pub trait World {
    /// A referenced record, for paths (`company.country`), people's logins and teams.
    fn record(&self, kind: KindId, id: i64) -> Option<&Record>;

    /// The messages of a ticket that are not deleted.
    fn messages(&self, ticket: i64) -> Vec<&Record>;
}

/// A world of nothing but the record: references are known by their labels only.
#[derive(Clone, Copy, Debug, Default)]
pub struct Alone;

impl World for Alone {
    fn record(&self, _kind: KindId, _id: i64) -> Option<&Record> {
        None
    }

    fn messages(&self, _ticket: i64) -> Vec<&Record> {
        Vec::new()
    }
}

impl Query {
    /// True when the record matches; a deleted one only when the query asks about `deleted`. Who may see the record is
    /// not asked here.
    pub fn matches(&self, record: &Record, registry: &Registry, viewer: &Viewer, world: &dyn World) -> bool {
        let kind = registry.kind(record.kind);
        if !self.filter.mentions("deleted") && *record.get(kind, "deleted") != Value::Null {
            return false;
        }
        Matcher { registry, viewer, world }.filter(&self.filter, record, &mut self.filter.words())
    }
}

struct Matcher<'a> {
    registry: &'a Registry,
    viewer: &'a Viewer,
    world: &'a dyn World,
}

impl Matcher<'_> {
    /// `words_left` counts bare words still to come: every one is counted, matched or not.
    fn filter(&self, filter: &Filter, record: &Record, words_left: &mut usize) -> bool {
        match filter {
            Filter::All => true,
            // No `all` or `any`: those stop early and leave words uncounted.
            Filter::And(parts) => parts.iter().filter(|part| !self.filter(part, record, words_left)).count() == 0,
            Filter::Or(parts) => parts.iter().filter(|part| self.filter(part, record, words_left)).count() > 0,
            Filter::Not(inner) => !self.filter(inner, record, words_left),
            Filter::Word(word) => {
                *words_left = words_left.saturating_sub(1);
                self.word(word, *words_left == 0, record)
            }
            Filter::Term(Term { path, test }) => self.term(path, test, record),
        }
    }

    fn word(&self, word: &Word, last: bool, record: &Record) -> bool {
        let needle = Needle::of(&word.text, last && !word.quoted);
        let code = self.registry.by_code(&word.text).filter(|(kind, _)| *kind == record.kind).map(|(_, id)| id);
        let number = needle.number.or(code);
        if needle.is_empty() && number.is_none() {
            return true;
        }
        let in_words = |record: &Record| {
            let kind = self.registry.kind(record.kind);
            needle.is_in(&record_lexemes(kind, record), &document(kind, record))
        };
        number == Some(record.id)
            || needle
                .part
                .as_ref()
                .is_some_and(|part| record_ident(self.registry.kind(record.kind), record).contains(part.as_str()))
            || in_words(record)
            || searched_along(record.kind).is_some() && self.world.messages(record.id).into_iter().any(in_words)
    }

    fn term(&self, path: &[String], test: &Test, record: &Record) -> bool {
        let Test::Is(operands) = test else {
            return self.at_end(path, record, &mut |record, kind, field| self.measured(record, kind, field, test));
        };
        operands.iter().any(|operand| match operand {
            Operand::None => !self.at_end(path, record, &mut |record, kind, field| has_value(record, kind, field)),
            Operand::Bool(false) => !self
                .at_end(path, record, &mut |record, kind, field| *record.get(kind, &field.name) == Value::Bool(true)),
            _ => self.at_end(path, record, &mut |record, kind, field| self.is(record, kind, field, operand)),
        })
    }

    /// The test of the field at a path's end; false when a reference on the way is empty.
    fn at_end(&self, path: &[String], record: &Record, test: &mut dyn FnMut(&Record, &Kind, &Field) -> bool) -> bool {
        let kind = self.registry.kind(record.kind);
        let Some(field) = path.first().and_then(|name| kind.field(name)) else { return false };
        match (&field.ty, path) {
            (_, [_]) => test(record, kind, field),
            (FieldType::Ref(target), [_, rest @ ..]) => record
                .get(kind, &field.name)
                .as_id()
                .and_then(|id| self.world.record(*target, id))
                .is_some_and(|next| self.at_end(rest, next, test)),
            _ => false,
        }
    }

    fn is(&self, record: &Record, kind: &Kind, field: &Field, operand: &Operand) -> bool {
        let value = record.get(kind, &field.name);
        match operand {
            Operand::Any => has_value(record, kind, field),
            Operand::Bool(_) => *value == Value::Bool(true),
            Operand::Me => value.as_id() == Some(self.viewer.me.id),
            Operand::Record(id) => value.as_id() == Some(*id),
            Operand::MyTeam => value.as_id().is_some_and(|id| self.in_my_team(field, id)),
            Operand::Text { text, prefix } => self.text(field, value, text, *prefix),
            Operand::Number(_) | Operand::Choice(_) | Operand::Date(_) | Operand::Span(_) => {
                self.measured(record, kind, field, &Test::Is(vec![operand.clone()]))
            }
            Operand::None => !has_value(record, kind, field),
        }
    }

    fn in_my_team(&self, field: &Field, id: i64) -> bool {
        let teams = &self.viewer.me.teams;
        if field.ty == FieldType::Ref(TEAM) {
            return teams.contains(&id);
        }
        let team = |person: &Record| person.get(self.registry.kind(USER), "team").as_id();
        self.world.record(USER, id).and_then(team).is_some_and(|team| teams.contains(&team))
    }

    fn text(&self, field: &Field, value: &Value, text: &str, prefix: bool) -> bool {
        match (&field.ty, value) {
            (FieldType::Email | FieldType::Url, Value::Text(has)) => lower_case(has).contains(&lower_case(text)),
            (FieldType::Phone, Value::Text(has)) => {
                let digits_of = digits(has);
                !digits_of.is_empty() && digits_of.contains(&digits(text))
            }
            (_, Value::Tags(tags)) => {
                let word = plain(text);
                !word.is_empty()
                    && tags.iter().map(|tag| plain(tag)).any(|tag| tag == word || prefix && tag.starts_with(&word))
            }
            (FieldType::Ref(target), Value::Ref(reference)) => {
                let target = self.registry.kind(*target);
                let known = self.world.record(target.id, reference.id);
                let title = known.map_or(reference.label.as_str(), |record| record.title(target));
                let login = known.filter(|_| target.id == USER).and_then(|person| person.get(target, "login").as_str());
                login.is_some_and(|login| lower_case(login) == lower_case(text)) || in_text(title, text, prefix)
            }
            (_, Value::Text(has)) => in_text(searched_part(field, has), text, prefix),
            _ => false,
        }
    }

    fn measured(&self, record: &Record, kind: &Kind, field: &Field, test: &Test) -> bool {
        let value = record.get(kind, &field.name);
        match (windows(field, test, self.viewer), value) {
            (Some(Windows::Ints(list)), Value::Int(n)) => list.iter().any(|w| holds(w, n)),
            (Some(Windows::Numbers(list)), Value::Decimal(n)) => list.iter().any(|w| holds(w, n)),
            (Some(Windows::Days(list)), Value::Day(day)) => list.iter().any(|w| holds(w, day)),
            (Some(Windows::Instants(list)), Value::Instant(at)) => list.iter().any(|w| holds(w, at)),
            (Some(Windows::Instants(list)), _) if field.ty == FieldType::Span => {
                instant_behind(kind, field, record).is_some_and(|at| list.iter().any(|w| holds(w, &at)))
            }
            (Some(Windows::Texts(list)), Value::Text(has)) => {
                let lower = lower_case(has);
                list.iter().any(|w| holds(w, &lower))
            }
            (Some(Windows::Codes(codes)), Value::Choice(code)) => codes.contains(code),
            _ => false,
        }
    }
}

fn has_value(record: &Record, kind: &Kind, field: &Field) -> bool {
    match field.ty {
        FieldType::Span => instant_behind(kind, field, record).is_some(),
        _ => !record.get(kind, &field.name).is_none(),
    }
}

/// As typed, or with the text's accents taken off.
fn in_text(text: &str, words: &str, prefix: bool) -> bool {
    holds_words(text, words, prefix) || holds_words(&crate::domain::search::without_accents(text), words, prefix)
}

#[cfg(test)]
mod tests {
    use chrono::{TimeDelta, Utc};

    use super::*;
    use crate::domain::field::Lang;
    use crate::domain::kind::TICKET;
    use crate::domain::value::Ref;
    use crate::domain::viewer::Person;

    #[test]
    fn one_record_alone() {
        let registry = Registry::builtin();
        let kind = registry.kind(TICKET);
        let now = Utc::now();
        let viewer = Viewer {
            me: Person {
                id: 7,
                login: "ana".into(),
                name: "Ana".into(),
                role: "admin".into(),
                rights: std::sync::Arc::new(crate::domain::right::Rights::everything()),
                team: Some(1),
                teams: vec![1, 2],
                team_name: String::new(),
                stands_in: Vec::new(),
                zone: None,
            },
            now,
            zone: chrono_tz::UTC,
            lang: Lang::En,
        };
        let mut ticket = Record::empty(kind);
        ticket.id = 1042;
        for (field, value) in [
            ("subject", Value::text("Müller cannot log in")),
            ("status", Value::Choice("open".into())),
            ("priority", Value::Choice("high".into())),
            ("company", Value::Ref(Ref { id: 12, label: "Acme GmbH".into() })),
            ("owner", Value::reference(7)),
            ("team", Value::reference(2)),
            ("due", Value::Instant(now + TimeDelta::hours(1))),
            ("created", Value::Instant(now - TimeDelta::days(3))),
            ("tags", Value::Tags(vec!["vip".into()])),
        ] {
            ticket.set(kind, field, value);
        }
        for (text, matched) in [
            ("", true),
            ("T1042", true),
            ("1042", true),
            ("104", false),
            ("muller log", true),
            ("lo", true),
            ("lo cannot", false),
            ("\"lo\"", false),
            ("status:open,new priority>=normal", true),
            ("priority<high", false),
            ("owner:me team:my-team", true),
            ("company:acme", true),
            ("company:acm", false),
            ("company:acm*", true),
            ("company:O12", true),
            ("contact:none -contact:any", true),
            ("-rating:3", true),
            ("rating<3 or rating>=3", false),
            ("sla<2h sla>0", true),
            ("age>2d age<4d created>-4d", true),
            ("due<now", false),
            ("tag:VIP", true),
            ("-(tag:vip status:open)", false),
            ("deleted:any", false),
            // What only the database could tell is not there.
            ("company.country:none", true),
            ("company.country:any", false),
        ] {
            let query = Query::parse(text, &registry, TICKET).expect("a query");
            assert_eq!(query.matches(&ticket, &registry, &viewer, &Alone), matched, "{text}");
        }
        ticket.set(kind, "deleted", Value::Instant(now));
        for (text, matched) in [("", false), ("T1042", false), ("deleted:any", true), ("deleted>-1d", true)] {
            let query = Query::parse(text, &registry, TICKET).expect("a query");
            assert_eq!(query.matches(&ticket, &registry, &viewer, &Alone), matched, "deleted, {text}");
        }
    }
}
