using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Http;

namespace Tenet.Kernel.Http;

/// <summary>
/// Antiforgery without a second cookie: a request that changes something must come from our own pages, which browsers attest in
/// Sec-Fetch-Site (Fetch Metadata) and Origin. The session cookie is SameSite=Lax beside it.
/// </summary>
internal sealed class OriginCheck : IAntiforgery
{
    private static readonly AntiforgeryTokenSet None = new(null, null, "unused", null);

    public Task<bool> IsRequestValidAsync(HttpContext httpContext) => Task.FromResult(IsOwn(httpContext.Request));

    public Task ValidateRequestAsync(HttpContext httpContext) =>
        IsOwn(httpContext.Request)
            ? Task.CompletedTask
            : throw new AntiforgeryValidationException("The request came from another site and was refused.");

    public AntiforgeryTokenSet GetAndStoreTokens(HttpContext httpContext) => None;

    public AntiforgeryTokenSet GetTokens(HttpContext httpContext) => None;

    public void SetCookieTokenAndHeader(HttpContext httpContext) { }

    internal static bool IsOwn(HttpRequest request)
    {
        if (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method) || HttpMethods.IsOptions(request.Method))
        {
            return true;
        }
        if (request.Headers["Sec-Fetch-Site"].ToString() is { Length: > 0 } site)
        {
            return site is "same-origin" or "none";
        }
        return request.Headers.Origin.ToString() is not { Length: > 0 } origin
            || (
                Uri.TryCreate(origin, UriKind.Absolute, out var from)
                && from.Authority.Equals(request.Host.Value, StringComparison.OrdinalIgnoreCase)
            );
    }
}
