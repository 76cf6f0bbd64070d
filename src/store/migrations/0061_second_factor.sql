-- A code of an authenticator app besides the key. No role reads the secrets: the service alone does, on the way of
-- somebody coming in. And taking an invitation back.

create table second_factor (
    person bigint primary key references staff (id) on delete cascade,
    secret bytea not null constraint second_factor_secret_length check (length(secret) = 20),
    -- The half minute, counted from 1970, whose code was used last: none is used twice, at whichever server.
    used_step bigint not null,
    since timestamptz not null default clock_timestamp()
);

create table recovery_code (
    person bigint not null references second_factor (person) on delete cascade,
    -- SHA-256 of a code of 80 bits of chance.
    hash bytea not null constraint recovery_code_hash_length check (length(hash) = 32),
    used_at timestamptz,
    constraint recovery_code_pkey primary key (person, hash)
);

alter table access drop constraint access_deed_choice;
alter table access add constraint access_deed_choice check (deed in ('invited', 'code_refused', 'code_used', 'key_added',
    'key_removed', 'came_in', 'withdrawn', 'factor_set', 'factor_removed', 'factor_refused', 'recovery_used'));
create index access_factor_idx on access (person, at) where deed = 'factor_refused';

-- For the two below, which say whether they may.
create function put_factor(person bigint, secret bytea, step bigint, recovery bytea[]) returns void language plpgsql
    security definer set search_path = pg_catalog, public, pg_temp set plan_cache_mode = auto as $$
begin
    delete from second_factor f where f.person = put_factor.person;
    insert into second_factor (person, secret, used_step) values (put_factor.person, put_factor.secret, step);
    insert into recovery_code (person, hash) select put_factor.person, h from unnest(recovery) h;
end $$;

-- One's own, or as an admin anybody's.
create function set_factor(person bigint, secret bytea, step bigint, recovery bytea[]) returns void language plpgsql
    security definer set search_path = pg_catalog, public, pg_temp set plan_cache_mode = auto as $$
begin
    if set_factor.person is distinct from me() and not acts_in('admin') then
        raise exception 'that is another person''s second factor' using errcode = 'insufficient_privilege';
    end if;
    perform put_factor(person, secret, step, recovery);
    insert into access (deed, person, by_id, address) values ('factor_set', set_factor.person, me(), said_address());
end $$;

create function drop_factor(person bigint) returns boolean language plpgsql security definer
    set search_path = pg_catalog, public, pg_temp set plan_cache_mode = auto as $$
begin
    if drop_factor.person is distinct from me() and not acts_in('admin') then
        raise exception 'that is another person''s second factor' using errcode = 'insufficient_privilege';
    end if;
    delete from second_factor f where f.person = drop_factor.person;
    if not found then
        return false;
    end if;
    insert into access (deed, person, by_id, address) values ('factor_removed', drop_factor.person, me(), said_address());
    return true;
end $$;

-- Who has one, and since when: an admin hears of all, everybody of themselves.
create function factors() returns table (person bigint, since timestamptz) language plpgsql stable security definer
    set search_path = pg_catalog, public, pg_temp set plan_cache_mode = auto as $$
begin
    return query select f.person, f.since from second_factor f where f.person = me() or acts_in('admin');
end $$;

-- For the service, of somebody who is coming in.
create function factor_of(login text) returns bytea language plpgsql stable security definer
    set search_path = pg_catalog, public, pg_temp set plan_cache_mode = auto as $$
begin
    return (select f.secret from second_factor f join staff s on s.id = f.person where s.login = factor_of.login);
end $$;

create function enrol_factor(login text, secret bytea, step bigint, recovery bytea[], fingerprint text, address text)
    returns boolean language plpgsql security definer set search_path = pg_catalog, public, pg_temp
    set plan_cache_mode = auto as $$
declare who bigint;
begin
    select s.id into who from staff s where s.login = enrol_factor.login and s.active and s.deleted_at is null for update;
    if who is null or exists (select from second_factor f where f.person = who) then
        return false;
    end if;
    perform put_factor(who, enrol_factor.secret, step, recovery);
    insert into access (deed, person, by_id, fingerprint, address)
    values ('factor_set', who, who, enrol_factor.fingerprint, enrol_factor.address::inet);
    return true;
