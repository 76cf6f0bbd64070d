//! Files that nobody wrote with care: what is read of them, what is refused, and that nothing breaks.

use std::io::Write;

use chrono::Datelike;
use chrono_tz::Tz;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use super::columns::{self, Goes};
use super::dates::Order;
use super::read::{Error, Table};
use super::report::Warnings;
use super::row::Maker;
use super::survey::Survey;
use super::values::Style;
use super::{dates, numbers, values};
use crate::domain::kind::{COMPANY, CONTACT, DEAL, KindId, Registry, TICKET};
use crate::domain::value::Value;

fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

/// What stands in cells, plain and broken.
fn any_cell() -> impl Strategy<Value = String> {
    let known = select(vec![
        "Ann",
        "王伟",
        "ann@example.com",
        "Ann <ann@example.com> ::: * b@example.com",
        "+49 30 1234",
        "2024-02-29",
        "31/12/2024",
        "12/31/24 11:59:59 PM +14:00",
        "2024年2月30日 下午3:05",
        "45351.75",
        "€1.234,56",
        "(1,200)",
        "1e28 k",
        "７万",
        "Proposal",
        "Resolvd",
        "yes",
        "'=1+1",
        "vip; new, 重要",
        "\u{feff}",
        "\0",
        "\"",
        "a \"b\" c",
        "\"\"\"",
        "two\r\nlines",
        "\r",
        "name",
    ]);
    prop_oneof![
        60 => known.prop_map(str::to_owned),
        20 => "[ -~]{0,12}",
        20 => any::<String>(),
        1 => select(vec![3_000_usize, 70_000]).prop_map(|n| "长x".repeat(n / 2)),
    ]
}

/// Rows under a header of which something is recognised, or not.
fn any_text() -> impl Strategy<Value = String> {
    let header = select(vec![
        "Name,Email,Phone,Birthday,Notes",
        "姓名,电话,客户名称,备注",
        "Deal name,Account,Stage,Amount,Close date,Shoe size",
        "Ticket ID,Customer Name,Customer Email,Ticket Status,First Response Time",
        "Name",
        "a,b,,c",
    ]);
    let row = prop::collection::vec(any_cell(), 0..7);
    let notes = select(vec!["", "Report of today\n", "\n\n", "a;b\n"]);
    let shape = (select(vec![',', ';', '\t', '|']), select(vec!["\n", "\r\n", "\r"]), any::<bool>());
    (notes, header, prop::collection::vec((row, any::<bool>()), 0..8), shape).prop_map(
        |(notes, header, rows, (delimiter, end, is_ended))| {
            let delimiter = delimiter.to_string();
            let mut text = notes.to_owned() + &header.replace(',', &delimiter);
            for (row, is_quoted) in rows {
                let quoted = |cell: &String| format!("\"{}\"", cell.replace('"', "\"\""));
                let cells: Vec<String> = if is_quoted { row.iter().map(quoted).collect() } else { row };
                text += end;
                text += &cells.join(&delimiter);
            }
            if is_ended { text + end } else { text }
        },
    )
}

fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(bytes).expect("memory");
    packed.finish().expect("memory")
}

/// The text in an encoding with its mark.
fn encoded(text: &str, encoding: &str) -> Vec<u8> {
    match encoding {
        "utf-8 with a mark" => [b"\xEF\xBB\xBF", text.as_bytes()].concat(),
        "utf-16le" => std::iter::once(0xFEFF).chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect(),
        "utf-16be" => std::iter::once(0xFEFF).chain(text.encode_utf16()).flat_map(u16::to_be_bytes).collect(),
        "gb18030" => encoding_rs::GB18030.encode(text).0.into_owned(),
        "windows-1252" => encoding_rs::WINDOWS_1252.encode(text).0.into_owned(),
        "gzip" => packed(text.as_bytes()),
        _ => text.as_bytes().to_vec(),
    }
}

