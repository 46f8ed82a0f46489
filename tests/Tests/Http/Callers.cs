using Tenet.Kernel.Workspaces;
using Tenet.Tests.Inbox;
using Tenet.Tests.Support;

namespace Tenet.Tests.Http;

/// <summary>Everybody who may call a host for one workspace: a stranger, its owner, a visitor of its website.</summary>
internal sealed class Callers : IDisposable
{
    private readonly WidgetVisitor _visitor;
    private readonly HttpClient _stranger;

    private Callers(Workspace workspace, HttpClient owner, HttpClient stranger, WidgetVisitor visitor) =>
        (Workspace, Owner, _stranger, _visitor) = (workspace, owner, stranger, visitor);

    public Workspace Workspace { get; }
    public HttpClient Owner { get; private set; }
    public HttpClient Stranger => _stranger;
    public WidgetVisitor Visitor => _visitor;

    public static async Task<Callers> OfAsync(TestHost host)
    {
        var workspace = await host.OpenWorkspaceAsync();
        return new Callers(
            workspace,
            await host.SignInAsync(workspace, "owner"),
            host.Client(),
            await WidgetVisitor.ArriveAsync(host, workspace)
        );
    }

    /// <summary>The owner, signed in anew when some request has ended the session.</summary>
    public async Task<HttpClient> SignedInOwnerAsync(TestHost host, CancellationToken ct)
    {
        using var asked = await Owner.GetAsync("/api/workspace", ct);
        if (!asked.IsSuccessStatusCode)
        {
            Owner.Dispose();
            Owner = await host.SignInAsync(Workspace, "owner");
        }
        return Owner;
    }

    public HttpClient Of(MappedEndpoint endpoint) =>
        endpoint.IsForVisitors ? _visitor.Client
        : endpoint.IsAnonymous ? _stranger
        : Owner;

    /// <param name="id">What stands in the place of every id.</param>
    public string AddressOf(MappedEndpoint endpoint, string id) =>
        Routes.Fill(endpoint.Route.RoutePattern, part => part.Name is "key" ? _visitor.Key : id);

    public void Dispose()
    {
        Owner.Dispose();
        _stranger.Dispose();
        _visitor.Dispose();
    }
}
