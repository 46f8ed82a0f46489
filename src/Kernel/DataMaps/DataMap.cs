using System.Reflection;
using Tenet.Kernel.Postgres;

namespace Tenet.Kernel.DataMaps;

public enum DataClass
{
    Operational,
    Personal,
    Sealed,
}

/// <summary>A column with its class. <paramref name="Category"/> is null for operational ones.</summary>
public sealed record ColumnMap(string Column, string Property, DataClass Class, string? Category, bool Identifies)
{
    /// <summary>Whose key seals it; null when it is not sealed.</summary>
    public KeyKind? Under { get; init; }

    /// <summary>The table whose row this row belongs to, by the id in this column; see <see cref="RefersAttribute"/>.</summary>
    public string? Refers { get; init; }

    /// <summary>The table whose row belongs to this row, by the id in this column.</summary>
    public string? Owns { get; init; }

    /// <summary>The id of a person whose row this is not.</summary>
    public bool Mentions { get; init; }

    /// <summary>Whether it says something about a person; keys of the installation are sealed, and say nothing.</summary>
    public bool IsPersonal =>
        Class is not DataClass.Operational && !string.Equals(Category, DataMaps.Category.SystemCredentials, StringComparison.Ordinal);
}

public sealed record TableMap(string Table, Type Entity, string Purpose, string Keep, IReadOnlyList<ColumnMap> Columns)
{
    /// <summary>Why its rows lead to no person; null when they do.</summary>
    public string? NoSubject { get; init; }

    /// <summary>Why its rows stay when their person is erased; null when they go.</summary>
    public string? Retained { get; init; }

    /// <summary>Why its rows stay when their workspace is deleted; null when they go.</summary>
    public string? KeptAtClosing { get; init; }

    public string Schema => Table[..Table.IndexOf('.', StringComparison.Ordinal)];
    public string Name => Table[(Table.IndexOf('.', StringComparison.Ordinal) + 1)..];
}

/// <summary>
/// What every table and column is, read from the entities that the modules declare. Export, erasure, retention, redaction and
/// the records of processing read this one map.
/// </summary>
public sealed class DataMap(IReadOnlyList<TableMap> tables, IReadOnlyDictionary<string, string> retentionRules)
{
    public IReadOnlyList<TableMap> Tables { get; } = tables;

    /// <summary>Name of each retention rule → what it says to a person.</summary>
    public IReadOnlyDictionary<string, string> RetentionRules { get; } = retentionRules;

    public TableMap Of(Type entity) =>
        Tables.FirstOrDefault(table => table.Entity == entity)
        ?? throw new InvalidOperationException($"{entity.Name} is not declared as a record by any module.");
}

/// <summary>What one module contributes to the map.</summary>
public sealed class Records
{
    internal List<TableMap> Tables { get; } = [];
    internal Dictionary<string, string> Rules { get; } = new(StringComparer.Ordinal);

    public Records Add<T>()
        where T : class
    {
        Tables.Add(Read(typeof(T)));
        return this;
    }

    /// <summary>Declares a retention rule: its name and what it says, e.g. <c>until 90 days after the last message</c>.</summary>
    public Records Rule(string name, string says)
    {
        Rules[name] = says;
        return this;
    }

    internal static TableMap Read(Type entity)
    {
        var record =
            entity.GetCustomAttribute<RecordAttribute>()
            ?? throw new InvalidOperationException($"{entity.Name} lacks its [Record] attribute.");
        var columns = entity
            .GetProperties(BindingFlags.Instance | BindingFlags.Public)
            .Where(property =>
                property.GetCustomAttribute<NoColumnAttribute>() is null
                && !property.Name.Equals("EqualityContract", StringComparison.Ordinal)
            )
            .Select(property => Read(entity, property))
            .ToList();
        return new TableMap(record.Table, entity, record.Purpose, record.Keep, columns)
        {
            NoSubject = entity.GetCustomAttribute<NoSubjectAttribute>()?.Reason,
            Retained = entity.GetCustomAttribute<RetainedAttribute>()?.Ground,
            KeptAtClosing = entity.GetCustomAttribute<KeptAtClosingAttribute>()?.Ground,
        };
    }

    private static ColumnMap Read(Type entity, PropertyInfo property) =>
        Classified(entity, property) with
        {
            Refers = property.GetCustomAttribute<RefersAttribute>()?.Table,
            Owns = property.GetCustomAttribute<OwnsAttribute>()?.Table,
            Mentions = property.IsDefined(typeof(MentionsAttribute)),
        };

    private static ColumnMap Classified(Type entity, PropertyInfo property)
    {
        var column = SqlValue.SnakeCase(property.Name);
        var identifies = property.IsDefined(typeof(IdentifiesAttribute));
        if (property.GetCustomAttribute<PersonalAttribute>() is { } personal)
        {
            return new ColumnMap(column, property.Name, DataClass.Personal, personal.Category, identifies);
        }
        if (property.GetCustomAttribute<SealedAttribute>() is { } sealing)
        {
            return new ColumnMap(column, property.Name, DataClass.Sealed, sealing.Category, identifies) { Under = sealing.Under };
        }
        return property.IsDefined(typeof(OperationalAttribute))
            ? new ColumnMap(column, property.Name, DataClass.Operational, null, identifies)
            : throw new InvalidOperationException(
                $"{entity.Name}.{property.Name} has no data class: add [Operational], [Personal] or [Sealed]."
            );
    }
}
