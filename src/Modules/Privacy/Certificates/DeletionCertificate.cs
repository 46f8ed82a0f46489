using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Tenet.Kernel.Audit;

namespace Tenet.Privacy.Certificates;

/// <summary>What became of one store.</summary>
/// <param name="QueryHash">SHA-256 of the question that counted what remains.</param>
public sealed record CertifiedStore(
    string Store,
    string Outcome,
    string Method,
    long RowsFound,
    long? RowsRemaining,
    string? Ground,
    byte[]? QueryHash,
    DateTimeOffset? VerifiedAt
);

/// <summary>
/// That a person's data was erased: what, how, when, and what stays on which ground. Signed with ECDSA P-256 over SHA-256 of the same JSON without
/// its signature; the file is exactly what <see cref="Write"/> gives, so that no byte of it can change.
/// </summary>
/// <param name="Subject">A keyed hash of the person's rows: who was meant, to those who can compute it.</param>
/// <param name="PublicKey">SubjectPublicKeyInfo. Compare its fingerprint with the one that the workspace publishes.</param>
public sealed record DeletionCertificate(
    int Format,
    Guid Id,
    Guid Workspace,
    byte[] Subject,
    string Ground,
    string? Policy,
    DateTimeOffset RequestedAt,
    DateTimeOffset RecordedAt,
    DateTimeOffset DestroyedAt,
    DateTimeOffset IssuedAt,
    IReadOnlyList<CertifiedStore> Stores,
    byte[] PublicKey
)
{
    public const int CurrentFormat = 1;

    /// <summary><c>workspace</c> when it is about a whole workspace; null when about a person.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Scope { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<CertifiedKey>? Keys { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<CertifiedBackup>? Backups { get; init; }

    /// <summary>
    /// That the audit log says the same: an entry of the workspace's tree (RFC 9162), up to the root of a checkpoint that left the database.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public AuditProof? Audit { get; init; }

    /// <summary>r and s, 32 bytes each (IEEE P1363).</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public byte[]? Signature { get; init; }

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectRequiredConstructorParameters = true,
    };

    /// <summary>SHA-256 of the public key, in hexadecimal.</summary>
    [JsonIgnore]
    public string Fingerprint => Convert.ToHexStringLower(SHA256.HashData(PublicKey));

    public string Write() => JsonSerializer.Serialize(this, Json) + "\n";

    internal DeletionCertificate Sign(ECDsa key) =>
        this with
        {
            Signature = key.SignData(Encoding.UTF8.GetBytes((this with { Signature = null }).Write()), HashAlgorithmName.SHA256),
        };

    /// <summary>Reads a file and checks it by itself: needs no network and no database.</summary>
    /// <exception cref="CryptographicException">It is not a certificate, or not as it was signed; the message says which.</exception>
    public static DeletionCertificate Verify(ReadOnlySpan<byte> file)
    {
        DeletionCertificate? certificate;
        try
        {
            certificate = JsonSerializer.Deserialize<DeletionCertificate>(file, Json);
        }
        catch (JsonException e)
        {
            throw new CryptographicException("This file is not a certificate of deletion.", e);
        }
        if (certificate is not { Format: CurrentFormat, Signature: { } signature })
        {
            throw new CryptographicException("This file is not a signed certificate of deletion of a format that this version knows.");
        }
        if (!file.SequenceEqual(Encoding.UTF8.GetBytes(certificate.Write())))
        {
            throw new CryptographicException("The file was changed after it was issued: it is not written as certificates are.");
        }
        if (!IsSigned(certificate, signature))
        {
            throw new CryptographicException("The file was changed after it was issued: the signature does not fit.");
        }
        if (certificate.Audit is { } proof && !proof.Holds(certificate.Workspace))
        {
            throw new CryptographicException("The proof that the audit log says the same does not lead to its checkpoint.");
        }
        return certificate;
    }

    /// <summary>Whether it was signed by this key, in PEM.</summary>
    public bool IsOf(string pem) => IsOf(pem, PublicKey);

    /// <summary>Whether a key in PEM is this one.</summary>
    public static bool IsOf(string pem, byte[] publicKey)
    {
        try
        {
            using var key = ECDsa.Create();
            key.ImportFromPem(pem);
            return key.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(publicKey);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            return false;
        }
    }

    private static bool IsSigned(DeletionCertificate certificate, byte[] signature)
    {
        try
        {
            using var key = ECDsa.Create();
            key.ImportSubjectPublicKeyInfo(certificate.PublicKey, out var read);
            return read == certificate.PublicKey.Length
                && key.VerifyData(
                    Encoding.UTF8.GetBytes((certificate with { Signature = null }).Write()),
                    signature,
                    HashAlgorithmName.SHA256
                );
        }
        catch (Exception e) when (e is CryptographicException or PlatformNotSupportedException or ArgumentException)
        {
            // Another curve than P-256, or no key at all.
            return false;
        }
    }
}
