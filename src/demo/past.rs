//! A few days of history: colleagues have moved deals and taken tickets before you sat down.

use chrono::Duration;
use serde_json::json;

use super::dice::{Dice, Sort};
use super::{State, World, deal, ticket};
use crate::store::bulk::Deed;

/// So many of the youngest deals and tickets have a past.
const YOUNG: usize = 90;

/// Oldest first, so that the ids of operations rise with time.
pub(super) fn deeds(world: &World) -> Vec<Deed> {
    let mut deeds = Vec::new();
    for number in world.scale.deals.saturating_sub(YOUNG)..world.scale.deals {
        let dice = &mut Dice::of(Sort::Past, number);
        let (stage, since) = deal::standing(world, number);
        let Some(before) = world.stages.iter().take_while(|s| s.id != stage).filter(|s| s.state == State::Open).last()
        else {
            continue;
        };
        let by = deal::Deal::of(world, number).owner.unwrap_or(world.head);
        let record = world.first.deal + number as i64;
        let at = since - Duration::minutes(dice.between(0, 240));
        deeds.push(Deed {
            at,
            by,
            action: "move",
            kind: "deal",
            record,
            fields: json!({ "stage_id": [before.id, stage] }),
        });
    }
    for number in world.scale.tickets.saturating_sub(YOUNG)..world.scale.tickets {
        let dice = &mut Dice::of(Sort::Past, world.scale.deals + number);
        let (status, owner, created) = ticket::standing(world, number);
        let (Some(owner), record) = (owner, world.first.ticket + number as i64) else { continue };
        let taken = (created + Duration::minutes(dice.between(1, 25))).min(world.now);
        let fields = json!({ "owner_id": [null, owner] });
        // What nobody has begun with was given by a colleague; the inbox tells of it.
        let by = match world.members.iter().map(|m| m.id).find(|id| *id != owner) {
            Some(colleague) if status == "new" => colleague,
            _ => owner,
        };
        deeds.push(Deed { at: taken, by, action: "assign", kind: "ticket", record, fields });
        if status != "new" {
            let at = (taken + Duration::minutes(dice.between(0, 30))).min(world.now);
            let fields = json!({ "status": ["new", if status == "open" { "open" } else { status }] });
            deeds.push(Deed { at, by: owner, action: "set", kind: "ticket", record, fields });
        }
    }
    deeds.sort_by_key(|d| d.at);
    deeds
}
