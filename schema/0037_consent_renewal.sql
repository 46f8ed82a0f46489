-- From when on consents that were given before count no more, because what rests on them changes. Consents themselves are never changed.
create table privacy.consent_renewal (
  workspace_id uuid not null references kernel.workspace (id),
  id uuid not null,
  policy text not null,
  version text not null,
  due_at timestamptz not null,
  decided_at timestamptz not null,
  primary key (workspace_id, id)
);
select kernel.protect('privacy.consent_renewal', 'select, insert, delete');
create unique index consent_renewal_once on privacy.consent_renewal (workspace_id, policy, version, due_at);
create index consent_renewal_by_due on privacy.consent_renewal (workspace_id, due_at);
