using Tenet.Kernel.Http;
using Tenet.Kernel.Mail;
using Tenet.Kernel.Vault;
using Tenet.Kernel.Workspaces;

namespace Tenet.Accounts.Factors;

/// <summary>What a person has beside the link: sees, begins and removes it. Each change is written to the person.</summary>
internal sealed class SecondFactors(SystemScope scope, InstallationVault vault, Mailer mailer)
{
    private static readonly TimeSpan SetUpTime = TimeSpan.FromHours(1);

    public Task<FactorSummary> ReadAsync(Guid loginId, CancellationToken ct) =>
        scope.RunAsync(
            async s => new FactorSummary(
                await s.FirstOrDefaultAsync<DateTimeOffset?>(
                    $"select created_at from accounts.authenticator where login_id = {loginId} and confirmed",
                    row => row.GetFieldValue<DateTimeOffset>(0),
                    ct
                ),
                await s.ListAsync(
                    $"select id, name, created_at, last_used_at from accounts.passkey where login_id = {loginId} order by id",
                    row => new PasskeyLine(
                        row.GetGuid(0),
                        row.GetString(1),
                        row.GetFieldValue<DateTimeOffset>(2),
                        row.ValueOrNull<DateTimeOffset>(3)
                    ),
                    ct
                ),
                (int)await s.ScalarAsync<long>($"select count(*) from accounts.recovery_code where login_id = {loginId}", ct)
            ),
            ct
        );

    /// <summary>Whether a login has a factor that sign-in must ask for.</summary>
    public static Task<bool> AnyAsync(SystemContext system, Guid loginId, CancellationToken ct) =>
        system.ScalarAsync<bool>(
            $"""
            select exists (select from accounts.authenticator where login_id = {loginId} and confirmed)
                or exists (select from accounts.passkey where login_id = {loginId})
            """,
            ct
        );

    /// <summary>The app that is being set up; the same one for an hour, so that a picture which was scanned stays good.</summary>
    public Task<NewAuthenticator> BeginAppAsync(Guid loginId, CancellationToken ct) =>
        scope.RunAsync(
            async s =>
            {
                var email = await EmailAsync(s, loginId, ct);
                await s.ExecuteAsync(
                    $"delete from accounts.authenticator where login_id = {loginId} and not confirmed and created_at < {s.Now - SetUpTime}",
                    ct
                );
                var (id, secret) = (Guid.CreateVersion7(s.Now), Totp.NewSecret());
                var value = vault.Seal(FactorCheck.Place(id), Convert.ToBase64String(secret));
                await s.ExecuteAsync(
                    $"""
                    insert into accounts.authenticator (id, login_id, secret, created_at) values ({id}, {loginId}, {value}, {s.Now})
                    on conflict (login_id, confirmed) do nothing
                    """,
                    ct
                );
                var begun = await s.FirstOrDefaultAsync(
                    $"select id, secret from accounts.authenticator where login_id = {loginId} and not confirmed",
                    row => (Id: row.GetGuid(0), Secret: row.GetFieldValue<byte[]>(1)),
                    ct
                );
                return new NewAuthenticator(Convert.FromBase64String(vault.Open(FactorCheck.Place(begun.Id), begun.Secret)), email);
            },
            ct
        );

    public Task RemoveAppAsync(Guid loginId, CancellationToken ct) =>
        RemoveAsync(
            loginId,
            $"delete from accounts.authenticator where login_id = {loginId} and confirmed",
            "Your authenticator app was removed",
            ct
        );

    public Task RemovePasskeyAsync(Guid loginId, Guid id, CancellationToken ct) =>
        RemoveAsync(
            loginId,
            $"delete from accounts.passkey where login_id = {loginId} and id = {id}",
            "A passkey of yours was removed",
            ct
        );

    public Task<IReadOnlyList<string>> NewCodesAsync(Guid loginId, CancellationToken ct) =>
        scope.RunAsync(
            async s =>
            {
                await TellAsync(s, loginId, "Your recovery codes were replaced", ct);
                return await RecoveryCodes.IssueAsync(s, loginId, ct);
            },
            ct
        );

    /// <summary>Writes to the person that their sign-in changed, so that a thief's change does not stay unnoticed.</summary>
    public async Task TellAsync(SystemContext system, Guid loginId, string what, CancellationToken ct) =>
        await mailer.SendAsync(
            system,
            new Letter(
                await EmailAsync(system, loginId, ct),
                what,
                $"""
                {what}.

                If this was you, there is nothing to do. If not, somebody else is signed in as you: open "Sign-in and security" in the console, sign out
                everywhere, and tell the owner of your workspace.
                """
            ),
            ct
        );

    /// <summary>Without its last factor a login has nothing to recover, so its codes go with it.</summary>
    private Task RemoveAsync(Guid loginId, Sql delete, string what, CancellationToken ct) =>
        scope.RunAsync(
            async s =>
            {
                if (await s.ExecuteAsync(delete, ct) == 0)
                {
                    throw new NotFoundException("second factor");
                }
                if (!await AnyAsync(s, loginId, ct))
                {
                    await s.ExecuteAsync($"delete from accounts.recovery_code where login_id = {loginId}", ct);
                }
                await TellAsync(s, loginId, what, ct);
            },
            ct
        );

    private static async Task<string> EmailAsync(SystemContext system, Guid loginId, CancellationToken ct) =>
        await system.ScalarAsync<string>($"select email from accounts.login where id = {loginId}", ct)
        ?? throw new NotFoundException("login");
}

/// <param name="App">Since when there is an authenticator app; null when there is none.</param>
/// <param name="Codes">Recovery codes that are left.</param>
internal sealed record FactorSummary(DateTimeOffset? App, IReadOnlyList<PasskeyLine> Passkeys, int Codes)
{
    public bool Any => App is not null || Passkeys.Count > 0;
}

internal sealed record PasskeyLine(Guid Id, string Name, DateTimeOffset CreatedAt, DateTimeOffset? LastUsedAt);

/// <summary>An app to set up: the secret as people type it and as the app scans it.</summary>
internal sealed class NewAuthenticator(byte[] secret, string account)
{
    /// <summary>In groups of four, for typing.</summary>
    public string Text => string.Join(' ', Base32.Encode(secret).Chunk(4).Select(part => new string(part)));

    /// <summary>For scanning.</summary>
    public string Address => Totp.Address(secret, account);
}
