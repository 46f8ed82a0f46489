using System.Buffers.Text;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Tenet.Kernel.Http;
using Tenet.Kernel.Workspaces;
using Tenet.Odoo.Tenants;
using Tenet.Tests.Support;

namespace Tenet.Tests.Odoo;

/// <summary>The addon's side as docs/odoo.md describes it: its key, its tokens, its signed requests. Written from the document, not from the code.</summary>
internal sealed class OdooTenant(TestHost host, Workspace workspace, FakeOdoo odoo) : IDisposable
{
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly HttpClient _client = host.Client();
    private ECDsa? _tenetKey;

    public Workspace Workspace => workspace;
    public FakeOdoo Odoo => odoo;
    public HttpClient Client => _client;
    public ECDsa Key => _key;
    public string Tenant { get; private set; } = "";
    public string Kid { get; private set; } = "";
    public string Audience { get; private set; } = "";

    /// <summary>Connects a workspace of its own to an Odoo.</summary>
    public static async Task<OdooTenant> ConnectAsync(TestHost host, FakeOdoo odoo)
    {
        var tenant = new OdooTenant(host, await host.OpenWorkspaceAsync(), odoo);
        host.Services.GetRequiredService<Egress>().AllowLoopback(odoo.Address.Authority);
        using var answer = await tenant.RegisterAsync(await tenant.CodeAsync());
        if (!answer.IsSuccessStatusCode)
        {
            throw new InvalidOperationException(await answer.Content.ReadAsStringAsync());
        }
        return tenant;
    }

    public async Task<string> CodeAsync() =>
        await host.Door.RunAsync(workspace.Id, Actor.System, async ctx => (await ConnectCode.MakeAsync(ctx, default)).Code, default);

    public async Task<HttpResponseMessage> RegisterAsync(string code, Action<JsonObject>? change = null)
    {
        var body = new JsonObject
        {
            ["code"] = code,
            ["url"] = odoo.Address.ToString().TrimEnd('/'),
            ["database"] = "acme",
            ["public_key"] = Jwk(_key),
            ["odoo"] = $"{odoo.Version}.0",
            ["addon"] = $"{odoo.Version}.0.1.0.0",
            ["terms"] = new JsonObject
            {
                ["version"] = "2026-11",
                ["accepted_at"] = "2026-11-21T12:00:00Z",
                ["uid"] = 2,
            },
        };
        change?.Invoke(body);
        var answer = await SendSignedAsync("/api/copilot/tenants", body.ToJsonString(), "-", "new");
        if (answer.IsSuccessStatusCode)
        {
            var made = (await answer.Content.ReadFromJsonAsync<JsonNode>())!;
            (Tenant, Kid, Audience) = (
                made["tenant"]!.GetValue<string>(),
                made["kid"]!.GetValue<string>(),
                made["audience"]!.GetValue<string>()
            );
            _tenetKey = ECDsa.Create(
                new ECParameters
                {
                    Curve = ECCurve.NamedCurves.nistP256,
                    Q = new ECPoint
                    {
                        X = Base64Url.DecodeFromChars(made["tenet_key"]!["x"]!.GetValue<string>()),
                        Y = Base64Url.DecodeFromChars(made["tenet_key"]!["y"]!.GetValue<string>()),
                    },
                }
            );
            odoo.Tenant = this;
        }
        return answer;
    }

    public Task<HttpResponseMessage> SendSignedAsync(string path, string body) => SendSignedAsync(path, body, Tenant, Kid);

