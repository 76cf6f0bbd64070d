//! New records: defaults, checks, the insert.

use sqlx::PgConnection;

use super::demand::{Demands, demand, named};
use super::plan::{checked, field_named, first_stage, micros, refer};
use super::{Cx, Error, Result, failed, say};
use crate::domain::field::{Field, FieldType, Lang};
use crate::domain::kind::{
    ACTIVITY, CONTACT, DEAL, Kind, KindId, MACRO, MESSAGE, PRODUCT, Registry, Sharing, TICKET, USER, VIEW, full_name,
};
use crate::domain::right::{Scope, Verb};
use crate::domain::value::Value;
use crate::store::{choose, write};

/// A record being put together: values by the place of their field.
pub(super) struct Draft<'a> {
    kind: &'a Kind,
    values: Vec<Value>,
    /// Places of the fields that the person named; defaults need no check.
    given: Vec<usize>,
}

impl<'a> Draft<'a> {
    /// The given values, checked. A field named twice keeps the last.
    pub(super) fn new(registry: &Registry, kind: &'a Kind, given: &[(String, Value)], lang: Lang) -> Result<Self> {
        let mut values = vec![Value::Null; kind.fields.len()];
        let mut places = Vec::with_capacity(given.len());
        for (name, value) in given {
            let field = field_named(kind, name, lang)?;
            if value.is_none() {
                // An empty required field is judged once its default is known.
                continue;
            }
            let place = kind.index(&field.name).expect("the field was found in the kind");
            values[place] = named(registry, kind, field, checked(kind, field, value, lang)?, lang)?;
            places.push(place);
        }
        Ok(Self { kind, values, given: places })
    }

    fn get(&self, field: &str) -> &Value {
        self.kind.index(field).map_or(&Value::Null, |place| &self.values[place])
    }

    fn id(&self, field: &str) -> Option<i64> {
        self.get(field).as_id()
    }

    /// Sets a field that the kind has and that is still empty.
    fn default(&mut self, field: &str, value: Value) {
        if let Some(place) = self.kind.index(field)
            && self.values[place].is_none()
        {
            self.values[place] = value;
        }
    }

    fn filled(&self) -> impl Iterator<Item = (&'a Field, &Value)> {
        // What the person may not set is left to the database's own defaults.
        self.kind.fields.iter().zip(&self.values).filter(|(field, value)| !value.is_none() && !field.fixed)
    }

    /// What a record starts with when nobody says otherwise.
    pub(super) async fn fill(&mut self, conn: &mut PgConnection, cx: &Cx) -> Result<()> {
        let lang = cx.viewer.lang;
        let me = &cx.viewer.me;
        let lost = |e| failed(lang, e);
        let choice = |code: &str| Value::Choice(code.into());
        match self.kind.id {
            DEAL => {
                if self.id("stage").is_none() {
                    let start = first_stage(conn, cx, self.id("pipeline")).await?;
                    self.default("pipeline", Value::reference(start.pipeline));
                    self.default("stage", Value::reference(start.stage));
                } else if let Some(stage) = self.id("stage") {
                    let pipeline = choose::pipeline_of(conn, stage).await.map_err(lost)?;
                    let place = self.kind.index("pipeline").expect("deals have a pipeline");
                    self.values[place] = pipeline.map_or(Value::Null, Value::reference);
                }
                self.default("opened", Value::Day(cx.viewer.now.with_timezone(&cx.viewer.zone).date_naive()));
            }
            CONTACT => {
                let part = |field: &str| self.get(field).as_str().unwrap_or_default();
                let name = Value::text(full_name(part("family_name"), part("given_name")));
                self.default("name", name);
            }
            TICKET => {
                self.default("status", choice("new"));
                self.default("priority", choice("normal"));
            }
            MESSAGE => {
                self.default("direction", choice("note"));
                self.default("author", Value::reference(me.id));
                self.default("sent", micros(cx.viewer.now));
            }
            ACTIVITY => {
                self.default("type", choice("note"));
                self.default("done", Value::Bool(false));
                if self.get("due").is_none() {
                    self.default("at", micros(cx.viewer.now));
                }
            }
            USER => {
                self.default("role", choice("sales"));
                self.default("active", Value::Bool(true));
            }
            PRODUCT => self.default("active", Value::Bool(true)),
            VIEW | MACRO => self.default("shared", Value::Bool(false)),
            _ => {}
        }
        if self.kind.id != CONTACT
            && self.kind.field("company").is_some()
            && self.id("company").is_none()
            && let Some(contact) = self.id("contact")
            && let Some(company) = choose::company_of(conn, contact).await.map_err(lost)?
        {
            self.default("company", Value::reference(company));
        }
        self.currency(conn, lang).await?;
        // A message's owner and team are its ticket's; the database copies them.
        if self.kind.sharing == Sharing::Owned && self.kind.id != MESSAGE {
            self.default("owner", Value::reference(me.id));
            let owner = self.id("owner").unwrap_or(me.id);
            let team = if owner == me.id { me.team } else { choose::team_of(conn, owner).await.map_err(lost)? };
            // A colleague's team would take the record out of sight of whoever may not look there.
            let team = team
                .filter(|team| me.rights.reach(self.kind.id, Verb::Create) == Scope::All || me.teams.contains(team))
                .or(me.team);
            self.default("team", team.map_or(Value::Null, Value::reference));
        }
        Ok(())
    }

    /// Money needs a currency: the one used last for this kind of record.
    async fn currency(&mut self, conn: &mut PgConnection, lang: Lang) -> Result<()> {
        for field in &self.kind.fields {
            let FieldType::Money { currency } = &field.ty else { continue };
            let wants = self.kind.id == DEAL || !self.get(&field.name).is_none();
            if wants && self.get(currency).is_none() {
                let Some(column) = self.kind.field(currency).map(Field::db_column) else { continue };
                let last = choose::last_currency(conn, self.kind, column).await.map_err(|e| failed(lang, e))?;
                let usual = if lang == Lang::Zh { "CNY" } else { "USD" };
                self.default(currency, Value::Text(last.unwrap_or_else(|| usual.into())));
            }
        }
        Ok(())
    }

    /// Refuses an empty required field and a reference to nothing.
    pub(super) async fn check(&self, conn: &mut PgConnection, registry: &Registry, cx: &Cx) -> Result<()> {
        let lang = cx.viewer.lang;
        for &place in &self.given {
            refer(conn, registry, cx, &self.kind.fields[place], &self.values[place]).await?;
        }
        if let (DEAL, Some(stage)) = (self.kind.id, self.id("stage")) {
            let demands = Demands::of(conn, registry, stage).await.map_err(|e| failed(lang, e))?;
            let lacking = demands.and_then(|demands| demands.lacking_new(|name| !self.get(name).is_none()));
            if let Some((field, reason)) = lacking.map(|field| demand(field, lang)) {
                return Err(Error::Invalid { field, reason });
            }
        }
        for (field, value) in self.kind.fields.iter().zip(&self.values) {
            if field.required && value.is_none() && !field.readonly {
                return Err(Error::Invalid {
                    field: field.name.clone(),
                    reason: say(
                        lang,
                        format!("{} is required.", field.label.en),
                        format!("{}为必填项。", field.label.zh),
                    ),
                });
            }
        }
        Ok(())
    }

    pub(super) async fn insert(&self, conn: &mut PgConnection) -> crate::store::Result<(KindId, i64)> {
        let values: Vec<(&Field, Value)> = self.filled().map(|(field, value)| (field, value.clone())).collect();
        Ok((self.kind.id, write::insert(conn, self.kind, &values).await?))
    }
}
