//! A ticket as its conversation: who wants what, how urgent it is in words, what was said, and what is on its way out.

use std::time::Duration;

use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::draw::Block;
use super::{Key, RecordScreen};
use crate::desk::{Leaving, Moment, Outgoing, What};
use crate::domain::kind::{Kind, MESSAGE, TICKET};
use crate::domain::record::Record;
use crate::domain::value::Value;
use crate::tui::effect::{Out, Question};
use crate::tui::screens::ticket::is_done;
use crate::tui::theme::Role;
use crate::tui::ui::Ui;
use crate::tui::{show, text};

/// How long mail is held back, and a little more: then it is looked at again.
const HOLD: Duration = Duration::from_millis(10_500);

/// Fields that the two first lines tell.
pub(super) const TOLD: &[&str] = &[
    "status",
    "priority",
    "type",
    "contact",
    "company",
    "due",
    "sla",
    "first_reply",
    "solved",
    "closed",
    "snoozed",
    "snooze_reason",
    "rating",
];

impl RecordScreen {
    /// A ticket that nobody has replied to has none.
    pub(super) fn load_mails(&mut self, ui: &Ui, out: &mut Out) {
        let message = ui.registry.kind(MESSAGE);
        let is_reply = |moment: &Moment| match &moment.what {
            What::Record(record) => {
                record.kind == MESSAGE && !matches!(record.get(message, "direction").as_str(), Some("in" | "note"))
            }
            What::Change(_) => false,
        };
        if self.kind == TICKET && self.timeline.iter().any(is_reply) {
            self.mailing.ask(Question::Outgoing { ticket: self.id }, out);
        }
    }

    pub(super) fn mails_read(&mut self, mails: Vec<Outgoing>, ui: &Ui, out: &mut Out) {
        if mails.iter().any(|mail| mail.state == Leaving::Held) {
            self.mail_wake = Some(out.wake(HOLD));
        }
        self.hold(ui, |me| me.mails = mails);
    }

