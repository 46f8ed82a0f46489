using System.Buffers;
using System.Text.Json;
using Microsoft.AspNetCore.Components.Endpoints;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Tenet.Tests.Guards;
using Tenet.Tests.Support;

namespace Tenet.Tests.Http.Foreign;

/// <summary>Asks whatever a host has mapped, at random, with what belongs to another workspace.</summary>
internal sealed class ForeignRun(TestHost host, int seed, CancellationToken ct)
{
    private const int PerWorkspace = 500;

    /// <summary>A caller's fresh proof lasts ten minutes; after half of it there is a new workspace with new ones.</summary>
    private static readonly TimeSpan Fresh = TimeSpan.FromMinutes(5);
    private readonly Random _random = new(seed);

    /// <summary>The caller has things of its own by now that hold what it sent.</summary>
    private bool _hasStored;
    private readonly JsonSerializerOptions _json = MappedEndpoint.JsonOf(host);

    /// <summary>So many findings end the run.</summary>
    public int Enough { get; init; } = 10;

    public List<string> Findings { get; } = [];

    /// <summary>How often each endpoint was asked, and how often it did what it was asked.</summary>
    public Dictionary<string, (int Asked, int Done)> Asked { get; } = new(StringComparer.Ordinal);

    /// <summary>
    /// Every endpoint and page of the host but files, and the development mailbox: it shows everybody's letters to callers of the machine itself.
    /// </summary>
    public static IReadOnlyList<MappedEndpoint> EndpointsOf(TestHost host) =>
        [
            .. host
                .Services.GetRequiredService<EndpointDataSource>()
                .Endpoints.OfType<RouteEndpoint>()
                .Where(route => EndpointGuard.Name(route) is not ("static assets" or "GET /dev/mail"))
                .SelectMany(route =>
                    route.Metadata.GetMetadata<ComponentTypeMetadata>() is not null ? [new MappedEndpoint("GET", route)]
                    : route.Metadata.GetMetadata<Microsoft.AspNetCore.Routing.IHttpMethodMetadata>() is { } methods
                        ? methods.HttpMethods.Select(method => new MappedEndpoint(method, route))
                    : []
                )
                .OrderBy(endpoint => endpoint.ToString(), StringComparer.Ordinal),
        ];

    public async Task RunAsync(Holdings theirs, int requests)
    {
        var endpoints = EndpointsOf(host);
        for (var asked = 0; asked < requests && Findings.Count < Enough; )
        {
            var word = "w" + Guid.CreateVersion7().ToString("N");
            _hasStored = false;
            using var mine = await host.FurnishAsync(word, "m" + word, ct);
            var own = await Holdings.IdsAsync(host, mine.Callers.Workspace.Id);
            var questions = new Questions(_random, theirs, own, mine.Callers.Visitor.Key, _json);
            var forbidden = SearchValues.Create(
                [
                    .. theirs.Telling,
                    .. theirs.Ids.Except(questions.Ids).SelectMany(id => new[] { id.Foreign, Guid.Parse(id.Foreign).ToString("N") }),
                ],
                StringComparison.OrdinalIgnoreCase
            );
            var began = TimeProvider.System.GetTimestamp();
            for (
                var n = 0;
                n < PerWorkspace && asked < requests && Findings.Count < Enough && TimeProvider.System.GetElapsedTime(began) < Fresh;
                (n, asked) = (n + 1, asked + 1)
            )
            {
                var endpoint = endpoints[_random.Next(endpoints.Count)];
                var question = questions.Draw(endpoint);
                await AskBothAsync(theirs, question, await CallerAsync(mine, endpoint), forbidden);
            }
        }
    }

