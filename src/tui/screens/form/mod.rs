//! The form for a new record, or an existing one, of any kind. What is typed is kept as a draft; a failed save leaves
//! the form as it is; another's change marks a field and is settled field by field.

pub mod field;
mod settle;
mod view;
pub(in crate::tui::screens) mod words;

use chrono::{DateTime, Utc};
use crossterm::event::KeyEvent;
use ratatui::Frame;
use ratatui::layout::Rect;
use serde_json::Value as Json;

use self::settle::{Settle, Side};
use super::draft::{Heard, Keeper};
use super::picker::{items, question};
use crate::desk::{self, News, Twin};
use crate::domain::action::{Action, Edit, Targets};
use crate::domain::field::{Field, FieldType};
use crate::domain::kind::{CONTACT, Kind, KindId, full_name};
use crate::domain::record::Record;
use crate::domain::value::Value;
use crate::tui::command::{Cmd, Scope};
use crate::tui::effect::{Answer, Ask, Latest, Out, Question, Tone};
use crate::tui::layer::{Layer, LayerMsg, Reply, Shape, Subject};
use crate::tui::line::is_typing;
use crate::tui::show;
use crate::tui::spoken::Spoken;
use crate::tui::theme::Role;
use crate::tui::ui::Ui;
use crate::tui::widgets::form::{self, Form};

pub struct FormScreen {
    kind: KindId,
    /// The record as last read; `None`: a new one.
    record: Option<Record>,
    form: Form,
    keeper: Keeper,
    /// A draft of an earlier time that is offered: its fields.
    offer: Option<(Json, Option<DateTime<Utc>>)>,
    saving: Option<Ask>,
    settle: Option<Settle>,
    /// Why saving failed, or what happened meanwhile.
    notice: Option<(Role, String)>,
    finds: Latest,
    request: u64,
    twins: Vec<Twin>,
    asking_twins: Latest,
    /// Duplicates that the person may not see.
    elsewhere: Vec<desk::Elsewhere>,
    asking_elsewhere: Latest,
    /// What likely duplicates were asked for last.
    asked_twins: Vec<Value>,
    /// A contact's name as it followed last from its parts. A name that is another was written by the person.
    followed: String,
    reading: Latest,
    /// The field that is in the person's own editor.
    lent: Option<(Ask, String)>,
    demand: Option<Demand>,
}

/// A form that asks for just what a move lacks.
struct Demand {
    title: String,
    /// What is set together with the fields: the move itself.
    edits: Vec<Edit>,
}

impl FormScreen {
    /// For a new record with some values given.
    pub fn create(kind: KindId, given: &[(String, Value)], ui: &Ui) -> Self {
        let declared = ui.registry.kind(kind);
        let fields = declared.fields.iter().filter(|f| f.form && !f.readonly).map(|f| {
            let mut field = f.clone();
            // The desk knows what status, priority or stage to begin with; only text cannot be guessed.
            field.required = f.required && matches!(f.ty, FieldType::Text | FieldType::LongText);
            let value = given.iter().find(|(name, _)| *name == f.name).map_or(Value::Null, |(_, v)| v.clone());
            (field, value)
        });
        Self::new(kind, None, format!("{kind}:new"), fields.collect(), ui)
    }

    /// For an existing record as read.
    pub fn edit(record: &Record, ui: &Ui) -> Self {
        let kind = ui.registry.kind(record.kind);
        let fields = kind.fields.iter().filter(|f| f.form && !f.readonly);
        let fields = fields.map(|f| (f.clone(), record.get(kind, &f.name).clone())).collect();
        Self::new(record.kind, Some(record.clone()), format!("{}:{}", record.kind, record.id), fields, ui)
    }

