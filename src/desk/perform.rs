//! Carrying actions out: rights, targets, chunks, conflicts, and what to tell of each record.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use sqlx::PgConnection;

use super::create::Draft;
use super::plan::{Plan, Verdict};
use super::rights;
use super::{Conflict, Cx, Desk, Error, Outcome, Preview, Result, constraint, failed, say};
use crate::domain::action::{Action, Targets};
use crate::domain::change::Door;
use crate::domain::field::{FieldType, Lang};
use crate::domain::kind::{Kind, KindId, Registry};
use crate::domain::right::Verb;
use crate::domain::value::Value;
use crate::store::write::{self, Lock};
use crate::store::{self, OperationSpec, Tx, history, list, record};

/// Records written in one transaction.
pub(super) const CHUNK: usize = 2_000;
/// Ids that an outcome names.
const NAMED: usize = 1_000;
/// What a chunk came to.
#[derive(Default)]
pub(super) struct Tally {
    pub(super) records: Vec<(KindId, i64)>,
    pub(super) done: u64,
    pub(super) unchanged: u64,
    pub(super) refused: Vec<(i64, Refusal)>,
}

/// Why a record was not written.
pub(super) enum Refusal {
    Said(Error),
    Conflict(Vec<Conflict>),
}

impl Desk {
    /// Carries an action out. Up to 2,000 records in one transaction, more in chunks under one operation; `progress`
    /// hears how many are done. For a single record, named by id, a refusal is the error; for several, refusals are
    /// listed in `failed`. `Matching` whose number is not the expected one is `Invalid`.
    pub async fn perform(
        &self,
        cx: &Cx,
        targets: &Targets,
        action: &Action,
        progress: &(dyn Fn(u64) + Send + Sync),
    ) -> Result<Outcome> {
        let mut outcome = self.carry_out(cx, targets, action, progress).await?;
        if outcome.done > 0 {
            outcome.notes = self.away_notes(cx, action).await;
        }
        Ok(outcome)
    }

    async fn carry_out(
        &self,
        cx: &Cx,
        targets: &Targets,
        action: &Action,
        progress: &(dyn Fn(u64) + Send + Sync),
    ) -> Result<Outcome> {
        let registry = self.registry_for(cx);
        if let Action::Create { kind, values } = action {
            return self.create(cx, &registry, registry.kind(*kind), values).await;
        }
        if *action == Action::Pull {
            return self.pull(cx, &registry).await;
        }
        let lang = cx.viewer.lang;
        steps(action, lang)?;
        let (kind, ids) = self.targets(cx, &registry, targets, rights::verb_of(action)).await?;
        let single = ids.len() == 1 && matches!(targets, Targets::Records(..));
        let mut outcome = Outcome::default();
        for chunk in ids.chunks(CHUNK) {
            let refused = match self.chunk(cx, &registry, kind, chunk, action, &mut outcome).await {
                Ok(refused) => refused,
                Err(error) => return Err(interrupted(lang, error, &outcome, ids.len())),
            };
            for (id, refusal) in refused {
                match refusal {
                    Refusal::Said(error) if single => return Err(error),
                    Refusal::Conflict(conflicts) if single => {
                        if cx.door == Door::Tui && matches!(action, Action::Set { .. }) {
                            self.note_conflict(cx, kind.id, id).await;
                        }
                        return Err(Error::Conflict(conflicts));
                    }
                    refusal => outcome.failed.push((kind.code(id), refusal.sentence(kind, lang))),
                }
            }
            progress(outcome.done + outcome.unchanged + outcome.failed.len() as u64);
        }
        Ok(outcome)
    }

