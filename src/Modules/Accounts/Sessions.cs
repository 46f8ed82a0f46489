using System.Collections.Concurrent;
using System.Security.Claims;
using Tenet.Accounts.Factors;
using Tenet.Kernel;
using Tenet.Kernel.Events;
using Tenet.Kernel.Http;
using Tenet.Kernel.Workspaces;

namespace Tenet.Accounts;

/// <summary>
/// Living sessions. A look-up is remembered for at most five seconds, so a session that was ended anywhere is cut within that time;
/// changes of members forget it at once on every node.
/// </summary>
internal sealed class Sessions : IDisposable
{
    /// <summary>Published when sessions end or wait again.</summary>
    public const string Topic = "accounts.session";

    private static readonly TimeSpan Remembered = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan SeenEvery = TimeSpan.FromMinutes(5);
    private const int MaxRemembered = 20_000;

    private readonly SystemScope _system;
    private readonly WorkspaceScope _door;
    private readonly Lifetimes _lifetimes;
    private readonly TimeProvider _time;
    private readonly IDisposable _subscription;
    private readonly ConcurrentDictionary<string, (SignedIn? Found, long At)> _remembered = new(StringComparer.Ordinal);

    public Sessions(SystemScope system, WorkspaceScope door, EventHub events, Lifetimes lifetimes, TimeProvider time)
    {
        (_system, _door, _lifetimes, _time) = (system, door, lifetimes, time);
        _subscription = events.Subscribe(
            Guid.Empty,
            item =>
            {
                if (item.Topic is Members.Topic or Topic or Workspace.ClosedTopic)
                {
                    _remembered.Clear();
                }
            }
        );
    }

    public Task<SignedIn?> FindAsync(byte[] tokenHash, CancellationToken ct) =>
        RememberAsync(Convert.ToHexString(tokenHash), $"s.token_hash = {tokenHash}", ct);

    public Task<SignedIn?> FindAsync(Guid sessionId, CancellationToken ct) =>
        RememberAsync(sessionId.ToString("N"), $"s.id = {sessionId}", ct);

    /// <summary>The same caller as of now, with the role held now; null when the session has ended.</summary>
    public async ValueTask<ClaimsPrincipal?> RefreshAsync(ClaimsPrincipal user, CancellationToken ct) =>
        user.Guid(TenetClaims.Session) is { } id
        && await FindAsync(id, ct) is { } found
        // A tab keeps the workspace it was opened in, even if another tab has switched.
        && found.WorkspaceId == user.Guid(TenetClaims.Workspace)
            ? found.ToPrincipal(_time.GetUtcNow())
            : null;

    /// <summary>
    /// Begins a session inside the caller's transaction. It is open at once, unless the login has a second factor to ask for, or the workspace
    /// wants one that the login has not: then it waits for that, a few minutes.
    /// </summary>
    /// <returns>The token for the cookie; it is not stored.</returns>
    public static async Task<(string Token, Guid Id, SessionState State)> BeginAsync(
        SystemContext system,
        SessionLife life,
        Guid loginId,
        Guid workspaceId,
        Caller caller,
        SignInMethod method,
        CancellationToken ct
    )
    {
        var state = method == SignInMethod.Link ? await WaitsForAsync(system, loginId, workspaceId, ct) : SessionState.Open;
        var end = system.Now + (state == SessionState.Open ? life.Open : life.Pending);
        var token = Secrets.Token();
        var id = Guid.CreateVersion7(system.Now);
        await system.ExecuteAsync(
            $"""
            insert into accounts.session (id, token_hash, login_id, current_workspace_id, ip, user_agent, created_at, last_seen_at, expires_at,
                                          verified_at, state, method)
            values ({id}, {Secrets.Hash(token)}, {loginId}, {workspaceId}, {caller.Ip}::text, {caller.UserAgent}::text,
                    {system.Now}, {system.Now}, {end}, {system.Now}, {state}, {method})
            """,
            ct
        );
        return (token, id, state);
    }

