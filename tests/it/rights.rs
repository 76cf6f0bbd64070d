//! Who may do what, as Postgres itself holds it: through the service with a person's role, and in a person's own login.

use frontdesk::domain::kind::{Registry, Sharing};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, Row};

use crate::support::Workspace;

const ANA: i64 = 1;
const BO: i64 = 2;
const CY: i64 = 3;
const DI: i64 = 4;

/// Each of these holds with roles, and where one login that may make none has everybody's rights.
macro_rules! in_both_ways {
    ($($test:ident)*) => {
        mod with_roles {
            $(#[tokio::test]
            async fn $test() {
                super::$test(super::Workspace::new().await).await;
            })*
        }
        mod with_one_login {
            $(#[tokio::test]
            async fn $test() {
                super::$test(super::Workspace::managed().await).await;
            })*
        }
    };
}

in_both_ways! {
    each_role_reads_and_writes_its_own_part_of_each_kind
    creating_for_others_is_refused_and_nothing_is_given_away
    a_head_of_teams_reads_those_below_and_not_the_reverse
    a_message_is_seen_by_whoever_sees_its_ticket_and_follows_it
    shared_views_are_read_by_all_and_edited_by_their_team
    history_presence_and_links_show_only_what_may_be_seen
    drafts_and_settings_are_their_person_s_alone
    keys_are_given_by_an_admin_and_seen_by_their_owner
    seats_are_seen_and_ended_by_an_admin
    an_admin_invites_and_who_came_in_is_told_to_them_and_to_an_admin
    a_second_factor_is_set_by_its_person_or_an_admin_and_its_secret_read_by_nobody
}

/// A transaction as the program begins it for a person.
pub(crate) async fn act_as(service: &mut PgConnection, person: i64) {
    let statement = format!("begin; select public.act_as({person})");
    service.execute(AssertSqlSafe(statement)).await.expect("a person's transaction");
}

/// The same, or one in that person's own login.
pub(crate) async fn begin_as(conn: &mut PgConnection, person: i64, as_service: bool) {
    if as_service {
        act_as(conn, person).await;
    } else {
        conn.execute("begin").await.expect("begun");
    }
}

/// One row each of what every kind needs; owned ones belong to `owner` of `team`.
fn insert(table: &str, owner: i64, team: i64) -> String {
    let (columns, values) = match table {
        "pipeline" | "team" | "product" => ("name", "'x' || random()"),
        "stage" => ("name, pipeline_id", "'x' || random(), (select min(id) from pipeline)"),
        "staff" => ("name, login", "'x', 'x' || random()"),
        "deal" => ("name, stage_id", "'x', (select min(id) from stage)"),
        "ticket" => ("subject", "'x'"),
        "message" => ("ticket_id, direction, body", "(select max(id) from ticket), 'in', 'x'"),
        "activity" => ("subject, type", "'x', 'call'"),
        "view" => ("name, kind", "'x', 'contact'"),
        "canned" => ("name, body", "'x', 'x'"),
        "macro" => ("name, kind, steps", "'x', 'ticket', '[]'"),
        _ => ("name", "'x'"),
    };
    if ["pipeline", "team", "product", "stage", "staff"].contains(&table) {
        return format!("insert into \"{table}\" ({columns}) values ({values}) returning id");
    }
    format!("insert into \"{table}\" ({columns}, owner_id, team_id) values ({values}, {owner}, {team}) returning id")
}

pub(crate) async fn add(conn: &mut PgConnection, table: &str, owner: i64, team: i64) -> sqlx::Result<i64> {
    sqlx::query_scalar(AssertSqlSafe(insert(table, owner, team))).fetch_one(conn).await
}

/// What a person can do to one row, tried and taken back.
#[derive(Debug, PartialEq)]
struct Can {
    read: bool,
    edit: bool,
    delete: bool,
}

