//! The dashboards: a sales page and a service page of boxes, each a metric split one way and drawn, with its number in
//! words beside the picture. Enter opens the records behind the figure that the cursor is on. Live.
//!
//! `pages` declares what is shown, `panel` is one box, `draw` draws, `layout` keeps each person's order of boxes.

mod draw;
mod layout;
mod pages;
mod panel;

use std::time::Duration;

use chrono::NaiveDate;
use ratatui::Frame;
use ratatui::layout::Rect;
use serde_json::Value as Json;

use self::layout::Layout;
use self::pages::Page;
use self::panel::{Panel, When};
use crate::desk::News;
use crate::domain::metric::{Compare, Period};
use crate::tui::command::{Cmd, Scope};
use crate::tui::effect::{Answer, Ask, Out, Question, Tone};
use crate::tui::layer::{Awaits, Layer, LayerMsg, Reply, Subject};
use crate::tui::screens;
use crate::tui::screens::prompt::Prompt;
use crate::tui::show;
use crate::tui::ui::Ui;

/// How long changes of others gather before figures are made again.
const GATHER: Duration = Duration::from_millis(800);
/// The setting in which a person's page, period and order of boxes are kept.
const KEY: &str = "dashboards";
/// The periods that a key goes through; any other can be typed.
const PERIODS: &[&str] =
    &["this-year", "this-month", "last-month", "this-quarter", "last-quarter", "last-year", "-30d", "all"];

pub struct Dashboards {
    page: Page,
    when: When,
    layout: Layout,
    panels: Vec<Panel>,
    /// The box with the cursor.
    at: usize,
    shown: bool,
    restoring: Option<Ask>,
    /// A period is being typed.
    typing: bool,
    /// The day that the figures were made on: what this month is changes with it.
    read_on: Option<NaiveDate>,
    gathering: Option<Ask>,
    /// Boxes of whose records some changed meanwhile, by name.
    touched: Vec<&'static str>,
}

impl Default for Dashboards {
    fn default() -> Self {
        let (page, layout) = (Page::Sales, Layout::default());
        let when = When { period: said(PERIODS[0]), compare: Compare::Year };
        let panels = layout.panels(page).map(Panel::new).collect();
        Self {
            page,
            when,
            layout,
            panels,
            at: 0,
            shown: false,
            restoring: None,
            typing: false,
            read_on: None,
            gathering: None,
            touched: Vec::new(),
        }
    }
}

impl Dashboards {
    fn load(&mut self, ui: &Ui, out: &mut Out) {
        if self.restoring.is_some() {
            return;
        }
        self.read_on = Some(today(ui));
        for panel in &mut self.panels {
            panel.load(&self.when, ui, out);
        }
    }

    /// Shows the boxes of the page as the layout has them; those that are there already keep their figures.
    fn lay_out(&mut self, ui: &Ui, out: &mut Out) {
        let here = self.panels.get(self.at).map(|panel| panel.declared.name);
        let mut old = std::mem::take(&mut self.panels);
        for declared in self.layout.panels(self.page) {
            if let Some(at) = old.iter().position(|panel| panel.declared.name == declared.name) {
                self.panels.push(old.swap_remove(at));
            } else {
                let mut panel = Panel::new(declared);
                panel.load(&self.when, ui, out);
                self.panels.push(panel);
            }
        }
        let place = self.panels.iter().position(|panel| Some(panel.declared.name) == here);
        self.at = place.unwrap_or(self.at).min(self.panels.len().saturating_sub(1));
    }

    fn turn_to(&mut self, page: Page, ui: &Ui, out: &mut Out) {
        self.page = page;
        (self.panels, self.at) = (Vec::new(), 0);
        self.lay_out(ui, out);
    }

    fn set_when(&mut self, when: When, ui: &Ui, out: &mut Out) {
        if self.when != when {
            self.when = when;
            self.load(ui, out);
        }
    }

    /// Down and up run through the figures of all boxes.
    fn step(&mut self, down: bool) {
        let Some(here) = self.panels.get_mut(self.at) else { return };
        if down && here.at + 1 < here.len() {
            here.at += 1;
        } else if !down && here.at > 0 {
            here.at -= 1;
        } else if down && self.at + 1 < self.panels.len() {
            self.at += 1;
            self.panels[self.at].at = 0;
        } else if !down && self.at > 0 {
            self.at -= 1;
            self.panels[self.at].at = self.panels[self.at].len() - 1;
        }
    }