    public Task<HttpResponseMessage> SendSignedAsync(
        string path,
        string body,
        string tenant,
        string kid,
        TimeSpan skew = default,
        string? nonce = null,
        ECDsa? key = null
    )
    {
        var t = (DateTimeOffset.UtcNow + skew).ToUnixTimeSeconds();
        nonce ??= Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(16));
        var text = Lines(tenant, "POST", path, t, nonce, Encoding.UTF8.GetBytes(body), null);
        var signature = Base64Url.EncodeToString((key ?? _key).SignData(text, HashAlgorithmName.SHA256));
        var request = new HttpRequestMessage(HttpMethod.Post, path)
        {
            Content = new StringContent(body, Encoding.UTF8, "application/json"),
        };
        request.Headers.Add("Tenet-Signature", $"v1;kid={kid};t={t};n={nonce};s={signature}");
        if (tenant != "-")
        {
            request.Headers.Add("Tenet-Tenant", tenant);
        }
        return _client.SendAsync(request);
    }

    /// <summary>The user of a request by Tenet: 0 without one, null when it is not by Tenet or not with a good token of ours.</summary>
    public int? Authenticate(HttpRequest request, byte[] body, Func<string, bool> isNew)
    {
        var parts = request.Headers["Tenet-Signature"].ToString().Split(';');
        if (parts is not ["v1", _, var t, var n, var s] || !isNew(n) || request.Headers["Tenet-Tenant"] != Tenant)
        {
            return null;
        }
        var bearer = request.Headers.Authorization.ToString();
        var token = bearer.StartsWith("Bearer ", StringComparison.Ordinal) ? bearer[7..] : null;
        var text = Lines(
            Tenant,
            request.Method,
            request.Path + request.QueryString.ToString(),
            long.Parse(t[2..], System.Globalization.CultureInfo.InvariantCulture),
            n[2..],
            body,
            token
        );
        if (!_tenetKey!.VerifyData(text, Base64Url.DecodeFromChars(s.AsSpan(2)), HashAlgorithmName.SHA256))
        {
            return null;
        }
        if (token is null)
        {
            return 0;
        }
        var cut = token.LastIndexOf('.');
        var valid = _key.VerifyData(
            Encoding.ASCII.GetBytes(token[..cut]),
            Base64Url.DecodeFromChars(token.AsSpan(cut + 1)),
            HashAlgorithmName.SHA256
        );
        return valid ? JsonNode.Parse(Base64Url.DecodeFromChars(token.Split('.')[1]))!["uid"]!.GetValue<int>() : null;
    }

    /// <param name="change">Of the claims, before they are signed.</param>
    public string Token(int uid, string? grant, Action<JsonObject>? change = null, Action<JsonObject>? header = null, ECDsa? key = null)
    {
        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        var head = new JsonObject
        {
            ["alg"] = "ES256",
            ["typ"] = "JWT",
            ["kid"] = Kid,
        };
        var claims = new JsonObject
        {
            ["iss"] = Tenant,
            ["sub"] = Tenant,
            ["aud"] = Audience,
            ["db"] = "acme",
            ["uid"] = uid,
            ["grp"] = "writer",
            ["iat"] = now,
            ["nbf"] = now,
            ["exp"] = now + 900,
            ["jti"] = Guid.NewGuid().ToString(),
            ["companies"] = new JsonArray(1),
        };
        if (grant is not null)
        {
            claims["sid"] = grant;
        }
        header?.Invoke(head);
        change?.Invoke(claims);
        var text = Part(head) + "." + Part(claims);
        return text + "." + Base64Url.EncodeToString((key ?? _key).SignData(Encoding.ASCII.GetBytes(text), HashAlgorithmName.SHA256));
    }

    public async Task<HttpResponseMessage> SendAsync(
        HttpMethod method,
        string path,
        string? token,
        object? body = null,
        string? origin = null
    )
    {
        var request = new HttpRequestMessage(method, path);
        if (token is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }
        if (origin is not null)
        {
            request.Headers.Add("Origin", origin);
        }
        if (body is not null)
        {
            request.Content = JsonContent.Create(body, body.GetType());
        }
        return await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    /// <summary>A grant for a panel of a user.</summary>
    public async Task<(string Sid, string Refresh)> GrantAsync(int uid)
    {
        using var answer = await SendAsync(HttpMethod.Post, "/api/copilot/grants", Token(uid, null));
        var json = (await answer.Content.ReadFromJsonAsync<JsonNode>())!;
        return (json["sid"]!.GetValue<string>(), json["refresh_token"]!.GetValue<string>());
    }

    /// <summary>Asks, and keeps question and answer in the fake Odoo as the addon does.</summary>
    public async Task<PanelTurn> AskAsync(int uid, string grant, string message, Guid? session = null, CancellationToken ct = default)
    {
        odoo.Messages.Enqueue((uid, message));
        using var answer = await SendAsync(
            HttpMethod.Post,
            "/api/copilot/turns",
            Token(uid, grant),
            new
            {
                session = session ?? Guid.NewGuid(),
                message,
                language = "en",
            }
        );
        var turn = await PanelTurn.ReadAsync(answer, ct);
        odoo.Messages.Enqueue((uid, turn.Text));
        return turn;
    }

    public void Dispose()
    {
        _key.Dispose();
        _tenetKey?.Dispose();
        _client.Dispose();
    }

    public static JsonObject Jwk(ECDsa key)
    {
        var point = key.ExportParameters(false).Q;
        return new JsonObject
        {
            ["kty"] = "EC",
            ["crv"] = "P-256",
            ["x"] = Base64Url.EncodeToString(point.X),
            ["y"] = Base64Url.EncodeToString(point.Y),
        };
    }

    private static string Part(JsonObject json) => Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(json));

    private static byte[] Lines(string tenant, string method, string path, long t, string nonce, byte[] body, string? token) =>
        Encoding.UTF8.GetBytes(
            $"tenet-request-v1\n{tenant}\n{method}\n{path}\n{t}\n{nonce}\n{Hex(body)}\n{(token is null ? "-" : Hex(Encoding.UTF8.GetBytes(token)))}"
        );

    private static string Hex(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));
}
