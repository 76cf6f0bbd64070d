//! What a service page shows.

use super::{Measure, Metric, Unit};
use crate::domain::kind::{MESSAGE, TICKET};

const OPEN: &str = "status:new,open,pending,hold";
const OPEN_BY: &[&str] = &["priority", "owner", "status", "team", "category", "channel", "type", "product", "company"];
const PAST_BY: &[&str] =
    &["day", "week", "month", "owner", "priority", "team", "category", "channel", "type", "product", "company"];

pub(super) fn metrics() -> Vec<Metric> {
    let ticket = |name, en: &str, zh: &str| Metric::new(name, TICKET, en, zh);
    vec![
        ticket("open-tickets", "Open tickets", "未解决工单")
            .about(
                "Tickets that are neither solved nor closed: by owner, the load of each person.",
                "尚未解决或关闭的工单；按负责人即每人的工作量。",
            )
            .over(OPEN)
            .down()
            .by(OPEN_BY),
        ticket("overdue-tickets", "Overdue tickets", "逾期工单")
            .about("Open tickets whose due time has passed.", "已过到期时间的未解决工单。")
            .over("status:new,open,pending,hold due<now")
            .down()
            .by(OPEN_BY),
        ticket("unassigned-tickets", "Unassigned tickets", "未分配工单")
            .about("Open tickets that nobody looks after.", "没有负责人的未解决工单。")
            .over("status:new,open,pending,hold owner:none")
            .down()
            .by(&["priority", "team", "category", "channel"]),
        ticket("tickets", "Tickets created", "新建工单")
            .about("Tickets by the time they came in.", "工单，按创建时间。")
            .date("created")
            .by(&[
                "day", "week", "month", "status", "priority", "category", "type", "channel", "product", "owner", "team",
            ]),
        ticket("solved-tickets", "Tickets solved", "已解决工单")
            .about("Tickets by the time they were solved.", "工单，按解决时间。")
            .over("solved:any")
            .up()
            .date("solved")
            .by(PAST_BY),
        ticket("first-reply", "First reply", "首次回复时长")
            .about("Time from arrival to the first reply, on average.", "从收到到首次回复的平均时长。")
            .over("first_reply:any")
            .measure(Measure::Between("created", "first_reply"), Unit::Seconds)
            .down()
            .date("created")
            .by(PAST_BY),
        ticket("first-reply-median", "Median first reply", "首次回复中位数")
            .about("Half of the tickets had their first reply sooner.", "一半的工单在此时长内得到首次回复。")
            .over("first_reply:any")
            .measure(Measure::MedianBetween("created", "first_reply"), Unit::Seconds)
            .down()
            .date("created")
            .by(PAST_BY),
        ticket("solve-time", "Time to solve", "解决时长")
            .about("Time from arrival to solution, on average.", "从收到到解决的平均时长。")
            .over("solved:any")
            .measure(Measure::Between("created", "solved"), Unit::Seconds)
            .down()
            .date("solved")
            .by(PAST_BY),
        ticket("solve-time-median", "Median time to solve", "解决时长中位数")
            .about("Half of the tickets were solved sooner.", "一半的工单在此时长内解决。")
            .over("solved:any")
            .measure(Measure::MedianBetween("created", "solved"), Unit::Seconds)
            .down()
            .date("solved")
            .by(PAST_BY),
        ticket("satisfaction", "Satisfaction", "满意率")
            .about("Of a hundred ratings, how many are 4 or 5.", "每一百个评分中 4 分或 5 分的个数。")
            .over("rating:any")
            .measure(Measure::Share("rating>=4"), Unit::Percent)
            .up()
            .date("solved")
            .by(PAST_BY),
        ticket("rating", "Mean rating", "平均评分")
            .about("The mean of the ratings, from 1 to 5.", "1 到 5 分的平均评分。")
            .over("rating:any")
            .measure(Measure::Average("rating"), Unit::Number)
            .up()
            .date("solved")
            .by(PAST_BY),
        ticket("ratings", "Ratings given", "评分数")
            .about("How many tickets were rated.", "收到评分的工单数。")
            .over("rating:any")
            .up()
            .date("solved")
            .by(&["rating", "month", "owner", "team", "category", "channel"]),
        Metric::new("replies", MESSAGE, "Replies sent", "已发回复")
            .about("Messages sent to customers.", "发给客户的消息。")
            .over("direction:out")
            .date("sent")
            .by(&["author", "day", "week", "month", "team"]),
    ]
}
