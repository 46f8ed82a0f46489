using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Tenet.Inbox.Widget;
using Tenet.Kernel.Workspaces;
using Tenet.Privacy.Consents;
using Tenet.Tests.Inbox;
using Tenet.Tests.Support;
using Xunit;

namespace Tenet.Tests.Privacy;

public sealed class ConsentTests(TestCluster cluster) : IAsyncLifetime
{
    private readonly TestHost _host = cluster.Host;
    private Workspace _workspace = null!;
    private string _key = "";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _workspace = await _host.OpenWorkspaceAsync();
        _key = await WidgetVisitor.WidgetKeyAsync(_host, _workspace);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task The_latest_choice_counts_and_every_one_stays_as_proof()
    {
        var first = await SayAsync("accept_all", analytics: true, preferences: true);
        var person = first.GetProperty("person").GetGuid();
        (Analytics(first), first.GetProperty("controller").GetString()).ShouldBe((true, _workspace.Name));

        var second = await SayAsync("withdrawal", analytics: true, preferences: true, person);

        second.GetProperty("person").GetGuid().ShouldBe(person);
        Analytics(second).ShouldBeFalse();
        using var admin = await _host.SignInAsync(_workspace, "admin");
        var proof = await admin.GetFromJsonAsync<JsonElement>($"/api/privacy/consents/{second.GetProperty("id").GetGuid()}/proof", Ct);
        proof.GetProperty("records").EnumerateArray().Select(Purpose).ShouldBe(["given", "refused"]);
        var notice = proof.GetProperty("records")[0].GetProperty("noticeId").GetString()!;
        proof.GetProperty("notices").GetProperty(notice).GetProperty("accept").GetString().ShouldBe("Accept all");
        var list = await admin.GetFromJsonAsync<JsonElement>("/api/privacy/consents?limit=1", Ct);
        list.GetProperty("items").GetArrayLength().ShouldBe(1);
        list.GetProperty("next").GetString().ShouldNotBeNull();
    }

    [Theory]
    [InlineData("Sec-GPC", "1", "gpc")]
    [InlineData("DNT", "1", "dnt")]
    public async Task A_signal_of_the_browser_outweighs_all_but_a_choice_by_hand(string header, string value, string signal)
    {
        var accepted = await SayAsync("accept_all", analytics: true, preferences: true, header: (header, value));
        (Analytics(accepted), accepted.GetProperty("signal").GetString()).ShouldBe((false, signal));

        var chosen = await SayAsync("preferences", analytics: true, preferences: false, header: (header, value));
        Analytics(chosen).ShouldBeTrue();
    }

    [Theory]
    [InlineData("0")]
    [InlineData("true")]
    [InlineData("1, 1")]
    [InlineData("11")]
    [InlineData("yes")]
    public async Task Only_the_exact_value_is_a_signal(string value)
    {
        var said = await SayAsync("accept_all", analytics: true, preferences: true, header: ("Sec-GPC", value));

        said.GetProperty("signal").GetString().ShouldBe("none");
    }

    [Theory]
    [InlineData("reject_all")]
    [InlineData("withdrawal")]
    [InlineData("signal")]
    public async Task A_refusal_is_never_read_as_a_yes(string method) =>
        Analytics(await SayAsync(method, analytics: true, preferences: true)).ShouldBeFalse();

    [Fact]
    public async Task A_person_of_another_website_is_nobody_here()
    {
        var person = (await SayAsync("reject_all", false, false)).GetProperty("person").GetGuid();
        _key = await WidgetVisitor.WidgetKeyAsync(_host, await _host.OpenWorkspaceAsync());

        (await SayAsync("reject_all", false, false, person)).GetProperty("person").GetGuid().ShouldNotBe(person);
    }

    [Fact]
    public async Task A_page_of_a_strange_website_gets_and_leaves_nothing()
    {
        using var client = _host.Client();
        client.DefaultRequestHeaders.Add("Origin", "https://elsewhere.example");

        using var banner = await client.GetAsync($"/api/privacy/consent/{_key}", Ct);
        using var said = await client.PostAsJsonAsync("/api/privacy/consent", Body("accept_all", true, true, null), Ct);

        (banner.StatusCode, said.StatusCode).ShouldBe((HttpStatusCode.Forbidden, HttpStatusCode.Forbidden));
        banner.Headers.Contains("Access-Control-Allow-Origin").ShouldBeFalse();
    }

    [Fact]
    public async Task An_allowed_website_may_read_the_banner_in_its_visitors_language()
    {
        await _host.Door.RunAsync(
            _workspace.Id,
            Actor.System,
            ctx => _host.Services.GetRequiredService<Widgets>().AllowOriginAsync(ctx, "https://shop.example", Ct),
            Ct
        );
        using var client = _host.Client();
        client.DefaultRequestHeaders.Add("Origin", "https://shop.example");

        await Eventually.HoldsAsync(
            async () =>
            {
                using var response = await client.GetAsync($"/api/privacy/consent/{_key}?language=de-AT", Ct);
                return response.StatusCode == HttpStatusCode.OK
                    && response.Headers.GetValues("Access-Control-Allow-Origin").Single() == "https://shop.example"
                    && (await response.Content.ReadFromJsonAsync<ConsentBanner>(Ct))!.Texts["reject"] == "Alle ablehnen";
            },
            "every part of the host knows the website",
            Ct
        );
    }

    [Fact]
    public async Task A_text_that_was_not_shown_is_agreed_to_by_nobody()
    {
        using var client = _host.Client();
        var body = new
        {
            site = _key,
            notice = new string('0', 64),
            language = "en",
            method = "accept_all",
        };

        using var response = await client.PostAsJsonAsync("/api/privacy/consent", body, Ct);

        response.StatusCode.ShouldBe(HttpStatusCode.Conflict);
    }

    [Fact]
    public void Every_language_says_everything()
    {
        var english = ConsentTexts.Of("en");
        foreach (var language in ConsentTexts.Languages)
        {
            var texts = ConsentTexts.Of(language);
            texts.Language.ShouldBe(language);
            texts.Texts.Keys.ShouldBe(english.Texts.Keys);
            texts.Texts.Values.ShouldAllBe(text => text.Trim().Length > 0);
        }
        ConsentTexts.Languages.Select(language => ConsentTexts.Of(language).Version).ShouldBeUnique();
    }

    private async Task<JsonElement> SayAsync(
        string method,
        bool analytics,
        bool preferences,
        Guid? person = null,
        (string Name, string Value)? header = null
    )
    {
        using var client = _host.Client();
        if (header is { } said)
        {
            client.DefaultRequestHeaders.TryAddWithoutValidation(said.Name, said.Value);
        }
        using var response = await client.PostAsJsonAsync("/api/privacy/consent", Body(method, analytics, preferences, person), Ct);
        response.StatusCode.ShouldBe(HttpStatusCode.Created, await response.Content.ReadAsStringAsync(Ct));
        return await response.Content.ReadFromJsonAsync<JsonElement>(Ct);
    }

    private object Body(string method, bool analytics, bool preferences, Guid? person) =>
        new
        {
            site = _key,
            person,
            notice = ConsentTexts.Of("en").Version,
            language = "en",
            method,
            choices = new { analytics, preferences },
        };

    private static bool Analytics(JsonElement receipt) => receipt.GetProperty("choices").GetProperty("analytics").GetBoolean();

    private static string? Purpose(JsonElement record) => record.GetProperty("purposes").GetProperty("analytics").GetString();
}
