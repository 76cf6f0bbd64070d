//! The people of the workspace: who may come in, and how. For admins, who invite, disable, and change roles and teams here,
//! each by the same use case as its command. Live.

use std::time::Duration;

use ratatui::Frame;
use ratatui::layout::Rect;

use super::absent::Absent;
use super::chooser::{Chooser, Item};
use super::confirm::Confirm;
use super::plain::Plain;
use super::prompt::Prompt;
use super::rows::Rows;
use crate::desk::{Address, Colleague, News};
use crate::domain::action::{Action, Edit, Targets};
use crate::domain::field::{Field, Lang};
use crate::domain::kind::{KindId, TEAM, USER};
use crate::domain::value::{Ref, Value};
use crate::tui::command::{Cmd, Scope};
use crate::tui::effect::{Answer, Ask, Latest, Out, Question, Tone};
use crate::tui::layer::{Awaits, Layer, LayerMsg, Place, Reply, Subject};
use crate::tui::theme::Role;
use crate::tui::ui::Ui;
use crate::tui::{show, text};

/// How often it looks without being told: nobody tells of sign-ins and invitations.
const LOOK: Duration = Duration::from_mins(1);

/// What a box above is open for: the person, and what was asked so far.
enum Pending {
    /// Where they are to come to.
    Invite(String),
    Withdraw(String),
    Disable(i64),
    Role(i64),
    Team(i64),
    /// To whom.
    HandOver(i64),
    HandOverTo {
        from: i64,
        to: i64,
    },
    FactorOff(String),
}

/// What is under way.
enum Doing {
    /// An invitation that shall lead there.
    Invite(Address),
    HandOver,
    /// This is said when it is through.
    Say(String),
}

#[derive(Default)]
pub struct People {
    rows: Rows<Colleague>,
    asking: Latest,
    pending: Option<Pending>,
    doing: Option<(Ask, Doing)>,
    wake: Option<Ask>,
}

impl People {
    fn load(&mut self, out: &mut Out) {
        self.asking.ask(Question::People, out);
        out.rewake(&mut self.wake, LOOK);
    }

    fn set(&mut self, id: i64, field: &str, now: Value, said: String, out: &mut Out) {
        let edits = vec![Edit { field: field.into(), was: None, now }];
        let targets = Targets::Records(USER, vec![id]);
        let ask = out.ask(Question::Perform { targets, action: Action::Set { edits } });
        self.doing = Some((ask, Doing::Say(said)));
    }

    fn command(&mut self, cmd: Cmd, ui: &Ui, out: &mut Out) {
        match cmd {
            Cmd::PeopleDown => self.rows.step(1),
            Cmd::PeopleUp => self.rows.step(-1),
            Cmd::PeopleTop => self.rows.top(),
            Cmd::PeopleBottom => self.rows.bottom(),
            Cmd::PeopleNew => {
                if let Some(form) = super::form_new(USER, &[], ui) {
                    out.push_box(form);
                }
            }
            Cmd::PeopleLeave | Cmd::Back => out.close(),
            Cmd::Redraw => self.load(out),
            cmd => {
                if let Some(person) = self.rows.here().cloned() {
                    self.begin(cmd, &person, ui, out);
                }
            }
        }
    }

    /// What is done to the person under the cursor, as far as it goes without a further question.
    fn begin(&mut self, cmd: Cmd, person: &Colleague, ui: &Ui, out: &mut Out) {
        let login = text::inert(&person.login).into_owned();
        let who = [("login", login.as_str().into())];
        match cmd {
            Cmd::PeopleOpen => out.go(Place::Record(USER, person.id)),
            Cmd::PeopleInvite => {
                let address = ui.reached.address.clone().unwrap_or_default();
                let ask = Prompt::new(ui.tr("people-invite", &who), ui.t("people-address"), address);
                out.push(ask.checked(|text, lang| match Address::read(text.trim()) {
                    Err(_) if lang == Lang::Zh => Err("请填写主机名或地址，如 desk.example.com:2222".into()),
                    read => read.map(|_| ()),
                }));
                self.pending = Some(Pending::Invite(person.login.clone()));
            }
            Cmd::PeopleWithdraw if person.invited_until.is_some() => {
                out.push(Confirm::new(ui.tr("people-withdraw", &who)));
                self.pending = Some(Pending::Withdraw(person.login.clone()));
            }
            Cmd::PeopleWithdraw => out.say(Tone::Info, ui.tr("people-not-invited", &who)),
            Cmd::PeopleSwitch if person.active => {
                let args = [("login", login.as_str().into()), ("n", u64::from(person.seats).into())];
                let owned = ui.tr("people-owned", &[("key", ui.keymap.key(Cmd::PeopleHandOver).into())]);
                let mut lines = text::wrap(&ui.tr("people-disable", &args), 62);
                lines.extend(text::wrap(&owned, 62));
                out.push(Confirm::with_lines(ui.t("cmd-people-switch"), lines));
                self.pending = Some(Pending::Disable(person.id));
            }
            Cmd::PeopleSwitch => self.set(person.id, "active", Value::Bool(true), ui.tr("people-enabled", &who), out),
            Cmd::PeopleRole => {
                let roles = ui.registry.kind(USER).field("role").map(|f| f.choices().to_vec()).unwrap_or_default();
                let current = roles.iter().position(|role| role.code == person.role);
                let items = roles.iter().map(|role| Item::new(role.label.get(ui.lang()))).collect();
                out.push(Chooser::new(ui.tr("people-role-of", &who), items, current));
                self.pending = Some(Pending::Role(person.id));
            }
            Cmd::PeopleTeam => {
                if let Some(picker) = super::picker(&[TEAM], ui.tr("people-team-of", &who), ui) {
                    out.push_box(picker);
                    self.pending = Some(Pending::Team(person.id));
                }
            }
            Cmd::PeopleHandOver => {
                if let Some(picker) = super::picker(&[USER], ui.tr("people-hand-over", &who), ui) {
                    out.push_box(picker);
                    self.pending = Some(Pending::HandOver(person.id));
                }
            }
            Cmd::PeopleAway => out.push(Absent::new(person.login.clone(), ui)),
            Cmd::PeopleFactorOff if person.factor_since.is_some() => {
                out.push(Confirm::new(ui.tr("people-factor-off", &who)));
                self.pending = Some(Pending::FactorOff(person.login.clone()));
            }
            Cmd::PeopleFactorOff => out.say(Tone::Info, ui.tr("people-no-factor", &who)),
            _ => {}
        }
    }

