//! Metrics by SQL against the same computed here over the records that the person sees.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use frontdesk::desk::{Cx, Desk, Error, MetricAsk};
use frontdesk::domain::change::Door;
use frontdesk::domain::field::FieldType;
use frontdesk::domain::kind::{Kind, KindId, Registry};
use frontdesk::domain::metric::{self, By, Compare, Figure, Frame, Key, Measure, Metric, Period, Unit};
use frontdesk::domain::query::Query;
use frontdesk::domain::record::Record;
use frontdesk::domain::search::{lower_case, plain};
use frontdesk::domain::value::Value;
use frontdesk::domain::viewer::Viewer;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rust_decimal::prelude::ToPrimitive;

use super::office::{Office, Seen, dice};
use super::typed::query;

/// Questions per metric and person.
const TRIES: usize = 10;
const PERIODS: [&str; 7] = ["this-month", "-40d", "last-quarter", "this-year", "-10d", "2026", "this-week"];

/// Fields and paths at random, as far as a metric can be split by them.
fn split(registry: &Registry, metric: &Metric, dice: &mut ChaCha8Rng) -> Option<By> {
    let mut kind = registry.kind(metric.kind);
    let mut path = String::new();
    loop {
        let field = &kind.fields[dice.random_range(0..kind.fields.len())];
        path.push_str(&field.name);
        match field.ty {
            FieldType::Ref(target) if dice.random_bool(0.5) => {
                path.push('.');
                kind = registry.kind(target);
            }
            FieldType::Day | FieldType::Instant => {
                path.push_str([".day", ".week", ".month", ".quarter", ".year"][dice.random_range(0..5)]);
                break;
            }
            _ => break,
        }
    }
    By::parse(&path, registry, metric).ok()
}

struct Oracle<'a> {
    registry: &'a Registry,
    metric: &'static Metric,
    viewer: &'a Viewer,
    seen: &'a Seen,
}

impl Oracle<'_> {
    fn kind(&self) -> &Kind {
        self.registry.kind(self.metric.kind)
    }

    fn day(&self, value: &Value) -> Option<NaiveDate> {
        match value {
            Value::Day(day) => Some(*day),
            Value::Instant(at) => Some(at.with_timezone(&self.viewer.zone).date_naive()),
            _ => None,
        }
    }

    fn on(&self, record: &Record, frame: Option<Frame>) -> bool {
        let (Some(frame), Some(date)) = (frame, self.metric.date) else { return true };
        self.day(record.get(self.kind(), date)).is_some_and(|day| frame.holds(day))
    }

    /// The value at a path's end; `Null` when a reference on the way is empty or hidden.
    fn at<'s>(&'s self, record: &'s Record, path: &[String]) -> &'s Value {
        let value = record.get(self.registry.kind(record.kind), &path[0]);
        let [_, rest @ ..] = path else { return &Value::Null };
        if rest.is_empty() {
            return value;
        }
        let target = self.registry.kind(record.kind).field(&path[0]).map(|f| f.ty.clone());
        let Some(FieldType::Ref(target)) = target else { return &Value::Null };
        let next: Option<&Record> = value.as_id().and_then(|id| self.seen.records.get(&(target, id)));
        next.map_or(&Value::Null, |next| self.at(next, rest))
    }

    fn belongs(&self, key: &Key, value: &Value, is_bool: bool) -> bool {
        match key {
            Key::None => value.is_none() && !is_bool,
            Key::Choice(code) => *value == Value::Choice(code.clone()),
            Key::Record(id) => value.as_id() == Some(*id),
            Key::Text(text) => matches!(value, Value::Text(has) if lower_case(has) == *text),
            Key::Tag(tag) => matches!(value, Value::Tags(tags) if tags.iter().any(|t| plain(t).trim() == tag)),
            Key::Number(n) => match value {
                Value::Int(i) => rust_decimal::Decimal::from(*i) == *n,
                Value::Decimal(d) => d == n,
                _ => false,
            },
            Key::Bool(yes) => (*value == Value::Bool(true)) == *yes,
            Key::Days(frame) => self.day(value).is_some_and(|day| frame.holds(day)),
        }
    }

    /// Value and number of records, for each currency.
    fn figures(&self, records: &[&Record]) -> BTreeMap<String, (Option<f64>, i64)> {
        let kind = self.kind();
        let mut by_currency: BTreeMap<String, Vec<&Record>> = BTreeMap::new();
        for record in records {
            let currency = self.metric.currency(self.registry).map(|field| record.get(kind, field));
            let currency = currency.and_then(Value::as_str).unwrap_or_default();
            by_currency.entry(currency.to_owned()).or_default().push(record);
        }
        let mut figures = BTreeMap::new();
        for (currency, records) in &by_currency {
            let numbers = self.numbers(records);
            if self.metric.unit == Unit::Money && numbers.is_empty() && by_currency.len() > 1 {
                continue;
            }
            figures.insert(currency.clone(), (self.value(records, numbers), records.len() as i64));
        }
        if figures.is_empty() {
            figures.insert(String::new(), (self.value(&[], Vec::new()), records.len() as i64));
        }
        figures
    }

    fn numbers(&self, records: &[&Record]) -> Vec<f64> {
        let kind = self.kind();
        let number = |record: &&Record| match self.metric.measure {
            Measure::Sum(of) | Measure::Average(of) | Measure::Median(of) => match record.get(kind, of) {
                Value::Int(n) => Some(*n as f64),
                Value::Decimal(n) => n.to_f64(),
                _ => None,
            },
            Measure::Weighted(of, path) => match (record.get(kind, of), self.at(record, &path.map(str::to_owned))) {
                (Value::Decimal(n), Value::Int(chance)) => n.to_f64().map(|n| n * *chance as f64 / 100.0),
                (Value::Decimal(_), _) => Some(0.0),
                _ => None,
            },
            Measure::Between(from, to) | Measure::MedianBetween(from, to) => {
                match (record.get(kind, from), record.get(kind, to)) {
                    (Value::Day(a), Value::Day(b)) => Some((*b - *a).num_days() as f64),
                    (Value::Instant(a), Value::Instant(b)) => Some((*b - *a).num_microseconds().unwrap() as f64 / 1e6),
                    _ => None,
                }
            }
            Measure::Count | Measure::Share(_) => None,
        };
        records.iter().filter_map(number).collect()
    }

    fn value(&self, records: &[&Record], mut numbers: Vec<f64>) -> Option<f64> {
        let some = |v: f64| (!numbers.is_empty()).then_some(v);
        match self.metric.measure {
            Measure::Count => Some(records.len() as f64),
            Measure::Sum(_) | Measure::Weighted(..) => Some(numbers.iter().sum()),
            Measure::Average(_) | Measure::Between(..) => {
                some(numbers.iter().sum::<f64>() / numbers.len().max(1) as f64)
            }
            Measure::Median(_) | Measure::MedianBetween(..) => {
                numbers.sort_by(f64::total_cmp);
                let middle = numbers.len() / 2;
                match numbers.as_slice() {
                    [] => None,
                    all if all.len() % 2 == 1 => Some(all[middle]),
                    all => Some(f64::midpoint(all[middle - 1], all[middle])),
                }
            }
            Measure::Share(of) => {
                let of = Query::parse(of, self.registry, self.metric.kind).unwrap();
                let any = Query::parse("deleted:any,none", self.registry, self.metric.kind).unwrap();
                let of = any.and(&of);
                let hits = records.iter().filter(|r| of.matches(r, self.registry, self.viewer, self.seen)).count();
                (!records.is_empty()).then(|| hits as f64 * 100.0 / records.len() as f64)
            }
        }
    }
}

