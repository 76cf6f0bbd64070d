//! The palette: commands, views and records by a few letters of their name, pinyin too; a code such as `T1042` jumps.

use crossterm::event::KeyEvent;
use frizbee::{Config, Matcher};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::help::search_line;
use crate::desk::{From, Hit};
use crate::domain::kind::{KindId, VIEW};
use crate::domain::query::Query;
use crate::domain::record::Record;
use crate::tui::app::TABS;
use crate::tui::command::{COMMANDS, Cmd, Scope, command};
use crate::tui::effect::{Answer, Ask, Latest, Out, Question};
use crate::tui::frame::{boxed, first_row};
use crate::tui::layer::{Layer, LayerMsg, Place, Root, Shape, Subject};
use crate::tui::line;
use crate::tui::paint;
use crate::tui::show;
use crate::tui::text;
use crate::tui::theme::Role;
use crate::tui::ui::Ui;

/// Records asked for by a few letters.
const HITS: u32 = 8;

#[derive(Clone, Debug, PartialEq)]
enum Entry {
    Code(KindId, i64),
    Command(Cmd),
    View {
        name: String,
        kind: KindId,
        filter: String,
    },
    /// The whole list of a kind that no tab begins with.
    List(KindId),
    Record(Hit),
}

pub struct Palette {
    scopes: &'static [Scope],
    subject: Subject,
    search: line::Line,
    at: usize,
    views: Vec<Record>,
    views_ask: Option<Ask>,
    hits: Vec<Hit>,
    find: Latest,
    /// The record whose code was typed, once it is known to be there; asked for by `jumping`.
    jump: Option<Record>,
    jumping: Latest,
    /// Pointed at with the arrows: what comes meanwhile does not move it.
    pointed: bool,
    /// Enter was pressed before it was known what stands first.
    awaited: bool,
}

impl Palette {
    /// Offers what works in these scopes on this subject.
    pub fn new(scopes: &'static [Scope], subject: Subject) -> Self {
        Self {
            scopes,
            subject,
            search: line::Line::default(),
            at: 0,
            views: Vec::new(),
            views_ask: None,
            hits: Vec::new(),
            find: Latest::default(),
            jump: None,
            jumping: Latest::default(),
            pointed: false,
            awaited: false,
        }
    }

    fn typed(&mut self, ui: &Ui, out: &mut Out) {
        self.at = 0;
        (self.pointed, self.awaited) = (false, false);
        let text = self.search.text().trim().to_owned();
        match ui.registry.by_code(&text) {
            Some((kind, id)) => self.jumping.ask(Question::Read { kind, ids: vec![id] }, out),
            None => self.jumping.forget(),
        }
        if text.is_empty() {
            self.hits.clear();
            self.find.forget();
        } else {
            self.find.ask(Question::Find { text, kinds: Vec::new(), limit: HITS }, out);
        }
    }

    /// Entries with what they are called, best first: a code, the commands and views that have what was typed in their
    /// names, records, then the names that are only something like it.
    fn entries(&self, ui: &Ui) -> Vec<(Entry, String)> {
        let wanted = self.search.text().trim();
        let mut named: Vec<(Entry, String)> = COMMANDS
            .iter()
            .filter(|c| self.scopes.contains(&c.scope) && c.fits(&self.subject, ui))
            .filter(|c| !matches!(c.id, Cmd::Palette | Cmd::PaletteColon))
            // Before anything is typed, what only moves would stand before all that is worth finding.
            .filter(|c| !wanted.is_empty() || c.group.is_some())
            .map(|c| (Entry::Command(c.id), ui.t(&c.title_key())))
            .collect();
        let untabbed = |kind: KindId| !TABS.iter().any(|(_, root, _)| *root == Root::Kind(kind));
        let kinds = ui.registry.kinds().iter().filter(|kind| untabbed(kind.id));
        named.extend(kinds.map(|kind| (Entry::List(kind.id), kind.many.get(ui.lang()).to_owned())));
        named.extend(self.views.iter().filter_map(|record| view_entry(record, ui)));
        if wanted.is_empty() {
            return named;
        }
        let mut out = Vec::new();
        let code = ui.registry.by_code(wanted);
        let jump = self.jump.as_ref().filter(|r| code == Some((r.kind, r.id)));
        if let Some(record) = jump {
            let kind = ui.registry.kind(record.kind);
            let name = format!("{} {}", kind.code(record.id), text::inert(record.title(kind)));
            out.push((Entry::Code(record.kind, record.id), ui.tr("palette-jump", &[("code", name.into())])));
        }
        let (near, far): (Vec<usize>, Vec<usize>) =
            alike(wanted, &named).into_iter().partition(|&at| is_near(wanted, &named[at].1));
        out.extend(near.into_iter().map(|at| named[at].clone()));
        let hits = self.hits.iter().filter(|hit| jump.is_none_or(|r| (r.kind, r.id) != (hit.kind, hit.id)));
        out.extend(hits.map(|hit| (Entry::Record(hit.clone()), text::inert(&hit.title).into_owned())));
        out.extend(far.into_iter().map(|at| named[at].clone()));
        out
    }

