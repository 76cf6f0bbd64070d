use super::{CANNED, Field, FieldType, Kind};

/// A text to answer with; `{contact.name}` and its like are filled in when it is used. Owned like customer data;
/// `shared` ones are read by everyone.
pub(super) fn kind() -> Kind {
    Kind::new(CANNED, 'R', ("Canned answer", "常用回复"), ("Canned answers", "常用回复")).fields(vec![
        Field::new("name", "Name", "名称", FieldType::Text).required().column(0),
        Field::new("body", "Text", "内容", FieldType::LongText).required(),
        Field::new("language", "Language", "语言", FieldType::Text).column(1),
        Field::new("category", "Category", "分类", FieldType::Text).column(2),
        Field::new("shared", "Shared", "共享", FieldType::Bool).column(3),
    ])
}
