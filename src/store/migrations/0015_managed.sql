-- Two ways in which a workspace may live on somebody else's server: under one login that may make no roles, and after a
-- restore into another cluster.

-- One login for everybody. Every frontdesk role is then that login, which owns the tables as well: row-level security is
-- forced upon it, and policies ask for the acting person's role instead of Postgres' own. It can always say that it acts
-- for somebody else, so this guards against mistakes, not against who knows the login's password.

create function is_one_login() returns boolean language sql stable parallel safe as $$
    select coalesce((select bool_and(r.pg_role = public.service_role()) from public.role r), false)
$$;

-- True for what runs as the schema's owner and for nobody: functions with the owner's rights, which all have this
-- search_path, and migrations and loads, which say so. (A login that is no superuser cannot give a function a setting
-- of our own, so a search_path that nobody else has must do.)
create function is_above() returns boolean language sql stable parallel safe as $$
    select current_setting('search_path') = 'pg_catalog, public, pg_temp'
        or coalesce(current_setting('frontdesk.owner', true), '') = 'on' and current_setting('role') = 'none'
$$;

-- The session acts for a person: it has taken a role, be it its own.
create function is_acting() returns boolean language sql stable parallel safe as $$
    select current_setting('role') <> 'none'
$$;

create function acts_in(role text) returns boolean language plpgsql stable security definer
    set search_path = pg_catalog, public, pg_temp set plan_cache_mode = auto as $$
begin
    return exists (select from staff s where s.id = me() and s.role = acts_in.role and s.active and s.deleted_at is null);
end $$;

-- Policies are named `<role>_<what>`.
create function role_of_policy(policy name) returns text language sql stable as $$
    select r.name from public.role r where starts_with(policy, r.name || '_') order by length(r.name) desc limit 1
$$;

-- Where there is one login, makes every policy of a role ask for the person's role. Changes nothing elsewhere; may run
-- again at any time, and does after each migration.
create function hold_by_person() returns void language plpgsql as $do$
declare
    p record;
    held text := '(select public.acts_in(%L)) and (%s)';
    made text;
begin
    if not public.is_one_login() then
        return;
    end if;
    -- What was taken from a role was taken from the owner with it.
    execute format('grant all on all tables in schema public to %I', public.service_role());
    for p in select c.oid::regclass as tbl from pg_class c
        where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and c.relrowsecurity
    loop
        execute format('alter table %s force row level security', p.tbl);
        if not exists (select from pg_policy where polrelid = p.tbl and polname = 'above_all') then
            execute format('create policy above_all on %s using ((select public.is_above())) with check ((select public.is_above()))', p.tbl);
        end if;
    end loop;
    for p in
        select y.polname, y.polrelid::regclass as tbl, public.role_of_policy(y.polname) as role,
            pg_get_expr(y.polqual, y.polrelid) as sees, pg_get_expr(y.polwithcheck, y.polrelid) as writes
        from pg_policy y join pg_class c on c.oid = y.polrelid
        where c.relnamespace = 'public'::regnamespace and public.role_of_policy(y.polname) is not null
    loop
        continue when coalesce(p.sees, p.writes) like '%acts_in(%';
        made := format('alter policy %I on %s', p.polname, p.tbl);
        if p.sees is not null then
            made := made || format(' using (' || held || ')', p.role, p.sees);
        end if;
        if p.writes is not null then
            made := made || format(' with check (' || held || ')', p.role, p.writes);
        end if;
        execute made;
    end loop;
end $do$;

revoke execute on function hold_by_person() from public;

-- The helpers learn of it where they are, so that what other migrations made of them stays.
do $do$
declare
    edit record;
    was text;
begin
    for edit in select * from (values
        ('attach_triggers(kind)', 'current_user <> session_user', 'public.is_acting()'),
        ('attach_policies(kind)', 'polroles = array[', 'public.role_of_policy(polname) = r.name and polroles = array['),
        ('attach_kind(text, regclass, text, text[], text[], text[], text[])', 'public.attach_policies(k), ',
            'public.attach_policies(k), public.hold_by_person(), ')
    ) v (helper, old, new) loop
        was := pg_get_functiondef(edit.helper::regprocedure);
        if position(edit.old in was) = 0 then
            raise exception '% is not as this migration knows it', edit.helper;
        end if;
        execute replace(was, edit.old, edit.new);
    end loop;
    perform attach_triggers(k) from kind k;
    if is_one_login() then
        perform attach_policies(k) from kind k;
        -- Whom to sit down is asked before it is known who acts.
        execute format('drop policy if exists service_read on staff; create policy service_read on staff for select to %1$I using (true);
            drop policy if exists service_read on team; create policy service_read on team for select to %1$I using (true)', service_role());
        perform hold_by_person();
    end if;
end $do$;

-- The cluster that the transaction ids in `change` are of. A dump takes them along into a cluster where they mean other
-- transactions, past ones and ones to come.
create table epoch (
    system bigint not null,
    number bigint not null
);

-- 0 where a server keeps its identity to itself.
create function this_cluster() returns bigint language plpgsql stable as $$
begin
    return (select c.system_identifier from pg_control_system() c);
exception when insufficient_privilege or undefined_function or feature_not_supported then
    return 0;
end $$;
insert into epoch values (this_cluster(), 1);

-- The epoch's number. In another cluster than before it is raised, and all that history tells becomes the past: no
-- reader is told it again. Cursors are taken after this, and one of another number has lost its place.
create function settle_epoch() returns bigint language plpgsql security definer
    set search_path = pg_catalog, public, pg_temp set plan_cache_mode = auto as $$
declare
    here bigint := this_cluster();
    settled bigint;
begin
    select e.number into settled from epoch e where e.system = here;
    if found then
        return settled;
    end if;
    update epoch e set system = here, number = e.number + 1 where e.system <> here returning e.number into settled;
    if found then
        -- What is being written now is not seen here, and keeps its own id.
        update change set xid = '3' where xid >= pg_snapshot_xmin(pg_current_snapshot());
    else
        -- Somebody was quicker.
        select e.number into settled from epoch e;
    end if;
    return settled;
end $$;
revoke execute on function settle_epoch() from public;

do $$
declare r record;
begin
    for r in select pg_role from role union select service_role() loop
        execute format('grant select on epoch to %I', r.pg_role);
        execute format('grant execute on function settle_epoch() to %I', r.pg_role);
    end loop;
end $$;
