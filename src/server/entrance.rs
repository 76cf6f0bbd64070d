//! How somebody comes in: by a key that is known or certified, else by an invitation's code, which makes the key that they have shown
//! theirs; besides, where that is wanted, by a code of their authenticator app. Whatever does not open the door is refused in the same words after the same time.

use std::borrow::Cow;
use std::net::IpAddr;
use std::sync::Arc;

use chrono::Utc;
use russh::MethodKind;
use russh::keys::{Algorithm, Certificate, PublicKey};
use russh::server::Auth;

use super::connection::Who;
use super::house::House;
use super::trust::{Certified, fingerprint};
use crate::desk::{Desk, NewFactor, NewKey, Pass};

/// Bytes of a typed code, at most.
const LONGEST: usize = 200;

const ASK: &str = "Invitation code: ";
const ASK_AGAIN: &str =
    "That code opens nothing here (any more); after ten wrong ones wait ten minutes.\nInvitation code: ";
/// The words in Chinese come last: a client whose locale is C shows them as numbers.
const MAKE_A_KEY: &str = "\
The code is right and stays good, but ssh has shown no key that could become yours.
Make one here (Enter at each question will do), then come again with the code:

    ssh-keygen -t ed25519

代码正确且仍然有效，但 ssh 没有提供可供绑定的密钥。
请先用上面的命令生成一个（每个问题都可直接回车），再用此代码登录。
[Enter] ";

const SECOND: &str = "Code of your authenticator app: ";
const SECOND_AGAIN: &str = "That code opens nothing (any more): each is good once, and after ten wrong ones wait ten minutes.\n\
                            Code of your authenticator app: ";
const ADD_AN_APP: &str = "\
Here everybody comes in with a second factor. Add this to an authenticator app on your phone, then type the code that it
shows.
";
const ADD_AN_APP_ZH: &str = "此处登录需要第二因素：请在手机验证器应用中添加上面的密钥，然后输入其显示的代码。";
const RECOVERY: &str = "\
Your second factor is set up. For the day that the app is lost, each of these codes opens once in its place. They are
shown this once: keep them elsewhere.
第二因素已设置。应用丢失时，下列每个代码可代替使用一次；仅显示这一次，请妥善保存。
";

/// Whether somebody has come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Outside,
    /// They are asked for a code, which takes a while to find and to type.
    Asked,
    Inside,
}

/// What was asked last.
enum Question {
    None,
    Code,
    /// Nothing: they read what to do.
    Key,
    /// Of whoever has shown their key: a code of their app.
    Second(Who),
    /// The first code of an app that takes this.
    First(Who, NewFactor),
    /// Nothing: they keep the recovery codes.
    Recovery(Who),
}

/// What a client has shown so far.
pub(super) struct Entrance {
    house: Arc<House>,
    from: IpAddr,
    /// The first key that nobody has and that the client has signed with.
    shown: Option<NewKey>,
    /// Whoever has shown their key, and is to type a code besides.
    half: Option<Who>,
    /// What they were shown to add to an app.
    fresh: Option<NewFactor>,
    question: Question,
    was_wrong: bool,
}

impl Entrance {
    pub(super) fn new(house: Arc<House>, from: IpAddr) -> Self {
        Self { house, from, shown: None, half: None, fresh: None, question: Question::None, was_wrong: false }
    }

    /// Whose this is. Unknown, taken back, of somebody disabled, or no database: nobody's.
    async fn holder(&self, pass: Pass, may_have_terminal: bool) -> Option<Who> {
        let login = self.house.holder(&pass).await.ok()??;
        Some(Who { login, pass, may_have_terminal })
    }

    /// Whether a signature with this key is worth having: it is known, or the first that might become somebody's. So
    /// a person whose client has many keys unlocks at most one in vain. Where certificates are taken any key may have one,
    /// which is seen only when it has signed.
    pub(super) async fn offered(&self, key: &PublicKey, algorithm: &Algorithm) -> Auth {
        if is_weak(algorithm) {
            return Auth::reject();
        }
        let may_be_somebodys = self.shown.is_none() || self.house.trust.has_authorities();
        if may_be_somebodys || self.holder(Pass::Key(fingerprint(key.key_data())), true).await.is_some() {
            Auth::Accept
        } else {
            Auth::reject()
        }
    }

    /// The client has signed with this key.
    pub(super) async fn signed(&mut self, key: &PublicKey, algorithm: &Algorithm) -> Result<Who, Auth> {
        if is_weak(algorithm) {
            return Err(Auth::reject());
        }
        let pass = Pass::Key(fingerprint(key.key_data()));
        if let Some(who) = self.holder(pass.clone(), true).await {
            return self.shows(who).await;
        }
        if matches!(self.house.trust.is_revoked(&pass), Ok(false)) {
            self.shown.get_or_insert_with(|| NewKey {
                algorithm: key.algorithm().to_string(),
                fingerprint: fingerprint(key.key_data()),
                comment: String::new(),
            });
        }
        Err(Auth::reject())
    }

