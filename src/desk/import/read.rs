//! A file as rows of text: gzip and encoding taken off, delimiter and header found. Knows nothing of fields.
//!
//! The file is read once into a spool (memory first, then an unnamed temporary file), because an import looks at it
//! twice: columns are understood as a whole before the first row is written.

use std::collections::VecDeque;
use std::hash::{DefaultHasher, Hasher};
use std::io::{self, BufReader, Chain, Cursor, Read, Seek, SeekFrom, Write};

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use csv::StringRecord;
use encoding_rs::{CoderResult, Decoder, Encoding, UTF_8, UTF_16BE, UTF_16LE};
use flate2::read::MultiGzDecoder;
use tempfile::SpooledTempFile;

/// Kept in memory up to this size, on disk beyond.
const IN_MEMORY: usize = 16 << 20;
/// How much of the text's beginning decides delimiter and header.
const SAMPLE: usize = 256 << 10;
/// Text other than ASCII that the encoding detector is shown; more does not change its mind.
const DETECT: usize = 4 << 20;
/// Each column is compared with the names of all fields, and no table of the database has more.
const WIDEST: usize = 1_600;
/// Exports put at most a few lines of notes before their header.
const HEADER_WITHIN: usize = 20;

/// What makes a file unreadable as a table; each is a sentence for the person.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("the file is empty; it needs a header line and a line for each record")]
    Empty,
    #[error("this is a workbook ({0}), not text; save it as CSV and import that")]
    Workbook(&'static str),
    #[error("row {row} has {cells} cells, and a table has {WIDEST} columns at most; is this a table?")]
    Wide { row: usize, cells: usize },
    #[error("cannot read the file: {0}")]
    Io(#[from] io::Error),
    #[error("cannot read the file's rows: {0}")]
    Csv(#[from] csv::Error),
}

/// A file whose header was found, ready to be read from its first row as often as wanted.
#[derive(Debug)]
pub struct Table {
    spool: SpooledTempFile,
    encoding: &'static Encoding,
    pub delimiter: u8,
    /// The header's cells, trimmed; a blank one is named after its place (`#3`).
    pub header: Vec<String>,
    /// The header's line, from 1.
    pub header_line: u64,
    /// Records before the header and the header itself.
    skip: usize,
    /// Tells this content from another, within one process.
    pub fingerprint: u64,
}

impl Table {
    /// Reads the whole source. `recognised` says how many of a row's cells are names of fields, which tells the header
    /// from notes before it.
    pub fn open(source: impl Read, recognised: impl Fn(&[&str]) -> usize) -> Result<Self, Error> {
        let mut source = ungzip(source)?;
        let mut spool = SpooledTempFile::new(IN_MEMORY);
        let mut encoding = Guess::default();
        let mut buffer = vec![0; 64 << 10];
        let mut hasher = DefaultHasher::new();
        loop {
            let n = source.read(&mut buffer)?;
            if n == 0 {
                break;
            }
            encoding.feed(&buffer[..n]);
            hasher.write(&buffer[..n]);
            spool.write_all(&buffer[..n])?;
        }
        refuse_workbook(&encoding.start)?;
        let (encoding, fingerprint) = (encoding.finish(), hasher.finish());
        let mut table =
            Self { spool, encoding, delimiter: b',', header: Vec::new(), header_line: 0, skip: 0, fingerprint };
        table.find_header(recognised)?;
        Ok(table)
    }

    /// `UTF-8`, `GBK`, `UTF-16LE`, ….
    pub fn encoding(&self) -> &'static str {
        self.encoding.name()
    }

    /// The rows after the header, from the first.
    pub fn rows(&mut self) -> Result<Rows<'_>, Error> {
        let (skip, delimiter) = (self.skip, self.delimiter);
        let mut rows = Rows { csv: builder(delimiter).from_reader(self.text()?), record: StringRecord::new(), line: 1 };
        for _ in 0..skip {
            rows.step()?;
        }
        Ok(rows)
    }

    fn text(&mut self) -> Result<Decoded<'_>, Error> {
        self.spool.seek(SeekFrom::Start(0))?;
        Ok(Decoded::new(&mut self.spool, self.encoding))
    }

    fn find_header(&mut self, recognised: impl Fn(&[&str]) -> usize) -> Result<(), Error> {
        let mut sample = Vec::new();
        self.text()?.take(SAMPLE as u64).read_to_end(&mut sample)?;
        self.delimiter = sniff(&sample, sample.len() == SAMPLE);
        let rows = parse_some(&sample, self.delimiter, HEADER_WITHIN);
        if let Some(at) = rows.iter().position(|row| row.len() > WIDEST) {
            return Err(Error::Wide { row: at + 1, cells: rows[at].len() });
        }
        let mut best: Option<(usize, usize)> = None;
        // Notes are narrower than the table they stand before; a row of data may hold the name of a field by chance.
        let mut widest = 0;
        for (at, row) in rows.iter().enumerate() {
            let cells: Vec<&str> = row.iter().collect();
            let filled = cells.iter().filter(|cell| !cell.trim().is_empty()).count();
            let score = if filled > widest { recognised(&cells) } else { 0 };
            widest = widest.max(filled);
            if best.is_none_or(|(_, most)| score > most) {
                best = Some((at, score));
            }
        }
        let (mut at, score) = best.ok_or(Error::Empty)?;
        if score == 0 {
            // Nothing is recognised: the first row as wide as most is the header.
            let width = common_width(rows.iter().map(StringRecord::len)).0;
            at = rows.iter().position(|row| row.len() == width).unwrap_or(0);
        }
        let row = &rows[at];
        if row.iter().all(|cell| cell.trim().is_empty()) {
            return Err(Error::Empty);
        }
        self.header = row
            .iter()
            .enumerate()
            .map(|(i, cell)| match cell.trim() {
                "" => format!("#{}", i + 1),
                name => name.to_owned(),
            })
            .collect();
        self.skip = at;
        self.header_line = self.rows()?.step()?.unwrap_or(1);
        self.skip = at + 1;
        Ok(())
    }
}

