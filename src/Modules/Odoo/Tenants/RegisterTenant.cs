using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Tenet.Accounts;
using Tenet.Kernel.Http;
using Tenet.Kernel.Vault;
using Tenet.Kernel.Workspaces;
using Tenet.Odoo.Turns;

namespace Tenet.Odoo.Tenants;

internal sealed record AcceptedTerms(string? Version, DateTimeOffset AcceptedAt, int Uid);

internal sealed record Registration(
    string? Code,
    string? Url,
    string? Database,
    EcJwk? PublicKey,
    string? Odoo,
    string? Addon,
    AcceptedTerms? Terms
);

internal sealed record Registered(string Tenant, string Kid, string Audience, string Api, string TenetKid, EcJwk TenetKey);

/// <summary>Connects an Odoo by a one-time code: its key and address are kept, and a key is made for Tenet's calls of it.</summary>
internal sealed partial class RegisterTenant(WorkspaceScope door, WorkspaceVault vault, Egress egress, PublicAddress own)
{
    /// <summary>Of the terms that are to be accepted.</summary>
    public const string TermsVersion = "2026-11";

    /// <returns>What was made, or the code of what was wrong.</returns>
    public async Task<(Registered? Made, string? Fault)> RunAsync(
        Guid workspaceId,
        Registration asked,
        byte[] publicKey,
        CancellationToken ct
    )
    {
        if (asked.Terms is not { Version: TermsVersion, Uid: > 0 } terms)
        {
            return (null, "terms_outdated");
        }
        if (UrlOf(asked.Url) is not { } url || !Database().IsMatch(asked.Database ?? ""))
        {
            return (null, "url_invalid");
        }
        if (!OdooVersion().IsMatch(asked.Odoo ?? "") || !AddonVersion().IsMatch(asked.Addon ?? ""))
        {
            return (null, "version_invalid");
        }
        return await door.RunAsync<(Registered?, string?)>(
            workspaceId,
            Actor.System,
            async ctx =>
            {
                if (!await ConnectCode.UseAsync(ctx, asked.Code!, ct))
                {
                    return (null, "code_invalid");
                }
                if (await ctx.ScalarAsync<bool>($"select exists (select from odoo.tenant where disconnected_at is null)", ct))
                {
                    return (null, "connected");
                }
                return (await SaveAsync(ctx, asked, url, publicKey, terms, ct), null);
            },
            ct
        );
    }

    private async Task<Registered> SaveAsync(
        WorkspaceContext ctx,
        Registration asked,
        Uri url,
        byte[] publicKey,
        AcceptedTerms terms,
        CancellationToken ct
    )
    {
        var (kid, tenetKid) = (Guid.CreateVersion7(ctx.Now), Guid.CreateVersion7(ctx.Now));
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var plain = key.ExportPkcs8PrivateKey();
        var sealedKey = await vault.SealAsync(ctx, Tenant.KeyPlace(kid), plain, ct);
        CryptographicOperations.ZeroMemory(plain);
        await ctx.ExecuteAsync(
            $"""
            insert into odoo.tenant (id, url, database, public_key, tenet_kid, tenet_key, odoo_version, addon_version, state, connected_at)
            values ({kid}, {url.AbsoluteUri.TrimEnd(
                '/'
            )}, {asked.Database}, {publicKey}, {tenetKid}, {sealedKey}, {asked.Odoo}, {asked.Addon},
                    {TenantState.Unchecked}, {ctx.Now})
            """,
            ct
        );
        await ctx.ExecuteAsync(
            $"""
            insert into odoo.terms (id, tenant_id, version, uid, accepted_at, recorded_at)
            values ({Guid.CreateVersion7(ctx.Now)}, {kid}, {terms.Version}, {terms.Uid}, {terms.AcceptedAt}, {ctx.Now})
            """,
            ct
        );
        ctx.Audit("odoo.connected", "odoo_tenant", kid, new { terms.Uid, Terms = terms.Version });
        ctx.Publish(TenantBook.Topic, kid);
        ctx.Schedule(EndLostTurns.Kind, ctx.WorkspaceId, EndLostTurns.Every);
        var audience = own.Own.GetLeftPart(UriPartial.Authority);
        return new Registered(
            ctx.WorkspaceId.ToString("D"),
            kid.ToString("D"),
            audience,
            audience + "/api/copilot",
            tenetKid.ToString("D"),
            EcKey.Write(key)
        );
    }

    /// <summary>Https, without user, query and fragment; plain http only to what the operator lists on this machine.</summary>
    private Uri? UrlOf(string? text) =>
        text is { Length: <= 255 }
        && Uri.TryCreate(text, UriKind.Absolute, out var url)
        && url is { UserInfo: "", Query: "", Fragment: "" }
        && (url.Scheme == Uri.UriSchemeHttps || url.Scheme == Uri.UriSchemeHttp && egress.IsListedLoopback(url))
        && (
            !System.Net.IPAddress.TryParse(url.IdnHost.Trim('[', ']'), out var address)
            || Egress.IsPublic(address)
            || egress.IsListedLoopback(url)
        )
        && UrlText().IsMatch(url.AbsoluteUri)
            ? url
            : null;

    [GeneratedRegex(@"^https?://[A-Za-z0-9._:/\[\]-]+\z", RegexOptions.None, 1000)]
    private static partial Regex UrlText();

    [GeneratedRegex(@"^[A-Za-z0-9._-]{1,63}\z", RegexOptions.None, 1000)]
    private static partial Regex Database();

    [GeneratedRegex(@"^[0-9]{1,3}\.[0-9]{1,2}\z", RegexOptions.None, 1000)]
    private static partial Regex OdooVersion();

    [GeneratedRegex(@"^[0-9.]{1,20}\z", RegexOptions.None, 1000)]
    private static partial Regex AddonVersion();
}
