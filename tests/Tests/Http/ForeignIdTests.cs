using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Shouldly;
using Tenet.Tests.Http.Foreign;
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
        using var own = await FurnishAsync();
        using var others = await FurnishAsync();
        var (mine, theirs) = (own.Callers, others.Callers);
        var (ownIds, foreign) = (await Holdings.IdsAsync(_host, mine.Workspace.Id), await Holdings.IdsAsync(_host, theirs.Workspace.Id));
        var before = await Holdings.FingerprintAsync(_host, theirs.Workspace.Id);
        // First ids in bodies, which need things in the state they were furnished in; what takes things away comes last.
        var askings = MappedEndpoint
            .Of(_host)
            .SelectMany(Askings)
            .OrderBy(asking => asking.Endpoint.Method is "DELETE")
            .ThenBy(asking => asking.Field is null)
            .ToList();

        var findings = new List<string>();
        foreach (var asking in askings)
        {
            if (await DifferenceAsync(mine, asking, ownIds, foreign) is { } difference)
            {
                findings.Add($"{asking} tells of another workspace: {difference}");
            }
        }
        findings.ShouldBeEmpty();
        (await Holdings.FingerprintAsync(_host, theirs.Workspace.Id)).ShouldBe(before);

        // The proof that the questions were good ones: to their own workspace each answers differently for one of these ids at least. Users of an
        // Odoo bring tokens that no caller here has; CopilotTurnTests asks with theirs.
        var blunt = new List<string>();
        foreach (var asking in askings.Where(asking => !asking.Endpoint.IsForOdoo))
        {
            if (await DifferenceAsync(theirs, asking, foreign, foreign) is null)
            {
                blunt.Add($"{asking} answers its own workspace's ids like missing ones: furnish the workspace with what it asks for.");
            }
        }
        blunt.ShouldBeEmpty();
    }

    private Task<Furnished> FurnishAsync()
    {
        var word = "w" + Guid.CreateVersion7().ToString("N");
        return _host.FurnishAsync(word, "m" + word, _ct);
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
}
