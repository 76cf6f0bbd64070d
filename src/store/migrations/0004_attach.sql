-- A kind's table becomes a kind: attach_kind() writes its trigger functions, with the columns it has now spelled out
-- because generic ones cost several times as much, and gives it policies, grants and the usual indexes. It may run
-- again at any time, and must after a change of the columns or of this function.

create table kind (
    name text primary key,
    tbl regclass not null unique,
    sharing text not null constraint kind_sharing_choice check (sharing in ('owned', 'common')),
    -- Columns whose words are searched; of these, the ones whose Chinese is also found by pinyin.
    words text[] not null,
    names text[] not null,
    -- Columns searched by any part of them. A leading # keeps digits only: phone numbers.
    idents text[] not null,
    -- Columns that follow from another record and leave no trace in history.
    quiet text[] not null default '{}'
);

create table custom_field (
    kind text not null references kind (name),
    name text not null,
    definition jsonb not null,
    primary key (kind, name)
);

-- True when the current role may see the record. attach_kind() writes it anew for each kind.
create function visible(kind text, record bigint) returns boolean language plpgsql stable as
    'begin return false; end';

create function attach_triggers(k kind) returns void language plpgsql as $do$
declare
    tbl name := (select relname from pg_class where oid = k.tbl);
    bookkeeping constant name[] := '{id,version,created_at,created_by,updated_at,updated_by,search,ident}';
    cols name[] := array(select attname from pg_attribute
        where attrelid = k.tbl and attnum > 0 and not attisdropped and attname <> all (bookkeeping) order by attnum);
    told name[] := array(select c from unnest(cols) c where c <> all (k.quiet));
    longs name[] := array(select attname from pg_attribute where attrelid = k.tbl and attname in ('note', 'body', 'description', 'resolution'));
    words text := (select string_agg(case when w = 'tags' then 'array_to_string(new.tags, '' '')'
        when w = any (longs) then format('left(new.%I, 20000)', w) else format('new.%I', w) end, ', ') from unnest(k.words) w);
    names text := (select string_agg(format('new.%I', w), ', ') from unnest(k.names) w);
    idents text := (select string_agg(case when left(w, 1) = '#'
        then format('nullif(regexp_replace(new.%I, ''[^0-9]+'', '''', ''g''), '''')', substr(w, 2)) else format('new.%I', w) end, ', ')
        from unnest(k.idents) w);
    new_words text := (select string_agg(format('new.%I', c), ', ')
        from (select unnest(k.words) union select ltrim(unnest(k.idents), '#')) as w (c));
    new_cols text := (select string_agg(format('new.%I', c), ', ') from unnest(cols) c);
    new_told text := (select string_agg(format('new.%I', c), ', ') from unnest(told) c);
    -- A function takes a hundred arguments at most, so objects are built in parts.
    diff text := (select string_agg('jsonb_build_object(' || part || ')', ' || ') from (
        select string_agg(format('%1$L, case when o.%1$I is distinct from n.%1$I then jsonb_build_array(o.%1$I, n.%1$I) end', c), ', ') part
        from unnest(told) with ordinality u (c, i) group by (i - 1) / 40) parts);
    last text := (select string_agg('jsonb_build_object(' || part || ')', ' || ') from (
        select string_agg(format('%1$L, case when o.%1$I is not null then jsonb_build_array(o.%1$I, null) end', c), ', ') part
        from unnest(told) with ordinality u (c, i) group by (i - 1) / 40) parts);
