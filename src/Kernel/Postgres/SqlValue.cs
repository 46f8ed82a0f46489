using System.Collections.Concurrent;
using Npgsql;

namespace Tenet.Kernel.Postgres;

/// <summary>How values of the program stand in PostgreSQL: enums as snake_case text, everything else as Npgsql maps it.</summary>
public static class SqlValue
{
    private static readonly ConcurrentDictionary<Enum, string> EnumTexts = new();

    public static string Text<T>(T value)
        where T : struct, Enum => EnumTexts.GetOrAdd(value, static v => SnakeCase(v.ToString()));

    public static T Enum<T>(string text)
        where T : struct, Enum => System.Enum.Parse<T>(text.Replace("_", "", StringComparison.Ordinal), ignoreCase: true);

    internal static NpgsqlParameter Parameter<T>(T value) =>
        value switch
        {
            null => new NpgsqlParameter { Value = DBNull.Value },
            Enum e => new NpgsqlParameter<string> { TypedValue = EnumTexts.GetOrAdd(e, static v => SnakeCase(v.ToString())) },
            _ when Nullable.GetUnderlyingType(typeof(T)) is not null => new NpgsqlParameter { Value = value },
            _ => new NpgsqlParameter<T> { TypedValue = value },
        };

    internal static string SnakeCase(string name)
    {
        var text = new System.Text.StringBuilder(name.Length + 4);
        for (var i = 0; i < name.Length; i++)
        {
            if (i > 0 && char.IsUpper(name[i]) && !char.IsUpper(name[i - 1]))
            {
                text.Append('_');
            }
            text.Append(char.ToLowerInvariant(name[i]));
        }
        return text.ToString();
    }
}
