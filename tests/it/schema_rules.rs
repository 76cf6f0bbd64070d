//! What follows from what in the database, whoever writes: deals and stages, tickets and replies, activities and
//! timelines, custom fields, erasing, and the words that search finds.

use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Executor, PgConnection};

use crate::support::Workspace;

/// The first column of the first row, as text.
async fn one(conn: &mut PgConnection, sql: &str) -> Option<String> {
    sqlx::query_scalar(AssertSqlSafe(format!("select ({sql})::text"))).fetch_one(conn).await.expect(sql)
}

#[tokio::test]
async fn a_deal_s_state_pipeline_and_closing_day_follow_its_stage() {
    let workspace = Workspace::new().await;
    let mut db = workspace.owner().await;
    // Without a stage, the first of the first pipeline.
    db.execute("insert into deal (name, stage_id) values ('D', null)").await.expect("a deal");
    let deal = "(select json_build_array(s.name, d.state, d.closed, d.pipeline_id = s.pipeline_id)
                 from deal d join stage s on s.id = d.stage_id)";
    assert_eq!(one(&mut db, deal).await.as_deref(), Some(r#"["Prospecting", "open", null, true]"#));
    db.execute("update deal set stage_id = (select id from stage where name = 'Won')").await.expect("won");
    let today = one(&mut db, "(now() at time zone 'UTC')::date").await.expect("a day");
    assert_eq!(one(&mut db, deal).await, Some(format!(r#"["Won", "won", "{today}", true]"#)));
    // The state is not to be had without the stage, and another stage of the same state keeps the day.
    db.execute("update deal set state = 'open'").await.expect("in vain");
    db.execute("update deal set closed = '2020-02-02'").await.expect("corrected");
    db.execute("update deal set stage_id = (select id from stage where name = 'Lost')").await.expect("lost");
    assert_eq!(one(&mut db, deal).await.as_deref(), Some(r#"["Lost", "lost", "2020-02-02", true]"#));
    db.execute("update deal set stage_id = (select id from stage where name = 'Proposal')").await.expect("reopened");
    assert_eq!(one(&mut db, deal).await.as_deref(), Some(r#"["Proposal", "open", null, true]"#));
    // History has what the rules did with what the person did.
    let fields: Value = sqlx::query_scalar("select fields from change where kind = 'deal' order by id desc limit 1")
        .fetch_one(&mut db)
        .await
        .expect("history");
    assert_eq!((&fields["state"], &fields["closed"]), (&json!(["lost", "open"]), &json!(["2020-02-02", null])));
    db.execute("update stage set state = 'won' where name = 'Proposal'").await.expect("a stage means something else");
    assert_eq!(one(&mut db, "select state from deal").await.as_deref(), Some("won"));
}

#[tokio::test]
async fn a_ticket_knows_when_it_was_answered_solved_and_closed() {
    let workspace = Workspace::new().await;
    let mut db = workspace.owner().await;
    db.execute("insert into ticket (subject) values ('T')").await.expect("a ticket");
    let ticket = "(select json_build_array(status, priority, first_reply_at is not null, solved_at is not null,
                  closed_at is not null) from ticket)";
    assert_eq!(one(&mut db, ticket).await.as_deref(), Some(r#"["new", "normal", false, false, false]"#));
    db.execute("insert into message (ticket_id, direction, body) select id, 'in', 'Hello' from ticket")
        .await
        .expect("in");
    assert_eq!(one(&mut db, "select first_reply_at from ticket").await, None);
    db.execute(
        "insert into message (ticket_id, direction, body, sent_at) select id, 'out', 'Hi', '2024-05-05 10:00Z' from ticket;
         insert into message (ticket_id, direction, body) select id, 'out', 'Hi again' from ticket",
    )
    .await
    .expect("replies");
    assert_eq!(
        one(&mut db, "select first_reply_at = '2024-05-05 10:00Z' from ticket").await.as_deref(),
        Some("true"),
        "the first one counts"
    );
    db.execute("update ticket set status = 'solved'").await.expect("solved");
    assert_eq!(one(&mut db, ticket).await.as_deref(), Some(r#"["solved", "normal", true, true, false]"#));
    db.execute("update ticket set status = 'closed'").await.expect("closed");
    assert_eq!(one(&mut db, ticket).await.as_deref(), Some(r#"["closed", "normal", true, true, true]"#));
    db.execute("update ticket set status = 'open'").await.expect("reopened");
    assert_eq!(one(&mut db, ticket).await.as_deref(), Some(r#"["open", "normal", true, false, false]"#));
    db.execute("update ticket set status = 'solved', solved_at = '2024-01-01Z'").await.expect("as said");
    assert_eq!(one(&mut db, "select extract(year from solved_at) from ticket").await.as_deref(), Some("2024"));
}

#[tokio::test]
async fn activities_are_linked_to_what_they_are_about() {
    let workspace = Workspace::new().await;
    let mut db = workspace.owner().await;
    db.execute("insert into contact (name) values ('K'); insert into company (name) values ('F'); insert into activity (subject, type, contact_id, company_id) select 'x', 'call', c.id, f.id from contact c, company f")
        .await
        .expect("an activity");
    let links = "(select string_agg(kind || record, ' ' order by kind) from activity_link)";
    assert_eq!(one(&mut db, links).await.as_deref(), Some("company1 contact1"));
    db.execute("update activity set contact_id = null, at = '2020-01-01Z'").await.expect("another");
    assert_eq!(one(&mut db, links).await.as_deref(), Some("company1"));
    assert_eq!(one(&mut db, "select extract(year from at) from activity_link").await.as_deref(), Some("2020"));
    db.execute("update activity set deleted_at = now()").await.expect("binned");
    assert_eq!(one(&mut db, links).await, None);
    db.execute("update activity set deleted_at = null").await.expect("restored");
    assert_eq!(one(&mut db, links).await.as_deref(), Some("company1"));
    db.execute("delete from company").await.expect("gone");
    assert_eq!(one(&mut db, links).await, None, "a reference to what is gone goes with it");
}

#[tokio::test]
async fn search_finds_words_bare_of_accents_and_chinese_names_by_sound() {
    let workspace = Workspace::new().await;
    let mut db = workspace.owner().await;
    db.execute(
        "insert into contact (name, email, phone, note) values
             ('王伟', 'W.Wei@Example.com', '+86 (138) 0013-8000', '北京的客户'),
             ('Jürgen Müller', null, null, null), ('Shaun O''Neil', null, null, null), ('曾国藩', null, null, null), ('李娜', null, null, null)",
    )
    .await
    .expect("contacts");
    for (words, found) in [
        ("wangwei", "王伟"),
        ("ww", "王伟"),
        ("王", "王伟"),
        ("王伟", "王伟"),
        ("北京", "王伟"),
        ("example", "王伟"),
        ("müller", "Jürgen Müller"),
        ("muller", "Jürgen Müller"),
        ("oneil", "Shaun O'Neil"),
        ("zengguofan", "曾国藩"),
        ("cengguofan", "曾国藩"),
        ("cgf", "曾国藩"),
        ("na", "李娜"),
        ("guofan", "曾国藩"),
        ("gf", "曾国藩"),
    ] {
        let names: Vec<String> = sqlx::query_scalar("select name from contact where search @@ $1::text::tsquery")
            .bind(format!("'{words}'"))
            .fetch_all(&mut db)
            .await
            .expect(words);
        assert_eq!(names, [found], "{words}");
    }
    // What stands in a note is no name.
    assert_eq!(one(&mut db, "select count(*) from contact where search @@ 'beijing'").await.as_deref(), Some("0"));
    let ident = one(&mut db, "select ident from contact where name = '王伟'").await;
    assert_eq!(ident.as_deref(), Some("w.wei@example.com 8613800138000"));
    db.execute("update contact set name = 'Eva' where name = '王伟'").await.expect("renamed");
    assert_eq!(one(&mut db, "select count(*) from contact where search @@ 'wangwei'").await.as_deref(), Some("0"));
    db.execute(AssertSqlSafe(format!("update contact set note = '{}' where name = 'Eva'", "ä".repeat(3000))))
        .await
        .expect("a word without end is cut");
}

#[tokio::test]
async fn a_custom_field_is_a_column_with_history_and_search() {
    let workspace = Workspace::new().await;
    let mut db = workspace.owner().await;
    db.execute("insert into contact (name) values ('Kim')").await.expect("a contact");
    for (name, ty) in [
        ("size", "\"int\""),
        ("club", "\"text\""),
        ("fax", "\"phone\""),
        ("budget", "{\"money\": {\"currency\": \"currency\"}}"),
    ] {
        db.execute(AssertSqlSafe(format!(
            "select add_custom_field('contact', '{{\"name\": \"{name}\", \"ty\": {ty}}}')"
        )))
        .await
        .expect(name);
    }
    db.execute("update contact set c_size = 3, c_club = 'Rowing', c_fax = '(030) 55'").await.expect("set");
    let fields: Value = sqlx::query_scalar("select fields from change where kind = 'contact' order by id desc limit 1")
        .fetch_one(&mut db)
        .await
        .expect("history");
    assert_eq!(fields, json!({"c_size": [null, 3], "c_club": [null, "Rowing"], "c_fax": [null, "(030) 55"]}));
    assert_eq!(one(&mut db, "select count(*) from contact where search @@ 'rowing'").await.as_deref(), Some("1"));
    assert_eq!(one(&mut db, "select ident from contact").await.as_deref(), Some("03055"));
    for (definition, constraint) in [
        (r#"{"name": "Robert'); drop", "ty": "int"}"#, "custom_field_name"),
        (r#"{"name": "a-b", "ty": "int"}"#, "custom_field_name"),
        (r#"{"name": "span", "ty": "span"}"#, "custom_field_type"),
        (r#"{"name": "size", "ty": "int"}"#, "custom_field_pkey"),
    ] {
        let refused =
            sqlx::query("select add_custom_field('contact', $1::text::jsonb)").bind(definition).execute(&mut db).await;
        let error = refused.expect_err(definition).into_database_error().expect("Postgres says so");
        assert_eq!(error.constraint(), Some(constraint), "{definition}");
    }
}

#[tokio::test]
async fn a_kind_may_have_more_fields_than_a_function_takes_arguments() {
    let workspace = Workspace::new().await;
    let mut db = workspace.owner().await;
    for n in 0..90 {
        db.execute(AssertSqlSafe(format!(
            "select add_custom_field('product', '{{\"name\": \"f{n}\", \"ty\": \"int\"}}')"
        )))
        .await
        .expect("a field");
    }
    db.execute("insert into product (name, c_f0) values ('P', 1); update product set c_f0 = 2, c_f89 = 3")
        .await
        .expect("set");
    let fields = one(&mut db, "select fields from change where kind = 'product' and deed = 'update'").await;
    assert_eq!(fields.as_deref(), Some(r#"{"c_f0": [1, 2], "c_f89": [null, 3]}"#));
}

#[tokio::test]
async fn erasing_leaves_the_fact_and_no_value() {
    let workspace = Workspace::new().await;
    let mut db = workspace.owner().await;
    db.execute(
        "insert into contact (name) values ('Kim');
         update contact set email = 'kim@secret.org';
         insert into ticket (subject, contact_id) select 'T', id from contact;
         insert into message (ticket_id, direction, body) select id, 'in', 'secret' from ticket;
         update message set body = 'more secret'",
    )
    .await
    .expect("traces");
    db.execute("select erase('contact', (select id from contact)), erase('ticket', (select id from ticket))")
        .await
        .expect("erased");
    let left: Vec<(String, String, bool)> = sqlx::query_as(
        "select kind, deed, fields is null from change where kind in ('contact', 'message') order by id",
    )
    .fetch_all(&mut db)
    .await
    .expect("history");
    assert!(left.iter().all(|(_, _, blank)| *blank), "{left:?}");
    for kind in ["contact", "message"] {
        assert!(left.iter().any(|(k, deed, _)| k == kind && deed == "erase"), "{kind}: {left:?}");
    }
    let told = one(&mut db, "select count(*) from change where fields::text like '%secret%'").await;
    assert_eq!(told.as_deref(), Some("0"));
}
