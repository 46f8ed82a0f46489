using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Tenet.Kernel;
using Tenet.Kernel.Audit;
using Tenet.Kernel.Http;
using Tenet.Kernel.Policies;
using Tenet.Kernel.Postgres;
using Tenet.Kernel.Vault;
using Tenet.Kernel.Workspaces;

namespace Tenet.Tests.Support;

/// <summary>
/// The kernel alone, with jobs and endpoints of a test's own. Callers say who they are in headers: <c>Workspace</c> (an id) makes an owner.
/// </summary>
internal sealed class KernelApp : IAsyncDisposable
{
    private readonly WebApplication _app;

    private KernelApp(WebApplication app) => _app = app;

    public IServiceProvider Services => _app.Services;
    public WorkspaceScope Door => Services.GetRequiredService<WorkspaceScope>();
    public SystemScope System => Services.GetRequiredService<SystemScope>();
    public Uri Address => new(Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());

    public static async Task<KernelApp> StartAsync(
        TestCluster cluster,
        string database,
        Action<IServiceCollection>? add = null,
        Action<IEndpointRouteBuilder>? map = null,
        Func<KernelOptions, KernelOptions>? options = null
    )
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(global::System.Net.IPAddress.Loopback, 0));
        builder.Logging.ClearProviders();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(20));
        var kernel = new KernelOptions(
            new DatabaseOptions(database),
            MasterKey.FromFile(cluster.MasterKeyFile, create: false),
            new AuditOptions(Path.Combine(Path.GetDirectoryName(cluster.MasterKeyFile)!, "audit"))
        );
        kernel = kernel with { Policies = new PolicyOptions("kernel") };
        builder.Services.AddKernel(options?.Invoke(kernel) ?? kernel);
        builder.Services.AddAuthentication("test").AddScheme<AuthenticationSchemeOptions, TestCaller>("test", null);
        add?.Invoke(builder.Services);
        var app = builder.Build();
        app.UseKernel();
        app.UseAuthentication();
        app.UseAuthorization();
        app.UseCallers();
        app.MapKernel();
        map?.Invoke(app);
        // The schema is the whole program's, so the census, which wants every table declared, is left to the whole program.
        await app.Services.GetRequiredService<Migrator>().MigrateAsync(CancellationToken.None);
        await app.Services.GetRequiredService<PublishPolicy>().RunAsync([("kernel.yaml", Policy)], null, CancellationToken.None);
        await app.StartAsync();
        return new KernelApp(app);
    }

    /// <summary>The shipped policies speak of modules that are not there.</summary>
    private static byte[] Policy =>
        """
            policy: kernel
            version: "1"
            effective: 2026-01-01
            notice: 30 days
            promises:
              - id: kernel.answers
                says: Answers are kept for a day.
                claim: retention
                of: kernel.saved_answers
                keep: 24 hours
            """u8.ToArray();

    /// <summary>A client, as the owner of a workspace when one is given.</summary>
    public HttpClient Client(Guid? workspace = null)
    {
        var client = new HttpClient { BaseAddress = Address };
        if (workspace is { } id)
        {
            client.DefaultRequestHeaders.Add("Workspace", id.ToString());
        }
        return client;
    }

    public async Task<Workspace> OpenWorkspaceAsync() =>
        await Services
            .GetRequiredService<WorkspaceDirectory>()
            .OpenAsync("Test shop", "t-" + Secrets.Token(12).ToLowerInvariant().Replace('_', 'x'), "en", CancellationToken.None);

    /// <summary>Puts a job about something new into the queue.</summary>
    public Task EnqueueAsync(Workspace workspace, string kind, CancellationToken ct) =>
        Door.RunAsync(
            workspace.Id,
            Actor.System,
            ctx =>
            {
                ctx.Enqueue(kind, Guid.CreateVersion7());
                return Task.CompletedTask;
            },
            ct
        );

    public Task StopAsync() => _app.StopAsync();

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private sealed class TestCaller(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder)
        : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
    {
        protected override Task<AuthenticateResult> HandleAuthenticateAsync()
        {
            if (Request.Headers["Workspace"].ToString() is not { Length: > 0 } workspace)
            {
                return Task.FromResult(AuthenticateResult.NoResult());
            }
            var identity = new ClaimsIdentity(
                [
                    new(TenetClaims.Workspace, workspace),
                    // Every request of a workspace comes from the same person.
                    new(TenetClaims.Member, workspace),
                    new(TenetClaims.Role, Access.Owner),
                ],
                Scheme.Name
            );
            return Task.FromResult(AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), Scheme.Name)));
        }
    }
}