/// A change of some bytes, as on a bad disk or line.
#[derive(Clone, Debug)]
enum Damage {
    Lost(Index),
    Doubled(Index),
    Put(Index, u8),
    Cut(Index),
}

fn any_damage() -> impl Strategy<Value = Damage> {
    let byte = prop_oneof![select(b"\"\r\n,;\0\t|\xEF\xBB\xBF\xFF\xFE\x1F\x8B".to_vec()), any::<u8>()];
    prop_oneof![
        any::<Index>().prop_map(Damage::Lost),
        any::<Index>().prop_map(Damage::Doubled),
        (any::<Index>(), byte).prop_map(|(at, byte)| Damage::Put(at, byte)),
        any::<Index>().prop_map(Damage::Cut),
    ]
}

fn damaged(mut bytes: Vec<u8>, damages: Vec<Damage>) -> Vec<u8> {
    for damage in damages {
        match damage {
            Damage::Put(at, byte) => bytes.insert(at.index(bytes.len() + 1), byte),
            _ if bytes.is_empty() => {}
            Damage::Lost(at) => drop(bytes.remove(at.index(bytes.len()))),
            Damage::Doubled(at) => {
                let at = at.index(bytes.len());
                bytes.insert(at, bytes[at]);
            }
            Damage::Cut(at) => bytes.truncate(at.index(bytes.len())),
        }
    }
    bytes
}

/// A file's bytes, told so that they can be read and pasted into a test.
struct Bytes(Vec<u8>);

impl std::fmt::Debug for Bytes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "b\"{}\"", self.0.escape_ascii())
    }
}

fn any_file() -> impl Strategy<Value = Bytes> {
    let encoding =
        select(vec!["utf-8", "utf-8 with a mark", "utf-16le", "utf-16be", "gb18030", "windows-1252", "gzip"]);
    let table = (any_text(), encoding).prop_map(|(text, encoding)| encoded(&text, encoding));
    prop_oneof![
        1 => prop::collection::vec(any::<u8>(), 0..300).prop_map(Bytes),
        6 => (table, prop::collection::vec(any_damage(), 0..4)).prop_map(|(bytes, damages)| Bytes(damaged(bytes, damages))),
    ]
}

fn any_kind() -> impl Strategy<Value = KindId> {
    select(vec![CONTACT, COMPANY, DEAL, TICKET])
}

type Lines = Vec<(u64, Vec<String>)>;

fn rows_of(table: &mut Table) -> Result<Lines, Error> {
    let (mut lines, mut read_to) = (Vec::new(), 0);
    let mut rows = table.rows()?;
    while let Some((line, row)) = rows.read()? {
        lines.push((line, row.iter().map(str::to_owned).collect()));
        assert!(rows.position() >= read_to, "progress goes forward");
        read_to = rows.position();
    }
    Ok(lines)
}

proptest! {
    #![proptest_config(cases(128))]

    #[test]
    fn every_row_of_any_file_becomes_a_record_or_a_reason(bytes in any_file(), kind in any_kind()) {
        let registry = Registry::builtin();
        let kind = registry.kind(kind);
        let opened = Table::open(&bytes.0[..], |cells| columns::recognised(kind, cells));
        let Ok(mut table) = opened else { return Ok(()) };
        prop_assert!(!table.header.is_empty() && table.header_line > 0);
        let lines = rows_of(&mut table).expect("what was opened is read");
        prop_assert_eq!(&lines, &rows_of(&mut table).expect("as often as wanted"));
        let numbers = || lines.iter().map(|(line, _)| *line);
        prop_assert!(numbers().all(|line| line > table.header_line) && numbers().is_sorted_by(|a, b| a < b));
        prop_assert!(lines.iter().all(|(_, row)| row.iter().any(|cell| !cell.trim().is_empty())));

        let columns = columns::assign(&registry, kind, &table.header, &[]).expect("nothing is asked for");
        prop_assert_eq!(columns.len(), table.header.len());
        let mut survey = Survey::of(&mut table, kind, &columns).expect("read before");
        prop_assert_eq!(survey.rows, lines.len() as u64);
        for offer in survey.offers(&columns).into_iter().take(1) {
            let mapped = columns::assign(&registry, kind, &table.header, &[format!("{}=+{}:{}", offer.column, offer.name, offer.ty)]);
            prop_assert!(mapped.is_ok() || kind.field(&offer.name).is_some(), "{}: {:?}", offer.map, mapped);
        }
        let mut maker = Maker::new(kind, columns, &mut survey, Vec::new(), Tz::Europe__Berlin, Warnings::default());
        let targets = maker.targets().len();
        let mut rows = table.rows().expect("read before");
        while let Some((line, row)) = rows.read().expect("read before") {
            match maker.make(line, row) {
                Ok(made) => prop_assert_eq!((made.line, made.cells.len()), (line, targets)),
                Err(reason) => prop_assert!(!reason.is_empty()),
            }
        }
    }
}

