using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Shouldly;
using Tenet.Privacy.Alerts;
using Xunit;

namespace Tenet.Tests.Privacy;

public sealed class WebhookSecretTests
{
    /// <summary>The example of the Standard Webhooks libraries.</summary>
    [Fact]
    public void A_message_is_signed_as_the_standard_says() =>
        WebhookSecret
            .Parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")!
            .Sign("msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, Encoding.UTF8.GetBytes("{\"test\": 2432232314}"))
            .ShouldBe("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");

    [Fact]
    public void A_new_secret_is_one() => WebhookSecret.Parse(WebhookSecret.New()).ShouldNotBeNull();

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")]
    [InlineData("whsec_c2hvcnQ=")]
    [InlineData("whsec_not base64 at all, and long enough to be")]
    public void Other_texts_are_none(string? text) => WebhookSecret.Parse(text).ShouldBeNull();

    [Fact]
    public void Any_text_is_read_without_a_fault() =>
        Prop.ForAll<string?>(text => WebhookSecret.Parse("whsec_" + text) is null || text is { Length: >= 32 }).QuickCheckThrowOnFailure();
}
