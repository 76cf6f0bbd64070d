//! The boxes for saved views and for sort and columns.

use super::acts::Pending;
use super::columns::Columns;
use super::groups::Grouping;
use super::{List, View};
use crate::desk::{self, From, Outcome, Page};
use crate::domain::action::{Action, Targets};
use crate::domain::field::Field;
use crate::domain::kind::VIEW;
use crate::domain::query::{Filter, Operand, Query, Sort};
use crate::domain::record::Record;
use crate::domain::value::Value;
use crate::tui::effect::{Ask, Out, Question, Tone};
use crate::tui::screens::chooser::{Chooser, Item};
use crate::tui::screens::prompt::Prompt;
use crate::tui::ui::Ui;
use crate::tui::{show, text};

impl List {
    pub(super) fn choose_view(&mut self, out: &mut Out) {
        let kind = Operand::Text { text: self.kind.0.to_owned(), prefix: false };
        let query = Query { filter: Filter::is("kind", kind), ..Query::default() };
        self.acting.views = Some(out.ask(Question::Page { kind: VIEW, query, from: From::Start, limit: 50 }));
    }

    pub(super) fn ask_first_view(&self, out: &mut Out) -> Ask {
        let kind = Operand::Text { text: self.kind.0.to_owned(), prefix: false };
        let filter = Filter::all(vec![Filter::is("kind", kind), Filter::is("position", Operand::Number(0.into()))]);
        let query = Query { filter, ..Query::default() };
        out.ask(Question::Page { kind: VIEW, query, from: From::Start, limit: 1 })
    }

    pub(super) fn offer_views(&mut self, page: desk::Result<Page>, ui: &Ui, out: &mut Out) {
        let views = match page {
            Ok(page) => page.records,
            Err(e) => return out.say(Tone::Bad, e.to_string()),
        };
        let kind = ui.registry.kind(VIEW);
        let mut items = vec![Item { letter: Some('a'), ..Item::new(self.whole(ui)) }];
        items.extend(views.iter().map(|view| Item {
            label: show::view_name(view.title(kind), ui),
            note: view.get(kind, "query").as_str().map(|q| text::inert(q).into_owned()).unwrap_or_default(),
            ..Item::default()
        }));
        items.push(Item { letter: Some('s'), ..Item::new(ui.t("view-save")) });
        let current = self.view.id.map_or(Some(0), |id| views.iter().position(|v| v.id == id).map(|i| i + 1));
        self.pending = Some(Pending::Views(views));
        out.push(Chooser::new(ui.t("views-title"), items, current));
    }

    pub(super) fn take_view(&mut self, views: &[Record], at: usize, ui: &Ui, out: &mut Out) {
        if at == views.len() + 1 {
            self.pending = Some(Pending::SaveView);
            out.push(Prompt::new(ui.t("view-save"), ui.t("view-name"), String::new()));
            return;
        }
        let kind = ui.registry.kind(VIEW);
        let (view, columns) = match at.checked_sub(1).and_then(|i| views.get(i)) {
            None => (View::default(), None),
            Some(record) => {
                let typed = record.get(kind, "query").as_str().unwrap_or_default();
                let query = match Query::parse(typed, &ui.registry, self.kind) {
                    Ok(query) => query,
                    Err(mistake) => {
                        let args = [("name", record.title(kind).into()), ("reason", mistake.message(ui.lang()).into())];
                        out.say(Tone::Bad, ui.tr("view-broken", &args));
                        // It was to be the first: the whole list is better than none.
                        if !self.loaded {
                            self.reload_from_start(out);
                        }
                        return;
                    }
                };
                let columns = record.get(kind, "columns").as_str();
                let columns = columns.map(|names| names.split(',').map(|c| c.trim().to_owned()).collect());
                (View { id: Some(record.id), name: record.title(kind).to_owned(), query }, columns)
            }
        };
        self.columns = self.own_columns.get(&view.id.unwrap_or_default()).cloned().or(columns);
        self.view = view;
        self.sort = None;
        self.grouping = Grouping::Given;
        self.filter.set("", self.kind, ui);
        self.reload_from_start(out);
    }

    pub(super) fn save_view(&mut self, name: &str, ui: &Ui, out: &mut Out) {
        let query = self.query();
        let mut values = vec![
            ("name".to_owned(), Value::text(name)),
            ("kind".to_owned(), Value::text(self.kind.0)),
            ("query".to_owned(), Value::text(query.print(&ui.registry, self.kind))),
        ];
        if let Some(columns) = &self.columns {
            values.push(("columns".to_owned(), Value::text(columns.join(","))));
        }
        let action = Action::Create { kind: VIEW, values };
        let ask = out.ask(Question::Perform { targets: Targets::None, action });
        self.acting.view = Some((ask, View { id: None, name: name.to_owned(), query }));
    }

    /// The desk has said whether the view is kept. Then it is what the list shows, unless that is another one by now.
    pub(super) fn view_saved(&mut self, outcome: desk::Result<Outcome>, view: View, ui: &Ui, out: &mut Out) {
        let outcome = match outcome {
            Ok(outcome) => outcome,
            Err(e) => return out.say(Tone::Bad, e.to_string()),
        };
        if let Some((_, reason)) = outcome.failed.into_iter().next() {
            return out.say(Tone::Bad, reason);
        }
        out.say(Tone::Good, ui.tr("view-saved", &[("name", view.name.as_str().into())]));
        let id = outcome.records.iter().find(|(kind, _)| *kind == VIEW).map(|(_, id)| *id);
        if id.is_some() && self.query() == view.query && !self.filter.typing {
            self.view = View { id, ..view };
            self.filter.set("", self.kind, ui);
            self.sort = None;
            self.grouping = Grouping::Given;
        }
    }

    pub(super) fn choose_columns(&mut self, ui: &Ui, out: &mut Out) {
        let kind = ui.registry.kind(self.kind);
        let shown: Vec<String> = self.shown_fields(ui).iter().map(|f| f.name.clone()).collect();
        self.pending = Some(Pending::Columns);
        out.push(Columns::new(kind, &shown, self.order(ui), self.query().group, ui.lang()));
    }

    /// The order the list is in: chosen, the query's, or the kind's.
    pub(super) fn order(&self, ui: &Ui) -> Vec<Sort> {
        let sort = self.query().sort;
        if !sort.is_empty() {
            return sort;
        }
        let declared = ui.registry.kind(self.kind).sort;
        let (descending, field) = declared.strip_prefix('-').map_or((false, declared), |f| (true, f));
        vec![Sort { field: field.to_owned(), descending }]
    }

    /// The fields shown, most important first: the title, then chosen or default ones.
    pub(super) fn shown_fields<'a>(&self, ui: &'a Ui) -> Vec<&'a Field> {
        let kind = ui.registry.kind(self.kind);
        match &self.columns {
            Some(names) => names.iter().filter_map(|name| kind.field(name)).collect(),
            None => kind.default_columns(),
        }
    }

    /// The name of the list without a view.
    pub(super) fn whole(&self, ui: &Ui) -> String {
        let many = ui.registry.kind(self.kind).many.get(ui.lang()).to_owned();
        ui.tr("view-all", &[("many", many.into())])
    }
}