/// Cells whose text is the same in every encoding here, with all that needs quotes.
fn quoted_cell() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z王伟é 😀,;|\t\"\r\n']{0,6}",
        select(vec!["", " ", "\r\n", "\"\"", "a\rb\nc", "\u{feff}x"]).prop_map(str::to_owned),
    ]
}

proptest! {
    #![proptest_config(cases(200))]

    #[test]
    fn rows_come_out_as_they_were_written_with_their_lines(
        rows in prop::collection::vec([quoted_cell(), quoted_cell(), quoted_cell()], 0..8),
        blank_lines in prop::collection::vec(0_usize..3, 8),
        delimiter in select(vec![',', ';', '\t', '|']),
        end in select(vec!["\n", "\r\n", "\r"]),
        is_ended in any::<bool>(),
        encoding in select(vec!["utf-8", "utf-8 with a mark", "utf-16le", "utf-16be", "gzip"]),
    ) {
        let mut text = ["name", "city", "notes"].join(&delimiter.to_string());
        let mut wanted = Lines::new();
        for (row, blank) in rows.iter().zip(&blank_lines) {
            text += &end.repeat(1 + blank);
            let line = 1 + text.replace("\r\n", "\n").matches(['\n', '\r']).count() as u64;
            let quoted: Vec<String> = row.iter().map(|cell| format!("\"{}\"", cell.replace('"', "\"\""))).collect();
            text += &quoted.join(&delimiter.to_string());
            if row.iter().any(|cell| !cell.trim().is_empty()) {
                wanted.push((line, row.to_vec()));
            }
        }
        if is_ended {
            text += end;
        }
        let recognised = |cells: &[&str]| cells.iter().filter(|cell| ["name", "notes"].contains(*cell)).count();
        let mut table = Table::open(&encoded(&text, encoding)[..], recognised).expect("a table");
        prop_assert_eq!(&table.header, &["name", "city", "notes"]);
        prop_assert_eq!(table.header_line, 1);
        prop_assert_eq!(rows_of(&mut table).expect("rows"), wanted);
    }
}

/// What looks like a date, a time or a number, and is one at times.
fn almost_a_value() -> impl Strategy<Value = String> {
    let piece = select(vec![
        "0",
        "1",
        "9",
        "12",
        "29",
        "31",
        "1999",
        "0000",
        "9999",
        "2024",
        "20240229",
        "999999999",
        "45351",
        "-",
        "/",
        ".",
        ",",
        ":",
        " ",
        "T",
        "年",
        "月",
        "日",
        "时",
        "下午",
        "pm",
        "Sept",
        "Mon, ",
        "of ",
        "+",
        "−",
        "UTC",
        "Z",
        "秒",
        "(",
        ")",
        "e",
        "E5",
        "e999999999",
        "k",
        "万",
        "亿",
        "bn",
        "%",
        "€",
        "USD",
        "kč",
        "元",
        "'",
        "٣",
        "½",
        "\u{a0}",
        "\0",
    ]);
    prop_oneof![
        4 => prop::collection::vec(piece, 0..9).prop_map(|pieces| pieces.concat()),
        1 => any_cell(),
    ]
}

