using FsCheck;
using FsCheck.Fluent;
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
        ExcerptWriter
            .Write(
                "Do you ship to Norway by express?",
                "en",
                [passage with { Text = "Country | Time | Express\nNorway | 4 days | not offered" }]
            )!
            .Text.ShouldContain("Norway: Time 4 days; Express: not offered");
        var text = ExcerptWriter.Write("How long does delivery take?", "en", [passage])!.Text;
        text.ShouldStartWith("Orders placed before 14:00 leave the same day.");
        text.ShouldContain("- Germany: Standard € 4.90; Time 1–3 working days");
    }

    [Fact]
    public void Row_that_names_the_columns_of_prices_is_no_answer()
    {
        var passage = Page("Repairs", "What a repair costs", "Repair | Price\nPatch | € 18\nNew zip | € 39\nPole | € 9");
        ExcerptWriter
            .Write("How much is a repair?", "en", [passage])!
            .Text.ShouldBe("What a repair costs:\n\n- Patch: € 18\n- New zip: € 39\n- Pole: € 9 [1]");
        ExcerptWriter.Write("What does it cost to repair a zip?", "en", [passage])!.Text.ShouldBe("Repairs – New zip: € 39 [1]");
    }

    [Fact]
    public void Which_things_there_are_is_answered_by_their_list()
    {
        var ways = Page("Payment", "Ways to pay", "Way | Where | When\nPayPal | everywhere | at once\nInvoice | in the EU | later");
        var refused = Page("Payment", "When a payment is refused", "Try again, or choose another way to pay. Your basket is kept.");
        ExcerptWriter.Write("Which payment methods do you take?", "en", [refused, ways])!.Text.ShouldStartWith("Ways to pay:\n\n- PayPal");
    }

    [Theory]
    [InlineData("Where is your shop?", "Lindenmarkt 7, Hallbrunn.")]
    [InlineData("How heavy is the Dunlin?", "Dunlin – Weight: 1.9 kg")]
    [InlineData("How do I wash the jacket?", "1. Close all zips.")]
    [InlineData("how do i wash the jaket", "1. Close all zips.")]
    [InlineData("my package never arrived", "we ask the carrier to search")]
    public void What_is_asked_for_leads(string question, string answer)
    {
        Passage[] passages =
        [
            Page("Shipping", "Parcel shops", "You can have the parcel sent to a shop. It waits there for 7 days."),
            Page("Shipping", "When a parcel arrives damaged", "Take a picture of the carton and send it to us."),
            Page(
                "Shipping",
                "When a parcel is late or lost",
                "Tell us: we ask the carrier to search. If it is not found, we send it again."
            ),
            Page("Stores", "Main store", "Lindenmarkt 7, Hallbrunn. Open from Monday to Saturday."),
            Page("Dunlin", "Specifications", "Sleepers | 2\nWeight | 1.9 kg\nColour | sand"),
            Page("Care", "Washing a jacket", "Clean gear breathes.\n1. Close all zips.\n2. Wash at 30 °C.\n3. Rinse twice."),
        ];
        ExcerptWriter.Write(question, "en", passages).ShouldNotBeNull().Text.ShouldContain(answer);
    }

    [Theory]
    [InlineData(
        "When are you open?",
        "Ostermoor: Tuesday to Saturday 10:00–18:00, closed on Sunday. [2]\n\nHallbrunn: Monday to Friday 10:00–19:00. [1]"
    )]
    [InlineData("Do you have sleeping bags?", "Ember sleeping bag: Warm down to freezing. [5]")]
    [InlineData("How much is the Ember?", "Ember sleeping bag: € 189 [5]")]
    [InlineData("Which tent is best for four people?", "The Dunlin 2 sleeps two. The Dunlin 4 sleeps four. [6]")]
    [InlineData("how do i send something back", "How to return an item:\n\n1. Open your order.\n2. Print the label. [8]")]
    public void Answer_is_of_the_kind_that_was_asked_for(string question, string answer)
    {
        Passage[] passages =
        [
            Page("Stores and opening hours", "Hallbrunn", "Markt 7, Hallbrunn. Monday to Friday 10:00–19:00. Parking for free."),
            Page("Stores and opening hours", "Ostermoor", "By the harbour. Tuesday to Saturday 10:00–18:00, closed on Sunday. Tram 4."),
            Page(
                "Stores and opening hours",
                "Holidays",
                "All stores are closed on 1 January and Easter Monday. On 24 December they close at 14:00."
            ),
            Page("Ember sleeping bag", "Temperatures", "Comfort | 2 °C\nLimit | −4 °C"),
            Page("Ember sleeping bag", "", "Warm down to freezing.\n\n€ 189\n\nZip left or right."),
            Page("Questions", "Which tent is right for me?", "The Dunlin 2 sleeps two. The Dunlin 4 sleeps four."),
            Page("Sustainability", "", "The best thing for the climate is a tent that is not made."),
            Page("Returns", "How to return an item", "1. Open your order.\n2. Print the label."),
            Page("Returns", "When the money is back", "We refund a return within 3 days."),
            Page("Questions", "Do you sell second-hand gear?", "In the store, not online."),
        ];
        ExcerptWriter.Write(question, "en", passages).ShouldNotBeNull().Text.ShouldBe(answer);
        ExcerptWriter.Write("Do you sell kayaks?", "en", passages).ShouldBeNull();
    }

    [Fact]
    public void What_answers_half_of_a_question_gives_way_to_what_answers_all_of_it()
    {
        Passage[] passages =
        [
            Page("Zelte, die wiederkommen", "", "Fünf Produkte und eine Werkstatt."),
            Page("Rückgabe", "In welchem Zustand", "Ein draußen benutztes Zelt nehmen wir nicht zurück.") with
            {
                Score = 0.9,
            },
        ];
        ExcerptWriter
            .Write("Kann ich ein Zelt zurückgeben?", "de", passages)!
            .Text.ShouldBe("Ein draußen benutztes Zelt nehmen wir nicht zurück. [2]");
    }

    [Fact]
    public void Neighbour_joined_to_a_passage_is_named()
    {
        var passage = Page("Stores", "Hallbrunn", "Open from Monday to Friday.\n**Ostermoor**\nParking behind the house, for free.");
        ExcerptWriter.Write("Is there any parking?", "en", [passage])!.Text.ShouldBe("Ostermoor: Parking behind the house, for free. [1]");
    }

    [Fact]
    public void Any_question_about_any_text_is_answered_or_not_but_never_fails() =>
        Prop.ForAll<NonNull<string>, NonNull<string>, NonNull<string>>(
                (question, heading, text) =>
                {
                    var words = question.Get + " how long " + text.Get.Split(' ')[0];
                    foreach (
                        var body in new[] { text.Get, text.Get + " | 1\nb | 2\nc | d", "x.\n1. " + text.Get + "\n2. y", "a | " + text.Get }
                    )
                        ExcerptWriter.Write(words, "en", [Page("T", heading.Get, body)]);
                }
            )
            .QuickCheckThrowOnFailure();

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
    [InlineData("storm", "store", false)]
    [InlineData("zuruck", "zuruckgeben", false)]
    [InlineData("internet", "international", false)]
    [InlineData("car", "card", false)]
    [InlineData("eu", "europe", false)]
    public void Words_are_alike_when_they_differ_in_their_endings(string a, string b, bool alike) => Words.Alike(a, b).ShouldBe(alike);

    private static Passage Page(string title, string heading, string text) =>
        new(Guid.CreateVersion7(), title, heading, $"https://shop.example/{title}", text.ReplaceLineEndings("\n"), 1);
}
