-- Notices that go outside, to a hook or a webhook, because their person has no seat. A notice that was handed over is
-- written down before it goes: a server that ends between hands none over twice, and may lose one.

create table outside (
    notice bigint primary key references notice (id) on delete cascade,
    state text not null constraint outside_state_choice check (state in ('going', 'gone', 'failed', 'dropped')),
    tries int not null default 1,
    -- When a failed one is tried again.
    next_at timestamptz not null default clock_timestamp(),
    at timestamptz not null default clock_timestamp()
);

-- Notices that have been unread for so long, of people who sit nowhere, by person: they go now, and nobody else takes
-- them. One server at a time; another one gets nothing meanwhile. What is older than a day more goes nowhere: whoever
-- switches this on does not hear of last year.
create function outside_take(after interval) returns table (login text, email text, lang text, notices bigint[]) language plpgsql
    security definer set search_path = pg_catalog, public, pg_temp set plan_cache_mode = auto as $$
begin
    if not pg_try_advisory_xact_lock(hashtextextended('frontdesk outside', 0)) then
        return;
    end if;
    return query
    with due as (
        select n.id, n.person from notice n join staff s on s.id = n.person and s.active and s.deleted_at is null
            left join outside o on o.notice = n.id
        where n.read_at is null and n.at <= clock_timestamp() - outside_take.after
            and n.at > clock_timestamp() - outside_take.after - interval '1 day'
            and (o.notice is null or o.state = 'failed' and o.next_at <= clock_timestamp())
            and not exists (select from seat t where t.person = n.person and t.at > clock_timestamp() - interval '1 minute')
            and not exists (select from setting w where w.person = n.person and w.key = 'notices' and w.value -> 'outside' = 'false')
        order by n.id limit 500
    ), taken as (
        insert into outside as had (notice, state) select d.id, 'going' from due d
        on conflict (notice) do update set state = 'going', tries = had.tries + 1, at = clock_timestamp()
        returning had.notice
    )
    select s.login, s.email, s.lang, array_agg(d.id order by d.id)
    from due d join taken k on k.notice = d.id join staff s on s.id = d.person
    group by s.id, s.login, s.email, s.lang order by s.id;
end $$;

-- What became of them. Tried again after a pause, twice that, and so on up to an hour; given up after ten times.
create function outside_told(notices bigint[], told boolean, pause interval) returns void language plpgsql security definer
    set search_path = pg_catalog, public, pg_temp set plan_cache_mode = auto as $$
begin
    update outside o set at = clock_timestamp(),
        state = case when told then 'gone' when o.tries >= 10 then 'dropped' else 'failed' end,
        next_at = clock_timestamp() + least(pause * 2 ^ (o.tries - 1), interval '1 hour')
    where o.notice = any (outside_told.notices) and o.state = 'going';
end $$;

revoke execute on function outside_take(interval), outside_told(bigint[], boolean, interval) from public;
alter table outside enable row level security;
do $$
begin
    execute format('grant execute on function outside_take(interval), outside_told(bigint[], boolean, interval) to %I',
        service_role());
end $$;
