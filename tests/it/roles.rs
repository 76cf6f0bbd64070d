//! Roles as data: every role × kind × verb × scope, tried through the desk, through raw SQL as the service, and in a
//! person's own Postgres login; making, changing and ending roles; and what follows at once.

use std::sync::Arc;

use frontdesk::desk::{Cx, Error, From};
use frontdesk::domain::action::{Action, Targets};
use frontdesk::domain::kind::{CONTACT, Kind, KindId, PRODUCT, Registry, Sharing, USER};
use frontdesk::domain::query::Query;
use frontdesk::domain::right::{Grant, Hold, Permission, Rights, Scope, Verb};
use frontdesk::domain::value::Value;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};

use crate::desk::{Office, choice, text};
use crate::rights::{act_as, add, begin_as};
use crate::support::Workspace;

const BO: i64 = 2;
const CY: i64 = 3;
const DI: i64 = 4;

/// Whose a record is, seen from bo.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Whose {
    Own,
    Team,
    Others,
}

impl Whose {
    const ALL: [Self; 3] = [Self::Own, Self::Team, Self::Others];

    fn holder(self) -> (i64, i64) {
        match self {
            Self::Own => (BO, 2),
            Self::Team => (CY, 2),
            Self::Others => (DI, 3),
        }
    }

    fn is_within(self, scope: Scope) -> bool {
        match scope {
            Scope::None => false,
            Scope::Own => self == Self::Own,
            Scope::Team => self != Self::Others,
            Scope::All => true,
        }
    }
}

/// How often a statement touches a row, tried and taken back; refused is never.
async fn touches(conn: &mut PgConnection, as_service: bool, sql: String) -> bool {
    begin_as(conn, BO, as_service).await;
    let done = conn.execute(AssertSqlSafe(sql)).await.map(|done| done.rows_affected());
    conn.execute("rollback").await.expect("rolled back");
    done.unwrap_or(0) == 1
}

/// bo with a role, every way in.
struct Probe<'a> {
    office: &'a Office,
    owner: PgConnection,
    service: PgConnection,
    /// Of bo's own Postgres login; `None` where there is but one login.
    login: Option<String>,
    kinds: Vec<Kind>,
    tried: usize,
}

impl<'a> Probe<'a> {
    async fn new(office: &'a Office, login: Option<String>) -> Self {
        let owner = office.space.owner().await;
        let service = office.space.service().await;
        let kinds = Registry::builtin().kinds().to_vec();
        Self { office, owner, service, login, kinds, tried: 0 }
    }

    /// All of what the role is said to do happens, and nothing else does.
    async fn holds(&mut self, what: &str, through_desk: bool) {
        let rights: sqlx::types::Json<Rights> =
            sqlx::query_scalar("select rights_of(role) from staff where login = 'bo'")
                .fetch_one(&mut self.owner)
                .await
                .expect("bo's rights");
        let rights = rights.0;
        let cx = self.office.cx("bo").await;
        assert_eq!(*cx.viewer.me.rights, rights);
        let mut own = match &self.login {
            Some(name) => {
                let options = self.office.space.database.owner.clone().username(name);
                Some(PgConnection::connect_with(&options).await.expect("the login opens"))
            }
            None => None,
        };
        for kind in self.kinds.clone() {
            if kind.sharing == Sharing::Common {
                self.common(&kind, &rights, &mut own, what).await;
                continue;
            }
            for whose in Whose::ALL {
                let (owner, team) = whose.holder();
                if kind.id.0 == "message" {
                    add(&mut self.owner, "ticket", owner, team).await.expect("a ticket");
                }
                let id = add(&mut self.owner, kind.table, owner, team).await.expect("a record");
                let table = kind.table;
                let tries = [
                    (Verb::Read, format!("select id from {table} where id = {id}")),
                    (Verb::Edit, format!("update {table} set tags = '{{x}}' where id = {id}")),
                    (Verb::Delete, format!("update {table} set deleted_at = now() where id = {id}")),
                    (Verb::Delete, format!("delete from {table} where id = {id}")),
                ];
                for (verb, sql) in tries {
                    let wanted = whose.is_within(rights.reach(kind.id, verb));
                    let said = touches(&mut self.service, true, sql.clone()).await;
                    assert_eq!(said, wanted, "{what}: {sql}, {whose:?}, as the service");
                    if let Some(own) = &mut own {
                        let said = touches(own, false, sql.clone()).await;
                        assert_eq!(said, wanted, "{what}: {sql}, {whose:?}, in one's own login");
                    }
                    self.tried += 1;
                }
                // A message belongs to whom its ticket belongs to, and is written where that is seen.
                let sees_ticket = kind.id.0 != "message" || rights.reach(KindId("ticket"), Verb::Read) >= Scope::All;
                if sees_ticket {
                    let wanted = whose.is_within(rights.reach(kind.id, Verb::Create));
                    act_as(&mut self.service, BO).await;
                    let made = add(&mut self.service, table, owner, team).await;
                    self.service.execute("rollback").await.expect("rolled back");
                    assert_eq!(made.is_ok(), wanted, "{what}: creating {table}, {whose:?}: {made:?}");
                }
                if through_desk {
                    self.desk(&cx, &kind, id, whose, &rights, what).await;
                }
            }
        }
    }