    /// `Acme GmbH › Petra Vogel`, then how urgent it is and until when, in words.
    pub(super) fn ticket_head(&self, record: &Record, kind: &Kind, width: usize, ui: &Ui) -> Vec<Line<'static>> {
        let of = |name: &str| kind.field(name).map(|f| show::field(record, kind, f, ui)).unwrap_or_default();
        let style =
            |name: &str| kind.field(name).map_or(Style::default(), |f| self.value_style(f, record.get(kind, name), ui));
        let whom: Vec<String> = [of("company"), of("contact")].into_iter().filter(|w| !w.is_empty()).collect();
        let whom = if whom.is_empty() { ui.t("ticket-nobody") } else { whom.join(" › ") };
        let mut lines = vec![Line::styled(text::cut(&whom, width).into_owned(), ui.style(Role::Accent))];
        let mut parts: Vec<(String, Style)> = ["priority", "status", "type"]
            .into_iter()
            .map(|name| (of(name), style(name)))
            .filter(|(said, _)| !said.is_empty())
            .collect();
        parts.extend(Self::clocks(record, kind, ui));
        lines.extend(flowing(parts, width, ui));
        if let Value::Instant(at) = record.get(kind, "snoozed")
            && *at > ui.now
        {
            let why = of("snooze_reason");
            let at = show::instant(*at, ui.now, ui.cx.viewer.zone, ui.lang());
            let said = ui.tr("ticket-snoozed", &[("at", at.into())]);
            let said = if why.is_empty() { said } else { format!("{said}: {why}") };
            lines.push(Line::styled(text::cut(&said, width).into_owned(), ui.style(Role::Warn)));
        }
        lines
    }

    /// First reply and solution: what is left, by how much it is late, or when it was.
    fn clocks(record: &Record, kind: &Kind, ui: &Ui) -> Vec<(String, Style)> {
        let at = |name: &str| match record.get(kind, name) {
            Value::Instant(at) => Some(*at),
            _ => None,
        };
        let span = |seconds: i64| span_in_words(seconds, ui);
        let mut said = Vec::new();
        let created = at("created");
        match (at("first_reply"), created) {
            (Some(first), Some(created)) => {
                let after = span((first - created).num_seconds().max(0));
                said.push((ui.tr("ticket-replied", &[("span", after.into())]), ui.style(Role::Good)));
            }
            (None, _) if !record.get(kind, "status").as_str().is_some_and(is_done) => {
                said.push((ui.t("ticket-unanswered"), ui.style(Role::Warn)));
            }
            _ => {}
        }
        match (at("solved").or(at("closed")), at("due")) {
            (Some(done), _) => {
                let when = show::instant(done, ui.now, ui.cx.viewer.zone, ui.lang());
                said.push((ui.tr("ticket-solved", &[("at", when.into())]), ui.style(Role::Good)));
            }
            (None, Some(due)) => {
                let left = (due - ui.now).num_seconds();
                let args = [("span", span(left.abs()).into())];
                said.push(if left < 0 {
                    (ui.tr("ticket-overdue", &args), ui.style(Role::Bad))
                } else {
                    let role = if left < 3600 { Role::Warn } else { Role::Text };
                    (ui.tr("ticket-due", &args), ui.style(role))
                });
            }
            (None, None) => {}
        }
        if let Value::Int(stars) = record.get(kind, "rating") {
            said.push(("★".repeat((*stars).clamp(0, 5) as usize), ui.style(Role::Good)));
        }
        said
    }

    /// The request as it came in, for tickets whose first message is not in the conversation.
    pub(super) fn opening(&self, record: &Record, kind: &Kind, width: usize, ui: &Ui) -> Option<Block> {
        let body = record.get(kind, "description").as_str()?;
        let first = self.timeline.iter().rev().find_map(|m| match &m.what {
            What::Record(r) if r.kind == MESSAGE => r.get(ui.registry.kind(MESSAGE), "body").as_str(),
            _ => None,
        });
        if self.has_older || first.is_some_and(|first| first.trim() == body.trim()) {
            return None;
        }
        let of = |name: &str| kind.field(name).map(|f| show::field(record, kind, f, ui)).unwrap_or_default();
        let who = if of("contact").is_empty() { ui.t("ticket-nobody") } else { of("contact") };
        let parts: Vec<String> = [of("created"), of("channel")].into_iter().filter(|p| !p.is_empty()).collect();
        let key = Key::Text("description".into());
        let mut lines = vec![Line::from(vec![
            Span::styled("◂ ", ui.style(Role::Accent)),
            Span::styled(who, ui.style(Role::Title)),
            Span::styled(format!("  {}", parts.join(" · ")), ui.style(Role::Dim)),
        ])];
        self.push_body(&mut lines, body, &key, width, ui);
        Some(Block { key: Some(key), lines })
    }

    /// What became of a reply's mail, for its message's head.
    pub(super) fn mail_of(&self, message: i64, width: usize, ui: &Ui) -> Option<Line<'static>> {
        let mail = self.mails.iter().find(|mail| mail.message == message)?;
        let to = if mail.cc.is_empty() { mail.to.clone() } else { format!("{}, {}", mail.to, mail.cc) };
        let args = [("to", text::inert(&to).into_owned().into())];
        let (said, role) = match mail.state {
            Leaving::Held => (ui.tr("mail-held", &args), Role::Warn),
            Leaving::Queued => (ui.tr("mail-queued", &args), Role::Accent),
            Leaving::Sent => (ui.tr("mail-sent", &args), Role::Good),
            Leaving::Cancelled => (ui.tr("mail-cancelled", &args), Role::Dim),
        };
        Some(Line::styled(text::cut(&format!("  {said}"), width).into_owned(), ui.style(role)))
    }
}

/// `41 minutes`, `3 hours`, `8 days`.
fn span_in_words(seconds: i64, ui: &Ui) -> String {
    let n = |n: i64| [("n", u64::try_from(n).unwrap_or(0).into())];
    match seconds {
        ..5400 => ui.tr("span-minutes", &n((seconds + 30) / 60)),
        5400..129_600 => ui.tr("span-hours", &n((seconds + 1800) / 3600)),
        _ => ui.tr("span-days", &n((seconds + 43_200) / 86_400)),
    }
}

/// Parts with dots between, on as many lines as they take.
fn flowing(parts: Vec<(String, Style)>, width: usize, ui: &Ui) -> Vec<Line<'static>> {
    let mut lines: Vec<Vec<Span<'static>>> = vec![Vec::new()];
    let mut used = 0;
    for (said, style) in parts {
        let wide = text::width(&said);
        if used > 0 && used + 3 + wide > width {
            lines.push(Vec::new());
            used = 0;
        }
        let line = lines.last_mut().expect("there is one");
        if used > 0 {
            line.push(Span::styled(" · ", ui.style(Role::Dim)));
            used += 3;
        }
        line.push(Span::styled(text::cut(&said, width).into_owned(), style));
        used += wide;
    }
    lines.into_iter().filter(|line| !line.is_empty()).map(Line::from).collect()
}
