using System.Diagnostics;
using System.Net;
using Tenet.Kernel.Telemetry;

namespace Tenet.Kernel.Http;

/// <summary>Redirects, deadline and size of one policy, around the connection that <see cref="Egress"/> guards.</summary>
internal sealed class EgressHandler(EgressPolicy policy, TimeProvider time, HttpMessageHandler inner) : DelegatingHandler(inner)
{
    // What may follow a redirect to another origin; a key may stand in any other header.
    private static readonly HashSet<string> Harmless = new(StringComparer.OrdinalIgnoreCase)
    {
        "Accept",
        "Accept-Encoding",
        "Accept-Language",
        "Range",
        "User-Agent",
    };

    /// <summary>For exporters, which send from a thread of their own.</summary>
    protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken) =>
        SendAsync(request, cancellationToken).GetAwaiter().GetResult();

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        // Neither address nor host is told: workspaces choose them.
        using var span = Signals.Begin("egress " + policy.Name, ActivityKind.Client);
        var started = time.GetTimestamp();
        var outcome = "cancelled";
        try
        {
            var response = await BoundAsync(request, cancellationToken);
            outcome = $"{(int)response.StatusCode / 100}xx";
            span?.SetTag("http.response.status_code", (int)response.StatusCode);
            return response;
        }
        catch (EgressException e)
        {
            outcome = e.Failure.ToString();
            span?.SetStatus(ActivityStatusCode.Error);
            throw;
        }
        finally
        {
            span?.SetTag("outcome", outcome);
            Signals.Egress.Record(time.GetElapsedTime(started).TotalSeconds, new("policy", policy.Name), new("outcome", outcome));
        }
    }

    private async Task<HttpResponseMessage> BoundAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var deadline = new CancellationTokenSource(policy.TotalTime, time);
        var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        try
        {
            CrashPoint.Reach("send.before");
            var response = await FollowAsync(request, linked.Token);
            CrashPoint.Reach("send.after");
            if (response.Content.Headers.ContentLength > policy.MaxBytes)
            {
                response.Dispose();
                throw new EgressException(EgressFailure.TooLarge);
            }
            response.Content = new BoundedContent(response.Content, policy, deadline, linked);
            return response;
        }
        catch (Exception e)
        {
            var expired = deadline.IsCancellationRequested && !cancellationToken.IsCancellationRequested;
            linked.Dispose();
            deadline.Dispose();
            throw e switch
            {
                OperationCanceledException when expired => new EgressException(EgressFailure.TooSlow, e),
                // The connect time-out of the handler arrives as a cancellation that nobody asked for.
                OperationCanceledException when !cancellationToken.IsCancellationRequested => new EgressException(
                    EgressFailure.Unreachable,
                    e
                ),
                HttpRequestException { InnerException: EgressException refused } => refused,
                HttpRequestException => new EgressException(EgressFailure.Unreachable, e),
                _ => e,
            };
        }
    }

    private async Task<HttpResponseMessage> FollowAsync(HttpRequestMessage request, CancellationToken ct)
    {
        for (var redirects = 0; ; redirects++)
        {
            if (request.RequestUri?.Scheme is not ("http" or "https"))
            {
                throw new EgressException(EgressFailure.BadScheme);
            }
            var response = await base.SendAsync(request, ct);
            if (
                policy.MaxRedirects == 0
                || response.StatusCode
                    is not (
                        HttpStatusCode.MovedPermanently
                        or HttpStatusCode.Found
                        or HttpStatusCode.SeeOther
                        or HttpStatusCode.TemporaryRedirect
                        or HttpStatusCode.PermanentRedirect
                    )
                || response.Headers.Location is not { } location
            )
            {
                return response;
            }
            response.Dispose();
            if (redirects >= policy.MaxRedirects)
            {
                throw new EgressException(EgressFailure.TooManyRedirects);
            }
            // Only reads are followed, so a redirect can never repeat a write.
            if (
                request.Method != HttpMethod.Get && request.Method != HttpMethod.Head
                || !Uri.TryCreate(request.RequestUri, location, out var target)
                || policy.AllowRedirect?.Invoke(target) == false
            )
            {
                throw new EgressException(EgressFailure.RedirectRefused);
            }
            var next = new HttpRequestMessage(request.Method, target) { Version = request.Version, VersionPolicy = request.VersionPolicy };
            var sameOrigin =
                target.Scheme.Equals(request.RequestUri.Scheme, StringComparison.Ordinal)
                && target.Authority.Equals(request.RequestUri.Authority, StringComparison.OrdinalIgnoreCase);
            foreach (var header in request.Headers.Where(header => sameOrigin || Harmless.Contains(header.Key)))
            {
                if (!header.Key.Equals("Host", StringComparison.OrdinalIgnoreCase))
                {
                    next.Headers.TryAddWithoutValidation(header.Key, header.Value);
                }
            }
            request = next;
        }
    }
}
