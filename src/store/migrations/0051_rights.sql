-- Rights as data. What a role may do stands in rows: for each kind how far it sees, creates, edits, deletes and exports;
-- what else it may; which fields are kept from it. hold_role() brings the role's Postgres role in line: grants, column
-- grants and policies. Role `admin` may everything, always, and stands in no rows.

alter table role
    alter column scope set default 'team',
    add column is_builtin boolean not null default false,
    -- Named permissions beside the kinds.
    add column may text[] not null default '{}'
        constraint role_may_choice check (may <@ '{users,configuration,undo,sensitive}'),
    -- The most records that one operation may touch; null: any number.
    add column bulk bigint constraint role_bulk_range check (bulk > 0),
    -- No `_`: policies are named `<role>_<what>`.
    add constraint role_name_form check (name ~ '^[a-z][a-z0-9-]{0,29}$' and name not in ('above', 'service', 'public', 'none'));
update role set is_builtin = true;

create function reach_rank(reach text) returns int language sql immutable parallel safe as $$
    select array_position('{none,own,team,all}'::text[], reach)
$$;

-- `*` is every kind that has no row of its own.
create table role_right (
    role text not null references role (name) on delete cascade,
    kind text not null,
    sees text not null,
    creates text not null,
    edits text not null,
    deletes text not null,
    exports text not null,
    primary key (role, kind),
    constraint role_right_reach check ('{none,own,team,all}'::text[] @> array[sees, creates, edits, deletes, exports]),
    -- Nobody works on what they do not see, and deleting is a way of editing.
    constraint role_right_order check (greatest(reach_rank(creates), reach_rank(edits), reach_rank(exports)) <= reach_rank(sees)
        and reach_rank(deletes) <= reach_rank(edits))
);

-- Fields that a role does not see, or sees and cannot set.
create table role_field (
    role text not null references role (name) on delete cascade,
    kind text not null references kind (name) on delete cascade,
    field text not null,
    col name not null,
    hold text not null constraint role_field_hold_choice check (hold in ('hidden', 'fixed')),
    primary key (role, kind, field)
);

-- Fields that only those see who may see sensitive ones.
create table sensitive_field (
    kind text not null references kind (name) on delete cascade,
    field text not null,
    col name not null,
    primary key (kind, field)
);

-- Who changed which role when; null before: made, null after: deleted. For everything at once, `*`.
create table role_log (
    id bigint generated always as identity primary key,
    at timestamptz not null default clock_timestamp(),
    by_id bigint default me(),
    role text not null,
    before jsonb,
    after jsonb
);
create index role_log_role_idx on role_log (role, id);

insert into role_right (role, kind, sees, creates, edits, deletes, exports) values ('sales', '*', 'team', 'team', 'team', 'team', 'team');

-- What a role may do with a kind, whichever row says it. Configuration is read by all; who may write it is permitted by
-- name, or for a kind alone. Users and teams only by name.
create function right_on(role text, kind text) returns role_right language plpgsql stable security definer
    set search_path = pg_catalog, public, pg_temp set plan_cache_mode = auto as $$
declare
    r role;
    k kind;
    said role_right;
    is_own boolean;
    is_named boolean;
begin
    select t.* into strict r from role t where t.name = right_on.role;
    select t.* into strict k from kind t where t.name = right_on.kind;
    if r.name = 'admin' then
        return row(r.name, k.name, 'all', 'all', 'all', 'all', 'all')::role_right;
    end if;
    select t.* into said from role_right t where t.role = r.name and t.kind in (k.name, '*') order by t.kind = '*' limit 1;
    if not found then
        said := row(r.name, '*', 'none', 'none', 'none', 'none', 'none')::role_right;
    end if;
    is_own := said.kind = k.name and k.name not in ('user', 'team');
    said.kind := k.name;
    if k.sharing = 'common' then
        is_named := case when k.name in ('user', 'team') then 'users' else 'configuration' end = any (r.may);
        said.sees := 'all';
        said.creates := case when is_named or is_own and said.creates = 'all' then 'all' else 'none' end;
        said.edits := case when is_named or is_own and said.edits = 'all' then 'all' else 'none' end;
        said.deletes := case when is_named or is_own and said.deletes = 'all' then 'all' else 'none' end;
        said.exports := case when said.exports = 'none' then 'none' else 'all' end;
    end if;
    return said;
