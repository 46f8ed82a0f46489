using System.Globalization;

namespace Tenet.Kernel.Vault;

/// <summary>A master key inside AWS KMS, which never leaves it: KMS is asked to open the root key once at each start.</summary>
internal sealed class AwsKmsKey(AwsKmsClient kms, string keyId) : MasterKey
{
    private const string Prefix = "aws-kms:";

    public override Uri Service => kms.Endpoint;

    internal override string Description => Prefix + keyId;

    // A configured alias names a key whose ARN only KMS knows; KMS itself refuses what another key has encrypted.
    internal override bool Is(string master) => master.StartsWith(Prefix, StringComparison.Ordinal);

    internal override async Task<(byte[] Root, WrappedRoot Wrapped)> NewRootAsync(int version, CancellationToken ct)
    {
        var answer = await AskAsync(() => kms.GenerateDataKeyAsync(Context(version), ct));
        return (Whole(answer.Plaintext), new WrappedRoot(NameOf(answer), answer.CiphertextBlob ?? throw Nonsense()));
    }

    internal override async Task<WrappedRoot> WrapAsync(int version, byte[] root, CancellationToken ct)
    {
        var answer = await AskAsync(() => kms.EncryptAsync(root, Context(version), ct));
        return new WrappedRoot(NameOf(answer), answer.CiphertextBlob ?? throw Nonsense());
    }

    internal override async Task<byte[]> UnwrapAsync(int version, byte[] wrapped, CancellationToken ct) =>
        Whole((await AskAsync(() => kms.DecryptAsync(wrapped, Context(version), ct))).Plaintext);

    // KMS binds it to the ciphertext and writes it into its own audit trail.
    private static Dictionary<string, string> Context(int version) =>
        new(StringComparer.Ordinal) { ["tenet"] = "root-key", ["version"] = version.ToString(CultureInfo.InvariantCulture) };

    private static string NameOf(KmsAnswer answer) => Prefix + (answer.KeyId is { Length: > 0 and < 2_048 } arn ? arn : throw Nonsense());

    private static byte[] Whole(byte[]? key) => key is { Length: Length } ? key : throw Nonsense();

    private static MasterKeyException Nonsense() => new("AWS KMS answered without a key. Check the endpoint that is set for it.");

    private async Task<KmsAnswer> AskAsync(Func<Task<KmsAnswer>> ask)
    {
        try
        {
            return await ask();
        }
        catch (AwsKmsException e)
        {
            throw new MasterKeyException($"The master key {Description} cannot be used: AWS KMS answered {e.Error}. {Advice(e.Error)}", e);
        }
    }

    private static string Advice(string error) =>
        error switch
        {
            "AccessDeniedException" => "Allow these credentials kms:Encrypt, kms:Decrypt and kms:GenerateDataKey on the key.",
            "NotFoundException" => "Check the key's id and region.",
            "DisabledException" or "KMSInvalidStateException" => "Enable the key, or cancel its deletion, in the AWS console.",
            "IncorrectKeyException" or "InvalidCiphertextException" => "The database was sealed with another key: set the right one.",
            "UnrecognizedClientException" or "InvalidSignatureException" or "ExpiredTokenException" or "MissingAuthenticationToken" =>
                "Check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN, and this machine's clock.",
            "ThrottlingException" => "Start again in a minute.",
            _ => "Nothing was changed; start again when it answers.",
        };
}
