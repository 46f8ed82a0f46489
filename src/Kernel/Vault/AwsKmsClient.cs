using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization;
using Tenet.Kernel.Http;

namespace Tenet.Kernel.Vault;

/// <summary>Where a master key of AWS KMS is, and who may use it.</summary>
/// <param name="KeyId">ARN, id or alias of a symmetric key.</param>
/// <param name="Region">Such as <c>eu-central-1</c>.</param>
public sealed record AwsKmsOptions(string KeyId, string Region, AwsCredentials Credentials)
{
    /// <summary>Another address than the region's own, such as a service that speaks the same protocol.</summary>
    public Uri? Endpoint { get; init; }
}

/// <summary>What KMS refused, by the name of its error.</summary>
public sealed class AwsKmsException(string error, Exception? inner = null) : Exception($"AWS KMS answered {error}.", inner)
{
    public string Error => error;
}

/// <summary>
/// Encrypt, Decrypt and GenerateDataKey of the AWS KMS JSON API (TrentService, 2014-11-01), signed with Signature Version 4. What passes by
/// itself (throttling, faults of the service, no connection) is tried again with a growing delay.
/// </summary>
internal sealed class AwsKmsClient(AwsKmsOptions options, Egress egress, TimeProvider time)
{
    private const int Attempts = 6;
    private const string Unreachable = "nothing: it cannot be reached";
    private static readonly EgressPolicy Policy = new("aws-kms") { MaxBytes = 64 * 1024, TotalTime = TimeSpan.FromSeconds(10) };

    private static readonly HashSet<string> Passing = new(StringComparer.Ordinal)
    {
        "ThrottlingException",
        "LimitExceededException",
        "KMSInternalException",
        "DependencyTimeoutException",
        "KeyUnavailableException",
        "InternalFailure",
        "ServiceUnavailable",
        Unreachable,
    };

    private static readonly JsonSerializerOptions Json = new() { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    private readonly Uri _endpoint = options.Endpoint ?? new Uri($"https://kms.{options.Region}.amazonaws.com/");

    public Uri Endpoint => _endpoint;

    public Task<KmsAnswer> EncryptAsync(byte[] plain, IReadOnlyDictionary<string, string> context, CancellationToken ct) =>
        CallAsync("Encrypt", new KmsRequest(options.KeyId) { Plaintext = plain, EncryptionContext = context }, ct);

    public Task<KmsAnswer> DecryptAsync(byte[] value, IReadOnlyDictionary<string, string> context, CancellationToken ct) =>
        CallAsync("Decrypt", new KmsRequest(options.KeyId) { CiphertextBlob = value, EncryptionContext = context }, ct);

    public Task<KmsAnswer> GenerateDataKeyAsync(IReadOnlyDictionary<string, string> context, CancellationToken ct) =>
        CallAsync("GenerateDataKey", new KmsRequest(options.KeyId) { KeySpec = "AES_256", EncryptionContext = context }, ct);

    /// <exception cref="AwsKmsException">Refused, or not reached after several attempts.</exception>
    private async Task<KmsAnswer> CallAsync(string operation, KmsRequest request, CancellationToken ct)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await CallOnceAsync(operation, request, ct);
            }
            catch (AwsKmsException e) when (Passing.Contains(e.Error) && attempt < Attempts)
            {
                await Task.Delay(Secrets.Jitter(TimeSpan.FromMilliseconds(100 * Math.Pow(2, attempt))), time, ct);
            }
        }
    }

    private async Task<KmsAnswer> CallOnceAsync(string operation, KmsRequest content, CancellationToken ct)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(content, Json);
        using var request = new HttpRequestMessage(HttpMethod.Post, _endpoint) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/x-amz-json-1.1");
        request.Headers.TryAddWithoutValidation("x-amz-target", "TrentService." + operation);
        AwsSignature.Sign(request, body, "kms", options.Region, options.Credentials, time.GetUtcNow());
        try
        {
            using var response = await egress.Client(Policy).SendAsync(request, HttpCompletionOption.ResponseHeadersRead, ct);
            var answer = await response.Content.ReadAsByteArrayAsync(ct);
            return response.IsSuccessStatusCode
                ? JsonSerializer.Deserialize<KmsAnswer>(answer) ?? throw new AwsKmsException("nothing")
                : throw new AwsKmsException(NameOf(answer, (int)response.StatusCode));
        }
        catch (Exception e) when (e is EgressException or HttpRequestException or IOException)
        {
            throw new AwsKmsException(Unreachable, e);
        }
        catch (JsonException)
        {
            // Without the inner exception: its message may quote the answer, which may hold a key.
            throw new AwsKmsException("what is not its protocol");
        }
    }

    private static string NameOf(byte[] answer, int status)
    {
        try
        {
            var name = JsonSerializer.Deserialize<KmsError>(answer)?.Type?.Split('#')[^1];
            if (name is { Length: > 0 and < 80 } && name.All(char.IsAsciiLetterOrDigit))
            {
                return name;
            }
        }
        catch (JsonException)
        {
            // A proxy's page, or nothing: the status says as much.
        }
        return status >= 500 ? "ServiceUnavailable" : $"status {status}";
    }

    private sealed record KmsRequest(string KeyId)
    {
        public byte[]? Plaintext { get; init; }
        public byte[]? CiphertextBlob { get; init; }
        public string? KeySpec { get; init; }
        public IReadOnlyDictionary<string, string>? EncryptionContext { get; init; }
    }

    private sealed record KmsError([property: JsonPropertyName("__type")] string? Type);
}

/// <param name="KeyId">ARN of the key that did it.</param>
internal sealed record KmsAnswer(string? KeyId, byte[]? Plaintext, byte[]? CiphertextBlob)
{
    /// <summary>Without the key.</summary>
    public override string ToString() => $"KmsAnswer of {KeyId}";
}
