using System.CommandLine;
using Spectre.Console;
using Tenet.Knowledge;

namespace Tenet.Commands;

/// <summary><c>tenet eval knowledge FILE</c>: how well questions find their right pages.</summary>
internal static class EvalCommand
{
    private static readonly Argument<FileInfo> File = new Argument<FileInfo>("FILE")
    {
        Description = "One JSON object a line: {\"question\": \"…\", \"pages\": [\"returns.html\", …]}",
    }.AcceptExistingOnly();

    private static readonly Option<string> Workspace = new("--workspace")
    {
        Description = "The workspace's short name",
        HelpName = "NAME",
        DefaultValueFactory = _ => "demo",
    };

    public static Command Create()
    {
        var knowledge = new Command("knowledge", "Print recall@5, MRR@10 and latency for questions with their right pages")
        {
            File,
            Workspace,
            Installation.Data,
        };
        knowledge.SetAction(
            async (parsed, ct) =>
            {
                using var lines = parsed.GetRequiredValue(File).OpenText();
                var questions = await KnowledgeEvaluation.ReadAsync(lines, ct);
                var report = await Installation.WithServicesAsync(
                    parsed,
                    $"Asking {questions.Count} questions",
                    async (_, services, _) =>
                    {
                        var workspace = await services.WorkspaceNamedAsync(parsed.GetRequiredValue(Workspace), ct);
                        return await services.GetRequiredService<KnowledgeEvaluation>().RunAsync(workspace.Id, questions, ct);
                    },
                    ct
                );
                Print(report);
            }
        );
        return new Command("eval", "Measure the quality of answers") { knowledge };
    }

    private static void Print(EvaluationReport report)
    {
        foreach (var (question, found) in report.Missed)
            AnsiConsole.WriteLine(
                $"missed: {question}\n        found {string.Join(", ", found.Select(u => u[(u.LastIndexOf('/') + 1)..]))}"
            );
        AnsiConsole.WriteLine(FormattableString.Invariant($"questions   {report.Questions}"));
        AnsiConsole.WriteLine(FormattableString.Invariant($"recall@5    {report.RecallAt5:0.000}"));
        AnsiConsole.WriteLine(FormattableString.Invariant($"MRR@10      {report.Mrr10:0.000}"));
        AnsiConsole.WriteLine(
            FormattableString.Invariant(
                $"latency     p50 {report.P50.TotalMilliseconds:0.00} ms, p95 {report.P95.TotalMilliseconds:0.00} ms"
            )
        );
    }
}
