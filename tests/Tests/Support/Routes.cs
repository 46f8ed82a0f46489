using Microsoft.AspNetCore.Routing.Patterns;

namespace Tenet.Tests.Support;

/// <summary>Makes an address out of a route's pattern, for tests that call whatever is mapped.</summary>
internal static class Routes
{
    /// <param name="value">What stands in a parameter's place; by default an id that belongs to nobody.</param>
    public static string Fill(RoutePattern pattern, Func<RoutePatternParameterPart, string>? value = null) =>
        "/"
        + string.Join(
            '/',
            pattern.PathSegments.Select(segment =>
                string.Concat(
                    segment.Parts.Select(part =>
                        part switch
                        {
                            RoutePatternLiteralPart literal => literal.Content,
                            RoutePatternSeparatorPart separator => separator.Content,
                            RoutePatternParameterPart parameter => Uri.EscapeDataString(
                                value?.Invoke(parameter) ?? Guid.CreateVersion7().ToString()
                            ),
                            _ => "",
                        }
                    )
                )
            )
        );
}
