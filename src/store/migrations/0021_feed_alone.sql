-- What was committed since a snapshot is a handful of rows, and the planner guesses a tenth of all changes: over millions
-- of them it starts parallel workers for each reading, which takes ten times as long as the reading itself.
alter function feed(pg_snapshot, int) set max_parallel_workers_per_gather = 0;
alter function feed_of_all(pg_snapshot, int) set max_parallel_workers_per_gather = 0;
