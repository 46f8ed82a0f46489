namespace Tenet.Kernel.Vault;

/// <summary>Exchanges the key in a master key's file, in steps that can each be the last: the present file, the next beside it, the swap.</summary>
public sealed class MasterKeyPlace(string path)
{
    private readonly MasterKeyFile _present = new(path);
    private readonly MasterKeyFile _next = new(path + ".next");

    /// <summary>What the present key is called afterwards.</summary>
    public string OldName { get; private set; } = path + ".old";

    /// <summary>The key that takes over: made here, or left by a rotation that was killed.</summary>
    /// <param name="underWay">A rotation is under way; without a next file it was killed after the swap, and the file is the next key already.</param>
    public MasterKey Next(bool underWay)
    {
        if (!_next.Exists && underWay)
        {
            return MasterKey.FromFile(_present.Path, create: false);
        }
        return MasterKey.FromFile(_next.Path, create: true);
    }

    public void Swap()
    {
        if (!_next.Exists)
        {
            return;
        }
        // Named by its fingerprint, so that a second rotation does not take the place of the first one's.
        OldName = $"{_present.Path}.{new LocalMasterKey(_present).Name.Split(':')[1]}.old";
        File.Replace(_next.Path, _present.Path, OldName);
    }
}
