using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Shouldly;
using Tenet.Kernel;
using Xunit;

namespace Tenet.Tests.Kernel;

public sealed class UnicodeTextTests
{
    [Fact]
    public void What_is_no_character_is_replaced_and_the_rest_normalized()
    {
        // Not a theory: half a pair does not survive in an attribute.
        "a\ufffeb".NormalizedTo(NormalizationForm.FormC).ShouldBe("a\ufffdb");
        "a\ud800b".NormalizedTo(NormalizationForm.FormC).ShouldBe("a\ufffdb");
        "\udc00".NormalizedTo(NormalizationForm.FormC).ShouldBe("\ufffd");
        "👍 e\u0301".NormalizedTo(NormalizationForm.FormC).ShouldBe("👍 é");
    }

    [Fact]
    public void No_text_is_refused() =>
        Prop.ForAll<char[]>(text => new string(text ?? []).NormalizedTo(NormalizationForm.FormD).IsNormalized(NormalizationForm.FormD))
            .QuickCheckThrowOnFailure();
}
