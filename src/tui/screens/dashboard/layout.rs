//! Which boxes a person sees on a page, in which order. Kept by names, so that boxes may come and go.

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::pages::{Declared, Page};

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Layout {
    sales: Order,
    service: Order,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Order {
    /// The first ones; the others follow as declared.
    first: Vec<String>,
    hidden: Vec<String>,
}

impl Layout {
    /// As `keep` wrote it; what cannot be read is as if nothing had been kept.
    pub(super) fn kept(json: Option<&Json>) -> Self {
        json.and_then(|json| Self::deserialize(json).ok()).unwrap_or_default()
    }

    pub(super) fn keep(&self) -> Json {
        serde_json::to_value(self).unwrap_or_default()
    }

    fn of(&mut self, page: Page) -> &mut Order {
        match page {
            Page::Sales => &mut self.sales,
            Page::Service => &mut self.service,
        }
    }

    /// All boxes of the page in their order, hidden ones too.
    fn all(&self, page: Page) -> Vec<&'static Declared> {
        let order = match page {
            Page::Sales => &self.sales,
            Page::Service => &self.service,
        };
        let mut all: Vec<&Declared> = page.panels().iter().collect();
        let place = |d: &&Declared| order.first.iter().position(|name| name == d.name).unwrap_or(usize::MAX);
        all.sort_by_key(place);
        all
    }

    /// The boxes shown, in their order.
    pub(super) fn panels(&self, page: Page) -> impl Iterator<Item = Declared> + use<> {
        let hidden = match page {
            Page::Sales => &self.sales.hidden,
            Page::Service => &self.service.hidden,
        };
        let shown: Vec<Declared> =
            self.all(page).into_iter().filter(|d| hidden.iter().all(|name| name != d.name)).copied().collect();
        shown.into_iter()
    }

    /// Changes places with the shown box before or behind it.
    pub(super) fn shift(&mut self, page: Page, name: &str, later: bool) {
        let shown: Vec<&str> = self.panels(page).map(|d| d.name).collect();
        let Some(at) = shown.iter().position(|n| *n == name) else { return };
        let Some(other) = at.checked_add_signed(if later { 1 } else { -1 }).and_then(|at| shown.get(at)) else {
            return;
        };
        let mut names: Vec<String> = self.all(page).iter().map(|d| d.name.to_owned()).collect();
        let place = |name: &str| names.iter().position(|n| n == name);
        if let (Some(a), Some(b)) = (place(name), place(other)) {
            names.swap(a, b);
            self.of(page).first = names;
        }
    }

    pub(super) fn hide(&mut self, page: Page, name: &str) {
        self.of(page).hidden.push(name.to_owned());
    }

    pub(super) fn show_all(&mut self, page: Page) {
        self.of(page).hidden.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(layout: &Layout) -> Vec<&'static str> {
        layout.panels(Page::Sales).map(|d| d.name).collect()
    }

    #[test]
    fn boxes_change_places_hide_and_come_back() {
        let mut layout = Layout::default();
        let declared = names(&layout);
        layout.hide(Page::Sales, declared[1]);
        layout.shift(Page::Sales, declared[0], true);
        assert_eq!(names(&layout)[..2], [declared[2], declared[0]], "past the hidden one");
        layout.shift(Page::Sales, declared[2], false);
        assert_eq!(names(&layout)[0], declared[2], "the first stays the first");
        let kept = Layout::kept(Some(&layout.keep()));
        assert_eq!(kept, layout);
        layout.show_all(Page::Sales);
        assert_eq!(names(&layout).len(), declared.len());
        let odd = serde_json::json!({"sales": {"first": ["gone", declared[3]], "hidden": ["gone"]}});
        assert_eq!(names(&Layout::kept(Some(&odd)))[0], declared[3], "boxes that there are no more do no harm");
        assert_eq!(names(&Layout::kept(Some(&serde_json::json!(7)))), declared);
    }
}
