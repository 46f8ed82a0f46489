using System.Runtime.CompilerServices;
using Npgsql;
using Tenet.Kernel.Http;
using Tenet.Kernel.Mail;
using Tenet.Kernel.Postgres;
using Tenet.Kernel.Telemetry;
using Tenet.Kernel.Vault;
using Tenet.Kernel.Workspaces;

namespace Tenet.Kernel.Doctoring;

/// <param name="DataFolder">The installation's folder.</param>
/// <param name="PublicUrl">How browsers reach it; null when the operator has not said.</param>
/// <param name="CertificateFile">The certificate that Tenet serves itself; null when a proxy does.</param>
public sealed record Installed(string DataFolder, Uri? PublicUrl, string? CertificateFile);

/// <summary>Looks at an installation and says what is wrong with it and how to mend it. Changes nothing.</summary>
public sealed class Doctor(
    Databases databases,
    DatabaseOptions database,
    KeyRing keys,
    SystemScope system,
    WorkspaceScope door,
    Egress egress,
    MailOptions mail,
    TelemetryOptions telemetry,
    IEnumerable<OutsideHosts> outside,
    TimeProvider time
)
{
    /// <summary>One finding after the other, as they come; a check that itself fails is a finding too.</summary>
    public async IAsyncEnumerable<Finding> ExamineAsync(Installed installed, [EnumeratorCancellation] CancellationToken ct)
    {
        foreach (var finding in DiskChecks.Look(installed, telemetry, time))
        {
            yield return finding;
        }
        var key = KeyChecks.MasterKey(keys.Master);
        yield return key;
        var (connection, refusal) = await ConnectAsync(ct);
        yield return refusal ?? Finding.Green("postgres.connection", "PostgreSQL answers.");
        if (connection is not null)
        {
            await using var _ = connection;
            var checks = new DatabaseChecks(connection, database.MaxPoolSize, time);
            foreach (
                var look in new[]
                {
                    checks.SettingsAsync,
                    checks.RoomAsync,
                    checks.RolesAsync,
                    checks.IsolationAsync,
                    checks.ClockAsync,
                    checks.SchemaAsync,
                }
            )
            {
                foreach (var finding in await look(ct))
                {
                    yield return finding;
                }
            }
            var opened = key.Verdict == Verdict.Red ? null : await KeyChecks.RootKeysAsync(keys, connection, ct);
            if (opened is not null)
            {
                yield return opened;
            }
            if (opened is { Verdict: Verdict.Green })
            {
                yield return await KeyChecks.SignInAsync(databases, ct);
                foreach (var finding in await OutsideChecks.HostsAsync(system, door, egress, outside, ct))
                {
                    yield return finding;
                }
            }
        }
        yield return await MailCheck.LookAsync(mail, ct);
        foreach (var finding in await AddressChecks.LookAsync(installed, egress, time, ct))
        {
            yield return finding;
        }
    }

    private async Task<(NpgsqlConnection?, Finding?)> ConnectAsync(CancellationToken ct)
    {
        const string Check = "postgres.connection";
        try
        {
            var connection = new NpgsqlConnection(
                new NpgsqlConnectionStringBuilder(databases.AdminConnectionString) { Pooling = false, Timeout = 10 }.ConnectionString
            );
            await connection.OpenAsync(ct);
            return (connection, null);
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.InvalidPassword)
        {
            return (null, Finding.Red(Check, "PostgreSQL refuses the password.", "Correct the password in ConnectionStrings__Tenet."));
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.InvalidCatalogName)
        {
            return (
                null,
                Finding.Red(Check, "The database does not exist.", "Make it: createdb tenet, or correct ConnectionStrings__Tenet.")
            );
        }
        catch (PostgresException e)
        {
            return (
                null,
                Finding.Red(Check, $"PostgreSQL refuses the connection ({e.SqlState}).", "Look into PostgreSQL's log and pg_hba.conf.")
            );
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException or ArgumentException)
        {
            return (
                null,
                Finding.Red(
                    Check,
                    "PostgreSQL cannot be reached.",
                    "Start it, and check host and port in ConnectionStrings__Tenet, the firewall and listen_addresses."
                )
            );
        }
    }
}
