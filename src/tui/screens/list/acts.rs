//! What is done to records from a list: choosers for owner, priority, status and tags, the bin, the same again; on the
//! selected record, the marked ones or all that match.

use std::collections::BTreeSet;

use super::host::Heard;
use super::{List, View, set};
use crate::desk::{self, From, Outcome, Preview};
use crate::domain::action::{Action, Edit, Targets};
use crate::domain::field::FieldType;
use crate::domain::kind::{STAGE, USER};
use crate::domain::query::{Filter, Operand, Query};
use crate::domain::record::Record;
use crate::domain::value::{Ref, Value};
use crate::tui::command::Cmd;
use crate::tui::effect::{Answer, Ask, Out, Question, Tone};
use crate::tui::layer::Reply;
use crate::tui::screens;
use crate::tui::screens::chooser::{Chooser, Item};
use crate::tui::screens::confirm::Confirm;
use crate::tui::screens::history::History;
use crate::tui::screens::macros::MacroMenu;
use crate::tui::screens::moving::{Moving, Reason, moving};
use crate::tui::screens::prompt::Prompt;
use crate::tui::screens::record::solves;
use crate::tui::text;
use crate::tui::ui::Ui;

/// More records than this are shown before they are changed.
const AT_ONCE: usize = 20;

/// Which records are marked.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Marks {
    Some(BTreeSet<i64>),
    /// All that match, seen or not.
    All,
}

impl Default for Marks {
    fn default() -> Self {
        Self::Some(BTreeSet::new())
    }
}

impl Marks {
    pub(super) fn is_empty(&self) -> bool {
        matches!(self, Self::Some(ids) if ids.is_empty())
    }

    pub(super) fn has(&self, id: i64) -> bool {
        match self {
            Self::Some(ids) => ids.contains(&id),
            Self::All => true,
        }
    }

    /// How many, of so many that match.
    pub(super) fn len(&self, total: u64) -> usize {
        match self {
            Self::Some(ids) => ids.len(),
            Self::All => total as usize,
        }
    }

    /// False when all are marked: one of them cannot be left out.
    pub(super) fn toggle(&mut self, id: i64) -> bool {
        let Self::Some(ids) = self else { return false };
        if !ids.remove(&id) {
            ids.insert(id);
        }
        true
    }
}

/// The value that stood in the one record when the box was opened. What others change while the person chooses is a
/// conflict, even when the rows below show it already: the choice was made looking at the old one.
pub(super) type Seen = Option<(i64, Value)>;

/// What a box that was opened is for.
#[derive(Clone, Debug)]
pub(super) enum Pending {
    /// A choice of this field: its codes.
    Choice {
        field: String,
        codes: Vec<String>,
        seen: Seen,
    },
    /// A record for this reference field, by place in these.
    Reference {
        field: String,
        refs: Vec<Ref>,
        seen: Seen,
    },
    /// One of these stages for a deal.
    Stage {
        stages: Vec<Record>,
        seen: Seen,
    },
    /// Why a deal is lost that goes to this stage.
    Reason {
        stage: Record,
        seen: Seen,
    },
    Assign(Seen),
    Tags,
    Macro,
    Views(Vec<Record>),
    SaveView,
    Columns,
    /// Yes to the preview of this.
    Act(Targets, Box<Action>),
    /// What a strip says the fields shall be; filing moves on to the next row.
    Edits {
        moves_on: bool,
    },
}

/// What is being done.
#[derive(Default)]
pub(super) struct Acting {
    /// In the order in which they were asked for.
    pub(super) performing: Vec<(Ask, Targets, Action)>,
    preview: Option<(Ask, Targets, Action)>,
    /// Records for a chooser: of which field.
    choices: Option<(Ask, String)>,
    pub(super) views: Option<Ask>,
    /// The view being saved.
    pub(super) view: Option<(Ask, View)>,
    pub(super) progress: Option<u64>,
    /// What is being watched, or no longer.
    pub(super) watching: Option<(Ask, Targets, bool)>,
}

impl Acting {
    /// A box is on its way that will take the keys.
    pub(super) fn awaits_box(&self) -> bool {
        self.preview.is_some() || self.choices.is_some() || self.views.is_some()
    }

