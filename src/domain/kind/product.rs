use super::{Field, FieldType, Kind, PRODUCT, currency};

/// What is sold.
pub(super) fn kind() -> Kind {
    Kind::new(PRODUCT, 'P', ("Product", "产品"), ("Products", "产品")).common().fields(vec![
        Field::new("name", "Name", "名称", FieldType::Text).required().unique().indexed().column(0).alias(&[
            "product",
            "product name",
            "产品名称",
        ]),
        Field::new("sku", "Number", "编号", FieldType::Text).column(1).alias(&[
            "code",
            "product code",
            "sku",
            "产品编码",
        ]),
        Field::new("series", "Series", "系列", FieldType::Text).column(2).alias(&[
            "category",
            "product family",
            "family",
            "产品类别",
            "产品类型",
        ]),
        Field::new("price", "Price", "价格", FieldType::Money { currency: "currency".into() }).column(3).alias(&[
            "sales_price",
            "sales price",
            "unit price",
            "list price",
            "单价",
        ]),
        currency(),
        Field::new("active", "Active", "在售", FieldType::Bool).alias(&["is active", "是否上架"]),
        Field::new("description", "Description", "说明", FieldType::LongText).alias(&["note", "notes", "产品描述"]),
    ])
}
