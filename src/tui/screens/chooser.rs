//! A box of fixed choices. With nine or fewer a digit takes one at once, its digit is its place and never moves; so does
//! the letter shown behind it: the label's first one, or where others begin with that too, another of its letters. Longer
//! lists have neither: what is typed narrows them.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use pinyin::ToPinyin;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::Line;

use super::help::search_line;
use crate::domain::kind::{Registry, STAGE};
use crate::domain::record::Record;
use crate::tui::command::{Cmd, Scope};
use crate::tui::effect::Out;
use crate::tui::frame::{bar_row, boxed, first_row};
use crate::tui::keymap::{Folded, Found, Stroke, fold};
use crate::tui::layer::{Layer, LayerMsg, Reply, Shape};
use crate::tui::line;
use crate::tui::paint;
use crate::tui::text;
use crate::tui::theme::Role;
use crate::tui::ui::Ui;
use crate::tui::widgets::fuzzy;

/// Labels before notes get no more than this: longer ones are cut off.
const LABELS: usize = 30;
/// Up to so many choices have digits and letters.
const FEW: usize = 9;

const BOX: &[Scope] = &[Scope::Menu, Scope::Popup, Scope::Everywhere];
const SEARCHED: &[Scope] = &[Scope::Search, Scope::Dialog, Scope::Everywhere];

/// One choice; `note` stands dim behind it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Item {
    pub label: String,
    pub note: String,
    /// A letter of its own, whatever the label is.
    pub letter: Option<char>,
    /// Further names that typing finds it by.
    pub names: Vec<String>,
}

impl Item {
    pub fn new(label: impl Into<String>) -> Self {
        Self { label: label.into(), ..Self::default() }
    }

    /// A record by its title. Winning and losing are `w` and `l` whatever the stages are called.
    pub fn of(record: &Record, registry: &Registry) -> Self {
        let kind = registry.kind(record.kind);
        let state = if record.kind == STAGE { record.get(kind, "state").as_str() } else { None };
        let letter = match state {
            Some("won") => Some('w'),
            Some("lost") => Some('l'),
            _ => None,
        };
        Self { label: text::inert(record.title(kind)).into_owned(), letter, ..Self::default() }
    }

    /// Letters that remind of the label, the best first: those that its words and Han characters begin with, then all
    /// others in their order.
    fn letters(&self) -> Vec<char> {
        let sound = |c: char| c.to_pinyin().map_or_else(|| c.to_string(), |sound| sound.plain().to_owned());
        let starts = |at: usize, c: char| {
            let before = self.label[..at].chars().next_back();
            c.to_pinyin().is_some() || before.is_none_or(|before| !before.is_alphanumeric())
        };
        let firsts = self.label.char_indices().filter(|&(at, c)| starts(at, c));
        let firsts = firsts.filter_map(|(_, c)| sound(c).chars().next());
        let letters = firsts.chain(self.label.chars().flat_map(|c| sound(c).chars().collect::<Vec<_>>()));
        letters.map(|c| c.to_ascii_lowercase()).filter(char::is_ascii_lowercase).collect()
    }
}

pub struct Chooser {
    title: String,
    items: Vec<Item>,
    /// The cursor's place among those shown.
    at: usize,
    /// The present value, marked.
    current: Option<usize>,
    /// Places of the items that fit what was typed, best first.
    shown: Vec<usize>,
    search: line::Line,
}

impl Chooser {
    pub fn new(title: impl Into<String>, items: Vec<Item>, current: Option<usize>) -> Self {
        let shown = (0..items.len()).collect();
        Self { title: title.into(), items, at: current.unwrap_or(0), current, shown, search: line::Line::default() }
    }

    /// How wide the column of labels before the notes is; 0 when there are none.
    fn labels(&self) -> usize {
        let noted = self.items.iter().filter(|i| !i.note.is_empty());
        noted.map(|i| text::width(&i.label)).max().unwrap_or(0).min(LABELS)
    }

