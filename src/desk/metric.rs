//! Metrics on behalf of one person: over the records that they may see, by the workspace's calendar.

use std::collections::BTreeSet;

use chrono_tz::Tz;

use super::rights;
use super::{Cx, Desk, Error, Result, failed, say};
use crate::domain::field::{Field, FieldType, Lang};
use crate::domain::kind::Registry;
use crate::domain::metric::{
    Amount, Buckets, By, Compare, Drill, Figure, Figures, Frame, Group, Key, Metric, Period, Unfit, Unit, behind,
};
use crate::domain::query::Query;
use crate::domain::right::{Permission, Verb};
use crate::domain::viewer::Viewer;
use crate::store::Tx;
use crate::store::compile::{Counted, Split};
use crate::store::metric::{self, Row};

/// Groups in one answer.
const GROUPS: usize = 1_000;
/// Rows that the database may send: a group has one for each currency.
const ROWS: u32 = 4_000;

/// What is asked of a metric.
#[derive(Clone, Debug, PartialEq)]
pub struct MetricAsk {
    pub metric: &'static str,
    pub by: Option<By>,
    /// Only those of its records.
    pub only: Query,
    /// Of no meaning to a metric without a date.
    pub period: Period,
    pub compare: Compare,
}

impl MetricAsk {
    /// The whole of it, of all time.
    pub fn of(metric: &'static str) -> Self {
        Self { metric, by: None, only: Query::default(), period: Period::All, compare: Compare::None }
    }
}

impl Desk {
    /// What a metric comes to over the records that `cx` may see, by the workspace's calendar. Unknown name: `NotFound`;
    /// more groups than an answer can have: `Invalid`.
    pub async fn metric(&self, cx: &Cx, ask: &MetricAsk) -> Result<Figures> {
        let lang = cx.viewer.lang;
        let registry = self.registry_for(cx);
        let asked = crate::domain::metric::by_name(ask.metric).ok_or_else(|| {
            Error::NotFound(say(
                lang,
                format!("No metric is called “{}”.", ask.metric),
                format!("没有名为“{}”的指标。", ask.metric),
            ))
        })?;
        rights::may(&cx.viewer, registry.kind(asked.kind), Verb::Read)?;
        let by = ask.by.as_ref().map(|by| by.field(&registry, asked));
        if !asked.is_seen(&registry) || matches!(by, Some(None)) {
            let (en, zh) = (&asked.label.en, &asked.label.zh);
            return Err(Error::Denied(say(
                lang,
                format!("{en} is made of fields that your role does not see."),
                format!("“{zh}”所依据的字段，你的角色看不到。"),
            )));
        }
        if let Some(Some((kind, _))) = by {
            rights::may(&cx.viewer, kind, Verb::Read)?;
        }
        let mut tx = self.read_tx(cx).await?;
        let zone = metric::workspace_zone(&mut tx).await.map_err(|e| failed(lang, e))?.unwrap_or(cx.viewer.zone);
        let viewer = Viewer { zone, ..cx.viewer.clone() };
        let sheet = Sheet { registry: &registry, viewer: &viewer, metric: asked, ask, seen_in: cx.viewer.zone };
        sheet.figures(&mut tx).await
    }

    /// The time zone in which the workspace's days begin; `None` when neither it nor its first admin says, and each
    /// person's own counts.
    pub async fn workspace_zone(&self, cx: &Cx) -> Result<Option<Tz>> {
        let mut tx = self.read_tx(cx).await?;
        metric::workspace_zone(&mut tx).await.map_err(|e| failed(cx.viewer.lang, e))
    }

    /// Sets the workspace's time zone. Not an admin: `Denied`.
    pub async fn set_workspace_zone(&self, cx: &Cx, zone: Tz) -> Result<()> {
        let lang = cx.viewer.lang;
        let (en, zh) =
            ("Only an admin may set the workspace's time zone; ask one.", "只有管理员能设置工作区时区，请联系管理员。");
        rights::permitted(&cx.viewer, Permission::Configuration, en, zh)?;
        let mut tx = self.quiet_tx(cx).await?;
        metric::set_workspace_zone(&mut tx, zone).await.map_err(|e| failed(lang, e))?;
        tx.commit().await.map_err(|e| failed(lang, e))
    }
}