    /// The box is no longer wanted.
    pub(super) fn forget_box(&mut self) {
        (self.preview, self.choices, self.views) = (None, None, None);
    }
}

impl List {
    pub(super) fn act(&mut self, cmd: Cmd, ui: &Ui, out: &mut Out) {
        match cmd {
            Cmd::Mark => {
                if let Some(id) = self.rows.id() {
                    if self.marks == Marks::All && !self.rows.more_above && !self.rows.more_below {
                        self.marks = Marks::Some(self.rows.ids());
                    }
                    if !self.marks.toggle(id) {
                        return out.say(Tone::Info, ui.t("marked-all-hint"));
                    }
                    self.last_mark = Some(id);
                    let height = self.height(ui);
                    self.moved(ui, out, |rows| rows.step(1, height));
                }
            }
            Cmd::MarkRange => self.mark_range(),
            Cmd::MarkAll => {
                self.marks = if self.marks == Marks::All { Marks::default() } else { Marks::All };
            }
            Cmd::Assign => match screens::picker(&[USER], self.of_what(&ui.t("assign-title"), ui), ui) {
                Some(picker) => {
                    self.pending = Some(Pending::Assign(self.seen("owner", ui)));
                    out.push_box(picker);
                }
                None => self.ask_choices("owner", Query::default(), out),
            },
            Cmd::Priority => self.choose("priority", ui, out),
            Cmd::Status => {
                let kind = ui.registry.kind(self.kind);
                match ["status", "stage", "lifecycle"].into_iter().find(|name| kind.field(name).is_some()) {
                    Some(field) => self.choose(field, ui, out),
                    None => out.say(Tone::Info, ui.t("no-status")),
                }
            }
            Cmd::Tag => {
                self.pending = Some(Pending::Tags);
                let title = self.of_what(&ui.t("tags-title"), ui);
                out.push(Prompt::new(title, ui.t("tags-prompt"), String::new()));
            }
            Cmd::Macro => {
                self.pending = Some(Pending::Macro);
                out.push(MacroMenu::new(self.kind, ui));
            }
            Cmd::Watch => self.watch(ui, out),
            Cmd::History => {
                if let Some(id) = self.record_id() {
                    out.push(History::new(self.kind, id));
                }
            }
            Cmd::Delete => self.start(Action::Delete, ui, out),
            Cmd::Restore => self.start(Action::Restore, ui, out),
            Cmd::Repeat => match &ui.last_action {
                Some((kind, action)) if *kind == self.kind => self.start(action.clone(), ui, out),
                _ => out.say(Tone::Info, ui.t("repeat-nothing")),
            },
            _ => {}
        }
    }

    /// From the last mark to the cursor, within the rows at hand.
    fn mark_range(&mut self) {
        let here = self.rows.at;
        let from = self.last_mark.and_then(|id| self.rows.place(id)).unwrap_or(here);
        let (a, b) = (from.min(here), from.max(here));
        for row in self.rows.all.iter().skip(a).take(b + 1 - a) {
            if let Marks::Some(ids) = &mut self.marks {
                ids.insert(row.record.id);
            }
        }
        self.last_mark = self.rows.id();
    }

    /// Offers a field's choices, or the records that it can refer to.
    fn choose(&mut self, field: &str, ui: &Ui, out: &mut Out) {
        let kind = ui.registry.kind(self.kind);
        let Some(declared) = kind.field(field) else { return };
        if let FieldType::Ref(_) = declared.ty {
            // Stages of the deal's own pipeline; of several deals, the first one's.
            let pipeline = self.record().and_then(|r| r.get(kind, "pipeline").as_id());
            let query = match pipeline {
                Some(id) => Query { filter: Filter::is("pipeline", Operand::Record(id)), ..Query::default() },
                None => Query::default(),
            };
            self.ask_choices(field, query, out);
            return;
        }
        let now = self.record().map(|r| r.get(kind, field).clone()).unwrap_or_default();
        let codes: Vec<String> = declared.choices().iter().map(|c| c.code.clone()).collect();
        let items = declared.choices().iter().map(|c| Item::new(c.label.get(ui.lang()))).collect();
        let current = now.as_str().and_then(|code| declared.rank(code));
        let title = self.of_what(declared.label.get(ui.lang()), ui);
        self.pending = Some(Pending::Choice { field: field.into(), codes, seen: self.seen(field, ui) });
        out.push(Chooser::new(title, items, current));
    }

