//! Which column of a file goes into which field: recognised by the header in either language, or as the person said.

use super::words::{fold, squeeze, squeezes_to};
use crate::domain::field::{Field, FieldType, Label, Source};
use crate::domain::kind::{Kind, Registry, USER};
use crate::domain::search::sound;

/// Where a column's cells go.
#[derive(Clone, Debug, PartialEq)]
pub enum Goes {
    /// Into the field of this index.
    Field(usize),
    /// Into a field of the record that the reference field `via` names: a ticket's “Customer Email”.
    Through { via: usize, field: String },
    /// Into a custom field that the person asks for.
    New(Field),
    /// Nowhere: not recognised.
    Unknown,
    /// Nowhere: the person said so.
    Ignored,
}

/// How a header came to its field, for the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum By {
    Nothing,
    /// Like a name once the kind's own name or a bracket is left out.
    Likeness,
    /// By name, label or alias.
    Name,
    Person,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    pub header: String,
    pub goes: Goes,
    pub by: By,
}

/// True for fields that an import may fill. Of the bookkeeping only the day of creation is history worth bringing along;
/// whom an import makes gets no key and no rights, whatever the file says.
pub fn is_importable(kind: &Kind, field: &Field) -> bool {
    let gives_rights = kind.id == USER && matches!(field.name.as_str(), "role" | "active" | "db_login");
    matches!(field.source, Source::Column(_)) && !gives_rights && (!field.readonly || field.name == "created")
}

/// How many of a row's cells are names of the kind's fields: tells the header from notes before it.
pub fn recognised(kind: &Kind, cells: &[&str]) -> usize {
    let is_name = |cell: &&&str| kind.fields.iter().any(|f| is_importable(kind, f) && score(kind, f, cell) >= NAME);
    cells.iter().filter(is_name).count()
}

/// Gives each column its place. `map` holds `COLUMN=FIELD` as typed; a wrong one is refused with what would be right.
pub fn assign(registry: &Registry, kind: &Kind, header: &[String], map: &[String]) -> Result<Vec<Column>, String> {
    let mut columns: Vec<Column> =
        header.iter().map(|h| Column { header: h.clone(), goes: Goes::Unknown, by: By::Nothing }).collect();
    for entry in map {
        let (at, goes) = mapping(registry, kind, header, entry)?;
        columns[at].goes = goes;
        columns[at].by = By::Person;
    }
    let mut claims: Vec<(u32, usize, usize)> = Vec::new();
    for (at, column) in columns.iter().enumerate().filter(|(_, c)| c.by == By::Nothing) {
        for (index, field) in kind.fields.iter().enumerate().filter(|(_, f)| is_importable(kind, f)) {
            let score = score(kind, field, &column.header);
            if score > 0 {
                claims.push((score, at, index));
            }
        }
    }
    // The best claim wins; among equals the column that comes first, then the field that is declared first.
    claims.sort_by_key(|(score, at, index)| (std::cmp::Reverse(*score), *at, *index));
    for (score, at, index) in claims {
        let is_free = columns.iter().all(|c| c.goes != Goes::Field(index));
        if is_free && columns[at].goes == Goes::Unknown && columns[at].by == By::Nothing {
            columns[at].goes = Goes::Field(index);
            columns[at].by = if score >= NAME { By::Name } else { By::Likeness };
        }
    }
    through_references(registry, kind, &mut columns);
    Ok(columns)
}

const NAME: u32 = 85;

/// A quotation mark that is never closed makes the whole file a header, which is not compared with every name.
const LONGEST_NAME: usize = 1_000;

/// How well a header names a field: 0 not at all, from `NAME` up by one of its names.
fn score(kind: &Kind, field: &Field, header: &str) -> u32 {
    if header.len() > LONGEST_NAME {
        return 0;
    }
    let header = plain(header);
    if header == field.name {
        return 100;
    }
    if field.is_called(&header) {
        return if field.aliases.contains(&header) { 95 } else { 98 };
    }
    let squeezed = squeeze(&header);
    if squeezed.is_empty() {
        return 0;
    }
    let is_called = |word: &str| {
        [&field.name, &field.label.en, &field.label.zh].into_iter().chain(&field.aliases).any(|n| squeezes_to(n, word))
    };
    if is_called(&squeezed) {
        return NAME;
    }
    let without_bracket = header.split(['(', '（', '[']).next().unwrap_or_default();
    let bare = squeeze(without_bracket);
    if !bare.is_empty() && bare != squeezed && is_called(&bare) {
        return 75;
    }
    let is_called_for_the_kind = [&kind.one.en, &kind.one.zh, &kind.many.en]
        .into_iter()
        .filter_map(|name| bare.strip_prefix(squeeze(name).as_str()))
        .any(|rest| !rest.is_empty() && is_called(rest));
    if is_called_for_the_kind { 70 } else { 0 }
}

