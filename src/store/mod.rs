//! Postgres: all SQL of the program.

pub mod compile;
pub mod postgres;

/// A workspace's database: the pool, private to this module.
#[derive(Clone)]
pub struct Store {}
