using System.Text;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using Shouldly;
using Tenet.Billing.Payments;
using Tenet.Tests.Guards;
using Xunit;

namespace Tenet.Tests.Billing;

public sealed class StripeSignatureTests
{
    public static TheoryData<string> Vectors => [.. All().Select(vector => vector["name"]!.GetValue<string>())];

    [Theory]
    [MemberData(nameof(Vectors))]
    public void Signatures_are_judged_as_Stripes_own_library_does(string name)
    {
        var vector = All().Single(v => v["name"]!.GetValue<string>() == name);
        var inputs = vector["inputs"]!;

        StripeSignature
            .Verify(
                vector["signature"]!.GetValue<string>(),
                Encoding.UTF8.GetBytes(inputs["body"]!.GetValue<string>()),
                inputs["secret"]!.GetValue<string>(),
                DateTimeOffset.FromUnixTimeSeconds(inputs["now"]!.GetValue<long>())
            )
            .ShouldBe(vector["valid"]!.GetValue<bool>());
    }

    [Fact]
    public void No_header_is_believed_by_chance_and_none_makes_it_fail() =>
        Prop.ForAll<string, byte[]>((header, body) => !StripeSignature.Verify(header, body ?? [], "secret", DateTimeOffset.UnixEpoch))
            .QuickCheckThrowOnFailure();

    [Fact]
    public void Amounts_are_written_and_read_with_the_places_of_their_currency()
    {
        MinorUnits.Write(1900, "EUR").ShouldBe("19.00");
        MinorUnits.Write(1900, "JPY").ShouldBe("1900");
        MinorUnits.Write(1900, "KWD").ShouldBe("1.900");
        MinorUnits.Read("19.005", "EUR").ShouldBeNull();
        Prop.ForAll(
                Gen.Choose(0, int.MaxValue).ToArbitrary(),
                Gen.Elements("EUR", "JPY", "KWD").ToArbitrary(),
                (amount, currency) => MinorUnits.Read(MinorUnits.Write(amount, currency), currency) == amount
            )
            .QuickCheckThrowOnFailure();
    }

    [Fact]
    public void An_order_is_known_again_and_nothing_else_is_taken_for_one()
    {
        var (workspace, purchase) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        OrderKey.Read(OrderKey.Write(workspace, purchase)).ShouldBe((workspace, purchase));
        Prop.ForAll<string>(text => OrderKey.Read(text) is null).QuickCheckThrowOnFailure();
    }

    private static IEnumerable<JsonNode> All() =>
        JsonNode.Parse(File.ReadAllText(Path.Combine(Repository.Root, "tests/fixtures/payments/stripe-signatures.json")))![
            "vectors"
        ]!.AsArray()!;
}
