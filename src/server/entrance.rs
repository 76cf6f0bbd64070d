//! How somebody comes in: by a key that is known or certified, else by an invitation's code, which makes the key that they have shown
//! theirs. Whatever does not open the door is refused in the same words after the same time.

use std::borrow::Cow;
use std::net::IpAddr;
use std::sync::Arc;

use chrono::Utc;
use russh::MethodKind;
use russh::keys::{Algorithm, Certificate, HashAlg, PublicKey};
use russh::server::Auth;

use super::connection::Who;
use super::house::House;
use super::trust::Certified;
use crate::desk::{NewKey, Pass};

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
}

/// What a client has shown so far.
pub(super) struct Entrance {
    house: Arc<House>,
    from: IpAddr,
    /// The first key that nobody has and that the client has signed with.
    shown: Option<NewKey>,
    question: Question,
    was_wrong: bool,
}

impl Entrance {
    pub(super) fn new(house: Arc<House>, from: IpAddr) -> Self {
        Self { house, from, shown: None, question: Question::None, was_wrong: false }
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
        if may_be_somebodys || self.holder(Pass::Key(fingerprint(key)), true).await.is_some() {
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
        let pass = Pass::Key(fingerprint(key));
        if let Some(who) = self.holder(pass.clone(), true).await {
            return Ok(who);
        }
        if matches!(self.house.trust.is_revoked(&pass), Ok(false)) {
            self.shown.get_or_insert_with(|| NewKey {
                algorithm: key.algorithm().to_string(),
                fingerprint: fingerprint(key),
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
        let key = certificate.public_key().fingerprint(HashAlg::Sha256).to_string();
        let pass = Pass::Certificate { login, key, id, serial, authority };
        let who = self.holder(pass, may_have_terminal).await;
        if who.is_none() {
            tracing::info!(serial, why = "revoked, or for nobody here", "a certificate lets nobody in");
        }
        who.ok_or_else(Auth::reject)
    }

    /// Asks for the code.
    pub(super) fn ask(&mut self) -> Auth {
        self.question = Question::Code;
        prompt(if self.was_wrong { ASK_AGAIN } else { ASK })
    }

    /// The answer to what was asked last.
    pub(super) async fn answered(&mut self, answer: &[u8]) -> Result<Who, Auth> {
        match std::mem::replace(&mut self.question, Question::None) {
            Question::Code => {}
            Question::None => return Err(Auth::reject()),
            Question::Key => {
                let only_keys = Some((&[MethodKind::PublicKey][..]).into());
                return Err(Auth::Reject { proceed_with_methods: only_keys, partial_success: false });
            }
        }
        let code = String::from_utf8_lossy(&answer[..answer.len().min(LONGEST)]);
        let used = self.house.desk.use_code(&code, self.from, self.shown.as_ref()).await;
        match (used, &self.shown) {
            (Ok(Some(login)), Some(key)) => {
                Ok(Who { login, pass: Pass::Key(key.fingerprint.clone()), may_have_terminal: true })
            }
            (Ok(Some(_)), None) => {
                self.question = Question::Key;
                Err(prompt(MAKE_A_KEY))
            }
            // A database that does not answer lets nobody in; the log has why.
            (Ok(None) | Err(_), _) => {
                self.was_wrong = true;
                Err(Auth::reject())
            }
        }
    }
}

fn fingerprint(key: &PublicKey) -> String {
    key.fingerprint(HashAlg::Sha256).to_string()
}

/// Signed with SHA-1.
pub(super) fn is_weak(algorithm: &Algorithm) -> bool {
    matches!(algorithm, Algorithm::Rsa { hash: None } | Algorithm::Dsa)
}

/// One question, whose answer is shown as it is typed: a code is good once.
fn prompt(text: &'static str) -> Auth {
    Auth::Partial {
        name: Cow::Borrowed(""),
        instructions: Cow::Borrowed(""),
        prompts: Cow::Owned(vec![(Cow::Borrowed(text), true)]),
    }
}
