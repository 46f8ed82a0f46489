using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Tenet.Kernel.Audit;
using Tenet.Kernel.Audit.Checkpoints;
using Tenet.Kernel.Http;
using Tenet.Kernel.Http.Limits;
using Tenet.Kernel.Telemetry;
using Tenet.Kernel.Vault;
using Tenet.Kernel.Workspaces;
using Tenet.Tests.Support;
using Xunit;

namespace Tenet.Tests.Kernel.Policies;

/// <summary>A host on a database of its own, with one workspace. Its tests run one after another and mend what they broke.</summary>
public sealed class SabotagedHost(TestCluster cluster) : IAsyncLifetime
{
    private readonly DirectoryInfo _logs = Directory.CreateTempSubdirectory("tenet-sabotage-");
    private string _sealed = "";

    internal TestHost Host { get; private set; } = null!;
    internal Workspace Workspace { get; private set; } = null!;
    internal LyingHost Liar { get; private set; } = null!;
    internal OwnHost Own => Host.Services.GetRequiredService<OwnHost>();
    internal Uri Address { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Host = await cluster.StartHostAsync(
            background: false,
            limits: new RateLimitOptions(),
            settings: options => options with { Telemetry = new TelemetryOptions { LogFolder = _logs.FullName } }
        );
        Address = Host.Address;
        Liar = new LyingHost();
        Workspace = await Host.OpenWorkspaceAsync();
        var (id, ct) = (Workspace.Id, CancellationToken.None);
        _sealed = Convert.ToHexString(
            await Host.Door.RunAsync(
                id,
                Actor.System,
                ctx =>
                    Host.Services.GetRequiredService<WorkspaceVault>()
                        .SealAsync(ctx, new SealedPlace("inbox.widget", "identity_secret", id), "secret", ct),
                ct
            )
        );
        await AsOwnerAsync(
            """
            insert into accounts.login (id, email, created_at) values ('{0}', 'somebody@example.org', now() - interval '2 days');
            insert into accounts.member (workspace_id, id, login_id, email, name, role, created_at)
            values ('{0}', '{0}', '{0}', 'somebody@example.org', 'Somebody', 'owner', now() - interval '60 days');
            insert into inbox.visitor (workspace_id, id, language, created_at, seen_at) values ('{0}', '{0}', 'en', now(), now())
            """
        );
        await Host.Door.BatchAsync(
            id,
            Actor.System,
            batch =>
            {
                for (var n = 0; n < 5; n++)
                {
                    batch.Audit("test.done", "test", Guid.CreateVersion7(), new { n });
                }
            },
            ct
        );
        await Host.Services.GetRequiredService<AuditSequencer>().SequenceAsync(id, ct);
        await Host.Services.GetRequiredService<CheckpointPublisher>().PublishAsync(id, ct);
    }

    /// <summary>A file of the log as of so many days ago.</summary>
    internal string LogFile(int daysAgo) => Path.Combine(_logs.FullName, $"tenet-{DateTime.UtcNow.AddDays(-daysAgo):yyyyMMdd}.7.jsonl");

    /// <summary>A file of copies of the reports that left so many days ago.</summary>
    internal string ReportFile(int daysAgo) =>
        Path.Combine(_logs.FullName, $"reports-{DateTime.UtcNow.AddDays(-daysAgo):yyyyMMdd}.7.jsonl");

    /// <summary>Statements of the database's owner: <c>{0}</c> is the workspace, <c>{1}</c> a sealed value as hex digits.</summary>
    internal async Task AsOwnerAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(Host.AdminConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(
            sql.Replace("{0}", Workspace.Id.ToString(), StringComparison.Ordinal).Replace("{1}", _sealed, StringComparison.Ordinal),
            connection
        );
        await command.ExecuteNonQueryAsync();
    }

    public async ValueTask DisposeAsync()
    {
        Liar.Dispose();
        await Host.DisposeAsync();
        _logs.Delete(recursive: true);
    }
}
