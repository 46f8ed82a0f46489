-- Wrapped keys stand in a schema of their own, so that an archive of the data can leave them out.

create schema vault;
grant usage on schema vault to tenet_app, tenet_system;

alter table kernel.workspace_key set schema vault;
alter table vault.workspace_key add check (version > 0);

-- Reached by the administrator's connection alone: neither role that serves requests is granted anything.
create table vault.root_key (
  version int not null check (version > 0),
  master text not null,
  wrapped bytea,
  signing bytea,
  created_at timestamptz not null default now(),
  destroyed_at timestamptz,
  primary key (version, master),
  check ((wrapped is null) = (destroyed_at is not null))
);
alter table vault.root_key enable row level security;
alter table vault.root_key force row level security;
create policy keeper on vault.root_key to current_user using (true);
create policy keeper on kernel.installation to current_user using (true);

-- A person's key. Its row outlives it, so that none is made for a shredded person again.
create table vault.subject_key (
  workspace_id uuid not null references kernel.workspace (id),
  id uuid not null,
  wrapped bytea,
  created_at timestamptz not null default now(),
  destroyed_at timestamptz,
  primary key (workspace_id, id),
  check ((wrapped is null) = (destroyed_at is not null))
);
select kernel.protect('vault.subject_key', 'select, insert, update');
