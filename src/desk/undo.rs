//! Taking operations back, and taking that back. A field returns to its former value only if it still has the one that
//! the operation gave it; a new record goes to the recycle bin.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};

use super::outbox::{self, Draft};
use super::perform::{CHUNK, Trouble};
use super::rights;
use super::{Cx, Desk, Error, Outcome, Result, Undid, Undoable, constraint, failed, say};
use crate::domain::change::Door;
use crate::domain::field::Lang;
use crate::domain::figures::grouped;
use crate::domain::kind::{Kind, KindId, MESSAGE, Registry};
use crate::domain::right::Permission;
use crate::store::outbox::has_left;
use crate::store::undo::{self, Deeds, Operation, Touched, Undoing};
use crate::store::{OperationSpec, Tx, record, write};

/// How far back a seat's own operations are looked through.
const LOOK_BACK: i64 = 100;
const NAMED: usize = 1_000;
/// One transaction's share of an operation.
type Batch<'a> = Vec<Share<'a>>;

/// Records of one kind, and where in history their changes stand.
struct Share<'a> {
    kind: &'a Kind,
    ids: Vec<i64>,
    changes: (i64, i64),
}

impl Desk {
    /// Undoes an operation, or the seat's (command line: the person's) latest not undone yet. Fields changed since are
    /// left and listed in `failed`. Undoing an undo is redo. Nothing to undo: `NotFound`; undone already: `Invalid`;
    /// another person's, and not an admin: `Denied`.
    pub async fn undo(&self, cx: &Cx, operation: Option<i64>) -> Result<Outcome> {
        let lang = cx.viewer.lang;
        let mut tx = self.read_tx(cx).await?;
        let operation = match operation {
            Some(id) => {
                let found = undo::operation(&mut tx, id).await.map_err(|e| failed(lang, e))?.ok_or_else(|| {
                    Error::NotFound(say(lang, format!("There is no operation {id}."), format!("没有操作 {id}。")))
                })?;
                if found.by_id != Some(cx.viewer.me.id) {
                    let (en, zh) = (
                        "That was somebody else's; they or an admin can undo it.",
                        "这是他人的操作，只有本人或管理员可以撤销。",
                    );
                    rights::permitted(&cx.viewer, Permission::Undo, en, zh)?;
                }
                found
            }
            None => latest(&mut tx, cx, false).await?.ok_or_else(|| {
                Error::NotFound(say(lang, "There is nothing of yours to undo.", "没有可以撤销的操作。"))
            })?,
        };
        drop(tx);
        let action = if operation.action == "undo" { "redo" } else { "undo" };
        self.take_back(cx, &operation, action).await
    }

    /// Takes back this seat's latest undo, unless something new was done since.
    pub async fn redo(&self, cx: &Cx) -> Result<Outcome> {
        let lang = cx.viewer.lang;
        let mut tx = self.read_tx(cx).await?;
        let operation = latest(&mut tx, cx, true)
            .await?
            .ok_or_else(|| Error::NotFound(say(lang, "There is nothing to redo.", "没有可以重做的操作。")))?;
        drop(tx);
        self.take_back(cx, &operation, "redo").await
    }

