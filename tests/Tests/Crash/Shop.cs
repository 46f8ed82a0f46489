using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Tenet.Tests.Crash;

/// <summary>A website of a few pages.</summary>
internal static class Shop
{
    public const int Pages = 6;

    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet(
            "/",
            () => Page("Shop", string.Concat(Enumerable.Range(1, Pages - 1).Select(n => $"<p><a href='/tent-{n}'>Tent {n}</a></p>")))
        );
        app.MapGet(
            "/tent-{n:int}",
            (int n) => Page($"Tent {n}", $"<p>Tent {n} stands in the hall, shelf {n}. It weighs {n} kilograms.</p>")
        );
    }

    private static IResult Page(string title, string body) =>
        Results.Content($"<!doctype html><title>{title}</title><main><h1>{title}</h1>{body}</main>", "text/html");
}
