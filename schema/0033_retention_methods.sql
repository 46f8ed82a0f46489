-- What has reached its age may also stay without what is personal in it, or as counts.
alter table kernel.swept_rows add column method text not null default 'delete' check (method in ('delete', 'aggregate', 'anonymise'));

-- How many rows there were, by the day on which they came; kept when the rows go.
create table kernel.kept_count (
  workspace_id uuid not null references kernel.workspace (id),
  rule text not null,
  day date not null,
  measure text not null,
  rows bigint not null,
  primary key (workspace_id, rule, day, measure)
);
select kernel.protect('kernel.kept_count', 'select, insert, update');

-- Those that are anonymous already belong to nobody and are not looked at again.
create index conversation_of_somebody on inbox.conversation (workspace_id, last_message_at)
  where visitor_id <> '00000000-0000-0000-0000-000000000000';
