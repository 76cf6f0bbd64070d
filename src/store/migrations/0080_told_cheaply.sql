-- What a change seldom means for anybody's inbox is asked before it is looked for. A deletion wakes its triggers also when
-- it finds no row, and a statement that is put together is planned each time: a fifth of what one changed field took.
do $do$
declare
    was text := pg_get_functiondef('tell_people()'::regprocedure);
    asked text := replace(was, $was$
    if first.by_id is not null then
        delete from notice$was$, $made$
    if exists (select from notice g where g.person = first.by_id and g.why = 'conflict') then
        delete from notice$made$);
    made text := replace(asked, $was$is distinct from 'psql') then$was$, $made$is distinct from 'psql')
        and exists (select from new_rows n where n.deed = 'create' or n.deed = 'update' and n.fields ?| array['owner_id', 'deleted_at']) then$made$);
begin
    if asked = was or made = asked then
        raise exception 'tell_people is not as this migration knows it';
    end if;
    execute made;
end $do$;
