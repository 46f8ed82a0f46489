using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Shouldly;
using Tenet.Kernel.Policies;
using Xunit;

namespace Tenet.Tests.Kernel.Policies;

public sealed class PolicyReaderTests
{
    private const string Head = """
        policy: shop
        version: 2026.1
        effective: 2026-12-01
        notice: 30 days
        promises:

        """;

    private static readonly PolicyReader Reader = new([new Kept(), new Said()]);

    [Fact]
    public void Reads_promises_with_their_claims()
    {
        var policy = Read(
            Head
                + """
                  - id: shop.1
                    says: Letters are kept for 90 days.
                    claim: kept
                    of: letters
                    keep: 90 days
                  - id: shop.2
                    says: Two things.
                    claims:
                      - claim: said
                        what: one
                      - claim: said
                        what: two
                  - id: shop.3
                    says: Later.
                    awaits: calls
                """
        );

        policy.Name.ShouldBe("shop");
        policy.Notice.ShouldBe(Period.Parse("30 days"));
        policy.Promises.Select(promise => promise.Id).ShouldBe(["shop.1", "shop.2", "shop.3"]);
        policy.Promises[0].Claims.ShouldHaveSingleItem().Period("keep").ShouldBe(new Period(0, TimeSpan.FromDays(90)));
        policy.Promises[1].Claims.Select(claim => claim.Text("what")).ShouldBe(["one", "two"]);
        policy.Promises[1].Strength.ShouldBe(Strength.Attestation);
        policy.Promises[2].Awaits.ShouldBe("calls");
    }

    [Theory]
    [InlineData(
        "- id: shop.1\n  says: x\n  claim: kept\n  of: letters\n  keep: 90 day",
        "shop.yaml:10: shop.1: “keep” must be a length of time"
    )]
    [InlineData(
        "- id: shop.1\n  says: x\n  claim: kept\n  of: stones\n  keep: 1 day",
        "shop.yaml:9: shop.1: “of” must be one of letters, mails"
    )]
    [InlineData("- id: shop.1\n  says: x\n  claim: kept\n  of: letters", "shop.1: “keep” is missing")]
    [InlineData(
        "- id: shop.1\n  says: x\n  claim: kept\n  of: letters\n  keep: 1 day\n  colour: red",
        "“colour” is not known here. Allowed: id"
    )]
    [InlineData("- id: shop.1\n  says: x\n  claim: magic", "shop.yaml:8: shop.1: “magic” is not a kind of claim. Known: kept, said.")]
    [InlineData("- id: shop.1\n  says: x", "has a “claim”, or says with “awaits”")]
    [InlineData("- id: shop.1\n  claim: said\n  what: x", "“says” must be")]
    [InlineData("- id: Shop 1\n  says: x", "A promise begins with its id")]
    [InlineData(
        "- id: shop.1\n  says: x\n  awaits: y\n- id: shop.1\n  says: x\n  awaits: y",
        "shop.yaml:9: shop.1: This id stands twice; first in line 6."
    )]
    [InlineData("- id: shop.1\n  says: x\n  says: y", "“says” stands here twice")]
    [InlineData("- id: shop.1\n  says: &a x\n  awaits: *a", "Anchors and aliases")]
    [InlineData("- id: shop.1\n  says: !!python/object x", "Tags are not part")]
    [InlineData("- id: shop.1\n  says: [x", "not valid YAML")]
    [InlineData("- id: shop.1\n  says: [[[[[[[[[[x]]]]]]]]]]", "Nested deeper")]
    [InlineData("- id: shop.1\n  says: x\n  strength: strong\n  awaits: y", "“strength” must be one of guarantee")]
    [InlineData(
        "- id: shop.1\n  says: x\n  claim: kept\n  of: letters\n  keep: 1 day\n- id: shop.2\n  says: x\n  claim: kept\n  of: letters\n  keep: 2 days",
        "shop.2: This contradicts shop.1 (line 6) about letters"
    )]
    public void Says_precisely_what_is_wrong(string promises, string expected) => Fault(Head + promises).ShouldContain(expected);

    [Theory]
    [InlineData("", "The file is empty")]
    [InlineData("policy: shop", "“version” must be a version")]
    [InlineData("- a\n- b", "A policy is a mapping")]
    [InlineData("policy: shop\nversion: 1\neffective: 2026-02-30\nnotice: 1 day\npromises: []", "“effective” must be a date")]
    [InlineData("policy: shop\nversion: 1\neffective: 2026-02-20\nnotice: soon\npromises: []", "“notice” must be a length of time")]
    [InlineData("policy: shop\nversion: 1\neffective: 2026-02-20\nnotice: 1 day\npromises: many", "“promises” is a list")]
    [InlineData("policy: shop\n---\npolicy: other", "several documents")]
    public void Says_what_is_wrong_with_the_file(string text, string expected) => Fault(text).ShouldContain(expected);

