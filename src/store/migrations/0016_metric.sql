-- What is so for the whole workspace, in one row. Days and months of metrics begin in its zone, so that everybody reads
-- the same figures; null is the first admin's.
create table workspace (
    is_one boolean primary key default true constraint workspace_is_one check (is_one),
    zone text constraint workspace_zone_choice check (is_zone(zone))
);
insert into workspace default values;
alter table workspace enable row level security;

do $$
declare r record;
begin
    for r in select * from role loop
        execute format('grant select on workspace to %I', r.pg_role);
        execute format('create policy %I on workspace for select to %I using (true)', r.name || '_read', r.pg_role);
        if r.scope = 'all' then
            execute format('grant update (zone) on workspace to %I', r.pg_role);
            execute format('create policy %I on workspace for update to %I using (true)', r.name || '_edit', r.pg_role);
        end if;
    end loop;
end $$;

-- What was solved in a month is asked for by every service page.
create index ticket_solved_idx on ticket (solved_at, id) where deleted_at is null and solved_at is not null;
