using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Npgsql;
using Shouldly;
using Tenet.Tests.Support;
using Xunit;

namespace Tenet.Tests.Http;

/// <summary>Whatever takes an id is asked with the ids of another workspace, and answers as if there were no such thing.</summary>
public sealed class ForeignIdTests(TestCluster cluster)
{
    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;
    private readonly TestHost _host = cluster.Host;
    private readonly JsonSerializerOptions _json = MappedEndpoint.JsonOf(cluster.Host);

    [Fact]
    public async Task An_id_of_another_workspace_answers_as_one_that_does_not_exist()
    {
        using var mine = await Callers.OfAsync(_host);
        using var theirs = await Callers.OfAsync(_host);
        await FurnishAsync(mine);
        await FurnishAsync(theirs);
        var (own, foreign) = (await IdsAsync(mine.Workspace.Id), await IdsAsync(theirs.Workspace.Id));
        var before = await FingerprintAsync(theirs.Workspace.Id);
        var askings = MappedEndpoint.Of(_host).SelectMany(Askings).OrderBy(asking => asking.Endpoint.Method is "DELETE").ToList();

        var findings = new List<string>();
        foreach (var asking in askings)
        {
            if (await DifferenceAsync(mine, asking, own, foreign) is { } difference)
            {
                findings.Add($"{asking} tells of another workspace: {difference}");
            }
        }
        findings.ShouldBeEmpty();
        (await FingerprintAsync(theirs.Workspace.Id)).ShouldBe(before);

        // The proof that the questions were good ones: to their own workspace each answers differently for one of these ids at least.
        var blunt = new List<string>();
        foreach (var asking in askings)
        {
            if (await DifferenceAsync(theirs, asking, foreign, foreign) is null)
            {
                blunt.Add($"{asking} answers its own workspace's ids like missing ones: furnish the workspace with what it asks for.");
            }
        }
        blunt.ShouldBeEmpty();
    }

    /// <param name="Field">The field of the body that takes the id in question; null when it stands in the route.</param>
    private sealed record Asking(MappedEndpoint Endpoint, string? Field)
    {
        public override string ToString() => Field is null ? Endpoint.ToString() : $"{Endpoint} ({Field})";
    }

    private IEnumerable<Asking> Askings(MappedEndpoint endpoint)
    {
        if (endpoint.Ids.Count == 0)
        {
            return [];
        }
        var fields = endpoint.BodyType is { } type ? SampleBody.Fields(type, _json) : [];
        return fields
            .Where(field => field.Type == typeof(Guid) || field.Type == typeof(Guid?))
            .Select(field => new Asking(endpoint, field.Name))
            .Prepend(new Asking(endpoint, null));
    }

    /// <summary>Where one of the ids is answered differently from an id of nothing; null when nowhere.</summary>
    private async Task<string?> DifferenceAsync(Callers callers, Asking asking, IReadOnlyList<Guid> own, IReadOnlyList<Guid> ids)
    {
        foreach (var route in asking.Field is null ? [Guid.Empty] : own)
        {
            var missing = await AskAsync(callers, asking, route, Guid.CreateVersion7());
            foreach (var id in ids)
            {
                var answer = await AskAsync(callers, asking, route, id);
                if (!answer.Equals(missing, StringComparison.Ordinal))
                {
                    return $"{answer} instead of {missing}";
                }
            }
        }
        return null;
    }

    private async Task<string> AskAsync(Callers callers, Asking asking, Guid route, Guid id)
    {
        using var request = new HttpRequestMessage(
            new HttpMethod(asking.Endpoint.Method),
            callers.AddressOf(asking.Endpoint, (asking.Field is null ? id : route).ToString())
        );
        if (asking.Endpoint.BodyType is { } type)
        {
            var sample = SampleBody.Of(type, _json);
            if (asking.Field is { } field)
            {
                sample[field] = id.ToString();
            }
            request.Content = new StringContent(sample.ToJsonString(), Encoding.UTF8, "application/json");
        }
        using var answer = await callers.Of(asking.Endpoint).SendAsync(request, _ct);
        var body = await answer.Content.ReadAsStringAsync(_ct);
        if (answer.Content.Headers.ContentType?.MediaType is "application/problem+json" && JsonNode.Parse(body) is JsonObject problem)
        {
            problem.Remove("traceId");
            body = problem.ToJsonString();
        }
        return $"{(int)answer.StatusCode} {answer.Content.Headers.ContentType} {body}";
    }

    /// <summary>Something of everything that has an id in some route.</summary>
    private async Task FurnishAsync(Callers callers)
    {
        await _host.JoinAsync(callers.Workspace, "agent");
        (
            await callers.Owner.PostAsJsonAsync("/api/invitations", new { email = "bob@example.com", role = "viewer" }, _ct)
        ).EnsureSuccessStatusCode();
        (
            await callers.Owner.PostAsJsonAsync("/api/knowledge/answers", new { question = "When?", answer = "Now." }, _ct)
        ).EnsureSuccessStatusCode();
        (await callers.Owner.PostAsJsonAsync("/api/knowledge/sources", new { url = "https://shop.test/" }, _ct)).EnsureSuccessStatusCode();
        (
            await callers.Owner.PostAsJsonAsync(
                "/api/api-keys",
                new
                {
                    name = "site",
                    role = "viewer",
                    scopes = new[] { "members:read" },
                },
                _ct
            )
        ).EnsureSuccessStatusCode();
        await callers.Visitor.SayAsync("Can I exchange the tent?");
        await callers.Visitor.UntilAnsweredAsync();
    }

    private async Task<List<Guid>> IdsAsync(Guid workspace)
    {
        var ids = new List<Guid>();
        foreach (var table in await TablesAsync("id"))
        {
            ids.AddRange(await ReadAsync($"select id from {table} where workspace_id = '{workspace}'", row => row.GetGuid(0)));
        }
        return [.. ids.Distinct()];
    }

    private async Task<string> FingerprintAsync(Guid workspace)
    {
        var all = new StringBuilder();
        // Jobs and the audit trail move by themselves.
        foreach (
            var table in (await TablesAsync("workspace_id")).Where(table =>
                !table.StartsWith("kernel.", StringComparison.Ordinal) && !table.StartsWith("audit.", StringComparison.Ordinal)
            )
        )
        {
            var rows = await ReadAsync(
                $"select md5(t::text) from {table} t where workspace_id = '{workspace}' order by 1",
                row => row.GetString(0)
            );
            all.AppendLine(table + " " + string.Join(' ', rows));
        }
        return all.ToString();
    }

    private Task<List<string>> TablesAsync(string column) =>
        ReadAsync(
            $"""
            select c.oid::regclass::text from pg_class c join pg_namespace n on n.oid = c.relnamespace
             where c.relkind in ('r', 'p') and not c.relispartition and n.nspname not in ('pg_catalog', 'information_schema')
               and exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'workspace_id')
               and exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = '{column}' and a.atttypid = 'uuid'::regtype)
             order by 1
            """,
            row => row.GetString(0)
        );

    private async Task<List<T>> ReadAsync<T>(string sql, Func<NpgsqlDataReader, T> map)
    {
        await using var connection = new NpgsqlConnection(_host.AdminConnectionString);
        await connection.OpenAsync(_ct);
        await using var command = new NpgsqlCommand(sql, connection);
        await using var reader = await command.ExecuteReaderAsync(_ct);
        var rows = new List<T>();
        while (await reader.ReadAsync(_ct))
        {
            rows.Add(map(reader));
        }
        return rows;
    }
}