end $$;

-- The columns of a kind that are kept from a role: not seen, or not set.
create function held_columns(role text, kind text) returns table (field text, col name, hold text) language plpgsql stable
    security definer set search_path = pg_catalog, public, pg_temp set plan_cache_mode = auto as $$
begin
    return query
        select f.field, f.col, min(f.hold) from (
            select t.field, t.col, case t.hold when 'hidden' then '0hidden' else '1fixed' end as hold from role_field t
            where t.role = held_columns.role and t.kind = held_columns.kind
            union all
            select t.field, t.col, '0hidden' from sensitive_field t
            where t.kind = held_columns.kind
                and not exists (select from role r where r.name = held_columns.role and (r.name = 'admin' or 'sensitive' = any (r.may)))
        ) f group by f.field, f.col order by f.field;
end $$;

-- All that a role may do, for the program.
create function rights_of(role text) returns jsonb language plpgsql stable security definer
    set search_path = pg_catalog, public, pg_temp set plan_cache_mode = auto as $$
declare
    r role;
begin
    select t.* into strict r from role t where t.name = rights_of.role;
    return jsonb_build_object(
        'may', case when r.name = 'admin' then '["users", "configuration", "undo", "sensitive"]'::jsonb else to_jsonb(r.may) end,
        'bulk', r.bulk,
        'kinds', (select jsonb_object_agg(k.name, jsonb_build_array(t.sees, t.creates, t.edits, t.deletes, t.exports))
            from kind k, right_on(r.name, k.name) t),
        'held', (select coalesce(jsonb_agg(jsonb_build_object('kind', k.name, 'field', h.field, 'is_hidden', h.hold = '0hidden')), '[]')
            from kind k, held_columns(r.name, k.name) h));
end $$;

-- The rows that say so, as jsonb, for whoever changes them.
create function role_definition(role text) returns jsonb language plpgsql stable security definer
    set search_path = pg_catalog, public, pg_temp set plan_cache_mode = auto as $$
begin
    return (select jsonb_build_object(
        'may', (select coalesce(jsonb_agg(m order by m), '[]') from unnest(r.may) m),
        'bulk', r.bulk,
        'kinds', (select coalesce(jsonb_object_agg(t.kind, jsonb_build_array(t.sees, t.creates, t.edits, t.deletes, t.exports)), '{}')
            from role_right t where t.role = r.name),
        'fields', (select coalesce(jsonb_agg(jsonb_build_object('kind', f.kind, 'field', f.field, 'column', f.col, 'hold', f.hold)
            order by f.kind, f.field), '[]') from role_field f where f.role = r.name))
        from role r where r.name = role_definition.role);
end $$;

-- True for a person whose role may that.
create function may(person bigint, what text) returns boolean language plpgsql stable security definer
    set search_path = pg_catalog, public, pg_temp set plan_cache_mode = auto as $$
begin
    return exists (select from staff s join role r on r.name = s.role
        where s.id = person and s.active and s.deleted_at is null and (r.name = 'admin' or what = any (r.may)));
end $$;

-- How far a right goes, as a policy asks: made of init-plans only, so that it is computed once a statement.
create function reach_sql(reach text) returns text language sql immutable as $$
    select case reach when 'all' then 'true' when 'own' then 'owner_id = (select public.me())'
        when 'team' then 'owner_id = (select public.me()) or team_id = any ((select public.my_teams())::bigint[])'
        else 'false' end
$$;

-- Grants and policies of one role on one kind.
create function hold_kind(r role, k kind) returns void language plpgsql as $do$
declare
    t constant public.role_right := public.right_on(r.name, k.name);
    hidden constant name[] := array(select h.col from public.held_columns(r.name, k.name) h where h.hold = '0hidden');
    fixed constant name[] := array(select h.col from public.held_columns(r.name, k.name) h);
    -- What is searched tells of what is in it.
    is_silent constant boolean := exists (select from unnest(k.words || array(select ltrim(i, '#') from unnest(k.idents) i)) w where w = any (hidden));
    cols name[];
    p record;
    sees text := public.reach_sql(t.sees);
    edits text := public.reach_sql(t.edits);
    keeps text := public.reach_sql(t.sees);
