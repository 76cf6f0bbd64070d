//! One record of any kind, in memory.

use super::field::Source;
use super::kind::{Kind, KindId};
use super::value::Value;

#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    pub kind: KindId,
    pub id: i64,
    /// Raised by the database at every update; 0 for a record not saved yet.
    pub version: i64,
    /// Parallel to `Kind::fields`.
    pub values: Vec<Value>,
}

impl Record {
    /// A record with no values, as a new form starts from.
    pub fn empty(kind: &Kind) -> Self {
        Self { kind: kind.id, id: 0, version: 0, values: vec![Value::Null; kind.fields.len()] }
    }

    /// The value of a field by its canonical name; `Null` when the kind has no such field.
    pub fn get(&self, kind: &Kind, field: &str) -> &Value {
        const NULL: &Value = &Value::Null;
        kind.index(field).and_then(|i| self.values.get(i)).unwrap_or(NULL)
    }

    /// Sets a field by its canonical name. A name that the kind lacks is a mistake in the program.
    pub fn set(&mut self, kind: &Kind, field: &str, value: Value) {
        let index = kind.index(field).expect("field is declared in the kind");
        // A record read before a custom field was added has no place for it yet.
        if self.values.len() <= index {
            self.values.resize(index + 1, Value::Null);
        }
        self.values[index] = value;
    }

    /// Whether one watches it stays what it was.
    pub fn keep_watched(&mut self, kind: &Kind, was: &Self) {
        for (place, field) in kind.fields.iter().enumerate() {
            if let (Source::Watch(_), Some(value), Some(had)) =
                (&field.source, self.values.get_mut(place), was.values.get(place))
            {
                value.clone_from(had);
            }
        }
    }

    /// The text that names it in lists and references; empty when it has none.
    pub fn title<'a>(&'a self, kind: &Kind) -> &'a str {
        self.get(kind, kind.title).as_str().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::kind::{CONTACT, Registry};

    #[test]
    fn a_record_read_before_a_field_was_added_takes_its_value() {
        let registry = Registry::builtin();
        let kind = registry.kind(CONTACT);
        let last = kind.fields.last().expect("a kind has fields").name.clone();
        let mut old = Record { values: vec![Value::text("Petra")], ..Record::empty(kind) };
        old.set(kind, &last, Value::Bool(true));
        assert_eq!(old.get(kind, &last), &Value::Bool(true));
        assert_eq!((old.values.len(), &old.values[0]), (kind.fields.len(), &Value::text("Petra")));
    }
}
