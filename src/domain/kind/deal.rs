use chrono::{DateTime, Utc};

use super::{COMPANY, CONTACT, DEAL, Field, FieldType, Kind, PIPELINE, PRODUCT, STAGE, currency, stage::deal_states};
use crate::domain::record::Record;

/// A sale that may come about. `state` and `closed` follow from the stage; the database keeps them in step.
pub(super) fn kind() -> Kind {
    Kind::new(DEAL, 'D', ("Deal", "商机"), ("Deals", "商机")).sort("-created").fields(vec![
        Field::new("name", "Name", "名称", FieldType::Text).required().indexed().column(0).alias(&[
            "deal",
            "deal name",
            "title",
            "opportunity",
            "opportunity name",
            "deal - title",
            "商机名称",
        ]),
        Field::new("company", "Company", "公司", FieldType::Ref(COMPANY)).indexed().column(2).alias(&[
            "account",
            "account name",
            "organization",
            "organization name",
            "company name",
            "associated company",
            "客户名称",
        ]),
        Field::new("contact", "Contact", "联系人", FieldType::Ref(CONTACT)).indexed().alias(&[
            "person",
            "contact name",
            "primary contact",
        ]),
        Field::new("product", "Product", "产品", FieldType::Ref(PRODUCT))
            .indexed()
            .column(6)
            .alias(&["product name", "产品名称"]),
        Field::new("pipeline", "Pipeline", "销售管道", FieldType::Ref(PIPELINE)).required().indexed(),
        Field::new("stage", "Stage", "阶段", FieldType::Ref(STAGE)).required().indexed().column(1).alias(&[
            "deal stage",
            "deal_stage",
            "销售阶段",
            "商机阶段",
        ]),
        Field::new("state", "State", "状态", deal_states()).readonly().indexed().alias(&["status"]),
        Field::new("amount", "Amount", "金额", FieldType::Money { currency: "currency".into() })
            .indexed()
            .column(3)
            .alias(&["value", "close_value", "close value", "deal value", "deal amount", "商机金额"]),
        currency(),
        Field::new("expected", "Expected close", "预计成交", FieldType::Day).indexed().column(4).alias(&[
            "expected close",
            "expected close date",
            "close date",
            "closedate",
            "预计成交日期",
        ]),
        Field::new("opened", "Opened", "开始日期", FieldType::Day).past().alias(&[
            "engage_date",
            "engage date",
            "open date",
            "create date",
        ]),
        Field::new("closed", "Closed", "成交日期", FieldType::Day).past().indexed().alias(&[
            "close_date",
            "closed date",
            "actual close",
            "won date",
            "实际成交日期",
        ]),
        Field::new("next_step", "Next step", "下一步", FieldType::Text).alias(&["next step", "nextstep"]),
        Field::new("next_at", "Next step at", "下次联系时间", FieldType::Instant).alias(&[
            "next contact",
            "next activity date",
            "下次跟进时间",
        ]),
        Field::new("lost_reason", "Lost because", "输单原因", FieldType::Text).alias(&[
            "lost reason",
            "loss reason",
            "closed lost reason",
        ]),
        Field::new("source", "Source", "来源", FieldType::Text).alias(&["lead source", "商机来源"]),
        Field::new("external_id", "External id", "外部编号", FieldType::Text).indexed().alias(&[
            "external id",
            "opportunity_id",
            "opportunity id",
            "deal id",
            "record id",
        ]),
        Field::new("note", "Note", "备注", FieldType::LongText).alias(&["notes", "description", "remark"]),
    ])
}

/// How a deal stands that is still open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// A next step lies ahead, or the deal is fresh.
    Well,
    /// Its next step was to be done then.
    Overdue(DateTime<Utc>),
    /// Nobody has planned what comes next.
    NoStep,
    /// Untouched for so many days, longer than its stage bears, with nothing planned.
    Rotting(i64),
}

/// How a deal stands in a stage that bears so many quiet days. Nothing rots while its next step lies ahead.
pub fn standing(deal: &Record, kind: &Kind, rotting_days: Option<i64>, now: DateTime<Utc>) -> Standing {
    let next = deal.get(kind, "next_at").as_instant();
    if next.is_some_and(|at| at >= now) {
        return Standing::Well;
    }
    let quiet = deal.get(kind, "updated").as_instant().map_or(0, |at| (now - at).num_days());
    if rotting_days.is_some_and(|days| quiet > days) {
        return Standing::Rotting(quiet);
    }
    // Where what is planned is hidden, it cannot be said to lack.
    let is_seen = kind.field("next_at").is_some() && kind.field("next_step").is_some();
    match next {
        Some(at) => Standing::Overdue(at),
        None if is_seen && deal.get(kind, "next_step").is_none() => Standing::NoStep,
        None => Standing::Well,
    }
}

#[cfg(test)]
mod tests {
    use chrono::Duration;

    use super::*;
    use crate::domain::kind::Registry;
    use crate::domain::value::Value;

    #[test]
    fn a_deal_rots_when_nothing_is_planned_and_nobody_touched_it() {
        let registry = Registry::builtin();
        let kind = registry.kind(DEAL);
        let now: DateTime<Utc> = "2026-03-14T09:00:00Z".parse().expect("a date");
        let cases = [
            (Some(3), "", 40, Standing::Well),
            (None, "Call", 3, Standing::Well),
            (None, "", 3, Standing::NoStep),
            (None, "Call", 15, Standing::Rotting(15)),
            (None, "Call", 14, Standing::Well),
            (Some(-2), "Call", 3, Standing::Overdue(now - Duration::days(2))),
            (Some(-2), "Call", 21, Standing::Rotting(21)),
        ];
        for (next, step, quiet, expected) in cases {
            let mut deal = Record::empty(kind);
            deal.set(kind, "next_at", next.map_or(Value::Null, |d| Value::Instant(now + Duration::days(d))));
            deal.set(kind, "next_step", Value::text(step));
            deal.set(kind, "updated", Value::Instant(now - Duration::days(quiet)));
            assert_eq!(standing(&deal, kind, Some(14), now), expected, "{next:?} {step} {quiet}");
        }
        assert_eq!(standing(&Record::empty(kind), kind, None, now), Standing::NoStep);
    }
}
