-- Assistant: which model answers, under whose key and within which budget, and what each turn took. No content of any turn.

create schema assistant;
grant usage on schema assistant to tenet_app;

-- One row at most: without it the pages answer, with no model.
create table assistant.settings (
  workspace_id uuid not null references kernel.workspace (id),
  id uuid not null,
  provider text not null check (provider ~ '^[a-z]{1,20}$'),
  model text not null check (length(model) <= 200),
  base_url text not null check (length(base_url) <= 2000),
  key bytea,
  key_ending text check (length(key_ending) <= 4),
  embedding_model text check (length(embedding_model) <= 200),
  tone text not null default '' check (length(tone) <= 1000),
  max_output_tokens int not null check (max_output_tokens between 64 and 8192),
  daily_tokens bigint check (daily_tokens >= 0),
  over_budget text not null check (over_budget in ('from_pages', 'ask_person')),
  link_hosts text[] not null default '{}',
  uses_tools boolean not null default true,
  changed_at timestamptz not null,
  primary key (workspace_id, id),
  unique (workspace_id),
  check ((key is null) = (key_ending is null))
);
select kernel.protect('assistant.settings');

-- A turn is running until it has its one final state. The receipt is its other columns.
create table assistant.turn (
  workspace_id uuid not null references kernel.workspace (id),
  id uuid not null,
  origin text not null check (origin in ('conversation', 'test_bench')),
  state text not null check (state in ('running', 'answered', 'not_found', 'handed_off', 'failed', 'over_budget')),
  attempt int not null default 1,
  started_at timestamptz not null,
  completed_at timestamptz,
  provider text,
  model text,
  recipients text[] not null default '{}',
  data_classes text[] not null default '{}',
  stored text[] not null default '{}',
  passages int,
  tokens_in int,
  tokens_out int,
  tokens_estimated boolean,
  calls int,
  fallback text,
  duration_ms int,
  helpful boolean,
  primary key (workspace_id, id),
  check ((state = 'running') = (completed_at is null))
);
select kernel.protect('assistant.turn');
create index turn_by_start on assistant.turn (workspace_id, started_at desc);

-- What the budget is counted against: one row per day in UTC.
create table assistant.usage (
  workspace_id uuid not null references kernel.workspace (id),
  day date not null,
  tokens_in bigint not null default 0,
  tokens_out bigint not null default 0,
  turns int not null default 0,
  primary key (workspace_id, day)
);
select kernel.protect('assistant.usage');
