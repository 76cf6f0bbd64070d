//! Certificates of OpenSSH: which authorities are trusted, what was revoked, and whom a certificate lets in.

use std::net::IpAddr;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use russh::keys::ssh_key::certificate::CertType;
use russh::keys::ssh_key::public::KeyData;
use russh::keys::{Certificate, HashAlg, PublicKey};

use super::entrance::is_weak;
use crate::desk::Pass;

/// The only option of those that a server must understand which this one does.
const SOURCE: &str = "source-address";
/// Without it a certificate opens no terminal.
const TERMINAL: &str = "permit-pty";
/// A key id that is longer is cut where it is written down.
const LONGEST_ID: usize = 200;

/// Whom a certificate lets in, and as what.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Certified {
    pub(super) login: String,
    pub(super) id: String,
    pub(super) serial: u64,
    pub(super) authority: String,
    pub(super) may_have_terminal: bool,
}

/// What this server takes besides keys of its own people.
pub(super) struct Trust {
    /// Fingerprints of the keys that sign.
    authorities: Vec<String>,
    /// Read anew each time, so that a line in it counts at once.
    revoked: Option<PathBuf>,
}

impl Trust {
    /// Reads the files of authorities, one public key a line, and tries the one of what is revoked.
    pub(super) fn read(authorities: &[PathBuf], revoked: Option<&Path>) -> Result<Self> {
        let mut trusted = Vec::new();
        for file in authorities {
            let text = std::fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))?;
            let before = trusted.len();
            for (number, line) in lines(&text) {
                let key = PublicKey::from_openssh(line).map_err(|_| {
                    anyhow::anyhow!("{}, line {number}: that is no public key of OpenSSH", file.display())
                })?;
                trusted.push(fingerprint(key.key_data()));
            }
            if trusted.len() == before {
                bail!("{} has no public key in it", file.display());
            }
        }
        let trust = Self { authorities: trusted, revoked: revoked.map(Path::to_path_buf) };
        trust.revoked()?;
        Ok(trust)
    }

    /// Whether any certificate is taken.
    pub(super) fn has_authorities(&self) -> bool {
        !self.authorities.is_empty()
    }

    fn revoked(&self) -> Result<Revoked> {
        let Some(file) = &self.revoked else { return Ok(Revoked::default()) };
        let text = std::fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))?;
        Revoked::read(&text).with_context(|| format!("{} cannot be used", file.display()))
    }

    /// True for what opens nothing here any more. A list that cannot be read is an error: nobody comes in by guess, and
    /// nobody who is in is turned out.
    pub(super) fn is_revoked(&self, pass: &Pass) -> Result<bool> {
        let revoked = self.revoked().inspect_err(|error| {
            tracing::warn!(error = format!("{error:#}"), "what is revoked is not known: nobody is let in");
        })?;
        Ok(match pass {
            Pass::Key(key) => revoked.keys.contains(key),
            Pass::Certificate { key, id, serial, authority, .. } => {
                revoked.keys.contains(key)
                    || revoked.keys.contains(authority)
                    || revoked.ids.contains(id)
                    || revoked.serials.iter().any(|(first, last)| (*first..=*last).contains(serial))
            }
        })
    }

    /// Whom this certificate lets in when they come as `user` from there, `now` being seconds since 1970; else why
    /// nobody. That its key has signed is known.
    pub(super) fn certified(
        &self,
        certificate: &Certificate,
        user: &str,
        from: IpAddr,
        now: u64,
    ) -> Result<Certified, &'static str> {
        let authority = fingerprint(certificate.signature_key());
        if !self.authorities.contains(&authority) {
            return Err("of an authority that is not trusted");
        }
        if is_weak(&certificate.signature().algorithm()) || certificate.verify_signature().is_err() {
            return Err("not signed as it says");
        }
        if certificate.cert_type() != CertType::User {
            return Err("a host's");
        }
        if now < certificate.valid_after() {
            return Err("not valid yet");
        }
        if now >= certificate.valid_before() {
            return Err("expired");
        }
        for (option, value) in certificate.critical_options().iter() {
            match option.as_str() {
                SOURCE if is_within(from, value) => {}
                SOURCE => return Err("for another address"),
                _ => return Err("with an option that is not known here"),
            }
        }
        // A user name is anything here; where a certificate has several, it chooses among them.
        let login = match certificate.valid_principals() {
            [] => return Err("for nobody by name"),
            [login] => login,
            logins => {
                logins.iter().find(|login| *login == user).ok_or("for several, and the user name is none of them")?
            }
        };
        Ok(Certified {
            login: login.clone(),
            id: certificate.key_id().chars().take(LONGEST_ID).collect(),
            serial: certificate.serial(),
            authority,
            may_have_terminal: certificate.extensions().contains_key(TERMINAL),
        })
    }
}

/// `SHA256:…`
pub(super) fn fingerprint(key: &KeyData) -> String {
    key.fingerprint(HashAlg::Sha256).to_string()
}

/// The lines of a file that say something, with their numbers.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let lines = text.lines().enumerate().map(|(at, line)| (at + 1, line.trim()));
    lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
}

