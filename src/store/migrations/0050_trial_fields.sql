-- Fields that an import adds are on trial until it is through: of one that was cut off, as by a power cut, they go away
-- again at the next start, or when the next import begins.

create table trial_field (
    kind text not null,
    name text not null,
    constraint trial_field_pkey primary key (kind, name),
    constraint trial_field_field foreign key (kind, name) references custom_field (kind, name) on delete cascade
);

-- In the transaction that adds the field.
create function try_custom_field(kind text, field text) returns void language sql security definer
    set search_path = pg_catalog, public, pg_temp as $do$
    insert into public.trial_field (kind, name) values (try_custom_field.kind, field) on conflict do nothing;
$do$;

-- The import is through, or failed: what nobody filled in goes, the rest is a field like any other.
create function settle_custom_field(kind text, field text) returns boolean language plpgsql security definer
    set search_path = pg_catalog, public, pg_temp as $do$
declare
    is_dropped boolean := public.drop_empty_custom_field(kind, field);
begin
    delete from public.trial_field t where t.kind = settle_custom_field.kind and t.name = field;
    return is_dropped;
end $do$;

-- Settles those whose import is no longer there: while it is, it holds the lock of that name. A table that is busy is for
-- the next time.
create function settle_cut_fields() returns integer language plpgsql security definer
    set search_path = pg_catalog, public, pg_temp as $do$
declare
    t record;
    settled integer := 0;
begin
    for t in select * from public.trial_field loop
        continue when not pg_try_advisory_xact_lock(hashtextextended('trial_field ' || t.kind || ' ' || t.name, 0));
        begin
            perform public.settle_custom_field(t.kind, t.name);
            settled := settled + 1;
        exception when lock_not_available then
            null;
        end;
    end loop;
    return settled;
end $do$;

revoke execute on function try_custom_field(text, text), settle_custom_field(text, text), settle_cut_fields() from public;

do $$
declare r record;
begin
    for r in select * from role loop
        if r.scope = 'all' then
            execute format('grant execute on function try_custom_field(text, text), settle_custom_field(text, text) to %I',
                r.pg_role);
        end if;
    end loop;
    execute format('grant execute on function settle_cut_fields() to %I', service_role());
end $$;
