//! Bare words: of a row, of the records along with which it is searched, part of a mail or number, and an id.

use sqlx::{Postgres, QueryBuilder};

use super::super::row::{column, name};
use super::{Conditions, containing, searched_text};
use crate::domain::kind::{Kind, KindId, Registry};
use crate::domain::query::{Word, searched_along};
use crate::domain::search::{Needle, is_searched};

impl Conditions<'_, '_> {
    /// True for a word that only the row's own words can hold.
    pub(in crate::store::compile) fn is_plain(registry: &Registry, kind: KindId, word: &Word, is_last: bool) -> bool {
        let needle = Needle::of(&word.text, is_last);
        needle.part.is_none()
            && !needle.tokens.is_empty()
            && needle.number.is_none()
            && registry.by_code(&word.text).is_none_or(|(of, _)| of != kind)
    }

    /// What a word looks for; the number is an id.
    fn needle(&self, word: &Word, is_last: bool) -> (Needle, Option<i64>) {
        let needle = Needle::of(&word.text, is_last);
        let coded = || self.registry.by_code(&word.text).filter(|(kind, _)| *kind == self.kind).map(|(_, id)| id);
        let number = needle.number.or_else(coded);
        (needle, number)
    }

    pub(super) fn word(&mut self, word: &Word) {
        self.words_left = self.words_left.saturating_sub(1);
        let is_last = self.words_left == 0 && !word.quoted;
        let (needle, number) = self.needle(word, is_last);
        if needle.is_empty() && number.is_none() {
            self.sql.push("true");
        } else if number.is_none() && needle.part.is_none() && searched_along(self.kind).is_none() {
            self.searched("t", self.registry.kind(self.kind), &needle);
        } else {
            self.sql.push("t.id in (");
            self.union(word, is_last);
            self.sql.push(")");
        }
    }

    /// The ids of the rows that hold a word: a union, never `or`, which would cost the indexes.
    pub(super) fn union(&mut self, word: &Word, is_last: bool) {
        let (needle, number) = self.needle(word, is_last);
        let kind = self.registry.kind(self.kind);
        let table = name(kind.table);
        let mut branches = 0;
        let mut next = |sql: &mut QueryBuilder<Postgres>| {
            sql.push(if branches == 0 { "" } else { " union all " });
            branches += 1;
        };
        if let Some(id) = number {
            next(self.sql);
            self.sql.push("select ").push_bind(id).push("::bigint");
        }
        // One part of what they see after the other: the indexes of words know one owner or team at a time, and would be
        // left out where words that go together seem rare.
        let parts = self.parts(kind);
        if !needle.tokens.is_empty() {
            for part in &parts {
                next(self.sql);
                self.sql.push(format_args!("select w.id from {table} w where "));
                self.searched("w", kind, &needle);
                self.sql.push(" and ");
                self.seen("w", part);
            }
            if let Some((along, field)) = searched_along(self.kind) {
                let along = self.registry.kind(along);
                let owner = along.field(field).map(|field| column("w", field)).unwrap_or_default();
                for part in &self.parts(along) {
                    next(self.sql);
                    let table = name(along.table);
                    self.sql.push(format_args!("select {owner} from {table} w where w.deleted_at is null and "));
                    self.searched("w", along, &needle);
                    self.sql.push(" and ");
                    self.seen("w", part);
                }
            }
        }
        if let Some(part) = &needle.part {
            next(self.sql);
            self.sql.push(format_args!("select w.id from {table} w where "));
            self.ident("w", kind, &containing(part));
            self.scope("w");
        }
    }

    /// All tokens among the row's words, and longer Chinese really there.
    pub(super) fn searched(&mut self, alias: &str, kind: &Kind, needle: &Needle) {
        self.tokens(alias, kind, needle);
        for run in &needle.runs {
            let texts: Vec<_> =
                kind.fields.iter().filter(|f| is_searched(kind, f)).map(|f| searched_text(alias, f)).collect();
            self.sql.push(format_args!(" and plain_words(concat_ws(' ', {})) like ", texts.join(", ")));
            self.sql.push_bind(containing(run));
        }
    }

    /// Where fields are hidden the words cannot be read either: the database says which records hold them in what is seen.
    pub(super) fn tokens(&mut self, alias: &str, kind: &Kind, needle: &Needle) {
        if kind.hides {
            self.sql.push(format_args!("{alias}.id in (select public.words_hit('{}', ", kind.id));
            self.sql.push_bind(needle.tsquery()).push("::text::tsquery))");
        } else {
            self.sql.push(format_args!("{alias}.search @@ ")).push_bind(needle.tsquery()).push("::text::tsquery");
        }
    }

    /// The same of a part of a mail or number.
    pub(super) fn ident(&mut self, alias: &str, kind: &Kind, like: &str) {
        if kind.hides {
            self.sql.push(format_args!("{alias}.id in (select public.idents_hit('{}', ", kind.id));
            self.sql.push_bind(like.to_owned()).push("::text))");
        } else {
            self.sql.push(format_args!("{alias}.ident like ")).push_bind(like.to_owned());
        }
    }

    /// Whether the row at hand holds a word; see `holds`.
    pub(super) fn holds_word(&mut self, word: &Word, is_last: bool) {
        let kind = self.registry.kind(self.kind);
        let (needle, number) = self.needle(word, is_last);
        self.sql.push("(");
        let mut any = false;
        let mut or = |sql: &mut QueryBuilder<Postgres>| {
            if std::mem::replace(&mut any, true) {
                sql.push(" or ");
            }
        };
        if let Some(id) = number {
            or(self.sql);
            self.sql.push("t.id = ").push_bind(id);
        }
        if !needle.tokens.is_empty() {
            or(self.sql);
            self.sql.push("(");
            self.searched("t", kind, &needle);
            self.sql.push(") is true");
            if let Some((along, field)) = searched_along(self.kind) {
                let along = self.registry.kind(along);
                let owner = along.field(field).map(|field| column("w", field)).unwrap_or_default();
                self.sql.push(format_args!(
                    " or coalesce((select true from {} w where {owner} = t.id and w.deleted_at is null and (",
                    name(along.table)
                ));
                self.searched("w", along, &needle);
                // Not `exists`, for the same reason as above.
                self.sql.push(") is true limit 1), false)");
            }
        }
        if let Some(part) = &needle.part {
            or(self.sql);
            self.ident("t", kind, &containing(part));
        }
        self.sql.push(")");
    }
}
