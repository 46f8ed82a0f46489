using System.Text;
using Npgsql;
using Tenet.Tests.Support;

namespace Tenet.Tests.Http.Foreign;

/// <summary>Something of another workspace, and something of the same shape that does not exist.</summary>
internal readonly record struct Pair(string Foreign, string Missing);

/// <summary>All that a workspace has: what others will send, and what must never come out to them.</summary>
internal sealed class Holdings
{
    private const int LeastTelling = 12;

    public required Guid WorkspaceId { get; init; }
    public required IReadOnlyList<Pair> Ids { get; init; }
    public required IReadOnlyList<Pair> Emails { get; init; }
    public required IReadOnlyList<Pair> Cursors { get; init; }

    /// <summary>Whatever else is a text: words, tokens, keys.</summary>
    public required IReadOnlyList<Pair> Texts { get; init; }
    public required Pair IdempotencyKey { get; init; }
    public required Pair EntityTag { get; init; }
    public required Pair EventId { get; init; }

    public IEnumerable<Pair> Sendable => Emails.Concat(Texts).Concat(Cursors).Concat(Ids);

    /// <summary>Texts of its rows that nobody sends, without the code's own words.</summary>
    public required IReadOnlyList<string> Telling { get; init; }

    /// <summary>Signs for its visitors.</summary>
    public required string IdentitySecret { get; init; }

    public static async Task<Holdings> OfAsync(TestHost host, Furnished workspace, string missingWord)
    {
        var id = workspace.Callers.Workspace.Id;
        Pair Named(string text) => new(text, text.Replace(workspace.Word, missingWord, StringComparison.Ordinal));
        // Of the same alphabet and length, and issued by nobody.
        Pair Opaque(string text) => new(text, text[..(text.Length / 2)] + new string([.. text[(text.Length / 2)..].Reverse()]));
        List<Pair> emails =
        [
            .. new[] { "member", "guest", "visitor", "offline" }.Select(who => Named($"{workspace.Word}.{who}@example.org")),
        ];
        List<Pair> texts =
        [
            Named(workspace.Word),
            Named($"{workspace.Word}-7"),
            Opaque(workspace.Callers.Visitor.Token),
            Opaque(workspace.ApiKey),
            Opaque(workspace.Callers.Workspace.Slug),
        ];
        List<Pair> cursors = [.. workspace.Cursors.Select(Opaque)];
        var sent = emails.Concat(texts).Concat(cursors).Select(pair => pair.Foreign).ToList();
        var stored = await TextsAsync(host, id);
        return new Holdings
        {
            WorkspaceId = id,
            Ids =
            [
                .. (await IdsAsync(host, id, references: true))
                    .Append(id)
                    .Distinct()
                    .Select(of => new Pair(of.ToString(), Guid.CreateVersion7().ToString())),
            ],
            Emails = emails,
            Cursors = cursors,
            Texts = texts,
            IdempotencyKey = Named(workspace.IdempotencyKey),
            EntityTag = Opaque(workspace.EntityTag) with { Missing = "\"none\"" },
            EventId = Opaque(workspace.EventId),
            Telling =
            [
                workspace.Mark,
                .. stored.Where(text => text.Any(char.IsDigit) && !sent.Exists(known => known.Contains(text, StringComparison.Ordinal))),
            ],
            IdentitySecret = workspace.IdentitySecret,
        };
    }

    /// <param name="references">Also those that only stand in rows of something else.</param>
    public static async Task<List<Guid>> IdsAsync(TestHost host, Guid workspace, bool references = false)
    {
        var ids = new List<Guid>();
        foreach (var (table, column) in await ColumnsAsync(host, "uuid"))
        {
            if (column is "id" || (references && column is not "workspace_id"))
            {
                ids.AddRange(
                    await ReadAsync<Guid>(host, $"select {column} from {table} where workspace_id = '{workspace}' and {column} is not null")
                );
            }
        }
        return [.. ids.Distinct()];
    }

    /// <summary>Changes with any of the workspace's rows but jobs and the audit trail, which move by themselves.</summary>
    public static async Task<string> FingerprintAsync(TestHost host, Guid workspace)
    {
        var all = new StringBuilder();
        foreach (
            var (table, _) in (await ColumnsAsync(host, "uuid")).Where(at =>
                at.Column is "workspace_id"
                && !at.Table.StartsWith("kernel.", StringComparison.Ordinal)
                && !at.Table.StartsWith("audit.", StringComparison.Ordinal)
            )
        )
        {
            var rows = await ReadAsync<string>(host, $"select md5(t::text) from {table} t where workspace_id = '{workspace}' order by 1");
            all.AppendLine(table + " " + string.Join(' ', rows));
        }
        return all.ToString();
    }

    /// <summary>
    /// The texts that no row of any other workspace holds. What probes say of promises is the code's own sentence with a number in it, the same for
    /// all who have as many.
    /// </summary>
    private static async Task<IReadOnlyList<string>> TextsAsync(TestHost host, Guid workspace)
    {
        var texts = new List<string>();
        foreach (var (table, column) in (await ColumnsAsync(host, "text")).Where(at => at.Table is not "kernel.promise_state"))
        {
            texts.AddRange(
                await ReadAsync<string>(
                    host,
                    $"""
                    select distinct {column} from {table} t where workspace_id = '{workspace}' and length({column}) >= {LeastTelling}
                       and not exists (select from {table} o where o.workspace_id <> t.workspace_id and o.{column} = t.{column})
                    """
                )
            );
        }
        return [.. texts.Distinct(StringComparer.Ordinal)];
    }

    private static async Task<List<(string Table, string Column)>> ColumnsAsync(TestHost host, string type) =>
        [
            .. (
                await ReadAsync<string>(
                    host,
                    $"""
                    select c.oid::regclass::text || ' ' || quote_ident(a.attname) from pg_class c
                      join pg_namespace n on n.oid = c.relnamespace join pg_attribute a on a.attrelid = c.oid
                     where c.relkind in ('r', 'p') and not c.relispartition and n.nspname not in ('pg_catalog', 'information_schema')
                       and a.attnum > 0 and not a.attisdropped and a.atttypid = '{type}'::regtype
                       and exists (select from pg_attribute w where w.attrelid = c.oid and w.attname = 'workspace_id')
                     order by 1
                    """
                )
            ).Select(line => (line.Split(' ')[0], line.Split(' ')[1])),
        ];

    private static async Task<List<T>> ReadAsync<T>(TestHost host, string sql)
    {
        await using var connection = new NpgsqlConnection(host.AdminConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<T>();
        while (await reader.ReadAsync())
        {
            rows.Add(reader.GetFieldValue<T>(0));
        }
        return rows;
    }
}
