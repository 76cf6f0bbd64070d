//! For tests of screens: an application without seat or desk. Questions are answered from records at hand, with a fixed
//! clock; the screen is text.

use chrono::{DateTime, Duration, Utc};
use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use ratatui::Terminal;
use ratatui::backend::TestBackend;

use super::app::App;
use super::effect::{Answer, Ask, Effect, Question};
use super::i18n::Catalogue;
use super::keymap::Keymap;
use super::layer::{Place, Root};
use super::msg::Msg;
use super::theme::{Depth, Theme};
use super::ui::Ui;
use crate::desk::{Board, Column, Count, Cx, From, Looked, Outcome, Page, Preview, Reached, Sum, Undoable};
use crate::domain::action::Action;
use crate::domain::change::Door;
use crate::domain::field::Lang;
use crate::domain::kind::{CONTACT, DEAL, KindId, PIPELINE, Registry, STAGE, TICKET, USER};
use crate::domain::query::{Filter, Operand, Query, Term, Test};
use crate::domain::record::Record;
use crate::domain::value::{Ref, Value};
use crate::domain::viewer::{Person, Viewer};

/// What a test answers itself; `None` leaves the question to the stand-in.
pub(super) type OwnAnswers = Box<dyn FnMut(&Question) -> Option<Answer>>;

pub(super) struct Stage {
    pub(super) app: App,
    pub(super) records: Vec<Record>,
    /// Everything asked, answered or not.
    pub(super) asked: Vec<(Ask, Question)>,
    /// Questions held back while `hold` is on.
    held: Vec<(Ask, Question)>,
    pub(super) hold: bool,
    timers: Vec<Ask>,
    pub(super) copied: Vec<String>,
    /// What the desktop was told.
    pub(super) notified: Vec<String>,
    pub(super) left: bool,
    /// Answers of the test's own, asked before the stand-in desk.
    pub(super) answers: OwnAnswers,
    width: u16,
    height: u16,
}

pub(super) fn now() -> DateTime<Utc> {
    "2026-03-14T08:41:00Z".parse().expect("a date")
}

pub(super) fn ago(minutes: i64) -> DateTime<Utc> {
    now() - Duration::minutes(minutes)
}

/// A record of these values, in its first version.
pub(super) fn made(kind: KindId, id: i64, values: &[(&str, Value)]) -> Record {
    let registry = Registry::builtin();
    let kind = registry.kind(kind);
    let mut record = Record { id, version: 1, ..Record::empty(kind) };
    for (name, value) in values {
        record.set(kind, name, value.clone());
    }
    record
}

/// What is kept of somebody's looks who has answered the first questions.
pub(super) fn welcomed() -> serde_json::Value {
    serde_json::json!({ "welcomed": true })
}

pub(super) fn ui(lang: Lang, width: u16, height: u16) -> Ui {
    let me = Person {
        id: 1,
        login: "ana".into(),
        name: "Ana Lima".into(),
        role: "admin".into(),
        rights: std::sync::Arc::new(crate::domain::right::Rights::everything()),
        team: Some(1),
        teams: vec![1],
        team_name: "Support".into(),
        stands_in: Vec::new(),
        zone: None,
    };
    let viewer = Viewer { me, now: now(), zone: chrono_tz::Europe::Berlin, lang };
    Ui {
        cx: Cx { viewer, door: Door::Tui, seat: "stage".into(), from: None },
        registry: Registry::builtin(),
        now: now(),
        words: Catalogue::new(lang),
        theme: Theme::named("dark", Depth::True).expect("dark is embedded"),
        keymap: Keymap::default(),
        width,
        height,
        online: true,
        present: Vec::new(),
        unread: 0,
        wishes: crate::tui::screens::notices::Wishes::default(),
        recording: None,
        plain: false,
        is_local: true,
        reached: Reached::default(),
        last_action: None,
    }
}

