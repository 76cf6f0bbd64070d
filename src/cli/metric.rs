//! `frontdesk metric list|show|zone`: numbers over records, as a table, JSON or CSV.

use std::fmt::Write as _;
use std::io::Write;

use anyhow::Result;
use chrono_tz::Tz;
use clap::{Args, Subcommand, ValueEnum};
use comfy_table::CellAlignment;
use serde_json::{Value as Json, json};

use super::output::{FormatArgs, json_line, print, table, to_io};
use super::{App, Office, Usage, cells, given};
use crate::desk::MetricAsk;
use crate::domain::change::Door;
use crate::domain::figures::grouped;
use crate::domain::metric::{self, Amount, By, Compare, Figure, Figures, Frame, Group, Metric, Period, Unfit, Unit};

const EXAMPLES: &str = "\
Examples:
  frontdesk metric list
  frontdesk metric show won --by quarter --period 2017
  frontdesk metric show won --period this-year --compare year
  frontdesk metric show win-rate --by owner --json
  frontdesk metric show open-pipeline --by stage --where 'owner:me amount>10k'
  frontdesk metric show open-tickets --by owner
  frontdesk metric show first-reply --by company.country --period -30d --csv

Periods: today, this-week, last-month, this-quarter, this-year, 2026, 2026-11, 2026-Q1, 2026-11-22,
-30d, 2026-03..2026-06, all. Of a period that is not over, the total is compared as far as it goes.";

#[derive(Debug, Subcommand)]
#[command(after_help = EXAMPLES)]
pub enum MetricCommand {
    /// The metrics that there are
    List(ListArgs),
    /// What a metric comes to, in all or by groups, with the query for the records behind each figure
    #[command(after_help = EXAMPLES)]
    Show(ShowArgs),
    /// The time zone in which the workspace's days begin; with a name (Europe/Berlin), sets it
    Zone(ZoneArgs),
}

#[derive(Debug, Args)]
pub struct ListArgs {
    #[command(flatten)]
    pub format: FormatArgs,
}

#[derive(Debug, Args)]
pub struct ShowArgs {
    /// The metric's name, as `metric list` has it
    pub name: String,
    /// Split by a field (owner, stage, company.country, tags) or by day, week, month, quarter, year
    #[arg(long, value_name = "FIELD")]
    pub by: Option<String>,
    /// Only the records that this query matches
    #[arg(long = "where", value_name = "QUERY", allow_hyphen_values = true)]
    pub only: Option<String>,
    /// Only of these days
    #[arg(long, value_name = "P", allow_hyphen_values = true)]
    pub period: Option<String>,
    /// Against as many days before, or the same days a year before
    #[arg(long, value_enum, value_name = "WITH", default_value_t = With::None)]
    pub compare: With,
    #[command(flatten)]
    pub format: FormatArgs,
}