async fn can(service: &mut PgConnection, person: i64, table: &str, id: i64) -> Can {
    let mut count = async |sql: String| {
        act_as(service, person).await;
        let done = service.execute(AssertSqlSafe(sql)).await.map(|done| done.rows_affected());
        service.execute("rollback").await.expect("rolled back");
        // Refused by a grant, or not seen by a policy.
        done.unwrap_or(0) == 1
    };
    Can {
        read: count(format!("select id from \"{table}\" where id = {id}")).await,
        edit: count(format!("update \"{table}\" set deleted_at = now() where id = {id}")).await,
        delete: count(format!("delete from \"{table}\" where id = {id}")).await,
    }
}

async fn each_role_reads_and_writes_its_own_part_of_each_kind(workspace: Workspace) {
    let mut owner = workspace.owner().await;
    let mut service = workspace.service().await;
    for kind in Registry::builtin().kinds() {
        // Of Cy, in the team that Bo is in as well.
        if kind.id.0 == "message" {
            add(&mut owner, "ticket", CY, 2).await.expect("a ticket");
        }
        let id = add(&mut owner, kind.table, CY, 2).await.expect("a row");
        let (all, nothing) =
            (Can { read: true, edit: true, delete: true }, Can { read: false, edit: false, delete: false });
        let read_only = Can { read: true, edit: false, delete: false };
        assert_eq!(can(&mut service, ANA, kind.table, id).await, all, "ana, {}", kind.id);
        for person in [BO, CY, DI] {
            let wanted = match (kind.sharing, person) {
                (Sharing::Common, _) => &read_only,
                (Sharing::Owned, DI) => &nothing,
                (Sharing::Owned, _) => &all,
            };
            assert_eq!(&can(&mut service, person, kind.table, id).await, wanted, "{person}, {}", kind.id);
        }
    }
}

async fn creating_for_others_is_refused_and_nothing_is_given_away(workspace: Workspace) {
    let mut service = workspace.service().await;
    for kind in Registry::builtin().kinds().iter().filter(|k| k.id.0 != "message") {
        for (person, owner, team, wanted) in [
            (ANA, DI, 3, true),
            (BO, BO, 2, kind.sharing == Sharing::Owned),
            (BO, CY, 2, kind.sharing == Sharing::Owned),
            (BO, DI, 3, false),
        ] {
            act_as(&mut service, person).await;
            let done = add(&mut service, kind.table, owner, team).await;
            service.execute("rollback").await.expect("rolled back");
            assert_eq!(done.is_ok(), wanted, "{person} creates {} of {owner}: {done:?}", kind.id);
        }
    }
    act_as(&mut service, BO).await;
    add(&mut service, "contact", BO, 2).await.expect("own");
    let given = service.execute("update contact set owner_id = 4, team_id = 3").await;
    assert!(given.is_err(), "a record given to where one does not see it is lost to its team");
    service.execute("rollback").await.expect("rolled back");
}

async fn a_head_of_teams_reads_those_below_and_not_the_reverse(workspace: Workspace) {
    let mut owner = workspace.owner().await;
    owner.execute("insert into staff (id, name, login, team_id) values (9, 'Hed', 'hed', 1)").await.expect("a head");
    let below = add(&mut owner, "contact", DI, 3).await.expect("below");
    let above = add(&mut owner, "contact", 9, 1).await.expect("above");
    let mut service = workspace.service().await;
    assert!(can(&mut service, 9, "contact", below).await.edit);
    assert!(!can(&mut service, DI, "contact", above).await.read);
}