proptest! {
    #![proptest_config(cases(600))]

    #[test]
    fn any_cell_is_a_value_of_any_field_or_told_why_not(
        text in almost_a_value(),
        kind in any_kind(),
        order in prop::option::of(select(vec![Order::DayFirst, Order::MonthFirst])),
        comma_is_decimal in any::<bool>(),
    ) {
        let registry = Registry::builtin();
        let kind = registry.kind(kind);
        let style = Style { order, comma_is_decimal, zone: Tz::America__New_York };
        for field in &kind.fields {
            match values::parse(kind, field, &text, style) {
                Ok(parsed) => {
                    prop_assert!(!text.trim().is_empty() || parsed.value == Value::Null);
                    let year = match parsed.value {
                        Value::Day(day) => day.year(),
                        Value::Instant(at) => at.year(),
                        _ => 1,
                    };
                    prop_assert!((1..=9999).contains(&year), "no year of the database: {year}");
                }
                Err(reason) => prop_assert!(!reason.is_empty()),
            }
        }
    }

    #[test]
    fn dates_are_read_or_refused(text in almost_a_value()) {
        let mut evidence = dates::Evidence::default();
        evidence.add(&text);
        let both = [Order::DayFirst, Order::MonthFirst].map(|order| dates::parse(&text, Some(order)));
        if let Ok(moment) = dates::parse(&text, None) {
            let same = Ok(moment);
            prop_assert!(both == [same.clone(), same], "what can be read only one way is read that way");
        }
        if evidence.proof() == Some(Order::DayFirst) {
            prop_assert_eq!(&both[0], &both[1], "a proof is no guess");
        }
    }

    #[test]
    fn numbers_are_read_or_refused(text in almost_a_value(), comma_is_decimal in any::<bool>()) {
        numbers::Evidence::default().add(&text);
        if let Ok(amount) = numbers::parse(&text, false) {
            let printed = amount.number.to_string();
            prop_assert_eq!(numbers::parse(&printed, false).map(|again| again.number), Ok(amount.number));
        }
        numbers::parse(&text, comma_is_decimal).ok();
    }

}

proptest! {
    #![proptest_config(cases(128))]

    #[test]
    fn any_header_and_mapping_is_taken_or_refused(
        header in prop::collection::vec(any_header(), 0..6),
        map in prop::collection::vec("[#0-9a-zA-Z+.:= -]{0,12}|#[1-3]=[+]?(name|company[.]email|x:int|)", 0..3),
        kind in any_kind(),
    ) {
        let registry = Registry::builtin();
        let kind = registry.kind(kind);
        if let Ok(columns) = columns::assign(&registry, kind, &header, &map) {
            prop_assert_eq!(columns.len(), header.len());
        }
        let columns = columns::assign(&registry, kind, &header, &[]).expect("nothing is asked for");
        for (at, column) in columns.iter().enumerate() {
            let Goes::Field(index) = column.goes else { continue };
            let twice = columns.iter().skip(at + 1).any(|other| other.goes == Goes::Field(index));
            prop_assert!(!twice, "two columns go into {}", kind.fields[index].name);
        }
        for header in &header {
            let name = columns::name_from(header);
            let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
            prop_assert!(name.starts_with(|c: char| c.is_ascii_lowercase()) && name.chars().all(is_plain), "{}", name);
        }
    }
}

fn any_header() -> impl Strategy<Value = String> {
    prop_oneof![
        select(vec![
            "Name",
            "Customer Name",
            "Customer Email",
            "Email (Work)",
            "* 电话：",
            "公司",
            "Amount (€)",
            "Amount [("
        ])
        .prop_map(str::to_owned),
        "[a-zA-Z_ ():*（绿女客户0-9]{0,10}",
        any::<String>(),
    ]
}
