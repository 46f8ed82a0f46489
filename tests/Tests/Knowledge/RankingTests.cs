using FsCheck;
using FsCheck.Fluent;
using Shouldly;
using Tenet.Knowledge;
using Tenet.Knowledge.Ranking;
using Xunit;

namespace Tenet.Tests.Knowledge;

public sealed class RankingTests
{
    [Theory]
    [InlineData("en", "running", "run")]
    [InlineData("en", "connections", "connect")]
    [InlineData("en", "policies", "polici")]
    [InlineData("de", "Häuser", "haus")]
    [InlineData("de", "Haeuser", "haus")]
    [InlineData("de", "Bestellungen", "bestell")]
    [InlineData("fr", "remboursements", "rembours")]
    [InlineData("es", "devoluciones", "devolu")]
    [InlineData("es", "envíos", "envi")]
    public void Words_are_found_by_their_stems(string language, string word, string term) =>
        Analyzer.Terms(word, Language.Of(language)!).ShouldHaveSingleItem().ShouldBe(term);

    [Fact]
    public void A_compound_is_found_whole_and_by_its_parts()
    {
        Analyzer.Terms("max_connections", Language.English).ShouldBe(["max", "connect", "max_connections"]);
        Analyzer.Terms("e-mail", Language.English).ShouldContain("email");
        Analyzer.Terms("maxConnections", Language.English).ShouldContain("connect");
        Analyzer.Terms("đổi", Language.Vietnamese).ShouldBe(["đổi", "doi"]);
        Analyzer.Terms("the", Language.English).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("We deliver to all of the countries that are in the union and it is free.", "en")]
    [InlineData("Wir liefern in alle Länder und das ist für Sie kostenlos, wenn Sie es wollen.", "de")]
    [InlineData("Nous livrons dans tous les pays et la livraison est gratuite pour vous.", "fr")]
    [InlineData("Enviamos a todos los países y el envío es gratis para usted.", "es")]
    [InlineData("Chúng tôi giao hàng cho các bạn ở tất cả những nơi này và không tính phí.", "vi")]
    [InlineData("0x1F 0x2A foo bar baz", "und")]
    public void A_texts_language_shows_in_its_function_words(string text, string language) => Language.Guess(text).Code.ShouldBe(language);

    [Fact]
    public void Everyday_words_find_what_manuals_call_it()
    {
        var index = Index(
            ("backup", "SQL Dump", "The dump recreates the database in the same state."),
            ("colour", "Colours", "The lamp comes in red.")
        );

        Titles(index, "how do I save a copy of everything").ShouldBe(["backup"]);
    }

    [Theory]
    [InlineData("how long does dilivery take")]
    [InlineData("delievry")]
    [InlineData("the delivry, please")]
    public void A_mistyped_word_finds_what_was_meant(string question) =>
        Titles(Index(("post", "Delivery", "Delivery takes three days."), ("colour", "Colours", "The lamp comes in red.")), question)
            .ShouldBe(["post"]);

    [Fact]
    public void Another_word_is_not_taken_for_a_slip() =>
        Titles(Index(("home", "House", "The house is warm."), ("colour", "Colours", "Red.")), "horse").ShouldBeEmpty();

    [Fact]
    public void A_slip_is_mended_by_the_words_that_were_found()
    {
        Passage[] passages = [new(Guid.CreateVersion7(), "Shipping", "Prices", "", "Shipping to Norway costs € 5.", 1)];

        Typos.Mend("Whats the shiping to Norwya?", "en", passages).ShouldBe("Whats the shipping to norway?");
        Typos.Mend("Can I contact you, ähm… 👍?", "en", passages).ShouldBe("Can I contact you, ähm… 👍?");
    }

    [Fact]
    public void A_removed_page_is_found_no_more_and_a_changed_one_by_its_new_words()
    {
        var index = Index(("a", "Alpha", "snowshoes"), ("b", "Beta", "umbrellas"));
        var replaced = new SegmentBuilder();
        Add(replaced, "b", "Beta", "parasols");

        index.Add(replaced.Build());
        index.Remove([Id("a")]);

        Titles(index, "snowshoes").ShouldBeEmpty();
        Titles(index, "umbrellas").ShouldBeEmpty();
        Titles(index, "parasols").ShouldBe(["b"]);
    }

    [Fact]
    public void An_index_grown_piece_by_piece_finds_what_one_built_at_once_finds() =>
        Prop.ForAll(
                Gen.Choose(0, 30).ArrayOf(60).ToArbitrary(),
                pages =>
                {
                    var (grown, last) = (new SearchIndex(), new Dictionary<string, int>(StringComparer.Ordinal));
                    for (var i = 0; i < pages.Length; i++)
                    {
                        var builder = new SegmentBuilder();
                        Add(builder, "p" + pages[i], "Page", $"word{i} common");
                        grown.Add(builder.Build());
                        last["p" + pages[i]] = i;
                    }
                    return grown.Current.Count == last.Count
                        && last.All(p => Titles(grown, "word" + p.Value) is [var found] && found == p.Key)
                        && grown.Current.Segments.Length <= 10;
                }
            )
            .QuickCheckThrowOnFailure();

    [Fact]
    public void No_question_breaks_the_search()
    {
        var index = Index(("a", "Alpha", "snowshoes and words"));
        Prop.ForAll<string>(question =>
            {
                Bm25.Find(index.Current, Query.Parse(question ?? "", index.Current), 5);
                return true;
            })
            .QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Readers_see_a_whole_state_while_writers_go_on()
    {
        var index = Index(("a", "Alpha", "snowshoes"));
        using var done = new CancellationTokenSource();
        var writing = Task.Run(() =>
        {
            for (var i = 0; i < 300; i++)
            {
                var builder = new SegmentBuilder();
                Add(builder, "x" + (i % 20), "Page", "umbrellas number " + i);
                index.Add(builder.Build());
            }
            done.Cancel();
        });
        while (!done.IsCancellationRequested)
        {
            Titles(index, "snowshoes").ShouldBe(["a"]);
        }
        writing.IsFaulted.ShouldBeFalse();
        index.Current.Count.ShouldBe(21);
    }

    private static readonly System.Collections.Concurrent.ConcurrentDictionary<string, Guid> Ids = new(StringComparer.Ordinal);

    private static Guid Id(string page) => Ids.GetOrAdd(page, _ => Guid.CreateVersion7());

    private static void Add(SegmentBuilder builder, string page, string title, string text)
    {
        builder.StartPage(Id(page));
        builder.Add(Guid.CreateVersion7(), Language.English, title, "", text);
    }

    private static SearchIndex Index(params (string Page, string Title, string Text)[] pages)
    {
        var builder = new SegmentBuilder();
        foreach (var (page, title, text) in pages)
        {
            Add(builder, page, title, text);
        }
        var index = new SearchIndex();
        index.Add(builder.Build());
        return index;
    }

    private static List<string> Titles(SearchIndex index, string question) =>
        [.. Bm25.Find(index.Current, Query.Parse(question, index.Current), 10).Select(h => Ids.Single(p => p.Value == h.Page).Key)];
}
