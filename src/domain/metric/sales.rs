//! What a sales page shows.

use super::{Measure, Metric, Unit};
use crate::domain::kind::{ACTIVITY, DEAL};

const OPEN_BY: &[&str] = &["stage", "owner", "product", "team", "pipeline", "expected.month", "company.country"];
const CLOSED_BY: &[&str] = &[
    "month",
    "quarter",
    "owner",
    "product",
    "team",
    "owner.manager",
    "company",
    "company.industry",
    "company.country",
    "source",
];

pub(super) fn metrics() -> Vec<Metric> {
    let deal = |name, en: &str, zh: &str| Metric::new(name, DEAL, en, zh);
    vec![
        deal("open-pipeline", "Open pipeline", "在途金额")
            .about("Amounts of all open deals.", "所有进行中商机的金额。")
            .over("state:open")
            .measure(Measure::Sum("amount"), Unit::Money)
            .up()
            .by(OPEN_BY),
        deal("forecast", "Forecast", "销售预测")
            .about(
                "Amounts of open deals, each by the chance of its stage: by month, what may be expected when.",
                "进行中商机的金额乘以所在阶段的成功率；按月即各月的预期。",
            )
            .over("state:open")
            .measure(Measure::Weighted("amount", ["stage", "probability"]), Unit::Money)
            .up()
            .by(OPEN_BY),
        deal("open-deals", "Open deals", "在途商机")
            .about("How many deals are open.", "进行中的商机数。")
            .over("state:open")
            .by(OPEN_BY),
        deal("no-next-step", "Without a next step", "无下一步")
            .about("Open deals for which nothing is planned.", "没有安排下一步的进行中商机。")
            .over("state:open next_at:none")
            .down()
            .by(&["owner", "stage", "team"]),
        deal("won", "Won", "赢单金额")
            .about("Amounts of won deals, by the day they were closed.", "赢单商机的金额，按成交日期。")
            .over("state:won")
            .measure(Measure::Sum("amount"), Unit::Money)
            .up()
            .date("closed")
            .by(CLOSED_BY),
        deal("won-deals", "Deals won", "赢单数")
            .about("How many deals were won.", "赢单的商机数。")
            .over("state:won")
            .up()
            .date("closed")
            .by(CLOSED_BY),
        deal("lost-deals", "Deals lost", "输单数")
            .about("How many deals were lost.", "输单的商机数。")
            .over("state:lost")
            .down()
            .date("closed")
            .by(&["month", "lost_reason", "owner", "product", "team", "company.industry"]),
        deal("win-rate", "Win rate", "赢单率")
            .about("Of a hundred deals that were closed, how many were won.", "每一百个关闭的商机中赢单的个数。")
            .over("state:won,lost")
            .measure(Measure::Share("state:won"), Unit::Percent)
            .up()
            .date("closed")
            .by(CLOSED_BY),
        deal("deal-size", "Average deal", "平均单额")
            .about("What a won deal brings on average.", "每个赢单商机的平均金额。")
            .over("state:won amount:any")
            .measure(Measure::Average("amount"), Unit::Money)
            .up()
            .date("closed")
            .by(CLOSED_BY),
        deal("deal-size-median", "Median deal", "单额中位数")
            .about("Half of the won deals bring less than this.", "一半的赢单商机低于此金额。")
            .over("state:won amount:any")
            .measure(Measure::Median("amount"), Unit::Money)
            .up()
            .date("closed")
            .by(CLOSED_BY),
        deal("cycle", "Sales cycle", "成交周期")
            .about("Days from opening to winning a deal, on average.", "商机从开始到赢单的平均天数。")
            .over("state:won opened:any")
            .measure(Measure::Between("opened", "closed"), Unit::Days)
            .down()
            .date("closed")
            .by(CLOSED_BY),
        deal("cycle-median", "Median sales cycle", "成交周期中位数")
            .about("Half of the won deals took fewer days than this.", "一半的赢单商机少于此天数。")
            .over("state:won opened:any")
            .measure(Measure::MedianBetween("opened", "closed"), Unit::Days)
            .down()
            .date("closed")
            .by(CLOSED_BY),
        deal("days-to-lose", "Days to lose", "输单周期")
            .about("Days from opening to losing a deal, on average.", "商机从开始到输单的平均天数。")
            .over("state:lost opened:any")
            .measure(Measure::Between("opened", "closed"), Unit::Days)
            .date("closed")
            .by(CLOSED_BY),
        deal("days-to-lose-median", "Median days to lose", "输单周期中位数")
            .about("Half of the lost deals took fewer days than this.", "一半的输单商机少于此天数。")
            .over("state:lost opened:any")
            .measure(Measure::MedianBetween("opened", "closed"), Unit::Days)
            .date("closed")
            .by(CLOSED_BY),
        deal("deals", "New deals", "新增商机")
            .about("Deals of any state, by the day they were entered.", "任何状态的商机，按创建日期。")
            .up()
            .date("created")
            .by(&["stage", "state", "month", "owner", "product", "team", "source"]),
        Metric::new("activities", ACTIVITY, "Activities", "活动数")
            .about("Calls, meetings, mails, visits and the like.", "电话、会议、邮件、拜访等。")
            .up()
            .date("at")
            .by(&["type", "owner", "outcome", "week", "month", "team"]),
    ]
}
