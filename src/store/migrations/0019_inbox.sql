-- The inbox: what people should hear of, one row for each person. Written with the change itself, so that every door
-- tells, and taken back with it.

create table notice (
    id bigint generated always as identity primary key,
    person bigint not null references staff (id) on delete cascade,
    why text not null constraint notice_why_choice check (why in ('assigned', 'reply', 'comment', 'mention', 'conflict')),
    kind text not null,
    record bigint not null,
    -- How many records it speaks of; of more than one, `record` is the first.
    records bigint not null default 1,
    -- The message or activity that says it.
    said_kind text,
    said bigint,
    operation bigint,
    by_id bigint,
    at timestamptz not null default now(),
    read_at timestamptz
);
create index notice_person_idx on notice (person, id desc);
create index notice_unread_idx on notice (person, id desc) where read_at is null;
create index notice_operation_idx on notice (operation) where operation is not null;
create unique index notice_said_key on notice (person, said_kind, said) where said is not null;
create unique index notice_conflict_key on notice (person, kind, record) where why = 'conflict';

-- Tells of a statement's changes, which are all of one kind: who got a record, whose record was spoken of, who was named
-- with an @. Nobody hears of their own deeds or of imports. Undoing takes the notices of what is undone away; redoing
-- tells anew.
create function tell_people() returns trigger language plpgsql security definer
    set search_path = pg_catalog, public, pg_temp set plan_cache_mode = auto as $do$
declare
    first record;
    back bigint;
    tbl text;
    -- From so many on, records that a person got at once are one notice.
    many constant int := 5;
begin
    if current_setting('frontdesk.door', true) = 'import' then
        return null;
    end if;
    select n.kind, n.operation, n.by_id, n.deed into first from new_rows n limit 1;
    if first.by_id is not null then
        delete from notice g using new_rows n
        where g.person = first.by_id and g.why = 'conflict' and g.kind = n.kind and g.record = n.record;
    end if;
    select o.undoes into back from operation o where o.id = first.operation and o.undoes is not null
        and not exists (select from operation u where u.id = o.undoes and u.undoes is not null);
    if back is not null then
        delete from notice g where g.operation = back and (g.records > 1
            or (g.kind, g.record) in (select n.kind, n.record from new_rows n)
            or (g.said_kind, g.said) in (select n.kind, n.record from new_rows n));
        return null;
    end if;
    -- What the schema's owner loads in SQL is nobody's deed.
    if first.kind in ('company', 'contact', 'deal', 'ticket', 'activity')
        and (first.by_id is not null or current_setting('frontdesk.door', true) is distinct from 'psql') then
        select k.tbl::text into tbl from kind k where k.name = first.kind;
        execute format($f$
            with got as (
                select t.owner_id as person, t.id, n.at, count(*) over (partition by t.owner_id) as of
                from new_rows n join %s t on t.id = n.record
                where t.owner_id is distinct from n.by_id and t.deleted_at is null
                    and (n.deed = 'create' or n.deed = 'update' and (n.fields ? 'owner_id' or n.fields -> 'deleted_at' ->> 1 is null and n.fields ? 'deleted_at'))
            )
            insert into notice (person, why, kind, record, records, operation, by_id, at)
            select g.person, 'assigned', $1, min(g.id), count(*), $2, $3, min(g.at)
            from got g join staff s on s.id = g.person and s.active and s.deleted_at is null
            -- Few are told one by one.
            group by g.person, case when g.of > $4 then 0 else g.id end
        $f$, tbl) using first.kind, first.operation, first.by_id, many;
    end if;
    if first.kind in ('message', 'activity') then
        with spoken as (
            select n.at, n.by_id, 'message' as said_kind, m.id as said, 'ticket' as kind, m.ticket_id as record,
                t.owner_id as owner, case m.direction when 'note' then 'comment' else 'reply' end as why,
                case when m.direction = 'note' then m.body end as text
            from new_rows n join message m on m.id = n.record and n.kind = 'message' join ticket t on t.id = m.ticket_id
            where m.deleted_at is null and t.deleted_at is null
                and (n.deed = 'create' or n.fields ? 'deleted_at' and n.fields -> 'deleted_at' ->> 1 is null)
            union all
            select n.at, n.by_id, 'activity', a.id, l.kind, l.record, l.owner, 'comment', concat_ws(' ', a.subject, a.body)
            from new_rows n join activity a on a.id = n.record and n.kind = 'activity' and a.type = 'note',
                -- The one that the note was written on: a deal's note shows on its company too.
                lateral (select v.* from (values
                    (1, 'deal', a.deal_id, (select d.owner_id from deal d where d.id = a.deal_id)),
                    (2, 'ticket', a.ticket_id, (select t.owner_id from ticket t where t.id = a.ticket_id)),
                    (3, 'contact', a.contact_id, (select c.owner_id from contact c where c.id = a.contact_id)),
                    (4, 'company', a.company_id, (select c.owner_id from company c where c.id = a.company_id))
                    ) v (place, kind, record, owner) where v.record is not null order by v.place limit 1) l
            where a.deleted_at is null
                and (n.deed = 'create' or n.fields ? 'deleted_at' and n.fields -> 'deleted_at' ->> 1 is null)
        ), named as (
            select s.*, f.id as person from spoken s,
                regexp_matches(s.text, '(?:^|[^[:alnum:]._@-])[@＠]([a-zA-Z0-9][a-zA-Z0-9._@-]*)', 'g') m (hit)
                join staff f on lower(f.login) = lower(rtrim(m.hit[1], '.-'))
            where f.active and f.deleted_at is null
        ), told as (
            select n.person, 'mention' as why, n.kind, n.record, n.said_kind, n.said, n.by_id, n.at from named n
            union all
            select s.owner, s.why, s.kind, s.record, s.said_kind, s.said, s.by_id, s.at from spoken s
            where not exists (select from named n where n.said = s.said and n.person = s.owner)
        )
        insert into notice (person, why, kind, record, said_kind, said, operation, by_id, at)
        select distinct on (t.person, t.said_kind, t.said) t.person, t.why, t.kind, t.record, t.said_kind, t.said,
            first.operation, t.by_id, t.at
        from told t join staff s on s.id = t.person and s.active and s.deleted_at is null
        where t.person is distinct from t.by_id
        on conflict (person, said_kind, said) where said is not null do nothing;
    end if;
    return null;