impl Stage {
    pub(super) fn new(lang: Lang, width: u16, height: u16, records: Vec<Record>) -> Self {
        let app = App::new(ui(lang, width, height), Some(Place::Tab(Root::Kind(CONTACT))));
        let mut stage = Self {
            app,
            records,
            asked: Vec::new(),
            held: Vec::new(),
            hold: false,
            timers: Vec::new(),
            copied: Vec::new(),
            notified: Vec::new(),
            left: false,
            answers: Box::new(|_| None),
            width,
            height,
        };
        let work = stage.app.begin();
        stage.carry_out(work);
        stage
    }

    /// Keys as in the key table, blanks between: `g t`, `ctrl-k`, `enter`.
    pub(super) fn keys(&mut self, keys: &str) -> &mut Self {
        for key in keys.split(' ').filter(|k| !k.is_empty()) {
            self.event(Event::Key(key_event(key)));
        }
        self
    }

    pub(super) fn text(&mut self, text: &str) -> &mut Self {
        for c in text.chars() {
            self.event(Event::Key(KeyEvent::from(KeyCode::Char(c))));
        }
        self
    }

    pub(super) fn event(&mut self, event: Event) {
        if let Event::Resize(width, height) = event {
            let size = super::port::clamp(width, height);
            (self.width, self.height) = (size.width, size.height);
        }
        self.msg(Msg::Input(event));
    }

    pub(super) fn msg(&mut self, msg: Msg) {
        let work = self.app.update(msg, now());
        self.carry_out(work);
    }

    /// Fires all timers.
    pub(super) fn rest(&mut self) -> &mut Self {
        for ask in std::mem::take(&mut self.timers) {
            self.msg(Msg::Wake(ask));
        }
        self
    }

    /// Answers what was held back.
    pub(super) fn release(&mut self) {
        self.hold = false;
        for (ask, question) in std::mem::take(&mut self.held) {
            let answer = self.answer(&question);
            self.msg(Msg::Answer(ask, answer));
        }
    }

    pub(super) fn screen(&self) -> String {
        let mut terminal = Terminal::new(TestBackend::new(self.width, self.height)).expect("memory does not fail");
        terminal.draw(|frame| self.app.view(frame)).expect("memory does not fail");
        super::backend::text_of(terminal.backend().buffer())
    }

    /// The same screen as a terminal gets it, for pictures.
    pub(super) fn bytes(&self) -> Vec<u8> {
        let bytes = super::backend::Bytes::default();
        let size = ratatui::layout::Size::new(self.width, self.height);
        let backend = super::backend::PeerBackend::new(bytes.clone(), size, None);
        let mut terminal = Terminal::new(backend).expect("memory does not fail");
        terminal.draw(|frame| self.app.view(frame)).expect("memory does not fail");
        bytes.take()
    }

    /// As a seat that teaches newcomers.
    pub(super) fn teach(&mut self) {
        self.app.teach();
        let work = self.app.begin();
        self.carry_out(work);
    }

    fn carry_out(&mut self, work: Vec<Effect>) {
        for effect in work {
            match effect {
                Effect::Ask { ask, question } => {
                    self.asked.push((ask, question.clone()));
                    if self.hold {
                        self.held.push((ask, question));
                    } else {
                        let answer = self.answer(&question);
                        self.msg(Msg::Answer(ask, answer));
                    }
                }
                Effect::Wake { ask, .. } => {
                    self.timers.retain(|wanted| *wanted != ask);
                    self.timers.push(ask);
                }
                Effect::Copy(text) => self.copied.push(text),
                Effect::Notify(said) => self.notified.push(said),
                Effect::Quit => self.left = true,
                _ => {}
            }
        }
    }

