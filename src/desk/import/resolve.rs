//! Names to records: finds what a file's rows refer to, and makes what is missing when that was asked for.

use std::collections::{HashMap, HashSet};

use chrono_tz::Tz;

use super::dates::Order;
use super::names::{Found, Name, Names};
use super::report::{Referred, Warnings};
use super::row::{Logins, defaults, free_login, text_of};
use super::stages::{Fit, Stage, Stages, State, fit, place};
use super::values::{self, Style};
use super::words::{fold, squeeze};
use crate::domain::field::{Field, FieldType};
use crate::domain::kind::{
    CONTACT, DEAL, Kind, KindId, MESSAGE, PIPELINE, PRODUCT, Registry, STAGE, TEAM, TICKET, USER,
};
use crate::domain::value::Value;
use crate::store::intake::{self, Batch, Bearer, By};
use crate::store::{self, Tx};

/// Records made for references go in statements of this many.
const TOGETHER: usize = 5_000;

/// What finding and making depends on beside the names.
pub(super) struct Resolver<'a> {
    pub registry: &'a Registry,
    /// The kind being imported.
    pub kind: &'a Kind,
    /// Titles of the file's own records, folded and squeezed.
    pub titles: &'a HashSet<String>,
    pub create: bool,
    /// Owner and team of new records, for a person who may not make records of nobody's.
    pub mine: Option<(i64, Option<i64>)>,
    pub zone: Tz,
    pub logins: &'a mut Logins,
    pub warnings: &'a mut Warnings,
}

