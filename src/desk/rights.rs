//! Who may do what: role × kind × deed → how far. Refused here politely; Postgres' row-level security refuses it again.

use crate::domain::action::Action;
use crate::domain::field::Lang;
use crate::domain::kind::{Kind, Sharing, VIEW};
use crate::domain::viewer::Viewer;

use super::{Error, Result, say};

/// What is done to records, as far as rights tell it apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    Read,
    Create,
    Edit,
    Delete,
}

impl Deed {
    /// What an action does to its targets. A comment or activity is itself a new record, but needs that its target may be
    /// worked on.
    pub fn of(action: &Action) -> Self {
        match action {
            Action::Create { .. } => Self::Create,
            Action::Delete | Action::Restore => Self::Delete,
            Action::Set { .. }
            | Action::Tag { .. }
            | Action::Comment { .. }
            | Action::Reply { .. }
            | Action::Pull
            | Action::Macro { .. }
            | Action::Log { .. } => Self::Edit,
        }
    }
}

/// How far a right goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    None,
    /// Records whose owner I am.
    Own,
    /// My own, and those of my team and the teams below it.
    Team,
    All,
}

/// How far `role` may go with records of a kind. The built-in roles: `admin` does everything; `sales` works on its own
/// and its team's customer data and reads configuration.
pub fn scope(role: &str, kind: &Kind, deed: Deed) -> Scope {
    match (role, kind.sharing, deed) {
        ("admin", _, _) | ("sales", Sharing::Common, Deed::Read) => Scope::All,
        ("sales", Sharing::Owned, _) => Scope::Team,
        _ => Scope::None,
    }
}

/// Refuses with this sentence what is an admin's alone.
pub(super) fn only_admins(viewer: &Viewer, en: &str, zh: &str) -> Result<()> {
    if viewer.me.is_admin() { Ok(()) } else { Err(Error::Denied(say(viewer.lang, en, zh))) }
}

/// Refuses with a sentence that names what is missing when the role cannot do this to any record of the kind.
pub(super) fn may(viewer: &Viewer, kind: &Kind, deed: Deed) -> Result<()> {
    if scope(&viewer.me.role, kind, deed) > Scope::None {
        return Ok(());
    }
    let (en, zh) = match deed {
        Deed::Read => ("see", "查看"),
        Deed::Create => ("create", "新建"),
        Deed::Edit => ("change", "修改"),
        Deed::Delete => ("delete or restore", "删除或恢复"),
    };
    Err(Error::Denied(say(
        viewer.lang,
        format!("The role {} may not {en} {}; ask an admin.", viewer.me.role, kind.many.en.to_lowercase()),
        format!("角色 {} 无权{zh}{}，请联系管理员。", viewer.me.role, kind.many.zh),
    )))
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
