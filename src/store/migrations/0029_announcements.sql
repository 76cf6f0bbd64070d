-- What an admin tells everybody who has a seat. It stays, so that it can be told later who said what and when.

create table announcement (
    id bigint generated always as identity primary key,
    at timestamptz not null default clock_timestamp(),
    by_id bigint not null default me() references staff (id),
    said text not null constraint announcement_said_length check (length(said) between 1 and 200)
);
create index announcement_at_idx on announcement (at);
create trigger said after insert on announcement for each statement execute function seats_changed();

alter table announcement enable row level security;
do $$
declare r record;
begin
    for r in select * from role loop
        execute format('grant select on announcement to %I', r.pg_role);
        execute format('create policy %I on announcement for select to %I using (true)', r.name || '_read', r.pg_role);
        if r.name = 'admin' then
            execute format('grant insert (said) on announcement to %I', r.pg_role);
            execute format('create policy %I on announcement for insert to %I with check (by_id = (select public.me()))',
                r.name || '_say', r.pg_role);
        end if;
    end loop;
end $$;
