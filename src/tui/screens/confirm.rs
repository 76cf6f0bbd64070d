//! A question with yes and no. Yes runs an effect or replies `Confirmed`.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use crate::tui::command::{Cmd, Scope};
use crate::tui::effect::{Effect, Out};
use crate::tui::frame::boxed;
use crate::tui::layer::{Layer, LayerMsg, Reply, Shape};
use crate::tui::text;
use crate::tui::theme::Role;
use crate::tui::ui::Ui;

pub struct Confirm {
    title: String,
    /// Sentences over the answer; empty ones are blank lines.
    lines: Vec<String>,
    run: Option<Effect>,
}

impl Confirm {
    pub fn new(question: impl Into<String>) -> Self {
        Self { title: String::new(), lines: text::wrap(&question.into(), 62), run: None }
    }

    /// With a title and ready lines, for previews.
    pub fn with_lines(title: impl Into<String>, lines: Vec<String>) -> Self {
        Self { title: title.into(), lines, run: None }
    }

    /// What yes does, instead of the reply.
    #[must_use]
    pub fn running(mut self, effect: Effect) -> Self {
        self.run = Some(effect);
        self
    }
}

impl Layer for Confirm {
    fn scopes(&self) -> &'static [Scope] {
        &[Scope::Confirm, Scope::Popup, Scope::Everywhere]
    }

    fn shape(&self) -> Shape {
        let wide = self.lines.iter().map(|l| text::width(l)).max().unwrap_or(0).max(text::width(&self.title) + 2);
        Shape::Popup { width: wide.clamp(24, 76) as u16 + 4, height: self.lines.len() as u16 + 4 }
    }

    fn update(&mut self, msg: LayerMsg, _ui: &Ui, out: &mut Out) {
        match msg {
            LayerMsg::Command(Cmd::Yes) => match self.run.take() {
                Some(effect) => {
                    out.close();
                    out.effects.push(effect);
                }
                None => out.reply(Reply::Confirmed),
            },
            LayerMsg::Command(Cmd::No | Cmd::Close) => out.close(),
            _ => {}
        }
    }

    fn view(&self, frame: &mut Frame, area: Rect, ui: &Ui) {
        let title = if self.title.is_empty() { String::new() } else { format!(" {} ", self.title) };
        let block = boxed(title, true, ui);
        let inner = block.inner(area);
        frame.render_widget(block, area);
        let cells = usize::from(inner.width).saturating_sub(2);
        let mut lines: Vec<Line> = self.lines.iter().map(|l| Line::raw(format!(" {}", text::cut(l, cells)))).collect();
        lines.push(Line::default());
        let (yes, no) = (ui.keymap.key(Cmd::Yes), ui.keymap.key(Cmd::No));
        lines.push(Line::from(vec![
            Span::styled(format!(" {yes}"), ui.style(Role::Key)),
            Span::raw(format!(" {}   ", ui.words.short("cmd-yes"))),
            Span::styled(no, ui.style(Role::Key)),
            Span::raw(format!(" {}", ui.words.short("cmd-no"))),
        ]));
        // The answer stays in sight when the screen is low.
        let skip = lines.len().saturating_sub(usize::from(inner.height)).min(lines.len() - 1);
        frame.render_widget(Paragraph::new(lines).scroll((skip as u16, 0)), inner);
    }
}
