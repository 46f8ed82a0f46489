using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Tenet.Kernel;
using Tenet.Kernel.Vault;
using Tenet.Kernel.Workspaces;

namespace Tenet.Odoo.Writes;

/// <summary>
/// What would be written: sealed for its approval under the workspace's key and carried by the panel, so that any node can carry it out and none
/// keeps it. Read only after it was opened.
/// </summary>
/// <param name="Salt">Random, so that the hash says nothing of short values.</param>
internal sealed record ApprovalTicket(
    OdooAction Action,
    string Model,
    IReadOnlyList<long> Ids,
    JsonObject Arguments,
    JsonElement Expect,
    string Salt
)
{
    public const int Longest = 32_000;

    /// <summary>As it was opened.</summary>
    [JsonIgnore]
    public byte[]? Opened { get; init; }

    public static ApprovalTicket Of(OdooAction action, WritePreview preview, JsonObject arguments) =>
        new(action, preview.Model, preview.Ids, arguments, preview.Expect, Secrets.Token());

    /// <summary>SHA-256 of the salt and of exactly what would be sent to Odoo.</summary>
    public byte[] Hash() => SHA256.HashData(Opened ?? Bytes());

    /// <returns>Null when it would be too long to carry.</returns>
    public async Task<string?> SealAsync(WorkspaceContext ctx, WorkspaceVault vault, Guid approval, CancellationToken ct)
    {
        var text = Base64Url.EncodeToString(await vault.SealAsync(ctx, Place(approval), Bytes(), ct));
        return text.Length <= Longest ? text : null;
    }

    /// <returns>Null when it was not sealed for this approval of this workspace.</returns>
    public static async Task<ApprovalTicket?> OpenAsync(
        WorkspaceContext ctx,
        WorkspaceVault vault,
        Guid approval,
        string? text,
        CancellationToken ct
    )
    {
        if (text is not { Length: > 0 and <= Longest } || !Base64Url.IsValid(text))
        {
            return null;
        }
        try
        {
            var plain = await vault.OpenBytesAsync(ctx, Place(approval), Base64Url.DecodeFromChars(text), ct);
            return JsonSerializer.Deserialize<ApprovalTicket>(plain, CopilotJson.Options)! with { Opened = plain };
        }
        catch (SealException)
        {
            return null;
        }
    }

    private byte[] Bytes() => JsonSerializer.SerializeToUtf8Bytes(this, CopilotJson.Options);

    private static SealedPlace Place(Guid approval) => new("odoo.approval", "ticket", approval);
}
