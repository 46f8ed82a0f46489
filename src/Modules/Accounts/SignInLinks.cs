using Tenet.Kernel;
using Tenet.Kernel.Http;
using Tenet.Kernel.Workspaces;

namespace Tenet.Accounts;

/// <summary>Links that sign in: made for an address, redeemed once within some minutes.</summary>
public sealed class SignInLinks
{
    private readonly SystemScope _system;
    private readonly WorkspaceScope _door;
    private readonly PublicAddress _address;
    private readonly Lifetimes _lifetimes;

    internal SignInLinks(SystemScope system, WorkspaceScope door, PublicAddress address, Lifetimes lifetimes) =>
        (_system, _door, _address, _lifetimes) = (system, door, address, lifetimes);

    /// <summary>A link for the operator to open or hand over: single use, not bound to a browser.</summary>
    /// <exception cref="NotFoundException">Nobody with this address is a member of any workspace.</exception>
    public async Task<Uri> CreateForOperatorAsync(string email, CancellationToken ct)
    {
        var life = await _lifetimes.OfLinkAsync(ct);
        var token = await _system.RunAsync(s => CreateAsync(s, life, email.Trim().ToLowerInvariant(), null, "/", ct), ct);
        return Address(_address.Own, token ?? throw new NotFoundException("member with this e-mail address"));
    }

    internal static Uri Address(Uri root, string token) => new(root, "/sign-in/link/" + token);

    /// <returns>The link's token, or null when nobody with this address is a member of any workspace.</returns>
    internal static async Task<string?> CreateAsync(
        SystemContext system,
        TimeSpan life,
        string email,
        byte[]? browserHash,
        string returnPath,
        CancellationToken ct
    )
    {
        var token = Secrets.Token();
        var rows = await system.ExecuteAsync(
            $"""
            insert into accounts.sign_in_link (token_hash, login_id, browser_hash, return_path, created_at, expires_at)
            select {Secrets.Hash(token)}, l.id, {browserHash}::bytea, {returnPath}, {system.Now}, {system.Now + life}
              from accounts.login l
             where l.email = {email} and exists (select from accounts.member m where m.login_id = l.id)
            """,
            ct
        );
        return rows == 1 ? token : null;
    }

    /// <summary>Uses the link up and begins a session, in one transaction: of two at once, one wins.</summary>
    internal async Task<RedeemedLink> RedeemAsync(string token, byte[]? browserHash, Caller caller, CancellationToken ct)
    {
        var tokenHash = Secrets.Hash(token);
        var life = await _lifetimes.OfSessionAsync(ct);
        var redeemed = await _system.RunAsync(s => RedeemAsync(s, life, tokenHash, browserHash, caller, ct), ct);
        if (redeemed.Session is { State: SessionState.Open } session)
        {
            await _door.BatchAsync(
                session.WorkspaceId,
                Actor.Member(session.MemberId),
                batch => batch.Audit("session.started", "session", session.Id, new { method = "link" }),
                ct
            );
        }
        return redeemed;
    }

    private static async Task<RedeemedLink> RedeemAsync(
        SystemContext system,
        SessionLife life,
        byte[] tokenHash,
        byte[]? browserHash,
        Caller caller,
        CancellationToken ct
    )
    {
        var used = await system.FirstOrDefaultAsync<(Guid LoginId, string ReturnPath)?>(
            $"""
            update accounts.sign_in_link set used_at = {system.Now}
             where token_hash = {tokenHash} and used_at is null and expires_at > {system.Now}
               and (browser_hash is null or browser_hash = {browserHash}::bytea)
            returning login_id, return_path
            """,
            row => (row.GetGuid(0), row.GetString(1)),
            ct
        );
        if (used is not { } link)
        {
            return new RedeemedLink(await WhyNotAsync(system, tokenHash, ct), "/", null);
        }
        var place = await system.FirstOrDefaultAsync<(Guid WorkspaceId, Guid MemberId)?>(
            $"""
            select m.workspace_id, m.id from accounts.member m
              join kernel.workspace w on w.id = m.workspace_id and (w.closed_at is null or m.role = 'owner')
             where m.login_id = {link.LoginId} order by w.closed_at is not null, m.id limit 1
            """,
            row => (row.GetGuid(0), row.GetGuid(1)),
            ct
        );
        if (place is not { } member)
        {
            return new RedeemedLink(Redemption.NoWorkspace, "/", null);
        }
        if (browserHash is not null)
        {
            await system.ExecuteAsync($"delete from accounts.session where token_hash = {browserHash}", ct);
        }
        var (token, id, state) = await Sessions.BeginAsync(system, life, link.LoginId, member.WorkspaceId, caller, SignInMethod.Link, ct);
        return new RedeemedLink(
            Redemption.SignedIn,
            link.ReturnPath,
            new BegunSession(token, id, member.WorkspaceId, member.MemberId, state)
        );
    }

    private static async Task<Redemption> WhyNotAsync(SystemContext system, byte[] tokenHash, CancellationToken ct) =>
        await system.FirstOrDefaultAsync<(bool Used, bool Expired)?>(
            $"select used_at is not null, expires_at <= {system.Now} from accounts.sign_in_link where token_hash = {tokenHash}",
            row => (row.GetBoolean(0), row.GetBoolean(1)),
            ct
        ) switch
        {
            null => Redemption.Unknown,
            { Used: true } => Redemption.Used,
            { Expired: true } => Redemption.Expired,
            _ => Redemption.OtherBrowser,
        };
}

/// <param name="Session">Null unless <paramref name="Outcome"/> is signed in.</param>
internal sealed record RedeemedLink(Redemption Outcome, string ReturnPath, BegunSession? Session);

/// <param name="State">Open, or what the person must do before it opens.</param>
internal sealed record BegunSession(string Token, Guid Id, Guid WorkspaceId, Guid MemberId, SessionState State)
{
    /// <summary>Where the browser goes now, and at last to <paramref name="returnPath"/>.</summary>
    public string Next(string returnPath) => PendingSignIn.Next(State, returnPath);
}
