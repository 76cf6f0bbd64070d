//! Records that rows name and that are not there: promised while the file is looked through, made in the same step as
//! the first rows that need them. So a row that is refused leaves nothing behind.

use std::collections::{BTreeMap, BTreeSet};

use super::report::{Referred, Warnings};
use super::row::text_of;
use super::stages::{Stage, State, place};
use crate::domain::field::{Field, FieldType};
use crate::domain::kind::{Kind, KindId, PIPELINE, Registry, STAGE};
use crate::domain::value::Value;
use crate::store::intake::{self, Batch};
use crate::store::{self, Tx};

/// Records made in one statement, at most.
const TOGETHER: usize = 5_000;

/// What is to be made.
#[derive(Debug)]
pub(super) enum Promised {
    /// A record by all its fields' values.
    Record(Vec<Value>),
    Pipeline,
    /// The id of its pipeline, which may be promised as well.
    Stage(i64, State),
}

#[derive(Debug)]
struct Promise {
    kind: KindId,
    name: String,
    what: Promised,
    /// The record's id as text, once it is made.
    made: Option<String>,
}

/// Everything promised. Until it is made, a record goes by a negative number in place of its id.
#[derive(Debug, Default)]
pub(super) struct Promises {
    list: Vec<Promise>,
    /// The stages that are in the database.
    pub stages: Vec<Stage>,
    pub pipelines: i64,
    since: Since,
}

/// What changed since the savepoint.
#[derive(Debug, Default)]
struct Since {
    made: Vec<usize>,
    stages: Option<Vec<Stage>>,
    pipelines: i64,
}

/// A record that could not be made: its kind, its name.
#[derive(Debug)]
pub(super) struct Broken {
    pub kind: KindId,
    pub name: Option<String>,
    pub error: store::Error,
}

impl Promises {
    /// The number that stands for the record.
    pub(super) fn promise(&mut self, kind: KindId, name: &str, what: Promised) -> i64 {
        self.list.push(Promise { kind, name: name.to_owned(), what, made: None });
        -(self.list.len() as i64)
    }

    /// The id that a cell of a reference stands for.
    pub(super) fn real<'a>(&'a self, cell: &'a str) -> &'a str {
        at_of(cell).and_then(|at| self.list.get(at)?.made.as_deref()).unwrap_or(cell)
    }

    /// Remembers the state, to come back to it when the rows are refused.
    pub(super) fn mark(&mut self) {
        self.since = Since { made: Vec::new(), stages: None, pipelines: self.pipelines };
    }

    /// Forgets what was made since the mark; whether that was anything.
    pub(super) fn take_back(&mut self) -> bool {
        let since = std::mem::take(&mut self.since);
        for at in &since.made {
            self.list[*at].made = None;
        }
        if let Some(stages) = since.stages {
            self.stages = stages;
        }
        self.pipelines = since.pipelines;
        !since.made.is_empty()
    }

    pub(super) fn has_made(&self) -> bool {
        !self.since.made.is_empty()
    }

