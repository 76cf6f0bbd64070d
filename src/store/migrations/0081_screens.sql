-- A screen that was shown to a colleague stays written down like who came in: the server says when it begins, before
-- anything is shown, and when it ends. `person` is whose screen it is, `by_id` who sees it, `note` who ended it.
alter table access drop constraint access_deed_choice;
alter table access add constraint access_deed_choice check (deed in ('invited', 'code_refused', 'code_used', 'key_added',
    'key_removed', 'came_in', 'withdrawn', 'factor_set', 'factor_removed', 'factor_refused', 'recovery_used',
    'screen_shown', 'screen_closed'));

-- False, and nothing is shown, unless both may come in.
create function screen_shown(owner bigint, watcher bigint, address text) returns boolean language plpgsql
    security definer set search_path = pg_catalog, public, pg_temp set plan_cache_mode = auto as $$
begin
    insert into access (deed, person, by_id, address)
    select 'screen_shown', o.id, w.id, screen_shown.address::inet from staff o, staff w
    where o.id = screen_shown.owner and o.active and o.deleted_at is null
        and w.id = screen_shown.watcher and w.active and w.deleted_at is null;
    return found;
end $$;

-- Also of people who have been disabled meanwhile.
create function screen_closed(owner bigint, watcher bigint, address text, note text) returns void language plpgsql
    security definer set search_path = pg_catalog, public, pg_temp set plan_cache_mode = auto as $$
begin
    insert into access (deed, person, by_id, address, note)
    select 'screen_closed', o.id, w.id, screen_closed.address::inet, left(screen_closed.note, 300) from staff o, staff w
    where o.id = screen_closed.owner and w.id = screen_closed.watcher;
end $$;

revoke execute on function screen_shown(bigint, bigint, text), screen_closed(bigint, bigint, text, text) from public;
do $$
begin
    execute format('grant execute on function screen_shown(bigint, bigint, text), screen_closed(bigint, bigint, text, text) to %I',
        service_role());
end $$;
