-- The ground every module stands on: the one door's policies, the workspace directory, keys, audit, jobs, events, mail.
-- Roles are made by the migrator before this file runs: tenet_app (tenants' data), tenet_system (directory tables).

create schema kernel;
create schema audit;
grant usage on schema kernel, audit to tenet_app, tenet_system;

-- After `set local` has ended the setting is '', not null.
create function kernel.workspace() returns uuid
language sql stable parallel safe
as $$ select nullif(current_setting('tenet.workspace', true), '')::uuid $$;

-- Puts a tenant table behind the door. Refuses a table whose key does not start with workspace_id.
create function kernel.protect(target regclass, privileges text default 'select, insert, update, delete') returns void
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
end $$;

-- Opens a table to work across workspaces. Only for directory tables: no content, no business records.
create function kernel.direct(target regclass, privileges text default 'select, insert, update, delete') returns void
language plpgsql as $$
begin
  execute format('alter table %s enable row level security', target);
  execute format('alter table %s force row level security', target);
  execute format('create policy directory on %s to tenet_system using (true)', target);
  execute format('grant %s on %s to tenet_system', privileges, target);
end $$;

-- Proves at start that the master key is the one this database was sealed with.
create table kernel.installation (
  id int primary key check (id = 1),
  key_check bytea not null,
  created_at timestamptz not null default now()
);
select kernel.direct('kernel.installation', 'select, insert');

create table kernel.workspace (
  id uuid primary key,
  name text not null check (length(name) between 1 and 200),
  slug text not null unique check (slug ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
  language text not null default 'en',
  created_at timestamptz not null default now(),
  closed_at timestamptz
);
select kernel.direct('kernel.workspace');
create policy own on kernel.workspace to tenet_app using (id = (select nullif(current_setting('tenet.workspace', true), '')::uuid));
grant select on kernel.workspace to tenet_app;
grant update (name, language) on kernel.workspace to tenet_app;

create table kernel.workspace_key (
  workspace_id uuid not null references kernel.workspace (id),
  version int not null,
  wrapped bytea,
  created_at timestamptz not null default now(),
  destroyed_at timestamptz,
  primary key (workspace_id, version),
  check ((wrapped is null) = (destroyed_at is not null))
);
select kernel.protect('kernel.workspace_key', 'select, insert, update');

-- What happened, committed to in the transaction that did it; the chain is laid by the sequencer.
create table audit.entry (
  workspace_id uuid not null references kernel.workspace (id),
  id uuid not null,
  at timestamptz not null,
  actor_kind text not null,
  actor_id uuid,
  action text not null,
  subject_kind text not null,
  subject_id uuid not null,
  details text,
  salt bytea not null,
  commitment bytea not null,
  primary key (workspace_id, id)
);
select kernel.protect('audit.entry', 'select, insert');
create index entry_by_action on audit.entry (workspace_id, action, id desc);

create table audit.link (
  workspace_id uuid not null,
  position bigint not null,
  entry_id uuid not null,
  previous bytea not null,
  hash bytea not null,
  primary key (workspace_id, position),
  unique (workspace_id, entry_id),
  unique (workspace_id, previous),
  foreign key (workspace_id, entry_id) references audit.entry (workspace_id, id)
);
select kernel.protect('audit.link', 'select, insert');

-- Entries that wait for their place in the chain.
create table audit.due (
  workspace_id uuid not null,
  entry_id uuid not null,
  primary key (workspace_id, entry_id)
);
select kernel.protect('audit.due', 'select, insert, delete');
select kernel.direct('audit.due', 'select');

-- A job is visible when run_at has come. Claiming moves run_at to the end of the lease: a crashed worker's job comes back by itself.
create table kernel.job (
  workspace_id uuid not null references kernel.workspace (id),
  id uuid not null,
  kind text not null,
  subject_id uuid not null,
  unique_key text,
  run_at timestamptz not null default now(),
  attempt int not null default 0,
  claimed_by uuid,
  rerun boolean not null default false,
  dead_at timestamptz,
  last_error text,
  created_at timestamptz not null default now(),
  primary key (workspace_id, id)
);
select kernel.protect('kernel.job');
select kernel.direct('kernel.job', 'select, insert, update, delete');
create index job_due on kernel.job (run_at) where dead_at is null;
create unique index job_unique on kernel.job (workspace_id, kind, unique_key) where dead_at is null;

create table kernel.schedule (
  workspace_id uuid not null references kernel.workspace (id),
  kind text not null,
  subject_id uuid not null,
  every interval not null check (every >= interval '1 second'),
  next_at timestamptz not null,
  primary key (workspace_id, kind, subject_id)
);
select kernel.protect('kernel.schedule');
select kernel.direct('kernel.schedule', 'select, update');
create index schedule_due on kernel.schedule (next_at);

-- Outbox. tx orders by start, not by commit: read only below pg_snapshot_xmin.
create table kernel.event (
  workspace_id uuid not null,
  id uuid not null,
  topic text not null,
  subject_id uuid not null,
  at timestamptz not null default now(),
  tx xid8 not null default pg_current_xact_id(),
  primary key (workspace_id, id)
);
select kernel.protect('kernel.event', 'select, insert');
select kernel.direct('kernel.event', 'select, delete');
create index event_by_tx on kernel.event (tx);

-- Letters wait here until the relay took them; their text is sealed under the installation's key.
create table kernel.mail (
  id uuid primary key,
  workspace_id uuid,
  sealed bytea,
  run_at timestamptz not null default now(),
  attempt int not null default 0,
  created_at timestamptz not null default now(),
  sent_at timestamptz,
  dead_at timestamptz,
  last_error text
);
select kernel.direct('kernel.mail');
create policy own on kernel.mail for insert to tenet_app
  with check (workspace_id = (select nullif(current_setting('tenet.workspace', true), '')::uuid));
grant insert on kernel.mail to tenet_app;
create index mail_due on kernel.mail (run_at) where sent_at is null and dead_at is null;
create index mail_newest on kernel.mail (created_at desc);
create index event_by_age on kernel.event (at);