/// A table's rows in order. Rows of blank cells only are passed over.
pub struct Rows<'a> {
    csv: csv::Reader<Decoded<'a>>,
    record: StringRecord,
    /// The line that the next unread byte is on.
    line: u64,
}

impl Rows<'_> {
    /// The next row and the line it begins at, from 1; `None` at the end.
    pub fn read(&mut self) -> Result<Option<(u64, &StringRecord)>, Error> {
        loop {
            let Some(line) = self.step()? else { return Ok(None) };
            if !self.record.iter().all(|cell| cell.trim().is_empty()) {
                return Ok(Some((line, &self.record)));
            }
        }
    }

    /// Bytes of text read so far, for progress.
    pub fn position(&self) -> u64 {
        self.csv.position().byte()
    }

    fn step(&mut self) -> Result<Option<u64>, Error> {
        if !self.csv.read_record(&mut self.record)? {
            return Ok(None);
        }
        // The reader's own line numbers are those before the blank lines it passes over, and before the second half of
        // a CRLF; so lines are counted here, from the places of the breaks.
        let end = self.csv.position().byte();
        let mut at = self.record.position().map_or(0, csv::Position::byte);
        let breaks = &mut self.csv.get_mut().breaks;
        while breaks.front().is_some_and(|b| b.at == at) {
            self.line += breaks.pop_front().map_or(0, |b| u64::from(b.ends_line));
            at += 1;
        }
        let line = self.line;
        while breaks.front().is_some_and(|b| b.at < end) {
            self.line += breaks.pop_front().map_or(0, |b| u64::from(b.ends_line));
        }
        Ok(Some(line))
    }
}

fn builder(delimiter: u8) -> csv::ReaderBuilder {
    let mut builder = csv::ReaderBuilder::new();
    builder.flexible(true).has_headers(false).delimiter(delimiter);
    builder
}

fn parse_some(text: &[u8], delimiter: u8, most: usize) -> Vec<StringRecord> {
    // The decoder gives whole characters only at its own buffers' ends, so a sample may be cut inside one.
    let text = String::from_utf8_lossy(text);
    builder(delimiter).from_reader(text.as_bytes()).into_records().map_while(Result::ok).take(most).collect()
}

