namespace Tenet.Kernel.Vault;

/// <summary>A master key that this process holds: from a file, or from an environment variable.</summary>
internal sealed class LocalMasterKey : MasterKey
{
    private static readonly SealedPlace Place = new("vault.root_key", "wrapped", Guid.Empty);
    private readonly MasterKeyFile? _file;
    private readonly Lazy<byte[]> _key;

    public LocalMasterKey(MasterKeyFile file) => (_file, _key, Description) = (file, new(file.Read), file.Path);

    public LocalMasterKey(byte[] key, string description) => (_key, Description) = (new(key), description);

    internal override string Description { get; }

    internal MasterKeyFile? File => _file;

    /// <summary>By which its wraps are known: <c>local:</c> and 16 hexadecimal digits.</summary>
    internal string Name => "local:" + Convert.ToHexStringLower(Derive(_key.Value, "fingerprint").AsSpan(0, 8));

    internal override void Create()
    {
        if (_file is { Exists: false })
        {
            _file.Create();
        }
    }

    internal override bool Is(string master) => master.Equals(Name, StringComparison.Ordinal);

    internal override byte[] FirstRoot() => [.. _key.Value];

    internal override async Task<(byte[] Root, WrappedRoot Wrapped)> NewRootAsync(int version, CancellationToken ct)
    {
        var root = Secrets.Bytes(Length);
        return (root, await WrapAsync(version, root, ct));
    }

    internal override Task<WrappedRoot> WrapAsync(int version, byte[] root, CancellationToken ct)
    {
        using var box = Box(version);
        return Task.FromResult(new WrappedRoot(Name, box.Seal(root, Place.Bind(Guid.Empty, version))));
    }

    internal override Task<byte[]> UnwrapAsync(int version, byte[] wrapped, CancellationToken ct)
    {
        try
        {
            using var box = Box(version);
            return Task.FromResult(box.Open(wrapped, Place.Bind(Guid.Empty, version)));
        }
        catch (SealException e)
        {
            throw new MasterKeyException(
                "The installation's root key does not open, although the master key is the right one: its row in vault.root_key was changed. "
                    + "Load it from your backup of the keys: tenet keys import FILE",
                e
            );
        }
    }

    private SealedBox Box(int version) => new(Derive(_key.Value, "root-keys"), version);
}
