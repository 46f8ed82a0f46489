using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Tenet.Accounts;
using Tenet.Inbox.Widget;
using Tenet.Kernel;
using Tenet.Kernel.Http;
using Tenet.Kernel.Postgres;
using Tenet.Kernel.Vault;
using Tenet.Kernel.Workspaces;
using Tenet.Tests.Support.ModelFakes;

namespace Tenet.Benchmarks;

/// <summary>
/// What the benchmarks share, made when first asked for: a durable PostgreSQL of their own, the site, the model, the host in its own
/// process, and a workspace whose owner speaks to it over HTTP.
/// </summary>
internal sealed class Workbench : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("tenet-bench-");
    private PrivateCluster? _cluster;
    private int _postmaster;
    private TenetServer? _server;
    private Site? _site;
    private FakeModelServer? _model;
    private ImmediateOdoo? _odoo;
    private HttpClient? _owner;

    public Site Site => _site!;
    public TenetServer Server => _server!;
    public string ServerOutput => _server?.ToString() ?? "";
    public FakeModelServer Model => _model!;
    public ImmediateOdoo Odoo => _odoo!;
    public HttpClient Owner => _owner!;

    public Guid Workspace { get; private set; }

    /// <summary>The widget's public key.</summary>
    public string WidgetKey { get; private set; } = "";

    public string AdminConnectionString => _cluster!.AdminConnectionString;

    /// <summary>The workspace's site, once it is crawled.</summary>
    public Guid? Source { get; set; }

    /// <summary>Sends as bare as a client can, so that its own work weighs little in what is measured.</summary>
    public static HttpMessageInvoker Caller() =>
        new(
            new SocketsHttpHandler
            {
                UseCookies = false,
                ActivityHeadersPropagator = null,
                PooledConnectionIdleTimeout = TimeSpan.FromMinutes(5),
            }
        );

    /// <summary>Seconds of processor time of the host and of its PostgreSQL so far.</summary>
    public double CpuSeconds() => ProcessTree.CpuSeconds(Server.Id) + ProcessTree.CpuSeconds(_postmaster);

    /// <summary>Seconds of processor time so far: of the host, of its PostgreSQL, and of this process, which is driver and fake model.</summary>
    public (double Host, double Postgres, double Driver) Spent() =>
        (ProcessTree.CpuSeconds(Server.Id), ProcessTree.CpuSeconds(_postmaster), Environment.CpuUsage.TotalTime.TotalSeconds);

    public string Folder => _folder.FullName;

    public string TemporaryFile(string name) => Path.Combine(_folder.FullName, name);

    public async Task OpenAsync(CancellationToken ct)
    {
        if (_server is not null)
            return;
        Report.Doing($"starting PostgreSQL, the site, the model and Tenet");
        // The database server is another user when this runs as root; it must be able to pass through.
        File.SetUnixFileMode(_folder.FullName, (UnixFileMode)0b111_101_101);
        _cluster = await PrivateCluster.StartAsync(new PrivateClusterOptions(_folder.FullName), ct);
        _postmaster = int.Parse(
            File.ReadLines(Path.Combine(_folder.FullName, "postgres", "data", "postmaster.pid")).First(),
            CultureInfo.InvariantCulture
        );
        _site = await Site.StartAsync();
        _model = await FakeModelServer.StartAsync();
        _model.Records = false;
        _odoo = await ImmediateOdoo.StartAsync();
        var port = TenetServer.FreePort();
        var cookie = await SetUpAsync(ct);
        var environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["ConnectionStrings__Tenet"] = AdminConnectionString,
            ["Egress__Loopback__0"] = _site.Address.Authority,
            ["Egress__Loopback__1"] = _model.Address.Authority,
            ["Egress__Loopback__2"] = _odoo.Address.Authority,
            // Everybody here calls from one address.
            ["RateLimits__Api__PerIp"] = "100000000",
            ["RateLimits__Api__PerWorkspace"] = "100000000",
            ["RateLimits__Widget__PerIp"] = "100000000",
            ["RateLimits__Widget__PerWorkspace"] = "100000000",
            ["RateLimits__Copilot__PerIp"] = "100000000",
            ["RateLimits__Copilot__PerWorkspace"] = "100000000",
            ["RateLimits__Open__PerIp"] = "100000000",
            ["VisitorLimits__MessagesPerVisitor"] = "1000000",
            ["VisitorLimits__MessagesPerWorkspace"] = "1000000",
        };
        _server = await TenetServer.StartAsync(_folder.FullName, port, environment, ct);
        _owner = new HttpClient(new SocketsHttpHandler { UseCookies = false }) { BaseAddress = _server.Address };
        _owner.DefaultRequestHeaders.Add("Cookie", cookie);
        _owner.DefaultRequestHeaders.Add("If-Match", "*");
    }

    /// <summary>Crawls the site if that has not been done.</summary>
    public async Task<Guid> CrawledAsync(CancellationToken ct)
    {
        await OpenAsync(ct);
        return Source ??= (await CrawlBenchmark.CrawlAsync(this, ct)).Source;
    }

    /// <summary>Has the workspace use the fake model.</summary>
    public async Task ChooseModelAsync(CancellationToken ct)
    {
        var model = new
        {
            provider = "compatible",
            model = "fake",
            baseUrl = Model.OpenAi.ToString(),
            key = "k-123456",
        };
        (await Owner.PutAsJsonAsync("/api/assistant/settings", model, ct)).EnsureSuccessStatusCode();
    }

    public async Task<JsonElement> GetAsync(string path, CancellationToken ct) => await Owner.GetFromJsonAsync<JsonElement>(path, ct);

    private async Task<string> SetUpAsync(CancellationToken ct)
    {
        var options = new TenetOptions(_folder.FullName, AdminConnectionString) { Background = false };
        await using var app = TenetHost.Build([], options, builder => builder.Logging.SetMinimumLevel(LogLevel.Warning));
        await app.Services.PrepareAsync(ct);
        var workspace = await app.Services.GetRequiredService<WorkspaceDirectory>().OpenAsync("Bench", "bench", "en", ct);
        Workspace = workspace.Id;
        var member = await app
            .Services.GetRequiredService<Members>()
            .CreateAsync(workspace.Id, "owner@example.org", "Owner", Access.Owner, ct);
        var life = await app.Services.GetRequiredService<Lifetimes>().OfSessionAsync(ct);
        var (token, _, _) = await app
            .Services.GetRequiredService<SystemScope>()
            .RunAsync(
                s => Sessions.BeginAsync(s, life, member.LoginId, workspace.Id, new Caller("127.0.0.1", "bench"), SignInMethod.Link, ct),
                ct
            );
        WidgetKey = await app
            .Services.GetRequiredService<WorkspaceScope>()
            .RunAsync(
                workspace.Id,
                Actor.System,
                async ctx => (await app.Services.GetRequiredService<Widgets>().EnsureAsync(ctx, ct)).Key,
                ct
            );
        return $"{SessionCookie.Name}={token}";
    }

    public async ValueTask DisposeAsync()
    {
        _owner?.Dispose();
        if (_server is not null)
            await _server.DisposeAsync();
        if (_model is not null)
            await _model.DisposeAsync();
        if (_odoo is not null)
            await _odoo.DisposeAsync();
        if (_site is not null)
            await _site.DisposeAsync();
        if (_cluster is not null)
            await _cluster.DisposeAsync();
        _folder.Delete(recursive: true);
    }
}
