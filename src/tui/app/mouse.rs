//! The mouse: whether the program has it or the terminal, clicks on the top line, and what is said when somebody drags
//! over text as if the terminal had it.

use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};

use super::{App, SELF};
use crate::tui::command::Cmd;
use crate::tui::effect::{Answer, Ask, Effect, Question, Tone};
use crate::tui::frame;
use crate::tui::layer::{LayerMsg, Place, Shape};

/// The setting that remembers who has the mouse.
const KEY: &str = "mouse";

#[derive(Default)]
pub(super) struct Pointer {
    /// False until it is known that the person has not given the mouse back.
    is_ours: bool,
    asked: Option<Ask>,
    /// What dragging does was said once.
    is_told: bool,
}

impl App {
    /// True while the terminal shall report the mouse: not when the person gave it back, nor over a plain view.
    pub fn wants_mouse(&self) -> bool {
        self.pointer.is_ours && self.top().shape() != Shape::Bare
    }

    pub(super) fn ask_mouse(&mut self) {
        self.pointer.asked = Some(self.out.ask(Question::Setting { key: KEY.into() }));
    }

    /// True when the answer with this number was the mouse's.
    pub(super) fn mouse_answered(&mut self, ask: Ask, answer: &Answer) -> bool {
        let is_its = self.pointer.asked.take_if(|asked| *asked == ask).is_some();
        if is_its {
            self.pointer.is_ours = !matches!(answer, Answer::Json(Ok(Some(json))) if json == false);
        }
        is_its
    }

    /// The person takes the mouse or gives it back, for this and later times.
    pub(super) fn switch_mouse(&mut self, on: bool) -> Vec<Effect> {
        self.pointer.asked = None;
        self.pointer.is_ours = on;
        self.out.ask(Question::KeepSetting { key: KEY.into(), value: on.into() });
        let said = if on { self.ui.t("mouse-on") } else { self.ui.t("mouse-off") };
        self.out.say(Tone::Good, said);
        self.settle(SELF)
    }

    pub(super) fn mouse(&mut self, mouse: MouseEvent) -> Vec<Effect> {
        if !self.wants_mouse() {
            return Vec::new();
        }
        if let MouseEventKind::Drag(MouseButton::Left) = mouse.kind
            && !self.pointer.is_told
            && !self.top().drags()
        {
            self.pointer.is_told = true;
            let plain = self.ui.keymap.key(Cmd::Plain);
            let said = self.ui.tr("mouse-drag", &[("key", plain.into())]);
            self.out.say(Tone::Info, said);
            return self.settle(SELF);
        }
        let is_click = mouse.kind == MouseEventKind::Down(MouseButton::Left);
        if is_click && mouse.row == 0 {
            // A box that is open is answered first.
            let tab = self.tab_at(mouse.column).filter(|_| matches!(self.top().shape(), Shape::Full));
            return match tab {
                Some(tab) => self.go(Place::Tab(self.tabs[tab].root)),
                None => Vec::new(),
            };
        }
        let area = frame::place(self.top().shape(), frame::body(self.ui.width, self.ui.height));
        let id = self.tell_top(LayerMsg::Mouse(mouse, area));
        self.settle(id)
    }
}

#[cfg(test)]
mod tests {
    use crossterm::event::{Event, KeyModifiers};

    use super::*;
    use crate::domain::field::Lang;
    use crate::tui::stage::{Stage, office};

    fn point(stage: &mut Stage, kind: MouseEventKind, column: u16, row: u16) {
        stage.event(Event::Mouse(MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE }));
    }

    /// Clicks where this stands on the screen.
    fn click(stage: &mut Stage, text: &str) {
        let screen = stage.screen();
        let (row, line) = screen.lines().enumerate().find(|(_, l)| l.contains(text)).expect("it is on the screen");
        let (before, _) = line.split_once(text).expect("it is on the line");
        let column = crate::tui::text::width(before) as u16;
        point(stage, MouseEventKind::Down(MouseButton::Left), column, row as u16);
    }

    fn bar(stage: &Stage) -> String {
        stage.screen().lines().find(|l| l.contains('▌')).unwrap_or_default().to_owned()
    }

    #[test]
    fn tabs_rows_and_heads_are_clicked_and_the_wheel_turns() {
        let mut stage = Stage::new(Lang::En, 80, 24, office());
        click(&mut stage, "4 Tickets");
        assert!(stage.screen().contains("[4 Tickets]"), "{}", stage.screen());
        click(&mut stage, "T1043");
        assert!(bar(&stage).contains("T1043"), "{}", stage.screen());
        point(&mut stage, MouseEventKind::ScrollDown, 10, 8);
        assert!(bar(&stage).contains("T1046"), "{}", stage.screen());
        click(&mut stage, "Subject");
        assert!(stage.screen().contains("subject ▲"), "{}", stage.screen());
        click(&mut stage, "Subject");
        assert!(stage.screen().contains("subject ▼"), "{}", stage.screen());
        click(&mut stage, "T1040");
        click(&mut stage, "T1040");
        assert!(stage.screen().contains("Conversation"), "a click on the selected row opens it: {}", stage.screen());
    }

    #[test]
    fn boxes_take_clicks_and_one_beside_them_closes() {
        let mut stage = Stage::new(Lang::En, 80, 24, office());
        stage.keys("g t p");
        click(&mut stage, "4 u");
        assert!(!stage.screen().contains("╭ Priority"), "{}", stage.screen());
        assert!(stage.app.status().is_some_and(|s| s.contains("Urgent")), "{:?}", stage.app.status());
        stage.keys("d");
        point(&mut stage, MouseEventKind::Down(MouseButton::Left), 1, 22);
        assert!(!stage.screen().contains("╭ Do…"), "{}", stage.screen());
    }

    #[test]
    fn the_mouse_is_given_back_and_that_is_remembered() {
        let mut stage = Stage::new(Lang::En, 80, 24, office());
        assert!(stage.app.wants_mouse());
        point(&mut stage, MouseEventKind::Drag(MouseButton::Left), 10, 8);
        assert!(stage.app.status().is_some_and(|s| s.contains("y v")), "{:?}", stage.app.status());
        stage.keys(":").text("mouse off").keys("enter");
        assert!(!stage.app.wants_mouse(), "{}", stage.screen());
        let kept = |q: &Question| matches!(q, Question::KeepSetting { key, value } if key == KEY && value == false);
        assert!(stage.asked.iter().any(|(_, q)| kept(q)));
        click(&mut stage, "4 Tickets");
        assert!(!stage.screen().contains("[4 Tickets]"), "what a terminal sends all the same does nothing");
        stage.keys(":").text("mouse on").keys("enter");
        assert!(stage.app.wants_mouse());
    }

    #[test]
    fn a_plain_view_lets_the_terminal_select() {
        let mut stage = Stage::new(Lang::En, 80, 24, office());
        stage.keys("g t y v");
        let screen = stage.screen();
        assert!(!stage.app.wants_mouse());
        assert!(screen.contains("T1040") && !screen.contains(['│', '╭', '▌']), "{screen}");
        stage.keys("x");
        assert!(stage.app.wants_mouse() && stage.screen().contains('╭'));
        stage.keys("enter y v");
        let screen = stage.screen();
        assert!(screen.contains("Cannot log in") && !screen.contains(['│', '╭', '▌']), "{screen}");
    }
}