    async fn desk(&mut self, cx: &Cx, kind: &Kind, id: i64, whose: Whose, rights: &Rights, what: &str) {
        let within = |verb| whose.is_within(rights.reach(kind.id, verb));
        match self.office.desk.read(cx, kind.id, &[id]).await {
            Ok(found) => assert_eq!(!found.is_empty(), within(Verb::Read), "{what}: reading {} {whose:?}", kind.id),
            Err(Error::Denied(_)) => assert_eq!(rights.reach(kind.id, Verb::Read), Scope::None, "{what}: {}", kind.id),
            Err(other) => panic!("{what}: {other:?}"),
        }
        let tag = Action::Tag { add: vec!["y".into()], remove: Vec::new() };
        for (verb, action) in [(Verb::Edit, tag), (Verb::Delete, Action::Delete), (Verb::Delete, Action::Restore)] {
            let said = action.name();
            if action == Action::Restore && !within(verb) {
                // Not theirs to take out again, either.
                let bin = format!("update {} set deleted_at = now() where id = {id}", kind.table);
                self.owner.execute(AssertSqlSafe(bin)).await.expect("in the bin");
            }
            let done = self.office.act(cx, Targets::Records(kind.id, vec![id]), action).await;
            match done {
                Ok(done) => assert!(done.done == 1 && within(verb), "{what}: {said} {} {whose:?}", kind.id),
                Err(Error::Denied(_) | Error::NotFound(_)) => {
                    assert!(!within(verb), "{what}: {said} {} {whose:?} is refused", kind.id);
                }
                Err(other) => panic!("{what}: {said} {} {whose:?}: {other:?}", kind.id),
            }
        }
    }

