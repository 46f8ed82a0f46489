-- The lease gets a column of its own: claiming changes no indexed column, so it writes no index (HOT), for which each page keeps room.
-- The index leads with the workspace: claims go round the workspaces, and a long queue of one hides no other's.
alter table kernel.job add column lease_until timestamptz;
alter table kernel.job set (
  fillfactor = 45,
  autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000,
  autovacuum_vacuum_insert_scale_factor = 0.2, autovacuum_analyze_scale_factor = 0.5, autovacuum_analyze_threshold = 10000,
  autovacuum_vacuum_cost_delay = 0
);
drop index kernel.job_due;
create index job_due on kernel.job (workspace_id, run_at) where dead_at is null;
create index job_dead on kernel.job (workspace_id, dead_at) where dead_at is not null;
drop index kernel.job_unique;
create unique index job_unique on kernel.job (workspace_id, kind, unique_key) where dead_at is null and unique_key is not null;
