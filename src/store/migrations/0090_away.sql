-- Absences: a person is away from one day to another, both included, in the workspace's zone, and a colleague stands in.
-- Kept with the person, so that who changed it is in their history, and over by itself.

alter table staff add column away_from date, add column away_until date,
    add column deputy_id bigint constraint staff_deputy_id_fkey references staff (id) on delete set null,
    add constraint staff_away_until_range check (away_from <= away_until),
    add constraint staff_away_from_alone check (away_from is null or away_until is not null),
    add constraint staff_deputy_id_alone check (deputy_id is null or away_until is not null),
    add constraint staff_deputy_id_self check (deputy_id <> id);
create index staff_deputy_idx on staff (deputy_id) where deputy_id is not null;
create index staff_away_idx on staff (away_until) where away_until is not null;

-- Their history has them.
select attach_triggers(k), attach_indexes(k) from kind k where k.name = 'user';

-- The day that it is for the whole workspace: in its zone, else in its first admin's.
create function workspace_today() returns date language plpgsql stable security definer
    set search_path = pg_catalog, public, pg_temp set plan_cache_mode = auto as $$
begin
    return (now() at time zone coalesce((select w.zone from workspace w),
        (select s.zone from staff s where s.role = 'admin' and s.active and s.deleted_at is null and s.zone is not null order by s.id limit 1),
        'UTC'))::date;
end $$;

-- Who is away on the workspace's day, and who of those who are here stands in.
create function absences() returns table (person bigint, until date, deputy bigint) language plpgsql stable security definer
    rows 10 set search_path = pg_catalog, public, pg_temp set plan_cache_mode = auto as $$
declare today date;
begin
    if not exists (select from staff s where s.away_until is not null) then
        return;
    end if;
    today := workspace_today();
    return query select s.id, s.away_until, d.id from staff s
        left join staff d on d.id = s.deputy_id and d.active and d.deleted_at is null
        where s.away_until >= today and (s.away_from is null or s.away_from <= today) and s.active and s.deleted_at is null;
end $$;

-- Whoever stands in may come in at the time that they are named.
create function deputy_is_here() returns trigger language plpgsql security definer
    set search_path = pg_catalog, public, pg_temp set plan_cache_mode = auto as $$
begin
    if not exists (select from staff s where s.id = new.deputy_id and s.active and s.deleted_at is null) then
        raise exception 'the deputy is disabled' using errcode = 'check_violation', constraint = 'staff_deputy_id_disabled';
    end if;
    return new;
end $$;
create trigger b_deputy before insert or update of deputy_id on staff for each row when (new.deputy_id is not null)
    execute function deputy_is_here();

-- Away from then to then, null: not away; of oneself, or of whom one manages.
create function set_away(person bigint, away_from date, away_until date, deputy bigint) returns void language plpgsql
    security definer set search_path = pg_catalog, public, pg_temp set plan_cache_mode = auto as $$
begin
    if set_away.person is distinct from me() and not manages(set_away.person) then
        raise exception 'that is another person''s absence' using errcode = 'insufficient_privilege';
    end if;
    update staff s set away_from = set_away.away_from, away_until = set_away.away_until, deputy_id = set_away.deputy
    where s.id = set_away.person and s.deleted_at is null
        and (s.away_from, s.away_until, s.deputy_id) is distinct from (set_away.away_from, set_away.away_until, set_away.deputy);
end $$;

-- Their own absence is everybody's to change.
do $do$
declare
    was text := pg_get_functiondef('staff_guard()'::regprocedure);
    first text := 'begin
    if me() is null';
    own constant text := '''{away_from,away_until,deputy_id,version,updated_at,updated_by,search,ident}''::text[]';
begin
    if position(first in was) = 0 then
        raise exception 'staff_guard is not as this migration knows it';
    end if;
    execute replace(was, first, format('begin
    if tg_op = ''UPDATE'' and new.id = me() and to_jsonb(new) - %s = to_jsonb(old) - %s then
        return new;
    end if;
    if me() is null', own, own));
end $do$;

-- What an absent person is told, whoever stands in is told too, and for whom. What comes to a deputy so goes no further.
alter table notice add column for_id bigint references staff (id) on delete cascade;
create function tell_deputies() returns trigger language plpgsql security definer
    set search_path = pg_catalog, public, pg_temp set plan_cache_mode = auto as $$
begin
    if not exists (select from staff s where s.away_until is not null) or not exists (select from new_rows n where n.for_id is null) then
        return null;
    end if;
    insert into notice (person, why, kind, record, records, said_kind, said, operation, by_id, at, for_id)
    select a.deputy, n.why, n.kind, n.record, n.records, n.said_kind, n.said, n.operation, n.by_id, n.at, n.person
    from new_rows n join absences() a on a.person = n.person
    where n.for_id is null and n.why <> 'conflict' and a.deputy is distinct from n.by_id
        -- Two who are away may have the same deputy, who watches it too.
        and not exists (select from notice g where g.person = a.deputy and g.operation = n.operation and g.why = n.why
            and g.kind = n.kind and g.record = n.record)
    on conflict (person, said_kind, said) where said is not null do nothing;
    return null;
end $$;
create trigger deputised after insert on notice referencing new table as new_rows
    for each statement execute function tell_deputies();

revoke execute on function workspace_today(), absences(), set_away(bigint, date, date, bigint) from public;
do $$
declare r record;
begin
    for r in select pg_role from role loop
        execute format('grant execute on function workspace_today(), absences(), set_away(bigint, date, date, bigint) to %I', r.pg_role);
    end loop;
end $$;
