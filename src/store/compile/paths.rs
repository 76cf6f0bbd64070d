//! Several ways to the same rows, of which the database takes the cheap one.
//!
//! *Words.* Few records hold a rare word: they are looked up, then sorted. Many hold a frequent one: the list is read in
//! its order until the page is full. Which it is, statistics cannot tell, so up to `FEW` of a word's records are looked
//! up first (`h0`, `h1`, …), and their number opens one way and shuts the others.
//!
//! *Rights.* Own and the teams' records, sorted by name, may all lie at the list's end (Chinese names after Latin ones):
//! each has an index in that order, and so is read by itself.

use sqlx::{Postgres, QueryBuilder};

use super::filter::Conditions;
use crate::domain::kind::{KindId, Registry, Sharing};
use crate::domain::query::{Filter, Query, Word, searched_along};
use crate::domain::search::Needle;
use crate::domain::viewer::Viewer;

/// Records of a word that are looked up one by one. Reading a page of a list whose every 250th fits costs as much.
const FEW: u32 = 4_000;

/// Teams that are read each by itself.
const TEAMS: usize = 6;

/// Words that may open a way.
const WORDS: usize = 3;

/// What is known of a query before it is compiled.
pub(super) struct Paths {
    /// The words at the top of the filter: all of them must fit.
    pub(super) words: Vec<TopWord>,
    /// All words are looked up together: they are words of the same row.
    pub(super) joint: bool,
    /// Owner, then teams, each to be read by itself; empty: all in one.
    scopes: Vec<Scope>,
}

pub(super) struct TopWord {
    pub(super) word: Word,
    /// It may go on: the last word typed.
    pub(super) is_last: bool,
    /// It has neither letter nor digit, and so every row holds it.
    pub(super) is_vain: bool,
}

/// Part of what a viewer sees.
#[derive(Clone, Copy, Debug)]
pub(super) enum Scope {
    /// Everything that they see.
    Whole,
    Own,
    Team(i64),
}

/// One way: by the records of a word, or in the list's order.
#[derive(Clone, Copy, Debug)]
pub(super) struct Way {
    pub(super) by: Option<usize>,
    pub(super) scope: Scope,
}

impl Paths {
    pub(super) fn of(registry: &Registry, kind: KindId, query: &Query, viewer: &Viewer, is_by_title: bool) -> Self {
        let mut left = query.filter.words();
        let mut words = Vec::new();
        let parts = match &query.filter {
            Filter::And(parts) => parts.as_slice(),
            single => std::slice::from_ref(single),
        };
        for part in parts {
            left -= part.words();
            if let Filter::Word(word) = part {
                let is_last = left == 0 && !word.quoted;
                let is_vain = Needle::of(&word.text, is_last).is_empty();
                words.push(TopWord { word: word.clone(), is_last, is_vain });
            }
        }
        let joint = searched_along(kind).is_none()
            && words.iter().all(|top| Conditions::is_plain(registry, kind, &top.word, top.is_last));
        let owned = registry.kind(kind).sharing == Sharing::Owned && registry.kind(kind).field("shared").is_none();
        let me = &viewer.me;
        // A filter by owner or team chooses its own index.
        let is_chosen = ["owner", "team"].iter().any(|field| query.filter.mentions(field));
        let scopes = if owned && is_by_title && !is_chosen && !me.sees_all() && me.teams.len() <= TEAMS {
            std::iter::once(Scope::Own).chain(me.teams.iter().map(|&team| Scope::Team(team))).collect()
        } else {
            vec![Scope::Whole]
        };
        Self { words, joint, scopes }
    }

    /// How many words open a way.
    fn opening(&self) -> usize {
        if self.words.iter().any(|top| top.is_vain) {
            return 0;
        }
        if self.joint { self.words.len().min(1) } else { self.words.len().min(WORDS) }
    }

    /// `with h0 as …`: the records of the words.
    pub(super) fn hits(&self, sql: &mut QueryBuilder<Postgres>, registry: &Registry, kind: KindId, viewer: &Viewer) {
        for i in 0..self.opening() {
            sql.push(if i == 0 { "with " } else { ", " });
            sql.push(format_args!("h{i} as materialized ("));
            let words = if self.joint { &self.words[..] } else { &self.words[i..=i] };
            Conditions::new(sql, registry, kind, viewer).hits(words);
            sql.push(format_args!(" limit {})", FEW + 1));
        }
        if self.opening() > 0 {
            sql.push(" ");
        }
    }

    pub(super) fn ways(&self) -> Vec<Way> {
        let by_word = (0..self.opening()).map(|i| Way { by: Some(i), scope: Scope::Whole });
        by_word.chain(self.scopes.iter().map(|&scope| Way { by: None, scope })).collect()
    }

    /// Opens one way and shuts the others: each test is made once, and a way that is shut is not read.
    pub(super) fn gate(&self, sql: &mut QueryBuilder<Postgres>, way: &Way) {
        for i in 0..way.by.unwrap_or(self.opening()) {
            sql.push(format_args!("(select count(*) from h{i}) > {FEW} and "));
        }
        if let Some(i) = way.by {
            sql.push(format_args!("(select count(*) from h{i}) <= {FEW} and "));
        }
    }
}
