using System.Text.RegularExpressions;

namespace Tenet.Tests.Http.Foreign;

/// <summary>What came back, as it is compared: without what differs between any two answers.</summary>
/// <param name="Raw">All of it but what was sent, for the search.</param>
/// <param name="Said">Status, headers and body without ids of requests, times and random texts.</param>
internal sealed partial record Answer(int Status, string Raw, string Said)
{
    private static readonly string[] OfTheMoment = ["Date", "RateLimit", "RateLimit-Policy", "Content-Length", "Retry-After"];

    public static async Task<Answer> ReadAsync(HttpResponseMessage response, IReadOnlyList<Pair> sent, CancellationToken ct)
    {
        var headers = string.Join(
            '\n',
            response
                .Headers.Concat(response.Content.Headers)
                .Where(header => !OfTheMoment.Contains(header.Key))
                .OrderBy(header => header.Key, StringComparer.Ordinal)
                .Select(header => $"{header.Key}: {string.Join(", ", header.Value)}")
        );
        var isStream = response.Content.Headers.ContentType?.MediaType is "text/event-stream";
        var body = isStream ? await FirstPieceAsync(response, ct) : await response.Content.ReadAsStringAsync(ct);
        // Streams go on by themselves: of two, only the beginning is the same.
        var said = $"{(int)response.StatusCode}\n{headers}\n\n{(isStream ? "" : body)}";
        var raw = headers + "\n\n" + body;
        foreach (var (foreign, missing) in sent)
        {
            raw = raw.Replace(foreign, "", StringComparison.OrdinalIgnoreCase);
            said = said.Replace(foreign, missing, StringComparison.OrdinalIgnoreCase)
                .Replace(Uri.EscapeDataString(foreign), Uri.EscapeDataString(missing), StringComparison.OrdinalIgnoreCase);
        }
        said = Trace().Replace(Component().Replace(said, ""), "");
        said = Id().Replace(Time().Replace(said, "{time}"), "{id}");
        said = Opaque().Replace(said, "{opaque}");
        if (response.RequestMessage!.Method == HttpMethod.Post && response.IsSuccessStatusCode)
        {
            // Of two new things the second has a greater number.
            said = Number().Replace(said, "{number}");
        }
        return new Answer((int)response.StatusCode, raw, said);
    }

    /// <summary>Status and headers.</summary>
    public string Head => Said.Split("\n\n", 2)[0];

    /// <summary>Also without what was sent and stored earlier: it is found again among the caller's own.</summary>
    public string SaidBut(IEnumerable<Pair> earlier) =>
        earlier.Aggregate(Said, (said, pair) => said.Replace(pair.Foreign, pair.Missing, StringComparison.OrdinalIgnoreCase));

    private static async Task<string> FirstPieceAsync(HttpResponseMessage response, CancellationToken ct)
    {
        var buffer = new byte[16_384];
        await using var stream = await response.Content.ReadAsStreamAsync(ct);
        return System.Text.Encoding.UTF8.GetString(buffer, 0, await stream.ReadAsync(buffer, ct));
    }

    // What Blazor needs to make a page live: sealed, and new each time.
    [GeneratedRegex("<!--Blazor.*?-->|(?<=\"confirm-)[^\"]*", RegexOptions.Singleline, 10_000)]
    private static partial Regex Component();

    // Checkpoint and proofs are new for each export, which is an entry itself.
    [GeneratedRegex("\"(traceId|checkpoint)\":\"[^\"]*\"|\"proof\":[^]]*]", RegexOptions.ExplicitCapture, 10_000)]
    private static partial Regex Trace();

    [GeneratedRegex(@"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?", RegexOptions.ExplicitCapture, 10_000)]
    private static partial Regex Time();

    [GeneratedRegex("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", RegexOptions.IgnoreCase, 10_000)]
    private static partial Regex Id();

    [GeneratedRegex(@"(?<![A-Za-z0-9_\-])(?=[A-Za-z_\-]*\d)[A-Za-z0-9_\-%.+/=]{20,}", RegexOptions.None, 10_000)]
    private static partial Regex Opaque();

    [GeneratedRegex(@"\d+", RegexOptions.None, 10_000)]
    private static partial Regex Number();
}