/// What opens nothing any more, in the words that `ssh-keygen -k` takes: public keys, `serial: 7`, `serial: 7-9`,
/// `id: ana-laptop`, `sha256: SHA256:…`.
#[derive(Default)]
struct Revoked {
    /// Fingerprints of certified keys, of keys, and of authorities.
    keys: Vec<String>,
    ids: Vec<String>,
    serials: Vec<(u64, u64)>,
}

impl Revoked {
    fn read(text: &str) -> Result<Self> {
        let mut revoked = Self::default();
        for (number, line) in lines(text) {
            let word = line.split_once(':').map(|(word, rest)| (word.to_ascii_lowercase(), rest.trim()));
            match word.as_ref().map(|(word, rest)| (word.as_str(), *rest)) {
                Some(("serial", range)) if serials(range).is_some() => revoked.serials.extend(serials(range)),
                Some(("id", id)) => revoked.ids.push(id.chars().take(LONGEST_ID).collect()),
                Some(("sha256", key)) if is_fingerprint(key) => revoked.keys.push(key.to_owned()),
                _ => match PublicKey::from_openssh(line) {
                    Ok(key) => revoked.keys.push(fingerprint(key.key_data())),
                    Err(_) => bail!(
                        "line {number}: wanted is a public key, `serial: 7`, `serial: 7-9`, `id: …` or `sha256: SHA256:…`"
                    ),
                },
            }
        }
        Ok(revoked)
    }
}

/// `7` or `7-9`.
fn serials(range: &str) -> Option<(u64, u64)> {
    let (first, last) = range.split_once('-').unwrap_or((range, range));
    let (first, last) = (first.trim().parse().ok()?, last.trim().parse().ok()?);
    (first <= last).then_some((first, last))
}

fn is_fingerprint(text: &str) -> bool {
    let Some(hash) = text.strip_prefix("SHA256:") else { return false };
    hash.len() == 43 && hash.bytes().all(|b| b.is_ascii_alphanumeric() || b"+/".contains(&b))
}

/// True when the address is within one of these, `192.0.2.0/24,2001:db8::7`; a part that is none says no to all.
fn is_within(from: IpAddr, networks: &str) -> bool {
    let networks: Option<Vec<bool>> = networks.split(',').map(|network| within(from.to_canonical(), network)).collect();
    networks.is_some_and(|networks| networks.contains(&true))
}

fn within(from: IpAddr, network: &str) -> Option<bool> {
    let (base, bits) = match network.trim().split_once('/') {
        Some((base, bits)) => (base, Some(bits.parse::<u32>().ok()?)),
        None => (network.trim(), None),
    };
    let base: IpAddr = base.parse().ok()?;
    let (base_bits, from_bits, width) = match (base, from) {
        (IpAddr::V4(base), IpAddr::V4(from)) => (u128::from(base.to_bits()), u128::from(from.to_bits()), 32),
        (IpAddr::V6(base), IpAddr::V6(from)) => (base.to_bits(), from.to_bits(), 128),
        (base, _) => return (bits.unwrap_or(0) <= if base.is_ipv4() { 32 } else { 128 }).then_some(false),
    };
    let bits = bits.unwrap_or(width);
    let rest = width.checked_sub(bits)?;
    Some((base_bits ^ from_bits).checked_shr(rest).unwrap_or(0) == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_within_its_networks_and_no_other() {
        for (from, networks, wanted) in [
            ("192.0.2.7", "192.0.2.7", true),
            ("192.0.2.7", "192.0.2.0/24", true),
            ("192.0.3.7", "192.0.2.0/24", false),
            ("192.0.2.7", "10.0.0.0/8,192.0.2.0/29", true),
            ("192.0.2.8", "192.0.2.0/29", false),
            ("::ffff:192.0.2.7", "192.0.2.0/24", true),
            ("192.0.2.7", "0.0.0.0/0", true),
            ("2001:db8::7", "0.0.0.0/0", false),
            ("2001:db8::7", "2001:db8::/32", true),
            ("2001:db9::7", "2001:db8::/32,::1", false),
            ("192.0.2.7", "2001:db8::/32", false),
            ("192.0.2.7", "192.0.2.0/24,nonsense", false),
            ("192.0.2.7", "192.0.2.0/33,192.0.2.7", false),
            ("192.0.2.7", "", false),
        ] {
            assert_eq!(is_within(from.parse().expect("an address"), networks), wanted, "{from} in {networks}");
        }
    }

    #[test]
    fn what_is_revoked_is_read_or_the_line_is_named() {
        let key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJbNtqCYOXBOTBYaQKKeFPoJhkRCvA6Z5TqnZwsGDwQZ ana@laptop";
        let fingerprint = "sha256: SHA256:zYT0z3Zq5mUJr1oGmCEyEWmOZxYnrVq6R3oUq8bPJ2A";
        let text = format!("# lost\n\nserial: 7\nSerial: 9-12\nid: ana's laptop\n{fingerprint}\n{key}\n");
        let revoked = Revoked::read(&text).expect("a list");
        assert_eq!((revoked.serials.as_slice(), revoked.ids.len(), revoked.keys.len()), (&[(7, 7), (9, 12)][..], 1, 2));
        for line in ["serial: x", "serial: 9-7", "sha256: abc", "ssh-ed25519 nonsense", "hello"] {
            let said = Revoked::read(&format!("\n{line}")).err().expect(line).to_string();
            assert!(said.contains("line 2"), "{said}");
        }
    }
}
