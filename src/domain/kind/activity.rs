use super::{ACTIVITY, COMPANY, CONTACT, DEAL, Field, FieldType, Kind, Source, TICKET, choices};

/// A touch with a customer, done or planned: call, meeting, mail, note, visit, task.
pub(super) fn kind() -> Kind {
    Kind::new(ACTIVITY, 'A', ("Activity", "活动"), ("Activities", "活动")).title("subject").sort("-at").fields(vec![
        Field::new("subject", "Subject", "主题", FieldType::Text).required().column(0).alias(&["title", "summary"]),
        Field::new(
            "type",
            "Type",
            "类型",
            choices(&[
                ("call", "Call", "电话"),
                ("meeting", "Meeting", "会议"),
                ("mail", "Mail", "邮件"),
                ("note", "Note", "备注"),
                ("visit", "Visit", "拜访"),
                ("task", "Task", "任务"),
            ]),
        )
        .required()
        .indexed()
        .column(1),
        Field::new("at", "When", "时间", FieldType::Instant)
            .past()
            .source(Source::Column("at".into()))
            .indexed()
            .column(2)
            .alias(&["date", "start", "日期"]),
        Field::new("due", "Due", "到期", FieldType::Instant)
            .source(Source::Column("due_at".into()))
            .indexed()
            .column(3)
            .alias(&["due date", "deadline"]),
        Field::new("done", "Done", "已完成", FieldType::Bool).column(4),
        Field::new(
            "outcome",
            "Outcome",
            "结果",
            choices(&[
                ("reached", "Reached", "已接通"),
                ("no_answer", "No answer", "无人接听"),
                ("voicemail", "Voicemail", "语音信箱"),
                ("wrong_number", "Wrong number", "号码错误"),
            ]),
        ),
        Field::new("minutes", "Minutes", "分钟", FieldType::Int).alias(&["duration"]),
        Field::new("contact", "Contact", "联系人", FieldType::Ref(CONTACT)).indexed().column(6),
        Field::new("company", "Company", "公司", FieldType::Ref(COMPANY)).indexed(),
        Field::new("deal", "Deal", "商机", FieldType::Ref(DEAL)).indexed(),
        Field::new("ticket", "Ticket", "工单", FieldType::Ref(TICKET)).indexed(),
        Field::new("body", "Text", "内容", FieldType::LongText).alias(&["note", "notes", "description"]),
    ])
}
