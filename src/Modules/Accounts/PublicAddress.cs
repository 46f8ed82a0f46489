using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;

namespace Tenet.Accounts;

/// <summary>What the host decides for accounts.</summary>
/// <param name="PublicUrl">How others reach this host: <c>https://chat.example.com</c>. Null in development.</param>
public sealed record AccountsOptions(Uri? PublicUrl = null);

/// <summary>
/// The root of links in letters. A request's own host name is taken only when it names this machine, for anyone may send any Host header
/// and have a letter point at a place of theirs.
/// </summary>
public sealed class PublicAddress(AccountsOptions options, IServer server)
{
    public Uri Own =>
        options.PublicUrl ?? new Uri(server.Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault() ?? "http://127.0.0.1:8080");

    /// <summary>Cookies are marked Secure when the world reaches us by https, even if a proxy ends it.</summary>
    internal bool IsSecure => Uri.UriSchemeHttps.Equals(options.PublicUrl?.Scheme, StringComparison.Ordinal);

    internal Uri For(HttpRequest request) =>
        Uri.TryCreate($"{request.Scheme}://{request.Host}", UriKind.Absolute, out var here) ? For(here) : Own;

    /// <param name="here">How the reader reached us.</param>
    internal Uri For(Uri here) => options.PublicUrl is null && here.IsLoopback ? here : Own;
}
