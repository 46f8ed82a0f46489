-- The notice to the people that a breach concerns (Article 34 GDPR), as it was sent: once for each breach.
create table privacy.people_notice (
  workspace_id uuid not null,
  id uuid not null,
  breach_id uuid not null,
  is_drill boolean not null,
  state text not null check (state in ('gathering', 'sending', 'done')),
  what text not null,
  measures text not null,
  advice text not null,
  tables text[] not null,
  people bigint not null default 0,
  addresses bigint not null default 0,
  sent bigint not null default 0,
  gone bigint not null default 0,
  started_by uuid,
  started_at timestamptz not null,
  finished_at timestamptz,
  primary key (workspace_id, id),
  unique (workspace_id, breach_id),
  foreign key (workspace_id, breach_id) references privacy.breach (workspace_id, id)
);
select kernel.protect('privacy.people_notice');

-- Who gets it: one row for each address. Without the address, which is read when the letter is written.
create table privacy.notice_recipient (
  workspace_id uuid not null,
  notice_id uuid not null,
  person_id uuid not null,
  sent_at timestamptz,
  primary key (workspace_id, notice_id, person_id),
  foreign key (workspace_id, notice_id) references privacy.people_notice (workspace_id, id)
);
select kernel.protect('privacy.notice_recipient');
create index notice_recipient_by_person on privacy.notice_recipient (workspace_id, person_id);
create index notice_recipient_unsent on privacy.notice_recipient (workspace_id, notice_id, person_id) where sent_at is null;
