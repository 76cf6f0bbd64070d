//! From what went wrong underneath to a sentence that a person can act on. Details go to the log here, once.

use super::{Error, rights};
use crate::domain::check::Invalid;
use crate::domain::field::Lang;
use crate::domain::kind::{Kind, USER};
use crate::store;

/// The refusal of whatever would lock everybody out of the workspace's administration.
fn no_admin_left(lang: Lang) -> Error {
    Error::Invalid {
        field: String::new(),
        reason: say(
            lang,
            "Nobody would be left to administer the workspace; make another admin first.",
            "这样将没有管理员，请先指定另一位管理员。",
        ),
    }
}

/// The refusal of what is not for somebody disabled.
pub(super) fn disabled(lang: Lang, field: &str, login: &str) -> Error {
    Error::Invalid {
        field: field.into(),
        reason: say(
            lang,
            format!("{login} is disabled; `frontdesk user enable {login}` first."),
            format!("{login} 已停用，请先运行 `frontdesk user enable {login}`。"),
        ),
    }
}

/// The sentence in the person's language.
pub(super) fn say(lang: Lang, en: impl Into<String>, zh: impl Into<String>) -> String {
    match lang {
        Lang::En => en.into(),
        Lang::Zh => zh.into(),
    }
}

impl Error {
    /// What nobody can act on; whoever finds it has told the log.
    pub(crate) fn internal(lang: Lang) -> Self {
        Self::Internal(say(lang, "Something went wrong; the log has the details.", "出现内部错误，详情见日志。"))
    }
}

pub(super) fn invalid(lang: Lang, error: &Invalid) -> Error {
    Error::Invalid { field: error.field.clone(), reason: error.message(lang).to_owned() }
}

/// A record that is not there, or that the person may not see: the same to them.
pub(super) fn not_there(lang: Lang, kind: &Kind, id: i64) -> Error {
    let code = kind.code(id);
    Error::NotFound(say(lang, format!("There is no {code} here (any more)."), format!("没有 {code}，或已不在。")))
}

/// An error of the database where no field is to blame.
pub(super) fn failed(lang: Lang, error: store::Error) -> Error {
    match error {
        store::Error::NotFound => Error::NotFound(say(lang, "That record is not here (any more).", "该记录不存在。")),
        store::Error::Conflict => Error::Unavailable(say(
            lang,
            "Others are changing the same records; try again.",
            "他人正在修改同样的记录，请重试。",
        )),
        store::Error::Denied(detail) => {
            tracing::warn!(detail, "refused by the database");
            Error::Denied(say(lang, "You may not do that; ask an admin.", "你无权这样做，请联系管理员。"))
        }
        store::Error::Unavailable(detail) => {
            tracing::warn!(detail, "database unavailable");
            Error::Unavailable(say(
                lang,
                "The database cannot be reached or is too slow; try again in a moment.",
                "数据库连接不上或太慢，请稍后再试。",
            ))
        }
        store::Error::Constraint(name) if name == "staff_has_admin" => no_admin_left(lang),
        store::Error::Constraint(name) if name == "operation_bulk" => Error::Denied(say(
            lang,
            "That is more records at once than your role may change; take fewer, or ask an admin.",
            "一次修改的记录超出你的角色允许的数量；请减少数量，或联系管理员。",
        )),
        store::Error::Constraint(name) => {
            tracing::warn!(name, "constraint without a field");
            Error::Invalid {
                field: String::new(),
                reason: say(
                    lang,
                    format!("The database does not take this (rule {name})."),
                    format!("数据库不接受（规则 {name}）。"),
                ),
            }
        }
        older_or_newer @ (store::Error::Older | store::Error::Newer { .. }) => {
            Error::Unavailable(older_or_newer.to_string())
        }
        store::Error::Other(error) => {
            tracing::error!(error = error as Box<dyn std::error::Error>, "database");
            Error::internal(lang)
        }
    }
}