begin
    for p in select polname from pg_policy where polrelid = k.tbl and public.role_of_policy(polname) = r.name
        and polroles = array[(select oid from pg_roles where rolname = r.pg_role)] loop
        execute format('drop policy %I on %s', p.polname, k.tbl);
    end loop;
    execute format('revoke all on %s from %I', k.tbl, r.pg_role);
    if r.name = 'admin' then
        execute format('grant select, insert, update, delete on %s to %I', k.tbl, r.pg_role);
        execute format('create policy %I on %s to %I using (true) with check (true)', r.name || '_all', k.tbl, r.pg_role);
        return;
    end if;
    cols := array(select a.attname from pg_attribute a where a.attrelid = k.tbl and a.attnum > 0 and not a.attisdropped order by a.attnum);
    -- Who sees none reads an empty table: what joins it or asks visible() goes on.
    execute format('grant select %s on %s to %I', case when cardinality(hidden) > 0 then
        (select '(' || string_agg(quote_ident(c), ', ') || ')' from unnest(cols) c
            where c <> all (hidden) and not (is_silent and c in ('search', 'ident'))) else '' end, k.tbl, r.pg_role);
    if t.creates <> 'none' then
        execute format('grant insert %s on %s to %I', case when cardinality(fixed) > 0 then
            (select '(' || string_agg(quote_ident(c), ', ') || ')' from unnest(cols) c where c <> all (fixed)) else '' end, k.tbl, r.pg_role);
    end if;
    if t.edits <> 'none' then
        execute format('grant update %s on %s to %I', case when cardinality(fixed) > 0 then
            (select '(' || string_agg(quote_ident(c), ', ') || ')' from unnest(cols) c where c <> all (fixed)) else '' end, k.tbl, r.pg_role);
    end if;
    if t.deletes <> 'none' then
        execute format('grant delete on %s to %I', k.tbl, r.pg_role);
    end if;

    if t.sees = 'none' then
        return;
    end if;
    if t.sees <> 'all' and exists (select from pg_attribute where attrelid = k.tbl and attname = 'shared' and not attisdropped) then
        sees := sees || ' or shared';
    end if;
    -- Deleting is an update that puts a record into the recycle bin; who edits more than they delete leaves alone what
    -- is or would be in there.
    if t.deletes <> t.edits then
        edits := format('(%s) and (deleted_at is null or %s)', edits, public.reach_sql(t.deletes));
        keeps := format('(%s) and (deleted_at is null or %s)', keeps, public.reach_sql(t.deletes));
    end if;
    execute format('create policy %I on %s for select to %I using (%s)', r.name || '_read', k.tbl, r.pg_role, sees);
    if t.creates <> 'none' then
        execute format('create policy %I on %s for insert to %I with check (%s)', r.name || '_create', k.tbl, r.pg_role, public.reach_sql(t.creates));
    end if;
    if t.edits <> 'none' then
        execute format('create policy %I on %s for update to %I using (%s) with check (%s)', r.name || '_edit', k.tbl, r.pg_role, edits, keeps);
    end if;
    if t.deletes <> 'none' then
        execute format('create policy %I on %s for delete to %I using (%s)', r.name || '_delete', k.tbl, r.pg_role, public.reach_sql(t.deletes));
    end if;
end $do$;

create or replace function attach_policies(k kind) returns void language plpgsql as $do$
declare r public.role;
begin
    execute format('alter table %s enable row level security', k.tbl);
    for r in select * from public.role loop
        perform public.hold_kind(r, k);
    end loop;
end $do$;

-- All that is no kind's table a role has as `sales` has it, to whom every migration gives what people need: copied from
-- the catalogue, so that what later migrations add needs no word here.
create function hold_base(r role) returns void language plpgsql as $do$
declare
    model public.role;
    model_oid oid;
    x record;
    -- Where records are seen through others' tables, whoever sees all of them needs no asking.
    sees_all constant text[] := array(select k.name from public.kind k where (public.right_on(r.name, k.name)).sees = 'all');
    hides constant text := (select string_agg(format('kind = %L and fields ?| %L', k.name, h.cols), ' or ') from public.kind k,
        lateral (select array_agg(c.col::text) as cols from public.held_columns(r.name, k.name) c where c.hold = '0hidden') h
        where h.cols is not null);
    is_plain boolean;
    made text;
    wanted text;
