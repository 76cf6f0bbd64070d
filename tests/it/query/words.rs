//! The words of a text are the same in SQL, where they are kept, and in Rust, where the matcher makes them.

use std::collections::BTreeSet;

use frontdesk::domain::search::{lexemes, plain};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use crate::support::Workspace;

#[tokio::test]
async fn sql_and_rust_find_the_same_words() {
    let workspace = Workspace::new().await;
    let mut owner = workspace.owner().await;
    let piece = prop_oneof![
        "[a-zA-Z0-9'’._@ -]{0,12}",
        "[äöüßéèçñÅøıİΣσς]{0,6}",
        "[一-龥]{0,9}",
        "[王张单曾吕女长重曹]{1,4}",
        "[ａ-ｚＡ-Ｚ０-９、，。：]{0,5}",
        "[а-яА-Я가-힣ぁ-んァ-ヶ]{0,6}",
        "[a-z一-龥é]{55,70}",
    ];
    let text = prop::collection::vec(piece, 0..5).prop_map(|pieces| pieces.join(" "));
    let mut runner = TestRunner::deterministic();
    let texts: Vec<(String, String)> = (0..1500)
        .map(|_| {
            let mut one = || text.new_tree(&mut runner).expect("a text").current();
            (one(), one())
        })
        .collect();
    let (docs, names): (Vec<_>, Vec<_>) =
        texts.iter().map(|(doc, name)| (format!("{name} {doc}"), name.clone())).unzip();
    let found: Vec<(Vec<String>, String)> = sqlx::query_as(
        "select tsvector_to_array(search_words(doc, names)), btrim(plain_words(doc))
           from unnest($1::text[], $2::text[]) with ordinality u (doc, names, n) order by n",
    )
    .bind(&docs)
    .bind(&names)
    .fetch_all(&mut owner)
    .await
    .expect("words");
    for ((doc, name), (sql, flat)) in docs.iter().zip(&names).zip(&found) {
        assert_eq!(&plain(doc), flat, "{doc:?}");
        let sql: BTreeSet<String> = sql.iter().cloned().collect();
        assert_eq!(lexemes(doc, name), sql, "{doc:?}, names {name:?}");
    }
}

/// Character by character, for the scripts that names and tickets come in: what is a letter or digit, and its lower
/// case. The database's idea is the C library's; in rarer scripts the two follow different versions of Unicode.
#[tokio::test]
async fn sql_and_rust_know_the_same_letters() {
    let workspace = Workspace::new().await;
    let mut owner = workspace.owner().await;
    let scripts = [
        ' '..='\u{362}',
        '\u{370}'..='\u{557}',
        '\u{5d0}'..='\u{6ff}',
        '\u{e01}'..='\u{e5b}',
        '\u{1e00}'..='\u{208e}',
        '\u{20a0}'..='\u{2bff}',
        '\u{3000}'..='\u{4dff}',
        '\u{4e00}'..='\u{4eff}',
        '\u{ac00}'..='\u{d7a3}',
        '\u{f900}'..='\u{faff}',
        '\u{fe30}'..='\u{ffee}',
        '\u{1f300}'..='\u{1faff}',
        '\u{20000}'..='\u{200ff}',
    ];
    let texts: Vec<String> = scripts.into_iter().flatten().map(|c| format!("a{c}b")).collect();
    let found: Vec<String> = sqlx::query_scalar(
        "select btrim(plain_words(doc)) from unnest($1::text[]) with ordinality u (doc, n) order by n",
    )
    .bind(&texts)
    .fetch_all(&mut owner)
    .await
    .expect("words");
    let differ: Vec<_> = texts
        .iter()
        .zip(&found)
        .filter(|(text, sql)| plain(text) != **sql)
        .map(|(text, sql)| format!("{}: rust {:?}, sql {sql:?}", text.escape_unicode(), plain(text)))
        .collect();
    assert!(differ.is_empty(), "{} differ:\n{}", differ.len(), differ[..differ.len().min(60)].join("\n"));
}