    /// The kind and the ids, ascending, that a verb is for; refuses when the person may not do it or the number is not
    /// the one they confirmed.
    pub(super) async fn targets<'a>(
        &self,
        cx: &Cx,
        registry: &'a Registry,
        targets: &Targets,
        verb: Verb,
    ) -> Result<(&'a Kind, Vec<i64>)> {
        let lang = cx.viewer.lang;
        let kind = match targets {
            Targets::None => {
                return Err(Error::Invalid {
                    field: String::new(),
                    reason: say(lang, "Choose the records first.", "请先选择记录。"),
                });
            }
            Targets::Records(kind, _) | Targets::Matching { kind, .. } => registry.kind(*kind),
        };
        rights::may(&cx.viewer, kind, verb)?;
        let ids = match targets {
            Targets::None => Vec::new(),
            Targets::Records(_, ids) => {
                let mut ids = ids.clone();
                ids.sort_unstable();
                ids.dedup();
                ids
            }
            Targets::Matching { query, expect, .. } => {
                let mut tx = self.read_tx(cx).await?;
                let ids =
                    list::all_ids(&mut tx, registry, kind.id, query, &cx.viewer).await.map_err(|e| failed(lang, e))?;
                if let Some(expect) = expect
                    && *expect != ids.len() as u64
                {
                    return Err(Error::Invalid {
                        field: String::new(),
                        reason: say(
                            lang,
                            format!("Expected {expect}, now {} match; look again.", ids.len()),
                            format!("原有 {expect} 条符合，现在是 {} 条，请重新查看。", ids.len()),
                        ),
                    });
                }
                ids
            }
        };
        if verb > Verb::Read {
            rights::so_many(&cx.viewer, ids.len())?;
        }
        Ok((kind, ids))
    }

    /// One transaction more of the outcome's operation, tried again when others' transactions got in its way; gives back
    /// what was refused. Writes nothing and keeps no operation when no record needs a change.
    pub(super) async fn chunk(
        &self,
        cx: &Cx,
        registry: &Registry,
        kind: &Kind,
        ids: &[i64],
        action: &Action,
        outcome: &mut Outcome,
    ) -> Result<Vec<(i64, Refusal)>> {
        let mut tries = 0;
        loop {
            tries += 1;
            let spec = OperationSpec { action: action.name(), undoes: None, resume: outcome.operation };
            match self.try_chunk(cx, registry, kind, ids, action, &spec).await {
                Err(Trouble::Store(error)) if error.is_worth_another(tries) => {}
                Err(Trouble::Store(error)) => return Err(failed(cx.viewer.lang, error)),
                Err(Trouble::Said(error)) => return Err(error),
                Ok((tally, made)) => {
                    outcome.operation = outcome.operation.or(made);
                    outcome.done += tally.done;
                    outcome.unchanged += tally.unchanged;
                    let room = NAMED.saturating_sub(outcome.records.len());
                    outcome.records.extend(tally.records.into_iter().take(room));
                    return Ok(tally.refused);
                }
            }
        }
    }

    async fn try_chunk(
        &self,
        cx: &Cx,
        registry: &Registry,
        kind: &Kind,
        ids: &[i64],
        action: &Action,
        spec: &OperationSpec<'_>,
    ) -> std::result::Result<(Tally, Option<i64>), Trouble> {
        if let Action::Macro { steps, .. } = action {
            return self.try_steps(cx, registry, kind, ids, steps, spec).await;
        }
        let mut tx = self.inner.store.begin(&cx.actor(), Some(spec)).await?;
        let plan = Plan::new(&mut tx, registry, cx, kind, action).await?;
        let mut tally = Tally::default();
        let write = sort_out(&mut tx, cx, kind, &plan, ids, Lock::Write, &mut tally).await?;
        if let [id] = write[..]
            && let Some(conflict) = plan.said_meanwhile(&mut tx, cx, id).await?
        {
            tally.refused.push((id, Refusal::Conflict(vec![conflict])));
        } else if !write.is_empty() {
            write_or_split(&mut tx, cx, kind, &plan, write, &mut tally).await?;
        }
        explain_conflicts(&mut tx, registry, kind, ids.len() == 1, &mut tally).await?;
        if tally.done == 0 {
            return Ok((tally, None));
        }
        Ok((tally, keep(tx).await?))
    }

    /// The steps of a macro. A record that one of them refuses gets none: then all is taken back and done again without
    /// it, which each step makes happen at most once or twice.
    async fn try_steps(
        &self,
        cx: &Cx,
        registry: &Registry,
        kind: &Kind,
        ids: &[i64],
        steps: &[Action],
        spec: &OperationSpec<'_>,
    ) -> std::result::Result<(Tally, Option<i64>), Trouble> {
        let mut left = ids.to_vec();
        let mut whole = Tally::default();
        while !left.is_empty() {
            let mut tx = self.inner.store.begin(&cx.actor(), Some(spec)).await?;
            let (mut changed, mut records) = (BTreeSet::new(), BTreeSet::new());
            let mut refused = Vec::new();
            for step in steps {
                let plan = Plan::new(&mut tx, registry, cx, kind, step).await?;
                let mut tally = Tally::default();
                let write = sort_out(&mut tx, cx, kind, &plan, &left, Lock::Write, &mut tally).await?;
                changed.extend(write.iter().copied());
                if !write.is_empty() {
                    write_or_split(&mut tx, cx, kind, &plan, write, &mut tally).await?;
                }
                records.extend(tally.records);
                refused = tally.refused;
                if !refused.is_empty() {
                    break;
                }
            }
            if refused.is_empty() {
                whole.done = changed.len() as u64;
                whole.unchanged = (left.len() - changed.len()) as u64;
                whole.records = records.into_iter().collect();
                if whole.done == 0 {
                    break;
                }
                return Ok((whole, keep(tx).await?));
            }
            tx.rollback().await?;
            let lacking: HashSet<i64> = refused.iter().map(|(id, _)| *id).collect();
            left.retain(|id| !lacking.contains(id));
            whole.refused.append(&mut refused);
        }
        Ok((whole, None))
    }

    async fn create(&self, cx: &Cx, registry: &Registry, kind: &Kind, values: &[(String, Value)]) -> Result<Outcome> {
        let lang = cx.viewer.lang;
        rights::may(&cx.viewer, kind, Verb::Create)?;
        let mut draft = Draft::new(registry, kind, values, lang)?;
        let spec = OperationSpec { action: "create", undoes: None, resume: None };
        let mut tx = self.inner.store.begin(&cx.actor(), Some(&spec)).await.map_err(|e| failed(lang, e))?;
        draft.fill(&mut tx, cx).await?;
        draft.check(&mut tx, registry, cx).await?;
        let made = draft.insert(&mut tx).await.map_err(|e| constraint(lang, kind, e))?;
        let operation = tx.operation();
        tx.commit().await.map_err(|e| constraint(lang, kind, e))?;
        Ok(Outcome { operation, records: vec![made], done: 1, ..Outcome::default() })
    }

    /// What `perform` would do, without doing it.
    pub async fn preview(&self, cx: &Cx, targets: &Targets, action: &Action) -> Result<Preview> {
        let registry = self.registry_for(cx);
        let lang = cx.viewer.lang;
        if let Action::Create { kind, values } = action {
            let kind = registry.kind(*kind);
            rights::may(&cx.viewer, kind, Verb::Create)?;
            let mut tx = self.read_tx(cx).await?;
            let mut draft = Draft::new(&registry, kind, values, lang)?;
            draft.fill(&mut tx, cx).await?;
            draft.check(&mut tx, &registry, cx).await?;
            return Ok(Preview { total: 1, will_change: 1, ..Preview::default() });
        }
        let steps = steps(action, lang)?;
        let (kind, ids) = self.targets(cx, &registry, targets, rights::verb_of(action)).await?;
        let mut tx = self.read_tx(cx).await?;
        let mut plans = Vec::new();
        for step in steps {
            plans.push(Plan::new(&mut tx, &registry, cx, kind, step).await?);
        }
        let mut preview = Preview { total: ids.len() as u64, ..Preview::default() };
        let mut sample = Vec::new();
        for chunk in ids.chunks(CHUNK) {
            // Each step is judged by the records as they are now: what an earlier one would make of them is not known.
            let (mut write, mut refused) = (BTreeSet::new(), BTreeMap::new());
            for plan in &plans {
                let mut tally = Tally::default();
                let changes = sort_out(&mut tx, cx, kind, plan, chunk, Lock::None, &mut tally)
                    .await
                    .map_err(|trouble| trouble.into_error(lang))?;
                write.extend(changes);
                for (id, refusal) in tally.refused {
                    refused.entry(id).or_insert(refusal);
                }
            }
            write.retain(|id| !refused.contains_key(id));
            preview.will_change += write.len() as u64;
            preview.unchanged += (chunk.len() - write.len() - refused.len()) as u64;
            sample.extend(write.into_iter().take(5_usize.saturating_sub(sample.len())));
            for (id, refusal) in refused {
                let reason = refusal.sentence(kind, lang).replace(&kind.code(id), kind.one.get(lang));
                match preview.refused.iter_mut().find(|(said, _)| *said == reason) {
                    Some((_, n)) => *n += 1,
                    None => preview.refused.push((reason, 1)),
                }
            }
        }
        preview.sample =
            record::read(&mut tx, &registry, kind.id, &sample, cx.viewer.now).await.map_err(|e| failed(lang, e))?;
        Ok(preview)
    }
}