begin
    if r.name = 'admin' then
        return;
    end if;
    select * into strict model from public.role where name = 'sales';
    select oid into strict model_oid from pg_roles where rolname = model.pg_role;
    if r.pg_role <> model.pg_role then
        execute format('grant usage on schema public to %I', r.pg_role);
        for x in
            select format('grant %s on %s to %I', a.privilege_type, c.oid::regclass, r.pg_role) as said
            from pg_class c, aclexplode(c.relacl) a
            where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm') and a.grantee = model_oid
                and not exists (select from public.kind k where k.tbl = c.oid)
            union all
            select format('grant %s (%I) on %s to %I', a.privilege_type, t.attname, c.oid::regclass, r.pg_role)
            from pg_class c join pg_attribute t on t.attrelid = c.oid and not t.attisdropped, aclexplode(t.attacl) a
            where c.relnamespace = 'public'::regnamespace and a.grantee = model_oid
                and not exists (select from public.kind k where k.tbl = c.oid)
            union all
            select format('grant execute on function %s to %I', f.oid::regprocedure, r.pg_role)
            from pg_proc f, aclexplode(f.proacl) a
            where f.pronamespace = 'public'::regnamespace and a.grantee = model_oid
        loop
            execute x.said;
        end loop;
    end if;
    for x in
        select c.oid::regclass as tbl, c.relname, y.polcmd, replace(y.polname, model.name || '_', r.name || '_') as name,
            replace(pg_get_expr(y.polqual, y.polrelid), format('acts_in(%L::text)', model.name), format('acts_in(%L::text)', r.name)) as sees,
            replace(pg_get_expr(y.polwithcheck, y.polrelid), format('acts_in(%L::text)', model.name), format('acts_in(%L::text)', r.name)) as writes
        from pg_policy y join pg_class c on c.oid = y.polrelid
        where c.relnamespace = 'public'::regnamespace and public.role_of_policy(y.polname) = model.name and y.polroles = array[model_oid]
            and not exists (select from public.kind k where k.tbl = c.oid)
    loop
        if x.polcmd = 'r' and x.relname in ('change', 'presence', 'activity_link', 'outbox') then
            is_plain := case x.relname when 'activity_link' then 'activity' = any (sees_all) when 'outbox' then 'message' = any (sees_all)
                else (select count(*) from public.kind) = cardinality(sees_all) end;
            x.sees := case when is_plain then 'true' when x.relname = 'activity_link' then 'exists (select from public.activity a where a.id = activity)'
                when x.relname = 'outbox' then 'exists (select from public.message m where m.id = message_id)' else 'public.visible(kind, record)' end;
            if x.relname = 'change' and hides is not null then
                x.sees := format('%s and (%s) is not true', x.sees, hides);
            end if;
        end if;
        made := format('create policy %I on %s for %s to %I', x.name, x.tbl, case x.polcmd when 'r' then 'select' when 'a' then 'insert'
            when 'w' then 'update' when 'd' then 'delete' else 'all' end, r.pg_role)
            || coalesce(' using (' || x.sees || ')', '') || coalesce(' with check (' || x.writes || ')', '');
        if exists (select from pg_policy where polrelid = x.tbl and polname = x.name) then
            execute format('drop policy %I on %s', x.name, x.tbl);
        end if;
        execute made;
    end loop;
    -- Configuration that is in no kind's table.
    if exists (select from pg_policy where polrelid = 'public.workspace'::regclass and polname = r.name || '_edit') then
        execute format('drop policy %I on public.workspace', r.name || '_edit');
    end if;
    if 'configuration' = any (r.may) then
        execute format('grant update (zone) on public.workspace to %I', r.pg_role);
        execute format('create policy %I on public.workspace for update to %I using (true)', r.name || '_edit', r.pg_role);
    elsif not public.is_one_login() then
        execute format('revoke update (zone) on public.workspace from %I', r.pg_role);
    end if;
    foreach wanted in array array['add_custom_field(text, jsonb)', 'drop_empty_custom_field(text, text)',
        'try_custom_field(text, text)', 'settle_custom_field(text, text)'] loop
        continue when public.is_one_login() or to_regprocedure('public.' || wanted) is null;
        if 'configuration' = any (r.may) then
            execute format('grant execute on function public.%s to %I', wanted, r.pg_role);
        else
            execute format('revoke execute on function public.%s from %I', wanted, r.pg_role);
        end if;
    end loop;
