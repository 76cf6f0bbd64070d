use super::{Field, FieldType, Kind, VIEW};

/// A saved Query with columns. Owned like customer data; `shared` ones are read by everyone.
pub(super) fn kind() -> Kind {
    Kind::new(VIEW, 'V', ("View", "视图"), ("Views", "视图")).sort("position").fields(vec![
        Field::new("name", "Name", "名称", FieldType::Text).required().column(0),
        Field::new("kind", "Kind", "对象", FieldType::Text).required().indexed().column(1),
        Field::new("query", "Query", "条件", FieldType::Text).column(2),
        Field::new("columns", "Columns", "列", FieldType::Text),
        Field::new("shared", "Shared", "共享", FieldType::Bool).column(3),
        Field::new("position", "Position", "顺序", FieldType::Int),
    ])
}
