//! Which notices a person wants: a box of switches, each kept as soon as it is turned.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use serde_json::{Map, Value as Json};

use crate::desk::Why;
use crate::tui::command::{Cmd, Scope};
use crate::tui::effect::{Out, Question};
use crate::tui::frame::{bar_row, boxed, first_row};
use crate::tui::layer::{Layer, LayerMsg, Shape};
use crate::tui::ui::Ui;

/// The setting that keeps them. The database reads it too, before it writes a notice.
pub const KEY: &str = "notices";
/// In it: what finds nobody at a seat goes outside.
const OUTSIDE: &str = "outside";

/// What a person wants to hear of; what they have not said, they want.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Wishes(Map<String, Json>);

impl Wishes {
    pub fn of(kept: &Json) -> Self {
        Self(kept.as_object().cloned().unwrap_or_default())
    }

    pub fn desktop(&self) -> Desktop {
        match self.0.get("desktop").and_then(Json::as_str) {
            Some("always") => Desktop::Always,
            Some("off") => Desktop::Never,
            _ => Desktop::Away,
        }
    }

    fn wants(&self, name: &str) -> bool {
        self.0.get(name) != Some(&Json::Bool(false))
    }
}

/// When the person's desktop is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Desktop {
    /// While their terminal's window is not in front.
    Away,
    Always,
    Never,
}

/// One switch.
#[derive(Clone, Copy)]
enum Row {
    Why(Why),
    Desktop,
    /// Told outside, where the operator has a way.
    Outside,
}

const ROWS: [Row; 9] = [
    Row::Why(Why::Assigned),
    Row::Why(Why::Reply),
    Row::Why(Why::Comment),
    Row::Why(Why::Mention),
    Row::Why(Why::Status),
    Row::Why(Why::Given),
    Row::Why(Why::Conflict),
    Row::Desktop,
    Row::Outside,
];

impl Row {
    fn label(self, ui: &Ui) -> String {
        match self {
            Self::Outside => ui.t("notices-outside"),
            Self::Desktop => ui.t(match ui.wishes.desktop() {
                Desktop::Away => "notices-desktop-away",
                Desktop::Always => "notices-desktop-always",
                Desktop::Never => "notices-desktop-never",
            }),
            Self::Why(why) => ui.t(match why {
                Why::Assigned => "notices-assigned",
                Why::Reply => "notices-reply",
                Why::Comment => "notices-comment",
                Why::Mention => "notices-mention",
                Why::Conflict => "notices-conflict",
                Why::Status => "notices-status",
                Why::Given => "notices-given",
            }),
        }
    }

    fn is_on(self, wishes: &Wishes) -> bool {
        match self {
            Self::Desktop => wishes.desktop() != Desktop::Never,
            Self::Outside => wishes.wants(OUTSIDE),
            Self::Why(why) => wishes.wants(why.name()),
        }
    }

    fn turn(self, wishes: &mut Wishes) {
        match self {
            Self::Desktop => {
                let next = match wishes.desktop() {
                    Desktop::Away => "always",
                    Desktop::Always => "off",
                    Desktop::Never => "away",
                };
                wishes.0.insert("desktop".to_owned(), next.into())
            }
            Self::Outside => wishes.0.insert(OUTSIDE.to_owned(), Json::Bool(!wishes.wants(OUTSIDE))),
            Self::Why(why) => wishes.0.insert(why.name().to_owned(), Json::Bool(!wishes.wants(why.name()))),
        };
    }
}

#[derive(Default)]
pub struct Notices {
    at: usize,
}

impl Layer for Notices {
    fn scopes(&self) -> &'static [Scope] {
        &[Scope::Notices, Scope::Menu, Scope::Popup, Scope::Everywhere]
    }

    fn shape(&self) -> Shape {
        Shape::Popup { width: 64, height: ROWS.len() as u16 + 2 }
    }

    fn update(&mut self, msg: LayerMsg, ui: &Ui, out: &mut Out) {
        let LayerMsg::Command(cmd) = msg else { return };
        let last = ROWS.len() - 1;
        match cmd {
            Cmd::MenuDown => self.at = if self.at == last { 0 } else { self.at + 1 },
            Cmd::MenuUp => self.at = if self.at == 0 { last } else { self.at - 1 },
            Cmd::MenuTop => self.at = 0,
            Cmd::MenuBottom => self.at = last,
            Cmd::NoticesToggle => {
                // The application hears of it and changes `ui.wishes`.
                let mut wishes = ui.wishes.clone();
                ROWS[self.at].turn(&mut wishes);
                out.ask(Question::KeepSetting { key: KEY.into(), value: Json::Object(wishes.0) });
            }
            Cmd::Close => out.close(),
            _ => {}
        }
    }

    fn view(&self, frame: &mut Frame, area: Rect, ui: &Ui) {
        let block = boxed(format!(" {} ", ui.t("notices-title")), true, ui);
        let inner = block.inner(area);
        frame.render_widget(block, area);
        let skip = first_row(self.at, usize::from(inner.height));
        for (y, (at, row)) in (inner.y..inner.bottom()).zip(ROWS.iter().enumerate().skip(skip)) {
            let tick = if row.is_on(&ui.wishes) { "✓" } else { " " };
            let place = Rect { y, height: 1, ..inner };
            bar_row(frame, place, &format!("{tick} {}", row.label(ui)), at == self.at, Style::default(), ui);
        }
    }
}
