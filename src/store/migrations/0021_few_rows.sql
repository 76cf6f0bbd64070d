-- Plans for a handful of rows, beside millions.

-- What was committed since a snapshot is a handful, and the planner guesses a tenth of all changes: over millions of them
-- it starts parallel workers for each reading, which takes ten times as long as the reading itself.
alter function feed(pg_snapshot, int) set max_parallel_workers_per_gather = 0;
alter function feed_of_all(pg_snapshot, int) set max_parallel_workers_per_gather = 0;

-- The trigger that writes changes compares all old rows with all new ones and does without nested loops; what it sets off
-- inherits that, and would read a whole table for the one record that somebody got.
alter function tell_people() set enable_nestloop = on;
