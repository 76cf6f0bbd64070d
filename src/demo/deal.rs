//! Deals: in every stage, with amounts, next steps, some that rot, and eighteen months of won and lost ones.

use chrono::{DateTime, Duration, Utc};

use super::World;
use super::dice::{Dice, Sort};
use super::people::{Company, Person, some_tags};
use super::row::Rows;
use super::words::{CUSTOMER_TAGS, MACHINES, PRODUCTS, Region, SOURCES, SOURCES_ZH};
use crate::domain::kind;

pub(super) const DEAL: &[&str] = &[
    "id",
    "name",
    "company_id",
    "contact_id",
    "product_id",
    "pipeline_id",
    "stage_id",
    "state",
    "amount",
    "currency",
    "expected",
    "opened",
    "closed",
    "next_step",
    "next_at",
    "lost_reason",
    "source",
    "external_id",
    "note",
    "owner_id",
    "team_id",
    "tags",
    "created_at",
    "created_by",
    "updated_at",
    "updated_by",
];

const NEXT: &[&str] = &[
    "Call about the trial",
    "Send revised quote",
    "Visit the canteen",
    "Ask who signs",
    "Demo of Fleet with IT",
    "Confirm delivery date",
    "Get the floor plan",
    "Chase the order form",
    "Lunch with purchasing",
    "Offer leasing",
];
const NEXT_ZH: &[&str] = &[
    "电话确认试用情况",
    "发送修改后的报价",
    "上门看场地",
    "确认签字人",
    "给 IT 演示云平台",
    "催合同盖章",
    "约采购面谈",
    "提供租赁方案",
];
const LOST: &[&str] = &[
    "Price",
    "No budget this year",
    "Chose a competitor",
    "Keeps the old machines",
    "No answer any more",
    "Moved to a smaller office",
];
const LOST_ZH: &[&str] = &["价格偏高", "今年没有预算", "选择了竞争对手", "继续使用旧设备", "联系不上", "项目取消"];

/// What its stage says a deal is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Open,
    Won,
    Lost,
}

impl State {
    /// By its code; what is not won or lost is open.
    pub(super) fn of(code: &str) -> Self {
        match code {
            "won" => Self::Won,
            "lost" => Self::Lost,
            _ => Self::Open,
        }
    }

    pub(super) fn code(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Won => "won",
            Self::Lost => "lost",
        }
    }
}

/// A deal as its activities refer to it.
pub(super) struct Deal {
    pub(super) contact: usize,
    pub(super) person: Person,
    pub(super) state: State,
    pub(super) owner: Option<i64>,
    pub(super) team: Option<i64>,
}

impl Deal {
    pub(super) fn of(world: &World, number: usize) -> Self {
        let dice = &mut Dice::of(Sort::Deal, number);
        let contact = dice.below(world.scale.contacts);
        let person = Person::of(world, contact);
        let (owner, team) = world.holder(dice, kind::DEAL, person.region == Region::China, 0);
        // The last third of the numbers is the present: mostly open. Older ones are decided, but for a few that rot.
        let recent = number * 3 >= world.scale.deals * 2;
        let open = dice.chance(if recent { 85 } else { 16 });
        let state = match (open, dice.chance(57)) {
            (true, _) => State::Open,
            (false, true) => State::Won,
            (false, false) => State::Lost,
        };
        Self { contact, person, state, owner, team }
    }
}

/// Its stage, and when it was last moved on.
pub(super) fn standing(world: &World, number: usize) -> (i64, DateTime<Utc>) {
    let dice = &mut Dice::of(Sort::Deal, 2 * world.scale.deals + number);
    let state = Deal::of(world, number).state;
    let stages: Vec<_> = world.stages.iter().filter(|s| s.state == state).collect();
    // Early stages hold more deals than late ones.
    let place: usize = dice.weighted(&[(0, 34), (1, 28), (2, 22), (3, 16)]);
    let id = stages[place % stages.len()].id;
    let created = world.age(number, world.scale.deals, 540);
    let since = if state != State::Open {
        (created + Duration::minutes(dice.between(6 * 1440, 75 * 1440))).min(world.ago(dice, 60 * 24 * 3))
    } else if dice.chance(18) || created < world.now - Duration::days(100) {
        world.now - Duration::minutes(dice.between(16 * 1440, 60 * 1440))
    } else {
        world.ago(dice, 60 * 24 * 11)
    };
    (id, since.max(created))
}

