//! Companies and the people in them.

use pinyin::ToPinyin;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::World;
use super::dice::{Dice, Sort};
use super::row::Rows;
use super::words::{
    CUSTOMER_TAGS, City, ENDINGS, ENDINGS_ZH, INDUSTRIES, Industry, REGIONS, ROOTS, ROOTS_ZH, Region, SOURCES,
    SOURCES_ZH,
};
use crate::domain::kind;

pub(super) const COMPANY: &[&str] = &[
    "id",
    "name",
    "industry",
    "lifecycle",
    "website",
    "email",
    "phone",
    "address",
    "city",
    "country",
    "employees",
    "revenue",
    "currency",
    "founded",
    "parent_id",
    "source",
    "external_id",
    "note",
    "owner_id",
    "team_id",
    "tags",
    "created_at",
    "created_by",
    "updated_at",
    "updated_by",
];
pub(super) const CONTACT: &[&str] = &[
    "id",
    "name",
    "family_name",
    "given_name",
    "salutation",
    "title",
    "company_id",
    "email",
    "phone",
    "mobile",
    "wechat",
    "lifecycle",
    "address",
    "city",
    "country",
    "birthday",
    "gender",
    "language",
    "source",
    "no_contact",
    "external_id",
    "note",
    "owner_id",
    "team_id",
    "tags",
    "created_at",
    "created_by",
    "updated_at",
    "updated_by",
];

/// From here on names and domains get something more, so that a million are told apart.
const DISTINCT: usize = ROOTS.len() * ENDINGS.len();

/// Companies belong to one of the first so many, if to any.
pub(super) const FIRST: usize = 400;

const LIFECYCLE: &[(&str, u32)] =
    &[("lead", 18), ("prospect", 22), ("customer", 36), ("loyal", 14), ("at_risk", 6), ("lost", 4)];

/// A company as others refer to it.
pub(super) struct Company {
    pub(super) region: Region,
    pub(super) name: String,
    /// The name without what it is and its legal form.
    pub(super) short: String,
    pub(super) domain: String,
    pub(super) city: &'static City,
    pub(super) industry: &'static Industry,
}

impl Company {
    pub(super) fn of(number: usize) -> Self {
        let dice = &mut Dice::of(Sort::Company, number);
        let region = dice.weighted(REGIONS);
        let industry = &INDUSTRIES[dice.below(INDUSTRIES.len())];
        let city = &region.cities()[dice.below(region.cities().len())];
        // 7 shares no factor with either list's length times the other's, so the first names are all different.
        let pair = number * 7 % DISTINCT;
        let (root, ending) = (pair / ENDINGS.len(), pair % ENDINGS.len());
        let more = number >= DISTINCT;
        let place = if more { format!(" {}", city.name) } else { String::new() };
        let china = region == Region::China;
        let (roots, endings) = if china { (ROOTS_ZH, ENDINGS_ZH) } else { (ROOTS, ENDINGS) };
        let short = format!("{}{}", roots[root], endings[ending]);
        let slug = latin(&short.to_lowercase());
        let name = match region {
            Region::China => format!("{}{short}{}有限公司", city.name, industry.zh),
            Region::Germany => format!("{short} {}{place} GmbH", industry.de),
            Region::Britain => format!("{short} {}{place} Ltd", industry.en),
            Region::France => format!("{short} {}{place} SARL", industry.fr),
            Region::Spain => format!("{short} {}{place} S.L.", industry.es),
            Region::States | Region::Canada => format!("{short} {}{place} Inc.", industry.en),
        };
        let domain = if more { format!("{slug}{number}.example") } else { format!("{slug}.example") };
        Self { region, name, short, domain, city, industry }
    }
}

/// A contact as others refer to it.
pub(super) struct Person {
    pub(super) company: usize,
    pub(super) region: Region,
    pub(super) name: String,
    family: &'static str,
    given: &'static str,
    woman: bool,
}

impl Person {
    pub(super) fn of(world: &World, number: usize) -> Self {
        let dice = &mut Dice::of(Sort::Contact, number);
        let company = dice.below(world.scale.companies);
        let region = Company::of(company).region;
        let woman = dice.chance(50);
        let (female, male) = region.given();
        let given = dice.pick(if woman { female } else { male });
        let family = dice.pick(region.families());
        // The manual's example of a name found by pinyin is somebody.
        let (family, given, woman) =
            if Self::is_first_chinese(world, number) { ("王", "伟", false) } else { (family, given, woman) };
        let name = match region {
            Region::China => format!("{family}{given}"),
            _ if number >= 2_000 => format!("{given} {}. {family}", (b'A' + dice.below(24) as u8) as char),
            _ => format!("{given} {family}"),
        };
        Self { company, region, name, family, given, woman }
    }

