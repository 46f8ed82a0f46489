using System.Text;
using System.Text.Json;
using Tenet.Kernel.Audit.Checkpoints;
using Tenet.Kernel.Subjects;
using Tenet.Kernel.Vault;
using Tenet.Kernel.Workspaces;

namespace Tenet.Privacy.Erasures;

/// <summary>
/// Says who was erased, to those who know them already: keyed hashes only. Written inside and outside the database before anything is destroyed.
/// </summary>
internal sealed class ErasureLedger(InstallationVault vault, RefusedIdentifiers refused, ErasureLedgerStore outside)
{
    private const string Row = "erased row";
    private const string DeletedWorkspace = "erased workspace";

    public byte[] RowHash(Guid workspace, Guid row) => vault.Sign(Row, RowText(workspace, row));

    /// <summary>As it was written under this key or an earlier one.</summary>
    public IEnumerable<byte[]> RowHashes(Guid workspace, Guid row) => vault.Signatures(Row, RowText(workspace, row));

    private static byte[] RowText(Guid workspace, Guid row) => Encoding.UTF8.GetBytes($"{workspace:N} {row:N}");

    /// <summary>Stands for a workspace that was deleted.</summary>
    public byte[] WorkspaceHash(Guid workspace) => vault.Sign(DeletedWorkspace, WorkspaceText(workspace));

    /// <summary>As it was written under this key or an earlier one.</summary>
    public IEnumerable<byte[]> WorkspaceHashes(Guid workspace) => vault.Signatures(DeletedWorkspace, WorkspaceText(workspace));

    private static byte[] WorkspaceText(Guid workspace) => Encoding.UTF8.GetBytes(workspace.ToString("N"));

    public byte[] IdentifierHash(Guid workspace, string identifier) => refused.HashOf(workspace, identifier);

    /// <summary>Stands for a person in certificates and letters to authorities.</summary>
    public byte[] Reference(Guid workspace, IEnumerable<Guid> rows) =>
        vault.Sign(
            "erased person",
            Encoding.UTF8.GetBytes($"{workspace:N} {string.Join(' ', rows.Order().Select(row => row.ToString("N")))}")
        );

    public Task WriteAsync(
        WorkspaceContext ctx,
        Guid erasure,
        IEnumerable<Guid> rows,
        IEnumerable<string> identifiers,
        CancellationToken ct
    )
    {
        byte[][] hashes =
        [
            .. rows.Select(row => RowHash(ctx.WorkspaceId, row)),
            .. identifiers.Select(identifier => IdentifierHash(ctx.WorkspaceId, identifier)),
        ];
        return ctx.ExecuteAsync(
            $"""
            insert into privacy.erasure_ledger (erasure_id, hash, at)
            select {erasure}, hash, {ctx.Now} from unnest({hashes}) as h(hash) on conflict do nothing
            """,
            ct
        );
    }

    public static Task<List<byte[]>> ReadAsync(WorkspaceContext ctx, Guid erasure, CancellationToken ct) =>
        ctx.ListAsync(
            $"select hash from privacy.erasure_ledger where erasure_id = {erasure} order by hash",
            row => row.GetFieldValue<byte[]>(0),
            ct
        );

    /// <exception cref="CheckpointStoreException">The place outside cannot be used now: nothing may be destroyed.</exception>
    public Task CopyOutsideAsync(
        Guid workspace,
        Guid erasure,
        DateTimeOffset at,
        IReadOnlyList<byte[]> hashes,
        CancellationToken ct,
        bool refused = false
    ) =>
        outside.AddAsync(
            workspace,
            at,
            JsonSerializer.Serialize(new OutsideEntry(1, workspace, erasure, at, hashes, refused), JsonSerializerOptions.Web),
            ct
        );

    /// <summary>All that lies outside for a workspace: each erasure with its hashes, and its own deletion.</summary>
    public async IAsyncEnumerable<OutsideEntry> OutsideAsync(
        Guid workspace,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken ct
    )
    {
        await foreach (var text in outside.ListAsync(workspace, ct))
        {
            if (JsonSerializer.Deserialize<OutsideEntry>(text, JsonSerializerOptions.Web) is { } entry)
            {
                yield return entry;
            }
        }
    }

    /// <param name="Refused">A child's: who comes with one of the hashed identifiers is not let in.</param>
    internal sealed record OutsideEntry(
        int Format,
        Guid Workspace,
        Guid Erasure,
        DateTimeOffset At,
        IReadOnlyList<byte[]> Hashes,
        bool Refused = false
    );
}