async fn a_message_is_seen_by_whoever_sees_its_ticket_and_follows_it(workspace: Workspace) {
    let mut owner = workspace.owner().await;
    let ticket = add(&mut owner, "ticket", CY, 2).await.expect("a ticket");
    // Whatever is said, a message has its ticket's owner.
    let message = add(&mut owner, "message", DI, 3).await.expect("a message");
    let mut service = workspace.service().await;
    assert!(!can(&mut service, DI, "message", message).await.read);
    act_as(&mut service, DI).await;
    let foreign = service
        .execute(AssertSqlSafe(format!(
            "insert into message (ticket_id, direction, body, owner_id, team_id) values ({ticket}, 'out', 'x', 4, 3)"
        )))
        .await;
    assert!(foreign.is_err(), "into a ticket that one does not see");
    service.execute("rollback").await.expect("rolled back");
    owner.execute("update ticket set owner_id = 4, team_id = 3").await.expect("moved");
    assert!(can(&mut service, DI, "message", message).await.edit);
    assert!(!can(&mut service, BO, "message", message).await.read);
    let told: i64 = sqlx::query_scalar("select count(*) from change where kind = 'message' and deed = 'update'")
        .fetch_one(&mut owner)
        .await
        .expect("history");
    assert_eq!(told, 0, "that messages follow their ticket is no news");
}

async fn shared_views_are_read_by_all_and_edited_by_their_team(workspace: Workspace) {
    let mut owner = workspace.owner().await;
    let id = add(&mut owner, "view", CY, 2).await.expect("a view");
    let mut service = workspace.service().await;
    assert!(!can(&mut service, DI, "view", id).await.read);
    owner.execute(AssertSqlSafe(format!("update view set shared = true where id = {id}"))).await.expect("shared");
    assert_eq!(can(&mut service, DI, "view", id).await, Can { read: true, edit: false, delete: false });
}

async fn history_presence_and_links_show_only_what_may_be_seen(workspace: Workspace) {
    let mut owner = workspace.owner().await;
    let contact = add(&mut owner, "contact", CY, 2).await.expect("a contact");
    owner.execute("update contact set city = 'secret'").await.expect("history");
    owner
        .execute(AssertSqlSafe(format!(
            "insert into activity (subject, type, contact_id, owner_id, team_id) values ('x', 'call', {contact}, 3, 2);
             insert into presence (seat, person, kind, record) values ('s', 3, 'contact', {contact})"
        )))
        .await
        .expect("an activity");
    let mut service = workspace.service().await;
    for (person, seen) in [(ANA, true), (BO, true), (DI, false)] {
        for sql in [
            "select id from change where kind = 'contact'",
            "select id from change where fields ? 'city'",
            "select activity from activity_link",
            "select seat from presence",
        ] {
            act_as(&mut service, person).await;
            let rows = service.fetch_all(sql).await.expect(sql);
            service.execute("rollback").await.expect("rolled back");
            assert_eq!(!rows.is_empty(), seen, "{person}: {sql}");
        }
    }
}

async fn drafts_and_settings_are_their_person_s_alone(workspace: Workspace) {
    let mut service = workspace.service().await;
    act_as(&mut service, BO).await;
    service
        .execute("insert into draft (key, body) values ('a', '{}'); insert into setting (key, value) values ('b', '1')")
        .await
        .expect("own");
    service.execute("commit").await.expect("kept");
    for person in [ANA, CY] {
        act_as(&mut service, person).await;
        for table in ["draft", "setting"] {
            let rows =
                service.fetch_all(AssertSqlSafe(format!("select from {table} where person = 2"))).await.expect("asked");
            assert!(rows.is_empty(), "{person} reads {table}");
        }
        let forged = service.execute("insert into draft (person, key, body) values (2, 'x', '{}')").await;
        assert!(forged.is_err(), "{person} writes for another");
        service.execute("rollback").await.expect("rolled back");
    }
}