    /// A box's title with what it is for: `Status · T1042`, `Status · 3 marked`.
    fn of_what(&self, title: &str, ui: &Ui) -> String {
        let of = match self.marks.len(self.count.map_or(0, |c| c.n)) {
            0 => self.record_id().map(|id| ui.registry.kind(self.kind).code(id)),
            n => Some(ui.tr("list-marked", &[("n", n.into())])),
        };
        of.map_or(title.to_owned(), |of| format!("{title} · {of}"))
    }

    fn ask_choices(&mut self, field: &str, query: Query, out: &mut Out) {
        let kind = if field == "stage" { STAGE } else { USER };
        let ask = out.ask(Question::Page { kind, query, from: From::Start, limit: 50 });
        self.acting.choices = Some((ask, field.to_owned()));
    }

    /// A page that was asked for a box: stages, people, views.
    pub(super) fn chosen_page(
        &mut self,
        ask: Ask,
        page: desk::Result<desk::Page>,
        ui: &Ui,
        out: &mut Out,
    ) -> Option<Answer> {
        if self.acting.views == Some(ask) {
            self.acting.views = None;
            self.offer_views(page, ui, out);
            return None;
        }
        let Some((_, field)) = self.acting.choices.take_if(|(a, _)| *a == ask) else {
            return Some(Answer::Page(page));
        };
        let page = match page {
            Ok(page) => page,
            Err(e) => {
                out.say(Tone::Bad, e.to_string());
                return None;
            }
        };
        let kind = ui.registry.kind(self.kind);
        let now = self.record().and_then(|r| r.get(kind, &field).as_id());
        let refs: Vec<Ref> = page
            .records
            .iter()
            .map(|r| Ref { id: r.id, label: r.title(ui.registry.kind(r.kind)).to_owned() })
            .collect();
        let items = page.records.iter().map(|r| Item::of(r, &ui.registry)).collect();
        let current = refs.iter().position(|r| Some(r.id) == now);
        let title = kind.field(&field).map_or(String::new(), |f| self.of_what(f.label.get(ui.lang()), ui));
        let seen = self.seen(&field, ui);
        self.pending = Some(match field.as_str() {
            "stage" => Pending::Stage { stages: page.records, seen },
            _ => Pending::Reference { field, refs, seen },
        });
        out.push(Chooser::new(title, items, current));
        None
    }

    /// A box closed with an answer.
    pub(super) fn replied(&mut self, pending: Pending, reply: Reply, ui: &Ui, out: &mut Out) {
        match (pending, reply) {
            (Pending::Choice { field, codes, seen }, Reply::Chosen(at)) => {
                if let Some(code) = codes.get(at) {
                    self.set_field(&field, Value::Choice(code.clone()), &seen, ui, out);
                }
            }
            (Pending::Reference { field, refs, seen }, Reply::Chosen(at)) => {
                if let Some(reference) = refs.get(at) {
                    self.set_field(&field, Value::Ref(reference.clone()), &seen, ui, out);
                }
            }
            (Pending::Stage { stages, seen }, Reply::Chosen(at)) => {
                if let Some(stage) = stages.get(at) {
                    self.move_to(stage, None, seen, ui, out);
                }
            }
            (Pending::Reason { stage, seen }, Reply::Text(reason)) => {
                self.move_to(&stage, Some(&reason), seen, ui, out);
            }
            (Pending::Assign(seen), Reply::Picked(hit)) => {
                let owner = hit.map_or(Value::Null, |hit| Value::Ref(Ref { id: hit.id, label: hit.title }));
                self.set_field("owner", owner, &seen, ui, out);
            }
            (Pending::Tags, Reply::Text(typed)) => {
                let (mut add, mut remove) = (Vec::new(), Vec::new());
                for word in typed.split([' ', ',', '，', '　']).filter(|w| !w.is_empty()) {
                    match word.strip_prefix('-') {
                        Some(gone) => remove.push(gone.to_owned()),
                        None => add.push(word.trim_start_matches('+').to_owned()),
                    }
                }
                if !add.is_empty() || !remove.is_empty() {
                    self.start(Action::Tag { add, remove }, ui, out);
                }
            }
            (Pending::Macro, Reply::Act(action)) => self.start(action, ui, out),
            (Pending::Act(targets, action), Reply::Confirmed) => self.perform(targets, *action, out),
            (Pending::Views(views), Reply::Chosen(at)) => self.take_view(&views, at, ui, out),
            (Pending::SaveView, Reply::Text(name)) => self.save_view(&name, ui, out),
            (Pending::Columns, Reply::Columns { columns, sort, group }) => {
                self.own_columns.insert(self.view.id.unwrap_or_default(), columns.clone());
                self.columns = Some(columns);
                self.arrange(sort, group, ui, out);
            }
            (Pending::Edits { moves_on }, Reply::Edits(edits)) => self.edited(edits, moves_on, ui, out),
            (_, reply) => self.heard_back(&reply, ui, out),
        }
    }

