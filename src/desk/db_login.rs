//! Logins to Postgres itself, by which a person works in `psql` with their own rights.

use postgres_protocol::password::scram_sha_256;
use rand::distr::{Alphanumeric, SampleString};

use super::errors::disabled;
use super::{Cx, Desk, Error, Result, failed, rights, say};
use crate::store::{self, OperationSpec, staff};

/// A login to Postgres, with its password, which is kept nowhere.
pub struct DbLogin {
    pub name: String,
    pub password: String,
    pub database: String,
}

impl Desk {
    /// A login to Postgres for a person, or another password for the one they have; admins only. It may there what the
    /// person may here, and ends with them.
    pub async fn give_db_login(&self, cx: &Cx, login: &str) -> Result<DbLogin> {
        let lang = cx.viewer.lang;
        let (en, zh) = ("Only admins give Postgres logins.", "只有管理员可以分配 Postgres 登录名。");
        rights::only_admins(&cx.viewer, en, zh)?;
        let spec = OperationSpec { action: "set", undoes: None, resume: None };
        let mut tx = self.inner.store.begin(&cx.actor(), Some(&spec)).await.map_err(|e| failed(lang, e))?;
        let person = self.person_of(&mut tx, cx, login).await?;
        let password = Alphanumeric.sample_string(&mut rand::rng(), 24);
        let made = staff::give_db_login(&mut tx, person, &scram_sha_256(password.as_bytes())).await;
        let (name, database) = made.map_err(|e| refused(lang, login, e))?;
        tx.commit().await.map_err(|e| failed(lang, e))?;
        Ok(DbLogin { name, password, database })
    }
}

fn refused(lang: crate::domain::field::Lang, login: &str, error: store::Error) -> Error {
    let store::Error::Constraint(rule) = &error else { return failed(lang, error) };
    let reason = match rule.as_str() {
        "db_login_one" => say(
            lang,
            "This server lets frontdesk make no roles, so nobody has a Postgres login of their own; `frontdesk doctor` says more.",
            "此服务器不允许 frontdesk 创建角色，因此没有个人 Postgres 登录名，详见 `frontdesk doctor`。",
        ),
        "db_login_disabled" => return disabled(lang, "db_login", login),
        "db_login_taken" | "staff_db_login_key" => say(
            lang,
            format!(
                "The Postgres login of {login} was made by somebody else, or is another person's; \
                 `frontdesk user set {login} db_login=` lets frontdesk make one."
            ),
            format!(
                "{login} 的 Postgres 登录名由他人创建或属于他人；先用 `frontdesk user set {login} db_login=` 清空。"
            ),
        ),
        _ => return failed(lang, error),
    };
    Error::Invalid { field: "db_login".into(), reason }
}
