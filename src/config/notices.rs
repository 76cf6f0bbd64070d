//! `[notices]` of `config.toml`: where notices go that find nobody at a seat.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use crate::domain::when;

/// A secret that is shorter can be guessed.
const SECRET_MIN: usize = 16;

/// Where they go, and when.
#[derive(Clone, Debug)]
pub struct Notices {
    pub way: Way,
    /// How long a notice is unread before it goes.
    pub after: Duration,
}

#[derive(Clone)]
pub enum Way {
    /// A program, which reads them.
    Hook(PathBuf),
    /// A service, which gets them by HTTP, signed with the secret.
    Webhook { url: Url, secret: Vec<u8> },
}

/// An address as far as one POST needs it.
#[derive(Clone, PartialEq, Eq)]
pub struct Url {
    pub is_tls: bool,
    pub host: String,
    pub port: u16,
    /// Host and port as they were written.
    pub authority: String,
    /// With what is asked; begins with a slash.
    pub path: String,
}

impl Url {
    /// `None` for what is no address of HTTP, or has a name and a password in it.
    fn of(text: &str) -> Option<Self> {
        let (is_tls, rest) = match (text.strip_prefix("https://"), text.strip_prefix("http://")) {
            (Some(rest), _) => (true, rest),
            (_, Some(rest)) => (false, rest),
            _ => return None,
        };
        let rest = rest.split('#').next().unwrap_or_default();
        let (authority, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
        let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
        let is_sent_as_it_is = |text: &str| text.bytes().all(|byte| byte.is_ascii_graphic());
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => (host, port.parse().ok()?),
            _ => (authority, if is_tls { 443 } else { 80 }),
        };
        let is_right =
            !host.is_empty() && !authority.contains('@') && is_sent_as_it_is(authority) && is_sent_as_it_is(&path);
        is_right.then(|| Self { is_tls, host: host.to_owned(), port, authority: authority.to_owned(), path })
    }

    fn is_of_this_machine(&self) -> bool {
        ["127.0.0.1", "[::1]", "localhost"].contains(&self.host.as_str())
    }
}

impl std::fmt::Debug for Way {
    /// Without the secret, and without the address, which may hold one.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Hook(_) => "Hook",
            Self::Webhook { .. } => "Webhook",
        })
    }
}

/// As it is written. The secret is read where it is needed: only `serve` may need to be able to.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Written {
    hook: Option<PathBuf>,
    webhook: Option<String>,
    secret_file: Option<PathBuf>,
    after: Option<String>,
}

/// What `config.toml` says of notices, to be looked at by whoever hands them over.
#[derive(Clone, Debug, Default)]
pub struct NoticesFile(pub(super) Option<Written>);

impl NoticesFile {
    /// `None` when notices go nowhere. Reads the secret.
    pub fn read(&self) -> Result<Option<Notices>> {
        let Some(written) = &self.0 else { return Ok(None) };
        let after = match &written.after {
            None => Duration::from_mins(10),
            Some(text) => when::span(text)
                .ok()
                .and_then(|seconds| u64::try_from(seconds).ok())
                .filter(|seconds| *seconds > 0)
                .map(Duration::from_secs)
                .with_context(|| format!("`after = \"{text}\"` in [notices] is no span: write 10m or 2h."))?,
        };
        let way = match (&written.hook, &written.webhook) {
            (Some(hook), None) if !hook.is_absolute() => {
                bail!(
                    "`hook` in [notices] is the whole path of a program, without arguments, such as /usr/local/bin/tell."
                )
            }
            (Some(_), None) if written.secret_file.is_some() => {
                bail!("`secret_file` in [notices] signs what goes to a `webhook`; a `hook` needs none.")
            }
            (Some(hook), None) => Way::Hook(hook.clone()),
            (None, Some(url)) => {
                let url = Url::of(url).filter(|url| url.is_tls || url.is_of_this_machine()).context(
                    "`webhook` in [notices] is an address that begins with https://; http:// is for this machine only.",
                )?;
                let file = written.secret_file.as_ref().context(
                    "`webhook` in [notices] needs `secret_file`: a file with 16 characters or more that the service \
                     knows too (openssl rand -hex 32).",
                )?;
                let secret = std::fs::read_to_string(file)
                    .with_context(|| format!("{} (`secret_file` in [notices]) cannot be read", file.display()))?;
                let secret = secret.trim().as_bytes().to_vec();
                if secret.len() < SECRET_MIN {
                    bail!("the secret in {} is shorter than {SECRET_MIN} characters", file.display());
                }
                Way::Webhook { url, secret }
            }
            _ => bail!("[notices] needs either `hook = \"/path/of/a/program\"` or `webhook = \"https://…\"`."),
        };
        Ok(Some(Notices { way, after }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Option<Notices>> {
        NoticesFile(Some(toml::from_str(text)?)).read()
    }

    #[test]
    fn what_cannot_work_is_told_at_the_start() {
        for (text, told) in [
            ("", "needs either"),
            ("hook = '/bin/true'\nwebhook = 'https://x'", "needs either"),
            ("hook = 'tell me'", "whole path"),
            ("hook = '/bin/true'\nsecret_file = '/x'", "needs none"),
            ("hook = '/bin/true'\nafter = 'soon'", "no span"),
            ("hook = '/bin/true'\nafter = '0m'", "no span"),
            ("webhook = 'http://example.com/'", "https://"),
            ("webhook = 'http://127.0.0.1.example.com/'", "https://"),
            ("webhook = 'https://example.com/'", "secret_file"),
            ("webhook = 'https://example.com/'\nsecret_file = '/nowhere'", "/nowhere"),
            ("webhok = 'https://example.com/'", "webhok"),
        ] {
            let said = format!("{:#}", read(text).expect_err(text));
            assert!(said.contains(told), "{text}: {said}");
        }
        let url = |text| Url::of(text).map(|url| (url.host, url.port, url.path));
        assert_eq!(url("https://a.example"), Some(("a.example".into(), 443, "/".into())));
        assert_eq!(url("http://[::1]:8080/x?y=1#z"), Some(("[::1]".into(), 8080, "/x?y=1".into())));
        for wrong in
            ["https://", "https://a:b@c/", "https://a/ b", "https://a/\r\nx: y", "https://a:99999/", "ftp://a/"]
        {
            assert_eq!(url(wrong), None, "{wrong:?}");
        }
        let notices = read("hook = '/bin/true'\nafter = '2h'").expect("right").expect("there");
        assert!(matches!(notices.way, Way::Hook(_)) && notices.after == Duration::from_hours(2));
    }
}
