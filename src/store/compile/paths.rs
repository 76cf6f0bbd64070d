//! Several ways to the same rows, of which the database takes the cheap one.
//!
//! *Probes.* Few records hold a rare word: they are looked up, then sorted. Many hold a frequent one: the list is read in
//! its order until the page is full. Which it is, statistics cannot tell, so up to `Reach::few` of a word's records are looked
//! up first (`h0`, `h1`, …), and their number opens one way and shuts the others. What many hold may still stand at the
//! list's end: it is read in its order for `Reach::far` records only (up to the bound `b`), and if these do not fill the page,
//! all of the word's records are looked up and sorted. The same goes for tags and for what is asked of another record.
//!
//! *Rights.* Own and the teams' records may all lie at the list's end (Chinese names after Latin ones, the amounts of a
//! currency): each has an index in the list's order, and so is read by itself.
//!
//! *Values.* So have those of an often-used filter: see `drive`.

use sqlx::{Postgres, QueryBuilder};

use super::drive::Drive;
use super::filter::Conditions;
use super::order::Order;
use super::probe::Probe;
use crate::domain::kind::{Kind, KindId, Registry, Sharing};
use crate::domain::query::{Filter, Operand, Query, Term, Test};
use crate::domain::right;
use crate::domain::viewer::Viewer;

/// How many records are looked at before another way is taken. What is found is the same.
#[derive(Clone, Copy, Debug)]
pub struct Reach {
    /// Records of a probe that are looked up one by one. Reading a page of a list whose every 250th fits costs as much.
    pub few: u32,
    /// Records that are read in the list's order before all that fit are looked up.
    pub far: u32,
}

impl Reach {
    pub const USUAL: Self = Self { few: 4_000, far: 10_000 };
}

/// Teams that are told apart in conditions.
pub(super) const TEAMS: usize = 6;

/// Probes that may open a way.
const PROBES: usize = 3;

/// What is known of a query before it is compiled.
pub(super) struct Paths<'a> {
    /// The parts at the top of the filter that an index finds: all of them must fit.
    pub(super) probes: Vec<Probe<'a>>,
    /// All probes are looked up together: they ask the same row.
    pub(super) joint: bool,
    /// The filter that the list is read by, value for value.
    pub(super) drive: Option<Drive<'a>>,
    /// What is read by itself.
    scopes: Vec<Scope>,
    registry: &'a Registry,
    kind: &'a Kind,
    query: &'a Query,
    viewer: &'a Viewer,
    reach: Reach,
}

/// Part of what a viewer sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    /// Everything that they see.
    Whole,
    Own,
    /// The teams', one after the other, but their own.
    Teams,
}

/// One way: by the records of a probe, value for value, or in the list's order.
#[derive(Clone, Copy, Debug)]
pub(super) struct Way {
    pub(super) by: Option<usize>,
    pub(super) scope: Scope,
    /// The place of `scope` among the viewer's.
    place: usize,
    /// The only team.
    pub(super) team: Option<i64>,
    pub(super) is_driven: bool,
    /// Values that were found stand beside their teams.
    has_teams: bool,
}

impl Way {
    pub(super) const WHOLE: Self =
        Self { by: None, scope: Scope::Whole, place: 0, team: None, is_driven: false, has_teams: false };

    /// By the records of a probe.
    pub(super) fn by(probe: usize) -> Self {
        Self { by: Some(probe), ..Self::WHOLE }
    }

    /// The team of a way that is read for each.
    pub(super) fn team_column(&self) -> &'static str {
        if self.has_teams { "v.team" } else { "s.team" }
    }
}

impl<'a> Paths<'a> {
    pub(super) fn of(
        registry: &'a Registry,
        kind: KindId,
        query: &'a Query,
        viewer: &'a Viewer,
        order: Option<&Order<'_>>,
        reach: Reach,
    ) -> Self {
        let of = registry.kind(kind);
        let drive = if order.is_none_or(Order::is_the_kinds) { Drive::of(registry, of, query, viewer) } else { None };
        let probes = Probe::all(registry, of, query, drive.as_ref().map(|drive| drive.part));
        let joint = probes.iter().all(|probe| probe.is_of_the_row(registry, kind));
        let owned = of.sharing == Sharing::Owned && of.field("shared").is_none();
        // A filter by owner or team chooses its own index; what nobody has is a team's, or not theirs to see.
        let chosen: &[&str] = if is_unowned(query) { &["team", "deleted"] } else { &["owner", "team", "deleted"] };
        let is_chosen = chosen.iter().any(|field| query.filter.mentions(field));
        // Whoever stands in for others sees more than the indexes of owner and teams have; for some days only.
        let is_split = owned && order.is_none_or(Order::is_indexed) && !is_chosen && viewer.me.stands_in.is_empty();
        let scopes = match viewer.me.sees(kind) {
            right::Scope::Team if is_split && is_unowned(query) => vec![Scope::Teams],
            right::Scope::Team if is_split => vec![Scope::Own, Scope::Teams],
            right::Scope::Own if is_split && !is_unowned(query) => vec![Scope::Own],
            _ => vec![Scope::Whole],
        };
        Self { probes, joint, drive, scopes, registry, kind: of, query, viewer, reach }
    }

    /// How many probes open a way.
    fn opening(&self) -> usize {
        self.probes.len().min(if self.joint { 1 } else { PROBES })
    }

