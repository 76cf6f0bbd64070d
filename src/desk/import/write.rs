//! A batch of rows into the database: found ones updated, new ones inserted, and the rows that a constraint refuses told
//! apart from the rest.

use std::collections::HashMap;

use super::super::constraint;
use super::promise::{Broken, Promises};
use super::row::{Made, Target};
use crate::domain::field::{FieldType, Lang};
use crate::domain::kind::{Kind, Registry};
use crate::domain::words::Kept;
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

impl Written {
    fn add(&mut self, part: Self) {
        self.created += part.created;
        self.updated += part.updated;
        self.unchanged += part.unchanged;
        self.refused.extend(part.refused);
        self.later.extend(part.later);
    }
}

/// How to write, the same for all batches.
pub(super) struct Writer<'a> {
    pub registry: &'a Registry,
    pub kind: &'a Kind,
    pub targets: Vec<Target>,
    /// Parallel to `targets`: false for one that has no column yet.
    pub keep: Vec<bool>,
    /// Places in `targets` that a record is found by.
    pub keys: Vec<usize>,
    pub lang: Lang,
    /// How rows update records that are there already.
    pub hint: &'a str,
}

#[derive(Clone, Copy)]
enum Deed {
    Insert,
    Update,
}

impl Writer<'_> {
    pub(super) async fn write(&self, tx: &mut Tx, promises: &mut Promises, rows: &[Made]) -> store::Result<Written> {
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
        self.split(tx, promises, Deed::Insert, rows, new, &mut written).await?;
        self.split(tx, promises, Deed::Update, rows, known, &mut written).await?;
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
                .map(|key| places.iter().map(|at| rows[*at].cells[*key].as_deref()).collect())
                .collect(),
            words: None,
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
        promises: &mut Promises,
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
            promises.mark();
            let result = match deed {
                Deed::Insert => self.insert(tx, promises, rows, &part).await,
                Deed::Update => self.update(tx, promises, rows, &part).await,
            };
            match result {
                Ok(done) if !done.refused.is_empty() && promises.has_made() => {
                    // Something may have been made for just these; the others go once more, without them.
                    promises.take_back();
                    intake::rollback_to_savepoint(tx).await?;
                    parts
                        .push(part.into_iter().filter(|(at, _)| done.refused.iter().all(|(no, _)| no != at)).collect());
                    written.refused.extend(done.refused);
                }
                Ok(done) => {
                    intake::release(tx).await?;
                    written.add(done);
                }
                Err(broken) => {
                    promises.take_back();
                    let reason = self.reason(broken)?;
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
    fn reason(&self, Broken { kind, name, error }: Broken) -> store::Result<String> {
        let kind = self.registry.kind(kind);
        let of_reference = |why: String| match &name {
            Some(name) => format!("no {} is called “{name}”, and none can be made: {why}", kind.one.en.to_lowercase()),
            None => why,
        };
        match error {
            store::Error::Constraint(ref constraint_name) if constraint_name.ends_with("_key") => {
                let said = constraint(self.lang, kind, error).to_string();
                let hint =
                    if kind.id == self.kind.id && name.is_none() { format!(" ({})", self.hint) } else { String::new() };
                Ok(of_reference(format!("{said}{hint}")))
            }
            store::Error::Constraint(_) => Ok(of_reference(constraint(self.lang, kind, error).to_string())),
            store::Error::Denied(_) if name.is_some() || kind.id != self.kind.id => {
                Ok(of_reference("your role may not make one".into()))
            }
            store::Error::Denied(_) => Ok("your role may not write such a record; is its owner in your team?".into()),
            error if intake::is_too_long(&error) => {
                Ok(of_reference("a text is too long for its index; shorten it".into()))
            }
            error if intake::is_no_value(&error) => {
                Ok(of_reference("the database cannot keep one of its values as it is written".into()))
            }
            error => Err(error),
        }
    }

    fn broken(&self, error: store::Error) -> Broken {
        Broken { kind: self.kind.id, name: None, error }
    }

    /// One column of these rows, promised records by their ids now.
    fn column<'c>(
        &self,
        promises: &'c Promises,
        target: usize,
        cells: impl Iterator<Item = Option<&'c str>>,
    ) -> Vec<Option<&'c str>> {
        if matches!(self.targets[target].field.ty, FieldType::Ref(_)) {
            cells.map(|cell| cell.map(|cell| promises.real(cell))).collect()
        } else {
            cells.collect()
        }
    }

    /// What the rows' references name, ids and promises alike.
    fn named<'c>(
        &'c self,
        targets: &'c [usize],
        part: &'c [(usize, i64)],
        cell: impl Fn(usize, usize) -> Option<&'c str> + 'c,
    ) -> impl Iterator<Item = &'c str> {
        let references = targets.iter().filter(|target| matches!(self.targets[**target].field.ty, FieldType::Ref(_)));
        references.flat_map(move |target| part.iter().filter_map(|(at, _)| cell(*at, *target)).collect::<Vec<_>>())
    }

    async fn insert(
        &self,
        tx: &mut Tx,
        promises: &mut Promises,
        rows: &[Made],
        part: &[(usize, i64)],
    ) -> Result<Written, Broken> {
        let kept: Vec<usize> = (0..self.targets.len()).filter(|at| self.keep[*at]).collect();
        let cell = |at: usize, target: usize| rows[at].cells[target].as_deref();
        promises.keep(tx, self.registry, self.named(&kept, part, cell)).await?;
        let words = |of: fn(&Kept) -> Option<&str>| -> Vec<Option<&str>> {
            part.iter().map(|(at, _)| rows[*at].words.as_ref().and_then(of)).collect()
        };
        let batch = Batch {
            fields: kept.iter().map(|at| &self.targets[*at].field).collect(),
            columns: kept
                .iter()
                .map(|target| self.column(promises, *target, part.iter().map(|(at, _)| cell(*at, *target))))
                .collect(),
            words: Some([words(|kept| Some(kept.search.as_str())), words(|kept| kept.ident.as_deref())]),
        };
        let ids = intake::insert(tx, self.kind, &batch).await.map_err(|e| self.broken(e))?;
        let mut written = Written { created: ids.len() as u64, ..Written::default() };
        for ((at, _), id) in part.iter().zip(ids) {
            if let Some((field, name)) = &rows[*at].later {
                written.later.push((id, *field, name.clone()));
            }
        }
        Ok(written)
    }

    async fn update(
        &self,
        tx: &mut Tx,
        promises: &mut Promises,
        rows: &[Made],
        part: &[(usize, i64)],
    ) -> Result<Written, Broken> {
        let mut written = Written::default();
        let targets: Vec<usize> = (0..self.targets.len())
            .filter(|at| self.keep[*at] && !self.targets[*at].only_new && !self.keys.contains(at))
            .collect();
        let later = part
            .iter()
            .filter_map(|(at, id)| rows[*at].later.as_ref().map(|(field, name)| (*id, *field, name.clone())));
        written.later.extend(later);
        if targets.is_empty() {
            written.unchanged += part.len() as u64;
            return Ok(written);
        }
        let cell = |at: usize, target: usize| {
            let row = &rows[at];
            if row.silent.contains(&target) { None } else { row.cells[target].as_deref() }
        };
        promises.keep(tx, self.registry, self.named(&targets, part, cell)).await?;
        let batch = Batch {
            fields: targets.iter().map(|t| &self.targets[*t].field).collect(),
            columns: targets
                .iter()
                .map(|t| self.column(promises, *t, part.iter().map(|(at, _)| cell(*at, *t))))
                .collect(),
            words: None,
        };
        let ids: Vec<i64> = part.iter().map(|(_, id)| *id).collect();
        let differing = intake::differing(tx, self.kind, &ids, &batch).await.map_err(|e| self.broken(e))?;
        let done = if differing.is_empty() {
            Vec::new()
        } else {
            intake::update(tx, self.kind, &ids, &batch).await.map_err(|e| self.broken(e))?
        };
        let done: std::collections::HashSet<i64> = done.into_iter().collect();
        written.updated += done.len() as u64;
        written.unchanged += (part.len() - differing.len()) as u64;
        for id in differing.into_iter().filter(|id| !done.contains(id)) {
            if let Some((at, _)) = part.iter().find(|(_, known)| *known == id) {
                written.refused.push((*at, "you may see this record, but not change it".into()));
            }
        }
        Ok(written)
    }
}