end $do$;

-- Everything of one role.
create function hold_role(r role) returns void language plpgsql as $do$
declare k public.kind;
begin
    for k in select * from public.kind order by name loop
        perform public.hold_kind(r, k);
    end loop;
    perform public.hold_base(r), public.hold_by_person();
end $do$;

-- Everything of every role: after migrations, which may have brought tables and functions.
create function hold_roles() returns void language plpgsql as $do$
declare r public.role;
begin
    for r in select * from public.role where name <> 'admin' order by name = 'sales' desc, name loop
        perform public.hold_role(r);
    end loop;
end $do$;

create function pg_role_name(name text) returns name language sql stable as $$
    select (left(current_database(), 62 - length(name)) || '_' || name)::name
$$;

-- The Postgres role behind a role, made if need be. Where none may be made, everybody's login is it.
create function make_pg_role(name text) returns name language plpgsql as $do$
declare
    made name := public.pg_role_name(name);
begin
    if public.is_one_login() then
        return public.service_role();
    end if;
    begin
        execute format('create role %I nologin', made);
    exception when duplicate_object or unique_violation then
        -- One that a workspace before this one of the same name, or a role deleted before, left behind.
        null;
    end;
    execute format('grant %I to %I', made, public.service_role());
    if current_setting('server_version_num')::int >= 160000 then
        execute format('grant %I to current_user with set true, inherit true', made);
    elsif not pg_has_role(current_user, made, 'member') then
        execute format('grant %I to current_user', made);
    end if;
    return made;
end $do$;

create function only_admins_change_roles() returns void language plpgsql as $$
begin
    if not public.acts_in('admin') then
        raise exception 'only admins change roles' using errcode = 'insufficient_privilege';
    end if;
    -- One after the other: each compares with what was before.
    perform pg_advisory_xact_lock(hashtextextended('frontdesk role', 0));
end $$;

-- A new role that may what `model` may.
create function new_role(name text, model text) returns void language plpgsql security definer
    set search_path = pg_catalog, public, pg_temp set plan_cache_mode = auto set lock_timeout = '5s' as $do$
declare r role;
begin
    perform only_admins_change_roles();
    if new_role.name !~ '^[a-z][a-z0-9-]{0,29}$' or new_role.name in ('above', 'service', 'public', 'none') then
        raise exception 'that is no name for a role' using errcode = 'check_violation', constraint = 'role_name_form';
    elsif exists (select from role t where t.name = new_role.name) then
        raise exception 'there is a role % already', name using errcode = 'unique_violation', constraint = 'role_pkey';
    end if;
    if not is_one_login() and exists (select from pg_auth_members m join pg_roles g on g.oid = m.roleid join pg_roles h on h.oid = m.member
        where g.rolname = pg_role_name(new_role.name) and h.rolname not in (service_role(), current_user)) then
        raise exception 'there is a Postgres role % with members; drop it first', pg_role_name(new_role.name)
            using errcode = 'check_violation', constraint = 'role_taken';
    end if;
    select t.* into strict r from role t where t.name = model;
    insert into role (name, pg_role, may, bulk) values (new_role.name, make_pg_role(new_role.name),
        case when model = 'admin' then '{users,configuration,undo,sensitive}' else r.may end, r.bulk) returning * into r;
    if model = 'admin' then
        insert into role_right values (r.name, '*', 'all', 'all', 'all', 'all', 'all');
    else
        insert into role_right select r.name, t.kind, t.sees, t.creates, t.edits, t.deletes, t.exports from role_right t where t.role = model;
        insert into role_field select r.name, f.kind, f.field, f.col, f.hold from role_field f where f.role = model;
    end if;
    perform hold_role(r);
    insert into role_log (role, after) values (r.name, role_definition(r.name));
    perform pg_notify('frontdesk_registry', '');
end $do$;

-- Gives a role other rights, if it still has those that `was` says.
create function set_role_rights(name text, was jsonb, now jsonb) returns void language plpgsql security definer
    set search_path = pg_catalog, public, pg_temp set plan_cache_mode = auto set lock_timeout = '5s' as $do$
declare
    r role;
    k kind;
    before jsonb;
    others text[];
    told jsonb;
