//! What frontdesk knows without I/O: kinds and fields, the query language, actions, and rules. No async, no SQL, no
//! terminal, no clock: time comes in as an argument.

pub mod action;
pub mod blanks;
pub mod change;
pub mod check;
pub mod field;
pub mod figures;
pub mod inert;
pub mod kind;
pub mod metric;
pub mod query;
pub mod record;
pub mod right;
pub mod search;
pub mod totp;
pub mod value;
pub mod viewer;
pub mod when;
pub mod words;
