use super::{COMPANY, Field, FieldType, Kind, currency, lifecycle};

/// An organisation that buys, or may. Companies form a tree by `parent`.
pub(super) fn kind() -> Kind {
    Kind::new(COMPANY, 'O', ("Company", "公司"), ("Companies", "公司")).fields(vec![
        Field::new("name", "Name", "名称", FieldType::Text).required().indexed().column(0).alias(&[
            "company",
            "company name",
            "account",
            "account name",
            "organization",
            "organisation",
            "organization name",
            "客户名称",
            "公司名称",
        ]),
        Field::new("industry", "Industry", "行业", FieldType::Text).indexed().column(2).alias(&["sector", "客户行业"]),
        lifecycle().column(3),
        Field::new("website", "Website", "网站", FieldType::Url).alias(&[
            "web",
            "url",
            "company domain name",
            "domain",
            "网址",
            "官网",
        ]),
        Field::new("email", "Email", "邮箱", FieldType::Email).alias(&[
            "mail",
            "e-mail",
            "e-mail address",
            "email address",
            "电子邮箱",
        ]),
        Field::new("phone", "Phone", "电话", FieldType::Phone).alias(&[
            "phone number",
            "telephone",
            "电话号码",
            "联系电话",
        ]),
        Field::new("address", "Address", "地址", FieldType::Text).alias(&[
            "street",
            "street address",
            "billing street",
            "billingstreet",
            "详细地址",
        ]),
        Field::new("city", "City", "城市", FieldType::Text).alias(&["billing city", "billingcity", "市"]),
        Field::new("country", "Country", "国家", FieldType::Text).indexed().column(4).alias(&[
            "office_location",
            "office location",
            "country/region",
            "billing country",
            "billingcountry",
            "国家/地区",
        ]),
        Field::new("employees", "Employees", "员工数", FieldType::Int).alias(&[
            "number of employees",
            "numberofemployees",
            "headcount",
            "人数",
        ]),
        Field::new("revenue", "Annual revenue", "年营收", FieldType::Money { currency: "currency".into() }).alias(&[
            "annualrevenue",
            "annual revenue",
            "年收入",
        ]),
        currency(),
        Field::new("founded", "Founded", "成立年份", FieldType::Int).alias(&[
            "year_established",
            "year established",
            "year founded",
        ]),
        Field::new("parent", "Parent company", "母公司", FieldType::Ref(COMPANY)).indexed().alias(&[
            "subsidiary_of",
            "subsidiary of",
            "parent account",
            "parentid",
            "上级公司",
        ]),
        Field::new("source", "Source", "来源", FieldType::Text).alias(&[
            "lead source",
            "account source",
            "accountsource",
            "客户来源",
        ]),
        Field::new("external_id", "External id", "外部编号", FieldType::Text).indexed().alias(&[
            "external id",
            "record id",
            "account id",
        ]),
        Field::new("note", "Note", "备注", FieldType::LongText).alias(&["notes", "description", "remark", "comments"]),
    ])
}
