//! Whether a colleague may see this screen. The box is opened by its owner, and no letter says yes: whoever types on has
//! not agreed.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use crate::tui::app::login;
use crate::tui::command::{Cmd, Scope};
use crate::tui::effect::Out;
use crate::tui::frame::boxed;
use crate::tui::layer::{Layer, LayerMsg, Shape};
use crate::tui::share::{Sitter, Told, Wish};
use crate::tui::text;
use crate::tui::theme::Role;
use crate::tui::ui::Ui;

/// Cells of a line.
const WIDE: usize = 62;

pub struct Consent {
    number: u64,
    title: String,
    lines: Vec<String>,
}

impl Consent {
    pub fn new(number: u64, by: &Sitter, ui: &Ui) -> Self {
        let args = [("login", login(by).into()), ("key", ui.keymap.key(Cmd::Showing).into())];
        // On a narrow screen, too, all of it is read.
        let lines = text::wrap(&ui.tr("share-consent", &args), WIDE.min(usize::from(ui.width).saturating_sub(4)));
        Self { number, title: ui.tr("share-consent-title", &args), lines }
    }
}

impl Layer for Consent {
    fn scopes(&self) -> &'static [Scope] {
        &[Scope::Consent, Scope::Popup]
    }

    fn shape(&self) -> Shape {
        Shape::Popup { width: WIDE as u16 + 4, height: self.lines.len() as u16 + 4 }
    }

    fn update(&mut self, msg: LayerMsg, _ui: &Ui, out: &mut Out) {
        let wish = match msg {
            LayerMsg::Command(Cmd::ConsentYes) => Some(Wish::Agree(self.number)),
            LayerMsg::Command(Cmd::ConsentNo) => Some(Wish::Refuse(self.number)),
            // Not answered: the line at the bottom stays.
            LayerMsg::Command(Cmd::Close) | LayerMsg::Share(Told::Over(_)) => None,
            _ => return,
        };
        out.close();
        if let Some(wish) = wish {
            out.share(wish);
        }
    }

    fn view(&self, frame: &mut Frame, area: Rect, ui: &Ui) {
        let block = boxed(format!(" {} ", self.title), true, ui);
        let inner = block.inner(area);
        frame.render_widget(block, area);
        let cells = usize::from(inner.width).saturating_sub(2);
        let mut lines: Vec<Line> = self.lines.iter().map(|l| Line::raw(format!(" {}", text::cut(l, cells)))).collect();
        lines.push(Line::default());
        let mut keys = Vec::new();
        for (cmd, name) in [
            (Cmd::ConsentYes, "cmd-consent-yes"),
            (Cmd::ConsentNo, "cmd-consent-no"),
            (Cmd::Close, "share-consent-later"),
        ] {
            keys.push(Span::styled(format!(" {}", ui.keymap.key(cmd)), ui.style(Role::Key)));
            let word = if cmd == Cmd::Close { ui.t(name) } else { ui.words.short(name) };
            keys.push(Span::raw(format!(" {word}  ")));
        }
        lines.push(Line::from(keys));
        // The keys stay in sight when the screen is low.
        let skip = lines.len().saturating_sub(usize::from(inner.height)).min(lines.len() - 1);
        frame.render_widget(Paragraph::new(lines).scroll((skip as u16, 0)), inner);
    }
}
