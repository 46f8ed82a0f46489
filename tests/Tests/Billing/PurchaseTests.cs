using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Tenet.Billing;
using Tenet.Billing.Ledger;
using Tenet.Billing.Payments;
using Tenet.Kernel.Http;
using Tenet.Kernel.Policies;
using Tenet.Kernel.Workspaces;
using Tenet.Tests.Support;
using Xunit;

namespace Tenet.Tests.Billing;

public sealed class PurchaseTests(TestCluster cluster) : IAsyncLifetime
{
    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;
    private FakePayments _payments = null!;
    private TestHost _host = null!;
    private HttpClient _client = null!;
    private Workspace _workspace = null!;
    private TestMember _owner = null!;

    public async ValueTask InitializeAsync()
    {
        _payments = await FakePayments.StartAsync();
        _host = await cluster.StartHostAsync(background: false, settings: options => options with { Billing = _payments.Options });
        _host.Services.GetRequiredService<Egress>().AllowLoopback(_payments.Address.Authority);
        _client = _host.Client();
        _workspace = await _host.OpenWorkspaceAsync();
        _owner = await _host.JoinAsync(_workspace, Access.Owner);
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _host.DisposeAsync();
        await _payments.DisposeAsync();
    }

    [Theory]
    [InlineData("stripe", "checkout.stripe.com")]
    [InlineData("paystack", "checkout.paystack.com")]
    [InlineData("paypal", "www.paypal.com")]
    public async Task What_was_paid_is_booked_once_with_a_receipt(string provider, string host)
    {
        (await BuyAsync(provider)).Host.ShouldBe(host);
        _payments.Amount.ShouldBe(1900);
        (await LeftAsync()).ShouldBe(0);

        (await SendAsync(_payments.Notice(provider, "paid", 1900, number: 7))).ShouldBe(HttpStatusCode.OK);
        (await SendAsync(_payments.Notice(provider, "paid", 1900, number: 7))).ShouldBe(HttpStatusCode.OK);
        (await SendAsync(_payments.Notice(provider, "paid", 1900))).ShouldBe(HttpStatusCode.OK);

        (await LeftAsync()).ShouldBe(100);
        (await StateAsync()).ShouldBe("paid");
        (
            await OwnerAsync<string>(
                "select number || ' ' || amount || ' ' || item || ' ' || seller || ' ' || buyer from billing.receipt where workspace_id = $1"
            )
        ).ShouldBe("1 1900 Small Example Ltd, 1 High Street Test shop");
        (await OwnerAsync<long>("select count(*) from kernel.mail where workspace_id = $1")).ShouldBe(1);
        await HoldsAsync();
    }

    [Theory]
    [InlineData("stripe")]
    [InlineData("paystack")]
    [InlineData("paypal")]
    public async Task A_notice_that_is_not_the_providers_books_nothing(string provider)
    {
        await BuyAsync(provider);
        var forged = _payments.Notice(provider, "paid", 1900);
        foreach (var header in forged.Headers.Select(h => h.Key).ToList())
        {
            forged.Headers.Remove(header);
            forged.Headers.Add(header, "t=1,v1=forged");
        }
        var unsigned = _payments.Notice(provider, "paid", 1900);
        unsigned.Headers.Clear();

        (await SendAsync(forged)).ShouldBe(HttpStatusCode.BadRequest);
        (await SendAsync(unsigned)).ShouldBe(HttpStatusCode.BadRequest);

        (await LeftAsync()).ShouldBe(0);
    }

    [Fact]
    public async Task An_old_notice_of_Stripe_is_a_replay()
    {
        await BuyAsync("stripe");
        var notice = _payments.Notice("stripe", "paid", 1900);
        var body = await notice.Content!.ReadAsByteArrayAsync(_ct);
        notice.Headers.Remove("Stripe-Signature");
        notice.Headers.Add("Stripe-Signature", FakePayments.Sign(body, DateTimeOffset.UtcNow.AddSeconds(-310)));

        (await SendAsync(notice)).ShouldBe(HttpStatusCode.BadRequest);
        (await LeftAsync()).ShouldBe(0);
    }

    [Theory]
    [InlineData("stripe", 1, "USD")]
    [InlineData("paystack", 1900, "NGN")]
    [InlineData("paypal", 1899, "USD")]
    public async Task What_was_paid_must_be_what_the_package_costs(string provider, long amount, string currency)
    {
        await BuyAsync(provider);

        (await SendAsync(_payments.Notice(provider, "paid", amount, currency))).ShouldBe(HttpStatusCode.OK);

        (await LeftAsync()).ShouldBe(0);
        (await StateAsync()).ShouldBe("mismatch");
    }

    [Fact]
    public async Task An_order_that_was_approved_at_PayPal_is_captured()
    {
        await BuyAsync("paypal");

        (await SendAsync(_payments.Notice("paypal", "approved", 1900))).ShouldBe(HttpStatusCode.OK);
        (await SendAsync(_payments.Notice("paypal", "paid", 1900))).ShouldBe(HttpStatusCode.OK);

        (await LeftAsync()).ShouldBe(100);
        await HoldsAsync();
    }

