namespace Tenet.Kernel.Http;

/// <summary>Something that Tenet keeps in a browser, for the public page that says so. A module registers its own as singletons.</summary>
/// <param name="Purpose">For people: <c>keeps a member signed in</c>.</param>
/// <param name="Kept">How long: <c>until signed out, at most 30 days</c>.</param>
public sealed record BrowserItem(string Name, bool IsCookie, string Purpose, string Kept);
