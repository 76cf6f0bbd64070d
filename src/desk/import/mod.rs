//! Files into records.

pub mod columns;
pub mod dates;
pub mod numbers;
pub mod read;
pub mod values;
pub mod words;
