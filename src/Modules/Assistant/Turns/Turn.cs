using Tenet.Knowledge;

namespace Tenet.Assistant;

/// <summary>The state of one running turn.</summary>
internal sealed class Turn
{
    private static readonly IReadOnlyList<string> Stored = [DataClasses.TurnMetadata];
    private readonly TimeProvider time;
    private readonly long start;
    private List<Disclosure> sent = [];
    private (int In, int Out, bool Estimated, int Attempts) used;

    public Turn(TurnInput input, TimeProvider time)
    {
        Input = input;
        this.time = time;
        start = time.GetTimestamp();
        // Who asks in German on an English page is answered in German, as the pages' own words are chosen.
        Phrases = Phrases.In(StopWords.LanguageOf(input.Question, Phrases.Primary(input.Language)));
        Filter = NewFilter();
    }

    public TurnInput Input { get; }

    public AssistantProfile Profile { get; set; } = AssistantProfile.Excerpts("");

    public Phrases Phrases { get; }

    public CitationBook Book { get; } = new();

    public AnswerFilter Filter { get; private set; }

    /// <summary>Why the answer does not come from the chosen model.</summary>
    public ModelFault? Fallback { get; set; }

    /// <summary>An answer that needs neither a model nor pages.</summary>
    public (TurnState State, string Text)? Direct { get; set; }

    public bool IsWriting { get; set; }

    public bool IsComplete { get; private set; }

    public TimeSpan Elapsed => time.GetElapsedTime(start);

    /// <summary>The question with the one before it, or null when there is none.</summary>
    public string? FollowUp =>
        Input.History.LastOrDefault(m => m.From == TurnSpeaker.Visitor) is { Text.Length: > 0 } previous
            ? $"{Input.Question} {previous.Text}"
            : null;

    /// <summary>What was said last offered a person.</summary>
    public bool IsAfterOffer => Input.History is [.., { From: TurnSpeaker.Assistant } last] && Phrases.OfferPerson(last.Text);

    /// <summary>The question has too few words of its own to be found by.</summary>
    public bool IsShort => new ExcerptQuery(Input.Question, Phrases.Primary(Input.Language)).Terms.Count <= 2;

    /// <summary>The server's own words, after what is there.</summary>
    public TurnDelta Say(string text) => new(Filter.PushOwn(text));

    /// <returns>True when something was shown, which the reader now has to discard.</returns>
    public bool Restart()
    {
        var wasShown = Filter.Length > 0;
        Book.Restart();
        Filter = NewFilter();
        return wasShown;
    }

    public void Asked(ModelRun run)
    {
        used = (run.TokensIn, run.TokensOut, run.IsEstimated, run.Attempts);
        sent = [.. run.Sent.Select(c => new Disclosure(c, Profile.Host))];
    }

    public TurnCompleted Complete(TurnState state)
    {
        IsComplete = true;
        var isModel = used.Attempts > 0;
        var receipt = new Receipt(
            isModel ? Profile.Provider : AssistantProfile.ExcerptsProvider,
            isModel ? Profile.Model : AssistantProfile.ExcerptsProvider,
            sent,
            Stored,
            Book.Passages.Count,
            used.In,
            used.Out,
            used.Estimated,
            used.Attempts,
            Fallback,
            Elapsed
        );
        return new TurnCompleted(new TurnOutcome(state, Filter.Text, [.. Book.Citations], receipt));
    }

    private AnswerFilter NewFilter() => new(Book.Cite, IsAllowed, Phrases.RemovedLink);

    /// <summary>Links lead to hosts of the passages that were found, or to those that the workspace allows.</summary>
    private bool IsAllowed(Uri link)
    {
        if (Profile.LinkHosts.Contains(link.Host))
            return true;
        foreach (Passage passage in Book.Passages)
        {
            if (
                Uri.TryCreate(passage.Url, UriKind.Absolute, out var page)
                && page.Host.Equals(link.Host, StringComparison.OrdinalIgnoreCase)
            )
                return true;
        }
        return false;
    }
}
