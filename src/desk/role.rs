//! Roles: what each may, and changing that. The database brings its roles, grants and policies in line with the rows, and
//! every process hears of it.

use chrono::{DateTime, Utc};
use serde_json::Value as Json;
use sqlx::PgConnection;

use super::rights;
use super::{Cx, Desk, Error, Result, failed, say};
use crate::domain::field::Lang;
use crate::domain::kind::{Kind, KindId, Registry, Sharing, USER};
use crate::domain::right::{self, Definition, FieldRow, Grant, OTHERS, Permission, Rights, Scope, Verb, differences};
use crate::domain::value::Value;
use crate::domain::viewer::Person;
use crate::store::{self, record, role, staff};

/// A role, what it may, and who has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Role {
    pub name: String,
    /// Comes with the program: it may be changed and not deleted.
    pub is_builtin: bool,
    pub rights: Rights,
    /// Logins of the active ones who have it.
    pub people: Vec<String>,
}

/// One change of a role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleChange {
    pub at: DateTime<Utc>,
    /// Nobody for what came with the program.
    pub by: Option<String>,
    pub role: String,
    /// In words, in English.
    pub what: Vec<String>,
}

/// What somebody may do with a record, or with records of a kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Can {
    pub verb: Verb,
    pub yes: bool,
    /// How far their role goes with the kind.
    pub scope: Scope,
    /// The rule that decides, as a sentence.
    pub why: String,
}

/// All that is asked about one person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    pub login: String,
    pub role: String,
    pub rights: Rights,
    /// About the record, when one was asked about.
    pub record: Option<(KindId, Vec<Can>)>,
}

impl Desk {
    /// The kinds as that person has them: without the fields that their role does not see.
    pub fn registry_for(&self, cx: &Cx) -> Registry {
        cx.viewer.me.rights.narrow(&self.registry())
    }

    /// All roles, the built-in ones first.
    pub async fn roles(&self, cx: &Cx) -> Result<Vec<Role>> {
        let mut tx = self.read_tx(cx).await?;
        let rows = role::all(&mut tx).await.map_err(|e| failed(cx.viewer.lang, e))?;
        let role = |row: role::Row| Role {
            name: row.name,
            is_builtin: row.is_builtin,
            rights: row.rights.0,
            people: row.people,
        };
        Ok(rows.into_iter().map(role).collect())
    }

    /// Makes a role that may what another may; for admins.
    pub async fn new_role(&self, cx: &Cx, name: &str, like: &str) -> Result<()> {
        let lang = cx.viewer.lang;
        only_admins(cx)?;
        self.role_named(cx, like).await?;
        let mut tx = self.quiet_tx(cx).await?;
        role::make(&mut tx, name, like).await.map_err(|e| refused(lang, name, e))?;
        self.changed(lang, tx).await
    }

    /// Changes what a role may, and says in words what is another now: a narrower right takes those along that cannot go
    /// further than it. For admins. `Invalid` for what cannot be, with what to do instead.
    pub async fn set_role(&self, cx: &Cx, name: &str, grant: &Grant) -> Result<Vec<String>> {
        let lang = cx.viewer.lang;
        only_admins(cx)?;
        let registry = self.registry();
        let current = self.role_named(cx, name).await?;
        let mut tx = self.quiet_tx(cx).await?;
        let was = definition(&mut tx, lang, name).await?;
        let before = parsed(&was)?;
        let mut after = before.clone();
        apply(lang, &registry, &current, &mut after, grant)?;
        let told = differences(&registry, &before, &after);
        if told.is_empty() {
            return Ok(told);
        }
        let now = serde_json::to_value(&after).map_err(|e| Error::Internal(e.to_string()))?;
        role::set(&mut tx, name, &was, &now).await.map_err(|e| refused(lang, name, e))?;
        self.changed(lang, tx).await?;
        Ok(told)
    }

    /// Takes the latest change of a role back and says what is another now; for admins. Taking that back is doing it again.
    pub async fn undo_role(&self, cx: &Cx, name: &str) -> Result<Vec<String>> {
        let lang = cx.viewer.lang;
        only_admins(cx)?;
        self.role_named(cx, name).await?;
        let mut tx = self.quiet_tx(cx).await?;
        let latest = role::log(&mut tx, Some(name), 1).await.map_err(|e| failed(lang, e))?;
        let back = latest.first().and_then(|logged| Some((logged.before.clone()?, logged.after.clone()?)));
        let Some((before, after)) = back else {
            return Err(Error::NotFound(say(
                lang,
                format!("Nothing was changed about {name} that could be taken back."),
                format!("角色 {name} 没有可撤销的改动。"),
            )));
        };
        role::set(&mut tx, name, &after, &before).await.map_err(|e| refused(lang, name, e))?;
        self.changed(lang, tx).await?;
        Ok(differences(&self.registry(), &parsed(&after)?, &parsed(&before)?))
    }

