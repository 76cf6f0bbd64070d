-- Lists at a million records. Names come in the order people look them up; an index stands behind each often-used filter
-- in the list's own order; the index of words knows whose records they are.

-- Latin names, whatever their accents and case, then Chinese ones by pinyin. Lines of text have this order themselves,
-- so that no query has to ask for it.
do $$
begin
    create collation public.name_order (provider = icu, locale = 'zh-u-co-pinyin-kr-latn-hani');
exception when feature_not_supported or invalid_parameter_value or invalid_text_representation then
    -- A server without ICU.
    create collation public.name_order from pg_catalog."C";
end $$;

-- A GIN index of words can then also hold numbers: whose the record is.
create extension if not exists btree_gin;

-- Replaced below. No query ever asked the indexes of tags: tags are words.
do $$
declare i record;
begin
    for i in select c.relname from pg_index x join pg_class c on c.oid = x.indexrelid join kind k on k.tbl = x.indrelid
        join pg_class t on t.oid = k.tbl
        where c.relname in (t.relname || '_search_idx', t.relname || '_tags_idx') loop
        execute format('drop index %I', i.relname);
    end loop;
end $$;
drop index company_name_idx, company_owner_name_idx, company_team_name_idx, company_industry_idx, company_lifecycle_idx,
    company_country_idx, contact_name_idx, contact_owner_name_idx, contact_team_name_idx, contact_company_idx,
    contact_lifecycle_idx, contact_country_idx, contact_email_idx, deal_name_idx, ticket_category_idx,
    ticket_todo_urgency_idx, message_owner_idx, message_team_idx;

alter table pipeline alter name type text collate name_order;
alter table stage alter name type text collate name_order;
alter table staff alter name type text collate name_order;
alter table team alter name type text collate name_order;
alter table view alter name type text collate name_order;
alter table product alter name type text collate name_order, alter series type text collate name_order;
alter table company alter name type text collate name_order, alter industry type text collate name_order,
    alter address type text collate name_order, alter city type text collate name_order,
    alter country type text collate name_order, alter source type text collate name_order;
alter table contact alter name type text collate name_order, alter family_name type text collate name_order,
    alter given_name type text collate name_order, alter salutation type text collate name_order,
    alter title type text collate name_order, alter address type text collate name_order,
    alter city type text collate name_order, alter country type text collate name_order,
    alter language type text collate name_order, alter source type text collate name_order;
alter table deal alter name type text collate name_order, alter next_step type text collate name_order,
    alter lost_reason type text collate name_order, alter source type text collate name_order;
alter table ticket alter subject type text collate name_order, alter category type text collate name_order;
alter table activity alter subject type text collate name_order;
do $$
declare f record;
begin
    for f in select k.tbl, 'c_' || c.name as col from custom_field c join kind k on k.name = c.kind
        where c.definition ->> 'ty' = 'text' loop
        execute format('alter table %s alter %I type text collate name_order', f.tbl, f.col);
    end loop;
end $$;

-- The three indexes behind a field: for those who see all, for a team's records and for one person's.
create function index_for_all(tbl regclass, name text, cols text, only_where text default null) returns void
    language plpgsql as $do$
declare
    who text;
begin
    foreach who in array array['', 'team', 'owner'] loop
        execute format('create index if not exists %s_%s_idx on %s (%s, id) where %s', tbl, concat_ws('_', nullif(who, ''), name), tbl,
            concat_ws(', ', nullif(who, '') || '_id', cols), concat_ws(' and ', 'deleted_at is null', only_where));
    end loop;
end $do$;
revoke execute on function index_for_all(regclass, text, text, text) from public;

select
    index_for_all('company', 'name', 'name'),
    index_for_all('company', 'industry', 'industry, name', 'industry is not null'),
    index_for_all('company', 'lifecycle', 'lifecycle, name', 'lifecycle is not null'),
    index_for_all('company', 'country', 'country, name', 'country is not null'),
    index_for_all('contact', 'name', 'name'),
    index_for_all('contact', 'lifecycle', 'lifecycle, name', 'lifecycle is not null'),
    index_for_all('contact', 'country', 'country, name', 'country is not null'),
    index_for_all('deal', 'name', 'name'),
    index_for_all('deal', 'amount', 'amount'),
    index_for_all('deal', 'expected', 'expected'),
    -- What is open comes after all that was ever closed.
    index_for_all('deal', 'open_expected', 'expected', 'state = ''open'''),
    index_for_all('deal', 'closed', 'closed', 'closed is not null'),
    index_for_all('deal', 'stage', 'stage_id, created_at'),
    index_for_all('ticket', 'category', 'category, created_at', 'category is not null'),
    -- The queue: the most urgent first, of these what is due first.
    index_for_all('ticket', 'queue', 'array_position(''{low,normal,high,urgent}''::text[], priority) desc, due_at',
        'status in (''new'', ''open'', ''pending'', ''hold'')'),
    index_for_all('ticket', 'todo_due', 'due_at', 'status in (''new'', ''open'', ''pending'', ''hold'')'),
    index_for_all('activity', 'type', 'type, at');

