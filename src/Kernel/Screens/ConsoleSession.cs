using System.Security.Claims;
using Microsoft.AspNetCore.Components.Authorization;
using Tenet.Kernel.Events;
using Tenet.Kernel.Http;
using Tenet.Kernel.Workspaces;

namespace Tenet.Kernel.Screens;

/// <summary>The caller as of now, with the role held now; null when the session has ended. Answered by the module that signs people in.</summary>
public delegate ValueTask<ClaimsPrincipal?> RefreshCaller(ClaimsPrincipal user, CancellationToken ct);

/// <summary>The session behind a page has ended; the layout leads to the sign-in page.</summary>
public sealed class SessionEndedException() : Exception("You are signed out. Sign in again to go on.");

/// <summary>The member's role does not reach what the page asks for.</summary>
public sealed class AccessDeniedException() : Exception("Your role does not allow this. Ask an owner or admin of the workspace.");

/// <summary>What is asked for is dangerous and the proof of who asks is old; the layout leads to where it is given anew.</summary>
public sealed class StepUpException() : Exception("Confirm that it is you, then repeat what you wanted to do.");

/// <summary>
/// A console page's way to its workspace. Every action asks anew whether the session lives and the role reaches, because a page may stay
/// open for days, and then goes through the one door as the signed-in member.
/// </summary>
public sealed class ConsoleSession(AuthenticationStateProvider state, WorkspaceScope door, EventHub events, RefreshCaller refresh)
    : IDisposable
{
    private readonly CancellationTokenSource _ended = new();
    private ClaimsPrincipal? _user;

    /// <summary>Cancelled when the page's circuit or request is over.</summary>
    public CancellationToken Ended => _ended.Token;

    public Guid WorkspaceId => Id(TenetClaims.Workspace);
    public Guid MemberId => Id(TenetClaims.Member);
    public Guid SessionId => Id(TenetClaims.Session);

    /// <summary>One of <see cref="Access"/>, as of the latest action.</summary>
    public string Role => User.FindFirstValue(TenetClaims.Role) ?? "";

    public string Name => User.FindFirstValue(TenetClaims.Name) ?? "";

    /// <summary>Whether the member may do what asks for <paramref name="access"/>: for leaving out what would be refused.</summary>
    public bool Reaches(string access) => Access.Reaches(Role, access);

    /// <summary>Does a piece of work in the member's workspace, in one transaction.</summary>
    /// <param name="access">The least role: one of <see cref="Access"/>.</param>
    /// <exception cref="SessionEndedException">Signed out meanwhile.</exception>
    /// <exception cref="AccessDeniedException">The role does not reach.</exception>
    public async Task<T> RunAsync<T>(string access, Func<WorkspaceContext, Task<T>> work, CancellationToken ct = default)
    {
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(ct, _ended.Token);
        await DemandAsync(access, linked.Token);
        return await door.RunAsync(WorkspaceId, Actor.Member(MemberId), work, linked.Token);
    }

    /// <inheritdoc cref="RunAsync{T}"/>
    public Task RunAsync(string access, Func<WorkspaceContext, Task> work, CancellationToken ct = default) =>
        RunAsync(
            access,
            async ctx =>
            {
                await work(ctx);
                return true;
            },
            ct
        );

    /// <summary>Like <see cref="RunAsync{T}"/>, for what is dangerous: see <see cref="Access.StepUp"/>.</summary>
    /// <exception cref="StepUpException">The proof of who is asking is older than ten minutes.</exception>
    /// <inheritdoc cref="RunAsync{T}" path="/exception"/>
    public async Task<T> RunSteppedUpAsync<T>(string access, Func<WorkspaceContext, Task<T>> work, CancellationToken ct = default)
    {
        await DemandSteppedUpAsync(access, ct);
        return await RunAsync(access, work, ct);
    }

    /// <inheritdoc cref="RunSteppedUpAsync{T}"/>
    public async Task RunSteppedUpAsync(string access, Func<WorkspaceContext, Task> work, CancellationToken ct = default)
    {
        await DemandSteppedUpAsync(access, ct);
        await RunAsync(access, work, ct);
    }

    /// <inheritdoc cref="RunSteppedUpAsync{T}" path="/exception"/>
    public async Task DemandSteppedUpAsync(string access, CancellationToken ct = default)
    {
        await DemandAsync(access, ct);
        if (!Access.IsSteppedUp(User))
        {
            throw new StepUpException();
        }
    }

    /// <summary>Only the check, for work that does not go through the door.</summary>
    /// <inheritdoc cref="RunAsync{T}" path="/exception"/>
    public async Task DemandAsync(string access, CancellationToken ct = default)
    {
        _user = await refresh(User, ct) ?? throw new SessionEndedException();
        if (!Reaches(access))
        {
            throw new AccessDeniedException();
        }
    }

    /// <summary>Calls back for every event of the workspace until disposed. The handler must be quick: <c>InvokeAsync</c> into the page.</summary>
    public IDisposable Listen(Action<WorkspaceEvent> onEvent) => events.Subscribe(WorkspaceId, onEvent);

    // Only cancelled: what still runs when the page is left asks for the token once more.
    public void Dispose() => _ended.Cancel();

    // Both on the server: the state is known when a page is made, the task has always ended.
    private ClaimsPrincipal User =>
        _user ??= state.GetAuthenticationStateAsync() is { IsCompletedSuccessfully: true } known
            ? known.GetAwaiter().GetResult().User
            : throw new InvalidOperationException("The page has no caller yet.");

    private Guid Id(string claim) => User.Guid(claim) ?? throw new SessionEndedException();
}
