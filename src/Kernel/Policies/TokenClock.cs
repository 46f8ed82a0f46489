using Tenet.Kernel.Workspaces;

namespace Tenet.Kernel.Policies;

/// <summary>A kind of token whose life policies limit.</summary>
/// <param name="Token">As in the file: <c>sign_in_link</c>.</param>
/// <param name="Longer">Counts what is stored and would be valid beyond a moment, at most a thousand, by an index.</param>
public sealed record TokenClock(string Token, Func<DateTimeOffset, Sql> Longer)
{
    /// <summary>Rows of one workspace; else of a directory table.</summary>
    public bool OfWorkspace { get; init; }
}