    /// The client has signed with the key of this certificate. Why one lets nobody in is for the log alone.
    pub(super) async fn certified(&mut self, user: &str, certificate: &Certificate) -> Result<Who, Auth> {
        let now = Utc::now().timestamp().unsigned_abs();
        let certified = match self.house.trust.certified(certificate, user, self.from, now) {
            Ok(certified) => certified,
            Err(why) => {
                tracing::info!(serial = certificate.serial(), why, "a certificate lets nobody in");
                return Err(Auth::reject());
            }
        };
        let Certified { login, id, serial, authority, may_have_terminal } = certified;
        let key = fingerprint(certificate.public_key());
        let pass = Pass::Certificate { login, key, id, serial, authority };
        if let Some(who) = self.holder(pass, may_have_terminal).await {
            return self.shows(who).await;
        }
        tracing::info!(serial, why = "revoked, or for nobody here", "a certificate lets nobody in");
        Err(Auth::reject())
    }

    /// Somebody has shown what is theirs: they are in, or half in.
    async fn shows(&mut self, who: Who) -> Result<Who, Auth> {
        if !self.is_to_type(&who).await? {
            return Ok(who);
        }
        self.half = Some(who);
        let by_typing = Some((&[MethodKind::KeyboardInteractive][..]).into());
        Err(Auth::Reject { proceed_with_methods: by_typing, partial_success: true })
    }

    /// Whether a code is wanted besides. A database that does not answer lets nobody in.
    async fn is_to_type(&self, who: &Who) -> Result<bool, Auth> {
        let has = self.house.desk.has_factor(&who.login).await.map_err(|_| Auth::reject())?;
        Ok(has || self.house.requires_second_factor)
    }

    /// Asks whoever is half in for the other half.
    async fn ask_second(&mut self, who: Who) -> Auth {
        match self.house.desk.has_factor(&who.login).await {
            Ok(true) => {
                self.question = Question::Second(who);
                prompt(if self.was_wrong { SECOND_AGAIN } else { SECOND })
            }
            Ok(false) => {
                // The same one again when its code was mistyped.
                let factor = self.fresh.get_or_insert_with(|| Desk::first_factor(&who.login)).clone();
                let said = format!(
                    "{ADD_AN_APP}\n    {}\n    {}\n\n{ADD_AN_APP_ZH}\n\n{}",
                    factor.key(),
                    factor.uri(),
                    if self.was_wrong { SECOND_AGAIN } else { SECOND },
                );
                self.question = Question::First(who, factor);
                prompt(said)
            }
            Err(_) => Auth::reject(),
        }
    }

    /// Asks for the code.
    pub(super) async fn ask(&mut self) -> Auth {
        if let Some(who) = self.half.clone() {
            return self.ask_second(who).await;
        }
        self.question = Question::Code;
        prompt(if self.was_wrong { ASK_AGAIN } else { ASK })
    }

    /// The answer to what was asked last.
    pub(super) async fn answered(&mut self, answer: &[u8]) -> Result<Who, Auth> {
        let typed = String::from_utf8_lossy(&answer[..answer.len().min(LONGEST)]);
        match std::mem::replace(&mut self.question, Question::None) {
            Question::Code => {}
            Question::Second(who) => {
                let used = self.house.desk.use_factor(&who.login, &typed, &who.pass, self.from).await;
                return if matches!(used, Ok(true)) { Ok(who) } else { Err(self.wrong()) };
            }
            Question::First(who, factor) => {
                return match self.house.desk.enrol(&factor, &typed, &who.pass, self.from).await {
                    Ok(Some(codes)) => {
                        self.question = Question::Recovery(who);
                        Err(prompt(format!("{RECOVERY}\n    {}\n\n[Enter] ", codes.join("\n    "))))
                    }
                    Ok(None) | Err(_) => Err(self.wrong()),
                };
            }
            Question::Recovery(who) => return Ok(who),
            Question::None => return Err(Auth::reject()),
            Question::Key => {
                let only_keys = Some((&[MethodKind::PublicKey][..]).into());
                return Err(Auth::Reject { proceed_with_methods: only_keys, partial_success: false });
            }
        }
        let used = self.house.desk.use_code(&typed, self.from, self.shown.as_ref()).await;
        match (used, &self.shown) {
            (Ok(Some(login)), Some(key)) => {
                let who = Who { login, pass: Pass::Key(key.fingerprint.clone()), may_have_terminal: true };
                if !self.is_to_type(&who).await? {
                    return Ok(who);
                }
                self.half = Some(who.clone());
                Err(self.ask_second(who).await)
            }
            (Ok(Some(_)), None) => {
                self.question = Question::Key;
                Err(prompt(MAKE_A_KEY))
            }
            // A database that does not answer lets nobody in; the log has why.
            (Ok(None) | Err(_), _) => Err(self.wrong()),
        }
    }

    fn wrong(&mut self) -> Auth {
        self.was_wrong = true;
        Auth::reject()
    }
}

/// Signed with SHA-1.
pub(super) fn is_weak(algorithm: &Algorithm) -> bool {
    matches!(algorithm, Algorithm::Rsa { hash: None } | Algorithm::Dsa)
}

/// One question, whose answer is shown as it is typed: a code is good once.
fn prompt(text: impl Into<Cow<'static, str>>) -> Auth {
    Auth::Partial {
        name: Cow::Borrowed(""),
        instructions: Cow::Borrowed(""),
        prompts: Cow::Owned(vec![(text.into(), true)]),
    }
}
