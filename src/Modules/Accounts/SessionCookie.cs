using Microsoft.AspNetCore.Http;
using Tenet.Kernel;

namespace Tenet.Accounts;

/// <summary>
/// The only cookie Tenet sets. Before sign-in it holds a random value that binds a sign-in link to the browser which asked for it;
/// sign-in replaces it, so that a value planted beforehand is worth nothing.
/// </summary>
internal static class SessionCookie
{
    public const string Name = "tenet_session";
    private const int TokenLength = 43;
    private static readonly TimeSpan Anonymous = TimeSpan.FromHours(1);

    /// <returns>The token's hash, or null when there is no cookie or it is not one of ours.</returns>
    public static byte[]? Read(HttpRequest request) =>
        request.Cookies[Name] is { Length: TokenLength } token && token.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_')
            ? Secrets.Hash(token)
            : null;

    /// <summary>The hash that stands for this browser; gives it a cookie when it has none.</summary>
    public static byte[] ReadOrBegin(HttpContext http, bool secure)
    {
        if (Read(http.Request) is { } hash)
        {
            return hash;
        }
        var token = Secrets.Token();
        Write(http, token, Anonymous, secure);
        return Secrets.Hash(token);
    }

    public static void Write(HttpContext http, string token, TimeSpan lifetime, bool secure) =>
        http.Response.Cookies.Append(Name, token, Options(http, secure, lifetime));

    public static void Remove(HttpContext http, bool secure) => http.Response.Cookies.Delete(Name, Options(http, secure, null));

    private static CookieOptions Options(HttpContext http, bool secure, TimeSpan? lifetime) =>
        new()
        {
            HttpOnly = true,
            SameSite = SameSiteMode.Lax,
            Secure = secure || http.Request.IsHttps,
            Path = "/",
            MaxAge = lifetime,
            IsEssential = true,
        };
}
