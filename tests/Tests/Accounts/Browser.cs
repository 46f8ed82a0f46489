using Shouldly;
using Tenet.Tests.Support;

namespace Tenet.Tests.Accounts;

/// <summary>A browser without script: it keeps its cookie and sends forms.</summary>
internal sealed class Browser(TestHost host, CancellationToken ct)
{
    private readonly HttpClient _client = host.Client();

    /// <summary>The value of <c>tenet_session</c>, if it has one.</summary>
    public string? Cookie { get; set; }

    public Task<HttpResponseMessage> GetAsync(string path) => SendAsync(HttpMethod.Get, path, null);

    public Task<HttpResponseMessage> PostAsync(string path, params (string Name, string Value)[] fields) =>
        SendAsync(HttpMethod.Post, path, new FormUrlEncodedContent(fields.Select(field => KeyValuePair.Create(field.Name, field.Value))));

    /// <summary>Asks for a link and reads it from the letter.</summary>
    /// <returns>The link's token.</returns>
    public async Task<string> AskForLinkAsync(string email, string? returnUrl = null)
    {
        var before = (await host.LinksAsync(email, ct)).Count;
        using var asked = await PostAsync("/sign-in/links", ("email", email), ("returnUrl", returnUrl ?? ""));
        asked.Headers.Location!.ToString().ShouldBe("/sign-in/sent");
        return (await host.NextLinkAsync(email, ct, before)).Segments[^1];
    }

    /// <returns>Where the browser is sent.</returns>
    public async Task<string> RedeemAsync(string token)
    {
        using var redeemed = await PostAsync("/sign-in/sessions", ("token", token));
        ((int)redeemed.StatusCode).ShouldBe(303);
        return redeemed.Headers.Location!.ToString();
    }

    public async Task<bool> IsSignedInAsync()
    {
        using var members = await GetAsync("/api/members");
        return members.IsSuccessStatusCode;
    }

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, HttpContent? content)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        request.Headers.Add("Accept", path.StartsWith("/api", StringComparison.Ordinal) ? "application/json" : "text/html");
        if (Cookie is not null)
        {
            request.Headers.Add("Cookie", "tenet_session=" + Cookie);
        }
        var response = await _client.SendAsync(request, ct);
        foreach (var set in SetCookies(response))
        {
            set.ShouldStartWith("tenet_session=");
            var value = set["tenet_session=".Length..set.IndexOf(';', StringComparison.Ordinal)];
            Cookie = value.Length > 0 ? value : null;
        }
        return response;
    }

    public static IEnumerable<string> SetCookies(HttpResponseMessage response) =>
        response.Headers.TryGetValues("Set-Cookie", out var values) ? values : [];
}
