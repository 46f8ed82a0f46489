using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Tenet.Assistant;

public enum ToolEffect
{
    Reads,

    /// <summary>Changes something: never runs on the model's word alone.</summary>
    Writes,
}

/// <summary>In whose name a tool acts.</summary>
public enum ToolAuthority
{
    /// <summary>Sees what every visitor may see.</summary>
    Public,

    /// <summary>Sees what belongs to the visitor of this conversation.</summary>
    Visitor,

    /// <summary>Sees what the workspace's members see.</summary>
    Workspace,
}

/// <summary>Something the model can ask for. What a tool returns is untrusted data and goes back to the model as such.</summary>
public sealed class AssistantTool
{
    /// <param name="name">As the model calls it: lower case with underscores.</param>
    /// <param name="description">For the model: when to call it.</param>
    /// <param name="schema">JSON Schema of the arguments, an object.</param>
    /// <param name="effect">Reads or writes.</param>
    /// <param name="authority">In whose name.</param>
    /// <param name="returns">The data classes of the result, which leave to the model's provider; see the receipt.</param>
    /// <param name="run">Does it.</param>
    public AssistantTool(
        string name,
        string description,
        string schema,
        ToolEffect effect,
        ToolAuthority authority,
        IReadOnlyList<string> returns,
        Func<ToolCall, CancellationToken, Task<ToolResult>> run
    )
    {
        using var document = JsonDocument.Parse(schema);
        Declaration = AIFunctionFactory.CreateDeclaration(name, description, document.RootElement.Clone());
        (Effect, Authority, Returns, Run) = (effect, authority, returns, run);
    }

    public string Name => Declaration.Name;

    public ToolEffect Effect { get; }

    public ToolAuthority Authority { get; }

    public IReadOnlyList<string> Returns { get; }

    internal AIFunctionDeclaration Declaration { get; }

    internal Func<ToolCall, CancellationToken, Task<ToolResult>> Run { get; }
}

/// <param name="Turn">The turn that asks; its workspace is the only one the tool may touch.</param>
/// <param name="Arguments">As the model wrote them: to be validated like any request.</param>
public sealed record ToolCall(TurnInput Turn, IReadOnlyDictionary<string, object?> Arguments)
{
    /// <summary>A text argument, trimmed and shortened; empty when it is missing or no text.</summary>
    public string Text(string name, int max)
    {
        var text =
            (Arguments.GetValueOrDefault(name) is JsonElement { ValueKind: JsonValueKind.String } value ? value.GetString() : null)?.Trim()
            ?? "";
        return text.Length <= max ? text : text[..max];
    }
}

/// <param name="Text">For the model.</param>
/// <param name="EndsTurn">The server ends the turn in this state; the model says no more.</param>
public sealed record ToolResult(string Text, TurnState? EndsTurn = null)
{
    internal IReadOnlyList<Knowledge.Passage> Passages { get; init; } = [];
}
