//! The first reading of a file: how its columns write dates and numbers, which records its rows name, and what the
//! columns without a field hold.

use std::collections::{BTreeMap, HashMap, HashSet};

use csv::StringRecord;

use super::columns::{self, Column, Goes};
use super::names::Names;
use super::read::{self, Table};
use super::report::Offer;
use super::values::unguarded;
use super::words::{fold, squeeze};
use super::{dates, numbers};
use crate::domain::field::FieldType;
use crate::domain::kind::{DEAL, Kind, KindId};

const SAMPLES: usize = 3;

/// What the first reading found.
#[derive(Default)]
pub(super) struct Survey {
    pub rows: u64,
    /// Per column.
    pub dates: Vec<dates::Evidence>,
    pub numbers: Vec<numbers::Evidence>,
    guesses: Vec<Guess>,
    pub names: BTreeMap<KindId, Names>,
    /// Pipeline and stage of each deal, in the order of appearance; a blank pipeline is the import's own.
    pub stages: Vec<(String, String, u64)>,
    /// Where each of them stands.
    stage_at: HashMap<(String, String), usize>,
    /// The titles of the file's own records, folded and squeezed, when its rows refer to each other.
    pub titles: HashSet<String>,
}

/// The places of the columns that together name a record: its name, its mail, further fields.
#[derive(Clone, Debug)]
pub(super) struct Reference {
    pub field: usize,
    pub kind: KindId,
    pub name: Option<usize>,
    pub email: Option<usize>,
    pub details: Vec<(usize, String)>,
}

/// The references that the columns fill. A deal's stage and pipeline are not among them: they are looked up together.
pub(super) fn references(kind: &Kind, columns: &[Column]) -> Vec<Reference> {
    let mut found: Vec<Reference> = Vec::new();
    for (index, field) in kind.fields.iter().enumerate() {
        let FieldType::Ref(target) = field.ty else { continue };
        if kind.id == DEAL && matches!(field.name.as_str(), "stage" | "pipeline") {
            continue;
        }
        let name = columns.iter().position(|c| c.goes == Goes::Field(index));
        let mut reference = Reference { field: index, kind: target, name, email: None, details: Vec::new() };
        for (at, column) in columns.iter().enumerate() {
            if let Goes::Through { via, field } = &column.goes
                && *via == index
            {
                if field == "email" {
                    reference.email = Some(at);
                }
                reference.details.push((at, field.clone()));
            }
        }
        if name.is_some() || reference.email.is_some() {
            found.push(reference);
        }
    }
    found
}

impl Reference {
    /// The name and the mail that a row gives; `None` when both are blank.
    pub(super) fn of(&self, row: &StringRecord) -> Option<(String, String)> {
        let cell = |at: Option<usize>| at.and_then(|at| row.get(at)).map(clean).unwrap_or_default();
        let (name, email) = (cell(self.name), cell(self.email));
        if name.is_empty() && email.is_empty() {
            return None;
        }
        Some((if name.is_empty() { email.clone() } else { name }, email))
    }
}

/// A name's cell without outer blanks, NULs and an export's `'`.
pub(super) fn clean(cell: &str) -> String {
    let cell = unguarded(cell.trim());
    if cell.contains('\0') { cell.replace('\0', "") } else { cell.to_owned() }
}

impl Survey {
    /// Reads the whole table once.
    pub(super) fn of(table: &mut Table, kind: &Kind, columns: &[Column]) -> Result<Self, read::Error> {
        let mut survey = Self {
            dates: vec![dates::Evidence::default(); columns.len()],
            numbers: vec![numbers::Evidence::default(); columns.len()],
            guesses: columns.iter().map(|_| Guess::default()).collect(),
            ..Self::default()
        };
        let references = references(kind, columns);
        let refers_to_itself = references.iter().any(|r| r.kind == kind.id);
        let place = |name: &str| {
            let index = kind.index(name)?;
            columns.iter().position(|c| c.goes == Goes::Field(index))
        };
        let title = place(kind.title).filter(|_| refers_to_itself);
        let stage = place("stage").filter(|_| kind.id == DEAL);
        let pipeline = place("pipeline").filter(|_| kind.id == DEAL);
        let mut rows = table.rows()?;
        while let Some((_, row)) = rows.read()? {
            survey.rows += 1;
            for (at, column) in columns.iter().enumerate() {
                let Some(cell) = row.get(at).filter(|cell| !cell.trim().is_empty()) else { continue };
                let ty = match &column.goes {
                    Goes::Field(index) => &kind.fields[*index].ty,
                    Goes::New(field) => &field.ty,
                    Goes::Unknown => {
                        survey.guesses[at].add(cell);
                        continue;
                    }
                    Goes::Through { .. } | Goes::Ignored => continue,
                };
                match ty {
                    FieldType::Day | FieldType::Instant => survey.dates[at].add(cell),
                    FieldType::Int | FieldType::Decimal | FieldType::Money { .. } => survey.numbers[at].add(cell),
                    _ => {}
                }
            }
            for reference in &references {
                if let Some((name, email)) = reference.of(row) {
                    survey.names.entry(reference.kind).or_default().add(&name, &email, || {
                        let cell = |(at, field): &(usize, String)| Some((field.clone(), row.get(*at)?.to_owned()));
                        reference.details.iter().filter_map(cell).collect()
                    });
                }
            }
            if let Some(title) = title.and_then(|at| row.get(at)) {
                let title = clean(title);
                survey.titles.insert(fold(&title));
                survey.titles.insert(squeeze(&title));
            }
            if kind.id == DEAL {
                let cell = |at: Option<usize>| at.and_then(|at| row.get(at)).map(clean).unwrap_or_default();
                survey.stage(cell(pipeline), cell(stage));
            }
        }
        Ok(survey)
    }

