using Npgsql;
using Tenet.Kernel.Postgres;

namespace Tenet.Kernel.Workspaces;

/// <summary>
/// Work across workspaces (claiming jobs, sign-in by e-mail, provisioning) as <c>tenet_system</c>, which is granted the directory tables only.
/// The files that may use it are reviewed by a guard.
/// </summary>
public sealed class SystemScope(Databases databases, TimeProvider time)
{
    public async Task<T> RunAsync<T>(Func<SystemContext, Task<T>> work, CancellationToken ct)
    {
        await using var connection = await databases.OpenSystemAsync(ct);
        var transaction = await connection.BeginTransactionAsync(ct);
        await using var context = new SystemContext(connection, transaction, time.GetUtcNow());
        try
        {
            var result = await work(context);
            CrashPoint.Reach("commit.before");
            await transaction.CommitAsync(ct);
            CrashPoint.Reach("commit.after");
            return result;
        }
        catch (Exception e) when (databases.Room.Note(e))
        {
            throw;
        }
    }

    public Task RunAsync(Func<SystemContext, Task> work, CancellationToken ct) =>
        RunAsync(
            async context =>
            {
                await work(context);
                return true;
            },
            ct
        );
}

/// <summary>A transaction over the directory tables.</summary>
public sealed class SystemContext : DataContext
{
    internal SystemContext(NpgsqlConnection connection, NpgsqlTransaction transaction, DateTimeOffset now)
        : base(connection, transaction) => Now = now;

    public DateTimeOffset Now { get; }
}
