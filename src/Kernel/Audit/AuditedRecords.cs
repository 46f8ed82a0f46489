namespace Tenet.Kernel.Audit;

/// <summary>A table of which each new row is an action that makes an entry. Its columns are <c>id</c> and <c>created_at</c>, or are named.</summary>
/// <param name="Table">As the code names it.</param>
/// <param name="Action">Of the entry whose subject is the row's id.</param>
/// <param name="At">The column with the time of the action.</param>
public sealed record AuditedRecords(string Table, string Action, string At = "created_at");
