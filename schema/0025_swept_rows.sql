-- What went by age, by rule and day: for people to see, and counted in the transaction that deletes.

create table kernel.swept_rows (
  workspace_id uuid not null references kernel.workspace (id),
  rule text not null,
  day date not null,
  rows bigint not null,
  keep text not null,
  last_at timestamptz not null,
  primary key (workspace_id, rule, day)
);
select kernel.protect('kernel.swept_rows', 'select, insert, update');
create index swept_rows_by_day on kernel.swept_rows (workspace_id, day);