    /// `with h0 as …`: the records of the words, the values of the filter.
    pub(super) fn ctes(&self, sql: &mut QueryBuilder<Postgres>) {
        let worded = self.drive.as_ref().filter(|drive| drive.is_worded());
        let separate = |sql: &mut QueryBuilder<Postgres>, first: bool| {
            sql.push(if !first {
                ", "
            } else if worded.is_some() {
                "with recursive "
            } else {
                "with "
            });
        };
        for i in 0..self.opening() {
            separate(sql, i == 0);
            sql.push(format_args!("h{i} as materialized ("));
            Conditions::new(sql, self.registry, self.kind.id, self.viewer).hits(
                self.asked(i),
                self.query,
                self.reach.few + 1,
            );
            sql.push(")");
        }
        if let Some(drive) = worded {
            separate(sql, self.opening() == 0);
            drive.ctes(sql, self.kind, self.viewer, &self.scopes);
        }
        if self.opening() > 0 || worded.is_some() {
            sql.push(" ");
        }
    }

    /// What `h{i}` asks.
    pub(super) fn asked(&self, i: usize) -> &[Probe<'a>] {
        if self.joint { &self.probes } else { &self.probes[i..=i] }
    }

    /// True when reading in the list's order gives up after `Reach::far` records.
    pub(super) fn is_bounded(&self) -> bool {
        self.opening() > 0 && self.drive.is_none()
    }

    /// The probe whose records are all looked up, or all of them: words before what is asked of another record.
    pub(super) fn looked_up(&self) -> &[Probe<'a>] {
        let first = self.probes.iter().position(|probe| !probe.is_along()).unwrap_or(0);
        self.asked(if self.joint { 0 } else { first })
    }

    pub(super) fn ways(&self) -> Vec<Way> {
        let me = &self.viewer.me;
        let team = me.teams.first().copied().filter(|_| me.teams.len() == 1);
        let whole = Way::WHOLE;
        let mut ways: Vec<_> = (0..self.opening()).map(Way::by).collect();
        let is_driven = self.drive.is_some();
        let worded = self.is_worded();
        for (place, &scope) in self.scopes.iter().enumerate() {
            ways.push(Way { scope, place, team: team.filter(|_| !worded), is_driven, has_teams: worded, ..whole });
        }
        if worded {
            ways.push(whole);
        }
        ways
    }

    /// True for a way that is read for each of several values or teams.
    pub(super) fn is_seeded(&self, way: &Way) -> bool {
        way.is_driven || self.is_by_team(way)
    }

    fn is_by_team(&self, way: &Way) -> bool {
        way.scope == Scope::Teams && way.team.is_none() && !(way.is_driven && self.is_worded())
    }

    fn is_worded(&self) -> bool {
        self.drive.as_ref().is_some_and(Drive::is_worded)
    }

    /// Before the way's own select: what it is read for, `v (value)` and `s (team)`, or, of values that were found,
    /// `v (team, value)`.
    pub(super) fn begin(&self, sql: &mut QueryBuilder<Postgres>, way: &Way) {
        if !self.is_seeded(way) {
            return;
        }
        sql.push("select x.* from ");
        if let Some(drive) = self.drive.as_ref().filter(|_| way.is_driven) {
            drive.seeds(sql, self.registry, self.kind, self.viewer, way.place);
            sql.push(if self.is_by_team(way) { ", " } else { "" });
        }
        if self.is_by_team(way) {
            sql.push("unnest(").push_bind(self.viewer.me.teams.clone()).push("::bigint[]) s (team)");
        }
        sql.push(" cross join lateral (");
    }

    /// After the select's `where`.
    pub(super) fn open(&self, sql: &mut QueryBuilder<Postgres>, way: &Way) {
        if !self.is_seeded(way) {
            self.gate(sql, way);
        }
    }

    /// After the way's own select, whatever is open.
    pub(super) fn close(&self, sql: &mut QueryBuilder<Postgres>, way: &Way) {
        if self.is_seeded(way) {
            sql.push(") x");
        }
    }

    /// After the way's own select.
    pub(super) fn end(&self, sql: &mut QueryBuilder<Postgres>, way: &Way) {
        if self.is_seeded(way) {
            sql.push(") x where ");
            self.gate(sql, way);
            sql.push("true");
        }
    }

    /// Opens one way and shuts the others: each test is made once, and a way that is shut is not read.
    pub(super) fn gate(&self, sql: &mut QueryBuilder<Postgres>, way: &Way) {
        let few = self.reach.few;
        for i in 0..way.by.unwrap_or(self.opening()) {
            sql.push(format_args!("(select count(*) from h{i}) > {few} and "));
        }
        match (way.by, &self.drive) {
            (Some(i), _) => {
                sql.push(format_args!("(select count(*) from h{i}) <= {few} and "));
            }
            (None, Some(drive)) => drive.gate(sql, &self.scopes, way.is_driven),
            (None, None) => {}
        }
    }
}

/// True for `owner:none`, whatever else is asked.
fn is_unowned(query: &Query) -> bool {
    query.filter.parts().iter().any(|part| match part {
        Filter::Term(Term { path, test: Test::Is(operands) }) => {
            path.as_slice() == ["owner"] && operands.as_slice() == [Operand::None]
        }
        _ => false,
    })
}
