//! A pipeline as a board, and what its stages demand.

use frontdesk::desk::{Board, Error};
use frontdesk::domain::action::{Action, Targets};
use frontdesk::domain::kind::{CONTACT, DEAL, KindId, PIPELINE, STAGE};
use frontdesk::domain::query::Query;
use frontdesk::domain::value::Value;
use sqlx::Executor;

use super::{Office, invalid, text};

async fn stage(office: &Office, name: &str) -> i64 {
    let mut owner = office.space.owner().await;
    sqlx::query_scalar("select id from stage where name = $1").bind(name).fetch_one(&mut owner).await.expect("a stage")
}

fn money(n: i64) -> Value {
    Value::Decimal(n.into())
}

async fn move_to(office: &Office, id: i64, to: i64) -> Result<frontdesk::desk::Outcome, Error> {
    let cx = office.cx("ana").await;
    office.set(&cx, DEAL, &[id], "stage", Value::reference(to)).await
}

#[tokio::test]
async fn columns_have_number_sums_and_weighted_sums_by_currency() {
    let office = Office::open().await;
    let (ana, di) = (office.cx("ana").await, office.cx("di").await);
    let proposal = stage(&office, "Proposal").await;
    let deals = [("A", 1_000, "EUR"), ("B", 500, "EUR"), ("C", 70_000, "CNY")];
    for (name, amount, currency) in deals {
        let values = [
            ("name", text(name)),
            ("amount", money(amount)),
            ("currency", text(currency)),
            ("stage", Value::reference(proposal)),
        ];
        office.create(&ana, DEAL, &values).await;
    }
    let won = [("name", text("W")), ("stage", Value::reference(stage(&office, "Won").await))];
    office.create(&ana, DEAL, &won).await;
    let board = office.desk.board(&ana, None, &Query::default()).await.expect("a board");
    let kind = office.kind(STAGE);
    let names: Vec<&str> = board.columns.iter().map(|c| c.stage.title(&kind)).collect();
    assert_eq!(names, ["Prospecting", "Qualified", "Proposal", "Negotiation"], "open stages in their order");
    assert_eq!(board.stages.len(), 6);
    let column = &board.columns[2];
    let sums: Vec<(&str, u64, String, String)> = column
        .sums
        .iter()
        .map(|s| (s.currency.as_str(), s.deals, s.amount.normalize().to_string(), s.weighted.normalize().to_string()))
        .collect();
    assert_eq!(column.deals, 3);
    assert_eq!(sums, [("EUR", 2, "1500".into(), "750".into()), ("CNY", 1, "70000".into(), "35000".into())]);
    // A filter narrows them, and so do rights.
    let query = Query::parse("amount>600", &office.desk.registry(), DEAL).expect("a query");
    let board = office.desk.board(&ana, Some(board.pipeline), &query).await.expect("a board");
    assert_eq!(board.columns[2].deals, 2);
    let theirs = office.desk.board(&di, None, &Query::default()).await.expect("a board");
    assert_eq!(theirs.columns.iter().map(|c| c.deals).sum::<u64>(), 0, "ana's deals are not di's to see");
    let column = Board::column(&query, proposal);
    assert_eq!(
        office.desk.page(&ana, DEAL, &column, &frontdesk::desk::From::Start, 10).await.expect("a page").records.len(),
        2
    );
    // A pipeline that is gone gives way to the first.
    assert_eq!(office.desk.board(&ana, Some(9_999), &query).await.expect("a board").pipeline, board.pipeline);
    let mut owner = office.space.owner().await;
    owner.execute("update pipeline set deleted_at = now()").await.expect("no pipeline is left");
    assert!(matches!(office.desk.board(&ana, None, &query).await, Err(Error::NotFound(_))));
}

