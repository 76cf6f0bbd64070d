-- Imports: words that the program made already, and custom fields that came to nothing.

-- Making the words took four fifths of the time of an import. The program makes them while the batch before is
-- written, by the same rules (domain::words), and says so for its transaction; every other row's words, and those that
-- the program leaves blank, are made by the trigger as ever.
do $do$
declare
    was text := pg_get_functiondef('attach_triggers(kind)'::regprocedure);
    made text := replace(was, $was$        %2$s
    else$was$, $made$        %2$s
        if new.search is not null and program and current_setting('frontdesk.words', true) = 'given' then
            return new;
        end if;
    else$made$);
begin
    if made = was then
        raise exception 'attach_triggers is not as this migration knows it';
    end if;
    execute made;
    perform attach_triggers(k) from kind k;
end $do$;

-- Takes a field away again that nobody has filled in, as after an import that failed. False when it holds values, or is
-- not there. Waits at most two seconds for the table.
create function drop_empty_custom_field(kind text, field text) returns boolean language plpgsql security definer
    set search_path = pg_catalog, public, pg_temp set lock_timeout = '2s' set plan_cache_mode = auto as $do$
declare
    k public.kind;
    col name := 'c_' || field;
    is_filled boolean;
begin
    select * into k from public.kind where name = drop_empty_custom_field.kind for update;
    if not exists (select from custom_field c where c.kind = k.name and c.name = field) then
        return false;
    end if;
    execute format('lock table %s in access exclusive mode', k.tbl);
    execute format('select exists (select from %s where %I is not null)', k.tbl, col) into is_filled;
    if is_filled then
        return false;
    end if;
    delete from custom_field c where c.kind = k.name and c.name = field;
    k.words := array_remove(k.words, col::text);
    k.idents := array_remove(array_remove(k.idents, col::text), '#' || col);
    update public.kind set words = k.words, idents = k.idents where name = k.name;
    execute format('alter table %s drop column %I', k.tbl, col);
    perform attach_triggers(k);
    perform pg_notify('frontdesk_registry', '');
    return true;
end $do$;
revoke execute on function drop_empty_custom_field(text, text) from public;

do $$
declare r record;
begin
    for r in select * from role loop
        if r.scope = 'all' then
            execute format('grant execute on function drop_empty_custom_field(text, text) to %I', r.pg_role);
        end if;
    end loop;
end $$;