begin
    perform only_admins_change_roles();
    if set_role_rights.name = 'admin' then
        raise exception 'admin may everything' using errcode = 'check_violation', constraint = 'role_admin';
    elsif not exists (select from role t where t.name = set_role_rights.name) then
        raise exception 'there is no role %', name using errcode = 'no_data_found';
    elsif role_definition(set_role_rights.name) <> was then
        raise exception 'somebody changed it meanwhile' using errcode = 'check_violation', constraint = 'role_changed';
    end if;
    before := rights_of(set_role_rights.name);
    update role t set may = array(select jsonb_array_elements_text(now -> 'may')), bulk = (now ->> 'bulk')::bigint
    where t.name = set_role_rights.name returning t.* into r;
    delete from role_right t where t.role = r.name;
    insert into role_right select r.name, d.key, d.value ->> 0, d.value ->> 1, d.value ->> 2, d.value ->> 3, d.value ->> 4
    from jsonb_each(now -> 'kinds') d;
    delete from role_field f where f.role = r.name;
    insert into role_field select r.name, d.kind, d.field, d."column", d.hold
    from jsonb_to_recordset(now -> 'fields') d (kind text, field text, "column" name, hold text);
    told := rights_of(r.name);
    for k in select t.* from kind t where told -> 'held' is distinct from before -> 'held'
        or told -> 'kinds' -> t.name is distinct from before -> 'kinds' -> t.name loop
        perform hold_kind(r, k);
    end loop;
    perform hold_base(r), hold_by_person();
    insert into role_log (role, before, after) values (r.name, was, role_definition(r.name));
    perform pg_notify('frontdesk_registry', '');
end $do$;

-- Ends a role that nobody has.
create function delete_role(name text) returns void language plpgsql security definer
    set search_path = pg_catalog, public, pg_temp set plan_cache_mode = auto set lock_timeout = '5s' as $do$
declare
    r role;
    p record;
begin
    perform only_admins_change_roles();
    select t.* into r from role t where t.name = delete_role.name;
    if r.name is null then
        raise exception 'there is no role %', name using errcode = 'no_data_found';
    elsif r.is_builtin then
        raise exception 'a built-in role stays' using errcode = 'check_violation', constraint = 'role_builtin';
    end if;
    insert into role_log (role, before) values (r.name, role_definition(r.name));
    for p in select y.polname, y.polrelid::regclass as tbl from pg_policy y join pg_class c on c.oid = y.polrelid
        where c.relnamespace = 'public'::regnamespace and role_of_policy(y.polname) = r.name loop
        execute format('drop policy %I on %s', p.polname, p.tbl);
    end loop;
    -- Refused by a foreign key when somebody has it, be it somebody in the recycle bin.
    delete from role t where t.name = r.name;
    if r.pg_role <> service_role() then
        execute format('drop owned by %I', r.pg_role);
        execute format('revoke %I from %I', r.pg_role, service_role());
        begin
            execute format('drop role %I', r.pg_role);
        exception when dependent_objects_still_exist or insufficient_privilege then
            -- A copy of this workspace uses it.
            null;
        end;
    end if;
    perform pg_notify('frontdesk_registry', '');
end $do$;

-- What only those see who may see sensitive fields.
create function set_sensitive(kind text, field text, col name, is_so boolean) returns void language plpgsql security definer
    set search_path = pg_catalog, public, pg_temp set plan_cache_mode = auto set lock_timeout = '5s' as $do$
declare
    r role;
    k kind;
begin
    perform only_admins_change_roles();
    if is_so then
        insert into sensitive_field values (set_sensitive.kind, set_sensitive.field, set_sensitive.col) on conflict do nothing;
    else
        delete from sensitive_field t where t.kind = set_sensitive.kind and t.field = set_sensitive.field;
    end if;
    if not found then
        return;
    end if;
    select t.* into strict k from kind t where t.name = set_sensitive.kind;
    for r in select * from role t where t.name <> 'admin' loop
        perform hold_kind(r, k), hold_base(r);
    end loop;
    perform hold_by_person();
    insert into role_log (role, before, after) values ('*', jsonb_build_object('sensitive', case when not is_so then kind || '.' || field end),
        jsonb_build_object('sensitive', case when is_so then kind || '.' || field end));
    perform pg_notify('frontdesk_registry', '');