#[tokio::test]
async fn a_stage_s_demands_hold_for_everyone_who_moves_a_deal() {
    let office = Office::open().await;
    let ana = office.cx("ana").await;
    let (proposal, qualified) = (stage(&office, "Proposal").await, stage(&office, "Qualified").await);
    let refused = office.set(&ana, STAGE, &[proposal], "requires", text("amount, colour")).await;
    assert_eq!(invalid(refused).0, "requires");
    office.set(&ana, STAGE, &[proposal], "requires", text("Amount, 联系人")).await.expect("demands");
    assert_eq!(office.get(&ana, STAGE, proposal, "requires").await, text("amount,contact"));

    let bare = office.create(&ana, DEAL, &[("name", text("D"))]).await;
    let (field, reason) = invalid(move_to(&office, bare, proposal).await);
    assert_eq!((field.as_str(), reason.as_str()), ("amount", "The stage asks for amount; fill it in first."));
    let targets = Targets::Records(DEAL, vec![bare]);
    let action = Action::set("stage", Value::reference(proposal));
    let preview = office.desk.preview(&ana, &targets, &action).await.expect("a preview");
    assert_eq!((preview.will_change, preview.refused.len()), (0, 1), "known before it is done");

    // Together with what is lacking it goes; and once there, it may be edited.
    let contact = office.create(&ana, CONTACT, &[("name", text("Petra"))]).await;
    let edit = |field: &str, now: Value| frontdesk::domain::action::Edit { field: field.into(), was: None, now };
    let edits = vec![
        edit("stage", Value::reference(proposal)),
        edit("amount", money(5)),
        edit("contact", Value::reference(contact)),
    ];
    office.act(&ana, targets, Action::Set { edits }).await.expect("moved");
    office.set(&ana, DEAL, &[bare], "amount", Value::Null).await.expect("what it demands is asked at the door only");

    // New deals, bulk, another pipeline's first stage, and psql.
    let new = office.try_create(&ana, DEAL, &[("name", text("N")), ("stage", Value::reference(proposal))]).await;
    assert_eq!(invalid(new).0, "amount");
    let other = office
        .create(&ana, DEAL, &[("name", text("E")), ("amount", money(9)), ("contact", Value::reference(contact))])
        .await;
    let third = office.create(&ana, DEAL, &[("name", text("F"))]).await;
    let outcome =
        office.set(&ana, DEAL, &[other, third], "stage", Value::reference(proposal)).await.expect("performed");
    assert_eq!((outcome.done, outcome.failed.len()), (1, 1), "{outcome:?}");
    let mut owner = office.space.owner().await;
    let refused =
        sqlx::query("update deal set stage_id = $1 where id = $2").bind(proposal).bind(third).execute(&mut owner).await;
    let error = refused.expect_err("psql obeys too");
    let constraint = error.as_database_error().and_then(|e| e.constraint().map(str::to_owned));
    assert_eq!(constraint.as_deref(), Some("deal_amount_demand"), "{error}");
    sqlx::query("update deal set stage_id = $1 where id = $2")
        .bind(qualified)
        .bind(third)
        .execute(&mut owner)
        .await
        .expect("asks nothing");

    // Undoing puts a deal back though it would not be let in.
    let out = move_to(&office, bare, qualified).await.expect("moved back");
    let undone = office.desk.undo(&ana, out.operation).await.expect("undone");
    assert_eq!((undone.done, undone.failed.len()), (1, 0), "{undone:?}");
    assert_eq!(office.get(&ana, DEAL, bare, "stage").await, Value::reference(proposal));
}

#[tokio::test]
async fn another_pipeline_has_its_own_columns() {
    let office = Office::open().await;
    let ana = office.cx("ana").await;
    let renewals = office.create(&ana, PIPELINE, &[("name", text("Renewals")), ("position", Value::Int(2))]).await;
    let make = |name: &str, state: &str, kind: KindId| {
        let values =
            [("name", text(name)), ("pipeline", Value::reference(renewals)), ("state", Value::Choice(state.into()))];
        let values = values.map(|(name, value)| (name.to_owned(), value)).to_vec();
        Action::Create { kind, values }
    };
    office.act(&ana, Targets::None, make("Due", "open", STAGE)).await.expect("a stage");
    office.act(&ana, Targets::None, make("Renewed", "won", STAGE)).await.expect("a stage");
    let board = office.desk.board(&ana, Some(renewals), &Query::default()).await.expect("a board");
    assert_eq!((board.pipeline, board.pipelines.len(), board.columns.len(), board.stages.len()), (renewals, 2, 1, 2));
}