async fn keys_are_given_by_an_admin_and_seen_by_their_owner(workspace: Workspace) {
    let mut service = workspace.service().await;
    let key = |n: u8| format!("SHA256:{}", char::from(b'a' + n).to_string().repeat(43));
    let insert = |person: i64, n: u8| {
        let key = key(n);
        AssertSqlSafe(format!(
            "insert into user_key (person, algorithm, fingerprint) values ({person}, 'ssh-ed25519', '{key}')"
        ))
    };
    let ask = |n: u8| AssertSqlSafe(format!("select login_of_key('{}')", key(n)));
    act_as(&mut service, ANA).await;
    for (person, n) in [(ANA, 0), (BO, 1), (CY, 2)] {
        service.execute(insert(person, n)).await.expect("an admin gives keys");
    }
    service.execute("commit").await.expect("kept");
    act_as(&mut service, ANA).await;
    service.execute(insert(BO, 0)).await.expect_err("one key, one person");
    service.execute("rollback").await.expect("rolled back");

    for person in [BO, CY] {
        act_as(&mut service, person).await;
        let seen: Vec<i64> =
            sqlx::query_scalar("select person from user_key").fetch_all(&mut service).await.expect("asked");
        assert_eq!(seen, [person], "one's own");
        service.execute(insert(person, 3)).await.expect_err("nobody else gives keys, not even to themselves");
        service.execute("rollback").await.expect("rolled back");
        act_as(&mut service, person).await;
        // Refused by the grant where there are roles, by the policy where there is one login.
        let taken = service.execute("update user_key set revoked_at = now(), revoked_by = 1").await;
        assert!(taken.is_err() || taken.is_ok_and(|done| done.rows_affected() == 0));
        service.execute("rollback").await.expect("rolled back");
        act_as(&mut service, person).await;
        service.execute(AssertSqlSafe(format!("select key_used('{}')", key(0)))).await.expect("asked");
        service.execute("commit").await.expect("kept");
    }
    let mut owner = workspace.owner().await;
    let used: i64 = sqlx::query_scalar("select count(*) from user_key where used_at is not null")
        .fetch_one(&mut owner)
        .await
        .expect("counted");
    assert_eq!(used, 0, "nobody comes in with another's key");

    let login = |n: u8| sqlx::query_scalar::<_, Option<String>>(ask(n));
    assert_eq!(login(1).fetch_one(&mut service).await.expect("asked").as_deref(), Some("bo"));
    assert_eq!(login(9).fetch_one(&mut service).await.expect("asked"), None);
    let read: sqlx::Result<Vec<i64>> = sqlx::query_scalar("select person from user_key").fetch_all(&mut service).await;
    assert!(read.is_err() || read.is_ok_and(|rows| rows.is_empty()), "before anybody acts there are no keys to read");
    owner.execute("update staff set active = false where login = 'bo'").await.expect("disabled");
    assert_eq!(login(1).fetch_one(&mut service).await.expect("asked"), None);
    act_as(&mut service, ANA).await;
    service
        .execute(AssertSqlSafe(format!("update user_key set revoked_at = now() where fingerprint = '{}'", key(2))))
        .await
        .expect("an admin takes keys back");
    service.execute("commit").await.expect("kept");
    assert_eq!(login(2).fetch_one(&mut service).await.expect("asked"), None);
    act_as(&mut service, ANA).await;
    service.execute(insert(ANA, 2)).await.expect("it may be somebody else's then");
    service.execute("rollback").await.expect("rolled back");
    act_as(&mut service, ANA).await;
    let deleted = service.execute("delete from user_key").await;
    assert!(deleted.is_err() || deleted.is_ok_and(|done| done.rows_affected() == 0), "what was stays to be told");
    service.execute("rollback").await.expect("rolled back");
}

