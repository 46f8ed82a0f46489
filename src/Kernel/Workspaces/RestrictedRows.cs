using Npgsql;

namespace Tenet.Kernel.Workspaces;

/// <summary>
/// Rows of persons whose data is kept and not used (Article 18 GDPR) are hidden by row-level security from every transaction. Only the work on
/// rights sees them: copies, erasures, corrections, and the restriction itself.
/// </summary>
public static class RestrictedRows
{
    private static readonly AsyncLocal<bool> Shown = new();

    internal static bool AreShown => Shown.Value;

    /// <summary>From here on in this transaction.</summary>
    public static Task ShowAsync(WorkspaceContext ctx, CancellationToken ct) =>
        ctx.ExecuteAsync($"select set_config('tenet.restricted', 'shown', true)", ct);

    /// <summary>In every transaction that begins before it is disposed, in this flow of work.</summary>
    public static IDisposable Show()
    {
        var before = Shown.Value;
        Shown.Value = true;
        return new Back(before);
    }

    /// <summary>What was refused because it would have touched such a row.</summary>
    internal static bool Refused(PostgresException e) =>
        e is { SqlState: PostgresErrorCodes.InsufficientPrivilege } && e.MessageText.Contains("\"restricted\"", StringComparison.Ordinal);

    private sealed class Back(bool before) : IDisposable
    {
        public void Dispose() => Shown.Value = before;
    }
}