/// Commits what was written; the operation that it was.
async fn keep(tx: Tx) -> std::result::Result<Option<i64>, Trouble> {
    let operation = tx.operation();
    tx.commit().await?;
    Ok(operation)
}

/// The steps of an action, most often itself alone. Refuses macros with steps that none may have.
fn steps(action: &Action, lang: Lang) -> Result<&[Action]> {
    let Action::Macro { name, steps } = action else { return Ok(std::slice::from_ref(action)) };
    // A macro is kept with the steps of the macros that were part of it.
    let is_step = |step: &Action| step.can_be_recorded() && !matches!(step, Action::Macro { .. });
    if !steps.is_empty() && steps.iter().all(is_step) {
        return Ok(steps);
    }
    Err(Error::Invalid {
        field: String::new(),
        reason: say(
            lang,
            format!("The macro “{name}” has no steps, or some that a macro may not have: record it anew."),
            format!("宏“{name}”没有步骤，或含有不允许的步骤，请重新录制。"),
        ),
    })
}

/// Reads (and locks) the records, and sorts them: those to write are returned, the others are counted.
async fn sort_out(
    conn: &mut PgConnection,
    cx: &Cx,
    kind: &Kind,
    plan: &Plan<'_>,
    ids: &[i64],
    lock: Lock,
    tally: &mut Tally,
) -> std::result::Result<Vec<i64>, Trouble> {
    let lang = cx.viewer.lang;
    let present = write::present(conn, kind, ids, &plan.reads(), lock).await?;
    if present.len() < ids.len() {
        let found: HashSet<i64> = present.iter().map(|p| p.id).collect();
        let lacking: Vec<i64> = ids.iter().copied().filter(|id| !found.contains(id)).collect();
        let visible: HashSet<i64> = record::visible(conn, kind, &lacking).await?.into_iter().collect();
        for id in lacking {
            let error = if visible.contains(&id) {
                Error::Denied(rights::not_yours(lang, kind, id))
            } else {
                super::not_there(lang, kind, id)
            };
            tally.refused.push((id, Refusal::Said(error)));
        }
    }
    let mut write = Vec::with_capacity(present.len());
    for record in &present {
        match plan.judge(kind, record, lang) {
            Verdict::Write => write.push(record.id),
            Verdict::Unchanged => tally.unchanged += 1,
            Verdict::Refuse(field, reason) => {
                let error = Error::Invalid { field, reason };
                tally.refused.push((record.id, Refusal::Said(error)));
            }
            Verdict::Conflict(conflicts) => tally.refused.push((record.id, Refusal::Conflict(conflicts))),
        }
    }
    Ok(write)
}

