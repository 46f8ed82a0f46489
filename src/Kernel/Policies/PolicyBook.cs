using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Npgsql;
using Tenet.Kernel.Workspaces;

namespace Tenet.Kernel.Policies;

/// <summary>Which policy a new workspace is under.</summary>
/// <param name="Folder">Where the policies lie that come with Tenet; null when none is to be published at start.</param>
/// <param name="Probing">Off where nothing shall look by itself.</param>
public sealed record PolicyOptions(string Default = "support-widget", string? Folder = null, bool Probing = true);

/// <summary>
/// The published policies, and which of them each workspace is under: always the newest version of it that has taken effect. Enforcers read their
/// values here and nowhere else. What it knows may be some seconds old: a change of policy is announced days ahead.
/// </summary>
public sealed partial class PolicyBook(
    SystemScope system,
    PolicyReader reader,
    PolicyOptions options,
    TimeProvider time,
    ILogger<PolicyBook> logger
)
{
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<(string Name, string Version), Policy?> _read = new();
    private readonly Lock _lock = new();
    private volatile Snapshot? _latest;
    private int _forgotten;
    private int _reading;

    /// <summary>The name of the policy that a workspace is under unless it has chosen another.</summary>
    public string DefaultName => options.Default;

    /// <summary>The policy that the workspace is under now.</summary>
    public async ValueTask<Policy> OfAsync(Guid workspaceId, CancellationToken ct)
    {
        var snapshot = await LatestAsync(ct);
        return snapshot.Workspaces.TryGetValue(workspaceId, out var chosen) && snapshot.InForce.TryGetValue(chosen, out var policy)
            ? policy
            : Default(snapshot);
    }

    /// <summary>The policy that workspaces are under unless they have chosen another.</summary>
    public async ValueTask<Policy> DefaultAsync(CancellationToken ct) => Default(await LatestAsync(ct));

    /// <summary>The policies that some workspace, or a new one, is under.</summary>
    public async ValueTask<IReadOnlyList<Policy>> InForceAsync(CancellationToken ct)
    {
        var snapshot = await LatestAsync(ct);
        return
        [
            .. snapshot
                .Workspaces.Values.Append(options.Default)
                .Distinct(StringComparer.Ordinal)
                .Order(StringComparer.Ordinal)
                .Select(name => snapshot.InForce.GetValueOrDefault(name))
                .OfType<Policy>(),
        ];
    }

    /// <summary>Every version that has taken effect, newest first.</summary>
    public async ValueTask<IReadOnlyList<Policy>> PublishedAsync(CancellationToken ct)
    {
        var snapshot = await LatestAsync(ct);
        return [.. snapshot.Versions.Select(version => version.Policy).Where(policy => policy.Effective <= snapshot.Today)];
    }

    /// <summary>Every published version of a policy, newest first; announced ones that have not taken effect come before the rest.</summary>
    public async ValueTask<IReadOnlyList<PublishedVersion>> VersionsAsync(string name, CancellationToken ct) =>
        [.. (await LatestAsync(ct)).Versions.Where(version => version.Policy.Name == name)];

    /// <summary>The version that is announced and has not taken effect; null when there is none.</summary>
    public async ValueTask<PublishedVersion?> UpcomingAsync(string name, CancellationToken ct)
    {
        var snapshot = await LatestAsync(ct);
        return snapshot.Versions.LastOrDefault(version => version.Policy.Name == name && version.Policy.Effective > snapshot.Today);
    }

    /// <summary>Reads files as they would be published.</summary>
    /// <exception cref="PolicyFileException">Faulty.</exception>
    public Policy Read(IReadOnlyList<(string Name, byte[] Bytes)> files) => ReadWith(files).Policy;

    /// <summary>What was published a moment ago counts at once on this node.</summary>
    public void Forget()
    {
        lock (_lock)
        {
            (_latest, _forgotten) = (null, _forgotten + 1);
        }
    }

    internal (Policy Policy, List<(string Name, byte[] Bytes)> Used) ReadWith(IReadOnlyList<(string Name, byte[] Bytes)> files)
    {
        List<(string Name, byte[] Bytes)> used = [files[0]];
        var policy = reader.Read(
            files[0].Name,
            files[0].Bytes,
            name =>
            {
                var found = files.FirstOrDefault(file => file.Name == name + ".yaml");
                if (found.Bytes is not null)
                {
                    used.Add(found);
                }
                return found.Bytes;
            }
        );
        return (policy, used);
    }

    private Policy Default(Snapshot snapshot) =>
        snapshot.InForce.GetValueOrDefault(options.Default)
        ?? throw new InvalidOperationException(
            $"The policy {options.Default}, which new workspaces are under, is not published. Publish it with tenet policy publish, or name another with Policies__Default."
        );

    private async ValueTask<Snapshot> LatestAsync(CancellationToken ct)
    {
        var (known, forgotten) = (_latest, Volatile.Read(ref _forgotten));
        if (known is not null && (time.GetElapsedTime(known.ReadAt) < Fresh || Interlocked.Exchange(ref _reading, 1) == 1))
        {
            return known;
        }
        try
        {
            var read = await ReadAsync(ct);
            lock (_lock)
            {
                // What was read before something changed must not be remembered after it.
                _latest = forgotten == _forgotten ? read : _latest;
            }
            return read;
        }
        catch (Exception e) when (known is not null && (e is NpgsqlException or TimeoutException or IOException))
        {
            // What was promised still holds while the database is away.
            return known!;
        }
        finally
        {
            Volatile.Write(ref _reading, 0);
        }
    }

    private async Task<Snapshot> ReadAsync(CancellationToken ct)
    {
        var readAt = time.GetTimestamp();
        var today = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
        var (versions, chosen) = await system.RunAsync(
            async s =>
                (
                    await s.ListAsync(
                        $"""
                        select name, version, files, effective, published_at, replaces, material
                          from kernel.policy_version order by effective desc, published_at desc
                        """,
                        row => Read(row),
                        ct
                    ),
                    await s.ListAsync(
                        $"select workspace_id, name from kernel.workspace_policy",
                        row => (Workspace: row.GetGuid(0), Name: row.GetString(1)),
                        ct
                    )
                ),
            ct
        );
        var read = versions.OfType<PublishedVersion>().ToList();
        return new Snapshot(
            readAt,
            today,
            read,
            read.Select(version => version.Policy)
                .Where(policy => policy.Effective <= today)
                .DistinctBy(policy => policy.Name, StringComparer.Ordinal)
                .ToDictionary(policy => policy.Name, StringComparer.Ordinal),
            chosen.ToDictionary(choice => choice.Workspace, choice => choice.Name)
        );
    }

    private PublishedVersion? Read(NpgsqlDataReader row)
    {
        var files = row.GetString(2);
        var policy = _read.GetOrAdd((row.GetString(0), row.GetString(1)), key => ReadStored(key, files));
        return policy is null
            ? null
            : new PublishedVersion(
                policy with
                {
                    Effective = row.GetFieldValue<DateOnly>(3),
                },
                row.GetFieldValue<DateTimeOffset>(4),
                row.TextOrNull(5),
                row.GetBoolean(6)
            );
    }

    // A version of long ago may speak of what this release does not know any more. The others must not fall with it.
    private Policy? ReadStored((string Name, string Version) key, string files)
    {
        try
        {
            return Read(PolicyFilesJson.Read(files));
        }
        catch (PolicyFileException e)
        {
            LogUnreadable(key.Name, key.Version, e.Faults.Count, e.Faults[0].Line);
            return null;
        }
    }

    [LoggerMessage(
        Level = LogLevel.Error,
        Message = "The published policy {Name} {Version} cannot be read by this release ({Faults} faults, the first in line {Line}); it is left out"
    )]
    private partial void LogUnreadable(string name, string version, int faults, int line);

    private sealed record Snapshot(
        long ReadAt,
        DateOnly Today,
        IReadOnlyList<PublishedVersion> Versions,
        IReadOnlyDictionary<string, Policy> InForce,
        IReadOnlyDictionary<Guid, string> Workspaces
    );
}