    /// True when nothing that is still to be found can come to stand where the cursor is.
    fn is_settled(&self, entries: &[(Entry, String)]) -> bool {
        let wanted = self.search.text().trim();
        self.pointed
            || !self.find.is_busy() && !self.jumping.is_busy()
            || entries.get(self.at).is_some_and(|(entry, name)| match entry {
                Entry::Code(..) => true,
                Entry::Command(_) | Entry::View { .. } | Entry::List(_) => is_near(wanted, name),
                Entry::Record(_) => false,
            })
    }

    /// Records were found: what is pointed at stays so, an Enter that waited for them takes the first.
    fn found(&mut self, take_in: impl FnOnce(&mut Self), ui: &Ui, out: &mut Out) {
        let pointed = self.entries(ui).into_iter().nth(self.at).map(|(entry, _)| entry).filter(|_| self.pointed);
        take_in(self);
        let entries = self.entries(ui);
        let place = pointed.and_then(|entry| entries.iter().position(|(e, _)| *e == entry));
        self.at = place.unwrap_or(self.at).min(entries.len().saturating_sub(1));
        if self.awaited && !self.find.is_busy() && !self.jumping.is_busy() {
            self.awaited = false;
            self.take(ui, out);
        }
    }

    /// The code that was typed, when there is no such record: what to say of it.
    fn missing(&self, ui: &Ui) -> Option<String> {
        let (kind, id) = ui.registry.by_code(self.search.text().trim())?;
        let is_here = self.jump.as_ref().is_some_and(|r| (r.kind, r.id) == (kind, id));
        let code = ui.registry.kind(kind).code(id);
        (!is_here && !self.jumping.is_busy()).then(|| ui.tr("record-gone", &[("code", code.into())]))
    }

    fn take(&mut self, ui: &Ui, out: &mut Out) {
        let entries = self.entries(ui);
        if !self.is_settled(&entries) {
            self.awaited = true;
            return;
        }
        // The palette says that there is no such record; something that merely looks like its code is not meant.
        if entries.is_empty() || !self.pointed && self.missing(ui).is_some() {
            return;
        }
        out.close();
        match entries.into_iter().nth(self.at).map(|(entry, _)| entry) {
            Some(Entry::Code(kind, id)) => out.go(Place::Record(kind, id)),
            Some(Entry::Command(cmd)) => out.run(cmd),
            Some(Entry::View { kind, filter, .. }) => out.go(Place::List { kind, filter }),
            Some(Entry::List(kind)) => out.go(Place::List { kind, filter: String::new() }),
            Some(Entry::Record(hit)) => out.go(Place::Record(hit.kind, hit.id)),
            None => {}
        }
    }
}

fn view_entry(record: &Record, ui: &Ui) -> Option<(Entry, String)> {
    let view = ui.registry.kind(VIEW);
    let kind = ui.registry.by_name(record.get(view, "kind").as_str()?)?;
    let name = show::view_name(record.title(view), ui);
    let filter = record.get(view, "query").as_str().unwrap_or_default().to_owned();
    let shown = format!("{}: {name}", kind.many.get(ui.lang()));
    Some((Entry::View { name, kind: kind.id, filter }, shown))
}

