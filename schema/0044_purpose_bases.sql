-- The lawful basis that the policy in force gave each purpose that can be stopped, when it was looked at last; null when it gave none.
create table kernel.purpose_basis (
  workspace_id uuid not null references kernel.workspace (id),
  purpose text not null,
  basis text,
  policy text not null,
  version text not null,
  since timestamptz not null,
  primary key (workspace_id, purpose)
);
select kernel.protect('kernel.purpose_basis');

-- Stopped because the policy took the basis away: goes on by itself when the policy gives it one again.
alter table kernel.stopped_purpose add column by_policy boolean not null default false;

-- For a human review: the turn whose answer a person looks at.
alter table privacy.request add column turn_id uuid;
create index request_by_turn on privacy.request (workspace_id, turn_id) where turn_id is not null;