    /// For just these fields of a record, which it lacks and must get; `edits` are saved with them. Leaving it does nothing.
    pub(super) fn demand(record: &Record, fields: &[&Field], edits: Vec<Edit>, title: String, ui: &Ui) -> Self {
        let kind = ui.registry.kind(record.kind);
        let wanted = fields.iter().map(|&field| {
            let field = Field { required: true, ..field.clone() };
            let value = record.get(kind, &field.name).clone();
            (field, value)
        });
        let key = format!("{}:{}:demand", record.kind, record.id);
        let mut form = Self::new(record.kind, Some(record.clone()), key, wanted.collect(), ui);
        form.demand = Some(Demand { title, edits });
        form
    }

    fn new(kind: KindId, record: Option<Record>, key: String, mut fields: Vec<(Field, Value)>, ui: &Ui) -> Self {
        let mut followed = String::new();
        if kind == CONTACT {
            let of = |name: &str| fields.iter().find(|(f, _)| f.name == name).and_then(|(_, v)| v.as_str());
            followed = full_name(of("family_name").unwrap_or_default(), of("given_name").unwrap_or_default());
            // Given with its parts only, the name is no more to be typed.
            fields.iter_mut().filter(|(f, _)| f.name == "name").for_each(|(f, _)| f.required = false);
        }
        Self {
            kind,
            record,
            form: Form::new(fields, words::context(ui), words::words(ui)),
            keeper: Keeper::new(key),
            offer: None,
            saving: None,
            settle: None,
            notice: None,
            finds: Latest::default(),
            request: 0,
            twins: Vec::new(),
            asking_twins: Latest::default(),
            elsewhere: Vec::new(),
            asking_elsewhere: Latest::default(),
            asked_twins: Vec::new(),
            followed,
            reading: Latest::default(),
            lent: None,
            demand: None,
        }
    }

