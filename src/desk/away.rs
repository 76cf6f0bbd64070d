//! Absences: a person says that they are away, or whoever manages them does, and a colleague stands in. What follows from
//! it follows by the day: notices, what is handed out, what one hears who gives them something.

use chrono::{Datelike, NaiveDate};

use super::{Cx, Desk, Error, Result, constraint, failed, say};
use crate::domain::action::Action;
use crate::domain::field::Lang;
use crate::domain::kind::USER;
use crate::domain::value::Value;
use crate::domain::when::weekday_in_chinese;
use crate::store::{OperationSpec, Tx, away, staff};

/// A colleague who is away today.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Away {
    pub person: i64,
    pub name: String,
    /// The last day.
    pub until: NaiveDate,
    /// Who stands in.
    pub deputy: Option<String>,
}

impl Away {
    /// `Ana is away until Fri 12 Dec; Bo stands in.`
    pub(super) fn sentence(&self, cx: &Cx) -> String {
        let lang = cx.viewer.lang;
        let (name, until) = (&self.name, spoken(self.until, cx.viewer.now.year(), lang));
        match &self.deputy {
            Some(deputy) => say(
                lang,
                format!("{name} is away until {until}; {deputy} stands in."),
                format!("{name} 外出至{until}，由 {deputy} 代理。"),
            ),
            None => say(
                lang,
                format!("{name} is away until {until}; nobody stands in."),
                format!("{name} 外出至{until}，无人代理。"),
            ),
        }
    }
}

/// An absence as it is to be kept: from the first day, else at once, to the last, both included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Absence {
    pub from: Option<NaiveDate>,
    pub until: NaiveDate,
    /// The login of whoever stands in.
    pub deputy: Option<String>,
}

/// `Fri 12 Dec`, `12月12日（周五）`; of another year than `year` with its own.
pub(super) fn spoken(day: NaiveDate, year: i32, lang: Lang) -> String {
    match lang {
        _ if day.year() != year => day.to_string(),
        Lang::En => day.format("%a %-d %b").to_string(),
        Lang::Zh => format!("{}月{}日（{}）", day.month(), day.day(), weekday_in_chinese(day.weekday())),
    }
}

impl Desk {
    /// Keeps that the person is away, `None`: that they are not; the sentence to say then. One's own absence, or that of
    /// whom one manages.
    pub async fn set_away(&self, cx: &Cx, login: &str, absence: Option<Absence>) -> Result<String> {
        let lang = cx.viewer.lang;
        let lost = |e| failed(lang, e);
        let registry = self.registry_for(cx);
        let kind = registry.kind(USER);
        let mut tx = self.read_tx(cx).await?;
        let person = self.person_of(&mut tx, cx, login).await?;
        if person != cx.viewer.me.id && !staff::manages(&mut tx, person).await.map_err(lost)? {
            return Err(Error::Denied(say(
                lang,
                "Only who manages users says that somebody else is away; ask them yourself, or an admin.",
                "只有可管理用户的人可以登记他人外出，请联系管理员。",
            )));
        }
        if let Some(absence) = &absence
            && absence.until < away::today(&mut tx).await.map_err(lost)?
        {
            return Err(Error::Invalid {
                field: "away_until".into(),
                reason: say(lang, "That day is over; name the last day away.", "该日期已过，请填写外出的最后一天。"),
            });
        }
        let deputy = match absence.as_ref().and_then(|absence| absence.deputy.as_deref()) {
            Some(login) => Some(self.person_of(&mut tx, cx, login).await?),
            None => None,
        };
        drop(tx);
        let spec = OperationSpec { action: "set", undoes: None, resume: None };
        let mut tx = self.inner.store.begin(&cx.actor(), Some(&spec)).await.map_err(lost)?;
        let days = absence.as_ref().map(|absence| (absence.from, absence.until));
        away::set(&mut tx, person, days, deputy).await.map_err(|e| constraint(lang, kind, e))?;
        let now = self.away(cx, &mut tx, &[person]).await?;
        tx.commit().await.map_err(|e| constraint(lang, kind, e))?;
        Ok(match (now.first(), absence) {
            (Some(now), _) => now.sentence(cx),
            (None, Some(Absence { from: Some(from), until, .. })) => {
                let year = cx.viewer.now.year();
                let (from, until) = (spoken(from, year, lang), spoken(until, year, lang));
                say(
                    lang,
                    format!("{login} will be away from {from} to {until}."),
                    format!("{login} 将于{from}至{until}外出。"),
                )
            }
            (None, _) => say(lang, format!("{login} is here."), format!("{login} 在岗。")),
        })
    }

    /// Those of these people who are away today.
    pub(super) async fn away(&self, cx: &Cx, tx: &mut Tx, people: &[i64]) -> Result<Vec<Away>> {
        let rows = away::of(tx, people).await.map_err(|e| failed(cx.viewer.lang, e))?;
        let row = |row: away::Row| Away { person: row.person, name: row.name, until: row.until, deputy: row.deputy };
        Ok(rows.into_iter().map(row).collect())
    }

    /// What to say to whoever gave something to people who are away.
    pub(super) async fn away_notes(&self, cx: &Cx, action: &Action) -> Vec<String> {
        let mut people = Vec::new();
        owners(action, &mut people);
        people.retain(|person| *person != cx.viewer.me.id);
        if people.is_empty() {
            return Vec::new();
        }
        let found = async {
            let mut tx = self.read_tx(cx).await?;
            self.away(cx, &mut tx, &people).await
        };
        // It is done: that nothing more is known does not make it fail.
        let found = found.await.unwrap_or_default();
        found.iter().map(|away| away.sentence(cx)).collect()
    }
}

/// The people to whom an action gives its records.
fn owners(action: &Action, people: &mut Vec<i64>) {
    match action {
        Action::Set { edits } => {
            people.extend(edits.iter().filter(|edit| edit.field == "owner").filter_map(|edit| edit.now.as_id()));
        }
        Action::Create { values, .. } => {
            let of = |(field, value): &(String, Value)| if field == "owner" { value.as_id() } else { None };
            people.extend(values.iter().filter_map(of));
        }
        Action::Macro { steps, .. } => steps.iter().for_each(|step| owners(step, people)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_told_in_words_and_the_year_where_it_is_another() {
        let day = NaiveDate::from_ymd_opt(2026, 12, 11).expect("a day");
        assert_eq!(spoken(day, 2026, Lang::En), "Fri 11 Dec");
        assert_eq!(spoken(day, 2026, Lang::Zh), "12月11日（周五）");
        assert_eq!(spoken(day, 2025, Lang::En), "2026-12-11");
    }
}
