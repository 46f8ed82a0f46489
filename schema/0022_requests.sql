-- What persons ask by law, and how it was answered.
create table privacy.request (
  workspace_id uuid not null references kernel.workspace (id),
  id uuid not null,
  regime text not null check (regime in ('gdpr', 'ccpa')),
  kind text not null check (kind in ('access', 'portability', 'rectification', 'erasure', 'restriction', 'objection', 'human_review',
    'know', 'delete', 'opt_out', 'limit')),
  state text not null check (state in ('received', 'verifying', 'verified', 'in_progress', 'waiting_for_input', 'done', 'denied',
    'withdrawn')),
  source text not null check (source in ('api', 'form', 'widget', 'email', 'account')),
  identity text not null check (identity in ('none', 'link', 'widget', 'member', 'review')),
  email text,
  name text,
  person_id uuid,
  details text,
  answer text,
  language text not null,
  token_hash bytea,
  token_ends_at timestamptz,
  received_at timestamptz not null,
  acknowledge_by timestamptz not null,
  respond_by timestamptz not null,
  due_at timestamptz not null,
  acknowledged_at timestamptz,
  responded_at timestamptz,
  verified_at timestamptz,
  extended_at timestamptz,
  closed_at timestamptz,
  denied_for text check (denied_for in ('suspected_fraud', 'insufficient_verification', 'no_match', 'claim_not_covered',
    'outside_jurisdiction', 'too_many_requests', 'other')),
  repeated boolean not null,
  export_id uuid,
  erasure_id uuid,
  primary key (workspace_id, id),
  check ((state in ('done', 'denied', 'withdrawn')) = (closed_at is not null)),
  check ((state = 'denied') = (denied_for is not null))
);
select kernel.protect('privacy.request');
create unique index request_by_token on privacy.request (workspace_id, token_hash) where token_hash is not null;
create index request_by_email on privacy.request (workspace_id, email, received_at);
create index request_by_time on privacy.request (workspace_id, received_at) where verified_at is not null;
create index request_by_person on privacy.request (workspace_id, person_id);
create index request_by_erasure on privacy.request (workspace_id, erasure_id) where erasure_id is not null;
create index request_open on privacy.request (workspace_id, due_at) where closed_at is null;
create index request_closed on privacy.request (workspace_id, closed_at) where closed_at is not null;

-- Each step of a request.
create table privacy.request_event (
  workspace_id uuid not null,
  id uuid not null,
  request_id uuid not null,
  step text not null,
  note text,
  by_kind text not null,
  by_id uuid,
  at timestamptz not null,
  primary key (workspace_id, id),
  foreign key (workspace_id, request_id) references privacy.request (workspace_id, id) on delete cascade
);
select kernel.protect('privacy.request_event');
create index request_event_by_request on privacy.request_event (workspace_id, request_id);
