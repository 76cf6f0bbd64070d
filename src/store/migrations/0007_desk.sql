-- What the desk keeps for a person beside records: unfinished texts, settings, and where they are now.

create table draft (
    person bigint not null default me() references staff (id) on delete cascade,
    key text not null,
    body jsonb not null,
    at timestamptz not null default now(),
    primary key (person, key)
);

create table setting (
    person bigint not null default me() references staff (id) on delete cascade,
    key text not null,
    value jsonb not null,
    primary key (person, key)
);

-- Who has which record open. A row counts for a minute after `at`; seats renew theirs.
create unlogged table presence (
    seat text primary key,
    person bigint not null default me(),
    kind text not null,
    record bigint not null,
    typing boolean not null default false,
    at timestamptz not null default clock_timestamp()
);

create function presence_changed() returns trigger language plpgsql as $$
begin
    perform pg_notify('frontdesk_presence', '');
    return null;
end $$;
create trigger came after insert on presence for each row execute function presence_changed();
create trigger left_ after delete on presence for each row execute function presence_changed();
-- Renewing tells nobody.
create trigger moved after update on presence for each row
    when ((old.kind, old.record, old.typing) is distinct from (new.kind, new.record, new.typing))
    execute function presence_changed();

alter table draft enable row level security;
alter table setting enable row level security;
alter table presence enable row level security;

-- Housekeeping, from time to time by every process.
create function tend() returns void language plpgsql security definer
    set search_path = pg_catalog, public, pg_temp as $$
begin
    delete from presence where at < clock_timestamp() - interval '1 minute';
    perform add_change_partitions();
end $$;
revoke execute on function tend() from public;

do $$
declare r record;
begin
    for r in select * from role loop
        execute format('grant select, insert, update, delete on draft, setting, presence to %I', r.pg_role);
        execute format('create policy %I on draft to %I using (person = (select public.me()))', r.name || '_own', r.pg_role);
        execute format('create policy %I on setting to %I using (person = (select public.me()))', r.name || '_own', r.pg_role);
        execute format('create policy %I on presence to %I using (person = (select public.me()))', r.name || '_own', r.pg_role);
        execute format('create policy %I on presence for select to %I using (%s)', r.name || '_read', r.pg_role,
            case r.scope when 'all' then 'true' else 'public.visible(kind, record)' end);
        execute format('grant execute on function tend() to %I', r.pg_role);
    end loop;
    execute format('grant execute on function tend() to %I', service_role());
    -- To sit a person down, before their role is known.
    execute format('grant select on staff, team to %I', service_role());
    execute format('create policy service_read on staff for select to %I using (true)', service_role());
    execute format('create policy service_read on team for select to %I using (true)', service_role());
end $$;
