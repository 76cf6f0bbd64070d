//! Custom fields: checked here, added by the database, known at once by every process.

use super::rights;
use super::{Cx, Desk, Error, Result, failed, say};
use crate::domain::field::{Field, FieldType, Lang, Source};
use crate::domain::kind::{Kind, KindId};
use crate::domain::right::Permission;
use crate::store::{OperationSpec, Tx, index, staff, trial};

/// Fields that one kind may be given.
const CUSTOM_MAX: usize = 60;

impl Desk {
    /// Adds a custom field (`name`: lower-case letters, digits, `_`), validated; every process hears of it.
    pub async fn add_field(&self, cx: &Cx, kind: KindId, field: Field) -> Result<()> {
        self.insert_field(cx, kind, field, false).await
    }

    /// Adds fields for an import, on trial; `added` says which, also when one of them fails. `settle_field` says what
    /// becomes of them. While the transaction that comes back lives, nobody takes the import for one that was cut off.
    pub(super) async fn try_fields(
        &self,
        cx: &Cx,
        kind: KindId,
        fields: Vec<Field>,
        added: &mut Vec<String>,
    ) -> Result<Option<Tx>> {
        if fields.is_empty() {
            return Ok(None);
        }
        let lost = |e| failed(cx.viewer.lang, e);
        let mut holder = self.inner.store.begin_quiet(&cx.actor()).await.map_err(lost)?;
        for field in fields {
            trial::hold(&mut holder, kind.0, &field.name).await.map_err(lost)?;
            let name = field.name.clone();
            self.insert_field(cx, kind, field, true).await?;
            added.push(name);
        }
        Ok(Some(holder))
    }

    /// Fields of imports that were cut off go away, unless somebody filled them in.
    pub(super) async fn settle_cut_fields(&self) -> crate::store::Result<()> {
        if self.inner.store.settle_cut_fields().await? > 0 {
            self.reload().await?;
        }
        Ok(())
    }

    async fn insert_field(&self, cx: &Cx, kind: KindId, mut field: Field, on_trial: bool) -> Result<()> {
        let lang = cx.viewer.lang;
        let registry = self.registry();
        let kind = registry.kind(kind);
        let role = &cx.viewer.me.role;
        rights::permitted(
            &cx.viewer,
            Permission::Configuration,
            &format!("The role {role} may not add fields; ask an admin."),
            &format!("角色 {role} 无权添加字段，请联系管理员。"),
        )?;
        field.custom = true;
        field.source = Source::Column(format!("c_{}", field.name));
        check(kind, &field, lang)?;
        let definition = serde_json::to_value(&field).map_err(|e| Error::Internal(e.to_string()))?;
        let spec = OperationSpec { action: "field", undoes: None, resume: None };
        let mut tx = self.inner.store.begin(&cx.actor(), Some(&spec)).await.map_err(|e| failed(lang, e))?;
        staff::add_custom_field(&mut tx, kind.id.0, &definition).await.map_err(|error| match error {
            // Its column exists: somebody else was quicker.
            crate::store::Error::Constraint(name) if name == "custom_field_pkey" => taken(kind, &field.name, lang),
            other => failed(lang, other),
        })?;
        if on_trial {
            trial::begin(&mut tx, kind.id.0, &field.name).await.map_err(|e| failed(lang, e))?;
        }
        tx.commit().await.map_err(|e| failed(lang, e))?;
        self.reload().await.map_err(|e| failed(lang, e))?;
        if field.indexed
            && let Err(error) = index::build(&self.inner.store, kind, &field).await
        {
            tracing::warn!(%error, kind = kind.id.0, field = field.name, "no index for a custom field");
            return Err(Error::Unavailable(say(
                lang,
                "The field is there, but its index could not be built; filters on it are slower.",
                "字段已添加，但索引未能建立，按它筛选会较慢。",
            )));
        }
        Ok(())
    }

    /// The import that added the field is over: it goes away again, unless somebody filled it in.
    pub(super) async fn settle_field(&self, cx: &Cx, kind: KindId, field: &str) -> Result<()> {
        let lost = |e| failed(cx.viewer.lang, e);
        let spec = OperationSpec { action: "field", undoes: None, resume: None };
        let mut tx = self.inner.store.begin(&cx.actor(), Some(&spec)).await.map_err(lost)?;
        trial::settle(&mut tx, kind.0, field).await.map_err(lost)?;
        tx.commit().await.map_err(lost)?;
        self.reload().await.map_err(lost)
    }
}

fn taken(kind: &Kind, name: &str, lang: Lang) -> Error {
    refuse(
        name,
        lang,
        format!("{} have a field called “{name}” already; choose another name.", kind.many.en),
        format!("{}已有名为“{name}”的字段，请另取名称。", kind.many.zh),
    )
}

fn refuse(field: &str, lang: Lang, en: String, zh: String) -> Error {
    Error::Invalid { field: field.to_owned(), reason: say(lang, en, zh) }
}

fn check(kind: &Kind, field: &Field, lang: Lang) -> Result<()> {
    let name = &field.name;
    let fits = name.len() <= 40
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    if !fits {
        return Err(refuse(
            name,
            lang,
            format!("A field's name is made of lower-case letters, digits and _, at most 40; “{name}” is not."),
            format!("字段名只能用小写字母、数字和 _，最多 40 个字符，“{name}”不符合。"),
        ));
    }
    if kind.find_field(name).is_some() || kind.field(&field.label.en).is_some() {
        return Err(taken(kind, name, lang));
    }
    if field.label.en.trim().is_empty() || field.label.zh.trim().is_empty() {
        return Err(refuse(name, lang, "The field needs a label.".into(), "字段需要显示名称。".into()));
    }
    if kind.fields.iter().filter(|f| f.custom).count() >= CUSTOM_MAX {
        return Err(refuse(
            name,
            lang,
            format!("{} have {CUSTOM_MAX} fields of their own already.", kind.many.en),
            format!("{}的自定义字段已达 {CUSTOM_MAX} 个。", kind.many.zh),
        ));
    }
    match &field.ty {
        FieldType::Span | FieldType::Tags => Err(refuse(
            name,
            lang,
            "A field of one's own cannot be of this type.".into(),
            "自定义字段不能是这种类型。".into(),
        )),
        FieldType::Choice(choices) => {
            let mut codes: Vec<&str> = choices.iter().map(|c| c.code.as_str()).collect();
            codes.sort_unstable();
            codes.dedup();
            if codes.is_empty() || codes.len() != choices.len() || codes.iter().any(|c| c.trim().is_empty()) {
                return Err(refuse(
                    name,
                    lang,
                    "The choices must be different and not empty.".into(),
                    "选项不能为空，也不能重复。".into(),
                ));
            }
            Ok(())
        }
        FieldType::Money { currency } if kind.field(currency).is_none_or(|f| f.ty != FieldType::Text) => Err(refuse(
            name,
            lang,
            format!("{} have no field “{currency}” for the currency.", kind.many.en),
            format!("{}没有存放币种的字段“{currency}”。", kind.many.zh),
        )),
        _ if field.unique => {
            Err(refuse(name, lang, "A field of one's own cannot be unique.".into(), "自定义字段不能设为唯一。".into()))
        }
        _ => Ok(()),
    }
}
