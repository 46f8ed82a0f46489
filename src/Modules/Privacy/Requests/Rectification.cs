using Tenet.Kernel.DataMaps;
using Tenet.Kernel.Workspaces;

namespace Tenet.Privacy.Requests;

/// <summary>One correction of a personal field: what stood there, what stands there now, who wrote it and when.</summary>
[Record("privacy.rectification", Purpose.Accountability, Keep = Rule)]
internal sealed class Rectification
{
    public const string Rule = "privacy.rectifications";

    [Operational]
    public Guid Id { get; init; }

    [Personal(Category.Pseudonym), Refers(RefersAttribute.AnyPerson)]
    public Guid PersonId { get; init; }

    [Operational]
    public Guid? RequestId { get; init; }

    [Operational]
    public string TableName { get; init; } = "";

    [Operational]
    public Guid RowId { get; init; }

    [Operational]
    public string ColumnName { get; init; } = "";

    [Personal(Category.Content)]
    public string? BeforeText { get; init; }

    [Personal(Category.Content)]
    public string? AfterText { get; init; }

    [Operational]
    public ActorKind ByKind { get; init; }

    [Operational]
    public Guid? ById { get; init; }

    [Operational]
    public DateTimeOffset At { get; init; }
}
