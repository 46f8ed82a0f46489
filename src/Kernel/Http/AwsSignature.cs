using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Tenet.Kernel.Http;

/// <summary>Who signs requests to a service of AWS, or to one that speaks its protocol.</summary>
public sealed record AwsCredentials(string AccessKey, string SecretKey)
{
    /// <summary>With temporary credentials only.</summary>
    public string? SessionToken { get; init; }

    /// <summary>Names the key only, so that the secret reaches no log.</summary>
    public override string ToString() => $"AwsCredentials {AccessKey}";
}

/// <summary>AWS Signature Version 4: signs every header of a request and its body, for one service in one region.</summary>
internal static class AwsSignature
{
    private const string Algorithm = "AWS4-HMAC-SHA256";

    /// <summary>Adds date, body hash and <c>Authorization</c>. The request must be complete; nothing may be changed after it.</summary>
    /// <param name="body">The bytes of the request's content; empty without content.</param>
    /// <param name="service">Such as <c>s3</c> or <c>kms</c>.</param>
    public static void Sign(
        HttpRequestMessage request,
        ReadOnlySpan<byte> body,
        string service,
        string region,
        AwsCredentials credentials,
        DateTimeOffset now
    )
    {
        var uri = request.RequestUri ?? throw new InvalidOperationException("A request without an address cannot be signed.");
        var time = now.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        var scope = $"{time[..8]}/{region}/{service}/aws4_request";
        var bodyHash = Hex(SHA256.HashData(body));
        request.Headers.Host = uri.IsDefaultPort ? uri.IdnHost : $"{uri.IdnHost}:{uri.Port}";
        request.Headers.TryAddWithoutValidation("x-amz-date", time);
        request.Headers.TryAddWithoutValidation("x-amz-content-sha256", bodyHash);
        if (credentials.SessionToken is { } token)
        {
            request.Headers.TryAddWithoutValidation("x-amz-security-token", token);
        }
        var headers = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, values) in request.Headers.Concat(request.Content?.Headers.AsEnumerable() ?? []))
        {
            headers[name.ToLowerInvariant()] = string.Join(',', values.Select(value => value.Trim()));
        }
        // The client computes it by itself after signing.
        headers.Remove("content-length");
        var signed = string.Join(';', headers.Keys);
        var canonical = string.Join(
            '\n',
            request.Method.Method,
            Path(uri, service),
            Query(uri),
            string.Concat(headers.Select(header => $"{header.Key}:{header.Value}\n")),
            signed,
            bodyHash
        );
        var toSign = string.Join('\n', Algorithm, time, scope, Hex(SHA256.HashData(Encoding.UTF8.GetBytes(canonical))));
        var key = Encoding.UTF8.GetBytes("AWS4" + credentials.SecretKey);
        foreach (var part in (string[])[time[..8], region, service, "aws4_request"])
        {
            key = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(part));
        }
        var signature = Hex(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(toSign)));
        request.Headers.TryAddWithoutValidation(
            "Authorization",
            $"{Algorithm} Credential={credentials.AccessKey}/{scope},SignedHeaders={signed},Signature={signature}"
        );
    }

    // S3 signs the path as it is sent; every other service signs it encoded once more.
    private static string Path(Uri uri, string service)
    {
        var path = uri.AbsolutePath.Length == 0 ? "/" : uri.AbsolutePath;
        var encoded = string.Join('/', path.Split('/').Select(segment => Uri.EscapeDataString(Uri.UnescapeDataString(segment))));
        return service.Equals("s3", StringComparison.Ordinal) ? encoded : string.Join('/', encoded.Split('/').Select(Uri.EscapeDataString));
    }

    private static string Query(Uri uri) =>
        string.Join(
            '&',
            uri.Query.TrimStart('?')
                .Split('&', StringSplitOptions.RemoveEmptyEntries)
                .Select(pair => pair.Split('=', 2))
                .Select(pair => (Name: Encode(pair[0]), Value: Encode(pair.Length > 1 ? pair[1] : "")))
                .OrderBy(pair => pair.Name, StringComparer.Ordinal)
                .ThenBy(pair => pair.Value, StringComparer.Ordinal)
                .Select(pair => $"{pair.Name}={pair.Value}")
        );

    private static string Encode(string text) => Uri.EscapeDataString(Uri.UnescapeDataString(text));

    private static string Hex(byte[] bytes) => Convert.ToHexStringLower(bytes);
}
