//! The words of a text are the same in SQL, where they are kept, and in Rust, where the matcher makes them.

use std::collections::BTreeSet;

use frontdesk::domain::field::FieldType;
use frontdesk::domain::kind::{COMPANY, CONTACT, DEAL, PRODUCT, Registry, TICKET};
use frontdesk::domain::search::{is_ident, lexemes, plain};
use frontdesk::domain::value::Value;
use frontdesk::domain::words::kept;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use sqlx::{QueryBuilder, Row};

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

/// What an import gives for a record's words is what the trigger makes of the record.
#[tokio::test]
async fn words_made_ahead_are_those_of_the_trigger() {
    let workspace = Workspace::new().await;
    let mut owner = workspace.owner().await;
    let piece = prop_oneof![
        4 => "[a-zA-Z0-9'’._@ -]{1,12}",
        2 => "[ -~]{1,20}",
        2 => "[äöüßéèçñÅøžŊŁ]{1,6}",
        2 => "[一-龥]{1,9}",
        1 => "[王张单曾吕女长重曹，。！（）]{1,6}",
        1 => "[а-яА-ЯёЁ “”…€–]{1,6}",
        1 => "[a-z一-龥é]{55,70}",
        1 => "[ıİΣςa-c①]{1,3}",
    ];
    let text = prop::collection::vec(piece, 1..4).prop_map(|pieces| pieces.join(" "));
    let mut runner = TestRunner::deterministic();
    let registry = Registry::builtin();
    for id in [CONTACT, COMPANY, DEAL, TICKET, PRODUCT] {
        let kind = registry.kind(id);
        let mut ahead = 0;
        for turn in 0..60 {
            let mut values = vec![Value::Null; kind.fields.len()];
            let mut sql = QueryBuilder::new(format!("insert into \"{}\" (", kind.table));
            let mut filled = Vec::new();
            for (at, field) in kind.fields.iter().enumerate() {
                let is_text = matches!(
                    field.ty,
                    FieldType::Text | FieldType::LongText | FieldType::Email | FieldType::Phone | FieldType::Url
                );
                if is_text && field.name != "currency" && (field.name == kind.title || (turn + at) % 3 > 0) {
                    // Mails and numbers of other letters are left to the database.
                    let mut one = if is_ident(field) && turn % 4 > 0 {
                        "[ -~]{1,20}".new_tree(&mut runner).expect("a text").current()
                    } else {
                        text.new_tree(&mut runner).expect("a text").current()
                    };
                    if field.name == kind.title && kind.id == PRODUCT {
                        one = format!("{turn} {one}");
                    }
                    sql.push(if filled.is_empty() { "" } else { ", " }).push(format!("\"{}\"", field.db_column()));
                    values[at] = Value::Text(one.clone());
                    filled.push(one);
                }
            }
            sql.push(") values (");
            let mut list = sql.separated(", ");
            for one in &filled {
                list.push_bind(one);
            }
            sql.push(") returning tsvector_to_array(search), ident");
            let row = sql.build().fetch_one(&mut owner).await.expect("a record");
            let Some(kept) = kept(kind, kind.fields.iter().zip(&values)) else { continue };
            ahead += 1;
            let cast: Vec<String> = sqlx::query_scalar("select tsvector_to_array($1::text::tsvector)")
                .bind(&kept.search)
                .fetch_one(&mut owner)
                .await
                .expect("a tsvector");
            assert_eq!(cast, row.get::<Vec<String>, _>(0), "{filled:?}");
            assert_eq!(kept.ident, row.get::<Option<String>, _>(1), "{filled:?}");
        }
        assert!(ahead > 10, "{id}: nearly all was left to the database: {ahead} of 60");
    }
}
