use super::{CONTACT, Field, FieldType, Kind, MESSAGE, Source, TICKET, USER, choices};

/// One part of a ticket's conversation. Copies its ticket's owner and team, so it is seen by whoever sees the ticket.
pub(super) fn kind() -> Kind {
    Kind::new(MESSAGE, 'M', ("Message", "消息"), ("Messages", "消息")).title("body").sort("-sent").fields(vec![
        Field::new("ticket", "Ticket", "工单", FieldType::Ref(TICKET)).required().indexed().column(0),
        Field::new(
            "direction",
            "Direction",
            "方向",
            choices(&[
                ("in", "From customer", "客户来信"),
                ("out", "Reply", "回复"),
                ("note", "Internal note", "内部备注"),
            ]),
        )
        .required()
        .column(1),
        Field::new("body", "Text", "内容", FieldType::LongText).required().column(2),
        Field::new("author", "Author", "作者", FieldType::Ref(USER)),
        Field::new("contact", "Contact", "联系人", FieldType::Ref(CONTACT)),
        Field::new("sent", "Sent", "发送时间", FieldType::Instant)
            .past()
            .source(Source::Column("sent_at".into()))
            .indexed()
            .column(3),
    ])
}
