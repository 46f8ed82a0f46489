using Tenet.Kernel.Policies;
using Tenet.Kernel.Workspaces;

namespace Tenet.Assistant;

/// <summary>What went to models: by the receipts of turns, which name the classes of data and not the data.</summary>
internal sealed class ContentContext()
    : ClaimKind(
        "content_context",
        "Models are sent data of these classes and of no others.",
        ClaimParameter.Choices("classes", "conversation", "pages", "page_address")
    )
{
    private static readonly Dictionary<string, string> Names = new(StringComparer.Ordinal)
    {
        ["conversation"] = DataClasses.Question,
        ["pages"] = DataClasses.Pages,
        ["page_address"] = DataClasses.Page,
    };

    private const int Newest = 1_000;

    public override string Limits => "It looks at the receipts of the newest thousand turns, which the code writes.";

    public override string Key(Claim claim) => "models";

    public override Task<Finding> ProbeAsync(ProbeRun run, Claim claim, CancellationToken ct) =>
        run.LookAsync(
            async ctx =>
            {
                string[] allowed = [.. claim.Get<List<string>>("classes").Select(word => Names[word])];
                Sql look = $"""
                    select count(*), count(*) filter (where not data_classes <@ {allowed}::text[])
                      from (select data_classes from assistant.turn order by started_at desc limit {Newest}) newest
                    """;
                var query = look.ToString();
                var (turns, others) = await ctx.FirstOrDefaultAsync(look, row => (row.GetInt64(0), row.GetInt64(1)), ct);
                return Finding.Of(
                    others == 0 ? [] : [$"{others} of the newest {turns} turns sent data of other classes to a model."],
                    $"The receipts of {turns} turns name {string.Join(", ", claim.Get<List<string>>("classes"))} and nothing else.",
                    turns,
                    query
                );
            },
            ct
        );
}
