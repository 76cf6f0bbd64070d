//! Names come in the order people look them up, and filters by a text's words are read value by value.

use frontdesk::domain::kind::{CONTACT, Registry};
use frontdesk::domain::query::Query;
use frontdesk::store::compile::{self, Start};
use sqlx::{AssertSqlSafe, PgConnection};

use super::office::{Office, ids};
use crate::support::Workspace;

async fn names(owner: &mut PgConnection, order: &str) -> Vec<String> {
    let sql = format!("select name from contact order by {order}");
    sqlx::query_scalar(AssertSqlSafe(sql)).fetch_all(owner).await.expect("names")
}

#[tokio::test]
async fn names_are_latin_first_whatever_their_accents_and_case_then_chinese_by_pinyin() {
    let workspace = Workspace::new().await;
    let mut owner = workspace.owner().await;
    sqlx::query("select add_custom_field('contact', '{\"name\": \"nick\", \"ty\": \"text\"}')")
        .execute(&mut owner)
        .await
        .expect("a custom field");
    let sorted = ["adam", "Émile", "eva", "Öner", "Peter", "Zoë", "安琪", "李娜", "林晓", "王伟", "张三"];
    let shuffled: Vec<&str> = (0..sorted.len()).map(|i| sorted[i * 7 % sorted.len()]).collect();
    sqlx::query("insert into contact (name, city, c_nick) select n, n, n from unnest($1::text[]) n")
        .bind(&shuffled)
        .execute(&mut owner)
        .await
        .expect("contacts");
    for order in ["name", "city", "c_nick"] {
        assert_eq!(names(&mut owner, order).await, sorted, "{order}");
    }
    let backwards: Vec<&str> = sorted.iter().rev().copied().collect();
    assert_eq!(names(&mut owner, "name desc").await, backwards);
}

/// Beyond so many values a field is no list of values, and its words are searched as any others.
#[tokio::test]
async fn a_text_of_very_many_values_is_filtered_all_the_same() {
    let office = Office::open(31).await;
    let viewer = office.viewer("ana");
    let mut owner = office.owner().await;
    let mut tx = office.as_person(&viewer).await;
    for (made, wanted) in [(0..150, 150_usize), (150..400, 400)] {
        sqlx::query(
            "insert into contact (name, country, owner_id) select 'N' || n, 'Land ' || n, 1 from unnest($1::int[]) n",
        )
        .bind(made.collect::<Vec<i32>>())
        .execute(&mut owner)
        .await
        .expect("contacts");
        drop(tx);
        tx = office.as_person(&viewer).await;
        let registry = Registry::builtin();
        for (text, wanted) in [("country:land", wanted), ("country:Land*", wanted), ("country:\"land 77\"", 1)] {
            let query = Query::parse(text, &registry, CONTACT).unwrap();
            let list = compile::list(&office.registry, CONTACT, &query, &viewer, Start::First, 1000);
            assert_eq!(ids(&mut tx, list).await.unwrap().len(), wanted, "{text}");
            let count = compile::count(&office.registry, CONTACT, &query, &viewer, Some(1000));
            assert_eq!(ids(&mut tx, count).await.unwrap(), [wanted as i64], "{text}");
        }
    }
}
