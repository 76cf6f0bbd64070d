//! A file into records, looked at before it is done: which file, as what, each column with its field and the first cells,
//! what would become of the rows, and why some would be refused. Every change tries it again without writing anything.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crossterm::event::{MouseEvent, MouseEventKind};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::chooser::{Chooser, Item};
use super::prompt::Prompt;
use crate::desk::import::columns::is_importable;
use crate::desk::import::{ColumnReport, Options, Remedies, Report};
use crate::domain::field::Field;
use crate::domain::kind::{Kind, KindId, MESSAGE};
use crate::tui::command::{Cmd, Scope};
use crate::tui::effect::{Answer, Ask, Latest, Out, Question, Tone};
use crate::tui::frame::{bar_row, boxed, first_row};
use crate::tui::layer::{Layer, LayerMsg, Place, Reply, Subject};
use crate::tui::paint;
use crate::tui::text;
use crate::tui::theme::Role;
use crate::tui::ui::Ui;

/// Refused rows that can be scrolled through.
const REFUSALS: usize = 10_000;
/// The widest name of a column.
const HEADER: usize = 24;
/// The widest name of a field.
const TARGET: usize = 26;

pub struct Import {
    kind: KindId,
    file: String,
    /// Where the person said that a column goes, by its place; empty: nowhere.
    map: BTreeMap<usize, String>,
    /// The field that tells that a row's record is there already.
    matching: Option<String>,
    create_refs: bool,
    report: Option<Report>,
    /// What was written was taken back; so many records of it stayed.
    taken_back: Option<usize>,
    /// Why it could not be tried.
    failed: Option<String>,
    at: usize,
    trying: Latest,
    running: Option<Ask>,
    done: u64,
    pending: Option<Pending>,
}

/// What a box that was opened is for; fields by name, in the order offered.
enum Pending {
    File,
    Kind(Vec<KindId>),
    Match(Vec<String>),
    Column(usize, Vec<String>),
}

/// A line that the cursor can stand on.
enum Row {
    Run,
    File,
    Kind,
    Match,
    References,
    Column(usize),
    /// A refused row, by its place in the report.
    Reject(usize),
    /// A sentence of the report.
    Said(Role, String),
}

impl Import {
    pub fn new(kind: KindId) -> Self {
        Self {
            kind,
            file: String::new(),
            map: BTreeMap::new(),
            matching: None,
            create_refs: false,
            report: None,
            taken_back: None,
            failed: None,
            at: 1,
            trying: Latest::default(),
            running: None,
            done: 0,
            pending: None,
        }
    }

    fn options(&self, dry_run: bool, ui: &Ui) -> Options {
        Options {
            kind: self.kind,
            map: self.map.iter().map(|(at, to)| format!("#{}={to}", at + 1)).collect(),
            matching: self.matching.iter().cloned().collect(),
            create_refs: self.create_refs,
            pipeline: None,
            dry_run,
            is_look: dry_run,
            looked_at: self.report.as_ref().filter(|_| !dry_run).map(|report| report.fingerprint),
            refusals: REFUSALS,
            remedies: Remedies::keys(
                &ui.keymap.key(Cmd::ImportTake),
                &ui.keymap.key(Cmd::ImportMatch),
                &ui.keymap.key(Cmd::ImportRefs),
            ),
        }
    }

    fn question(&self, dry_run: bool, ui: &Ui) -> Question {
        Question::Import { file: path(&self.file), options: Box::new(self.options(dry_run, ui)) }
    }

    fn attempt(&mut self, ui: &Ui, out: &mut Out) {
        (self.failed, self.taken_back) = (None, None);
        if !self.file.is_empty() {
            self.trying.ask(self.question(true, ui), out);
        }
    }

    /// It was written, and is not only tried.
    fn is_done(&self) -> bool {
        self.report.as_ref().is_some_and(|r| !r.dry_run)
    }

