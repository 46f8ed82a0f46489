-- Purposes whose lawful basis is gone in a workspace: nothing is done for them until there is one again.
create table kernel.stopped_purpose (
  workspace_id uuid not null references kernel.workspace (id),
  purpose text not null,
  reason text not null,
  by_id uuid,
  since timestamptz not null,
  primary key (workspace_id, purpose)
);
select kernel.protect('kernel.stopped_purpose');
