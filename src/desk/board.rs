//! A pipeline as a board: its columns with what stands in them.

use rust_decimal::Decimal;

use super::rights;
use super::{Cx, Desk, Error, Result, failed, say};
use crate::domain::kind::{DEAL, PIPELINE, STAGE};
use crate::domain::query::{Filter, Operand, Query};
use crate::domain::record::Record;
use crate::domain::right::Verb;
use crate::store::compile::Start;
use crate::store::{board, list};

/// More pipelines, or stages of one, than anybody has.
const MANY: u32 = 200;

/// One pipeline with its open stages.
#[derive(Clone, Debug, PartialEq)]
pub struct Board {
    /// All there are, to choose from.
    pub pipelines: Vec<Record>,
    /// The one shown.
    pub pipeline: i64,
    /// All stages of it, closed ones too, in their order.
    pub stages: Vec<Record>,
    /// One for each open stage.
    pub columns: Vec<Column>,
}

/// A stage and what its deals come to.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    pub stage: Record,
    pub deals: u64,
    /// By currency, the commonest first; never added up. None for who does not see amounts.
    pub sums: Vec<Sum>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Sum {
    /// Empty when deals have none.
    pub currency: String,
    pub deals: u64,
    pub amount: Decimal,
    /// The amount times the stage's probability.
    pub weighted: Decimal,
}

impl Board {
    /// The deals of one column: those that match and stand there.
    pub fn column(query: &Query, stage: i64) -> Query {
        let here = Filter::is("stage", Operand::Record(stage));
        Query { filter: Filter::all(vec![query.filter.clone(), here]), ..query.clone() }
    }

    /// The deals of the whole board.
    pub fn whole(query: &Query, pipeline: i64) -> Query {
        let open = Filter::is("state", Operand::Choice("open".into()));
        let here = Filter::is("pipeline", Operand::Record(pipeline));
        Query { filter: Filter::all(vec![query.filter.clone(), here, open]), ..query.clone() }
    }
}

impl Desk {
    /// The open stages of a pipeline in their order, by default and when it is gone of the first one, each with the number
    /// and sums of the deals that match; their cards are pages of [`Board::column`]. `NotFound` when there
    /// is no pipeline.
    pub async fn board(&self, cx: &Cx, pipeline: Option<i64>, query: &Query) -> Result<Board> {
        let registry = self.registry_for(cx);
        let lang = cx.viewer.lang;
        rights::may(&cx.viewer, registry.kind(DEAL), Verb::Read)?;
        let mut tx = self.read_tx(cx).await?;
        let all = Query::default();
        let pipelines = list::page(&mut tx, &registry, PIPELINE, &all, &cx.viewer, Start::First, MANY)
            .await
            .map_err(|e| failed(lang, e))?;
        let wanted = pipeline.filter(|id| pipelines.iter().any(|p| p.id == *id));
        let pipeline = wanted.or(pipelines.first().map(|p| p.id)).ok_or_else(|| {
            Error::NotFound(say(lang, "There is no pipeline; an admin can add one.", "没有销售管道，请管理员添加。"))
        })?;
        let here = Query { filter: Filter::is("pipeline", Operand::Record(pipeline)), ..Query::default() };
        let stages = list::page(&mut tx, &registry, STAGE, &here, &cx.viewer, Start::First, MANY)
            .await
            .map_err(|e| failed(lang, e))?;
        let has_amounts = registry.kind(DEAL).field("amount").is_some();
        let kind = registry.kind(STAGE);
        let open: Vec<&Record> = stages.iter().filter(|s| s.get(kind, "state").as_str() == Some("open")).collect();
        let ids: Vec<i64> = open.iter().map(|stage| stage.id).collect();
        let sums = board::sums(&mut tx, &registry, query, &cx.viewer, &ids).await.map_err(|e| failed(lang, e))?;
        let columns = open
            .into_iter()
            .map(|stage| {
                let chance = stage.get(kind, "probability").as_decimal().unwrap_or_default() / Decimal::ONE_HUNDRED;
                let of = |sum: &&board::Sum| sum.stage_id == stage.id;
                let sums = sums.iter().filter(of).map(|sum| Sum {
                    currency: sum.currency.clone(),
                    deals: sum.deals.unsigned_abs(),
                    amount: sum.amount,
                    weighted: sum.amount * chance,
                });
                let mut sums: Vec<Sum> = sums.collect();
                let deals = sums.iter().map(|s| s.deals).sum();
                if !has_amounts {
                    sums.clear();
                }
                Column { stage: stage.clone(), deals, sums }
            })
            .collect();
        Ok(Board { pipelines, pipeline, stages, columns })
    }
}
