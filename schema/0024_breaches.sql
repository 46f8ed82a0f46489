-- Breaches of personal data: Articles 33 and 34 GDPR.

create table privacy.breach (
  workspace_id uuid not null references kernel.workspace (id),
  id uuid not null,
  number int not null,
  state text not null check (state in ('suspected', 'confirmed', 'contained', 'mitigated', 'closed')),
  is_drill boolean not null,
  is_operators boolean not null,
  title text not null,
  what text not null,
  measures text,
  advice text,
  tables text[] not null,
  began_at timestamptz,
  ended_at timestamptz,
  incident_id uuid,
  aware_at timestamptz not null,
  authority_due_at timestamptz not null,
  customers_due_at timestamptz not null,
  authority_told_at timestamptz,
  authority_not_told text,
  authority_late text,
  customers_told_at timestamptz,
  customers_late text,
  people_told_at timestamptz,
  people bigint,
  counted_at timestamptz,
  opened_by uuid,
  closed_at timestamptz,
  primary key (workspace_id, id),
  unique (workspace_id, number)
);
select kernel.protect('privacy.breach');
create unique index breach_of_incident on privacy.breach (workspace_id, incident_id) where incident_id is not null;
create index breach_open on privacy.breach (workspace_id, authority_due_at) where state <> 'closed';

-- What happened when, in the words of those who handled it.
create table privacy.breach_step (
  workspace_id uuid not null,
  id uuid not null,
  breach_id uuid not null,
  at timestamptz not null,
  kind text not null,
  text text not null,
  by uuid,
  primary key (workspace_id, id),
  foreign key (workspace_id, breach_id) references privacy.breach (workspace_id, id)
);
select kernel.protect('privacy.breach_step', 'select, insert');
create index breach_step_by_breach on privacy.breach_step (workspace_id, breach_id, id);