/// As the oracle has them; figures of nothing are no difference.
fn told(figures: &[Figure], before: bool) -> BTreeMap<String, (Option<f64>, i64)> {
    let amount = |figure: &Figure| if before { figure.before } else { Some(figure.now) };
    figures
        .iter()
        .filter_map(|f| Some((f.currency.clone().unwrap_or_default(), amount(f)?)))
        .map(|(currency, amount)| (currency, (amount.value.and_then(|v| v.to_f64()), amount.records)))
        .collect()
}

fn same(mine: &BTreeMap<String, (Option<f64>, i64)>, theirs: &BTreeMap<String, (Option<f64>, i64)>) -> bool {
    // Of money that is not there, which currency it is not there in says nothing.
    let only = |all: &BTreeMap<String, (Option<f64>, i64)>| -> Vec<(String, f64, i64)> {
        let real = |(currency, (value, n)): (&String, &(Option<f64>, i64))| {
            (*n > 0).then(|| (currency.clone(), value.unwrap_or(f64::NAN), *n))
        };
        all.iter().filter_map(real).collect()
    };
    let (mine, theirs) = (only(mine), only(theirs));
    let close = |a: f64, b: f64| (a.is_nan() && b.is_nan()) || (a - b).abs() <= 1e-3 + a.abs() * 1e-7;
    mine.len() == theirs.len() && mine.iter().zip(&theirs).all(|(a, b)| a.0 == b.0 && close(a.1, b.1) && a.2 == b.2)
}

