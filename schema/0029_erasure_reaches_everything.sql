-- The second role reaches the schema of each table that it may delete from: those that are there, and those that modules bring later.
create or replace function kernel.purgeable(target regclass) returns void
language plpgsql as $$
begin
  execute format(
    'create policy purge on %s to tenet_system using (workspace_id in (select id from kernel.workspace where purging_at is not null)) with check (false)',
    target);
  execute format('grant select (workspace_id, ctid), delete on %s to tenet_system', target);
  execute format('grant usage on schema %I to tenet_system',
    (select n.nspname from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.oid = target));
end $$;

grant usage on schema odoo to tenet_system;

-- A person's choices are locked while the person is erased, which takes the right to change some column: the one that can have no other value.
grant update (workspace_id) on privacy.consent to tenet_app;