end $$;

-- Ten wrong ones in ten minutes, from wherever and at all servers together, and a right one is refused, too: whoever tries
-- has the key already. The caller commits either way.
create function try_factor(login text, step bigint, recovery bytea, fingerprint text, address text) returns boolean
    language plpgsql security definer set search_path = pg_catalog, public, pg_temp set plan_cache_mode = auto as $$
declare
    f record;
    latest bigint;
    why text := 'wrong';
begin
    select x.person, x.used_step into f from second_factor x join staff s on s.id = x.person
    where s.login = try_factor.login and s.active and s.deleted_at is null for update of x;
    if not found then
        return false;
    end if;
    select max(a.id) into latest from access a
    where a.deed = 'factor_refused' and a.person = f.person and a.at > clock_timestamp() - interval '10 minutes'
    having count(*) >= 10;
    if latest is not null then
        update access a set times = a.times + 1 where a.id = latest;
        return false;
    end if;
    if try_factor.step > f.used_step then
        update second_factor x set used_step = try_factor.step where x.person = f.person;
        return true;
    elsif try_factor.step is not null then
        why := 'used before';
    else
        update recovery_code r set used_at = clock_timestamp()
        where r.person = f.person and r.hash = try_factor.recovery and r.used_at is null;
        if found then
            insert into access (deed, person, by_id, fingerprint, address, note)
            select 'recovery_used', f.person, f.person, try_factor.fingerprint, try_factor.address::inet,
                format('%s left', count(*)) from recovery_code r where r.person = f.person and r.used_at is null;
            return true;
        end if;
    end if;
    insert into access (deed, person, fingerprint, address, note)
    values ('factor_refused', f.person, try_factor.fingerprint, try_factor.address::inet, why);
    return false;
end $$;

-- An invitation is taken back: its code opens nothing any more.
alter table invite drop constraint invite_ended_choice;
alter table invite add constraint invite_ended_choice check (ended in ('used', 'replaced', 'withdrawn'));
create function withdraw_invite(person bigint) returns boolean language plpgsql security definer
    set search_path = pg_catalog, public, pg_temp set plan_cache_mode = auto as $$
begin
    if not acts_in('admin') then
        raise exception 'only admins withdraw invitations' using errcode = 'insufficient_privilege';
    end if;
    update invite i set ended_at = clock_timestamp(), ended = 'withdrawn'
    where i.person = withdraw_invite.person and i.ended_at is null and i.expires_at > clock_timestamp();
    if not found then
        return false;
    end if;
    insert into access (deed, person, by_id, address) values ('withdrawn', withdraw_invite.person, me(), said_address());
    return true;
end $$;

-- Whose invitation is open, and until when; for admins.
create function open_invites() returns table (person bigint, expires_at timestamptz) language plpgsql stable
    security definer set search_path = pg_catalog, public, pg_temp set plan_cache_mode = auto as $$
begin
    return query select i.person, i.expires_at from invite i
        where i.ended_at is null and i.expires_at > clock_timestamp() and acts_in('admin');
end $$;

alter table second_factor enable row level security;
alter table recovery_code enable row level security;
revoke execute on function put_factor(bigint, bytea, bigint, bytea[]), set_factor(bigint, bytea, bigint, bytea[]),
    drop_factor(bigint), factors(), factor_of(text), enrol_factor(text, bytea, bigint, bytea[], text, text),
    try_factor(text, bigint, bytea, text, text), withdraw_invite(bigint), open_invites() from public;
do $$
declare r record;
begin
    for r in select * from role loop
        execute format('grant execute on function set_factor(bigint, bytea, bigint, bytea[]), drop_factor(bigint), factors() to %I',
            r.pg_role);
        if r.name = 'admin' then
            execute format('grant execute on function withdraw_invite(bigint), open_invites() to %I', r.pg_role);
        end if;
    end loop;
    execute format('grant execute on function factor_of(text), enrol_factor(text, bytea, bigint, bytea[], text, text), '
        'try_factor(text, bigint, bytea, text, text) to %I', service_role());
end $$;