    /// A small stand-in for the desk: lists by id, everything matches, sets are carried out.
    fn answer(&mut self, question: &Question) -> Answer {
        if let Some(answer) = (self.answers)(question) {
            return answer;
        }
        let of = |kind: KindId| self.records.iter().filter(move |r| r.kind == kind).cloned();
        match question {
            Question::Board { pipeline, .. } => Answer::Board(Ok(self.board(*pipeline))),
            Question::Page { kind, from, limit, query } => {
                let registry = Registry::builtin();
                let here = |r: &Record| {
                    in_stage(query).is_none_or(|stage| r.get(registry.kind(r.kind), "stage").as_id() == Some(stage))
                };
                let mut all: Vec<Record> = of(*kind).filter(here).collect();
                all.sort_by_key(|r| r.id);
                let limit = *limit as usize;
                let (records, more) = match from {
                    From::Start => (all.iter().take(limit).cloned().collect(), all.len() > limit),
                    From::After(r) => {
                        let rest: Vec<_> = all.iter().filter(|x| x.id > r.id).cloned().collect();
                        (rest.iter().take(limit).cloned().collect(), rest.len() > limit)
                    }
                    From::Before(r) => {
                        let rest: Vec<_> = all.iter().filter(|x| x.id < r.id).cloned().collect();
                        (rest[rest.len().saturating_sub(limit)..].to_vec(), rest.len() > limit)
                    }
                    From::End => (all[all.len().saturating_sub(limit)..].to_vec(), all.len() > limit),
                };
                Answer::Page(Ok(Page { records, more }))
            }
            Question::Metric { .. } => Answer::Metric(Ok(crate::domain::metric::Figures::default())),
            Question::Count { kind, .. } => Answer::Count(Ok(Count { n: of(*kind).count() as u64, exact: true })),
            Question::Read { kind, ids } => Answer::Records(Ok(of(*kind).filter(|r| ids.contains(&r.id)).collect())),
            Question::Look { kind, ids, .. } => {
                let records: Vec<Record> = of(*kind).filter(|r| ids.contains(&r.id)).collect();
                let matching = records.iter().map(|r| r.id).collect();
                Answer::Looked(Ok(Looked { records, matching, is_by_another: false }))
            }
            Question::Perform { action: Action::Set { edits }, targets } => {
                let registry = Registry::builtin();
                let crate::domain::action::Targets::Records(kind, ids) = targets else {
                    return Answer::Outcome(Ok(Outcome::default()));
                };
                for record in self.records.iter_mut().filter(|r| r.kind == *kind && ids.contains(&r.id)) {
                    for edit in edits {
                        record.set(registry.kind(*kind), &edit.field, edit.now.clone());
                    }
                }
                let records = ids.iter().map(|id| (*kind, *id)).collect();
                let done = ids.len() as u64;
                Answer::Outcome(Ok(Outcome { operation: Some(1), records, done, ..Outcome::default() }))
            }
            Question::Perform { .. } | Question::Undo { .. } | Question::Redo => {
                Answer::Outcome(Ok(Outcome { operation: Some(1), done: 1, ..Outcome::default() }))
            }
            Question::Preview { .. } => {
                let sample = self.records.iter().filter(|r| r.kind == TICKET).take(3).cloned().collect();
                let refused = vec![("not yours to change".to_owned(), 2)];
                Answer::Preview(Ok(Preview { total: 40, will_change: 37, unchanged: 1, refused, sample }))
            }
            Question::Undoable => {
                let (operation, what) = (1, "Priority → High on T1042".into());
                Answer::Undoable(Ok(Some(Undoable {
                    operation,
                    action: "set".into(),
                    what,
                    records: Vec::new(),
                    stays: None,
                })))
            }
            Question::Find { .. } => Answer::Hits(Ok(Vec::new())),
            Question::Timeline { .. } => Answer::Timeline(Ok(Vec::new())),
            Question::History { .. } => Answer::History(Ok(Vec::new())),
            Question::Twins { .. } => Answer::Twins(Ok(Vec::new())),
            Question::Elsewhere { .. } => Answer::Elsewhere(Ok(Vec::new())),
            Question::Values { .. } | Question::Unknown { .. } => Answer::Values(Ok(Vec::new())),
            Question::Present => Answer::Present(Ok(Vec::new())),
            Question::Answering { .. } => Answer::Answering(Ok(crate::desk::Answering::default())),
            Question::Outgoing { .. } => Answer::Outgoing(Ok(Vec::new())),
            Question::Filing { .. } => Answer::Filing(Ok(crate::desk::Filing::default())),
            Question::Draft { .. } | Question::Setting { .. } => Answer::Json(Ok(None)),
            _ => Answer::Done(Ok(())),
        }
    }
}

