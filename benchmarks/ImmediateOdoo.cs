using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Tenet.Benchmarks;

/// <summary>An Odoo whose addon answers every call of a tool with the same two rows, at once and without a look at who asks.</summary>
internal sealed class ImmediateOdoo : IAsyncDisposable
{
    private const string Rows = """
        {"model":"sale.order","rows":[{"id":7,"name":"S00007","amount_total":120.5},{"id":8,"name":"S00008","amount_total":80.0}],"total":2,"restricted":false}
        """;

    private static readonly byte[] Called = Encoding.UTF8.GetBytes(
        $$"""
        {"jsonrpc":"2.0","id":1,"result":{"resultType":"complete","content":[{"type":"text","text":{{JsonSerializer.Serialize(
            Rows
        )}}}],"structuredContent":{{Rows}},"isError":false} }
        """
    );

    private static readonly byte[] Listed = """{"jsonrpc":"2.0","id":1,"result":{"tools":[{"name":"search_records"}]}}"""u8.ToArray();

    private readonly WebApplication _app;

    private ImmediateOdoo(WebApplication app) => _app = app;

    public Uri Address => new(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());

    public Uri Mcp => new(Address, "/tenet_copilot/mcp");

    public static async Task<ImmediateOdoo> StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelCore();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var odoo = new ImmediateOdoo(builder.Build());
        odoo._app.Run(AnswerAsync);
        await odoo._app.StartAsync();
        return odoo;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private static async Task AnswerAsync(HttpContext http)
    {
        using var body = await JsonDocument.ParseAsync(http.Request.Body, default, http.RequestAborted);
        http.Response.ContentType = "application/json";
        await http.Response.Body.WriteAsync(
            body.RootElement.GetProperty("method").ValueEquals("tools/list") ? Listed : Called,
            http.RequestAborted
        );
    }
}
