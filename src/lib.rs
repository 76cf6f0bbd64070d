//! frontdesk: the CRM and helpdesk a whole team works in from a terminal.
//!
//! Five nouns carry everything. A **Kind** (`domain::kind`) says what a record is; a **Query** (`domain::query`) says
//! which records; an **Action** (`domain::action`) says what to do to them; a **Change** (`domain::change`) says what
//! happened. A **Metric** (a number over records) comes with the dashboards.
//!
//! Layers, outermost first; each may use those to its right: `server` → `tui`, `cli` → `desk` → `store` → `domain`.
//!
//! - `domain`: no I/O, no async, no clock.
//! - `store`: all SQL, the migrations, the feed of changes, the private Postgres.
//! - `desk`: use cases on behalf of one person (`desk::Cx`). Rights, validation, transactions, conflicts, undo.
//! - `tui`, `cli`: the doors. `server`: both for the whole team, over SSH.
//! - `door`: which of them a process goes through; all that `main.rs` calls.
//! - `config`: settings from file, environment and arguments, read once by `door`.
//! - `demo`: the sample workspace, beside the doors: it writes through `store` in bulk.

pub mod cli;
pub mod config;
pub mod demo;
pub mod desk;
pub mod domain;
pub mod door;
pub mod server;
pub mod store;
pub mod tui;
