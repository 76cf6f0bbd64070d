-- Who manages users gives and takes keys, invitations and second factors, and sees and ends seats: not an admin alone. But
-- nobody makes of themselves or of others more than they are: who manages users does so for those whose role goes nowhere
-- further than their own, in their own team and the teams below it.

-- True when a role goes nowhere further than another.
create function is_within(role text, other text) returns boolean language plpgsql stable security definer
    set search_path = pg_catalog, public, pg_temp set plan_cache_mode = auto as $$
declare
    r role;
    o role;
begin
    select t.* into r from role t where t.name = is_within.role;
    select t.* into o from role t where t.name = is_within.other;
    if r.name is null or o.name is null then
        return false;
    elsif o.name = 'admin' or r.name = o.name then
        return true;
    elsif r.name = 'admin' or not r.may <@ o.may or o.bulk is not null and (r.bulk is null or r.bulk > o.bulk) then
        return false;
    end if;
    return not exists (select from kind k, right_on(r.name, k.name) a, right_on(o.name, k.name) b
            where reach_rank(a.sees) > reach_rank(b.sees) or reach_rank(a.creates) > reach_rank(b.creates)
                or reach_rank(a.edits) > reach_rank(b.edits) or reach_rank(a.deletes) > reach_rank(b.deletes)
                or reach_rank(a.exports) > reach_rank(b.exports))
        -- `0hidden` and then `1fixed`: what is kept from one is kept from the other as well.
        and not exists (select from kind k, held_columns(o.name, k.name) b
            where not exists (select from held_columns(r.name, k.name) a where a.col = b.col and a.hold <= b.hold));
end $$;

-- True when me() manages users of that role in that team.
create function manages_such(role text, team bigint) returns boolean language plpgsql stable security definer
    set search_path = pg_catalog, public, pg_temp set plan_cache_mode = auto as $$
declare mine text := (select s.role from staff s where s.id = me() and s.active and s.deleted_at is null);
begin
    return mine = 'admin' or mine is not null and may(me(), 'users') and is_within(manages_such.role, mine)
        and (team is null or team = any (my_teams()));
end $$;

-- The same of a person.
create function manages(person bigint) returns boolean language plpgsql stable security definer
    set search_path = pg_catalog, public, pg_temp set plan_cache_mode = auto as $$
begin
    return coalesce((select manages_such(s.role, s.team_id) from staff s where s.id = person), false);
end $$;

-- True in a session of the schema's owner that has taken no person's role; asked by functions with the owner's rights.
create function is_owner() returns boolean language sql stable as $$
    select session_user = current_user and current_setting('role') = 'none'
$$;

-- Whoever manages users and is no admin changes only those that they manage, and into nothing that they do not; their own
-- role, team and being here are others' to change, and nobody's login to Postgres, by which one is known there, is theirs.
create or replace function staff_guard() returns trigger language plpgsql security definer
    set search_path = pg_catalog, public, pg_temp set plan_cache_mode = auto as $$
begin
    if me() is null or acts_in('admin') or is_owner() then
        return case when tg_op = 'DELETE' then old else new end;
    end if;
    if tg_op <> 'INSERT' and not manages_such(old.role, old.team_id)
        or tg_op <> 'DELETE' and not manages_such(new.role, new.team_id)
        or tg_op = 'INSERT' and new.db_login is not null
        or tg_op = 'UPDATE' and (new.db_login is distinct from old.db_login or new.id = me()
            and (new.role, new.team_id, new.active, new.deleted_at) is distinct from (old.role, old.team_id, old.active, old.deleted_at))
    then
        raise exception 'only admins do that' using errcode = 'insufficient_privilege';
    end if;
    return case when tg_op = 'DELETE' then old else new end;
end $$;

-- Where a team stands decides what its people see: who is no admin moves only what is below their own team, and only there.
create function team_guard() returns trigger language plpgsql security definer
    set search_path = pg_catalog, public, pg_temp set plan_cache_mode = auto as $$
declare
    own bigint := (select s.team_id from staff s where s.id = me());
begin
    if me() is null or acts_in('admin') or is_owner() then
        return case when tg_op = 'DELETE' then old else new end;
    end if;
    if tg_op = 'INSERT' and new.parent_id is not null and not new.parent_id = any (my_teams())
        or tg_op = 'UPDATE' and (new.parent_id, new.deleted_at) is distinct from (old.parent_id, old.deleted_at)
            and (old.id = own or not old.id = any (my_teams()) or new.parent_id is null or not new.parent_id = any (my_teams()))
        or tg_op = 'DELETE' and (old.id = own or not old.id = any (my_teams()))
    then
        raise exception 'only admins do that' using errcode = 'insufficient_privilege';
    end if;
    return case when tg_op = 'DELETE' then old else new end;
end $$;
create trigger b_guard before insert or update or delete on team for each row execute function team_guard();

-- As in 0061, for who manages the person.
create or replace function set_factor(person bigint, secret bytea, step bigint, recovery bytea[]) returns void language plpgsql
    security definer set search_path = pg_catalog, public, pg_temp set plan_cache_mode = auto as $$
begin
    if set_factor.person is distinct from me() and not manages(set_factor.person) then
        raise exception 'that is another person''s second factor' using errcode = 'insufficient_privilege';
    end if;
    perform put_factor(person, secret, step, recovery);
    insert into access (deed, person, by_id, address) values ('factor_set', set_factor.person, me(), said_address());
