using Shouldly;
using Tenet.Assistant;
using Tenet.Knowledge;
using Xunit;

namespace Tenet.Tests.Assistant;

public sealed class ExcerptWriterTests
{
    private static readonly Passage[] Shop =
    [
        Page(
            "Shipping",
            "Shipping › Delivery times",
            """
            We ship from Rotterdam every working day. Orders placed before 2 pm leave the same day.

            Delivery takes 1 to 2 working days in the Netherlands and Belgium, and 3 to 5 working days in the rest of the EU. It may take longer in December.
            """
        ),
        Page(
            "Shipping",
            "Shipping › Costs",
            "Shipping costs 4.95 € in the EU. Orders above 60 € ship free. We do not ship to addresses outside the EU."
        ),
        Page(
            "Returns and exchanges",
            "Returns › Sending an item back",
            """
            You can return any item within 30 days, as long as it is unused. To send something back:

            1. Print the label from your account.
            2. Put the label on the parcel.
            3. Bring it to any post office.

            We refund you within 5 days after the parcel has arrived.
            """
        ),
        Page(
            "Returns and exchanges",
            "Returns › Exchanging an item",
            "Order the size you want and send the other one back. This way you do not wait for us to restock."
        ),
        Page(
            "Frequently asked questions",
            "Which payment methods do you accept?",
            """
            You can pay with:

            - Credit card (Visa, Mastercard)
            - iDEAL
            - PayPal
            - Bank transfer
            """
        ),
        Page("Contact", "Opening hours", "Our shop at Markt 3 is open Monday to Saturday from 9:00 to 18:00. On Sundays we are closed."),
    ];

    [Theory]
    [InlineData("How long does delivery to Belgium take?", "Delivery takes 1 to 2 working days in the Netherlands and Belgium")]
    [InlineData("how much is shipping", "Shipping costs 4.95 € in the EU.")]
    [InlineData("Can I return something that is unused?", "You can return any item within 30 days")]
    [InlineData("When do I get my refund?", "We refund you within 5 days")]
    [InlineData("opening hours on sunday", "On Sundays we are closed.")]
    [InlineData(
        "Which payment methods do you accept?",
        "You can pay with:\n\n- Credit card (Visa, Mastercard)\n- iDEAL\n- PayPal\n- Bank transfer ["
    )]
    [InlineData("Do you take PayPal payments?", "- PayPal")]
    [InlineData("how do i exchange an item for another size", "Order the size you want and send the other one back.")]
    [InlineData("How do I send a parcel back?", "1. Print the label from your account.\n2. Put the label on the parcel.")]
    public void Direct_answer_leads(string question, string answer)
    {
        var text = ExcerptWriter.Write(question, "en", Shop).ShouldNotBeNull().Text;
        text.ShouldContain(answer);
        text.ShouldMatch(@"\[\d\]");
        text.ShouldNotContain("›");
        text.Length.ShouldBeLessThan(900);
    }

    [Theory]
    [InlineData("What is the capital of Mongolia?")]
    [InlineData("Who won the world cup in 1998?")]
    [InlineData("Do you sell cars?")]
    [InlineData("Who is your CEO?")]
    [InlineData("Write me a poem about the sea")]
    [InlineData("asdf qwer")]
    [InlineData("???")]
    public void What_the_pages_do_not_say_is_not_answered(string question) => ExcerptWriter.Write(question, "en", Shop).ShouldBeNull();

    [Fact]
    public void Sentence_that_leans_on_the_one_before_brings_it_along()
    {
        var passage = Page(
            "Gift cards",
            "Gift cards",
            "A gift card is valid for 3 years. It cannot be exchanged for cash money. Ask us when you lost yours."
        );
        ExcerptWriter
            .Write("Can a gift card be exchanged for cash?", "en", [passage])!
            .Text.ShouldStartWith("A gift card is valid for 3 years. It cannot");
    }

    [Fact]
    public void Row_of_a_table_is_told_with_its_columns()
    {
        var passage = Page(
            "Shipping",
            "Shipping › Countries, prices and times",
            """
            Orders placed before 14:00 leave the same day.
            Country | Standard | Time
            Germany | € 4.90 | 1–3 working days
            Spain, Portugal | € 9.90 | 4–6 working days
            We do not ship to other countries yet.
            """
        );
        ExcerptWriter
            .Write("How much is shipping to Spain?", "en", [passage])!
            .Text.ShouldContain("Spain, Portugal: Standard € 9.90; Time 4–6 working days");
        var text = ExcerptWriter.Write("How long does delivery take?", "en", [passage])!.Text;
        text.ShouldStartWith("Orders placed before 14:00 leave the same day.");
        text.ShouldContain("- Germany: Standard € 4.90; Time 1–3 working days");
    }

