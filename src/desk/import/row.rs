//! One row of a file as the columns of a record, or the reason why it cannot be one.

mod complete;

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono_tz::Tz;
use csv::StringRecord;

use super::columns::{Column, Goes};
use super::dates::Order;
use super::names::{Found, Names};
use super::report::Warnings;
use super::stages::Stages;
use super::survey::{Reference, Survey, references};
use super::values::{self, Note, Parsed, Style};
use super::words::fold;
use crate::domain::field::{Field, FieldType};
use crate::domain::kind::{CONTACT, DEAL, Kind, KindId, TICKET, USER};
use crate::domain::search::sound;
use crate::domain::value::Value;
use crate::domain::words::{Kept, kept};

/// Cells of a choice column understood once and remembered, at most.
const REMEMBERED: usize = 1_000;

/// A row understood: one text per target, as Postgres reads it.
#[derive(Debug)]
pub(super) struct Made {
    pub line: u64,
    /// Parallel to `Maker::targets`.
    pub cells: Vec<Option<String>>,
    /// A reference to a record that this file makes: field and name.
    pub later: Option<(usize, String)>,
    /// Places in `cells` that the file is silent about: only for a new record.
    pub silent: Vec<usize>,
    /// Why it cannot be a new record: a required field is blank. A record that is there already may be updated.
    pub lacks: Option<String>,
    /// The words of a new record; none when the database is to make them.
    pub words: Option<Kept>,
    /// The row as the file has it, for the rejects.
    pub row: StringRecord,
}

/// A column of the table that the import writes.
#[derive(Clone, Debug)]
pub(super) struct Target {
    pub field: Field,
    /// Written when a record is made, left alone when one is found.
    pub only_new: bool,
}

/// The logins that are taken, so that people made by an import get free ones.
pub(super) type Logins = HashSet<String>;

/// Turns rows into records.
pub(super) struct Maker {
    kind: Kind,
    columns: Vec<Column>,
    styles: Vec<Style>,
    references: Vec<Reference>,
    pub names: BTreeMap<KindId, Names>,
    pub stages: Stages,
    /// Per user the team, for records whose file names an owner and no team.
    pub teams: HashMap<i64, i64>,
    /// Owner and team of rows that name none, for a person who may not make records of nobody's.
    pub mine: Option<(i64, Option<i64>)>,
    pub logins: Logins,
    /// How the person has records made that rows name.
    pub create_refs: String,
    /// The currency of amounts that name none.
    pub currency: String,
    match_fields: Vec<usize>,
    seen: HashMap<u64, u64>,
    remembered: HashMap<(usize, String), Result<Parsed, String>>,
    /// Field indexes in the order of the cells, with `only_new`.
    targets: Vec<(usize, bool)>,
    extra: Vec<Field>,
    pub warnings: Warnings,
}

impl Maker {
    pub(super) fn new(
        kind: &Kind,
        columns: Vec<Column>,
        survey: &mut Survey,
        match_fields: Vec<usize>,
        zone: Tz,
        warnings: Warnings,
    ) -> Self {
        let mut maker = Self {
            references: references(kind, &columns),
            kind: kind.clone(),
            styles: Vec::new(),
            names: std::mem::take(&mut survey.names),
            stages: Stages::default(),
            teams: HashMap::new(),
            mine: None,
            logins: HashSet::new(),
            create_refs: String::new(),
            currency: String::new(),
            match_fields,
            seen: HashMap::new(),
            remembered: HashMap::new(),
            targets: Vec::new(),
            extra: columns
                .iter()
                .filter_map(|c| match &c.goes {
                    Goes::New(field) => Some(field.clone()),
                    _ => None,
                })
                .collect(),
            columns,
            warnings,
        };
        maker.styles = maker.decide_styles(survey, zone);
        maker.targets = maker.find_targets();
        maker
    }

    /// What is written, in the order of `Made::cells`.
    pub(super) fn targets(&self) -> Vec<Target> {
        let own = self
            .targets
            .iter()
            .map(|(index, only_new)| Target { field: self.kind.fields[*index].clone(), only_new: *only_new });
        own.chain(self.extra.iter().map(|field| Target { field: field.clone(), only_new: false })).collect()
    }

    fn is_mapped(&self, index: usize) -> bool {
        self.columns.iter().any(|c| c.goes == Goes::Field(index))
    }

