using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization;
using Spectre.Console;
using Tenet.Kernel.Doctoring;
using Tenet.Kernel.Postgres;

namespace Tenet.Commands;

/// <summary><c>tenet doctor</c>: what is wrong with this installation and how to mend it. Exit code 1 when something is red.</summary>
internal static class DoctorCommand
{
    private static readonly Option<bool> Json = new("--json") { Description = "Print the findings as JSON" };

    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    public static Command Create()
    {
        var command = new Command("doctor", "Say what is wrong with this installation and how to mend it") { Json, Installation.Data };
        command.SetAction(
            async (parsed, ct) =>
            {
                var options = TenetOptions.FromConfiguration(parsed.GetRequiredValue(Installation.Data));
                var findings = await TenetCommands.WithStatusAsync("Examining", progress => ExamineAsync(options, progress, ct));
                if (parsed.GetValue(Json))
                {
                    Console.WriteLine(JsonSerializer.Serialize(findings, Format));
                }
                else
                {
                    Print(AnsiConsole.Console, findings);
                }
                return findings.Any(finding => finding.Verdict == Verdict.Red) ? 1 : 0;
            }
        );
        return command;
    }

    internal static async Task<List<Finding>> ExamineAsync(TenetOptions options, IProgress<string> progress, CancellationToken ct)
    {
        var findings = new List<Finding>();
        try
        {
            await using var installation = await Installation.JoinAsync(options, progress, ct);
            // The schema stays as it is: a doctor looks and changes nothing.
            await using var app = TenetHost.Build([], installation.Options with { Background = false });
            var url = Uri.TryCreate(options.PublicUrl, UriKind.Absolute, out var address) ? address : null;
            var installed = new Installed(options.DataFolder, url, options.Tls.Certificate);
            await foreach (var finding in app.Services.GetRequiredService<Doctor>().ExamineAsync(installed, ct))
            {
                progress.Report(finding.Check);
                findings.Add(finding);
            }
        }
        catch (Exception e) when (e is PrivateClusterException or InvalidOperationException or IOException or UnauthorizedAccessException)
        {
            findings.Add(new Finding("installation", Verdict.Red, e.Message, "Mend this first, then ask the doctor again."));
        }
        return findings;
    }

    internal static void Print(IAnsiConsole console, IReadOnlyList<Finding> findings)
    {
        var table = new Table().Border(TableBorder.None).HideHeaders().AddColumn("").AddColumn("").AddColumn("");
        table.Columns[0].NoWrap();
        table.Columns[1].NoWrap();
        foreach (var finding in findings)
        {
            var (colour, word) = finding.Verdict switch
            {
                Verdict.Green => ("green", "ok"),
                Verdict.Yellow => ("yellow", "look"),
                _ => ("red", "broken"),
            };
            var step = finding.NextStep is { } next ? $"\n[bold]→[/] {Markup.Escape(next)}" : "";
            table.AddRow($"[{colour}]● {word}[/]", Markup.Escape(finding.Check), Markup.Escape(finding.Says) + step);
        }
        console.Write(table);
        console.WriteLine();
        var (red, yellow) = (findings.Count(f => f.Verdict == Verdict.Red), findings.Count(f => f.Verdict == Verdict.Yellow));
        console.WriteLine(
            red > 0 ? $"{red} broken, {yellow} to look at. Mend what is broken first, from the top."
            : yellow > 0 ? $"Nothing is broken; {yellow} to look at."
            : "All is well."
        );
    }
}