#[tokio::test]
async fn sql_and_memory_come_to_the_same_figures() {
    let office = Office::open(11).await;
    let desk = Desk::open(office.store.clone()).await.expect("the desk opens");
    let (mut asked, mut groups_seen, mut full) = (0, 0, 0);
    let mut kinds_of_split: BTreeMap<String, usize> = BTreeMap::new();
    for (seed, login) in [(1, "ana"), (2, "bo"), (3, "di")] {
        let viewer = office.viewer(login);
        let seen = office.seen(&viewer).await;
        let mut dice = dice(seed);
        let cx = Cx { viewer: viewer.clone(), door: Door::Cli, seat: "test".into(), from: None };
        for metric in metric::all() {
            let oracle = Oracle { registry: &office.registry, metric, viewer: &viewer, seen: &seen };
            for _ in 0..TRIES {
                let kind = oracle.kind();
                let text = if dice.random_bool(0.6) { String::new() } else { query(&office.registry, kind, &mut dice) };
                let only = Query::parse(&text, &office.registry, kind.id).unwrap();
                let by = split(&office.registry, metric, &mut dice);
                let period = match dice.random_range(0..3) {
                    0 => Period::All,
                    _ => Period::parse(PERIODS[dice.random_range(0..PERIODS.len())]).unwrap(),
                };
                let compare = [Compare::None, Compare::Previous, Compare::Year][dice.random_range(0..3)];
                let ask = MetricAsk { metric: metric.name, by: by.clone(), only: only.clone(), period, compare };
                let said = format!("{login} {} by {by:?} where {text} {:?}", metric.name, (&ask.period, compare));
                let figures = match desk.metric(&cx, &ask).await {
                    Ok(figures) => figures,
                    // Days of a field that reaches far.
                    Err(Error::Invalid { reason, .. }) if reason.contains("more than 1000") => continue,
                    Err(error) => panic!("{said}: {error}"),
                };
                asked += 1;
                let all = metric.base_query(&office.registry).and(&only);
                let records: Vec<&Record> = seen
                    .records
                    .values()
                    .filter(|r| r.kind == metric.kind && all.matches(r, &office.registry, &viewer, &seen))
                    .collect();
                let on = |frame: Option<Frame>| -> Vec<&Record> {
                    records.iter().copied().filter(|r| oracle.on(r, frame)).collect()
                };
                let now = on(figures.frame);
                full += usize::from(!now.is_empty());
                let wanted = oracle.figures(&now);
                let had = told(&figures.total, false);
                assert!(same(&had, &wanted), "{said}\n{had:?}\n{wanted:?}");
                assert_eq!(figures.query.filter.clone(), all_of(&figures.query), "one canonical shape");
                let behind = |query: &Query| -> Vec<(KindId, i64)> {
                    let fits =
                        |r: &&Record| r.kind == metric.kind && query.matches(r, &office.registry, &viewer, &seen);
                    seen.records.values().filter(fits).map(|r| (r.kind, r.id)).collect()
                };
                assert_eq!(behind(&figures.query).len(), now.len(), "{said}: {:?}", figures.query);
                if figures.before.is_some() {
                    let (had, wanted) = (told(&figures.total, true), oracle.figures(&on(figures.before)));
                    assert!(same(&had, &wanted), "{said}, before\n{had:?}\n{wanted:?}");
                }
                let Some(by) = by else { continue };
                let (_, field) = by.field(&office.registry, metric).expect("it was read");
                *kinds_of_split.entry(format!("{:?}", field.ty).chars().take(4).collect()).or_default() += 1;
                let is_bool = field.ty == FieldType::Bool;
                let shift = figures.frame.and_then(|f| f.shift(compare, by.unit.filter(|_| by.is_of_date(metric))));
                let mut placed = 0;
                for group in &figures.groups {
                    groups_seen += 1;
                    let of = |records: Vec<&'_ Record>, key: &Key| -> Vec<Record> {
                        let fits = |r: &&Record| oracle.belongs(key, oracle.at(r, &by.path), is_bool);
                        records.into_iter().filter(fits).cloned().collect()
                    };
                    let members = of(now.clone(), &group.key);
                    placed += members.len();
                    let (had, wanted) =
                        (told(&group.figures, false), oracle.figures(&members.iter().collect::<Vec<_>>()));
                    assert!(same(&had, &wanted), "{said}: {:?}\n{had:?}\n{wanted:?}", group.key);
                    let drilled = behind(&group.query);
                    assert_eq!(drilled.len(), members.len(), "{said}: {:?} {:?}", group.key, group.query);
                    let printed = group.query.print(&office.registry, metric.kind);
                    assert_eq!(
                        Query::parse(&printed, &office.registry, metric.kind).as_ref(),
                        Ok(&group.query),
                        "{printed}"
                    );
                    let Some(days) = figures.before else { continue };
                    let (key, days) = match (&group.key, shift) {
                        (Key::Days(f), Some(s)) if by.is_of_date(metric) => {
                            let back = Frame { first: s.back(f.first), after: s.back(f.after) };
                            (Key::Days(back), None)
                        }
                        (key, _) => (key.clone(), Some(days)),
                    };
                    let members = of(on(days), &key);
                    let (had, wanted) =
                        (told(&group.figures, true), oracle.figures(&members.iter().collect::<Vec<_>>()));
                    assert!(same(&had, &wanted), "{said}: {key:?} before\n{had:?}\n{wanted:?}");
                }
                if field.ty != FieldType::Tags {
                    assert_eq!(placed, now.len(), "{said}: each record is in one group");
                }
            }
        }
    }
    assert!(asked > 500 && groups_seen > 1_500 && full * 3 > asked, "{asked} asked, {groups_seen} groups, {full} full");
    assert!(kinds_of_split.len() >= 8, "{kinds_of_split:?}");
}

fn all_of(query: &Query) -> frontdesk::domain::query::Filter {
    use frontdesk::domain::query::Filter;
    match &query.filter {
        Filter::And(parts) => Filter::all(parts.clone()),
        other => other.clone(),
    }
}