impl Stage {
    /// The pipeline of the office's deals, with what stands in its stages.
    fn board(&self, pipeline: Option<i64>) -> Board {
        let registry = Registry::builtin();
        let (deals, kind) = (registry.kind(DEAL), registry.kind(STAGE));
        let all = |of| self.records.iter().filter(move |r| r.kind == of);
        let pipelines: Vec<Record> = all(PIPELINE).cloned().collect();
        let pipeline = pipeline.or(pipelines.first().map(|p| p.id)).unwrap_or(1);
        let of = |r: &&Record| r.get(kind, "pipeline").as_id() == Some(pipeline);
        let stages: Vec<Record> = all(STAGE).filter(of).cloned().collect();
        let open = stages.iter().filter(|s| s.get(kind, "state").as_str() == Some("open"));
        let columns = open.map(|stage| {
            let mut sums: Vec<Sum> = Vec::new();
            for deal in all(DEAL).filter(|d| d.get(deals, "stage").as_id() == Some(stage.id)) {
                let currency = deal.get(deals, "currency").as_str().unwrap_or_default();
                let amount = deal.get(deals, "amount").as_decimal().unwrap_or_default();
                let chance = stage.get(kind, "probability").as_decimal().unwrap_or_default();
                if !sums.iter().any(|s| s.currency == currency) {
                    let (amount, weighted) = (0.into(), 0.into());
                    sums.push(Sum { currency: currency.into(), deals: 0, amount, weighted });
                }
                for sum in sums.iter_mut().filter(|s| s.currency == currency) {
                    sum.deals += 1;
                    sum.amount += amount;
                    sum.weighted += amount * chance / rust_decimal::Decimal::ONE_HUNDRED;
                }
            }
            Column { stage: stage.clone(), deals: sums.iter().map(|s| s.deals).sum(), sums }
        });
        Board { pipelines, pipeline, columns: columns.collect(), stages }
    }
}

/// The stage that a query is for.
fn in_stage(query: &Query) -> Option<i64> {
    query.filter.parts().iter().find_map(|part| match part {
        Filter::Term(Term { path, test: Test::Is(operands) }) if path == &["stage"] => match operands.as_slice() {
            [Operand::Record(id)] => Some(*id),
            _ => None,
        },
        _ => None,
    })
}

pub(super) fn key_event(key: &str) -> KeyEvent {
    let mut chars = key.chars();
    if let (Some(c), None) = (chars.next(), chars.next()) {
        return KeyEvent::from(KeyCode::Char(c));
    }
    let combination = crokey::parse(key).expect("a key");
    let crokey::OneToThree::One(code) = combination.codes else { panic!("one key at a time") };
    let modifiers = combination.modifiers & (KeyModifiers::CONTROL | KeyModifiers::ALT | KeyModifiers::SHIFT);
    KeyEvent::new(code, modifiers)
}

pub(super) fn to(id: i64, label: &str) -> Value {
    Value::Ref(Ref { id, label: label.into() })
}