    private static async Task<SessionState> WaitsForAsync(SystemContext system, Guid loginId, Guid workspaceId, CancellationToken ct) =>
        await SecondFactors.AnyAsync(system, loginId, ct) ? SessionState.SecondFactor
        : await RequiresFactorAsync(system, workspaceId, ct) ? SessionState.SetUp
        : SessionState.Open;

    private static Task<bool> RequiresFactorAsync(SystemContext system, Guid workspaceId, CancellationToken ct) =>
        system.ScalarAsync<bool>($"select requires_factor from accounts.sign_in_policy where workspace_id = {workspaceId}", ct);

    /// <summary>Goes to another workspace of the same login.</summary>
    /// <returns>Set up, when that workspace wants a second factor and the login has none: the session waits for it.</returns>
    /// <exception cref="NotFoundException">The login does not belong to it.</exception>
    public async Task<SessionState> SwitchAsync(byte[] tokenHash, Guid workspaceId, CancellationToken ct)
    {
        var life = await _lifetimes.OfSessionAsync(ct);
        var (id, state) = await _system.RunAsync(s => SwitchAsync(s, life, tokenHash, workspaceId, ct), ct);
        Forget(tokenHash, id);
        await AuditAsync(await FindAsync(tokenHash, ct), "session.started", ct);
        return state;
    }

    private static async Task<(Guid Id, SessionState State)> SwitchAsync(
        SystemContext system,
        SessionLife life,
        byte[] tokenHash,
        Guid workspaceId,
        CancellationToken ct
    )
    {
        var (id, login) = await system.FirstOrDefaultAsync(
            $"""
            update accounts.session s set current_workspace_id = {workspaceId}
             where token_hash = {tokenHash} and state = 'open'
               and exists (select from accounts.member m join kernel.workspace w on w.id = m.workspace_id
                            where m.workspace_id = {workspaceId} and m.login_id = s.login_id and (w.closed_at is null or m.role = 'owner'))
            returning id, login_id
            """,
            row => (row.GetGuid(0), row.GetGuid(1)),
            ct
        );
        if (id == Guid.Empty)
        {
            throw new NotFoundException("workspace");
        }
        if (!await RequiresFactorAsync(system, workspaceId, ct) || await SecondFactors.AnyAsync(system, login, ct))
        {
            return (id, SessionState.Open);
        }
        await system.ExecuteAsync(
            $"update accounts.session set state = 'set_up', expires_at = {system.Now + life.Pending} where id = {id}",
            ct
        );
        return (id, SessionState.SetUp);
    }

    /// <summary>The workspaces that a session's login belongs to, by name.</summary>
    public Task<List<WorkspaceChoice>> WorkspacesOfAsync(Guid sessionId, CancellationToken ct) =>
        _system.RunAsync(
            s =>
                s.ListAsync(
                    $"""
                    select w.id, case when w.closed_at is null then w.name else w.name || ' (closed)' end
                      from accounts.session s
                      join accounts.member m on m.login_id = s.login_id
                      join kernel.workspace w on w.id = m.workspace_id and (w.closed_at is null or m.role = 'owner')
                     where s.id = {sessionId}
                     order by lower(w.name), w.id
                     limit 50
                    """,
                    row => new WorkspaceChoice(row.GetGuid(0), row.GetString(1)),
                    ct
                ),
            ct
        );

    /// <summary>Notes that the person behind an open session has just proved who they are.</summary>
    public static Task VerifyAsync(SystemContext system, Guid sessionId, SignInMethod method, CancellationToken ct) =>
        system.ExecuteAsync(
            $"update accounts.session set verified_at = {system.Now}, method = {method} where id = {sessionId} and state = 'open'",
            ct
        );

    /// <summary>Lets a session be read anew, on this node; an event tells the others.</summary>
    public void Forget(Guid sessionId)
    {
        _remembered.TryRemove(sessionId.ToString("N"), out _);
        foreach (var (key, entry) in _remembered)
        {
            if (entry.Found?.SessionId == sessionId)
            {
                _remembered.TryRemove(key, out _);
            }
        }
    }