    /// The order of days and months, and the decimal sign, of every column.
    fn decide_styles(&mut self, survey: &Survey, zone: Tz) -> Vec<Style> {
        // A file is written by one program: what one column proves holds for the others.
        let proofs: Vec<Order> = survey.dates.iter().filter_map(|e| e.proof()).collect();
        let common = proofs.first().copied().filter(|first| proofs.iter().all(|p| p == first));
        let mut styles = Vec::new();
        for (at, column) in self.columns.iter().enumerate() {
            let evidence = survey.dates[at];
            let header = &column.header;
            let order = if evidence.disagrees() {
                self.warnings.count(
                    "mixed_dates",
                    header,
                    evidence.either,
                    || format!("“{header}” has days before months and months before days; dates that could be either are refused"),
                    String::new,
                );
                None
            } else {
                Some(evidence.proof().or(common).unwrap_or_else(|| {
                    let guess = evidence.guess();
                    if evidence.either > 0 {
                        let said = if guess == Order::DayFirst { "day/month" } else { "month/day" };
                        self.warnings.count(
                            "guessed_dates",
                            header,
                            evidence.either,
                            || format!("nothing in “{header}” says whether days or months come first; read as {said}"),
                            String::new,
                        );
                    }
                    guess
                }))
            };
            styles.push(Style { order, comma_is_decimal: survey.numbers[at].comma_is_decimal(), zone });
        }
        styles
    }

    fn find_targets(&self) -> Vec<(usize, bool)> {
        let mut targets: Vec<(usize, bool)> = Vec::new();
        let index = |name: &str| self.kind.index(name);
        for (at, field) in self.kind.fields.iter().enumerate() {
            let by_reference = self.references.iter().any(|r| r.field == at);
            if self.is_mapped(at) || by_reference {
                targets.push((at, field.name == "created"));
            }
        }
        let mut also = |name: &str, only_new: bool| {
            if let Some(at) = index(name)
                && !targets.iter().any(|(known, _)| *known == at)
            {
                targets.push((at, only_new));
            }
        };
        match self.kind.id {
            DEAL => {
                let has_stage = index("stage").is_some_and(|at| self.is_mapped(at));
                also("name", true);
                also("stage", !has_stage);
                also("pipeline", !has_stage);
                if index("expected").is_some_and(|at| self.is_mapped(at)) {
                    also("closed", false);
                }
            }
            CONTACT => also("name", true),
            TICKET if index("solved").is_some_and(|at| self.is_mapped(at)) => also("closed", false),
            USER => {
                also("login", true);
                also("active", true);
            }
            _ => {}
        }
        for (name, _) in defaults(self.kind.id) {
            also(name, true);
        }
        for field in &self.kind.fields {
            if let FieldType::Money { currency } = &field.ty
                && index(&field.name).is_some_and(|at| self.is_mapped(at))
            {
                also(currency, false);
            }
        }
        also("owner", true);
        also("team", true);
        targets.retain(|(at, _)| !self.kind.fields[*at].fixed);
        targets
    }

    /// A row as a record's columns; `Err` says why not.
    pub(super) fn make(&mut self, line: u64, row: &StringRecord) -> Result<Made, String> {
        self.check_width(line, row)?;
        let mut values = vec![Value::Null; self.kind.fields.len()];
        let mut extra = vec![Value::Null; self.extra.len()];
        let mut next_extra = 0;
        for at in 0..self.columns.len() {
            let cell = row.get(at).unwrap_or_default();
            match self.columns[at].goes.clone() {
                Goes::Field(index) => {
                    if matches!(self.kind.fields[index].ty, FieldType::Ref(_)) {
                        continue;
                    }
                    let parsed = self.cell(line, at, index, cell)?;
                    if let (Some(code), FieldType::Money { currency }) = (parsed.currency, &self.kind.fields[index].ty)
                        && let Some(sibling) = self.kind.index(currency)
                        && values[sibling].is_none()
                    {
                        values[sibling] = Value::Text(code.into());
                    }
                    values[index] = parsed.value;
                }
                Goes::New(field) => {
                    let parsed = values::parse(&self.kind, &field, cell, self.styles[at]);
                    extra[next_extra] = parsed.map_err(|why| self.reason(at, &why))?.value;
                    next_extra += 1;
                }
                Goes::Through { .. } | Goes::Unknown | Goes::Ignored => {}
            }
        }
        let later = self.refer(row, &mut values)?;
        let blank: Vec<bool> = values.iter().map(Value::is_none).collect();
        self.complete(line, row, &mut values)?;
        let lacks = self.lacks(&values, later.as_ref());
        let silent = self.silent(&blank, &values, row);
        self.remark(line, &values);
        self.check_repeats(line, &values)?;
        // A field that only a dry run knows has words as well.
        let written = || self.targets.iter().map(|(index, _)| (&self.kind.fields[*index], &values[*index]));
        let words = if extra.is_empty() { kept(&self.kind, written()) } else { None };
        let cells = self.targets.iter().map(|(index, _)| text_of(&values[*index]));
        let cells = cells.chain(extra.iter().map(text_of)).collect();
        Ok(Made { line, cells, later, silent, lacks, words, row: row.clone() })
    }