impl Resolver<'_> {
    /// Finds (or makes) every name's record; how many of each.
    pub(super) async fn resolve(&mut self, conn: &mut Tx, kind: KindId, names: &mut Names) -> store::Result<Referred> {
        let kind = self.registry.kind(kind);
        self.find(conn, kind, names).await?;
        if self.may_make(kind.id) {
            self.make(conn, kind, names).await?;
        }
        let mut referred = Referred::default();
        for name in &names.list {
            match &name.found {
                Found::Made(_) => referred.created += 1,
                Found::Exactly(_) | Found::Later => referred.matched += 1,
                Found::Nearly(_, own) => {
                    referred.matched += 1;
                    let (one, text) = (&kind.one.en, &name.text);
                    self.warnings.count(
                        "near_name",
                        text,
                        name.count,
                        || format!("{} “{text}” is taken as “{own}”", one.to_lowercase()),
                        String::new,
                    );
                }
                Found::Missing | Found::Many(_) => {}
            }
        }
        Ok(referred)
    }

    /// Finds names without making any, and without remarks.
    pub(super) async fn find_only(&mut self, conn: &mut Tx, kind: KindId, names: &mut Names) -> store::Result<()> {
        self.find(conn, self.registry.kind(kind), names).await
    }

    /// People and their teams are made from a file of people without further ado: they have no rights. A deal or ticket
    /// is more than its name.
    fn may_make(&self, kind: KindId) -> bool {
        let of_people = self.kind.id == USER && (kind == USER || kind == TEAM);
        (self.create || of_people) && ![DEAL, TICKET, MESSAGE].contains(&kind)
    }

    async fn find(&mut self, conn: &mut Tx, kind: &Kind, names: &mut Names) -> store::Result<()> {
        let has = |field: &str| kind.field(field).is_some();
        let email = has("email").then_some("email");
        self.find_by(conn, kind, names, By::Title, email, |name| name.text.to_lowercase()).await?;
        if has("email") {
            self.find_by(conn, kind, names, By::Lower("email"), email, |name| {
                // A name beside the mail is somebody's: then the mail alone does not tell who is meant.
                if name.email.is_empty() || name.email == name.text { name.text.to_lowercase() } else { String::new() }
            })
            .await?;
        }
        if kind.id == USER {
            self.find_by(conn, kind, names, By::Lower("login"), None, |name| name.text.to_lowercase()).await?;
        }
        if has("external_id") {
            self.find_by(conn, kind, names, By::Column("external_id"), None, |name| name.text.clone()).await?;
        }
        if kind.id == self.kind.id {
            for name in names.list.iter_mut().filter(|n| n.found == Found::Missing) {
                if self.titles.contains(&fold(&name.text)) || self.titles.contains(&squeeze(&name.text)) {
                    name.found = Found::Later;
                }
            }
        }
        self.find_nearly(conn, kind, names).await?;
        self.remark_same_mail(conn, kind, names).await
    }

    /// Looks the names up that are still missing; `word` gives what to look for, blank for nothing.
    async fn find_by(
        &self,
        conn: &mut Tx,
        kind: &Kind,
        names: &mut Names,
        by: By<'_>,
        other: Option<&str>,
        word: impl Fn(&Name) -> String,
    ) -> store::Result<()> {
        let mut wanted: Vec<String> = names
            .list
            .iter()
            .filter(|n| n.found == Found::Missing)
            .flat_map(|n| {
                let word = word(n);
                let folded = if by == By::Title { fold(&word) } else { word.clone() };
                [word, folded]
            })
            .filter(|word| !word.is_empty())
            .collect();
        wanted.sort();
        wanted.dedup();
        if wanted.is_empty() {
            return Ok(());
        }
        let column = match by {
            By::Column(column) | By::Lower(column) => Some(column),
            By::Title | By::Squeezed => other,
        };
        let mut by_word: HashMap<String, Vec<Bearer>> = HashMap::new();
        for bearer in intake::bearers(conn, kind, by, &wanted, column).await? {
            let word = match by {
                By::Title | By::Squeezed => fold(&bearer.title),
                By::Column(_) => bearer.other.clone(),
                By::Lower(_) => bearer.other.to_lowercase(),
            };
            by_word.entry(word).or_default().push(bearer);
        }
        for name in names.list.iter_mut().filter(|n| n.found == Found::Missing) {
            let word = word(name);
            let word = if by == By::Title { fold(&word) } else { word };
            let Some(bearers) = by_word.get(&word) else { continue };
            name.found = if by == By::Title && !name.email.is_empty() {
                one_of(bearers, &name.email)
            } else {
                match bearers.as_slice() {
                    [one] => Found::Exactly(one.id),
                    many => Found::Many(many.len() as u64),
                }
            };
        }
        Ok(())
    }

    async fn find_nearly(&self, conn: &mut Tx, kind: &Kind, names: &mut Names) -> store::Result<()> {
        let is_open = |n: &Name| n.found == Found::Missing && n.email.is_empty();
        let wanted: Vec<String> =
            names.list.iter().filter(|n| is_open(n)).map(|n| squeeze(&n.text)).filter(|w| !w.is_empty()).collect();
        if wanted.is_empty() {
            return Ok(());
        }
        let mut by_word: HashMap<String, Vec<Bearer>> = HashMap::new();
        for bearer in intake::bearers(conn, kind, By::Squeezed, &wanted, None).await? {
            by_word.entry(squeeze(&bearer.title)).or_default().push(bearer);
        }
        for name in names.list.iter_mut().filter(|n| is_open(n)) {
            if let Some([one]) = by_word.get(&squeeze(&name.text)).map(Vec::as_slice) {
                name.found = Found::Nearly(one.id, one.title.clone());
            }
        }
        Ok(())
    }

    /// The same mail under another name may be the same person; the duplicate finder's business, but worth saying.
    async fn remark_same_mail(&mut self, conn: &mut Tx, kind: &Kind, names: &Names) -> store::Result<()> {
        let mut by_mail: HashMap<String, &str> = HashMap::new();
        let mut pairs: Vec<(String, String)> = Vec::new();
        for name in names.list.iter().filter(|n| !n.email.is_empty() && n.email != n.text) {
            if let Some(first) = by_mail.insert(name.email.to_lowercase(), &name.text) {
                pairs.push((name.email.clone(), format!("{first} and {}", name.text)));
            }
        }
        let missing: Vec<String> =
            names.list.iter().filter(|n| n.found == Found::Missing).map(|n| n.email.to_lowercase()).collect();
        if kind.field("email").is_some() && missing.iter().any(|m| !m.is_empty()) {
            for bearer in intake::bearers(conn, kind, By::Lower("email"), &missing, Some("email")).await? {
                if let Some(name) = by_mail.get(&bearer.other.to_lowercase()) {
                    pairs.push((bearer.other, format!("{} and {name}", bearer.title)));
                }
            }
        }
        let many = kind.many.en.to_lowercase();
        for (mail, who) in pairs {
            self.warnings.add(
                "same_mail",
                "",
                || format!("{many} of different names share a mail address; kept apart"),
                || format!("{mail}: {who}"),
            );
        }
        Ok(())
    }

    async fn make(&mut self, conn: &mut Tx, kind: &Kind, names: &mut Names) -> store::Result<()> {
        let mut made: HashMap<String, (usize, String)> = HashMap::new();
        let mut wanted: Vec<usize> = Vec::new();
        let mut doubles: Vec<(usize, usize)> = Vec::new();
        for (at, name) in names.list.iter().enumerate().filter(|(_, n)| n.found == Found::Missing) {
            let squeezed = squeeze(&name.text);
            if name.email.is_empty() && !squeezed.is_empty() {
                if let Some((first, _)) = made.get(&squeezed) {
                    doubles.push((at, *first));
                    continue;
                }
                made.insert(squeezed, (at, name.text.clone()));
            }
            wanted.push(at);
        }
        for chunk in wanted.chunks(TOGETHER) {
            let records: Vec<Vec<Value>> = chunk.iter().map(|at| self.record(kind, &names.list[*at])).collect();
            for (at, id) in chunk.iter().zip(insert(conn, kind, &records).await?) {
                names.list[*at].found = Found::Made(id);
            }
        }
        for (at, first) in doubles {
            let own = names.list[first].text.clone();
            if let Some(id) = names.list[first].found.id() {
                names.list[at].found = Found::Nearly(id, own);
            }
        }
        Ok(())
    }

    fn record(&mut self, kind: &Kind, name: &Name) -> Vec<Value> {
        let mut values = vec![Value::Null; kind.fields.len()];
        let mut set = |field: &str, value: Value| {
            if let Some(at) = kind.index(field) {
                values[at] = value;
            }
        };
        set(kind.title, Value::Text(name.text.clone()));
        for (field, code) in defaults(kind.id) {
            set(field, Value::Choice((*code).into()));
        }
        match kind.id {
            USER => {
                set("login", Value::Text(free_login(&name.text, self.logins)));
                set("active", Value::Bool(false));
            }
            PRODUCT => set("active", Value::Bool(true)),
            _ => {}
        }
        if let Some((me, team)) = self.mine {
            set("owner", Value::reference(me));
            set("team", team.map_or(Value::Null, Value::reference));
        }
        let style = Style { order: Some(Order::DayFirst), comma_is_decimal: false, zone: self.zone };
        for (field, cell) in &name.details {
            let Some(field) = kind.field(field) else { continue };
            match values::parse(kind, field, cell, style) {
                Ok(parsed) => values[kind.index(&field.name).expect("the field is the kind's")] = parsed.value,
                Err(why) => self.warnings.add(
                    "detail_left_out",
                    &field.name,
                    || {
                        format!(
                            "some {}s were made without their {}, which cannot be read",
                            kind.id,
                            field.label.en.to_lowercase()
                        )
                    },
                    || format!("{}: {why}", name.text),
                ),
            }
        }
        if kind.id == CONTACT && name.details.is_empty() && !name.email.is_empty() {
            values[kind.index("email").expect("contacts have mails")] = Value::Text(name.email.clone());
        }
        values
    }

    /// Places every deal's pipeline and stage, appending unknown stages.
    pub(super) async fn stages(
        &mut self,
        conn: &mut Tx,
        wanted: &[(String, String, u64)],
        chosen: Option<&str>,
    ) -> store::Result<(Stages, Referred, Referred)> {
        let mut pipelines = intake::pipelines(conn).await?;
        let mut stages: Vec<Stage> = intake::stages(conn)
            .await?
            .into_iter()
            .map(|(id, pipeline, name, position, state)| Stage {
                id,
                pipeline,
                name,
                position,
                state: State::of_code(&state),
            })
            .collect();
        let (mut of_pipelines, mut of_stages) = (Referred::default(), Referred::default());
        let mut found = Stages::default();
        let mut by_name: HashMap<String, i64> = HashMap::new();
        // In a new pipeline the open stages come first.
        let mut ordered: Vec<&(String, String, u64)> = wanted.iter().collect();
        ordered.sort_by_key(|(_, stage, _)| matches!(fit(&[], 0, stage), Fit::Missing(State::Won | State::Lost)));
        for (pipeline_name, stage_name, rows) in ordered {
            let said = if pipeline_name.is_empty() { chosen.unwrap_or_default() } else { pipeline_name };
            let pipeline = if let Some(id) = by_name.get(&fold(said)) {
                *id
            } else {
                let known = pipelines.iter().find(|(_, name)| said.is_empty() || fold(name) == fold(said));
                let id = if let Some((id, _)) = known {
                    of_pipelines.matched += 1;
                    *id
                } else if self.create || pipeline_name.is_empty() {
                    let name = if said.is_empty() { "Sales" } else { said };
                    let kind = self.registry.kind(PIPELINE);
                    let position = Value::Int(pipelines.len() as i64 + 1);
                    let id =
                        insert_one(conn, kind, &[("name", Value::Text(name.into())), ("position", position)]).await?;
                    pipelines.push((id, name.to_owned()));
                    of_pipelines.created += 1;
                    id
                } else {
                    continue;
                };
                by_name.insert(fold(said), id);
                id
            };
            let id = if stage_name.is_empty() {
                let first = stages.iter().filter(|s| s.pipeline == pipeline && s.state == State::Open);
                match first.min_by_key(|s| s.position) {
                    Some(stage) => stage.id,
                    None => self.append(conn, &mut stages, pipeline, "New", State::Open, &mut of_stages).await?,
                }
            } else {
                match fit(&stages, pipeline, stage_name) {
                    Fit::Exactly(id) => {
                        of_stages.matched += 1;
                        id
                    }
                    Fit::Nearly(id, own) => {
                        of_stages.matched += 1;
                        self.warnings.count(
                            "near_name",
                            stage_name,
                            *rows,
                            || format!("stage “{stage_name}” is taken as “{own}”"),
                            String::new,
                        );
                        id
                    }
                    Fit::Missing(state) => {
                        self.append(conn, &mut stages, pipeline, stage_name, state, &mut of_stages).await?
                    }
                }
            };
            let state = stages.iter().find(|s| s.id == id).map_or(State::Open, |s| s.state);
            found.0.insert((pipeline_name.clone(), stage_name.clone()), (id, pipeline, state));
        }
        Ok((found, of_pipelines, of_stages))
    }

    async fn append(
        &mut self,
        conn: &mut Tx,
        stages: &mut Vec<Stage>,
        pipeline: i64,
        name: &str,
        state: State,
        counts: &mut Referred,
    ) -> store::Result<i64> {
        let (position, must_shift) = place(stages, pipeline, state);
        if must_shift {
            intake::shift_stages(conn, pipeline, position).await?;
            for stage in stages.iter_mut().filter(|s| s.pipeline == pipeline && s.position >= position) {
                stage.position += 1;
            }
        }
        let mut values = vec![
            ("name", Value::Text(name.into())),
            ("pipeline", Value::reference(pipeline)),
            ("position", Value::Int(position)),
            ("state", Value::Choice(state.code().into())),
        ];
        match state {
            State::Won => values.push(("probability", Value::Int(100))),
            State::Lost => values.push(("probability", Value::Int(0))),
            State::Open => {}
        }
        let id = insert_one(conn, self.registry.kind(STAGE), &values).await?;
        stages.push(Stage { id, pipeline, name: name.to_owned(), position, state });
        counts.created += 1;
        self.warnings.add(
            "stage_added",
            name,
            || format!("stage “{name}” was not in the pipeline and is added to it"),
            String::new,
        );
        Ok(id)
    }
}

