//! Tickets in every state with their conversations; due times lie around now, some are past.

use std::fmt::Write;

use chrono::{DateTime, Duration, Utc};

use super::World;
use super::dice::{Dice, Sort};
use super::people::{Company, Person, some_tags};
use super::row::Rows;
use super::talk::{self, Script, Who};
use super::words::{MACHINES, PRODUCTS, Region, TICKET_TAGS};
use crate::domain::kind;

pub(super) const TICKET: &[&str] = &[
    "id",
    "subject",
    "status",
    "priority",
    "type",
    "category",
    "channel",
    "contact_id",
    "company_id",
    "product_id",
    "description",
    "resolution",
    "due_at",
    "first_reply_at",
    "solved_at",
    "closed_at",
    "rating",
    "external_id",
    "owner_id",
    "team_id",
    "tags",
    "created_at",
    "created_by",
    "updated_at",
    "updated_by",
];
pub(super) const MESSAGE: &[&str] = &[
    "id",
    "ticket_id",
    "direction",
    "body",
    "author_id",
    "contact_id",
    "sent_at",
    "owner_id",
    "team_id",
    "tags",
    "created_at",
    "created_by",
    "updated_at",
    "updated_by",
];

const CHANNELS: &[(&str, u32)] = &[("mail", 58), ("phone", 12), ("chat", 13), ("web", 13), ("social", 4)];

/// A ticket with all that its messages need.
struct Ticket {
    contact: usize,
    person: Person,
    script: &'static Script,
    status: &'static str,
    priority: &'static str,
    created: DateTime<Utc>,
    /// When each turn that has happened was sent.
    sent: Vec<DateTime<Utc>>,
    owner: Option<i64>,
    team: Option<i64>,
    product: usize,
    order: i64,
    serial: i64,
    units: i64,
}

impl Ticket {
    fn of(world: &World, number: usize) -> Self {
        let dice = &mut Dice::of(Sort::Ticket, number);
        let contact = dice.below(world.scale.contacts);
        let person = Person::of(world, contact);
        let own = talk::scripts(person.region);
        let script = match person.region {
            Region::China => &own[dice.below(own.len())],
            _ if dice.chance(55) => &own[dice.below(own.len())],
            _ => &talk::english()[dice.below(talk::english().len())],
        };
        let (created, active) = world.arrival(number);
        let status = if active {
            dice.weighted(&[("new", 20), ("open", 33), ("pending", 19), ("hold", 6), ("solved", 22)])
        } else {
            dice.weighted(&[("closed", 82), ("solved", 15), ("open", 1), ("pending", 1), ("hold", 1)])
        };
        let priority = if dice.chance(70) {
            script.priority
        } else {
            dice.weighted(&[("low", 3), ("normal", 5), ("high", 2), ("urgent", 1)])
        };
        let (owner, team) =
            world.holder(dice, kind::TICKET, person.region == Region::China, if status == "new" { 65 } else { 0 });
        let turns = happened(script, status, dice);
        let sent = times(world, dice, script, created, turns);
        Self {
            contact,
            person,
            script,
            status,
            priority,
            created,
            sent,
            owner,
            team,
            product: dice.below(MACHINES),
            order: 20_000 + number as i64 * 7 + dice.between(0, 6),
            serial: dice.between(1000, 9999),
            units: dice.between(3, 28),
        }
    }

    fn is_done(&self) -> bool {
        matches!(self.status, "solved" | "closed")
    }

    /// A text of the script with its blanks filled in.
    fn fill(&self, world: &World, text: &str, company: &Company) -> String {
        let mut filled = String::with_capacity(text.len() + 32);
        let mut rest = text;
        while let Some((before, behind)) = rest.split_once('{') {
            let (blank, after) = behind.split_once('}').expect("blanks are closed");
            filled.push_str(before);
            match blank {
                "first" => filled.push_str(&self.person.greeting()),
                "agent" => filled.push_str(world.first_name(self.owner.unwrap_or(world.head))),
                "company" => filled.push_str(&company.name),
                "product" => filled.push_str(PRODUCTS[self.product].0),
                "order" => filled.push_str(&self.order.to_string()),
                "serial" => {
                    let _ = write!(filled, "{}-{:05}{}", PRODUCTS[self.product].1, self.order, self.serial);
                }
                _ => filled.push_str(&self.units.to_string()),
            }
            rest = after;
        }
        filled.push_str(rest);
        filled
    }
}

/// How many turns of the script have happened in this state.
fn happened(script: &Script, status: &str, dice: &mut Dice) -> usize {
    let last: &[Who] = match status {
        "new" => return 1,
        "open" => &[Who::In, Who::Note],
        "pending" => &[Who::Out],
        "hold" => &[Who::Note, Who::Out],
        _ => return script.turns.len(),
    };
    let ends: Vec<usize> = (1..=script.turns.len()).filter(|&n| last.contains(&script.turns[n - 1].0)).collect();
    if ends.is_empty() { 1 } else { dice.pick(&ends) }
}

