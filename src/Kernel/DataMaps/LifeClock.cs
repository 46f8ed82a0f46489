using Tenet.Kernel.Workspaces;

namespace Tenet.Kernel.DataMaps;

/// <summary>A retention rule whose end is an event: records live as long as something else does.</summary>
/// <param name="Rule">The rule's name, as in <see cref="RecordAttribute.Keep"/>.</param>
/// <param name="While">What it lives with, in one word of a policy file.</param>
/// <param name="Left">Counts the rows that outlived it, at most a thousand. The moment is the latest at which it may have ended.</param>
public sealed record LifeClock(string Rule, string While, Func<DateTimeOffset, Sql> Left)
{
    public const string Workspace = "workspace";
    public const string Member = "member";
    public const string Login = "login";
    public const string Source = "source";
    public const string Installation = "installation";

    /// <summary>Rows of a directory table, across workspaces.</summary>
    public bool OfDeployment { get; init; }

    /// <summary>Removes what outlived it, where nothing else does.</summary>
    public Sql? Delete { get; init; }

    /// <summary>Records that live as long as their workspace is open.</summary>
    /// <param name="tables">Of the workspace, as the code names them.</param>
    public static LifeClock OfWorkspace(string rule, params string[] tables) => new(rule, Workspace, before => Closed(tables, before));

    private static Sql Closed(string[] tables, DateTimeOffset before)
    {
        Sql left = $"select 0::bigint";
        foreach (var table in tables)
        {
            left =
                $"{left} + (select count(*) from (select from {Sql.Constant(table)} where exists (select from kernel.workspace where closed_at < {before}) limit 1000) r)";
        }
        return left;
    }
}
