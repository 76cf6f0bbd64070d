//! What follows from a row's cells, kind by kind: a deal's stage and name, a contact's name, a new user's login; and what
//! of it deserves a remark.

use csv::StringRecord;

use super::super::columns::Goes;
use super::super::names::Found;
use super::super::stages::State;
use super::super::survey::clean;
use super::super::words::misspelt;
use super::{Maker, defaults, free_login};
use crate::domain::field::FieldType;
use crate::domain::kind::{CONTACT, DEAL, TICKET, USER, full_name};
use crate::domain::value::Value;

impl Maker {
    /// What follows from the cells, and what a new record gets that the file does not say.
    pub(super) fn complete(&mut self, line: u64, row: &StringRecord, values: &mut [Value]) -> Result<(), String> {
        for (name, code) in defaults(self.kind.id) {
            if let Some(at) = self.kind.index(name)
                && values[at].is_none()
            {
                values[at] = Value::Choice((*code).into());
            }
        }
        match self.kind.id {
            DEAL => self.complete_deal(row, values)?,
            CONTACT => self.complete_contact(values),
            USER => self.complete_user(values),
            TICKET => self.complete_ticket(line, values),
            _ => {}
        }
        self.complete_currency(values);
        let (owner, team) = (self.kind.index("owner"), self.kind.index("team"));
        if let (Some(owner), Some(team)) = (owner, team) {
            if let (Value::Null, Some((me, mine))) = (&values[owner], self.mine) {
                values[owner] = Value::reference(me);
                if values[team].is_none() {
                    values[team] = mine.map_or(Value::Null, Value::reference);
                }
            }
            if values[team].is_none()
                && let Some(theirs) = values[owner].as_id().and_then(|id| self.teams.get(&id))
            {
                values[team] = Value::reference(*theirs);
            }
        }
        Ok(())
    }

    fn complete_currency(&mut self, values: &mut [Value]) {
        for (at, field) in self.kind.fields.iter().enumerate() {
            let FieldType::Money { currency } = &field.ty else { continue };
            let Some(sibling) = self.kind.index(currency) else { continue };
            if !values[at].is_none() && values[sibling].is_none() && !self.currency.is_empty() {
                let code = &self.currency;
                values[sibling] = Value::Text(code.clone());
                self.warnings.add(
                    "currency_assumed",
                    "",
                    || format!("amounts name no currency; taken as {code}"),
                    String::new,
                );
            }
        }
    }

