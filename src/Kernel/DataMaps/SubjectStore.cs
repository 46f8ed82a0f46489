using Tenet.Kernel.Workspaces;

namespace Tenet.Kernel.DataMaps;

/// <summary>A person in one workspace: the rows that stand for them, and the texts by which they are known.</summary>
/// <param name="Rows">Ids of rows of tables with identifying columns.</param>
/// <param name="Identifiers">Addresses, numbers and names of theirs, in lower case.</param>
public sealed record Person(Guid[] Rows, IReadOnlyList<string> Identifiers);

/// <summary>
/// A place in which something of a person may lie although none of its rows leads to them: a module declares it beside the records that say
/// <see cref="NoSubjectAttribute"/>.
/// </summary>
/// <param name="Name">The table.</param>
/// <param name="Method">What is done there, in the words of a certificate.</param>
/// <param name="CountAsync">How much of the person's, or of what may be, lies there.</param>
/// <param name="EraseAsync">Takes it out. Safe to run again.</param>
public sealed record SubjectStore(
    string Name,
    string Method,
    Func<Guid, Person, CancellationToken, Task<long>> CountAsync,
    Func<Guid, Person, CancellationToken, Task> EraseAsync
);

/// <summary>What a module has to say and to do before persons of one of its tables are erased: for what follows from it elsewhere.</summary>
/// <param name="Table">A table with identifying columns.</param>
/// <param name="DemandAsync">Throws a <see cref="Http.ConflictException"/> that says what to do first, when rows with these ids cannot go.</param>
/// <param name="RunAsync">In the transaction that deletes them.</param>
public sealed record BeforeErasure(
    string Table,
    Func<WorkspaceContext, Guid[], CancellationToken, Task> DemandAsync,
    Func<WorkspaceContext, Guid[], CancellationToken, Task> RunAsync
);
