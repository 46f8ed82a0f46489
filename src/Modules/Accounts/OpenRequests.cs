using System.Collections.Concurrent;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Tenet.Kernel.Events;
using Tenet.Kernel.Http;
using Tenet.Kernel.Workspaces;

namespace Tenet.Accounts;

/// <summary>
/// Requests that are being answered: a stream of events and the socket of an open page are requests, too, which last for hours. All of a node are
/// compared every two seconds with the sessions and keys that are left, in one query each, and a second after another node or this one tells
/// of an end; whose sign-in has ended is cut.
/// </summary>
internal sealed partial class OpenRequests : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);
    private readonly ConcurrentDictionary<Open, bool> _open = new();
    private readonly SemaphoreSlim _told = new(0, 1);
    private readonly SystemScope _system;
    private readonly WorkspaceScope _door;
    private readonly ILogger<OpenRequests> _logger;
    private readonly IDisposable _subscription;

    public OpenRequests(SystemScope system, WorkspaceScope door, EventHub events, ILogger<OpenRequests> logger)
    {
        (_system, _door, _logger) = (system, door, logger);
        _subscription = events.Subscribe(
            Guid.Empty,
            item =>
            {
                if (item.Topic is Sessions.Topic or Members.Topic or ApiKeys.Topic && _told.CurrentCount == 0)
                {
                    TryTell();
                }
            }
        );
    }

    /// <summary>From now until it is answered, the request is cut when its caller's sign-in ends.</summary>
    public void Watch(HttpContext http, System.Security.Claims.ClaimsPrincipal caller)
    {
        if (
            caller.Guid(TenetClaims.Workspace) is { } workspace
            && (caller.Guid(TenetClaims.Key) ?? caller.Guid(TenetClaims.Session)) is { } id
        )
        {
            var open = new Open(this, http, id, workspace, caller.Guid(TenetClaims.Key) is not null);
            _open[open] = true;
            http.Response.RegisterForDispose(open);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (await _told.WaitAsync(Every, stoppingToken))
                {
                    // The browser that signed out leaves its page by itself: its socket need not be torn from under it.
                    await Task.Delay(Grace, stoppingToken);
                }
                await CutAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (e is NpgsqlException or TimeoutException)
            {
                LogFailed((e as PostgresException)?.SqlState ?? e.GetType().Name);
            }
        }
    }

    private async Task CutAsync(CancellationToken ct)
    {
        var open = _open.Keys.ToList();
        if (open.Count == 0)
        {
            return;
        }
        var living = await LivingSessionsAsync([.. open.Where(request => !request.ByKey)], ct);
        foreach (var keys in open.Where(request => request.ByKey).GroupBy(request => request.WorkspaceId))
        {
            living.UnionWith(await LivingKeysAsync(keys.Key, [.. keys.Select(request => request.Id).Distinct()], ct));
        }
        foreach (var request in open.Where(request => !living.Contains((request.Id, request.WorkspaceId))))
        {
            request.Cut();
        }
    }

    /// <summary>Living means: open, and its person still a member of the workspace that the request is for.</summary>
    private async Task<HashSet<(Guid Id, Guid WorkspaceId)>> LivingSessionsAsync(IReadOnlyList<Open> requests, CancellationToken ct)
    {
        if (requests.Count == 0)
        {
            return [];
        }
        var (ids, workspaces) = (
            requests.Select(request => request.Id).ToArray(),
            requests.Select(request => request.WorkspaceId).ToArray()
        );
        var living = await _system.RunAsync(
            s =>
                s.ListAsync(
                    $"""
                    select distinct asked.id, asked.workspace_id
                      from unnest({ids}, {workspaces}) asked (id, workspace_id)
                      join accounts.session s on s.id = asked.id and s.state = 'open' and s.expires_at > {s.Now}
                      join accounts.member m on m.workspace_id = asked.workspace_id and m.login_id = s.login_id
                    """,
                    row => (row.GetGuid(0), row.GetGuid(1)),
                    ct
                ),
            ct
        );
        return [.. living];
    }

    private Task<List<(Guid Id, Guid WorkspaceId)>> LivingKeysAsync(Guid workspaceId, Guid[] ids, CancellationToken ct) =>
        _door.BatchAsync(
            workspaceId,
            Actor.System,
            batch =>
                batch.Add($"select id from accounts.api_key where id = any({ids}) and (expires_at is null or expires_at > {batch.Now})"),
            results => results.ListAsync(row => (row.GetGuid(0), workspaceId), ct),
            ct
        );

    private void TryTell()
    {
        try
        {
            _told.Release();
        }
        catch (SemaphoreFullException)
        {
            // Told a moment ago and not yet heard: once is enough.
        }
    }

    public override void Dispose()
    {
        _subscription.Dispose();
        _told.Dispose();
        base.Dispose();
    }

    private sealed class Open(OpenRequests all, HttpContext http, Guid id, Guid workspaceId, bool byKey) : IDisposable
    {
        // Kept apart: the server gives the context to another request once this one is answered.
        private readonly Lock _gate = new();
        private HttpContext? _http = http;

        public Guid Id => id;
        public Guid WorkspaceId => workspaceId;
        public bool ByKey => byKey;

        public void Cut()
        {
            lock (_gate)
            {
                _http?.Abort();
            }
        }

        public void Dispose()
        {
            all._open.TryRemove(this, out _);
            lock (_gate)
            {
                _http = null;
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Open requests could not be compared with the sessions ({Error}); trying again")]
    private partial void LogFailed(string error);
}