    /// Makes what these cells stand for, unless it is made.
    pub(super) async fn keep<'c>(
        &mut self,
        tx: &mut Tx,
        registry: &Registry,
        cells: impl Iterator<Item = &'c str>,
    ) -> Result<(), Broken> {
        let mut wanted: BTreeSet<usize> =
            cells.filter_map(at_of).filter(|at| self.list.get(*at).is_some_and(|p| p.made.is_none())).collect();
        let pipelines: Vec<usize> =
            wanted.iter().filter_map(|at| self.pipeline_of(*at)).filter(|at| self.list[*at].made.is_none()).collect();
        wanted.extend(pipelines);
        let mut records: BTreeMap<&'static str, Vec<usize>> = BTreeMap::new();
        let mut stages: Vec<usize> = Vec::new();
        for at in wanted {
            match self.list[at].what {
                Promised::Record(_) => records.entry(self.list[at].kind.0).or_default().push(at),
                Promised::Pipeline => self.make_pipeline(tx, registry, at).await.map_err(|e| self.broken(at, e))?,
                Promised::Stage(..) => stages.push(at),
            }
        }
        // In a new pipeline the open stages come first.
        stages.sort_by_key(|at| !matches!(self.list[*at].what, Promised::Stage(_, State::Open)));
        for at in stages {
            self.make_stage(tx, registry, at).await.map_err(|e| self.broken(at, e))?;
        }
        for all in records.into_values() {
            for some in all.chunks(TOGETHER) {
                let kind = registry.kind(self.list[some[0]].kind);
                let rows: Vec<&[Value]> = some
                    .iter()
                    .filter_map(|at| match &self.list[*at].what {
                        Promised::Record(values) => Some(values.as_slice()),
                        _ => None,
                    })
                    .collect();
                let ids = insert(tx, kind, &rows).await.map_err(|error| Broken {
                    kind: kind.id,
                    name: if let [one] = some { Some(self.list[*one].name.clone()) } else { None },
                    error,
                })?;
                for (at, id) in some.iter().zip(ids) {
                    self.made(*at, id);
                }
            }
        }
        Ok(())
    }

    /// Counts what was made, and says which stages.
    pub(super) fn tell(&self, references: &mut BTreeMap<String, Referred>, warnings: &mut Warnings) {
        for promise in self.list.iter().filter(|p| p.made.is_some()) {
            references.entry(promise.kind.0.to_owned()).or_default().created += 1;
            if let (Promised::Stage(..), name) = (&promise.what, &promise.name) {
                warnings.add(
                    "stage_added",
                    name,
                    || format!("stage “{name}” was not in the pipeline and is added to it"),
                    String::new,
                );
            }
        }
    }

    fn broken(&self, at: usize, error: store::Error) -> Broken {
        let Promise { kind, name, .. } = &self.list[at];
        Broken { kind: *kind, name: Some(name.clone()), error }
    }

    fn made(&mut self, at: usize, id: i64) {
        self.list[at].made = Some(id.to_string());
        self.since.made.push(at);
    }

    fn pipeline_of(&self, at: usize) -> Option<usize> {
        match self.list[at].what {
            Promised::Stage(pipeline, _) if pipeline < 0 => Some(place_of(pipeline)),
            _ => None,
        }
    }

    async fn make_pipeline(&mut self, tx: &mut Tx, registry: &Registry, at: usize) -> store::Result<()> {
        let position = self.pipelines + 1;
        let values = [("name", Value::Text(self.list[at].name.clone())), ("position", Value::Int(position))];
        let id = insert_one(tx, registry.kind(PIPELINE), &values).await?;
        self.pipelines = position;
        self.made(at, id);
        Ok(())
    }

    async fn make_stage(&mut self, tx: &mut Tx, registry: &Registry, at: usize) -> store::Result<()> {
        let Promised::Stage(pipeline, state) = self.list[at].what else { return Ok(()) };
        let pipeline = if pipeline < 0 {
            self.list[place_of(pipeline)].made.as_deref().and_then(|id| id.parse().ok()).unwrap_or_default()
        } else {
            pipeline
        };
        if self.since.stages.is_none() {
            self.since.stages = Some(self.stages.clone());
        }
        let (position, must_shift) = place(&self.stages, pipeline, state);
        if must_shift {
            intake::shift_stages(tx, pipeline, position).await?;
            for stage in self.stages.iter_mut().filter(|s| s.pipeline == pipeline && s.position >= position) {
                stage.position += 1;
            }
        }
        let name = self.list[at].name.clone();
        let mut values = vec![
            ("name", Value::Text(name.clone())),
            ("pipeline", Value::reference(pipeline)),
            ("position", Value::Int(position)),
            ("state", Value::Choice(state.code().into())),
        ];
        match state {
            State::Won => values.push(("probability", Value::Int(100))),
            State::Lost => values.push(("probability", Value::Int(0))),
            State::Open => {}
        }
        let id = insert_one(tx, registry.kind(STAGE), &values).await?;
        self.stages.push(Stage { id, pipeline, name, position, state });
        self.made(at, id);
        Ok(())
    }
}

fn place_of(number: i64) -> usize {
    (-number - 1) as usize
}

fn at_of(cell: &str) -> Option<usize> {
    cell.strip_prefix('-')?.parse::<i64>().ok().map(|n| place_of(-n))
}

async fn insert_one(tx: &mut Tx, kind: &Kind, values: &[(&str, Value)]) -> store::Result<i64> {
    let mut record = vec![Value::Null; kind.fields.len()];
    for (field, value) in values {
        record[kind.index(field).expect("the field is the kind's")] = value.clone();
    }
    Ok(insert(tx, kind, &[&record]).await?.first().copied().unwrap_or_default())
}

/// Inserts records given by all their fields; columns that none of them fills keep the table's default.
async fn insert(tx: &mut Tx, kind: &Kind, records: &[&[Value]]) -> store::Result<Vec<i64>> {
    let filled = |(at, field): &(usize, &Field)| is_column(field) && records.iter().any(|r| !r[*at].is_none());
    let (places, fields): (Vec<usize>, Vec<&Field>) = kind.fields.iter().enumerate().filter(filled).unzip();
    let texts: Vec<Vec<Option<String>>> =
        places.iter().map(|at| records.iter().map(|r| text_of(&r[*at])).collect()).collect();
    let columns = texts.iter().map(|column| column.iter().map(Option::as_deref).collect()).collect();
    intake::insert(tx, kind, &Batch { fields, columns, words: None }).await
}

fn is_column(field: &Field) -> bool {
    !field.readonly && !matches!(field.ty, FieldType::Span)
}