    /// The field's value in the one record that a box is opened for; nothing when several are marked.
    pub(super) fn seen(&self, field: &str, ui: &Ui) -> Seen {
        let one = self.record().filter(|_| self.marks.is_empty())?;
        Some((one.id, one.get(ui.registry.kind(self.kind), field).clone()))
    }

    /// Moves deals to a stage, asking first what that takes: why it is lost, and what the stage demands of the one deal.
    /// Of several, the desk says which lack what.
    pub(super) fn move_to(&mut self, stage: &Record, reason: Option<&str>, seen: Seen, ui: &Ui, out: &mut Out) {
        let was = self.unless_overruled("stage", &seen);
        let record = self.record().filter(|_| self.marks.is_empty());
        match moving(stage, record, was, reason, ui) {
            Moving::Ready(edits) => self.start(Action::Set { edits }, ui, out),
            Moving::Asks(form) => out.push_box(form),
            Moving::AsksWhy => {
                self.pending = Some(Pending::Reason { stage: stage.clone(), seen });
                out.push(Reason::new(ui));
            }
        }
    }

    /// What the person saw; nothing the second time, when it overrules.
    fn unless_overruled(&self, field: &str, seen: &Seen) -> Option<Value> {
        let is_first = |id: &i64| self.conflicts.get(id).map(String::as_str) != Some(field);
        seen.as_ref().filter(|(id, _)| is_first(id)).map(|(_, was)| was.clone())
    }

    /// Sets one field. On one record it conflicts with what others changed meanwhile, unless this is the second time.
    fn set_field(&mut self, field: &str, now: Value, seen: &Seen, ui: &Ui, out: &mut Out) {
        let was = self.unless_overruled(field, seen);
        self.start(Action::Set { edits: vec![Edit { field: field.into(), was, now }] }, ui, out);
    }

    pub(super) fn targets(&self) -> Targets {
        match &self.marks {
            Marks::Some(ids) if ids.is_empty() => Targets::Records(self.kind, self.record_id().into_iter().collect()),
            Marks::Some(ids) => Targets::Records(self.kind, ids.iter().copied().collect()),
            Marks::All => {
                let expect = self.count.filter(|c| c.exact).map(|c| c.n);
                Targets::Matching { kind: self.kind, query: self.narrowed(), expect }
            }
        }
    }

    /// A few records at once; many, or all that match, are shown first.
    pub(super) fn start(&mut self, action: Action, ui: &Ui, out: &mut Out) {
        let targets = self.targets();
        match &targets {
            Targets::Records(_, ids) if ids.is_empty() => out.say(Tone::Info, ui.t("nothing-selected")),
            Targets::Records(_, ids) if ids.len() <= AT_ONCE => self.perform(targets, action, out),
            _ => {
                let ask = out.ask(Question::Preview { targets: targets.clone(), action: action.clone() });
                self.acting.preview = Some((ask, targets, action));
            }
        }
    }