#[derive(Debug, Args)]
pub struct ZoneArgs {
    /// An IANA name
    pub zone: Option<Tz>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum With {
    None,
    Previous,
    Year,
}

impl From<With> for Compare {
    fn from(with: With) -> Self {
        match with {
            With::None => Self::None,
            With::Previous => Self::Previous,
            With::Year => Self::Year,
        }
    }
}

pub(super) async fn run(command: MetricCommand, app: &App) -> Result<()> {
    let office = app.open(Door::Cli).await?;
    match command {
        MetricCommand::List(args) => list(&office, args.format),
        MetricCommand::Show(args) => show(&office, &args).await,
        MetricCommand::Zone(args) => zone(&office, args.zone).await,
    }
}

fn list(office: &Office, format: FormatArgs) -> Result<()> {
    let lang = office.cx.viewer.lang;
    if format.json {
        let mut out = office.io.out();
        for metric in metric::all() {
            writeln!(
                out,
                "{}",
                json_line(&json!({
                    "name": metric.name, "label": metric.label.get(lang), "about": metric.about.get(lang),
                    "kind": metric.kind.0, "where": metric.base, "unit": metric.unit.name(),
                    "better": metric.better.name(), "date": metric.date, "by": metric.by,
                }))?
            )?;
        }
        return Ok(());
    }
    let columns = ["name", "label", "kind", "unit", "by", "about"];
    let row = |m: &Metric| {
        let (label, about) = (m.label.get(lang).to_owned(), m.about.get(lang).to_owned());
        [m.name.to_owned(), label, m.kind.0.to_owned(), m.unit.name().to_owned(), m.by.join(" "), about]
    };
    if format.csv {
        let mut csv = csv::Writer::from_writer(office.io.out());
        csv.write_record(columns).map_err(to_io)?;
        for metric in metric::all() {
            csv.write_record(row(metric)).map_err(to_io)?;
        }
        return Ok(csv.flush()?);
    }
    let mut shown = table(&office.io, columns.iter().filter(|c| **c != "by").map(|c| (*c).to_owned()));
    for metric in metric::all() {
        let [name, label, kind, unit, _, about] = row(metric);
        shown.add_row([name, label, kind, unit, about]);
    }
    Ok(print(&office.io, &shown)?)
}

async fn show(office: &Office, args: &ShowArgs) -> Result<()> {
    let lang = office.cx.viewer.lang;
    let registry = office.desk.registry_for(&office.cx);
    let metric = metric::by_name(&args.name).ok_or_else(|| {
        let names: Vec<&str> = metric::all().iter().map(|m| m.name).collect();
        Usage(format!("no metric is called “{}”; there are {}", args.name, names.join(", ")))
    })?;
    let unfit = |unfit: Unfit| Usage(unfit.0.get(lang).to_owned());
    let by = args.by.as_deref().map(|by| By::parse(by, &registry, metric)).transpose().map_err(unfit)?;
    let period = args.period.as_deref().map(Period::parse).transpose().map_err(unfit)?;
    let compare = Compare::from(args.compare);
    if metric.date.is_none() && (period.as_ref().is_some_and(|p| *p != Period::All) || compare != Compare::None) {
        let said = format!("{} is how things stand now, so it has neither a period nor a past", metric.name);
        return Err(Usage(said).into());
    }
    let period = period.unwrap_or_default();
    if period == Period::All && compare != Compare::None {
        return Err(Usage("all time has nothing before it; give a --period to compare".into()).into());
    }
    let words: Vec<String> = args.only.iter().cloned().collect();
    let only = given::query(&words, &registry, registry.kind(metric.kind), &office.cx)?;
    let ask = MetricAsk { metric: metric.name, by, only, period, compare };
    let figures = office.desk.metric(&office.cx, &ask).await?;
    let sheet = Sheet { office, metric, ask: &ask, figures: &figures };
    if args.format.json {
        writeln!(office.io.out(), "{}", json_line(&sheet.json())?)?;
        Ok(())
    } else if args.format.csv {
        sheet.csv()
    } else {
        sheet.table()
    }
}

/// An answer to be written.
struct Sheet<'a> {
    office: &'a Office,
    metric: &'static Metric,
    ask: &'a MetricAsk,
    figures: &'a Figures,
}