    fn reason(&self, at: usize, why: &str) -> String {
        format!("{}: {why}", self.columns[at].header)
    }

    fn check_width(&mut self, line: u64, row: &StringRecord) -> Result<(), String> {
        let (cells, wanted) = (row.len(), self.columns.len());
        if cells > wanted && row.iter().skip(wanted).any(|cell| !cell.trim().is_empty()) {
            return Err(format!(
                "the row has {cells} cells, the header {wanted}; is a delimiter inside a text unquoted?"
            ));
        }
        if cells < wanted {
            self.warnings.add(
                "short_row",
                "",
                || "rows have fewer cells than the header; the missing ones count as blank".into(),
                || format!("line {line}"),
            );
        }
        Ok(())
    }

    fn cell(&mut self, line: u64, at: usize, index: usize, cell: &str) -> Result<Parsed, String> {
        let field = &self.kind.fields[index];
        let is_choice = matches!(field.ty, FieldType::Choice(_));
        if is_choice && let Some(known) = self.remembered.get(&(at, cell.to_owned())) {
            return known.clone();
        }
        let parsed = values::parse(&self.kind, field, cell, self.styles[at]).map_err(|why| self.reason(at, &why));
        if let Ok(Parsed { note: Some(note), value, .. }) = &parsed {
            let header = &self.columns[at].header;
            let short: String = cell.trim().chars().take(60).collect();
            match note {
                Note::Several => self.warnings.add(
                    "several_in_cell",
                    header,
                    || format!("cells of “{header}” hold several values; the first, or the preferred one, is kept"),
                    || format!("line {line}: {short}"),
                ),
                Note::Near => self.warnings.add(
                    "near_choice",
                    &short,
                    || format!("“{short}” in “{header}” is taken as {}", value.as_str().unwrap_or_default()),
                    || format!("line {line}"),
                ),
                Note::Dropped => self.warnings.add(
                    "nul_dropped",
                    header,
                    || format!("“{header}” holds NUL characters, which no database text can; they are left out"),
                    || format!("line {line}"),
                ),
            }
        }
        if is_choice && self.remembered.len() < REMEMBERED {
            self.remembered.insert((at, cell.to_owned()), parsed.clone());
        }
        parsed
    }

    fn refer(&self, row: &StringRecord, values: &mut [Value]) -> Result<Option<(usize, String)>, String> {
        let mut later = None;
        for reference in &self.references {
            let Some((text, email)) = reference.of(row) else { continue };
            let label = &self.kind.fields[reference.field].label.en;
            let name = self.names.get(&reference.kind).and_then(|names| names.get(&text, &email));
            match name.map(|n| &n.found) {
                Some(Found::Later) => later = Some((reference.field, text)),
                Some(Found::Many(n)) => {
                    return Err(format!(
                        "{label}: {n} records are called “{text}”; tell them apart in the file by external id"
                    ));
                }
                Some(found) if found.id().is_some() => {
                    values[reference.field] = Value::reference(found.id().unwrap_or_default());
                }
                _ => {
                    return Err(format!(
                        "{label}: no {} is called “{text}”; import it first, or {} to make it",
                        reference.kind, self.create_refs
                    ));
                }
            }
        }
        Ok(later)
    }

    fn lacks(&self, values: &[Value], later: Option<&(usize, String)>) -> Option<String> {
        let blank = |(at, field): &(usize, &Field)| {
            field.required && values[*at].is_none() && later.is_none_or(|(index, _)| index != at)
        };
        let missing = self.kind.fields.iter().enumerate().find(blank);
        missing.map(|(_, field)| format!("{} is missing", field.label.en))
    }

