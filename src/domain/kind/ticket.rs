use super::{COMPANY, CONTACT, Field, FieldType, Kind, PRODUCT, Source, TICKET, choices};

/// A customer's request, from arrival to closure. Its messages are a kind of their own.
pub(super) fn kind() -> Kind {
    Kind::new(TICKET, 'T', ("Ticket", "工单"), ("Tickets", "工单")).title("subject").sort("-created").fields(vec![
        Field::new("subject", "Subject", "主题", FieldType::Text).required().column(0).alias(&[
            "title",
            "summary",
            "ticket subject",
            "工单主题",
            "标题",
        ]),
        Field::new(
            "status",
            "Status",
            "状态",
            choices(&[
                ("new", "New", "新建"),
                ("open", "Open", "打开"),
                ("pending", "Pending", "等待客户"),
                ("hold", "On hold", "挂起"),
                ("solved", "Solved", "已解决"),
                ("closed", "Closed", "已关闭"),
            ]),
        )
        .required()
        .indexed()
        .column(2)
        .alias(&["ticket status", "state", "工单状态"]),
        Field::new(
            "priority",
            "Priority",
            "优先级",
            choices(&[
                ("low", "Low", "低"),
                ("normal", "Normal", "普通"),
                ("high", "High", "高"),
                ("urgent", "Urgent", "紧急"),
            ]),
        )
        .required()
        .indexed()
        .column(1)
        .alias(&["ticket priority", "severity", "urgency"]),
        Field::new(
            "type",
            "Type",
            "类型",
            choices(&[
                ("question", "Question", "咨询"),
                ("fault", "Fault", "故障"),
                ("complaint", "Complaint", "投诉"),
                ("return", "Return", "退货"),
                ("request", "Request", "请求"),
            ]),
        )
        .alias(&["issue type"]),
        Field::new("category", "Category", "分类", FieldType::Text).indexed().alias(&[
            "ticket type",
            "ticket category",
            "工单类型",
        ]),
        Field::new(
            "channel",
            "Channel",
            "渠道",
            choices(&[
                ("mail", "Mail", "邮件"),
                ("phone", "Phone", "电话"),
                ("chat", "Chat", "在线聊天"),
                ("web", "Web", "网站"),
                ("social", "Social media", "社交媒体"),
                ("ssh", "SSH", "SSH"),
                ("other", "Other", "其他"),
            ]),
        )
        .alias(&["ticket channel", "origin"]),
        Field::new("contact", "Contact", "联系人", FieldType::Ref(CONTACT)).indexed().column(4).alias(&[
            "requester",
            "customer",
            "customer name",
            "contact name",
            "reporter",
            "客户姓名",
        ]),
        Field::new("company", "Company", "公司", FieldType::Ref(COMPANY)).indexed().alias(&[
            "account",
            "account name",
            "organization",
            "客户名称",
        ]),
        Field::new("product", "Product", "产品", FieldType::Ref(PRODUCT)).alias(&["product purchased", "product name"]),
        Field::new("description", "Description", "描述", FieldType::LongText).alias(&[
            "ticket description",
            "body",
            "details",
            "问题描述",
        ]),
        Field::new("resolution", "Resolution", "解决方案", FieldType::LongText).alias(&["solution", "answer"]),
        Field::new("due", "Due", "到期", FieldType::Instant)
            .source(Source::Column("due_at".into()))
            .indexed()
            .column(3)
            .alias(&["due date", "due at", "截止时间"]),
        Field::new("sla", "SLA", "SLA 剩余", FieldType::Span).source(Source::Until("due_at".into())).readonly(),
        Field::new("snoozed", "Snoozed until", "推迟到", FieldType::Instant)
            .source(Source::Column("snoozed_until".into()))
            .indexed()
            .off_form()
            .alias(&["snoozed until", "推迟"]),
        Field::new("snooze_reason", "Snoozed because", "推迟原因", FieldType::Text).off_form(),
        Field::new("first_reply", "First reply", "首次回复", FieldType::Instant)
            .past()
            .source(Source::Column("first_reply_at".into()))
            .off_form()
            .alias(&["first response time", "first response", "first reply at"]),
        Field::new("solved", "Solved at", "解决时间", FieldType::Instant)
            .past()
            .source(Source::Column("solved_at".into()))
            .off_form()
            .alias(&["time to resolution", "resolved", "resolution date", "resolved at"]),
        Field::new("closed", "Closed at", "关闭时间", FieldType::Instant)
            .past()
            .source(Source::Column("closed_at".into()))
            .off_form()
            .alias(&["closed date"]),
        Field::new("rating", "Rating", "评分", FieldType::Int).off_form().alias(&[
            "customer satisfaction rating",
            "csat",
            "satisfaction",
            "满意度",
        ]),
        Field::new("external_id", "External id", "外部编号", FieldType::Text).indexed().off_form().alias(&[
            "external id",
            "ticket id",
            "issue key",
            "key",
            "number",
        ]),
    ])
}
