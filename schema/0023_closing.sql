-- A workspace is closed, may be reopened for a while, and is then purged: by the second role, which may delete rows of a workspace whose
-- purge has begun and reads nothing of them but whose they are.

alter table kernel.workspace add column purging_at timestamptz;
alter table kernel.workspace add check (purging_at is null or closed_at is not null);
grant update (closed_at, purging_at) on kernel.workspace to tenet_app;

create function kernel.purgeable(target regclass) returns void
language plpgsql as $$
begin
  execute format(
    'create policy purge on %s to tenet_system using (workspace_id in (select id from kernel.workspace where purging_at is not null)) with check (false)',
    target);
  execute format('grant select (workspace_id, ctid), delete on %s to tenet_system', target);
end $$;

create or replace function kernel.protect(target regclass, privileges text default 'select, insert, update, delete') returns void
language plpgsql as $$
declare
  first_key_column text;
begin
  select a.attname into first_key_column
    from pg_index i
    join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
   where i.indrelid = target and i.indisprimary;
  if first_key_column is distinct from 'workspace_id' then
    raise exception 'The primary key of % must start with workspace_id.', target;
  end if;
  execute format('alter table %s alter column workspace_id set default kernel.workspace()', target);
  execute format('alter table %s enable row level security', target);
  execute format('alter table %s force row level security', target);
  execute format(
    'create policy workspace on %s to tenet_app using (workspace_id = (select nullif(current_setting(''tenet.workspace'', true), '''')::uuid))',
    target);
  execute format('grant %s on %s to tenet_app', privileges, target);
  perform kernel.purgeable(target);
end $$;

do $$
declare
  tenant regclass;
begin
  for tenant in
    select c.oid from pg_class c
      join pg_policy p on p.polrelid = c.oid and p.polname = 'workspace' and p.polroles = array['tenet_app'::regrole::oid]
     where c.relkind in ('r', 'p')
  loop
    perform kernel.purgeable(tenant);
  end loop;
end $$;

grant usage on schema privacy, vault, inbox, knowledge, assistant, accounts, audit to tenet_system;

-- From the owner's word to the last row. Stays, with its certificate, when nothing else of the workspace does.
create table privacy.closing (
  workspace_id uuid not null references kernel.workspace (id),
  id uuid not null,
  state text not null check (state in ('waiting', 'purging', 'done', 'reopened')),
  reference bytea not null,
  policy text,
  requested_by uuid,
  closed_at timestamptz not null,
  purge_at timestamptz not null,
  begun_at timestamptz,
  recorded_at timestamptz,
  keys_destroyed_at timestamptz,
  completed_at timestamptz,
  link_hash bytea,
  audit_proof text,
  certificate text,
  primary key (workspace_id, id),
  check ((state = 'done') = (certificate is not null))
);
select kernel.protect('privacy.closing', 'select, insert, update');
create unique index closing_open on privacy.closing (workspace_id) where state in ('waiting', 'purging');

-- What goes together, and when, as the policy said on the day of closing.
create table privacy.closing_part (
  workspace_id uuid not null,
  closing_id uuid not null,
  part text not null,
  begins_at timestamptz not null,
  gone_by timestamptz not null,
  purged_at timestamptz,
  primary key (workspace_id, closing_id, part),
  foreign key (workspace_id, closing_id) references privacy.closing (workspace_id, id)
);
select kernel.protect('privacy.closing_part', 'select, insert, update');

-- Rows are counted in the transaction that deletes them.
create table privacy.closing_outcome (
  workspace_id uuid not null,
  closing_id uuid not null,
  store text not null,
  method text not null,
  rows_found bigint not null default 0,
  rows_remaining bigint,
  query_hash bytea,
  verified_at timestamptz,
  primary key (workspace_id, closing_id, store),
  foreign key (workspace_id, closing_id) references privacy.closing (workspace_id, id)
);
select kernel.protect('privacy.closing_outcome', 'select, insert, update');
select kernel.direct('privacy.closing_outcome', 'select, insert, update');

-- What stays when a workspace goes.
do $$
declare
  kept regclass;
begin
  foreach kept in array array['privacy.closing', 'privacy.closing_part', 'privacy.closing_outcome']::regclass[] loop
    execute format('drop policy purge on %s', kept);
    execute format('revoke delete on %s from tenet_system', kept);
  end loop;
end $$;

-- What signs the certificates of workspaces, whose own keys are destroyed before.
create table privacy.installation_key (
  id uuid primary key,
  single boolean not null default true unique check (single),
  private_key bytea not null,
  public_key bytea not null,
  created_at timestamptz not null
);
select kernel.direct('privacy.installation_key', 'select, insert, update');

-- A workspace's own data as one file, behind a link that works once.
create table privacy.workspace_export (
  workspace_id uuid not null references kernel.workspace (id),
  id uuid not null,
  state text not null check (state in ('waiting', 'ready', 'taken', 'expired')),
  token_hash bytea not null,
  blob_id uuid,
  rows bigint,
  requested_by uuid,
  created_at timestamptz not null,
  ready_at timestamptz,
  expires_at timestamptz not null,
  taken_at timestamptz,
  primary key (workspace_id, id),
  unique (workspace_id, token_hash)
);
select kernel.protect('privacy.workspace_export');
create index workspace_export_by_blob on privacy.workspace_export (workspace_id, blob_id) where blob_id is not null;