    /// What is to be taken back next by this seat; replies that have left are passed over. `None` when there is nothing.
    pub async fn undoable(&self, cx: &Cx) -> Result<Option<Undoable>> {
        let lang = cx.viewer.lang;
        let registry = self.registry_for(cx);
        let mut tx = self.read_tx(cx).await?;
        let time = |at: DateTime<Utc>| at.with_timezone(&cx.viewer.zone).format("%H:%M").to_string();
        let (mut found, mut stays) = (None, None);
        for operation in standing(&mut tx, cx, false).await? {
            // A reply that has left cannot be taken back, and is not in the way of what was done before.
            if operation.action != "reply" || !has_left(&mut tx, operation.id).await.map_err(|e| failed(lang, e))? {
                found = Some(operation);
                break;
            }
            let at = time(operation.at);
            stays.get_or_insert_with(|| {
                say(
                    lang,
                    format!("Your reply of {at} was passed on for sending and stays."),
                    format!("您 {at} 的回复已交付发送，不能撤回。"),
                )
            });
        }
        let Some(operation) = found else { return Ok(None) };
        let touched = undo::touched(&mut tx, operation.id).await.map_err(|e| failed(lang, e))?;
        let undid = undid(&mut tx, &registry, &operation, &touched).await.map_err(|e| failed(lang, e))?;
        if undid.records.is_empty() {
            return Ok(None);
        }
        let (en, zh) = match operation.action.as_str() {
            "create" => ("creation of", "新建"),
            "tag" => ("tagging of", "标签修改"),
            "comment" => ("comment", "备注"),
            "reply" => ("reply", "回复"),
            "pull" => ("taking of", "领取"),
            "log" => ("activity", "活动"),
            "macro" => ("macro on", "宏"),
            "delete" => ("deletion of", "删除"),
            "restore" => ("restoring of", "恢复"),
            "import" => ("import of", "导入"),
            "redo" => ("redoing of", "重做"),
            _ => ("change of", "修改"),
        };
        let (what, at) = (undid.what(&registry, lang), time(operation.at));
        let records = touched.iter().take(NAMED).filter_map(|t| Some((known(&registry, t)?.id, t.record))).collect();
        let what = say(lang, format!("Undo the {en} {what} ({at})."), format!("撤销{zh}：{what}（{at}）。"));
        Ok(Some(Undoable { operation: operation.id, action: operation.action, what, records, stays }))
    }

    async fn take_back(&self, cx: &Cx, operation: &Operation, action: &str) -> Result<Outcome> {
        let lang = cx.viewer.lang;
        let registry = self.registry_for(cx);
        let mut tx = self.read_tx(cx).await?;
        let touched = undo::touched(&mut tx, operation.id).await.map_err(|e| failed(lang, e))?;
        let undid = undid(&mut tx, &registry, operation, &touched).await.map_err(|e| failed(lang, e))?;
        drop(tx);
        let batches = batches(&registry, &touched);
        let total: usize = batches.iter().flatten().map(|share| share.ids.len()).sum();
        let mut outcome = Outcome { undid: Some(Box::new(undid)), ..Outcome::default() };
        let mut seen = 0;
        for (place, batch) in batches.iter().enumerate() {
            let mut tries = 0;
            let part = loop {
                tries += 1;
                let step = Step {
                    operation: operation.id,
                    of: &operation.action,
                    action,
                    resume: outcome.operation,
                    is_first: place == 0,
                    is_last: place + 1 == batches.len(),
                };
                match self.try_batch(cx, batch, &step).await {
                    Err(Trouble::Store(error)) if error.is_worth_another(tries) => {}
                    Err(trouble) => return Err(cut(lang, trouble.into_error(lang), seen, total)),
                    Ok(part) => break part,
                }
            };
            let (part, draft) = part;
            if let Some(undid) = &mut outcome.undid {
                undid.draft = undid.draft.take().or(draft);
            }
            seen += batch.iter().map(|share| share.ids.len()).sum::<usize>();
            outcome.operation = outcome.operation.or(part.operation);
            outcome.done += part.done;
            outcome.unchanged += part.unchanged;
            outcome.failed.extend(part.failed);
            let room = NAMED.saturating_sub(outcome.records.len());
            outcome.records.extend(part.records.into_iter().take(room));
        }
        Ok(outcome)
    }

