//! The box of the first questions: language, colours, signs. It only shows: its keys are the application's, which keeps
//! what is chosen.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use crate::domain::field::Lang;
use crate::tui::command::{Cmd, Scope};
use crate::tui::effect::Out;
use crate::tui::frame::{bar_row, boxed};
use crate::tui::layer::{Layer, LayerMsg, Shape};
use crate::tui::paint;
use crate::tui::spoken::Spoken;
use crate::tui::text;
use crate::tui::theme::{Depth, Role};
use crate::tui::ui::Ui;

/// Cells of a line, without the box.
const WIDE: usize = 58;
/// Each in its own language, with the command that chooses it.
const LANGS: [(Lang, &str, Cmd); 2] =
    [(Lang::En, "English", Cmd::WelcomeEnglish), (Lang::Zh, "简体中文", Cmd::WelcomeChinese)];
/// Lines of the signs that screens are made of, twenty cells each. Without blanks: the edge behind stands where the
/// terminal's own widths put it.
const SIGNS: [&str; 3] = ["╭─┬─╮▌█●○▲▼✔✘✎✉→←…·≡", "客户商机工单中文字符", "👍🙂📞📧📅👤💬🏢🔔📎"];

pub struct Welcome {
    height: u16,
}

impl Welcome {
    pub fn new(ui: &Ui) -> Self {
        Self { height: Self::height(ui) }
    }

    /// Lines that are wrapped need more of them.
    fn height(ui: &Ui) -> u16 {
        if usize::from(ui.width) < WIDE + 4 { 20 } else { 15 }
    }

    fn key(cmd: Cmd, ui: &Ui) -> String {
        ui.keymap.key(cmd)
    }

    fn has_colours(ui: &Ui) -> bool {
        !ui.theme.colours().is_empty()
    }

    /// How many colours there are, and what to press if that is wrong.
    fn colours(ui: &Ui) -> String {
        let key = ("key", Self::key(Cmd::WelcomeColours, ui).into());
        match ui.theme.depth() {
            Depth::None => ui.tr("welcome-colours-none", &[key]),
            depth => ui.tr("welcome-colours", &[key, ("depth", depth.name().into())]),
        }
    }

    fn foot(ui: &Ui) -> String {
        let keys = [("go", Self::key(Cmd::WelcomeGo, ui).into()), ("skip", Self::key(Cmd::WelcomeSkip, ui).into())];
        ui.tr("welcome-keys", &keys)
    }

    /// What stands below the languages, in lines of so many cells.
    fn lines(ui: &Ui, cells: usize) -> Vec<Line<'static>> {
        let dim = ui.style(Role::Dim);
        let said = |text: &str, style: Style| {
            text::wrap(text, cells).into_iter().map(move |line| Line::styled(format!(" {line}"), style))
        };
        let mut lines = vec![Line::default()];
        lines.extend(said(&Self::colours(ui), Style::new()));
        if Self::has_colours(ui) {
            let blocks = ui.theme.colours().into_iter().take(cells / 3);
            let blocks = blocks.map(|colour| Span::styled("███", Style::new().fg(colour)));
            lines.push(std::iter::once(Span::raw(" ")).chain(blocks).collect());
        }
        lines.push(Line::default());
        let key = Self::key(Cmd::WelcomeLines, ui);
        for signs in SIGNS {
            lines.push(Line::from(vec![Span::raw(format!(" {signs}")), Span::styled("█", ui.style(Role::Accent))]));
        }
        lines.extend(said(&ui.tr("welcome-signs", &[("key", key.into())]), dim));
        lines
    }
}

impl Layer for Welcome {
    fn scopes(&self) -> &'static [Scope] {
        &[Scope::Welcome, Scope::Everywhere]
    }

    fn shape(&self) -> Shape {
        Shape::Popup { width: WIDE as u16 + 4, height: self.height }
    }

    fn update(&mut self, msg: LayerMsg, ui: &Ui, out: &mut Out) {
        match msg {
            LayerMsg::Command(Cmd::WelcomeSkip) => out.close(),
            LayerMsg::Shown { .. } => self.height = Self::height(ui),
            _ => {}
        }
    }

    fn view(&self, frame: &mut Frame, area: Rect, ui: &Ui) {
        let block = boxed(format!(" {} ", ui.t("welcome-title")), true, ui);
        let inner = block.inner(area);
        frame.render_widget(block, area);
        let cells = usize::from(inner.width).saturating_sub(2);
        let row = |at: usize| Rect { y: inner.y + at as u16, height: 1, ..inner };
        let mut at = 0;
        for (lang, name, cmd) in LANGS.into_iter().take(usize::from(inner.height)) {
            let name = format!(" {} {name}", Self::key(cmd, ui));
            bar_row(frame, row(at), &name, lang == ui.lang(), Style::new(), ui);
            at += 1;
        }
        // The keys stay in sight when the screen is low.
        let foot = text::wrap(&Self::foot(ui), cells);
        let above = usize::from(inner.height).saturating_sub(foot.len());
        let lines = Self::lines(ui, cells);
        for line in lines.into_iter().take(above.saturating_sub(at)) {
            paint::line(frame.buffer_mut(), line, row(at));
            at += 1;
        }
        for (at, line) in (above.max(at)..usize::from(inner.height)).zip(foot) {
            paint::line(frame.buffer_mut(), Line::styled(format!(" {line}"), ui.style(Role::Key)), row(at));
        }
    }

    /// Without strips and edges, which are for the eye.
    fn spoken(&self, _rows: usize, ui: &Ui) -> Option<Spoken> {
        let now = LANGS.into_iter().find(|(lang, ..)| *lang == ui.lang()).map_or("", |(_, name, _)| name);
        let mut lines = vec![ui.tr("welcome-language", &[("name", now.into())])];
        lines.extend(LANGS.map(|(_, name, cmd)| format!("{} {name}", Self::key(cmd, ui))));
        lines.push(ui.tr("welcome-lines", &[("key", Self::key(Cmd::WelcomeLines, ui).into())]));
        lines.push(Self::foot(ui));
        Some(Spoken { title: ui.t("welcome-title"), lines, ..Spoken::default() })
    }
}
