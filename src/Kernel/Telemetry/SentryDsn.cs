using System.Globalization;

namespace Tenet.Kernel.Telemetry;

/// <summary>Where a project's error reports go and the public key that lets them in: <c>https://KEY@HOST/PATH/PROJECT</c>.</summary>
internal sealed record SentryDsn(Uri Envelope, string Key)
{
    /// <exception cref="InvalidOperationException">Not a DSN; the message does not repeat it.</exception>
    public static SentryDsn Parse(string text)
    {
        if (
            !Uri.TryCreate(text, UriKind.Absolute, out var url)
            || url.Scheme is not ("https" or "http")
            || url.UserInfo.Split(':')[0] is not { Length: > 0 } key
            || !key.All(char.IsAsciiLetterOrDigit)
            || url.AbsolutePath.LastIndexOf('/') is var slash
                && !long.TryParse(url.AbsolutePath[(slash + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out _)
        )
        {
            throw new InvalidOperationException(
                "ErrorReports__Dsn is not a Sentry DSN: https://KEY@HOST/PROJECT. Copy it from the project's settings."
            );
        }
        var (path, project) = (url.AbsolutePath[..slash], url.AbsolutePath[(slash + 1)..]);
        return new SentryDsn(new Uri($"{url.Scheme}://{url.Authority}{path}/api/{project}/envelope/"), key);
    }

    /// <summary>The value of <c>X-Sentry-Auth</c>.</summary>
    public string Authorisation => $"Sentry sentry_version=7, sentry_client=tenet/{OtlpExport.Version}, sentry_key={Key}";
}