    fn is_few(&self) -> bool {
        self.items.len() <= FEW
    }

    /// The letter that takes each choice: its own, else the first of its label where no other choice begins with that,
    /// else the next one that is still to be had. None that a command of boxes needs. What others are called decides;
    /// what is chosen or typed never does.
    fn letters(&self, ui: &Ui) -> Vec<Option<char>> {
        let is_free = |c: &char| {
            let stroke = Stroke::of(KeyEvent::from(KeyCode::Char(*c)));
            stroke.is_some_and(|stroke| ui.keymap.find(BOX, &[stroke]) == Found::Nothing)
        };
        if !self.is_few() {
            return vec![None; self.items.len()];
        }
        let of: Vec<Vec<char>> = self.items.iter().map(Item::letters).collect();
        let mut taken: Vec<Option<char>> = self.items.iter().map(|i| i.letter.filter(is_free)).collect();
        let is_only = |c: char| of.iter().filter(|letters| letters.first() == Some(&c)).count() == 1;
        for (at, letters) in of.iter().enumerate() {
            let first = letters.first().copied().filter(is_free);
            let first = first.filter(|&c| is_only(c) && !taken.contains(&Some(c)));
            taken[at] = taken[at].or(first);
        }
        for (at, letters) in of.iter().enumerate() {
            let next = letters.iter().copied().find(|c| is_free(c) && !taken.contains(&Some(*c)));
            taken[at] = taken[at].or(next);
        }
        taken
    }

    /// What was typed narrows the list.
    fn narrow(&mut self) {
        let typed = self.search.text();
        let fits = |i: &Item| {
            let others = i.names.iter().chain(Some(&i.note)).filter(|name| !name.is_empty());
            // What is seen goes before what is only known.
            let others =
                others.filter_map(|name| fuzzy::score(typed, name)).max().map(|score| score.saturating_sub(10));
            fuzzy::score(typed, &i.label).max(others)
        };
        let mut scored: Vec<(u32, usize)> =
            self.items.iter().enumerate().filter_map(|(at, item)| fits(item).map(|score| (score, at))).collect();
        scored.sort_by_key(|&(score, at)| (std::cmp::Reverse(score), at));
        self.shown = scored.into_iter().map(|(_, at)| at).collect();
        self.at = 0;
    }

    /// Choices above the first one drawn.
    fn skip(&self, height: u16) -> usize {
        first_row(self.at, usize::from(height))
    }

    /// A click takes a choice, or closes the box from outside; the wheel moves.
    fn mouse(&mut self, mouse: MouseEvent, area: Rect, out: &mut Out) {
        let last = self.shown.len().saturating_sub(1);
        match mouse.kind {
            MouseEventKind::ScrollDown => self.at = (self.at + 1).min(last),
            MouseEventKind::ScrollUp => self.at = self.at.saturating_sub(1),
            MouseEventKind::Down(MouseButton::Left) if !area.contains((mouse.column, mouse.row).into()) => out.close(),
            MouseEventKind::Down(MouseButton::Left) => {
                let head = 1 + u16::from(!self.is_few());
                let skip = self.skip(area.height.saturating_sub(1 + head));
                let place = mouse.row.checked_sub(area.y + head).and_then(|y| self.shown.get(skip + usize::from(y)));
                if let Some(place) = place.filter(|_| mouse.row + 1 < area.bottom()) {
                    out.reply(Reply::Chosen(*place));
                }
            }
            _ => {}
        }
    }

    fn typed(&mut self, change: impl FnOnce(&mut line::Line) -> bool) -> bool {
        let before = self.search.text().to_owned();
        let taken = change(&mut self.search);
        if self.search.text() != before {
            self.narrow();
        }
        taken
    }
}

