-- A person's own Postgres login may what its person may: it changes and ends with their role. And somebody always
-- administers the workspace, whoever writes. Both are looked at when a transaction ends, by what then stands.

-- The logins that the program made, which it may also lock and give roles to.
create table db_login (
    name name primary key,
    made_at timestamptz not null default now(),
    made_by bigint default me()
);
alter table db_login enable row level security;

-- Takes from a login the roles that are not its person's; one that the program made gets its person's role, and is locked
-- when that person is gone. Whatever lost a role is thrown out, since a session keeps the role that it has taken.
create function hold_db_login(login name) returns void language plpgsql security definer
    set search_path = pg_catalog, public, pg_temp set plan_cache_mode = auto as $do$
declare
    wanted name := (select r.pg_role from staff s join role r on r.name = s.role
        where s.db_login = hold_db_login.login and s.active and s.deleted_at is null);
    is_ours boolean := exists (select from db_login d where d.name = hold_db_login.login);
    holder pg_roles;
    held record;
    lost boolean := false;
begin
    select * into holder from pg_roles where rolname = hold_db_login.login and not rolsuper;
    if holder.oid is null or is_one_login() or login in (service_role(), current_user) then
        return;
    end if;
    for held in
        select g.rolname as role, b.rolname as grantor
        from pg_auth_members m join pg_roles g on g.oid = m.roleid join role r on r.pg_role = g.rolname
        left join pg_roles b on b.oid = m.grantor
        where m.member = holder.oid and g.rolname is distinct from wanted
    loop
        lost := true;
        execute format('revoke %I from %I', held.role, login)
            || case when current_setting('server_version_num')::int >= 160000 then format(' granted by %I', held.grantor) else '' end;
    end loop;
    if is_ours then
        if wanted is not null and not pg_has_role(holder.oid, wanted, 'member') then
            lost := true;
            execute format('grant %I to %I', wanted, login);
        end if;
        if holder.rolcanlogin <> (wanted is not null) then
            lost := true;
            execute format('alter role %I %s', login, case when wanted is null then 'nologin' else 'login' end);
        end if;
    end if;
    if lost and session_user = login then
        raise exception 'this login cannot change what its own person may do' using errcode = 'insufficient_privilege';
    end if;
    if lost then
        perform pg_terminate_backend(a.pid) from pg_stat_activity a where a.usesysid = holder.oid and a.datname = current_database();
    end if;
end $do$;
revoke execute on function hold_db_login(name) from public;

create function staff_db_login() returns trigger language plpgsql security definer
    set search_path = pg_catalog, public, pg_temp set plan_cache_mode = auto as $$
declare named text;
begin
    for named in
        select distinct l from unnest(array[case when tg_op <> 'INSERT' then old.db_login end,
            case when tg_op <> 'DELETE' then new.db_login end]) l where l is not null
    loop
        perform hold_db_login(named);
    end loop;
    return null;
end $$;
create constraint trigger y_db_login after insert or delete or update of role, active, deleted_at, db_login on staff
    deferrable initially deferred for each row execute function staff_db_login();

-- Those that have a login already. One whose roles somebody else gave may be out of the owner's reach.
do $$
declare named text;
begin
    for named in select s.db_login from staff s where s.db_login is not null loop
        begin
            perform hold_db_login(named);
        exception when insufficient_privilege then
            raise warning 'take from % the roles that its person no longer has: %', named, sqlerrm;
        end;
    end loop;
end $$;

-- A Postgres login for a person, or another password for the one they have; its name. The password comes as SCRAM keeps
-- it, so that it stands in no log.
create function give_db_login(person bigint, verifier text) returns text language plpgsql security definer
    set search_path = pg_catalog, public, pg_temp set plan_cache_mode = auto as $do$
declare
    s staff;
    made name;
begin
    if not acts_in('admin') then
        raise exception 'only admins give logins' using errcode = 'insufficient_privilege';
    elsif verifier !~ '^SCRAM-SHA-256\$[0-9]+:[A-Za-z0-9+/=]+\$[A-Za-z0-9+/=]+:[A-Za-z0-9+/=]+$' then
        raise exception 'that is no verifier' using errcode = 'check_violation', constraint = 'db_login_verifier';
    elsif is_one_login() then
        raise exception 'no roles can be made here' using errcode = 'check_violation', constraint = 'db_login_one';
    end if;
    select t.* into s from staff t where t.id = person and t.active and t.deleted_at is null for update;
    if not found then
        raise exception 'nobody to give a login to' using errcode = 'check_violation', constraint = 'db_login_disabled';
    end if;
    made := coalesce(s.db_login, left(current_database(), 30) || '.' || s.login);
    if exists (select from db_login d where d.name = made) then
        execute format('alter role %I password %L', made, verifier);
    elsif exists (select from pg_roles where rolname = made) then
        raise exception 'somebody else made the login %', made using errcode = 'check_violation', constraint = 'db_login_taken';
    else
        execute format('create role %I login password %L', made, verifier);
        insert into db_login (name) values (made);
        -- To end its sessions one has to have its rights, which since 16 whoever makes a role has not by that.
        if not (select rolsuper from pg_roles where rolname = current_user) then
            execute format('grant %I to current_user', made);
        end if;
    end if;
    update staff t set db_login = made where t.id = person;
    return made;
end $do$;
revoke execute on function give_db_login(bigint, text) from public;
do $$
begin
    execute format('grant execute on function give_db_login(bigint, text) to %I', (select pg_role from role where name = 'admin'));
end $$;

-- Whoever takes an admin away waits here for the others who do.
create table administration (turn bigint not null);
insert into administration values (0);
alter table administration enable row level security;

create function staff_has_admin() returns trigger language plpgsql security definer
    set search_path = pg_catalog, public, pg_temp set plan_cache_mode = auto as $$
begin
    if old.role = 'admin' and old.active and old.deleted_at is null
        and not exists (select from staff s where s.id = old.id and s.role = 'admin' and s.active and s.deleted_at is null) then
        update administration set turn = turn + 1;
        if not exists (select from staff s where s.role = 'admin' and s.active and s.deleted_at is null) then
            raise exception 'nobody would be left to administer the workspace' using errcode = 'check_violation',
                constraint = 'staff_has_admin';
        end if;
    end if;
    return null;
end $$;
create constraint trigger z_has_admin after delete or update of role, active, deleted_at on staff
    deferrable initially deferred for each row execute function staff_has_admin();
