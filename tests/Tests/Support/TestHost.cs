using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using Tenet.Kernel;
using Tenet.Kernel.Audit;
using Tenet.Kernel.Http.Limits;
using Tenet.Kernel.Vault;
using Tenet.Kernel.Workspaces;

namespace Tenet.Tests.Support;

/// <summary>Tenet on a free port of the loopback interface, as the program composes it.</summary>
internal sealed class TestHost : IAsyncDisposable
{
    private readonly WebApplication _app;

    private TestHost(WebApplication app, string adminConnectionString)
    {
        _app = app;
        AdminConnectionString = adminConnectionString;
        Address = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
    }

    public Uri Address { get; }
    public string AdminConnectionString { get; }
    public IServiceProvider Services => _app.Services;
    public WorkspaceScope Door => Services.GetRequiredService<WorkspaceScope>();
    public SystemScope System => Services.GetRequiredService<SystemScope>();

    public static async Task<TestHost> StartAsync(
        string adminConnectionString,
        string masterKeyFile,
        Action<WebApplicationBuilder>? adjust,
        bool background = true,
        RateLimitOptions? limits = null,
        Func<TenetOptions, TenetOptions>? settings = null
    )
    {
        var options = new TenetOptions(Path.GetTempPath(), adminConnectionString)
        {
            Port = 0,
            MasterKey = new MasterKeyOptions(masterKeyFile),
            Audit = new AuditOptions(Path.Combine(Path.GetDirectoryName(masterKeyFile)!, "audit")),
            Demo = true,
            Background = background,
            RateLimits = limits ?? Unlimited,
        };
        var app = TenetHost.Build(
            [],
            settings?.Invoke(options) ?? options,
            builder =>
            {
                builder.Logging.SetMinimumLevel(LogLevel.Warning);
                adjust?.Invoke(builder);
            }
        );
        await app.Services.PrepareAsync(CancellationToken.None);
        await app.StartAsync();
        return new TestHost(app, adminConnectionString);
    }

    /// <summary>All tests call from one address.</summary>
    private static readonly RateLimitOptions Unlimited = new()
    {
        Api = Plenty,
        Widget = Plenty,
        Copilot = Plenty,
        Pages = Plenty,
        SignIn = Plenty,
        Open = Plenty,
    };

    private static GroupLimits Plenty => new() { PerIp = 100_000_000, PerWorkspace = 100_000_000 };

    /// <summary>A client without cookies that follows no redirect.</summary>
    public HttpClient Client() =>
        new(
            new SocketsHttpHandler
            {
                AllowAutoRedirect = false,
                UseCookies = false,
                ActivityHeadersPropagator = null,
            }
        )
        {
            BaseAddress = Address,
        };

    /// <summary>A workspace of the test's own.</summary>
    public Task<Workspace> OpenWorkspaceAsync(string language = "en")
    {
        var slug = "t-" + Secrets.Token(12).ToLowerInvariant().Replace('_', 'x');
        return Services.GetRequiredService<WorkspaceDirectory>().OpenAsync("Test shop", slug, language, CancellationToken.None);
    }

    /// <summary>Behind the code's back, as the database's owner: for looking at rows and for breaking things on purpose.</summary>
    public async Task<T?> AsOwnerAsync<T>(string sql, params object[] values)
    {
        await using var connection = new NpgsqlConnection(AdminConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        foreach (var value in values)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        }
        return await command.ExecuteScalarAsync() is T result ? result : default;
    }

    /// <summary>Asks the database again and again until it says true.</summary>
    public async Task WaitUntilAsync(string sql, params object[] values)
    {
        for (var tries = 0; tries < 1200; tries++)
        {
            if (await AsOwnerAsync<bool>(sql, values))
            {
                return;
            }
            await Task.Delay(100);
        }
        throw new TimeoutException("What was waited for did not happen.");
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}