begin
    execute format($f$
create or replace function public.%1$I() returns trigger language plpgsql as $$
declare
    doc text;
    program boolean := public.is_program();
begin
    if tg_op = 'INSERT' then
        new.version := 1;
        new.created_at := coalesce(new.created_at, now());
        new.updated_at := coalesce(new.updated_at, now());
        if not program or current_user <> session_user then
            new.created_by := public.me();
            new.updated_by := new.created_by;
        end if;
        %2$s
    else
        new.id := old.id;
        new.version := old.version;
        new.created_by := old.created_by;
        new.updated_at := old.updated_at;
        new.updated_by := old.updated_by;
        new.ident := old.ident;
        if row(null, %3$s) is distinct from row(null, %4$s) then
            new.version := old.version + 1;
            new.updated_at := now();
            new.updated_by := public.me();
        end if;
        -- Written as null, the words are made anew.
        if new.search is not null then
            new.search := old.search;
        end if;
        if new.search is not null and row(null, %5$s) is not distinct from row(null, %6$s) then
            return new;
        end if;
    end if;
    new.ident := nullif(lower(concat_ws(' ', %7$s)), '');
    doc := concat_ws(' ', %8$s);
    if octet_length(doc) = length(doc) then
        -- The usual signs one by one: ten times cheaper than one regular expression, which is for the rest.
        doc := replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(
            lower(doc collate "C"), '''', ''), '.', ' '), ',', ' '), '@', ' '), '-', ' '), '+', ' '), '(', ' '), ')', ' '),
            '/', ' '), ':', ' '), '&', ' '), '_', ' ');
        if doc ~ '[^a-z0-9 ]' then
            doc := regexp_replace(doc, '[^a-z0-9 ]', ' ', 'g');
        end if;
        if doc !~ '[^ ]{61}' then
            new.search := array_to_tsvector(array_remove(string_to_array(doc, ' '), ''));
            return new;
        end if;
    end if;
    new.search := public.search_words(doc, concat_ws(' ', %9$s));
    return new;
end $$
    $f$, tbl || '_before',
        case when k.sharing = 'owned' and cardinality(k.quiet) = 0 then $f$
        if current_setting('frontdesk.door', true) is distinct from 'import' then
            if new.owner_id is null and (not program or current_user <> session_user) then
                new.owner_id := public.me();
            end if;
            if new.team_id is null and new.owner_id is not null then
                new.team_id := public.team_of(new.owner_id);
            end if;
        end if;$f$ else '' end,
        new_told, replace(new_told, 'new.', 'old.'), new_words, replace(new_words, 'new.', 'old.'),
        coalesce(idents, 'null'), words, names);

    -- Nested loops are off because the plan is kept: made for one row, it must not meet ten thousand.
    execute format($f$
create or replace function public.%1$I() returns trigger language plpgsql security definer
    set search_path = pg_catalog, public, pg_temp set enable_nestloop = off set plan_cache_mode = auto as $$
declare
    op bigint;
    who bigint;
    n bigint;
begin
    if tg_op = 'UPDATE' then
        if not exists (select from new_rows n join old_rows o using (id) where n.version <> o.version) then return null; end if;
    elsif tg_op = 'INSERT' then
        if not exists (select from new_rows) then return null; end if;
    elsif not exists (select from old_rows) then return null;
    end if;
    op := current_operation();
    who := me();
    if tg_op = 'INSERT' then
        insert into change (operation, by_id, kind, record, version, deed)
        select op, who, %2$L, id, version, 'create' from new_rows;
    elsif tg_op = 'UPDATE' then
        insert into change (operation, by_id, kind, record, version, deed, fields)
        select op, who, %2$L, n.id, n.version, 'update', jsonb_strip_nulls(%3$s)
        from new_rows n join old_rows o using (id) where n.version <> o.version;
    else
        insert into change (operation, by_id, kind, record, version, deed, fields)
        select op, who, %2$L, o.id, o.version, 'erase', jsonb_strip_nulls(%4$s) from old_rows o;
    end if;
    get diagnostics n = row_count;
    update operation set records = records + n where id = op;
    perform pg_notify('frontdesk', '');
    return null;
end $$
    $f$, tbl || '_changed', k.name, diff, last);

    if not exists (select from pg_trigger where tgrelid = k.tbl and tgname = 'm_before') then
        execute format('create trigger m_before before insert or update on %s for each row execute function public.%I()', k.tbl, tbl || '_before');
        execute format('create trigger m_created after insert on %s referencing new table as new_rows for each statement execute function public.%I()', k.tbl, tbl || '_changed');
        execute format('create trigger m_updated after update on %s referencing old table as old_rows new table as new_rows for each statement execute function public.%I()', k.tbl, tbl || '_changed');
        execute format('create trigger m_erased after delete on %s referencing old table as old_rows for each statement execute function public.%I()', k.tbl, tbl || '_changed');
    end if;
end $do$;

-- Row-level security and grants, for each role that exists. Policies of scope team are made of init-plans only, so that
-- they are computed once a statement.
create function attach_policies(k kind) returns void language plpgsql as $do$
declare
    r record;
    p record;
    mine constant text := 'owner_id = (select public.me()) or team_id = any ((select public.my_teams())::bigint[])';
    shared text := case when exists (select from pg_attribute where attrelid = k.tbl and attname = 'shared' and not attisdropped)
        then ' or shared' else '' end;
begin
    execute format('alter table %s enable row level security', k.tbl);
    for r in select * from public.role loop
        for p in select polname from pg_policy
            where polrelid = k.tbl and polroles = array[(select oid from pg_roles where rolname = r.pg_role)] loop
            execute format('drop policy %I on %s', p.polname, k.tbl);
        end loop;
        execute format('revoke all on %s from %I', k.tbl, r.pg_role);
        if r.scope = 'all' then
            execute format('grant select, insert, update, delete on %s to %I', k.tbl, r.pg_role);
            execute format('create policy %I on %s to %I using (true) with check (true)', r.name || '_all', k.tbl, r.pg_role);
        elsif k.sharing = 'common' then
            execute format('grant select on %s to %I', k.tbl, r.pg_role);
            execute format('create policy %I on %s for select to %I using (true)', r.name || '_read', k.tbl, r.pg_role);
        else
            execute format('grant select, insert, update, delete on %s to %I', k.tbl, r.pg_role);
            execute format('create policy %I on %s for select to %I using (%s)', r.name || '_read', k.tbl, r.pg_role, mine || shared);
            execute format('create policy %I on %s for insert to %I with check (%s)', r.name || '_create', k.tbl, r.pg_role, mine);
            execute format('create policy %I on %s for update to %I using (%s) with check (%4$s)', r.name || '_edit', k.tbl, r.pg_role, mine);
            execute format('create policy %I on %s for delete to %I using (%s)', r.name || '_delete', k.tbl, r.pg_role, mine);
        end if;
    end loop;
end $do$;

-- The indexes that a list of any kind needs.
create function attach_indexes(k kind) returns void language plpgsql as $do$
declare
    tbl name := (select relname from pg_class where oid = k.tbl);
begin
    execute format('create index if not exists %I on %s using gin (search)', tbl || '_search_idx', k.tbl);
    if cardinality(k.idents) > 0 then
        execute format('create index if not exists %I on %s using gin (ident gin_trgm_ops)', tbl || '_ident_idx', k.tbl);
    end if;
    execute format('create index if not exists %I on %s (deleted_at desc, id) where deleted_at is not null', tbl || '_bin_idx', k.tbl);
    if k.sharing = 'owned' then
        execute format('create index if not exists %I on %s using gin (tags)', tbl || '_tags_idx', k.tbl);
        execute format('create index if not exists %I on %s (created_at, id) where deleted_at is null', tbl || '_created_idx', k.tbl);
        execute format('create index if not exists %I on %s (owner_id, created_at, id) where deleted_at is null', tbl || '_owner_idx', k.tbl);
        execute format('create index if not exists %I on %s (team_id, created_at, id) where deleted_at is null', tbl || '_team_idx', k.tbl);
    end if;
end $do$;

create function attach_kind(kind text, tbl regclass, sharing text, words text[], names text[], idents text[],
    quiet text[] default '{}') returns void language plpgsql as $do$
declare
    k public.kind;
    r record;
    body text := '';
begin
    insert into public.kind as had values (attach_kind.kind, attach_kind.tbl, attach_kind.sharing, attach_kind.words,
        attach_kind.names, attach_kind.idents, attach_kind.quiet)
    on conflict (name) do update set tbl = excluded.tbl, sharing = excluded.sharing, words = excluded.words,
        names = excluded.names, idents = excluded.idents, quiet = excluded.quiet
    returning had.* into k;
    perform public.attach_triggers(k), public.attach_policies(k), public.attach_indexes(k);
    for r in select a.name, c.relname from public.kind a join pg_class c on c.oid = a.tbl order by a.name loop
        body := body || format('when %L then return (select exists (select from public.%I t where t.id = $2)); ', r.name, r.relname);
    end loop;
    execute format('create or replace function public.visible(kind text, record bigint) returns boolean language plpgsql stable
        set plan_cache_mode = auto as %L', 'begin case $1 ' || body || 'else return false; end case; end');
end $do$;

-- A person's team, for records that get an owner and no team.
create function team_of(person bigint) returns bigint language plpgsql stable set plan_cache_mode = auto as $$
begin
    return (select s.team_id from public.staff s where s.id = person);
end $$;

-- Adds a column for a field defined at run time, `definition` as the program writes fields in JSON. Waits at most two
-- seconds for the table. An index, if wanted, is built afterwards without locking anybody out.
create function add_custom_field(kind text, definition jsonb) returns void language plpgsql security definer
    set search_path = pg_catalog, public, pg_temp set lock_timeout = '2s' as $do$
declare
    k public.kind;
    field text := definition ->> 'name';
    ty text := case jsonb_typeof(definition -> 'ty') when 'string' then definition ->> 'ty'
        when 'object' then (select jsonb_object_keys(definition -> 'ty') limit 1) end;
    col text := 'c_' || field;
    sql_type text := case ty when 'text' then 'text' when 'long_text' then 'text' when 'email' then 'text' when 'phone' then 'text'
        when 'url' then 'text' when 'choice' then 'text' when 'int' then 'bigint' when 'ref' then 'bigint'
        when 'decimal' then 'numeric' when 'money' then 'numeric(19,4)' when 'bool' then 'boolean' when 'day' then 'date'
        when 'instant' then 'timestamptz' end;
begin
    select * into k from public.kind where name = add_custom_field.kind for update;
    if k.name is null then
        raise exception 'there is no kind %', kind using errcode = 'check_violation', constraint = 'custom_field_kind';
    end if;
    if field is null or field !~ '^[a-z][a-z0-9_]{0,39}$' then
        raise exception 'a field''s name is lower-case letters, digits and _' using errcode = 'check_violation', constraint = 'custom_field_name';
    end if;
    if sql_type is null then
        raise exception 'a field cannot be of type %', ty using errcode = 'check_violation', constraint = 'custom_field_type';
    end if;
    insert into custom_field (kind, name, definition) values (k.name, field, definition);
    execute format('alter table %s add column %I %s', k.tbl, col, sql_type);
    if ty in ('text', 'long_text', 'email', 'phone', 'url') then
        k.words := k.words || col;
    end if;
    if ty in ('email', 'url') then
        k.idents := k.idents || col;
    elsif ty = 'phone' then
        k.idents := k.idents || ('#' || col);
    end if;
    update public.kind set words = k.words, idents = k.idents where name = k.name;
    perform attach_triggers(k), attach_indexes(k);
    perform pg_notify('frontdesk_registry', '');
end $do$;

-- Removes a record for good, with the values that history kept of it, as the law may ask. That it was erased, when
-- and by whom stays.
create function erase(kind text, id bigint) returns void language plpgsql security definer
    set search_path = pg_catalog, public, pg_temp as $do$
declare
    k public.kind;
    messages bigint[];
begin
    select * into strict k from public.kind where name = erase.kind;
    if k.name = 'ticket' then
        messages := array(select m.id from message m where m.ticket_id = erase.id);
    end if;
    execute format('delete from %s t where t.id = $1', k.tbl) using erase.id;
    update change c set fields = null where c.kind = k.name and c.record = erase.id and c.fields is not null;
    update change c set fields = null where c.kind = 'message' and c.record = any (messages) and c.fields is not null;
    delete from draft d where split_part(d.key, ':', 1) = erase.kind and split_part(d.key, ':', 2) = erase.id::text;
end $do$;

revoke execute on function attach_triggers(kind), attach_policies(kind), attach_indexes(kind),
    attach_kind(text, regclass, text, text[], text[], text[], text[]), add_custom_field(text, jsonb), erase(text, bigint) from public;

-- History is seen by whoever sees the record. An operation says only who did what sort of thing when.
alter table change enable row level security;
alter table operation enable row level security;

do $$
declare r record;
begin
    for r in select * from role loop
        execute format('grant select on kind, custom_field, pinyin to %I', r.pg_role);
        if r.scope = 'all' then
            execute format('grant execute on function add_custom_field(text, jsonb), erase(text, bigint) to %I', r.pg_role);
        end if;
        execute format('create policy %I on change for select to %I using (%s)', r.name || '_read', r.pg_role,
            case r.scope when 'all' then 'true' else 'public.visible(kind, record)' end);
        execute format('create policy %I on operation for select to %I using (true)', r.name || '_read', r.pg_role);
    end loop;
    execute format('grant select on kind, custom_field to %I', service_role());
end $$;
