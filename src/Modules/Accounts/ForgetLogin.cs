using Tenet.Kernel.Jobs;
using Tenet.Kernel.Workspaces;

namespace Tenet.Accounts;

/// <summary>Forgets the address, sessions, links and second factors of a person who was removed from the last workspace they belonged to.</summary>
internal sealed class ForgetLogin(SystemScope system) : IJob
{
    public const string Kind = "accounts.forget_login";

    public Task RunAsync(JobRun job, CancellationToken ct) =>
        system.RunAsync(
            async s =>
            {
                var login = job.SubjectId;
                if (await s.ScalarAsync<bool>($"select exists (select from accounts.member where login_id = {login})", ct))
                {
                    return;
                }
                await s.ExecuteAsync($"delete from accounts.session where login_id = {login}", ct);
                await s.ExecuteAsync($"delete from accounts.sign_in_link where login_id = {login}", ct);
                await s.ExecuteAsync($"delete from accounts.authenticator where login_id = {login}", ct);
                await s.ExecuteAsync($"delete from accounts.passkey where login_id = {login}", ct);
                await s.ExecuteAsync($"delete from accounts.passkey_ceremony where login_id = {login}", ct);
                await s.ExecuteAsync($"delete from accounts.recovery_code where login_id = {login}", ct);
                await s.ExecuteAsync($"delete from accounts.factor_attempts where login_id = {login}", ct);
                await s.ExecuteAsync($"delete from accounts.login where id = {login}", ct);
            },
            ct
        );
}
