using Microsoft.AspNetCore.Identity;
using Npgsql;
using Tenet.Kernel.Workspaces;

namespace Tenet.Accounts.Factors;

/// <summary>
/// What ASP.NET Core Identity's passkey handler asks of a store: whose passkey is it, and which has a login. It only reads; what comes of a
/// ceremony is written where the session is written.
/// </summary>
internal sealed class PasskeyUsers(SystemScope scope) : IUserPasskeyStore<Login>
{
    public Task<Login?> FindByIdAsync(string userId, CancellationToken cancellationToken) =>
        Guid.TryParse(userId, out var id) ? FindAsync($"l.id = {id}", cancellationToken) : Task.FromResult<Login?>(null);

    public Task<Login?> FindByPasskeyIdAsync(byte[] credentialId, CancellationToken cancellationToken) =>
        FindAsync($"l.id = (select login_id from accounts.passkey where credential_id = {credentialId})", cancellationToken);

    public async Task<IList<UserPasskeyInfo>> GetPasskeysAsync(Login user, CancellationToken cancellationToken) =>
        await PasskeysAsync($"login_id = {user.Id}", cancellationToken);

    public async Task<UserPasskeyInfo?> FindPasskeyAsync(Login user, byte[] credentialId, CancellationToken cancellationToken) =>
        (await PasskeysAsync($"login_id = {user.Id} and credential_id = {credentialId}", cancellationToken)).FirstOrDefault();

    public Task<string> GetUserIdAsync(Login user, CancellationToken cancellationToken) => Task.FromResult(user.Id.ToString());

    public Task<string?> GetUserNameAsync(Login user, CancellationToken cancellationToken) => Task.FromResult<string?>(user.Email);

    public Task AddOrUpdatePasskeyAsync(Login user, UserPasskeyInfo passkey, CancellationToken cancellationToken) => throw OnlyReads();

    public Task RemovePasskeyAsync(Login user, byte[] credentialId, CancellationToken cancellationToken) => throw OnlyReads();

    public Task SetUserNameAsync(Login user, string? userName, CancellationToken cancellationToken) => throw OnlyReads();

    public Task<string?> GetNormalizedUserNameAsync(Login user, CancellationToken cancellationToken) => throw OnlyReads();

    public Task SetNormalizedUserNameAsync(Login user, string? normalizedName, CancellationToken cancellationToken) => throw OnlyReads();

    public Task<IdentityResult> CreateAsync(Login user, CancellationToken cancellationToken) => throw OnlyReads();

    public Task<IdentityResult> UpdateAsync(Login user, CancellationToken cancellationToken) => throw OnlyReads();

    public Task<IdentityResult> DeleteAsync(Login user, CancellationToken cancellationToken) => throw OnlyReads();

    public Task<Login?> FindByNameAsync(string normalizedUserName, CancellationToken cancellationToken) => throw OnlyReads();

    public void Dispose() { }

    private Task<Login?> FindAsync(Sql which, CancellationToken ct) =>
        scope.RunAsync(
            s =>
                s.FirstOrDefaultAsync(
                    $"select l.id, l.email from accounts.login l where {which}",
                    row => new Login { Id = row.GetGuid(0), Email = row.GetString(1) },
                    ct
                ),
            ct
        );

    private Task<List<UserPasskeyInfo>> PasskeysAsync(Sql which, CancellationToken ct) =>
        scope.RunAsync(
            s =>
                s.ListAsync(
                    $"""
                    select credential_id, public_key, created_at, sign_count, transports, is_user_verified, is_backup_eligible, is_backed_up
                      from accounts.passkey where {which}
                    """,
                    Read,
                    ct
                ),
            ct
        );

    // How the authenticator attested itself is looked at once and not kept.
    private static UserPasskeyInfo Read(NpgsqlDataReader row) =>
        new(
            row.GetFieldValue<byte[]>(0),
            row.GetFieldValue<byte[]>(1),
            row.GetFieldValue<DateTimeOffset>(2),
            (uint)row.GetInt64(3),
            row.GetFieldValue<string[]>(4),
            row.GetBoolean(5),
            row.GetBoolean(6),
            row.GetBoolean(7),
            [],
            []
        );

    private static NotSupportedException OnlyReads() => new("Passkeys are written by Passkeys; logins by Members.");
}
