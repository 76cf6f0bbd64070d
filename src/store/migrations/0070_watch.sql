-- Watching: whoever watches a record hears of what others do to it, as its owner does of what is written on it. And which
-- notices a person wants at all.

create table watch (
    person bigint not null default me() references staff (id) on delete cascade,
    kind text not null,
    record bigint not null,
    at timestamptz not null default now(),
    primary key (person, kind, record)
);
create index watch_record_idx on watch (kind, record);

alter table notice drop constraint notice_why_choice;
alter table notice add constraint notice_why_choice
    check (why in ('assigned', 'reply', 'comment', 'mention', 'conflict', 'status', 'given'));

-- A person's setting `notices` says of each reason whether they want to hear; silence is yes. Here, so that every door
-- and every way of telling keeps to it.
create function notice_wanted() returns trigger language plpgsql security definer
    set search_path = pg_catalog, public, pg_temp set plan_cache_mode = auto as $$
begin
    if exists (select from setting s where s.person = new.person and s.key = 'notices' and s.value -> new.why = 'false') then
        return null;
    end if;
    return new;
end $$;
create trigger wanted before insert on notice for each row execute function notice_wanted();

-- Tells those who watch of a statement's changes. Behind the trigger `told`, which tells the owner and those who are
-- named: nobody hears of the same words twice, and what it takes back when something is undone is taken back for all.
create function tell_watchers() returns trigger language plpgsql security definer
    set search_path = pg_catalog, public, pg_temp set plan_cache_mode = auto set enable_nestloop = on as $$
declare
    first record;
    many constant int := 5;
begin
    select n.kind, n.operation, n.by_id into first from new_rows n limit 1;
    delete from watch w using new_rows n where n.deed = 'erase' and w.kind = n.kind and w.record = n.record;
    if current_setting('frontdesk.door', true) = 'import' or exists (select from operation o where o.id = first.operation
        and o.undoes is not null and not exists (select from operation u where u.id = o.undoes and u.undoes is not null)) then
        return null;
    end if;
    if first.kind in ('message', 'activity') then
        with spoken as (
            select 0 as place, n.at, n.by_id, 'message' as said_kind, m.id as said, 'ticket' as kind, m.ticket_id as record,
                case m.direction when 'note' then 'comment' else 'reply' end as why
            from new_rows n join message m on m.id = n.record and n.kind = 'message' join ticket t on t.id = m.ticket_id
            where m.deleted_at is null and t.deleted_at is null
                and (n.deed = 'create' or n.fields ? 'deleted_at' and n.fields -> 'deleted_at' ->> 1 is null)
            union all
            select l.place, n.at, n.by_id, 'activity', a.id, l.kind, l.record, 'comment'
            from new_rows n join activity a on a.id = n.record and n.kind = 'activity' and a.type = 'note',
                -- Each record that the note shows on: who watches a company hears of its deals' notes.
                lateral (values (1, 'deal', a.deal_id), (2, 'ticket', a.ticket_id), (3, 'contact', a.contact_id),
                    (4, 'company', a.company_id)) l (place, kind, record)
            where a.deleted_at is null
                and (n.deed = 'create' or n.fields ? 'deleted_at' and n.fields -> 'deleted_at' ->> 1 is null)
        )
        insert into notice (person, why, kind, record, said_kind, said, operation, by_id, at)
        select distinct on (w.person, s.said_kind, s.said) w.person, s.why, s.kind, s.record, s.said_kind, s.said,
            first.operation, s.by_id, s.at
        from spoken s join watch w on w.kind = s.kind and w.record = s.record
            join staff f on f.id = w.person and f.active and f.deleted_at is null
        where w.person is distinct from s.by_id
        order by w.person, s.said_kind, s.said, s.place
        on conflict (person, said_kind, said) where said is not null do nothing;
    end if;
    if first.kind in ('company', 'contact', 'deal', 'ticket', 'activity') then
        with seen as (
            select w.person, n.record, n.at, case when n.fields ? 'owner_id' then 'given' else 'status' end as why
            from new_rows n join watch w on w.kind = n.kind and w.record = n.record
                join staff f on f.id = w.person and f.active and f.deleted_at is null
            where n.deed = 'update' and n.fields ?| '{owner_id,status,stage_id,lifecycle,done}'
                and w.person is distinct from n.by_id
                -- The new owner is told that it is theirs.
                and (n.fields -> 'owner_id' ->> 1) is distinct from w.person::text
        ), counted as (
            select s.*, count(*) over (partition by s.person, s.why) as of from seen s
        )
        insert into notice (person, why, kind, record, records, operation, by_id, at)
        select c.person, c.why, first.kind, min(c.record), count(*), first.operation, first.by_id, min(c.at)
        from counted c group by c.person, c.why, case when c.of > many then 0 else c.record end;
    end if;
    return null;
end $$;
create trigger told_watchers after insert on change referencing new table as new_rows
    for each statement execute function tell_watchers();

-- Who may not see a record any more stops watching it, as soon as they would hear of it.
create function forget_unseen() returns bigint language plpgsql set plan_cache_mode = auto as $$
declare gone bigint;
begin
    delete from watch w where w.person = me() and not visible(w.kind, w.record)
        and exists (select from notice n where n.person = me() and n.read_at is null and n.kind = w.kind and n.record = w.record);
    get diagnostics gone = row_count;
    if gone > 0 then
        delete from notice n where n.person = me() and n.why in ('status', 'given') and not visible(n.kind, n.record);
    end if;
    return gone;
end $$;

alter table watch enable row level security;
do $$
declare r record;
begin
    for r in select * from role loop
        execute format('grant select, insert (kind, record), delete on watch to %I', r.pg_role);
        execute format('create policy %I on watch for select to %I using (person = (select public.me()))', r.name || '_own', r.pg_role);
        execute format('create policy %I on watch for delete to %I using (person = (select public.me()))', r.name || '_delete', r.pg_role);
        execute format('create policy %I on watch for insert to %I with check (person = (select public.me()) and public.visible(kind, record))',
            r.name || '_create', r.pg_role);
    end loop;
end $$;
