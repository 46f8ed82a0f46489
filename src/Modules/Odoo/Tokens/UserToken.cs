using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using Tenet.Odoo.Tenants;

namespace Tenet.Odoo.Tokens;

/// <summary>The highest of the addon's groups that a user has.</summary>
internal enum UserGroup
{
    User,
    Writer,
    Manager,
}

/// <summary>
/// A JWT (RFC 7519) that the addon issued for the user who is signed in there. Strict: ES256 only, by the one key that the tenant registered,
/// and every claim that docs/odoo.md names.
/// </summary>
internal sealed record UserToken(
    Guid WorkspaceId,
    Guid Kid,
    int Uid,
    UserGroup Group,
    Guid Id,
    Guid? Grant,
    DateTimeOffset ExpiresAt,
    string Text
)
{
    public const int MaxLength = 2048;
    public static readonly TimeSpan Skew = TimeSpan.FromMinutes(5);
    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 4, AllowDuplicateProperties = false };

    /// <summary>Which key must have signed it. Nothing of this is believed before it has.</summary>
    public static (Guid WorkspaceId, Guid Kid)? Claimant(string text)
    {
        if (text.Length > MaxLength || Split(text) is not { } parts || Json(parts.Header) is not { } header)
        {
            return null;
        }
        using (header)
        {
            var root = header.RootElement;
            if (
                root.ValueKind != JsonValueKind.Object
                || root.EnumerateObject().Count() != 3
                || Word(root, "alg") is not "ES256"
                || Word(root, "typ") is not "JWT"
                || !Guid.TryParseExact(Word(root, "kid"), "D", out var kid)
                || Json(parts.Claims) is not { } claims
            )
            {
                return null;
            }
            using (claims)
            {
                return
                    claims.RootElement.ValueKind == JsonValueKind.Object
                    && Word(claims.RootElement, "iss") is { } issuer
                    && Word(claims.RootElement, "sub") == issuer
                    && Guid.TryParseExact(issuer, "D", out var workspace)
                    ? (workspace, kid)
                    : null;
            }
        }
    }

    /// <param name="tenant">Whose key it must be, by <see cref="Claimant"/>.</param>
    /// <param name="audience">This server, as it told the addon.</param>
    /// <param name="life">How long a token may be good at most.</param>
    public static (UserToken? Token, TokenFault Fault) Verify(
        string text,
        ConnectedTenant tenant,
        string audience,
        TimeSpan life,
        DateTimeOffset now
    )
    {
        if (Split(text) is not { } parts)
        {
            return (null, TokenFault.Malformed);
        }
        Span<byte> signature = stackalloc byte[EcKey.SignatureLength];
        if (
            Base64Url.GetMaxDecodedLength(parts.Signature.Length) != EcKey.SignatureLength
            || !Base64Url.IsValid(parts.Signature)
            || !Base64Url.TryDecodeFromChars(parts.Signature, signature, out var length)
            || length != EcKey.SignatureLength
            || !tenant.AddonKey.Verify(Encoding.ASCII.GetBytes(text[..text.LastIndexOf('.')]), signature)
        )
        {
            return (null, TokenFault.Signature);
        }
        using var document = Json(parts.Claims);
        return document is null ? (null, TokenFault.Malformed) : Read(document.RootElement, text, tenant, audience, life, now);
    }

    private static (UserToken?, TokenFault) Read(
        JsonElement claims,
        string text,
        ConnectedTenant tenant,
        string audience,
        TimeSpan life,
        DateTimeOffset now
    )
    {
        if (Word(claims, "aud") != audience)
        {
            return (null, TokenFault.Audience);
        }
        if (Word(claims, "db") != tenant.Database)
        {
            return (null, TokenFault.Database);
        }
        if (
            Seconds(claims, "iat") is not { } issued
            || Seconds(claims, "nbf") is not { } begins
            || Seconds(claims, "exp") is not { } ends
            || ends <= issued
            || ends - issued > life.TotalSeconds
            || !claims.TryGetProperty("uid", out var number)
            || number.ValueKind != JsonValueKind.Number
            || !number.TryGetInt32(out var uid)
            || uid <= 0
            || !Guid.TryParseExact(Word(claims, "jti"), "D", out var id)
            || GroupOf(Word(claims, "grp")) is not { } group
            || !GrantOf(claims, out var grant)
        )
        {
            return (null, TokenFault.Malformed);
        }
        var time = now.ToUnixTimeSeconds();
        if (time >= ends)
        {
            return (null, TokenFault.Expired);
        }
        if (Math.Max(issued, begins) > time + (long)Skew.TotalSeconds)
        {
            return (null, TokenFault.NotYet);
        }
        var token = new UserToken(tenant.WorkspaceId, tenant.Id, uid, group, id, grant, DateTimeOffset.FromUnixTimeSeconds(ends), text);
        return (token, default);
    }

    private static bool GrantOf(JsonElement claims, out Guid? grant)
    {
        grant = null;
        if (!claims.TryGetProperty("sid", out var value) || value.ValueKind == JsonValueKind.Null)
        {
            return true;
        }
        if (value.ValueKind != JsonValueKind.String || !Guid.TryParseExact(value.GetString(), "D", out var id))
        {
            return false;
        }
        grant = id;
        return true;
    }

    private static UserGroup? GroupOf(string? word) =>
        word switch
        {
            "user" => UserGroup.User,
            "writer" => UserGroup.Writer,
            "manager" => UserGroup.Manager,
            _ => null,
        };

    private static string? Word(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    /// <summary>Whole seconds, from 1970 to the year 9999.</summary>
    private static long? Seconds(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value)
        && value.ValueKind == JsonValueKind.Number
        && value.TryGetInt64(out var seconds)
        && seconds is > 0 and < 253_402_300_800
            ? seconds
            : null;

    private static (string Header, string Claims, string Signature)? Split(string text) =>
        text.Split('.') is [{ Length: > 0 } header, { Length: > 0 } claims, { Length: > 0 } signature] ? (header, claims, signature) : null;

    private static JsonDocument? Json(string part)
    {
        if (!Base64Url.IsValid(part))
        {
            return null;
        }
        try
        {
            return JsonDocument.Parse(Base64Url.DecodeFromChars(part), Strict);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