    fn perform(&mut self, targets: Targets, action: Action, out: &mut Out) {
        let ask = out.ask(Question::Perform { targets: targets.clone(), action: action.clone() });
        if let Targets::Records(_, ids) = &targets {
            self.tell_host(Heard::Began(ids.clone(), action.clone()));
        }
        self.acting.performing.push((ask, targets, action));
    }

    /// Takes an answer to an action in; gives back what was not asked here.
    pub(super) fn acted(&mut self, ask: Ask, answer: Answer, ui: &Ui, out: &mut Out) -> Option<Answer> {
        match answer {
            Answer::Preview(preview) if self.acting.preview.as_ref().is_some_and(|(a, ..)| *a == ask) => {
                let (_, targets, action) = self.acting.preview.take()?;
                match preview {
                    Ok(preview) => self.show_preview(&preview, targets, action, ui, out),
                    Err(e) => out.say(Tone::Bad, e.to_string()),
                }
                None
            }
            Answer::Progress(done) if self.acting.performing.iter().any(|(a, ..)| *a == ask) => {
                self.acting.progress = Some(done);
                None
            }
            Answer::Outcome(outcome) if self.acting.view.as_ref().is_some_and(|(a, _)| *a == ask) => {
                let (_, view) = self.acting.view.take()?;
                self.view_saved(outcome, view, ui, out);
                None
            }
            Answer::Outcome(outcome) if self.acting.performing.iter().any(|(a, ..)| *a == ask) => {
                let place = self.acting.performing.iter().position(|(a, ..)| *a == ask)?;
                let (_, targets, action) = self.acting.performing.remove(place);
                if let (Err(_), Targets::Records(_, ids)) = (&outcome, &targets) {
                    self.tell_host(Heard::Failed(ids.clone()));
                }
                self.acting.progress = None;
                self.done(outcome, &targets, action, ui, out);
                None
            }
            Answer::Watched(changed) if self.acting.watching.as_ref().is_some_and(|(a, ..)| *a == ask) => {
                let (_, targets, on) = self.acting.watching.take()?;
                self.watched(changed, targets, on, ui, out);
                None
            }
            answer => Some(answer),
        }
    }

    fn show_preview(&mut self, preview: &Preview, targets: Targets, action: Action, ui: &Ui, out: &mut Out) {
        let kind = ui.registry.kind(self.kind);
        let mut lines =
            vec![ui.tr("preview-change", &[("n", preview.will_change.into()), ("total", preview.total.into())])];
        if preview.unchanged > 0 {
            lines.push(ui.tr("preview-unchanged", &[("n", preview.unchanged.into())]));
        }
        for (reason, n) in &preview.refused {
            lines.push(ui.tr("preview-refused", &[("n", (*n).into()), ("reason", reason.into())]));
        }
        let out_of_sight = match &targets {
            Targets::Records(_, ids) => set(ids).difference(&self.ids_at_hand()).count(),
            _ => 0,
        };
        if out_of_sight > 0 {
            lines.push(ui.tr("preview-out-of-sight", &[("n", out_of_sight.into())]));
        }
        lines.push(String::new());
        for record in preview.sample.iter().take(5) {
            lines.push(format!("{}  {}", kind.code(record.id), text::inert(record.title(kind))));
        }
        // Exactly what was counted here is what will be done.
        let targets = match targets {
            Targets::Matching { kind, query, .. } => Targets::Matching { kind, query, expect: Some(preview.total) },
            other => other,
        };
        let title = self.describe(&action, ui);
        self.pending = Some(Pending::Act(targets, Box::new(action)));
        out.push(Confirm::with_lines(title, lines));
    }

