-- Entries of the ledger outside that a restored database did not know, and that were applied again.
create table privacy.erasure_replay (
  workspace_id uuid not null references kernel.workspace (id),
  erasure_id uuid not null,
  at timestamptz not null,
  primary key (workspace_id, erasure_id)
);
select kernel.protect('privacy.erasure_replay', 'select, insert');
