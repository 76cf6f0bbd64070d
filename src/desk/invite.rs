//! Inviting somebody to come in over SSH, and the code that makes the key they show theirs.

use std::net::IpAddr;

use chrono::{DateTime, TimeDelta, Utc};
use sha2::{Digest, Sha256};

use super::user_key::only_admins;
use super::{Cx, Desk, Error, NewKey, Result, failed, say};
use crate::domain::field::Lang;
use crate::domain::search::half_width;
use crate::store::invite;

/// What codes are made of: no letter that looks like a digit.
const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Letters of a code, of five bits each.
const LENGTH: usize = 16;
/// No code is longer, however it is written.
const LONGEST: usize = 200;

/// An invitation as it is handed out, once.
#[derive(Clone)]
pub struct Invitation {
    pub login: String,
    pub name: String,
    /// `7KQM-2XVD-9RTH-4WPC`. Kept nowhere.
    pub code: String,
    pub expires: DateTime<Utc>,
}

impl Desk {
    pub(super) async fn do_invite(&self, cx: &Cx, login: &str, lasting: TimeDelta) -> Result<Invitation> {
        only_admins(cx)?;
        let lang = cx.viewer.lang;
        if !(TimeDelta::minutes(5)..=TimeDelta::days(30)).contains(&lasting) {
            let reason = say(lang, "An invitation lasts 5 minutes to 30 days.", "邀请有效期为 5 分钟到 30 天。");
            return Err(Error::Invalid { field: "expires".into(), reason });
        }
        let lost = |e| failed(lang, e);
        let mut tx = self.key_tx(cx).await?;
        let (person, is_active) = self.named(&mut tx, cx, login).await?;
        if !is_active {
            let reason = say(
                lang,
                format!("{login} is disabled; `frontdesk user enable {login}` first."),
                format!("{login} 已停用，请先运行 `frontdesk user enable {login}`。"),
            );
            return Err(Error::Invalid { field: "active".into(), reason });
        }
        let code = new_code();
        let expires = Utc::now() + lasting;
        invite::make(&mut tx, person.id, &hash(&code), expires).await.map_err(lost)?;
        tx.commit().await.map_err(lost)?;
        Ok(Invitation { login: person.login, name: person.name, code, expires })
    }

    pub(super) async fn do_use_code(&self, code: &str, from: IpAddr, key: Option<&NewKey>) -> Result<Option<String>> {
        let key = key.map(|key| (key.algorithm.as_str(), key.fingerprint.as_str()));
        let used = invite::use_code(&self.inner.store, &hash(code), from, key).await;
        used.map_err(|e| failed(Lang::En, e))
    }
}

fn new_code() -> String {
    let letters = rand::random::<[u8; LENGTH]>().map(|byte| char::from(LETTERS[usize::from(byte) % LETTERS.len()]));
    letters.chunks(4).map(String::from_iter).collect::<Vec<_>>().join("-")
}

/// The hash of a code in whichever way it was typed: case, blanks and dashes are nothing, full-width letters and those
/// that look like a digit are what they look like.
fn hash(code: &str) -> [u8; 32] {
    let letters = code.chars().take(LONGEST).map(half_width);
    let letters = letters.filter(char::is_ascii_alphanumeric).map(|c| match c.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        c => c,
    });
    Sha256::digest(letters.collect::<String>()).into()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn codes_are_new_each_time_and_read_however_they_are_typed() {
        let codes: HashSet<String> = (0..1_000).map(|_| new_code()).collect();
        assert_eq!(codes.len(), 1_000);
        for code in &codes {
            assert_eq!(code.len(), 19, "{code}");
            assert!(!code.contains(['I', 'L', 'O', 'U']), "{code}");
        }
        for typed in ["7kqm 2xvd9rth-4wp0", " 7KQM2XVD9RTH4WPO\n", "７ＫＱＭ－2XVD－9RTH－4WPo"] {
            assert_eq!(hash(typed), hash("7KQM-2XVD-9RTH-4WP0"), "{typed}");
        }
        assert_ne!(hash("7KQM-2XVD-9RTH-4WP0"), hash("7KQM-2XVD-9RTH-4WP1"));
    }
}
