using Tenet.Kernel.Workspaces;

namespace Tenet.Kernel.DataMaps;

/// <summary>A retention rule whose end is a moment: a policy says how long, and this tells what is over it.</summary>
/// <param name="Rule">The rule's name, as in <see cref="RecordAttribute.Keep"/>.</param>
/// <param name="Overdue">Counts the workspace's rows that ended before a moment, at most a thousand, by an index.</param>
public sealed record RetentionClock(string Rule, Func<DateTimeOffset, Sql> Overdue);