    [Fact]
    public void Other_words_for_the_same_thing_are_found()
    {
        var passage = Page("Payment", "Payment › Ways to pay", "You can pay by card, PayPal or bank transfer.");
        ExcerptWriter.Write("What payments do you accept?", "en", [passage])!.Text.ShouldContain("You can pay by card");
    }

    [Fact]
    public void Footnotes_and_brackets_of_a_page_never_look_like_citations()
    {
        var passage = Page("Tea", "Tea › Brewing", "Green tea brews at 80 °C [3] for two minutes [citation needed][^2].");
        ExcerptWriter
            .Write("How long does green tea brew?", "en", [passage])!
            .Text.ShouldBe("Green tea brews at 80 °C for two minutes (citation needed). [1]");
    }

    [Fact]
    public void Same_words_on_two_pages_are_said_once()
    {
        var again = Shop[1] with { ChunkId = Guid.CreateVersion7(), PageTitle = "Terms" };
        var text = ExcerptWriter.Write("What does shipping cost?", "en", [Shop[1], again])!.Text;
        text.Split("4.95").Length.ShouldBe(2);
    }

    [Theory]
    [InlineData(
        "de",
        "Wie lange dauert der Versand nach Österreich?",
        "Versand",
        "Versand › Lieferzeit",
        "Wir versenden täglich. Der Versand nach Österreich dauert ca. 3 bis 4 Werktage, z. B. bei Möbeln auch länger.",
        "Der Versand nach Österreich dauert ca. 3 bis 4 Werktage, z. B. bei Möbeln auch länger."
    )]
    [InlineData(
        "de",
        "Kann ich zurückgeben, was nicht passt?",
        "Rückgabe",
        "Rückgabe",
        "Sie haben 30 Tage Rückgaberecht. Was nicht passt, können Sie kostenlos zurückgeben.",
        "kostenlos zurückgeben"
    )]
    [InlineData(
        "fr",
        "Quels sont les délais de livraison ?",
        "Livraison",
        "Livraison › Délais",
        "Nous expédions chaque jour. Les délais de livraison sont de 2 à 3 jours en France.",
        "Les délais de livraison sont de 2 à 3 jours en France."
    )]
    [InlineData(
        "es",
        "¿Cuánto cuesta el envío?",
        "Envíos",
        "Envíos › Gastos",
        "Enviamos a toda España. El envío cuesta 4,95 € y es gratis a partir de 60 €.",
        "El envío cuesta 4,95 €"
    )]
    [InlineData(
        "vi",
        "Giao hàng mất bao lâu?",
        "Giao hàng",
        "Giao hàng › Thời gian",
        "Chúng tôi gửi hàng mỗi ngày. Giao hàng mất từ 2 đến 3 ngày tại Hà Nội.",
        "Giao hàng mất từ 2 đến 3 ngày tại Hà Nội."
    )]
    [InlineData(
        "vi",
        "giao hang mat bao lau",
        "Giao hàng",
        "Giao hàng › Thời gian",
        "Chúng tôi gửi hàng mỗi ngày. Giao hàng mất từ 2 đến 3 ngày tại Hà Nội.",
        "Giao hàng mất từ 2 đến 3 ngày tại Hà Nội."
    )]
    public void Other_languages_are_answered_as_well(
        string language,
        string question,
        string title,
        string heading,
        string text,
        string answer
    ) => ExcerptWriter.Write(question, language, [Page(title, heading, text)]).ShouldNotBeNull().Text.ShouldContain(answer);

    [Theory]
    [InlineData("a\n\n\n", 1)]
    [InlineData("Dr. Ito comes on 3. May. She stays. J. Doe does not.", 3)]
    [InlineData("It costs 3.50 €. \"Really?\" Yes! (See below.) End", 5)]
    [InlineData("- one\n\n- two\nthree", 3)]
    [InlineData("", 0)]
    public void Sentences_end_where_they_end(string text, int count) => Sentences.Split(text).Count.ShouldBe(count);

    [Theory]
    [InlineData("return", "returned", true)]
    [InlineData("policy", "policies", true)]
    [InlineData("price", "pricing", true)]
    [InlineData("ship", "shipping", true)]
    [InlineData("ruckgabe", "ruckgabefrist", true)]
    [InlineData("bag", "bags", true)]
    [InlineData("contact", "contract", false)]
    [InlineData("internet", "international", false)]
    [InlineData("car", "card", false)]
    [InlineData("eu", "europe", false)]
    public void Words_are_alike_when_they_differ_in_their_endings(string a, string b, bool alike) => Words.Alike(a, b).ShouldBe(alike);

    private static Passage Page(string title, string heading, string text) =>
        new(Guid.CreateVersion7(), title, heading, $"https://shop.example/{title}", text.ReplaceLineEndings("\n"), 1);
}
