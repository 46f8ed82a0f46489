namespace Tenet.Kernel.Http.Limits;

/// <summary>Limits of a module's own on what people do, in a minute and over all nodes together: see <see cref="RateWindows"/>.</summary>
public sealed class SharedLimits
{
    private readonly RateWindows _windows;

    internal SharedLimits(RateWindows windows) => _windows = windows;

    /// <summary>Counts one thing done.</summary>
    /// <param name="perPerson">May one person do in a minute.</param>
    /// <param name="perWorkspace">May all of the workspace do in a minute.</param>
    /// <returns>False when that is too many.</returns>
    public async ValueTask<bool> TryTakeAsync(
        RateGroup group,
        Guid workspaceId,
        Guid personId,
        long perPerson,
        long perWorkspace,
        CancellationToken ct
    ) =>
        (await _windows.TakeAsync(new RateSubject(group, RateScope.Person, personId), perPerson, ct)).Passes
        && (await _windows.TakeAsync(new RateSubject(group, RateScope.People, workspaceId), perWorkspace, ct)).Passes;
}
