-- What happened. An operation is one thing that somebody did; its changes are the records it touched. Both are only
-- ever added to, by triggers and the functions below, which run as the schema's owner.

create table operation (
    id bigint generated always as identity primary key,
    at timestamptz not null default now(),
    by_id bigint,
    door text not null,
    action text not null,
    -- Tells one terminal's operations from the same person's others.
    seat text not null default '',
    -- The operation that this one takes back.
    undoes bigint references operation (id),
    -- About the operation itself; never values of customer records, since everyone may read it.
    note jsonb,
    records bigint not null default 0
) with (fillfactor = 90);
create index operation_by_idx on operation (by_id, id desc);
create index operation_undoes_idx on operation (undoes) where undoes is not null;

create table change (
    id bigint generated always as identity,
    operation bigint not null,
    -- Decides what a reader of the feed has not seen yet; see feed().
    xid xid8 not null default pg_current_xact_id(),
    at timestamptz not null default now(),
    by_id bigint,
    kind text not null,
    record bigint not null,
    version bigint not null,
    deed text not null constraint change_deed_choice check (deed in ('create', 'update', 'erase')),
    -- {"column": [before, after]}; null for a creation, and after erase().
    fields jsonb
) partition by range (at);
create index change_record_idx on change (kind, record, id);
create index change_operation_idx on change (operation, id);
create index change_xid_idx on change (xid);
create table change_default partition of change default;

-- Months get their partitions ahead of time. When one is late, its rows are already in the default partition and stay.
create function add_change_partitions() returns void language plpgsql security definer
    set search_path = pg_catalog, public, pg_temp set plan_cache_mode = auto as $$
declare
    first date;
    name text;
begin
    for i in 0 .. 3 loop
        first := date_trunc('month', now() at time zone 'UTC') + make_interval(months => i);
        name := 'change_' || to_char(first, 'YYYY_MM');
        if to_regclass('public.' || name) is null then
            begin
                execute format('create table public.%I partition of public.change for values from (%L) to (%L)',
                    name, first || ' 00:00:00+00', (first + interval '1 month')::date || ' 00:00:00+00');
            exception when check_violation or duplicate_table then null;
            end;
        end if;
    end loop;
end $$;
select add_change_partitions();

-- Begins an operation for me() and makes the transaction's changes part of it. Outside the program the door is psql.
create function start_operation(action text, door text, seat text default '', undoes bigint default null,
    note jsonb default null) returns bigint language plpgsql security definer
    set search_path = pg_catalog, public, pg_temp set plan_cache_mode = auto as $$
declare
    made bigint;
    entrance text := case when is_program() then door else 'psql' end;
begin
    insert into operation (by_id, door, action, seat, undoes, note)
    values (me(), entrance, start_operation.action, coalesce(start_operation.seat, ''), start_operation.undoes,
        start_operation.note)
    returning id into made;
    perform set_config('frontdesk.operation', made::text, true), set_config('frontdesk.door', entrance, true);
    return made;
end $$;

-- Goes on with one's own operation in another transaction.
create function resume_operation(operation bigint) returns void language plpgsql security definer
    set search_path = pg_catalog, public, pg_temp set plan_cache_mode = auto as $$
declare entrance text;
begin
    select o.door into entrance from operation o
    where o.id = resume_operation.operation and o.by_id is not distinct from me();
    if entrance is null then
        raise exception 'operation % is not yours', operation using errcode = 'insufficient_privilege';
    end if;
    perform set_config('frontdesk.operation', operation::text, true), set_config('frontdesk.door', entrance, true);
end $$;

-- The transaction's operation; made here for whoever writes in SQL without one. A setting that names somebody else's
-- operation counts for nothing.
create function current_operation() returns bigint language plpgsql security definer
    set search_path = pg_catalog, public, pg_temp set plan_cache_mode = auto as $$
declare
    said bigint := nullif(current_setting('frontdesk.operation', true), '')::bigint;
begin
    if said is not null
        and exists (select from operation o where o.id = said and o.by_id is not distinct from me()) then
        return said;
    end if;
    return start_operation('sql', 'psql');
end $$;

-- What was committed since `prev`, for the service's feed: ids and column names, never values. The reader's
-- transaction must be repeatable read; its own snapshot is the next `prev`. So a transaction that commits late is told
-- late, once, and delays nobody else.
create function feed_of_all(prev pg_snapshot, at_most int) returns table (
    kind text, record bigint, operation bigint, version bigint, by_id bigint, deed text, columns text[]
) language sql stable security definer rows 100 set search_path = pg_catalog, public, pg_temp as $$
    select c.kind, c.record, c.operation, c.version, c.by_id, c.deed,
        case when c.deed = 'update' and c.fields is not null then array(select jsonb_object_keys(c.fields)) else '{}' end
    from public.change c
    where c.xid >= pg_snapshot_xmin(prev) and not pg_visible_in_snapshot(c.xid, prev)
    order by c.id
    limit at_most
$$;

-- The feed as whoever asks may have it: the service serves many and hears of all, a person's own login of what it sees.
create function feed(prev pg_snapshot, at_most int) returns table (
    kind text, record bigint, operation bigint, version bigint, by_id bigint, deed text, columns text[]
) language plpgsql stable rows 100 as $$
#variable_conflict use_column
begin
    if has_function_privilege('public.feed_of_all(pg_snapshot, int)', 'execute') then
        return query select * from public.feed_of_all(prev, at_most);
    else
        return query select c.kind, c.record, c.operation, c.version, c.by_id, c.deed,
            case when c.deed = 'update' and c.fields is not null then array(select jsonb_object_keys(c.fields)) else '{}' end
        from public.change c
        where c.xid >= pg_snapshot_xmin(prev) and not pg_visible_in_snapshot(c.xid, prev)
        order by c.id
        limit at_most;
    end if;
end $$;

revoke execute on function add_change_partitions(), start_operation(text, text, text, bigint, jsonb),
    resume_operation(bigint), current_operation(), feed_of_all(pg_snapshot, int) from public;

do $$
declare r record;
begin
    for r in select * from role loop
        execute format('grant select on operation, change to %I', r.pg_role);
        execute format('grant execute on function start_operation(text, text, text, bigint, jsonb), resume_operation(bigint) to %I', r.pg_role);
    end loop;
    execute format('grant execute on function feed_of_all(pg_snapshot, int) to %I', service_role());
end $$;
