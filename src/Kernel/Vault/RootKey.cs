namespace Tenet.Kernel.Vault;

/// <summary>One version of the installation's root key, opened. Everything that belongs to no workspace follows from it.</summary>
internal sealed class RootKey : IDisposable
{
    private readonly byte[] _key;

    public RootKey(int version, byte[] key)
    {
        (Version, _key) = (version, key);
        Installation = new SealedBox(Derive("installation"), version);
        Wrapping = new SealedBox(Derive("workspace-keys"), version);
        Signing = Derive("tokens");
    }

    public int Version { get; }

    /// <summary>Seals what belongs to no workspace.</summary>
    public SealedBox Installation { get; }

    /// <summary>Wraps the workspaces' keys.</summary>
    public SealedBox Wrapping { get; }

    /// <summary>Signs the tokens that this installation issues.</summary>
    public byte[] Signing { get; }

    /// <summary>The key itself, to be wrapped by another master key. Do not keep it.</summary>
    public byte[] ToArray() => [.. _key];

    public byte[] Derive(string use) => MasterKey.Derive(_key, use);

    public void Dispose()
    {
        Installation.Dispose();
        Wrapping.Dispose();
        System.Security.Cryptography.CryptographicOperations.ZeroMemory(_key);
        System.Security.Cryptography.CryptographicOperations.ZeroMemory(Signing);
    }
}