/// The delimiter under which most rows have equally many cells, and more than one.
fn sniff(sample: &[u8], is_cut: bool) -> u8 {
    let mut best = (0, b',');
    for delimiter in [b',', b';', b'\t', b'|'] {
        let mut widths: Vec<usize> = parse_some(sample, delimiter, 60).iter().map(StringRecord::len).collect();
        if is_cut && widths.len() > 1 && widths.len() < 60 {
            widths.pop();
        }
        if widths.is_empty() {
            continue;
        }
        let rows = widths.len();
        let (width, agreeing) = common_width(widths.into_iter());
        let score = if width > 1 { agreeing * 1000 / rows + width.min(50) } else { 0 };
        if score > best.0 {
            best = (score, delimiter);
        }
    }
    best.1
}

/// The most frequent width above one cell, the greater of equals, and how many rows have it.
fn common_width(widths: impl Iterator<Item = usize>) -> (usize, usize) {
    let mut counts = std::collections::BTreeMap::<usize, usize>::new();
    for width in widths {
        *counts.entry(width).or_default() += 1;
    }
    let wide = counts.iter().filter(|(width, _)| **width > 1).max_by_key(|(width, n)| (**n, **width));
    wide.or_else(|| counts.iter().next()).map_or((0, 0), |(width, n)| (*width, *n))
}

fn refuse_workbook(start: &[u8]) -> Result<(), Error> {
    match start {
        [b'P', b'K', 3, 4, ..] => Err(Error::Workbook("xlsx or another zipped format")),
        [0xD0, 0xCF, 0x11, 0xE0, ..] => Err(Error::Workbook("xls")),
        _ => Ok(()),
    }
}

/// Plain or unpacked: gzip is told by its first two bytes, never by a name.
enum Unpacked<R: Read> {
    Plain(Chain<Cursor<Vec<u8>>, R>),
    Gzip(Box<MultiGzDecoder<Chain<Cursor<Vec<u8>>, R>>>),
}

impl<R: Read> Read for Unpacked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(reader) => reader.read(buffer),
            Self::Gzip(reader) => reader.read(buffer),
        }
    }
}

fn ungzip<R: Read>(mut source: R) -> io::Result<Unpacked<R>> {
    let mut magic = Vec::with_capacity(2);
    source.by_ref().take(2).read_to_end(&mut magic)?;
    let is_gzip = magic == [0x1F, 0x8B];
    let whole = Cursor::new(magic).chain(source);
    Ok(if is_gzip { Unpacked::Gzip(Box::new(MultiGzDecoder::new(whole))) } else { Unpacked::Plain(whole) })
}

/// Watches the bytes go by and says at the end what encoding they are in.
struct Guess {
    start: Vec<u8>,
    is_utf8: bool,
    /// The last bytes when they are the beginning of a character.
    tail: Vec<u8>,
    detector: EncodingDetector,
    shown: usize,
}

impl Default for Guess {
    fn default() -> Self {
        Self {
            start: Vec::new(),
            is_utf8: true,
            tail: Vec::new(),
            detector: EncodingDetector::new(Iso2022JpDetection::Deny),
            shown: 0,
        }
    }
}

impl Guess {
    fn feed(&mut self, bytes: &[u8]) {
        if self.start.len() < 4096 {
            self.start.extend_from_slice(&bytes[..bytes.len().min(4096)]);
        }
        if !bytes.is_ascii() && self.shown < DETECT {
            self.detector.feed(bytes, false);
            self.shown += bytes.len();
        }
        if self.is_utf8 {
            self.check_utf8(bytes);
        }
    }

    fn check_utf8(&mut self, bytes: &[u8]) {
        let mut joined = std::mem::take(&mut self.tail);
        joined.extend_from_slice(bytes);
        if let Err(e) = std::str::from_utf8(&joined) {
            if e.error_len().is_some() {
                self.is_utf8 = false;
            } else {
                self.tail = joined.split_off(e.valid_up_to());
            }
        }
    }

    fn finish(mut self) -> &'static Encoding {
        if let Some((encoding, _)) = Encoding::for_bom(&self.start) {
            return encoding;
        }
        // Latin text in UTF-16 has a zero in every second place; no other encoding of text has many.
        let zeros = |odd: usize| self.start.iter().skip(odd).step_by(2).filter(|b| **b == 0).count();
        let half = self.start.len() / 2;
        if half > 0 && zeros(1) * 10 > half * 3 && zeros(0) * 20 < half {
            return UTF_16LE;
        }
        if half > 0 && zeros(0) * 10 > half * 3 && zeros(1) * 20 < half {
            return UTF_16BE;
        }
        if self.is_utf8 && self.tail.is_empty() {
            return UTF_8;
        }
        self.detector.feed(b"", true);
        self.detector.guess(None, Utf8Detection::Allow)
    }
}

