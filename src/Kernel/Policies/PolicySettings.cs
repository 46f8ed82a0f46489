using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Security.Authentication;
using Tenet.Kernel.DataMaps;
using Tenet.Kernel.Policies.Kinds;
using Tenet.Kernel.Workspaces;

namespace Tenet.Kernel.Policies;

/// <summary>
/// What enforcers ask: the values that they run on, out of the policy in force. Where that says nothing, the house rules in force count, and
/// where those were published before anybody thought of it, the house rules that come with this release. Where there are none of these, the
/// answers are null.
/// </summary>
public sealed class PolicySettings(PolicyBook book, IEnumerable<RetentionClock> clocks)
{
    private const string House = "house";

    private readonly Lazy<Policy?> _shipped = new(() => ReadShipped(book));

    private readonly ConditionalWeakTable<Policy, ConcurrentDictionary<(string Kind, string Of), Claim?>> _found = [];

    private readonly Dictionary<string, RetentionClock> _clocks = clocks.ToDictionary(clock => clock.Rule, StringComparer.Ordinal);

    /// <summary>How long the workspace keeps what a retention rule is about: its own choice where the policy leaves one, else the policy's value.</summary>
    public async ValueTask<Period?> KeepAsync(WorkspaceContext ctx, string rule, CancellationToken ct)
    {
        var claim = await FindAsync(ctx.WorkspaceId, Retention.Kind, rule, ct);
        return claim is null ? null : await Retention.KeepAsync(ctx, _clocks[rule], claim, ct);
    }

    /// <summary>What becomes of rows when their time is over.</summary>
    public async ValueTask<RetentionMethod> MethodAsync(Guid workspaceId, string rule, CancellationToken ct) =>
        await FindAsync(workspaceId, Retention.Kind, rule, ct) is { } claim ? Retention.MethodOf(claim) : RetentionMethod.Delete;

    /// <summary>What the policy says of a retention rule, whatever the workspace chose; and how long it may choose at most, null when it may not.</summary>
    public async ValueTask<(Period Keep, Period? AtMost)?> KeepAsync(Guid workspaceId, string rule, CancellationToken ct) =>
        await FindAsync(workspaceId, Retention.Kind, rule, ct) is { } claim ? (claim.Period("keep"), claim.PeriodOrNull("at_most")) : null;

    /// <summary>For what a deployment keeps once for all workspaces: the shortest time that any policy in force sets.</summary>
    public ValueTask<Period?> ShortestKeepAsync(string rule, CancellationToken ct) => ShortestAsync(Retention.Kind, rule, "keep", ct);

    /// <summary>How long what lets somebody in is valid: the shortest time that any policy in force sets.</summary>
    /// <exception cref="InvalidOperationException">No policy says so.</exception>
    public async ValueTask<TimeSpan> LifetimeAsync(string token, CancellationToken ct) =>
        (await ShortestAsync(TokenLifetime.Kind, token, "at_most", ct))?.Approximately ?? throw Unsaid(token);

    /// <summary>How long something of one workspace is valid: as the policy says that it is under.</summary>
    /// <exception cref="InvalidOperationException">No policy says so.</exception>
    public async ValueTask<TimeSpan> LifetimeAsync(Guid workspaceId, string token, CancellationToken ct) =>
        (await FindAsync(workspaceId, TokenLifetime.Kind, token, ct))?.Period("at_most").Approximately ?? throw Unsaid(token);

    /// <summary>After how many days log files go; null when no policy says so.</summary>
    public async ValueTask<int?> LogDaysAsync(CancellationToken ct) =>
        (int?)(await ShortestAsync(LogFileAge.Kind, LogFileAge.Subject, "keep", ct))?.Approximately.TotalDays;

    /// <summary>The oldest TLS that the strictest policy in force lets the listener speak.</summary>
    public async ValueTask<SslProtocols> TransportAsync(CancellationToken ct) =>
        Transport.Allowed(
            (await InForceAsync(Transport.Kind, Transport.Subject, ct))
                .Select(claim => claim.Text("minimum"))
                .Append("1.2")
                .Max(StringComparer.Ordinal)!
        );

    /// <summary>The versions of TLS that may be spoken to those who receive data, by the strictest policy in force.</summary>
    public async ValueTask<SslProtocols> OutgoingTransportAsync(CancellationToken ct) =>
        Transport.Allowed(
            (await InForceAsync(OutgoingTransport.Kind, OutgoingTransport.Subject, ct))
                .Select(claim => claim.Text("minimum"))
                .Append("1.2")
                .Max(StringComparer.Ordinal)!
        );

    /// <summary>What no report of an error may hold, by all policies in force together.</summary>
    internal async ValueTask<IReadOnlyCollection<string>> NeverReportedAsync(CancellationToken ct) =>
        (await InForceAsync(ErrorReportContents.Kind, ErrorReportContents.Subject, ct))
            .SelectMany(claim => claim.Get<List<string>>("never"))
            .ToHashSet(StringComparer.Ordinal);

    /// <summary>The claim of the workspace's policy about something, or of the house rules; null when none says anything.</summary>
    public async ValueTask<Claim?> FindAsync(Guid workspaceId, string kind, string of, CancellationToken ct) =>
        ((await book.InForceAsync(ct)).Count == 0 ? null : Find(await book.OfAsync(workspaceId, ct), kind, of))
        ?? await OfHouseAsync(kind, of, ct);

    /// <summary>What each policy in force claims about something, or the house rules in its place.</summary>
    public async ValueTask<IReadOnlyList<Claim>> InForceAsync(string kind, string of, CancellationToken ct)
    {
        var claims = new List<Claim>();
        foreach (var policy in await book.InForceAsync(ct))
        {
            if ((Find(policy, kind, of) ?? await OfHouseAsync(kind, of, ct)) is { } claim)
            {
                claims.Add(claim);
            }
        }
        return claims;
    }

    private static InvalidOperationException Unsaid(string token) =>
        new($"No policy in force says how long a {token.Replace('_', ' ')} is valid. Publish the house rules with tenet policy publish.");

    private async ValueTask<Claim?> OfHouseAsync(string kind, string of, CancellationToken ct) =>
        ((await book.PublishedAsync(ct)).FirstOrDefault(policy => policy.Name == House) is { } house ? Find(house, kind, of) : null)
        ?? (_shipped.Value is { } shipped ? Find(shipped, kind, of) : null);

    private static Policy? ReadShipped(PolicyBook book)
    {
        var path = Path.Combine(AppContext.BaseDirectory, "policies", House + ".yaml");
        try
        {
            return File.Exists(path) ? book.Read([(Path.GetFileName(path), File.ReadAllBytes(path))]) : null;
        }
        catch (PolicyFileException)
        {
            // A kernel without the modules that the house rules speak of.
            return null;
        }
    }

    private async ValueTask<Period?> ShortestAsync(string kind, string of, string parameter, CancellationToken ct)
    {
        Period? shortest = null;
        foreach (var claim in await InForceAsync(kind, of, ct))
        {
            var period = claim.Period(parameter);
            shortest = shortest is { } known && known <= period ? known : period;
        }
        return shortest;
    }

    private Claim? Find(Policy policy, string kind, string of) =>
        _found
            .GetValue(policy, static _ => new ConcurrentDictionary<(string, string), Claim?>())
            .GetOrAdd(
                (kind, of),
                static (key, policy) =>
                    policy
                        .Claims.Select(found => found.Claim)
                        .FirstOrDefault(claim => claim.Kind.Name == key.Kind && claim.Kind.Key(claim) == key.Of),
                policy
            );
}
