using System.Buffers.Text;
using System.Diagnostics;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Tenet.Kernel;
using Tenet.Odoo.Tenants;

namespace Tenet.Benchmarks;

/// <summary>A connected Odoo and the panels in it, as docs/odoo.md describes them: its key, the tokens that it issues, and turns.</summary>
internal sealed class CopilotPanel : IDisposable
{
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly HttpMessageInvoker _calls;
    private readonly Uri _host;

    private CopilotPanel(HttpMessageInvoker calls, Uri host) => (_calls, _host) = (calls, host);

    public string Tenant { get; private set; } = "";
    public string Kid { get; private set; } = "";
    public string Audience { get; private set; } = "";

    public byte[] PublicKey => _key.ExportSubjectPublicKeyInfo();

    /// <param name="code">Good once, made in the console.</param>
    public static async Task<CopilotPanel> ConnectAsync(HttpMessageInvoker calls, Uri host, Uri odoo, string code, CancellationToken ct)
    {
        var panel = new CopilotPanel(calls, host);
        var body = JsonSerializer.SerializeToUtf8Bytes(
            new
            {
                code,
                url = odoo.GetLeftPart(UriPartial.Authority),
                database = "bench",
                public_key = EcKey.Write(panel._key),
                odoo = "18.0",
                addon = "18.0.1.0.0",
                terms = new
                {
                    version = "2026-11",
                    accepted_at = "2026-11-21T12:00:00Z",
                    uid = 2,
                },
            }
        );
        var (t, nonce) = (TimeProvider.System.GetUtcNow().ToUnixTimeSeconds(), Secrets.Token(18));
        var text = SignedRequest.Text("-", "POST", "/api/copilot/tenants", t, nonce, body, null);
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(host, "/api/copilot/tenants"));
        request.Content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        request.Headers.Add(
            SignedRequest.Header,
            SignedRequest.Write("new", t, nonce, panel._key.SignData(text, HashAlgorithmName.SHA256))
        );
        using var response = await calls.SendAsync(request, ct);
        if (!response.IsSuccessStatusCode)
            throw new InvalidOperationException(await response.Content.ReadAsStringAsync(ct));
        var made = await response.Content.ReadFromJsonAsync<JsonElement>(ct);
        (panel.Tenant, panel.Kid, panel.Audience) = (
            made.GetProperty("tenant").GetString()!,
            made.GetProperty("kid").GetString()!,
            made.GetProperty("audience").GetString()!
        );
        return panel;
    }

    public string Token(int uid, string? grant)
    {
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        var head = JsonSerializer.SerializeToUtf8Bytes(
            new
            {
                alg = "ES256",
                typ = "JWT",
                kid = Kid,
            }
        );
        var claims = JsonSerializer.SerializeToUtf8Bytes(
            new
            {
                iss = Tenant,
                sub = Tenant,
                aud = Audience,
                db = "bench",
                uid,
                grp = "user",
                iat = now,
                nbf = now,
                exp = now + 900,
                jti = Guid.NewGuid().ToString(),
                companies = new[] { 1 },
                sid = grant,
            }
        );
        var text = Base64Url.EncodeToString(head) + "." + Base64Url.EncodeToString(claims);
        return text + "." + Base64Url.EncodeToString(_key.SignData(Encoding.ASCII.GetBytes(text), HashAlgorithmName.SHA256));
    }

    /// <returns>The grant of a new panel of this user.</returns>
    public async Task<string> GrantAsync(int uid, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(_host, "/api/copilot/grants"));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Token(uid, null));
        using var response = await _calls.SendAsync(request, ct);
        response.EnsureSuccessStatusCode();
        return (await response.Content.ReadFromJsonAsync<JsonElement>(ct)).GetProperty("sid").GetString()!;
    }

    /// <returns>Milliseconds from the start of the request to the stream's first byte and to the first piece of the answer.</returns>
    public async Task<(double Byte, double Answer)> AskAsync(int uid, string grant, Guid session, string question, CancellationToken ct)
    {
        var token = Token(uid, grant);
        var began = Stopwatch.GetTimestamp();
        using var stream = await OpenAsync(token, session, question, ct);
        using var reader = new StreamReader(stream);
        var (first, answer, last) = (0.0, 0.0, "");
        while (await reader.ReadLineAsync(ct) is { } line)
        {
            if (first == 0)
                first = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
            if (line.StartsWith("event: ", StringComparison.Ordinal))
                last = line[7..];
            if (answer == 0 && last is "delta")
                answer = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
        }
        return last is "done" && answer > 0 ? (first, answer) : throw new InvalidOperationException("The turn ended with " + last);
    }

    /// <summary>A turn whose model says its first words and then nothing: read to there and left open.</summary>
    public async Task<Stream> LeaveOpenAsync(int uid, string grant, string question, CancellationToken ct)
    {
        var stream = await OpenAsync(Token(uid, grant), Guid.NewGuid(), question, ct);
        var (seen, buffer) = (new StringBuilder(), new byte[4096]);
        while (!seen.ToString().Contains("event: delta", StringComparison.Ordinal))
        {
            var read = await stream.ReadAsync(buffer, ct);
            seen.Append(read > 0 ? Encoding.UTF8.GetString(buffer, 0, read) : throw new IOException("The turn ended."));
        }
        return stream;
    }

    public void Dispose() => _key.Dispose();

    private async Task<Stream> OpenAsync(string token, Guid session, string message, CancellationToken ct)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, new Uri(_host, "/api/copilot/turns"))
        {
            Content = JsonContent.Create(
                new
                {
                    session,
                    message,
                    language = "en",
                }
            ),
            Headers = { Authorization = new AuthenticationHeaderValue("Bearer", token) },
        };
        var response = await _calls.SendAsync(request, ct);
        return response.IsSuccessStatusCode
            ? await response.Content.ReadAsStreamAsync(ct)
            : throw new InvalidOperationException($"{response.StatusCode} {await response.Content.ReadAsStringAsync(ct)}");
    }
}
