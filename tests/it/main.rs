//! What drives the program from outside, against a real Postgres: one test binary, one private cluster a run, one
//! database a test. `support::Workspace::new().await` is the way in.

mod cli;
mod desk;
mod doctor;
mod feed;
mod import;
mod import_data;
mod layers;
mod opening;
mod plans;
mod query;
mod readme;
mod rights;
mod schema;
mod schema_kind;
mod schema_migrate;
mod schema_rules;
mod seat_form;
mod seat_keys;
mod seat_list;
mod seat_offline;
mod server;
mod support;
