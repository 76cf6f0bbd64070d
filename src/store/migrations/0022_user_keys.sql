-- Keys by which people come in over SSH. A key that is taken back stays as a row, so that it can be told later who had
-- it and when; the same key may then be added again, for the same person or another.

create table user_key (
    id bigint generated always as identity primary key,
    person bigint not null references staff (id) on delete cascade,
    algorithm text not null,
    -- `SHA256:…`, as ssh-keygen -l prints it.
    fingerprint text not null constraint user_key_fingerprint_form check (fingerprint ~ '^SHA256:[A-Za-z0-9+/]{43}$'),
    comment text not null default '' constraint user_key_comment_length check (length(comment) <= 200),
    added_at timestamptz not null default now(),
    added_by bigint default me(),
    used_at timestamptz,
    revoked_at timestamptz,
    revoked_by bigint
);
-- One key, one person.
create unique index user_key_fingerprint_key on user_key (fingerprint) where revoked_at is null;
create index user_key_person_idx on user_key (person, id);

-- Who comes in with this key, asked before anybody acts; nobody when the key is unknown or taken back, or its owner is
-- disabled. The service learns a login for a fingerprint that it was shown, and cannot read the keys.
create function login_of_key(fingerprint text) returns text language plpgsql stable security definer
    set search_path = pg_catalog, public, pg_temp set plan_cache_mode = auto as $$
begin
    return (select s.login from user_key k join staff s on s.id = k.person
        where k.fingerprint = login_of_key.fingerprint and k.revoked_at is null and s.active and s.deleted_at is null);
end $$;
revoke execute on function login_of_key(text) from public;

-- The acting person came in with this key of theirs.
create function key_used(fingerprint text) returns void language plpgsql security definer
    set search_path = pg_catalog, public, pg_temp set plan_cache_mode = auto as $$
begin
    update user_key k set used_at = clock_timestamp()
    where k.fingerprint = key_used.fingerprint and k.revoked_at is null and k.person = me();
end $$;
revoke execute on function key_used(text) from public;

alter table user_key enable row level security;
do $$
declare r record;
begin
    for r in select * from role loop
        execute format('grant select on user_key to %I', r.pg_role);
        execute format('grant execute on function key_used(text) to %I', r.pg_role);
        if r.name = 'admin' then
            execute format('grant insert (person, algorithm, fingerprint, comment), update (revoked_at, revoked_by) on user_key to %I', r.pg_role);
            execute format('create policy %I on user_key for select to %I using (true)', r.name || '_all', r.pg_role);
            execute format('create policy %I on user_key for insert to %I with check (true)', r.name || '_add', r.pg_role);
            execute format('create policy %I on user_key for update to %I using (revoked_at is null) with check (revoked_at is not null)',
                r.name || '_revoke', r.pg_role);
        else
            execute format('create policy %I on user_key for select to %I using (person = (select public.me()))', r.name || '_own', r.pg_role);
        end if;
    end loop;
    execute format('grant execute on function login_of_key(text) to %I', service_role());
end $$;
