//! What the screens ask of a big workspace.

use frontdesk::domain::kind::{COMPANY, CONTACT, DEAL, KindId, Registry, TICKET};
use frontdesk::domain::viewer::Viewer;
use frontdesk::store::{history, timeline, undo, values};
use sqlx::{Postgres, QueryBuilder};

/// Kind and query: lists, filters, searches, what the panes of the home screen and the boards show, and what pickers and
/// the warning of duplicates look for.
pub(super) const QUERIES: &[(&str, &str)] = &[
    ("contact", ""),
    ("contact", "sort:-created"),
    ("contact", "sort:-name"),
    ("contact", "owner:me"),
    ("contact", "lifecycle:at_risk"),
    ("contact", "tag:vip tag:reference"),
    ("contact", "created>-7d"),
    ("contact", "wangwei"),
    ("contact", "王伟"),
    ("contact", "müller"),
    ("contact", "muller pet"),
    ("contact", "o'neil"),
    ("contact", "gre"),
    ("contact", "vogel@alder"),
    ("contact", "05501234"),
    ("contact", "nobodyhasthisname"),
    ("contact", "country:China"),
    ("contact", "country:germany"),
    ("contact", "country:China,Germany"),
    ("contact", "country:China lifecycle:customer"),
    ("contact", "country:Nowhere"),
    ("contact", "lifecycle:at_risk,lost"),
    ("contact", "\"katrin\" \"krämer\""),
    ("contact", "\"韩明辉\""),
    ("contact", "\"lukas.riedel@pinefield53864.example\""),
    ("contact", "company:aldermark"),
    ("company", ""),
    ("company", "industry:Energy"),
    ("company", "country:Germany"),
    ("company", "country:China"),
    ("company", "segment:hotel"),
    ("company", "segment:hotel,retail"),
    ("company", "segment:hotel country:China"),
    ("company", "seats:77"),
    ("company", "sort:-seats"),
    ("company", "aldermark"),
    ("company", "云岭"),
    ("deal", ""),
    ("deal", "state:open"),
    ("deal", "state:open owner:me"),
    ("deal", "stage:Proposal"),
    ("deal", "stage:Proposal,Negotiation"),
    ("deal", "stage:Proposal sort:-amount"),
    ("deal", "state:open stage:Negotiation sort:-amount"),
    ("deal", "state:open sort:expected"),
    ("deal", "sort:name"),
    ("deal", "state:open sort:-amount"),
    ("deal", "sort:-amount"),
    ("deal", "amount>100k sort:-amount"),
    ("deal", "expected:this-month"),
    ("deal", "company.country:Germany"),
    ("deal", "aldermark"),
    ("ticket", ""),
    ("ticket", "status:new,open,pending,hold"),
    ("ticket", "status:new,open owner:me"),
    ("ticket", "status:new,open owner:none"),
    ("ticket", "status:new,open priority:urgent"),
    ("ticket", "status:open priority>=high"),
    ("ticket", "status:new,open sort:-priority,due"),
    ("ticket", "status:new,open,pending,hold sort:-priority,due"),
    ("ticket", "status:new,open,pending,hold owner:me sort:-priority,due"),
    ("ticket", "status:new,open sort:due"),
    ("ticket", "status:new,open sla<2h"),
    ("ticket", "due<+2h status:new,open sort:due"),
    ("ticket", "tag:发票"),
    ("ticket", "created:today"),
    ("ticket", "category:App"),
    ("ticket", "category:App status:new,open"),
    ("ticket", "status:closed sort:-created"),
    ("ticket", "company.country:Germany status:new,open"),
    ("ticket", "T1042"),
    ("ticket", "20144"),
    ("ticket", "büroklammer"),
    ("ticket", "souvenir"),
    ("ticket", "刷卡模块"),
    ("ticket", "nosuchwordanywhere"),
    ("message", ""),
    ("activity", ""),
    ("activity", "owner:me done:no"),
    ("activity", "type:visit"),
    ("activity", "type:task,call"),
    ("activity", "owner:me type:task done:no due:today sort:due"),
    ("activity", "owner:me done:no due<=today sort:due"),
];

/// Not fast, and known not to be: what is asked of the company stands in no index in the order of the contacts, which
/// may put all that fit last (Chinese names come after Latin ones). Only their first page is looked at, and its time told.
/// The others read up to two thirds of a table for some people: to be mended.
pub(super) const UNSERVED: &[(&str, &str)] = &[
    ("contact", "company.industry:Energy"),
    ("contact", "company.country:China"),
    ("contact", "owner:none"),
    ("contact", "tag:vip"),
    ("contact", "country:China sort:-created"),
    ("contact", "city:Berlin"),
    ("deal", "state:won sort:-closed"),
];

/// Rows of a timeline that a screen asks for at a time.
const MARKS: i64 = 50;

/// The reads that no list makes, of the records that have the most to tell.
pub(super) fn other_reads(
    registry: &Registry,
    viewer: &Viewer,
    busy: &[(KindId, i64)],
) -> Vec<(String, QueryBuilder<Postgres>)> {
    let mut reads = Vec::new();
    for &(kind, id) in busy {
        let told = registry.kind(kind);
        let (_, sql) = timeline::query(registry, told, id, None, MARKS);
        reads.push((format!("timeline of {}", told.code(id)), sql));
        let (_, sql) = timeline::query(registry, told, id, Some(viewer.now - chrono::Duration::days(30)), MARKS);
        reads.push((format!("older timeline of {}", told.code(id)), sql));
        reads.push((format!("history of {}", told.code(id)), history::query(kind, id, None, MARKS)));
    }
    for seat in ["plans", "nowhere"] {
        reads.push((format!("undoable of {seat}"), undo::recent_query(Some(seat), 20)));
    }
    for (kind, field, prefix) in [
        (CONTACT, "country", ""),
        (CONTACT, "city", "b"),
        (CONTACT, "tags", "v"),
        (COMPANY, "industry", ""),
        (DEAL, "source", "zz"),
        (TICKET, "category", "a"),
        (TICKET, "tags", ""),
    ] {
        let of = registry.kind(kind);
        let field = of.field(field).expect("a field");
        reads.push((format!("values of {kind} {}:{prefix}", field.name), values::query(of, field, viewer, prefix, 50)));
    }
    reads
}