async fn a_second_factor_is_set_by_its_person_or_an_admin_and_its_secret_read_by_nobody(workspace: Workspace) {
    let mut service = workspace.service().await;
    let set = |person: i64| {
        let values = "decode(repeat('01', 20), 'hex'), 7, array[decode(repeat('02', 32), 'hex')]";
        AssertSqlSafe(format!("select set_factor({person}, {values})"))
    };
    for (person, whose, wanted) in [(BO, BO, true), (BO, CY, false), (ANA, CY, true), (ANA, ANA, true)] {
        act_as(&mut service, person).await;
        assert_eq!(service.execute(set(whose)).await.is_ok(), wanted, "{person} sets that of {whose}");
        service.execute(if wanted { "commit" } else { "rollback" }).await.expect("ended");
    }
    for (person, wanted) in [(ANA, 3_i64), (BO, 1), (DI, 0)] {
        act_as(&mut service, person).await;
        let seen: i64 =
            sqlx::query_scalar("select count(*) from factors()").fetch_one(&mut service).await.expect("asked");
        assert_eq!(seen, wanted, "{person}");
        for deed in ["select from second_factor", "select from recovery_code", "delete from second_factor"] {
            service.execute("savepoint before").await.expect("marked");
            let done = service.fetch_all(deed).await;
            assert!(done.is_err() || done.is_ok_and(|rows| rows.is_empty()), "{person}: {deed}");
            service.execute("rollback to before").await.expect("rolled back");
        }
        service.execute("rollback").await.expect("rolled back");
    }
    for (step, recovery, wanted) in
        [("7", "03", false), ("8", "03", true), ("8", "03", false), ("null", "02", true), ("null", "02", false)]
    {
        let tried = format!("select try_factor('bo', {step}, decode(repeat('{recovery}', 32), 'hex'), null, '::1')");
        let opens: bool = sqlx::query_scalar(AssertSqlSafe(tried)).fetch_one(&mut service).await.expect("tried");
        assert_eq!(opens, wanted, "{step} {recovery}");
    }
    act_as(&mut service, BO).await;
    service.execute("select drop_factor(3)").await.expect_err("another's");
    service.execute("rollback").await.expect("rolled back");
}

async fn an_admin_invites_and_who_came_in_is_told_to_them_and_to_an_admin(workspace: Workspace) {
    let mut service = workspace.service().await;
    let hash = |n: u8| format!("decode(repeat('0{n}', 32), 'hex')");
    let invite = |person: i64, n: u8| {
        let values = format!("({person}, {}, now() + interval '1 day')", hash(n));
        AssertSqlSafe(format!("insert into invite (person, hash, expires_at) values {values}"))
    };
    act_as(&mut service, BO).await;
    service.execute(invite(BO, 1)).await.expect_err("nobody else invites, not even themselves");
    service.execute("rollback").await.expect("rolled back");
    for n in [1, 2] {
        act_as(&mut service, ANA).await;
        service.execute(invite(CY, n)).await.expect("an admin invites");
        service.execute("commit").await.expect("kept");
    }
    for deed in ["select from invite", "update invite set expires_at = now()", "delete from invite"] {
        act_as(&mut service, ANA).await;
        let done = service.fetch_all(deed).await;
        assert!(done.is_err() || done.is_ok_and(|rows| rows.is_empty()), "nobody reads hashes: {deed}");
        service.execute("rollback").await.expect("rolled back");
    }

    let key = format!("SHA256:{}", "k".repeat(43));
    for (n, wanted) in [(1, None), (2, Some("cy")), (2, None)] {
        let code = format!("select use_invite({}, '2001:db8::{n}', 'ssh-ed25519', '{key}')", hash(n));
        let login: Option<String> =
            sqlx::query_scalar(AssertSqlSafe(code)).fetch_one(&mut service).await.expect("asked");
        assert_eq!(login.as_deref(), wanted, "code {n}");
    }
    service.execute(AssertSqlSafe(format!("select came_in('{key}', '2001:db8::2')"))).await.expect("told");
    let told = ["invited", "invited", "code_refused", "key_added", "code_used", "code_refused", "came_in"];
    for (person, wanted) in [(ANA, &told[..]), (BO, &[]), (CY, &told)] {
        act_as(&mut service, person).await;
        let deeds: Vec<String> =
            sqlx::query_scalar("select deed from access order by id").fetch_all(&mut service).await.expect("asked");
        assert_eq!(deeds, wanted, "{person}");
        for deed in
            ["update access set at = now()", "delete from access", "insert into access (deed) values ('came_in')"]
        {
            service.execute("savepoint before").await.expect("marked");
            let done = service.execute(deed).await;
            assert!(done.is_err() || done.is_ok_and(|done| done.rows_affected() == 0), "{person}: {deed}");
            service.execute("rollback to before").await.expect("rolled back");
        }
        service.execute("rollback").await.expect("rolled back");
    }
}