    fn rows(&self, ui: &Ui) -> Vec<Row> {
        let mut rows = vec![Row::Run, Row::File, Row::Kind, Row::Match, Row::References];
        if let Some(failed) = &self.failed {
            rows.extend(
                text::wrap(failed, usize::from(ui.width.max(20)) - 6).into_iter().map(|l| Row::Said(Role::Bad, l)),
            );
        }
        let Some(report) = &self.report else { return rows };
        rows.extend((0..report.columns.len()).map(Row::Column));
        rows.extend((0..report.rejects.len()).map(Row::Reject));
        let mut say = |role, said: String| rows.push(Row::Said(role, said));
        if report.rejected > report.rejects.len() as u64 {
            say(Role::Bad, ui.tr("import-more", &[("n", (report.rejected - report.rejects.len() as u64).into())]));
        }
        for (kind, referred) in &report.references {
            let name = ui.registry.by_name(kind).map_or(kind.as_str(), |k| k.many.get(ui.lang()));
            let args = [("many", name.into()), ("found", referred.matched.into()), ("made", referred.created.into())];
            say(Role::Dim, ui.tr("import-references", &args));
        }
        for warning in &report.warnings {
            let samples = warning.samples.iter().map(|s| text::inert(s).into_owned()).collect::<Vec<_>>().join("; ");
            let samples = if samples.is_empty() { samples } else { format!(" ({samples})") };
            say(Role::Warn, format!("! {} × {}{samples}", warning.count, text::inert(&warning.message)));
        }
        rows
    }

    fn take(&mut self, ui: &Ui, out: &mut Out) {
        // What is being written is what was looked at.
        if self.running.is_some() {
            return;
        }
        let kind = ui.registry.kind(self.kind);
        match self.rows(ui).get(self.at) {
            Some(Row::Run) if self.taken_back.is_some() => self.attempt(ui, out),
            Some(Row::Run) if self.is_done() => {
                out.close();
                out.go(Place::List { kind: self.kind, filter: "sort:-created".into() });
            }
            Some(Row::Run) => self.run(ui, out),
            Some(Row::File) => self.ask_file(ui, out),
            Some(Row::Kind) => {
                let kinds: Vec<&Kind> = ui.registry.kinds().iter().filter(|k| k.id != MESSAGE).collect();
                let items = kinds.iter().map(|k| Item::new(k.many.get(ui.lang()))).collect();
                let current = kinds.iter().position(|k| k.id == self.kind);
                self.pending = Some(Pending::Kind(kinds.iter().map(|k| k.id).collect()));
                out.push(Chooser::new(ui.t("import-kind"), items, current));
            }
            Some(Row::Match) => self.choose_match(kind, ui, out),
            Some(Row::References) => {
                self.create_refs = !self.create_refs;
                self.attempt(ui, out);
            }
            Some(&Row::Column(at)) => self.choose_field(at, kind, ui, out),
            _ => {}
        }
    }

    fn choose_match(&mut self, kind: &Kind, ui: &Ui, out: &mut Out) {
        let fields: Vec<&Field> = self.filled(kind);
        let mut items = vec![Item::new(ui.t("import-match-none"))];
        items.extend(fields.iter().map(|f| Item::new(f.label.get(ui.lang()))));
        let current = self.matching.as_ref().and_then(|name| fields.iter().position(|f| f.name == *name));
        self.pending = Some(Pending::Match(fields.iter().map(|f| f.name.clone()).collect()));
        out.push(Chooser::new(ui.t("import-match"), items, Some(current.map_or(0, |at| at + 1))));
    }