impl Layer for Chooser {
    fn scopes(&self) -> &'static [Scope] {
        if self.is_few() { BOX } else { SEARCHED }
    }

    fn shape(&self) -> Shape {
        let row = |i: &Item| text::width(&i.label).max(self.labels()) + text::width(&i.note) + 12;
        let wide = self.items.iter().map(row).max().unwrap_or(0).max(text::width(&self.title) + 6);
        Shape::Popup {
            width: wide.clamp(26, 72) as u16,
            height: self.items.len() as u16 + 2 + u16::from(!self.is_few()),
        }
    }

    fn key(&mut self, key: KeyEvent, ui: &Ui, out: &mut Out) -> bool {
        if !self.is_few() {
            return self.typed(|line| line.key(key));
        }
        let KeyModifiers::NONE = key.modifiers else { return false };
        let Some(Folded::Key(stroke)) = Stroke::of(key).map(fold) else { return false };
        let place = match stroke.plain_char() {
            Some(c @ '1'..='9') => Some(c as usize - '1' as usize).filter(|place| *place < self.items.len()),
            Some(c) => self.letters(ui).iter().position(|letter| *letter == Some(c)),
            None => None,
        };
        if let Some(place) = place {
            out.reply(Reply::Chosen(place));
        }
        place.is_some()
    }

    fn paste(&mut self, text: &str, _ui: &Ui, _out: &mut Out) -> bool {
        !self.is_few()
            && self.typed(|line| {
                line.insert(text.trim());
                true
            })
    }

    fn update(&mut self, msg: LayerMsg, _ui: &Ui, out: &mut Out) {
        if let LayerMsg::Mouse(mouse, area) = msg {
            return self.mouse(mouse, area, out);
        }
        let LayerMsg::Command(cmd) = msg else { return };
        let last = self.shown.len().saturating_sub(1);
        match cmd {
            Cmd::MenuDown | Cmd::SearchDown => self.at = if self.at == last { 0 } else { self.at + 1 },
            Cmd::MenuUp | Cmd::SearchUp => self.at = if self.at == 0 { last } else { self.at - 1 },
            Cmd::MenuTop => self.at = 0,
            Cmd::MenuBottom => self.at = last,
            Cmd::MenuTake | Cmd::SearchDone => {
                if let Some(place) = self.shown.get(self.at) {
                    out.reply(Reply::Chosen(*place));
                }
            }
            Cmd::Close | Cmd::Dismiss => out.close(),
            _ => {}
        }
    }

    fn view(&self, frame: &mut Frame, area: Rect, ui: &Ui) {
        let block = boxed(format!(" {} ", self.title), true, ui);
        let mut inner = block.inner(area);
        frame.render_widget(block, area);
        if !self.is_few() && inner.height > 0 {
            search_line(frame, Rect { height: 1, ..inner }, &self.search, &ui.t("chooser-narrow"), ui);
            inner = Rect { y: inner.y + 1, height: inner.height - 1, ..inner };
        }
        if self.shown.is_empty() && inner.height > 0 {
            let said = format!("   {}", ui.t("nothing-found"));
            paint::line(frame.buffer_mut(), Line::styled(said, ui.style(Role::Dim)), Rect { height: 1, ..inner });
        }
        let letters = self.letters(ui);
        let has_letters = letters.iter().any(Option::is_some);
        let skip = self.skip(inner.height);
        for (y, (line, &place)) in (inner.y..inner.bottom()).zip(self.shown.iter().enumerate().skip(skip)) {
            let item = &self.items[place];
            let row = Rect { y, height: 1, ..inner };
            let mut lead = String::new();
            if self.is_few() {
                lead = format!("{} ", place + 1);
            }
            if has_letters {
                lead.extend([letters[place].unwrap_or(' '), ' ']);
            }
            lead.push_str(if self.current == Some(place) { "• " } else { "  " });
            let on = line == self.at;
            if item.note.is_empty() {
                bar_row(frame, row, &format!("{lead}{}", item.label), on, Style::default(), ui);
                continue;
            }
            let label = format!("{lead}{}  ", text::pad(&item.label, self.labels()));
            let used = (1 + text::width(&label) as u16).min(row.width);
            bar_row(frame, Rect { width: used, ..row }, &label, on, Style::default(), ui);
            let base = if on { ui.style(Role::Selected) } else { Style::default() };
            let note = Rect { x: row.x + used, width: row.width - used, ..row };
            let said = text::pad(&item.note, usize::from(note.width));
            paint::line(frame.buffer_mut(), Line::styled(said, base.patch(ui.style(Role::Dim))), note);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::field::Lang;
    use crate::domain::kind::{DEAL, PIPELINE};
    use crate::domain::value::{Ref, Value};
    use crate::tui::stage::{Stage, office, ui};

    fn letters(labels: &[&str]) -> String {
        let items = labels.iter().map(|label| Item::new(*label)).collect();
        let chooser = Chooser::new("", items, None);
        chooser.letters(&ui(Lang::En, 80, 24)).into_iter().map(|c| c.unwrap_or('-')).collect()
    }

    #[test]
    fn every_one_of_a_few_choices_has_a_letter() {
        assert_eq!(letters(&["Low", "Normal", "High", "Urgent"]), "lnhu");
        assert_eq!(letters(&["New", "Open", "Pending", "On hold", "Solved", "Closed"]), "nophsc");
        assert_eq!(letters(&["Qualified", "Proposal", "Prospecting", "Junk"]), "uprn", "q and j are the box's own");
        assert_eq!(letters(&["低", "中", "高", "紧急"]), "dzai", "g and j move");
        assert_eq!(letters(&["A", "a", "1"]), "a--", "there are no more");
        assert_eq!(letters(&["a", "b", "c", "d", "e", "f", "h", "i", "l", "m"]), "----------", "long lists are typed");
    }

    /// A pipeline with so many stages, the last two of them won and lost.
    fn pipeline(stages: &[&str]) -> Stage {
        let mut records = office();
        records.retain(|r| r.kind != STAGE);
        let kind = Registry::builtin();
        let last = stages.len() - 1;
        for (i, name) in stages.iter().enumerate() {
            let stage = kind.kind(STAGE);
            let mut record = Record { id: i as i64, version: 1, ..Record::empty(stage) };
            record.set(stage, "name", Value::text(*name));
            let outcome = if i == last {
                "lost"
            } else if i + 1 == last {
                "won"
            } else {
                "open"
            };
            record.set(stage, "state", Value::Choice(outcome.into()));
            record.set(stage, "pipeline", Value::Ref(Ref { id: 1, label: String::new() }));
            records.push(record);
        }
        assert!(records.iter().any(|r| r.kind == DEAL) && kind.kind(PIPELINE).id == PIPELINE);
        let mut stage = Stage::new(Lang::Zh, 80, 24, records);
        stage.keys("g p");
        stage
    }

    fn stage_of(stage: &Stage) -> String {
        let registry = Registry::builtin();
        let deal = stage.records.iter().find(|r| r.kind == DEAL).expect("there are deals");
        match deal.get(registry.kind(DEAL), "stage") {
            Value::Ref(stage) => stage.label.clone(),
            _ => String::new(),
        }
    }

    #[test]
    fn s_w_wins_and_s_l_loses_whatever_the_stages_are_called() {
        for (keys, name) in [("s w", "成交"), ("s l enter", "流失"), ("s 2", "报价")] {
            let mut stage = pipeline(&["初步接触", "报价", "成交", "流失"]);
            stage.keys(keys);
            assert_eq!(stage_of(&stage), name, "{keys}: {}", stage.screen());
        }
    }

    #[test]
    fn long_lists_are_narrowed_by_typing() {
        let names = ["一号", "二号", "三号", "四号", "五号", "六号", "七号", "报价阶段", "谈判", "成交", "流失"];
        let mut stage = pipeline(&names);
        stage.keys("s").text("bjjd");
        let screen = stage.screen();
        assert!(screen.contains("报价阶段") && !screen.contains("谈判"), "{screen}");
        stage.keys("enter");
        assert_eq!(stage_of(&stage), "报价阶段");
    }
}
