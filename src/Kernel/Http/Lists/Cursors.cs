using System.Buffers.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Tenet.Kernel.Vault;
using Tenet.Kernel.Workspaces;

namespace Tenet.Kernel.Http.Lists;

/// <summary>Some items of a list. <paramref name="Next"/> is what to ask for after these, unchanged; null at the end.</summary>
public sealed record PageOf<T>(IReadOnlyList<T> Items, string? Next);

/// <summary>
/// Places in lists that are read by key ("the 50 after this one"). A cursor is sealed: it tells nothing of the row it names, and one that was
/// changed, or made for another list or another workspace, is refused.
/// </summary>
public static class Cursors
{
    private const string Table = "cursor";

    /// <param name="list">The list's name, with whatever else its order depends on.</param>
    /// <param name="after">What the caller sent; null for the beginning.</param>
    /// <returns>The key of the last row seen; null at the beginning.</returns>
    /// <exception cref="RuleException">It is none of this list's.</exception>
    public static TKey? Place<TKey>(this WorkspaceContext ctx, string list, string? after)
        where TKey : class
    {
        if (string.IsNullOrEmpty(after))
        {
            return null;
        }
        try
        {
            return JsonSerializer.Deserialize<TKey>(Vault(ctx).Open(PlaceOf(ctx, list), Base64Url.DecodeFromChars(after)));
        }
        catch (Exception e)
            when (e is FormatException or JsonException or System.Security.Cryptography.CryptographicException or SealException)
        {
            throw new RuleException("after", "This is no place in this list. Pass the value of `next` unchanged.");
        }
    }

    /// <summary>Turns rows, of which one more than wanted was asked for, into a page.</summary>
    public static PageOf<T> Page<T, TKey>(this WorkspaceContext ctx, string list, List<T> rows, int limit, Func<T, TKey> key)
        where TKey : class =>
        rows.Count <= limit
            ? new PageOf<T>(rows, null)
            : new PageOf<T>(
                rows[..limit],
                Base64Url.EncodeToString(Vault(ctx).Seal(PlaceOf(ctx, list), JsonSerializer.Serialize(key(rows[limit - 1]))))
            );

    private static SealedPlace PlaceOf(WorkspaceContext ctx, string list) => new(Table, list, ctx.WorkspaceId);

    private static InstallationVault Vault(WorkspaceContext ctx) => ctx.Services.GetRequiredService<InstallationVault>();
}