    [Theory]
    [InlineData("stripe")]
    [InlineData("paystack")]
    [InlineData("paypal")]
    public async Task Money_that_went_back_takes_its_credits_along(string provider)
    {
        await BuyAsync(provider);
        await SendAsync(_payments.Notice(provider, "paid", 1900));

        await SendAsync(_payments.Notice(provider, "refunded", 950));
        (await LeftAsync()).ShouldBe(50);
        (await StateAsync()).ShouldBe("partly_refunded");
        // Stripe tells the total, the others what went back now.
        await SendAsync(_payments.Notice(provider, "refunded", provider == "stripe" ? 1900 : 950));
        (await LeftAsync()).ShouldBe(0);
        (await StateAsync()).ShouldBe("refunded");

        (
            await OwnerAsync<string>("select string_agg(amount::text, ' ' order by number) from billing.receipt where workspace_id = $1")
        ).ShouldBe("1900 -950 -950");
        await HoldsAsync();
    }

    [Theory]
    [InlineData("stripe")]
    [InlineData("paystack")]
    [InlineData("paypal")]
    public async Task What_is_disputed_is_gone_until_the_dispute_is_won(string provider)
    {
        await BuyAsync(provider);
        await SendAsync(_payments.Notice(provider, "paid", 1900));

        (await SendAsync(_payments.Notice(provider, "disputed", 1900))).ShouldBe(HttpStatusCode.OK);
        (await LeftAsync()).ShouldBe(0);
        (await StateAsync()).ShouldBe("disputed");
        (await SendAsync(_payments.Notice(provider, "won", 1900))).ShouldBe(HttpStatusCode.OK);

        (await LeftAsync()).ShouldBe(100);
        await HoldsAsync();
    }

    [Fact]
    public async Task A_provider_that_does_not_answer_is_told_and_nothing_was_bought()
    {
        _payments.IsDown = true;

        (await Should.ThrowAsync<ConflictException>(() => BuyAsync("stripe"))).Message.ShouldContain("Nothing was paid");

        (await StateAsync()).ShouldBe("expired");
    }

    [Fact]
    public async Task Neither_package_nor_way_to_pay_can_be_made_up()
    {
        var begin = _host.Services.GetRequiredService<BeginPurchase>();
        await Should.ThrowAsync<NotFoundException>(() => begin.RunAsync(_workspace.Id, _owner.Member.Id, "huge", "stripe", _ct));
        await Should.ThrowAsync<NotFoundException>(() => begin.RunAsync(_workspace.Id, _owner.Member.Id, "small", "cash", _ct));
        (await _client.PostAsync("/api/billing/webhooks/cash", new StringContent("{}"), _ct)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_notice_of_a_purchase_that_is_another_providers_or_nobodys_does_nothing()
    {
        await BuyAsync("stripe");

        (await SendAsync(_payments.Notice("paystack", "paid", 1900))).ShouldBe(HttpStatusCode.OK);

        (await LeftAsync()).ShouldBe(0);
    }

    [Fact]
    public async Task The_book_is_downloaded_by_admins()
    {
        await BuyAsync("stripe");
        await SendAsync(_payments.Notice("stripe", "paid", 1900));

        var csv = await _owner.Client.GetStringAsync("/credits/bookings.csv", _ct);

        csv.Split('\n')[0].ShouldBe("number,at,kind,subject,account,credits,balance");
        csv.ShouldContain(",available,100,100");
        using var agent = await _host.SignInAsync(_workspace, Access.Agent);
        (await agent.GetAsync("/credits/bookings.csv", _ct)).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
    }

    private Task<Uri> BuyAsync(string provider) =>
        _host.Services.GetRequiredService<BeginPurchase>().RunAsync(_workspace.Id, _owner.Member.Id, "small", provider, _ct);

    private async Task<HttpStatusCode> SendAsync(HttpRequestMessage notice)
    {
        using var answer = await _client.SendAsync(notice, _ct);
        return answer.StatusCode;
    }

    private Task<int?> LeftAsync() => _host.Services.GetRequiredService<TurnCredits>().LeftAsync(_workspace.Id, _ct);

    private Task<string?> StateAsync() => OwnerAsync<string>("select state from billing.purchase where workspace_id = $1");

    private Task<T?> OwnerAsync<T>(string sql) => _host.AsOwnerAsync<T>(sql, _workspace.Id);

    private async Task HoldsAsync()
    {
        var run = new ProbeRun(_workspace.Id, null!, _host.Door, _host.Services, DateTimeOffset.UtcNow);
        var finding = await new CreditLedger().ProbeAsync(run, null!, _ct);
        finding.Verdict.ShouldBe(Verdict.Holds, finding.Says);
    }
}
