//! Tabs and their stacks of layers: going places, telling layers, carrying out what they wish.

use std::time::Duration;

use super::{App, LayerId, SELF, Slot, Toast};
use crate::tui::command::Cmd;
use crate::tui::effect::{Effect, Out, Question};
use crate::tui::layer::{Layer, LayerMsg, Place, Reply, Root, Shape};
use crate::tui::screens;
use crate::tui::ui::Ui;

/// How long a message stays on the status line.
const TOAST: Duration = Duration::from_secs(6);

impl App {
    fn tab_of(&self, root: Root) -> Option<usize> {
        self.tabs.iter().position(|t| t.root == root)
    }

    pub(super) fn tell(&mut self, tab: usize, at: usize, msg: LayerMsg) -> LayerId {
        let slot = &mut self.tabs[tab].stack[at];
        slot.layer.update(msg, &self.ui, &mut self.out);
        slot.id
    }

    pub(super) fn tell_top(&mut self, msg: LayerMsg) -> LayerId {
        let at = self.tabs[self.tab].stack.len() - 1;
        self.tell(self.tab, at, msg)
    }

    pub(super) fn with_top<T>(&mut self, act: impl FnOnce(&mut dyn Layer, &Ui, &mut Out) -> T) -> (LayerId, T) {
        let slot = self.tabs[self.tab].stack.last_mut().expect("a tab always has its root");
        let answer = act(&mut *slot.layer, &self.ui, &mut self.out);
        (slot.id, answer)
    }

    pub(super) fn find(&self, id: LayerId) -> Option<(usize, usize)> {
        self.tabs
            .iter()
            .enumerate()
            .find_map(|(tab, t)| t.stack.iter().position(|slot| slot.id == id).map(|at| (tab, at)))
    }

    pub(super) fn show_tab(&mut self, tab: usize) -> Vec<Effect> {
        self.tab = tab;
        self.strokes.clear();
        let stale = std::mem::take(&mut self.tabs[tab].stale);
        let mut work = Vec::new();
        for at in 0..self.tabs[tab].stack.len() {
            let id = self.tell(tab, at, LayerMsg::Shown { stale });
            work.extend(self.settle(id));
        }
        work
    }

    pub(super) fn go(&mut self, place: Place) -> Vec<Effect> {
        let before = self.tab;
        let work = match place {
            Place::Tab(root) => match self.tab_of(root) {
                Some(tab) if tab == self.tab => self.return_to_root(),
                Some(tab) => self.show_tab(tab),
                None => Vec::new(),
            },
            Place::List { kind, filter } => {
                let list = screens::filtered(kind, &filter, &self.ui);
                match self.tab_of(Root::Kind(kind)) {
                    Some(tab) => {
                        self.next_layer += 1;
                        self.tabs[tab].stack = vec![Slot { id: self.next_layer, layer: list }];
                        self.show_tab(tab)
                    }
                    None => self.push(list),
                }
            }
            Place::Screen(whose) => self.push(Box::new(screens::seeing::Seeing::new(whose))),
            Place::Record(kind, id) => {
                let mut work = match self.tab_of(Root::Kind(kind)) {
                    Some(tab) if tab != self.tab => self.show_tab(tab),
                    _ => Vec::new(),
                };
                if let Some(record) = screens::record(kind, id, &self.ui) {
                    self.out.push_box(record);
                }
                work.extend(self.settle(SELF));
                work
            }
        };
        if before != self.tab {
            self.trail.push(before);
        }
        work
    }

    /// Closes what was opened over the tab's beginning, unless it holds text that would be lost.
    fn return_to_root(&mut self) -> Vec<Effect> {
        let opened: Vec<LayerId> = self.tabs[self.tab].stack.iter().skip(1).map(|slot| slot.id).collect();
        if opened.is_empty() {
            return self.show_tab(self.tab);
        }
        let mut work = Vec::new();
        for id in opened.into_iter().rev() {
            if self.find(id).is_some_and(|(tab, at)| self.tabs[tab].stack[at].layer.is_unsaved()) {
                break;
            }
            work.extend(self.close(id, None));
        }
        work
    }

    pub(super) fn jump_back(&mut self) -> Vec<Effect> {
        if self.tabs[self.tab].stack.len() > 1 {
            let id = self.tell_top(LayerMsg::Command(Cmd::Back));
            return self.settle(id);
        }
        match self.trail.pop() {
            Some(tab) => self.show_tab(tab),
            None => Vec::new(),
        }
    }

    /// Carries out the wishes of `by` that concern the stack, and returns those for the seat.
    pub(super) fn settle(&mut self, by: LayerId) -> Vec<Effect> {
        let mut work = Vec::new();
        for effect in self.out.take() {
            match effect {
                Effect::Ask { ask, .. } | Effect::Wake { ask, .. } | Effect::Edit { ask, .. } => {
                    if let Effect::Ask { question, .. } = &effect {
                        self.watch(ask, question);
                        self.hear_wishes(question);
                    }
                    self.owners.insert(ask, by);
                    work.push(effect);
                }
                Effect::Push(layer) => work.extend(self.push(layer)),
                Effect::Close(reply) => work.extend(self.close(by, reply)),
                Effect::Go(place) => work.extend(self.go(place)),
                Effect::Say(tone, text) => {
                    let wake = self.out.wake(TOAST);
                    // The status line's timer belongs to the application, whoever spoke.
                    if let Some(effect) = self.out.effects.pop() {
                        work.push(effect);
                    }
                    self.toast = Some(Toast { tone, text, wake });
                }
                Effect::Remember(kind, action) if action.can_repeat() => {
                    self.ui.last_action = Some((kind, action.afresh()));
                }
                Effect::Remember(..) => {}
                Effect::Run(cmd) => work.extend(self.run(cmd)),
                Effect::Quit => work.extend(self.finish()),
                Effect::Copy(_) | Effect::Notify(_) | Effect::Share(_) => work.push(effect),
            }
        }
        work
    }

    fn push(&mut self, layer: Box<dyn Layer>) -> Vec<Effect> {
        self.next_layer += 1;
        let id = self.next_layer;
        self.tabs[self.tab].stack.push(Slot { id, layer });
        self.tell_top(LayerMsg::Shown { stale: false });
        self.settle(id)
    }

    /// Removes a layer; the one below hears the reply, and that it is seen again.
    fn close(&mut self, id: LayerId, reply: Option<Reply>) -> Vec<Effect> {
        let Some((tab, at)) = self.find(id) else { return Vec::new() };
        if at == 0 {
            return Vec::new();
        }
        let gone = self.tabs[tab].stack.remove(at);
        if let Some((key, value)) = gone.layer.position() {
            self.kept.insert(key.clone(), value.clone());
            self.out.ask(Question::KeepSetting { key, value });
        }
        let mut work = self.settle(SELF);
        let below = at - 1;
        if let Some(reply) = reply {
            let by = self.tell(tab, below, LayerMsg::Reply(reply));
            work.extend(self.settle(by));
        }
        if below < self.tabs[tab].stack.len() && gone.layer.shape() == Shape::Full {
            let by = self.tell(tab, below, LayerMsg::Shown { stale: true });
            work.extend(self.settle(by));
        }
        work
    }
}