    /// One transaction. The first decides whether there is anything to take back; every one leaves out what an undoing
    /// that was cut, or somebody at the same moment, has done already.
    async fn try_batch(
        &self,
        cx: &Cx,
        batch: &Batch<'_>,
        step: &Step<'_>,
    ) -> std::result::Result<(Outcome, Option<Draft>), Trouble> {
        let lang = cx.viewer.lang;
        let resume = match step.resume {
            Some(own) => Some(own),
            None => self.cut_undoing(cx, step.operation).await?,
        };
        let spec = OperationSpec { action: step.action, undoes: Some(step.operation), resume };
        let mut tx = self.inner.store.begin(&cx.actor(), Some(&spec)).await?;
        undo::lock(&mut tx, step.operation).await?;
        let mut undoings = undo::undoings(&mut tx, &[step.operation]).await?;
        // The operation just begun is itself one that takes this back.
        undoings.retain(|u| resume.is_some() || Some(u.id) != tx.operation());
        if step.is_first && !stands(step.operation, &undoings) {
            return Err(Trouble::Said(Error::Invalid {
                field: String::new(),
                reason: say(lang, "That is undone already.", "该操作已经撤销。"),
            }));
        }
        let standing: Vec<i64> =
            undoings.iter().filter(|u| u.undoes == step.operation && stands(u.id, &undoings)).map(|u| u.id).collect();
        let mut outcome = Outcome::default();
        let messages: Vec<i64> = batch.iter().filter(|s| s.kind.id == MESSAGE).flat_map(|s| s.ids.clone()).collect();
        outbox::may_undo(&mut tx, cx, step.of, &messages).await?;
        for share in batch {
            let kind = share.kind.id;
            let mut ids = share.ids.clone();
            if !standing.is_empty() {
                let done = undo::changed_by(&mut tx, &standing, kind, &ids).await?;
                let done: HashSet<i64> = done.into_iter().collect();
                ids.retain(|id| !done.contains(id));
            }
            let deeds = undo::deeds(&mut tx, step.operation, kind, &ids, share.changes).await?;
            restore(&mut tx, lang, share.kind, &deeds, &mut outcome).await?;
        }
        let draft = if step.of == "reply" { outbox::draft_again(&mut tx, cx, &messages).await? } else { None };
        let ends = step.is_last && resume.is_some();
        if let Some(made) = tx.operation()
            && (outcome.done > 0 || ends)
        {
            if ends || (resume.is_none() && !step.is_last) {
                undo::set_unfinished(&mut tx, made, !step.is_last).await?;
            }
            outcome.operation = Some(made);
            tx.commit().await?;
        }
        Ok((outcome, draft))
    }

    /// The person's own undoing of that operation that was cut. Another person's cannot be gone on with, and gets one of
    /// theirs beside it.
    async fn cut_undoing(&self, cx: &Cx, operation: i64) -> crate::store::Result<Option<i64>> {
        let mut tx = self.inner.store.begin(&cx.actor(), None).await?;
        let undoings = undo::undoings(&mut tx, &[operation]).await?;
        let me = Some(cx.viewer.me.id);
        let own = |u: &&Undoing| u.undoes == operation && u.is_unfinished && u.by_id == me && stands(u.id, &undoings);
        Ok(undoings.iter().find(own).map(|u| u.id))
    }
}

/// One transaction of an undoing.
struct Step<'a> {
    /// What is taken back.
    operation: i64,
    /// What that was: `set`, `reply`, ….
    of: &'a str,
    /// `undo` or `redo`.
    action: &'a str,
    /// The undoing that this one goes on with.
    resume: Option<i64>,
    is_first: bool,
    is_last: bool,
}

/// An error in the middle of an undoing says how far it came, and how it goes on.
fn cut(lang: Lang, error: Error, seen: usize, total: usize) -> Error {
    if seen == 0 {
        return error;
    }
    Error::Unavailable(say(
        lang,
        format!("{error} {seen} of {total} records are done; undo it again and the rest follows."),
        format!("{error}已处理 {seen} / {total} 条，再次撤销即可完成其余部分。"),
    ))
}

impl Undid {
    /// `T1042 Cannot log in`, or `3 tickets, 1 message`.
    pub fn what(&self, registry: &Registry, lang: Lang) -> String {
        if !self.title.is_empty() {
            return self.title.clone();
        }
        let many = self.records.iter().map(|&(kind, n)| {
            let kind = registry.kind(kind);
            let name = if n == 1 { &kind.one } else { &kind.many };
            let n = grouped(n.into());
            say(lang, format!("{n} {}", name.en.to_lowercase()), format!("{n} 条{}", name.zh))
        });
        many.collect::<Vec<_>>().join(say(lang, ", ", "、").as_str())
    }
}

/// An operation as people name it: whose, when, and how many records of which kinds.
async fn undid(
    tx: &mut Tx,
    registry: &Registry,
    operation: &Operation,
    touched: &[Touched],
) -> crate::store::Result<Undid> {
    let mut records: Vec<(KindId, u64)> = Vec::new();
    for touched in touched {
        let Some(kind) = known(registry, touched) else { continue };
        match records.iter_mut().find(|(id, _)| *id == kind.id) {
            Some((_, n)) => *n += 1,
            None => records.push((kind.id, 1)),
        }
    }
    records.sort_by_key(|(_, n)| std::cmp::Reverse(*n));
    let title = match title(tx, registry, touched).await? {
        Some(title) if touched.len() <= 2 => title,
        _ => String::new(),
    };
    Ok(Undid {
        operation: operation.id,
        action: operation.action.clone(),
        by: operation.by.clone(),
        door: operation.door.clone(),
        at: operation.at,
        records,
        title,
        draft: None,
    })
}

