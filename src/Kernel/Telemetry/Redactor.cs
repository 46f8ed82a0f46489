using System.Collections;
using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;
using Tenet.Kernel.DataMaps;

namespace Tenet.Kernel.Telemetry;

/// <summary>
/// Says of a value what a sink may see. A property keeps the data class that the data map reads, wherever its object turns up: in a field of
/// a log line, in a collection, inside another object. What nobody has classified counts as content, but for numbers, times and ids.
/// </summary>
internal static class Redactor
{
    /// <summary>Stands for a text of unknown origin.</summary>
    public const string Text = "[text]";

    private const int MaxDepth = 6;
    private const int MaxItems = 20;
    private static readonly ConcurrentDictionary<Type, Property[]> Shapes = new();

    /// <summary>A value of a log line of Tenet's own: a text is one that the code chose, and is only gone over.</summary>
    public static object? Own(object? value) => value is string text ? TextScrub.Scrub(text) : Clean(value, 0);

    /// <summary>A value from a library, which may log whatever it was given.</summary>
    public static object? Foreign(object? value) => Clean(value, 0);

    private static object? Clean(object? value, int depth) =>
        value switch
        {
            null => null,
            string or StringBuilder or char => Text,
            _ when IsPlain(value.GetType()) => value,
            Exception exception => ScrubbedException.Of(exception).ToString(),
            Type type => type.FullName,
            IPAddress or IPEndPoint => $"[{Category.IpAddress}]",
            byte[] or ReadOnlyMemory<byte> or Memory<byte> => "[bytes]",
            _ when depth >= MaxDepth => "[…]",
            ITuple tuple => "(" + string.Join(", ", Enumerable.Range(0, tuple.Length).Select(i => Show(tuple[i], depth + 1))) + ")",
            IDictionary map => Join(map.Values, depth),
            _ when IsOurs(value.GetType()) => Describe(value, depth),
            ICollection items => Join(items, depth),
            IEnumerable items when IsGenericCollection(items.GetType()) => Join(items, depth),
            _ => $"[{value.GetType().Name}]",
        };

    /// <summary>Numbers, times, ids and names from an enumeration identify nobody by themselves.</summary>
    private static bool IsPlain(Type type) =>
        type.IsPrimitive
        || type.IsEnum
        || type == typeof(decimal)
        || type == typeof(Guid)
        || type == typeof(DateTime)
        || type == typeof(DateTimeOffset)
        || type == typeof(DateOnly)
        || type == typeof(TimeOnly)
        || type == typeof(TimeSpan);

    // Properties of foreign types are not read: reading them may do something.
    private static bool IsOurs(Type type) =>
        type.Namespace is null
            ? type.IsDefined(typeof(CompilerGeneratedAttribute))
            : type.Namespace.Equals("Tenet", StringComparison.Ordinal) || type.Namespace.StartsWith("Tenet.", StringComparison.Ordinal);

    // A lazy sequence is left alone: to go through it runs somebody's code.
    private static bool IsGenericCollection(Type type) =>
        type.GetInterfaces().Any(i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(IReadOnlyCollection<>));

    private static string Join(IEnumerable items, int depth)
    {
        var shown = new List<string>();
        foreach (var item in items)
        {
            if (shown.Count == MaxItems)
            {
                shown.Add("…");
                break;
            }
            shown.Add(Show(item, depth + 1));
        }
        return "[" + string.Join(", ", shown) + "]";
    }

    private static string Describe(object value, int depth)
    {
        var properties = Shapes.GetOrAdd(value.GetType(), Read).Select(property => $"{property.Info.Name} = {property.Show(value, depth)}");
        var items = value is IEnumerable and ICollection list ? [Join(list, depth)] : Array.Empty<string>();
        return $"{NameOf(value.GetType())} {{ {string.Join(", ", properties.Concat(items))} }}";
    }

    private static string NameOf(Type type) => type.Namespace is null ? "object" : type.Name;

    private static string Show(object? value, int depth) => Convert.ToString(Clean(value, depth), CultureInfo.InvariantCulture) ?? "null";

    private static Property[] Read(Type type) =>
        [
            .. type.GetProperties(BindingFlags.Instance | BindingFlags.Public)
                .Where(property => property.CanRead && property.GetIndexParameters().Length == 0)
                .Select(property => new Property(property, ClassOf(property))),
        ];

    private static string? ClassOf(PropertyInfo property) =>
        property.GetCustomAttribute<PersonalAttribute>()?.Category
        ?? property.GetCustomAttribute<SealedAttribute>()?.Category
        ?? (property.IsDefined(typeof(IdentifiesAttribute)) ? Category.UniqueId : null);

    /// <param name="Category">Null when the property has no class that hides it.</param>
    private sealed record Property(PropertyInfo Info, string? Category)
    {
        private readonly bool _operational = Info.IsDefined(typeof(OperationalAttribute));

        public string Show(object owner, int depth)
        {
            if (Category is not null)
            {
                return $"[{Category}]";
            }
            try
            {
                return _operational && Info.GetValue(owner) is string text
                    ? TextScrub.Scrub(text)
                    : Redactor.Show(Info.GetValue(owner), depth + 1);
            }
            catch (TargetInvocationException)
            {
                return "[unreadable]";
            }
        }
    }
}
