using Tenet.Inbox.Widget;

namespace Tenet.Inbox.Pages;

/// <summary>The widget's settings while they are edited: lists are one entry per line.</summary>
public sealed class WidgetDraft
{
    public string Name { get; set; } = "";
    public string Greeting { get; set; } = "";
    public string Questions { get; set; } = "";
    public string Color { get; set; } = "";
    public string Position { get; set; } = "";
    public string Theme { get; set; } = "";
    public string Language { get; set; } = "";
    public string Origins { get; set; } = "";
    public int KeepDays { get; set; }
    public string? PrivacyUrl { get; set; }
    public bool AskAge { get; set; }

    public IReadOnlyList<string> QuestionList => Lines(Questions);

    public static WidgetDraft Of(WidgetSettings settings) =>
        new()
        {
            Name = settings.Name,
            Greeting = settings.Greeting,
            Questions = string.Join('\n', settings.QuickQuestions),
            Color = settings.Color,
            Position = settings.Position,
            Theme = settings.Theme,
            Language = settings.Language,
            Origins = string.Join('\n', settings.AllowedOrigins),
            KeepDays = settings.KeepDays,
            PrivacyUrl = settings.PrivacyUrl,
            AskAge = settings.AgeGateSince is not null,
        };

    internal WidgetEdit ToEdit() =>
        new(Name, Color, Position, Theme, Language, Greeting, [.. Lines(Questions)], [.. Lines(Origins)], KeepDays, PrivacyUrl, AskAge);

    private static string[] Lines(string text) => text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
}
