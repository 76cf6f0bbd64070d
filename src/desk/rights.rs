//! Who may do what: role × kind × verb → how far (`domain::right`). Refused here politely; Postgres' row-level security refuses it again.

use crate::domain::action::Action;
use crate::domain::field::Lang;
use crate::domain::kind::{Kind, VIEW};
use crate::domain::right::{Permission, Scope, Verb};
use crate::domain::viewer::Viewer;

use super::{Cx, Error, Result, say};

/// What an action does to its targets. A comment or activity is itself a new record, but needs that its target may be
/// worked on.
pub(super) fn verb_of(action: &Action) -> Verb {
    match action {
        Action::Create { .. } => Verb::Create,
        Action::Delete | Action::Restore => Verb::Delete,
        Action::Set { .. }
        | Action::Tag { .. }
        | Action::Comment { .. }
        | Action::Reply { .. }
        | Action::Pull
        | Action::Macro { .. }
        | Action::Log { .. } => Verb::Edit,
    }
}

/// Refuses with this sentence what is an admin's alone.
pub(super) fn only_admins(viewer: &Viewer, en: &str, zh: &str) -> Result<()> {
    if viewer.me.is_admin() { Ok(()) } else { Err(Error::Denied(say(viewer.lang, en, zh))) }
}

/// Refuses with this sentence who does not manage users.
pub(super) fn manages_users(viewer: &Viewer, en: &str, zh: &str) -> Result<()> {
    permitted(viewer, Permission::Users, en, zh)
}

/// The refusal of whoever manages users, but not that one.
pub(super) fn not_managed(lang: Lang, login: &str) -> Error {
    Error::Denied(say(
        lang,
        format!("{login} may something that you may not, or is of a team that is not below yours; ask an admin."),
        format!("{login} 拥有你没有的权限，或不属于你的团队及其下级团队，请联系管理员。"),
    ))
}

/// Refuses with this sentence who lacks a permission.
pub(super) fn permitted(viewer: &Viewer, permission: Permission, en: &str, zh: &str) -> Result<()> {
    if viewer.me.rights.may(permission) { Ok(()) } else { Err(Error::Denied(say(viewer.lang, en, zh))) }
}

/// Refuses with a sentence that names what is missing when the role cannot do this to any record of the kind.
pub(super) fn may(viewer: &Viewer, kind: &Kind, verb: Verb) -> Result<()> {
    if viewer.me.rights.reach(kind.id, verb) > Scope::None {
        return Ok(());
    }
    let (en, zh) = match verb {
        Verb::Read => ("see", "查看"),
        Verb::Create => ("create", "新建"),
        Verb::Edit => ("change", "修改"),
        Verb::Delete => ("delete or restore", "删除或恢复"),
        Verb::Export => ("export", "导出"),
    };
    Err(Error::Denied(say(
        viewer.lang,
        format!("The role {} may not {en} {}; ask an admin.", viewer.me.role, kind.many.en.to_lowercase()),
        format!("角色 {} 无权{zh}{}，请联系管理员。", viewer.me.role, kind.many.zh),
    )))
}

/// The same person, who sees of a kind what they may export of it.
pub(super) fn for_export(cx: &Cx, kind: &Kind) -> Result<Cx> {
    may(&cx.viewer, kind, Verb::Export)?;
    let mut cx = cx.clone();
    let exports = cx.viewer.me.rights.reach(kind.id, Verb::Export);
    let rights = std::sync::Arc::make_mut(&mut cx.viewer.me.rights);
    if let Some(reach) = rights.kinds.get_mut(kind.id.0) {
        *reach = reach.with(Verb::Read, exports).unwrap_or_default();
    }
    Ok(cx)
}

/// Refuses more records at once than the role may touch.
pub(super) fn so_many(viewer: &Viewer, records: usize) -> Result<()> {
    match viewer.me.rights.bulk {
        Some(most) if records as u64 > most => Err(too_many(viewer.lang, most)),
        _ => Ok(()),
    }
}

/// The refusal of more than so many.
pub(super) fn too_many(lang: Lang, most: u64) -> Error {
    Error::Denied(say(
        lang,
        format!("Your role changes at most {most} records at once; choose fewer, or ask an admin."),
        format!("你的角色一次最多修改 {most} 条记录；请减少数量，或联系管理员。"),
    ))
}

/// Why a record that the person can read cannot be written by them.
pub(super) fn not_yours(lang: Lang, kind: &Kind, id: i64) -> String {
    let code = kind.code(id);
    if kind.id == VIEW {
        return say(
            lang,
            format!("The view {code} is shared by somebody else; save a copy of your own."),
            format!("视图 {code} 由他人共享，请另存一份自己的。"),
        );
    }
    say(
        lang,
        format!("{code} is neither yours nor your team's, so you cannot change it; ask its owner."),
        format!("{code} 不属于你或你的团队，不能修改，请联系负责人。"),
    )
}

/// For writes that Postgres refused because the result would be out of the person's reach.
pub(super) fn out_of_reach(lang: Lang) -> String {
    say(
        lang,
        "You would give the record away to where you cannot see it; keep yourself or your team on it, or ask an admin.",
        "这样改后你将看不到该记录；请保留自己或自己的团队，或联系管理员。",
    )
}
