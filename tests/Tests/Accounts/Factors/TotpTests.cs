using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Shouldly;
using Tenet.Accounts.Factors;
using Xunit;

namespace Tenet.Tests.Accounts.Factors;

public sealed class TotpTests
{
    private static readonly byte[] Rfc = Encoding.ASCII.GetBytes("12345678901234567890");

    /// <summary>The vectors of RFC 6238, appendix B, for SHA-1; of their eight digits the last six.</summary>
    [Theory]
    [InlineData(59, "287082")]
    [InlineData(1111111109, "081804")]
    [InlineData(1111111111, "050471")]
    [InlineData(1234567890, "005924")]
    [InlineData(2000000000, "279037")]
    [InlineData(20000000000, "353130")]
    public void Codes_are_those_of_the_standard(long seconds, string code) =>
        Totp.CodeAt(Rfc, Totp.StepAt(DateTimeOffset.FromUnixTimeSeconds(seconds))).ShouldBe(code);

    [Theory]
    [InlineData(-2, false)]
    [InlineData(-1, true)]
    [InlineData(0, true)]
    [InlineData(1, true)]
    [InlineData(2, false)]
    public void A_clock_may_be_wrong_by_one_step(int steps, bool good)
    {
        var now = DateTimeOffset.FromUnixTimeSeconds(1_700_000_000);
        var step = Totp.StepAt(now) + steps;

        Totp.Match(Rfc, Totp.CodeAt(Rfc, step), now, after: 0).ShouldBe(good ? step : null);
    }

    [Fact]
    public void A_step_that_was_used_and_those_before_it_do_not_count_again()
    {
        var now = DateTimeOffset.FromUnixTimeSeconds(1_700_000_000);
        var step = Totp.StepAt(now);

        Totp.Match(Rfc, Totp.CodeAt(Rfc, step), now, after: step).ShouldBeNull();
        Totp.Match(Rfc, Totp.CodeAt(Rfc, step - 1), now, after: step).ShouldBeNull();
        Totp.Match(Rfc, Totp.CodeAt(Rfc, step + 1), now, after: step).ShouldBe(step + 1);
    }

    [Fact]
    public void No_other_text_is_a_code() =>
        Prop.ForAll<string?>(text =>
            {
                var now = DateTimeOffset.FromUnixTimeSeconds(1_700_000_000);
                var step = Totp.StepAt(now);
                string[] good = [Totp.CodeAt(Rfc, step - 1), Totp.CodeAt(Rfc, step), Totp.CodeAt(Rfc, step + 1)];
                return good.Contains(text) || Totp.Match(Rfc, text ?? "", now, 0) is null;
            })
            .QuickCheckThrowOnFailure();

    [Theory]
    [InlineData("", "")]
    [InlineData("f", "MY")]
    [InlineData("fo", "MZXQ")]
    [InlineData("foo", "MZXW6")]
    [InlineData("foob", "MZXW6YQ")]
    [InlineData("fooba", "MZXW6YTB")]
    [InlineData("foobar", "MZXW6YTBOI")]
    public void Base_32_is_that_of_the_standard(string text, string encoded) =>
        Base32.Encode(Encoding.ASCII.GetBytes(text)).ShouldBe(encoded);

    [Fact]
    public void The_picture_says_what_apps_read()
    {
        var address = Totp.Address(Rfc, "robin+x@example.org");

        address.ShouldBe(
            "otpauth://totp/Tenet:robin%2Bx%40example.org?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Tenet&algorithm=SHA1&digits=6&period=30"
        );
        var picture = QrCode.Of(address);
        picture.Size.ShouldBeGreaterThan(30);
        picture.Path.ShouldMatch("^(M[0-9]+ [0-9]+h1v1h-1z)+$");
    }
}
