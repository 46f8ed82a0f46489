using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Tenet.Tests.Odoo;

/// <summary>How an Odoo, or what stands before it, behaves.</summary>
internal enum OdooMood
{
    Well,
    Maintenance,
    HtmlPage,
    Slow,
    Huge,
    Redirect,
    NotInstalled,
    Refusing,
    ErrorWith200,
    NoJson,

    /// <summary>The connection breaks in the middle of an answer: after <see cref="FakeOdoo.CutAfter"/> bytes.</summary>
    Cut,
    Gone,
}

/// <summary>
/// A customer's Odoo on loopback with the addon's MCP endpoint. What its tools answer is what a real Odoo answered when it was recorded, put into the
/// shape of docs/odoo.md; each person sees what that person saw. Messages are kept here, as the addon keeps them.
/// </summary>
internal sealed class FakeOdoo : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, bool> _nonces = new(StringComparer.Ordinal);

    private FakeOdoo(WebApplication app, int version)
    {
        (_app, Version) = (app, version);
        app.MapPost("/tenet_copilot/mcp", AnswerAsync);
    }

    public int Version { get; }

    public OdooMood Mood { get; set; }

    public int CutAfter { get; set; }

    /// <summary>Knows 2025-11-25 and nothing newer.</summary>
    public bool IsOld { get; set; }

    /// <summary>What <see cref="OdooTenant"/> learned when it registered.</summary>
    public OdooTenant? Tenant { get; set; }

    /// <summary>A tool's answer of the test's own, by tool.</summary>
    public ConcurrentDictionary<string, Func<int, JsonNode, JsonObject>> Tools { get; } = new(StringComparer.Ordinal);

    /// <summary>Who called what.</summary>
    public ConcurrentQueue<(int Uid, string Tool, JsonNode Arguments)> Calls { get; } = new();

    public ConcurrentQueue<string> Methods { get; } = new();

    /// <summary>What the addon stores: chat messages.</summary>
    public ConcurrentQueue<(int Uid, string Text)> Messages { get; } = new();

    public Uri Address => new(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());

    public static async Task<FakeOdoo> StartAsync(int version = 18, bool withOwnCertificate = false)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel =>
            kestrel.Listen(
                IPAddress.Loopback,
                0,
                listen =>
                {
                    if (withOwnCertificate)
                    {
                        listen.UseHttps(SelfSigned());
                    }
                }
            )
        );
        builder.Logging.ClearProviders();
        var odoo = new FakeOdoo(builder.Build(), version);
        await odoo._app.StartAsync();
        return odoo;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private static X509Certificate2 SelfSigned()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=127.0.0.1", key, HashAlgorithmName.SHA256);
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), null);
    }

    private async Task AnswerAsync(HttpContext http)
    {
        var ct = http.RequestAborted;
        using var copy = new MemoryStream();
        await http.Request.Body.CopyToAsync(copy, ct);
        if (await MoodyAsync(http, ct))
        {
            return;
        }
        var message = JsonNode.Parse(copy.ToArray())!;
        var method = message["method"]!.GetValue<string>();
        Methods.Enqueue(method);
        var uid = Tenant?.Authenticate(http.Request, copy.ToArray(), nonce => _nonces.TryAdd(nonce, true));
        if (uid is null || (uid == 0 && method == "tools/call"))
        {
            http.Response.StatusCode = 401;
            await http.Response.WriteAsync("""{"jsonrpc":"2.0","id":null,"error":{"code":-32001,"message":"unauthorized"}}""", ct);
            return;
        }
        var revision = http.Request.Headers["MCP-Protocol-Version"].ToString();
        var answer =
            IsOld && revision != "2025-11-25" ? Error(-32022)
            : revision == "2026-07-28" && !HeadersAgree(http.Request, message) ? Error(-32020)
            : method switch
            {
                "initialize" => Result(new JsonObject { ["protocolVersion"] = "2025-11-25", ["capabilities"] = new JsonObject() }),
                "tools/list" => Result(
                    new JsonObject
                    {
                        ["tools"] = new JsonArray([.. Enumerable.Range(0, 13).Select(n => new JsonObject { ["name"] = "tool" + n })]),
                    }
                ),
                "tools/call" => Result(Call(uid.Value, message["params"]!)),
                _ => null,
            };
        if (answer is null)
        {
            http.Response.StatusCode = 202;
            return;
        }
        if (answer["error"] is not null)
        {
            http.Response.StatusCode = 400;
        }
        http.Response.ContentType = "application/json";
        var text = Encoding.UTF8.GetBytes(answer.ToJsonString());
        if (Mood == OdooMood.Cut && CutAfter < text.Length)
        {
            http.Response.ContentLength = text.Length;
            await http.Response.Body.WriteAsync(text.AsMemory(0, CutAfter), ct);
            await http.Response.Body.FlushAsync(ct);
            http.Abort();
            return;
        }
        await http.Response.Body.WriteAsync(text, ct);
    }

    private JsonObject Call(int uid, JsonNode call)
    {
        var (tool, arguments) = (call["name"]!.GetValue<string>(), call["arguments"]!);
        Calls.Enqueue((uid, tool, arguments.DeepClone()));
        var content = Tools.TryGetValue(tool, out var own) ? own(uid, arguments) : OdooAnswers.Of(Version, uid, tool, arguments);
        return new JsonObject
        {
            ["resultType"] = "complete",
            ["content"] = new JsonArray(new JsonObject { ["type"] = "text", ["text"] = content.ToJsonString() }),
            ["structuredContent"] = content,
            ["isError"] = content.ContainsKey("error"),
        };
    }

    private async Task<bool> MoodyAsync(HttpContext http, CancellationToken ct)
    {
        switch (Mood)
        {
            case OdooMood.Well or OdooMood.Cut:
                return false;
            case OdooMood.Maintenance:
                http.Response.StatusCode = 503;
                return true;
            case OdooMood.Redirect:
                http.Response.Redirect("/web/login");
                return true;
            case OdooMood.NotInstalled:
                http.Response.StatusCode = 404;
                http.Response.ContentType = "text/html; charset=utf-8";
                return true;
            case OdooMood.Refusing:
                http.Response.StatusCode = 403;
                return true;
            case OdooMood.Slow:
                await Task.Delay(Timeout.Infinite, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                return true;
            case OdooMood.Gone:
                http.Abort();
                return true;
            case OdooMood.HtmlPage:
                http.Response.ContentType = "text/html; charset=utf-8";
                await http.Response.WriteAsync("<!doctype html><title>Odoo</title>", ct);
                return true;
            case OdooMood.Huge:
                http.Response.ContentType = "application/json";
                var piece = new byte[1 << 20];
                Array.Fill(piece, (byte)' ');
                for (var megabytes = 0; megabytes < 50 && !ct.IsCancellationRequested; megabytes++)
                {
                    await http.Response.Body.WriteAsync(piece, ct);
                }
                return true;
            case OdooMood.ErrorWith200:
                // As /jsonrpc answers errors.
                http.Response.ContentType = "application/json";
                await http.Response.WriteAsync(Recordings.Find(Version, "error-unknown-model")!["response"]!["body"]!.ToJsonString(), ct);
                return true;
            default:
                http.Response.ContentType = "application/json";
                await http.Response.WriteAsync("""{"jsonrpc":"2.0","id":1,"resul""", ct);
                return true;
        }
    }

    private static bool HeadersAgree(HttpRequest request, JsonNode message) =>
        request.Headers["Mcp-Method"] == message["method"]!.GetValue<string>()
        && message["params"]?["_meta"]?["io.modelcontextprotocol/protocolVersion"]?.GetValue<string>() == "2026-07-28"
        && (message["params"]?["name"]?.GetValue<string>() is not { } name || request.Headers["Mcp-Name"] == name);

    private static JsonObject Result(JsonNode result) =>
        new()
        {
            ["jsonrpc"] = "2.0",
            ["id"] = 1,
            ["result"] = result,
        };

    private static JsonObject Error(int code) =>
        new()
        {
            ["jsonrpc"] = "2.0",
            ["id"] = 1,
            ["error"] = new JsonObject { ["code"] = code, ["message"] = "no" },
        };
}
