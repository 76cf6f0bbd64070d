//! Conditions. Each is true, or not: what SQL leaves unknown counts as false, and a negation is `is not true`.

mod scope;
mod words;

use std::ops::Bound;

use sqlx::{Encode, Postgres, QueryBuilder, Type};

use super::paths::{Paths, Scope, Way};
use super::probe::{Probe, Sought};
use super::row::{column, name, title, watched};
use crate::domain::field::{Field, FieldType, Source};
use crate::domain::kind::{Kind, KindId, Registry, TEAM, USER};
use crate::domain::query::window::{Window, Windows, windows};
use crate::domain::query::{Filter, Operand, Query, Term, Test};
use crate::domain::search::{LONG_TEXT, Needle, digits, is_han, is_searched, lower_case, plain};
use crate::domain::viewer::Viewer;

/// Han characters, as in a bracket of a regular expression; the same as `domain::search::is_han`.
const HAN: &str = "〇㐀-䶿一-鿿豈-\u{faff}\u{20000}-\u{323af}";

/// Writes conditions on the rows of one kind, aliased `t`.
pub(super) struct Conditions<'q, 'a> {
    sql: &'q mut QueryBuilder<Postgres>,
    registry: &'a Registry,
    kind: KindId,
    viewer: &'a Viewer,
    /// Bare words still to come; the last is a prefix.
    words_left: usize,
    /// Subselects so far, for their aliases.
    depth: usize,
}

impl<'q, 'a> Conditions<'q, 'a> {
    pub(super) fn new(
        sql: &'q mut QueryBuilder<Postgres>,
        registry: &'a Registry,
        kind: KindId,
        viewer: &'a Viewer,
    ) -> Self {
        Self { sql, registry, kind, viewer, words_left: 0, depth: 0 }
    }

    /// Not in the recycle bin, unless the query asks about that; what the viewer may see; the filter.
    pub(super) fn all(mut self, query: &Query) {
        self.sql.push(if query.filter.mentions("deleted") { "true" } else { "t.deleted_at is null" });
        self.scope("t");
        if query.filter != Filter::All {
            self.words_left = query.filter.words();
            self.sql.push(" and ");
            self.filter(&query.filter);
        }
    }

    /// The filter alone, of rows that are theirs to see already.
    pub(super) fn part(mut self, query: &Query) {
        self.words_left = query.filter.words();
        self.sql.push("((");
        self.filter(&query.filter);
        self.sql.push(") is true)");
    }

    /// As `all`, as far as one way goes.
    pub(super) fn along_way(mut self, paths: &Paths<'_>, way: &Way, query: &Query) {
        self.scoped(way, query);
        self.words_left = query.filter.words();
        let driven = paths.drive.as_ref().filter(|_| way.is_driven);
        for (place, part) in query.filter.parts().iter().enumerate() {
            self.sql.push(" and ");
            if let Some(drive) = driven.filter(|drive| drive.part == place) {
                self.sql.push(format_args!("{} = v.value", column("t", drive.field)));
                continue;
            }
            let Some(i) = paths.probes.iter().position(|probe| probe.part == place) else {
                self.filter(part);
                continue;
            };
            self.words_left -= part.words();
            match way.by {
                Some(by) if by == i => {
                    self.sql.push(format_args!("t.id = any(array(select id from h{i}))"));
                }
                Some(_) if paths.joint => {
                    self.sql.push("true");
                }
                _ => self.holds(&paths.probes[i]),
            }
        }
    }

