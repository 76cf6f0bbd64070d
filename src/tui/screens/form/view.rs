//! How the form stands on the screen: its title, the lines over it, and the same as lines for a screen reader.

use ratatui::Frame;
use ratatui::layout::Rect;

use super::FormScreen;
use crate::tui::command::Cmd;
use crate::tui::frame::boxed;
use crate::tui::spoken::Spoken;
use crate::tui::theme::Role;
use crate::tui::ui::Ui;
use crate::tui::{show, text};

impl FormScreen {
    /// Lines over the form: an offered draft, likely duplicates, why saving failed.
    fn banners(&self, ui: &Ui) -> Vec<(Role, String)> {
        let mut lines = Vec::new();
        if let Some((_, at)) = self.offer {
            let at = at.map(|at| show::instant(at, ui.now, ui.cx.viewer.zone, ui.lang())).unwrap_or_default();
            let (take, drop) = (ui.keymap.key(Cmd::FormDraft), ui.keymap.key(Cmd::FormDiscard));
            let args = [("at", at.into()), ("take", take.into()), ("drop", drop.into())];
            lines.push((Role::Accent, ui.tr("form-draft-offer", &args)));
        }
        if let Some(twin) = self.twins.first() {
            let kind = ui.registry.kind(twin.hit.kind);
            let same = kind.field(&twin.same).map_or(twin.same.as_str(), |f| f.label.get(ui.lang()));
            let args = [
                ("code", kind.code(twin.hit.id).into()),
                ("title", text::inert(&twin.hit.title).into_owned().into()),
                ("same", same.into()),
                ("more", (self.twins.len() - 1).into()),
                ("key", ui.keymap.key(Cmd::FormTwin).into()),
            ];
            lines.push((Role::Warn, ui.tr("form-twin", &args)));
        }
        if let Some(known) = self.elsewhere.first() {
            let kind = self.declared(ui);
            let same = kind.field(&known.same).map_or(known.same.as_str(), |f| f.label.get(ui.lang()));
            let said = match &known.team {
                Some(team) => {
                    let team = text::inert(team).into_owned();
                    ui.tr("form-elsewhere", &[("team", team.into()), ("same", same.into())])
                }
                None => ui.tr("form-elsewhere-none", &[("same", same.into())]),
            };
            lines.push((Role::Warn, said));
        }
        lines.extend(self.notice.clone());
        lines
    }

    fn title(&self, ui: &Ui) -> String {
        let kind = self.declared(ui);
        if let Some(demand) = &self.demand {
            return demand.title.clone();
        }
        match &self.record {
            None => ui.tr("form-title-new", &[("kind", kind.one.get(ui.lang()).into())]),
            Some(record) => {
                let title = text::inert(record.title(kind)).into_owned();
                format!("{} {title}", kind.code(record.id))
            }
        }
    }

    pub(super) fn draw(&self, frame: &mut Frame, area: Rect, ui: &Ui) {
        let mut title = format!(" {} ", self.title(ui));
        if let Some(record) = &self.record {
            let others: Vec<String> =
                ui.others_on(record.kind, record.id).map(|p| text::inert(&p.name).into_owned()).collect();
            if !others.is_empty() {
                title = format!("{title}· {} ", ui.tr("presence-here", &[("names", others.join(", ").into())]));
            }
        }
        let block = boxed(text::cut(&title, usize::from(area.width.saturating_sub(4))).into_owned(), true, ui);
        let inner = block.inner(area);
        frame.render_widget(block, area);
        let buf = frame.buffer_mut();
        if let Some(settle) = &self.settle {
            settle.render(inner, buf, self.declared(ui), ui);
            return;
        }
        let mut body = inner;
        for (role, line) in self.banners(ui) {
            for line in text::wrap(&line, usize::from(inner.width.saturating_sub(4))).into_iter().take(2) {
                if body.height < 5 {
                    break;
                }
                buf.set_string(body.x + 2, body.y, &line, ui.style(role));
                body.y += 1;
                body.height -= 1;
            }
        }
        if let Some(cursor) = self.form.render(body, buf, &ui.theme) {
            frame.set_cursor_position(cursor);
        }
    }

    /// Field by field; conflicts being settled are said as they are drawn.
    pub(super) fn say(&self, ui: &Ui) -> Option<Spoken> {
        if self.settle.is_some() {
            return None;
        }
        let mut spoken = self.form.spoken(ui.width, &ui.theme);
        let said: Vec<String> = self.banners(ui).into_iter().map(|(_, line)| line).collect();
        spoken.line += said.len();
        spoken.lines.splice(0..0, said);
        spoken.title = self.title(ui);
        Some(spoken)
    }
}
