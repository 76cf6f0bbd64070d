use super::{COMPANY, CONTACT, Field, FieldType, Kind, choices, lifecycle};
use crate::domain::search::is_han;

/// The name that follows from its parts: family and given name without a blank where they are written in Han, Hangul or
/// kana, else the given name first. Empty when both are. The same rule in SQL: `full_name`.
pub fn full_name(family: &str, given: &str) -> String {
    let (family, given) = (family.trim(), given.trim());
    let is_joined = |c: char| is_han(c) || matches!(c, '가'..='힣' | 'ぁ'..='ヿ');
    if family.chars().chain(given.chars()).any(is_joined) {
        format!("{family}{given}")
    } else {
        format!("{given} {family}").trim().to_owned()
    }
}

/// A person at a customer. The name is kept as typed; family and given name are optional, for letters.
pub(super) fn kind() -> Kind {
    Kind::new(CONTACT, 'C', ("Contact", "联系人"), ("Contacts", "联系人")).fields(vec![
        Field::new("name", "Name", "姓名", FieldType::Text).required().indexed().column(0).alias(&[
            "full name",
            "contact",
            "contact name",
            "customer name",
            "customer",
            "person - name",
            "display name",
            "联系人姓名",
            "客户姓名",
            "联系人名称",
            "名称",
        ]),
        Field::new("family_name", "Family name", "姓", FieldType::Text).alias(&[
            "last name",
            "last",
            "nachname",
            "familienname",
            "lastname",
            "surname",
            "family name",
            "姓氏",
        ]),
        Field::new("given_name", "Given name", "名", FieldType::Text).alias(&[
            "first name",
            "first",
            "forename",
            "vorname",
            "rufname",
            "firstname",
            "given name",
            "名字",
        ]),
        Field::new("salutation", "Salutation", "称呼", FieldType::Text).alias(&[
            "form of address",
            "anrede",
            "name prefix",
            "honorific",
            "尊称",
        ]),
        Field::new("title", "Job title", "职务", FieldType::Text).column(3).alias(&[
            "job title",
            "funktion",
            "职称",
            "jobtitle",
            "position",
            "organization title",
            "职位",
        ]),
        Field::new("company", "Company", "公司", FieldType::Ref(COMPANY)).indexed().column(1).alias(&[
            "account",
            "account name",
            "firm",
            "firma",
            "unternehmen",
            "employer",
            "单位",
            "单位名称",
            "所属公司",
            "organization",
            "organisation",
            "organization name",
            "company name",
            "associated company",
            "客户名称",
            "公司名称",
        ]),
        Field::new("email", "Email", "邮箱", FieldType::Email).indexed().column(2).alias(&[
            "mail",
            "e-mail",
            "e-mail address",
            "email 1",
            "work email",
            "e-mail-adresse",
            "电子邮件",
            "邮件",
            "email address",
            "customer email",
            "e-mail 1 - value",
            "person - email",
            "电子邮箱",
        ]),
        Field::new("phone", "Phone", "电话", FieldType::Phone).column(4).alias(&[
            "phone number",
            "tel",
            "tel.",
            "telephone number",
            "telefon",
            "telefonnummer",
            "tel. geschäftlich",
            "office phone",
            "联系电话",
            "座机",
            "telephone",
            "business phone",
            "work phone",
            "phone 1 - value",
            "primary phone",
            "person - phone",
            "电话号码",
        ]),
        Field::new("mobile", "Mobile", "手机", FieldType::Phone).alias(&[
            "mobile phone",
            "mobile number",
            "tel. mobil",
            "mobil",
            "mobiltelefon",
            "mobilnummer",
            "telefon mobil",
            "handy",
            "handynummer",
            "移动电话",
            "手机号码1",
            "mobile phone number",
            "cell",
            "cell phone",
            "手机号",
            "手机号码",
        ]),
        Field::new("wechat", "WeChat", "微信", FieldType::Text).alias(&["wechat id", "微信号"]),
        lifecycle(),
        Field::new("address", "Address", "地址", FieldType::Text).alias(&[
            "street",
            "street address",
            "straße",
            "strasse",
            "anschrift",
            "adresse",
            "business street",
            "mailing street",
            "详细地址",
        ]),
        Field::new("city", "City", "城市", FieldType::Text).alias(&[
            "business city",
            "mailing city",
            "town",
            "ort",
            "stadt",
            "wohnort",
            "市",
            "所在城市",
        ]),
        Field::new("country", "Country", "国家", FieldType::Text).indexed().alias(&[
            "country/region",
            "business country/region",
            "mailing country",
            "land",
            "国家/地区",
        ]),
        Field::new("birthday", "Birthday", "生日", FieldType::Day).past().alias(&[
            "birthdate",
            "date of birth",
            "出生日期",
        ]),
        Field::new(
            "gender",
            "Gender",
            "性别",
            choices(&[("female", "Female", "女"), ("male", "Male", "男"), ("other", "Other", "其他")]),
        )
        .alias(&["customer gender", "sex"]),
        Field::new("language", "Language", "语言", FieldType::Text).alias(&["sprache"]),
        Field::new("source", "Source", "来源", FieldType::Text).alias(&[
            "lead source",
            "leadsource",
            "线索来源",
            "客户来源",
        ]),
        Field::new("no_contact", "Do not contact", "勿扰", FieldType::Bool).alias(&[
            "do not contact",
            "opted out",
            "hasoptedoutofemail",
        ]),
        Field::new("external_id", "External id", "外部编号", FieldType::Text).indexed().alias(&[
            "external id",
            "record id",
            "contact id",
            "customer id",
        ]),
        Field::new("note", "Note", "备注", FieldType::LongText).alias(&[
            "notes",
            "description",
            "remark",
            "comments",
            "notiz",
            "notizen",
            "bemerkung",
        ]),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_from_their_parts() {
        for (family, given, name) in [
            ("王", "伟", "王伟"),
            ("Vogel", "Petra", "Petra Vogel"),
            ("", "Petra ", "Petra"),
            ("Vogel", "", "Vogel"),
            ("김", "민수", "김민수"),
            ("さとう", "はな", "さとうはな"),
            ("", " ", ""),
        ] {
            assert_eq!(full_name(family, given), name);
        }
    }
}
