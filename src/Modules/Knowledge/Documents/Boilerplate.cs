using System.Collections.Frozen;
using AngleSharp.Dom;

namespace Tenet.Knowledge.Documents;

/// <summary>Which elements frame a page instead of saying what it is about.</summary>
internal static class Boilerplate
{
    static readonly FrozenSet<string> Elements = Set(
        "script style template noscript svg math iframe object embed canvas video audio picture map button select input textarea option datalist nav "
            + "footer aside dialog head link meta base"
    );

    static readonly FrozenSet<string> Roles = Set(
        "navigation banner contentinfo search complementary menu menubar toolbar dialog alertdialog tablist"
    );

    static readonly FrozenSet<string> Names = Set(
        "nav navbar navigation navheader navfooter menu sidebar breadcrumb breadcrumbs crumbs cookie cookies cookie-banner cookie-consent consent toc "
            + "table-of-contents footer site-footer page-footer site-header page-header topbar social share sharing related pager pagination "
            + "skip-link skiplink search-form comments advert advertisement ads promo newsletter indexterm headerlink headeranchor"
    );

    static readonly FrozenSet<string> Asides = Set(
        "note tip warning caution important admonition callout alert notice hint danger attention"
    );

    public static bool Is(IElement element)
    {
        var name = element.LocalName;
        if (Elements.Contains(name))
            return true;
        if (element.HasAttribute("hidden") || element.GetAttribute("aria-hidden") is "true")
            return true;
        if (element.GetAttribute("role") is { } role && Roles.Contains(role.Trim()))
            return true;
        if (name is "body" or "main" or "article" or "html" || IsHeading(name))
            return false;
        if (
            element.GetAttribute("style") is { } style
            && style.Replace(" ", "", StringComparison.Ordinal).Contains("display:none", StringComparison.OrdinalIgnoreCase)
        )
            return true;
        if (name is "header")
            return element.QuerySelector("h1") is null;
        return HasName(element.ClassName, Names) || HasName(element.Id, Names);
    }

    /// <summary>A note or warning set into the text: its heading is no heading of the page.</summary>
    public static bool IsAside(IElement element) => HasName(element.ClassName, Asides);

    public static bool IsHeading(string name) => name.Length == 2 && name[0] == 'h' && name[1] is >= '1' and <= '6';

    static bool HasName(string? names, FrozenSet<string> set)
    {
        if (string.IsNullOrEmpty(names))
            return false;
        var lookup = set.GetAlternateLookup<ReadOnlySpan<char>>();
        foreach (var range in names.AsSpan().Split(' '))
        {
            if (lookup.Contains(names.AsSpan()[range]))
                return true;
        }
        return false;
    }

    static FrozenSet<string> Set(string names) => names.Split(' ').ToFrozenSet(StringComparer.OrdinalIgnoreCase);
}
