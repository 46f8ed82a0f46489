using System.Security.Cryptography;

namespace Tenet.Kernel.Vault;

public enum SealFailure
{
    /// <summary>The bytes are no sealed value, or of a format that this version does not know.</summary>
    NotSealed,

    /// <summary>Changed, cut off, or standing in another place than the one it was sealed for.</summary>
    Changed,

    /// <summary>Sealed under another key than the one it was opened with.</summary>
    OtherKey,

    /// <summary>The key was destroyed; nothing opens this any more.</summary>
    KeyDestroyed,

    /// <summary>The key is not in this database: its wrapped keys were not restored.</summary>
    KeyMissing,
}

/// <summary>A sealed value that does not open, or that may not be made. The message names no content, place or key.</summary>
public sealed class SealException(SealFailure failure, Exception? inner = null) : CryptographicException(Say(failure), inner)
{
    public SealFailure Failure => failure;

    /// <summary>Nothing will open it; where only the key is missing, it may come back with a backup.</summary>
    public bool IsForGood => failure is not SealFailure.KeyMissing;

    private static string Say(SealFailure failure) =>
        failure switch
        {
            SealFailure.NotSealed => "This is not a sealed value.",
            SealFailure.Changed => "The sealed value was changed, cut off or moved since it was sealed.",
            SealFailure.OtherKey => "The value was sealed under another key.",
            SealFailure.KeyDestroyed => "The key of this value is destroyed.",
            _ => "The key of this value is not in this database. See `tenet keys import --help`.",
        };
}
