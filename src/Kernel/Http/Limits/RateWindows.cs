using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Extensions.Logging;
using Npgsql;
using Tenet.Kernel.DataMaps;
using Tenet.Kernel.Vault;
using Tenet.Kernel.Workspaces;

namespace Tenet.Kernel.Http.Limits;

/// <summary>
/// Counts requests over all nodes without asking the database for each: nodes lease slices of a hundredth of the limit, of a person's of a
/// tenth. Up to the first slice nothing is asked at all, so several nodes together may overshoot by a slice each.
/// </summary>
internal sealed partial class RateWindows(SystemScope system, InstallationVault vault, TimeProvider time, ILogger<RateWindows> logger)
{
    public static readonly TimeSpan Length = TimeSpan.FromMinutes(1);
    private const int MaxSubjects = 100_000;
    private readonly ConcurrentDictionary<RateSubject, RateWindow> _windows = new();
    private long _sweptAt;
    private long _warnedAt;

    public async ValueTask<RateVerdict> TakeAsync(RateSubject subject, long limit, CancellationToken ct)
    {
        var window = WindowOf(subject, limit);
        while (true)
        {
            Task lease;
            lock (window)
            {
                var now = time.GetTimestamp();
                if (now >= window.EndsAt)
                {
                    window.Begin(now + Ticks(Length));
                }
                var passes = window.TryTake();
                if (window.WantsLease)
                {
                    window.Lease = LeaseAsync(subject, window);
                }
                if (passes || window.IsSpent)
                {
                    return new RateVerdict(
                        subject.Scope,
                        passes,
                        limit,
                        passes ? window.Remaining : 0,
                        time.GetElapsedTime(now, window.EndsAt)
                    );
                }
                lease = window.Lease ?? Task.CompletedTask;
            }
            await lease.WaitAsync(ct);
        }
    }

    /// <summary>
    /// For what is rare and dear: each time the database is asked, so that no node lets one pass too many.
    /// </summary>
    /// <param name="what">Keeps subjects apart that are counted for different things.</param>
    /// <returns>False when all nodes together have let <paramref name="most"/> pass in this window.</returns>
    public Task<bool> TryTakeOneAsync(string what, string subject, long most, TimeSpan window, CancellationToken ct)
    {
        ForgetEndedNowAndThen();
        var whose = new Guid(vault.Sign("rate subject of " + what, Encoding.UTF8.GetBytes(subject)).AsSpan(0, 16));
        return system.RunAsync(
            async s =>
                await s.FirstOrDefaultAsync(
                    $"select granted from kernel.lease_requests({whose}, 0, 1, {most}, {(int)window.TotalSeconds}, 0)",
                    row => row.GetInt64(0),
                    ct
                ) > 0,
            ct
        );
    }

    // Runs on after its caller has gone: what was leased is used by the next.
    private async Task LeaseAsync(RateSubject subject, RateWindow window)
    {
        var (used, wanted) = window.Report();
        // Away from the caller's lock and thread.
        await Task.Yield();
        try
        {
            var (granted, taken, endsIn) = await AskAsync(subject, used, wanted, window.Limit);
            lock (window)
            {
                window.Grant(granted, taken, time.GetTimestamp() + Ticks(endsIn));
                window.Lease = null;
            }
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException or OperationCanceledException)
        {
            lock (window)
            {
                window.GrantAlone(wanted);
                window.Lease = null;
            }
            Warn(e);
        }
    }

    private Task<(long Granted, long Taken, TimeSpan EndsIn)> AskAsync(RateSubject subject, long used, long wanted, long limit)
    {
        var whose = Name(subject);
        var seconds = (int)Length.TotalSeconds;
        // Windows of different subjects end at different times, so that nodes do not ask for all of them at once.
        var shift = whose.ToByteArray()[0] % seconds;
        ForgetEndedNowAndThen();
        return system.RunAsync(
            async s =>
            {
                return await s.FirstOrDefaultAsync(
                    $"select granted, taken, ends_in from kernel.lease_requests({whose}, {used}, {wanted}, {limit}, {seconds}, {shift})",
                    row => (row.GetInt64(0), row.GetInt64(1), TimeSpan.FromSeconds(row.GetDouble(2))),
                    CancellationToken.None
                );
            },
            CancellationToken.None
        );
    }

    /// <summary>The same on every node; no address can be read from it.</summary>
    private Guid Name(RateSubject subject)
    {
        Span<byte> text = stackalloc byte[18];
        (text[0], text[1]) = ((byte)subject.Group, (byte)subject.Scope);
        subject.Id.TryWriteBytes(text[2..]);
        return new Guid(vault.Sign("rate subject", text).AsSpan(0, 16));
    }

    private RateWindow WindowOf(RateSubject subject, long limit)
    {
        if (_windows.TryGetValue(subject, out var known) && known.Limit == limit)
        {
            return known;
        }
        if (_windows.Count >= MaxSubjects)
        {
            // Somebody sends from very many addresses: those that have done nothing since the last window are forgotten.
            ForgetEnded();
        }
        return _windows.AddOrUpdate(subject, _ => Begin(subject, limit), (_, old) => old.Limit == limit ? old : Begin(subject, limit));
    }

    // A person's limit is small: by hundredths the database would be asked for each request.
    private static RateWindow Begin(RateSubject subject, long limit) =>
        new(limit, Math.Max(1, limit / (subject.Scope is RateScope.Person ? 10 : 100)));

    private void ForgetEndedNowAndThen()
    {
        var swept = Volatile.Read(ref _sweptAt);
        var now = time.GetTimestamp();
        if ((swept == 0 || now - swept >= Ticks(5 * Length)) && Interlocked.CompareExchange(ref _sweptAt, now, swept) == swept)
        {
            ForgetEnded();
        }
    }

    private void ForgetEnded()
    {
        var now = time.GetTimestamp();
        foreach (var (subject, window) in _windows)
        {
            if (window.EndsAt < now && window.Lease is null)
            {
                _windows.TryRemove(subject, out _);
            }
        }
    }

    private long Ticks(TimeSpan span) => (long)(span.TotalSeconds * time.TimestampFrequency);

    private void Warn(Exception e)
    {
        var (warned, now) = (Volatile.Read(ref _warnedAt), time.GetTimestamp());
        if ((warned == 0 || now - warned > Ticks(Length)) && Interlocked.CompareExchange(ref _warnedAt, now, warned) == warned)
        {
            LogAlone(e.GetType().Name, (e as PostgresException)?.SqlState);
        }
    }

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "The database does not lease requests ({Error} {SqlState}): until it does, this node limits its own callers alone."
    )]
    private partial void LogAlone(string error, string? sqlState);
}

/// <summary>What all nodes have let pass of a subject's requests in a window.</summary>
[NoSubject("A keyed pseudonym of an address that is gone minutes after its last request, and that leads back to nobody.")]
[Record("kernel.rate_window", Purpose.Operations, Keep = "kernel.rate_windows")]
internal sealed record RateWindowRow
{
    /// <summary>Stands for an address, a workspace or a key under a key of this installation.</summary>
    [Personal(Category.Pseudonym)]
    public required Guid Subject { get; init; }

    [Operational]
    public DateTimeOffset BegunAt { get; init; }

    [Operational]
    public long Taken { get; init; }
}
