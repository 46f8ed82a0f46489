using Tenet.Kernel.Http;
using Tenet.Kernel.Http.Lists;
using Tenet.Kernel.Postgres;
using Tenet.Kernel.Workspaces;

namespace Tenet.Knowledge;

/// <summary>Where a list of pages goes on.</summary>
internal sealed record PagePlace(string Url);

/// <summary>The pages of a source in order of their addresses.</summary>
internal static class PageList
{
    const int MostAtOnce = 200;

    public static async Task<PageOf<PageView>> ReadAsync(
        WorkspaceContext context,
        Guid sourceId,
        string? status,
        string? search,
        string? after,
        int limit,
        CancellationToken ct
    )
    {
        var validation = new Validation();
        validation.Number("limit", limit, 1, MostAtOnce);
        if (status is not null)
            validation.OneOf("status", status, [.. Enum.GetValues<PageStatus>().Select(SqlValue.Text)]);
        validation.Check(search is null or { Length: <= 200 }, "search", "At most 200 characters, please.");
        validation.Throw();
        var place = context.Place<PagePlace>($"pages {sourceId}", after);
        var pages = await context.ListAsync(
            $"""
            select id, url, status, reason, http_status, title, chunks, bytes, fetched_at from knowledge.page
             where source_id = {sourceId} and url > {place?.Url ?? ""} and ({status}::text is null or status = {status})
               and ({search}::text is null or position(lower({search}) in lower(url || ' ' || title)) > 0)
             order by url limit {limit + 1}
            """,
            row => new PageView(
                row.GetGuid(0),
                row.GetString(1),
                SqlValue.Enum<PageStatus>(row.GetString(2)),
                row.GetString(5),
                row.GetInt32(6)
            )
            {
                Reason = row.TextOrNull(3),
                HttpStatus = row.ValueOrNull<int>(4),
                Bytes = row.ValueOrNull<int>(7),
                FetchedAt = row.ValueOrNull<DateTimeOffset>(8),
            },
            ct
        );
        return context.Page($"pages {sourceId}", pages, limit, page => new PagePlace(page.Url));
    }
}

internal sealed record PageView(Guid Id, string Url, PageStatus Status, string Title, int Passages)
{
    public string? Reason { get; init; }
    public int? HttpStatus { get; init; }
    public int? Bytes { get; init; }
    public DateTimeOffset? FetchedAt { get; init; }

    /// <summary>The reason as a sentence.</summary>
    public string Explanation => PageReason.Explain(Reason, HttpStatus);
}