/// Writes for all these records in one statement. When a constraint refuses, halves are tried, down to the records that
/// are to blame.
async fn write_or_split(
    tx: &mut Tx,
    cx: &Cx,
    kind: &Kind,
    plan: &Plan<'_>,
    ids: Vec<i64>,
    tally: &mut Tally,
) -> std::result::Result<(), Trouble> {
    let lang = cx.viewer.lang;
    let alone = ids.len() == 1;
    let mut waiting = vec![ids];
    while let Some(ids) = waiting.pop() {
        if !alone {
            write::savepoint(tx).await?;
        }
        match plan.write(tx, kind, &ids).await {
            Ok(written) => {
                // A record that turned out to be as wanted after all (tags in another order) is not written.
                // A reply writes its ticket besides the message.
                tally.done += written.len().min(ids.len()) as u64;
                tally.unchanged += ids.len().saturating_sub(written.len()) as u64;
                tally.records.extend(written);
                if !alone {
                    write::release_savepoint(tx).await?;
                }
            }
            Err(error) if write::is_refusal(&error) => {
                if let [id] = ids[..] {
                    tally.refused.push((id, Refusal::Said(constraint(lang, kind, error))));
                } else {
                    let half = ids.len() / 2;
                    waiting.push(ids[half..].to_vec());
                    waiting.push(ids[..half].to_vec());
                }
                if alone {
                    // The transaction is spoilt, and nothing is left to do in it.
                    return Ok(());
                }
                write::rollback_to_savepoint(tx).await?;
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// Puts names to the conflicts of a single record: who changed it, when, and what references point at.
async fn explain_conflicts(
    tx: &mut Tx,
    registry: &Registry,
    kind: &Kind,
    single: bool,
    tally: &mut Tally,
) -> std::result::Result<(), Trouble> {
    for (id, refusal) in &mut tally.refused {
        let Refusal::Conflict(conflicts) = refusal else { continue };
        for conflict in conflicts {
            let Some(field) = kind.field(&conflict.field) else { continue };
            if single && let Some((by, at)) = history::last_change(tx, kind, *id, field.db_column()).await? {
                conflict.by = by;
                conflict.at = Some(at);
            }
            if matches!(field.ty, FieldType::Ref(_)) {
                let values = [&mut conflict.was, &mut conflict.mine, &mut conflict.theirs];
                let mut wanted = record::Wanted::default();
                for value in &values {
                    wanted.value(field, value);
                }
                let labels = wanted.read(tx, registry).await?;
                for value in values {
                    labels.put(field, value);
                }
            }
        }
    }
    Ok(())
}

impl Refusal {
    pub(super) fn sentence(&self, kind: &Kind, lang: Lang) -> String {
        match self {
            Self::Said(error) => error.to_string(),
            Self::Conflict(conflicts) => {
                let labels: Vec<&str> = conflicts
                    .iter()
                    .map(|c| kind.field(&c.field).map_or(c.field.as_str(), |f| f.label.get(lang)))
                    .collect();
                say(
                    lang,
                    format!("Somebody else changed {} meanwhile.", labels.join(", ")),
                    format!("他人已修改{}。", labels.join("、")),
                )
            }
        }
    }
}

/// What stops a chunk: a sentence for the person, or the database.
pub(super) enum Trouble {
    Said(Error),
    Store(store::Error),
}

impl Trouble {
    pub(super) fn into_error(self, lang: Lang) -> Error {
        match self {
            Self::Said(error) => error,
            Self::Store(error) => failed(lang, error),
        }
    }
}

impl From<store::Error> for Trouble {
    fn from(error: store::Error) -> Self {
        Self::Store(error)
    }
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        Self::Said(error)
    }
}

/// An error in the middle of a long action says how far it came, since what is committed stays.
pub(super) fn interrupted(lang: Lang, error: Error, outcome: &Outcome, total: usize) -> Error {
    if outcome.done == 0 {
        return error;
    }
    Error::Unavailable(say(
        lang,
        format!("{error} {} of {total} are done; undo takes them back.", outcome.done),
        format!("{error}已完成 {} / {total} 条，可以撤销。", outcome.done),
    ))
}
