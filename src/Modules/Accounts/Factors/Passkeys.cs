using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;
using Tenet.Kernel.Http;
using Tenet.Kernel.Workspaces;

namespace Tenet.Accounts.Factors;

/// <summary>
/// Passkeys (WebAuthn). ASP.NET Core Identity's handler makes the options and judges the answers: challenge, origin, relying party, signature,
/// user verification and sign counter; nothing else of Identity is used. What was asked is kept here, for one browser, once, some minutes.
/// </summary>
internal sealed class Passkeys(SystemScope scope, PublicAddress address, Lifetimes lifetimes)
{
    private const int MaxPerLogin = 20;

    /// <summary>Begins to add a passkey.</summary>
    /// <returns>The options for <c>navigator.credentials.create</c>, as JSON.</returns>
    public async Task<string> BeginAddAsync(HttpContext http, Guid loginId, byte[] browserHash, CancellationToken ct)
    {
        using var users = Users();
        var login = await users.FindByIdAsync(loginId.ToString()) ?? throw new NotFoundException("login");
        var entity = new PasskeyUserEntity
        {
            Id = login.Id.ToString(),
            Name = login.Email,
            DisplayName = login.Email,
        };
        var options = await (await HandlerAsync(http, users, ct)).MakeCreationOptionsAsync(entity, http);
        await KeepAsync(CeremonyKind.Add, browserHash, loginId, options.AttestationState!, ct);
        return options.CreationOptionsJson;
    }

    /// <summary>Judges what the browser made.</summary>
    /// <param name="added">Runs in the transaction that stores it.</param>
    /// <exception cref="RuleException">The answer is not one to what was asked, or the passkey is known already.</exception>
    public async Task AddAsync(
        HttpContext http,
        Guid loginId,
        byte[] browserHash,
        string credential,
        string name,
        Func<SystemContext, Task> added,
        CancellationToken ct
    )
    {
        using var users = Users();
        var asked = await TakeAsync(CeremonyKind.Add, browserHash, ct);
        var result =
            asked?.LoginId != loginId
                ? null
                : await (await HandlerAsync(http, users, ct)).PerformAttestationAsync(
                    new PasskeyAttestationContext
                    {
                        HttpContext = http,
                        CredentialJson = credential,
                        AttestationState = asked.State,
                    }
                );
        if (result is not { Succeeded: true, Passkey: { } made })
        {
            throw new RuleException("credential", "The passkey was not accepted. Try again, or use another device.");
        }
        await scope.RunAsync(s => StoreAsync(s, loginId, name, made, added, ct), ct);
    }

    /// <summary>Begins to ask for a passkey.</summary>
    /// <param name="loginId">Whose; null when nobody has said who they are: then the passkey says it.</param>
    /// <returns>The options for <c>navigator.credentials.get</c>, as JSON.</returns>
    public async Task<string> BeginVerifyAsync(HttpContext http, Guid? loginId, byte[] browserHash, CancellationToken ct)
    {
        using var users = Users();
        var login = loginId is { } id ? await users.FindByIdAsync(id.ToString()) : null;
        var options = await (await HandlerAsync(http, users, ct)).MakeRequestOptionsAsync(login, http);
        await KeepAsync(CeremonyKind.Verify, browserHash, loginId, options.AssertionState!, ct);
        return options.RequestOptionsJson;
    }

    /// <summary>Judges what the browser answered; of two answers to the same question, one counts.</summary>
    /// <param name="loginId">Whose it must be; null for anybody's.</param>
    /// <param name="accepted">Runs in the transaction that moves the passkey's counter on.</param>
    /// <returns>Whose passkey it is; null when it is refused.</returns>
    public async Task<Guid?> VerifyAsync(
        HttpContext http,
        Guid? loginId,
        byte[] browserHash,
        string credential,
        Func<SystemContext, Guid, Task> accepted,
        CancellationToken ct
    )
    {
        using var users = Users();
        if (await TakeAsync(CeremonyKind.Verify, browserHash, ct) is not { } asked || asked.LoginId != loginId)
        {
            return null;
        }
        var result = await (await HandlerAsync(http, users, ct)).PerformAssertionAsync(
            new PasskeyAssertionContext
            {
                HttpContext = http,
                CredentialJson = credential,
                AssertionState = asked.State,
            }
        );
        if (result is not { Succeeded: true, Passkey: { } passkey, User: { } user })
        {
            return null;
        }
        return await scope.RunAsync(
            async s =>
            {
                // The handler compared the counter with the row as it was: somebody may have been quicker.
                var moved = await s.ExecuteAsync(
                    $"""
                    update accounts.passkey set sign_count = {(long)
                        passkey.SignCount}, is_backed_up = {passkey.IsBackedUp}, last_used_at = {s.Now}
                     where credential_id = {passkey.CredentialId} and (sign_count < {(long)passkey.SignCount} or {(long)
                        passkey.SignCount} = 0)
                    """,
                    ct
                );
                if (moved == 0)
                {
                    return (Guid?)null;
                }
                await accepted(s, user.Id);
                return user.Id;
            },
            ct
        );
    }