/// An error while writing records of a kind: the constraint's name leads to the field and what to do.
pub(super) fn constraint(lang: Lang, kind: &Kind, error: store::Error) -> Error {
    let name = match error {
        store::Error::Constraint(name) => name,
        store::Error::Denied(detail) => {
            tracing::debug!(detail, "refused by the database");
            if kind.id == USER {
                return Error::Denied(say(
                    lang,
                    "Only admins change whoever may more than you or is of a team that is not below yours, one's own role \
                     and team, and Postgres logins; ask one.",
                    "超出你权限或不在你团队之下的用户、自己的角色和团队、Postgres 登录名只有管理员可以修改，请联系管理员。",
                ));
            }
            return Error::Denied(rights::out_of_reach(lang));
        }
        other => return failed(lang, other),
    };
    let Some((field, rule)) = blamed(kind, &name) else {
        if name.ends_with("_demand") {
            return Error::Invalid {
                field: String::new(),
                reason: say(
                    lang,
                    "The stage asks for something that your role does not see; ask an admin.",
                    "该阶段要求填写你的角色看不到的内容，请联系管理员。",
                ),
            };
        }
        return failed(lang, store::Error::Constraint(name));
    };
    let (en, zh) = (&field.label.en, &field.label.zh);
    let reason = match rule {
        "self" => say(lang, format!("{en}: nobody is their own."), format!("{zh}不能是本人。")),
        "disabled" => {
            say(lang, format!("{en}: that person is disabled; name another."), format!("{zh}已停用，请另选。"))
        }
        "alone" => say(lang, "Say until when they are away.", "请填写外出的最后一天。"),
        "required" => say(lang, format!("{en} is required."), format!("{zh}为必填项。")),
        "key" => say(
            lang,
            format!("{en}: another {} has this already; choose another.", kind.one.en.to_lowercase()),
            format!("{zh}：已有{}使用，请另选。", kind.one.zh),
        ),
        "fkey" => say(
            lang,
            format!("{en}: that record is not there any more; choose another."),
            format!("{zh}：该记录已不存在，请另选。"),
        ),
        "demand" => super::demand::demand(field, lang).1,
        "range" => say(lang, format!("{en} is out of range."), format!("{zh}超出范围。")),
        _ => say(lang, format!("{en} cannot have this value."), format!("{zh}不能取这个值。")),
    };
    Error::Invalid { field: field.name.clone(), reason }
}

/// The field and the rule in a constraint's name: `<table>_<column>_<rule>`.
fn blamed<'a>(kind: &'a Kind, constraint: &'a str) -> Option<(&'a crate::domain::field::Field, &'a str)> {
    let rest = constraint.strip_prefix(kind.table)?.strip_prefix('_')?;
    let (column, rule) = rest.rsplit_once('_')?;
    let field = kind.fields.iter().find(|f| f.db_column() == column || f.name == column)?;
    Some((field, rule))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::kind::{CONTACT, DEAL, PRODUCT, Registry};

    #[test]
    fn constraints_become_sentences_about_a_field() {
        let registry = Registry::builtin();
        let cases = [
            (PRODUCT, "product_name_key", "name", "Name: another product has this already; choose another."),
            (
                CONTACT,
                "contact_company_id_fkey",
                "company",
                "Company: that record is not there any more; choose another.",
            ),
            (CONTACT, "contact_name_required", "name", "Name is required."),
            (DEAL, "deal_contact_id_demand", "contact", "The stage asks for contact; fill it in first."),
            (USER, "staff_role_choice", "role", "Role cannot have this value."),
            (CONTACT, "elsewhere_check", "", "The database does not take this (rule elsewhere_check)."),
        ];
        for (kind, name, field, reason) in cases {
            let error = constraint(Lang::En, registry.kind(kind), store::Error::Constraint(name.into()));
            let Error::Invalid { field: blamed, reason: said } = error else { panic!("{name}: {error:?}") };
            assert_eq!((blamed.as_str(), said.as_str()), (field, reason));
        }
    }
}
