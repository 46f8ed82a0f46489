-- Conversations of visitors with the assistant and the team.

create schema inbox;
grant usage on schema inbox to tenet_app;

create table inbox.widget (
  workspace_id uuid not null references kernel.workspace (id),
  id uuid not null,
  key text not null,
  name text not null,
  color text not null,
  position text not null,
  theme text not null,
  language text not null,
  greeting text not null,
  quick_questions text[] not null default '{}',
  allowed_origins text[] not null default '{}',
  identity_secret bytea,
  keep_days int not null default 90 check (keep_days between 1 and 3650),
  privacy_url text,
  updated_at timestamptz not null,
  primary key (workspace_id, id),
  unique (workspace_id, key),
  unique (workspace_id)
);
select kernel.protect('inbox.widget');

create table inbox.visitor (
  workspace_id uuid not null references kernel.workspace (id),
  id uuid not null,
  external_id text,
  email text,
  name text,
  verified boolean not null default false,
  language text not null,
  created_at timestamptz not null,
  seen_at timestamptz not null,
  primary key (workspace_id, id)
);
select kernel.protect('inbox.visitor');
create unique index visitor_by_external_id on inbox.visitor (workspace_id, external_id) where external_id is not null;
create index visitor_by_email on inbox.visitor (workspace_id, email) where email is not null;
create index visitor_by_seen on inbox.visitor (workspace_id, seen_at);

create table inbox.conversation (
  workspace_id uuid not null references kernel.workspace (id),
  id uuid not null,
  visitor_id uuid not null,
  channel text not null,
  -- The one that the visitor's next message goes to.
  current boolean not null default true,
  state text not null,
  mode text not null,
  assignee_id uuid,
  snoozed_until timestamptz,
  last_seq bigint not null,
  last_message_at timestamptz not null,
  preview text not null,
  page_url text,
  page_title text,
  created_at timestamptz not null,
  resolved_at timestamptz,
  primary key (workspace_id, id),
  foreign key (workspace_id, visitor_id) references inbox.visitor (workspace_id, id)
);
select kernel.protect('inbox.conversation');
create unique index conversation_current on inbox.conversation (workspace_id, visitor_id) where current;
create index conversation_by_state on inbox.conversation (workspace_id, state, last_message_at desc, id desc);
create index conversation_by_time on inbox.conversation (workspace_id, last_message_at desc);

create table inbox.message (
  workspace_id uuid not null,
  conversation_id uuid not null,
  seq bigint not null,
  id uuid not null,
  client_id uuid,
  author text not null,
  author_id uuid,
  kind text not null,
  text text not null,
  citations jsonb,
  turn_id uuid,
  turn_state text,
  helpful boolean,
  comment text,
  at timestamptz not null,
  primary key (workspace_id, conversation_id, seq),
  unique (workspace_id, id),
  foreign key (workspace_id, conversation_id) references inbox.conversation (workspace_id, id)
);
select kernel.protect('inbox.message');
create unique index message_by_client on inbox.message (workspace_id, conversation_id, client_id) where client_id is not null;
-- A question and its answer share the turn: one of each, never two.
create unique index message_by_turn on inbox.message (workspace_id, turn_id, author) where turn_id is not null;

create table inbox.presence (
  workspace_id uuid not null references kernel.workspace (id),
  member_id uuid not null,
  seen_at timestamptz not null,
  primary key (workspace_id, member_id)
);
select kernel.protect('inbox.presence');
