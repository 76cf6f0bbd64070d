//! What is wrong with a query, and where.

use std::fmt;
use std::ops::Range;

use crate::domain::field::{Label, Lang};

/// A mistake at its place, in both languages, with what would have been right there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// Bytes of the text as it was given; empty at the end when something is missing.
    pub span: Range<usize>,
    pub message: Label,
    /// Texts that could stand there: choices, fields, examples. May be empty.
    pub expected: Vec<String>,
}

impl Mistake {
    pub(crate) fn new(span: Range<usize>, en: impl Into<String>, zh: impl Into<String>) -> Self {
        Self { span, message: Label { en: en.into(), zh: zh.into() }, expected: Vec::new() }
    }

    pub(crate) fn expecting<S: Into<String>>(mut self, expected: impl IntoIterator<Item = S>) -> Self {
        self.expected = expected.into_iter().map(Into::into).collect();
        self
    }

    /// One sentence: what is wrong, what to do.
    pub fn message(&self, lang: Lang) -> &str {
        self.message.get(lang)
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message.en)
    }
}

impl std::error::Error for Mistake {}
