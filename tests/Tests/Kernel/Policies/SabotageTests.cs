using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Tenet.Kernel.Policies;
using Tenet.Tests.Guards;
using Xunit;

namespace Tenet.Tests.Kernel.Policies;

/// <summary>Each property is broken behind the code's back, in a database of its own, and the right promise must say so in one look.</summary>
[Collection("Roles")]
[Trait("Category", "Sabotage")]
public sealed class SabotageTests(SabotagedHost sabotaged) : IClassFixture<SabotagedHost>
{
    private const int Least = 50;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Nothing_is_broken_before_anything_was_done()
    {
        foreach (var policy in await PublishedAsync())
        {
            var reports = await Prober.LookAsync(sabotaged.Workspace.Id, policy, Ct);

            reports.Where(report => report.State == PromiseState.Broken).Select(Told).ShouldBeEmpty(policy.Name);
        }
    }

    public static TheoryData<string> Names => new(Sabotages.All.Select(sabotage => sabotage.ToString()));

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_broken_property_breaks_its_promise(string name)
    {
        var sabotage = Sabotages.All.Single(known => known.ToString() == name);
        (await StateAsync(sabotage)).ShouldNotBe(PromiseState.Broken);

        await sabotage.BreakAsync(sabotaged);
        try
        {
            (await StateAsync(sabotage)).ShouldBe(PromiseState.Broken);
        }
        finally
        {
            await sabotage.MendAsync(sabotaged);
        }
        (await StateAsync(sabotage)).ShouldNotBe(PromiseState.Broken);
    }

    [Fact]
    public void The_list_of_sabotages_is_the_one_that_is_run()
    {
        Sabotages.All.Count.ShouldBeGreaterThanOrEqualTo(Least);
        var path = Path.Combine(Repository.Root, "docs", "sabotage.md");
        var rows = string.Join(
            '\n',
            Sabotages.All.Select((sabotage, n) => $"| {n + 1} | {sabotage.Promise} | `{sabotage.Kind}` | {sabotage.Does} |")
        );
        if (Environment.GetEnvironmentVariable("TENET_RENEW") == "sabotage")
        {
            var kept = File.ReadAllText(path);
            File.WriteAllText(path, kept[..(kept.IndexOf("|---", StringComparison.Ordinal) + "|---|---|---|---|\n".Length)] + rows + "\n");
        }
        File.ReadAllText(path).ShouldContain(rows, Case.Sensitive, "Renew it: TENET_RENEW=sabotage ./test -class '*SabotageTests'");
        File.ReadAllText(path).Split('\n').Count(line => line.StartsWith("| ", StringComparison.Ordinal)).ShouldBe(Sabotages.All.Count + 1);
        TestContext.Current.SendDiagnosticMessage($"{Sabotages.All.Count} sabotages, each caught by the promise it breaks");
    }

    [Fact]
    public async Task Every_kind_that_a_machine_can_prove_is_sabotaged()
    {
        var claimed = (await PublishedAsync())
            .SelectMany(policy => policy.Claims)
            .Select(found => found.Claim.Kind.Name)
            .ToHashSet(StringComparer.Ordinal);

        claimed
            .Except(Sabotages.All.Select(sabotage => sabotage.Kind), StringComparer.Ordinal)
            .Order(StringComparer.Ordinal)
            .ShouldBe(NotHere);
    }

    // A person's word lapses (below); the others are of the policy's own text and have tests of their own.
    private static readonly string[] NotHere = ["attested", "change_notice", "legal_basis", "subprocessors"];

    [Fact]
    public async Task An_attestation_counts_until_it_lapses()
    {
        async Task<PromiseState> LookAsync() => await StateAsync("crm.17");
        (await LookAsync()).ShouldBe(PromiseState.Unknown);
        const string give =
            "insert into kernel.attestation (workspace_id, id, what, evidence, given_by, given_at) values ('{0}', gen_random_uuid(), 'The list of engineers with production access and their need was reviewed.', 'minutes', '{0}', now() - interval '";

        await sabotaged.AsOwnerAsync(give + "7 months')");
        (await LookAsync()).ShouldBe(PromiseState.Lapsed);

        await sabotaged.AsOwnerAsync(give + "1 month')");
        (await LookAsync()).ShouldBe(PromiseState.Holds);
    }

    private Prober Prober => sabotaged.Host.Services.GetRequiredService<Prober>();

    private ValueTask<IReadOnlyList<Policy>> PublishedAsync() =>
        sabotaged.Host.Services.GetRequiredService<PolicyBook>().PublishedAsync(Ct);

    private static string Told(PromiseReport report) =>
        report.Promise.Id + ": " + string.Join(" ", report.Claims.Select(claim => claim.Finding?.Says));

    private Task<PromiseState> StateAsync(Sabotage sabotage) => StateAsync(sabotage.Promise);

    // Only what the promise claims is looked at; beside it stand the lawful bases, which are one list over all promises of a policy.
    private async Task<PromiseState> StateAsync(string id)
    {
        var policy = (await PublishedAsync()).First(policy => policy.Promises.Any(known => known.Id == id));
        var reports = await Prober.LookAsync(
            sabotaged.Workspace.Id,
            policy with
            {
                Promises =
                [
                    .. policy.Promises.Where(known =>
                        known.Id == id || (known.Claims.Count > 0 && known.Claims.All(claim => claim.Kind.Name == "legal_basis"))
                    ),
                ],
            },
            Ct
        );
        return reports.Single(report => report.Promise.Id == id).State;
    }
}