    /// A box above is through.
    fn reply(&mut self, reply: Reply, ui: &Ui, out: &mut Out) {
        let login_of = |id: i64| {
            let found = self.rows.all().iter().find(|row| row.id == id);
            text::inert(found.map_or("", |row| row.login.as_str())).into_owned()
        };
        match (self.pending.take(), reply) {
            (Some(Pending::Invite(login)), Reply::Text(typed)) => {
                if let Ok(address) = Address::read(typed.trim()) {
                    self.doing = Some((out.ask(Question::Invite { login }), Doing::Invite(address)));
                }
            }
            (Some(Pending::Withdraw(login)), Reply::Confirmed) => {
                let said = ui.tr("people-withdrawn", &[("login", text::inert(&login).into_owned().into())]);
                self.doing = Some((out.ask(Question::WithdrawInvite { login }), Doing::Say(said)));
            }
            (Some(Pending::FactorOff(login)), Reply::Confirmed) => {
                let said = ui.tr("people-factor-is-off", &[("login", text::inert(&login).into_owned().into())]);
                self.doing = Some((out.ask(Question::DropFactor { login }), Doing::Say(said)));
            }
            (Some(Pending::Disable(id)), Reply::Confirmed) => {
                let said = ui.tr("people-is-disabled", &[("login", login_of(id).into())]);
                self.set(id, "active", Value::Bool(false), said, out);
            }
            (Some(Pending::Role(id)), Reply::Chosen(at)) => {
                let role = ui.registry.kind(USER).field("role").and_then(|f| f.choices().get(at)).cloned();
                if let Some(role) = role {
                    let args = [("login", login_of(id).into()), ("role", role.label.get(ui.lang()).into())];
                    self.set(id, "role", Value::text(role.code), ui.tr("people-has-role", &args), out);
                }
            }
            (Some(Pending::Team(id)), Reply::Picked(team)) => {
                let said = ui.tr("people-has-team", &[("login", login_of(id).into())]);
                let team = team.map_or(Value::Null, |hit| Value::Ref(Ref { id: hit.id, label: hit.title }));
                self.set(id, "team", team, said, out);
            }
            (Some(Pending::HandOver(from)), Reply::Picked(Some(hit))) => {
                let to = text::inert(&hit.title).into_owned();
                let args = [("login", login_of(from).into()), ("to", to.into())];
                out.push(Confirm::new(ui.tr("people-hand-over-all", &args)));
                self.pending = Some(Pending::HandOverTo { from, to: hit.id });
            }
            (Some(Pending::HandOverTo { from, to }), Reply::Confirmed) => {
                let ask = out.ask(Question::HandOver { from, to: vec![to] });
                self.doing = Some((ask, Doing::HandOver));
            }
            (_, Reply::Saved(..)) => self.load(out),
            _ => {}
        }
    }