    /// Deletes a role that nobody has; for admins.
    pub async fn delete_role(&self, cx: &Cx, name: &str) -> Result<()> {
        let lang = cx.viewer.lang;
        only_admins(cx)?;
        self.role_named(cx, name).await?;
        let mut tx = self.quiet_tx(cx).await?;
        let holders = role::holders(&mut tx, name).await.map_err(|e| failed(lang, e))?;
        if !holders.is_empty() {
            let who = some_of(&holders);
            return Err(invalid(
                lang,
                format!("{name} is the role of {who}; give them another first."),
                format!("角色 {name} 仍由 {who} 使用，请先为他们更换角色。"),
            ));
        }
        role::delete(&mut tx, name).await.map_err(|e| refused(lang, name, e))?;
        self.changed(lang, tx).await
    }

    /// Marks a field as sensitive – only roles that may see such fields see it – or as none; for admins.
    pub async fn set_sensitive(&self, cx: &Cx, kind: KindId, field: &str, is_so: bool) -> Result<()> {
        let lang = cx.viewer.lang;
        only_admins(cx)?;
        let registry = self.registry();
        let kind = registry.kind(kind);
        let row = field_row(lang, kind, field, Some(right::Hold::Hidden))?;
        let mut tx = self.quiet_tx(cx).await?;
        role::set_sensitive(&mut tx, kind.id.0, &row.field, &row.column, is_so)
            .await
            .map_err(|e| refused(lang, "sensitive", e))?;
        self.changed(lang, tx).await
    }

    /// Who changed which role when, newest first, at most `limit`; for admins.
    pub async fn role_log(&self, cx: &Cx, name: Option<&str>, limit: u32) -> Result<Vec<RoleChange>> {
        only_admins(cx)?;
        let registry = self.registry();
        let mut tx = self.read_tx(cx).await?;
        let rows = role::log(&mut tx, name, limit.into()).await.map_err(|e| failed(cx.viewer.lang, e))?;
        Ok(rows
            .into_iter()
            .map(|row| RoleChange { what: words(&registry, &row), at: row.at, by: row.by, role: row.role })
            .collect())
    }

    /// The same of a person by id.
    pub async fn standing_of(&self, cx: &Cx, person: i64, about: Option<(KindId, i64)>) -> Result<Standing> {
        let lang = cx.viewer.lang;
        let mut tx = self.inner.store.begin_unnamed().await.map_err(|e| failed(lang, e))?;
        let login = staff::login(&mut tx, person).await.map_err(|e| failed(lang, e))?;
        drop(tx);
        let registry = self.registry();
        let login = login.ok_or_else(|| super::not_there(lang, registry.kind(USER), person))?;
        self.standing(cx, &login, about).await
    }

    /// What a person may do, and with this record, which `cx` must see themselves; about others for who manages users.
    pub async fn standing(&self, cx: &Cx, login: &str, about: Option<(KindId, i64)>) -> Result<Standing> {
        let lang = cx.viewer.lang;
        let mut tx = self.inner.store.begin_unnamed().await.map_err(|e| failed(lang, e))?;
        let found = staff::person(&mut tx, login).await.map_err(|e| failed(lang, e))?;
        drop(tx);
        let is_me = found.as_ref().is_some_and(|(person, _)| person.id == cx.viewer.me.id);
        if !is_me {
            let (en, zh) = (
                "Only who manages users sees what others may; ask an admin.",
                "只有可管理用户的人可以查看他人的权限，请联系管理员。",
            );
            rights::manages_users(&cx.viewer, en, zh)?;
        }
        let (person, _) = found.ok_or_else(|| {
            Error::NotFound(say(
                lang,
                format!("Nobody here has the login “{login}”; see `frontdesk user list`."),
                format!("没有登录名“{login}”，见 `frontdesk user list`。"),
            ))
        })?;
        let record = match about {
            Some((kind, id)) => Some((kind, self.can(cx, &person, kind, id).await?)),
            None => None,
        };
        let rights = (*person.rights).clone();
        Ok(Standing { login: person.login, role: person.role, rights, record })
    }