impl Sheet<'_> {
    fn query(&self, query: &crate::domain::query::Query) -> String {
        query.print(&self.office.desk.registry_for(&self.office.cx), self.metric.kind)
    }

    fn json(&self) -> Json {
        let lang = self.office.cx.viewer.lang;
        let (metric, ask) = (self.metric, self.ask);
        let days = |frame: Option<Frame>| {
            frame.map(|f| json!({"from": f.first.to_string(), "to": f.last().to_string(), "empty": f.first == f.after}))
        };
        let figures = |figures: &[Figure]| -> Vec<Json> { figures.iter().map(|f| self.figure(f)).collect() };
        let groups: Vec<Json> = self
            .figures
            .groups
            .iter()
            .map(|group| {
                json!({
                    "key": key(group), "label": group.label, "figures": figures(&group.figures),
                    "query": self.query(&group.query),
                })
            })
            .collect();
        let mut said = json!({
            "metric": metric.name, "label": metric.label.get(lang), "kind": metric.kind.0, "unit": metric.unit.name(),
            "better": metric.better.name(), "period": ask.period.print(), "days": days(self.figures.frame),
            "compare": ask.compare.name(), "days_before": days(self.figures.before),
            "where": self.query(&ask.only), "total": figures(&self.figures.total),
            "query": self.query(&self.figures.query),
        });
        if let Some(by) = &ask.by {
            said["by"] = json!(by.print(metric));
            said["groups"] = json!(groups);
            said["more"] = json!(self.figures.more);
        }
        said
    }

    /// Money is an `amount` string with its `currency`; everything else a number.
    fn figure(&self, figure: &Figure) -> Json {
        let number = |amount: Amount| amount.value.map_or(Json::Null, |value| json!(decimal(value)));
        let text = |amount: Amount| amount.value.map_or(Json::Null, |value| json!(value.to_string()));
        let mut said = if self.metric.unit == Unit::Money {
            json!({"amount": text(figure.now), "currency": figure.currency, "records": figure.now.records})
        } else {
            json!({"value": number(figure.now), "records": figure.now.records})
        };
        if let Some(before) = figure.before {
            let value = if self.metric.unit == Unit::Money { text(before) } else { number(before) };
            said["before"] = json!({
                if self.metric.unit == Unit::Money { "amount" } else { "value" }: value, "records": before.records
            });
        }
        said
    }

    /// The rows of table and CSV: label, figure by figure.
    fn rows(&self) -> impl Iterator<Item = (&str, &Figure, String)> {
        let total = self.figures.total.iter().map(|figure| ("total", figure, self.query(&self.figures.query)));
        let groups = self.figures.groups.iter().flat_map(|group| {
            group.figures.iter().map(|figure| (group.label.as_str(), figure, self.query(&group.query)))
        });
        groups.chain(total)
    }

    fn csv(&self) -> Result<()> {
        let mut csv = csv::Writer::from_writer(self.office.io.out());
        let by = self.by();
        csv.write_record([by.as_str(), "value", "unit", "currency", "records", "before", "query"]).map_err(to_io)?;
        let number = |amount: Amount| amount.value.map(|v| v.to_string()).unwrap_or_default();
        for (label, figure, query) in self.rows() {
            csv.write_record([
                cells::guarded(label.to_owned()),
                number(figure.now),
                self.metric.unit.name().to_owned(),
                figure.currency.clone().unwrap_or_default(),
                figure.now.records.to_string(),
                figure.before.map(number).unwrap_or_default(),
                cells::guarded(query),
            ])
            .map_err(to_io)?;
        }
        Ok(csv.flush()?)
    }

    fn by(&self) -> String {
        self.ask.by.as_ref().map_or_else(|| "of".to_owned(), |by| by.print(self.metric))
    }

    fn table(&self) -> Result<()> {
        let lang = self.office.cx.viewer.lang;
        let metric = self.metric;
        let mut head = metric.label.get(lang).to_owned();
        if let Some(frame) = self.figures.frame {
            write!(head, ", {} ({})", self.ask.period.print(), Figures::days(frame)).expect("a text takes all");
        }
        if let Some(before) = self.figures.before {
            write!(head, " against {}", Figures::days(before)).expect("a text takes all");
        }
        if !self.ask.only.is_all() {
            write!(head, ", only {}", self.query(&self.ask.only)).expect("a text takes all");
        }
        let mut out = self.office.io.out();
        writeln!(out, "{}", cells::inert(&head))?;
        writeln!(out, "{}", metric.about.get(lang))?;
        writeln!(out)?;
        let compared = self.figures.before.is_some();
        let mut columns = vec![self.by(), "value".into(), "records".into()];
        if compared {
            columns.extend(["before".into(), "change".into()]);
        }
        let width = columns.len();
        let mut shown = table(&self.office.io, columns.into_iter());
        for at in 1..width {
            if let Some(column) = shown.column_mut(at) {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        for (label, figure, _) in self.rows() {
            let currency = figure.currency.as_deref();
            let mut row = vec![
                cells::one_line(label, 60),
                metric::said(metric, figure.now, currency, lang),
                grouped(figure.now.records.into()),
            ];
            if compared {
                row.push(figure.before.map_or_else(String::new, |b| metric::said(metric, b, currency, lang)));
                row.push(metric::change(metric, figure).unwrap_or_default());
            }
            shown.add_row(row);
        }
        drop(out);
        print(&self.office.io, &shown)?;
        let mut out = self.office.io.out();
        if self.figures.more {
            writeln!(out, "… and more groups")?;
        }
        let query = self.query(&self.figures.query).replace('\'', "'\\''");
        writeln!(out, "\nRows: frontdesk {} list '{}'", metric.kind, cells::inert(&query))?;
        Ok(())
    }
}

fn key(group: &Group) -> Json {
    match &group.key {
        metric::Key::None => Json::Null,
        metric::Key::Choice(text) | metric::Key::Text(text) | metric::Key::Tag(text) => json!(text),
        metric::Key::Record(id) => json!(id),
        metric::Key::Number(n) => json!(decimal(*n)),
        metric::Key::Bool(yes) => json!(yes),
        metric::Key::Days(frame) => json!({"from": frame.first.to_string(), "to": frame.last().to_string()}),
    }
}

/// As a number of JSON: whole ones without a point.
fn decimal(n: rust_decimal::Decimal) -> Json {
    use rust_decimal::prelude::ToPrimitive;
    let n = n.normalize();
    match n.to_i64() {
        Some(whole) if n.scale() == 0 => json!(whole),
        _ => n.to_f64().map_or(Json::Null, |f| json!(f)),
    }
}

async fn zone(office: &Office, zone: Option<Tz>) -> Result<()> {
    if let Some(zone) = zone {
        office.desk.set_workspace_zone(&office.cx, zone).await?;
    }
    let zone = office.desk.workspace_zone(&office.cx).await?;
    match zone {
        Some(zone) => writeln!(office.io.out(), "{}", zone.name())?,
        None => writeln!(office.io.out(), "{} (yours: nobody set one)", office.cx.viewer.zone.name())?,
    }
    Ok(())
}
