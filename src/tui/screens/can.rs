//! What somebody sees and may do with one record, in words: oneself, or whoever is chosen where one may ask of others.

use ratatui::Frame;
use ratatui::layout::Rect;

use crate::desk::Standing;
use crate::domain::kind::{KindId, USER};
use crate::domain::right::{Permission, role_label};
use crate::tui::command::{Cmd, Scope};
use crate::tui::effect::{Answer, Latest, Out, Question};
use crate::tui::frame::boxed;
use crate::tui::layer::{Awaits, Layer, LayerMsg, Reply, Shape, Subject};
use crate::tui::text;
use crate::tui::theme::Role;
use crate::tui::ui::Ui;

const WIDTH: u16 = 76;

pub struct Can {
    kind: KindId,
    id: i64,
    /// Whom it is about was asked.
    is_asked: bool,
    lines: Vec<(Role, String)>,
    asking: Latest,
}

impl Can {
    pub fn new(kind: KindId, id: i64) -> Self {
        Self { kind, id, is_asked: false, lines: Vec::new(), asking: Latest::default() }
    }

    fn code(&self, ui: &Ui) -> String {
        ui.registry.kind(self.kind).code(self.id)
    }

    fn begin(&mut self, ui: &Ui, out: &mut Out) {
        if std::mem::replace(&mut self.is_asked, true) {
            return;
        }
        // Until somebody else is chosen, and when nobody is, it is about oneself.
        self.ask(ui.cx.viewer.me.id, out);
        let title = ui.tr("can-whom", &[("code", self.code(ui).into())]);
        let picker = super::picker(&[USER], title, ui).filter(|_| ui.cx.viewer.me.rights.may(Permission::Users));
        if let Some(picker) = picker {
            out.push_box(picker);
        }
    }

    fn ask(&mut self, person: i64, out: &mut Out) {
        self.asking.ask(Question::Standing { person, about: (self.kind, self.id) }, out);
    }

    /// Who it is about, each verb with the rule that decides, then what is kept from them and what they may besides.
    fn told(standing: &Standing, ui: &Ui) -> Vec<(Role, String)> {
        let wide = usize::from(WIDTH) - 4;
        let lang = ui.lang();
        let role = role_label(&standing.role);
        let args = [("login", standing.login.as_str().into()), ("role", role.get(lang).into())];
        let mut lines = vec![(Role::Title, ui.tr("can-who", &args)), (Role::Text, String::new())];
        let Some((kind, cans)) = &standing.record else { return lines };
        let kind = ui.registry.kind(*kind);
        for can in cans {
            let verb = text::pad(&ui.t(super::roles::verb_key(can.verb)), 10);
            let sign = if can.yes { "✓" } else { "✗" };
            let mut said = text::wrap(&can.why, wide - 14).into_iter();
            let first = said.next().unwrap_or_default();
            lines.push((if can.yes { Role::Good } else { Role::Warn }, format!("{sign} {verb} {first}")));
            lines.extend(said.map(|line| (Role::Text, format!("{}{line}", " ".repeat(13)))));
        }
        let kept = |is_hidden: bool| -> Vec<&str> {
            let held = standing.rights.held.iter().filter(|h| h.kind == kind.id.0 && h.is_hidden == is_hidden);
            held.map(|h| kind.field(&h.field).map_or(h.field.as_str(), |f| f.label.get(lang))).collect()
        };
        let may: Vec<String> =
            standing.rights.may.iter().map(|permission| ui.t(super::roles::may_key(*permission))).collect();
        let comma = ui.t("can-comma");
        let said = [
            ("can-hidden", kept(true).join(&comma)),
            ("can-fixed", kept(false).join(&comma)),
            ("can-besides", may.join(&comma)),
            ("can-at-once", standing.rights.bulk.map(|n| n.to_string()).unwrap_or_default()),
        ];
        for (key, what) in said.into_iter().filter(|(_, what)| !what.is_empty()) {
            let said = match key {
                "can-hidden" => ui.tr("can-hidden", &[("fields", what.into())]),
                "can-fixed" => ui.tr("can-fixed", &[("fields", what.into())]),
                "can-besides" => ui.tr("can-besides", &[("what", what.into())]),
                _ => ui.tr("can-at-once", &[("n", what.into())]),
            };
            lines.push((Role::Text, String::new()));
            lines.extend(text::wrap(&said, wide).into_iter().map(|line| (Role::Text, line)));
        }
        lines
    }
}

impl Layer for Can {
    fn scopes(&self) -> &'static [Scope] {
        &[Scope::Popup, Scope::Everywhere]
    }

    fn shape(&self) -> Shape {
        Shape::Popup { width: WIDTH, height: self.lines.len().clamp(1, 60) as u16 + 2 }
    }

    fn update(&mut self, msg: LayerMsg, ui: &Ui, out: &mut Out) {
        match msg {
            LayerMsg::Shown { .. } => self.begin(ui, out),
            LayerMsg::Reply(Reply::Picked(Some(hit))) => self.ask(hit.id, out),
            LayerMsg::Answer(ask, answer) if self.asking.take(ask, out) => {
                self.lines = match answer {
                    Answer::Standing(Ok(standing)) => Self::told(&standing, ui),
                    Answer::Standing(Err(error)) => {
                        let said = text::wrap(&error.to_string(), usize::from(WIDTH) - 4);
                        said.into_iter().map(|line| (Role::Bad, line)).collect()
                    }
                    _ => return,
                };
            }
            LayerMsg::Command(Cmd::Close) => out.close(),
            _ => {}
        }
    }

    fn view(&self, frame: &mut Frame, area: Rect, ui: &Ui) {
        let block = boxed(format!(" {} ", ui.tr("can-title", &[("code", self.code(ui).into())])), true, ui);
        let inner = block.inner(area);
        frame.render_widget(block, area);
        let wide = usize::from(inner.width).saturating_sub(2);
        for (y, (role, line)) in (inner.y..inner.bottom()).zip(&self.lines) {
            let line = text::inert(line);
            frame.buffer_mut().set_string(inner.x + 1, y, text::cut(&line, wide), ui.style(*role));
        }
    }

    fn subject(&self) -> Subject {
        Subject { kind: Some(self.kind), record: Some(self.id), marked: 0 }
    }

    fn awaits(&self) -> Awaits {
        if self.asking.is_busy() { Awaits::Box } else { Awaits::Nothing }
    }
}
