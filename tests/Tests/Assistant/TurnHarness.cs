using Microsoft.Extensions.Logging.Abstractions;
using Tenet.Assistant;
using Tenet.Knowledge;
using Tenet.Tests.Support.ModelFakes;

namespace Tenet.Tests.Assistant;

/// <summary>A pipeline over a fake model and given passages, without a database.</summary>
internal sealed class TurnHarness
{
    public static readonly Passage Shipping = Page(
        "Shipping",
        "Shipping › Delivery time",
        "Orders placed before 2 pm leave the same day. Delivery takes 2 to 3 days."
    );
    public static readonly Passage Returns = Page(
        "Returns",
        "Returns › Sending an item back",
        "You can return an item within 30 days. The label is free."
    );

    public List<Passage> Passages { get; } = [Shipping, Returns];

    public List<string> Searches { get; } = [];

    public List<AssistantTool> Tools { get; } = [];

    public long? DailyTokens { get; set; }

    public long UsedToday { get; set; }

    public OverBudgetAnswer OverBudget { get; set; }

    public Exception? SearchFailure { get; set; }

    public TurnPatience Patience { get; set; } = new(TimeSpan.FromMinutes(2), 2, TimeSpan.FromMilliseconds(5));

    public ModelPatience Silence { get; set; } = ModelWire.Short;

    public static Passage Page(string title, string heading, string text) =>
        new(
            Guid.CreateVersion7(),
            title,
            heading,
            $"https://shop.example/{title.ToLowerInvariant()}#{heading.GetHashCode(StringComparison.Ordinal)}",
            text,
            1
        );

    public static TurnInput Ask(string question, params TurnMessage[] history) =>
        new(Guid.CreateVersion7(), Guid.CreateVersion7(), question, history, "en", "https://shop.example/cart?token=private");

    public TurnPipeline Build(FakeModelServer? server, string wire = "openai")
    {
        var client = server is null ? null : ModelWire.Client(server, wire, Silence);
        var profile = AssistantProfile.Excerpts("Shop") with { DailyTokens = DailyTokens, OverBudget = OverBudget };
        if (client is not null)
            profile = profile with
            {
                Provider = wire,
                Model = "fake",
                Host = "models.example",
                Client = client,
                SystemPrompt = TurnPrompt.System("Shop", ""),
                MaxOutputTokens = 500,
                UsesTools = true,
            };
        var budget = new TokenBudget((_, _, _) => Task.FromResult(UsedToday), TimeProvider.System);
        return new TurnPipeline(
            (_, _) => ValueTask.FromResult(profile),
            Find,
            new AssistantTools(Find, Tools),
            budget,
            Patience,
            TimeProvider.System,
            NullLogger<TurnPipeline>.Instance
        );
    }

    public static async Task<TurnTrace> RunAsync(TurnPipeline pipeline, TurnInput input, CancellationToken ct = default)
    {
        var updates = new List<TurnUpdate>();
        await foreach (var update in pipeline.RunAsync(input, ct))
            updates.Add(update);
        return new TurnTrace(updates);
    }

    private Task<IReadOnlyList<Passage>> Find(Guid workspaceId, string question, int top, CancellationToken ct)
    {
        Searches.Add(question);
        return SearchFailure is null ? Task.FromResult<IReadOnlyList<Passage>>(Passages) : throw SearchFailure;
    }
}

/// <summary>What a run reported, and what a reader sees at its end.</summary>
internal sealed record TurnTrace(IReadOnlyList<TurnUpdate> Updates)
{
    public TurnOutcome Outcome => Updates.OfType<TurnCompleted>().Single().Outcome;

    public IReadOnlyList<TurnNotice> Notices => [.. Updates.OfType<TurnNotice>()];

    public int Restarts => Updates.OfType<TurnRestart>().Count();

    public string Shown => Updates.Aggregate("", (text, update) => update is TurnRestart ? "" : text + (update as TurnDelta)?.Text);
}