/// A header without what exports decorate it with.
fn plain(header: &str) -> String {
    let header = header.trim().trim_start_matches("* ").trim_end_matches(['*', ':', '：', ' ']);
    fold(header)
}

/// “Customer Email” beside “Customer Name” is the mail of the contact whom the latter names.
fn through_references(registry: &Registry, kind: &Kind, columns: &mut [Column]) {
    let references: Vec<(usize, String)> = columns
        .iter()
        .filter_map(|c| match c.goes {
            Goes::Field(index) if matches!(kind.fields[index].ty, FieldType::Ref(_)) => {
                Some((index, first_word(&c.header)?))
            }
            _ => None,
        })
        .collect();
    for at in 0..columns.len() {
        if columns[at].goes != Goes::Unknown {
            continue;
        }
        let Some(word) = first_word(&columns[at].header) else { continue };
        for (via, name) in &references {
            let FieldType::Ref(target) = kind.fields[*via].ty else { continue };
            let target = registry.kind(target);
            if *name != word || target.id == kind.id {
                continue;
            }
            let rest = columns[at].header.trim()[word.len()..].to_owned();
            let best = target
                .fields
                .iter()
                .filter(|f| is_importable(target, f) && f.name != target.title && !matches!(f.ty, FieldType::Ref(_)))
                .map(|f| (score(target, f, &columns[at].header).max(score(target, f, &rest)), f))
                .filter(|(score, _)| *score >= NAME)
                .max_by_key(|(score, _)| *score);
            if let Some((_, field)) = best {
                let goes = Goes::Through { via: *via, field: field.name.clone() };
                if columns.iter().all(|c| c.goes != goes) {
                    columns[at].goes = goes;
                    columns[at].by = By::Likeness;
                    break;
                }
            }
        }
    }
}

fn first_word(header: &str) -> Option<String> {
    let header = header.trim();
    let word: String = header.chars().take_while(char::is_ascii_alphabetic).collect();
    (!word.is_empty() && word.len() < header.len()).then_some(word)
}

/// One `--map COLUMN=FIELD`: FIELD is a field's name, `reference.field`, `+name:type` for a new custom field, or nothing
/// (or `-`) to leave the column out. COLUMN is a header or a place such as `#3`.
fn mapping(registry: &Registry, kind: &Kind, header: &[String], entry: &str) -> Result<(usize, Goes), String> {
    let (column, target) = entry
        .rsplit_once('=')
        .ok_or_else(|| format!("“{entry}” is no mapping; write COLUMN=FIELD, such as \"Company name=company\""))?;
    let at = find_column(header, column)
        .ok_or_else(|| format!("the file has no column “{}”; it has {}", column.trim(), header.join(", ")))?;
    let target = target.trim();
    if target.is_empty() || target == "-" {
        return Ok((at, Goes::Ignored));
    }
    if let Some(new) = target.strip_prefix('+') {
        return Ok((at, new_field(kind, &header[at], new)?));
    }
    let unknown = || {
        let names: Vec<&str> = kind.fields.iter().filter(|f| is_importable(kind, f)).map(|f| f.name.as_str()).collect();
        format!("{} has no field “{target}” to import into; it has {}", kind.one.en.to_lowercase(), names.join(", "))
    };
    if let Some((reference, rest)) = target.split_once('.') {
        let via = kind.find_field(reference.trim()).and_then(|f| kind.index(&f.name)).ok_or_else(unknown)?;
        let FieldType::Ref(other) = kind.fields[via].ty else { return Err(unknown()) };
        let field = registry
            .kind(other)
            .find_field(rest.trim())
            .filter(|f| is_importable(registry.kind(other), f))
            .ok_or_else(unknown)?;
        return Ok((at, Goes::Through { via, field: field.name.clone() }));
    }
    let field = kind.find_field(target).filter(|f| is_importable(kind, f)).ok_or_else(unknown)?;
    Ok((at, Goes::Field(kind.index(&field.name).expect("the field is the kind's"))))
}