pub(super) fn deal_row(world: &World, number: usize, rows: &mut Rows) {
    let deal = Deal::of(world, number);
    let company = Company::of(deal.person.company);
    let dice = &mut Dice::of(Sort::Deal, world.scale.deals + number);
    let china = deal.person.region == Region::China;
    let product = if dice.chance(75) { dice.below(MACHINES) } else { dice.below(PRODUCTS.len()) };
    let (title, _, series, price, _) = PRODUCTS[product];
    let units = match series {
        "Machines" => dice.weighted(&[(1, 4), (2, 5), (4, 4), (8, 3), (15, 2), (40, 1)]),
        "Services" => dice.weighted(&[(12, 4), (24, 3), (60, 2)]),
        _ => dice.between(5, 60),
    };
    let rate = if china { 8 } else { 1 };
    let amount = units * price * rate / 10_000 * 10_000;
    let (short, city) = (&company.short, company.city.name);
    let name = match (china, dice.below(5)) {
        (true, 0) => format!("{short}{city}新办公室"),
        (true, 1) => format!("{short}总部咖啡角"),
        (true, _) if series == "Services" => format!("{short} {title} 续签"),
        (true, _) => format!("{short} {units} 台 {title}"),
        (false, 0) => format!("{short}: new office {city}"),
        (false, 1) => format!("{short} canteen, {units} × {title}"),
        (false, _) if series == "Services" => format!("{short}: renewal of {title}"),
        (false, _) => format!("{short}: {units} × {title}"),
    };
    let created = world.age(number, world.scale.deals, 540);
    let today = world.now.date_naive();
    let open = deal.state == State::Open;
    let (stage, updated) = standing(world, number);
    let is_rotting = open && updated < world.now - Duration::days(14);
    let expected = if open {
        today + Duration::days(dice.between(-8, 95))
    } else {
        updated.date_naive() + Duration::days(dice.between(-10, 14))
    };
    let step = open && !(is_rotting && dice.chance(60)) && dice.chance(88);
    let days = if is_rotting { -20 } else { dice.between(-2, 12) };
    let next_at = step.then(|| world.working_hour(dice, days));
    rows.int(world.first.deal + number as i64)
        .text(&name)
        .int(world.first.company + deal.person.company as i64)
        .int(world.first.contact + deal.contact as i64)
        .int(world.first.product + product as i64)
        .int(world.pipeline)
        .int(stage)
        .text(deal.state.code())
        .money(amount)
        .text(company.region.currency())
        .day(expected)
        .day(created.date_naive())
        .day((!open).then(|| updated.date_naive()))
        .text(if step { dice.pick(if china { NEXT_ZH } else { NEXT }) } else { "" })
        .at(next_at)
        .text(if deal.state == State::Lost { dice.pick(if china { LOST_ZH } else { LOST }) } else { "" })
        .text(dice.pick(if china { SOURCES_ZH } else { SOURCES }))
        .null()
        .text(match (dice.below(6), china) {
            (0, true) => "客户要求先试用两周。",
            (0, false) => "Wants to try one machine for two weeks first.",
            (1, true) => "和竞争对手同时比价。",
            (1, false) => "Two other offers on the table.",
            _ => "",
        })
        .int(deal.owner)
        .int(deal.team)
        .tags(&some_tags(dice, CUSTOMER_TAGS, 20))
        .at(created)
        .int(deal.owner.unwrap_or(world.head))
        .at(updated)
        .int(deal.owner.unwrap_or(world.head))
        .end();
}