    fn command(&mut self, cmd: Cmd, ui: &Ui, out: &mut Out) {
        let boxes = self.panels.len().max(1);
        match cmd {
            Cmd::DashDown => self.step(true),
            Cmd::DashUp => self.step(false),
            Cmd::DashNext => self.at = (self.at + 1) % boxes,
            Cmd::DashPrevious => self.at = (self.at + boxes - 1) % boxes,
            Cmd::DashTop => {
                self.at = 0;
                self.panels.first_mut().into_iter().for_each(|panel| panel.at = 0);
            }
            Cmd::DashBottom => {
                self.at = boxes - 1;
                self.panels.last_mut().into_iter().for_each(|panel| panel.at = panel.len() - 1);
            }
            Cmd::DashOpen => self.open(ui, out),
            Cmd::DashPage => {
                let at = Page::ALL.iter().position(|page| *page == self.page).unwrap_or(0);
                self.turn_to(Page::ALL[(at + 1) % Page::ALL.len()], ui, out);
            }
            Cmd::DashPeriod => {
                let at = PERIODS.iter().position(|period| said(period) == self.when.period);
                let next = PERIODS[at.map_or(0, |at| at + 1) % PERIODS.len()];
                self.set_when(When { period: said(next), ..self.when.clone() }, ui, out);
            }
            Cmd::DashType => {
                self.typing = true;
                let prompt = Prompt::new(
                    ui.t("dash-period"),
                    ui.t("dash-period-hint"),
                    show::typed_period(&self.when.period, ui),
                );
                let is_period = |text: &str, lang| match Period::parse(text) {
                    Ok(_) => Ok(()),
                    Err(unfit) => Err(unfit.0.get(lang).to_owned()),
                };
                out.push(prompt.checked(is_period));
            }
            Cmd::DashCompare => {
                let compare = match self.when.compare {
                    Compare::Year => Compare::Previous,
                    Compare::Previous => Compare::None,
                    Compare::None => Compare::Year,
                };
                self.set_when(When { compare, ..self.when.clone() }, ui, out);
            }
            Cmd::DashEarlier | Cmd::DashLater => {
                if let Some(name) = self.panels.get(self.at).map(|panel| panel.declared.name) {
                    self.layout.shift(self.page, name, cmd == Cmd::DashLater);
                    self.lay_out(ui, out);
                }
            }
            Cmd::DashHide => self.hide(ui, out),
            Cmd::DashAll => {
                self.layout.show_all(self.page);
                self.lay_out(ui, out);
            }
            Cmd::Redraw => self.load(ui, out),
            _ => {}
        }
    }

    fn hide(&mut self, ui: &Ui, out: &mut Out) {
        let Some(panel) = self.panels.get(self.at) else { return };
        if self.panels.len() == 1 {
            return out.say(Tone::Info, ui.t("dash-last-box"));
        }
        let what = panel.metric().label.get(ui.lang()).to_owned();
        self.layout.hide(self.page, panel.declared.name);
        self.lay_out(ui, out);
        let key = ui.keymap.key(Cmd::DashAll);
        out.say(Tone::Info, ui.tr("dash-hidden", &[("what", what.into()), ("key", key.into())]));
    }

    /// The records behind the figure, as a list over the page.
    fn open(&self, ui: &Ui, out: &mut Out) {
        let Some(panel) = self.panels.get(self.at) else { return };
        let Some(query) = panel.rows() else { return };
        let kind = panel.metric().kind;
        out.push_box(screens::rows(kind, &query.print(&ui.registry, kind), ui));
    }

    fn restored(&mut self, answer: Answer, ui: &Ui, out: &mut Out) {
        if let Answer::Json(Ok(Some(kept))) = answer {
            let text = |name: &str| kept.get(name).and_then(Json::as_str);
            self.page = Page::ALL.into_iter().find(|page| Some(page.name()) == text("page")).unwrap_or(self.page);
            if let Some(period) = text("period").and_then(|period| Period::parse(period).ok()) {
                self.when.period = period;
            }
            let compares = [Compare::None, Compare::Previous, Compare::Year];
            let compare = compares.into_iter().find(|compare| Some(compare.name()) == text("compare"));
            self.when.compare = compare.unwrap_or(self.when.compare);
            self.layout = Layout::kept(kept.get("layout"));
            self.panels = self.layout.panels(self.page).map(Panel::new).collect();
        }
        self.load(ui, out);
    }

