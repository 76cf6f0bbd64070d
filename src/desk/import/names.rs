//! Names of other records in a file: gathered once, found or made once, then looked up row by row.

use std::collections::HashMap;

use super::words::fold;

/// What a name turned out to mean.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) enum Found {
    /// Nobody is called that.
    #[default]
    Missing,
    Exactly(i64),
    /// One record whose name differs only in case, spaces and punctuation; its own name follows.
    Nearly(i64, String),
    /// As many as this are called that.
    Many(u64),
    /// Made by this import when a row that names it is written; until then it goes by a negative number.
    Made(i64),
    /// A row of this very file, known when all are written.
    Later,
}

impl Found {
    pub(super) fn id(&self) -> Option<i64> {
        match self {
            Self::Exactly(id) | Self::Nearly(id, _) | Self::Made(id) => Some(*id),
            _ => None,
        }
    }
}

/// One name, as first written, with what the file says of its bearer.
#[derive(Clone, Debug, Default)]
pub(super) struct Name {
    pub text: String,
    /// The bearer's mail when the file has it, else empty: it tells namesakes apart.
    pub email: String,
    /// Field and cell of the first row that names it.
    pub details: Vec<(String, String)>,
    /// Rows that name it.
    pub count: u64,
    pub found: Found,
}

/// The distinct names of one kind's records.
#[derive(Clone, Debug, Default)]
pub(super) struct Names {
    pub list: Vec<Name>,
    by_spelling: HashMap<String, u32>,
    by_name: HashMap<String, u32>,
}

impl Names {
    /// Counts a name; details are taken from the first row.
    pub(super) fn add(&mut self, text: &str, email: &str, details: impl FnOnce() -> Vec<(String, String)>) {
        let spelling = key(text, email);
        let at = if let Some(at) = self.by_spelling.get(&spelling) {
            *at
        } else {
            let next = self.list.len() as u32;
            let at = *self.by_name.entry(key(&fold(text), &fold(email))).or_insert(next);
            if at == next {
                self.list.push(Name {
                    text: text.to_owned(),
                    email: email.to_owned(),
                    details: details(),
                    ..Name::default()
                });
            }
            self.by_spelling.insert(spelling, at);
            at
        };
        self.list[at as usize].count += 1;
    }

    /// What a cell's name means.
    pub(super) fn get(&self, text: &str, email: &str) -> Option<&Name> {
        self.by_spelling.get(&key(text, email)).map(|at| &self.list[*at as usize])
    }
}

fn key(text: &str, email: &str) -> String {
    if email.is_empty() {
        return text.to_owned();
    }
    format!("{text}\0{email}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_name_are_one() {
        let mut names = Names::default();
        for (text, email) in [("Acme", ""), ("ACME", ""), (" acme", ""), ("Ann", "a@x"), ("Ann", "b@x"), ("Ann", "")] {
            names.add(text, email, Vec::new);
        }
        assert_eq!(names.list.iter().map(|n| n.count).collect::<Vec<_>>(), [3, 1, 1, 1]);
        assert_eq!(names.get("ACME", "").map(|n| n.text.as_str()), Some("Acme"));
        assert_eq!(names.get("Ann", "b@x").map(|n| n.email.as_str()), Some("b@x"));
        assert!(names.get("Bob", "").is_none());
    }
}
