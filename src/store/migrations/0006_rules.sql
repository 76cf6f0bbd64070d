-- What follows from what, kept true for every door. Trigger names decide the order: these (a_…) come before the kind's
-- own (m_…), which so sees and records their results.

-- A deal's pipeline and state are its stage's; closing sets the day unless one is given, reopening takes it away.
create function deal_rules() returns trigger language plpgsql set plan_cache_mode = auto as $$
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
        new.closed := (now() at time zone coalesce((select t.zone from public.staff t where t.id = public.me()), 'UTC'))::date;
    end if;
    return new;
end $$;
create trigger a_rules before insert or update of stage_id, pipeline_id, state, closed on deal
    for each row execute function deal_rules();

-- Other stages' deals follow when a stage changes its state.
create function stage_rules() returns trigger language plpgsql security definer
    set search_path = pg_catalog, public, pg_temp as $$
begin
    update deal set stage_id = stage_id where stage_id = new.id;
    return null;
end $$;
create trigger z_rules after update on stage for each row
    when (old.state <> new.state or old.pipeline_id <> new.pipeline_id) execute function stage_rules();

create function ticket_rules() returns trigger language plpgsql as $$
declare
    was text := case when tg_op = 'UPDATE' then old.status end;
begin
    new.status := coalesce(new.status, 'new');
    new.priority := coalesce(new.priority, 'normal');
    if new.status in ('solved', 'closed') then
        new.solved_at := coalesce(new.solved_at, new.closed_at, now());
        if new.status = 'closed' then
            new.closed_at := coalesce(new.closed_at, now());
        elsif was = 'closed' then
            new.closed_at := null;
        end if;
    elsif was in ('solved', 'closed') then
        new.solved_at := null;
        new.closed_at := null;
    end if;
    return new;
end $$;
create trigger a_rules before insert or update of status, priority, solved_at, closed_at on ticket
    for each row execute function ticket_rules();

-- A message has its ticket's owner and team. Who does not see the ticket finds none here and is refused by the policy.
create function message_rules() returns trigger language plpgsql set plan_cache_mode = auto as $$
begin
    select t.owner_id, t.team_id into new.owner_id, new.team_id from public.ticket t where t.id = new.ticket_id;
    new.sent_at := coalesce(new.sent_at, now());
    return new;
end $$;
create trigger a_rules before insert or update of ticket_id, owner_id, team_id on message
    for each row execute function message_rules();

create function ticket_moved() returns trigger language plpgsql security definer
    set search_path = pg_catalog, public, pg_temp set enable_hashjoin = on as $$
begin
    if exists (select from new_rows n join old_rows o using (id)
        where (n.owner_id, n.team_id) is distinct from (o.owner_id, o.team_id)) then
        update message m set owner_id = m.owner_id
        where m.ticket_id = any (array(select n.id from new_rows n join old_rows o using (id)
            where (n.owner_id, n.team_id) is distinct from (o.owner_id, o.team_id)));
    end if;
    return null;
end $$;
create trigger z_moved after update on ticket referencing old table as old_rows new table as new_rows
    for each statement execute function ticket_moved();

-- The first reply is remembered in the ticket.
create function message_sent() returns trigger language plpgsql security definer
    set search_path = pg_catalog, public, pg_temp as $$
declare replied bigint[];
begin
    replied := array(select distinct n.ticket_id from new_rows n where n.direction = 'out' and n.deleted_at is null);
    if cardinality(replied) > 0 then
        update ticket t set first_reply_at = (select min(m.sent_at) from message m
            where m.ticket_id = t.id and m.direction = 'out' and m.deleted_at is null)
        where t.id = any (replied) and t.first_reply_at is null;
    end if;
    return null;
end $$;
create trigger z_sent after insert on message referencing new table as new_rows
    for each statement execute function message_sent();

-- Where an activity belongs, one row per record: every timeline reads this.
create table activity_link (
    activity bigint not null references activity (id) on delete cascade,
    kind text not null,
    record bigint not null,
    at timestamptz not null,
    primary key (activity, kind)
);
create index activity_link_record_idx on activity_link (kind, record, at desc, activity desc);

create function link_activities() returns trigger language plpgsql security definer
    set search_path = pg_catalog, public, pg_temp as $$
begin
    if tg_op = 'UPDATE' then
        if not exists (select from new_rows n join old_rows o using (id) where n.version <> o.version) then return null; end if;
        delete from activity_link where activity = any (array(select id from new_rows));
    end if;
    insert into activity_link (activity, kind, record, at)
    select n.id, l.kind, l.record, coalesce(n.at, n.due_at, n.created_at)
    from new_rows n,
        lateral (values ('contact', n.contact_id), ('company', n.company_id), ('deal', n.deal_id), ('ticket', n.ticket_id)) l (kind, record)
    where l.record is not null and n.deleted_at is null;
    return null;
end $$;
create trigger z_linked after insert on activity referencing new table as new_rows
    for each statement execute function link_activities();
create trigger z_relinked after update on activity referencing old table as old_rows new table as new_rows
    for each statement execute function link_activities();

alter table activity_link enable row level security;
do $$
declare r record;
begin
    for r in select * from role loop
        execute format('grant select on activity_link to %I', r.pg_role);
        execute format('create policy %I on activity_link for select to %I using (%s)', r.name || '_read', r.pg_role,
            case r.scope when 'all' then 'true' else 'exists (select from public.activity a where a.id = activity)' end);
    end loop;
end $$;
