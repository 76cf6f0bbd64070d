use super::{Field, FieldType, Kind, TEAM};

/// A group of users; teams form a tree.
pub(super) fn kind() -> Kind {
    Kind::new(TEAM, 'G', ("Team", "团队"), ("Teams", "团队")).common().fields(vec![
        Field::new("name", "Name", "名称", FieldType::Text).required().unique().column(0),
        Field::new("parent", "Part of", "上级团队", FieldType::Ref(TEAM)).column(1),
    ])
}