/// Of several of one name, the one with this mail, or the only one without any.
fn one_of(bearers: &[Bearer], email: &str) -> Found {
    let with = |wanted: &str| {
        let same: Vec<&Bearer> = bearers.iter().filter(|b| b.other.to_lowercase() == wanted).collect();
        match same.as_slice() {
            [] => None,
            [one] => Some(Found::Exactly(one.id)),
            many => Some(Found::Many(many.len() as u64)),
        }
    };
    with(&email.to_lowercase()).or_else(|| with("").filter(|found| found.id().is_some())).unwrap_or_default()
}

async fn insert_one(conn: &mut Tx, kind: &Kind, values: &[(&str, Value)]) -> store::Result<i64> {
    let mut record = vec![Value::Null; kind.fields.len()];
    for (field, value) in values {
        record[kind.index(field).expect("the field is the kind's")] = value.clone();
    }
    Ok(insert(conn, kind, &[record]).await?.first().copied().unwrap_or_default())
}

/// Inserts records given by all their fields; columns that none of them fills keep the table's default.
async fn insert(conn: &mut Tx, kind: &Kind, records: &[Vec<Value>]) -> store::Result<Vec<i64>> {
    let mut batch = Batch::default();
    for (at, field) in kind.fields.iter().enumerate() {
        if is_column(field) && records.iter().any(|r| !r[at].is_none()) {
            batch.fields.push(field);
            batch.columns.push(records.iter().map(|r| text_of(&r[at])).collect());
        }
    }
    intake::insert(conn, kind, &batch).await
}

fn is_column(field: &Field) -> bool {
    !field.readonly && !matches!(field.ty, FieldType::Span)
}