    fn stage(&mut self, pipeline: String, stage: String) {
        let at = *self.stage_at.entry((pipeline, stage)).or_insert_with_key(|(pipeline, stage)| {
            self.stages.push((pipeline.clone(), stage.clone(), 0));
            self.stages.len() - 1
        });
        self.stages[at].2 += 1;
    }

    /// Columns without a field, as custom fields.
    pub(super) fn offers(&self, columns: &[Column]) -> Vec<Offer> {
        let mut offers: Vec<Offer> = Vec::new();
        let mut taken: HashMap<String, u32> = HashMap::new();
        for (column, guess) in columns.iter().zip(&self.guesses) {
            if column.goes != Goes::Unknown || guess.filled == 0 {
                continue;
            }
            let mut name = columns::name_from(&column.header);
            let same = taken.entry(name.clone()).or_default();
            *same += 1;
            if *same > 1 {
                name = format!("{name}_{same}");
            }
            let ty = guess.ty();
            offers.push(Offer {
                map: format!("--map \"{}=+{name}:{ty}\"", column.header),
                column: column.header.clone(),
                name,
                ty,
                filled: guess.filled,
                samples: guess.samples.clone(),
            });
        }
        offers
    }
}

/// What an unknown column's cells could be.
#[derive(Debug, Default)]
struct Guess {
    filled: u64,
    ints: u64,
    numbers: u64,
    days: u64,
    moments: u64,
    booleans: u64,
    long: u64,
    samples: Vec<String>,
}

impl Guess {
    fn add(&mut self, cell: &str) {
        let text = cell.trim();
        self.filled += 1;
        let is_yes_or_no = ["yes", "no", "true", "false", "y", "n", "是", "否"].contains(&text.to_lowercase().as_str());
        self.booleans += u64::from(is_yes_or_no);
        self.long += u64::from(text.contains('\n') || text.len() > 200);
        if text.starts_with(|c: char| c.is_ascii_digit() || "+-.($€£¥".contains(c)) {
            if text.bytes().all(|b| b.is_ascii_digit()) && !(text.len() > 1 && text.starts_with('0')) {
                self.ints += 1;
                self.numbers += 1;
            } else if numbers::parse(text, false).is_ok() {
                self.numbers += 1;
            }
        }
        if text.len() < 40 && dates::looks_like(text) && !text.bytes().all(|b| b.is_ascii_digit()) {
            match dates::parse(text, Some(dates::Order::DayFirst)) {
                Ok(dates::Moment::Local(_) | dates::Moment::Fixed(_)) => self.moments += 1,
                // An error may be the other order.
                Ok(dates::Moment::Day(_)) | Err(_) => self.days += 1,
            }
        }
        if self.samples.len() < SAMPLES {
            let short: String = text.chars().take(40).collect();
            if !self.samples.contains(&short) {
                self.samples.push(short);
            }
        }
    }

    fn ty(&self) -> &'static str {
        let all = |n: u64| n == self.filled;
        if all(self.booleans) {
            "bool"
        } else if all(self.ints) {
            "int"
        } else if all(self.days) {
            "day"
        } else if all(self.days + self.moments) {
            "instant"
        } else if all(self.numbers) {
            "decimal"
        } else if self.long > 0 {
            "long_text"
        } else {
            "text"
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::kind::{Registry, TICKET};

    #[test]
    fn the_first_reading_gathers_names_and_guesses_types() {
        let text = "Ticket ID,Customer Name,Customer Email,Customer Age,Product Purchased,Date of Purchase,First Response Time,Ratio,Fine,Remark\n\
                    1,Ann,a@x.example,32,GTX Pro,22-03-2021,01-06-2023 10:00,0.5,yes,\"a\nb\"\n\
                    2,Ann,b@x.example,40,GTX Pro,05-04-2021,31-05-2023 10:00,1,no,c\n\
                    3,ann,a@x.example,,GTXPro,,,,,\n";
        let registry = Registry::builtin();
        let kind = registry.kind(TICKET);
        let mut table = Table::open(text.as_bytes(), |cells| columns::recognised(kind, cells)).expect("readable");
        let columns = columns::assign(&registry, kind, &table.header, &[]).expect("no mapping");
        let survey = Survey::of(&mut table, kind, &columns).expect("readable");
        assert_eq!(survey.rows, 3);
        let names: Vec<(&str, &str, u64)> = survey
            .names
            .values()
            .flat_map(|n| n.list.iter().map(|n| (n.text.as_str(), n.email.as_str(), n.count)))
            .collect();
        let wanted = [("Ann", "a@x.example", 2), ("Ann", "b@x.example", 1), ("GTX Pro", "", 2), ("GTXPro", "", 1)];
        assert_eq!(names, wanted);
        let first_reply = columns.iter().position(|c| c.header == "First Response Time").expect("there");
        assert_eq!(survey.dates[first_reply].proof(), Some(dates::Order::DayFirst));
        let offers: Vec<String> =
            survey.offers(&columns).iter().map(|o| format!("{}:{}:{}", o.name, o.ty, o.filled)).collect();
        assert_eq!(
            offers,
            ["customer_age:int:2", "date_of_purchase:day:2", "ratio:decimal:2", "fine:bool:2", "remark:long_text:2"]
        );
    }
}
