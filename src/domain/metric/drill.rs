//! The records behind a figure, as a Query.

use chrono::{Days, NaiveDate, NaiveTime};
use chrono_tz::Tz;

use super::Metric;
use super::by::By;
use super::figures::Key;
use super::period::Frame;
use crate::domain::field::{Field, FieldType};
use crate::domain::kind::Registry;
use crate::domain::query::date::{Date, Unit};
use crate::domain::query::{Filter, Op, Operand, Query, Term, Test, target};
use crate::domain::when;

/// What was asked, and in which zone days begin there and where the list will be read.
#[derive(Clone, Copy, Debug)]
pub struct Drill<'a> {
    pub registry: &'a Registry,
    pub metric: &'a Metric,
    pub only: &'a Query,
    /// The workspace's.
    pub zone: Tz,
    /// The viewer's.
    pub seen_in: Tz,
}

/// The records of a metric on these days, of one group.
pub fn behind(drill: Drill<'_>, frame: Option<Frame>, group: Option<(&By, &Key)>) -> Query {
    let metric = drill.metric;
    let mut parts = vec![metric.base_query(drill.registry).filter, drill.only.filter.clone()];
    let kind = drill.registry.kind(metric.kind);
    let is_cut = matches!(group, Some((by, Key::Days(_))) if by.is_of_date(metric));
    if let (Some(frame), Some(field), false) = (frame, metric.date.and_then(|date| kind.field(date)), is_cut) {
        parts.push(drill.within(field, std::slice::from_ref(&field.name), frame));
    }
    if let Some((by, key)) = group
        && let Some((_, field)) = target(drill.registry, metric.kind, &by.path)
    {
        parts.push(drill.has(field, &by.path, key));
    }
    Query { filter: Filter::all(parts), ..Query::default() }
}

impl Drill<'_> {
    fn has(&self, field: &Field, path: &[String], key: &Key) -> Filter {
        let term = |test| Filter::Term(Term { path: path.to_vec(), test });
        let is = |operand| term(Test::Is(vec![operand]));
        let text = |text: &str| Operand::Text { text: text.to_owned(), prefix: false };
        match key {
            Key::None => is(Operand::None),
            Key::Choice(code) => is(Operand::Choice(code.clone())),
            Key::Record(id) => is(Operand::Record(*id)),
            // A colon would find the words anywhere in the text.
            Key::Text(has) => term(Test::Range(text(has), text(has))),
            Key::Tag(tag) => is(text(tag)),
            Key::Number(n) => is(Operand::Number(*n)),
            Key::Bool(yes) => is(Operand::Bool(*yes)),
            Key::Days(frame) => self.within(field, path, *frame),
        }
    }

    /// On these days of the workspace, as the reader's clock says it.
    fn within(&self, field: &Field, path: &[String], frame: Frame) -> Filter {
        let term = |test| Filter::Term(Term { path: path.to_vec(), test });
        if field.ty == FieldType::Instant && self.zone != self.seen_in {
            let minute = |day: NaiveDate| {
                let at =
                    when::at(day, NaiveTime::MIN, self.zone).unwrap_or_else(|| day.and_time(NaiveTime::MIN).and_utc());
                Operand::Date(Date::Minute(at.with_timezone(&self.seen_in).naive_local()))
            };
            return Filter::all(vec![
                term(Test::Compare(Op::AtLeast, minute(frame.first))),
                term(Test::Compare(Op::Less, minute(frame.after))),
            ]);
        }
        if frame.after <= frame.first {
            // No day at all: what cannot be.
            let day = Operand::Date(Date::Day(frame.first));
            return Filter::all(vec![
                term(Test::Compare(Op::Less, day.clone())),
                term(Test::Compare(Op::AtLeast, day)),
            ]);
        }
        let first = frame.first;
        let whole = match frame.is_one() {
            Some(Unit::Year) => Some(Date::Year(chrono::Datelike::year(&first))),
            Some(Unit::Quarter) => Some(Date::Quarter(first)),
            Some(Unit::Month) => Some(Date::Month(first)),
            Some(_) => Some(Date::Day(first)),
            None => None,
        };
        if let Some(date) = whole {
            term(Test::Is(vec![Operand::Date(date)]))
        } else {
            let last = frame.after.checked_sub_days(Days::new(1)).unwrap_or(first);
            term(Test::Range(Operand::Date(Date::Day(first)), Operand::Date(Date::Day(last))))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::kind::{DEAL, TICKET};
    use crate::domain::metric::by_name;

    #[test]
    fn a_figure_leads_to_its_records() {
        let registry = Registry::builtin();
        let day = |text: &str| -> NaiveDate { text.parse().expect("a day") };
        let frame = |first, after| Some(Frame { first: day(first), after: day(after) });
        let only = Query::parse("owner:me", &registry, DEAL).expect("a query");
        let drill = Drill {
            registry: &registry,
            metric: by_name("won").expect("declared"),
            only: &only,
            zone: chrono_tz::UTC,
            seen_in: chrono_tz::Asia::Shanghai,
        };
        let print = |query: &Query, kind| {
            let printed = query.print(&registry, kind);
            assert_eq!(Query::parse(&printed, &registry, kind).as_ref(), Ok(query), "{printed}");
            printed
        };
        let year = frame("2017-01-01", "2018-01-01");
        assert_eq!(print(&behind(drill, None, None), DEAL), "state:won owner:me");
        assert_eq!(print(&behind(drill, year, None), DEAL), "state:won owner:me closed:2017");
        for (by, key, printed) in [
            ("owner.manager", Key::Record(7), "state:won owner:me closed:2017 owner.manager:U7"),
            ("product", Key::None, "state:won owner:me closed:2017 product:none"),
            (
                "company.industry",
                Key::Text("medical \"a\"".into()),
                "state:won owner:me closed:2017 company.industry:\"medical \\\"a\\\"\"..\"medical \\\"a\\\"\"",
            ),
            (
                "month",
                Key::Days(Frame { first: day("2017-03-01"), after: day("2017-04-01") }),
                "state:won owner:me closed:2017-03",
            ),
            (
                "week",
                Key::Days(Frame { first: day("2017-03-06"), after: day("2017-03-13") }),
                "state:won owner:me closed:2017-03-06..2017-03-12",
            ),
        ] {
            let by = By::parse(by, &registry, drill.metric).expect("a field");
            assert_eq!(print(&behind(drill, year, Some((&by, &key))), DEAL), printed);
        }
        // Instants are days where the workspace is, told by the clock of who reads.
        let everything = Query::default();
        let drill = Drill { metric: by_name("tickets").expect("declared"), only: &everything, ..drill };
        let month = frame("2026-11-01", "2026-12-01");
        assert_eq!(print(&behind(drill, month, None), TICKET), "created>=2026-11-01T08:00 created<2026-12-01T08:00");
        let here = Drill { seen_in: chrono_tz::UTC, ..drill };
        assert_eq!(print(&behind(here, month, None), TICKET), "created:2026-11");
    }
}
