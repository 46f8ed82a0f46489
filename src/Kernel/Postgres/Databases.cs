using System.Security.Cryptography;
using System.Text;
using Npgsql;
using Tenet.Kernel.Vault;

namespace Tenet.Kernel.Postgres;

/// <summary>
/// The connection pools: the administrator's for migrations, and one per role. The roles' passwords follow from the root key,
/// so that every node of an installation knows them and none is stored.
/// </summary>
public sealed class Databases : IAsyncDisposable
{
    public const string AppRole = "tenet_app";
    public const string SystemRole = "tenet_system";

    private readonly KeyRing _keys;

    public Databases(DatabaseOptions options, KeyRing keys)
    {
        _keys = keys;
        AdminConnectionString = options.ConnectionString;
        App = Source(AppRole, options.MaxPoolSize);
        System = Source(SystemRole, Math.Max(2, options.MaxPoolSize / 4));
        Room = new DatabaseRoom(OpenSystemAsync);
    }

    internal string AdminConnectionString { get; }
    internal NpgsqlDataSource App { get; }
    internal NpgsqlDataSource System { get; }
    internal DatabaseRoom Room { get; }

    internal string PasswordOf(string role) => PasswordOf(_keys.Current, role);

    internal static string PasswordOf(RootKey root, string role) => Convert.ToHexStringLower(root.Derive("postgres-role:" + role));

    /// <summary>A connection outside the pool for LISTEN.</summary>
    internal string ListenConnectionString =>
        new NpgsqlConnectionStringBuilder(System.ConnectionString)
        {
            Password = PasswordOf(SystemRole),
            Pooling = false,
            KeepAlive = 20,
        }.ConnectionString;

    internal Task<NpgsqlConnection> OpenAppAsync(CancellationToken ct) => OpenAsync(App, ct);

    internal Task<NpgsqlConnection> OpenSystemAsync(CancellationToken ct) => OpenAsync(System, ct);

    private async Task<NpgsqlConnection> OpenAsync(NpgsqlDataSource source, CancellationToken ct)
    {
        try
        {
            return await source.OpenConnectionAsync(ct);
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.InvalidPassword)
        {
            // The master key was rotated, and the passwords with it, before this node has heard of it.
            await _keys.ReloadAsync(AdminConnectionString, ct);
            return await source.OpenConnectionAsync(ct);
        }
    }

    private NpgsqlDataSource Source(string role, int size)
    {
        var settings = new NpgsqlConnectionStringBuilder(AdminConnectionString)
        {
            Username = role,
            Password = null,
            MaxPoolSize = size,
            MaxAutoPrepare = 100,
            AutoPrepareMinUsages = 2,
            Timeout = 10,
            // The workspace is bound per transaction, so nothing is left on a connection that DISCARD ALL would have to undo.
            NoResetOnClose = true,
            ApplicationName = "tenet " + role,
            IncludeErrorDetail = false,
        };
        // Its name stands in metrics, where the connection string would else.
        var builder = new NpgsqlDataSourceBuilder(settings.ConnectionString) { Name = role };
        // Asked for at each connection: it is known once the keys are open, and changes with them.
        builder.UsePasswordProvider(_ => PasswordOf(role), (_, _) => new(PasswordOf(role)));
        return builder.Build();
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
