//! The mail that goes to whoever is invited, and where it leads.

use super::Invitation;
use crate::domain::inert::inert;

/// The mail in both languages; words in braces are filled in.
const MAIL: &str = include_str!("invitation.txt");

/// Where `frontdesk serve` listens unless it is told otherwise.
const PORT: u16 = 2222;

/// How people reach the server, as far as is known.
#[derive(Clone, Debug, Default)]
pub struct Reached {
    /// `HOST[:PORT]`.
    pub address: Option<String>,
    /// `SHA256:…`.
    pub host_key: Option<String>,
}

/// A host that a client can be told to go to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    host: String,
    port: u16,
}

impl Address {
    /// `desk.example.com`, `desk.example.com:22`, `[2001:db8::1]:22`. Nothing that a shell or ssh takes for something else.
    pub fn read(text: &str) -> Result<Self, String> {
        let (host, port) = match text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            Some((host, port)) => (host, port),
            None if text.matches(':').count() > 1 => (text, ""),
            None => text.split_at(text.find(':').unwrap_or(text.len())),
        };
        let port = match port.strip_prefix(':') {
            Some(port) => port.parse().ok().filter(|port| *port > 0).ok_or("a port is a number up to 65535")?,
            None if port.is_empty() => PORT,
            None => return Err("behind a host there is :PORT".into()),
        };
        let is_plain = |c: char| c.is_ascii_alphanumeric() || ".-:_".contains(c);
        if host.is_empty() || host.starts_with('-') || !host.chars().all(is_plain) {
            return Err("a host is a name such as desk.example.com, or an address".into());
        }
        Ok(Self { host: host.to_owned(), port })
    }

    pub fn host(&self) -> &str {
        &self.host
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// What brings a person there.
    fn command(&self, user: Option<&str>) -> String {
        let port = if self.port == 22 { String::new() } else { format!("-p {} ", self.port) };
        let user = user.map(|user| format!("{user}@")).unwrap_or_default();
        format!("ssh {port}{user}{}", self.host)
    }
}

impl Invitation {
    /// The mail in English and Chinese that tells a newcomer how to come in; `host_key` is how the server shows itself
    /// (`SHA256:…`).
    pub fn mail(&self, address: &Address, host_key: Option<&str>) -> String {
        // Any user name does; one that a shell might take for something else is left out.
        let is_plain = |login: &str| login.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c));
        let user = Some(self.login.as_str()).filter(|login| is_plain(login) && !login.starts_with('-'));
        let (trust, trust_zh) = match host_key {
            Some(key) => (
                format!("Asked whether you trust the host, answer yes if this is the key that it shows:\n   {key}"),
                format!("询问是否信任该主机时，若显示的密钥如下，请回答 yes：\n   {key}"),
            ),
            None => (
                "Asked whether you trust the host, answer yes.".to_owned(),
                "询问是否信任该主机时，请回答 yes。".to_owned(),
            ),
        };
        let name = inert(&self.name);
        let filled = [
            ("to", inert(&self.email).into_owned()),
            ("name", name.into_owned()),
            ("host", address.host.clone()),
            ("port", address.port.to_string()),
            ("user", user.unwrap_or("frontdesk").to_owned()),
            ("ssh", address.command(user)),
            ("trust", trust),
            ("trust_zh", trust_zh),
            ("code", self.code.clone()),
            ("expires", self.expires.format("%F %R UTC").to_string()),
        ];
        // In one pass, so that a name with braces stays a name.
        let mut mail = String::with_capacity(MAIL.len() + 1_000);
        let mut rest = MAIL;
        while let Some((before, after)) = rest.split_once('{') {
            mail.push_str(before);
            let found =
                filled.iter().find_map(|(word, text)| Some((text, after.strip_prefix(word)?.strip_prefix('}')?)));
            if let Some((text, after)) = found {
                mail.push_str(text);
                rest = after;
            } else {
                mail.push('{');
                rest = after;
            }
        }
        mail.push_str(rest);
        // Nobody's address is known: whoever sends it fills it in.
        if self.email.is_empty() { mail.replacen("To: \n", "", 1) } else { mail }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn invitation(login: &str, name: &str, email: &str) -> Invitation {
        let expires = "2026-12-03T21:00:00Z".parse().expect("a moment");
        Invitation {
            login: login.into(),
            name: name.into(),
            email: email.into(),
            code: "7KQM-2XVD-9RTH-4WPC".into(),
            expires,
        }
    }

    #[test]
    fn an_address_is_a_host_and_a_port_and_nothing_else() {
        for (text, shown) in [
            ("desk.example.com", "ssh -p 2222 desk.example.com"),
            ("desk.example.com:22", "ssh desk.example.com"),
            ("192.0.2.7:2200", "ssh -p 2200 192.0.2.7"),
            ("[2001:db8::7]:22", "ssh 2001:db8::7"),
            ("2001:db8::7", "ssh -p 2222 2001:db8::7"),
        ] {
            assert_eq!(Address::read(text).map(|a| a.command(None)).as_deref(), Ok(shown));
        }
        for text in ["", ":22", "-oProxyCommand=x", "a b", "a;b", "$(x)", "desk:0", "desk:99999", "desk:x", "[::1]22"] {
            assert!(Address::read(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_mail_has_all_that_a_newcomer_needs_and_no_blank_is_left() {
        let address = Address::read("desk.example.com").expect("an address");
        let text = invitation("ana", "Ana {code} Li", "ana@example.com").mail(&address, Some("SHA256:abc"));
        for part in [
            "To: ana@example.com\n",
            "Hello Ana {code} Li,",
            "Ana {code} Li，您好",
            "   ssh -p 2222 ana@desk.example.com\n",
            "SHA256:abc",
            "7KQM-2XVD-9RTH-4WPC",
            "2026-12-03 21:00 UTC",
            "if (!(Test-Path ~\\.ssh\\id_ed25519)) { ssh-keygen -t ed25519 }",
        ] {
            assert!(text.contains(part), "{part}\n{text}");
        }
        assert_eq!(text.matches("7KQM").count(), 2, "once in each language");
        let text = invitation("ana; rm", "Ana\u{1b}[31m", "").mail(&address, None);
        assert!(text.starts_with("Subject:") && text.contains("   ssh -p 2222 desk.example.com\n"), "{text}");
        assert!(!text.contains('\u{1b}') && !text.contains("{trust"), "{text}");
    }
}