    /// As `all`, by the index of these probes; the first probe that asks another record is asked already.
    pub(super) fn looked_up(mut self, paths: &Paths<'_>, way: &Way, found: &[Probe<'_>], query: &Query) {
        self.scoped(way, query);
        self.words_left = query.filter.words();
        for (place, part) in query.filter.parts().iter().enumerate() {
            self.sql.push(" and ");
            match paths.probes.iter().find(|probe| probe.part == place) {
                Some(probe) if !found.iter().any(|f| f.part == place) => {
                    self.words_left -= part.words();
                    self.holds(probe);
                }
                Some(probe) if probe.is_along() => {
                    self.sql.push("true");
                }
                _ => self.filter(part),
            }
        }
    }

    /// What a way may read, whatever is asked: where a list's bound is looked for.
    pub(super) fn base(mut self, way: &Way, query: &Query) {
        self.scoped(way, query);
    }

    fn scoped(&mut self, way: &Way, query: &Query) {
        self.sql.push(if query.filter.mentions("deleted") { "true" } else { "t.deleted_at is null" });
        match way.scope {
            Scope::Whole => self.scope("t"),
            Scope::Own => {
                self.sql.push(" and t.owner_id = ").push_bind(self.viewer.me.id);
            }
            Scope::Teams => {
                self.sql.push(" and t.team_id = ");
                match way.team {
                    Some(team) => self.sql.push_bind(team),
                    None => self.sql.push(way.team_column()),
                };
                self.sql.push(" and t.owner_id is distinct from ").push_bind(self.viewer.me.id);
            }
        }
    }

    /// `select id …` of the rows that these probes find.
    pub(super) fn hits(mut self, probes: &[Probe<'_>], query: &Query, limit: u32) {
        let kind = self.registry.kind(self.kind);
        let kept = if query.filter.mentions("deleted") { "true" } else { "w.deleted_at is null" };
        match probes {
            [Probe { sought: Sought::Word { word, is_last }, .. }] => {
                self.sql.push("select id from (");
                self.union(word, *is_last);
                self.sql.push(") u (id)");
            }
            [Probe { sought: Sought::Along { field, target, path, test }, .. }] => {
                let target = self.registry.kind(*target);
                self.by_parts(target, |c, part| {
                    // One record after the other: the planner would rather read all of the table.
                    c.sql.push(format_args!(
                        "select x.id from {} r0 cross join lateral (select w.id from {} w where {} = r0.id and {kept}",
                        name(target.table),
                        name(kind.table),
                        column("w", field)
                    ));
                    c.scope("w");
                    c.sql.push(format_args!(" limit {limit}) x where "));
                    c.seen("r0", part);
                    c.sql.push(" and ");
                    c.test("r0", target.id, path, test);
                });
            }
            _ => {
                self.by_parts(kind, |c, part| {
                    c.sql.push(format_args!("select w.id from {} w where {kept} and ", name(kind.table)));
                    c.seen("w", part);
                    for probe in probes {
                        c.sql.push(" and ");
                        match &probe.sought {
                            Sought::Word { word, is_last } => {
                                c.searched("w", kind, &Needle::of(&word.text, *is_last));
                            }
                            Sought::Text(term) => c.test("w", kind.id, &term.path, &term.test),
                            Sought::Along { .. } => unreachable!("asks another row"),
                        }
                    }
                });
            }
        }
        self.sql.push(format_args!(" limit {limit}"));
    }

    /// Whether the row at hand is one that the probe finds. `is true` keeps the index of words out of it, which gives
    /// all rows that are, for each row anew.
    fn holds(&mut self, probe: &Probe<'_>) {
        match &probe.sought {
            Sought::Word { word, is_last } => self.holds_word(word, *is_last),
            Sought::Text(term) => {
                self.sql.push("(");
                self.term(term);
                self.sql.push(" is true)");
            }
            Sought::Along { field, target, path, test } => {
                let of = self.alias();
                // Not `exists`: the planner would look all of them up beforehand.
                self.sql.push(format_args!(
                    "coalesce((select true from {} {of} where {of}.id = {} and (",
                    name(self.registry.kind(*target).table),
                    column("t", field)
                ));
                self.test(&of, *target, path, test);
                self.sql.push(") is true limit 1), false)");
            }
        }
    }

    fn filter(&mut self, filter: &Filter) {
        match filter {
            Filter::All => {
                self.sql.push("true");
            }
            Filter::And(parts) => self.joined(parts, " and ", Self::filter),
            Filter::Or(parts) => self.joined(parts, " or ", Self::filter),
            Filter::Not(inner) => self.negated(|c| c.filter(inner)),
            Filter::Word(word) => self.word(word),
            Filter::Term(term) => self.term(term),
        }
    }

    fn joined<T>(&mut self, parts: &[T], sign: &str, mut each: impl FnMut(&mut Self, &T)) {
        self.sql.push("(");
        for (i, part) in parts.iter().enumerate() {
            if i > 0 {
                self.sql.push(sign);
            }
            each(self, part);
        }
        self.sql.push(if parts.is_empty() { "false)" } else { ")" });
    }

    fn negated(&mut self, inner: impl FnOnce(&mut Self)) {
        self.sql.push("((");
        inner(self);
        self.sql.push(") is not true)");
    }

    fn alias(&mut self) -> String {
        self.depth += 1;
        format!("r{}", self.depth)
    }

    fn term(&mut self, term: &Term) {
        self.test("t", self.kind, &term.path, &term.test);
    }

    /// Positive operands joined by `or`; `none` and `no` as negations of theirs, so that they mean the same at the end
    /// of a path through references.
    pub(super) fn test(&mut self, alias: &str, kind: KindId, path: &[String], test: &Test) {
        let Test::Is(operands) = test else {
            self.along(alias, kind, path, &mut |c, alias, kind, field| c.measured(alias, kind, field, test));
            return;
        };
        let (odd, plain): (Vec<_>, Vec<_>) =
            operands.iter().cloned().partition(|o| matches!(o, Operand::None | Operand::Bool(false)));
        self.sql.push("(");
        for (i, operand) in odd.iter().enumerate() {
            if i > 0 {
                self.sql.push(" or ");
            }
            let own = self.registry.kind(kind).field(&path[0]).filter(|f| path.len() == 1 && f.ty != FieldType::Tags);
            if let (Operand::None, Some(field)) = (operand, own) {
                // The one negation that an index serves.
                self.sql.push(format_args!("{} is null", column(alias, field)));
                continue;
            }
            let opposite = if *operand == Operand::None { Operand::Any } else { Operand::Bool(true) };
            self.negated(|c| {
                c.along(alias, kind, path, &mut |c, alias, kind, field| {
                    c.is(alias, kind, field, std::slice::from_ref(&opposite));
                });
            });
        }
        if !plain.is_empty() {
            if !odd.is_empty() {
                self.sql.push(" or ");
            }
            self.along(alias, kind, path, &mut |c, alias, kind, field| c.is(alias, kind, field, &plain));
        }
        self.sql.push(")");
    }

    /// Follows a path's references by subselects; at its end the field is tested.
    fn along(
        &mut self,
        alias: &str,
        kind: KindId,
        path: &[String],
        end: &mut dyn FnMut(&mut Self, &str, &Kind, &Field),
    ) {
        let of = self.registry.kind(kind);
        let field = path.first().and_then(|word| of.field(word));
        match (field, path) {
            (Some(field), [_]) => end(self, alias, of, field),
            (Some(Field { ty: FieldType::Ref(target), .. }), [_, rest @ ..]) => {
                let inner = self.alias();
                let field = field.expect("matched as a reference");
                self.sql.push(format_args!(
                    "{} in (select {inner}.id from {} {inner} where ",
                    column(alias, field),
                    name(self.registry.kind(*target).table)
                ));
                self.along(&inner, *target, rest, end);
                self.sql.push(")");
            }
            // A field that is gone since the query was saved has no values.
            _ => {
                self.sql.push("false");
            }
        }
    }

    /// One of these operands, none of them `None` or `no`.
    fn is(&mut self, alias: &str, kind: &Kind, field: &Field, operands: &[Operand]) {
        let column = match &field.source {
            Source::Watch(kind) => watched(alias, kind),
            _ => column(alias, field),
        };
        self.sql.push("(");
        let mut first = true;
        let mut or = |c: &mut Self| {
            if !std::mem::take(&mut first) {
                c.sql.push(" or ");
            }
        };
        let mut ordered = Vec::new();
        for operand in operands {
            match operand {
                Operand::Any => {
                    or(self);
                    match field.ty {
                        FieldType::Tags => self.sql.push(format_args!("cardinality({column}) > 0")),
                        _ if matches!(field.source, Source::Watch(_)) => self.sql.push(column.as_str()),
                        _ => self.sql.push(format_args!("{column} is not null")),
                    };
                }
                Operand::Bool(_) => {
                    or(self);
                    self.sql.push(column.as_str());
                }
                Operand::Me => {
                    or(self);
                    self.sql.push(format_args!("{column} = ")).push_bind(self.viewer.me.id);
                }
                Operand::Record(id) => {
                    or(self);
                    self.sql.push(format_args!("{column} = ")).push_bind(*id);
                }
                Operand::MyTeam => {
                    or(self);
                    self.my_team(&column, field);
                }
                Operand::Text { text, prefix } => {
                    or(self);
                    self.text(alias, kind, field, text, *prefix);
                }
                Operand::Number(_) | Operand::Choice(_) | Operand::Date(_) | Operand::Span(_) => {
                    ordered.push(operand.clone());
                }
                Operand::None => {}
            }
        }
        if !ordered.is_empty() {
            or(self);
            self.measured(alias, kind, field, &Test::Is(ordered));
        }
        self.sql.push(")");
    }

    fn my_team(&mut self, column: &str, field: &Field) {
        let teams = self.viewer.me.teams.clone();
        match field.ty {
            FieldType::Ref(target) if target == TEAM => {
                self.sql.push(format_args!("{column} = any(")).push_bind(teams).push(")");
            }
            _ => {
                let table = name(self.registry.kind(USER).table);
                self.sql.push(format_args!("{column} in (select p.id from {table} p where p.team_id = any("));
                self.sql.push_bind(teams).push("))");
            }
        }
    }

    /// Words in a text, part of a mail or number, a tag, the title of a reference.
    fn text(&mut self, alias: &str, kind: &Kind, field: &Field, text: &str, prefix: bool) {
        let column = column(alias, field);
        match field.ty {
            FieldType::Email | FieldType::Url => {
                let like = containing(&lower_case(text));
                self.sql.push("(");
                self.ident(alias, kind, &like);
                self.sql.push(format_args!(" and lower({column}) like ")).push_bind(like).push(")");
            }
            FieldType::Phone => {
                let like = containing(&digits(text));
                self.sql.push("(");
                self.ident(alias, kind, &like);
                self.sql.push(format_args!(" and regexp_replace({column}, '[^0-9]+', '', 'g') like "));
                self.sql.push_bind(like).push(")");
            }
            FieldType::Tags => {
                let word = plain(text);
                let needle = Needle::of(text, prefix);
                if needle.tokens.is_empty() {
                    self.sql.push("false");
                    return;
                }
                self.sql.push("(");
                self.tokens(alias, kind, &needle);
                // Most that hold the word elsewhere have no tags at all.
                self.sql.push(format_args!(
                    " and cardinality({column}) > 0 and exists (select from unnest({column}) tag where btrim(plain_words(tag)) "
                ));
                if prefix {
                    self.sql.push("like ").push_bind(format!("{word}%"));
                } else {
                    self.sql.push("= ").push_bind(word);
                }
                self.sql.push("))");
            }
            FieldType::Ref(target) => {
                self.sql.push(format_args!("{column} in ("));
                self.titled(target, text, prefix);
                self.sql.push(")");
            }
            _ => {
                debug_assert!(is_searched(kind, field), "{} is searched", field.name);
                self.words(alias, kind, field, text, prefix);
            }
        }
    }

    /// The records of a kind whose title holds these words, people also by their login.
    pub(super) fn titled(&mut self, target: KindId, text: &str, prefix: bool) {
        let target = self.registry.kind(target);
        let inner = self.alias();
        self.sql.push(format_args!("select {inner}.id from {} {inner} where ", name(target.table)));
        if target.id == USER {
            self.sql.push(format_args!("lower({inner}.login) = ")).push_bind(lower_case(text)).push(" or ");
        }
        if let Some(named) = target.field(target.title) {
            self.words(&inner, target, named, text, prefix);
        } else {
            debug_assert!(false, "{} has no title: {}", target.id, title(&inner, target));
            self.sql.push("false");
        }
    }

    /// The row's search words find the candidates, then the field itself is looked at.
    fn words(&mut self, alias: &str, kind: &Kind, field: &Field, text: &str, prefix: bool) {
        if plain(text).is_empty() {
            self.sql.push("false");
            return;
        }
        self.sql.push("(");
        self.tokens(alias, kind, &Needle::of(text, prefix));
        self.sql.push(" and ");
        Self::worded(self.sql, &format!("plain_words({})", searched_text(alias, field)), text, prefix);
        self.sql.push(")");
    }

    /// `domain::search::holds_words` in SQL, over the plain words of a text.
    pub(super) fn worded(sql: &mut QueryBuilder<Postgres>, plain_text: &str, text: &str, prefix: bool) {
        let words = plain(text);
        let (Some(first), Some(last)) = (words.chars().next(), words.chars().next_back()) else {
            sql.push("false");
            return;
        };
        let before = if is_han(first) { String::new() } else { format!("(^|[ {HAN}])") };
        let after = if prefix || is_han(last) { String::new() } else { format!("($|[ {HAN}])") };
        // Letters, digits and blanks only: nothing in it has a meaning of its own in a pattern.
        let pattern = format!("{before}{words}{after}");
        // A function, not an operator: the planner would take the operator for something that hardly any row passes.
        sql.push(format_args!("(regexp_like({plain_text}, ")).push_bind(pattern.clone());
        sql.push(format_args!(
            ") or regexp_like(normalize(regexp_replace(normalize({plain_text}, nfd), '[\\u0300-\\u036f]+', '', 'g'), nfc), "
        ));
        sql.push_bind(pattern).push("))");
    }

    /// A test by order.
    fn measured(&mut self, alias: &str, _kind: &Kind, field: &Field, test: &Test) {
        let column = column(alias, field);
        match windows(field, test, self.viewer) {
            Some(Windows::Ints(list)) => self.within(&column, &list),
            Some(Windows::Numbers(list)) => self.within(&column, &list),
            Some(Windows::Days(list)) => self.within(&column, &list),
            Some(Windows::Instants(list)) => self.within(&column, &list),
            // Small letters as the matcher makes them, not as the order of names does.
            Some(Windows::Texts(list)) => {
                self.within(&format!("(lower({column} collate \"default\") collate \"C\")"), &list);
            }
            Some(Windows::Codes(codes)) => {
                // One value keeps the order of an index behind it, a list does not.
                match <[_; 1]>::try_from(codes) {
                    Ok([code]) => self.sql.push(format_args!("{column} = ")).push_bind(code),
                    Err(codes) => self.sql.push(format_args!("{column} = any(")).push_bind(codes).push(")"),
                };
            }
            None => {
                self.sql.push("false");
            }
        }
    }

    fn within<T>(&mut self, column: &str, list: &[Window<T>])
    where
        T: Clone + PartialEq + for<'t> Encode<'t, Postgres> + Type<Postgres>,
    {
        self.joined(list, " or ", |c, (from, to)| {
            if let (Bound::Included(a), Bound::Included(b)) = (from, to)
                && a == b
            {
                c.sql.push(format_args!("{column} = ")).push_bind(a.clone());
                return;
            }
            let mut any = false;
            for (bound, open, closed) in [(from, ">", ">="), (to, "<", "<=")] {
                let (sign, end) = match bound {
                    Bound::Included(end) => (closed, end),
                    Bound::Excluded(end) => (open, end),
                    Bound::Unbounded => continue,
                };
                c.sql.push(if any { " and " } else { "" });
                c.sql.push(format_args!("{column} {sign} ")).push_bind(end.clone());
                any = true;
            }
            if !any {
                c.sql.push(format_args!("{column} is not null"));
            }
        });
    }
}

/// A field's text as far as it is searched.
fn searched_text(alias: &str, field: &Field) -> String {
    let column = column(alias, field);
    match field.ty {
        FieldType::Tags => format!("array_to_string({column}, ' ')"),
        FieldType::LongText => format!("left({column}, {LONG_TEXT})"),
        _ => column,
    }
}

/// A pattern for `like` that holds the text anywhere.
fn containing(text: &str) -> String {
    let mut like = String::from("%");
    for c in text.chars() {
        if matches!(c, '%' | '_' | '\\') {
            like.push('\\');
        }
        like.push(c);
    }
    like.push('%');
    like
}
