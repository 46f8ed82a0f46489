using Tenet.Kernel.Http;

namespace Tenet.Kernel.Vault;

/// <summary>Where the operator keeps the master key: one of a file, a text from the environment, or AWS KMS.</summary>
public sealed record MasterKeyOptions(string File)
{
    /// <summary>The environment variable that may hold the key itself, as 64 hexadecimal digits.</summary>
    public const string Variable = "TENET_MASTER_KEY";

    /// <summary>What <see cref="Variable"/> held.</summary>
    public string? Text { get; init; }

    public AwsKmsOptions? Kms { get; init; }

    /// <exception cref="MasterKeyException">Two places are named.</exception>
    public MasterKey Open(EgressOptions egress) =>
        this switch
        {
            { Text: not null, Kms: not null } => throw new MasterKeyException(
                $"Both {Variable} and MasterKey__AwsKms__KeyId are set. Say which holds the master key, and unset the other."
            ),
            { Kms: { } kms } => OfKms(kms, egress),
            { Text: { } text } => MasterKey.FromHex(text.Trim(), Variable),
            _ => MasterKey.AtFile(File),
        };

    internal static MasterKey OfKms(AwsKmsOptions kms, EgressOptions egress) =>
        new AwsKmsKey(new AwsKmsClient(kms, new Egress(egress, TimeProvider.System), TimeProvider.System), kms.KeyId);

    /// <summary>Names no key.</summary>
    public override string ToString() =>
        Kms is { } kms ? "aws-kms:" + kms.KeyId
        : Text is null ? File
        : Variable;
}
