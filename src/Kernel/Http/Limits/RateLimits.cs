using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;

namespace Tenet.Kernel.Http.Limits;

/// <summary>
/// Refuses what is too much, before any work is done for it, and tells every caller where they stand
/// (draft-ietf-httpapi-ratelimit-headers: <c>RateLimit</c>, <c>RateLimit-Policy</c>).
/// </summary>
internal sealed class RateLimits(RateWindows windows, RateGrants grants)
{
    private static readonly RateLimited Default = new(RateGroup.Open, null);

    /// <summary>By address: before anybody is asked who they are.</summary>
    public async Task ByAddressAsync(HttpContext http, RequestDelegate next)
    {
        // A page that explains a refusal is part of it.
        if (http.Features.Get<IStatusCodeReExecuteFeature>() is not null)
        {
            await next(http);
            return;
        }
        var group = Declared(http).Group;
        var verdict = await windows.TakeAsync(
            new RateSubject(group, RateScope.Ip, IdOf(http.Connection.RemoteIpAddress)),
            await grants.PerIpAsync(group, http.RequestAborted),
            http.RequestAborted
        );
        var told = new Told(http);
        told.Add(verdict);
        await (verdict.Passes ? next(http) : RefuseAsync(http, verdict));
    }

    /// <summary>By workspace and by key: after the caller is known and let in.</summary>
    public async Task ByCallerAsync(HttpContext http, RequestDelegate next)
    {
        var declared = Declared(http);
        if (http.User.Guid(TenetClaims.Key) is { } key && long.TryParse(http.User.FindFirst(TenetClaims.KeyLimit)?.Value, out var own))
        {
            if (!await PassesAsync(http, new RateSubject(declared.Group, RateScope.Key, key), own))
            {
                return;
            }
        }
        if ((http.User.Guid(TenetClaims.Workspace) ?? declared.WorkspaceOf?.Invoke(http)) is { } workspace)
        {
            var limit = await grants.PerWorkspaceAsync(declared.Group, workspace, http.RequestAborted);
            if (!await PassesAsync(http, new RateSubject(declared.Group, RateScope.Workspace, workspace), limit))
            {
                return;
            }
        }
        await next(http);
    }

    private async ValueTask<bool> PassesAsync(HttpContext http, RateSubject subject, long limit)
    {
        var verdict = await windows.TakeAsync(subject, limit, http.RequestAborted);
        http.Features.Get<Told>()?.Add(verdict);
        if (!verdict.Passes)
        {
            await RefuseAsync(http, verdict);
        }
        return verdict.Passes;
    }

    private static RateLimited Declared(HttpContext http) => http.GetEndpoint()?.Metadata.GetMetadata<RateLimited>() ?? Default;

    private static Task RefuseAsync(HttpContext http, RateVerdict verdict)
    {
        var seconds = Seconds(verdict.EndsIn);
        http.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        if (Declared(http).Group is RateGroup.Pages or RateGroup.SignIn)
        {
            // The page that explains it follows from the status.
            http.Response.StatusCode = StatusCodes.Status429TooManyRequests;
            return Task.CompletedTask;
        }
        var whose = verdict.Scope switch
        {
            RateScope.Ip => "from your address",
            RateScope.Key => "with this API key",
            _ => "for this workspace",
        };
        return TypedResults
            .Problem($"{verdict.Limit} requests a minute are taken {whose}. Try again in {seconds} seconds.", statusCode: 429)
            .ExecuteAsync(http);
    }

    private static long Seconds(TimeSpan span) => Math.Max(1, (long)Math.Ceiling(span.TotalSeconds));

    /// <summary>Whoever has an IPv6 address has 2^64 of them: their network counts as one.</summary>
    private static Guid IdOf(IPAddress? address)
    {
        Span<byte> bytes = stackalloc byte[16];
        if (address is null)
        {
            return Guid.Empty;
        }
        address.MapToIPv6().TryWriteBytes(bytes, out _);
        if (address.AddressFamily == AddressFamily.InterNetworkV6 && !address.IsIPv4MappedToIPv6)
        {
            bytes[8..].Clear();
        }
        return new Guid(bytes);
    }

    /// <summary>Gathers the verdicts of a request and writes them when its answer begins, even when an error's answer cleared the headers.</summary>
    private sealed class Told
    {
        private readonly List<RateVerdict> _verdicts = new(3);

        public Told(HttpContext http)
        {
            http.Features.Set(this);
            http.Response.OnStarting(
                static state =>
                {
                    var (http, told) = ((HttpContext, Told))state;
                    told.Write(http.Response.Headers);
                    return Task.CompletedTask;
                },
                (http, this)
            );
        }

        public void Add(RateVerdict verdict) => _verdicts.Add(verdict);

        private void Write(IHeaderDictionary headers)
        {
            var window = (int)RateWindows.Length.TotalSeconds;
            headers["RateLimit-Policy"] = string.Join(", ", _verdicts.Select(v => $"\"{Name(v)}\";q={v.Limit};w={window}"));
            headers["RateLimit"] = string.Join(", ", _verdicts.Select(v => $"\"{Name(v)}\";r={v.Remaining};t={Seconds(v.EndsIn)}"));
        }

        private static string Name(RateVerdict verdict) =>
            verdict.Scope switch
            {
                RateScope.Ip => "ip",
                RateScope.Key => "key",
                _ => "workspace",
            };
    }
}
