-- Turns whose host was killed are ended by a job that looks once an hour; who connects an Odoo from now on gets it with the connection.
alter table odoo.tenant no force row level security;
alter table kernel.schedule no force row level security;
insert into kernel.schedule (workspace_id, kind, subject_id, every, next_at)
select distinct workspace_id, 'odoo.end_lost_turns', workspace_id, interval '1 hour', now() + interval '1 hour' from odoo.tenant;
alter table kernel.schedule force row level security;
alter table odoo.tenant force row level security;
