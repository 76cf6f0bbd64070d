-- The pipeline as a board: what a stage demands of its deals, and the ways to a column's cards and sums.

-- Names of deal fields, with commas between: what a deal must have to stand here.
alter table stage add requires text;
select attach_kind('stage', 'stage', 'common', '{name,requires}', '{name}', '{}');

-- Refuses a deal that comes into a stage without what it demands; `deal_<column>_demand` names the field. After the
-- other rules, so that what they fill in counts. What is imported has happened elsewhere, and undoing puts a deal back
-- where it was: neither is refused.
create function deal_demands() returns trigger language plpgsql set plan_cache_mode = auto as $$
declare
    demands text;
    has jsonb;
    wanted text;
    col text;
begin
    if tg_op = 'UPDATE' and new.stage_id is not distinct from old.stage_id
        or current_setting('frontdesk.door', true) = 'import' then
        return new;
    end if;
    demands := (select st.requires from public.stage st where st.id = new.stage_id);
    if demands is null or exists (select from public.operation o
            where o.id = nullif(current_setting('frontdesk.operation', true), '')::bigint and o.undoes is not null
                and o.by_id is not distinct from public.me()) then
        return new;
    end if;
    has := to_jsonb(new);
    foreach wanted in array string_to_array(demands, ',') loop
        -- A field that is no more demands nothing.
        col := (select c from unnest(array[trim(wanted), trim(wanted) || '_id', 'c_' || trim(wanted)]) c where has ? c limit 1);
        if has -> col in ('null', '""', '[]') then
            raise exception 'the stage demands %', trim(wanted)
                using errcode = 'check_violation', table = 'deal', constraint = 'deal_' || col || '_demand';
        end if;
    end loop;
    return new;
end $$;
create trigger n_demands before insert or update of stage_id, pipeline_id on deal
    for each row execute function deal_demands();

-- The heads of the columns: number and sums, answered from the index alone, whoever asks.
create index deal_board_idx on deal (stage_id, currency) include (amount, owner_id, team_id)
    where deleted_at is null and state = 'open';

-- Columns in the order of the expected close.
select index_for_all('deal', 'stage_expected', 'stage_id, expected');