/// True when every word typed stands in the name or in its sound, not merely its letters here and there.
fn is_near(wanted: &str, name: &str) -> bool {
    let (name, sound) = (name.to_lowercase(), pinyin_of(name));
    wanted.to_lowercase().split_whitespace().all(|word| name.contains(word) || sound.contains(word))
}

/// Places of the names that are like what was typed, best first; Chinese names also by their pinyin.
fn alike(wanted: &str, named: &[(Entry, String)]) -> Vec<usize> {
    let haystacks: Vec<String> = named.iter().map(|(_, name)| format!("{name} {}", pinyin_of(name))).collect();
    let config = Config::default().max_typos(Some(u16::from(wanted.chars().count() > 4)));
    let mut matcher = Matcher::new(wanted, &config);
    matcher.match_list(&haystacks).into_iter().map(|m| m.index as usize).collect()
}

/// Syllables and initials of the Han characters in a name: `gd gongdan` for 工单.
fn pinyin_of(name: &str) -> String {
    use pinyin::ToPinyin;
    let syllables: Vec<&str> = name.to_pinyin().flatten().map(pinyin::Pinyin::plain).collect();
    let initials: String = syllables.iter().filter_map(|s| s.chars().next()).collect();
    format!("{initials} {}", syllables.concat())
}