    /// An action in a few words: `Priority → High`.
    fn describe(&self, action: &Action, ui: &Ui) -> String {
        let kind = ui.registry.kind(self.kind);
        match action {
            Action::Set { edits } => edits
                .iter()
                .filter_map(|e| {
                    let field = kind.field(&e.field)?;
                    let value = crate::tui::show::value(&e.now, field, ui);
                    let value = if value.is_empty() { "—".to_owned() } else { value };
                    Some(format!("{} → {value}", field.label.get(ui.lang())))
                })
                .collect::<Vec<_>>()
                .join(", "),
            Action::Tag { add, remove } => {
                let add = add.iter().map(|t| format!("+{t}"));
                add.chain(remove.iter().map(|t| format!("-{t}"))).collect::<Vec<_>>().join(" ")
            }
            Action::Macro { name, .. } => text::inert(name).into_owned(),
            Action::Delete => ui.t("cmd-delete"),
            Action::Restore => ui.t("cmd-restore"),
            other => other.name().to_owned(),
        }
    }

    fn put_edits(&mut self, id: i64, edits: &[Edit], ui: &Ui, out: &mut Out) {
        let kind = ui.registry.kind(self.kind);
        let Some(mut record) = self.rows.place(id).map(|at| self.rows.all[at].record.clone()) else { return };
        for edit in edits.iter().filter(|edit| kind.field(&edit.field).is_some()) {
            record.set(kind, &edit.field, edit.now.clone());
        }
        self.changed(vec![record], ui, out);
        self.look(out);
    }

    pub(super) fn done(
        &mut self,
        outcome: desk::Result<Outcome>,
        targets: &Targets,
        action: Action,
        ui: &Ui,
        out: &mut Out,
    ) {
        let one = match targets {
            Targets::Records(_, ids) if ids.len() == 1 => ids.first().copied(),
            _ => None,
        };
        match outcome {
            Ok(outcome) => {
                if let Some(id) = one {
                    self.conflicts.remove(&id);
                }
                self.marks = Marks::default();
                // Own changes are seen at once, not when the feed tells of them: what was set now, what follows when read.
                let kind = self.kind;
                if let (Some(id), Action::Set { edits }, true) = (one, &action, outcome.failed.is_empty()) {
                    self.put_edits(id, edits, ui, out);
                }
                self.look_at(outcome.records.iter().filter(|(k, _)| *k == kind).map(|(_, id)| *id), out);
                let code = one.map(|id| ui.registry.kind(kind).code(id));
                let what = self.describe(&action, ui);
                let what = code.map_or(what.clone(), |code| format!("{code} {what}"));
                let undo = ui.keymap.key(Cmd::Undo);
                let failed = outcome.failed.len();
                if let Some((code, reason)) = outcome.failed.first() {
                    let args = [
                        ("what", what.into()),
                        ("n", outcome.done.into()),
                        ("failed", failed.into()),
                        ("code", code.into()),
                        ("reason", reason.into()),
                    ];
                    out.say(Tone::Warn, ui.tr("done-but", &args));
                } else if outcome.done == 0 {
                    out.say(Tone::Info, ui.tr("done-already", &[("what", what.into())]));
                } else if one.is_some() {
                    out.say(Tone::Good, ui.tr("done-one", &[("what", what.into()), ("key", undo.into())]));
                } else {
                    out.say(
                        Tone::Good,
                        ui.tr("done", &[("what", what.into()), ("n", outcome.done.into()), ("key", undo.into())]),
                    );
                }
                if one.is_some() && solves(&action) {
                    self.ask_to_advance(out);
                }
                out.remember(self.kind, action);
            }
            Err(desk::Error::Conflict(conflicts)) => {
                let Some(conflict) = conflicts.into_iter().next() else { return };
                let kind = ui.registry.kind(self.kind);
                let field = kind.field(&conflict.field);
                let label = field.map_or(conflict.field.clone(), |f| f.label.get(ui.lang()).to_owned());
                let theirs = field.map(|f| crate::tui::show::value(&conflict.theirs, f, ui)).unwrap_or_default();
                if let Some(id) = one {
                    self.conflicts.insert(id, conflict.field.clone());
                }
                let by = if conflict.by.is_empty() { ui.t("somebody") } else { conflict.by };
                let args = [("by", by.into()), ("field", label.into()), ("theirs", theirs.into())];
                out.say(Tone::Warn, ui.tr("conflict", &args));
            }
            Err(e) => out.say(Tone::Bad, e.to_string()),
        }
    }
}