/// A carriage return or line feed in the decoded text.
struct Break {
    at: u64,
    /// False for the second half of a CRLF.
    ends_line: bool,
}

/// Bytes in any encoding as UTF-8; a byte order mark is dropped, what cannot be decoded becomes `�`.
struct Decoded<'a> {
    bytes: BufReader<&'a mut SpooledTempFile>,
    decoder: Decoder,
    input: Vec<u8>,
    used: usize,
    output: Vec<u8>,
    given: usize,
    is_done: bool,
    /// Bytes decoded so far.
    total: u64,
    /// Line breaks that the rows have not counted yet.
    breaks: VecDeque<Break>,
    ended_with_return: bool,
}

impl<'a> Decoded<'a> {
    fn new(bytes: &'a mut SpooledTempFile, encoding: &'static Encoding) -> Self {
        Self {
            bytes: BufReader::new(bytes),
            decoder: encoding.new_decoder_with_bom_removal(),
            input: Vec::new(),
            used: 0,
            output: Vec::new(),
            given: 0,
            is_done: false,
            total: 0,
            breaks: VecDeque::new(),
            ended_with_return: false,
        }
    }

    fn note_breaks(&mut self) {
        for (i, byte) in self.output.iter().enumerate() {
            let at = self.total + i as u64;
            match byte {
                b'\n' => {
                    let is_second_half = if i == 0 { self.ended_with_return } else { self.output[i - 1] == b'\r' };
                    self.breaks.push_back(Break { at, ends_line: !is_second_half });
                }
                b'\r' => self.breaks.push_back(Break { at, ends_line: true }),
                _ => {}
            }
        }
        self.ended_with_return = self.output.last().map_or(self.ended_with_return, |b| *b == b'\r');
        self.total += self.output.len() as u64;
    }

    fn decode(&mut self) -> io::Result<()> {
        if self.used == self.input.len() {
            self.input.resize(32 << 10, 0);
            let n = self.bytes.read(&mut self.input)?;
            self.input.truncate(n);
            self.used = 0;
        }
        let is_last = self.input.is_empty();
        self.output.resize(128 << 10, 0);
        let (result, read, written, _) =
            self.decoder.decode_to_utf8(&self.input[self.used..], &mut self.output, is_last);
        self.used += read;
        self.output.truncate(written);
        self.given = 0;
        self.note_breaks();
        self.is_done = is_last && result == CoderResult::InputEmpty;
        Ok(())
    }
}

