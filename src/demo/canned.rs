//! The canned answers of the demo's support team, in both of its languages.

/// Name, language, category, text.
pub(super) const ANSWERS: &[(&str, &str, &str, &str)] = &[
    (
        "Password reset",
        "en",
        "App",
        "Dear {contact.name},\n\nwe have reset your access to the Tern app. Please choose a new password with the link in the \
         separate mail; it is valid for 24 hours.\n\nKind regards\n{me.name}",
    ),
    (
        "Need the serial number",
        "en",
        "Hardware",
        "Dear {contact.name},\n\nto look up your {product.name} we need its serial number. You find it on the label behind the \
         water tank.\n\nKind regards\n{me.name}",
    ),
    (
        "Technician on the way",
        "en",
        "Hardware",
        "Dear {contact.name},\n\na technician will be at {company.name} on {date}. Please keep the machine switched on until \
         then.\n\nKind regards\n{me.name}",
    ),
    (
        "Invoice corrected",
        "en",
        "Billing",
        "Dear {contact.name},\n\nyou are right, and we are sorry. The corrected invoice for {company.name} is on its way to you; \
         please ignore the first one.\n\nKind regards\n{me.name}",
    ),
    (
        "Delivery delayed",
        "en",
        "Delivery",
        "Dear {contact.name},\n\nyour delivery is late, and will arrive on {date}. We have asked the carrier to call \
         before.\n\nKind regards\n{me.name}",
    ),
    (
        "Return accepted",
        "en",
        "Returns",
        "Dear {contact.name},\n\nplease send the parcel back with the number {ticket.number} on it. You have the money back a week \
         after it arrived.\n\nKind regards\n{me.name}",
    ),
    (
        "Solved, anything else?",
        "en",
        "",
        "Dear {contact.name},\n\nthis should work again now. If it does not, just answer this mail: {ticket.number} opens \
         again.\n\nKind regards\n{me.name}",
    ),
    (
        "重置密码",
        "zh",
        "应用",
        "{contact.salutation}，您好：\n\n您的账号已重置，请通过另一封邮件中的链接设置新密码，24 小时内有效。\n\n{me.name}",
    ),
    (
        "发票已重开",
        "zh",
        "发票",
        "{contact.salutation}，您好：\n\n抱歉，发票抬头有误。我们已为{company.name}重开发票，原发票请作废。\n\n{me.name}",
    ),
    (
        "需要序列号",
        "zh",
        "硬件",
        "{contact.salutation}，您好：\n\n请提供{product.name}的序列号，在水箱后面的标签上。\n\n{me.name}",
    ),
    (
        "物流延迟",
        "zh",
        "物流",
        "{contact.salutation}，您好：\n\n您的货物因物流延迟，预计{到货日期}送达，给您带来不便，敬请谅解。\n\n{me.name}",
    ),
    (
        "已解决",
        "zh",
        "",
        "{contact.salutation}，您好：\n\n问题已经解决。如仍有疑问，请直接回复本邮件（{ticket.number}）。\n\n{me.name}",
    ),
];
