//! A batch of rows into the database: found ones updated, new ones inserted, and the rows that a constraint refuses told
//! apart from the rest.

use std::collections::HashMap;

use super::super::constraint;
use super::row::{Made, Target};
use crate::domain::field::Lang;
use crate::domain::kind::Kind;
use crate::store::intake::{self, Batch};
use crate::store::{self, Tx};

/// What became of a batch.
#[derive(Debug, Default)]
pub(super) struct Written {
    pub created: u64,
    pub updated: u64,
    pub unchanged: u64,
    /// Place in the batch, and the reason.
    pub refused: Vec<(usize, String)>,
    /// Records whose reference to a row of this file is still to be set: id, field and name.
    pub later: Vec<(i64, usize, String)>,
}

/// How to write, the same for all batches.
pub(super) struct Writer<'a> {
    pub kind: &'a Kind,
    pub targets: Vec<Target>,
    /// Parallel to `targets`: false for one that has no column yet.
    pub keep: Vec<bool>,
    /// Places in `targets` that a record is found by.
    pub keys: Vec<usize>,
    pub lang: Lang,
}

#[derive(Clone, Copy)]
enum Deed {
    Insert,
    Update,
}

impl Writer<'_> {
    pub(super) async fn write(&self, tx: &mut Tx, rows: &[Made]) -> store::Result<Written> {
        let mut written = Written::default();
        let (mut new, mut known) = (Vec::new(), Vec::new());
        let found = self.find(tx, rows).await?;
        for (at, row) in rows.iter().enumerate() {
            match (found.get(&at).map(Vec::as_slice), &row.lacks) {
                (None, None) => new.push((at, 0)),
                (None, Some(lacks)) => written.refused.push((at, lacks.clone())),
                (Some([id]), _) => known.push((at, *id)),
                (Some(many), _) => {
                    written
                        .refused
                        .push((at, format!("{} records match; it cannot be told which is meant", many.len())));
                }
            }
        }
        self.split(tx, Deed::Insert, rows, new, &mut written).await?;
        self.split(tx, Deed::Update, rows, known, &mut written).await?;
        Ok(written)
    }

    async fn find(&self, tx: &mut Tx, rows: &[Made]) -> store::Result<HashMap<usize, Vec<i64>>> {
        let mut found: HashMap<usize, Vec<i64>> = HashMap::new();
        if self.keys.is_empty() || rows.is_empty() {
            return Ok(found);
        }
        let has_key = |row: &Made| self.keys.iter().any(|key| row.cells[*key].is_some());
        let places: Vec<usize> = (0..rows.len()).filter(|at| has_key(&rows[*at])).collect();
        let keys = Batch {
            fields: self.keys.iter().map(|key| &self.targets[*key].field).collect(),
            columns: self
                .keys
                .iter()
                .map(|key| places.iter().map(|at| rows[*at].cells[*key].clone()).collect())
                .collect(),
        };
        for (place, id) in intake::find(tx, self.kind, &keys).await? {
            found.entry(places[place as usize]).or_default().push(id);
        }
        Ok(found)
    }

    /// Writes all in one statement; where a constraint refuses, in halves, down to the row that is at fault.
    async fn split(
        &self,
        tx: &mut Tx,
        deed: Deed,
        rows: &[Made],
        all: Vec<(usize, i64)>,
        written: &mut Written,
    ) -> store::Result<()> {
        let mut parts = vec![all];
        while let Some(part) = parts.pop() {
            if part.is_empty() {
                continue;
            }
            intake::savepoint(tx).await?;
            let result = match deed {
                Deed::Insert => self.insert(tx, rows, &part, written).await,
                Deed::Update => self.update(tx, rows, &part, written).await,
            };
            match result {
                Ok(()) => intake::release(tx).await?,
                Err(error) => {
                    let reason = self.reason(error)?;
                    intake::rollback_to_savepoint(tx).await?;
                    if let [(at, _)] = part.as_slice() {
                        written.refused.push((*at, reason));
                    } else {
                        let (first, second) = part.split_at(part.len() / 2);
                        parts.push(second.to_vec());
                        parts.push(first.to_vec());
                    }
                }
            }
        }
        Ok(())
    }

    /// Why a row was refused; an error that is not a row's comes back.
    fn reason(&self, error: store::Error) -> store::Result<String> {
        match error {
            store::Error::Constraint(ref name) if name.ends_with("_key") => {
                let said = constraint(self.lang, self.kind, error);
                Ok(format!("{said} (--match updates records that are there already)"))
            }
            store::Error::Constraint(_) => Ok(constraint(self.lang, self.kind, error).to_string()),
            store::Error::Denied(_) => Ok("your role may not write such a record; is its owner in your team?".into()),
            error if intake::is_too_long(&error) => Ok("a text is too long for its index; shorten it".into()),
            error => Err(error),
        }
    }

    async fn insert(
        &self,
        tx: &mut Tx,
        rows: &[Made],
        part: &[(usize, i64)],
        written: &mut Written,
    ) -> store::Result<()> {
        let kept: Vec<usize> = (0..self.targets.len()).filter(|at| self.keep[*at]).collect();
        let cells = |target: &usize| part.iter().map(|(at, _)| rows[*at].cells[*target].clone()).collect();
        let batch = Batch {
            fields: kept.iter().map(|at| &self.targets[*at].field).collect(),
            columns: kept.iter().map(cells).collect(),
        };
        let ids = intake::insert(tx, self.kind, &batch).await?;
        written.created += ids.len() as u64;
        for ((at, _), id) in part.iter().zip(ids) {
            if let Some((field, name)) = &rows[*at].later {
                written.later.push((id, *field, name.clone()));
            }
        }
        Ok(())
    }

    async fn update(
        &self,
        tx: &mut Tx,
        rows: &[Made],
        part: &[(usize, i64)],
        written: &mut Written,
    ) -> store::Result<()> {
        let targets: Vec<usize> = (0..self.targets.len())
            .filter(|at| self.keep[*at] && !self.targets[*at].only_new && !self.keys.contains(at))
            .collect();
        let later = part
            .iter()
            .filter_map(|(at, id)| rows[*at].later.as_ref().map(|(field, name)| (*id, *field, name.clone())));
        if targets.is_empty() {
            written.later.extend(later);
            written.unchanged += part.len() as u64;
            return Ok(());
        }
        let cell = |at: usize, target: usize| {
            let row = &rows[at];
            if row.silent.contains(&target) { None } else { row.cells[target].clone() }
        };
        let batch = Batch {
            fields: targets.iter().map(|t| &self.targets[*t].field).collect(),
            columns: targets.iter().map(|t| part.iter().map(|(at, _)| cell(*at, *t)).collect()).collect(),
        };
        let ids: Vec<i64> = part.iter().map(|(_, id)| *id).collect();
        let differing = intake::differing(tx, self.kind, &ids, &batch).await?;
        let done = if differing.is_empty() { Vec::new() } else { intake::update(tx, self.kind, &ids, &batch).await? };
        let done: std::collections::HashSet<i64> = done.into_iter().collect();
        written.updated += done.len() as u64;
        written.unchanged += (part.len() - differing.len()) as u64;
        for id in differing.into_iter().filter(|id| !done.contains(id)) {
            if let Some((at, _)) = part.iter().find(|(_, known)| *known == id) {
                written.refused.push((*at, "you may see this record, but not change it".into()));
            }
        }
        written.later.extend(later);
        Ok(())
    }
}
