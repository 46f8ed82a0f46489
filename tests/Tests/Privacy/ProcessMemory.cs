using System.Collections.Concurrent;
using System.Reflection;
using System.Text;

namespace Tenet.Tests.Privacy;

/// <summary>Looks for a text in everything that a host's services hold: caches, indexes, queues, whoever made them.</summary>
internal static class ProcessMemory
{
    private static readonly ConcurrentDictionary<Type, FieldInfo[]> FieldsOf = new();

    /// <returns>The types of the objects that hold the text, as letters or as bytes.</returns>
    public static IReadOnlyList<string> HoldersOf(string text, params object[] roots)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var seen = new HashSet<object>(ReferenceEqualityComparer.Instance);
        var waiting = new Queue<(object Value, Type Holder)>();
        var found = new List<string>();
        foreach (var root in roots.Concat(Statics()))
        {
            waiting.Enqueue((root, root.GetType()));
        }
        while (waiting.TryDequeue(out var next))
        {
            if (!seen.Add(next.Value))
            {
                continue;
            }
            var holds = next.Value switch
            {
                string s => s.Contains(text, StringComparison.OrdinalIgnoreCase),
                StringBuilder s => s.ToString().Contains(text, StringComparison.OrdinalIgnoreCase),
                byte[] b => b.AsSpan().IndexOf(bytes) >= 0,
                char[] c => c.AsSpan().IndexOf(text) >= 0,
                _ => false,
            };
            if (holds)
            {
                found.Add(next.Holder.ToString());
            }
            foreach (var inner in Inner(next.Value))
            {
                waiting.Enqueue((inner, next.Value.GetType()));
            }
        }
        return found;
    }

    private static IEnumerable<object> Statics() =>
        AppDomain
            .CurrentDomain.GetAssemblies()
            .Where(assembly =>
                assembly.GetName().Name is { } name && name.StartsWith("Tenet", StringComparison.Ordinal) && name != "Tenet.Tests"
            )
            .SelectMany(assembly => assembly.GetTypes())
            .Where(type => !type.ContainsGenericParameters)
            .SelectMany(type =>
                type.GetFields(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
            )
            .Where(field => !field.IsLiteral && Follows(field.FieldType))
            .Select(field => field.GetValue(null))
            .OfType<object>();

    private static IEnumerable<object> Inner(object value)
    {
        var type = value.GetType();
        if (value is string or Type or MemberInfo or Assembly or Module or Thread or ParameterInfo)
        {
            yield break;
        }
        if (value is Array array)
        {
            if (Follows(type.GetElementType()!))
            {
                foreach (var item in array)
                {
                    if (item is not null)
                    {
                        yield return item;
                    }
                }
            }
            yield break;
        }
        foreach (var field in FieldsOf.GetOrAdd(type, Fields))
        {
            if (field.GetValue(value) is { } inner)
            {
                yield return inner;
            }
        }
    }

    private static FieldInfo[] Fields(Type type)
    {
        var fields = new List<FieldInfo>();
        for (var at = type; at is not null; at = at.BaseType)
        {
            fields.AddRange(
                at.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
                    .Where(field => Follows(field.FieldType))
            );
        }
        return [.. fields];
    }

    private static bool Follows(Type type) =>
        !type.IsPrimitive
        && !type.IsEnum
        && !type.IsPointer
        && !type.IsFunctionPointer
        && !type.IsByRefLike
        && (!type.IsValueType || HasReferences(type));

    private static bool HasReferences(Type type) =>
        type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic).Length > 0;
}
