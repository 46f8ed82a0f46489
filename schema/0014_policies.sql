-- Policies: what was published, which one a workspace is under, and what the probes saw.

-- Files as they were published, with those they extend: what was promised can always be shown again.
create table kernel.policy_version (
  name text not null check (name ~ '^[a-z][a-z-]{0,39}$'),
  version text not null check (length(version) between 1 and 20),
  files jsonb not null,
  effective date not null,
  published_at timestamptz not null,
  primary key (name, version)
);
select kernel.direct('kernel.policy_version', 'select, insert');

create table kernel.workspace_policy (
  workspace_id uuid not null references kernel.workspace (id),
  name text not null,
  version text not null,
  since timestamptz not null,
  accepted_by uuid,
  primary key (workspace_id)
);
select kernel.protect('kernel.workspace_policy');
select kernel.direct('kernel.workspace_policy', 'select');

-- The latest look at each claim.
create table kernel.promise_state (
  workspace_id uuid not null references kernel.workspace (id),
  promise_id text not null,
  claim_number int not null,
  verdict text not null check (verdict in ('holds', 'broken', 'unknown', 'lapsed')),
  says text not null,
  looked bigint not null,
  query text not null,
  probed_at timestamptz not null,
  since timestamptz not null,
  primary key (workspace_id, promise_id, claim_number)
);
select kernel.protect('kernel.promise_state');

-- The worst verdict of each day.
create table kernel.promise_day (
  workspace_id uuid not null references kernel.workspace (id),
  promise_id text not null,
  day date not null,
  verdict text not null check (verdict in ('holds', 'broken', 'unknown', 'lapsed')),
  primary key (workspace_id, promise_id, day)
);
select kernel.protect('kernel.promise_day');

-- A named person's evidence for what no machine can prove.
create table kernel.attestation (
  workspace_id uuid not null references kernel.workspace (id),
  id uuid not null,
  what text not null check (length(what) between 1 and 400),
  evidence text not null check (length(evidence) between 1 and 4000),
  given_by uuid not null,
  given_at timestamptz not null,
  withdrawn_at timestamptz,
  primary key (workspace_id, id)
);
select kernel.protect('kernel.attestation', 'select, insert, update');
create index attestation_newest on kernel.attestation (workspace_id, what, given_at desc);

-- Each workspace is probed by a schedule of its own.
grant insert on kernel.schedule to tenet_system;
