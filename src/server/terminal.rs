//! What a client tells of its terminal and its person's wishes, and what follows for a seat.

use std::collections::HashMap;

use crate::config::{Settings, locale};
use crate::domain::field::Lang;
use crate::tui::notify::Notify;
use crate::tui::theme::Depth;
use crate::tui::{Options, Said};

/// The variables that are taken from a client; everything else is refused.
const TAKEN: &[&str] = &["LANG", "LC_ALL", "LC_MESSAGES", "COLORTERM", "NO_COLOR", "TZ"];
/// Longer values are no names of a language, a zone or a terminal.
const LONGEST: usize = 100;

/// A terminal's name and size in cells.
#[derive(Clone, Debug)]
pub(super) struct Pty {
    pub(super) term: String,
    pub(super) width: u16,
    pub(super) height: u16,
}

impl Pty {
    /// With numbers as a client sends them, which may be anything.
    pub(super) fn new(term: &str, width: u32, height: u32) -> Self {
        let term = term.chars().take(LONGEST).collect();
        Self { term, width: cells(width), height: cells(height) }
    }
}

/// A number of cells; what a terminal cannot have is a very large one.
pub(super) fn cells(n: u32) -> u16 {
    u16::try_from(n).unwrap_or(u16::MAX)
}

/// The client's environment, as far as it is taken.
#[derive(Clone, Debug, Default)]
pub(super) struct Env(HashMap<String, String>);

impl Env {
    /// Takes a variable; false when it is none that is wanted.
    pub(super) fn take(&mut self, name: &str, value: &str) -> bool {
        let is_wanted = TAKEN.contains(&name) && value.len() <= LONGEST;
        if is_wanted {
            self.0.insert(name.to_owned(), value.to_owned());
        }
        is_wanted
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// The person's language: as the client says, else the server's.
    pub(super) fn lang(&self, settings: &Settings) -> Lang {
        let said = locale::from_environment(&|name| self.get(name).map(str::to_owned));
        said.or(settings.lang).unwrap_or_default()
    }

    /// The zone that the client names; `None` when it names none.
    pub(super) fn zone(&self) -> Option<chrono_tz::Tz> {
        self.get("TZ").and_then(|zone| zone.trim_start_matches(':').parse().ok())
    }

    /// What a seat at this terminal starts with.
    pub(super) fn options(&self, pty: &Pty, open: Option<String>, settings: &Settings) -> Options {
        let depth = Depth::of(Some(&pty.term), self.get("COLORTERM"), self.get("NO_COLOR"));
        Options {
            depth,
            notify: Notify::of(Some(&pty.term)),
            open,
            theme: settings.theme.clone(),
            reached: crate::cli::reached(settings),
            // `NO_COLOR` holds for once.
            said: Said { depth: self.get("NO_COLOR").is_some(), ..Said::default() },
            teaches: true,
            ..Options::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_wanted_variables_are_taken() {
        let mut env = Env::default();
        assert!(env.take("COLORTERM", "truecolor") && env.take("NO_COLOR", "1") && env.take("TZ", "Asia/Shanghai"));
        assert!(!env.take("LD_PRELOAD", "x") && !env.take("PGHOST", "x") && !env.take("LANG", &"x".repeat(101)));
        assert_eq!(env.zone(), Some(chrono_tz::Tz::Asia__Shanghai));
    }

    #[test]
    fn sizes_are_whatever_a_client_says() {
        let pty = Pty::new(&"x".repeat(1_000), u32::MAX, 0);
        assert_eq!((pty.term.len(), pty.width, pty.height), (100, u16::MAX, 0));
    }
}