end $do$;

-- A column that is added later is nobody's where columns are granted one by one. After everything else, whoever adds it.
create function custom_field_columns() returns trigger language plpgsql security definer
    set search_path = pg_catalog, public, pg_temp set plan_cache_mode = auto as $do$
declare
    r role;
    k kind;
begin
    select t.* into k from kind t where t.name = new.kind;
    for r in select * from role t where t.name <> 'admin' loop
        if exists (select from held_columns(r.name, k.name)) then
            perform hold_kind(r, k);
            perform hold_by_person();
        end if;
    end loop;
    return null;
end $do$;
create constraint trigger z_columns after insert on custom_field deferrable initially deferred
    for each row execute function custom_field_columns();

-- Whoever manages users and is no admin makes and changes no admin, not themselves, and nobody's login to Postgres, by
-- which one is known there.
create function staff_guard() returns trigger language plpgsql security definer
    set search_path = pg_catalog, public, pg_temp set plan_cache_mode = auto as $$
begin
    if me() is null or acts_in('admin') then
        return case when tg_op = 'DELETE' then old else new end;
    end if;
    if tg_op <> 'INSERT' and old.role = 'admin' or tg_op <> 'DELETE' and new.role = 'admin'
        or tg_op = 'INSERT' and new.db_login is not null
        or tg_op = 'UPDATE' and (new.db_login is distinct from old.db_login or new.id = me() and (new.role, new.active) is distinct from (old.role, old.active))
    then
        raise exception 'only admins do that' using errcode = 'insufficient_privilege';
    end if;
    return case when tg_op = 'DELETE' then old else new end;
end $$;
create trigger b_guard before insert or update or delete on staff for each row execute function staff_guard();

-- How many records an operation touches, and whose it takes back.
create function operation_guard() returns trigger language plpgsql security definer
    set search_path = pg_catalog, public, pg_temp set plan_cache_mode = auto as $$
declare most bigint;
begin
    if tg_op = 'INSERT' then
        if new.by_id is distinct from (select o.by_id from operation o where o.id = new.undoes) and not may(new.by_id, 'undo') then
            raise exception 'that was somebody else''s' using errcode = 'insufficient_privilege';
        end if;
        return new;
    end if;
    most := (select r.bulk from staff s join role r on r.name = s.role where s.id = new.by_id);
    if new.records > most then
        raise exception 'at most % at once', most using errcode = 'check_violation', constraint = 'operation_bulk';
    end if;
    return new;
end $$;
create trigger b_undoes before insert on operation for each row when (new.undoes is not null and new.by_id is not null)
    execute function operation_guard();
create trigger b_bulk before update of records on operation for each row when (new.records > 1 and new.by_id is not null)
    execute function operation_guard();

-- Words of records whose searched fields are partly hidden: found by all of them, kept when the ones that are seen hold
-- what was asked. `search` itself may not be read then.
create function words_hit(kind text, asked tsquery) returns setof bigint language plpgsql stable security definer
    set search_path = pg_catalog, public, pg_temp set plan_cache_mode = auto as $do$
declare
    k kind;
    hidden name[];
    words text;
    names text;
begin
    select t.* into strict k from kind t where t.name = words_hit.kind;
    hidden := array(select h.col from staff s, held_columns(s.role, k.name) h where s.id = me() and h.hold = '0hidden');
    words := (select string_agg(case when w = 'tags' then 'array_to_string(t.tags, '' '')' else format('left(t.%I::text, 20000)', w) end, ', ')
        from unnest(k.words) w where w <> all (hidden));
    names := (select string_agg(format('t.%I', w), ', ') from unnest(k.names) w where w <> all (hidden));
    return query execute format('select t.id from %s t where t.search @@ $1 and search_words(concat_ws('' '', %s), concat_ws('' '', %s)) @@ $1',
        k.tbl, coalesce(words, 'null'), coalesce(names, 'null')) using asked;
end $do$;

-- The same of parts of mails and numbers.
create function idents_hit(kind text, pattern text) returns setof bigint language plpgsql stable security definer
    set search_path = pg_catalog, public, pg_temp set plan_cache_mode = auto as $do$
declare
    k kind;
    hidden name[];
    idents text;
