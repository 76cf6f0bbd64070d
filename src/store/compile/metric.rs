//! Metrics as SQL: one statement for the records of one period, in all and by groups.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use sqlx::{Postgres, QueryBuilder};

use super::filter::Conditions;
use super::row::{column, name, title};
use crate::domain::field::{Field, FieldType};
use crate::domain::kind::{Kind, Registry};
use crate::domain::metric::{By, Frame, Measure, Metric};
use crate::domain::query::{Filter, Query};
use crate::domain::viewer::Viewer;
use crate::domain::when;

/// What one statement counts. The viewer's zone must be the workspace's: days begin there.
#[derive(Clone, Copy, Debug)]
pub struct Counted<'a> {
    pub metric: &'a Metric,
    /// Only those of the metric's records.
    pub only: &'a Query,
    /// Only of these days.
    pub frame: Option<Frame>,
    pub by: Option<Split<'a>>,
    /// The sum of all groups too; always so without groups.
    pub with_total: bool,
    /// Rows at most, the total's first, then the groups' from the biggest on.
    pub limit: u32,
}

/// How the records are split.
#[derive(Clone, Copy, Debug)]
pub struct Split<'a> {
    pub by: &'a By,
    /// Where buckets of days begin, and where the last ends, for a `by` of days.
    pub bounds: &'a [NaiveDate],
}

/// Rows of: whether it is the total, the group's key as text (of buckets the number from 1), its text as written, the
/// currency, how many records, the aggregate, how many match the share's query, the title of the record that is the
/// key and its place among its kind.
pub fn metric(registry: &Registry, viewer: &Viewer, counted: &Counted<'_>) -> QueryBuilder<Postgres> {
    let metric = counted.metric;
    let split = counted.by.and_then(|split| Some((split, split.by.field(registry, metric)?.1)));
    let mut sql = QueryBuilder::new("select a.whole, a.g::text, a.shown, a.c, a.n, a.v, a.h");
    match split.map(|(_, field)| &field.ty) {
        Some(FieldType::Ref(target)) => {
            let target = registry.kind(*target);
            let table = name(target.table);
            sql.push(format_args!(", (select left({}, 200) from {table} r where r.id = a.g)", title("r", target)));
            match target.field("position") {
                Some(place) => {
                    sql.push(format_args!(", (select {} from {table} r where r.id = a.g)", column("r", place)))
                }
                None => sql.push(", null::bigint"),
            };
        }
        _ => {
            sql.push(", null::text, null::bigint");
        }
    }
    let rank = match metric.measure {
        Measure::Count => "b.n",
        Measure::Share(_) => "b.h::numeric / b.n",
        _ => "b.v",
    };
    sql.push(" from (select b.* from (select ");
    sql.push(match split {
        Some(_) => "grouping(s.g) = 1 as whole, s.g, min(s.shown) as shown, s.c",
        None => "true as whole, null::text as g, null::text as shown, s.c",
    });
    sql.push(", count(*) as n, ");
    sql.push(match metric.measure {
        Measure::Count | Measure::Share(_) => "null::numeric",
        Measure::Sum(_) => "sum(s.v)::numeric",
        Measure::Weighted(..) => "round(sum(s.v), 4)",
        Measure::Average(_) | Measure::Between(..) => "round(avg(s.v), 6)",
        Measure::Median(_) | Measure::MedianBetween(..) => {
            "round((percentile_cont(0.5) within group (order by s.v::float8))::numeric, 6)"
        }
    });
    sql.push(" as v, count(*) filter (where s.h) as h from (select ");
    records(&mut sql, registry, viewer, counted, split);
    sql.push(match (split.is_some(), counted.with_total) {
        (true, true) => ") s group by grouping sets ((s.c, s.g), (s.c))",
        (true, false) => ") s group by s.c, s.g",
        (false, _) => ") s group by s.c",
    });
    sql.push(format_args!(
        ") b order by b.whole desc, max({rank}) over (partition by b.whole, b.g) desc nulls last, b.g, b.n desc limit {}) a",
        counted.limit
    ));
    sql
}

