using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Tenet.Accounts;
using Tenet.Accounts.Factors;
using Tenet.Kernel;
using Tenet.Tests.Support;

namespace Tenet.Tests.Accounts.Factors;

/// <summary>A member with an authenticator app: knows the secret and reads the clock of the host.</summary>
internal sealed class AppUser(TestHost host, TestMember member, byte[] secret, IReadOnlyList<string> recoveryCodes)
{
    private readonly TimeProvider _time = host.Services.GetRequiredService<TimeProvider>();

    public TestMember Member => member;
    public IReadOnlyList<string> RecoveryCodes => recoveryCodes;

    public string Code(int steps = 0) => Totp.CodeAt(secret, Totp.StepAt(_time.GetUtcNow()) + steps);

    public static string CodeOf(TestHost host, byte[] secret, int steps) => new AppUser(host, null!, secret, []).Code(steps);

    /// <summary>Sets the app up by a code of the step before this one, so that this one's is unused.</summary>
    public static async Task<AppUser> SetUpAsync(TestHost host, TestMember member, CancellationToken ct)
    {
        var factors = host.Services.GetRequiredService<SecondFactors>();
        var begun = await factors.BeginAppAsync(member.Member.LoginId, ct);
        var secret = Secret(begun.Text);
        var user = new AppUser(host, member, secret, []);
        IReadOnlyList<string> codes = [];
        var result = await host
            .Services.GetRequiredService<FactorCheck>()
            .ConfirmAsync(
                member.Member.LoginId,
                user.Code(-1),
                async s => codes = await Tenet.Accounts.Factors.RecoveryCodes.IssueAsync(s, member.Member.LoginId, ct),
                ct
            );
        result.ShouldBe(FactorResult.Accepted);
        return new AppUser(host, member, secret, codes);
    }

    /// <summary>Goes through the link and stands before the second factor.</summary>
    public async Task<Browser> ArriveAsync(CancellationToken ct)
    {
        var browser = new Browser(host, ct);
        var link = await host.Services.GetRequiredService<SignInLinks>().CreateForOperatorAsync(member.Member.Email, ct);
        (await browser.RedeemAsync(link.Segments[^1])).ShouldBe("/sign-in/second-factor");
        return browser;
    }

    /// <summary>The bytes behind base 32.</summary>
    public static byte[] Secret(string text)
    {
        var bits = string.Concat(
            text.Where(c => c != ' ')
                .Select(c => Convert.ToString("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".IndexOf(c, StringComparison.Ordinal), 2).PadLeft(5, '0'))
        );
        return [.. bits.Chunk(8).Where(chunk => chunk.Length == 8).Select(chunk => Convert.ToByte(new string(chunk), 2))];
    }
}

internal static class FactorForms
{
    /// <returns>Where the browser is sent.</returns>
    public static async Task<string> TypeCodeAsync(this Browser browser, string code, string returnUrl = "")
    {
        using var typed = await browser.PostAsync("/sign-in/second-factor/codes", ("code", code), ("returnUrl", returnUrl));
        ((int)typed.StatusCode).ShouldBe(303);
        return typed.Headers.Location!.ToString();
    }
}
