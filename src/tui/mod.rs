//! The terminal application: one seat is one person at one terminal. Screens see the desk's answers, never SQL and
//! never a clock; nothing about the interface lives in a static, since many seats share a process.
//!
//! # The way of a key
//!
//! [`port`] yields events → [`seat`] turns them into a [`msg::Msg`] → [`app::App::update`] (synchronous) asks the top
//! [`layer::Layer`] for the raw key, else finds a [`command::Cmd`] in the [`keymap`], and collects [`effect::Effect`]s →
//! the seat spawns those that ask the desk; answers come back as `Msg::Answer` with the question's number.
//! [`app::App::view`] draws from state only, when a message changed something.
//!
//! Seats of one server meet in [`share`]: a screen that is shown to a colleague, and nothing else.
//!
//! # Adding a screen or popup
//!
//! 1. A struct in `screens/` with its state and `impl Layer`:
//!    - `scopes()`: which rows of the command table apply, innermost first. A full screen ends with
//!      `Scope::Main, Scope::Everywhere`; a popup with `Scope::Popup, Scope::Everywhere` and another `shape()`.
//!    - `update(msg, ui, out)`: `LayerMsg::Shown` comes first (load here); `Command` for keys; `Answer(ask, …)` for what
//!      was asked – compare the number, or use [`effect::Latest`] for questions of which only the newest counts;
//!      `Reply` when a layer pushed by it closes; `News` for live changes (update in place, move neither cursor nor
//!      scroll); `Wake` for timers asked with `out.wake`. Always handle `Cmd::Back` (full screens) or `Cmd::Close`
//!      (popups), usually with `out.close()`.
//!    - `key()`: raw keys for text fields, before the keymap. Take only what the field uses ([`line::Line::key`]).
//!    - `view(frame, area, ui)`: reads state. Customer text goes through [`text::inert`], widths through
//!      [`text::width`]/[`text::cut`]/[`text::pad`], styles through `ui.style(Role::…)`, values through [`show`].
//! 2. A new command is one row in [`command`] (its scope decides where it works), its `cmd-<name>` sentence with a
//!    `.short` attribute in both `locales/*.ftl`, and one arm in the layer's `update`. Bottom line, help and palette
//!    follow from the row.
//! 3. Sentences: `ui.t("key")`, `ui.tr("key", &[("n", count.into())])`; a test holds both catalogues and the code equal.
//! 4. Pushing: `out.push(Layer)`; closing: `out.close()` or `out.reply(Reply::…)`, which the layer below hears. Going
//!    elsewhere: `out.go(Place::…)`. One sentence for the person: `out.say(Tone::…, …)`. Constructors that other screens
//!    use are listed in [`screens`].

mod answer;
pub mod app;
pub mod backend;
pub mod command;
pub mod effect;
pub mod external;
mod frame;
pub mod i18n;
pub mod keymap;
pub mod layer;
pub mod line;
pub mod msg;
pub mod notify;
pub mod own;
mod paint;
mod pen;
pub mod port;
mod queue;
pub mod screens;
pub mod seat;
pub mod share;
pub mod show;
pub mod signals;
mod spoken;
#[cfg(test)]
mod stage;
#[cfg(test)]
mod tests;
pub mod text;
pub mod theme;
pub mod ui;
pub mod widgets;

pub use app::looks::Said;
pub use seat::{Options, run, run_at};
