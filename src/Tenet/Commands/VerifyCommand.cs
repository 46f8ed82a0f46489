using System.CommandLine;
using System.Text.Json;
using Spectre.Console;
using Tenet.Kernel.Http;
using Tenet.Kernel.Policies;
using Tenet.Kernel.Workspaces;

namespace Tenet.Commands;

/// <summary><c>tenet verify</c>: looks at every claim of a policy in the running system. Exit code 1 when a promise is broken.</summary>
internal static class VerifyCommand
{
    private static readonly Option<FileInfo?> PolicyFile = new("--policy")
    {
        Description = "A policy file to look at the workspace by (default: the policy that it is under)",
        HelpName = "FILE",
    };

    private static readonly Option<string> Workspace = new("--workspace")
    {
        Description = "The workspace's short name",
        HelpName = "SLUG",
        DefaultValueFactory = _ => "demo",
    };

    private static readonly Option<bool> Json = new("--json") { Description = "Print JSON instead of a table" };

    private static readonly JsonSerializerOptions Written = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static Command Create()
    {
        var command = new Command("verify", "Look whether every promise of a workspace's policy holds")
        {
            PolicyFile,
            Workspace,
            Json,
            Installation.Data,
        };
        command.SetAction(
            async (parsed, ct) =>
            {
                var options = TenetOptions.FromConfiguration(parsed.GetRequiredValue(Installation.Data));
                var (policy, reports) = await Installation.WithServicesAsync(
                    parsed,
                    "Looking",
                    (_, services, _) => LookAsync(services, options, parsed.GetValue(PolicyFile), parsed.GetRequiredValue(Workspace), ct),
                    ct
                );
                Print(policy, reports, parsed.GetValue(Json));
                return reports.Any(report => report.State == PromiseState.Broken) ? 1 : 0;
            }
        );
        return command;
    }

    private static async Task<(Policy Policy, IReadOnlyList<PromiseReport> Reports)> LookAsync(
        IServiceProvider services,
        TenetOptions options,
        FileInfo? file,
        string slug,
        CancellationToken ct
    )
    {
        var workspace = await services.WorkspaceNamedAsync(slug, ct);
        if (RunningHost.AddressOf(options.DataFolder) is { } address)
        {
            services.GetRequiredService<OwnHost>().Address = new Uri(address);
        }
        var book = services.GetRequiredService<PolicyBook>();
        var policy = file is null ? await book.OfAsync(workspace.Id, ct) : book.Read(PolicyFiles.With(file));
        return (policy, await services.GetRequiredService<Prober>().LookAsync(workspace.Id, policy, ct));
    }

    private static void Print(Policy policy, IReadOnlyList<PromiseReport> reports, bool json)
    {
        var totals = Enum.GetValues<PromiseState>()
            .ToDictionary(Said, state => reports.Count(report => report.State == state), StringComparer.Ordinal);
        if (json)
        {
            Console.WriteLine(
                JsonSerializer.Serialize(
                    new
                    {
                        policy = policy.Name,
                        policy.Version,
                        totals,
                        promises = reports.Select(report => new
                        {
                            report.Promise.Id,
                            report.Promise.Says,
                            strength = report.Promise.Strength.ToString().ToLowerInvariant(),
                            state = Said(report.State),
                            report.Promise.Awaits,
                            claims = report.Claims.Select(claim => new
                            {
                                kind = claim.Claim.Kind.Name,
                                state = Said(claim.State),
                                claim.Finding?.Says,
                                claim.Finding?.Looked,
                                claim.Finding?.Query,
                                claim.ProbedAt,
                            }),
                        }),
                    },
                    Written
                )
            );
            return;
        }
        var table = new Table().Border(TableBorder.Rounded).AddColumns("Promise", "State", "What was seen");
        foreach (var report in reports)
        {
            table.AddRow(
                Markup.Escape(report.Promise.Id),
                $"[{Color(report.State)}]{Said(report.State)}[/]",
                Markup.Escape(
                    string.Join(
                        Environment.NewLine,
                        report
                            .Claims.Select(claim => claim.Finding?.Says ?? "")
                            .Concat(report.Promise.Awaits is { } part ? [$"Waits for {part}."] : [])
                    )
                )
            );
        }
        AnsiConsole.Write(table);
        AnsiConsole.WriteLine(
            $"{policy.Name} {policy.Version}: "
                + string.Join(", ", totals.Where(total => total.Value > 0).Select(total => $"{total.Value} {total.Key}"))
        );
    }

    private static string Said(PromiseState state) => state == PromiseState.NotYet ? "not yet" : state.ToString().ToLowerInvariant();

    private static string Color(PromiseState state) =>
        state switch
        {
            PromiseState.Holds => "green",
            PromiseState.Broken => "red",
            PromiseState.Lapsed or PromiseState.Unknown => "yellow",
            _ => "grey",
        };
}
