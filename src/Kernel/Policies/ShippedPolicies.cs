using Microsoft.Extensions.Logging;
using Tenet.Kernel.Http;
using Tenet.Kernel.Workspaces;

namespace Tenet.Kernel.Policies;

/// <summary>
/// The policies that come with Tenet. In a new installation they are published at once. Where an older version is in force, a newer one is laid
/// ready as a draft: only the operator may change what was promised, and only with notice.
/// </summary>
public sealed partial class ShippedPolicies(
    SystemScope system,
    PolicyBook book,
    PublishPolicy publish,
    PolicyOptions options,
    ILogger<ShippedPolicies> logger
)
{
    public async Task LayReadyAsync(CancellationToken ct)
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
        var known = await system.RunAsync(
            s =>
                s.ListAsync(
                    $"select files::text from kernel.policy_version union all select files::text from kernel.policy_draft",
                    row => PolicyFilesJson.Read(row.GetString(0)),
                    ct
                ),
            ct
        );
        // What is stored was read and checked then.
        foreach (var file in files.Where(file => !known.Exists(stored => stored[0].Name == file.Item1 && Same(stored, files))))
        {
            await LayReadyAsync([file, .. files.Where(other => other != file)], ct);
        }
    }

    /// <summary>What is laid ready, by name.</summary>
    public Task<List<PolicyDraft>> DraftsAsync(CancellationToken ct) =>
        system.RunAsync(
            s =>
                s.ListAsync(
                    $"select files::text, drafted_at from kernel.policy_draft order by name",
                    row => new PolicyDraft(book.Read(PolicyFilesJson.Read(row.GetString(0))), row.GetFieldValue<DateTimeOffset>(1)),
                    ct
                ),
            ct
        );

    private static bool Same(List<(string Name, byte[] Bytes)> stored, List<(string Name, byte[] Bytes)> files) =>
        stored.TrueForAll(part => files.Exists(file => file.Name == part.Name && file.Bytes.AsSpan().SequenceEqual(part.Bytes)));

    private async Task LayReadyAsync(IReadOnlyList<(string Name, byte[] Bytes)> files, CancellationToken ct)
    {
        var (policy, used) = book.ReadWith(files);
        var json = PolicyFilesJson.Write(used);
        var (isFirst, isOther) = await system.RunAsync(
            s =>
                s.FirstOrDefaultAsync(
                    $"""
                    select count(*) = 0, coalesce(bool_or(version = {policy.Version} and files <> {json}::jsonb), false)
                      from kernel.policy_version where name = {policy.Name}
                    """,
                    row => (row.GetBoolean(0), row.GetBoolean(1)),
                    ct
                ),
            ct
        );
        if (isFirst)
        {
            await publish.RunAsync(files, null, ct);
        }
        else if (isOther)
        {
            LogOtherText(policy.Name, policy.Version);
        }
        else if (await DraftAsync(policy, json, ct))
        {
            LogDrafted(policy.Name, policy.Version);
        }
    }

    /// <returns>Whether a draft lies ready now: the version is published nowhere.</returns>
    private Task<bool> DraftAsync(Policy policy, string json, CancellationToken ct) =>
        system.RunAsync(
            async s =>
                await s.ExecuteAsync(
                    $"""
                    insert into kernel.policy_draft as d (name, version, files, drafted_at)
                    select {policy.Name}, {policy.Version}, {json}::jsonb, {s.Now}
                     where not exists (select from kernel.policy_version where name = {policy.Name} and version = {policy.Version})
                    on conflict (name) do update set version = excluded.version, files = excluded.files,
                       drafted_at = case when d.files = excluded.files then d.drafted_at else excluded.drafted_at end
                    """,
                    ct
                ) > 0,
            ct
        );

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "This release brings the policy {Name} {Version}, which is in force nowhere yet. See what changes with: tenet policy drafts"
    )]
    private partial void LogDrafted(string name, string version);

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "The policy {Name} {Version} was published here with another text than this release brings. What was published stays in force"
    )]
    private partial void LogOtherText(string name, string version);
}
