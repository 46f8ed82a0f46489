using Tenet.Kernel.Workspaces;

namespace Tenet.Kernel.Screens;

/// <summary>A page in the console's navigation; a module registers its own as a singleton.</summary>
/// <param name="Title">As the navigation shows it.</param>
/// <param name="Href">Local path: <c>/knowledge</c>.</param>
/// <param name="Order">10 inbox, 20 contacts, 30 knowledge, 40 assistant, 50 widget, 80 members, 90 audit log.</param>
/// <param name="Access">The least role that sees it.</param>
public sealed record NavEntry(string Title, string Href, int Order, string Access)
{
    /// <summary>Work that waits, shown as a number beside the title; null shows none.</summary>
    public Func<WorkspaceContext, CancellationToken, Task<int?>>? Count { get; init; }

    /// <summary>Events with this topic, or one below it (<c>inbox</c> → <c>inbox.conversation</c>), make the count stale.</summary>
    public string? CountTopic { get; init; }
}

/// <summary>Something the palette (Ctrl+K) can go to.</summary>
public sealed record PaletteItem(string Title, string Detail, string Href);

/// <summary>Finds what a module adds to the palette, for what is typed so far (may be empty); at most ten, best first.</summary>
public delegate Task<IReadOnlyList<PaletteItem>> PaletteSource(WorkspaceContext ctx, string typed, CancellationToken ct);

/// <summary>A line of the cheat sheet (?), registered by the module whose page obeys it.</summary>
/// <param name="Group">The page: <c>Inbox</c>.</param>
/// <param name="Keys">As pressed: <c>Alt+E</c>.</param>
public sealed record Shortcut(string Group, string Keys, string Does);
