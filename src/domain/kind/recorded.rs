use super::{Field, FieldType, Kind, MACRO};

/// Actions to do again to records of a kind: recorded by doing, `steps` as JSON. Owned like customer data; `shared` ones
/// are read by everyone.
pub(super) fn kind() -> Kind {
    Kind::new(MACRO, 'X', ("Macro", "宏"), ("Macros", "宏")).fields(vec![
        Field::new("name", "Name", "名称", FieldType::Text).required().column(0),
        Field::new("kind", "Kind", "对象", FieldType::Text).required().indexed().column(1),
        Field::new("steps", "Steps", "步骤", FieldType::LongText).required(),
        Field::new("shared", "Shared", "共享", FieldType::Bool).column(2),
    ])
}
