-- What children were known by who were found and erased: keyed hashes, nothing else. Who comes with one of them is not let in.
create table kernel.refused_identifier (
  workspace_id uuid not null references kernel.workspace (id),
  hash bytea not null,
  erasure_id uuid not null,
  since timestamptz not null,
  primary key (workspace_id, hash)
);
select kernel.protect('kernel.refused_identifier');
create index refused_identifier_by_erasure on kernel.refused_identifier (workspace_id, erasure_id);

-- The chat asks for the age before the first message, since when; null when it does not.
alter table inbox.widget add column age_gate_since timestamptz;
alter table inbox.visitor add column age_confirmed_at timestamptz;
