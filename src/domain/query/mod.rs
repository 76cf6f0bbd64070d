//! The query language of `/`, saved views, the command line and bulk edits: tree, parser, printer, matcher, completion.

use serde::{Deserialize, Serialize};

/// A filter with its sort and grouping, for one kind. `Query::default()` is every record.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Query {
    pub sort: Vec<Sort>,
}

/// One sort key by canonical field name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sort {
    pub field: String,
    pub descending: bool,
}
