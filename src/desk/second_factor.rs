//! The code of an authenticator app that a person types besides showing their key, and the codes for when it is lost.

use std::fmt;
use std::net::IpAddr;

use chrono::Utc;

use super::{Cx, Desk, Error, Pass, Result, code, failed, rights, say};
use crate::domain::field::Lang;
use crate::domain::totp;
use crate::domain::viewer::Person;
use crate::store::second_factor;

/// Bytes of a secret, as many as its hash has.
const SECRET: usize = 20;
/// How many codes stand in for a lost app.
const RECOVERY: usize = 8;

/// A secret that an authenticator app may take; it counts when a first code of it was typed.
#[derive(Clone)]
pub struct NewFactor {
    login: String,
    secret: [u8; SECRET],
}

/// A secret is in no log.
impl fmt::Debug for NewFactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewFactor").field("login", &self.login).finish_non_exhaustive()
    }
}

impl NewFactor {
    fn new(login: &str) -> Self {
        Self { login: login.to_owned(), secret: rand::random() }
    }

    /// `otpauth://…`, as a QR code says it.
    pub fn uri(&self) -> String {
        totp::uri(&self.secret, &self.login)
    }

    /// The same for typing: capital letters and digits in groups of four.
    pub fn key(&self) -> String {
        let letters: Vec<char> = totp::base32(&self.secret).chars().collect();
        letters.chunks(4).map(String::from_iter).collect::<Vec<_>>().join(" ")
    }
}

/// Codes that each open once in place of the app's, and their hashes, which alone are kept.
fn recovery_codes() -> (Vec<String>, Vec<Vec<u8>>) {
    let codes: Vec<String> = (0..RECOVERY).map(|_| code::new()).collect();
    let hashes = codes.iter().map(|code| code::hash(code).to_vec()).collect();
    (codes, hashes)
}

impl Desk {
    /// A new second factor for a person: oneself, or whom one manages. It is kept nowhere until [`Self::set_factor`].
    pub async fn new_factor(&self, cx: &Cx, login: &str) -> Result<NewFactor> {
        Ok(NewFactor::new(&self.owner_of_factor(cx, login).await?.login))
    }

    /// Makes it count, by the code that the app shows now; it replaces the person's other one. The recovery codes, told
    /// here and never again. Another code: `Invalid`.
    pub async fn set_factor(&self, cx: &Cx, factor: &NewFactor, typed: &str) -> Result<Vec<String>> {
        let lang = cx.viewer.lang;
        let Some(step) = totp::typed(&factor.secret, typed, Utc::now()) else {
            return Err(Error::Invalid {
                field: "code".into(),
                reason: say(
                    lang,
                    "That is not the app's code of now; is the clock of its phone right? Nothing has changed.",
                    "与应用当前显示的代码不符，请检查手机时间；未作任何更改。",
                ),
            });
        };
        let person = self.owner_of_factor(cx, &factor.login).await?;
        let (codes, hashes) = recovery_codes();
        let mut tx = self.key_tx(cx).await?;
        let set = second_factor::set(&mut tx, person.id, &factor.secret, step, &hashes).await;
        set.map_err(|e| failed(lang, e))?;
        tx.commit().await.map_err(|e| failed(lang, e))?;
        Ok(codes)
    }

    /// Takes a second factor away: one's own, or of whom one manages. `NotFound` when there is none.
    pub async fn drop_factor(&self, cx: &Cx, login: &str) -> Result<()> {
        let lang = cx.viewer.lang;
        let person = self.owner_of_factor(cx, login).await?;
        let mut tx = self.key_tx(cx).await?;
        if !second_factor::drop(&mut tx, person.id).await.map_err(|e| failed(lang, e))? {
            let login = person.login;
            let (en, zh) = (format!("{login} has no second factor."), format!("{login} 没有第二因素。"));
            return Err(Error::NotFound(say(lang, en, zh)));
        }
        tx.commit().await.map_err(|e| failed(lang, e))
    }

    /// Whose second factor it is: one's own, or of whom one manages.
    async fn owner_of_factor(&self, cx: &Cx, login: &str) -> Result<Person> {
        let mut tx = self.read_tx(cx).await?;
        let (person, _) = self.named(&mut tx, cx, login).await?;
        if person.id == cx.viewer.me.id {
            return Ok(person);
        }
        let (en, zh) = (
            "Only who manages users may change another's second factor; ask an admin.",
            "只有可管理用户的人可以更改他人的第二因素，请联系管理员。",
        );
        rights::manages_users(&cx.viewer, en, zh)?;
        Ok(self.managed(&mut tx, cx, login).await?.0)
    }

    /// Whether that person is to type a code besides showing their key. For a server.
    pub async fn has_factor(&self, login: &str) -> Result<bool> {
        let secret = second_factor::secret(&self.inner.store, login).await.map_err(|e| failed(Lang::En, e))?;
        Ok(secret.is_some())
    }

    /// A second factor for somebody who is coming in without one. For a server that requires it.
    pub fn first_factor(login: &str) -> NewFactor {
        NewFactor::new(login)
    }

    /// Makes that one count, by the code that the app shows now; the recovery codes. `None` for another code, and when they
    /// have got one meanwhile. For a server.
    pub async fn enrol(
        &self,
        factor: &NewFactor,
        typed: &str,
        pass: &Pass,
        from: IpAddr,
    ) -> Result<Option<Vec<String>>> {
        let Some(step) = totp::typed(&factor.secret, typed, Utc::now()) else { return Ok(None) };
        let (codes, hashes) = recovery_codes();
        let store = &self.inner.store;
        let enrolled =
            second_factor::enrol(store, &factor.login, &factor.secret, step, &hashes, pass.key(), from).await;
        Ok(enrolled.map_err(|e| failed(Lang::En, e))?.then_some(codes))
    }

    /// Whether this code opens for that person, once: their app's, half a minute early or late, or a recovery code. After
    /// ten wrong ones in ten minutes none does. All but an app's right code is written down. For a server.
    pub async fn use_factor(&self, login: &str, typed: &str, pass: &Pass, from: IpAddr) -> Result<bool> {
        let lost = |e| failed(Lang::En, e);
        let store = &self.inner.store;
        let Some(secret) = second_factor::secret(store, login).await.map_err(lost)? else { return Ok(false) };
        let step = totp::typed(&secret, typed, Utc::now());
        second_factor::try_code(store, login, step, &code::hash(typed), pass.key(), from).await.map_err(lost)
    }
}
