using Tenet.Kernel.DataMaps;
using Tenet.Kernel.Vault;
using Tenet.Kernel.Workspaces;

namespace Tenet.Kernel.Audit.Checkpoints;

/// <summary>What signs a workspace's checkpoints, sealed under the workspace's key: it stays the same when other keys are rotated.</summary>
[Record("audit.signing_key", Purpose.Accountability, Keep = "audit.proofs")]
internal sealed record AuditSigningKey
{
    [Operational]
    public required Guid Id { get; init; }

    [Sealed(Category.SystemCredentials)]
    public required byte[] Seed { get; init; }

    [Operational]
    public DateTimeOffset CreatedAt { get; init; }
}

/// <summary>The keys that sign the checkpoints of this installation, one per workspace, made when it is first asked for.</summary>
public sealed class CheckpointKeys(WorkspaceVault vault, WorkspaceScope door)
{
    /// <summary>The key that verifies. It follows from the sealed one, so that nobody can exchange it in the database.</summary>
    /// <exception cref="SealException">The workspace's keys are destroyed.</exception>
    public Task<CheckpointKey> OfAsync(Guid workspaceId, CancellationToken ct) =>
        door.RunAsync(workspaceId, Actor.System, ctx => OfAsync(ctx, ct), ct);

    /// <inheritdoc cref="OfAsync(Guid, CancellationToken)"/>
    public async Task<CheckpointKey> OfAsync(WorkspaceContext ctx, CancellationToken ct) =>
        new(CheckpointKey.OriginOf(ctx.WorkspaceId), Ed25519.PublicKey(await SeedAsync(ctx, ct)));

    /// <returns>The signed note.</returns>
    internal async Task<string> SignAsync(WorkspaceContext ctx, long size, byte[] root, CancellationToken ct)
    {
        var seed = await SeedAsync(ctx, ct);
        var key = new CheckpointKey(CheckpointKey.OriginOf(ctx.WorkspaceId), Ed25519.PublicKey(seed));
        return key.Sign(new Checkpoint(key.Name, size, root), seed, ctx.Now);
    }

    private async Task<byte[]> SeedAsync(WorkspaceContext ctx, CancellationToken ct)
    {
        if (await FindAsync(ctx, ct) is { } known)
        {
            return await vault.OpenBytesAsync(ctx, PlaceOf(known.Id), known.Seed, ct);
        }
        var id = Guid.CreateVersion7(ctx.Now);
        var made = await vault.SealAsync(ctx, PlaceOf(id), Secrets.Bytes(Ed25519.KeyLength), ct);
        // Two first uses at once: one row wins, both read it back.
        await ctx.ExecuteAsync($"insert into audit.signing_key (id, seed) values ({id}, {made}) on conflict do nothing", ct);
        var won = (await FindAsync(ctx, ct))!.Value;
        return await vault.OpenBytesAsync(ctx, PlaceOf(won.Id), won.Seed, ct);
    }

    private static Task<(Guid Id, byte[] Seed)?> FindAsync(WorkspaceContext ctx, CancellationToken ct) =>
        ctx.FirstOrDefaultAsync<(Guid, byte[])?>(
            $"select id, seed from audit.signing_key",
            row => (row.GetGuid(0), row.GetFieldValue<byte[]>(1)),
            ct
        );

    private static SealedPlace PlaceOf(Guid id) => new("audit.signing_key", "seed", id);
}
