-- A person's day, and undoing that was cut.

-- Null: nobody said. Rewritten without triggers, since nothing happened to anybody.
alter table staff alter column zone drop not null, alter column zone drop default,
    alter column zone type text using nullif(zone, 'UTC');
select attach_kind('user', 'staff', 'common', '{name,login,email,db_login,zone}', '{name}', '{email}');

-- The acting person's date: as the program says for its transaction, else in their zone, else in the session's.
create function my_today() returns date language plpgsql stable set plan_cache_mode = auto as $$
declare said text := current_setting('frontdesk.today', true);
begin
    if said <> '' and public.is_program() then
        return said::date;
    end if;
    return (now() at time zone coalesce((select s.zone from public.staff s where s.id = public.me()),
        current_setting('TimeZone')))::date;
end $$;

create or replace function deal_rules() returns trigger language plpgsql set plan_cache_mode = auto as $$
declare
    s record;
    was text := case when tg_op = 'UPDATE' then old.state end;
begin
    if new.stage_id is null then
        select st.id into new.stage_id from public.stage st join public.pipeline p on p.id = st.pipeline_id
        where st.pipeline_id = coalesce(new.pipeline_id, st.pipeline_id) and st.deleted_at is null and p.deleted_at is null
        order by p.position nulls last, p.id, st.position nulls last, st.id limit 1;
    end if;
    select st.pipeline_id, st.state into s from public.stage st where st.id = new.stage_id;
    if not found then
        return new;
    end if;
    new.pipeline_id := s.pipeline_id;
    new.state := s.state;
    if s.state = 'open' then
        if was <> 'open' then
            new.closed := null;
        end if;
    elsif new.closed is null then
        new.closed := public.my_today();
    end if;
    return new;
end $$;

-- A zone that Postgres does not know would fail whoever closes a deal.
create function is_zone(zone text) returns boolean language plpgsql immutable as $$
begin
    perform timezone(zone, timestamptz 'epoch');
    return true;
exception when invalid_parameter_value then
    return false;
end $$;
alter table staff add constraint staff_zone_choice check (zone is null or is_zone(zone));

-- Undoing in several transactions says so of itself until its last one: what was cut in between can be gone on with.
-- Whoever ends it ends it for all that undo the same.
create function set_unfinished(operation bigint, is_unfinished boolean) returns void language plpgsql security definer
    set search_path = pg_catalog, public, pg_temp set plan_cache_mode = auto as $$
declare target bigint;
begin
    select o.undoes into target from operation o
    where o.id = set_unfinished.operation and o.by_id is not distinct from me() and o.undoes is not null;
    if target is null then
        raise exception 'operation % is no undoing of yours', operation using errcode = 'insufficient_privilege';
    end if;
    if is_unfinished then
        update operation o set note = coalesce(o.note, '{}') || '{"unfinished": true}' where o.id = set_unfinished.operation;
    else
        update operation o set note = nullif(o.note - 'unfinished', '{}') where o.undoes = target and o.note ? 'unfinished';
    end if;
end $$;
revoke execute on function set_unfinished(bigint, boolean) from public;

do $$
declare r record;
begin
    for r in select * from role loop
        execute format('grant execute on function set_unfinished(bigint, boolean) to %I', r.pg_role);
    end loop;
end $$;