    /// The targets that were filled in without a word of the file.
    fn silent(&self, blank: &[bool], values: &[Value], row: &StringRecord) -> Vec<usize> {
        let says_stage = self.columns.iter().enumerate().any(|(at, column)| {
            let is_stage = matches!(column.goes, Goes::Field(index) if self.kind.fields[index].name == "stage");
            is_stage && row.get(at).is_some_and(|cell| !cell.trim().is_empty())
        });
        let follows = |name: &str| {
            name == "closed" || (self.kind.id == DEAL && (says_stage && matches!(name, "stage" | "pipeline")))
        };
        let is_silent =
            |index: usize| blank[index] && !values[index].is_none() && !follows(&self.kind.fields[index].name);
        self.targets.iter().enumerate().filter(|(_, (index, _))| is_silent(*index)).map(|(at, _)| at).collect()
    }

    /// With --match, a second row of the same record would overwrite the first.
    fn check_repeats(&mut self, line: u64, values: &[Value]) -> Result<(), String> {
        use std::hash::{DefaultHasher, Hash, Hasher};
        if self.match_fields.is_empty() {
            return Ok(());
        }
        let mut hasher = DefaultHasher::new();
        let mut all_blank = true;
        for at in &self.match_fields {
            let text = text_of(&values[*at]).map(|t| fold(&t));
            all_blank &= text.is_none();
            text.hash(&mut hasher);
        }
        if all_blank {
            self.warnings.add(
                "nothing_to_match",
                "",
                || "rows have no value to match by; each makes a new record".into(),
                || format!("line {line}"),
            );
            return Ok(());
        }
        match self.seen.insert(hasher.finish(), line) {
            Some(first) => Err(format!("the row is for the same record as line {first}")),
            None => Ok(()),
        }
    }
}

/// What a new record of a kind gets where the file is silent: required choices.
pub(super) fn defaults(kind: KindId) -> &'static [(&'static str, &'static str)] {
    match kind.0 {
        "ticket" => &[("status", "new"), ("priority", "normal")],
        "activity" => &[("type", "note")],
        "message" => &[("direction", "in")],
        "user" => &[("role", "sales")],
        "stage" => &[("state", "open")],
        _ => &[],
    }
}

/// A login made of a name, with a number when it is taken.
pub(super) fn free_login(name: &str, taken: &mut Logins) -> String {
    let mut login = String::new();
    for c in name.chars().flat_map(char::to_lowercase) {
        if c.is_ascii_alphanumeric() {
            login.push(c);
        } else if let Some(sound) = sound(c) {
            login.push_str(&sound);
        } else if !login.is_empty() && !login.ends_with('.') {
            login.push('.');
        }
    }
    let login = login.trim_matches('.').chars().take(40).collect::<String>();
    let base = if login.is_empty() { "user".to_owned() } else { login };
    let mut free = base.clone();
    let mut n = 1;
    while !taken.insert(free.clone()) {
        n += 1;
        free = format!("{base}{n}");
    }
    free
}

/// A value as Postgres reads it from text.
pub(super) fn text_of(value: &Value) -> Option<String> {
    Some(match value {
        Value::Null => return None,
        Value::Text(text) | Value::Choice(text) => text.clone(),
        Value::Int(n) | Value::Seconds(n) => n.to_string(),
        Value::Decimal(n) => n.to_string(),
        Value::Bool(yes) => yes.to_string(),
        Value::Day(day) => day.to_string(),
        Value::Instant(at) => at.to_rfc3339(),
        Value::Ref(reference) => reference.id.to_string(),
        Value::Tags(tags) => {
            let quoted: Vec<String> =
                tags.iter().map(|t| format!("\"{}\"", t.replace('\\', "\\\\").replace('"', "\\\""))).collect();
            format!("{{{}}}", quoted.join(","))
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logins_are_free_and_plain() {
        let mut taken: Logins = ["anna.snelling".to_owned()].into();
        let names = ["Anna Snelling", "王伟", "吕绿", "O'Neil, Pat", "✉"];
        let made: Vec<String> = names.map(|n| free_login(n, &mut taken)).into();
        assert_eq!(made, ["anna.snelling2", "wangwei", "lvlv", "o.neil.pat", "user"]);
    }

    #[test]
    fn values_as_postgres_reads_them() {
        assert_eq!(text_of(&Value::Tags(vec!["a\"b".into(), "c d".into()])).as_deref(), Some(r#"{"a\"b","c d"}"#));
        assert_eq!(text_of(&Value::Bool(true)).as_deref(), Some("true"));
        assert_eq!(text_of(&Value::Null), None);
    }
}
