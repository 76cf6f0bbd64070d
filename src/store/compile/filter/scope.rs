//! What a viewer may see: the same rule as the row-level policies; here so that its indexes are used, also the ones of words,
//! which know owners and teams, but no lists of them.

use super::super::paths::TEAMS;
use super::Conditions;
use crate::domain::field::FieldType;
use crate::domain::kind::Kind;
use crate::domain::right::Scope;

/// A part of what somebody sees.
pub(super) enum Part {
    All,
    Nothing,
    Of(i64),
    Team(i64),
    /// More teams than are told apart.
    Teams(Vec<i64>),
    Shared,
}

impl Conditions<'_, '_> {
    pub(super) fn scope(&mut self, alias: &str) {
        let parts = self.parts(self.registry.kind(self.kind));
        if !matches!(parts[..], [Part::All]) {
            self.sql.push(" and ");
            self.joined(&parts, " or ", |c, part| c.seen(alias, part));
        }
    }

    /// The parts of a kind's records that they see, which together are all that they do.
    pub(super) fn parts(&self, kind: &Kind) -> Vec<Part> {
        let me = &self.viewer.me;
        let mut parts = match me.sees(kind.id) {
            Scope::All => return vec![Part::All],
            Scope::None => return vec![Part::Nothing],
            Scope::Own | Scope::Team => vec![Part::Of(me.id)],
        };
        parts.extend(me.stands_in.iter().copied().map(Part::Of));
        if me.sees(kind.id) == Scope::Team {
            if me.teams.len() <= TEAMS {
                parts.extend(me.teams.iter().copied().map(Part::Team));
            } else {
                parts.push(Part::Teams(me.teams.clone()));
            }
        }
        if kind.field("shared").is_some_and(|field| field.ty == FieldType::Bool) {
            parts.push(Part::Shared);
        }
        parts
    }

    /// A select for each part of a kind's records that they see, one after the other: the indexes of words know one owner
    /// or team at a time.
    pub(super) fn by_parts(&mut self, kind: &Kind, mut select: impl FnMut(&mut Self, &Part)) {
        for (i, part) in self.parts(kind).iter().enumerate() {
            self.sql.push(if i > 0 { " union all " } else { "" });
            select(self, part);
        }
    }

    /// True for the rows of that part.
    pub(super) fn seen(&mut self, alias: &str, part: &Part) {
        match part {
            Part::All => self.sql.push("true"),
            Part::Nothing => self.sql.push("false"),
            Part::Of(person) => self.sql.push(format_args!("{alias}.owner_id = ")).push_bind(*person),
            Part::Team(team) => self.sql.push(format_args!("{alias}.team_id = ")).push_bind(*team),
            Part::Teams(teams) => {
                self.sql.push(format_args!("{alias}.team_id = any(")).push_bind(teams.clone()).push(")")
            }
            Part::Shared => self.sql.push(format_args!("{alias}.shared")),
        };
    }
}
