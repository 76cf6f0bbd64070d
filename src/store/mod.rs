//! Postgres: all SQL of the program.

/// A workspace's database: the pool, private to this module.
#[derive(Clone)]
pub struct Store {}
