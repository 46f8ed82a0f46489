using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Tenet.Kernel.Policies;

namespace Tenet.Front;

/// <summary>Where the host listens, and how much of a request it takes before anybody looks at it.</summary>
internal static class Listening
{
    public static void Configure(KestrelServerOptions kestrel, TenetOptions options, TlsCertificate? certificate)
    {
        kestrel.AddServerHeader = false;
        var limits = kestrel.Limits;
        limits.MaxRequestBodySize = 1_000_000;
        limits.MaxRequestHeaderCount = 60;
        limits.MaxRequestHeadersTotalSize = 24 * 1024;
        limits.MaxRequestLineSize = 8 * 1024;
        limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
        limits.KeepAliveTimeout = TimeSpan.FromSeconds(75);
        // Below it, after a grace of five seconds, a body is too slow to be an honest one.
        limits.MinRequestBodyDataRate = new MinDataRate(240, TimeSpan.FromSeconds(5));
        limits.Http2.MaxStreamsPerConnection = 100;
        var address = AddressOf(options.Listen);
        kestrel.Listen(
            address,
            options.Port,
            listen =>
            {
                if (certificate is not null)
                {
                    listen.UseHttps(
                        new TlsHandshakeCallbackOptions
                        {
                            HandshakeTimeout = TimeSpan.FromSeconds(10),
                            OnConnection = async connection =>
                                certificate.Current(
                                    // Asked for here: the probes of the policies want the server that is being made.
                                    await kestrel
                                        .ApplicationServices.GetRequiredService<PolicySettings>()
                                        .TransportAsync(connection.CancellationToken)
                                ),
                        }
                    );
                }
            }
        );
        if (certificate is not null && options.Tls.RedirectPort is { } plain)
        {
            kestrel.Listen(address, plain);
        }
    }

    /// <summary>Sends whoever comes by plain HTTP to HTTPS. What changes something is refused: it has gone over the wire in the open.</summary>
    public static void UseHttpsOnly(this WebApplication app, TenetOptions options)
    {
        if (options.Tls.Certificate is null)
        {
            return;
        }
        app.Use(
            (http, next) =>
            {
                if (http.Request.IsHttps)
                {
                    return next(http);
                }
                if (!HttpMethods.IsGet(http.Request.Method) && !HttpMethods.IsHead(http.Request.Method))
                {
                    return TypedResults
                        .Problem("Use https. This was sent in the open: renew what was secret in it.", statusCode: 403)
                        .ExecuteAsync(http);
                }
                http.Response.StatusCode = StatusCodes.Status308PermanentRedirect;
                http.Response.Headers.Location = AtHttps(http.Request, options);
                return Task.CompletedTask;
            }
        );
    }

    private static string AtHttps(HttpRequest request, TenetOptions options)
    {
        var port = options.PublicUrl is { } url ? new Uri(url).Port : options.Port;
        var host = port == 443 ? request.Host.Host : string.Create(CultureInfo.InvariantCulture, $"{request.Host.Host}:{port}");
        return $"https://{host}{request.PathBase.ToUriComponent()}{request.Path.ToUriComponent()}{request.QueryString.ToUriComponent()}";
    }

    public static IPAddress AddressOf(string text) =>
        IPAddress.TryParse(text, out var address)
            ? address
            : throw new InvalidOperationException(
                $"Listen takes an address of this machine, such as 127.0.0.1, 0.0.0.0 or ::, not \"{text}\"."
            );
}
