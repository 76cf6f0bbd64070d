//! From the database's feed to the seats of this process: columns become fields, kinds get their ids.

use std::sync::{Arc, Weak};

use tokio::sync::mpsc;

use super::{Desk, Inner, News};
use crate::domain::change::Touched;
use crate::domain::kind::Registry;
use crate::store::feed::{self, Event, Touch};

/// Follows the feed as long as the desk lives.
pub(super) fn start(inner: &Arc<Inner>) {
    tokio::spawn(pass_on(Arc::downgrade(inner), feed::follow(&inner.store)));
}

async fn pass_on(inner: Weak<Inner>, mut events: mpsc::Receiver<Event>) {
    while let Some(event) = events.recv().await {
        let Some(inner) = inner.upgrade() else { return };
        let desk = Desk { inner };
        let news = match event {
            Event::Touched(touches) => {
                let registry = desk.registry();
                News::Touched(Arc::new(touches.iter().filter_map(|t| touched(&registry, t)).collect()))
            }
            Event::Resync => News::Resync,
            Event::Presence => News::Presence,
            Event::Seats => News::Seats,
            Event::Notices(people) => News::Notices(people.into()),
            Event::Registry => {
                if let Err(error) = desk.reload().await {
                    tracing::warn!(%error, "the kinds could not be read anew");
                }
                continue;
            }
            Event::Line(true) => {
                desk.inner.tell(News::Line(true));
                // Presence and registry have no cursor: what was said while the line was down was not heard.
                if let Err(error) = desk.reload().await {
                    tracing::warn!(%error, "the kinds could not be read anew");
                }
                News::Presence
            }
            Event::Line(false) => News::Line(false),
        };
        desk.inner.tell(news);
    }
}

/// `None` for a kind that this program does not know.
fn touched(registry: &Registry, touch: &Touch) -> Option<Touched> {
    let kind = registry.kinds().iter().find(|kind| kind.id.0 == touch.kind)?;
    let fields = kind.fields.iter().filter(|f| touch.columns.iter().any(|column| column == f.db_column()));
    Some(Touched {
        kind: kind.id,
        record: touch.record,
        operation: touch.operation,
        version: touch.version,
        by: touch.by,
        fields: fields.map(|f| f.name.clone()).collect(),
        created: touch.deed == "create",
    })
}