    fn declared<'a>(&self, ui: &'a Ui) -> &'a Kind {
        ui.registry.kind(self.kind)
    }

    fn is_at_end(&self) -> bool {
        let last = self.form.rows().last().map(|row| &row.field.name);
        last.is_some() && last == self.form.focused().map(|f| &f.name)
    }

    /// The typed fields as a draft; `Null` when there is nothing to keep.
    fn draft(&self) -> Json {
        let mut fields = self.form.draft();
        // What was offered and not taken is kept, with the new text over it.
        if let (Some((Json::Object(offered), _)), Some(mine)) = (&self.offer, fields.as_object_mut()) {
            for (name, value) in offered {
                mine.entry(name.clone()).or_insert_with(|| value.clone());
            }
        }
        if is_empty(&fields) { Json::Null } else { fields }
    }

    fn changed(&mut self, out: &mut Out) {
        self.notice = None;
        self.keeper.changed(out);
    }

    fn keep(&mut self, ui: &Ui, out: &mut Out) {
        if self.demand.is_some() {
            return;
        }
        let draft = self.draft();
        self.keeper.keep(draft, ui.now, out);
    }

    fn drop_draft(&mut self, out: &mut Out) {
        self.keeper.drop_draft(out);
        self.offer = None;
    }

    fn apply(&mut self, outcome: form::Outcome, ui: &Ui, out: &mut Out) -> bool {
        match outcome {
            form::Outcome::Ignored => return false,
            form::Outcome::Moved => {}
            form::Outcome::Changed => {
                self.follow_name();
                self.changed(out);
            }
            form::Outcome::Ask { wanted, request, text } => {
                self.request = request;
                self.finds.ask(question(&wanted, self.kind, text), out);
            }
        }
        self.ask_twins(ui, out);
        true
    }

    /// A contact's name follows from its parts until the person writes another.
    fn follow_name(&mut self) {
        if self.kind != CONTACT || self.form.focused().is_some_and(|f| f.name == "name") {
            return;
        }
        let text = |field: &str| match self.form.value(field) {
            Some(Value::Text(text)) => text,
            _ => String::new(),
        };
        let name = text("name");
        if name.is_empty() || name == self.followed {
            let now = full_name(&text("family_name"), &text("given_name"));
            if now != name {
                self.form.put("name", &Value::text(now.clone()));
            }
            self.followed = now;
        }
    }

    /// Asks for likely duplicates once a telling field was left.
    fn ask_twins(&mut self, ui: &Ui, out: &mut Out) {
        let kind = self.declared(ui);
        let here = self.form.focused().map(|f| f.name.clone());
        let is_telling = |f: &Field| {
            matches!(f.ty, FieldType::Email | FieldType::Phone | FieldType::Url)
                || f.name == kind.title && f.ty == FieldType::Text
        };
        let dirty = self.form.dirty();
        let telling: Vec<&Field> =
            kind.fields.iter().filter(|f| is_telling(f) && dirty.contains(&f.name.as_str())).collect();
        let values: Vec<Value> = telling
            .iter()
            .filter(|f| here.as_ref() != Some(&f.name))
            .filter_map(|f| self.form.value(&f.name))
            .filter(|v| !v.is_none())
            .collect();
        if values == self.asked_twins {
            return;
        }
        self.asked_twins.clone_from(&values);
        if values.is_empty() {
            self.twins.clear();
            self.elsewhere.clear();
            return;
        }
        let mut record = self.record.clone().unwrap_or_else(|| Record::empty(kind));
        for row in self.form.rows() {
            if let Some(value) = self.form.value(&row.field.name) {
                record.set(kind, &row.field.name, value);
            }
        }
        // What is there already under the same mail is no news of itself.
        if self.record.is_none() {
            self.asking_elsewhere.ask(Question::Elsewhere { record: record.clone() }, out);
        }
        self.asking_twins.ask(Question::Twins { record }, out);
    }

    fn save(&mut self, ui: &Ui, out: &mut Out) {
        if self.saving.is_some() {
            return;
        }
        if let Some(settle) = &self.settle {
            if !settle.is_settled() {
                return;
            }
            for (field, mine, theirs) in settle.outcome(self.declared(ui)) {
                self.form.settle(&field, &mine, &theirs);
            }
            self.settle = None;
        }
        if !self.form.check() {
            self.notice = Some((Role::Bad, ui.t("form-faulty")));
            return;
        }
        let (targets, action) = match &self.record {
            None => (Targets::None, Action::Create { kind: self.kind, values: self.form.values() }),
            Some(record) => {
                let mut edits = self.form.edits();
                edits.extend(self.demand.iter().flat_map(|demand| demand.edits.clone()));
                if edits.is_empty() {
                    out.say(Tone::Info, ui.t("form-unchanged"));
                    out.reply(Reply::Saved(record.kind, record.id));
                    return self.drop_draft(out);
                }
                (Targets::Records(record.kind, vec![record.id]), Action::Set { edits })
            }
        };
        self.notice = Some((Role::Dim, ui.t("form-saving")));
        self.saving = Some(out.ask(Question::Perform { targets, action }));
    }

    fn saved(&mut self, answer: desk::Result<desk::Outcome>, ui: &Ui, out: &mut Out) {
        self.notice = None;
        match answer {
            Ok(outcome) => {
                if let Some((_, reason)) = outcome.failed.into_iter().next() {
                    self.notice = Some((Role::Bad, reason));
                    return;
                }
                let made = outcome.records.iter().find(|(kind, _)| *kind == self.kind).copied();
                let (kind, id) = made.or(self.record.as_ref().map(|r| (r.kind, r.id))).unwrap_or((self.kind, 0));
                self.drop_draft(out);
                let code = ui.registry.kind(kind).code(id);
                let undo = ui.keymap.key(Cmd::Undo);
                let key = if self.record.is_none() { "form-created" } else { "form-saved" };
                let said = match key {
                    "form-created" => ui.tr("form-created", &[("code", code.into()), ("key", undo.into())]),
                    _ => ui.tr("form-saved", &[("code", code.into()), ("key", undo.into())]),
                };
                out.say(Tone::Good, said);
                out.reply(Reply::Saved(kind, id));
            }
            // The move itself is somebody else's by now: nothing to settle here.
            Err(desk::Error::Conflict(conflicts)) if self.is_moved(&conflicts) => {
                let kind = self.declared(ui);
                for conflict in conflicts.into_iter().take(1) {
                    let field = kind.field(&conflict.field);
                    let label = field.map_or(conflict.field.clone(), |f| f.label.get(ui.lang()).to_owned());
                    let theirs = field.map(|f| show::value(&conflict.theirs, f, ui)).unwrap_or_default();
                    let by = if conflict.by.is_empty() { ui.t("somebody") } else { conflict.by };
                    let args = [("by", by.into()), ("field", label.into()), ("theirs", theirs.into())];
                    out.say(Tone::Warn, ui.tr("moved-meanwhile", &args));
                }
                out.close();
            }
            Err(desk::Error::Conflict(conflicts)) => {
                self.settle = Some(Settle::new(conflicts));
                self.keep(ui, out);
            }
            Err(desk::Error::Invalid { field, reason }) => {
                if !self.form.refuse(&field, &reason) {
                    self.notice = Some((Role::Bad, reason));
                }
            }
            Err(error) => {
                self.notice = Some((Role::Bad, error.to_string()));
                self.keep(ui, out);
            }
        }
    }

    /// What conflicts is the move that the form is for.
    fn is_moved(&self, conflicts: &[desk::Conflict]) -> bool {
        let edits = self.demand.iter().flat_map(|demand| &demand.edits);
        edits.into_iter().any(|edit| conflicts.iter().any(|conflict| conflict.field == edit.field))
    }

    fn leave(&mut self, ui: &Ui, out: &mut Out) {
        if self.form.is_dirty() && self.demand.is_none() {
            let draft = self.draft();
            self.keeper.keep_now(draft, ui.now, out);
            let key = ui.keymap.key(if self.record.is_none() { Cmd::New } else { Cmd::Edit });
            out.say(Tone::Info, ui.tr("form-draft-kept", &[("key", key.into())]));
        }
        out.close();
    }

    /// Opens the long text that has the keys in the person's own editor.
    fn lend(&mut self, ui: &Ui, out: &mut Out) {
        let long = self.form.focused().filter(|f| f.ty == FieldType::LongText).map(|f| f.name.clone());
        let Some(field) = long else { return out.say(Tone::Info, ui.t("editor-long-only")) };
        self.keep(ui, out);
        let text = self.form.value(&field).and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default();
        self.lent = Some((out.edit(text), field));
    }

    fn discard(&mut self, ui: &Ui, out: &mut Out) {
        let was_offered = self.offer.is_some() && !self.form.is_dirty();
        self.drop_draft(out);
        if !was_offered {
            out.say(Tone::Info, ui.t("form-discarded"));
            out.close();
        }
    }

    fn command(&mut self, cmd: Cmd, ui: &Ui, out: &mut Out) {
        self.form.set_now(ui.now);
        if let Some(settle) = &mut self.settle {
            match cmd {
                Cmd::SettleMine => settle.choose(Side::Mine, ui.registry.kind(self.kind)),
                Cmd::SettleTheirs => settle.choose(Side::Theirs, ui.registry.kind(self.kind)),
                Cmd::SettleBoth => settle.choose(Side::Both, ui.registry.kind(self.kind)),
                Cmd::SettleDown => settle.step(1),
                Cmd::SettleUp => settle.step(-1),
                Cmd::SettleSave => self.save(ui, out),
                Cmd::SettleLeave => self.settle = None,
                _ => {}
            }
            return;
        }
        let outcome = match cmd {
            // After the last field comes what can be done with the form.
            Cmd::FormNext if self.is_at_end() => {
                self.form.step(0);
                out.run(Cmd::FormDo);
                return;
            }
            Cmd::FormNext => self.form.to_next(),
            Cmd::FormPrevious => self.form.to_previous(),
            Cmd::FormPageDown => self.form.step(8),
            Cmd::FormPageUp => self.form.step(-8),
            Cmd::FormSave => {
                self.form.step(0);
                return self.save(ui, out);
            }
            Cmd::FormLeave => return self.leave(ui, out),
            Cmd::FormOwn => return self.lend(ui, out),
            Cmd::FormDiscard => return self.discard(ui, out),
            Cmd::FormDraft => {
                if let Some((fields, _)) = self.offer.take() {
                    self.form.restore(&fields);
                    self.changed(out);
                }
                return;
            }
            Cmd::FormTwin => {
                if let Some((kind, id)) = self.twins.first().map(|t| (t.hit.kind, t.hit.id)) {
                    self.keep(ui, out);
                    out.go(crate::tui::layer::Place::Record(kind, id));
                }
                return;
            }
            _ => return,
        };
        // Leaving a picker with Tab takes its choice.
        self.apply(outcome, ui, out);
        if self.form.is_dirty() {
            self.keeper.changed(out);
        }
    }

    fn news(&mut self, news: &News, ui: &Ui, out: &mut Out) {
        match news {
            News::Touched(touched) => {
                let Some(record) = &self.record else { return };
                let is_ours = |t: &crate::domain::change::Touched| t.kind == record.kind && t.record == record.id;
                if touched.iter().any(is_ours) {
                    self.reading.ask(Question::Read { kind: record.kind, ids: vec![record.id] }, out);
                }
            }
            News::Resync => {
                if let Some(record) = &self.record {
                    self.reading.ask(Question::Read { kind: record.kind, ids: vec![record.id] }, out);
                }
            }
            News::Line(true) => {
                if self.notice.as_ref().is_some_and(|(role, _)| *role == Role::Bad) {
                    let key = ui.keymap.key(Cmd::FormSave);
                    self.notice = Some((Role::Good, ui.tr("form-line-back", &[("key", key.into())])));
                }
                self.keeper.doubt();
                self.keep(ui, out);
            }
            _ => {}
        }
    }

    /// The record as it is now, after somebody changed it.
    fn reread(&mut self, now: &Record, ui: &Ui, out: &mut Out) {
        let kind = self.declared(ui);
        let by = match now.get(kind, "updater") {
            Value::Ref(person) => person.label.clone(),
            _ => String::new(),
        };
        let Some(before) = self.record.replace(now.clone()) else { return };
        let mut marked = Vec::new();
        for field in kind.fields.iter().filter(|f| f.form) {
            let value = now.get(kind, &field.name);
            if value != before.get(kind, &field.name) && self.form.theirs(&field.name, value, &by) {
                marked.push(field.label.get(ui.lang()).to_owned());
            }
        }
        if !marked.is_empty() && self.saving.is_none() {
            let args = [("by", by.into()), ("fields", marked.join(", ").into())];
            out.say(Tone::Warn, ui.tr("form-theirs", &args));
        }
    }

    fn answer(&mut self, ask: Ask, answer: Answer, ui: &Ui, out: &mut Out) {
        match self.keeper.answered(ask, &answer, out) {
            Heard::No => {}
            Heard::Yes => return,
            Heard::Found(fields, at) => {
                self.offer = Some((fields, at));
                return;
            }
        }
        if let Some((_, field)) = self.lent.take_if(|(lent, _)| *lent == ask) {
            if let Answer::Edited(edited) = answer {
                match words::edited(edited, ui) {
                    Ok(text) => {
                        self.form.put(&field, &Value::text(text));
                        self.changed(out);
                    }
                    Err(said) => self.notice = Some((Role::Warn, said)),
                }
            }
        } else if self.saving == Some(ask) {
            if let Answer::Outcome(outcome) = answer {
                self.saving = None;
                self.saved(outcome, ui, out);
            }
        } else if self.finds.take(ask, out) {
            let items = items(answer, ui);
            self.form.answer(self.request, items);
        } else if self.asking_twins.take(ask, out) {
            if let Answer::Twins(Ok(twins)) = answer {
                let me = self.record.as_ref().map(|r| (r.kind, r.id));
                self.twins = twins.into_iter().filter(|t| Some((t.hit.kind, t.hit.id)) != me).collect();
            }
        } else if self.asking_elsewhere.take(ask, out) {
            if let Answer::Elsewhere(Ok(known)) = answer {
                self.elsewhere = known;
            }
        } else if self.reading.take(ask, out)
            && let Answer::Records(Ok(records)) = answer
            && let Some(record) = records.into_iter().next()
        {
            self.reread(&record, ui, out);
        }
    }
}

