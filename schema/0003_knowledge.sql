-- Knowledge: where answers come from. Sources hold pages, pages hold chunks; a site's waiting pages are its crawl's frontier.

create schema knowledge;
grant usage on schema knowledge to tenet_app;

create table knowledge.source (
  workspace_id uuid not null references kernel.workspace (id),
  id uuid not null,
  kind text not null check (kind in ('site', 'page', 'upload', 'questions')),
  name text not null check (length(name) between 1 and 200),
  url text,
  language text,
  max_pages int not null default 5000 check (max_pages between 1 and 200000),
  max_depth int not null default 20 check (max_depth between 0 and 100),
  max_bytes int not null default 5000000 check (max_bytes between 10000 and 20000000),
  page_seconds int not null default 20 check (page_seconds between 1 and 120),
  delay_milliseconds int not null default 200 check (delay_milliseconds between 0 and 60000),
  recrawl_hours int check (recrawl_hours between 1 and 2160),
  state text not null check (state in ('unproven', 'ready', 'queued', 'crawling', 'stopped', 'failed')),
  problem text,
  proof_token text,
  crawl int not null default 0,
  crawl_started_at timestamptz,
  crawl_ended_at timestamptz,
  repeated_blocks bigint[],
  created_at timestamptz not null,
  created_by uuid,
  primary key (workspace_id, id)
);
select kernel.protect('knowledge.source');

-- Who showed that the host is theirs, when and how: the permission to crawl it. Kept when the source is gone.
create table knowledge.crawl_authorisation (
  workspace_id uuid not null references kernel.workspace (id),
  id uuid not null,
  source_id uuid not null,
  host text not null,
  method text not null check (method in ('meta', 'file', 'dns', 'listed_by_operator')),
  proven_at timestamptz not null,
  proven_by uuid,
  primary key (workspace_id, id)
);
select kernel.protect('knowledge.crawl_authorisation', 'select, insert');
create index crawl_authorisation_by_host on knowledge.crawl_authorisation (workspace_id, host);

create table knowledge.page (
  workspace_id uuid not null,
  id uuid not null,
  source_id uuid not null,
  url text not null check (length(url) <= 2000),
  link text check (length(link) <= 2000),
  depth int not null default 0,
  redirects int not null default 0,
  status text not null check (status in ('waiting', 'indexed', 'skipped', 'failed', 'gone')),
  reason text,
  http_status int,
  title text not null default '',
  language text,
  etag text,
  last_modified text,
  content_hash bytea,
  bytes int,
  chunks int not null default 0,
  crawl int not null default 0,
  fetched_at timestamptz,
  batch_id uuid,
  primary key (workspace_id, id),
  unique (workspace_id, source_id, url),
  foreign key (workspace_id, source_id) references knowledge.source (workspace_id, id) on delete cascade
);
select kernel.protect('knowledge.page');
create index page_by_status on knowledge.page (workspace_id, source_id, status, id);
create index page_by_batch on knowledge.page (workspace_id, batch_id);

create table knowledge.chunk (
  workspace_id uuid not null,
  id uuid not null,
  page_id uuid not null,
  ordinal int not null,
  heading text not null,
  anchor text,
  text text not null,
  embedding real[],
  primary key (workspace_id, id),
  foreign key (workspace_id, page_id) references knowledge.page (workspace_id, id) on delete cascade
);
select kernel.protect('knowledge.chunk');
create index chunk_by_page on knowledge.chunk (workspace_id, page_id, ordinal);

-- What was uploaded, as it was: it can be cut anew.
create table knowledge.upload (
  workspace_id uuid not null,
  id uuid not null,
  source_id uuid not null,
  file_name text not null,
  format text not null check (format in ('markdown', 'html', 'text', 'csv')),
  content text not null,
  created_at timestamptz not null,
  created_by uuid,
  primary key (workspace_id, id),
  foreign key (workspace_id, source_id) references knowledge.source (workspace_id, id) on delete cascade
);
select kernel.protect('knowledge.upload');
create index upload_by_source on knowledge.upload (workspace_id, source_id);

create table knowledge.question_answer (
  workspace_id uuid not null,
  id uuid not null,
  source_id uuid not null,
  question text not null,
  answer text not null,
  url text,
  updated_at timestamptz not null,
  updated_by uuid,
  primary key (workspace_id, id),
  foreign key (workspace_id, source_id) references knowledge.source (workspace_id, id) on delete cascade
);
select kernel.protect('knowledge.question_answer');
create index question_answer_by_source on knowledge.question_answer (workspace_id, source_id);
