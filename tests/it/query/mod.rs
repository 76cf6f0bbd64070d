//! The query language against Postgres: the compiled SQL and the matcher in memory choose the same rows, pages join up
//! in both directions, search words are the same in SQL and in Rust, and nothing that is typed becomes SQL.

#![allow(clippy::unwrap_used, reason = "a test may fail")]

mod injection;
mod metric;
mod names;
mod office;
mod pages;
mod same_rows;
mod typed;
mod words;
