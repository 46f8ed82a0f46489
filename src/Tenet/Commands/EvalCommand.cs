using System.CommandLine;
using Spectre.Console;
using Tenet.Kernel.Workspaces;
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
                var options = TenetOptions.FromConfiguration(parsed.GetRequiredValue(Installation.Data));
                var report = await TenetCommands.WithStatusAsync(
                    "Opening the database",
                    async progress =>
                    {
                        await using var installation = await Installation.JoinAsync(options, progress, ct);
                        progress.Report($"Asking {questions.Count} questions");
                        return await installation.WithServicesAsync(
                            services => AskAsync(services, parsed.GetRequiredValue(Workspace), questions, ct),
                            ct
                        );
                    }
                );
                Print(report);
            }
        );
        return new Command("eval", "Measure the quality of answers") { knowledge };
    }

    private static async Task<EvaluationReport> AskAsync(
        IServiceProvider services,
        string slug,
        IReadOnlyList<EvaluationQuestion> questions,
        CancellationToken ct
    )
    {
        var workspace =
            await services.GetRequiredService<WorkspaceDirectory>().FindAsync(slug, ct)
            ?? throw new InvalidOperationException($"There is no workspace \"{slug}\". Name one with --workspace.");
        return await services.GetRequiredService<KnowledgeEvaluation>().RunAsync(workspace.Id, questions, ct);
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