    async fn common(&mut self, kind: &Kind, rights: &Rights, own: &mut Option<PgConnection>, what: &str) {
        let id = add(&mut self.owner, kind.table, 0, 0).await.expect("a record");
        let table = kind.table;
        // Whom one manages: of one's own role, and below one's own team.
        let near = match kind.id.0 {
            "user" => format!("update staff set role = (select b.role from staff b where b.id = {BO}) where id = {id}"),
            "team" => format!("update team set parent_id = 2 where id = {id}"),
            _ => String::from("select 1"),
        };
        self.owner.execute(AssertSqlSafe(near)).await.expect("near");
        for (verb, sql) in [
            (Verb::Read, format!("select id from {table} where id = {id}")),
            (Verb::Edit, format!("update {table} set name = name || 'x' where id = {id}")),
            (Verb::Delete, format!("update {table} set deleted_at = now() where id = {id}")),
        ] {
            let wanted = rights.reach(kind.id, verb) == Scope::All;
            assert_eq!(touches(&mut self.service, true, sql.clone()).await, wanted, "{what}: {sql}, as the service");
            if let Some(own) = own {
                assert_eq!(touches(own, false, sql.clone()).await, wanted, "{what}: {sql}, in one's own login");
            }
            self.tried += 1;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_reads_in_another_order_does_not_stop_a_change_of_roles() {
    let space = Workspace::new().await;
    let office = Arc::new(Office { desk: space.desk().await, space });
    let mut reader = office.space.owner().await;
    let mut looker = office.space.owner().await;
    reader.execute("begin; lock table ticket in access share mode").await.expect("a reader");
    let changing = tokio::spawn({
        let office = Arc::clone(&office);
        async move { set(&office, "sales", Grant::Reach(None, Verb::Delete, Scope::None)).await }
    });
    // What it has locked already while it waits for the tickets.
    let held = "select h.relation::regclass::text from pg_locks w join pg_locks h on h.pid = w.pid \
        join pg_class c on c.oid = h.relation and c.relkind = 'r' \
        where w.relation = 'ticket'::regclass and not w.granted and h.granted and h.mode = 'AccessExclusiveLock' limit 1";
    let table: String = loop {
        if let Some(table) = sqlx::query_scalar(held).fetch_optional(&mut looker).await.expect("locks") {
            break table;
        }
        assert!(!changing.is_finished(), "it waits for the tickets, and has locked others before");
        tokio::task::yield_now().await;
    };
    reader.execute(AssertSqlSafe(format!("select from {table} limit 1; commit"))).await.expect("read to the end");
    let told = changing.await.expect("it is changed");
    assert!(!told.is_empty());
}

async fn set(office: &Office, role: &str, grant: Grant) -> Vec<String> {
    let ana = office.cx("ana").await;
    office.desk.set_role(&ana, role, &grant).await.unwrap_or_else(|error| panic!("{role} {grant:?}: {error}"))
}

fn others(verb: Verb, scope: Scope) -> Grant {
    Grant::Reach(None, verb, scope)
}

/// As wide or narrow as these, whatever was before.
async fn reach(office: &Office, role: &str, read: Scope, edit: Scope, delete: Scope) {
    set(office, role, others(Verb::Read, Scope::All)).await;
    set(office, role, others(Verb::Edit, edit)).await;
    set(office, role, others(Verb::Delete, delete)).await;
    set(office, role, others(Verb::Create, edit)).await;
    set(office, role, others(Verb::Read, read)).await;
}

async fn every_role_does_what_it_may_and_nothing_else(space: Workspace, login: Option<String>) {
    use Scope::{All, None, Own, Team};

    let office = Office::in_space(space).await;
    let ana = office.cx("ana").await;
    let mut probe = Probe::new(&office, login).await;
    for role in ["manager", "support", "marketing", "analyst", "read-only"] {
        office.set(&ana, USER, &[BO], "role", choice(role)).await.expect("another role");
        probe.holds(role, true).await;
    }
    office.desk.new_role(&ana, "night", "sales").await.expect("a role");
    office.set(&ana, USER, &[BO], "role", choice("night")).await.expect("the new one");
    probe.holds("like sales", true).await;
    let scopes = [
        (None, None, None),
        (Own, Own, Own),
        (All, All, All),
        (All, None, None),
        (All, Own, Own),
        (All, Team, Own),
        (All, All, Team),
        (All, All, None),
        (Team, Own, None),
    ];
    for (read, edit, delete) in scopes {
        reach(&office, "night", read, edit, delete).await;
        probe.holds(&format!("{read:?} {edit:?} {delete:?}"), read == All && edit != delete).await;
    }
    for permission in [Permission::Configuration, Permission::Users] {
        set(&office, "night", Grant::Permission(permission, true)).await;
    }
    probe.holds("with permissions", false).await;
    assert!(probe.tried > 1_500, "{}", probe.tried);
}

#[tokio::test]
async fn the_matrix_holds_through_every_door() {
    let space = Workspace::new().await;
    let ana = space.cx("ana").await;
    let login = space.desk().await.give_db_login(&ana, "bo").await.expect("a login").name;
    every_role_does_what_it_may_and_nothing_else(space, Some(login)).await;
}

#[tokio::test]
async fn the_matrix_holds_with_one_login_for_all() {
    every_role_does_what_it_may_and_nothing_else(Workspace::managed().await, None).await;
}

fn sentence<T: std::fmt::Debug>(done: Result<T, Error>) -> String {
    done.expect_err("refused").to_string()
}

#[tokio::test]
async fn roles_are_made_changed_undone_and_deleted_by_admins_only() {
    let office = Office::open().await;
    let (ana, bo) = (office.cx("ana").await, office.cx("bo").await);
    let desk = &office.desk;
    for (name, like, said) in [
        ("Night", "sales", "lower-case"),
        ("a_b", "sales", "lower-case"),
        ("service", "sales", "lower-case"),
        ("sales", "admin", "already"),
        ("night", "nobody", "No role is called"),
    ] {
        let refused = sentence(desk.new_role(&ana, name, like).await);
        assert!(refused.contains(said), "{name}: {refused}");
    }
    assert!(matches!(desk.new_role(&bo, "night", "sales").await, Err(Error::Denied(_))));
    desk.new_role(&ana, "night", "support").await.expect("made");
    let refused = sentence(desk.set_role(&ana, "night", &Grant::Reach(Some(CONTACT), Verb::Delete, Scope::All)).await);
    assert!(refused.contains("set edit to all first"), "{refused}");
    let refused = sentence(desk.set_role(&ana, "night", &Grant::Reach(Some(USER), Verb::Edit, Scope::All)).await);
    assert!(refused.contains("role let NAME users"), "{refused}");
    let refused = sentence(desk.set_role(&ana, "night", &Grant::Reach(Some(PRODUCT), Verb::Edit, Scope::Team)).await);
    assert!(refused.contains("all or none"), "{refused}");
    let refused = sentence(desk.set_role(&ana, "admin", &Grant::Bulk(Some(1))).await);
    assert!(refused.contains("--like admin"), "{refused}");
    assert!(matches!(desk.set_role(&bo, "night", &Grant::Bulk(None)).await, Err(Error::Denied(_))));

    // A narrower right takes others along, and comes back with one undo.
    let told = set(&office, "night", Grant::Reach(Some(CONTACT), Verb::Read, Scope::Own)).await;
    assert_eq!(told, ["contact: read all → own, create all → own, edit team → own"]);
    let told = desk.undo_role(&ana, "night").await.expect("taken back");
    assert_eq!(told, ["contact: read own → all, create own → all, edit own → team"]);
    set(&office, "night", Grant::Reach(Some(PRODUCT), Verb::Edit, Scope::All)).await;

    // Somebody has it: who is told. Then nobody.
    office.set(&ana, USER, &[BO], "role", choice("night")).await.expect("the new role");
    let refused = sentence(desk.delete_role(&ana, "night").await);
    assert!(refused.contains("bo"), "{refused}");
    let bo = desk.renew(&bo).await.expect("the same");
    assert_eq!(bo.viewer.me.role, "night");
    let product = office.create(&ana, PRODUCT, &[("name", text("P"))]).await;
    office.set(&bo, PRODUCT, &[product], "name", text("Q")).await.expect("products are permitted");
    office.set(&ana, USER, &[BO], "role", choice("sales")).await.expect("back");
    assert!(sentence(desk.delete_role(&ana, "support").await).contains("comes with the program"));
    desk.delete_role(&ana, "night").await.expect("deleted");
    let mut owner = office.space.owner().await;
    let left: i64 = sqlx::query_scalar(
        "select (select count(*) from pg_policies where policyname like 'night%')
            + (select count(*) from pg_roles where rolname = pg_role_name('night'))",
    )
    .fetch_one(&mut owner)
    .await
    .expect("the catalogue");
    assert_eq!(left, 0, "nothing is left of it in Postgres");
    desk.new_role(&ana, "night", "admin").await.expect("the name is free again");

    let log = desk.role_log(&ana, Some("night"), 10).await.expect("the log");
    let told: Vec<String> = log.iter().map(|change| change.what.join("; ")).collect();
    assert_eq!(told[0], "made");
    assert_eq!(told[1], "deleted");
    assert_eq!(told[2], "product: edit none → all");
    assert!(log.iter().all(|change| change.by.as_deref() == Some("ana")));
    assert!(matches!(desk.role_log(&bo, None, 10).await, Err(Error::Denied(_))));

    // Postgres refuses who is no admin, whatever they call.
    let mut service = office.space.service().await;
    for sql in [
        "select new_role('x', 'admin')",
        "select set_role_rights('sales', role_definition('sales'), '{}')",
        "select delete_role('night')",
        "select set_sensitive('contact', 'phone', 'phone', true)",
        "update role set may = '{users}'",
        "insert into role_right values ('sales', 'contact', 'all', 'all', 'all', 'all', 'all')",
        "select * from role_log",
    ] {
        act_as(&mut service, BO).await;
        service.execute(sql).await.expect_err(sql);
        service.execute("rollback").await.expect("rolled back");
    }
}

#[tokio::test]
async fn who_manages_users_makes_no_admin_and_no_identity() {
    let office = Office::open().await;
    let ana = office.cx("ana").await;
    set(&office, "sales", Grant::Permission(Permission::Users, true)).await;
    let bo = office.cx("bo").await;
    let eve = office
        .try_create(&bo, USER, &[("name", text("Eve")), ("login", text("eve")), ("role", choice("sales"))])
        .await
        .expect("bo adds people");
    office.set(&bo, USER, &[eve], "active", Value::Bool(false)).await.expect("and disables them");
    for (whom, field, value) in [
        (eve, "role", choice("admin")),
        (ana.viewer.me.id, "active", Value::Bool(false)),
        (BO, "role", choice("manager")),
        (eve, "db_login", text("postgres")),
    ] {
        let refused = office.set(&bo, USER, &[whom], field, value).await;
        assert!(matches!(refused, Err(Error::Denied(_))), "{whom} {field}: {refused:?}");
    }
    let admin =
        office.try_create(&bo, USER, &[("name", text("Mal")), ("login", text("mal")), ("role", choice("admin"))]).await;
    assert!(matches!(admin, Err(Error::Denied(_))), "{admin:?}");
}

/// A key of nobody's yet.
fn key(letter: char) -> frontdesk::desk::NewKey {
    let fingerprint = format!("SHA256:{}", letter.to_string().repeat(43));
    frontdesk::desk::NewKey { algorithm: "ssh-ed25519".into(), fingerprint, comment: String::new() }
}

#[tokio::test]
async fn who_manages_users_opens_the_door_no_further_than_they_go() {
    managers_go_no_further(Workspace::new().await, true).await;
}

#[tokio::test]
async fn who_manages_users_goes_no_further_with_one_login_for_all() {
    managers_go_no_further(Workspace::managed().await, false).await;
}

async fn managers_go_no_further(space: Workspace, has_logins: bool) {
    let office = Office { desk: space.desk().await, space };
    let ana = office.cx("ana").await;
    let desk = &office.desk;
    desk.new_role(&ana, "junior", "sales").await.expect("made");
    set(&office, "junior", Grant::Reach(None, Verb::Export, Scope::None)).await;
    desk.add_key(&ana, "ana", &key('a')).await.expect("ana's key");
    desk.add_key(&ana, "cy", &key('c')).await.expect("cy's key");
    desk.invite(&ana, "ana", frontdesk::desk::INVITATION_LASTS).await.expect("invited");
    let seat = |name: &str, person: i64| frontdesk::desk::SeatHere {
        seat: name.into(),
        person,
        address: "192.0.2.1".into(),
        since: ana.viewer.now,
        touched_at: ana.viewer.now,
    };
    desk.seats_here("here:1", &[seat("s-ana", 1), seat("s-cy", CY), seat("s-di", DI)]).await.expect("they sit");
    let denied = |what: &str, result: Result<(), Error>| {
        assert!(matches!(result, Err(Error::Denied(_))), "{what}: {result:?}");
    };
    let lasts = frontdesk::desk::INVITATION_LASTS;

    // Without the permission none of it.
    let bo = office.cx("bo").await;
    denied("key", desk.add_key(&bo, "cy", &key('x')).await);
    denied("invite", desk.invite(&bo, "cy", lasts).await.map(|_| ()));
    denied("seats", desk.seats(&bo).await.map(|_| ()));
    denied("end", desk.end_seats(&bo, "cy", "").await.map(|_| ()));
    denied("people", desk.people(&bo, None).await.map(|_| ()));
    denied("factor", desk.drop_factor(&bo, "cy").await);
    denied("announce", desk.announce(&bo, "hello").await);

    set(&office, "sales", Grant::Permission(Permission::Users, true)).await;
    let bo = office.cx("bo").await;
    assert_eq!(desk.people(&bo, None).await.expect("seen").len(), 4);
    assert_eq!(desk.seats(&bo).await.expect("seen").len(), 3);
    assert!(desk.keys(&bo, None).await.expect("seen").len() >= 2);
    desk.announce(&bo, "hello").await.expect("told");
    // Of a colleague in one's own team.
    desk.add_key(&bo, "cy", &key('d')).await.expect("given");
    desk.remove_key(&bo, &key('c').fingerprint).await.expect("taken");
    desk.invite(&bo, "cy", lasts).await.expect("invited");
    desk.withdraw_invite(&bo, "cy").await.expect("withdrawn");
    desk.new_factor(&bo, "cy").await.expect("may be set");
    assert_eq!(desk.end_seats(&bo, "s-cy", "bye").await.expect("ended"), 1);
    office.set(&bo, USER, &[CY], "role", choice("junior")).await.expect("a role that may less");
    office.set(&bo, USER, &[CY], "role", choice("sales")).await.expect("and back");
    // Of an admin, and of a team beside.
    for whom in ["ana", "di"] {
        denied(whom, desk.add_key(&bo, whom, &key('x')).await);
        denied(whom, desk.invite(&bo, whom, lasts).await.map(|_| ()));
        denied(whom, desk.withdraw_invite(&bo, whom).await);
        denied(whom, desk.new_factor(&bo, whom).await.map(|_| ()));
        denied(whom, desk.drop_factor(&bo, whom).await);
        denied(whom, desk.end_seats(&bo, whom, "").await.map(|_| ()));
    }
    denied("ana's key", desk.remove_key(&bo, &key('a').fingerprint).await);
    let nobodys = desk.remove_key(&bo, &key('z').fingerprint).await;
    assert!(matches!(nobodys, Err(Error::NotFound(_))), "{nobodys:?}");
    // Into what one is not.
    for (whom, field, value) in [
        (CY, "role", choice("admin")),
        (CY, "role", choice("manager")),
        (CY, "role", choice("support")),
        (CY, "role", choice("read-only")),
        (CY, "team", Value::reference(1)),
        (CY, "team", Value::reference(3)),
        (BO, "team", Value::reference(1)),
        (BO, "role", choice("junior")),
        (DI, "name", text("Someone")),
        (1, "name", text("Someone")),
    ] {
        let refused = office.set(&bo, USER, &[whom], field, value.clone()).await;
        assert!(matches!(refused, Err(Error::Denied(_))), "{whom} {field} {value:?}: {refused:?}");
    }
    let mal = [("name", text("Mal")), ("login", text("mal")), ("role", choice("sales")), ("team", Value::reference(1))];
    assert!(matches!(office.try_create(&bo, USER, &mal).await, Err(Error::Denied(_))), "above one's own team");
    for (team, parent) in [(2, 3), (3, 2), (1, 2), (2, 1)] {
        let moved = office.set(&bo, frontdesk::domain::kind::TEAM, &[team], "parent", Value::reference(parent)).await;
        assert!(moved.is_err() || moved.is_ok_and(|done| done.done == 0), "team {team} under {parent}");
    }
    let below = [("name", text("Northeast")), ("parent", Value::reference(2))];
    let below = office.try_create(&bo, frontdesk::domain::kind::TEAM, &below).await.expect("a team below one's own");
    office.set(&bo, USER, &[CY], "team", Value::reference(below)).await.expect("moved down");

    // The same in SQL, as the service and in one's own login.
    let mut service = office.space.service().await;
    let mut own = if has_logins {
        let login = desk.give_db_login(&ana, "bo").await.expect("a login").name;
        let options = office.space.database.owner.clone().username(&login);
        Some(PgConnection::connect_with(&options).await.expect("the login opens"))
    } else {
        None
    };
    let fingerprint = key('x').fingerprint;
    let tries = [
        (format!("insert into user_key (person, algorithm, fingerprint) values (3, 'x', '{fingerprint}')"), true),
        (format!("insert into user_key (person, algorithm, fingerprint) values (2, 'x', '{fingerprint}')"), true),
        (format!("insert into user_key (person, algorithm, fingerprint) values (1, 'x', '{fingerprint}')"), false),
        (format!("insert into user_key (person, algorithm, fingerprint) values (4, 'x', '{fingerprint}')"), false),
        ("update user_key set revoked_at = now(), revoked_by = 2 where person = 3 and revoked_at is null".into(), true),
        ("update user_key set revoked_at = now() where person = 1".into(), false),
        ("insert into invite (person, hash, expires_at) values (3, sha256('x'), now())".into(), true),
        ("insert into invite (person, hash, expires_at) values (1, sha256('x'), now())".into(), false),
        ("select withdraw_invite(1)".into(), false),
        ("select set_factor(1, decode(repeat('00', 20), 'hex'), 1, '{}')".into(), false),
        ("select set_factor(4, decode(repeat('00', 20), 'hex'), 1, '{}')".into(), false),
        ("select set_factor(3, decode(repeat('00', 20), 'hex'), 1, '{}')".into(), true),
        ("select drop_factor(1)".into(), false),
        ("insert into seat_word (seat, person, address) values ('s-cy', 3, '')".into(), true),
        ("insert into seat_word (seat, person, address) values ('s-ana', 1, '')".into(), false),
        ("insert into seat_word (seat, person, address) values ('s-ana', 3, '')".into(), false),
        ("update staff set role = 'admin' where id = 2".into(), false),
        ("update staff set role = 'manager' where id = 3".into(), false),
        ("update staff set team_id = 1 where id = 3".into(), false),
        ("update staff set active = false where id = 1".into(), false),
        ("update staff set active = false where id = 3".into(), true),
        ("update staff set db_login = 'postgres' where id = 3".into(), false),
        ("insert into staff (name, login, role, team_id) values ('m', 'm', 'sales', 1)".into(), false),
        ("insert into staff (name, login, role, team_id) values ('m', 'm', 'sales', 2)".into(), true),
        ("delete from staff where id = 4".into(), false),
        ("update team set parent_id = 2 where id = 3".into(), false),
        ("update team set parent_id = null where id = 2".into(), false),
        ("update role set may = '{users,undo}'".into(), false),
        ("select secret from second_factor".into(), false),
    ];
    for (sql, wanted) in &tries {
        assert_eq!(touches(&mut service, true, sql.clone()).await, *wanted, "{sql}");
        if let Some(own) = &mut own {
            assert_eq!(touches(own, false, sql.clone()).await, *wanted, "{sql} in one's own login");
        }
    }
    // And when the permission is taken away, it is all gone.
    set(&office, "sales", Grant::Permission(Permission::Users, false)).await;
    for (sql, _) in &tries {
        assert!(!touches(&mut service, true, sql.clone()).await, "{sql}, without the permission");
    }
}

#[tokio::test]
async fn a_role_is_within_another_when_it_goes_nowhere_further() {
    let office = Office::open().await;
    let ana = office.cx("ana").await;
    office.desk.new_role(&ana, "junior", "sales").await.expect("made");
    let mut owner = office.space.owner().await;
    let mut within = async |role: &str, other: &str| -> bool {
        let asked = sqlx::query_scalar("select is_within($1, $2)").bind(role).bind(other);
        asked.fetch_one(&mut owner).await.expect("told")
    };
    for (role, other, wanted) in [
        ("sales", "admin", true),
        ("admin", "admin", true),
        ("admin", "manager", false),
        ("junior", "sales", true),
        ("sales", "junior", true),
        ("support", "sales", false),
        ("sales", "manager", true),
        ("read-only", "manager", true),
        ("manager", "read-only", false),
    ] {
        assert_eq!(within(role, other).await, wanted, "{role} in {other}");
    }
    for (grant, wider, back) in [
        (Grant::Bulk(Some(5)), false, Grant::Bulk(None)),
        (Grant::Field(CONTACT, "phone".into(), Some(Hold::Hidden)), false, Grant::Field(CONTACT, "phone".into(), None)),
        (Grant::Field(CONTACT, "phone".into(), Some(Hold::Fixed)), false, Grant::Field(CONTACT, "phone".into(), None)),
        (
            Grant::Reach(Some(CONTACT), Verb::Delete, Scope::Own),
            false,
            Grant::Reach(Some(CONTACT), Verb::Delete, Scope::Team),
        ),
        (Grant::Permission(Permission::Undo, true), true, Grant::Permission(Permission::Undo, false)),
    ] {
        set(&office, "junior", grant.clone()).await;
        assert_eq!(within("sales", "junior").await, wider, "{grant:?}");
        assert_eq!(within("junior", "sales").await, !wider, "{grant:?}");
        set(&office, "junior", back).await;
    }
}

#[tokio::test]
async fn many_at_once_and_others_deeds_are_permitted_by_name() {
    let office = Office::open().await;
    let (bo, cy) = (office.cx("bo").await, office.cx("cy").await);
    let mut ids = Vec::new();
    for n in 0..4 {
        ids.push(office.create(&bo, CONTACT, &[("name", text(&format!("C{n}")))]).await);
    }
    set(&office, "sales", Grant::Bulk(Some(3))).await;
    let bo = office.desk.renew(&bo).await.expect("bo");
    let refused = office.set(&bo, CONTACT, &ids, "city", text("Bonn")).await;
    assert!(sentence(refused).contains("at most 3 records"));
    let done = office.set(&bo, CONTACT, &ids[..3], "city", text("Bonn")).await.expect("three");
    let mut service = office.space.service().await;
    act_as(&mut service, BO).await;
    let error = service.execute("update contact set city = 'Ulm'").await.expect_err("four in SQL");
    assert!(error.to_string().contains("at most 3"), "{error}");
    service.execute("rollback").await.expect("rolled back");

    let refused = office.desk.undo(&cy, done.operation).await;
    assert!(matches!(refused, Err(Error::Denied(_))), "{refused:?}");
    act_as(&mut service, CY).await;
    let undoes = format!("select start_operation('undo', 'tui', 's', {})", done.operation.expect("written"));
    service.execute(AssertSqlSafe(undoes)).await.expect_err("Postgres says so too");
    service.execute("rollback").await.expect("rolled back");
    set(&office, "sales", Grant::Permission(Permission::Undo, true)).await;
    let cy = office.desk.renew(&cy).await.expect("cy");
    office.desk.undo(&cy, done.operation).await.expect("undone by a colleague");
}

#[tokio::test]
async fn what_somebody_may_with_a_record_is_told_as_it_is() {
    let office = Office::open().await;
    let (ana, bo) = (office.cx("ana").await, office.cx("bo").await);
    let id = office.create(&bo, CONTACT, &[("name", text("Of bo"))]).await;
    set(&office, "sales", Grant::Reach(Some(CONTACT), Verb::Edit, Scope::Own)).await;
    for (login, verbs) in [("ana", "rede"), ("bo", "rede"), ("cy", "r--e"), ("di", "----")] {
        let standing = office.desk.standing(&ana, login, Some((CONTACT, id))).await.expect("told");
        let (_, cans) = standing.record.expect("about the record");
        let told: String = cans.iter().map(|can| if can.yes { &can.verb.name()[..1] } else { "-" }).collect();
        assert_eq!(told, verbs, "{login}: {cans:?}");
    }
    let why = office.desk.standing(&ana, "cy", Some((CONTACT, id))).await.expect("told").record.expect("record").1;
    assert_eq!(why[1].why, "sales may edit contacts of one's own; it is not theirs");
    // Others' rights are an admin's to see; a record that one does not see is not there.
    assert!(matches!(office.desk.standing(&bo, "ana", None).await, Err(Error::Denied(_))));
    let di = office.cx("di").await;
    assert!(matches!(office.desk.standing(&di, "di", Some((CONTACT, id))).await, Err(Error::NotFound(_))));
}

#[tokio::test]
async fn a_live_seat_follows_its_role() {
    let space = Workspace::new().await;
    let (ana, bo) = (space.cx("ana").await, space.cx("bo").await);
    let office = Office { desk: space.desk().await, space };
    let di = office.cx("di").await;
    office.create(&di, CONTACT, &[("name", text("Far away"))]).await;
    office.create(&bo, CONTACT, &[("name", text("Nearby"))]).await;
    let mut seat = office.space.sit("bo", 100, 30).await;
    seat.keys("g c").await;
    seat.until("Nearby").await;
    assert!(!seat.screen().contains("Far away"), "{}", seat.screen());
    office.set(&ana, USER, &[BO], "role", choice("analyst")).await.expect("another role");
    seat.until("Far away").await;
    set(&office, "analyst", Grant::Reach(Some(CONTACT), Verb::Read, Scope::Own)).await;
    seat.until_that("what is another's goes", |screen| !screen.contains("Far away")).await;
}

#[tokio::test]
async fn the_commands_say_what_is_so() {
    let space = Workspace::new().await;
    let run = async |login: &str, line: &str| {
        let args: Vec<&str> = line.split(' ').collect();
        let output = space.run(login, &args).await;
        let (out, err) = (String::from_utf8(output.stdout), String::from_utf8(output.stderr));
        (output.status.code(), out.expect("UTF-8"), err.expect("UTF-8"))
    };
    assert_eq!(run("ana", "role new night --like support").await.1, "night may what support may\n");
    assert_eq!(run("ana", "role set night contact edit own").await.1, "night: contact: edit team → own\n");
    assert_eq!(run("ana", "role let night undo").await.1, "night: may undo\n");
    assert_eq!(run("ana", "role bulk night 20").await.1, "night: at once any number → 20\n");
    let (_, list, _) = run("bo", "role list").await;
    assert!(list.contains("night") && list.contains("read-only") && list.contains("bo, cy, di"), "{list}");
    let (_, shown, _) = run("bo", "role show night").await;
    let contact = shown.lines().find(|line| line.contains("contact")).unwrap_or_else(|| panic!("{shown}"));
    assert_eq!(contact.split_whitespace().collect::<Vec<_>>(), ["contact", "all", "all", "own", "own", "none"]);
    assert!(shown.contains("at once  20 records"), "{shown}");
    let json: serde_json::Value =
        serde_json::from_str(&run("ana", "role show night --json").await.1).expect("one object");
    assert_eq!(json["rights"]["kinds"]["contact"], serde_json::json!(["all", "all", "own", "own", "none"]));
    assert_eq!(run("ana", "user role bo night").await.0, Some(0), "a role of one's own can be given");
    assert_eq!(run("ana", "contact new name=Acme owner=bo").await.0, Some(0));
    let (_, told, _) = run("ana", "user can bo C1").await;
    assert!(told.contains("edit     yes  night may edit contacts of one's own; it is theirs"), "{told}");
    let (code, _, said) = run("bo", "export contact").await;
    assert!(code == Some(4) && said.contains("may not export contacts"), "{said}");
    let (code, _, said) = run("ana", "role delete night").await;
    assert!(code == Some(1) && said.contains("night is the role of bo"), "{code:?} {said}");
    let (code, _, said) = run("bo", "role set night contact edit all").await;
    assert!(code == Some(4) && said.contains("Only admins"), "{code:?} {said}");
    let (_, log, _) = run("ana", "role log night").await;
    assert!(log.contains("contact: edit team → own") && log.contains("made"), "{log}");
    assert_eq!(run("ana", "role undo night").await.1, "night: at once 20 → any number\n");
}

#[tokio::test]
async fn a_hidden_field_is_nowhere_and_a_fixed_one_is_set_by_others() {
    let office = Office::open().await;
    let (ana, bo) = (office.cx("ana").await, office.cx("bo").await);
    let values = [
        ("name", text("Gale Storm")),
        ("phone", text("030 998877")),
        ("note", text("owes us a kangaroo")),
        ("city", text("Bonn")),
        ("owner", Value::reference(BO)),
    ];
    let id = office.create(&ana, CONTACT, &values).await;
    office.set(&ana, CONTACT, &[id], "phone", text("030 998866")).await.expect("changed");
    office.set(&ana, CONTACT, &[id], "country", text("DE")).await.expect("changed");
    let find = async |cx: &Cx, text: &str| office.desk.find(cx, text, &[CONTACT], 10).await.expect("found").len();
    for text in ["998866", "kangaroo", "gale", "030 99"] {
        assert_eq!(find(&bo, text).await, 1, "{text}");
    }
    for field in ["phone", "note"] {
        set(&office, "sales", Grant::Field(CONTACT, field.into(), Some(Hold::Hidden))).await;
    }
    set(&office, "sales", Grant::Field(CONTACT, "city".into(), Some(Hold::Fixed))).await;
    let bo = office.desk.renew(&bo).await.expect("bo");
    for (text, found) in [("998866", 0), ("kangaroo", 0), ("030 99", 0), ("gale", 1), ("storm bonn", 1)] {
        assert_eq!(find(&bo, text).await, found, "{text}");
        assert_eq!(find(&ana, text).await, 1, "{text} to an admin");
    }
    let registry = office.desk.registry_for(&bo);
    let kind = registry.kind(CONTACT);
    assert!(kind.field("phone").is_none() && kind.field("city").is_some_and(|field| field.readonly));
    for query in ["name:gale", "city:bonn sort:-city", "gale", "-email:none"] {
        let parsed = Query::parse(query, &registry, CONTACT).expect("understood");
        let page = office.desk.page(&bo, CONTACT, &parsed, &From::Start, 10).await.expect("a page");
        let expected = usize::from(query != "-email:none");
        assert_eq!(page.records.len(), expected, "{query}");
        let words = format!("{:?}", page.records);
        assert!(!words.contains("kangaroo") && !words.contains("9988"), "{words}");
    }
    Query::parse("phone:998866", &registry, CONTACT).expect_err("nothing is asked of it");
    let refused = office.desk.values(&bo, CONTACT, "phone", "").await;
    assert!(matches!(refused, Err(Error::Invalid { .. })), "{refused:?}");
    let history = format!("{:?}", office.desk.history(&bo, CONTACT, id).await.expect("history"));
    assert!(!history.contains("9988") && history.contains("DE"), "{history}");
    for (field, value) in [("phone", "1"), ("city", "Ulm")] {
        let refused = office.set(&bo, CONTACT, &[id], field, text(value)).await;
        assert!(matches!(refused, Err(Error::Invalid { .. })), "{field}: {refused:?}");
    }
    let own = office.create(&bo, CONTACT, &[("name", text("Own")), ("country", text("DE"))]).await;
    office.set(&bo, CONTACT, &[own], "country", text("FR")).await.expect("the rest is written as ever");
    let refused =
        sentence(office.desk.set_role(&ana, "sales", &Grant::Field(CONTACT, "owner".into(), Some(Hold::Hidden))).await);
    assert!(refused.contains("it decides who sees the record"), "{refused}");

    let mut service = office.space.service().await;
    for (sql, allowed) in [
        ("select name, city from contact", true),
        ("select phone from contact", false),
        ("select * from contact", false),
        ("select search from contact", false),
        ("select ident from contact", false),
        ("select count(*) from contact where phone is not null", false),
        ("select note from contact", false),
        ("update contact set phone = '1'", false),
        ("update contact set city = 'Ulm'", false),
        ("insert into contact (name, city) values ('x', 'x')", false),
        ("update contact set country = 'IT' where name = 'Own'", true),
    ] {
        act_as(&mut service, BO).await;
        let done = service.execute(sql).await;
        service.execute("rollback").await.expect("rolled back");
        assert_eq!(done.is_ok(), allowed, "{sql}: {done:?}");
    }
    act_as(&mut service, BO).await;
    let told: Vec<String> =
        sqlx::query_scalar("select fields::text from change where kind = 'contact' and fields is not null")
            .fetch_all(&mut service)
            .await
            .expect("history");
    service.execute("rollback").await.expect("rolled back");
    assert!(!told.is_empty() && told.iter().all(|fields| !fields.contains("phone")), "{told:?}");

    // A field that is added later is there for those who may read the table by columns only.
    let label = frontdesk::domain::field::Label::new("Shoe size", "鞋码");
    let field = frontdesk::domain::field::Field::custom("shoe", label, frontdesk::domain::field::FieldType::Int);
    office.desk.add_field(&ana, CONTACT, field).await.expect("added");
    office.set(&bo, CONTACT, &[own], "shoe", Value::Int(44)).await.expect("bo sets it");
    assert_eq!(office.desk.read(&bo, CONTACT, &[own]).await.expect("read").len(), 1);

    // Sensitive fields are seen by who may see such.
    set(&office, "sales", Grant::Field(CONTACT, "phone".into(), None)).await;
    set(&office, "sales", Grant::Field(CONTACT, "note".into(), None)).await;
    let bo = office.desk.renew(&bo).await.expect("bo");
    assert_eq!(find(&bo, "kangaroo").await, 1);
    office.desk.set_sensitive(&ana, CONTACT, "note", true).await.expect("marked");
    let bo = office.desk.renew(&bo).await.expect("bo");
    assert_eq!(find(&bo, "kangaroo").await, 0);
    set(&office, "sales", Grant::Permission(Permission::Sensitive, true)).await;
    let bo = office.desk.renew(&bo).await.expect("bo");
    assert_eq!(find(&bo, "kangaroo").await, 1);
}

#[tokio::test]
async fn what_somebody_may_with_a_record_is_said_in_a_box() {
    let space = Workspace::new().await;
    let office = Office { desk: space.desk().await, space };
    let (di, bo) = (office.cx("di").await, office.cx("bo").await);
    office.create(&di, CONTACT, &[("name", text("Far away"))]).await;
    set(&office, "sales", Grant::Field(CONTACT, "phone".into(), Some(Hold::Hidden))).await;
    set(&office, "sales", Grant::Field(CONTACT, "city".into(), Some(Hold::Fixed))).await;
    set(&office, "sales", Grant::Bulk(Some(7))).await;
    let mut ana = office.space.sit("ana", 100, 30).await;
    ana.keys("2").await;
    ana.until("Far away").await;
    // Of a row of the list, and of the record's own screen.
    for place in ["", "enter"] {
        if !place.is_empty() {
            ana.keys(place).await;
            ana.until("Timeline").await;
        }
        ana.keys(":").await.text("rights: what").await.keys("enter").await;
        ana.until("What may whom with C1?").await;
        ana.text("bo").await.idle().await;
        ana.keys("enter").await;
        ana.until("bo, Sales").await;
        let said = ana.screen();
        for line in [
            "Rights to C1",
            "✗ read",
            "sales may read contacts of one's team;",
            "Does not see: Phone",
            "Sees and cannot set: City",
            "Changes at most 7 records at once",
        ] {
            assert!(said.contains(line), "{line}: {said}");
        }
        ana.keys("esc").await;
        ana.until_that("it closes", |screen| !screen.contains("Rights to C1")).await;
    }
    // Nobody chosen, and it is about oneself.
    ana.keys(":").await.text("rights: what").await.keys("enter").await;
    ana.until("What may whom with C1?").await;
    ana.keys("esc").await;
    ana.until("ana, Admin").await;
    ana.keys("esc").await;
    ana.until_that("nothing is left", |screen| !screen.contains("Rights to C1")).await;
    // Others hear of themselves, in their language.
    let mut seat = office.space.sit_in("di", 100, 30, frontdesk::domain::field::Lang::Zh).await;
    seat.keys("2").await;
    seat.until("Far away").await;
    seat.keys(":").await.text("权限").await.keys("enter").await;
    seat.until("销售可以修改团队的联系人；该记录由 di 负责").await;
    let id = bo.viewer.me.id;
    let refused = office.desk.standing_of(&di, id, None).await;
    assert!(matches!(refused, Err(Error::Denied(_))), "{refused:?}");
}

#[tokio::test]
async fn an_admin_changes_roles_at_a_screen() {
    let space = Workspace::new().await;
    let mut ana = space.sit("ana", 80, 24).await;
    ana.keys(":").await.text("roles: what each").await.keys("enter").await;
    ana.until("sales").await;
    assert!(ana.screen().contains("t team"), "{}", ana.screen());
    // Contacts, the third verb: edit.
    ana.keys("j l l o").await;
    ana.until("contact: edit team → own, delete team → own").await;
    ana.keys("u").await;
    ana.until("contact: edit own → team, delete own → team").await;
    ana.keys("n").await.text("night").await.keys("enter").await;
    ana.until("/8 ").await;
    ana.keys("G ]").await;
    // Deleting asks; no is the way back.
    ana.keys("n").await.text("nobodys").await.keys("enter").await;
    ana.until("/9 ").await;
    for _ in 0..10 {
        if ana.screen().contains("nobodys") && ana.screen().contains("nobody has it") {
            break;
        }
        ana.keys("]").await;
    }
    ana.keys("X").await;
    ana.until("Delete the role nobodys?").await;
    ana.keys("n").await;
    let roles = async || space.desk().await.roles(&space.cx("ana").await).await.expect("roles");
    assert!(roles().await.iter().any(|role| role.name == "nobodys"), "no is no");
    ana.keys("X").await;
    ana.until("Delete the role nobodys?").await;
    ana.keys("y").await;
    ana.until_that("it is gone", |screen| !screen.contains("nobodys")).await;
    assert!(roles().await.iter().all(|role| role.name != "nobodys"), "yes is yes");
    let mut bo = space.sit("bo", 80, 24).await;
    bo.keys(":").await.text("roles: what each").await;
    assert!(!bo.screen().contains("what each may"), "an admin's alone: {}", bo.screen());
    let ana = space.cx("ana").await;
    let roles = space.desk().await.roles(&ana).await.expect("roles");
    assert!(roles.iter().any(|role| role.name == "night" && !role.is_builtin));
}
