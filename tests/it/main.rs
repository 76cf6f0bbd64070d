//! What drives the program from outside, against a real Postgres: one test binary, one private cluster a run, one
//! database a test. `support::Workspace::new().await` is the way in.

mod cli;
mod desk;
mod doctor;
mod feed;
mod import;
mod import_data;
mod layers;
mod metric;
mod opening;
mod plans;
mod pooler;
mod query;
mod readme;
mod restore;
mod rights;
mod schema;
mod schema_kind;
mod schema_migrate;
mod schema_rules;
mod seat_board;
mod seat_dashboards;
mod seat_ends;
mod seat_first;
mod seat_form;
mod seat_garbage;
mod seat_keys;
mod seat_list;
mod seat_offline;
mod seat_storm;
mod seat_tickets;
mod server;
mod support;
