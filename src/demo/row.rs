//! Rows in the text format of `COPY … FROM STDIN`.

use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use std::io::Write;

/// Rows under construction, each value in the order of the columns named to `COPY`.
#[derive(Default)]
pub struct Rows {
    bytes: Vec<u8>,
    fresh: bool,
}

impl Rows {
    pub(super) fn new() -> Self {
        Self { bytes: Vec::with_capacity(1 << 16), fresh: true }
    }

    /// What `COPY` is to be sent.
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// True once there is enough for one message to the server.
    pub(super) fn is_full(&self) -> bool {
        self.bytes.len() >= 1 << 16
    }

    fn next(&mut self) -> &mut Vec<u8> {
        if !self.fresh {
            self.bytes.push(b'\t');
        }
        self.fresh = false;
        &mut self.bytes
    }

    fn write(&mut self, value: std::fmt::Arguments<'_>) -> &mut Self {
        self.next().write_fmt(value).expect("writing to memory does not fail");
        self
    }

    pub(super) fn null(&mut self) -> &mut Self {
        self.next().extend_from_slice(b"\\N");
        self
    }

    fn maybe<T>(&mut self, value: Option<T>, put: impl FnOnce(&mut Self, T)) -> &mut Self {
        match value {
            Some(value) => put(self, value),
            None => {
                self.null();
            }
        }
        self
    }

    /// Text; empty text is null.
    pub(super) fn text(&mut self, text: &str) -> &mut Self {
        if text.is_empty() {
            return self.null();
        }
        let bytes = self.next();
        for &byte in text.as_bytes() {
            match byte {
                b'\\' => bytes.extend_from_slice(b"\\\\"),
                b'\n' => bytes.extend_from_slice(b"\\n"),
                b'\t' => bytes.extend_from_slice(b"\\t"),
                b'\r' => bytes.extend_from_slice(b"\\r"),
                _ => bytes.push(byte),
            }
        }
        self
    }

    pub(super) fn int(&mut self, value: impl Into<Option<i64>>) -> &mut Self {
        self.maybe(value.into(), |row, n| {
            row.write(format_args!("{n}"));
        })
    }

    /// An amount given in hundredths.
    pub(super) fn money(&mut self, value: impl Into<Option<i64>>) -> &mut Self {
        self.maybe(value.into(), |row, n| {
            row.write(format_args!("{}.{:02}", n / 100, n % 100));
        })
    }

    pub(super) fn flag(&mut self, value: bool) -> &mut Self {
        self.write(format_args!("{}", if value { 't' } else { 'f' }))
    }

    pub(super) fn at(&mut self, value: impl Into<Option<DateTime<Utc>>>) -> &mut Self {
        self.maybe(value.into(), |row, at| {
            row.write(format_args!("{}", at.to_rfc3339_opts(SecondsFormat::Secs, true)));
        })
    }

    pub(super) fn day(&mut self, value: impl Into<Option<NaiveDate>>) -> &mut Self {
        self.maybe(value.into(), |row, day| {
            row.write(format_args!("{day}"));
        })
    }

    /// Tags as an array; they are words without quotes, commas or spaces.
    pub(super) fn tags(&mut self, tags: &[&str]) -> &mut Self {
        let mut sorted = tags.to_vec();
        sorted.sort_unstable();
        self.write(format_args!("{{{}}}", sorted.join(",")))
    }

    pub(super) fn end(&mut self) {
        self.bytes.push(b'\n');
        self.fresh = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_written_as_copy_reads_them() {
        let mut rows = Rows::new();
        rows.int(7).text("a\tb\\c\nd").text("").money(1205).tags(&["vip", "app"]).flag(true).int(None).end();
        assert_eq!(String::from_utf8(rows.into_bytes()).unwrap(), "7\ta\\tb\\\\c\\nd\t\\N\t12.05\t{app,vip}\tt\t\\N\n");
    }
}