    async fn can(&self, cx: &Cx, person: &Person, kind: KindId, id: i64) -> Result<Vec<Can>> {
        let lang = cx.viewer.lang;
        let registry = self.registry_for(cx);
        let kind = registry.kind(kind);
        rights::may(&cx.viewer, kind, Verb::Read)?;
        let mut tx = self.read_tx(cx).await?;
        let found =
            record::read(&mut tx, &registry, kind.id, &[id], cx.viewer.now).await.map_err(|e| failed(lang, e))?;
        let found = found.into_iter().next().ok_or_else(|| super::not_there(lang, kind, id))?;
        let of = |field: &str| kind.field(field).and_then(|_| found.get(kind, field).as_id());
        let (owner, team) = (of("owner"), of("team"));
        let stands_in = owner.is_some_and(|owner| person.stands_in.contains(&owner));
        let is_own = owner == Some(person.id) || stands_in;
        let is_team = is_own || team.is_some_and(|team| person.teams.contains(&team));
        let is_shared = kind.field("shared").is_some_and(|_| *found.get(kind, "shared") == Value::Bool(true));
        let verbs = Verb::ALL.into_iter().filter(|verb| *verb != Verb::Create);
        Ok(verbs
            .map(|verb| {
                let scope = person.rights.reach(kind.id, verb);
                let shared = is_shared && verb == Verb::Read && scope > Scope::None;
                let yes = shared
                    || match scope {
                        Scope::None => false,
                        Scope::Own => is_own,
                        Scope::Team => is_team,
                        Scope::All => true,
                    };
                let mut why = why(lang, person, kind, verb, scope, (is_own, is_team, shared));
                if stands_in && matches!(scope, Scope::Own | Scope::Team) {
                    why.push_str(&say(lang, ", for they stand in for its owner", "，因其代理该记录的负责人"));
                }
                Can { verb, yes, scope, why }
            })
            .collect())
    }

    /// Keeps a change of roles and takes it up here; other processes hear of it.
    async fn changed(&self, lang: Lang, tx: store::Tx) -> Result<()> {
        tx.commit().await.map_err(|e| failed(lang, e))?;
        self.reload().await.map_err(|e| failed(lang, e))
    }

    async fn role_named(&self, cx: &Cx, name: &str) -> Result<Role> {
        let roles = self.roles(cx).await?;
        let names: Vec<&str> = roles.iter().map(|role| role.name.as_str()).collect();
        let names = names.join(", ");
        roles.into_iter().find(|role| role.name == name).ok_or_else(|| {
            Error::NotFound(say(
                cx.viewer.lang,
                format!("No role is called “{name}”; there are {names}."),
                format!("没有角色“{name}”，现有：{names}。"),
            ))
        })
    }
}

fn only_admins(cx: &Cx) -> Result<()> {
    rights::only_admins(&cx.viewer, "Only admins change roles.", "只有管理员可以修改角色。")
}

fn invalid(lang: Lang, en: String, zh: String) -> Error {
    Error::Invalid { field: String::new(), reason: say(lang, en, zh) }
}

fn parsed(kept: &Json) -> Result<Definition> {
    serde_json::from_value(kept.clone()).map_err(|e| Error::Internal(e.to_string()))
}

async fn definition(conn: &mut PgConnection, lang: Lang, name: &str) -> Result<Json> {
    let kept = role::definition(conn, name).await.map_err(|e| failed(lang, e))?;
    kept.ok_or_else(|| {
        Error::NotFound(say(lang, format!("No role is called “{name}”."), format!("没有角色“{name}”。")))
    })
}

/// `ana, bo, cy and 4 more`
fn some_of(names: &[String]) -> String {
    let shown = names.iter().take(5).cloned().collect::<Vec<_>>().join(", ");
    if names.len() > 5 { format!("{shown} (+{})", names.len() - 5) } else { shown }
}

