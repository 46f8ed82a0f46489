using System.CommandLine;
using Spectre.Console;
using Tenet.Kernel.Policies;

namespace Tenet.Commands;

/// <summary><c>tenet policy attest</c>: what the operator must vouch for, and evidence for it, which counts in every workspace.</summary>
internal static class AttestCommand
{
    private static readonly Argument<int?> Number = new("NUMBER")
    {
        Description = "Which of the listed; without it, lists them",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private static readonly Option<string?> Evidence = new("--evidence")
    {
        Description = "What was done and where the record lies",
        HelpName = "TEXT",
    };

    private static readonly Option<string?> By = new("--by") { Description = "Who answers for it", HelpName = "NAME" };

    public static Command Create()
    {
        var command = new Command("attest", "List what the operator must vouch for, or give evidence for one of them")
        {
            Number,
            Evidence,
            By,
            Installation.Data,
        };
        command.SetAction(
            async (parsed, ct) =>
            {
                var (asked, newest) = await Installation.WithServicesAsync(
                    parsed,
                    "Reading",
                    async (_, services, _) =>
                    {
                        var attestations = services.GetRequiredService<OperatorAttestations>();
                        var asked = await attestations.AskedAsync(ct);
                        if (parsed.GetValue(Number) is { } number)
                        {
                            if (number < 1 || number > asked.Count)
                            {
                                throw new InvalidOperationException($"There is no number {number}. tenet policy attest lists them.");
                            }
                            await attestations.GiveAsync(
                                asked[number - 1].What,
                                parsed.GetValue(Evidence) ?? "",
                                parsed.GetValue(By) ?? "",
                                ct
                            );
                        }
                        return (asked, await attestations.NewestAsync(ct));
                    },
                    ct
                );
                Print(asked, newest);
            }
        );
        return command;
    }

    private static void Print(IReadOnlyList<(string What, Period Every)> asked, IReadOnlyDictionary<string, DateTimeOffset> newest)
    {
        var table = new Table().Border(TableBorder.Rounded).AddColumns("", "What", "Every", "Given", "Lapses");
        foreach (var (one, n) in asked.Select((one, n) => (one, n)))
        {
            var given = newest.TryGetValue(one.What, out var at) ? at : (DateTimeOffset?)null;
            table.AddRow(
                $"{n + 1}",
                Markup.Escape(one.What),
                one.Every.ToString(),
                given is { } day ? $"{day:yyyy-MM-dd}" : "never",
                given is { } from ? $"{one.Every.After(from):yyyy-MM-dd}" : ""
            );
        }
        AnsiConsole.Write(table);
    }
}