impl Layer for Palette {
    fn scopes(&self) -> &'static [Scope] {
        &[Scope::Search, Scope::Dialog]
    }

    fn shape(&self) -> Shape {
        Shape::Popup { width: 76, height: 18 }
    }

    fn key(&mut self, key: KeyEvent, ui: &Ui, out: &mut Out) -> bool {
        let before = self.search.text().to_owned();
        let taken = self.search.key(key);
        if self.search.text() != before {
            self.typed(ui, out);
        }
        taken
    }

    fn paste(&mut self, text: &str, ui: &Ui, out: &mut Out) -> bool {
        self.search.insert(text);
        self.typed(ui, out);
        true
    }

    fn update(&mut self, msg: LayerMsg, ui: &Ui, out: &mut Out) {
        match msg {
            LayerMsg::Shown { .. } if self.views_ask.is_none() => {
                let (kind, query) = (VIEW, Query::default());
                self.views_ask = Some(out.ask(Question::Page { kind, query, from: From::Start, limit: 100 }));
            }
            LayerMsg::Answer(ask, answer) => {
                if self.find.take(ask, out) {
                    let hits = if let Answer::Hits(Ok(hits)) = answer { hits } else { Vec::new() };
                    self.found(|me| me.hits = hits, ui, out);
                } else if self.jumping.take(ask, out) {
                    let records = if let Answer::Records(Ok(records)) = answer { records } else { Vec::new() };
                    self.found(|me| me.jump = records.into_iter().next(), ui, out);
                } else if self.views_ask == Some(ask)
                    && let Answer::Page(Ok(page)) = answer
                {
                    self.views = page.records;
                }
            }
            LayerMsg::Command(Cmd::SearchDown) => {
                self.pointed = true;
                self.at = (self.at + 1).min(self.entries(ui).len().saturating_sub(1));
            }
            LayerMsg::Command(Cmd::SearchUp) => {
                self.pointed = true;
                self.at = self.at.saturating_sub(1);
            }
            LayerMsg::Command(Cmd::SearchDone) => self.take(ui, out),
            LayerMsg::Command(Cmd::Dismiss) => out.close(),
            _ => {}
        }
    }

    fn view(&self, frame: &mut Frame, area: Rect, ui: &Ui) {
        let block = boxed(format!(" {} ", ui.t("palette-title")), true, ui);
        let inner = block.inner(area);
        frame.render_widget(block, area);
        search_line(frame, Rect { height: 1.min(inner.height), ..inner }, &self.search, &ui.t("palette-prompt"), ui);
        let mut list = Rect { y: inner.y + 1, height: inner.height.saturating_sub(1), ..inner };
        let entries = self.entries(ui);
        let missing = self.missing(ui);
        if let Some(said) = missing.or_else(|| entries.is_empty().then(|| ui.t("nothing-found")))
            && list.height > 0
        {
            let said = text::cut(&said, usize::from(list.width).saturating_sub(3)).into_owned();
            paint::line(
                frame.buffer_mut(),
                Line::styled(format!("   {said}"), ui.style(Role::Dim)),
                Rect { height: 1, ..list },
            );
            list = Rect { y: list.y + 1, height: list.height - 1, ..list };
        }
        let skip = first_row(self.at, usize::from(list.height));
        for (line, (i, (entry, name))) in
            entries.iter().enumerate().skip(skip).take(usize::from(list.height)).enumerate()
        {
            let row = Rect { y: list.y + line as u16, height: 1, ..list };
            let room = usize::from(row.width).saturating_sub(4);
            let (sign, note) = match entry {
                Entry::Code(..) => ("→", String::new()),
                Entry::Command(cmd) => (" ", ui.keymap.key(command(*cmd).id)),
                Entry::List(_) => ("≡", String::new()),
                Entry::View { filter, .. } => ("≡", text::inert(filter).into_owned()),
                Entry::Record(hit) => {
                    let code = ui.registry.kind(hit.kind).code(hit.id);
                    // The detail gives way, the code does not.
                    let detail = text::inert(&hit.detail);
                    let left = (room / 2).saturating_sub(code.len() + 1);
                    ("·", format!("{} {code}", text::cut(&detail, left)))
                }
            };
            let on = i == self.at;
            let style = if on { ui.style(Role::Selected) } else { ui.style(Role::Text) };
            let note_wide = text::width(&note).min(room / 2);
            let spans = vec![
                Span::styled(if on { "▌" } else { " " }, if on { ui.style(Role::Bar) } else { style }),
                Span::styled(format!("{sign} "), style.patch(ui.style(Role::Accent))),
                Span::styled(text::pad(name, room.saturating_sub(note_wide)), style),
                Span::styled(text::pad_left(&note, note_wide), style.patch(ui.style(Role::Dim))),
                Span::styled(" ", style),
            ];
            paint::line(frame.buffer_mut(), Line::from(spans), row);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::field::Lang;
    use crate::tui::command::Command;
    use crate::tui::i18n::Catalogue;

    #[test]
    fn names_are_found_by_letters_typos_and_pinyin() {
        let named: Vec<(Entry, String)> = ["Set the priority", "Saved views", "设置优先级", "工单"]
            .map(|n| (Entry::Command(Cmd::Open), n.into()))
            .into();
        assert_eq!(alike("prio", &named).first(), Some(&0));
        assert_eq!(alike("views", &named).first(), Some(&1));
        assert_eq!(alike("gd", &named).first(), Some(&3));
        assert_eq!(alike("youxianji", &named).first(), Some(&2));
        assert!(alike("zzzz", &named).is_empty());
        for (typed, at, near) in
            [("prio", 0, true), ("prio set", 0, true), ("stp", 0, false), ("gd", 3, true), ("youxian", 2, true)]
        {
            assert_eq!(is_near(typed, &named[at].1), near, "{typed}");
        }
    }

    #[test]
    fn what_readme_names_is_found_in_either_language() {
        let words =
            include_str!("../../../README.md").split("`:").skip(1).filter_map(|rest| rest.split(['`', ' ']).next());
        let words: Vec<&str> = words.filter(|word| word.starts_with(|c: char| c.is_ascii_lowercase())).collect();
        assert!(words.contains(&"notices"), "{words:?}");
        for lang in [Lang::En, Lang::Zh] {
            let catalogue = Catalogue::new(lang);
            let name = |c: &Command| (Entry::Command(c.id), catalogue.t(&c.title_key()));
            let named: Vec<(Entry, String)> = COMMANDS.iter().map(name).collect();
            for word in &words {
                let first = alike(word, &named).first().map(|at| named[*at].1.as_str());
                assert!(first.is_some_and(|name| is_near(word, name)), "{lang:?}: :{word} leads to {first:?}");
            }
        }
    }
}
