//! What the pages of the dashboards show: metrics, how each is split, and as what it is drawn.

/// A page, in the order in which a key goes through them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Page {
    Sales,
    Service,
}

impl Page {
    pub(super) const ALL: [Self; 2] = [Self::Sales, Self::Service];

    /// The catalogue's key.
    pub(super) fn title(self) -> &'static str {
        match self {
            Self::Sales => "dash-page-sales",
            Self::Service => "dash-page-service",
        }
    }

    /// In settings; never shown.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Sales => "sales",
            Self::Service => "service",
        }
    }

    pub(super) fn panels(self) -> &'static [Declared] {
        match self {
            Self::Sales => SALES,
            Self::Service => SERVICE,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Chart {
    /// A bar for each group.
    Bars,
    /// Bars in the middle, one below the other: what is left from stage to stage.
    Funnel,
    /// How much of a hundred, with a bar for each group below.
    Gauge,
    /// One over time, against another or against the days before.
    Line,
    /// One over time, small.
    Spark,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Declared {
    /// In settings; unique on its page.
    pub(super) name: &'static str,
    pub(super) metric: &'static str,
    /// A field as `--by` of the command line reads it; `None`: time, in days or months as the period is long.
    pub(super) by: Option<&'static str>,
    pub(super) chart: Chart,
    /// A second metric drawn beside the first, over the same time.
    pub(super) beside: Option<&'static str>,
}

const fn panel(name: &'static str, metric: &'static str, by: Option<&'static str>, chart: Chart) -> Declared {
    Declared { name, metric, by, chart, beside: None }
}

const SALES: &[Declared] = &[
    panel("open-pipeline", "open-pipeline", Some("stage"), Chart::Funnel),
    panel("won", "won", None, Chart::Line),
    panel("win-rate", "win-rate", Some("owner"), Chart::Gauge),
    panel("won-by-owner", "won", Some("owner"), Chart::Bars),
    panel("cycle", "cycle", None, Chart::Spark),
    panel("won-by-product", "won", Some("product"), Chart::Bars),
    panel("win-rate-by-product", "win-rate", Some("product"), Chart::Bars),
    panel("forecast", "forecast", Some("expected.month"), Chart::Bars),
    panel("no-next-step", "no-next-step", Some("owner"), Chart::Bars),
];

const SERVICE: &[Declared] = &[
    panel("open-tickets", "open-tickets", Some("priority"), Chart::Bars),
    Declared { beside: Some("solved-tickets"), ..panel("created-solved", "tickets", None, Chart::Line) },
    panel("load", "open-tickets", Some("owner"), Chart::Bars),
    panel("satisfaction", "satisfaction", Some("owner"), Chart::Gauge),
    panel("first-reply", "first-reply", None, Chart::Spark),
    panel("solve-time", "solve-time-median", None, Chart::Spark),
    panel("overdue", "overdue-tickets", Some("owner"), Chart::Bars),
    panel("by-category", "tickets", Some("category"), Chart::Bars),
];

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::domain::kind::Registry;
    use crate::domain::metric::{By, Unit, by_name};

    #[test]
    fn panels_show_metrics_that_there_are() {
        let registry = Registry::builtin();
        for page in Page::ALL {
            let mut names = HashSet::new();
            for panel in page.panels() {
                assert!(names.insert(panel.name), "{} is there twice", panel.name);
                let metric = by_name(panel.metric).unwrap_or_else(|| panic!("{}", panel.metric));
                assert!(panel.by.is_none_or(|by| By::parse(by, &registry, metric).is_ok()), "{}", panel.name);
                assert!(panel.by.is_some() || metric.date.is_some(), "{} has no time to go by", panel.name);
                assert!(panel.chart != Chart::Gauge || metric.unit == Unit::Percent, "{}", panel.name);
                let beside = panel.beside.map(|name| by_name(name).expect("declared"));
                assert!(beside.is_none_or(|b| b.unit == metric.unit && b.date.is_some()), "{}", panel.name);
            }
        }
    }
}
