using Tenet.Kernel.Http;
using Tenet.Kernel.Workspaces;

namespace Tenet.Accounts.Factors;

/// <summary>For a person who has lost phone, passkeys and recovery codes, by the operator, who has made sure who asks.</summary>
public sealed class SecondFactorReset
{
    private readonly SystemScope _scope;
    private readonly SecondFactors _factors;

    internal SecondFactorReset(SystemScope scope, SecondFactors factors) => (_scope, _factors) = (scope, factors);

    /// <summary>Takes every second factor off a login and ends its sessions; the person is written to.</summary>
    /// <exception cref="NotFoundException">Nobody signs in with this address.</exception>
    public Task RunAsync(string email, CancellationToken ct) =>
        _scope.RunAsync(
            async s =>
            {
                var login = await s.ScalarAsync<Guid>($"select id from accounts.login where email = {email.Trim().ToLowerInvariant()}", ct);
                if (login == Guid.Empty)
                {
                    throw new NotFoundException("member with this e-mail address");
                }
                await s.ExecuteAsync($"delete from accounts.authenticator where login_id = {login}", ct);
                await s.ExecuteAsync($"delete from accounts.passkey where login_id = {login}", ct);
                await s.ExecuteAsync($"delete from accounts.recovery_code where login_id = {login}", ct);
                await s.ExecuteAsync($"delete from accounts.factor_attempts where login_id = {login}", ct);
                await s.ExecuteAsync($"delete from accounts.session where login_id = {login}", ct);
                await _factors.TellAsync(s, login, "Your second factors were removed by the operator", ct);
            },
            ct
        );
}