/// One asking.
struct Sheet<'a> {
    registry: &'a Registry,
    /// With the workspace's zone.
    viewer: &'a Viewer,
    metric: &'static Metric,
    ask: &'a MetricAsk,
    /// The zone in which the person reads lists.
    seen_in: Tz,
}

/// Where buckets of days begin, now and in the days before.
#[derive(Default)]
struct Cut {
    buckets: Option<Buckets>,
    now: Vec<chrono::NaiveDate>,
    before: Vec<chrono::NaiveDate>,
}

impl Sheet<'_> {
    async fn figures(&self, tx: &mut Tx) -> Result<Figures> {
        let (metric, by) = (self.metric, self.ask.by.as_ref());
        let frame = metric.date.and_then(|_| self.ask.period.frame(self.viewer.now, self.viewer.zone));
        let follows = by.is_some_and(|by| by.unit.is_some() && by.is_of_date(metric));
        let unit = by.filter(|_| follows).and_then(|by| by.unit);
        // Buckets of weeks are compared with weeks, the whole with the period's own days before, however it is split.
        let shift = frame.and_then(|frame| frame.shift(self.ask.compare, unit));
        let today = self.viewer.now.with_timezone(&self.viewer.zone).date_naive();
        let before = frame.and_then(|frame| Some(frame.before(frame.shift(self.ask.compare, None)?, today)));
        let mut cut = self.cut(tx, frame, follows).await?;
        if let (true, Some(shift)) = (follows, shift) {
            cut.before = cut.now.iter().map(|day| shift.back(*day)).collect();
        }
        let is_tags = self.field().is_some_and(|field| field.ty == FieldType::Tags);

        let mut now = self.rows(tx, frame, by, &cut.now, !is_tags).await?;
        if is_tags {
            now.extend(self.rows(tx, frame, None, &[], true).await?);
        }
        let mut then = None;
        if let Some(days) = before {
            // The buckets of a period that is not over are compared whole, its sum as far as it goes.
            let whole = match (follows, frame, shift) {
                (true, Some(f), Some(s)) => Frame { first: s.back(f.first), after: s.back(f.after) },
                _ => days,
            };
            let with_total = !is_tags && whole == days;
            let mut rows = self.rows(tx, Some(whole), by, &cut.before, with_total).await?;
            if !with_total {
                rows.extend(self.rows(tx, Some(days), None, &[], true).await?);
            }
            then = Some(rows);
        }
        let more = now.len() >= ROWS as usize;
        let (total_now, groups_now) = now.into_iter().partition::<Vec<_>, _>(|row| row.is_total);
        let (total_then, groups_then) = match then {
            Some(then) => {
                let (total, groups) = then.into_iter().partition::<Vec<_>, _>(|row| row.is_total);
                (Some(total), Some(groups))
            }
            None => (None, None),
        };
        let then_total: Option<Vec<&Row>> = total_then.as_ref().map(|rows| rows.iter().collect());
        let total = self.merged(&total_now.iter().collect::<Vec<_>>(), then_total.as_deref(), &[]);
        let order: Vec<Option<String>> = total.iter().map(|figure| figure.currency.clone()).collect();
        let mut figures =
            Figures { frame, before, total, more, query: behind(self.drill(), frame, None), groups: Vec::new() };
        if let Some(by) = by {
            figures.groups = self.groups(by, &cut, &groups_now, groups_then.as_deref(), &order, frame, more);
            if figures.groups.len() > GROUPS {
                figures.groups.truncate(GROUPS);
                figures.more = true;
            }
        }
        Ok(figures)
    }

    fn field(&self) -> Option<&Field> {
        self.ask.by.as_ref().and_then(|by| by.field(self.registry, self.metric)).map(|(_, field)| field)
    }

    fn drill(&self) -> Drill<'_> {
        Drill {
            registry: self.registry,
            metric: self.metric,
            only: &self.ask.only,
            zone: self.viewer.zone,
            seen_in: self.seen_in,
        }
    }

    /// The buckets of a split by days: those of the period, or from the first to the last day that there is.
    async fn cut(&self, tx: &mut Tx, frame: Option<Frame>, follows: bool) -> Result<Cut> {
        let Some((by, unit)) = self.ask.by.as_ref().and_then(|by| Some((by, by.unit?))) else {
            return Ok(Cut::default());
        };
        let lang = self.viewer.lang;
        let frame = if let Some(frame) = frame.filter(|_| follows) {
            Some(frame)
        } else {
            let counted = self.counted(frame, Some(by), &[], true);
            let ends = metric::ends(tx, self.registry, self.viewer, &counted).await.map_err(|e| failed(lang, e))?;
            ends.map(|(first, last)| Frame { first: unit.start(first), after: unit.shift(unit.start(last), 1) })
        };
        let Some(frame) = frame else { return Ok(Cut::default()) };
        let buckets = Buckets::of(frame, unit).map_err(|unfit| refused(lang, &unfit))?;
        Ok(Cut { now: buckets.bounds.clone(), buckets: Some(buckets), before: Vec::new() })
            .map(|cut| Cut { before: cut.now.clone(), ..cut })
    }

    fn counted<'s>(
        &'s self,
        frame: Option<Frame>,
        by: Option<&'s By>,
        bounds: &'s [chrono::NaiveDate],
        with_total: bool,
    ) -> Counted<'s> {
        Counted {
            metric: self.metric,
            only: &self.ask.only,
            frame,
            by: by.map(|by| Split { by, bounds }),
            with_total,
            limit: ROWS,
        }
    }

    async fn rows(
        &self,
        tx: &mut Tx,
        frame: Option<Frame>,
        by: Option<&By>,
        bounds: &[chrono::NaiveDate],
        with_total: bool,
    ) -> Result<Vec<Row>> {
        let counted = self.counted(frame, by, bounds, with_total);
        metric::rows(tx, self.registry, self.viewer, &counted).await.map_err(|e| failed(self.viewer.lang, e))
    }

    /// One figure for each currency of now and then, in the order given, others by how many records they have.
    fn merged(&self, now: &[&Row], then: Option<&[&Row]>, order: &[Option<String>]) -> Vec<Figure> {
        let amount = |rows: &[&Row], currency: &Option<String>| {
            rows.iter().find(|row| row.currency == *currency).map_or_else(
                || Amount::nothing(self.metric),
                |row| Amount::of(self.metric, row.records, row.value, row.hits),
            )
        };
        let all = || now.iter().chain(then.unwrap_or_default());
        let mut currencies: Vec<&Option<String>> = Vec::new();
        // Records without an amount make no figure of their own beside others.
        let is_money = self.metric.unit == Unit::Money;
        let counts = |row: &&&Row| !is_money || row.value.is_some();
        for row in all().filter(counts) {
            if !currencies.contains(&&row.currency) {
                currencies.push(&row.currency);
            }
        }
        if currencies.is_empty() {
            return vec![self.unsaid(now, then)];
        }
        let mut figures: Vec<Figure> = currencies
            .into_iter()
            .map(|currency| Figure {
                currency: currency.clone(),
                now: amount(now, currency),
                before: then.as_ref().map(|then| amount(then, currency)),
            })
            .collect();
        let place = |figure: &Figure| order.iter().position(|c| *c == figure.currency).unwrap_or(usize::MAX);
        figures.sort_by_key(|figure| (place(figure), -figure.now.records, figure.currency.clone()));
        figures
    }

    /// The figure of records of which none has an amount: in the currency that all of them name, else in none.
    fn unsaid(&self, now: &[&Row], then: Option<&[&Row]>) -> Figure {
        let mut named = now.iter().chain(then.unwrap_or_default()).map(|row| &row.currency);
        let first = named.next();
        let currency = first.filter(|first| named.all(|other| other == *first)).cloned().flatten();
        let sum = |rows: &[&Row]| {
            let (records, hits) = rows.iter().fold((0, 0), |(n, hits), row| (n + row.records, hits + row.hits));
            Amount::of(self.metric, records, None, hits)
        };
        Figure { currency, now: sum(now), before: then.map(sum) }
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of one answer, used here only")]
    fn groups(
        &self,
        by: &By,
        cut: &Cut,
        now: &[Row],
        then: Option<&[Row]>,
        order: &[Option<String>],
        frame: Option<Frame>,
        more: bool,
    ) -> Vec<Group> {
        let Some(field) = self.field() else { return Vec::new() };
        // Of dates there are all buckets of the period, those of no record too, and then what has no date.
        let keys: Vec<Option<&str>> = if cut.buckets.is_some() {
            Vec::new()
        } else {
            let mut seen = BTreeSet::new();
            // What is only there from before is no group when the groups of now are not all here.
            let then = then.filter(|_| !more).unwrap_or_default();
            now.iter().chain(then).map(|row| row.key.as_deref()).filter(|key| seen.insert(*key)).collect()
        };
        let mut groups = Vec::new();
        let mut push = |key: Key, rank: i64, label: String, text: Option<&str>| {
            let of = |rows: &'_ [Row]| -> Vec<usize> {
                (0..rows.len()).filter(|at| rows[*at].key.as_deref() == text).collect()
            };
            let now: Vec<&Row> = of(now).into_iter().map(|at| &now[at]).collect();
            let then = then.map(|then| of(then).into_iter().map(|at| &then[at]).collect::<Vec<_>>());
            if matches!(key, Key::None) && now.is_empty() && then.as_ref().is_none_or(Vec::is_empty) {
                return;
            }
            let figures = self.merged(&now, then.as_deref(), order);
            let query = behind(self.drill(), frame, Some((by, &key)));
            groups.push((rank, Group { key, label, figures, query }));
        };
        if let Some(buckets) = &cut.buckets {
            for at in 0..buckets.len() {
                let Some(days) = buckets.frame(at) else { continue };
                push(Key::Days(days), at as i64, buckets.label(at), Some(&(at + 1).to_string()));
            }
            push(Key::None, i64::MAX, none(self.viewer.lang), None);
        } else {
            let rows = || now.iter().chain(then.unwrap_or_default());
            for (at, text) in keys.into_iter().enumerate() {
                let row = rows().find(|row| row.key.as_deref() == text);
                let (key, label) = self.key(field, text, row.and_then(|row| row.label.as_deref()));
                let rank = match &key {
                    Key::None => i64::MAX,
                    Key::Choice(code) => field.rank(code).map_or(i64::MAX - 1, |rank| rank as i64),
                    Key::Bool(yes) => i64::from(!yes),
                    Key::Record(_) => row.and_then(|row| row.place).unwrap_or(at as i64),
                    _ => at as i64,
                };
                push(key, rank, label, text);
            }
            if matches!(field.ty, FieldType::Int | FieldType::Decimal) {
                let number = |group: &Group| match group.key {
                    Key::Number(n) => Some(n),
                    _ => None,
                };
                groups.sort_by_key(|(_, group)| (number(group).is_none(), number(group)));
                return groups.into_iter().map(|(_, group)| group).collect();
            }
        }
        groups.sort_by_key(|(rank, _)| *rank);
        groups.into_iter().map(|(_, group)| group).collect()
    }

    /// A group's key from what the database sent, and its label.
    fn key(&self, field: &Field, text: Option<&str>, label: Option<&str>) -> (Key, String) {
        let lang = self.viewer.lang;
        let Some(text) = text else { return (Key::None, none(lang)) };
        let shown = || label.unwrap_or(text).to_owned();
        match &field.ty {
            FieldType::Choice(choices) => {
                let label = choices.iter().find(|c| c.code == text).map_or(text, |c| c.label.get(lang));
                (Key::Choice(text.to_owned()), label.to_owned())
            }
            FieldType::Ref(target) => {
                let id = text.parse().unwrap_or_default();
                let label = label.map_or_else(|| self.registry.kind(*target).code(id), str::to_owned);
                (Key::Record(id), label)
            }
            FieldType::Bool => {
                let yes = text == "true";
                (Key::Bool(yes), if yes { say(lang, "yes", "是") } else { say(lang, "no", "否") })
            }
            FieldType::Int | FieldType::Decimal => {
                let n: rust_decimal::Decimal = text.parse().unwrap_or_default();
                (Key::Number(n.normalize()), n.normalize().to_string())
            }
            FieldType::Tags => (Key::Tag(text.to_owned()), shown()),
            _ => (Key::Text(text.to_owned()), shown()),
        }
    }
}

fn none(lang: Lang) -> String {
    say(lang, "none", "无")
}

fn refused(lang: Lang, unfit: &Unfit) -> Error {
    Error::Invalid { field: String::new(), reason: unfit.0.get(lang).to_owned() }
}
