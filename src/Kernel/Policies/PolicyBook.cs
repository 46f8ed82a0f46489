using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Tenet.Kernel.Http;
using Tenet.Kernel.Workspaces;

namespace Tenet.Kernel.Policies;

/// <summary>Which policy a new workspace is under.</summary>
/// <param name="Folder">Where the policies lie that come with Tenet; null when none is to be published at start.</param>
/// <param name="Probing">Off where nothing shall look by itself.</param>
public sealed record PolicyOptions(string Default = "support-widget", string? Folder = null, bool Probing = true);

/// <summary>
/// The published policies, and which of them each workspace is under. Enforcers read their values here and nowhere else. What it knows may be
/// some seconds old: a change of policy is announced days ahead.
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
    private volatile Snapshot? _latest;

    /// <summary>Publishes a version. Publishing the same text again changes nothing.</summary>
    /// <param name="files">The policy's own file first, then others that it may extend: name and bytes.</param>
    /// <exception cref="PolicyFileException">It is faulty, or this deployment cannot keep it.</exception>
    /// <exception cref="RuleException">The version was published with another text.</exception>
    public async Task<Policy> PublishAsync(IReadOnlyList<(string Name, byte[] Bytes)> files, CancellationToken ct)
    {
        var (policy, used) = ReadWith(files);
        var refused = policy
            .Claims.Select(found => (found.Promise, Why: found.Claim.Kind.Refuses(found.Claim)))
            .Where(found => found.Why is not null)
            .Select(found => new PolicyFault(found.Promise.File, found.Promise.Line, found.Promise.Id, found.Why!))
            .ToList();
        if (refused.Count > 0)
        {
            throw new PolicyFileException(refused);
        }
        var json = JsonSerializer.Serialize(used.Select(file => new StoredFile(file.Name, Encoding.UTF8.GetString(file.Bytes))));
        var same = await system.RunAsync(
            async s =>
            {
                await s.ExecuteAsync(
                    $"""
                    insert into kernel.policy_version (name, version, files, effective, published_at)
                    values ({policy.Name}, {policy.Version}, {json}::jsonb, {policy.Effective}, {s.Now})
                    on conflict (name, version) do nothing
                    """,
                    ct
                );
                return await s.ScalarAsync<bool>(
                    $"select files = {json}::jsonb from kernel.policy_version where name = {policy.Name} and version = {policy.Version}",
                    ct
                );
            },
            ct
        );
        _latest = null;
        return same
            ? policy
            : throw new RuleException(
                "version",
                $"{policy.Name} {policy.Version} was published with another text. Raise its version: what was promised stays as it was."
            );
    }

    /// <summary>Publishes what comes with Tenet.</summary>
    public async Task PublishShippedAsync(CancellationToken ct)
    {
        if (options.Folder is not { } folder)
        {
            return;
        }
        var files = Directory
            .EnumerateFiles(folder, "*.yaml")
            .Order(StringComparer.Ordinal)
            .Select(path => (Path.GetFileName(path), File.ReadAllBytes(path)))
            .ToList();
        var stored = await system.RunAsync(
            s => s.ListAsync($"select files from kernel.policy_version", row => StoredFiles(row.GetString(0)), ct),
            ct
        );
        var shipped = files.ToDictionary(file => file.Item1, file => Encoding.UTF8.GetString(file.Item2), StringComparer.Ordinal);
        foreach (var file in files)
        {
            // Read and checked when it was published.
            if (
                !stored.Exists(version =>
                    version[0].Name == file.Item1 && version.TrueForAll(part => shipped.GetValueOrDefault(part.Name) == part.Text)
                )
            )
            {
                await PublishAsync([file, .. files.Where(other => other != file)], ct);
            }
        }
    }

    /// <summary>The policy that the workspace is under now.</summary>
    public async ValueTask<Policy> OfAsync(Guid workspaceId, CancellationToken ct)
    {
        var snapshot = await LatestAsync(ct);
        return snapshot.Workspaces.TryGetValue(workspaceId, out var chosen)
            ? snapshot.Policies[chosen]
            : snapshot.Default
                ?? throw new InvalidOperationException(
                    $"The policy {options.Default}, which new workspaces are under, is not published. Publish it with tenet policy publish, or name another with Policies__Default."
                );
    }

    /// <summary>How long the workspace's policy keeps what a retention rule is about; null when it says nothing of it.</summary>
    public async ValueTask<Period?> KeepAsync(Guid workspaceId, string rule, CancellationToken ct) =>
        Find(await OfAsync(workspaceId, ct), Kinds.Retention.Kind, "of", rule)?.Period("keep");

    /// <summary>
    /// For what a deployment does once for all workspaces: the shortest period that any policy in force sets; null when none says anything.
    /// </summary>
    public async ValueTask<Period?> ShortestAsync(string kind, string of, string parameter, CancellationToken ct)
    {
        var snapshot = await LatestAsync(ct);
        var found = snapshot.InForce.Select(policy => Find(policy, kind, "of", of)?.Period(parameter)).OfType<Period>().Order().ToList();
        return found.Count == 0 ? null : found[0];
    }

    /// <summary>Every published version, newest first.</summary>
    public async ValueTask<IReadOnlyList<Policy>> PublishedAsync(CancellationToken ct) => [.. (await LatestAsync(ct)).Policies.Values];

    /// <summary>Reads files as they would be published.</summary>
    /// <exception cref="PolicyFileException">Faulty.</exception>
    public Policy Read(IReadOnlyList<(string Name, byte[] Bytes)> files) => ReadWith(files).Policy;

    private (Policy Policy, List<(string Name, byte[] Bytes)> Used) ReadWith(IReadOnlyList<(string Name, byte[] Bytes)> files)
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

    private static Claim? Find(Policy policy, string kind, string parameter, string value) =>
        policy
            .Claims.Select(found => found.Claim)
            .FirstOrDefault(claim => claim.Kind.Name == kind && claim.Values.GetValueOrDefault(parameter) is string text && text == value);

    private async ValueTask<Snapshot> LatestAsync(CancellationToken ct)
    {
        if (_latest is { } known && time.GetElapsedTime(known.ReadAt) < Fresh)
        {
            return known;
        }
        var readAt = time.GetTimestamp();
        var (versions, chosen) = await system.RunAsync(
            async s =>
                (
                    await s.ListAsync(
                        $"select name, version, files from kernel.policy_version where effective <= {DateOnly.FromDateTime(s.Now.UtcDateTime)} order by effective desc, published_at desc",
                        row => (Key: (row.GetString(0), row.GetString(1)), Files: row.GetString(2)),
                        ct
                    ),
                    await s.ListAsync(
                        $"select workspace_id, name, version from kernel.workspace_policy",
                        row => (Workspace: row.GetGuid(0), Key: (row.GetString(1), row.GetString(2))),
                        ct
                    )
                ),
            ct
        );
        var policies = versions
            .Select(version => (version.Key, Policy: _read.GetOrAdd(version.Key, key => TryRead(key, version.Files))))
            .Where(version => version.Policy is not null)
            .ToDictionary(version => version.Key, version => version.Policy!);
        var fallback = policies.Values.FirstOrDefault(policy => policy.Name == options.Default);
        var workspaces = chosen
            .Where(choice => policies.ContainsKey(choice.Key))
            .ToDictionary(choice => choice.Workspace, choice => choice.Key);
        List<Policy> inForce =
        [
            .. fallback is null ? [] : (Policy[])[fallback],
            .. workspaces.Values.Distinct().Select(key => policies[key]),
        ];
        return _latest = new Snapshot(readAt, policies, fallback, workspaces, inForce);
    }

    // A node of the next release may have published what this one does not understand: the version before it stays in force here.
    private Policy? TryRead((string Name, string Version) key, string files)
    {
        try
        {
            return Read(Files(files));
        }
        catch (PolicyFileException e)
        {
            LogUnreadable(key.Name, key.Version, e.Faults.Count);
            return null;
        }
    }

    [LoggerMessage(
        Level = LogLevel.Error,
        Message = "This release cannot read {Name} {Version} ({Faults} faults); the version before it stays in force on this node"
    )]
    private partial void LogUnreadable(string name, string version, int faults);

    private static List<(string, byte[])> Files(string json) =>
        [.. StoredFiles(json).Select(file => (file.Name, Encoding.UTF8.GetBytes(file.Text)))];

    private static List<StoredFile> StoredFiles(string json) => JsonSerializer.Deserialize<List<StoredFile>>(json)!;

    private sealed record StoredFile(string Name, string Text);

    private sealed record Snapshot(
        long ReadAt,
        IReadOnlyDictionary<(string Name, string Version), Policy> Policies,
        Policy? Default,
        IReadOnlyDictionary<Guid, (string Name, string Version)> Workspaces,
        IReadOnlyList<Policy> InForce
    );
}