end $do$;
create trigger told after insert on change referencing new table as new_rows
    for each statement execute function tell_people();

-- Wakes the seats of those whose inbox is another now.
create function notice_changed() returns trigger language plpgsql as $$
begin
    if tg_op = 'DELETE' then
        perform pg_notify('frontdesk_notice', o.person::text) from (select distinct person from old_rows) o;
    else
        perform pg_notify('frontdesk_notice', n.person::text) from (select distinct person from new_rows) n;
    end if;
    return null;
end $$;
create trigger came after insert on notice referencing new table as new_rows
    for each statement execute function notice_changed();
create trigger moved after update on notice referencing new table as new_rows
    for each statement execute function notice_changed();
create trigger left_ after delete on notice referencing old table as old_rows
    for each statement execute function notice_changed();

-- What was read a season ago is no longer kept.
create or replace function tend() returns void language plpgsql security definer
    set search_path = pg_catalog, public, pg_temp as $$
begin
    delete from presence where at < clock_timestamp() - interval '1 minute';
    delete from notice where read_at < now() - interval '90 days';
    perform add_change_partitions();
end $$;
create index notice_read_idx on notice (read_at) where read_at is not null;

alter table notice enable row level security;
do $$
declare r record;
begin
    for r in select * from role loop
        execute format('grant select, delete on notice to %I', r.pg_role);
        execute format('grant insert (why, kind, record, by_id), update (read_at) on notice to %I', r.pg_role);
        execute format('create policy %I on notice for select to %I using (person = (select public.me()))', r.name || '_own', r.pg_role);
        execute format('create policy %I on notice for update to %I using (person = (select public.me()))', r.name || '_mark', r.pg_role);
        execute format('create policy %I on notice for delete to %I using (person = (select public.me()))', r.name || '_delete', r.pg_role);
        -- That one's own change met another's is the only thing that one is told by oneself.
        execute format('create policy %I on notice for insert to %I with check (person = (select public.me()) and why = ''conflict'')',
            r.name || '_create', r.pg_role);
    end loop;
end $$;
alter table notice alter column person set default me();
