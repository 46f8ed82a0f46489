using Microsoft.EntityFrameworkCore;
using Tenet.Kernel;
using Tenet.Kernel.Http;
using Tenet.Kernel.Policies;
using Tenet.Kernel.Vault;
using Tenet.Kernel.Workspaces;

namespace Tenet.Inbox.Widget;

/// <summary>What a member may set of the widget. Arrays replace what was there.</summary>
/// <param name="KeepDays">0 leaves it to the policy.</param>
/// <param name="AskAge">Whether visitors are asked for their age before the first message; null leaves it as it is.</param>
internal sealed record WidgetEdit(
    string Name,
    string Color,
    string Position,
    string Theme,
    string Language,
    string Greeting,
    string[] QuickQuestions,
    string[] AllowedOrigins,
    int KeepDays,
    string? PrivacyUrl,
    bool? AskAge = null
);

/// <summary>The workspace's one widget.</summary>
public sealed class Widgets(WorkspaceVault vault, PolicySettings policy)
{
    /// <summary>The widget, made with good defaults when the workspace has none yet.</summary>
    public async Task<WidgetSettings> EnsureAsync(WorkspaceContext ctx, CancellationToken ct)
    {
        var db = ctx.Db<InboxDb>();
        if (await db.Widgets.SingleOrDefaultAsync(ct) is { } existing)
        {
            return existing;
        }
        var workspace = await ctx.FirstOrDefaultAsync(
            $"select name, language from kernel.workspace",
            row => (Name: row.GetString(0), Language: row.GetString(1)),
            ct
        );
        var id = Guid.CreateVersion7(ctx.Now);
        await ctx.ExecuteAsync(
            $"""
            insert into inbox.widget (id, key, name, color, position, theme, language, greeting, updated_at)
            values ({id}, {WidgetSettings.NewKey(ctx.WorkspaceId)}, {workspace.Name}, '#2f4fd0', 'right', 'auto',
                    {Supported(workspace.Language)}, '', {ctx.Now})
            on conflict (workspace_id) do nothing
            """,
            ct
        );
        ctx.Schedule(ExpireConversations.Kind, ctx.WorkspaceId, ExpireConversations.Every);
        return await db.Widgets.SingleAsync(ct);
    }

    /// <summary>The key of the widget if it has a greeting and this privacy page: nothing is left to prepare.</summary>
    public static Task<string?> FindPreparedAsync(WorkspaceContext ctx, string privacyUrl, CancellationToken ct) =>
        ctx.ScalarAsync<string>($"select key from inbox.widget where greeting <> '' and privacy_url = {privacyUrl}", ct);

    internal async Task EditAsync(WorkspaceContext ctx, WidgetEdit edit, CancellationToken ct)
    {
        var validation = new Validation();
        var name = validation.Text("name", edit.Name, 80);
        var greeting = validation.Text("greeting", edit.Greeting, 500, min: 0);
        validation.Check(IsColor(edit.Color), "color", "A colour as #rrggbb, please.");
        validation.OneOf("position", edit.Position, WidgetSettings.Positions);
        validation.OneOf("theme", edit.Theme, WidgetSettings.Themes);
        validation.OneOf("language", edit.Language, WidgetSettings.Languages);
        var most = await MostDaysAsync(ctx, ct);
        validation.Check(
            edit.KeepDays >= 0 && edit.KeepDays <= most,
            "keepDays",
            most == 0
                ? "The policy sets how long conversations are kept and leaves no choice: 0, please."
                : $"A number of days up to {most}, as the policy allows; 0 leaves it to the policy."
        );
        var questions = (edit.QuickQuestions ?? []).Select(question => validation.Text("quickQuestions", question, 120)).ToArray();
        validation.Check(questions.Length <= 6, "quickQuestions", "At most six, please.");
        var origins = (edit.AllowedOrigins ?? [])
            .Select(origin => Origin(validation, origin))
            .OfType<string>()
            .Distinct(StringComparer.Ordinal)
            .ToArray();
        validation.Check(origins.Length <= 50, "allowedOrigins", "At most fifty, please.");
        var gate = await policy.FindAsync(ctx.WorkspaceId, AgeGate.Kind, AgeGate.Kind, ct);
        validation.Check(edit.AskAge is not true || gate is not null, "askAge", "Your policy names no age that could be asked for.");
        validation.Check(
            edit.AskAge is not false || gate?.Text(AgeGate.Asked) is not AgeGate.Always,
            "askAge",
            "Your policy says that visitors are always asked for their age."
        );
        var privacy = string.IsNullOrWhiteSpace(edit.PrivacyUrl) ? null : validation.Url("privacyUrl", edit.PrivacyUrl)?.AbsoluteUri;
        validation.Throw();

        var widget = await EnsureAsync(ctx, ct);
        (widget.Name, widget.Greeting, widget.Color, widget.Position) = (name, greeting, edit.Color, edit.Position);
        (widget.Theme, widget.Language, widget.KeepDays, widget.PrivacyUrl) = (edit.Theme, edit.Language, edit.KeepDays, privacy);
        (widget.QuickQuestions, widget.AllowedOrigins, widget.UpdatedAt) = (questions, origins, ctx.Now);
        ctx.Audit("widget.changed", "widget", widget.Id);
        if (edit.AskAge is { } ask && ask != widget.AgeGateSince is not null)
        {
            widget.AgeGateSince = ask ? ctx.Now : null;
            ctx.Audit("widget.age_gate", "widget", widget.Id, new { ask });
        }
        ctx.Publish(Topics.Widget, widget.Id);
    }

    /// <summary>How many days the policy lets the workspace choose at most; 0 when it leaves no choice.</summary>
    internal async ValueTask<int> MostDaysAsync(WorkspaceContext ctx, CancellationToken ct) =>
        (await policy.KeepAsync(ctx.WorkspaceId, ExpireConversations.Rule, ct))?.AtMost is { } most
            ? Math.Min(3650, (int)most.Approximately.TotalDays)
            : 0;

    /// <summary>Lets a site embed the widget.</summary>
    public async Task AllowOriginAsync(WorkspaceContext ctx, string origin, CancellationToken ct)
    {
        var widget = await EnsureAsync(ctx, ct);
        if (!widget.AllowedOrigins.Contains(origin, StringComparer.Ordinal))
        {
            widget.AllowedOrigins = [.. widget.AllowedOrigins, origin];
            ctx.Publish(Topics.Widget, widget.Id);
        }
    }

    /// <summary>A new identity secret; the old one stops to count.</summary>
    /// <returns>The secret, shown this once.</returns>
    internal async Task<string> RenewSecretAsync(WorkspaceContext ctx, CancellationToken ct)
    {
        var widget = await EnsureAsync(ctx, ct);
        var secret = Secrets.Token();
        widget.IdentitySecret = await vault.SealAsync(ctx, WidgetDirectory.SecretPlace(widget.Id), secret, ct);
        ctx.Audit("widget.secret_renewed", "widget", widget.Id);
        ctx.Publish(Topics.Widget, widget.Id);
        return secret;
    }

    private static string? Origin(Validation validation, string text) =>
        validation.Url("allowedOrigins", text) is { } url ? url.GetLeftPart(UriPartial.Authority) : null;

    private static bool IsColor(string? text) => text is ['#', .. { Length: 6 } digits] && digits.All(char.IsAsciiHexDigit);

    private static string Supported(string language) =>
        WidgetSettings.Languages.Contains(language.Split('-')[0], StringComparer.Ordinal) ? language.Split('-')[0] : "en";
}
