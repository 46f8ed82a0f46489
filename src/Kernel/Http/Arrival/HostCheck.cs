using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Tenet.Kernel.Http.Arrival;

/// <summary>
/// Answers only by the names this installation has. Links and origin checks are made from the Host header, which anybody may write, and a
/// foreign site's name may be pointed at this machine (DNS rebinding).
/// </summary>
internal sealed partial class HostCheck(RequestDelegate next, ArrivalOptions options, TimeProvider time, ILogger<HostCheck> logger)
{
    private readonly string[] _allowed = [.. ArrivalOptions.ThisMachine, .. options.AllowedHosts];
    private long _warnedAt;

    public Task InvokeAsync(HttpContext http)
    {
        WarnOfUntrustedProxy(http);
        // Those who ask for its health know it by address only.
        return IsAllowed(http.Request.Host.Host) || http.Request.Path.StartsWithSegments("/health", StringComparison.Ordinal)
            ? next(http)
            : TypedResults
                .Problem(
                    "Tenet does not answer by this host name. Its operator names it in PublicUrl or AllowedHosts.",
                    statusCode: StatusCodes.Status400BadRequest
                )
                .ExecuteAsync(http);
    }

    private bool IsAllowed(string host) =>
        host.Length > 0
        && Array.Exists(
            _allowed,
            allowed =>
                allowed is "*"
                || host.Equals(allowed, StringComparison.OrdinalIgnoreCase)
                || (
                    allowed.StartsWith("*.", StringComparison.Ordinal)
                    && host.Length > allowed.Length - 1
                    && host.EndsWith(allowed[1..], StringComparison.OrdinalIgnoreCase)
                )
        );

    // Without this the whole world would seem to call from one address, and share its limits.
    private void WarnOfUntrustedProxy(HttpContext http)
    {
        // A trusted proxy's header is taken away as it is read.
        if (!http.Request.Headers.ContainsKey("X-Forwarded-For") || !logger.IsEnabled(LogLevel.Warning))
        {
            return;
        }
        var (warned, now) = (Volatile.Read(ref _warnedAt), time.GetTimestamp());
        if (
            (warned == 0 || time.GetElapsedTime(warned, now) > TimeSpan.FromHours(1))
            && Interlocked.CompareExchange(ref _warnedAt, now, warned) == warned
        )
        {
            LogUntrusted();
        }
    }

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "Requests come through a proxy that is not among TrustedProxies: all its callers count as one address. If the proxy is yours, name its network there."
    )]
    private partial void LogUntrusted();
}
