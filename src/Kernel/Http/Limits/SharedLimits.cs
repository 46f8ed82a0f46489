namespace Tenet.Kernel.Http.Limits;

/// <summary>Limits of a module's own on what people do, over all nodes together: see <see cref="RateWindows"/>.</summary>
public sealed class SharedLimits
{
    private readonly RateWindows _windows;

    internal SharedLimits(RateWindows windows) => _windows = windows;

    /// <summary>Counts one thing done, and what has been done in this minute.</summary>
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

    /// <summary>Counts an attempt to the very number: for what is rare, since the database is asked each time.</summary>
    /// <param name="what">What is attempted, in a word.</param>
    /// <param name="who">An address, an IP: only a keyed pseudonym of it is stored.</param>
    /// <param name="most">May one do in a window; windows begin by the clock.</param>
    /// <returns>False when that is too many.</returns>
    public Task<bool> TryAttemptAsync(string what, string who, long most, TimeSpan window, CancellationToken ct) =>
        _windows.TryTakeOneAsync(what, who, most, window, ct);
}