async fn seats_are_seen_and_ended_by_an_admin(workspace: Workspace) {
    let mut service = workspace.service().await;
    let live = r#"select seats_live('desk:1', '[{"seat": "tui-1", "person": 2, "address": "192.0.2.1",
        "since": "2026-03-02T09:00:00Z", "touched_at": "2026-03-02T09:00:00Z"}]')"#;
    service.execute(live).await.expect("a server says who sits there");
    let end = "insert into seat_word (seat, person, address, said) values ('tui-1', 2, '192.0.2.1', 'lunch')";
    for person in [BO, CY] {
        for deed in ["select from seat", "select from seat_word", end, "delete from seat"] {
            act_as(&mut service, person).await;
            let done = service.fetch_all(deed).await;
            assert!(done.is_err() || done.is_ok_and(|rows| rows.is_empty()), "{person}: {deed}");
            service.execute("rollback").await.expect("rolled back");
        }
        act_as(&mut service, person).await;
        service.execute(end).await.expect_err("nobody else ends seats");
        service.execute("rollback").await.expect("rolled back");
        act_as(&mut service, person).await;
        for deed in ["select screen_shown(1, 2, '')", "select screen_closed(1, 2, '', '')"] {
            service.execute("savepoint before").await.expect("marked");
            service.execute(deed).await.expect_err("only a server says whose screen was shown");
            service.execute("rollback to before").await.expect("rolled back");
        }
        let tell = service.execute("insert into announcement (said) values ('hello')").await;
        tell.expect_err("nor tells all of them");
        service.execute("rollback").await.expect("rolled back");
    }
    act_as(&mut service, ANA).await;
    assert_eq!(service.fetch_all("select from seat").await.expect("asked").len(), 1, "it is still there");
    service.execute(end).await.expect("an admin ends it");
    service.execute("commit").await.expect("kept");
    let ended: (String, String, String) =
        sqlx::query_as("select * from seats_ended('{tui-1,tui-2}')").fetch_one(&mut service).await.expect("asked");
    assert_eq!(ended, ("tui-1".into(), "ana".into(), "lunch".into()));
    for deed in ["update seat_word set said = 'x'", "delete from seat_word"] {
        act_as(&mut service, ANA).await;
        let done = service.execute(deed).await;
        assert!(done.is_err() || done.is_ok_and(|done| done.rows_affected() == 0), "what was stays to be told: {deed}");
        service.execute("rollback").await.expect("rolled back");
    }
}

#[tokio::test]
async fn the_service_without_a_role_writes_nothing_and_reads_no_customers() {
    let workspace = Workspace::new().await;
    let mut owner = workspace.owner().await;
    let mut service = workspace.service().await;
    let tables: Vec<String> = sqlx::query_scalar(
        "select relname::text from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')",
    )
    .fetch_all(&mut owner)
    .await
    .expect("the catalogue");
    assert!(tables.len() > 20);
    for table in &tables {
        for privilege in ["insert", "update", "delete", "truncate", "references", "trigger"] {
            let may: bool = sqlx::query_scalar("select has_table_privilege(current_user, $1, $2)")
                .bind(format!("public.\"{table}\""))
                .bind(privilege)
                .fetch_one(&mut service)
                .await
                .expect("asked");
            assert!(!may, "the service may {privilege} {table}");
        }
    }
    for kind in Registry::builtin().kinds().iter().filter(|k| k.sharing == Sharing::Owned) {
        let read = service.execute(AssertSqlSafe(format!("select from \"{}\"", kind.table))).await;
        assert!(read.is_err(), "{}", kind.id);
    }
    let owns: i64 = sqlx::query_scalar(
        "select count(*) from pg_class where relowner = (select oid from pg_roles where rolname = current_user)",
    )
    .fetch_one(&mut service)
    .await
    .expect("asked");
    assert_eq!(owns, 0);
}

