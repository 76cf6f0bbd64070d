-- What an imported deal need not be asked: a trigger that would return at once is not called, and the pipeline is the
-- stage's, which the rules see to and the stage's own reference holds.
create or replace trigger n_demands before insert or update of stage_id, pipeline_id on deal
    for each row when (current_setting('frontdesk.door', true) is distinct from 'import') execute function deal_demands();
alter table deal drop constraint deal_pipeline_id_fkey;
