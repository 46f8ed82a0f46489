namespace Tenet.Knowledge.Documents;

/// <summary>What a crawler takes from one HTML page.</summary>
/// <param name="Canonical">The page's own statement of its address, as written.</param>
internal sealed record HtmlPage(Document Document, IReadOnlyList<string> Links, Uri? Base, string? Canonical, bool NoIndex, bool NoFollow);
