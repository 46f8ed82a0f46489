using Tenet.Kernel.Vault;
using Tenet.Kernel.Workspaces;

namespace Tenet.Accounts.Factors;

internal enum FactorResult
{
    Accepted,
    Wrong,

    /// <summary>Five wrong codes within a quarter of an hour: wait for its end.</summary>
    TooMany,
}

/// <summary>
/// Looks at a code that somebody typed: of the authenticator app or a recovery code. One login's codes are looked at one after the other,
/// whatever the node, so that none counts twice and guesses are counted all.
/// </summary>
internal sealed class FactorCheck(SystemScope scope, InstallationVault vault)
{
    public const int MaxFailures = 5;
    public static readonly TimeSpan Window = TimeSpan.FromMinutes(15);

    /// <param name="accepted">Runs in the same transaction when the code is good: the code is used up if and only if this is done.</param>
    public Task<FactorResult> RunAsync(
        Guid loginId,
        string? typed,
        Func<SystemContext, SignInMethod, Task> accepted,
        CancellationToken ct
    ) =>
        CountedAsync(
            loginId,
            async system =>
            {
                if (await MethodOfAsync(system, loginId, typed?.Trim() ?? "", ct) is not { } method)
                {
                    return false;
                }
                await accepted(system, method);
                return true;
            },
            ct
        );

    /// <summary>Turns the app that is being set up into the login's authenticator, by its first code.</summary>
    /// <param name="accepted">Runs in the same transaction.</param>
    public Task<FactorResult> ConfirmAsync(Guid loginId, string? typed, Func<SystemContext, Task> accepted, CancellationToken ct) =>
        CountedAsync(
            loginId,
            async system =>
            {
                if (
                    await AppAsync(system, loginId, confirmed: false, ct) is not { } app
                    || Match(system, app, Digits(typed)) is not { } step
                )
                {
                    return false;
                }
                await system.ExecuteAsync($"delete from accounts.authenticator where login_id = {loginId} and confirmed", ct);
                await system.ExecuteAsync(
                    $"update accounts.authenticator set confirmed = true, last_step = {step}, created_at = {system.Now} where id = {app.Id}",
                    ct
                );
                await accepted(system);
                return true;
            },
            ct
        );

    internal static SealedPlace Place(Guid id) => new("accounts.authenticator", "secret", id);

    private Task<FactorResult> CountedAsync(Guid loginId, Func<SystemContext, Task<bool>> attempt, CancellationToken ct) =>
        scope.RunAsync(
            async system =>
            {
                await system.ExecuteAsync(
                    $"""
                    insert into accounts.factor_attempts (login_id, failures, begun_at) values ({loginId}, 0, {system.Now})
                    on conflict do nothing
                    """,
                    ct
                );
                var (failures, begun) = await system.FirstOrDefaultAsync(
                    $"select failures, begun_at from accounts.factor_attempts where login_id = {loginId} for update",
                    row => (row.GetInt32(0), row.GetFieldValue<DateTimeOffset>(1)),
                    ct
                );
                if (system.Now - begun >= Window)
                {
                    (failures, begun) = (0, system.Now);
                }
                if (failures >= MaxFailures)
                {
                    return FactorResult.TooMany;
                }
                var good = await attempt(system);
                await system.ExecuteAsync(
                    $"""
                    update accounts.factor_attempts set failures = {(good ? 0 : failures + 1)}, begun_at = {(
                        failures == 0 ? system.Now : begun
                    )}
                     where login_id = {loginId}
                    """,
                    ct
                );
                return good ? FactorResult.Accepted : FactorResult.Wrong;
            },
            ct
        );

    private async Task<SignInMethod?> MethodOfAsync(SystemContext system, Guid loginId, string typed, CancellationToken ct)
    {
        if (Digits(typed) is not { Length: 6 } code)
        {
            return await RecoveryCodes.RedeemAsync(system, loginId, typed, ct) ? SignInMethod.RecoveryCode : null;
        }
        if (await AppAsync(system, loginId, confirmed: true, ct) is not { } app || Match(system, app, code) is not { } step)
        {
            return null;
        }
        await system.ExecuteAsync($"update accounts.authenticator set last_step = {step} where id = {app.Id}", ct);
        return SignInMethod.Authenticator;
    }

    private static Task<App?> AppAsync(SystemContext system, Guid loginId, bool confirmed, CancellationToken ct) =>
        system.FirstOrDefaultAsync(
            $"select id, secret, last_step from accounts.authenticator where login_id = {loginId} and confirmed = {confirmed}",
            row => new App(row.GetGuid(0), row.GetFieldValue<byte[]>(1), row.GetInt64(2)),
            ct
        );

    private long? Match(SystemContext system, App app, string code) =>
        Totp.Match(Convert.FromBase64String(vault.Open(Place(app.Id), app.Secret)), code, system.Now, app.LastStep);

    /// <summary>The six digits of a code, as apps show it with a gap in the middle; anything else as it is.</summary>
    private static string Digits(string? typed)
    {
        var code = (typed ?? "").Replace(" ", "", StringComparison.Ordinal);
        return code.Length == 6 && code.All(char.IsAsciiDigit) ? code : "";
    }

    private sealed record App(Guid Id, byte[] Secret, long LastStep);
}
