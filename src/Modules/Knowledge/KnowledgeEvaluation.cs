using System.Text.Json;
using Tenet.Kernel.Workspaces;

namespace Tenet.Knowledge;

/// <summary>A question with the pages that answer it: ends of their addresses, such as <c>returns.html</c>.</summary>
public sealed record EvaluationQuestion(string Question, IReadOnlyList<string> Pages);

/// <param name="RecallAt5">Share of questions with a right page among the first five pages.</param>
/// <param name="Mrr10">Mean of 1/place of the first right page among the first ten, 0 without one.</param>
/// <param name="Missed">Questions without a right page among the first five, each with the pages found instead.</param>
public sealed record EvaluationReport(
    int Questions,
    double RecallAt5,
    double Mrr10,
    TimeSpan P50,
    TimeSpan P95,
    IReadOnlyList<(string Question, IReadOnlyList<string> Found)> Missed
);

/// <summary>Measures retrieval by questions whose right pages are known.</summary>
public sealed class KnowledgeEvaluation
{
    static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    readonly KnowledgeSearch search;
    readonly WorkspaceScope door;
    readonly TimeProvider time;

    internal KnowledgeEvaluation(KnowledgeSearch search, WorkspaceScope door, TimeProvider time) =>
        (this.search, this.door, this.time) = (search, door, time);

    /// <summary>One JSON object a line: <c>{"question": "…", "pages": ["…"]}</c>.</summary>
    /// <exception cref="InvalidOperationException">A line is not of this form; says which.</exception>
    public static async Task<IReadOnlyList<EvaluationQuestion>> ReadAsync(TextReader lines, CancellationToken ct)
    {
        var questions = new List<EvaluationQuestion>();
        for (var number = 1; await lines.ReadLineAsync(ct) is { } line; number++)
        {
            if (string.IsNullOrWhiteSpace(line))
                continue;
            try
            {
                if (JsonSerializer.Deserialize<EvaluationQuestion>(line, Json) is { Question.Length: > 0, Pages.Count: > 0 } question)
                {
                    questions.Add(question);
                    continue;
                }
            }
            catch (JsonException)
            {
                // Said below, with the line's number.
            }
            throw new InvalidOperationException($"Line {number} is not of the form {{\"question\": \"…\", \"pages\": [\"…\"]}}.");
        }
        return questions.Count > 0 ? questions : throw new InvalidOperationException("The file holds no question.");
    }

    /// <summary>Places are counted in pages: several passages of one page count once.</summary>
    public async Task<EvaluationReport> RunAsync(Guid workspaceId, IReadOnlyList<EvaluationQuestion> questions, CancellationToken ct)
    {
        var addresses = await door.RunAsync(
            workspaceId,
            Actor.System,
            context =>
                context.ListAsync(
                    $"select id, coalesce(link, url) from knowledge.page where chunks > 0",
                    row => (row.GetGuid(0), row.GetString(1)),
                    ct
                ),
            ct
        );
        var urls = addresses.ToDictionary(a => a.Item1, a => a.Item2);
        await search.RankAsync(workspaceId, questions[0].Question, ct);
        var (recalled, reciprocal, times, missed) = (0, 0.0, new List<TimeSpan>(), new List<(string, IReadOnlyList<string>)>());
        foreach (var question in questions)
        {
            var started = time.GetTimestamp();
            await search.FindAsync(workspaceId, question.Question, 5, ct);
            times.Add(time.GetElapsedTime(started));
            var hits = await search.RankAsync(workspaceId, question.Question, ct);
            var pages = hits.Select(h => h.Page).Distinct().Select(p => urls.GetValueOrDefault(p, "")).Take(10).ToList();
            var place = pages.FindIndex(url => question.Pages.Any(p => url.EndsWith(p, StringComparison.OrdinalIgnoreCase)));
            recalled += place is >= 0 and < 5 ? 1 : 0;
            reciprocal += place >= 0 ? 1.0 / (place + 1) : 0;
            if (place is < 0 or >= 5)
                missed.Add((question.Question, pages[..Math.Min(5, pages.Count)]));
        }
        times.Sort();
        return new EvaluationReport(
            questions.Count,
            (double)recalled / questions.Count,
            reciprocal / questions.Count,
            times[times.Count / 2],
            times[(int)Math.Ceiling(times.Count * 0.95) - 1],
            missed
        );
    }
}
