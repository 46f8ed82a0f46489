using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;
using Tenet.Kernel;
using Tenet.Kernel.Http;
using Tenet.Odoo.Tenants;

namespace Tenet.Odoo.Mcp;

/// <summary>
/// Calls an addon's MCP endpoint over streamable HTTP in revision 2026-07-28, or 2025-11-25 where the addon knows no other. Each request is signed by
/// the tenant's key and carries the user's token unchanged.
/// </summary>
/// <exception cref="OdooException">Odoo did not answer as it should.</exception>
internal sealed class McpClient(Egress egress, TimeProvider time)
{
    public const string Newest = "2026-07-28";
    public const string Older = "2025-11-25";
    private const int UnsupportedVersion = -32022;
    private const string Meta = "io.modelcontextprotocol/";

    public static readonly EgressPolicy Policy = new("odoo")
    {
        MaxBytes = 1_000_000,
        TotalTime = TimeSpan.FromSeconds(20),
        IdleTime = TimeSpan.FromSeconds(15),
        ConnectionsPerHost = 256,
        // The customer's own server: what goes there is theirs.
        IsRecipient = false,
    };

    /// <summary>Calls one tool.</summary>
    /// <param name="userToken">Whose rights it runs with.</param>
    public async Task<ToolAnswer> CallAsync(
        ConnectedTenant tenant,
        string userToken,
        string tool,
        JsonObject arguments,
        CancellationToken ct
    )
    {
        var result = await RequestAsync(tenant, userToken, "tools/call", new JsonObject { ["name"] = tool, ["arguments"] = arguments }, ct);
        return ToolAnswer.Read(result);
    }

    /// <returns>How many tools the addon lists.</returns>
    public async Task<int> CountToolsAsync(ConnectedTenant tenant, CancellationToken ct)
    {
        var result = await RequestAsync(tenant, null, "tools/list", [], ct);
        return result.TryGetProperty("tools", out var tools) && tools.ValueKind == JsonValueKind.Array
            ? tools.GetArrayLength()
            : throw new OdooException(OdooFault.Protocol);
    }

    private async Task<JsonElement> RequestAsync(
        ConnectedTenant tenant,
        string? token,
        string method,
        JsonObject content,
        CancellationToken ct
    )
    {
        if (tenant.Revision is not Older)
        {
            var (result, error) = await SendAsync(tenant, token, method, content, Newest, ct);
            if (error != UnsupportedVersion)
            {
                tenant.Revision = Newest;
                return result ?? throw new OdooException(OdooFault.Protocol);
            }
            await InitializeAsync(tenant, ct);
        }
        return (await SendAsync(tenant, token, method, content, Older, ct)).Result ?? throw new OdooException(OdooFault.Protocol);
    }

    private async Task InitializeAsync(ConnectedTenant tenant, CancellationToken ct)
    {
        var hello = new JsonObject
        {
            ["protocolVersion"] = Older,
            ["capabilities"] = new JsonObject(),
            ["clientInfo"] = ClientInfo(),
        };
        var (result, _) = await SendAsync(tenant, null, "initialize", hello, Older, ct);
        if (result is not { } welcome || !welcome.TryGetProperty("protocolVersion", out var version) || !version.ValueEquals(Older))
        {
            throw new OdooException(OdooFault.Protocol);
        }
        await SendAsync(tenant, null, "notifications/initialized", [], Older, ct);
        tenant.Revision = Older;
    }

    private async Task<(JsonElement? Result, int? Error)> SendAsync(
        ConnectedTenant tenant,
        string? token,
        string method,
        JsonObject content,
        string revision,
        CancellationToken ct
    )
    {
        var isNotification = method.StartsWith("notifications/", StringComparison.Ordinal);
        var body = Message(method, content, revision, isNotification);
        using var request = new HttpRequestMessage(HttpMethod.Post, tenant.Url.AbsoluteUri.TrimEnd('/') + "/tenet_copilot/mcp");
        request.Content = new ByteArrayContent(body);
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.Accept.ParseAdd("application/json, text/event-stream");
        request.Headers.Add("MCP-Protocol-Version", revision);
        request.Headers.Add("X-Odoo-Database", tenant.Database);
        if (revision == Newest)
        {
            request.Headers.Add("Mcp-Method", method);
            if (method == "tools/call")
            {
                request.Headers.Add("Mcp-Name", content["name"]!.GetValue<string>());
            }
        }
        Sign(request, tenant, token, body);
        try
        {
            using var response = await egress.Client(Policy).SendAsync(request, HttpCompletionOption.ResponseHeadersRead, ct);
            return await McpAnswer.ReadAsync(response, isNotification, ct);
        }
        catch (Exception e) when (e is HttpRequestException or EgressException or IOException or JsonException)
        {
            throw new OdooException(FaultOf(e));
        }
    }

    private static byte[] Message(string method, JsonObject content, string revision, bool isNotification)
    {
        var parameters = (JsonObject)content.DeepClone();
        if (revision == Newest)
        {
            parameters["_meta"] = new JsonObject
            {
                [Meta + "protocolVersion"] = Newest,
                [Meta + "clientCapabilities"] = new JsonObject(),
                [Meta + "clientInfo"] = ClientInfo(),
            };
        }
        var message = new JsonObject
        {
            ["jsonrpc"] = "2.0",
            ["method"] = method,
            ["params"] = parameters,
        };
        if (!isNotification)
        {
            message["id"] = 1;
        }
        return JsonSerializer.SerializeToUtf8Bytes(message);
    }

    private static JsonObject ClientInfo() => new() { ["name"] = "tenet", ["version"] = "0.1" };

    private void Sign(HttpRequestMessage request, ConnectedTenant tenant, string? token, byte[] body)
    {
        var nonce = Secrets.Token(18);
        var now = time.GetUtcNow().ToUnixTimeSeconds();
        var name = tenant.WorkspaceId.ToString("D");
        var text = SignedRequest.Text(name, "POST", request.RequestUri!.PathAndQuery, now, nonce, body, token);
        request.Headers.Add("Tenet-Tenant", name);
        request.Headers.Add(
            SignedRequest.Header,
            SignedRequest.Write(tenant.TenetKid.ToString("D"), now, nonce, tenant.TenetKey.Sign(text))
        );
        if (token is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }
    }

    private static OdooFault FaultOf(Exception exception)
    {
        for (var e = exception; e is not null; e = e.InnerException)
        {
            switch (e)
            {
                case EgressException { Failure: EgressFailure.PrivateAddress or EgressFailure.BadScheme }:
                    return OdooFault.Address;
                case EgressException { Failure: EgressFailure.TooSlow }:
                    return OdooFault.Slow;
                case EgressException { Failure: EgressFailure.TooLarge }:
                    return OdooFault.TooLarge;
                case EgressException { Failure: EgressFailure.TooManyRedirects or EgressFailure.RedirectRefused }:
                    return OdooFault.NotInstalled;
                case System.Security.Authentication.AuthenticationException:
                case HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError }:
                    return OdooFault.Certificate;
                case JsonException:
                    return OdooFault.Protocol;
            }
        }
        return OdooFault.Unreachable;
    }
}
