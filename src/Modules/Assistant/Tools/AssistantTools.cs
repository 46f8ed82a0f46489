using Microsoft.Extensions.AI;
using Tenet.Knowledge;

namespace Tenet.Assistant;

/// <summary>Finds passages; the seam to Knowledge's search.</summary>
internal delegate Task<IReadOnlyList<Passage>> FindPassages(Guid workspaceId, string question, int top, CancellationToken ct);

/// <summary>
/// The tools of every turn: our own two, and those that modules register. Every prompt holds text of pages, which is untrusted, so a
/// tool that writes is not offered at all; it needs a person's approval first.
/// </summary>
internal sealed class AssistantTools
{
    public const string RequestHandoff = "request_handoff";
    public const string SearchPages = "search_pages";
    private readonly Dictionary<string, AssistantTool> tools;

    public AssistantTools(FindPassages find, IEnumerable<AssistantTool> registered)
    {
        tools = registered
            .Append(Handoff())
            .Append(Search(find))
            .Where(t => t.Effect == ToolEffect.Reads)
            .ToDictionary(t => t.Name, StringComparer.Ordinal);
        Declarations = [.. tools.Values.Select(t => t.Declaration).OrderBy(d => d.Name, StringComparer.Ordinal)];
    }

    public IReadOnlyList<AITool> Declarations { get; }

    public AssistantTool? Find(string name) => tools.GetValueOrDefault(name);

    /// <summary>The model can ask for a person. That one is asked for is a state which the server sets and words.</summary>
    private static AssistantTool Handoff() =>
        new(
            RequestHandoff,
            "Hands the conversation to a person of the team. Call it when the visitor asks for a person, or is upset, or needs something only people can do.",
            """{"type":"object","properties":{}}""",
            ToolEffect.Reads,
            ToolAuthority.Visitor,
            [],
            (_, _) => Task.FromResult(new ToolResult("The team has been asked.", TurnState.HandedOff))
        );

    private static AssistantTool Search(FindPassages find) =>
        new(
            SearchPages,
            "Searches the website's pages again, in other words. Use it when the passages do not answer but other search words might.",
            """{"type":"object","properties":{"query":{"type":"string","description":"A few words as they would stand on the page"}},"required":["query"]}""",
            ToolEffect.Reads,
            ToolAuthority.Public,
            [DataClasses.Pages],
            async (call, ct) =>
            {
                var query = call.Text("query", 300);
                if (query.Length == 0)
                    return new ToolResult("Give the words to search for in \"query\".");
                var passages = await find(call.Turn.WorkspaceId, query, TurnPipeline.Top, ct);
                return new ToolResult(passages.Count == 0 ? "Nothing was found." : "") { Passages = passages };
            }
        );
}
