using System.Data.Common;

namespace Tenet.Kernel.Workspaces;

/// <summary>Columns that may be null, as they are read from a row.</summary>
public static class NullableColumns
{
    public static string? TextOrNull(this DbDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);

    public static T? ValueOrNull<T>(this DbDataReader row, int column)
        where T : struct => row.IsDBNull(column) ? null : row.GetFieldValue<T>(column);
}