end $$;

create or replace function drop_factor(person bigint) returns boolean language plpgsql security definer
    set search_path = pg_catalog, public, pg_temp set plan_cache_mode = auto as $$
begin
    if drop_factor.person is distinct from me() and not manages(drop_factor.person) then
        raise exception 'that is another person''s second factor' using errcode = 'insufficient_privilege';
    end if;
    delete from second_factor f where f.person = drop_factor.person;
    if not found then
        return false;
    end if;
    insert into access (deed, person, by_id, address) values ('factor_removed', drop_factor.person, me(), said_address());
    return true;
end $$;

create or replace function factors() returns table (person bigint, since timestamptz) language plpgsql stable security definer
    set search_path = pg_catalog, public, pg_temp set plan_cache_mode = auto as $$
begin
    return query select f.person, f.since from second_factor f where f.person = me() or may(me(), 'users');
end $$;

create or replace function withdraw_invite(person bigint) returns boolean language plpgsql security definer
    set search_path = pg_catalog, public, pg_temp set plan_cache_mode = auto as $$
begin
    if not manages(withdraw_invite.person) then
        raise exception 'that is another''s to withdraw' using errcode = 'insufficient_privilege';
    end if;
    update invite i set ended_at = clock_timestamp(), ended = 'withdrawn'
    where i.person = withdraw_invite.person and i.ended_at is null and i.expires_at > clock_timestamp();
    if not found then
        return false;
    end if;
    insert into access (deed, person, by_id, address) values ('withdrawn', withdraw_invite.person, me(), said_address());
    return true;
end $$;

create or replace function open_invites() returns table (person bigint, expires_at timestamptz) language plpgsql stable
    security definer set search_path = pg_catalog, public, pg_temp set plan_cache_mode = auto as $$
begin
    return query select i.person, i.expires_at from invite i
        where i.ended_at is null and i.expires_at > clock_timestamp() and may(me(), 'users');
end $$;

-- Grants and policies of one role on the tables of the door.
create function hold_users(r role) returns void language plpgsql as $do$
declare
    p record;
    x record;
begin
    if r.name = 'admin' then
        return;
    end if;
    for p in select y.polname, y.polrelid::regclass as tbl from pg_policy y join pg_class c on c.oid = y.polrelid
        where c.relnamespace = 'public'::regnamespace and starts_with(y.polname, r.name || '_users_') loop
        execute format('drop policy %I on %s', p.polname, p.tbl);
    end loop;
    if not public.is_one_login() then
        execute format('revoke insert, update on public.user_key, public.invite, public.announcement from %I', r.pg_role);
        execute format('revoke all on public.seat, public.seat_word from %I', r.pg_role);
        execute format('revoke execute on function public.withdraw_invite(bigint), public.open_invites() from %I', r.pg_role);
    end if;
    if not 'users' = any (r.may) then
        return;
    end if;
    if not public.is_one_login() then
        execute format('grant insert (person, algorithm, fingerprint, comment), update (revoked_at, revoked_by) on public.user_key to %I', r.pg_role);
        execute format('grant insert (person, hash, expires_at) on public.invite to %I', r.pg_role);
        execute format('grant insert (said) on public.announcement to %I', r.pg_role);
        execute format('grant select on public.seat, public.seat_word to %I', r.pg_role);
        execute format('grant insert (seat, person, address, said) on public.seat_word to %I', r.pg_role);
        execute format('grant execute on function public.withdraw_invite(bigint), public.open_invites() to %I', r.pg_role);
    end if;
    for x in select * from (values
        ('user_key', 'read', 'select using (true)'),
        ('user_key', 'add', 'insert with check (public.manages(person))'),
        ('user_key', 'revoke', 'update using (revoked_at is null and public.manages(person)) with check (revoked_at is not null)'),
        ('access', 'read', 'select using (true)'),
        ('invite', 'add', 'insert with check (made_by = (select public.me()) and public.manages(person))'),
        ('seat', 'read', 'select using (true)'),
        ('seat_word', 'read', 'select using (true)'),
        ('seat_word', 'say', 'insert with check (by_id = (select public.me()) and public.manages(person) '
            'and exists (select from public.seat s where s.seat = seat_word.seat and s.person = seat_word.person))'),
        ('announcement', 'say', 'insert with check (by_id = (select public.me()))')
    ) v (tbl, what, said) loop
        execute format('create policy %I on public.%I for %s', r.name || '_users_' || x.what, x.tbl,
            regexp_replace(x.said, '^(\w+) ', format('\1 to %I ', r.pg_role)));
    end loop;
end $do$;
revoke execute on function is_within(text, text), manages_such(text, bigint), manages(bigint), hold_users(role) from public;

do $do$
declare
    was text := pg_get_functiondef('hold_base(role)'::regprocedure);
    last text := '    perform public.hold_beside(r);
';
begin
    if position(last in was) = 0 then
        raise exception 'hold_base is not as this migration knows it';
    end if;
    execute replace(was, last, last || '    perform public.hold_users(r);
');
end $do$;

do $$
declare r record;
begin
    for r in select pg_role from role loop
        execute format('grant execute on function manages(bigint) to %I', r.pg_role);
    end loop;
end $$;
