using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Tenet.Kernel.Http;
using Tenet.Kernel.Vault;
using Tenet.Tests.Support;

namespace Tenet.Tests.Kernel.Vault;

/// <summary>
/// AWS KMS's wire protocol on the loopback interface: three operations, its errors, and a check of every signature that is written from the
/// specification and not from the code under test.
/// </summary>
internal sealed class FakeKms : IAsyncDisposable
{
    public const string Arn = "arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
    public const string AccessKey = "AKIDEXAMPLE";
    public const string SecretKey = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
    private readonly byte[] _key = RandomNumberGenerator.GetBytes(32);
    private LoopbackSite _site = null!;

    public List<string> Asked { get; } = [];

    /// <summary>Answered instead, one after the other: an error's name, or a status such as <c>502</c>.</summary>
    public Queue<string> Refusals { get; } = new();

    public Uri Address => _site.Address;

    public AwsKmsOptions Options => new(Arn, "eu-central-1", new AwsCredentials(AccessKey, SecretKey)) { Endpoint = Address };

    public static async Task<FakeKms> StartAsync()
    {
        var fake = new FakeKms();
        fake._site = await LoopbackSite.StartAsync(app => app.MapPost("/", (HttpContext http) => fake.AnswerAsync(http)));
        return fake;
    }

    private async Task AnswerAsync(HttpContext http)
    {
        using var reader = new StreamReader(http.Request.Body, Encoding.UTF8);
        var body = await reader.ReadToEndAsync();
        var operation = http.Request.Headers["x-amz-target"].ToString().Split('.')[^1];
        Asked.Add(operation);
        var (status, answer) = Answer(http.Request, operation, body);
        http.Response.StatusCode = status;
        http.Response.ContentType = "application/x-amz-json-1.1";
        await http.Response.WriteAsync(answer.ToJsonString());
    }

    private (int Status, JsonObject Answer) Answer(HttpRequest request, string operation, string body)
    {
        if (!IsSigned(request, body))
        {
            return Error("InvalidSignatureException");
        }
        if (Refusals.TryDequeue(out var refusal))
        {
            return int.TryParse(refusal, out var status) ? (status, new JsonObject()) : Error(refusal);
        }
        var asked = JsonNode.Parse(body)!;
        if (asked["KeyId"]?.GetValue<string>() is not (Arn or "alias/tenet"))
        {
            return Error("NotFoundException");
        }
        var context = Encoding.UTF8.GetBytes(asked["EncryptionContext"]?.ToJsonString() ?? "");
        switch (operation)
        {
            case "Encrypt":
                return (200, Sealed(Convert.FromBase64String(asked["Plaintext"]!.GetValue<string>()), context));
            case "GenerateDataKey" when asked["KeySpec"]?.GetValue<string>() is "AES_256":
                var key = RandomNumberGenerator.GetBytes(32);
                var answer = Sealed(key, context);
                answer["Plaintext"] = Convert.ToBase64String(key);
                return (200, answer);
            case "Decrypt":
                return Opened(Convert.FromBase64String(asked["CiphertextBlob"]!.GetValue<string>()), context);
            default:
                return Error("UnknownOperationException");
        }
    }

    private JsonObject Sealed(byte[] plain, byte[] context)
    {
        var blob = new byte[28 + plain.Length];
        RandomNumberGenerator.Fill(blob.AsSpan(0, 12));
        using var cipher = new AesGcm(_key, 16);
        cipher.Encrypt(blob.AsSpan(0, 12), plain, blob.AsSpan(28), blob.AsSpan(12, 16), context);
        return new JsonObject { ["KeyId"] = Arn, ["CiphertextBlob"] = Convert.ToBase64String(blob) };
    }

    private (int Status, JsonObject Answer) Opened(byte[] blob, byte[] context)
    {
        try
        {
            var plain = new byte[blob.Length - 28];
            using var cipher = new AesGcm(_key, 16);
            cipher.Decrypt(blob.AsSpan(0, 12), blob.AsSpan(28), blob.AsSpan(12, 16), plain, context);
            return (200, new JsonObject { ["KeyId"] = Arn, ["Plaintext"] = Convert.ToBase64String(plain) });
        }
        catch (CryptographicException)
        {
            return Error("InvalidCiphertextException");
        }
    }

    private static (int Status, JsonObject Answer) Error(string name) =>
        (400, new JsonObject { ["__type"] = "com.amazonaws.kms#" + name, ["message"] = "quoted: the plaintext and the key" });

    private static bool IsSigned(HttpRequest request, string body)
    {
        var parts = request.Headers.Authorization.ToString().Split([' ', ',', '='], StringSplitOptions.RemoveEmptyEntries);
        if (parts is not ["AWS4-HMAC-SHA256", "Credential", var credential, "SignedHeaders", var names, "Signature", var signature])
        {
            return false;
        }
        var scope = credential.Split('/', 2)[1];
        var canonical = new StringBuilder("POST\n/\n\n");
        foreach (var name in names.Split(';'))
        {
            canonical.Append(name).Append(':').Append(request.Headers[name].ToString().Trim()).Append('\n');
        }
        canonical.Append('\n').Append(names).Append('\n').Append(Hex(SHA256.HashData(Encoding.UTF8.GetBytes(body))));
        var toSign =
            $"AWS4-HMAC-SHA256\n{request.Headers["x-amz-date"]}\n{scope}\n{Hex(SHA256.HashData(Encoding.UTF8.GetBytes(canonical.ToString())))}";
        var key = scope
            .Split('/')
            .Aggregate(Encoding.UTF8.GetBytes("AWS4" + SecretKey), (k, part) => HMACSHA256.HashData(k, Encoding.UTF8.GetBytes(part)));
        return credential.StartsWith(AccessKey + "/", StringComparison.Ordinal)
            && names.Split(';').Intersect(["host", "x-amz-date", "x-amz-target", "content-type"], StringComparer.Ordinal).Count() == 4
            && scope.EndsWith("/eu-central-1/kms/aws4_request", StringComparison.Ordinal)
            && signature.Equals(Hex(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(toSign))), StringComparison.Ordinal);
    }

    private static string Hex(byte[] bytes) => Convert.ToHexStringLower(bytes);

    public ValueTask DisposeAsync() => _site.DisposeAsync();
}
