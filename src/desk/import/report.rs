//! What an import tells the person: counts, what was done with each column, warnings with samples.

use std::collections::BTreeMap;

use serde::Serialize;

/// Samples kept of one warning, and rows shown.
const SAMPLES: usize = 5;
pub(super) const ROWS: usize = 3;

/// The outcome of one import.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Report {
    pub kind: String,
    /// Rows of the file that hold anything.
    pub rows: u64,
    pub created: u64,
    pub updated: u64,
    pub unchanged: u64,
    pub rejected: u64,
    /// Per kind that rows name records of: distinct names found and made.
    pub references: BTreeMap<String, Referred>,
    pub columns: Vec<ColumnReport>,
    pub warnings: Vec<Warning>,
    /// The first rows as they stand in the file, by column.
    #[serde(skip)]
    pub sample: Vec<Vec<String>>,
    /// Columns without a field, as custom fields that could take them.
    pub offered: Vec<Offer>,
    /// The first rejected rows.
    pub rejects: Vec<Reject>,
    pub encoding: String,
    pub delimiter: char,
    pub header_line: u64,
    /// Of the file's content, for `Options::looked_at`.
    #[serde(skip)]
    pub fingerprint: u64,
    /// What `frontdesk undo` takes back; none for a dry run, or when nothing was written.
    pub operation: Option<i64>,
    pub dry_run: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Referred {
    pub created: u64,
    pub matched: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ColumnReport {
    pub column: String,
    /// The field's name, `reference.field`, or none.
    pub field: Option<String>,
    /// `map`, `name`, `likeness`, `ignored` or `unknown`.
    pub by: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Warning {
    /// A stable word for programs, such as `near_name`.
    pub code: &'static str,
    pub message: String,
    pub count: u64,
    pub samples: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Offer {
    pub column: String,
    pub name: String,
    #[serde(rename = "type")]
    pub ty: &'static str,
    /// Rows with a value.
    pub filled: u64,
    pub samples: Vec<String>,
    /// The option that takes the column along.
    pub map: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reject {
    pub line: u64,
    pub reason: String,
}

impl Report {
    /// Counts a rejected row, and lists it while there are fewer than `most`.
    pub(super) fn reject(&mut self, line: u64, reason: &str, most: usize) {
        self.rejected += 1;
        if self.rejects.len() < most {
            self.rejects.push(Reject { line, reason: reason.to_owned() });
        }
    }
}

/// Warnings counted while rows go by.
#[derive(Debug, Default)]
pub(super) struct Warnings(BTreeMap<(&'static str, String), Warning>);

impl Warnings {
    /// Counts one more case; `subject` tells cases of one code apart that are counted on their own.
    pub(super) fn add(
        &mut self,
        code: &'static str,
        subject: &str,
        message: impl FnOnce() -> String,
        sample: impl FnOnce() -> String,
    ) {
        self.count(code, subject, 1, message, sample);
    }

    pub(super) fn count(
        &mut self,
        code: &'static str,
        subject: &str,
        n: u64,
        message: impl FnOnce() -> String,
        sample: impl FnOnce() -> String,
    ) {
        let warning = self.0.entry((code, subject.to_owned())).or_insert_with(|| Warning {
            code,
            message: message(),
            count: 0,
            samples: Vec::new(),
        });
        warning.count += n;
        if warning.samples.len() < SAMPLES {
            let sample = sample();
            if !sample.is_empty() && !warning.samples.contains(&sample) {
                warning.samples.push(sample);
            }
        }
    }

    /// The most frequent first.
    pub(super) fn into_list(self) -> Vec<Warning> {
        let mut list: Vec<Warning> = self.0.into_values().collect();
        list.sort_by_key(|w| std::cmp::Reverse(w.count));
        list
    }
}
