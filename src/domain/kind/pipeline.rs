use super::{Field, FieldType, Kind, PIPELINE};

/// A way of selling: an ordered list of stages.
pub(super) fn kind() -> Kind {
    Kind::new(PIPELINE, 'L', ("Pipeline", "销售管道"), ("Pipelines", "销售管道")).common().sort("position").fields(
        vec![
            Field::new("name", "Name", "名称", FieldType::Text).required().unique().column(0),
            Field::new("position", "Position", "顺序", FieldType::Int).column(1),
        ],
    )
}
