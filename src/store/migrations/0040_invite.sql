-- Coming in over SSH for the first time: a code that an admin hands out makes the key that a newcomer shows theirs. And
-- what happens at that door: invitations, refused codes, keys given and taken back, who came in from where.

create table access (
    id bigint generated always as identity primary key,
    at timestamptz not null default clock_timestamp(),
    deed text not null constraint access_deed_choice
        check (deed in ('invited', 'code_refused', 'code_used', 'key_added', 'key_removed', 'came_in')),
    -- Whom it is about; nobody when a code was nobody's.
    person bigint references staff (id) on delete cascade,
    -- Who did it; nobody when it is not known who typed a code.
    by_id bigint,
    fingerprint text,
    -- Where the client was; null at the server itself.
    address inet,
    -- Why a code was refused, until when an invitation is good.
    note text not null default '',
    -- More of the same from there that were only counted.
    times int not null default 1
);
create index access_person_idx on access (person, id);
create index access_at_idx on access (at);
create index access_refused_idx on access (at) where deed = 'code_refused';

create table invite (
    id bigint generated always as identity primary key,
    person bigint not null references staff (id) on delete cascade,
    -- SHA-256 of the code, which itself is nowhere. Codes have 80 bits of chance, so a quick hash hides them.
    hash bytea not null constraint invite_hash_length check (length(hash) = 32),
    made_at timestamptz not null default now(),
    made_by bigint default me(),
    expires_at timestamptz not null,
    ended_at timestamptz,
    ended text constraint invite_ended_choice check (ended in ('used', 'replaced')),
    constraint invite_ended_whole check ((ended_at is null) = (ended is null))
);
create unique index invite_hash_key on invite (hash);
create unique index invite_person_key on invite (person) where ended_at is null;

-- A new invitation replaces the one before.
create function invite_replaces() returns trigger language plpgsql security definer
    set search_path = pg_catalog, public, pg_temp set plan_cache_mode = auto as $$
begin
    update invite i set ended_at = clock_timestamp(), ended = 'replaced' where i.person = new.person and i.ended_at is null;
    insert into access (deed, person, by_id, address, note)
    values ('invited', new.person, new.made_by, said_address(),
        to_char(new.expires_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI "UTC"'));
    return new;
end $$;
create trigger replaces before insert on invite for each row execute function invite_replaces();

-- The client's address, as the program says for its transaction.
create function said_address() returns inet language sql stable as $$
    select nullif(current_setting('frontdesk.address', true), '')::inet
$$;

-- Whoever gives and takes keys, in whichever way.
create function key_changes() returns trigger language plpgsql security definer
    set search_path = pg_catalog, public, pg_temp set plan_cache_mode = auto as $$
begin
    if tg_op = 'INSERT' then
        insert into access (deed, person, by_id, fingerprint, address)
        values ('key_added', new.person, new.added_by, new.fingerprint, said_address());
    elsif old.revoked_at is null and new.revoked_at is not null then
        insert into access (deed, person, by_id, fingerprint, address)
        values ('key_removed', new.person, new.revoked_by, new.fingerprint, said_address());
    end if;
    return null;
end $$;
create trigger told after insert or update of revoked_at on user_key for each row execute function key_changes();

-- Whose code this is. With a key it is spent and the key becomes theirs; without one it stays good. Null when it opens
-- nothing, for whichever reason: that is only written down, in this transaction, which the caller commits either way.
--
-- Ten wrong codes from one address (in IPv6, one network) in ten minutes, at all servers together, and a right one is
-- refused there like a wrong one. Of all addresses together a thousand are written down each, the others counted.
create function use_invite(hash bytea, address text, algorithm text, fingerprint text) returns text language plpgsql
    security definer set search_path = pg_catalog, public, pg_temp set plan_cache_mode = auto as $$
declare
    place inet := use_invite.address::inet;
    i record;
    why text;
    lately timestamptz := clock_timestamp() - interval '10 minutes';
    latest bigint;
begin
    if family(place) = 6 then
        place := network(set_masklen(place, 64));
    end if;
    -- One after the other from there, so that nobody has more tries by trying at once.
    perform pg_advisory_xact_lock(hashtextextended('frontdesk invite ' || place, 0));
    perform set_config('frontdesk.address', use_invite.address, true);
    select max(a.id) into latest from access a
    where a.deed = 'code_refused' and a.at > lately and a.address <<= place having count(*) >= 10;
    if latest is not null then
        update access a set times = a.times + 1 where a.id = latest;
        return null;
    end if;
    select v.id, v.person, v.ended, v.expires_at, s.login, s.active and s.deleted_at is null as is_here into i
    from invite v join staff s on s.id = v.person where v.hash = use_invite.hash for update of v;
    why := case
        when not found then 'unknown'
        when i.ended is not null then i.ended
        when i.expires_at <= clock_timestamp() then 'expired'
        when not i.is_here then 'disabled'
    end;
    if why is null and use_invite.fingerprint is not null then
        insert into user_key (person, algorithm, fingerprint, comment, added_by)
        values (i.person, use_invite.algorithm, use_invite.fingerprint, 'by invitation', i.person)
        on conflict do nothing;
        if found then
            update invite v set ended_at = clock_timestamp(), ended = 'used' where v.id = i.id;
            insert into access (deed, person, by_id, fingerprint, address)
            values ('code_used', i.person, i.person, use_invite.fingerprint, said_address());
        else
            why := 'key of another';
        end if;
    end if;
    if why is null then
        return i.login;
    end if;
    select max(a.id) into latest from access a where a.deed = 'code_refused' and a.at > lately having count(*) >= 1000;
    if latest is not null then
        update access a set times = a.times + 1 where a.id = latest;
    else
        insert into access (deed, person, fingerprint, address, note)
        values ('code_refused', i.person, use_invite.fingerprint, said_address(), why);
    end if;
    return null;
end $$;

-- Somebody came in with this key.
create function came_in(fingerprint text, address text) returns void language plpgsql security definer
    set search_path = pg_catalog, public, pg_temp set plan_cache_mode = auto as $$
begin
    insert into access (deed, person, by_id, fingerprint, address)
    select 'came_in', k.person, k.person, k.fingerprint, came_in.address::inet from user_key k
    where k.fingerprint = came_in.fingerprint and k.revoked_at is null;
end $$;

revoke execute on function use_invite(bytea, text, text, text), came_in(text, text) from public;

-- What happened at the door is told for somewhat more than a year.
do $do$
declare
    was text := pg_get_functiondef('tend()'::regprocedure);
    last text := 'perform add_change_partitions();';
begin
    if position(last in was) = 0 then
        raise exception 'tend() is not as this migration knows it';
    end if;
    execute replace(was, last, 'delete from access where at < now() - interval ''400 days''; ' || last);
end $do$;

alter table access enable row level security;
alter table invite enable row level security;
do $$
declare r record;
begin
    for r in select * from role loop
        execute format('grant select on access to %I', r.pg_role);
        if r.name = 'admin' then
            execute format('create policy %I on access for select to %I using (true)', r.name || '_all', r.pg_role);
            execute format('grant insert (person, hash, expires_at) on invite to %I', r.pg_role);
            execute format('create policy %I on invite for insert to %I with check (made_by = (select public.me()))',
                r.name || '_add', r.pg_role);
        else
            execute format('create policy %I on access for select to %I using (person = (select public.me()))', r.name || '_own', r.pg_role);
        end if;
    end loop;
    execute format('grant execute on function use_invite(bytea, text, text, text), came_in(text, text) to %I', service_role());
end $$;