impl Layer for FormScreen {
    fn scopes(&self) -> &'static [Scope] {
        if self.settle.is_some() { &[Scope::Settle, Scope::Everywhere] } else { &[Scope::Form, Scope::Everywhere] }
    }

    fn update(&mut self, msg: LayerMsg, ui: &Ui, out: &mut Out) {
        match msg {
            LayerMsg::Shown { .. } if self.demand.is_some() => {}
            LayerMsg::Shown { .. } => self.keeper.load(out),
            LayerMsg::Command(cmd) => self.command(cmd, ui, out),
            LayerMsg::Answer(ask, answer) => self.answer(ask, answer, ui, out),
            LayerMsg::Wake(ask) => {
                if self.keeper.woken(ask) {
                    self.keep(ui, out);
                }
            }
            LayerMsg::News(news) => self.news(&news, ui, out),
            LayerMsg::Reply(_) | LayerMsg::Mouse(..) | LayerMsg::Undid { .. } | LayerMsg::Share(_) => {}
        }
    }

    fn key(&mut self, key: KeyEvent, ui: &Ui, out: &mut Out) -> bool {
        if self.settle.is_some() {
            return false;
        }
        let is_typing = is_typing(key);
        if self.saving.is_some() {
            return is_typing;
        }
        self.form.set_now(ui.now);
        let outcome = self.form.on_key(key);
        // A letter that a field cannot use never becomes a command.
        self.apply(outcome, ui, out) || is_typing
    }

    fn paste(&mut self, text: &str, ui: &Ui, out: &mut Out) -> bool {
        if self.settle.is_some() || self.saving.is_some() {
            return false;
        }
        let outcome = self.form.paste(text);
        self.apply(outcome, ui, out)
    }

    fn view(&self, frame: &mut Frame, area: Rect, ui: &Ui) {
        self.draw(frame, area, ui);
    }

    fn spoken(&self, _rows: usize, ui: &Ui) -> Option<Spoken> {
        self.say(ui)
    }

    fn shape(&self) -> Shape {
        let long = self.form.rows().iter().filter(|r| r.field.ty == FieldType::LongText).count();
        Shape::Popup { width: 104, height: (self.form.rows().len() + 2 * long + 5) as u16 }
    }

    fn subject(&self) -> Subject {
        Subject { kind: Some(self.kind), record: self.record.as_ref().map(|r| r.id), marked: 0 }
    }

    fn shows(&self, kind: KindId, id: i64) -> bool {
        self.record.as_ref().is_some_and(|r| r.kind == kind && r.id == id)
    }

    fn is_unsaved(&self) -> bool {
        self.form.is_dirty()
    }

    fn keep_now(&mut self, ui: &Ui, out: &mut Out) {
        if self.demand.is_some() {
            return;
        }
        let draft = self.draft();
        self.keeper.keep_now(draft, ui.now, out);
    }

    fn attends(&self) -> Option<(KindId, i64, bool)> {
        self.record.as_ref().map(|r| (r.kind, r.id, true))
    }
}

fn is_empty(fields: &Json) -> bool {
    fields.as_object().is_none_or(serde_json::Map::is_empty)
}
