using Tenet.Kernel.Policies;

namespace Tenet.Odoo.Tokens;

/// <summary>How long the policies in force let a user's token, a grant and its refresh token live.</summary>
internal sealed class Lifetimes(PolicySettings settings)
{
    public const string Token = "copilot_token";
    public const string Grant = "copilot_grant";
    public const string Refresh = "copilot_refresh";

    public ValueTask<TimeSpan> OfTokenAsync(CancellationToken ct) => settings.LifetimeAsync(Token, ct);

    public ValueTask<TimeSpan> OfGrantAsync(CancellationToken ct) => settings.LifetimeAsync(Grant, ct);

    public ValueTask<TimeSpan> OfRefreshAsync(CancellationToken ct) => settings.LifetimeAsync(Refresh, ct);
}