/// One change, or why it cannot be.
fn apply(lang: Lang, registry: &Registry, current: &Role, to: &mut Definition, grant: &Grant) -> Result<()> {
    if current.name == "admin" {
        return Err(invalid(
            lang,
            "The role admin may everything, always; make another with `role new NAME --like admin` and narrow that."
                .into(),
            "角色 admin 始终拥有全部权限；可用 `role new 名称 --like admin` 复制后再收窄。".into(),
        ));
    }
    match grant {
        Grant::Permission(permission, yes) => {
            to.may.retain(|may| may != permission);
            if *yes {
                to.may.push(*permission);
                to.may.sort_by_key(|may| may.name());
            }
        }
        Grant::Bulk(most) => to.bulk = *most,
        Grant::Field(kind, field, hold) => {
            let kind = registry.kind(*kind);
            let row = field_row(lang, kind, field, *hold)?;
            to.fields.retain(|had| (&had.kind, &had.field) != (&row.kind, &row.field));
            if hold.is_some() {
                to.fields.push(row);
                to.fields.sort_by(|a, b| (&a.kind, &a.field).cmp(&(&b.kind, &b.field)));
            }
        }
        Grant::Reach(kind, verb, scope) => {
            let kind = kind.map(|kind| registry.kind(kind));
            if let Some(kind) = kind.filter(|kind| kind.sharing == Sharing::Common) {
                common(lang, kind, to, *verb, *scope)?;
            }
            let row = kind.map_or(OTHERS, |kind| kind.id.0);
            let had = match kind {
                Some(kind) => current.rights.kinds.get(kind.id.0).copied(),
                None => to.kinds.get(OTHERS).copied(),
            };
            let made = had.unwrap_or_default().with(*verb, *scope).map_err(|first| {
                invalid(
                    lang,
                    format!(
                        "{} may not {} further than it may {}; set {} to {} first.",
                        current.name,
                        verb.name(),
                        first.name(),
                        first.name(),
                        scope.name()
                    ),
                    format!(
                        "{} 的 {} 范围不能大于 {}，请先把 {} 设为 {}。",
                        current.name,
                        verb.name(),
                        first.name(),
                        first.name(),
                        scope.name()
                    ),
                )
            })?;
            to.kinds.insert(row.to_owned(), made);
        }
    }
    Ok(())
}

/// Configuration has no owners, everybody reads it, and some of it is a permission's.
fn common(lang: Lang, kind: &Kind, of: &Definition, verb: Verb, scope: Scope) -> Result<()> {
    let (en, zh) = (kind.many.en.to_lowercase(), &kind.many.zh);
    if matches!(scope, Scope::Own | Scope::Team) {
        return Err(invalid(
            lang,
            format!("{} belong to nobody: it is all or none.", kind.many.en),
            format!("{zh}没有负责人，只能是 all 或 none。"),
        ));
    }
    if verb == Verb::Read {
        return Err(invalid(
            lang,
            format!("Everybody reads {en}: they stand on every record."),
            format!("所有人都可查看{zh}：它们出现在每条记录上。"),
        ));
    }
    let named = if right::is_permitted_by_name(kind.id) { Permission::Users } else { Permission::Configuration };
    if verb != Verb::Export && (right::is_permitted_by_name(kind.id) || of.may.contains(&named)) {
        let name = named.name();
        return Err(invalid(
            lang,
            format!(
                "Who writes {en} is said by the permission {name}: `role let NAME {name}`, `role let NAME {name} --not`."
            ),
            format!("{zh}的修改由权限 {name} 决定：`role let 名称 {name}` 或加 `--not`。"),
        ));
    }
    Ok(())
}

/// The row that keeps a field from a role, or of one that is not any more.
fn field_row(lang: Lang, kind: &Kind, name: &str, hold: Option<right::Hold>) -> Result<FieldRow> {
    let field = kind.find_field(name).ok_or_else(|| {
        invalid(
            lang,
            format!("{} have no field “{name}”.", kind.many.en),
            format!("{}没有字段“{name}”。", kind.many.zh),
        )
    })?;
    if let Some(hold) = hold
        && let Some(why) = right::why_not_held(kind, field, hold)
    {
        let (en, zh) = match hold {
            right::Hold::Hidden => ("hidden", "隐藏"),
            right::Hold::Fixed => ("fixed", "锁定"),
        };
        return Err(invalid(
            lang,
            format!("{} of {} cannot be {en}: {}.", field.label.en, kind.many.en.to_lowercase(), why.en),
            format!("{}的“{}”不能{zh}：{}。", kind.many.zh, field.label.zh, why.zh),
        ));
    }
    let (field, column) = (field.name.clone(), field.db_column().to_owned());
    Ok(FieldRow { kind: kind.id.0.to_owned(), field, column, hold: hold.unwrap_or(right::Hold::Hidden) })
}