    private async Task AskBothAsync(Holdings theirs, Question question, HttpClient caller, SearchValues<string> forbidden)
    {
        string? difference = null;
        var known = Findings.Count;
        // What goes on beside us (answers, jobs, limits that are reached) may come between the two; what is told of others stays.
        for (var tries = 0; tries < 6 && Findings.Count == known; tries++)
        {
            var missing = await AskAsync(question, caller, foreign: false, forbidden);
            var foreign = await AskAsync(question, caller, foreign: true, forbidden);
            // Who asks too often is told so, and nothing else: the limit counts what the caller did.
            if (
                foreign.Status == 429
                || missing.Status == 429
                || foreign.Said.Equals(missing.Said, StringComparison.Ordinal)
                || foreign.SaidBut(theirs.Sendable).Equals(missing.SaidBut(theirs.Sendable), StringComparison.Ordinal)
            )
            {
                return;
            }
            difference = Difference(foreign.Said, missing.Said);
            await Task.Delay(20 * tries, ct);
        }
        if (Findings.Count == known && !await OnlyTheirOwnDiffersAsync(question, caller, forbidden))
        {
            Findings.Add($"{question} tells foreign from missing: {difference}");
        }
    }

    /// <summary>
    /// Two answers that both give what was asked for differ by the caller's own things: a list that the question itself makes longer (an export
    /// is noted in the log that it exports), or texts of an earlier question that were stored and are found again. What is of the other
    /// workspace in them is found by its values.
    /// </summary>
    private async Task<bool> OnlyTheirOwnDiffersAsync(Question question, HttpClient caller, SearchValues<string> forbidden)
    {
        var first = await AskAsync(question, caller, foreign: false, forbidden);
        var second = await AskAsync(question, caller, foreign: false, forbidden);
        var foreign = await AskAsync(question, caller, foreign: true, forbidden);
        return foreign.Status is >= 200 and < 300
            && foreign.Head.Equals(second.Head, StringComparison.Ordinal)
            && (_hasStored || !first.Said.Equals(second.Said, StringComparison.Ordinal));
    }

    private async Task<Answer> AskAsync(Question question, HttpClient caller, bool foreign, SearchValues<string> forbidden)
    {
        using var request = question.ToRequest(foreign);
        using var response = await caller.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, ct);
        var answer = await Answer.ReadAsync(response, question.Sent, ct);
        if (foreign)
        {
            var (asked, done) = Asked.GetValueOrDefault(question.Endpoint.ToString());
            Asked[question.Endpoint.ToString()] = (asked + 1, done + (response.IsSuccessStatusCode ? 1 : 0));
        }
        _hasStored |= foreign && question.Body is not null && response.IsSuccessStatusCode;
        if (answer.Status >= 500)
        {
            Findings.Add($"{question} answered {answer.Status}");
        }
        if (answer.Raw.AsSpan().IndexOfAny(forbidden) is >= 0 and var at)
        {
            Findings.Add($"{question} answered with a foreign value: {Around(answer.Raw, at)}");
        }
        return answer;
    }

    private async Task<HttpClient> CallerAsync(Furnished mine, MappedEndpoint endpoint)
    {
        var stranger = _random.Next(20) == 0;
        if (endpoint.IsForVisitors)
        {
            return stranger ? mine.Callers.Owner : mine.Callers.Visitor.Client;
        }
        if (stranger || endpoint.IsAnonymous && _random.Next(2) == 0)
        {
            return mine.Callers.Stranger;
        }
        return _random.Next(10) switch
        {
            0 => mine.Callers.Visitor.Client,
            1 => mine.Agent,
            2 or 3 => mine.Key,
            _ => await mine.Callers.SignedInOwnerAsync(host, ct),
        };
    }

    private static string Difference(string foreign, string missing)
    {
        var at = foreign.AsSpan().CommonPrefixLength(missing);
        return $"…{Around(foreign, at)}… instead of …{Around(missing, at)}…";
    }

    private static string Around(string text, int at) =>
        text[Math.Max(0, Math.Min(at, text.Length) - 120)..Math.Min(text.Length, at + 160)];
}
