namespace Tenet.Knowledge;

/// <summary>One retrieved piece of a page, ready to be cited.</summary>
/// <param name="ChunkId">The indexed chunk.</param>
/// <param name="PageTitle">The page's title.</param>
/// <param name="Heading">The path of headings above the text, e.g. "Returns › Exchanging an item"; may be empty.</param>
/// <param name="Url">The page's address with the heading's anchor.</param>
/// <param name="Text">The text as it stands on the page: untrusted, at most one chunk long.</param>
/// <param name="Score">Higher is more relevant; comparable within one search only.</param>
public sealed record Passage(Guid ChunkId, string PageTitle, string Heading, string Url, string Text, double Score);
