using System.Security.Cryptography;
using System.Text;
using Npgsql;
using Tenet.Kernel.Vault;

namespace Tenet.Kernel.Postgres;

/// <summary>
/// The connection pools: the administrator's for migrations, and one per role. The roles' passwords are derived from the master key,
/// so that every node of an installation knows them and none is stored.
/// </summary>
public sealed class Databases : IAsyncDisposable
{
    public const string AppRole = "tenet_app";
    public const string SystemRole = "tenet_system";

    private readonly MasterKey _master;

    public Databases(DatabaseOptions options, MasterKey master)
    {
        _master = master;
        AdminConnectionString = options.ConnectionString;
        App = Source(AppRole, options.MaxPoolSize);
        System = Source(SystemRole, Math.Max(2, options.MaxPoolSize / 4));
    }

    internal string AdminConnectionString { get; }
    internal NpgsqlDataSource App { get; }
    internal NpgsqlDataSource System { get; }

    internal string PasswordOf(string role) => Convert.ToHexStringLower(_master.Derive("postgres-role:" + role));

    /// <summary>A connection outside the pool for LISTEN.</summary>
    internal string ListenConnectionString =>
        new NpgsqlConnectionStringBuilder(System.ConnectionString)
        {
            Password = PasswordOf(SystemRole),
            Pooling = false,
            KeepAlive = 20,
        }.ConnectionString;

    private NpgsqlDataSource Source(string role, int size)
    {
        var settings = new NpgsqlConnectionStringBuilder(AdminConnectionString)
        {
            Username = role,
            Password = PasswordOf(role),
            MaxPoolSize = size,
            MaxAutoPrepare = 100,
            AutoPrepareMinUsages = 2,
            Timeout = 10,
            // The workspace is bound per transaction, so nothing is left on a connection that DISCARD ALL would have to undo.
            NoResetOnClose = true,
            ApplicationName = "tenet " + role,
            IncludeErrorDetail = false,
        };
        return new NpgsqlDataSourceBuilder(settings.ConnectionString).Build();
    }

    public async ValueTask DisposeAsync()
    {
        await App.DisposeAsync();
        await System.DisposeAsync();
    }
}

public sealed record DatabaseOptions(string ConnectionString)
{
    /// <summary>Connections for tenants' work; a quarter of it more for the directory.</summary>
    public int MaxPoolSize { get; init; } = 40;
}
