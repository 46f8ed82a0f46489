using System.Text.Json;
using Tenet.Kernel.Workspaces;

namespace Tenet.Accounts;

/// <param name="Erased">What its details said was taken out.</param>
/// <param name="Position">The place in the chain; null for the second until the entry is chained.</param>
public sealed record AuditLine(
    Guid Id,
    DateTimeOffset At,
    ActorKind Actor,
    Guid? ActorId,
    string? ActorName,
    string Action,
    string SubjectKind,
    Guid SubjectId,
    string? Details,
    bool Erased,
    long? Position
)
{
    public string Who =>
        Actor switch
        {
            ActorKind.Member => ActorName ?? "A former member",
            ActorKind.System => "Tenet",
            ActorKind.Key => ActorName ?? "A key that was revoked",
            var other => other.ToString(),
        };

    /// <summary>The action in words: <c>Member role changed</c>.</summary>
    public string What => Words(Action);

    public string Subject => Words(SubjectKind);

    /// <summary>The details as a person reads them: <c>from agent, to admin</c>.</summary>
    public string Said =>
        Erased ? "erased" : string.Join(", ", Facts.Select(fact => fact.Name.Length > 0 ? $"{fact.Name} {fact.Value}" : fact.Value));

    /// <summary>The details one by one, names and values in words.</summary>
    public IReadOnlyList<(string Name, string Value)> Facts
    {
        get
        {
            if (Details is null)
            {
                return [];
            }
            using var json = JsonDocument.Parse(Details);
            return json.RootElement.ValueKind == JsonValueKind.Object
                ? [.. json.RootElement.EnumerateObject().Select(fact => (Words(fact.Name).ToLowerInvariant(), Value(fact.Value)))]
                : [("", Value(json.RootElement))];
        }
    }

    private static string Value(JsonElement value) =>
        value.ValueKind switch
        {
            JsonValueKind.True => "yes",
            JsonValueKind.False => "no",
            JsonValueKind.Null => "none",
            JsonValueKind.Array => string.Join(" and ", value.EnumerateArray().Select(Value)),
            _ => value.ToString().Replace('_', ' '),
        };

    /// <summary><c>member.role_changed</c> and <c>roleChanged</c> as words.</summary>
    internal static string Words(string name)
    {
        var text = new System.Text.StringBuilder(name.Length + 4);
        foreach (var c in name)
        {
            if (c is '.' or '_')
            {
                text.Append(' ');
            }
            else if (text.Length == 0)
            {
                text.Append(char.ToUpperInvariant(c));
            }
            else
            {
                text.Append(char.IsUpper(c) ? " " : "").Append(char.ToLowerInvariant(c));
            }
        }
        return text.ToString();
    }
}
