-- Who comes in by a certificate has no key of the workspace: the server, which has verified it, says whose it is, and
-- which one it was.

create function came_in_as(login text, fingerprint text, note text, address text) returns void language plpgsql
    security definer set search_path = pg_catalog, public, pg_temp set plan_cache_mode = auto as $$
begin
    insert into access (deed, person, by_id, fingerprint, note, address)
    select 'came_in', s.id, s.id, came_in_as.fingerprint, left(came_in_as.note, 300), came_in_as.address::inet
    from staff s where s.login = came_in_as.login and s.active and s.deleted_at is null;
end $$;

revoke execute on function came_in_as(text, text, text, text) from public;
do $$
begin
    execute format('grant execute on function came_in_as(text, text, text, text) to %I', service_role());
end $$;
