using Npgsql;
using Tenet.Kernel.Postgres;
using Tenet.Kernel.Vault;

namespace Tenet.Kernel.Doctoring;

/// <summary>The master key, what it opens, and the passwords that follow from it.</summary>
internal static class KeyChecks
{
    public static Finding MasterKey(MasterKey master)
    {
        const string Check = "keys.master";
        try
        {
            // Whatever it is compared with: the key is read, and its file looked at.
            master.Is("");
            return Finding.Green(Check, $"The master key is there ({master.Description}).");
        }
        catch (MasterKeyException e)
        {
            return Finding.Red(Check, e.Message, "Tenet does not start without it. See \"Keys\" in the operating guide.");
        }
    }

    /// <returns>Null for a database that holds no keys yet.</returns>
    public static async Task<Finding?> RootKeysAsync(KeyRing keys, NpgsqlConnection admin, CancellationToken ct)
    {
        const string Check = "keys.installation";
        try
        {
            if (await RootKeyRows.ReadAsync(admin, ct) is not { Count: > 0 })
            {
                return null;
            }
            await keys.OpenAsync(admin, ct);
            return Finding.Green(Check, "The master key opens this installation's keys.");
        }
        catch (MasterKeyException e)
        {
            return Finding.Red(Check, e.Message, "Put the right key back from your backup; do not make a new one.");
        }
        catch (PostgresException e)
        {
            return Finding.Red(Check, $"The installation's keys cannot be read ({e.SqlState}).", "Connect as the owner of Tenet's schema.");
        }
    }

    /// <summary>The application's role signs in with the password that follows from the keys.</summary>
    public static async Task<Finding> SignInAsync(Databases databases, CancellationToken ct)
    {
        const string Check = "roles.sign_in";
        try
        {
            await using var app = await databases.OpenAppAsync(ct);
            await using var directory = await databases.OpenSystemAsync(ct);
            return Finding.Green(Check, "Tenet's roles can sign in.");
        }
        catch (NpgsqlException e)
        {
            return Finding.Red(
                Check,
                $"Tenet's roles cannot sign in ({e.SqlState ?? "connection"}).",
                "Allow tenet_app and tenet_system in pg_hba.conf (scram-sha-256), then run: tenet migrate"
            );
        }
    }
}
