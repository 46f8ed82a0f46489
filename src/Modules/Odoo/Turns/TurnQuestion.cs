using System.Text.RegularExpressions;
using Tenet.Kernel.Http;

namespace Tenet.Odoo.Turns;

internal sealed record PastMessage(string? Role, string? Text);

/// <summary>What the user looks at.</summary>
internal sealed record OpenScreen(string? Model, int? Id);

/// <summary>A message with what the panel knows of the chat. It lives as long as its turn and is written nowhere.</summary>
internal sealed partial record TurnQuestion(
    Guid Session,
    string? Message,
    IReadOnlyList<PastMessage>? History,
    string? Language,
    string? TimeZone,
    OpenScreen? Screen
)
{
    public const int MaxMessage = 8_000;
    public const int MaxHistory = 60_000;
    public const int MaxMessages = 20;

    public string LanguageOrEnglish => CopilotText.LanguageOf(Language);

    /// <exception cref="RuleException">Something is missing, too long or no such thing.</exception>
    public void Check()
    {
        var check = new Validation();
        check.Check(Session != Guid.Empty, "session", "The chat's UUID, please.");
        check.Text("message", Message, MaxMessage);
        var history = History ?? [];
        check.Check(history.Count <= MaxMessages, "history", $"At most {MaxMessages} messages, please.");
        check.Check(
            history.Sum(m => (long)(m.Text?.Length ?? 0)) <= MaxHistory,
            "history",
            $"At most {MaxHistory} characters together, please."
        );
        check.Check(
            history.All(m => m is { Role: "user" or "assistant", Text: not null }),
            "history",
            "Each needs a role, user or assistant, and a text."
        );
        check.Check(Screen?.Model is null || ModelName().IsMatch(Screen.Model), "screen", "A model's technical name, please.");
        check.Check(TimeZone is null || ZoneName().IsMatch(TimeZone), "time_zone", "A name such as Europe/Berlin, please.");
        check.Throw();
    }

    [GeneratedRegex(@"^[a-z][a-z0-9_.]{0,63}\z", RegexOptions.None, 1000)]
    public static partial Regex ModelName();

    [GeneratedRegex(@"^[A-Za-z0-9_+/-]{1,64}\z", RegexOptions.None, 1000)]
    private static partial Regex ZoneName();
}
