namespace Tenet.Kernel.Policies.Kinds;

/// <summary>What must hold of every table, index, key, grant and role, asked of PostgreSQL's catalogue. Each statement gives one sentence per violation.</summary>
internal static class IsolationRules
{
    // As PostgreSQL prints the policy of kernel.protect.
    private const string Bound = """( SELECT (NULLIF(current_setting('tenet.workspace'::text, true), ''::text))::uuid AS "nullif")""";

    private const string Ours = "n.nspname not in ('pg_catalog', 'information_schema') and n.nspname not like 'pg\\_%'";
    private const string Roles = "('tenet_app', 'tenet_system')";

    // The directory of workspaces is the one table that a workspace is not a column of.
    private const string Tenants =
        $"c.relkind in ('r', 'p') and {Ours} and c.oid <> 'kernel.workspace'::regclass and has_table_privilege('tenet_app', c.oid, 'select')";

    public static IReadOnlyList<string> Statements { get; } =
    [.. Rules.Select(rule => rule.Replace("@bound", Bound.Replace("'", "''", StringComparison.Ordinal), StringComparison.Ordinal))];

    private static string[] Rules =>
        [
            $"""
                select format('%s has no row-level security, or does not force it on its owner.', c.oid::regclass)
                  from pg_class c join pg_namespace n on n.oid = c.relnamespace
                 where c.relkind in ('r', 'p') and {Ours} and c.oid <> 'public.tenet_schema'::regclass
                   and not (c.relrowsecurity and c.relforcerowsecurity)
                """,
            $"""
                select format('%s has no policy: nobody may read it, so it is either dead or waiting for a mistake.', c.oid::regclass)
                  from pg_class c join pg_namespace n on n.oid = c.relnamespace
                 where c.relkind in ('r', 'p') and {Ours} and c.oid <> 'public.tenet_schema'::regclass
                   and not exists (select from pg_policy p where p.polrelid = c.oid and p.polpermissive and p.polname <> 'purge')
                """,
            $"""
                select format('%s opens to %s by policy %s, which is neither bound to the workspace nor the directory''s.',
                              c.oid::regclass, p.polroles::regrole[], p.polname)
                  from pg_policy p join pg_class c on c.oid = p.polrelid
                 -- A restrictive policy opens nothing: it takes rows away from what the others show.
                 where p.polpermissive and p.polroles <> array['tenet_system'::regrole::oid]
                   and p.polroles <> array[c.relowner]
                   and not (
                     p.polroles = array['tenet_app'::regrole::oid]
                     and array_remove(array[pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid)], null) <@ array[
                       case when c.oid = 'kernel.workspace'::regclass then '(id = @bound)' else '(workspace_id = @bound)' end]
                     and coalesce(p.polqual, p.polwithcheck) is not null)
                """,
            $"""
                select format('%s is read by tenants and its primary key does not start with workspace_id.', c.oid::regclass)
                  from pg_class c join pg_namespace n on n.oid = c.relnamespace
                 where {Tenants} and not exists (
                   select from pg_index i join pg_attribute a on a.attrelid = c.oid and a.attnum = i.indkey[0]
                    where i.indrelid = c.oid and i.indisprimary and a.attname = 'workspace_id')
                """,
            $"""
                select format('%s.workspace_id may be null or does not default to the workspace of the transaction.', c.oid::regclass)
                  from pg_class c join pg_namespace n on n.oid = c.relnamespace
                 where {Tenants} and not exists (
                   select from pg_attribute a join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
                    where a.attrelid = c.oid and a.attname = 'workspace_id' and a.attnotnull
                      and pg_get_expr(d.adbin, d.adrelid) = 'kernel.workspace()')
                """,
            $"""
                select format('The unique index %s does not start with workspace_id: it would tell tenants of each other.', i.indexrelid::regclass)
                  from pg_index i join pg_class c on c.oid = i.indrelid join pg_namespace n on n.oid = c.relnamespace
                 where i.indisunique and {Tenants} and not exists (
                   select from pg_attribute a where a.attrelid = c.oid and a.attnum = i.indkey[0] and a.attname = 'workspace_id')
                """,
            $"""
                select format('The exclusion constraint %s of %s sees rows of every workspace.', k.conname, c.oid::regclass)
                  from pg_constraint k join pg_class c on c.oid = k.conrelid join pg_namespace n on n.oid = c.relnamespace
                 where k.contype = 'x' and {Tenants}
                """,
            $"""
                select format('The foreign key %s of %s does not start with workspace_id: it could point into another workspace.', k.conname, c.oid::regclass)
                  from pg_constraint k join pg_class c on c.oid = k.conrelid join pg_namespace n on n.oid = c.relnamespace
                  join pg_attribute own on own.attrelid = k.conrelid and own.attnum = k.conkey[1]
                  join pg_attribute other on other.attrelid = k.confrelid and other.attnum = k.confkey[1]
                 where k.contype = 'f' and {Tenants}
                   and not (own.attname = 'workspace_id'
                            and other.attname = case when k.confrelid = 'kernel.workspace'::regclass then 'id' else 'workspace_id' end)
                """,
            $"""
                select format('%s is a %s: it would bypass the policies of the tables below.', c.oid::regclass,
                              case c.relkind when 'm' then 'materialized view' when 'f' then 'foreign table' else 'view without security_invoker' end)
                  from pg_class c join pg_namespace n on n.oid = c.relnamespace
                 where {Ours} and (c.relkind in ('m', 'f')
                   or (c.relkind = 'v' and not coalesce(c.reloptions, '{"{}"}') && array['security_invoker=true', 'security_invoker=on']))
                """,
            $"""
                select format('%s may %s %s.', case when a.grantee = 0 then 'public' else a.grantee::regrole::text end, lower(a.privilege_type), c.oid::regclass)
                  from pg_class c join pg_namespace n on n.oid = c.relnamespace, aclexplode(c.relacl) a
                 where {Ours} and (a.grantee = 0 or (a.grantee <> c.relowner and (
                   a.grantee::regrole::text not in {Roles} or a.is_grantable
                   or a.privilege_type not in ('SELECT', 'INSERT', 'UPDATE', 'DELETE', 'USAGE'))))
                """,
            $"""
                select format('public may %s the schema %s.', lower(a.privilege_type), n.nspname)
                  from pg_namespace n, aclexplode(n.nspacl) a
                 where {Ours} and (n.nspname <> 'public' or a.privilege_type <> 'USAGE') and a.grantee = 0
                """,
            $"""
                select format('The function %s runs with its owner''s rights.', f.oid::regprocedure)
                  from pg_proc f join pg_namespace n on n.oid = f.pronamespace where {Ours} and f.prosecdef
                """,
            $"""
                select format('The role %s may do more than read and write rows.', rolname) from pg_roles
                 where rolname in {Roles} and (rolsuper or rolbypassrls or rolcreatedb or rolcreaterole or rolreplication)
                """,
            $"""
                select format('The role %s is a member of %s.', m.member::regrole, m.roleid::regrole) from pg_auth_members m
                 where m.member::regrole::text in {Roles}
                """,
            $"""
                select format('The role %s owns %s.', d.refobjid::regrole, coalesce(nullif(pg_describe_object(d.classid, d.objid, 0), ''), 'something'))
                  from pg_shdepend d
                 where d.deptype = 'o' and d.refclassid = 'pg_authid'::regclass and d.refobjid::regrole::text in {Roles}
                    and d.dbid in (0, (select oid from pg_database where datname = current_database()))
                """,
        ];
}
