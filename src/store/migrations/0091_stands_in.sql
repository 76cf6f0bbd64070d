-- Whoever stands in for somebody who is away sees and does with that person's records what they may with their own: what a
-- role may do with `own` it may do with those. A row that is one's own or one's team's is known as such first, so that who
-- stands in for nobody is not asked for whom.

-- Those for whom me() stands in today.
create function my_absent() returns bigint[] language plpgsql stable security definer
    set search_path = pg_catalog, public, pg_temp set plan_cache_mode = auto as $$
begin
    if not exists (select from staff s where s.deputy_id = me()) then
        return '{}';
    end if;
    return array(select a.person from absences() a where a.deputy = me() order by a.person);
end $$;

create or replace function reach_sql(reach text) returns text language sql immutable as $$
    select case reach when 'all' then 'true'
        when 'own' then 'owner_id = (select public.me()) or owner_id = any ((select public.my_absent())::bigint[])'
        when 'team' then 'owner_id = (select public.me()) or team_id = any ((select public.my_teams())::bigint[])'
            || ' or owner_id = any ((select public.my_absent())::bigint[])'
        else 'false' end
$$;

do $$
begin
    execute format('grant execute on function absences() to %I', service_role());
end $$;
