using System.CommandLine;
using System.Globalization;
using Spectre.Console;
using Tenet.Kernel.Postgres;
using Tenet.Privacy.Breaches;

namespace Tenet.Commands;

/// <summary><c>tenet breach</c>: a breach at the operator, over several workspaces, from the first suspicion to the report.</summary>
internal static class BreachCommand
{
    private const string AtOnce = "What you write goes to every workspace concerned: name none of them";
    private static readonly Argument<int> Number = new("NUMBER") { Description = "Of the breach, as tenet breach list shows it" };

    public static Command Create() =>
        new("breach", "A breach at the operator that concerns several workspaces")
        {
            Open(),
            List(),
            Show(),
            Advance(),
            Measures(),
            Tell(),
            Report(),
        };

    private static Command Open()
    {
        var title = new Argument<string>("TITLE") { Description = "In a few words. " + AtOnce };
        var what = new Option<string>("--what")
        {
            Description = "What happened, as far as is known",
            HelpName = "TEXT",
            Required = true,
        };
        var workspaces = new Option<string[]>("--workspace")
        {
            Description = "Its short name; several times for several (default: all that have rows in these tables)",
            HelpName = "SLUG",
        };
        var tables = new Option<string[]>("--table")
        {
            Description = "A table or a schema, such as inbox; several times for several (default: everything about people)",
            HelpName = "NAME",
        };
        var aware = Time("--aware", "When you became aware of it (default: now)");
        var began = Time("--began", "When it began, if you know");
        var ended = Time("--ended", "When it ended, if you know");
        var late = new Option<string?>("--late") { Description = "Why customers are told late, if they are", HelpName = "TEXT" };
        var drill = new Option<bool>("--drill") { Description = "Count and show everything, and tell nobody" };
        var command = new Command("open", "Write a breach down and tell each workspace of its part")
        {
            title,
            what,
            workspaces,
            tables,
            aware,
            began,
            ended,
            late,
            drill,
            Installation.Data,
        };
        command.SetAction(
            (parsed, ct) =>
                RunAsync(
                    parsed,
                    breaches =>
                        breaches.OpenAsync(
                            new NewOperatorBreach(
                                parsed.GetRequiredValue(title),
                                parsed.GetRequiredValue(what),
                                parsed.GetValue(workspaces) ?? [],
                                parsed.GetValue(tables) ?? [],
                                parsed.GetValue(drill),
                                parsed.GetValue(aware),
                                parsed.GetValue(began),
                                parsed.GetValue(ended),
                                parsed.GetValue(late)
                            ),
                            ct
                        ),
                    ct
                )
        );
        return command;
    }

    private static Option<DateTimeOffset?> Time(string name, string description) =>
        new(name)
        {
            Description = description,
            HelpName = "TIME",
            CustomParser = result =>
            {
                if (
                    DateTimeOffset.TryParse(
                        result.Tokens.Single().Value,
                        CultureInfo.InvariantCulture,
                        DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
                        out var time
                    )
                )
                {
                    return time;
                }
                result.AddError($"{name} is not a time. Write it as 2026-11-21T20:15Z.");
                return null;
            },
        };

    private static Command Advance()
    {
        var note = new Option<string?>("--note") { Description = "What is known now. " + AtOnce, HelpName = "TEXT" };
        return Changing(
            new Command("advance", "Go on: suspected, confirmed, contained, mitigated, closed") { note },
            (parsed, breaches, number, ct) => breaches.AdvanceAsync(number, parsed.GetValue(note), ct)
        );
    }

    private static Command Measures()
    {
        var text = new Argument<string>("TEXT") { Description = "What was done about it. " + AtOnce };
        return Changing(
            new Command("measures", "Write down what was done about it"),
            (parsed, breaches, number, ct) => breaches.DescribeAsync(number, parsed.GetRequiredValue(text), ct),
            text
        );
    }

    private static Command Tell()
    {
        var late = new Option<string?>("--late") { Description = "Why customers were told late", HelpName = "TEXT" };
        return Changing(
            new Command("tell", "Tell the workspaces that were not told yet, such as after an interruption") { late },
            (parsed, breaches, number, ct) =>
                parsed.GetValue(late) is { } reason ? breaches.ExplainAsync(number, reason, ct) : Task.CompletedTask
        );
    }

