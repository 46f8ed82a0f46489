using Tenet.Kernel.Audit.Checkpoints;
using Tenet.Kernel.Http;

namespace Tenet.Kernel.Audit;

/// <summary>Where the trail's checkpoints go. How long it is kept, the policy says.</summary>
/// <param name="Checkpoints">A folder, or <c>s3://bucket/prefix</c>.</param>
public sealed record AuditOptions(string Checkpoints)
{
    /// <summary>Days that an entry is kept at least, so that nobody can call destroyed evidence a purge.</summary>
    public const int LeastDays = 30;

    /// <summary>From the first entry after a checkpoint to the next checkpoint.</summary>
    public TimeSpan CheckpointEvery { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>For a bucket: where it is and who may write to it.</summary>
    public S3Options S3 { get; init; } = new();

    /// <exception cref="InvalidOperationException">The settings do not fit together; the message names the one to change.</exception>
    internal CheckpointStore Store(Egress egress, TimeProvider time) => Store("", egress, time);

    /// <summary>What was erased stands beside the checkpoints, out of reach of who can change or restore the database.</summary>
    internal ErasureLedgerStore Ledger(Egress egress, TimeProvider time) => new(Store("erasures", egress, time));

    private CheckpointStore Store(string below, Egress egress, TimeProvider time)
    {
        if (!Checkpoints.StartsWith("s3:", StringComparison.Ordinal))
        {
            return new FolderCheckpoints(Path.Combine(Checkpoints, below));
        }
        if (!Uri.TryCreate(Checkpoints, UriKind.Absolute, out var address) || address.Host.Length == 0)
        {
            throw new InvalidOperationException("Audit__Checkpoints is not of the form s3://bucket/prefix.");
        }
        if (S3.AccessKey.Length == 0 || S3.SecretKey.Length == 0)
        {
            throw new InvalidOperationException(
                "Audit__Checkpoints names a bucket: set Audit__S3__AccessKey and Audit__S3__SecretKey as well."
            );
        }
        var credentials = new AwsCredentials(S3.AccessKey, S3.SecretKey) { SessionToken = S3.SessionToken };
        var bucket = new S3Bucket(address.Host, $"{address.AbsolutePath.Trim('/')}/{below}".Trim('/'), S3.Region, S3.Endpoint, credentials);
        return new S3Checkpoints(bucket, egress, time);
    }

    /// <exception cref="InvalidOperationException">A value is out of its range.</exception>
    internal AuditOptions Demanded() =>
        CheckpointEvery < TimeSpan.FromSeconds(1)
            ? throw new InvalidOperationException("Audit__CheckpointEvery is at least one second.")
            : this;
}

public sealed record S3Options
{
    public string Region { get; init; } = "us-east-1";

    /// <summary>Another server that speaks S3; null for AWS.</summary>
    public Uri? Endpoint { get; init; }

    public string AccessKey { get; init; } = "";
    public string SecretKey { get; init; } = "";
    public string? SessionToken { get; init; }

    /// <summary>Without the secrets, so that they reach no log.</summary>
    public override string ToString() => $"S3Options {Region} {Endpoint} {AccessKey}";
}
