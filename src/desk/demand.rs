//! What a stage demands of the deals that come to it. The database holds the same for whoever writes in SQL.

use sqlx::PgConnection;

use super::plan::{is_empty, known};
use super::{Result, invalid, say};
use crate::domain::field::{Field, Lang};
use crate::domain::kind::stage::{canonical_demands, demanded};
use crate::domain::kind::{DEAL, Kind, Registry, STAGE};
use crate::domain::value::Value;
use crate::store::{self, choose};

/// What the stage that deals come to demands of those that are not there yet.
pub(super) struct Demands<'a> {
    stage: i64,
    /// The field that says where a deal stands.
    standing: &'a Field,
    fields: Vec<&'a Field>,
}

impl<'a> Demands<'a> {
    /// `None` when the stage demands nothing.
    pub(super) async fn of(conn: &mut PgConnection, registry: &'a Registry, stage: i64) -> store::Result<Option<Self>> {
        let requires = choose::stage_requires(conn, stage).await?.unwrap_or_default();
        let fields = demanded(&requires, registry);
        let standing = known(registry.kind(DEAL), "stage");
        Ok((!fields.is_empty()).then_some(Self { stage, standing, fields }))
    }

    /// The fields of a deal that are looked at.
    pub(super) fn reads(&self) -> impl Iterator<Item = &'a Field> {
        std::iter::once(self.standing).chain(self.fields.iter().copied())
    }

    /// The first field that a deal with these values, in the order of `reads`, will lack once it is edited so.
    pub(super) fn lacking<'v>(
        &self,
        edited: impl Fn(&str) -> Option<&'v Value>,
        values: &'v [Value],
    ) -> Option<&'a Field> {
        let (stands, values) = values.split_first()?;
        if stands.as_id() == Some(self.stage) {
            return None;
        }
        let mut each = self.fields.iter().copied().zip(values);
        each.find(|(field, value)| is_empty(edited(&field.name).unwrap_or(value))).map(|(field, _)| field)
    }

    /// The first field that a new deal lacks; `has` tells by name which ones it has.
    pub(super) fn lacking_new(&self, has: impl Fn(&str) -> bool) -> Option<&'a Field> {
        self.fields.iter().copied().find(|field| !has(&field.name))
    }
}

/// The field to blame and the sentence, when a deal lacks what a stage demands.
pub(super) fn demand(field: &Field, lang: Lang) -> (String, String) {
    let reason = say(
        lang,
        format!("The stage asks for {}; fill it in first.", field.label.en.to_lowercase()),
        format!("该阶段要求填写{}，请先填写。", field.label.zh),
    );
    (field.name.clone(), reason)
}

/// Values that name fields, in their canonical form.
pub(super) fn named(registry: &Registry, kind: &Kind, field: &Field, value: Value, lang: Lang) -> Result<Value> {
    if kind.id == STAGE
        && field.name == "requires"
        && let Some(typed) = value.as_str()
    {
        return canonical_demands(typed, registry).map(Value::text).map_err(|e| invalid(lang, &e));
    }
    Ok(value)
}