/// Code and title of the record that an operation was for: it comes first. `None` for kinds that are no longer known.
async fn title(tx: &mut Tx, registry: &Registry, touched: &[Touched]) -> crate::store::Result<Option<String>> {
    let Some(first @ Touched { record: id, .. }) = touched.first() else { return Ok(None) };
    let Some(kind) = known(registry, first) else { return Ok(None) };
    let mut wanted = record::Wanted::default();
    wanted.id(kind.id, *id);
    let labels = wanted.read(tx, registry).await?;
    let title = labels.get(kind.id, *id).unwrap_or_default();
    let title: String = title.lines().next().unwrap_or_default().chars().take(60).collect();
    Ok(Some(format!("{} {title}", kind.code(*id)).trim_end().to_owned()))
}

/// The seat's latest operation to undo, or its latest undo to take back.
async fn latest(tx: &mut Tx, cx: &Cx, redo: bool) -> Result<Option<Operation>> {
    Ok(standing(tx, cx, redo).await?.into_iter().next())
}

/// The seat's operations that can be undone, or its undoings that can be taken back, newest first. The command line has
/// no seat: the person's.
async fn standing(tx: &mut Tx, cx: &Cx, redo: bool) -> Result<Vec<Operation>> {
    let lang = cx.viewer.lang;
    let seat = (cx.door != Door::Cli).then_some(cx.seat.as_str());
    let recent = undo::recent(tx, seat, LOOK_BACK).await.map_err(|e| failed(lang, e))?;
    let ids: Vec<i64> = recent.iter().map(|o| o.id).collect();
    let undoings = undo::undoings(tx, &ids).await.map_err(|e| failed(lang, e))?;
    let mut found = Vec::new();
    for operation in recent {
        match (operation.action.as_str(), redo) {
            ("undo", true) | ("redo", false) if stands(operation.id, &undoings) => found.push(operation),
            ("undo" | "redo", _) => {}
            // Something new was done since: a redo now would come as a surprise.
            (_, true) => break,
            (_, false) if stands(operation.id, &undoings) => found.push(operation),
            (_, false) => {}
        }
    }
    Ok(found)
}

/// The kind of a touched record; none of one that the program no longer knows.
fn known<'a>(registry: &'a Registry, touched: &Touched) -> Option<&'a Kind> {
    registry.kinds().iter().find(|k| k.id.0 == touched.kind)
}

/// True when nothing whole that stands takes the operation back.
fn stands(operation: i64, undoings: &[Undoing]) -> bool {
    !undoings.iter().any(|u| u.undoes == operation && !u.is_unfinished && stands(u.id, undoings))
}

/// Shares of at most `CHUNK` records. Kinds that the program no longer knows are left alone.
fn batches<'a>(registry: &'a Registry, touched: &[Touched]) -> Vec<Batch<'a>> {
    let known: Vec<(&Kind, &Touched)> = touched.iter().filter_map(|t| Some((known(registry, t)?, t))).collect();
    known
        .chunks(CHUNK)
        .map(|records| {
            records
                .chunk_by(|(a, _), (b, _)| a.id == b.id)
                .map(|records| Share {
                    kind: records[0].0,
                    ids: records.iter().map(|(_, t)| t.record).collect(),
                    changes: records
                        .iter()
                        .fold((i64::MAX, 0), |(first, last), (_, t)| (first.min(t.first), last.max(t.last))),
                })
                .collect()
        })
        .collect()
}

