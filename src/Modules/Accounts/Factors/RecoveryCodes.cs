using Tenet.Kernel;
using Tenet.Kernel.Workspaces;

namespace Tenet.Accounts.Factors;

/// <summary>
/// Ten codes of 80 bits for the day on which phone and passkeys are gone: shown once, stored as hashes, each good once. So long that a stolen
/// table of hashes is worth nothing.
/// </summary>
internal static class RecoveryCodes
{
    public const int Count = 10;
    private const int Bytes = 10;
    private const int Characters = 16;

    /// <summary>Replaces all codes of a login.</summary>
    /// <returns>The new ones, as people write them down: <c>ABCD-EFGH-IJKL-MNOP</c>.</returns>
    public static async Task<IReadOnlyList<string>> IssueAsync(SystemContext system, Guid loginId, CancellationToken ct)
    {
        var codes = Enumerable.Range(0, Count).Select(_ => Base32.Encode(Secrets.Bytes(Bytes))).ToList();
        await system.ExecuteAsync($"delete from accounts.recovery_code where login_id = {loginId}", ct);
        await system.ExecuteAsync(
            $"""
            insert into accounts.recovery_code (login_id, code_hash, created_at)
            select {loginId}, h, {system.Now} from unnest({codes.Select(code => Hash(loginId, code)).ToArray()}) h
            """,
            ct
        );
        return codes.ConvertAll(code => string.Join('-', code.Chunk(4).Select(part => new string(part))));
    }

    /// <summary>Uses a code up.</summary>
    /// <returns>Whether it was one.</returns>
    public static async Task<bool> RedeemAsync(SystemContext system, Guid loginId, string typed, CancellationToken ct)
    {
        var code = string.Concat(typed.Where(char.IsAsciiLetterOrDigit)).ToUpperInvariant();
        return code.Length == Characters
            && await system.ExecuteAsync(
                $"delete from accounts.recovery_code where login_id = {loginId} and code_hash = {Hash(loginId, code)}",
                ct
            ) == 1;
    }

    private static byte[] Hash(Guid loginId, string code) => Secrets.Hash($"{loginId:N} {code}");
}