begin
    select t.* into strict k from kind t where t.name = idents_hit.kind;
    hidden := array(select h.col from staff s, held_columns(s.role, k.name) h where s.id = me() and h.hold = '0hidden');
    idents := (select string_agg(case when left(w, 1) = '#'
        then format('nullif(regexp_replace(t.%I, ''[^0-9]+'', '''', ''g''), '''')', substr(w, 2)) else format('t.%I', w) end, ', ')
        from unnest(k.idents) w where ltrim(w, '#') <> all (hidden));
    return query execute format('select t.id from %s t where t.ident like $1 and lower(concat_ws('' '', %s)) like $1',
        k.tbl, coalesce(idents, 'null')) using pattern;
end $do$;

-- The roles that there are from the start.
do $$
declare
    r record;
    made role;
begin
    for r in select * from (values
        ('manager', '{undo,sensitive}'::text[]), ('support', '{}'), ('marketing', '{}'), ('analyst', '{}'), ('read-only', '{}')
    ) v (name, may) loop
        insert into role (name, pg_role, may, is_builtin) values (r.name, make_pg_role(r.name), r.may, true);
    end loop;
    insert into role_right (role, kind, sees, creates, edits, deletes, exports) values
        -- Leads teams: sees everything, works on the teams' records.
        ('manager', '*', 'all', 'all', 'team', 'team', 'all'),
        -- Answers tickets of everybody; of customers it sees all and edits its team's.
        ('support', '*', 'team', 'team', 'team', 'own', 'none'),
        ('support', 'contact', 'all', 'all', 'team', 'own', 'none'),
        ('support', 'company', 'all', 'all', 'team', 'own', 'none'),
        ('support', 'ticket', 'all', 'all', 'all', 'team', 'team'),
        ('support', 'message', 'all', 'all', 'all', 'own', 'none'),
        ('support', 'deal', 'team', 'none', 'none', 'none', 'none'),
        -- Writes to customers: sees all of them and no tickets.
        ('marketing', '*', 'team', 'team', 'team', 'own', 'team'),
        ('marketing', 'contact', 'all', 'all', 'team', 'own', 'all'),
        ('marketing', 'company', 'all', 'all', 'team', 'own', 'all'),
        ('marketing', 'deal', 'all', 'none', 'none', 'none', 'none'),
        ('marketing', 'ticket', 'none', 'none', 'none', 'none', 'none'),
        ('marketing', 'message', 'none', 'none', 'none', 'none', 'none'),
        -- Reads and counts, with views of their own.
        ('analyst', '*', 'all', 'none', 'none', 'none', 'all'),
        ('read-only', '*', 'all', 'none', 'none', 'none', 'none');
    insert into role_right select v.role, k.kind, 'team', 'own', 'own', 'own', 'none'
    from unnest(array['analyst', 'read-only']) v (role), unnest(array['view', 'macro']) k (kind);
end $$;
select attach_policies(k) from kind k;
do $$
declare r role;
begin
    for r in select * from role where not name in ('admin', 'sales') loop
        perform hold_base(r);
    end loop;
end $$;

revoke execute on function right_on(text, text), held_columns(text, text), rights_of(text), role_definition(text), may(bigint, text),
    hold_kind(role, kind), hold_base(role), hold_role(role), hold_roles(), make_pg_role(text), pg_role_name(text), only_admins_change_roles(),
    new_role(text, text), set_role_rights(text, jsonb, jsonb), delete_role(text), set_sensitive(text, text, name, boolean),
    words_hit(text, tsquery), idents_hit(text, text) from public;
alter table role_log enable row level security;
do $$
declare
    r record;
    admin name := (select pg_role from role where name = 'admin');
begin
    execute format('grant select on role_log, role_right, role_field, sensitive_field to %I', admin);
    execute format('create policy admin_read on role_log for select to %I using (true)', admin);
    execute format('grant execute on function new_role(text, text), set_role_rights(text, jsonb, jsonb), delete_role(text), '
        || 'set_sensitive(text, text, name, boolean), role_definition(text) to %I', admin);
    for r in select pg_role from role union select service_role() loop
        -- What a role may is no secret.
        execute format('grant select on role to %I', r.pg_role);
        execute format('grant execute on function rights_of(text), words_hit(text, tsquery), idents_hit(text, text) to %I', r.pg_role);
    end loop;
end $$;
select hold_by_person();
