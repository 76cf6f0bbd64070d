//! Calls, meetings, mails, notes and visits of the past; tasks and meetings of today, the days to come and, overdue, the
//! days before.

use chrono::Duration;

use super::World;
use super::deal::{Deal, State};
use super::dice::{Dice, Sort};
use super::people::{Company, Person};
use super::row::Rows;
use super::words::Region;
use crate::domain::kind;

pub(super) const ACTIVITY: &[&str] = &[
    "id",
    "subject",
    "type",
    "at",
    "due_at",
    "done",
    "outcome",
    "minutes",
    "contact_id",
    "company_id",
    "deal_id",
    "ticket_id",
    "body",
    "owner_id",
    "team_id",
    "tags",
    "created_at",
    "created_by",
    "updated_at",
    "updated_by",
];

/// For each member of the team, so many things are still to be done.
const PLANNED: usize = 9;

/// Type, subject and text: of the past in English and Chinese, of the future in English and Chinese.
type Touch = (&'static str, &'static str, &'static str);

const PAST: &[Touch] = &[
    (
        "call",
        "Call about the trial",
        "The trial machine is liked, above all the hot chocolate. They want prices for three floors.",
    ),
    ("call", "Asked for the decision", "Purchasing needs two more weeks. Budget is there."),
    ("call", "First call", "Has two old machines on lease until autumn. Asked for a catalogue."),
    ("call", "Called back", "Left a message with the front desk."),
    ("mail", "Sent the quote", "Quote with and without card reader, valid for six weeks."),
    ("mail", "Price list sent", "Price list and the brochure of the Pro."),
    (
        "meeting",
        "Meeting with facilities",
        "Went through the floor plan. Water and power are fine in the lobby, not in the canteen.",
    ),
    ("meeting", "Demo of Fleet", "IT asked about single sign-on and where the data is kept. Liked the fill levels."),
    ("note", "About the decision", "The owner decides herself and does not like being rushed."),
    ("note", "Competitor", "Has an offer from a leasing firm that is lower by the month but runs for five years."),
    ("visit", "Visit on site", "Two kitchens, 60 people. One Duo each would do."),
    ("visit", "Tasting", "Brought three blends. The house blend won by a length."),
];
const PAST_ZH: &[Touch] = &[
    ("call", "电话跟进试用", "试用反馈很好，热巧克力最受欢迎，想要三层楼的报价。"),
    ("call", "询问决策进度", "采购还需要两周，预算已经批了。"),
    ("call", "首次电话", "现有两台旧机器租到秋天，要一份产品目录。"),
    ("mail", "发送报价单", "含刷卡模块和不含刷卡模块两种方案，有效期六周。"),
    ("meeting", "与行政开会", "看了平面图，大堂水电没问题，食堂需要改造。"),
    ("meeting", "演示云平台", "IT 问到单点登录和数据存放地点，对余量显示很满意。"),
    ("note", "决策人", "总经理亲自决定，不喜欢被催。"),
    ("note", "竞争情况", "另有一家租赁报价，月费低一些，但要签五年。"),
    ("visit", "上门拜访", "两个茶水间，六十人，每处一台 Tern Duo 就够。"),
    ("visit", "品鉴会", "带了三种豆子，招牌拼配最受欢迎。"),
];
const TODO: &[Touch] = &[
    ("task", "Send the revised quote", "With the card reader as an option."),
    ("task", "Prepare the contract", ""),
    ("call", "Call about the floor plan", ""),
    ("task", "Check the delivery date", "They open on the first."),
    ("meeting", "Demo for the board", "Bring the Pro and the house blend."),
    ("call", "Ask how the trial goes", ""),
    ("task", "Write the thank-you mail", ""),
    ("visit", "Measure the lobby", "Water connection and door width."),
];
const TODO_ZH: &[Touch] = &[
    ("task", "发送修改后的报价", "刷卡模块作为可选项。"),
    ("task", "准备合同", ""),
    ("call", "电话确认平面图", ""),
    ("task", "核对交货日期", "客户月初开业。"),
    ("meeting", "给管理层演示", "带 Tern Pro 12 和招牌拼配。"),
    ("call", "询问试用情况", ""),
    ("visit", "上门量尺寸", "水路接口和门宽。"),
];
const OUTCOMES: &[(&str, u32)] = &[("reached", 62), ("no_answer", 20), ("voicemail", 15), ("wrong_number", 3)];

pub(super) fn activity_row(world: &World, number: usize, rows: &mut Rows) {
    let dice = &mut Dice::of(Sort::Activity, number);
    let to_come = (PLANNED * world.members.len()).min(world.scale.activities / 3);
    let planned = number.checked_sub(world.scale.activities - to_come);
    let deal = (world.scale.deals > 0 && dice.chance(65)).then(|| dice.below(world.scale.deals));
    let about = deal.map(|d| Deal::of(world, d));
    let deal = about.as_ref().is_none_or(|d| planned.is_none() || d.state == State::Open).then_some(deal).flatten();
    let (contact, person) = if let Some(deal) = about {
        (deal.contact, deal.person)
    } else {
        let contact = dice.below(world.scale.contacts);
        (contact, Person::of(world, contact))
    };
    let china = person.region == Region::China;
    let touches = match (planned.is_some(), china) {
        (false, false) => PAST,
        (false, true) => PAST_ZH,
        (true, false) => TODO,
        (true, true) => TODO_ZH,
    };
    let (sort, subject, body) = dice.pick(touches);
    let (owner, team) = match planned {
        // Everybody has a day's work, whichever customers the dice gave.
        Some(n) => {
            let member = &world.members[n % world.members.len()];
            (Some(member.id), Some(member.team))
        }
        None => world.holder(dice, kind::ACTIVITY, china, 0),
    };
    let due = planned.map(|n| match n / world.members.len() {
        0 => world.working_hour(dice, -3),
        1 => world.working_hour(dice, -1),
        2..=4 => world.working_hour(dice, 0),
        5 => world.working_hour(dice, 1),
        _ => world.working_hour(dice, dice_day(number)),
    });
    let created = match planned {
        Some(_) => world.now - Duration::minutes(dice.between(3 * 1440 + 60, 9 * 1440)),
        None => world.age(number, world.scale.activities, 500),
    };
    let called = sort == "call" && planned.is_none();
    rows.int(world.first.activity + number as i64)
        .text(&if china {
            format!("{subject}（{}）", person.name)
        } else {
            format!("{subject} – {}", Company::of(person.company).short)
        })
        .text(sort)
        .at(due.unwrap_or(created))
        .at(due)
        .flag(planned.is_none())
        .text(if called { dice.weighted(OUTCOMES) } else { "" })
        .int(matches!(sort, "call" | "meeting" | "visit").then(|| dice.between(3, 55)))
        .int(world.first.contact + contact as i64)
        .int(world.first.company + person.company as i64)
        .int(deal.map(|d| world.first.deal + d as i64))
        .null()
        .text(body)
        .int(owner)
        .int(team)
        .tags(&[])
        .at(created)
        .int(owner.unwrap_or(world.head))
        .at(created)
        .int(owner.unwrap_or(world.head))
        .end();
}

/// A day of the coming week or two.
fn dice_day(number: usize) -> i64 {
    2 + (number % 9) as i64
}
