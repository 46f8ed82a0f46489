-- Persons whose data is kept and not used: Article 18 GDPR. The door hides their rows from everything but the work on rights.
create table kernel.restriction (
  workspace_id uuid not null references kernel.workspace (id),
  person_id uuid not null,
  request_id uuid,
  by_id uuid,
  since timestamptz not null,
  primary key (workspace_id, person_id)
);
select kernel.protect('kernel.restriction');

create function kernel.restrict(target regclass, person name) returns void
language plpgsql as $$
begin
  execute format(
    'create policy restricted on %s as restrictive for select to tenet_app using (
       (select current_setting(''tenet.restricted'', true)) = ''shown''
       or %I <> all (array(select person_id from kernel.restriction)))',
    target, person);
end $$;

select kernel.restrict('inbox.visitor', 'id');
select kernel.restrict('inbox.conversation', 'visitor_id');

-- Purposes for which persons do not want their data used: Article 21.
create table kernel.objection (
  workspace_id uuid not null references kernel.workspace (id),
  person_id uuid not null,
  purpose text not null,
  request_id uuid,
  by_id uuid,
  since timestamptz not null,
  primary key (workspace_id, person_id, purpose)
);
select kernel.protect('kernel.objection');

-- What was corrected, by whom and when: Article 16.
create table privacy.rectification (
  workspace_id uuid not null references kernel.workspace (id),
  id uuid not null,
  person_id uuid not null,
  request_id uuid,
  table_name text not null,
  row_id uuid not null,
  column_name text not null,
  before_text text,
  after_text text,
  by_kind text not null,
  by_id uuid,
  at timestamptz not null,
  primary key (workspace_id, id)
);
select kernel.protect('privacy.rectification');
create index rectification_by_person on privacy.rectification (workspace_id, person_id);
