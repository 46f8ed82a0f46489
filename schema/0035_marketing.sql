-- Who wants to be written to by a workspace, and how they said so. The database itself takes no confirmation but by the link that was mailed.
create table privacy.marketing_consent (
  workspace_id uuid not null references kernel.workspace (id),
  id uuid not null,
  email text not null,
  notice_id uuid not null,
  language text not null,
  method text not null check (method in ('form', 'api')),
  asked_at timestamptz not null,
  link_hash bytea not null,
  link_ends_at timestamptz not null,
  used_hash bytea,
  confirmed_at timestamptz,
  withdrawal_hash bytea,
  withdrawn_at timestamptz,
  withdrawn_by text check (withdrawn_by in ('person', 'team', 'objection')),
  primary key (workspace_id, id),
  foreign key (workspace_id, notice_id) references privacy.consent_notice (workspace_id, id),
  constraint marketing_consent_confirmed
    check (confirmed_at is null or (used_hash is not null and used_hash = link_hash and confirmed_at between asked_at and link_ends_at)),
  constraint marketing_consent_withdrawn check ((withdrawn_at is null) = (withdrawn_by is null))
);
select kernel.protect('privacy.marketing_consent');
select kernel.restrict('privacy.marketing_consent', 'id');
create unique index marketing_consent_of_address on privacy.marketing_consent (workspace_id, email) where withdrawn_at is null;
create unique index marketing_consent_by_link on privacy.marketing_consent (workspace_id, link_hash);
create unique index marketing_consent_by_withdrawal on privacy.marketing_consent (workspace_id, withdrawal_hash);
create index marketing_consent_by_notice on privacy.marketing_consent (workspace_id, notice_id);
create index marketing_consent_by_end on privacy.marketing_consent (workspace_id, withdrawn_at);
create index marketing_consent_by_time on privacy.marketing_consent (workspace_id, asked_at desc, id desc);
create index marketing_consent_by_link_end on privacy.marketing_consent (workspace_id, link_ends_at) where confirmed_at is null and withdrawn_at is null;
create index marketing_consent_by_email on privacy.marketing_consent (workspace_id, email);
