//! The board of a pipeline: heads from their index, columns as lists are read.

use std::fmt::Write;

use frontdesk::desk::Board;
use frontdesk::store::compile::{self, Start};

use super::crowd::Crowd;
use super::{PAGE, READ_MAX};

/// Heads and columns of the pipeline, in several orders; returns what is wrong.
pub(super) async fn look_at_boards(crowd: &Crowd) -> String {
    let stages: Vec<(i64, i64)> = sqlx::query_as(
        "select s.id, count(d.id) from stage s left join deal d on d.stage_id = s.id where s.state = 'open' group by s.id order by 1",
    )
    .fetch_all(&mut crowd.owner().await)
    .await
    .expect("open stages");
    let ids: Vec<i64> = stages.iter().map(|(id, _)| *id).collect();
    let open: i64 = stages.iter().map(|(_, n)| n).sum();
    let mut wrong = String::new();
    for viewer in &crowd.viewers().await {
        let (_, all) = crowd.query("deal", "");
        let look = crowd.look(viewer, 1, &|| compile::sums(&crowd.registry, &all, viewer, &ids)).await;
        if !look.whole.is_empty() || look.read > open as u64 + 100 {
            writeln!(wrong, "{} heads: {look:?}", viewer.me.login).expect("memory");
        }
        for text in ["", "sort:-amount", "sort:expected", "owner:me"] {
            let (id, query) = crowd.query("deal", text);
            for stage in &ids {
                let query = Board::column(&query, *stage);
                let list = |start| compile::list(&crowd.registry, id, &query, viewer, start, PAGE);
                let first = crowd.page(viewer, id, list(Start::First)).await;
                let mut ways = vec![("first", Start::First)];
                if let (Some(last), true) = (first.last(), first.len() == PAGE as usize) {
                    ways.push(("after", Start::After(last)));
                    ways.push(("end", Start::Last));
                }
                for (way, start) in ways {
                    let look = crowd.look(viewer, 1, &|| list(start)).await;
                    if !look.whole.is_empty() || look.read > READ_MAX / 3 {
                        writeln!(wrong, "{} stage {stage} {text:?} {way}: {look:?}", viewer.me.login).expect("memory");
                    }
                }
            }
        }
    }
    wrong
}