/// The records: key, text as written, currency, value, whether it counts for a share.
fn records(
    sql: &mut QueryBuilder<Postgres>,
    registry: &Registry,
    viewer: &Viewer,
    counted: &Counted<'_>,
    split: Option<(Split<'_>, &Field)>,
) {
    let metric = counted.metric;
    let kind = registry.kind(metric.kind);
    match split {
        Some((split, field)) => key(sql, viewer, split, field),
        None => {
            sql.push("null::text as g, null::text as shown");
        }
    }
    let own = |name: &str| kind.field(name).map_or_else(|| "null::numeric".to_owned(), |field| column("t", field));
    let currency = metric.currency(registry).map_or_else(|| "null::text".to_owned(), &own);
    sql.push(format_args!(", {currency} as c, "));
    match metric.measure {
        Measure::Count | Measure::Share(_) => sql.push("null::numeric"),
        Measure::Sum(of) | Measure::Average(of) | Measure::Median(of) => sql.push(own(of)),
        Measure::Weighted(of, [through, chance]) => {
            let step = kind.field(through);
            let to = step.and_then(|f| if let FieldType::Ref(to) = f.ty { Some(registry.kind(to)) } else { None });
            match to.and_then(|to| Some((to, to.field(chance)?))) {
                Some((to, chance)) => sql.push(format_args!(
                    "{} * coalesce((select {} from {} w where w.id = {}), 0) / 100.0",
                    own(of),
                    column("w", chance),
                    name(to.table),
                    own(through)
                )),
                None => sql.push("null::numeric"),
            }
        }
        Measure::Between(from, to) | Measure::MedianBetween(from, to) => {
            let is_day = kind.field(from).is_some_and(|field| field.ty == FieldType::Day);
            let between = format!("{} - {}", own(to), own(from));
            sql.push(if is_day { format!("({between})") } else { format!("extract(epoch from {between})") })
        }
    };
    sql.push(" as v, ");
    match metric.measure {
        // A test parses every declared query.
        Measure::Share(of) => match Query::parse(of, registry, metric.kind) {
            Ok(of) => Conditions::new(sql, registry, metric.kind, viewer).part(&of),
            Err(_) => {
                sql.push("false");
            }
        },
        _ => {
            sql.push("true");
        }
    }
    sql.push(format_args!(" as h from {} t", name(kind.table)));
    if let Some((split, field)) = split {
        joins(sql, registry, kind, split.by, field);
    }
    sql.push(" where ");
    conditions(sql, registry, viewer, counted);
}

fn conditions(sql: &mut QueryBuilder<Postgres>, registry: &Registry, viewer: &Viewer, counted: &Counted<'_>) {
    let metric = counted.metric;
    let kind = registry.kind(metric.kind);
    let filter = Filter::all(vec![metric.base_query(registry).filter, counted.only.filter.clone()]);
    Conditions::new(sql, registry, metric.kind, viewer).all(&Query { filter, ..Query::default() });
    if let (Some(frame), Some(field)) = (counted.frame, metric.date.and_then(|date| kind.field(date))) {
        for (sign, day) in [(">=", frame.first), ("<", frame.after)] {
            sql.push(format_args!(" and {} {sign} ", column("t", field)));
            if field.ty == FieldType::Day {
                sql.push_bind(day);
            } else {
                sql.push_bind(begins(day, viewer));
            }
        }
    }
}

/// When a day begins where the workspace is.
fn begins(day: NaiveDate, viewer: &Viewer) -> DateTime<Utc> {
    when::at(day, NaiveTime::MIN, viewer.zone).unwrap_or_else(|| day.and_time(NaiveTime::MIN).and_utc())
}

/// The alias of the table that a path's last field is in.
fn last_alias(by: &By) -> String {
    if by.path.len() > 1 { format!("j{}", by.path.len() - 1) } else { "t".into() }
}

fn key(sql: &mut QueryBuilder<Postgres>, viewer: &Viewer, split: Split<'_>, field: &Field) {
    let column = column(&last_alias(split.by), field);
    let plain = "null::text as shown";
    match field.ty {
        FieldType::Day => {
            sql.push(format_args!("width_bucket({column}, ")).push_bind(split.bounds.to_vec());
            sql.push(format_args!(") as g, {plain}"));
        }
        FieldType::Instant => {
            let bounds: Vec<_> = split.bounds.iter().map(|day| begins(*day, viewer)).collect();
            sql.push(format_args!("width_bucket({column}, ")).push_bind(bounds);
            sql.push(format_args!(") as g, {plain}"));
        }
        FieldType::Text | FieldType::Email => {
            sql.push(format_args!("(lower({column} collate \"default\") collate \"C\") as g, {column} as shown"));
        }
        FieldType::Bool => {
            // Empty means no, as in the query language.
            sql.push(format_args!("coalesce({column}, false) as g, {plain}"));
        }
        FieldType::Tags => {
            sql.push("tag.g, tag.shown");
        }
        _ => {
            sql.push(format_args!("{column} as g, {plain}"));
        }
    }
}

/// The tables on the way of a path, joined rather than looked up for each row.
fn joins(sql: &mut QueryBuilder<Postgres>, registry: &Registry, kind: &Kind, by: &By, field: &Field) {
    let mut kind = kind;
    let mut alias = "t".to_owned();
    for (at, step) in by.path.iter().enumerate().take(by.path.len() - 1) {
        let Some(step) = kind.field(step) else { return };
        let FieldType::Ref(target) = step.ty else { return };
        kind = registry.kind(target);
        let next = format!("j{}", at + 1);
        sql.push(format_args!(" left join {} {next} on {next}.id = {}", name(kind.table), column(&alias, step)));
        alias = next;
    }
    if field.ty == FieldType::Tags {
        // Tags that the query language takes for the same are one.
        sql.push(format_args!(
            " left join lateral (select btrim(plain_words(x)) as g, min(x) as shown from unnest({}) x group by 1) tag on true",
            column("t", field)
        ));
    }
}

/// One row: the first and the last day that the records have in the field they are split by, on the viewer's calendar.
pub fn metric_ends(registry: &Registry, viewer: &Viewer, counted: &Counted<'_>) -> Option<QueryBuilder<Postgres>> {
    let split = counted.by?;
    let (_, field) = split.by.field(registry, counted.metric)?;
    let kind = registry.kind(counted.metric.kind);
    let column = column(&last_alias(split.by), field);
    let mut sql = QueryBuilder::new("select ");
    for (i, end) in ["min", "max"].into_iter().enumerate() {
        sql.push(if i > 0 { ", " } else { "" });
        if field.ty == FieldType::Day {
            sql.push(format_args!("{end}({column})"));
        } else {
            sql.push(format_args!("({end}({column}) at time zone ")).push_bind(viewer.zone.name()).push(")::date");
        }
    }
    sql.push(format_args!(" from {} t", name(kind.table)));
    joins(&mut sql, registry, kind, split.by, field);
    sql.push(" where ");
    conditions(&mut sql, registry, viewer, counted);
    Some(sql)
}
