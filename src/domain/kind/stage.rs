use super::{DEAL, Field, FieldType, Kind, PIPELINE, Registry, STAGE, choices};
use crate::domain::check::Invalid;
use crate::domain::record::Record;

/// One column of a pipeline. `state` says what a deal in it is: still open, won or lost.
pub(super) fn kind() -> Kind {
    Kind::new(STAGE, 'S', ("Stage", "阶段"), ("Stages", "阶段")).common().sort("position").fields(vec![
        Field::new("name", "Name", "名称", FieldType::Text).required().column(0),
        Field::new("pipeline", "Pipeline", "销售管道", FieldType::Ref(PIPELINE)).required().indexed().column(1),
        Field::new("position", "Position", "顺序", FieldType::Int).column(2),
        Field::new("probability", "Probability %", "赢率 %", FieldType::Int).column(3),
        Field::new("state", "State", "状态", deal_states()).required().column(4),
        Field::new("rotting_days", "Rots after days", "停滞天数", FieldType::Int),
        Field::new("requires", "Demands", "必填字段", FieldType::Text).alias(&["required fields", "required"]),
    ])
}

/// Open, won, lost: of a stage and of a deal.
pub(super) fn deal_states() -> super::FieldType {
    choices(&[("open", "Open", "进行中"), ("won", "Won", "赢单"), ("lost", "Lost", "输单")])
}

/// The deal fields that `requires` names; names of fields that are no more demand nothing.
pub fn demanded<'a>(requires: &str, registry: &'a Registry) -> Vec<&'a Field> {
    let deal = registry.kind(DEAL);
    requires.split(',').filter_map(|name| deal.field(name.trim())).collect()
}

/// What a stage demands and a deal lacks, in the stage's order.
pub fn lacking<'a>(stage: &Record, deal: &Record, registry: &'a Registry) -> Vec<&'a Field> {
    let requires = stage.get(registry.kind(STAGE), "requires").as_str().unwrap_or_default();
    let kind = registry.kind(DEAL);
    demanded(requires, registry).into_iter().filter(|field| deal.get(kind, &field.name).is_none()).collect()
}

/// The names of demanded fields as they are kept, from names or labels in either language with commas between. What no
/// deal has, and what nobody can set, cannot be demanded.
pub fn canonical_demands(typed: &str, registry: &Registry) -> Result<String, Invalid> {
    let deal = registry.kind(DEAL);
    let mut names: Vec<&str> = Vec::new();
    for word in typed.split([',', ';', '，', '、', '；']).map(str::trim).filter(|word| !word.is_empty()) {
        let field = deal.find_field(word).filter(|f| !f.readonly && f.name != "stage" && f.name != "pipeline");
        let Some(field) = field else {
            return Err(Invalid::new(
                "requires",
                format!("Demands: deals have no field “{word}” to fill in; name some such as amount, contact."),
                format!("必填字段：商机没有可填写的字段“{word}”，请填写 amount、contact 之类的名称。"),
            ));
        };
        if !names.contains(&field.name.as_str()) {
            names.push(&field.name);
        }
    }
    Ok(names.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::field::{Label, Lang};
    use crate::domain::value::Value;

    #[test]
    fn demands_are_kept_by_the_names_of_their_fields() {
        let custom = Field::custom("size", Label::new("Size", "规模"), FieldType::Int);
        let registry = Registry::builtin().with_custom(vec![(DEAL, custom)]);
        for (typed, kept) in [
            ("amount, Expected close,amount", Some("amount,expected")),
            ("金额、联系人", Some("amount,contact")),
            ("规模", Some("size")),
            (" , ", Some("")),
            ("state", None),
            ("stage", None),
            ("colour", None),
        ] {
            assert_eq!(canonical_demands(typed, &registry).ok().as_deref(), kept, "{typed}");
        }
        let refused = canonical_demands("colour", &registry).expect_err("no such field");
        assert!(refused.message(Lang::En).contains("“colour”"), "{refused:?}");
    }

    #[test]
    fn a_deal_lacks_what_is_empty_in_it() {
        let registry = Registry::builtin();
        let (stages, deals) = (registry.kind(STAGE), registry.kind(DEAL));
        let mut stage = Record::empty(stages);
        let mut deal = Record::empty(deals);
        assert!(lacking(&stage, &deal, &registry).is_empty());
        stage.set(stages, "requires", Value::text("amount,gone,contact,tags"));
        deal.set(deals, "contact", Value::reference(3));
        deal.set(deals, "tags", Value::Tags(Vec::new()));
        let names: Vec<&str> = lacking(&stage, &deal, &registry).iter().map(|f| f.name.as_str()).collect();
        assert_eq!(names, ["amount", "tags"]);
    }
}