impl Read for Decoded<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.given == self.output.len() {
            if self.is_done {
                return Ok(0);
            }
            self.decode()?;
        }
        let n = buffer.len().min(self.output.len() - self.given);
        buffer[..n].copy_from_slice(&self.output[self.given..self.given + n]);
        self.given += n;
        Ok(n)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(bytes: &[u8]) -> Result<Table, Error> {
        let known = ["first name", "last name", "email address", "notes", "name", "姓名", "电话"];
        Table::open(bytes, |cells| cells.iter().filter(|c| known.contains(&c.to_lowercase().as_str())).count())
    }

    fn all(bytes: &[u8]) -> (Table, Vec<(u64, Vec<String>)>) {
        let mut table = open(bytes).expect("readable");
        let mut rows = Vec::new();
        let mut reader = table.rows().expect("rows");
        while let Some((line, row)) = reader.read().expect("row") {
            rows.push((line, row.iter().map(str::to_owned).collect()));
        }
        drop(reader);
        (table, rows)
    }

    #[test]
    fn delimiters_line_breaks_and_line_numbers() {
        let cases: [(&str, u8, &[u64]); 6] = [
            ("name,city\na,b\nc,d\n", b',', &[2, 3]),
            ("name,city\r\na,b\r\n\"c\r\nx\",d\r\ne,f", b',', &[2, 3, 5]),
            ("name;city;price\nx;y;1,5\nz;w;2,5\n", b';', &[2, 3]),
            ("name\tcity\na, b\tc\n\nd\te\n", b'\t', &[2, 4]),
            ("name|city\na|b\n", b'|', &[2]),
            ("name\nx\n", b',', &[2]),
        ];
        for (text, delimiter, lines) in cases {
            let (table, rows) = all(text.as_bytes());
            assert_eq!(table.delimiter, delimiter, "{text:?}");
            assert_eq!(rows.iter().map(|(line, _)| *line).collect::<Vec<_>>(), lines, "{text:?}");
        }
    }

    #[test]
    fn encodings_come_out_the_same() {
        let text = "姓名,电话,备注\r\n王伟,13812345678,重要客户，请尽快联系\r\n李娜,02161234567,普通\r\n";
        let (gbk, _, _) = encoding_rs::GBK.encode(text);
        let le: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let be: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        let with = |bom: &[u8], body: &[u8]| [bom, body].concat();
        let wanted = all(text.as_bytes()).1;
        assert_eq!(wanted[0].1[0], "王伟");
        for (what, bytes) in [
            ("gbk", gbk.into_owned()),
            ("utf-8 bom", with(&[0xEF, 0xBB, 0xBF], text.as_bytes())),
            ("utf-16le bom", with(&[0xFF, 0xFE], &le)),
            ("utf-16be bom", with(&[0xFE, 0xFF], &be)),
        ] {
            let (table, rows) = all(&bytes);
            assert_eq!(table.header, ["姓名", "电话", "备注"], "{what}");
            assert_eq!(rows, wanted, "{what}");
        }
        let latin: Vec<u8> = "Name,City\nAnna,Rome\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(all(&latin).1[0].1, ["Anna", "Rome"], "UTF-16 without a mark");
        assert_eq!(all(b"name,city\nM\xFCller,K\xF6ln\n").1[0].1, ["Müller", "Köln"]);
    }

    #[test]
    fn a_field_name_among_the_data_makes_no_header() {
        assert_eq!(all(b"id,origin\n1,name\n2,notes\n").0.header, ["id", "origin"]);
        assert_eq!(all(b"Report of today,,\nname,city,notes\nAnna,Rome,\n").0.header, ["name", "city", "notes"]);
    }

    #[test]
    fn gzip_is_told_by_its_bytes() {
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packed.write_all(b"name,city\nAnna,Rome\n").expect("memory");
        assert_eq!(all(&packed.finish().expect("memory")).1[0].1, ["Anna", "Rome"]);
    }

    #[test]
    fn notes_before_the_header_are_passed_over() {
        let text = "Notes:\n\"When exporting, you may notice, that some are missing.\"\n\nFirst Name,Last Name,URL,Email Address\nAna,Silva,http://x,a@b.example\n";
        let (table, rows) = all(text.as_bytes());
        assert_eq!((table.header[0].as_str(), table.header_line), ("First Name", 4));
        assert_eq!(rows, [(5, ["Ana", "Silva", "http://x", "a@b.example"].map(str::to_owned).to_vec())]);
    }

    #[test]
    fn empty_blank_and_header_only() {
        for bytes in [&b""[..], b"\n\n", b"\xEF\xBB\xBF", b" , ,\n"] {
            assert!(matches!(open(bytes), Err(Error::Empty)), "{bytes:?}");
        }
        assert!(matches!(open(b"PK\x03\x04zzzz"), Err(Error::Workbook(_))));
        let (table, rows) = all(b"name,,city");
        assert_eq!(table.header, ["name", "#2", "city"]);
        assert!(rows.is_empty());
    }

    #[test]
    fn a_line_of_delimiters_only_is_no_header() {
        let error = open(",".repeat(1 << 20).as_bytes()).expect_err("no table");
        assert!(matches!(error, Error::Wide { .. }), "{error}");
        let widest = format!("name{}\nAnna\n", ",".repeat(WIDEST - 1));
        assert_eq!(all(widest.as_bytes()).1.len(), 1);
    }

    #[test]
    fn ragged_rows_and_a_giant_cell_survive() {
        let giant = "x".repeat(10 << 20);
        let text = format!("name,city\nshort\n a,b,c,d\n,\n\"{giant}\",end\n");
        let (_, rows) = all(text.as_bytes());
        assert_eq!(rows.iter().map(|(_, r)| r.len()).collect::<Vec<_>>(), [1, 4, 2]);
        assert_eq!(rows[2].1[0].len(), giant.len());
    }
}