fn find_column(header: &[String], name: &str) -> Option<usize> {
    let name = name.trim();
    if let Some(place) = name.strip_prefix('#').and_then(|n| n.parse::<usize>().ok()) {
        return (1..=header.len()).contains(&place).then(|| place - 1);
    }
    header
        .iter()
        .position(|h| h == name)
        .or_else(|| header.iter().position(|h| fold(h) == fold(name)))
        .or_else(|| header.iter().position(|h| squeeze(h) == squeeze(name)))
}

fn new_field(kind: &Kind, header: &str, text: &str) -> Result<Goes, String> {
    let (name, ty) = text.split_once(':').unwrap_or((text, "text"));
    let name = name.trim().to_lowercase();
    let is_name = name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    if !is_name {
        return Err(format!("“{name}” cannot name a field; use letters a–z, digits and _, such as +age:int"));
    }
    if let Some(field) = kind.field(&name) {
        if field.custom {
            // Asked for before: an import may be repeated as it is.
            return Ok(Goes::Field(kind.index(&name).expect("just found")));
        }
        return Err(format!("{} has a field “{name}” already; choose another name", kind.one.en.to_lowercase()));
    }
    let ty = type_called(ty.trim())?;
    Ok(Goes::New(Field::custom(&name, Label::new(header, header), ty)))
}

/// The type that a word on the command line names.
pub fn type_called(word: &str) -> Result<FieldType, String> {
    Ok(match word.to_lowercase().as_str() {
        "text" => FieldType::Text,
        "long_text" | "longtext" | "long" => FieldType::LongText,
        "email" | "mail" => FieldType::Email,
        "phone" => FieldType::Phone,
        "url" => FieldType::Url,
        "int" | "integer" => FieldType::Int,
        "decimal" | "number" => FieldType::Decimal,
        "bool" | "boolean" => FieldType::Bool,
        "day" | "date" => FieldType::Day,
        "instant" | "time" | "datetime" => FieldType::Instant,
        _ => {
            return Err(format!(
                "“{word}” is no type; use text, long_text, email, phone, url, int, decimal, bool, day or instant"
            ));
        }
    })
}

/// The word for a type in reports, which `type_called` reads.
pub fn type_name(ty: &FieldType) -> &'static str {
    match ty {
        FieldType::Text => "text",
        FieldType::LongText => "long_text",
        FieldType::Email => "email",
        FieldType::Phone => "phone",
        FieldType::Url => "url",
        FieldType::Int => "int",
        FieldType::Decimal => "decimal",
        FieldType::Money { .. } => "money",
        FieldType::Bool => "bool",
        FieldType::Day => "day",
        FieldType::Instant => "instant",
        FieldType::Span => "span",
        FieldType::Choice(_) => "choice",
        FieldType::Ref(_) => "ref",
        FieldType::Tags => "tags",
    }
}

