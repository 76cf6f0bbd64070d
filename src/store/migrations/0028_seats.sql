-- Who sits at which server just now, and what admins say to seats. Servers write their own seats and renew them; a row
-- counts for a minute after `at`. What admins said stays, so that it can be told later who ended whose seat and why.

create unlogged table seat (
    seat text primary key,
    person bigint not null,
    -- Host and process.
    server text not null,
    address text not null,
    since timestamptz not null,
    -- The last key.
    touched_at timestamptz not null,
    at timestamptz not null default clock_timestamp()
);

create table seat_word (
    id bigint generated always as identity primary key,
    at timestamptz not null default clock_timestamp(),
    by_id bigint not null default me() references staff (id),
    -- The seat that is ended, and whose it was.
    seat text not null,
    person bigint not null references staff (id),
    address text not null,
    said text not null default '' constraint seat_word_said_length check (length(said) <= 200)
);
create index seat_word_seat_idx on seat_word (seat);

create function seats_changed() returns trigger language plpgsql as $$
begin
    perform pg_notify('frontdesk_seat', '');
    return null;
end $$;
create trigger said after insert on seat_word for each statement execute function seats_changed();
-- A key that was taken back ends the seats that were entered with it.
create trigger seats_end after update of revoked_at on user_key for each statement execute function seats_changed();

-- A server's seats as they are now; those of servers that vanished are forgotten.
create function seats_live(server text, live jsonb) returns void language plpgsql security definer
    set search_path = pg_catalog, public, pg_temp set plan_cache_mode = auto as $$
begin
    insert into seat (seat, person, server, address, since, touched_at)
    select l.seat, l.person, seats_live.server, l.address, l.since, l.touched_at
    from jsonb_to_recordset(live) l (seat text, person bigint, address text, since timestamptz, touched_at timestamptz)
    on conflict (seat) do update set touched_at = excluded.touched_at, at = clock_timestamp();
    delete from seat s where s.at < clock_timestamp() - interval '10 minutes';
end $$;

create function seat_left(seat text) returns void language plpgsql security definer
    set search_path = pg_catalog, public, pg_temp set plan_cache_mode = auto as $$
begin
    delete from seat s where s.seat = seat_left.seat;
end $$;

-- Which of these seats an admin has ended, who it was, and what they said.
create function seats_ended(seats text[]) returns table (seat text, by_login text, said text) language plpgsql stable
    security definer set search_path = pg_catalog, public, pg_temp set plan_cache_mode = auto as $$
begin
    return query select w.seat, b.login, w.said from seat_word w join staff b on b.id = w.by_id
        where w.seat = any (seats_ended.seats);
end $$;

revoke execute on function seats_live(text, jsonb), seat_left(text), seats_ended(text[]) from public;
alter table seat enable row level security;
alter table seat_word enable row level security;
do $$
declare r record;
begin
    for r in select * from role where name = 'admin' loop
        execute format('grant select on seat, seat_word to %I', r.pg_role);
        execute format('grant insert (seat, person, address, said) on seat_word to %I', r.pg_role);
        execute format('create policy %I on seat for select to %I using (true)', r.name || '_all', r.pg_role);
        execute format('create policy %I on seat_word for select to %I using (true)', r.name || '_all', r.pg_role);
        execute format('create policy %I on seat_word for insert to %I with check (by_id = (select public.me()))',
            r.name || '_say', r.pg_role);
    end loop;
    execute format('grant execute on function seats_live(text, jsonb), seat_left(text), seats_ended(text[]) to %I',
        service_role());
end $$;
