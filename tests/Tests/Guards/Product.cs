using System.Reflection;

namespace Tenet.Tests.Guards;

/// <summary>The types of the program: the host and every module it is made of.</summary>
internal static class Product
{
    public static IReadOnlyList<Type> Types { get; } =
    [
        .. typeof(TenetHost)
            .Assembly.GetReferencedAssemblies()
            .Where(name => name.Name!.StartsWith("Tenet.", StringComparison.Ordinal))
            .Select(Assembly.Load)
            .Append(typeof(TenetHost).Assembly)
            .SelectMany(assembly => assembly.GetTypes()),
    ];
}
