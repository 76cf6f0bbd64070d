-- What somebody may not see does not come out another way: not through the search of records with hidden fields, the
-- addresses on mail, the letters of filing, the numbers of others' operations or what watchers are told.

-- Which rows of a kind's table me() sees, as a condition on its columns; for functions with the owner's rights, which no
-- policy holds.
create function seen_sql(kind text) returns text language plpgsql stable security definer
    set search_path = pg_catalog, public, pg_temp set plan_cache_mode = auto as $$
declare
    k kind;
    reach text;
begin
    select t.* into strict k from kind t where t.name = seen_sql.kind;
    reach := (select (right_on(s.role, k.name)).sees from staff s where s.id = me() and s.active and s.deleted_at is null);
    reach := coalesce(reach, 'none');
    return reach_sql(reach) || case when reach in ('own', 'team')
        and exists (select from pg_attribute where attrelid = k.tbl and attname = 'shared' and not attisdropped) then ' or shared' else '' end;
end $$;

-- True when the role of that person does not see the column.
create function is_hidden_from(person bigint, kind text, col name) returns boolean language plpgsql stable security definer
    set search_path = pg_catalog, public, pg_temp set plan_cache_mode = auto as $$
begin
    return exists (select from staff s, held_columns(s.role, is_hidden_from.kind) h
        where s.id = person and h.hold = '0hidden' and h.col = is_hidden_from.col);
end $$;
revoke execute on function seen_sql(text), is_hidden_from(bigint, text, name) from public;

-- The two that find records by words which may not be read themselves: only among those that one sees.
do $do$
declare
    edit record;
    was text;
begin
    for edit in select * from (values
        ('words_hit(text, tsquery)', 'where t.search @@ $1 and', 'where (%s) and t.search @@ $1 and', 'k.tbl, coalesce(words,', 'k.tbl, seen_sql(k.name), coalesce(words,'),
        ('idents_hit(text, text)', 'where t.ident like $1 and', 'where (%s) and t.ident like $1 and', 'k.tbl, coalesce(idents,', 'k.tbl, seen_sql(k.name), coalesce(idents,')
    ) v (name, old, new, old_args, new_args) loop
        was := pg_get_functiondef(edit.name::regprocedure);
        if position(edit.old in was) = 0 or position(edit.old_args in was) = 0 then
            raise exception '% is not as this migration knows it', edit.name;
        end if;
        execute replace(replace(was, edit.old, edit.new), edit.old_args, edit.new_args);
    end loop;
end $do$;

-- A mail that names nobody goes to its ticket's contact, whose address whoever replies need not see.
create function mail_address() returns trigger language plpgsql security definer
    set search_path = pg_catalog, public, pg_temp set plan_cache_mode = auto as $$
begin
    if new.to_address is null then
        execute format('select c.email from ticket t join (select * from contact where %s) c on c.id = t.contact_id where t.id = $1',
            seen_sql('contact')) into new.to_address using new.ticket_id;
    end if;
    return case when new.to_address <> '' then new end;
end $$;
create trigger a_address before insert on outbox for each row execute function mail_address();

-- When mails left is told to who may take them back.
do $do$
declare
    was text := pg_get_functiondef('left_outbox(bigint[])'::regprocedure);
    made text := replace(was, 'where b.message_id = any (messages)
            and (b.state', 'where b.message_id = any (messages) and (b.by_id = me() or may(me(), ''undo''))
            and (b.state');
begin
    if made = was then
        raise exception 'left_outbox is not as this migration knows it';
    end if;
    execute made;
end $do$;

-- Nobody takes a letter for a category that they do not see, and so learns that there is one.
do $do$
declare
    was text := pg_get_functiondef('take_letter(text, text, text[])'::regprocedure);
    made text := replace(was, 'begin
    perform pg_advisory', 'begin
    if take_letter.field = ''category'' and is_hidden_from(me(), ''ticket'', ''category'') then
        return null;
    end if;
    perform pg_advisory');
begin
    if made = was then
        raise exception 'take_letter is not as this migration knows it';
    end if;
    execute made;
end $do$;

-- Watchers hear of what they see.
do $do$
declare
    was text := pg_get_functiondef('tell_watchers()'::regprocedure);
    made text := replace(was, $was$n.fields ?| '{owner_id,status,stage_id,lifecycle,done}'$was$,
        $made$n.fields ?| '{owner_id,status,stage_id,lifecycle,done}'
                and exists (select from unnest('{owner_id,status,stage_id,lifecycle,done}'::text[]) c
                    where n.fields ? c and not is_hidden_from(f.id, n.kind, c::name))$made$);
begin
    if made = was then
        raise exception 'tell_watchers is not as this migration knows it';
    end if;
    execute made;
end $do$;

-- How many records an operation touched is its own person's business: others may not see all of them. Of one's own, the
-- latest that touched any.
create function my_operations(seat text, at_most bigint) returns setof bigint language plpgsql stable security definer rows 100
    set search_path = pg_catalog, public, pg_temp set plan_cache_mode = auto as $$
begin
    if my_operations.seat is null then
        return query select o.id from operation o where o.by_id = me() and o.records > 0 order by o.id desc limit at_most;
    else
        return query select o.id from operation o where o.by_id = me() and o.seat = my_operations.seat and o.records > 0
            order by o.id desc limit at_most;
    end if;
end $$;
revoke execute on function my_operations(text, bigint) from public;

-- Which columns of tables that are no kind's a role reads follows from the fields that it does not see.
create function hold_beside(r role) returns void language plpgsql as $do$
declare
    hidden name[];
begin
    if public.is_one_login() or r.name = 'admin' then
        return;
    end if;
    hidden := case when exists (select from public.held_columns(r.name, 'contact') h where h.col = 'email' and h.hold = '0hidden')
        then '{to_address,cc}' else '{}' end;
    execute format('revoke all on public.outbox, public.operation from %I', r.pg_role);
    execute format('grant insert on public.outbox to %I', r.pg_role);
    execute (select format('grant select (%s) on public.outbox to %I', string_agg(quote_ident(a.attname), ', '), r.pg_role) from pg_attribute a
        where a.attrelid = 'public.outbox'::regclass and a.attnum > 0 and not a.attisdropped and a.attname <> all (hidden));
    execute format('grant select (id, at, by_id, door, action, seat, undoes, note) on public.operation to %I', r.pg_role);
end $do$;
revoke execute on function hold_beside(role) from public;

do $do$
declare
    was text := pg_get_functiondef('hold_base(role)'::regprocedure);
    last text := '    -- Configuration that is in no kind''s table.';
    made text := replace(replace(was, last, '    perform public.hold_beside(r);
' || last), $was$        made := format('create policy %I on %s for %s to %I', x.name$was$,
        $made$        -- Categories that are filed by.
        if x.polcmd = 'r' and x.relname = 'letter' then
            x.sees := case when exists (select from public.held_columns(r.name, 'ticket') h where h.col = 'category' and h.hold = '0hidden')
                then 'field <> ''category''' else 'true' end;
        end if;
        made := format('create policy %I on %s for %s to %I', x.name$made$);
begin
    if position(last in was) = 0 or length(made) < length(was) + 300 then
        raise exception 'hold_base is not as this migration knows it';
    end if;
    execute made;
end $do$;

do $$
declare r record;
begin
    for r in select pg_role from role loop
        execute format('grant execute on function my_operations(text, bigint) to %I', r.pg_role);
    end loop;
end $$;
