using System.Text;
using Tenet.Kernel.DataMaps;
using Tenet.Kernel.Vault;
using Tenet.Kernel.Workspaces;

namespace Tenet.Kernel.Subjects;

/// <summary>What somebody was known by whose data may not be collected any more: a child's.</summary>
[Record("kernel.refused_identifier", DataMaps.Purpose.Accountability, Keep = RefusedIdentifiers.Rule)]
[NoSubject("A keyed hash, by which whoever comes with the same address or id is known again; it leads from nobody to anything.")]
internal sealed record RefusedIdentifier
{
    [Personal(Category.Pseudonym)]
    public required byte[] Hash { get; init; }

    /// <summary>The erasure of the person.</summary>
    [Operational]
    public required Guid ErasureId { get; init; }

    [Operational]
    public DateTimeOffset Since { get; init; }
}

/// <summary>Addresses and ids with which nobody is let in. Asked wherever people come in, in the transaction that would store them.</summary>
public sealed class RefusedIdentifiers(InstallationVault vault)
{
    public const string Rule = "kernel.refusals";

    // The same hash as in the ledger of erasures: from there a restored database learns again whom not to let in.
    private const string Use = "erased identifier";

    public byte[] HashOf(Guid workspace, string identifier) => vault.Sign(Use, Text(workspace, identifier));

    /// <summary>As it was written under this key or an earlier one.</summary>
    public IEnumerable<byte[]> HashesOf(Guid workspace, string identifier) => vault.Signatures(Use, Text(workspace, identifier));

    /// <summary>Whether one of these may not come in. Nobody is refused between this answer and the commit.</summary>
    public async Task<bool> AnyAsync(WorkspaceContext ctx, IEnumerable<string?> identifiers, CancellationToken ct)
    {
        byte[][] hashes = [.. identifiers.OfType<string>().SelectMany(identifier => HashesOf(ctx.WorkspaceId, identifier))];
        if (hashes.Length == 0)
        {
            return false;
        }
        // A statement of its own: the next one has to see what was committed while this one waited.
        await ctx.ExecuteAsync($"select pg_advisory_xact_lock_shared(hashtextextended({LockOf(ctx)}, 0))", ct);
        return await ctx.ScalarAsync<bool>($"select exists (select from kernel.refused_identifier where hash = any({hashes}))", ct);
    }

    /// <summary>Waits for those who are coming in right now, and lets nobody in before the commit: who is there is found, who is not is refused.</summary>
    public static Task CloseDoorAsync(WorkspaceContext ctx, CancellationToken ct) =>
        ctx.ExecuteAsync($"select pg_advisory_xact_lock(hashtextextended({LockOf(ctx)}, 0))", ct);

    public Task RefuseAsync(WorkspaceContext ctx, Guid erasure, IEnumerable<string> identifiers, CancellationToken ct) =>
        RefuseAsync(ctx, erasure, identifiers.Select(identifier => HashOf(ctx.WorkspaceId, identifier)), ct);

    /// <summary>By hashes that were kept elsewhere.</summary>
    public static Task RefuseAsync(WorkspaceContext ctx, Guid erasure, IEnumerable<byte[]> hashes, CancellationToken ct)
    {
        byte[][] all = [.. hashes];
        return ctx.ExecuteAsync(
            $"""
            insert into kernel.refused_identifier (hash, erasure_id, since)
            select hash, {erasure}, {ctx.Now} from unnest({all}) as h(hash) on conflict do nothing
            """,
            ct
        );
    }

    /// <returns>How many addresses and ids may come in again.</returns>
    public static async Task<int> LiftAsync(WorkspaceContext ctx, Guid erasure, CancellationToken ct)
    {
        var lifted = await ctx.ExecuteAsync($"delete from kernel.refused_identifier where erasure_id = {erasure}", ct);
        if (lifted > 0)
        {
            ctx.Audit("child.let_in", "erasure", erasure, new { identifiers = lifted });
        }
        return lifted;
    }

    private static string LockOf(WorkspaceContext ctx) => "refused " + ctx.WorkspaceId.ToString("N");

    private static byte[] Text(Guid workspace, string identifier) =>
        Encoding.UTF8.GetBytes($"{workspace:N} {identifier.Trim().ToLowerInvariant()}");
}