-- What nobody has yet.
create index company_unowned_idx on company (name, id) where deleted_at is null and owner_id is null;
create index company_team_unowned_idx on company (team_id, name, id) where deleted_at is null and owner_id is null;
create index contact_unowned_idx on contact (name, id) where deleted_at is null and owner_id is null;
create index contact_team_unowned_idx on contact (team_id, name, id) where deleted_at is null and owner_id is null;
create index deal_unowned_idx on deal (created_at, id) where deleted_at is null and owner_id is null;
create index deal_team_unowned_idx on deal (team_id, created_at, id) where deleted_at is null and owner_id is null;
create index ticket_unowned_idx on ticket (created_at, id) where deleted_at is null and owner_id is null;
create index ticket_team_unowned_idx on ticket (team_id, created_at, id) where deleted_at is null and owner_id is null;

-- Custom fields that are often filtered by have theirs from the program, since now in the list's order too.
do $$
declare f record;
begin
    for f in select k.name, k.tbl, 'c_' || c.name as col, c.definition -> 'ty' as ty from custom_field c join kind k on k.name = c.kind
        where (c.definition ->> 'indexed')::boolean and k.sharing = 'owned' loop
        execute format('drop index if exists %I', f.tbl || '_' || f.col || '_idx');
        perform index_for_all(f.tbl, f.col, f.col || case when f.ty ?| '{choice,ref}' or f.ty in ('"text"', '"bool"') then
            case f.name when 'company' then ', name' when 'contact' then ', name' when 'activity' then ', at'
                when 'message' then ', sent_at' when 'view' then ', position' else ', created_at' end else '' end);
    end loop;
end $$;

create index contact_company_idx on contact (company_id, name, id) where company_id is not null;
create index contact_email_idx on contact (email, id) where deleted_at is null and email is not null;
create index message_owner_idx on message (owner_id, sent_at, id) where deleted_at is null;
create index message_team_idx on message (team_id, sent_at, id) where deleted_at is null;

-- Imports find records by mail and by name, whatever their case.
create index company_mail_idx on company (lower(email)) where email is not null;
create index contact_mail_idx on contact (lower(email)) where email is not null;
create index company_called_idx on company (lower(name)) where deleted_at is null;
create index contact_called_idx on contact (lower(name)) where deleted_at is null;

-- A seat's latest operations, among the many of a person.
create index operation_seat_idx on operation (by_id, seat, id desc);

-- The indexes that a list of any kind needs.
create or replace function attach_indexes(k kind) returns void language plpgsql as $do$
declare
    tbl name := (select relname from pg_class where oid = k.tbl);
begin
    execute format('create index if not exists %I on %s using gin (search%s)', tbl || '_search_idx', k.tbl,
        case k.sharing when 'owned' then ', team_id, owner_id' else '' end);
    if cardinality(k.idents) > 0 then
        execute format('create index if not exists %I on %s using gin (ident gin_trgm_ops)', tbl || '_ident_idx', k.tbl);
    end if;
    execute format('create index if not exists %I on %s (deleted_at desc, id) where deleted_at is not null', tbl || '_bin_idx', k.tbl);
    if k.sharing = 'owned' then
        execute format('create index if not exists %I on %s (created_at, id) where deleted_at is null', tbl || '_created_idx', k.tbl);
        execute format('create index if not exists %I on %s (owner_id, created_at, id) where deleted_at is null', tbl || '_owner_idx', k.tbl);
        execute format('create index if not exists %I on %s (team_id, created_at, id) where deleted_at is null', tbl || '_team_idx', k.tbl);
    end if;
end $do$;
select attach_indexes(k) from kind k;

-- As before, but lines of text come in the order of names. Adds a column for a field defined at run time, `definition` as the program writes fields in JSON. Waits at most two
-- seconds for the table. An index, if wanted, is built afterwards without locking anybody out.
create or replace function add_custom_field(kind text, definition jsonb) returns void language plpgsql security definer
    set search_path = pg_catalog, public, pg_temp set lock_timeout = '2s' as $do$
declare
    k public.kind;
    field text := definition ->> 'name';
    ty text := case jsonb_typeof(definition -> 'ty') when 'string' then definition ->> 'ty'
        when 'object' then (select jsonb_object_keys(definition -> 'ty') limit 1) end;
    col text := 'c_' || field;
    sql_type text := case ty when 'text' then 'text collate name_order' when 'long_text' then 'text' when 'email' then 'text' when 'phone' then 'text'
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

-- A workspace that is in use already needs its figures for the next query, not for the next night.
do $$
begin
    if exists (select from contact) then
        analyze company, contact, deal, ticket, message, activity;
    end if;
end $$;
