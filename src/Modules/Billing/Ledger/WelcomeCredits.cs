using System.Collections.Concurrent;
using Tenet.Kernel.Workspaces;

namespace Tenet.Billing.Ledger;

/// <summary>What a workspace has to begin with: given once, when somebody first asks what is there.</summary>
internal sealed class WelcomeCredits(WorkspaceScope door, BillingOptions options)
{
    private const int MostRemembered = 100_000;
    private readonly ConcurrentDictionary<Guid, bool> _given = new();

    /// <returns>Whether they were given now.</returns>
    public async Task<bool> GiveAsync(Guid workspaceId, CancellationToken ct)
    {
        if (options.WelcomeCredits == 0 || _given.ContainsKey(workspaceId))
        {
            return false;
        }
        var given = await door.BatchAsync(
            workspaceId,
            Actor.System,
            batch =>
            {
                batch.Add(Booking.Lock(workspaceId));
                batch.Add(Booking.Grant(workspaceId, Credits.Of(options.WelcomeCredits), batch.Now));
            },
            async rows =>
            {
                await rows.FirstOrDefaultAsync(_ => true, ct);
                return await rows.FirstOrDefaultAsync(_ => true, ct);
            },
            ct
        );
        if (_given.Count < MostRemembered)
        {
            _given[workspaceId] = true;
        }
        return given;
    }
}