    [Fact]
    public void Refuses_bytes_that_are_not_text() => Fault([.. "policy: sh"u8, 0xff, 0xfe]).ShouldContain("Byte 11 is not valid UTF-8");

    [Fact]
    public void Refuses_a_hundred_thousand_promises()
    {
        var text = new StringBuilder(Head);
        for (var n = 1; n <= 100_000; n++)
        {
            text.Append($"- {{id: a.{n}}}\n");
        }
        Fault(text.ToString()).ShouldMatch("at most 1.000 promises|may have 1.000.000 bytes");
    }

    [Fact]
    public void Refuses_a_file_beyond_its_size() => Fault(Head + "# " + new string('x', 1_000_000)).ShouldContain("1,000,000 bytes");

    [Fact]
    public void Extends_another_and_changes_one_value()
    {
        const string parent =
            Head
            + "- id: shop.1\n  says: Letters.\n  claim: kept\n  of: letters\n  keep: 90 days\n- id: shop.2\n  says: Mails.\n  claim: kept\n  of: mails\n  keep: 1 year";
        const string child =
            "policy: mine\nversion: 1\neffective: 2026-12-01\nnotice: 1 day\nextends: shop\npromises:\n- id: shop.1\n  keep: 30 days\n- id: mine.1\n  says: Mails go sooner.\n  claim: kept\n  of: mails\n  keep: 2 days";

        var policy = Reader.Read(
            "mine.yaml",
            Encoding.UTF8.GetBytes(child),
            name => name == "shop" ? Encoding.UTF8.GetBytes(parent) : null
        );

        policy.Promises.Select(promise => promise.Id).ShouldBe(["shop.1", "mine.1"]);
        policy.Promises[0].Says.ShouldBe("Letters.");
        policy.Promises[0].Claims[0].Period("keep").ToString().ShouldBe("30 days");
        policy.Promises[1].Claims[0].Period("keep").ToString().ShouldBe("2 days");
    }

    [Fact]
    public void Refuses_policies_that_extend_each_other_in_a_circle()
    {
        static byte[] File(string name, string parent) =>
            Encoding.UTF8.GetBytes($"policy: {name}\nversion: 1\neffective: 2026-12-01\nnotice: 1 day\nextends: {parent}\npromises: []");

        Should
            .Throw<PolicyFileException>(() => Reader.Read("a.yaml", File("a", "b"), name => File(name, name == "b" ? "c" : "b")))
            .Message.ShouldContain("in a circle");
        Should
            .Throw<PolicyFileException>(() => Reader.Read("a.yaml", File("a", "b"), _ => null))
            .Message.ShouldContain("There is no policy b");
    }

    [Fact]
    public void Survives_any_text() =>
        Prop.ForAll<NonNull<string>>(text =>
            {
                foreach (var candidate in (string[])[text.Get, Head + text.Get, Head + "- id: a.1\n  " + text.Get])
                {
                    try
                    {
                        Read(candidate);
                    }
                    catch (PolicyFileException e)
                    {
                        e.Faults.ShouldNotBeEmpty();
                    }
                }
            })
            .QuickCheckThrowOnFailure();

    [Fact]
    public void Periods_are_written_as_they_are_read() =>
        Prop.ForAll(
                Gen.Elements("second", "minute", "hour", "day", "month", "year")
                    .SelectMany(unit => Gen.Choose(1, 100).Select(n => (n, unit)))
                    .ToArbitrary(),
                pair =>
                {
                    var period = Period.Parse($"{pair.n} {pair.unit}{(pair.n == 1 ? "" : "s")}");
                    Period.Parse(period.ToString()).ShouldBe(period);
                }
            )
            .QuickCheckThrowOnFailure();

    private static Policy Read(string text) => Reader.Read("shop.yaml", Encoding.UTF8.GetBytes(text), _ => null);

    private static string Fault(string text) => Fault(Encoding.UTF8.GetBytes(text));

    private static string Fault(byte[] bytes) =>
        Should.Throw<PolicyFileException>(() => Reader.Read("shop.yaml", bytes, _ => null)).Message;

    private sealed class Kept() : ClaimKind("kept", "Kept.", ClaimParameter.Choice("of", "letters", "mails"), ClaimParameter.Period("keep"))
    {
        public override string Limits => "";

        public override string Key(Claim claim) => claim.Text("of");

        public override Task<Finding> ProbeAsync(ProbeRun run, Claim claim, CancellationToken ct) => throw new NotSupportedException();
    }

    private sealed class Said() : ClaimKind("said", "Said.", ClaimParameter.Text("what"))
    {
        public override Strength Strength => Strength.Attestation;

        public override string Limits => "";

        public override Task<Finding> ProbeAsync(ProbeRun run, Claim claim, CancellationToken ct) => throw new NotSupportedException();
    }
}