/// What the database says no to.
fn refused(lang: Lang, name: &str, error: store::Error) -> Error {
    let store::Error::Constraint(rule) = &error else { return failed(lang, error) };
    match rule.as_str() {
        "role_name_form" => invalid(
            lang,
            format!(
                "A role's name begins with a letter and has lower-case letters, digits and -, 30 at most; “{name}” is none."
            ),
            format!("角色名以小写字母开头，只含小写字母、数字和 -，最多 30 个字符；“{name}”不符合。"),
        ),
        "role_pkey" => invalid(
            lang,
            format!("There is a role {name} already; choose another name."),
            format!("已有角色 {name}，请另取名称。"),
        ),
        "role_taken" => invalid(
            lang,
            format!(
                "Postgres has a role for {name} already, with members; let a superuser drop it, or choose another name."
            ),
            format!("Postgres 中已有 {name} 对应的角色且有成员；请超级用户删除它，或另取名称。"),
        ),
        "role_builtin" => invalid(
            lang,
            format!("{name} comes with the program and stays; change what it may instead."),
            format!("{name} 是内置角色，不能删除，可以修改其权限。"),
        ),
        "role_changed" => invalid(
            lang,
            format!("Somebody changed {name} meanwhile; look again."),
            format!("他人刚修改了 {name}，请重新查看。"),
        ),
        "staff_role_choice" => invalid(
            lang,
            format!("Somebody has the role {name}; give them another first."),
            format!("仍有人使用角色 {name}，请先更换。"),
        ),
        _ => failed(lang, error),
    }
}

fn words(registry: &Registry, row: &role::Logged) -> Vec<String> {
    let side = |side: Option<&Json>| side.and_then(|side| side.get("sensitive")?.as_str().map(str::to_owned));
    if let Some(field) = side(row.after.as_ref()) {
        return vec![format!("{field} is sensitive")];
    }
    if let Some(field) = side(row.before.as_ref()) {
        return vec![format!("{field} is no longer sensitive")];
    }
    let definition = role::Logged::definition;
    match (definition(row.before.as_ref()), definition(row.after.as_ref())) {
        (None, Some(_)) => vec!["made".into()],
        (Some(_), None) => vec!["deleted".into()],
        (Some(before), Some(after)) => differences(registry, &before, &after),
        (None, None) => Vec::new(),
    }
}

/// `the role sales may edit contacts of its team, and this is di's of South`
fn why(
    lang: Lang,
    person: &Person,
    kind: &Kind,
    verb: Verb,
    scope: Scope,
    (own, team, shared): (bool, bool, bool),
) -> String {
    let login = &person.login;
    let role = match lang {
        Lang::En => person.role.clone(),
        Lang::Zh => right::role_label(&person.role).zh,
    };
    let verb = match lang {
        Lang::En => verb.name(),
        Lang::Zh => match verb {
            Verb::Read => "查看",
            Verb::Create => "新建",
            Verb::Edit => "修改",
            Verb::Delete => "删除",
            Verb::Export => "导出",
        },
    };
    let many = kind.many.get(lang).to_lowercase();
    if shared {
        return say(lang, "it is shared with everybody", "已共享给所有人");
    }
    match scope {
        Scope::None => say(lang, format!("{role} may {verb} no {many}"), format!("{role}不能{verb}任何{many}")),
        Scope::All => say(lang, format!("{role} may {verb} all {many}"), format!("{role}可以{verb}全部{many}")),
        Scope::Own => {
            let (en, zh) = if own { ("it is theirs", "属于此人") } else { ("it is not theirs", "不属于此人") };
            say(
                lang,
                format!("{role} may {verb} {many} of one's own; {en}"),
                format!("{role}可以{verb}自己的{many}；该记录{zh}"),
            )
        }
        Scope::Team => {
            let (en, zh) = match (own, team) {
                (true, _) => (format!("{login} owns it"), format!("由 {login} 负责")),
                (false, true) => ("it is of their team or one below".into(), "属于其团队或下级团队".into()),
                (false, false) => ("it is neither theirs nor their team's".into(), "不属于此人或其团队".into()),
            };
            say(
                lang,
                format!("{role} may {verb} {many} of one's team; {en}"),
                format!("{role}可以{verb}团队的{many}；该记录{zh}"),
            )
        }
    }
}