#[tokio::test]
async fn history_can_be_written_by_nobody() {
    let workspace = Workspace::new().await;
    let mut owner = workspace.owner().await;
    add(&mut owner, "contact", BO, 2).await.expect("a contact");
    let mut service = workspace.service().await;
    for person in [ANA, BO] {
        for sql in [
            "insert into change (operation, kind, record, version, deed) values (1, 'contact', 1, 1, 'update')",
            "update change set fields = null",
            "delete from change",
            "truncate change",
            "update operation set by_id = 4",
            "insert into operation (door, action) values ('tui', 'x')",
            "delete from operation",
        ] {
            act_as(&mut service, person).await;
            let done = service.execute(sql).await;
            service.execute("rollback").await.expect("rolled back");
            assert!(done.is_err(), "{person}: {sql}");
        }
    }
    act_as(&mut service, BO).await;
    assert!(service.execute("select erase('contact', 1)").await.is_err(), "erasing is for admins");
    service.execute("rollback").await.expect("rolled back");
    // Going on with somebody else's operation.
    act_as(&mut service, ANA).await;
    let operation: i64 =
        sqlx::query_scalar("select start_operation('set', 'tui')").fetch_one(&mut service).await.expect("hers");
    service.execute("commit").await.expect("kept");
    act_as(&mut service, BO).await;
    let done = sqlx::query("select resume_operation($1)").bind(operation).execute(&mut service).await;
    assert!(done.is_err(), "Bo goes on with Ana's operation");
}

/// A Postgres login of Di's own, in role sales, as a shared server has them.
async fn login_of_di(workspace: &Workspace) -> PgConnection {
    let mut owner = workspace.owner().await;
    let name: String =
        sqlx::query_scalar("select current_database() || '_di'").fetch_one(&mut owner).await.expect("named");
    owner
        .execute(AssertSqlSafe(format!(
            "create role {name} login in role frontdesk_test_sales; update staff set db_login = '{name}' where id = {DI}"
        )))
        .await
        .expect("a login");
    PgConnection::connect_with(&workspace.database.owner.clone().username(&name)).await.expect("Di logs in")
}

#[tokio::test]
async fn a_personal_login_sees_its_person_s_rows_and_acts_for_nobody_else() {
    let workspace = Workspace::new().await;
    let mut owner = workspace.owner().await;
    let theirs = add(&mut owner, "contact", CY, 2).await.expect("North's");
    let own = add(&mut owner, "contact", DI, 3).await.expect("South's");
    let mut di = login_of_di(&workspace).await;
    let ids: Vec<i64> = sqlx::query_scalar("select id from contact").fetch_all(&mut di).await.expect("read");
    assert_eq!(ids, [own]);
    // Saying to be another changes nothing.
    di.execute("set frontdesk.me = '1'").await.expect("anybody may set what they like");
    let (me, seen): (i64, i64) =
        sqlx::query_as("select me(), (select count(*) from contact)").fetch_one(&mut di).await.expect("read");
    assert_eq!((me, seen), (DI, 1));
    for sql in
        ["set role frontdesk_test_admin", "set role frontdesk_test_service", "set session authorization frontdesk"]
    {
        assert!(di.execute(sql).await.is_err(), "{sql}");
    }
    let hidden = sqlx::query("update contact set city = 'x' where id = $1").bind(theirs).execute(&mut di).await;
    assert_eq!(hidden.expect("no error, no row").rows_affected(), 0);

    // Their write has history under their name, through the door psql, whatever they claim.
    let claimed: i64 =
        sqlx::query_scalar("select start_operation('set', 'tui')").fetch_one(&mut di).await.expect("begun");
    di.execute("update contact set city = 'Rom', created_by = 1").await.expect("own rows");
    let row = di
        .fetch_one("select c.by_id, o.door, c.fields::text, c.operation from change c join operation o on o.id = c.operation where c.kind = 'contact' and c.fields is not null")
        .await
        .expect("own history");
    assert_eq!((row.get::<i64, _>(0), row.get::<String, _>(1)), (DI, "psql".into()));
    assert_eq!(row.get::<String, _>(2), "{\"city\": [null, \"Rom\"]}");
    assert_ne!(row.get::<i64, _>(3), claimed, "an operation ends with its transaction");

    // Nor can their writes be slipped into somebody else's operation.
    di.execute("set frontdesk.operation = '1'; update contact set city = 'Ulm'").await.expect("own rows");
    let operation: i64 =
        sqlx::query_scalar("select max(operation) from change").fetch_one(&mut di).await.expect("history");
    assert_ne!(operation, 1);
    for sql in [
        "select feed_of_all('1:1:', 10)",
        "select add_custom_field('contact', '{}')",
        "select erase('contact', 1)",
        "create table mine ()",
    ] {
        assert!(di.execute(sql).await.is_err(), "{sql}");
    }
    di.close().await.expect("goodbye");
}

