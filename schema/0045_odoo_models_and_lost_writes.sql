-- Which model answered, by the name that the workspace's admin chose for it: a name without spaces, never content.
alter table odoo.turn add column model text check (model ~ '^[A-Za-z0-9][A-Za-z0-9._:/-]{0,99}$');

-- Writes whose host was killed before a job stood over them: whether Odoo did them, nobody here knows.
alter table odoo.approval no force row level security;
update odoo.approval set state = 'unknown', fault = 'lost' where state = 'executing' and decided_at < now() - interval '3 minutes';
alter table odoo.approval force row level security;