async fn restore(
    tx: &mut Tx,
    lang: Lang,
    kind: &Kind,
    deeds: &[Deeds],
    outcome: &mut Outcome,
) -> std::result::Result<(), Trouble> {
    let mut refuse = |id: i64, reason: String| outcome.failed.push((kind.code(id), reason));
    let created: Vec<i64> = deeds.iter().filter(|d| d.created && !d.erased).map(|d| d.record).collect();
    let updated: Vec<&Deeds> = deeds.iter().filter(|d| !d.created && !d.erased && !d.columns.is_empty()).collect();
    for gone in deeds.iter().filter(|d| d.erased) {
        refuse(gone.record, say(lang, "It was erased for good.", "已被永久清除。"));
    }
    // Only columns that the registry knows can be named in SQL; the recycle bin's is one of them.
    let known = record::columns(kind);
    let mut columns: Vec<&str> =
        known.iter().copied().filter(|c| updated.iter().any(|d| d.columns.iter().any(|have| have == c))).collect();
    columns.sort_unstable();

    let ids: Vec<i64> = updated.iter().map(|d| d.record).collect();
    let after: Vec<&str> = updated.iter().map(|d| d.after.as_str()).collect();
    let moved: HashMap<i64, Vec<String>> = if columns.is_empty() {
        HashMap::new()
    } else {
        undo::moved(tx, kind, &columns, &ids, &after).await?.into_iter().collect()
    };
    let mut values: Vec<(i64, String)> = Vec::new();
    for deed in &updated {
        match moved.get(&deed.record) {
            None => refuse(deed.record, say(lang, "It is out of your reach now.", "你已无权修改该记录。")),
            Some(since) if since.is_empty() => values.push((deed.record, deed.before.clone())),
            Some(since) => {
                let labels: Vec<&str> = since
                    .iter()
                    .map(|c| kind.fields.iter().find(|f| f.db_column() == c).map_or(c.as_str(), |f| f.label.get(lang)))
                    .collect();
                refuse(
                    deed.record,
                    say(
                        lang,
                        format!("{} was changed since and stays.", labels.join(", ")),
                        format!("{}后来又有修改，保持不变。", labels.join("、")),
                    ),
                );
                // `RawValue`s would need another feature; the few partly moved ones are rebuilt by name in the database.
                if since.len() < deed.columns.len() {
                    values.push((deed.record, undo::without(tx, &deed.before, since).await?));
                }
            }
        }
    }
    put_or_split(tx, lang, kind, &columns, values, outcome).await?;

    let mut ids = Vec::new();
    if !created.is_empty() {
        let present = write::present(tx, kind, &created, &[], write::Lock::Write).await?;
        for id in &created {
            match present.iter().find(|p| p.id == *id) {
                Some(p) if p.is_deleted => outcome.unchanged += 1,
                Some(_) => ids.push(*id),
                None => {
                    outcome
                        .failed
                        .push((kind.code(*id), say(lang, "It is out of your reach now.", "你已无权修改该记录。")));
                }
            }
        }
    }
    if !ids.is_empty() {
        let binned = write::bin(tx, kind, &ids, true).await?;
        outcome.done += binned.len() as u64;
        outcome.records.extend(binned.into_iter().map(|id| (kind.id, id)));
    }
    Ok(())
}

/// Puts the former values back; where a constraint refuses (the name was taken since), halves are tried, down to the
/// records that are to blame.
async fn put_or_split(
    tx: &mut Tx,
    lang: Lang,
    kind: &Kind,
    columns: &[&str],
    values: Vec<(i64, String)>,
    outcome: &mut Outcome,
) -> std::result::Result<(), Trouble> {
    let mut waiting = vec![values];
    while let Some(values) = waiting.pop() {
        if values.is_empty() {
            continue;
        }
        let ids: Vec<i64> = values.iter().map(|(id, _)| *id).collect();
        let docs: Vec<&str> = values.iter().map(|(_, doc)| doc.as_str()).collect();
        write::savepoint(tx).await?;
        match undo::put(tx, kind, columns, &ids, &docs).await {
            Ok(written) => {
                write::release_savepoint(tx).await?;
                outcome.done += written.len() as u64;
                outcome.records.extend(written.into_iter().map(|id| -> (KindId, i64) { (kind.id, id) }));
            }
            Err(error) if write::is_refusal(&error) => {
                write::rollback_to_savepoint(tx).await?;
                if let [(id, _)] = values[..] {
                    outcome.failed.push((kind.code(id), constraint(lang, kind, error).to_string()));
                } else {
                    let half = values.len() / 2;
                    waiting.push(values[half..].to_vec());
                    waiting.push(values[..half].to_vec());
                }
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}
