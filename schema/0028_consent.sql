-- What persons chose about cookies on customers' websites, and the texts that they were shown. No row is changed.
create table privacy.consent_notice (
  workspace_id uuid not null references kernel.workspace (id),
  id uuid not null,
  hash bytea not null,
  language text not null,
  text text not null,
  created_at timestamptz not null,
  primary key (workspace_id, id),
  unique (workspace_id, hash)
);
select kernel.protect('privacy.consent_notice', 'select, insert, delete');

create table privacy.consent (
  workspace_id uuid not null,
  id uuid not null,
  person uuid not null,
  notice_id uuid not null,
  analytics boolean not null,
  preferences boolean not null,
  method text not null check (method in ('accept_all', 'reject_all', 'preferences', 'withdrawal', 'signal')),
  signal text not null check (signal in ('none', 'gpc', 'dnt')),
  origin text,
  at timestamptz not null,
  primary key (workspace_id, id),
  foreign key (workspace_id, notice_id) references privacy.consent_notice (workspace_id, id),
  -- Only a yes is a yes, and a browser's signal is overruled by nothing but the person's own choice.
  check (not (analytics or preferences) or method = 'preferences' or (method = 'accept_all' and signal = 'none'))
);
select kernel.protect('privacy.consent', 'select, insert, delete');
create index consent_by_person on privacy.consent (workspace_id, person, at desc);
create index consent_by_time on privacy.consent (workspace_id, at desc, id desc);
create index consent_by_notice on privacy.consent (workspace_id, notice_id);
