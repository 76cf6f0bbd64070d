//! The demo: a lively workspace, the same on every machine but for the time, which everything is relative to.
//!
//! The story: a maker of office coffee machines, *Tern*, with customers in seven countries. You are the head of its
//! front office of eight people; two teams, West and 中国区, sell to and look after these customers.
//!
//! Every record follows from its number alone (`dice`), so a million of them stream into the database without being
//! kept, and a ticket knows its contact's name without reading it. No SQL here: rows go to `store::bulk`.

mod activity;
mod canned;
mod deal;
mod dice;
mod load;
mod past;
mod people;
mod row;
mod talk;
mod ticket;
mod words;

use chrono::{DateTime, Datelike, Duration, TimeZone, Timelike, Utc};

pub use deal::State;
use dice::Dice;
pub use load::{Progress, fill, filled};
pub use row::Rows;

use crate::domain::kind::{DEAL, KindId, TICKET};

/// How many records of each kind. Messages come with the tickets, about three each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scale {
    pub contacts: usize,
    pub companies: usize,
    pub deals: usize,
    pub tickets: usize,
    pub activities: usize,
}

impl Scale {
    /// What one person can get to know in an afternoon.
    pub const LIVELY: Self = Self { contacts: 400, companies: 120, deals: 150, tickets: 250, activities: 420 };

    /// The proportions of a real workspace around so many contacts.
    pub fn of(contacts: usize) -> Self {
        let contacts = contacts.max(10);
        Self {
            contacts,
            companies: contacts.div_ceil(5),
            deals: contacts * 3 / 10,
            tickets: contacts,
            activities: contacts / 2,
        }
    }
}

/// The ids of the first record of each kind.
#[derive(Clone, Copy, Debug, Default)]
pub struct First {
    pub company: i64,
    pub contact: i64,
    pub product: i64,
    pub deal: i64,
    pub ticket: i64,
    pub message: i64,
    pub activity: i64,
}

/// Somebody of the staff who holds records.
#[derive(Clone, Debug)]
pub struct Member {
    pub id: i64,
    pub name: String,
    pub team: i64,
    pub role: &'static str,
    /// Looks after customers in China.
    pub china: bool,
}

impl Member {
    /// What somebody's role works with is given to them.
    fn works_with(&self, kind: KindId) -> bool {
        match kind {
            DEAL => !["support", "marketing"].contains(&self.role),
            TICKET => self.role != "marketing",
            _ => true,
        }
    }
}

/// A stage of the pipeline that deals are put into.
#[derive(Clone, Copy, Debug)]
pub struct Stage {
    pub id: i64,
    pub state: State,
}

/// What the records refer to.
#[derive(Clone, Debug)]
pub struct World {
    pub now: DateTime<Utc>,
    pub scale: Scale,
    pub first: First,
    /// The first of `members`.
    pub head: i64,
    pub members: Vec<Member>,
    pub pipeline: i64,
    pub stages: Vec<Stage>,
}

/// Minutes of the last days, in which most tickets are still worked on.
const DAYS_9: f64 = 9.0 * 1440.0;

impl World {
    /// When a record was created, of `of` ones over so many days; later numbers are younger.
    fn age(&self, number: usize, of: usize, days: i64) -> DateTime<Utc> {
        let (past, of) = ((of - number) as f64, of as f64);
        let share = past / of;
        let minutes = (days * 1440) as f64 * (share + share * share) / 2.0;
        self.now - Duration::minutes(minutes as i64)
    }

    /// When a ticket came in, and whether it is one of the last days, most of which are still worked on.
    fn arrival(&self, number: usize) -> (DateTime<Utc>, bool) {
        let of = self.scale.tickets;
        // A big workspace is mostly past.
        let fresh = if of > 5_000 { of / 12 } else { of * 2 / 5 };
        let back = of - number;
        let minutes = if back <= fresh {
            let share = back as f64 / fresh.max(1) as f64;
            DAYS_9 * share * (0.2 + 0.8 * share)
        } else {
            let share = (back - fresh) as f64 / (of - fresh) as f64;
            DAYS_9 + 60.0 * DAYS_9 * (share + share * share) / 2.0
        };
        (self.now - Duration::minutes(2 + minutes as i64), back <= fresh)
    }

    /// A time within so many minutes before now, more likely a short one.
    fn ago(&self, dice: &mut Dice, minutes: i64) -> DateTime<Utc> {
        self.now - Duration::minutes(dice.between(1, minutes).min(dice.between(1, minutes)))
    }

    /// A quarter of an hour of the working day so many days from today.
    fn working_hour(&self, dice: &mut Dice, days: i64) -> DateTime<Utc> {
        let day = self.now + Duration::days(days);
        let (hour, quarter) = (dice.between(7, 16) as u32, dice.between(0, 3) as u32);
        Utc.with_ymd_and_hms(day.year(), day.month(), day.day(), hour, quarter * 15, 0).single().unwrap_or(day)
    }

    /// Who holds a record of a kind and which team; nobody in so many of a hundred.
    fn holder(&self, dice: &mut Dice, kind: KindId, china: bool, nobody: u32) -> (Option<i64>, Option<i64>) {
        let there = || self.members[1..].iter().filter(move |m| m.china == china && m.works_with(kind));
        let count = there().count();
        let chosen = if count == 0 || dice.chance(11) { None } else { there().nth(dice.below(count)) };
        let member = chosen.unwrap_or(&self.members[0]);
        let team = there().next().filter(|_| nobody > 0).map_or(member.team, |m| m.team);
        if dice.chance(nobody) { (None, Some(team)) } else { (Some(member.id), Some(member.team)) }
    }

    fn first_name(&self, id: i64) -> &str {
        let name = self.members.iter().find(|m| m.id == id).map_or("Tern", |m| m.name.as_str());
        name.split(' ').next().unwrap_or(name)
    }
}

/// The minute that `at` is in: a demo made twice within it is the same.
pub fn minute(at: DateTime<Utc>) -> DateTime<Utc> {
    at.with_second(0).and_then(|at| at.with_nanosecond(0)).unwrap_or(at)
}