    fn answer(&mut self, ask: Ask, answer: Answer, ui: &Ui, out: &mut Out) {
        if self.asking.take(ask, out) {
            if let Answer::People(rows) = answer {
                self.rows.take(rows, |row| row.id);
            }
            return;
        }
        if matches!(answer, Answer::Progress(_)) {
            return;
        }
        let Some((_, doing)) = self.doing.take_if(|(doing, _)| *doing == ask) else { return };
        match (answer, doing) {
            (Answer::Invited(Ok(invitation)), Doing::Invite(address)) => {
                let mail = invitation.mail(&address, ui.reached.host_key.as_deref());
                // A terminal may not take what is copied, so all of it can be selected too.
                let page = format!("{}\n\n{mail}", ui.t("people-mail-copied"));
                out.push(Plain::new(text::wrap(&page, usize::from(ui.width))));
                out.copy(mail);
            }
            (Answer::Outcome(Ok(outcome)), doing) => match (outcome.failed.first(), doing) {
                (Some((code, why)), _) => out.say(Tone::Bad, format!("{code}: {why}")),
                (None, Doing::Say(said)) => out.say(Tone::Good, said),
                (None, _) => out.say(Tone::Good, ui.tr("people-handed-over", &[("n", outcome.done.into())])),
            },
            (Answer::Done(Ok(())), Doing::Say(said)) => out.say(Tone::Good, said),
            (Answer::Invited(Err(error)) | Answer::Outcome(Err(error)) | Answer::Done(Err(error)), _) => {
                out.say(Tone::Bad, error.to_string());
            }
            _ => {}
        }
        self.load(out);
    }
}

/// Cells from which there is room for the last sign-in and for what else there is to say.
const BOTH: usize = 100;

/// Login, name, role, team, keys, last sign-in, and what else there is to say; that goes before the sign-in where there is
/// no room for both.
fn line(cells: [&str; 7], width: usize) -> String {
    let [login, name, role, team, keys, last, more] = cells;
    let wide = if width < BOTH { [10, 15, 10, 13, 5] } else { [12, 20, 11, 15, 7] };
    let mut line = String::new();
    for (cell, wide) in [login, name, role, team, keys].into_iter().zip(wide) {
        line.push_str(&text::pad(cell, wide - 1));
        line.push(' ');
    }
    if width >= BOTH {
        line.push_str(&text::pad(last, 14));
    }
    line.push_str(if width >= BOTH || !more.is_empty() { more } else { last });
    text::pad(&line, width)
}

/// Why somebody cannot come in, or how else they can.
fn more(person: &Colleague, ui: &Ui) -> String {
    let mut said = Vec::new();
    if !person.active {
        said.push(ui.t("people-disabled"));
    }
    if let Some(until) = person.away_until {
        let until = show::day(until, ui.now.with_timezone(&ui.cx.viewer.zone).date_naive(), ui.lang());
        let deputy = text::inert(person.deputy.as_deref().unwrap_or("—")).into_owned();
        said.push(ui.tr("people-away", &[("until", until.into()), ("deputy", deputy.into())]));
    }
    if let Some(until) = person.invited_until {
        let until = show::instant(until, ui.now, ui.cx.viewer.zone, ui.lang());
        said.push(ui.tr("people-invited", &[("until", until.into())]));
    }
    if person.seats > 0 {
        said.push(ui.tr("people-sits", &[("n", u64::from(person.seats).into())]));
    }
    if person.factor_since.is_some() {
        said.push(ui.t("people-factor"));
    }
    said.join(", ")
}

impl Layer for People {
    fn scopes(&self) -> &'static [Scope] {
        &[Scope::People, Scope::Main, Scope::Everywhere]
    }

    fn subject(&self) -> Subject {
        Subject { kind: Some(USER), record: self.rows.here().map(|person| person.id), marked: 0 }
    }

    fn update(&mut self, msg: LayerMsg, ui: &Ui, out: &mut Out) {
        match msg {
            LayerMsg::Reply(reply) => self.reply(reply, ui, out),
            LayerMsg::News(News::Touched(touched)) if touched.iter().any(|t| t.kind == USER) => self.load(out),
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
        let kind = ui.registry.kind(USER);
        let label = |field: &str| kind.field(field).map(|f| f.label.get(ui.lang()).to_owned()).unwrap_or_default();
        let heads =
            [label("login"), label("name"), label("role"), label("team"), ui.t("people-keys"), ui.t("people-last")];
        let [login, name, role, team, keys, last] = heads.each_ref().map(String::as_str);
        let head = |width| line([login, name, role, team, keys, last, ""], width);
        let roles = kind.field("role").map(Field::choices).unwrap_or_default();
        self.rows.view(frame, area, ui, (&ui.t("people-title"), None), head, |person, width| {
            let role = roles.iter().find(|role| role.code == person.role).map(|role| role.label.get(ui.lang()));
            let last = person
                .came_in
                .map_or_else(|| ui.t("people-never"), |at| show::instant(at, ui.now, ui.cx.viewer.zone, ui.lang()));
            let [login, name] = [&person.login, &person.name].map(|words| text::inert(words));
            let team = text::inert(person.team.as_deref().unwrap_or("—"));
            let cells = [
                login.as_ref(),
                name.as_ref(),
                role.unwrap_or(&person.role),
                team.as_ref(),
                &person.keys.to_string(),
                &last,
                &more(person, ui),
            ];
            (line(cells, width), ui.style(if person.active { Role::Text } else { Role::Dim }))
        });
    }

    fn shows(&self, kind: KindId, id: i64) -> bool {
        kind == USER && self.rows.all().iter().any(|person| person.id == id)
    }

    fn awaits(&self) -> Awaits {
        self.rows.awaits()
    }
}
