using Microsoft.AspNetCore.Http;

namespace Tenet.Kernel.Http;

/// <summary>The website of a customer into whose pages our scripts are put: whose it is, who may embed them, how they look.</summary>
/// <param name="AllowedOrigins"><c>https://shop.example</c>; the host's own is always allowed.</param>
/// <param name="Color"><c>#rrggbb</c>.</param>
/// <param name="Language">Used when the visitor's own is not spoken.</param>
public sealed record EmbedSite(
    Guid WorkspaceId,
    IReadOnlyCollection<string> AllowedOrigins,
    string Name,
    string Color,
    string Theme,
    string Language,
    string? PrivacyUrl
)
{
    /// <summary>Whether the page that sent this request may call us. A request without an origin comes from no page.</summary>
    public bool Allows(HttpRequest request)
    {
        var origin = request.Headers.Origin.ToString();
        return origin.Length == 0
            || origin.Equals($"{request.Scheme}://{request.Host}", StringComparison.OrdinalIgnoreCase)
            || AllowedOrigins.Contains(origin, StringComparer.OrdinalIgnoreCase);
    }
}

/// <param name="key">Public: stands in the page's source.</param>
/// <exception cref="NotFoundException">No site has this key (any more).</exception>
public delegate Task<EmbedSite> FindEmbedSite(string key, CancellationToken ct);