    fn replied(&mut self, reply: Reply, ui: &Ui, out: &mut Out) {
        if let (true, Reply::Text(text)) = (std::mem::take(&mut self.typing), reply)
            && let Ok(period) = Period::parse(&text)
        {
            self.set_when(When { period, ..self.when.clone() }, ui, out);
        }
    }

    fn news(&mut self, news: &News, ui: &Ui, out: &mut Out) {
        match news {
            News::Touched(touched) => {
                for panel in &self.panels {
                    let is_mine = touched.iter().any(|t| panel.metric().kind == t.kind);
                    if is_mine && !self.touched.contains(&panel.declared.name) {
                        self.touched.push(panel.declared.name);
                    }
                }
                if self.gathering.is_none() && !self.touched.is_empty() {
                    self.gathering = Some(out.wake(GATHER));
                }
            }
            News::Resync | News::Line(true) => self.load(ui, out),
            _ => {}
        }
    }
}

fn said(period: &str) -> Period {
    Period::parse(period).expect("a test parses the periods")
}

fn today(ui: &Ui) -> NaiveDate {
    ui.now.with_timezone(&ui.cx.viewer.zone).date_naive()
}

impl Layer for Dashboards {
    fn scopes(&self) -> &'static [Scope] {
        &[Scope::Dashboard, Scope::Main, Scope::Everywhere]
    }

    fn update(&mut self, msg: LayerMsg, ui: &Ui, out: &mut Out) {
        match msg {
            LayerMsg::Shown { .. } if !self.shown => {
                self.shown = true;
                self.restoring = Some(out.ask(Question::Setting { key: KEY.into() }));
            }
            LayerMsg::Shown { stale } if stale || self.read_on != Some(today(ui)) => self.load(ui, out),
            LayerMsg::Command(cmd) => self.command(cmd, ui, out),
            LayerMsg::Answer(ask, answer) if self.restoring == Some(ask) => {
                self.restoring = None;
                self.restored(answer, ui, out);
            }
            LayerMsg::Answer(ask, answer) => {
                let mut answer = Some(answer);
                let _ = self.panels.iter_mut().any(|panel| panel.take(ask, &mut answer, out));
            }
            LayerMsg::Wake(ask) if self.gathering == Some(ask) => {
                self.gathering = None;
                let touched = std::mem::take(&mut self.touched);
                for panel in self.panels.iter_mut().filter(|panel| touched.contains(&panel.declared.name)) {
                    panel.load(&self.when, ui, out);
                }
            }
            LayerMsg::Reply(reply) => self.replied(reply, ui, out),
            LayerMsg::News(news) => self.news(&news, ui, out),
            LayerMsg::Mouse(mouse, area) => self.mouse(mouse, area),
            _ => {}
        }
    }

    fn view(&self, frame: &mut Frame, area: Rect, ui: &Ui) {
        self.draw(frame, area, ui);
    }

    fn subject(&self) -> Subject {
        Subject { kind: self.panels.get(self.at).map(|panel| panel.metric().kind), ..Subject::default() }
    }

    fn awaits(&self) -> Awaits {
        let waits = |panel: &Panel| panel.figures.is_none() && panel.failed.is_none() && panel.is_loading();
        let is_empty = self.restoring.is_some() || self.panels.get(self.at).is_some_and(waits);
        if is_empty { Awaits::Content } else { Awaits::Nothing }
    }

    fn position(&self) -> Option<(String, Json)> {
        let kept = serde_json::json!({
            "page": self.page.name(), "period": self.when.period.print(), "compare": self.when.compare.name(),
            "layout": self.layout.keep(),
        });
        // Not before what was kept is read.
        (self.shown && self.restoring.is_none()).then(|| (KEY.to_owned(), kept))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_periods_of_the_key_are_periods() {
        for period in PERIODS {
            assert_eq!(said(period).print(), *period);
        }
    }
}
