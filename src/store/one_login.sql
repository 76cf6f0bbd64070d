-- In place of the block of 0001_roles.sql that makes roles: every frontdesk role is the one login that there is. What
-- that means for policies is in 0015_managed.sql.
do $$
begin
    insert into role (name, pg_role, scope) values ('admin', current_user, 'all'), ('sales', current_user, 'team');
    execute format('create function service_role() returns name language sql immutable parallel safe as %L',
        format('select %L::name', current_user));
    execute format('create function is_program() returns boolean language sql stable parallel safe as %L',
        format('select session_user = %L', current_user));
end $$;
