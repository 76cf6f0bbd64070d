//! Who sits where over SSH, at all servers of the database, the oldest seat first: for admins, who end seats and tell all
//! of them something. Live.

use std::time::Duration;

use ratatui::Frame;
use ratatui::layout::Rect;

use super::prompt::Prompt;
use super::rows::Rows;
use crate::desk::{LiveSeat, News};
use crate::domain::figures;
use crate::tui::command::{Cmd, Scope};
use crate::tui::effect::{Answer, Ask, Latest, Out, Question, Tone};
use crate::tui::layer::{Awaits, Layer, LayerMsg, Place, Reply};
use crate::tui::theme::Role;
use crate::tui::ui::Ui;
use crate::tui::{show, text};

/// How often it looks without being told: servers that vanished are forgotten, and last keys are others.
const LOOK: Duration = Duration::from_mins(1);

/// What a line that is being typed is for.
enum Typing {
    /// Why this seat ends, or all seats of this login.
    End(String),
    Announcement,
}

#[derive(Default)]
pub struct Seats {
    rows: Rows<LiveSeat>,
    asking: Latest,
    typing: Option<Typing>,
    doing: Option<Ask>,
    wake: Option<Ask>,
}

impl Seats {
    fn load(&mut self, out: &mut Out) {
        self.asking.ask(Question::Seats, out);
        out.rewake(&mut self.wake, LOOK);
    }

    fn end(&mut self, which: String, title: String, ui: &Ui, out: &mut Out) {
        self.typing = Some(Typing::End(which));
        out.push(Prompt::new(title, ui.t("seats-why"), String::new()));
    }

    /// Asks to see the screen of the seat under the cursor, where it sits at the same server.
    fn see(&self, ui: &Ui, out: &mut Out) {
        let Some(seat) = self.rows.here() else { return };
        let mine = self.rows.all().iter().find(|row| row.seat == ui.cx.seat);
        if mine.is_some_and(|mine| mine.server != seat.server) {
            let args = [
                ("login", text::inert(&seat.login).into_owned().into()),
                ("server", text::inert(&seat.server).into_owned().into()),
            ];
            return out.say(Tone::Warn, ui.tr("share-elsewhere", &args));
        }
        out.go(Place::Screen(Some(seat.seat.clone())));
    }

    fn command(&mut self, cmd: Cmd, ui: &Ui, out: &mut Out) {
        match cmd {
            Cmd::SeatsDown => self.rows.step(1),
            Cmd::SeatsUp => self.rows.step(-1),
            Cmd::SeatsTop => self.rows.top(),
            Cmd::SeatsBottom => self.rows.bottom(),
            Cmd::SeatsEnd => {
                let Some(seat) = self.rows.here() else { return };
                let args = [
                    ("login", text::inert(&seat.login).into_owned().into()),
                    ("address", seat.address.as_str().into()),
                ];
                self.end(seat.seat.clone(), ui.tr("seats-end-one", &args), ui, out);
            }
            Cmd::SeatsEndAll => {
                let Some(seat) = self.rows.here() else { return };
                let n = self.rows.all().iter().filter(|row| row.login == seat.login).count();
                let args = [("login", text::inert(&seat.login).into_owned().into()), ("n", n.into())];
                self.end(seat.login.clone(), ui.tr("seats-end-all", &args), ui, out);
            }
            Cmd::SeatsTell => {
                self.typing = Some(Typing::Announcement);
                out.push(Prompt::new(ui.t("cmd-seats-tell"), ui.t("seats-tell"), String::new()));
            }
            Cmd::SeatsScreen => self.see(ui, out),
            Cmd::SeatsLeave | Cmd::Back => out.close(),
            Cmd::Redraw => self.load(out),
            _ => {}
        }
    }

    fn answer(&mut self, ask: Ask, answer: Answer, ui: &Ui, out: &mut Out) {
        if self.asking.take(ask, out) {
            if let Answer::Seats(rows) = answer {
                self.rows.take(rows, |row| row.seat.clone());
            }
        } else if self.doing == Some(ask) {
            self.doing = None;
            match answer {
                Answer::SeatsEnded(Ok(n)) => out.say(Tone::Good, ui.tr("seats-ended", &[("n", n.into())])),
                Answer::Done(Ok(())) => out.say(Tone::Good, ui.t("seats-told")),
                Answer::SeatsEnded(Err(error)) | Answer::Done(Err(error)) => out.say(Tone::Bad, error.to_string()),
                _ => {}
            }
            self.load(out);
        }
    }

    fn typed(&mut self, said: String, out: &mut Out) {
        self.doing = match self.typing.take() {
            Some(Typing::End(which)) => Some(out.ask(Question::EndSeats { which, why: said })),
            Some(Typing::Announcement) if !said.trim().is_empty() => Some(out.ask(Question::Announce { said })),
            _ => None,
        };
    }
}

/// Who, since when, how long without a key, from where, at which server; what has no room is left out from the end.
fn line(cells: [&str; 5], width: usize) -> String {
    const WIDE: [usize; 5] = [14, 12, 9, 24, 24];
    let mut line = String::new();
    let mut left = width;
    for (cell, wide) in cells.into_iter().zip(WIDE) {
        if left < wide.min(10) {
            break;
        }
        let wide = wide.min(left);
        line.push_str(&text::pad(cell, wide.saturating_sub(2)));
        line.push_str("  ");
        left -= wide;
    }
    line
}

impl Layer for Seats {
    fn scopes(&self) -> &'static [Scope] {
        &[Scope::Seats, Scope::Main, Scope::Everywhere]
    }

    fn update(&mut self, msg: LayerMsg, ui: &Ui, out: &mut Out) {
        match msg {
            LayerMsg::Reply(Reply::Text(said)) => self.typed(said, out),
            LayerMsg::Shown { .. } | LayerMsg::News(News::Resync | News::Line(true) | News::Seats | News::Presence) => {
                self.load(out);
            }
            LayerMsg::Wake(ask) if self.wake == Some(ask) => {
                self.wake = None;
                self.load(out);
            }
            LayerMsg::Command(cmd) => self.command(cmd, ui, out),
            LayerMsg::Answer(ask, answer) => self.answer(ask, answer, ui, out),
            LayerMsg::Mouse(mouse, area) => self.rows.mouse(mouse, area),
            _ => {}
        }
    }

    fn view(&self, frame: &mut Frame, area: Rect, ui: &Ui) {
        let heads = ["seats-who", "seats-since", "seats-idle", "seats-from", "seats-server"].map(|key| ui.t(key));
        let head = |width| line(heads.each_ref().map(String::as_str), width);
        let words = (&*ui.t("seats-title"), Some(&*ui.t("seats-none")));
        self.rows.view(frame, area, ui, words, head, |seat, width| {
            let since = show::instant(seat.since, ui.now, ui.cx.viewer.zone, ui.lang());
            // Servers say once a minute when the last key came.
            let minutes = (ui.now - seat.touched_at).num_minutes();
            let idle = if minutes < 1 { ui.t("seats-busy") } else { figures::span(minutes * 60, ui.lang()) };
            let (login, server) = (text::inert(&seat.login), text::inert(&seat.server));
            let cells = [login.as_ref(), &since, &idle, &seat.address, server.as_ref()];
            (line(cells, width), ui.style(Role::Text))
        });
    }

    fn awaits(&self) -> Awaits {
        self.rows.awaits()
    }
}
