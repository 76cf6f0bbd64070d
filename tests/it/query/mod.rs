//! The query language against Postgres: the compiled SQL and the matcher in memory choose the same rows, pages join up
//! in both directions, search words are the same in SQL and in Rust, and nothing that is typed becomes SQL.

mod injection;
mod office;
mod pages;
mod same_rows;
mod words;
