-- Publishing a version with notice, who was told and who accepted, what broke, and the operator's own evidence.

-- What came with an upgrade while an older version is in force: promised to nobody until the operator publishes it.
create table kernel.policy_draft (
  name text primary key check (name ~ '^[a-z][a-z-]{0,39}$'),
  version text not null check (length(version) between 1 and 20),
  files jsonb not null,
  drafted_at timestamptz not null
);
select kernel.direct('kernel.policy_draft');

-- What a version took the place of, and whether that changed what was promised.
alter table kernel.policy_version add column replaces text;
alter table kernel.policy_version add column material boolean not null default false;

create table kernel.policy_notice (
  workspace_id uuid not null references kernel.workspace (id),
  name text not null,
  version text not null,
  announced_at timestamptz not null,
  letters int not null,
  primary key (workspace_id, name, version)
);
select kernel.protect('kernel.policy_notice', 'select, insert');

create table kernel.policy_acceptance (
  workspace_id uuid not null references kernel.workspace (id),
  id uuid not null,
  name text not null,
  version text not null,
  accepted_by uuid not null,
  accepted_at timestamptz not null,
  primary key (workspace_id, id)
);
select kernel.protect('kernel.policy_acceptance', 'select, insert');
create index policy_acceptance_newest on kernel.policy_acceptance (workspace_id, name, version, accepted_at);

create table kernel.incident (
  workspace_id uuid not null references kernel.workspace (id),
  id uuid not null,
  promise_id text not null,
  claim_number int not null,
  says text not null,
  opened_at timestamptz not null,
  alerted_at timestamptz,
  closed_at timestamptz,
  primary key (workspace_id, id)
);
select kernel.protect('kernel.incident', 'select, insert, update');
create unique index incident_open on kernel.incident (workspace_id, promise_id, claim_number) where closed_at is null;
create index incident_newest on kernel.incident (workspace_id, opened_at desc);

-- Evidence that counts in every workspace: what the operator of the installation answers for.
create table kernel.operator_attestation (
  id uuid primary key,
  what text not null check (length(what) between 1 and 400),
  evidence text not null check (length(evidence) between 1 and 4000),
  given_by text not null check (length(given_by) between 1 and 200),
  given_at timestamptz not null,
  withdrawn_at timestamptz
);
select kernel.direct('kernel.operator_attestation', 'select, insert, update');
create index operator_attestation_newest on kernel.operator_attestation (what, given_at desc);

-- Evidence may be a file, and may end before its time.
alter table kernel.attestation add column blob_id uuid;
alter table kernel.attestation add column expires_on date;

-- The installation's own page sums up what was seen in all workspaces: ids of promises, verdicts, times.
select kernel.direct('kernel.promise_state', 'select');
select kernel.direct('kernel.promise_day', 'select');

-- Which claim was looked at: another version's claim in the same place must not take over its verdict.
alter table kernel.promise_state add column claim text not null default '';