#[tokio::test]
async fn a_login_of_nobody_on_the_staff_sees_no_customer() {
    let workspace = Workspace::new().await;
    let mut owner = workspace.owner().await;
    add(&mut owner, "contact", DI, 3).await.expect("South's");
    let mut di = login_of_di(&workspace).await;
    owner.execute("update staff set active = false where id = 4").await.expect("gone");
    assert!(di.execute("select from contact").await.is_err(), "thrown out");
    let name = sqlx::query_scalar::<_, String>("select current_database() || '_di'").fetch_one(&mut owner).await;
    let di = workspace.database.owner.clone().username(&name.expect("named"));
    let mut di = PgConnection::connect_with(&di).await.expect("whoever made the login may lock it");
    assert!(di.execute("select from contact").await.is_err());
    assert!(di.execute("insert into contact (name) values ('x')").await.is_err());
}

#[tokio::test]
async fn one_login_sees_nothing_before_it_says_for_whom_it_acts() {
    let workspace = Workspace::managed().await;
    let mut owner = workspace.owner().await;
    add(&mut owner, "contact", DI, 3).await.expect("a contact");
    let mut login = workspace.service().await;
    for sql in ["select from contact", "select from change", "select from draft", "update contact set city = 'x'"] {
        assert_eq!(login.execute(sql).await.expect(sql).rows_affected(), 0, "{sql}");
    }
    assert!(login.execute("insert into contact (name) values ('x')").await.is_err());
    // What is written has the person's name, and history tells it, though the login is the same.
    act_as(&mut login, BO).await;
    let row = login
        .fetch_one("insert into contact (name, created_by) values ('x', 1) returning created_by, owner_id, team_id");
    let row = row.await.expect("own");
    assert_eq!((row.get::<i64, _>(0), row.get::<i64, _>(1), row.get::<i64, _>(2)), (BO, BO, 2));
    let told: i64 = sqlx::query_scalar("select count(*) from change where kind = 'contact' and by_id = 2")
        .fetch_one(&mut login)
        .await
        .expect("history");
    assert_eq!(told, 1);
    login.execute("rollback").await.expect("rolled back");
}

#[tokio::test]
async fn every_function_with_the_owner_s_rights_has_the_search_path_that_lifts_it_above_policies() {
    let workspace = Workspace::managed().await;
    let mut owner = workspace.owner().await;
    let without: Vec<String> = sqlx::query_scalar(
        "select proname::text from pg_proc where prosecdef and pronamespace = 'public'::regnamespace
           and not 'search_path=pg_catalog, public, pg_temp' = any (coalesce(proconfig, '{}'))",
    )
    .fetch_all(&mut owner)
    .await
    .expect("the catalogue");
    assert!(without.is_empty(), "{without:?}");
    let unheld: Vec<String> = sqlx::query_scalar(
        "select c.relname || ' ' || coalesce(p.polname, '') from pg_class c left join pg_policy p on p.polrelid = c.oid
         where c.relrowsecurity and (not c.relforcerowsecurity or role_of_policy(p.polname) is not null
           and coalesce(pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid)) not like '%acts_in(%')",
    )
    .fetch_all(&mut owner)
    .await
    .expect("the catalogue");
    assert!(unheld.is_empty(), "{unheld:?}");
}