/// A name for a custom field made from a header: ASCII letters, digits and `_`.
pub fn name_from(header: &str) -> String {
    let mut name = String::new();
    for c in header.chars() {
        if c.is_ascii_alphanumeric() {
            name.push(c.to_ascii_lowercase());
        } else if let Some(sound) = sound(c) {
            name.push_str(&sound);
        } else if !name.is_empty() && !name.ends_with('_') {
            name.push('_');
        }
    }
    let name = name.trim_end_matches('_').to_owned();
    if name.starts_with(|c: char| c.is_ascii_lowercase()) { name } else { format!("f_{name}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::kind::{COMPANY, CONTACT, DEAL, KindId, PRODUCT, TICKET, USER};

    fn fields(kind: KindId, header: &str, map: &[&str]) -> Vec<String> {
        let registry = Registry::builtin();
        let kind = registry.kind(kind);
        let header: Vec<String> = header.split(',').map(str::to_owned).collect();
        let map: Vec<String> = map.iter().map(|&m| m.to_owned()).collect();
        let columns = assign(&registry, kind, &header, &map).expect("a right mapping");
        columns
            .iter()
            .map(|c| match &c.goes {
                Goes::Field(index) => kind.fields[*index].name.clone(),
                Goes::Through { via, field } => format!("{}.{field}", kind.fields[*via].name),
                Goes::New(field) => format!("+{}", field.name),
                Goes::Unknown => "?".into(),
                Goes::Ignored => "-".into(),
            })
            .collect()
    }

    #[test]
    fn headers_of_real_files() {
        for (kind, header, wanted) in [
            (
                COMPANY,
                "account,sector,year_established,revenue,employees,office_location,subsidiary_of",
                "name,industry,founded,revenue,employees,country,parent",
            ),
            (PRODUCT, "product,series,sales_price", "name,series,price"),
            (USER, "sales_agent,manager,regional_office", "name,manager,team"),
            (
                DEAL,
                "opportunity_id,sales_agent,product,account,deal_stage,engage_date,close_date,close_value",
                "external_id,owner,product,company,stage,opened,closed,amount",
            ),
            (
                TICKET,
                "Ticket ID,Customer Name,Customer Email,Customer Age,Customer Gender,Product Purchased,Date of Purchase,Ticket Type,Ticket Subject,Ticket Description,Ticket Status,Resolution,Ticket Priority,Ticket Channel,First Response Time,Time to Resolution,Customer Satisfaction Rating",
                "external_id,contact,contact.email,?,contact.gender,product,?,category,subject,description,status,resolution,priority,channel,first_reply,solved,rating",
            ),
            (
                CONTACT,
                "First Name,Last Name,URL,Email Address,Company,Position,Connected On",
                "given_name,family_name,?,email,company,title,?",
            ),
            (
                CONTACT,
                "Record ID,First Name,Last Name,Email,Phone Number,Contact owner,Lead Status,Create Date,Lifecycle Stage,Job Title,Company Name,Country/Region",
                "external_id,given_name,family_name,email,phone,owner,?,created,lifecycle,title,company,country",
            ),
            (
                DEAL,
                "Record ID,Deal Name,Deal Stage,Amount,Deal owner,Close Date",
                "external_id,name,stage,amount,owner,expected",
            ),
            (
                CONTACT,
                "Person - Name*,Person - First name,Person - Phone,Person - Email (Work),Person - Email (Home),Organization - Name*,Organization - Address",
                "name,?,phone,email,?,company,company.address",
            ),
            (
                CONTACT,
                "LastName,FirstName,Salutation,Phone,MobilePhone,Email,Title,Birthdate,CreatedDate",
                "family_name,given_name,salutation,phone,mobile,email,title,birthday,created",
            ),
            (
                TICKET,
                "Summary,Issue key,Issue Type,Status,Priority,Assignee,Reporter,Created,Updated,Components,Components,Due date,Labels",
                "subject,external_id,type,status,priority,owner,contact,created,?,?,?,due,tags",
            ),
            (
                CONTACT,
                "姓名,客户名称,手机,电话,邮箱,职务,性别,备注",
                "name,company,mobile,phone,email,title,gender,note",
            ),
            (COMPANY, "客户名称,客户来源,电话,网址,客户行业,备注", "name,source,phone,website,industry,note"),
            (DEAL, "商机名称,客户名称,商机金额,预计成交日期,备注", "name,company,amount,expected,note"),
        ] {
            assert_eq!(fields(kind, header, &[]).join(","), wanted, "{kind} {header}");
        }
    }

    #[test]
    fn mappings_by_the_person() {
        let map = ["#2=note", "Customer Age=+age_years:int", "city=", "Mail of Org=company.email"];
        assert_eq!(
            fields(CONTACT, "Name,X,customer age,City,Mail of org", &map),
            ["name", "note", "+age_years", "-", "company.email"]
        );
        let registry = Registry::builtin();
        let header = ["Name".to_owned()];
        for wrong in [
            "Name",
            "Nme=name",
            "Name=nope",
            "Name=updated",
            "Name=+9:int",
            "Name=+email",
            "Name=+a:colour",
            "Name=name.x",
        ] {
            assert!(assign(&registry, registry.kind(CONTACT), &header, &[wrong.into()]).is_err(), "{wrong}");
        }
    }

    #[test]
    fn names_for_custom_fields() {
        assert_eq!(name_from("Customer Age"), "customer_age");
        assert_eq!(name_from("订单 ID"), "dingdan_id");
        assert_eq!(name_from("女性"), "nvxing");
        assert_eq!(name_from("2nd Mail"), "f_2nd_mail");
    }
}
