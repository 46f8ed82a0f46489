using System.Security.Claims;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Server;
using Microsoft.Extensions.Logging;

namespace Tenet.Accounts;

/// <summary>Keeps an open page's sign-in true: a page whose session has ended turns anonymous within seconds.</summary>
internal sealed class MemberState(Sessions sessions, ILoggerFactory logs) : RevalidatingServerAuthenticationStateProvider(logs)
{
    protected override TimeSpan RevalidationInterval => TimeSpan.FromSeconds(5);

    protected override async Task<bool> ValidateAuthenticationStateAsync(
        AuthenticationState authenticationState,
        CancellationToken cancellationToken
    ) =>
        authenticationState.User.Identity is not { IsAuthenticated: true }
        || await IsOpenAsync(authenticationState.User, cancellationToken);

    private async Task<bool> IsOpenAsync(ClaimsPrincipal user, CancellationToken ct)
    {
        try
        {
            return await sessions.RefreshAsync(user, ct) is not null;
        }
        catch (ObjectDisposedException)
        {
            // The host stops: nobody is asked any more, and the page ends with it.
            return true;
        }
    }
}