    fn is_first_chinese(world: &World, number: usize) -> bool {
        let is_chinese = |number| {
            let dice = &mut Dice::of(Sort::Contact, number);
            Company::of(dice.below(world.scale.companies)).region == Region::China
        };
        number < 100 && is_chinese(number) && !(0..number).any(is_chinese)
    }

    /// How one greets them in a mail.
    pub(super) fn greeting(&self) -> String {
        match self.region {
            Region::China => format!("{}{}", self.family, if self.woman { "女士" } else { "先生" }),
            _ => self.given.to_owned(),
        }
    }
}

/// ASCII for mail addresses: `Müller` is `mueller`, `王伟` is `wangwei`.
fn latin(text: &str) -> String {
    let mut ascii = String::new();
    for ch in text.chars() {
        match ch {
            'ä' => ascii.push_str("ae"),
            'ö' => ascii.push_str("oe"),
            'ü' => ascii.push_str("ue"),
            'ß' => ascii.push_str("ss"),
            _ => match ch.to_pinyin() {
                Some(syllable) => ascii.push_str(&syllable.plain().replace('ü', "u")),
                None => ascii.extend(
                    ch.nfd()
                        .filter(|c| !is_combining_mark(*c))
                        .filter(char::is_ascii_alphanumeric)
                        .map(|c| c.to_ascii_lowercase()),
                ),
            },
        }
    }
    ascii
}

/// A number in the city that nobody has; each office's extensions tell its people apart.
fn phone(dice: &mut Dice, city: &City, extension: Option<usize>) -> String {
    let line = dice.below(10_usize.pow(city.free as u32));
    let number = format!("{}{line:0width$}", city.phone, width = city.free);
    match extension {
        Some(extension) => format!("{number}-{extension}"),
        None => number,
    }
}

pub(super) fn some_tags<'a>(dice: &mut Dice, from: &[(&'a str, u32)], percent: u32) -> Vec<&'a str> {
    let mut tags = Vec::new();
    while tags.len() < 2 && dice.chance(percent) {
        let tag = dice.weighted(from);
        if !tags.contains(&tag) {
            tags.push(tag);
        }
    }
    tags
}

pub(super) fn company_row(world: &World, number: usize, rows: &mut Rows) {
    let company = Company::of(number);
    let dice = &mut Dice::of(Sort::Company, world.scale.companies + number);
    let china = company.region == Region::China;
    let (owner, team) = world.holder(dice, kind::COMPANY, china, 6);
    let created = world.age(number, world.scale.companies, 900);
    let updated = created.max(world.ago(dice, 60 * 24 * 45));
    let source = dice.pick(if china { SOURCES_ZH } else { SOURCES });
    let house = dice.between(1, 180);
    let employees = dice.weighted(&[(8, 3), (25, 5), (80, 5), (250, 4), (900, 2), (4_000, 1)]) + dice.between(0, 9) * 3;
    // A subsidiary of an earlier company of the same country, so that the tree has no circle.
    let parent = (number > 10 && dice.chance(9))
        .then(|| dice.below(number.min(FIRST)))
        .filter(|&p| Company::of(p).region == company.region);
    let note = match (dice.below(8), china) {
        (0, true) => "前台联系人为主，重大采购需总部批准。",
        (0, false) => "Decisions are made at head office; the site manager only asks for quotes.",
        (1, true) => "每年三月做预算。",
        (1, false) => "Budget round in March. Pays on time.",
        (2, false) => "Prefers a call to a mail.",
        (2, true) => "喜欢电话沟通。",
        _ => "",
    };
    rows.int(world.first.company + number as i64)
        .text(&company.name)
        .text(if china { company.industry.name_zh } else { company.industry.name })
        .text(dice.weighted(LIFECYCLE))
        .text(&format!("https://www.{}", company.domain))
        .text(&format!("info@{}", company.domain))
        .text(&phone(dice, company.city, None))
        .text(&match company.region {
            Region::China => format!("{}{house}号", dice.pick(company.region.streets())),
            Region::Germany | Region::Spain => format!("{} {house}", dice.pick(company.region.streets())),
            _ => format!("{house} {}", dice.pick(company.region.streets())),
        })
        .text(company.city.name)
        .text(company.region.country())
        .int(employees)
        .money(employees * dice.between(60_000, 220_000) * 100)
        .text(company.region.currency())
        .int(dice.between(1905, 2023))
        .int(parent.map(|p| world.first.company + p as i64))
        .text(source)
        .text(&format!("K-{:05}", 10_000 + number))
        .text(note)
        .int(owner)
        .int(team)
        .tags(&some_tags(dice, CUSTOMER_TAGS, 45))
        .at(created)
        .int(owner.unwrap_or(world.head))
        .at(updated)
        .int(owner.unwrap_or(world.head))
        .end();
}