    /// Fields that a column of the file goes into.
    fn filled<'k>(&self, kind: &'k Kind) -> Vec<&'k Field> {
        let columns = self.report.iter().flat_map(|r| &r.columns);
        columns.filter_map(|c| kind.field(c.field.as_deref()?)).collect()
    }

    fn choose_field(&mut self, at: usize, kind: &Kind, ui: &Ui, out: &mut Out) {
        let Some(report) = self.report.as_ref().filter(|r| r.dry_run) else { return };
        let Some(column) = report.columns.get(at) else { return };
        let mut targets = vec![String::new()];
        let mut items = vec![Item::new(ui.t("import-nowhere"))];
        if let Some(offer) = report.offered.iter().find(|offer| offer.column == column.column) {
            targets.push(format!("+{}:{}", offer.name, offer.ty));
            items.push(Item::new(ui.tr("import-new-field", &[("name", offer.name.as_str().into())])));
        }
        for field in kind.fields.iter().filter(|f| is_importable(kind, f)) {
            targets.push(field.name.clone());
            let names = std::iter::once(&field.name).chain(&field.aliases).cloned().collect();
            items.push(Item { names, ..Item::new(field.label.get(ui.lang())) });
        }
        let current = match &column.field {
            Some(name) => targets.iter().position(|t| t == name),
            None => Some(0),
        };
        let title = text::cut(&text::inert(&column.column), 40).into_owned();
        self.pending = Some(Pending::Column(at, targets));
        out.push(Chooser::new(title, items, current));
    }

    fn ask_file(&mut self, ui: &Ui, out: &mut Out) {
        self.pending = Some(Pending::File);
        out.push(Prompt::new(ui.t("import-file"), ui.t("import-file-hint"), self.file.clone()));
    }

    fn run(&mut self, ui: &Ui, out: &mut Out) {
        match &self.report {
            _ if self.running.is_some() || self.is_done() => {}
            Some(report) if !self.trying.is_busy() && report.created + report.updated > 0 => {
                self.done = 0;
                self.running = Some(out.ask(self.question(false, ui)));
            }
            _ if self.trying.is_busy() => out.say(Tone::Info, ui.t("import-trying")),
            Some(_) => out.say(Tone::Warn, ui.t("import-nothing")),
            None => self.ask_file(ui, out),
        }
    }

    fn replied(&mut self, reply: Reply, ui: &Ui, out: &mut Out) {
        match (self.pending.take(), reply) {
            (Some(Pending::File), Reply::Text(file)) => {
                let file = file.trim().to_owned();
                if file != self.file {
                    self.map.clear();
                    self.report = None;
                }
                self.file = file;
                self.at = 0;
            }
            (Some(Pending::Kind(kinds)), Reply::Chosen(at)) => {
                if let Some(kind) = kinds.get(at).filter(|kind| **kind != self.kind) {
                    (self.kind, self.matching, self.report) = (*kind, None, None);
                    self.map.clear();
                }
            }
            (Some(Pending::Match(names)), Reply::Chosen(at)) => {
                self.matching = at.checked_sub(1).and_then(|at| names.get(at)).cloned();
            }
            (Some(Pending::Column(column, targets)), Reply::Chosen(at)) => {
                if let Some(target) = targets.get(at) {
                    self.map.insert(column, target.clone());
                }
            }
            _ => return,
        }
        self.attempt(ui, out);
        self.at = self.at.min(self.rows(ui).len() - 1);
    }

    fn answer(&mut self, ask: Ask, answer: Answer, ui: &Ui, out: &mut Out) {
        match answer {
            Answer::Progress(done) if self.running == Some(ask) => self.done = done,
            // How far an attempt is, is not its outcome.
            Answer::Progress(_) => {}
            Answer::Import(imported) if self.running == Some(ask) => {
                self.running = None;
                match imported {
                    Ok(report) => {
                        let args = [
                            ("created", report.created.into()),
                            ("updated", report.updated.into()),
                            ("rejected", report.rejected.into()),
                            ("key", ui.keymap.key(Cmd::Undo).into()),
                        ];
                        let tone = if report.rejected == 0 { Tone::Good } else { Tone::Warn };
                        // Another hand may have been in the file since it was looked at.
                        let said = if report.operation.is_some() {
                            ui.tr("import-done", &args)
                        } else {
                            ui.t("import-nothing")
                        };
                        out.say(tone, said);
                        self.report = Some(*report);
                        self.at = 0;
                    }
                    Err(error) => {
                        // What stands here may be no longer what is in the file.
                        self.attempt(ui, out);
                        self.failed = Some(error.to_string());
                    }
                }
            }
            answer => {
                if self.trying.take(ask, out) {
                    match answer {
                        Answer::Import(Ok(report)) => self.report = Some(*report),
                        Answer::Import(Err(error)) => (self.report, self.failed) = (None, Some(error.to_string())),
                        _ => {}
                    }
                }
            }
        }
    }

    fn command(&mut self, cmd: Cmd, ui: &Ui, out: &mut Out) {
        let last = self.rows(ui).len() - 1;
        let is_idle = self.running.is_none() && !self.is_done();
        let page = usize::from(ui.height.saturating_sub(5)).max(1);
        match cmd {
            Cmd::ImportDown => self.at = (self.at + 1).min(last),
            Cmd::ImportUp => self.at = self.at.saturating_sub(1),
            Cmd::ImportPageDown => self.at = (self.at + page).min(last),
            Cmd::ImportPageUp => self.at = self.at.saturating_sub(page),
            Cmd::ImportTop => self.at = 0,
            Cmd::ImportBottom => self.at = last,
            Cmd::ImportTake => self.take(ui, out),
            Cmd::ImportRun => self.run(ui, out),
            Cmd::ImportMatch if is_idle => self.choose_match(ui.registry.kind(self.kind), ui, out),
            Cmd::ImportRefs if is_idle => {
                self.create_refs = !self.create_refs;
                self.attempt(ui, out);
            }
            Cmd::ImportFile if self.running.is_none() => self.ask_file(ui, out),
            Cmd::Back if self.running.is_none() => out.close(),
            Cmd::Redraw if is_idle => self.attempt(ui, out),
            _ => {}
        }
    }

    /// A row in words, and how it looks.
    fn line(&self, row: &Row, width: usize, ui: &Ui) -> (String, Role) {
        let named = |key: &'static str, value: &str| format!("{}: {value}", ui.t(key));
        match row {
            Row::Run => self.head(ui),
            Row::File if self.file.is_empty() => (named("import-file", "—"), Role::Text),
            Row::File => {
                let read = self.report.as_ref().map_or(String::new(), |r| {
                    let delimiter = if r.delimiter == '\t' { "Tab".to_owned() } else { r.delimiter.to_string() };
                    format!("  ({}, {delimiter})", r.encoding)
                });
                (named("import-file", &format!("{}{read}", text::inert(&self.file))), Role::Text)
            }
            Row::Kind => (named("import-kind", ui.registry.kind(self.kind).many.get(ui.lang())), Role::Text),
            Row::Match => {
                let kind = ui.registry.kind(self.kind);
                let field = self.matching.as_ref().and_then(|name| kind.field(name));
                let none = ui.t("import-match-none");
                (named("import-match", field.map_or(none.as_str(), |f| f.label.get(ui.lang()))), Role::Text)
            }
            Row::References => {
                let yes = if self.create_refs { ui.t("form-yes") } else { ui.t("form-no") };
                (named("import-create-refs", &yes), Role::Text)
            }
            Row::Column(at) => self.column(*at, width, ui),
            Row::Reject(at) => {
                let reject = self.report.as_ref().and_then(|r| r.rejects.get(*at));
                let said = reject.map(|reject| {
                    let reason = text::inert(&reject.reason).into_owned();
                    ui.tr("import-reject", &[("line", reject.line.into()), ("reason", reason.into())])
                });
                (said.unwrap_or_default(), Role::Bad)
            }
            Row::Said(role, said) => (said.clone(), *role),
        }
    }

    /// What Enter on the first line does, or what was done.
    fn head(&self, ui: &Ui) -> (String, Role) {
        let count = |key: &'static str, r: &Report| {
            let many = ui.registry.kind(self.kind).many.get(ui.lang());
            let args = [
                ("rows", r.rows.into()),
                ("many", many.into()),
                ("created", r.created.into()),
                ("updated", r.updated.into()),
                ("unchanged", r.unchanged.into()),
                ("rejected", r.rejected.into()),
            ];
            ui.tr(key, &args)
        };
        match &self.report {
            _ if self.running.is_some() => {
                let of = self.report.as_ref().map_or(0, |r| r.rows);
                (ui.tr("import-running", &[("n", self.done.into()), ("of", of.into())]), Role::Warn)
            }
            _ if self.trying.is_busy() => (ui.t("import-trying"), Role::Dim),
            Some(_) if self.taken_back.is_some() => match self.taken_back.unwrap_or(0) {
                0 => (ui.t("import-undone"), Role::Warn),
                left => (ui.tr("import-undone-but", &[("n", left.into())]), Role::Warn),
            },
            Some(report) if report.dry_run => (count("import-would", report), Role::Accent),
            Some(report) => (count("import-did", report), Role::Good),
            None if self.failed.is_some() => (ui.t("import-cannot"), Role::Bad),
            None => (ui.t("import-no-file"), Role::Dim),
        }
    }

    /// A column, its field, and its first cells.
    fn column(&self, at: usize, width: usize, ui: &Ui) -> (String, Role) {
        let Some(report) = &self.report else { return (String::new(), Role::Text) };
        let Some(ColumnReport { column, field, by }) = report.columns.get(at) else {
            return (String::new(), Role::Text);
        };
        let kind = ui.registry.kind(self.kind);
        let goes = match field {
            Some(name) => {
                let label = |name: &str| kind.field(name).map_or(name, |f| f.label.get(ui.lang())).to_owned();
                // Of a record that the row names: `company.city`.
                let named =
                    name.split_once('.').map_or_else(|| label(name), |(via, rest)| format!("{}.{rest}", label(via)));
                if *by == "likeness" { format!("{named} ?") } else { named }
            }
            None if *by == "ignored" => ui.t("import-nowhere"),
            None => ui.t("import-unknown"),
        };
        let cells: Vec<String> = report
            .sample
            .iter()
            .filter_map(|row| row.get(at).map(|cell| text::cut(&text::inert(cell), 20).into_owned()))
            .filter(|cell| !cell.trim().is_empty())
            .collect();
        let header = text::pad(&text::inert(column), HEADER.min(width / 3));
        let target = text::pad(&goes, TARGET.min(width / 3));
        let role = if field.is_some() { Role::Text } else { Role::Dim };
        (format!("{header} → {target} {}", cells.join(" · ")), role)
    }

    /// The line with the cursor in full, below the others, where it is cut off.
    fn foot(&self, area: Rect, ui: &Ui) -> Vec<String> {
        let width = usize::from(area.width).saturating_sub(4);
        let rows = self.rows(ui);
        // A column's cells are samples only.
        let Some(row) = rows.get(self.at).filter(|row| !matches!(row, Row::Column(_))) else { return Vec::new() };
        let (said, _) = self.line(row, width, ui);
        if text::width(&said) <= width || area.height < 10 {
            return Vec::new();
        }
        text::wrap(&said, width).into_iter().take(usize::from(area.height / 3)).collect()
    }

    fn mouse(&mut self, mouse: MouseEvent, area: Rect, ui: &Ui, out: &mut Out) {
        match mouse.kind {
            MouseEventKind::ScrollDown => self.command(Cmd::ImportDown, ui, out),
            MouseEventKind::ScrollUp => self.command(Cmd::ImportUp, ui, out),
            MouseEventKind::Down(_) => {
                let room = usize::from(area.height.saturating_sub(2)) - self.foot(area, ui).len();
                let row = usize::from(mouse.row.saturating_sub(area.y + 1)) + first_row(self.at, room);
                if row < self.rows(ui).len() && mouse.row > area.y && usize::from(mouse.row - area.y) <= room {
                    if self.at == row { self.take(ui, out) } else { self.at = row }
                }
            }
            _ => {}
        }
    }
}

