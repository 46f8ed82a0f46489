using Tenet.Kernel.Policies;
using Tenet.Kernel.Workspaces;

namespace Tenet.Kernel.DataMaps;

/// <summary>A retention rule whose end is a moment: a policy says how long, this tells from when on, what is over it, and how it goes.</summary>
/// <param name="Rule">The rule's name, as in <see cref="RecordAttribute.Keep"/>.</param>
/// <param name="From">From when the time runs, for people: <c>after the last message</c>.</param>
/// <param name="Overdue">Counts the rows that should be gone, at most a thousand, by an index.</param>
public sealed record RetentionClock(string Rule, string From, Func<RetentionLook, Sql> Overdue)
{
    /// <summary>What the rows are, for people: <c>Conversations and visitors</c>. The rule's name where a module does not say.</summary>
    public string Title { get; init; } = Rule;

    /// <summary>Rows of a directory table, across workspaces: the strictest policy in force counts for all of them.</summary>
    public bool OfDeployment { get; init; }

    /// <summary>Which rows the sweep deletes; null when a job of the module does it.</summary>
    public RetentionEnd? Ends { get; init; }

    /// <summary>How the rows may go: a policy that names another way is refused.</summary>
    public IReadOnlyList<RetentionMethod> Methods { get; init; } = [RetentionMethod.Delete];

    /// <summary>Less than this cannot be kept; a policy that says less is refused.</summary>
    public Period? Least { get; init; }

    /// <summary>Whether each workspace may choose for itself, up to <c>at_most</c>, and what it chose; null when it may not.</summary>
    public Func<WorkspaceContext, CancellationToken, Task<Period?>>? Choice { get; init; }
}

/// <summary>The rows of a table whose time is over.</summary>
/// <param name="Over">The condition that a row ended before a moment, by an index.</param>
public sealed record RetentionEnd(string Table, Func<DateTimeOffset, Sql> Over)
{
    /// <summary>So many at once: no sweep holds locks for long, and a killed one has lost no more than its last batch.</summary>
    public const int BatchSize = 20_000;

    internal Sql DeleteBatch(DateTimeOffset before)
    {
        var table = Sql.Constant(Table);
        return $"delete from {table} where ctid = any(array(select ctid from {table} where {Over(before)} limit {BatchSize}))";
    }
}

/// <summary>What a probe of a retention rule looks with.</summary>
/// <param name="Grace">By how much whoever deletes may be behind.</param>
public readonly record struct RetentionLook(DateTimeOffset Now, Period Keep, TimeSpan Grace)
{
    /// <summary>What becomes of the rows: one that stays anonymous is not overdue.</summary>
    public RetentionMethod Method { get; init; }

    /// <summary>What ended before this moment should be gone.</summary>
    public DateTimeOffset Before => Keep.Before(Now) - Grace;
}
