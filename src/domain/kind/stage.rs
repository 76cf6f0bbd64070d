use super::{Field, FieldType, Kind, PIPELINE, STAGE, choices};

/// One column of a pipeline. `state` says what a deal in it is: still open, won or lost.
pub(super) fn kind() -> Kind {
    Kind::new(STAGE, 'S', ("Stage", "阶段"), ("Stages", "阶段")).common().sort("position").fields(vec![
        Field::new("name", "Name", "名称", FieldType::Text).required().column(0),
        Field::new("pipeline", "Pipeline", "销售管道", FieldType::Ref(PIPELINE)).required().indexed().column(1),
        Field::new("position", "Position", "顺序", FieldType::Int).column(2),
        Field::new("probability", "Probability %", "赢率 %", FieldType::Int).column(3),
        Field::new("state", "State", "状态", deal_states()).required().column(4),
        Field::new("rotting_days", "Rots after days", "停滞天数", FieldType::Int),
    ])
}

/// Open, won, lost: of a stage and of a deal.
pub(super) fn deal_states() -> super::FieldType {
    choices(&[("open", "Open", "进行中"), ("won", "Won", "赢单"), ("lost", "Lost", "输单")])
}