    public async Task EndAsync(byte[] tokenHash, CancellationToken ct)
    {
        var found = await FindAsync(tokenHash, ct);
        var ended = await _system.RunAsync(
            s => s.ScalarAsync<Guid>($"delete from accounts.session where token_hash = {tokenHash} returning id", ct),
            ct
        );
        Forget(tokenHash, ended);
        await AuditAsync(found, "session.ended", ct);
    }

    private Task AuditAsync(SignedIn? session, string action, CancellationToken ct) =>
        session is null
            ? Task.CompletedTask
            : _door.BatchAsync(
                session.WorkspaceId,
                Actor.Member(session.MemberId),
                batch =>
                {
                    batch.Audit(action, "session", session.SessionId);
                    batch.Publish(Topic, session.SessionId);
                },
                ct
            );

    private void Forget(byte[] tokenHash, Guid sessionId)
    {
        _remembered.TryRemove(Convert.ToHexString(tokenHash), out _);
        _remembered.TryRemove(sessionId.ToString("N"), out _);
    }

    public void Dispose() => _subscription.Dispose();

    private async Task<SignedIn?> RememberAsync(string key, Sql which, CancellationToken ct)
    {
        if (_remembered.TryGetValue(key, out var entry) && _time.GetElapsedTime(entry.At) < Remembered)
        {
            return entry.Found;
        }
        ct.ThrowIfCancellationRequested();
        var at = _time.GetTimestamp();
        // Not bound to the request, which is often given up just now: a statement that is cancelled may leave the driver's connection out of step
        // with the database for whoever gets it next.
        var found = await ReadAsync(which, CancellationToken.None);
        if (_remembered.Count >= MaxRemembered)
        {
            _remembered.Clear();
        }
        _remembered[key] = (found, at);
        return found;
    }

    private async Task<SignedIn?> ReadAsync(Sql which, CancellationToken ct)
    {
        var found = await _system.RunAsync(
            async s =>
            {
                var row = await s.FirstOrDefaultAsync<(SignedIn SignedIn, DateTimeOffset Seen)?>(
                    $"""
                    select s.id, s.login_id, m.workspace_id, m.id, case when w.closed_at is null then m.role else {Access.ClosedOwner} end,
                           s.verified_at, s.last_seen_at
                      from accounts.session s
                      join accounts.member m on m.workspace_id = s.current_workspace_id and m.login_id = s.login_id
                      join kernel.workspace w on w.id = m.workspace_id and (w.closed_at is null or m.role = 'owner')
                     where {which} and s.state = 'open' and s.expires_at > {s.Now}
                    """,
                    row =>
                        (
                            new SignedIn(
                                row.GetGuid(0),
                                row.GetGuid(1),
                                row.GetGuid(2),
                                row.GetGuid(3),
                                row.GetString(4),
                                "",
                                row.GetFieldValue<DateTimeOffset>(5)
                            ),
                            row.GetFieldValue<DateTimeOffset>(6)
                        ),
                    ct
                );
                if (row is { } seen && s.Now - seen.Seen > SeenEvery)
                {
                    await s.ExecuteAsync($"update accounts.session set last_seen_at = {s.Now} where id = {seen.SignedIn.SessionId}", ct);
                }
                return row?.SignedIn;
            },
            ct
        );
        if (found is null)
        {
            return null;
        }
        var name = await _door.BatchAsync(
            found.WorkspaceId,
            Actor.System,
            batch => batch.Add($"select name from accounts.member where id = {found.MemberId}"),
            results => results.FirstOrDefaultAsync(row => row.GetString(0), ct),
            ct
        );
        return name is null ? null : found with { Name = name, StaysFresh = await _lifetimes.OfStepUpAsync(ct) };
    }
}

internal sealed record WorkspaceChoice(Guid Id, string Name);

/// <summary>Where a request comes from, as kept with a session.</summary>
internal readonly record struct Caller(string? Ip, string? UserAgent)
{
    public static Caller Of(Microsoft.AspNetCore.Http.HttpContext http)
    {
        var agent = http.Request.Headers.UserAgent.ToString();
        return new Caller(http.Connection.RemoteIpAddress?.ToString(), agent.Length > 300 ? agent[..300] : agent);
    }
}