pub(super) fn contact_row(world: &World, number: usize, rows: &mut Rows) {
    let person = Person::of(world, number);
    let company = Company::of(person.company);
    let dice = &mut Dice::of(Sort::Contact, world.scale.contacts + number);
    let china = person.region == Region::China;
    let (owner, team) = world.holder(dice, kind::CONTACT, china, 5);
    let created = world.age(number, world.scale.contacts, 800);
    let updated = created.max(world.ago(dice, 60 * 24 * 60));
    let given = latin(person.given);
    let family = latin(person.family);
    let email = match dice.below(12) {
        0 => String::new(),
        1 => format!("{given}@{}", company.domain),
        _ => format!("{given}.{family}@{}", company.domain),
    };
    let salutation = match (person.region, person.woman) {
        (Region::China, true) => "女士",
        (Region::China, false) => "先生",
        (Region::Germany, true) => "Frau",
        (Region::Germany, false) => "Herr",
        (Region::France, true) => "Mme",
        (Region::France, false) => "M.",
        (Region::Spain, true) => "Sra.",
        (Region::Spain, false) => "Sr.",
        (_, true) => "Ms",
        (_, false) => "Mr",
    };
    let note = match (dice.below(10), china) {
        (0, true) => "下午三点以后方便接电话。",
        (0, false) => "Best reached after three in the afternoon.",
        (1, true) => "展会上认识，对云平台很感兴趣。",
        (1, false) => "Met at the fair, asked for a trial of Fleet.",
        _ => "",
    };
    let birthday = dice
        .chance(25)
        .then(|| chrono::NaiveDate::from_yo_opt(dice.between(1962, 2001) as i32, dice.between(1, 365) as u32))
        .flatten();
    // The country code 86 has no mobile numbers that begin with 100.
    let mobile =
        if china { format!("+86 100 {:04} {:04}", dice.below(10_000), dice.below(10_000)) } else { String::new() };
    rows.int(world.first.contact + number as i64)
        .text(&person.name)
        .text(person.family)
        .text(person.given)
        .text(salutation)
        .text(dice.pick(person.region.titles()))
        .int(world.first.company + person.company as i64)
        .text(&email)
        .text(&phone(dice, company.city, Some(10 + number % 90_000)))
        .text(&mobile)
        .text(&if china && dice.chance(70) {
            format!("{family}{given}{}", dice.between(70, 99))
        } else {
            String::new()
        })
        .text(dice.weighted(LIFECYCLE))
        .null()
        .text(company.city.name)
        .text(person.region.country())
        .day(birthday)
        .text(if person.woman { "female" } else { "male" })
        .text(person.region.language())
        .text(dice.pick(if china { SOURCES_ZH } else { SOURCES }))
        .flag(dice.chance(3))
        .null()
        .text(note)
        .int(owner)
        .int(team)
        .tags(&some_tags(dice, CUSTOMER_TAGS, 30))
        .at(created)
        .int(owner.unwrap_or(world.head))
        .at(updated)
        .int(owner.unwrap_or(world.head))
        .end();
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn the_first_companies_are_told_apart_by_name_and_domain() {
        let companies: Vec<_> = (0..400).map(Company::of).collect();
        assert_eq!(companies.iter().map(|c| &c.name).collect::<HashSet<_>>().len(), 400);
        let domains: HashSet<_> = companies.iter().map(|c| &c.domain).collect();
        assert_eq!(domains.len(), 400);
        assert!(domains.iter().all(|d| d.ends_with(".example") && d.is_ascii()));
    }

    #[test]
    fn addresses_are_ascii() {
        assert_eq!(latin("Müller"), "mueller");
        assert_eq!(latin("王伟"), "wangwei");
        assert_eq!(latin("O'Neil"), "oneil");
        assert_eq!(latin("Élodie"), "elodie");
    }
}
