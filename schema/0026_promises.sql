-- What a visitor's token and a site's signature were worth when they counted last: policies say how long they may, probes look here.
alter table inbox.visitor add column token_expires_at timestamptz;
alter table inbox.visitor add column identity_signed_at timestamptz;
alter table inbox.visitor add column identity_believed_at timestamptz;
create index visitor_by_token_end on inbox.visitor (workspace_id, token_expires_at) where token_expires_at is not null;
create index visitor_by_signature_age on inbox.visitor (workspace_id, (identity_believed_at - identity_signed_at))
 where identity_signed_at is not null;

-- An identity that nobody signed is found without reading the signed ones.
create index visitor_unsigned on inbox.visitor (workspace_id) where external_id is not null and not verified;

-- Whom outside this installation has sent something, and over which TLS: kept beyond the end of the node that called.
create table kernel.recipient (
  purpose text not null,
  host text not null,
  tls text not null,
  first_at timestamptz not null,
  last_at timestamptz not null,
  primary key (purpose, host, tls)
);
select kernel.direct('kernel.recipient');

-- Who sees the data of turns where a policy leaves that to owners.
create function assistant.shows_history(member uuid) returns boolean language sql stable as
  'select exists (select from accounts.member m where m.id = member and m.role = ''owner'')';
