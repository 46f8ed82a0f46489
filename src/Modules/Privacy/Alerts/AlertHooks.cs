using System.Net;
using Tenet.Kernel.Http;
using Tenet.Kernel.Vault;
using Tenet.Kernel.Workspaces;

namespace Tenet.Privacy.Alerts;

/// <param name="Messages">The newest ones to this workspace's own receiver.</param>
internal sealed record AlertSheet(string? Host, DateTimeOffset? SetAt, IReadOnlyList<AlertMessage> Messages);

/// <summary>The address that an owner sets for alerts.</summary>
internal sealed class AlertHooks(WorkspaceVault vault, Egress egress)
{
    public const string Rule = "privacy.alerts";
    public const string Topic = "policy.alerts";

    public static async Task<AlertSheet> ReadAsync(WorkspaceContext ctx, CancellationToken ct)
    {
        var hook = await ctx.FirstOrDefaultAsync(
            $"select host, set_at from privacy.alert_hook",
            row => new AlertSheet(row.GetString(0), row.GetFieldValue<DateTimeOffset>(1), []),
            ct
        );
        var messages = await AlertMessages.ListAsync(ctx, AlertReceiver.Workspace, 20, ct);
        return (hook ?? new AlertSheet(null, null, [])) with { Messages = messages };
    }

    /// <summary>Sets the address, in place of an earlier one, with a new secret.</summary>
    /// <returns>The secret, shown this once.</returns>
    /// <exception cref="RuleException">It is not an address on the public internet that speaks https.</exception>
    public async Task<string> SetAsync(WorkspaceContext ctx, string? text, CancellationToken ct)
    {
        var validation = new Validation();
        var url = validation.Url("url", text);
        validation.Throw();
        if (!IsAllowed(url!))
        {
            throw new RuleException("url", "An https address on the public internet, please, without a # part.");
        }
        var (id, secret) = (Guid.CreateVersion7(ctx.Now), WebhookSecret.New());
        await ctx.ExecuteAsync($"delete from privacy.alert_hook", ct);
        var sealedUrl = await vault.SealAsync(ctx, AlertHook.UrlPlace(id), url!.AbsoluteUri, ct);
        var sealedSecret = await vault.SealAsync(ctx, AlertHook.SecretPlace(id), secret, ct);
        await ctx.ExecuteAsync(
            $"""
            insert into privacy.alert_hook (id, host, url, secret, set_by, set_at)
            values ({id}, {url.IdnHost}, {sealedUrl}, {sealedSecret}, {ctx.Actor.Id}, {ctx.Now})
            """,
            ct
        );
        ctx.Audit("policy.alerts_set", "workspace", ctx.WorkspaceId);
        ctx.Publish(Topic, ctx.WorkspaceId);
        return secret;
    }

    public static async Task RemoveAsync(WorkspaceContext ctx, CancellationToken ct)
    {
        if (await ctx.ExecuteAsync($"delete from privacy.alert_hook", ct) > 0)
        {
            ctx.Audit("policy.alerts_removed", "workspace", ctx.WorkspaceId);
            ctx.Publish(Topic, ctx.WorkspaceId);
        }
    }

    /// <summary>Where to, and signed with what; null when no owner has set it.</summary>
    public async Task<(Uri Url, WebhookSecret Secret)?> OpenAsync(WorkspaceContext ctx, CancellationToken ct)
    {
        var hook = await ctx.FirstOrDefaultAsync(
            $"select id, url, secret from privacy.alert_hook",
            row => (Id: row.GetGuid(0), Url: row.GetFieldValue<byte[]>(1), Secret: row.GetFieldValue<byte[]>(2)),
            ct
        );
        if (hook.Url is null)
        {
            return null;
        }
        var url = new Uri(await vault.OpenAsync(ctx, AlertHook.UrlPlace(hook.Id), hook.Url, ct));
        var secret = WebhookSecret.Parse(await vault.OpenAsync(ctx, AlertHook.SecretPlace(hook.Id), hook.Secret, ct));
        return (url, secret ?? throw new InvalidOperationException("The secret of the alerts is not one."));
    }

    // Names are looked up when something is sent; what is plainly inside somebody's network is refused at once.
    private bool IsAllowed(Uri url) =>
        egress.IsListedLoopback(url)
        || url.Scheme == Uri.UriSchemeHttps
            && url.Fragment.Length == 0
            && (
                IPAddress.TryParse(url.IdnHost.Trim('[', ']'), out var address) ? Egress.IsPublic(address) : !OwnNetwork.Holds(url.IdnHost)
            );
}
