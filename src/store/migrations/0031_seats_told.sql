-- Who comes and goes over SSH is told, as everybody's presence is: the list of seats is live.

create or replace function seats_live(server text, live jsonb) returns void language plpgsql security definer
    set search_path = pg_catalog, public, pg_temp set plan_cache_mode = auto as $$
declare is_new boolean;
begin
    select exists (select from jsonb_to_recordset(live) l (seat text) where not exists (select from seat s where s.seat = l.seat))
    into is_new;
    insert into seat (seat, person, server, address, since, touched_at)
    select l.seat, l.person, seats_live.server, l.address, l.since, l.touched_at
    from jsonb_to_recordset(live) l (seat text, person bigint, address text, since timestamptz, touched_at timestamptz)
    on conflict (seat) do update set touched_at = excluded.touched_at, at = clock_timestamp();
    delete from seat s where s.at < clock_timestamp() - interval '10 minutes';
    if is_new then
        perform pg_notify('frontdesk_presence', '');
    end if;
end $$;

create or replace function seat_left(seat text) returns void language plpgsql security definer
    set search_path = pg_catalog, public, pg_temp set plan_cache_mode = auto as $$
begin
    delete from seat s where s.seat = seat_left.seat;
    if found then
        perform pg_notify('frontdesk_presence', '');
    end if;
end $$;
