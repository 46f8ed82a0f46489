-- Persons are found by their addresses, which stand in lower case; letters that still have their text by their workspace.

alter table inbox.visitor no force row level security;
update inbox.visitor set email = lower(email) where email <> lower(email);
alter table inbox.visitor force row level security;
create index member_by_email on accounts.member (workspace_id, email);
create index mail_with_text on kernel.mail (workspace_id) where sealed is not null;

create schema privacy;
grant usage on schema privacy to tenet_app;

-- An erasure from the wish to the certificate. Which rows it means is forgotten with them.
create table privacy.erasure (
  workspace_id uuid not null references kernel.workspace (id),
  id uuid not null,
  persons uuid[],
  reference bytea not null,
  ground text not null check (ground in ('request', 'consent_withdrawn', 'objection', 'unlawful', 'child', 'duty')),
  state text not null check (state in ('waiting', 'recorded', 'destroyed', 'done')),
  requested_by uuid,
  created_at timestamptz not null,
  recorded_at timestamptz,
  destroyed_at timestamptz,
  completed_at timestamptz,
  certificate text,
  primary key (workspace_id, id),
  check ((state = 'done') = (certificate is not null and persons is null))
);
select kernel.protect('privacy.erasure');
create index erasure_by_time on privacy.erasure (workspace_id, created_at desc);
create index erasure_open on privacy.erasure (workspace_id, state) where state <> 'done';

-- What became of each store. Rows are counted in the transaction that deletes them.
create table privacy.erasure_outcome (
  workspace_id uuid not null,
  erasure_id uuid not null,
  store text not null,
  outcome text not null
    check (outcome in ('pending', 'erased', 'anonymised', 'nothing_found', 'retained', 'unreachable', 'unverified')),
  method text not null,
  rows_found bigint not null default 0,
  rows_remaining bigint,
  ground text,
  query_hash bytea,
  verified_at timestamptz,
  primary key (workspace_id, erasure_id, store),
  foreign key (workspace_id, erasure_id) references privacy.erasure (workspace_id, id)
);
select kernel.protect('privacy.erasure_outcome', 'select, insert, update');

-- Keyed hashes of rows and identifiers, written before anything is destroyed.
create table privacy.erasure_ledger (
  workspace_id uuid not null,
  erasure_id uuid not null,
  hash bytea not null,
  at timestamptz not null,
  primary key (workspace_id, erasure_id, hash),
  foreign key (workspace_id, erasure_id) references privacy.erasure (workspace_id, id)
);
select kernel.protect('privacy.erasure_ledger', 'select, insert');

-- What signs a workspace's certificates of deletion.
create table privacy.certificate_key (
  workspace_id uuid not null references kernel.workspace (id),
  id uuid not null,
  private_key bytea not null,
  public_key bytea not null,
  created_at timestamptz not null,
  primary key (workspace_id, id),
  unique (workspace_id)
);
select kernel.protect('privacy.certificate_key', 'select, insert, update');

-- Copies of what is held of a person, made for them.
create table privacy.person_export (
  workspace_id uuid not null references kernel.workspace (id),
  id uuid not null,
  persons uuid[],
  state text not null check (state in ('waiting', 'ready', 'taken', 'expired')),
  token_hash bytea not null,
  blob_id uuid,
  requested_by uuid,
  created_at timestamptz not null,
  ready_at timestamptz,
  expires_at timestamptz not null,
  taken_at timestamptz,
  primary key (workspace_id, id),
  unique (workspace_id, token_hash)
);
select kernel.protect('privacy.person_export');
create index person_export_by_blob on privacy.person_export (workspace_id, blob_id) where blob_id is not null;
