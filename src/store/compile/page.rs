//! A page of a list: branches of the order, each read in the ways that `paths` knows.

use sqlx::{Postgres, QueryBuilder};

use super::Start;
use super::filter::Conditions;
use super::order::{Branch, Order};
use super::paths::{Paths, Reach, Way};
use super::probe::{Probe, Sought};
use super::row::{column, columns, name};
use crate::domain::kind::{Kind, KindId, Registry};
use crate::domain::query::Query;
use crate::domain::viewer::Viewer;

pub(super) struct Page<'a> {
    registry: &'a Registry,
    kind: &'a Kind,
    query: &'a Query,
    viewer: &'a Viewer,
    start: Start<'a>,
    limit: u32,
    order: Order<'a>,
    paths: Paths<'a>,
    reach: Reach,
}

impl<'a> Page<'a> {
    pub(super) fn of(
        registry: &'a Registry,
        kind: KindId,
        query: &'a Query,
        viewer: &'a Viewer,
        start: Start<'a>,
        limit: u32,
        reach: Reach,
    ) -> Self {
        let order = Order::of(registry, kind, query);
        let paths = Paths::of(registry, kind, query, viewer, Some(&order), reach);
        Self { registry, kind: registry.kind(kind), query, viewer, start, limit, order, paths, reach }
    }

    pub(super) fn sql(&self) -> QueryBuilder<Postgres> {
        let mut sql = QueryBuilder::new("");
        self.paths.ctes(&mut sql);
        sql.push("select ").push(columns(self.registry, self.kind)).push(" from (");
        let branches = self.order.branches(self.start);
        let several = branches.len() > 1;
        for (i, branch) in branches.iter().enumerate() {
            sql.push(match (i, several) {
                (0, true) => "(",
                (0, false) => "",
                _ => ") union all (",
            });
            let ways = self.paths.ways();
            if self.paths.is_bounded() && self.order.is_even(branch) {
                self.bounded(&mut sql, branch, &ways);
            } else {
                self.merged(&mut sql, branch, &ways, false);
            }
        }
        if several {
            // Read one after the other: the second only when the first leaves room.
            sql.push(format_args!(") limit {}", self.limit));
        }
        sql.push(") t");
        self.order.outer(&mut sql, &branches);
        sql
    }

    /// The ways' pages as one.
    fn merged(&self, sql: &mut QueryBuilder<Postgres>, branch: &Branch, ways: &[Way], is_bound: bool) {
        let merged = ways.len() > 1 || ways.iter().any(|way| self.paths.is_seeded(way));
        if merged {
            sql.push("select * from ((");
        }
        for (i, way) in ways.iter().enumerate() {
            sql.push(if i > 0 { ") union all (" } else { "" });
            self.way(sql, branch, way, is_bound);
        }
        if merged {
            sql.push(")) s");
            self.order.merge(sql, branch);
            sql.push(format_args!(" limit {}", self.limit));
        }
    }

    fn way(&self, sql: &mut QueryBuilder<Postgres>, branch: &Branch, way: &Way, is_bound: bool) {
        self.paths.begin(sql, way);
        self.order.select(sql, branch);
        sql.push(" where ");
        self.paths.open(sql, way);
        self.conditions(sql).along_way(&self.paths, way, self.query);
        self.order.restrict(sql, branch, self.start);
        if is_bound {
            self.order.within(sql, branch);
        }
        self.order.inner(sql, branch);
        sql.push(format_args!(" limit {}", self.limit));
        self.paths.end(sql, way);
    }

    /// By the probes' few records; else in the list's order as far as `b` (`w`); else by all of the probes' records.
    fn bounded(&self, sql: &mut QueryBuilder<Postgres>, branch: &Branch, ways: &[Way]) {
        let (found, read): (Vec<Way>, Vec<Way>) = ways.iter().partition(|way| way.by.is_some());
        // Several are read as far each, mostly for the one that is longest: less of each leaves as many rows to find.
        let far = if read.len() > 1 { (self.reach.far * 3 / 5).max(1) } else { self.reach.far };
        sql.push("with b as materialized ((");
        self.ends(sql, branch, branch, &read, &format!("offset {far}"), "false");
        sql.push(") union all (");
        // The list is shorter than that.
        self.ends(sql, branch, &branch.reversed(), &read, "", "true");
        sql.push(") limit 1), w as materialized (");
        self.merged(sql, branch, &read, true);
        sql.push(") select * from ((");
        for way in &found {
            self.way(sql, branch, way, false);
            sql.push(") union all (");
        }
        sql.push("select * from w where ");
        self.suffices(sql);
        sql.push(") union all (");
        self.looked_up(sql, branch, &read[0]);
        sql.push(")) s");
        self.order.merge(sql, branch);
        sql.push(format_args!(" limit {}", self.limit));
    }

    /// The first of the branch's rows in that order, behind the offset, as `(id, k0, …, is_end)`.
    fn ends(
        &self,
        sql: &mut QueryBuilder<Postgres>,
        branch: &Branch,
        order: &Branch,
        ways: &[Way],
        offset: &str,
        is_end: &str,
    ) {
        sql.push(format_args!("select *, {is_end} as is_end from (("));
        for (i, way) in ways.iter().enumerate() {
            sql.push(if i > 0 { ") union all (" } else { "" });
            self.paths.begin(sql, way);
            self.order.keys(sql, branch);
            sql.push(" where ");
            self.paths.gate(sql, way);
            self.conditions(sql).base(way, self.query);
            self.order.restrict(sql, branch, self.start);
            self.order.inner(sql, order);
            sql.push(format_args!(" limit 1 {offset}"));
            self.paths.close(sql, way);
        }
        sql.push(")) s");
        self.order.merge(sql, order);
        sql.push(" limit 1");
    }

    /// `w` fills the page, or there is nothing behind it.
    fn suffices(&self, sql: &mut QueryBuilder<Postgres>) {
        sql.push(format_args!(
            "((select count(*) from w) >= {} or coalesce((select is_end from b), true))",
            self.limit
        ));
    }

    /// All that the cheapest probe finds, sorted.
    fn looked_up(&self, sql: &mut QueryBuilder<Postgres>, branch: &Branch, read: &Way) {
        let places = self.paths.looked_up();
        // Sorted out here, or the planner would read in the list's order after all.
        sql.push("select * from (");
        if let [Probe { sought: Sought::Along { field, target, path, test }, .. }] = places {
            let other = name(self.registry.kind(*target).table);
            let own = format!(
                "{other} r0 cross join lateral (select * from {} t where {} = r0.id offset 0) t",
                name(self.kind.table),
                column("t", field)
            );
            self.order.select_from(sql, branch, &own);
            sql.push(" where ");
            self.conditions(sql).test("r0", *target, path, test);
            sql.push(" and ");
        } else {
            self.order.select(sql, branch);
            sql.push(" where ");
        }
        self.paths.gate(sql, read);
        sql.push("not ");
        self.suffices(sql);
        sql.push(" and ");
        self.conditions(sql).looked_up(&self.paths, &Way::WHOLE, places, self.query);
        self.order.restrict(sql, branch, self.start);
        sql.push(" offset 0) s");
        self.order.merge(sql, branch);
        sql.push(format_args!(" limit {}", self.limit));
    }

    fn conditions<'q>(&self, sql: &'q mut QueryBuilder<Postgres>) -> Conditions<'q, 'a> {
        Conditions::new(sql, self.registry, self.kind.id, self.viewer)
    }
}
