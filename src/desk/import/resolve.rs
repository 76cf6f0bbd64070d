//! Names to records: finds what a file's rows refer to, and promises what is missing when that was asked for.

use std::collections::{HashMap, HashSet};

use chrono_tz::Tz;

use super::dates::Order;
use super::names::{Found, Name, Names};
use super::promise::{Promised, Promises};
use super::report::{Referred, Warnings};
use super::row::{Logins, defaults, free_login};
use super::stages::{Fit, Stage, Stages, State, fit, place};
use super::values::{self, Style};
use super::words::{fold, squeeze};
use crate::domain::kind::{
    CONTACT, DEAL, Kind, KindId, MESSAGE, PIPELINE, PRODUCT, Registry, STAGE, TEAM, TICKET, USER,
};
use crate::domain::value::Value;
use crate::store::intake::{self, Bearer, By};
use crate::store::{self, Tx};

/// What finding and promising depends on beside the names.
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
    /// What is missing and will be made.
    pub promises: &'a mut Promises,
}

impl Resolver<'_> {
    /// Finds (or promises) every name's record; how many were found.
    pub(super) async fn resolve(&mut self, conn: &mut Tx, kind: KindId, names: &mut Names) -> store::Result<Referred> {
        let kind = self.registry.kind(kind);
        self.find(conn, kind, names).await?;
        if self.may_make(kind.id) {
            self.promise(kind, names);
        }
        let mut referred = Referred::default();
        for name in &names.list {
            match &name.found {
                Found::Exactly(_) | Found::Later => referred.matched += 1,
                Found::Nearly(id, own) => {
                    referred.matched += u64::from(*id > 0);
                    let (one, text) = (&kind.one.en, &name.text);
                    self.warnings.count(
                        "near_name",
                        text,
                        name.count,
                        || format!("{} “{text}” is taken as “{own}”", one.to_lowercase()),
                        String::new,
                    );
                }
                Found::Missing | Found::Many(_) | Found::Made(_) => {}
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

    fn promise(&mut self, kind: &Kind, names: &mut Names) {
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
        for at in wanted {
            let values = self.record(kind, &names.list[at]);
            let number = self.promises.promise(kind.id, &names.list[at].text, Promised::Record(values));
            names.list[at].found = Found::Made(number);
        }
        for (at, first) in doubles {
            let own = names.list[first].text.clone();
            if let Some(id) = names.list[first].found.id() {
                names.list[at].found = Found::Nearly(id, own);
            }
        }
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
        if kind.id == CONTACT
            && name.details.is_empty()
            && !name.email.is_empty()
            && let Some(mail) = kind.index("email")
        {
            values[mail] = Value::Text(name.email.clone());
        }
        values
    }

    /// Places every deal's pipeline and stage, promising those that are not there.
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
        self.promises.pipelines = pipelines.len() as i64;
        self.promises.stages.clone_from(&stages);
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
                    let number = self.promises.promise(PIPELINE, name, Promised::Pipeline);
                    pipelines.push((number, name.to_owned()));
                    number
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
                    None => self.append(&mut stages, pipeline, "New", State::Open),
                }
            } else {
                match fit(&stages, pipeline, stage_name) {
                    Fit::Exactly(id) => {
                        of_stages.matched += u64::from(id > 0);
                        id
                    }
                    Fit::Nearly(id, own) => {
                        of_stages.matched += u64::from(id > 0);
                        self.warnings.count(
                            "near_name",
                            stage_name,
                            *rows,
                            || format!("stage “{stage_name}” is taken as “{own}”"),
                            String::new,
                        );
                        id
                    }
                    Fit::Missing(state) => self.append(&mut stages, pipeline, stage_name, state),
                }
            };
            let state = stages.iter().find(|s| s.id == id).map_or(State::Open, |s| s.state);
            found.0.insert((pipeline_name.clone(), stage_name.clone()), (id, pipeline, state));
        }
        Ok((found, of_pipelines, of_stages))
    }

    fn append(&mut self, stages: &mut Vec<Stage>, pipeline: i64, name: &str, state: State) -> i64 {
        let id = self.promises.promise(STAGE, name, Promised::Stage(pipeline, state));
        let (position, must_shift) = place(stages, pipeline, state);
        if must_shift {
            for stage in stages.iter_mut().filter(|s| s.pipeline == pipeline && s.position >= position) {
                stage.position += 1;
            }
        }
        stages.push(Stage { id, pipeline, name: name.to_owned(), position, state });
        id
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
