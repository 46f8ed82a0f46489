using Npgsql;
using Shouldly;
using Tenet.Kernel.Audit;
using Tenet.Tests.Support;

namespace Tenet.Tests.Kernel.Audit;

/// <summary>Keeps every node from chaining a workspace's entries until it is disposed, so that some surely wait when the trouble begins.</summary>
internal sealed class HeldSequencer : IAsyncDisposable
{
    private readonly NpgsqlConnection _holder;

    private HeldSequencer(NpgsqlConnection holder) => _holder = holder;

    public static async Task<HeldSequencer> HoldAsync(TestHost host, Guid workspace, CancellationToken ct)
    {
        var holder = new NpgsqlConnection(host.AdminConnectionString + ";Pooling=false");
        await holder.OpenAsync(ct);
        await using var command = new NpgsqlCommand("select pg_advisory_lock($1)", holder);
        command.Parameters.AddWithValue(AuditChain.Lock(workspace));
        await command.ExecuteNonQueryAsync(ct);
        return new HeldSequencer(holder);
    }

    public ValueTask DisposeAsync() => _holder.DisposeAsync();

    public static Task<long> WaitingAsync(TestHost host, Guid workspace) =>
        host.AsOwnerAsync<long>("select count(*) from audit.due where workspace_id = $1", workspace);

    /// <summary>Nothing waits any more, and the trail is whole.</summary>
    public static async Task GoesOnAsync(TestHost host, VerifyAudit verify, Guid workspace, CancellationToken ct)
    {
        await host.WaitUntilAsync("select not exists (select from audit.due where workspace_id = $1)", workspace);
        (await verify.RunAsync(workspace, null, null, ct)).Findings.ShouldBeEmpty();
    }
}