/// When the turns were sent: one after the other, the last before now.
fn times(world: &World, dice: &mut Dice, script: &Script, created: DateTime<Utc>, turns: usize) -> Vec<DateTime<Utc>> {
    let mut at = 0;
    let mut minutes: Vec<i64> = vec![0];
    for (who, _) in &script.turns[1..turns] {
        at += match who {
            Who::In => dice.between(9, 700),
            Who::Out => dice.between(4, 200),
            Who::Note => dice.between(2, 40),
        };
        minutes.push(at);
    }
    let room = (world.now - created).num_minutes() - 2;
    let squeeze = |m: i64| if at > room { m * room.max(0) / at.max(1) } else { m };
    minutes.into_iter().map(|m| created + Duration::minutes(squeeze(m))).collect()
}

/// When it should be solved.
fn due(world: &World, dice: &mut Dice, ticket: &Ticket) -> Option<DateTime<Utc>> {
    let hours = match ticket.priority {
        "urgent" => 8,
        "high" => 24,
        "normal" => 72,
        _ => 168,
    };
    let agreed = ticket.created + Duration::hours(hours);
    match ticket.status {
        "solved" | "closed" => Some(agreed),
        "hold" => None,
        "pending" => Some(world.now + Duration::minutes(dice.between(60, 5 * 1440))),
        _ => Some(match dice.below(100) {
            0..24 => world.now - Duration::minutes(dice.between(3, 1100)),
            24..46 => world.now + Duration::minutes(dice.between(4, 120)),
            46..70 => world.now + Duration::minutes(dice.between(120, 1440)),
            _ => agreed.max(world.now + Duration::minutes(dice.between(180, 3 * 1440))),
        }),
    }
}

pub(super) fn ticket_row(world: &World, number: usize, rows: &mut Rows) {
    let ticket = Ticket::of(world, number);
    let company = Company::of(ticket.person.company);
    let dice = &mut Dice::of(Sort::Ticket, world.scale.tickets + number);
    let due = due(world, dice, &ticket);
    let last = *ticket.sent.last().expect("a ticket begins with a message");
    let reply = ticket.script.turns.iter().zip(&ticket.sent).find(|((who, _), _)| *who == Who::Out).map(|(_, at)| *at);
    let solved = ticket.is_done().then(|| (last + Duration::minutes(dice.between(1, 90))).min(world.now));
    let closed = (ticket.status == "closed").then(|| (last + Duration::days(4)).min(world.now));
    let rating =
        (ticket.is_done() && dice.chance(38)).then(|| dice.weighted(&[(5, 50), (4, 28), (3, 12), (2, 5), (1, 5)]));
    rows.int(world.first.ticket + number as i64)
        .text(&ticket.fill(world, ticket.script.subject, &company))
        .text(ticket.status)
        .text(ticket.priority)
        .text(ticket.script.sort)
        .text(ticket.script.category)
        .text(dice.weighted(CHANNELS))
        .int(world.first.contact + ticket.contact as i64)
        .int(world.first.company + ticket.person.company as i64)
        .int(world.first.product + ticket.product as i64)
        .null()
        .text(if ticket.is_done() { ticket.script.resolution } else { "" })
        .at(due)
        .at(reply)
        .at(solved)
        .at(closed)
        .int(rating)
        .null()
        .int(ticket.owner)
        .int(ticket.team)
        .tags(&some_tags(dice, TICKET_TAGS, 33))
        .at(ticket.created)
        .int(world.head)
        .at(closed.or(solved).unwrap_or(last))
        .int(ticket.owner.unwrap_or(world.head))
        .end();
}

/// Its status, who holds it, and when it came in.
pub(super) fn standing(world: &World, number: usize) -> (&'static str, Option<i64>, DateTime<Utc>) {
    let ticket = Ticket::of(world, number);
    (ticket.status, ticket.owner, ticket.created)
}

/// Ids that each ticket has for its messages; no script has more turns.
pub(super) const TURNS: usize = 5;

/// A ticket's messages. Their ids leave gaps, so that any ticket's follow from its number.
pub(super) fn message_rows(world: &World, number: usize, rows: &mut Rows) {
    let ticket = Ticket::of(world, number);
    let company = Company::of(ticket.person.company);
    let agent = ticket.owner.unwrap_or(world.head);
    for (turn, (&(who, text), &sent)) in ticket.script.turns.iter().zip(&ticket.sent).enumerate() {
        let ours = who != Who::In;
        rows.int(world.first.message + (number * TURNS + turn) as i64)
            .int(world.first.ticket + number as i64)
            .text(match who {
                Who::In => "in",
                Who::Out => "out",
                Who::Note => "note",
            })
            .text(&ticket.fill(world, text, &company))
            .int(ours.then_some(agent))
            .int((!ours).then_some(world.first.contact + ticket.contact as i64))
            .at(sent)
            .int(ticket.owner)
            .int(ticket.team)
            .tags(&[])
            .at(sent)
            .int(agent)
            .at(sent)
            .int(agent)
            .end();
    }
}