    /// <param name="last">An argument that stands after the number.</param>
    private static Command Changing(
        Command command,
        Func<ParseResult, OperatorBreaches, int, CancellationToken, Task> change,
        Argument? last = null
    )
    {
        command.Add(Number);
        if (last is not null)
        {
            command.Add(last);
        }
        command.Add(Installation.Data);
        command.SetAction(
            (parsed, ct) =>
                RunAsync(
                    parsed,
                    async breaches =>
                    {
                        await change(parsed, breaches, parsed.GetRequiredValue(Number), ct);
                        return parsed.GetRequiredValue(Number);
                    },
                    ct
                )
        );
        return command;
    }

    private static Command List()
    {
        var command = new Command("list", "Show the breaches at the operator") { Installation.Data };
        command.SetAction(
            async (parsed, ct) =>
            {
                var breaches = await Installation.WithServicesAsync(
                    parsed,
                    "Reading the register",
                    (_, services, _) => services.GetRequiredService<OperatorBreaches>().ListAsync(ct),
                    ct
                );
                var table = new Table().AddColumns("number", "state", "aware since", "title").Border(TableBorder.Simple);
                foreach (var breach in breaches)
                {
                    table.AddRow(
                        breach.Number.ToString(CultureInfo.InvariantCulture),
                        State(breach),
                        Day(breach.AwareAt),
                        Markup.Escape(breach.Title)
                    );
                }
                AnsiConsole.Write(table);
            }
        );
        return command;
    }

    private static Command Show()
    {
        var command = new Command("show", "Show a breach with each workspace's part") { Number, Installation.Data };
        command.SetAction(
            async (parsed, ct) =>
                Print(
                    await Installation.WithServicesAsync(
                        parsed,
                        "Reading the register",
                        (_, services, _) => services.GetRequiredService<OperatorBreaches>().FindAsync(parsed.GetRequiredValue(Number), ct),
                        ct
                    )
                )
        );
        return command;
    }

    private static Command Report()
    {
        var file = new Argument<FileInfo>("FILE") { Description = "Where the PDF is written; it names all workspaces" };
        var command = new Command("report", "Write the report over all workspaces") { Number, file, Installation.Data };
        command.SetAction(
            async (parsed, ct) =>
            {
                var target = parsed.GetRequiredValue(file);
                var report = await Installation.WithServicesAsync(
                    parsed,
                    "Writing the report",
                    (_, services, _) =>
                        services
                            .GetRequiredService<OperatorBreaches>()
                            .ReportAsync(parsed.GetRequiredValue(Number), services.GetRequiredService<TimeProvider>().GetUtcNow(), ct),
                    ct
                );
                await File.WriteAllBytesAsync(target.FullName, report, ct);
                Console.WriteLine($"Written to {target.FullName}.");
            }
        );
        return command;
    }

    /// <summary>Changes, tells who is to be told, and shows what came of it.</summary>
    private static async Task<int> RunAsync(ParseResult parsed, Func<OperatorBreaches, Task<int>> change, CancellationToken ct)
    {
        var (sheet, failed) = await Installation.WithServicesAsync(
            parsed,
            "Writing it down",
            async (_, services, progress) =>
            {
                var breaches = services.GetRequiredService<OperatorBreaches>();
                var number = await change(breaches);
                var left = await breaches.TellAsync(number, progress, ct);
                return (await breaches.FindAsync(number, ct), left);
            },
            ct
        );
        Print(sheet);
        if (failed > 0)
        {
            Console.WriteLine($"{failed} workspaces could not be told now. A running Tenet tries again; or run tenet breach tell.");
        }
        return failed == 0 ? 0 : 1;
    }

    private static void Print(OperatorBreachSheet sheet)
    {
        AnsiConsole.MarkupLineInterpolated(
            $"Breach {sheet.Breach.Number}: {sheet.Breach.Title} ({State(sheet.Breach)}, aware since {Day(sheet.Breach.AwareAt)})"
        );
        var table = new Table().AddColumns("workspace", "people", "told", "due").Border(TableBorder.Simple);
        foreach (var (slug, part) in sheet.Parts)
        {
            table.AddRow(
                Markup.Escape(slug),
                part.People?.ToString("N0", CultureInfo.InvariantCulture) ?? "not counted",
                part.HasNothing ? "nothing in these tables"
                    : part.ToldAt is { } told ? Day(told)
                    : sheet.Breach.IsDrill ? "would be told"
                    : "not yet",
                part.DueAt is { } due ? Day(due) : ""
            );
        }
        AnsiConsole.Write(table);
    }

    private static string State(OperatorBreach breach) => SqlValue.Text(breach.State) + (breach.IsDrill ? ", a drill" : "");

    private static string Day(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);
}
