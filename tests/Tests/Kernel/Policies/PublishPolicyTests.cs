using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Tenet.Kernel.Http;
using Tenet.Kernel.Policies;
using Tenet.Tests.Support;
using Xunit;

namespace Tenet.Tests.Kernel.Policies;

public sealed class PublishPolicyTests(TestCluster cluster)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;
    private PublishPolicy Publish => cluster.Host.Services.GetRequiredService<PublishPolicy>();
    private PolicyBook Book => cluster.Host.Services.GetRequiredService<PolicyBook>();
    private static DateOnly Today => DateOnly.FromDateTime(DateTime.UtcNow);

    [Fact]
    public async Task The_first_version_takes_effect_on_its_date()
    {
        (await PublishAsync("1", Kept("30 days"))).Policy.Effective.ShouldBe(new DateOnly(2026, 1, 1));

        (await Book.VersionsAsync(Name, Ct)).ShouldHaveSingleItem().Replaces.ShouldBeNull();
    }

    [Fact]
    public async Task A_material_change_takes_effect_after_its_notice_and_not_earlier()
    {
        await PublishAsync("1", Kept("30 days"));

        var refusal = await Should.ThrowAsync<RuleException>(() => PublishAsync("2", Kept("60 days")));
        refusal.Errors["effective"].ShouldHaveSingleItem().ShouldContain(Today.AddDays(31).ToString("yyyy-MM-dd", null));
        await Should.ThrowAsync<RuleException>(() => PublishAsync("2", Kept("60 days"), Today.AddDays(30)));
        var published = await PublishAsync("2", Kept("60 days"), Today.AddDays(31));

        published.IsMaterial.ShouldBeTrue();
        published.Replaces.ShouldBe("1");
        (await Book.UpcomingAsync(Name, Ct))!.Policy.Version.ShouldBe("2");
        (await Book.PublishedAsync(Ct)).Where(policy => policy.Name == Name).ShouldHaveSingleItem().Version.ShouldBe("1");
    }

    [Fact]
    public async Task A_shorter_retention_takes_effect_at_once()
    {
        await PublishAsync("1", Kept("30 days"));

        var published = await PublishAsync("2", Kept("7 days"));

        published.IsMaterial.ShouldBeFalse();
        published.Policy.Effective.ShouldBe(Today);
        (await Book.PublishedAsync(Ct)).First(policy => policy.Name == Name).Version.ShouldBe("2");
    }

    [Fact]
    public async Task While_a_version_is_announced_no_other_is_published()
    {
        await PublishAsync("1", Kept("30 days"));
        await PublishAsync("2", Kept("60 days"), Today.AddDays(40));

        (await Should.ThrowAsync<RuleException>(() => PublishAsync("3", Kept("7 days")))).Errors.Keys.ShouldBe(["version"]);
    }

    [Fact]
    public async Task A_published_text_stays_as_it_was()
    {
        await PublishAsync("1", Kept("30 days"));
        await PublishAsync("1", Kept("30 days"));

        (await Should.ThrowAsync<RuleException>(() => PublishAsync("1", Kept("31 days")))).Errors.Keys.ShouldBe(["version"]);
    }

    [Theory]
    [InlineData("says: Events end.\n    claim: isolation", false)]
    [InlineData("says: Events end.\n    claims:\n      - claim: isolation\n      - claim: envelope_encryption", false)]
    [InlineData("says: Events end soon.\n    claim: isolation", true)]
    [InlineData("says: Events end.\n    claim: isolation\n    awaits: the moon", true)]
    [InlineData("says: Events end.\n    claim: isolation\n    strength: procedure", true)]
    [InlineData("says: Events end.\n    claim: envelope_encryption", true)]
    [InlineData("says: Events end.\n    awaits: the moon", true)]
    public void What_takes_something_back_is_material(string becomes, bool material) =>
        PolicyChange.Between(Read("says: Events end.\n    claim: isolation"), Read(becomes)).IsMaterial.ShouldBe(material);

    [Fact]
    public void A_part_that_was_awaited_and_is_built_needs_no_notice() =>
        PolicyChange
            .Between(Read("says: Events end.\n    awaits: the moon"), Read("says: Events end.\n    claim: isolation"))
            .IsMaterial.ShouldBeFalse();

    private Policy Read(string promise) => Book.Read([("p.yaml", Text("1", "    " + promise + "\n"))]);

    // A policy's name has letters only.
    private string Name { get; } =
        "p"
        + string.Concat(Guid.CreateVersion7().ToString("N")[^12..].Select(digit => (char)('a' + Convert.ToInt32(digit.ToString(), 16))));

    private static string Kept(string period) => $"    claim: retention\n    of: kernel.events\n    keep: {period}\n";

    private Task<PublishedVersion> PublishAsync(string version, string claim, DateOnly? effective = null) =>
        Publish.RunAsync([("p.yaml", Text(version, "    says: Events end.\n" + claim))], effective, Ct);

    private byte[] Text(string version, string promise) =>
        Encoding.UTF8.GetBytes(
            $"policy: {Name}\nversion: {version}\neffective: 2026-01-01\nnotice: 30 days\npromises:\n  - id: p.1\n{promise}"
        );
}
