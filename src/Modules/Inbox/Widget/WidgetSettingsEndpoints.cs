using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Tenet.Kernel.Http;
using Tenet.Kernel.Http.Arrival;
using Tenet.Kernel.Http.Limits;
using Tenet.Kernel.Http.Tags;
using Tenet.Kernel.Workspaces;

namespace Tenet.Inbox.Widget;

/// <param name="HasIdentitySecret">The secret itself is shown only when it is made.</param>
internal sealed record WidgetSettingsView(string Key, WidgetEdit Settings, bool HasIdentitySecret)
{
    public static WidgetSettingsView Of(WidgetSettings w) =>
        new(
            w.Key,
            new WidgetEdit(
                w.Name,
                w.Color,
                w.Position,
                w.Theme,
                w.Language,
                w.Greeting,
                w.QuickQuestions,
                w.AllowedOrigins,
                w.KeepDays,
                w.PrivacyUrl,
                w.AgeGateSince is not null
            ),
            w.IdentitySecret is not null
        );
}

internal sealed record SecretView(string Secret);

internal static class WidgetSettingsEndpoints
{
    public static void MapWidgetSettings(this IEndpointRouteBuilder app)
    {
        var settings = app.MapGroup("/api/widget-settings").InWorkspace(Access.Agent).WithTags("Widget").WithScope("widget:write");
        settings.MapGet("/", ReadAsync).WithScope("widget:read");
        settings.MapPut("/", EditAsync).RequireAuthorization(Access.Admin);
        settings
            .MapPut("/identity-secret", RenewSecretAsync)
            .RequireAuthorization(Access.Admin)
            .RequireAuthorization(Access.StepUp)
            .ForPeopleOnly();
        app.MapGroup("/widget/preview")
            .InWorkspace(Access.Agent)
            .LimitedBy(RateGroup.Pages)
            .WithOwnFiles()
            .ExcludeFromDescription()
            .MapGet("/", WidgetPreviewPage.ShowAsync);
    }

    private static async Task<Tagged<WidgetSettingsView>> ReadAsync(WorkspaceContext ctx, Widgets widgets, CancellationToken ct) =>
        EntityTag.Tagged(WidgetSettingsView.Of(await widgets.EnsureAsync(ctx, ct)));

    private static async Task<NoContent> EditAsync(
        WidgetEdit body,
        WorkspaceContext ctx,
        Widgets widgets,
        IfMatch match,
        CancellationToken ct
    )
    {
        await match.DemandAsync(
            ctx,
            $"select from inbox.widget for update",
            async () => WidgetSettingsView.Of(await widgets.EnsureAsync(ctx, ct)),
            ct
        );
        await widgets.EditAsync(ctx, body, ct);
        return TypedResults.NoContent();
    }

    private static async Task<Ok<SecretView>> RenewSecretAsync(WorkspaceContext ctx, Widgets widgets, CancellationToken ct) =>
        TypedResults.Ok(new SecretView(await widgets.RenewSecretAsync(ctx, ct)));
}