    fn complete_deal(&mut self, row: &StringRecord, values: &mut [Value]) -> Result<(), String> {
        let index = |name: &str| self.kind.index(name).expect("no role is kept from it");
        // Fields that the person does not see are not there.
        let seen = |name: &str| self.kind.index(name);
        let cell = |name: &str| {
            let column = seen(name).and_then(|at| self.columns.iter().position(|c| c.goes == Goes::Field(at)));
            column.and_then(|at| row.get(at)).map(clean).unwrap_or_default()
        };
        let (pipeline, stage) = (cell("pipeline"), cell("stage"));
        let Some((at_stage, in_pipeline, outcome)) = self.stages.get(&pipeline, &stage) else {
            return Err(format!("no pipeline is called “{pipeline}”; {} to make it", self.create_refs));
        };
        values[index("stage")] = Value::reference(at_stage);
        values[index("pipeline")] = Value::reference(in_pipeline);
        if let (Some(closed), Some(expected)) = (seen("closed"), seen("expected"))
            && outcome != State::Open
            && values[closed].is_none()
        {
            values[closed] = values[expected].clone();
        }
        if values[index("name")].is_none() {
            let title = |field: &str| {
                let reference = self.references.iter().find(|r| Some(r.field) == seen(field))?;
                let (text, email) = reference.of(row)?;
                let name = self.names.get(&reference.kind)?.get(&text, &email)?;
                Some(match &name.found {
                    Found::Nearly(_, own) => own.clone(),
                    _ => name.text.clone(),
                })
            };
            let parts: Vec<String> = ["company", "contact", "product"].iter().filter_map(|f| title(f)).collect();
            let name = if parts.is_empty() { cell("external_id") } else { parts.join(" – ") };
            values[index("name")] = Value::text(name);
        }
        let mut missing = |field: &str, code: &'static str, message: &str| {
            if seen(field).is_some_and(|at| values[at].is_none()) {
                let sample = cell("external_id");
                self.warnings.add(code, "", || message.into(), || sample);
            }
        };
        missing("opened", "deal_without_opening", "deals have no opening date");
        missing("amount", "deal_without_amount", "deals have no amount");
        if outcome == State::Open {
            missing("company", "open_deal_without_company", "open deals name no company");
        } else {
            missing("company", "closed_deal_without_company", "closed deals name no company");
            missing("closed", "deal_without_closing", "closed deals have no closing date");
        }
        let day = |name: &str| seen(name).map_or(&Value::Null, |at| &values[at]);
        if let (Value::Day(opened), Value::Day(closed)) = (day("opened"), day("closed"))
            && closed < opened
        {
            let (sample, closed, opened) = (cell("external_id"), *closed, *opened);
            self.warnings.add(
                "closed_before_opened",
                "",
                || "deals were closed before they were opened; kept as they are".into(),
                || format!("{sample}: {opened} to {closed}"),
            );
        }
        Ok(())
    }

    fn complete_contact(&self, values: &mut [Value]) {
        let title = self.kind.index("name").expect("contacts have it");
        if !values[title].is_none() {
            return;
        }
        let value = |name: &str| self.kind.index(name).and_then(|at| values[at].as_str());
        let text = |name: &str| value(name).unwrap_or_default().to_owned();
        let (family, given) = (text("family_name"), text("given_name"));
        let name = full_name(&family, &given);
        let name = if name.is_empty() { text("email") } else { name };
        values[title] = Value::text(name);
    }

    /// People whom an import makes can do nothing until an admin lets them in.
    fn complete_user(&mut self, values: &mut [Value]) {
        let index = |name: &str| self.kind.index(name).expect("users have it");
        if values[index("active")].is_none() {
            values[index("active")] = Value::Bool(false);
        }
        if values[index("login")].is_none()
            && let Some(name) = values[index("name")].as_str()
        {
            let login = free_login(name, &mut self.logins);
            values[self.kind.index("login").expect("users have it")] = Value::Text(login);
        }
    }

    fn complete_ticket(&mut self, line: u64, values: &mut [Value]) {
        let status = self.kind.index("status").expect("tickets have it");
        // A file that knows one end of a ticket means both.
        if let (Some(solved), Some(closed)) = (self.kind.index("solved"), self.kind.index("closed"))
            && values[status] == Value::Choice("closed".into())
            && values[closed].is_none()
        {
            values[closed] = values[solved].clone();
        }
        let at = |name: &str| self.kind.index(name).and_then(|i| values[i].as_instant());
        if let (Some(replied), Some(solved)) = (at("first_reply"), at("solved"))
            && solved < replied
        {
            self.warnings.add(
                "solved_before_reply",
                "",
                || "tickets were resolved before the first response; kept as they are".into(),
                || {
                    format!(
                        "line {line}: first response {}, resolved {}",
                        replied.format("%F %R"),
                        solved.format("%F %R")
                    )
                },
            );
        }
    }

    /// Well-known words misspelt: kept, since the file is the witness, but said.
    pub(super) fn remark(&mut self, line: u64, values: &[Value]) {
        for name in ["industry", "country"] {
            let Some(text) = self.kind.index(name).and_then(|at| values[at].as_str()) else { continue };
            if let Some(known) = misspelt(text) {
                self.warnings.add(
                    "misspelt",
                    text,
                    || format!("{name} “{text}” looks like “{known}”; the spelling is kept"),
                    || format!("line {line}"),
                );
            }
        }
    }
}
