using Tenet.Tests.Support;
using Xunit;

namespace Tenet.Tests.Kernel.Vault;

/// <summary>A PostgreSQL of a test class's own: rotating the master key changes the passwords of roles, which all databases of a server share.</summary>
public sealed class OwnCluster : IAsyncLifetime
{
    public TestCluster Cluster { get; } = new();

    public ValueTask InitializeAsync() => Cluster.InitializeAsync();

    public ValueTask DisposeAsync() => Cluster.DisposeAsync();
}
