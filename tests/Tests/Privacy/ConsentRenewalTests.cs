using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Tenet.Kernel.Policies;
using Tenet.Kernel.Workspaces;
using Tenet.Privacy.Consents;
using Tenet.Privacy.Notices;
using Tenet.Tests.Inbox;
using Tenet.Tests.Support;
using Xunit;

namespace Tenet.Tests.Privacy;

/// <summary>On a database of its own, where versions of the policy are published.</summary>
public sealed class ConsentRenewalTests(TestCluster cluster) : IAsyncLifetime
{
    private const string Contract = "contract";
    private const string Consented = "consent";
    private const string Nobody = "";
    private const string Maps = "Maps | shows the way | European Union | maps.example";

    private TestHost _host = null!;
    private Workspace _workspace = null!;
    private string _key = "";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _host = await cluster.StartHostAsync(background: false, settings: options => options with { Policies = new PolicyOptions("shop") });
        await PublishAsync("1", Contract, null);
        _workspace = await _host.OpenWorkspaceAsync();
        await _host.JoinAsync(_workspace, "owner", "owner@example.org");
        _key = await WidgetVisitor.WidgetKeyAsync(_host, _workspace);
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Theory]
    [InlineData(Contract, Nobody, Contract, Maps, false)]
    [InlineData(Contract, Nobody, Consented, Nobody, true)]
    [InlineData(Consented, Nobody, Contract, Nobody, false)]
    [InlineData(Consented, Nobody, Consented, Maps, true)]
    [InlineData(Consented, Maps, Consented, Nobody, false)]
    [InlineData(Consented, Maps, Consented, Maps, false)]
    public void Consents_are_renewed_when_a_purpose_or_a_recipient_comes_to_rest_on_them(
        string basis,
        string recipient,
        string basisAfter,
        string recipientAfter,
        bool needed
    )
    {
        var book = _host.Services.GetRequiredService<PolicyBook>();
        var (before, after) = (book.Read([File("1", basis, recipient)]), book.Read([File("2", basisAfter, recipientAfter)]));

        ConsentRenewals.IsNeeded(PolicyChange.Between(before, after)).ShouldBe(needed);
    }

    [Fact]
    public async Task From_its_day_on_consents_of_before_count_no_more_and_are_asked_for_again()
    {
        var person = (await SayAsync("accept_all", null)).GetProperty("person").GetGuid();
        await SayAsync("reject_all", null);
        (await BannerAsync()).GetProperty("renewBefore").ValueKind.ShouldBe(JsonValueKind.Null);

        var published = await PublishAsync("2", Consented, DateOnly.FromDateTime(DateTime.UtcNow).AddDays(40));
        await AnnounceAsync();
        await AnnounceAsync();

        // Until then all that was agreed to counts, and says itself how long.
        var counts = await CountAsync();
        (counts.Analytics, counts.ToRenew, counts.Next).ShouldBe((1, 0, 1));
        DateOnly.FromDateTime(counts.NextAt!.Value.UtcDateTime).ShouldBe(published.Policy.Effective);
        (await SayAsync("accept_all", null)).GetProperty("validUntil").GetDateTimeOffset().ShouldBe(counts.NextAt.Value);
        (await BannerAsync()).GetProperty("renewBefore").ValueKind.ShouldBe(JsonValueKind.Null);
        var letters = await PublicPagesTests.PageAsync(_host, "/dev/mail");
        letters.ShouldContain("is asked for again");
        letters.ShouldContain("/settings/data");

        await _host.AsOwnerAsync<int>("update privacy.consent_renewal set due_at = now()");

        counts = await CountAsync();
        (counts.Persons, counts.Analytics, counts.ToRenew).ShouldBe((3, 0, 2));
        (await BannerAsync()).GetProperty("renewBefore").ValueKind.ShouldBe(JsonValueKind.String);
        await SayAsync("accept_all", person);
        counts = await CountAsync();
        (counts.Persons, counts.Analytics, counts.ToRenew).ShouldBe((3, 1, 1));
        (
            await _host.AsOwnerAsync<string>("select details::json->>'persons' from audit.entry where action = 'consent.renewal_due'")
        ).ShouldBe("1");
    }

    [Fact]
    public async Task A_renewal_that_is_not_marked_breaks_the_promise()
    {
        await PublishAsync("2", Consented, DateOnly.FromDateTime(DateTime.UtcNow).AddDays(40));
        await AnnounceAsync();
        (await StateAsync()).ShouldBe(PromiseState.Holds);

        await _host.AsOwnerAsync<int>(
            """
            delete from privacy.consent_renewal;
            update kernel.policy_version set published_at = published_at - interval '2 hours';
            update kernel.workspace set created_at = created_at - interval '1 day'
            """
        );

        (await StateAsync()).ShouldBe(PromiseState.Broken);
    }

    private async Task<PromiseState> StateAsync()
    {
        var book = _host.Services.GetRequiredService<PolicyBook>();
        book.Forget();
        var policy = await book.OfAsync(_workspace.Id, Ct);
        return (await _host.Services.GetRequiredService<Prober>().LookAsync(_workspace.Id, policy, Ct))
            .Single(report => report.Promise.Id == "shop.3")
            .State;
    }

    private async Task AnnounceAsync()
    {
        var policy = await _host.Services.GetRequiredService<PolicyBook>().OfAsync(_workspace.Id, Ct);
        await _host.Services.GetRequiredService<AnnounceVersion>().RunAsync(_workspace.Id, policy, Ct);
    }

    private Task<ConsentCounts> CountAsync() =>
        _host.Door.RunAsync(_workspace.Id, Actor.System, ctx => ConsentList.CountAsync(ctx, Ct), Ct);

    private async Task<JsonElement> BannerAsync()
    {
        using var client = _host.Client();
        return await client.GetFromJsonAsync<JsonElement>($"/api/privacy/consent/{_key}", Ct);
    }

    private async Task<JsonElement> SayAsync(string method, Guid? person)
    {
        using var client = _host.Client();
        var body = new
        {
            site = _key,
            person,
            notice = ConsentTexts.Of("en").Version,
            language = "en",
            method,
        };
        using var response = await client.PostAsJsonAsync("/api/privacy/consent", body, Ct);
        response.EnsureSuccessStatusCode();
        return await response.Content.ReadFromJsonAsync<JsonElement>(Ct);
    }

    private Task<PublishedVersion> PublishAsync(string version, string basis, DateOnly? effective) =>
        _host.Services.GetRequiredService<PublishPolicy>().RunAsync([File(version, basis, Nobody)], effective, Ct);

    private static (string, byte[]) File(string version, string basis, string recipient) =>
        (
            "shop.yaml",
            Encoding.UTF8.GetBytes(
                $"""
                policy: shop
                version: {version}
                effective: 2026-01-01
                notice: 30 days
                promises:
                  - id: shop.1
                    says: Conversations have a basis.
                    claim: legal_basis
                    purpose: essential.service.support
                    basis: {basis}
                    role: processor
                  - id: shop.2
                    says: Data goes to those who are listed.
                    claim: subprocessors
                    listed: [{(recipient.Length > 0 ? $"\"{recipient}\"" : "")}]
                  - id: shop.3
                    says: Consent is asked for.
                    claim: consent_required
                """
            )
        );
}