/// `~` is the person's home, quotes of a pasted path are none of it.
fn path(typed: &str) -> PathBuf {
    let typed = typed.trim_matches(['\'', '"']);
    let home = directories::BaseDirs::new().map(|dirs| dirs.home_dir().to_owned());
    match (typed.strip_prefix("~/"), home) {
        (Some(rest), Some(home)) => home.join(rest),
        _ => PathBuf::from(typed),
    }
}

impl Layer for Import {
    fn scopes(&self) -> &'static [Scope] {
        &[Scope::Import, Scope::Main, Scope::Everywhere]
    }

    fn update(&mut self, msg: LayerMsg, ui: &Ui, out: &mut Out) {
        match msg {
            // There is nothing to look at without a file.
            LayerMsg::Shown { .. } if self.file.is_empty() && self.pending.is_none() => self.ask_file(ui, out),
            LayerMsg::Command(cmd) => self.command(cmd, ui, out),
            LayerMsg::Answer(ask, answer) => self.answer(ask, answer, ui, out),
            LayerMsg::Reply(reply) => self.replied(reply, ui, out),
            LayerMsg::Mouse(mouse, area) => self.mouse(mouse, area, ui, out),
            LayerMsg::Undid { operation, again, left } => {
                let mine = self.report.as_ref().and_then(|report| report.operation);
                if again {
                    self.taken_back = None;
                } else if mine == Some(operation) {
                    self.taken_back = Some(left);
                }
            }
            _ => {}
        }
    }

    fn view(&self, frame: &mut Frame, area: Rect, ui: &Ui) {
        let many = ui.registry.kind(self.kind).many.get(ui.lang());
        let block = boxed(format!(" {} ", ui.tr("import-title", &[("many", many.into())])), true, ui);
        let mut inner = block.inner(area);
        frame.render_widget(block, area);
        let foot = self.foot(area, ui);
        inner.height -= (foot.len() as u16).min(inner.height);
        if inner.width < 12 || inner.height == 0 {
            return;
        }
        let rows = self.rows(ui);
        let skip = first_row(self.at, usize::from(inner.height));
        for (y, (at, row)) in (inner.y..inner.bottom()).zip(rows.iter().enumerate().skip(skip)) {
            let (said, role) = self.line(row, usize::from(inner.width) - 2, ui);
            bar_row(frame, Rect { y, height: 1, ..inner }, &said, at == self.at, ui.style(role), ui);
        }
        for (y, line) in (inner.bottom()..).zip(foot) {
            let place = Rect { x: inner.x + 1, y, width: inner.width - 1, height: 1 };
            paint::line(frame.buffer_mut(), Line::styled(line, ui.style(Role::Text)), place);
        }
        if rows.len() > usize::from(inner.height) && area.width > 16 {
            let place = Line::styled(format!(" {}/{} ", self.at + 1, rows.len()), ui.style(Role::Dim)).right_aligned();
            paint::line(
                frame.buffer_mut(),
                place,
                Rect { y: area.bottom() - 1, height: 1, x: area.x + 1, width: area.width - 2 },
            );
        }
    }

    fn subject(&self) -> Subject {
        Subject { kind: Some(self.kind), record: None, marked: 0 }
    }
}

#[cfg(test)]
mod tests;