/// Contacts, deals and tickets as a small office has them; ids and times are fixed.
pub(super) fn office() -> Vec<Record> {
    let registry = Registry::builtin();
    let mut out = Vec::new();
    let people = [
        ("Petra Vogel", "Acme GmbH", "Head of IT", "petra.vogel@acme.example", "+49 30 901820"),
        ("王伟", "北京智远科技有限公司", "采购经理", "wangwei@zhiyuan.example", "+86 10 6552 9988"),
        ("Seán O'Neil", "Nordbank", "CFO", "sean@nordbank.example", "+353 1 677 4422"),
        ("Jürgen Müller", "Müller & Söhne", "Owner", "jm@mueller.example", "+49 89 1234"),
        ("Zoë 👩\u{200d}💻 Li", "Helix", "CTO", "zoe@helix.example", ""),
    ];
    for i in 0..40i64 {
        let (name, company, title, email, phone) = people[i as usize % people.len()];
        let kind = registry.kind(CONTACT);
        let mut r = Record { id: 300 + i, version: 1, ..Record::empty(kind) };
        r.set(kind, "name", Value::text(name));
        r.set(kind, "company", to(i % 5, company));
        r.set(kind, "title", Value::text(title));
        r.set(kind, "email", Value::text(email));
        r.set(kind, "phone", Value::text(phone));
        r.set(kind, "lifecycle", Value::Choice("customer".into()));
        r.set(kind, "owner", to(1 + i % 2, if i % 2 == 0 { "Ana Lima" } else { "Bo Jensen" }));
        out.push(r);
    }
    let subjects = [
        ("Cannot log in after update", "open", "urgent", -12),
        ("发票抬头有误", "new", "high", 41),
        ("Return of order 5531", "open", "normal", 120),
        ("The invoice says 40,000 but we agreed on 4,000 in the offer of March", "pending", "low", 60 * 30),
        ("重新安装以后打印机无法连接到网络", "solved", "normal", -600),
    ];
    for i in 0..250i64 {
        let (subject, status, priority, minutes) = subjects[i as usize % subjects.len()];
        let kind = registry.kind(TICKET);
        let mut r = Record { id: 1040 + i, version: 3, ..Record::empty(kind) };
        r.set(kind, "subject", Value::text(subject));
        r.set(kind, "status", Value::Choice(status.into()));
        r.set(kind, "priority", Value::Choice(priority.into()));
        r.set(kind, "due", Value::Instant(now() + Duration::minutes(minutes)));
        if status == "solved" {
            r.set(kind, "solved", Value::Instant(now()));
        }
        r.set(kind, "contact", to(300 + i % 5, people[i as usize % people.len()].0));
        r.set(kind, "owner", if i % 3 == 1 { Value::Null } else { to(1, "Ana Lima") });
        r.set(kind, "description", Value::text("After yesterday's update I get \u{1b}[31m\"invalid token\"."));
        out.push(r);
    }
    for i in 0..12i64 {
        let kind = registry.kind(DEAL);
        let mut r = Record { id: 70 + i, version: 1, ..Record::empty(kind) };
        r.set(
            kind,
            "name",
            Value::text(["Acme rollout", "Nordbank CRM", "Zhou Trading 年度", "Helix renewal"][i as usize % 4]),
        );
        r.set(kind, "stage", to(i % 4, ["Qualified", "Proposal", "Negotiation", "Won"][i as usize % 4]));
        r.set(kind, "pipeline", to(1, "Sales"));
        r.set(kind, "company", to(i % 4, people[i as usize % 4].1));
        r.set(kind, "amount", Value::Decimal((40_000 * (i + 1)).into()));
        r.set(kind, "currency", Value::text(["EUR", "EUR", "CNY", "USD"][i as usize % 4]));
        r.set(kind, "expected", Value::Day((now() + Duration::days(i * 9)).date_naive()));
        r.set(kind, "owner", to(1, "Ana Lima"));
        out.push(r);
    }
    let kind = registry.kind(PIPELINE);
    let mut sales = Record { id: 1, version: 1, ..Record::empty(kind) };
    sales.set(kind, "name", Value::text("Sales"));
    out.push(sales);
    for (id, name) in (0..).zip(["Qualified", "Proposal", "Negotiation", "Won", "Lost"]) {
        let kind = registry.kind(STAGE);
        let mut r = Record { id, version: 1, ..Record::empty(kind) };
        r.set(kind, "name", Value::text(name));
        r.set(kind, "pipeline", to(1, "Sales"));
        r.set(kind, "position", Value::Int(id));
        r.set(kind, "probability", Value::Int([25, 50, 75, 100, 0][id as usize]));
        r.set(kind, "state", Value::Choice(["open", "open", "open", "won", "lost"][id as usize].into()));
        r.set(kind, "rotting_days", Value::Int(14));
        out.push(r);
    }
    for (id, name) in [(1, "Ana Lima"), (2, "Bo Jensen"), (3, "曹颖")] {
        let kind = registry.kind(USER);
        let mut r = Record { id, version: 1, ..Record::empty(kind) };
        r.set(kind, "name", Value::text(name));
        out.push(r);
    }
    out
}