    private static async Task StoreAsync(
        SystemContext system,
        Guid loginId,
        string name,
        UserPasskeyInfo made,
        Func<SystemContext, Task> added,
        CancellationToken ct
    )
    {
        if (await system.ScalarAsync<long>($"select count(*) from accounts.passkey where login_id = {loginId}", ct) >= MaxPerLogin)
        {
            throw new ConflictException($"You have {MaxPerLogin} passkeys already. Remove some that are not used.");
        }
        await system.ExecuteAsync(
            $"""
            insert into accounts.passkey (id, credential_id, login_id, name, public_key, sign_count, transports, is_user_verified,
                                          is_backup_eligible, is_backed_up, created_at)
            values ({Guid.CreateVersion7(system.Now)}, {made.CredentialId}, {loginId}, {name}, {made.PublicKey}, {(long)made.SignCount},
                    {made.Transports ?? []}, {made.IsUserVerified}, {made.IsBackupEligible}, {made.IsBackedUp}, {system.Now})
            """,
            ct
        );
        await added(system);
    }

    private async Task KeepAsync(CeremonyKind kind, byte[] browserHash, Guid? loginId, string state, CancellationToken ct)
    {
        var life = await lifetimes.OfCeremonyAsync(ct);
        await scope.RunAsync(
            async s =>
            {
                await s.ExecuteAsync($"delete from accounts.passkey_ceremony where browser_hash = {browserHash} and kind = {kind}", ct);
                await s.ExecuteAsync(
                    $"""
                    insert into accounts.passkey_ceremony (id, browser_hash, login_id, kind, state, expires_at)
                    values ({Guid.CreateVersion7(s.Now)}, {browserHash}, {loginId}::uuid, {kind}, {state}, {s.Now + life})
                    """,
                    ct
                );
            },
            ct
        );
    }

    private Task<Asked?> TakeAsync(CeremonyKind kind, byte[] browserHash, CancellationToken ct) =>
        scope.RunAsync(
            s =>
                s.FirstOrDefaultAsync(
                    $"""
                    delete from accounts.passkey_ceremony where browser_hash = {browserHash} and kind = {kind} and expires_at > {s.Now}
                    returning login_id, state
                    """,
                    row => new Asked(row.ValueOrNull<Guid>(0), row.GetString(1)),
                    ct
                ),
            ct
        );

    // Identity's manager with nothing but the store: no passwords, no validators, no claims.
    private UserManager<Login> Users() =>
        new(
            new PasskeyUsers(scope),
            null!,
            null!,
            null!,
            null!,
            null!,
            null!,
            null!,
            Microsoft.Extensions.Logging.Abstractions.NullLogger<UserManager<Login>>.Instance
        );

    private async ValueTask<PasskeyHandler<Login>> HandlerAsync(HttpContext http, UserManager<Login> users, CancellationToken ct)
    {
        var here = address.For(http.Request);
        var life = await lifetimes.OfCeremonyAsync(ct);
        return new PasskeyHandler<Login>(
            users,
            Options.Create(
                new IdentityPasskeyOptions
                {
                    ServerDomain = here.Host,
                    UserVerificationRequirement = "required",
                    ResidentKeyRequirement = "required",
                    AttestationConveyancePreference = "none",
                    AuthenticatorTimeout = life,
                    ValidateOrigin = origin =>
                        ValueTask.FromResult(
                            !origin.CrossOrigin && origin.Origin.Equals(here.GetLeftPart(UriPartial.Authority), StringComparison.Ordinal)
                        ),
                }
            )
        );
    }

    private sealed record Asked(Guid? LoginId, string State);
}
